use ergon_vocab::{Entity, Evidence, Role};

use super::of_positions;
use crate::thresholds::{CENTRED, TOUCHING};

/// `a` rests on `b`, centred. A surface has no middle to rest on: what lies on the bare table is
/// [`astray`](super::astray()). Nor has a bin, which bodies are [`within`](super::within()).
pub fn on(a: &Entity, b: &Entity) -> Evidence {
    if matches!(b.role, Role::Bin | Role::Button | Role::Surface) {
        return Evidence::from_slack(-CENTRED);
    }
    let centred = of_positions(CENTRED - a.horizontal_distance(b), a, b);
    centred.and(touches(a, b))
}

/// The bottom of `a` is at the height of the top of `b`, or of the floor of its hollow.
pub(super) fn touches(a: &Entity, b: &Entity) -> Evidence {
    of_positions(TOUCHING - (a.bottom() - b.rest(a)).abs(), a, b)
}

#[cfg(test)]
mod tests {
    use ergon_vocab::Truth;

    use super::super::{
        Predicate::{Astray, On},
        Scene,
        testbed::*,
    };

    #[test]
    fn a_cube_is_on_what_carries_it() {
        let bed = Bed::new([0.505, 0.2, 0.07], [0.5, 0.2, 0.025]);
        assert!(bed.holds(On, &[SMALL, LARGE]));
        assert!(bed.holds(On, &[LARGE, RIGHT]));
        assert!(!bed.holds(On, &[SMALL, RIGHT]));
        assert!(!bed.holds(On, &[LARGE, SMALL]));
        assert!(!bed.holds(On, &[LARGE, TABLE]));
    }

    #[test]
    fn a_cube_is_on_the_floor_of_a_hollow_that_it_fits_into() {
        let mut bed = Bed::new([0.5, -0.2, 0.035], [0.5, -0.2, 0.025]);
        assert!(!bed.holds(On, &[SMALL, LARGE]), "it would be inside of a solid");
        let hollow = ergon_vocab::Hollow { width: 0.045, floor: 0.015 };
        bed.entities.get_mut(&LARGE).unwrap().hollow = Some(hollow);
        assert!(bed.holds(On, &[SMALL, LARGE]));
    }

    #[test]
    fn nothing_is_on_itself_not_even_what_was_never_seen() {
        let mut bed = Bed::new([0.505, 0.2, 0.07], [0.5, 0.2, 0.025]);
        bed.entities.remove(&SMALL);
        let scene = Scene { entities: &bed.entities, gripper: &bed.gripper };
        for predicate in [On, Astray] {
            assert_eq!(predicate.judge(&[SMALL, SMALL], &scene).truth, Truth::False);
            assert_eq!(predicate.judge(&[SMALL, LARGE], &scene).truth, Truth::Unknown);
        }
    }

    #[test]
    fn hovering_or_off_centre_is_not_on() {
        assert!(!Bed::new([0.5, 0.2, 0.08], [0.5, 0.2, 0.025]).holds(On, &[SMALL, LARGE]));
        assert!(!Bed::new([0.516, 0.2, 0.07], [0.5, 0.2, 0.025]).holds(On, &[SMALL, LARGE]));
    }
}
