//! The methods that can be run.

use std::fmt;
use std::str::FromStr;

/// How the agent acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Planner and executive with hand-written skills and the oracle perceiver: the expert, and the
    /// upper bound.
    Scripted,
}

impl Method {
    /// All methods with their names.
    pub const ALL: [(&'static str, Self); 1] = [("scripted", Self::Scripted)];
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::ALL.iter().find(|(_, m)| m == self).map_or("", |(name, _)| name))
    }
}

impl FromStr for Method {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.iter().find(|(n, _)| *n == name).map(|(_, m)| *m).ok_or_else(|| {
            let known = Self::ALL.map(|(n, _)| n).join(", ");
            format!("expected one of {known}, found {name:?}")
        })
    }
}
