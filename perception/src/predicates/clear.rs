use ergon_vocab::{Evidence, ObjectId, Role};

use super::Scene;
use super::astray::obstructs;
use crate::thresholds::KEEP_OUT;

/// Nothing takes up the room on top of `a`, properly placed or not. A surface always has room. `None`
/// when it was never seen.
pub fn clear(a: ObjectId, scene: &Scene<'_>) -> Option<Evidence> {
    let place = scene.entities.get(&a)?;
    if place.role == Role::Surface {
        return Some(Evidence::from_slack(KEEP_OUT));
    }
    Some(
        scene
            .entities
            .iter()
            .filter(|(id, e)| **id != a && e.role == Role::Body)
            .map(|(_, body)| obstructs(body, place).negated())
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
}
