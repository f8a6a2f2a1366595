use ergon_vocab::{Entity, Evidence, ObjectId, Role};

use super::on::touches;
use super::{Scene, any, grasped, of_positions, placed};
use crate::thresholds::KEEP_OUT;

/// `a` lies on or beside the place of `at` without being properly on anything, and is not held.
///
/// On a body: it rests on it off centre. On an area: it stands so near to the middle that nothing else
/// can be placed there. In a bin: never. On a surface: it is astray nowhere else, whatever its position. `None` when one
/// of them was never seen.
pub fn astray(a: ObjectId, at: ObjectId, scene: &Scene<'_>) -> Option<Evidence> {
    let (body, place) = (scene.entities.get(&a)?, scene.entities.get(&at)?);
    if a == at || body.role != Role::Body {
        return Some(Evidence::from_slack(-KEEP_OUT));
    }
    let loose = grasped(body, scene.gripper).negated().and(unplaced(a, body, scene));
    Some(
        loose.and(match place.role {
            Role::Body | Role::Area | Role::Bin | Role::Button => obstructs(body, place),
            Role::Surface => scene
                .entities
                .iter()
                .filter(|(id, e)| **id != a && e.role != Role::Surface)
                .map(|(_, other)| obstructs(body, other).negated())
                .fold(Evidence::from_slack(KEEP_OUT), Evidence::and),
        }),
    )
}

/// `body` is on and within nothing.
fn unplaced(id: ObjectId, body: &Entity, scene: &Scene<'_>) -> Evidence {
    let others = scene.entities.iter().filter(|(other, _)| **other != id);
    any(others.map(|(_, other)| placed(body, other))).negated()
}

/// `body` takes up room at `place`, properly or not. In a bin there is always room.
pub(super) fn obstructs(body: &Entity, place: &Entity) -> Evidence {
    let room = match place.role {
        Role::Bin | Role::Button => return Evidence::from_slack(-KEEP_OUT),
        Role::Area => KEEP_OUT,
        Role::Body | Role::Surface => 0.5 * (body.size.max() + place.size.max()),
    };
    of_positions(room - body.horizontal_distance(place), body, place).and(touches(body, place))
}

#[cfg(test)]
mod tests {
    use super::super::{Predicate::Astray, testbed::*};

    #[test]
    fn beside_the_middle_of_an_area_it_is_astray_there_and_not_on_the_table() {
        let bed = Bed::new([0.55, 0.2, 0.02], [0.5, -0.2, 0.025]);
        assert!(bed.holds(Astray, &[SMALL, RIGHT]));
        assert!(!bed.holds(Astray, &[SMALL, TABLE]));
        assert!(!bed.holds(Astray, &[LARGE, LEFT]));
    }

    #[test]
    fn far_from_everything_it_is_astray_on_the_table() {
        let bed = Bed::new([0.4, 0.0, 0.02], [0.5, -0.2, 0.025]);
        assert!(bed.holds(Astray, &[SMALL, TABLE]));
        assert!(!bed.holds(Astray, &[SMALL, RIGHT]));
    }

    #[test]
    fn off_centre_on_another_it_is_astray_on_that_one() {
        let bed = Bed::new([0.52, 0.2, 0.07], [0.5, 0.2, 0.025]);
        assert!(bed.holds(Astray, &[SMALL, LARGE]));
        assert!(!bed.holds(Astray, &[SMALL, RIGHT]));
        assert!(!bed.holds(Astray, &[SMALL, TABLE]));
    }

    #[test]
    fn what_is_held_is_not_astray() {
        assert!(!Bed::holding_small().holds(Astray, &[SMALL, TABLE]));
    }
}
