use ergon_vocab::{Entity, Evidence, Role};

use super::of_positions;
use super::on::touches;
use crate::thresholds::CENTRED;

/// `a` lies in the bin `b`: on its floor, and no part of it beyond the border. Nothing is within a place
/// of another sort.
pub fn within(a: &Entity, b: &Entity) -> Evidence {
    if a.role != Role::Body || b.role != Role::Bin {
        return Evidence::from_slack(-CENTRED);
    }
    let at = b.pose.rotation.inverse() * (a.pose.translation.vector - b.pose.translation.vector);
    let room = (b.size.xy() - at.xy().abs() * 2.0).min() / 2.0 - a.size.max() / 2.0;
    of_positions(room, a, b).and(touches(a, b))
}

#[cfg(test)]
mod tests {
    use super::super::{Predicate::Within, testbed::*};

    #[test]
    fn a_cube_is_within_a_bin_until_it_reaches_over_its_border() {
        let bin = |x: f64, z: f64| Bed::new([x, -0.2, z], [0.5, 0.2, 0.025]).with_bin();
        assert!(bin(0.5, 0.02).holds(Within, &[SMALL, BIN]));
        assert!(bin(0.57, 0.02).holds(Within, &[SMALL, BIN]));
        assert!(!bin(0.59, 0.02).holds(Within, &[SMALL, BIN]));
        assert!(!bin(0.5, 0.07).holds(Within, &[SMALL, BIN]), "it hovers");
        assert!(!bin(0.5, 0.02).holds(Within, &[LARGE, BIN]));
        let marked = Bed::new([0.5, -0.2, 0.02], [0.5, 0.2, 0.025]);
        assert!(!marked.holds(Within, &[SMALL, LEFT]), "a mark holds nothing");
    }
}
