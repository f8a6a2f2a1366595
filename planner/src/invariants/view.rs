//! Actions as the search for invariants sees them.

use crate::{
    model::LiftedAtom,
    normal::{Body, Normal, Rule, RuleKind},
};

/// An effect on one atom.
#[derive(Clone, Copy)]
pub(super) struct AtomEffect<'n> {
    pub(super) atom: &'n LiftedAtom,
    /// The condition, of a conditional effect. Its slots beyond the parameters are its own.
    pub(super) condition: Option<&'n Body>,
}

/// One alternative of an action with all its effects.
pub(super) struct View<'n> {
    pub(super) body: &'n Body,
    /// Number of parameters: slots that effects share with the body.
    pub(super) parameters: usize,
    pub(super) adds: Vec<AtomEffect<'n>>,
    pub(super) deletes: Vec<AtomEffect<'n>>,
}

impl<'n> View<'n> {
    pub(super) fn all(normal: &'n Normal) -> Vec<Self> {
        let actions = normal.rules.iter().filter_map(|rule| match rule.kind {
            RuleKind::Action { schema } => Some(Self::new(normal, rule, schema)),
            _ => None,
        });
        actions.collect()
    }

    fn new(normal: &'n Normal, action: &'n Rule, schema: u32) -> Self {
        let parameters = normal.arities[normal.derived.len() + schema as usize];
        let mut view = Self { body: &action.body, parameters, adds: vec![], deletes: vec![] };
        view.take(action, None);
        for rule in normal.rules.iter().filter(|r| r.kind == RuleKind::Effect { schema }) {
            view.take(rule, Some(&rule.body));
        }
        view
    }

    fn take(&mut self, rule: &'n Rule, condition: Option<&'n Body>) {
        let effects =
            |atoms: &'n [LiftedAtom]| atoms.iter().map(move |atom| AtomEffect { atom, condition });
        self.adds.extend(effects(&rule.outcome.adds));
        self.deletes.extend(effects(&rule.outcome.deletes));
    }
}
