//! Why a sentence is not taken.

use thiserror::Error;

/// What is wrong with a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It does not follow the grammar.
    NotUnderstood,
    /// It speaks of what is not there.
    Unknown,
    /// It can be meant in more than one way.
    Ambiguous,
    /// What it asks for cannot be.
    Impossible,
    /// It asks for more than how things stand in the end.
    Unsupported,
}

/// Why a sentence is not taken, and what would be.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{reason}")]
pub struct Refusal {
    /// What is wrong.
    pub fault: Fault,
    /// What is wrong, in words.
    pub reason: String,
    /// What would be understood.
    pub hint: String,
}

impl Refusal {
    pub(super) fn new(fault: Fault, reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { fault, reason: reason.into(), hint: hint.into() }
    }
}
