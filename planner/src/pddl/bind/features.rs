//! Requirements: what is declared and what is used.

use std::collections::BTreeSet;

use super::{
    super::error::{Fault, did_you_mean},
    Binder, Bound,
    names::lower,
};
use crate::model::Requirement;

/// What is declared, and whether it is to be held to it.
pub(super) struct Features {
    pub(super) declared: BTreeSet<Requirement>,
    /// Whether there was a `(:requirements ...)` at all. Many published domains have none and use
    /// types, so those are taken to ask for what they use.
    pub(super) explicit: bool,
}

impl Features {
    pub(super) fn new(explicit: bool) -> Self {
        Self { declared: BTreeSet::from([Requirement::Strips]), explicit }
    }

    fn has(&self, wanted: Requirement) -> bool {
        self.declared.iter().any(|r| r.implies(wanted))
    }
}

impl<'a> Binder<'a> {
    pub(super) fn requirements(&mut self, keywords: &Option<Vec<&'a str>>) -> Bound<'a, ()> {
        for &keyword in keywords.iter().flatten() {
            let wanted = lower(keyword);
            if let Some(requirement) = Requirement::named(&wanted) {
                self.features.declared.insert(requirement);
                continue;
            }
            let names = Requirement::ALL.map(Requirement::keyword);
            let hint = did_you_mean(&wanted, names).unwrap_or_else(|| {
                let known = names.join(", ");
                format!("it knows {known}; remove `{wanted}` if it is not used")
            });
            let fault = Fault::new(keyword, "a requirement this planner knows")
                .got(format!("`{wanted}`"))
                .within("in :requirements")
                .hint(hint);
            self.tolerate(fault, "went on as if it were not there")?;
        }
        Ok(())
    }

    /// Notes the use of what one of `wanted` stands for; the first is the one to suggest.
    pub(super) fn need(
        &mut self,
        wanted: &[Requirement],
        at: &'a str,
        what: &str,
    ) -> Bound<'a, ()> {
        if wanted.iter().any(|&r| self.features.has(r)) {
            return Ok(());
        }
        let Some(&first) = wanted.first() else { return Ok(()) };
        if self.features.explicit {
            let keyword = first.keyword();
            let fault = Fault::new(at, "only what (:requirements ...) of the domain names")
                .got(format!("{what}, which needs {keyword}"))
                .hint(format!("add {keyword} to (:requirements ...)"));
            self.tolerate(fault, "took it as declared")?;
        }
        self.features.declared.insert(first);
        Ok(())
    }
}
