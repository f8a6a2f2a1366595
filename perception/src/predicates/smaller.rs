use ergon_vocab::{Entity, Evidence, Role};

use crate::thresholds::{SIGMAS, SIZE_STEP};

/// `a` is smaller than `b` by its measured size. A body is smaller than an area or a bin that it fits
/// on; a surface is no place to build on, so nothing is smaller than a surface.
pub fn smaller(a: &Entity, b: &Entity) -> Evidence {
    match (a.role, b.role) {
        (Role::Body, Role::Body) => Evidence::from_slack(b.width() - a.width() - SIZE_STEP)
            .doubted(SIGMAS * a.size_std.hypot(b.size_std)),
        (Role::Body, Role::Area | Role::Bin) => {
            Evidence::from_slack(b.size.x.min(b.size.y) - a.width())
        }
        _ => Evidence::from_slack(-SIZE_STEP),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Predicate::Smaller, testbed::*};

    #[test]
    fn size_is_measured() {
        let bed = Bed::new([0.5, 0.2, 0.02], [0.5, -0.2, 0.025]);
        assert!(bed.holds(Smaller, &[SMALL, LARGE]));
        assert!(!bed.holds(Smaller, &[LARGE, SMALL]));
        assert!(!bed.holds(Smaller, &[SMALL, SMALL]));
        assert!(bed.holds(Smaller, &[LARGE, LEFT]));
        assert!(!bed.holds(Smaller, &[LARGE, TABLE]));
    }
}
