use ergon_vocab::{Entity, Evidence, Gripper};
use nalgebra::Vector3;

use crate::thresholds::{GRASP_SHARE, PAD_BITE, PAD_GAP, SIGMAS};

/// `a` is between the closed finger pads: they are as far apart as it is wide, neither wider, so that
/// they touch it, nor narrower, so that it is not merely near pads that closed on nothing.
pub fn grasped(a: &Entity, gripper: &Gripper) -> Evidence {
    let way = a.pose.translation.vector - gripper.tcp.translation.vector;
    let within = (GRASP_SHARE * a.size.max() - way.norm())
        .min(GRASP_SHARE * 2.0 * a.half_height() - way.z.abs());
    let inside = Evidence::from_slack(within).doubted(SIGMAS * a.position_std);
    let gap = gripper.opening - width_between_pads(a, gripper);
    let closed = Evidence::from_slack((PAD_GAP - gap).min(gap + PAD_BITE));
    inside.and(closed.doubted(SIGMAS * a.size_std))
}

/// Extent of a face-aligned box along the pads' closing direction, m: that of its axis which is most
/// parallel to it.
fn width_between_pads(a: &Entity, gripper: &Gripper) -> f64 {
    let closing = a.pose.rotation.inverse() * (gripper.tcp.rotation * Vector3::y());
    let axis = (0..3).fold(0, |k, i| if closing[i].abs() > closing[k].abs() { i } else { k });
    a.size[axis]
}

#[cfg(test)]
mod tests {
    use super::super::{Predicate::Grasped, testbed::*};

    #[test]
    fn closed_pads_around_a_cube_hold_it() {
        let mut bed = Bed::holding_small();
        assert!(bed.holds(Grasped, &[SMALL]));
        assert!(!bed.holds(Grasped, &[LARGE]));
        bed.gripper.opening = 0.06;
        assert!(!bed.holds(Grasped, &[SMALL]), "the pads do not touch it");
    }

    #[test]
    fn pads_around_a_disc_do_not_hold_the_one_below_it() {
        let mut bed = Bed::holding_small();
        let disc = bed.entities.get_mut(&SMALL).unwrap();
        disc.size.z = 0.014;
        assert!(bed.holds(Grasped, &[SMALL]));
        bed.entities.get_mut(&SMALL).unwrap().pose.translation.z -= 0.014;
        assert!(!bed.holds(Grasped, &[SMALL]));
    }

    #[test]
    fn pads_closed_elsewhere_hold_nothing() {
        let mut bed = Bed::new([0.5, 0.2, 0.02], [0.5, -0.2, 0.025]);
        bed.gripper.opening = 0.0;
        assert!(!bed.holds(Grasped, &[SMALL]));
    }

    #[test]
    fn pads_that_closed_on_nothing_beside_a_cube_do_not_hold_it() {
        let mut bed = Bed::holding_small();
        bed.gripper.opening = 0.0;
        assert!(!bed.holds(Grasped, &[SMALL]));
    }
}
