use ergon_vocab::{Entity, Evidence, Role};

use crate::thresholds::{SIGMAS, SIZE_STEP};

/// `a` belongs into `b`: it is of a kind that `b` takes, which is told, and of a width that `b` takes,
/// which is measured.
pub fn matches(a: &Entity, b: &Entity) -> Evidence {
    if a.role != Role::Body || b.role == Role::Body || a.fit.kinds & b.fit.kinds == 0 {
        return Evidence::from_slack(-SIZE_STEP);
    }
    let [least, most] = b.fit.widths;
    let slack = (a.width() - least).min(most - a.width());
    Evidence::from_slack(slack).doubted(SIGMAS * a.size_std)
}

#[cfg(test)]
mod tests {
    use ergon_vocab::Truth;

    use super::super::{Predicate::Matches, Scene, testbed::*};

    #[test]
    fn kinds_are_told_and_widths_are_measured() {
        let mut bed = Bed::new([0.5, -0.2, 0.02], [0.5, 0.2, 0.025]).with_bin();
        assert!(bed.holds(Matches, &[SMALL, BIN]));
        bed.entities.get_mut(&BIN).unwrap().fit.widths = [0.0, 0.045];
        assert!(bed.holds(Matches, &[SMALL, BIN]));
        assert!(!bed.holds(Matches, &[LARGE, BIN]));
        bed.entities.get_mut(&BIN).unwrap().fit.kinds = 0b10;
        bed.entities.get_mut(&SMALL).unwrap().fit.kinds = 0b01;
        assert!(!bed.holds(Matches, &[SMALL, BIN]));
        assert!(!bed.holds(Matches, &[SMALL, SMALL]));
    }

    #[test]
    fn a_width_near_the_border_is_in_doubt() {
        let mut bed = Bed::new([0.5, -0.2, 0.02], [0.5, 0.2, 0.025]).with_bin();
        bed.entities.get_mut(&BIN).unwrap().fit.widths = [0.0, 0.041];
        bed.entities.get_mut(&SMALL).unwrap().size_std = 0.002;
        let scene = Scene { entities: &bed.entities, gripper: &bed.gripper };
        assert_eq!(Matches.judge(&[SMALL, BIN], &scene).truth, Truth::Unknown);
    }
}
