use ergon_vocab::{Evidence, Role};

use super::{Scene, grasped};

/// No body is between the closed finger pads.
pub fn gripper_empty(scene: &Scene<'_>) -> Evidence {
    scene
        .entities
        .values()
        .filter(|e| e.role == Role::Body)
        .map(|body| grasped(body, scene.gripper).negated())
        .fold(Evidence::from_slack(scene.gripper.opening.max(0.0)), Evidence::and)
}

#[cfg(test)]
mod tests {
    use super::super::{Predicate::GripperEmpty, testbed::*};

    #[test]
    fn the_gripper_is_empty_until_it_holds_a_body() {
        assert!(!Bed::holding_small().holds(GripperEmpty, &[]));
        assert!(Bed::new([0.5, 0.2, 0.02], [0.5, -0.2, 0.025]).holds(GripperEmpty, &[]));
    }
}
