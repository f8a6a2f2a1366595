use ergon_vocab::{Entity, Evidence, Role};

use super::{Scene, any, counterpart, on};

/// `a` lies on the area that is its [`counterpart`](super::counterpart()).
pub fn copied(a: &Entity, scene: &Scene<'_>) -> Evidence {
    let areas = scene.entities.values().filter(|area| area.role == Role::Area);
    any(areas.map(|area| on(a, area).and(counterpart(a, area, scene))))
}

#[cfg(test)]
mod tests {
    use super::super::{Predicate::Copied, testbed::*};

    #[test]
    fn a_copy_lies_before_its_model() {
        let mut bed = Bed::new([0.35, 0.2, 0.02], [0.5, 0.2, 0.025]);
        assert!(!bed.holds(Copied, &[SMALL]), "it lies on no area");
        let left = bed.entities.get_mut(&LEFT).unwrap();
        left.pose.translation.vector = nalgebra::Vector3::new(0.35, 0.2, 0.0);
        assert!(bed.holds(Copied, &[SMALL]));
        bed.entities.get_mut(&LARGE).unwrap().fit.kinds = 0b10;
        bed.entities.get_mut(&SMALL).unwrap().fit.kinds = 0b01;
        assert!(!bed.holds(Copied, &[SMALL]));
    }
}
