use ergon_vocab::{Entity, Evidence, Role};

use super::{Scene, any, on};
use crate::thresholds::COLUMN;

/// `b` is the place for `a` where a pattern is copied: the area straight before or behind one on which a
/// body of `a`'s kind lies. Straight is along x of the base frame.
pub fn counterpart(a: &Entity, b: &Entity, scene: &Scene<'_>) -> Evidence {
    if a.role != Role::Body || b.role != Role::Area {
        return Evidence::from_slack(f64::NEG_INFINITY);
    }
    let away = |area: &Entity| area.pose.translation.vector - b.pose.translation.vector;
    let column = |area: &&Entity| {
        area.role == Role::Area && away(area).y.abs() < COLUMN && away(area).x.abs() > COLUMN
    };
    let alike = |body: &&Entity| body.role == Role::Body && body.fit.kinds & a.fit.kinds != 0;
    let areas = scene.entities.values().filter(column);
    let models = || scene.entities.values().filter(alike).filter(|&body| body != a);
    any(areas.flat_map(|area| models().map(|model| on(model, area))))
}

#[cfg(test)]
mod tests {
    use super::super::{Predicate::Counterpart, testbed::*};

    #[test]
    fn a_copy_goes_before_the_model_of_its_kind() {
        let mut bed = Bed::new([0.3, 0.0, 0.02], [0.5, 0.2, 0.025]);
        assert!(!bed.holds(Counterpart, &[SMALL, LEFT]), "no area lies in one column with another");
        let left = bed.entities.get_mut(&LEFT).unwrap();
        left.pose.translation.vector = nalgebra::Vector3::new(0.35, 0.2, 0.0);
        assert!(bed.holds(Counterpart, &[SMALL, LEFT]));
        assert!(!bed.holds(Counterpart, &[SMALL, RIGHT]), "the model itself lies there");
        bed.entities.get_mut(&SMALL).unwrap().fit.kinds = 0b01;
        bed.entities.get_mut(&LARGE).unwrap().fit.kinds = 0b10;
        assert!(!bed.holds(Counterpart, &[SMALL, LEFT]), "the model is of another kind");
    }
}
