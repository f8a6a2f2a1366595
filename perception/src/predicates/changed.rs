use ergon_vocab::{Entity, Evidence};

/// `a` looks changed: a body that was heated through, a button that is on.
pub fn changed(a: &Entity) -> Evidence {
    a.changed
}

#[cfg(test)]
mod tests {
    use super::super::{Predicate::Changed, testbed::*};
    use super::*;

    #[test]
    fn it_is_as_it_looks() {
        let mut bed = Bed::new([0.5, 0.2, 0.02], [0.5, -0.2, 0.025]);
        assert!(!bed.holds(Changed, &[SMALL]));
        bed.entities.get_mut(&SMALL).unwrap().changed = Evidence::from_slack(1.0);
        assert!(bed.holds(Changed, &[SMALL]));
    }
}
