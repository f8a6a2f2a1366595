use ergon_vocab::{Entity, Evidence};

use super::{Scene, any, matches, placed};

/// `a` lies in a bin that it belongs into, or on an area that it belongs onto.
pub fn sorted(a: &Entity, scene: &Scene<'_>) -> Evidence {
    any(scene.entities.values().map(|place| placed(a, place).and(matches(a, place))))
}

#[cfg(test)]
mod tests {
    use super::super::{Predicate::Sorted, testbed::*};

    #[test]
    fn a_cube_is_sorted_in_a_bin_that_takes_it() {
        let mut bed = Bed::new([0.5, -0.2, 0.02], [0.4, 0.0, 0.025]).with_bin();
        assert!(bed.holds(Sorted, &[SMALL]));
        assert!(!bed.holds(Sorted, &[LARGE]), "it lies elsewhere");
        bed.entities.get_mut(&BIN).unwrap().fit.widths = [0.045, 0.1];
        assert!(!bed.holds(Sorted, &[SMALL]), "the bin takes larger ones");
        assert!(Bed::new([0.5, -0.2, 0.02], [0.5, 0.2, 0.025]).holds(Sorted, &[SMALL]));
    }
}
