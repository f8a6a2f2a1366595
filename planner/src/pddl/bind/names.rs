//! Tables of names.

use std::borrow::Cow;

use hashbrown::DefaultHashBuilder;
use indexmap::IndexSet;

use super::{
    super::error::{Fault, did_you_mean},
    Bound,
};

/// Most names that are looked through for a slip of the pen.
const MAX_CANDIDATES: usize = 10_000;

/// Names of one kind; the id of a name is its place in the order of definition.
#[derive(Default)]
pub(super) struct Names<'a>(IndexSet<Cow<'a, str>, DefaultHashBuilder>);

/// The name in lower case: PDDL does not tell cases apart.
pub(in super::super) fn lower(name: &str) -> Cow<'_, str> {
    match name.bytes().any(|b| b.is_ascii_uppercase()) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    }
}

/// The fault of a name that is defined again.
pub(super) fn repeated<'a>(name: &'a str, kind: &str) -> Fault<'a> {
    let lower = lower(name);
    Fault::new(name, format!("a new {kind}"))
        .got(format!("`{lower}` for the second time"))
        .hint(format!("remove or rename one `{lower}`"))
}

impl<'a> FromIterator<&'a str> for Names<'a> {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        Self(names.into_iter().map(Cow::Borrowed).collect())
    }
}

impl<'a> Names<'a> {
    /// Makes room for more names.
    pub(super) fn reserve(&mut self, count: usize) {
        self.0.reserve(count);
    }

    /// Adds a name; false if it is there already.
    pub(super) fn insert(&mut self, name: &'a str) -> bool {
        self.0.insert(lower(name))
    }

    /// Adds a name that is in lower case and stands in no text.
    pub(super) fn insert_owned(&mut self, name: &str) {
        self.0.insert(Cow::Owned(name.to_owned()));
    }

    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.0.get_index_of(lower(name).as_ref()).map(|i| i as u32)
    }

    pub(super) fn get(&self, name: &'a str, kind: &'static str) -> Bound<'a, u32> {
        self.find(name).ok_or_else(|| self.unknown(name, kind))
    }

    /// The fault of a name that is not there.
    pub(super) fn unknown(&self, name: &'a str, kind: &'static str) -> Fault<'a> {
        let lower = lower(name);
        let fault = Fault::new(name, kind).got(format!("`{lower}`, which is not declared"));
        match did_you_mean(&lower, self.0.iter().take(MAX_CANDIDATES).map(|k| &**k)) {
            Some(hint) => fault.hint(hint),
            None => fault.hint(format!("declare `{lower}`")),
        }
    }
}
