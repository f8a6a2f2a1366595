//! How strictly a text is read, and what a lenient reader has to say.

use std::fmt;

use super::PddlError;

/// What a reader does about the slips that published files are full of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// They are errors.
    #[default]
    Strict,
    /// They are mended where it is clear what is meant, with a [`Warning`].
    Lenient,
}

/// A slip that a lenient reader has mended.
///
/// Displays as `p.pddl:3:9: in :init: expected a declared object, got ...; left out the fact`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What a strict reader says; its [hint](PddlError::hint) is what the author should change.
    pub error: PddlError,
    /// What the reader did about it.
    pub mended: &'static str,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.error, self.mended)
    }
}
