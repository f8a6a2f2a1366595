use ergon_vocab::{Evidence, ObjectId, Role};

use super::astray::obstructs;
use super::{Scene, grasped};
use crate::thresholds::KEEP_OUT;

/// Nothing takes up the room on top of `a`, properly placed or not. A surface and a bin always have
/// room, and what is held takes none. `None` when it was never seen.
pub fn clear(a: ObjectId, scene: &Scene<'_>) -> Option<Evidence> {
    let place = scene.entities.get(&a)?;
    if matches!(place.role, Role::Bin | Role::Button | Role::Surface) {
        return Some(Evidence::from_slack(KEEP_OUT));
    }
    Some(
        scene
            .entities
            .iter()
            .filter(|(id, e)| **id != a && e.role == Role::Body)
            .map(|(_, body)| {
                let held = grasped(body, scene.gripper);
                obstructs(body, place).and(held.negated()).negated()
            })
            .fold(Evidence::from_slack(KEEP_OUT), Evidence::and),
    )
}

#[cfg(test)]
mod tests {
    use super::super::{Predicate::Clear, testbed::*};

    #[test]
    fn a_stack_covers_its_area_and_its_lower_cube() {
        let bed = Bed::new([0.5, 0.2, 0.07], [0.5, 0.2, 0.025]);
        assert!(bed.holds(Clear, &[SMALL]));
        assert!(!bed.holds(Clear, &[LARGE]));
        assert!(!bed.holds(Clear, &[RIGHT]));
        assert!(bed.holds(Clear, &[LEFT]));
        assert!(bed.holds(Clear, &[TABLE]));
    }

    #[test]
    fn a_stray_cube_takes_the_room_of_an_area() {
        assert!(!Bed::new([0.57, 0.2, 0.02], [0.5, -0.2, 0.025]).holds(Clear, &[RIGHT]));
        assert!(Bed::new([0.60, 0.2, 0.02], [0.5, -0.2, 0.025]).holds(Clear, &[RIGHT]));
    }

    #[test]
    fn what_hovers_above_takes_no_room() {
        assert!(Bed::new([0.5, 0.2, 0.12], [0.5, 0.2, 0.025]).holds(Clear, &[LARGE]));
    }

    #[test]
    fn what_is_held_takes_no_room() {
        let mut bed = Bed::new([0.5, 0.2, 0.07], [0.5, 0.2, 0.025]);
        bed.gripper.tcp.translation.vector = nalgebra::Vector3::new(0.5, 0.2, 0.07);
        bed.gripper.opening = 0.04;
        assert!(bed.holds(Clear, &[LARGE]));
    }
}
