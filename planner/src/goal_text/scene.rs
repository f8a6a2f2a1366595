//! What a sentence can speak of.

use std::collections::BTreeSet;

/// A thing that can be moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Thing {
    /// Name of its PDDL object.
    pub name: String,
    /// Its colour, a word.
    pub colour: String,
    /// Its size, m; only compared.
    pub size: f64,
    /// The place on which it stands now, directly or on top of others; `None` if on none.
    pub at: Option<String>,
}

impl Thing {
    /// `red (c2)`
    pub(super) fn shown(&self) -> String {
        format!("{} ({})", self.colour, self.name)
    }
}

/// The things and places of a task, and how they may stand on each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// What can be moved.
    pub things: Vec<Thing>,
    /// Names of the places.
    pub places: Vec<String>,
    /// What may stand directly on what, by names.
    pub allowed: BTreeSet<(String, String)>,
}

impl Scene {
    pub(super) fn thing(&self, name: &str) -> Option<&Thing> {
        self.things.iter().find(|thing| thing.name == name)
    }

    /// A thing or a place in words.
    pub(super) fn shown(&self, name: &str) -> String {
        self.thing(name).map_or_else(|| name.to_owned(), Thing::shown)
    }

    /// `blue (c1), red (c2)`
    pub(super) fn list<'t>(&self, things: impl IntoIterator<Item = &'t Thing>) -> String {
        things.into_iter().map(Thing::shown).collect::<Vec<_>>().join(", ")
    }
}
