//! What is wrong with a scenario file, where, and what to do about it.

use thiserror::Error;

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// An error in a scenario file, shown as `FILE:LINE:COLUMN: KEY: what was expected, what was found`.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{}{}{message}", show_place(.file, .line, .column), show_key(.key))]
pub struct ScenarioError {
    /// The file as it was named.
    pub file: String,
    /// 1-based; 0 where the error concerns the file as a whole.
    pub line: usize,
    /// 1-based, in characters; 0 where the error concerns the file as a whole.
    pub column: usize,
    /// Dotted path of the key, such as `object[2].friction`; empty where there is none.
    pub key: String,
    /// What was expected and what was found.
    pub message: String,
    /// What to do about it; empty where the message says all.
    pub hint: String,
}

fn show_place(file: &str, line: &usize, column: &usize) -> String {
    if *line == 0 { format!("{file}: ") } else { format!("{file}:{line}:{column}: ") }
}

fn show_key(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!("{key}: ") }
}

impl ScenarioError {
    pub(crate) fn new(place: &Place, key: &str, message: impl Into<String>) -> Self {
        Self {
            file: place.file.clone(),
            line: place.line,
            column: place.column,
            key: key.into(),
            message: message.into(),
            hint: String::new(),
        }
    }

    pub(crate) fn of_file(file: &str, message: impl Into<String>) -> Self {
        Self::new(&Place { file: file.into(), line: 0, column: 0 }, "", message)
    }

    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// The candidate nearest to `word`, if it is near enough to be a slip of the pen.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .map(|c| (edit_distance(word, c), c))
        .filter(|(d, c)| *d <= 2.max(c.len() / 3) || c.starts_with(word))
        .min()
        .map(|(_, c)| c)
}

fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_finds_its_word() {
        let keys = ["friction", "density", "size"];
        assert_eq!(nearest("fricton", keys.into_iter()), Some("friction"));
        assert_eq!(nearest("colour", keys.into_iter()), None);
    }
}
