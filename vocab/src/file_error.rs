//! What is wrong with a file, where, and what to do about it.

use thiserror::Error;

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file as it was named.
    pub file: String,
    /// 1-based; 0 for the file as a whole.
    pub line: usize,
    /// 1-based, in characters; 0 for the file as a whole.
    pub column: usize,
}

impl Place {
    /// Where a byte of a text is.
    pub fn in_text(file: &str, text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        Self {
            file: file.into(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// A file as a whole.
    pub fn whole(file: &str) -> Self {
        Self { file: file.into(), line: 0, column: 0 }
    }
}

/// An error in a file that people write, shown as `FILE:LINE:COLUMN: KEY: what was expected, what was
/// found`.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{}{}{message}", show_place(.file, .line, .column), show_key(.key))]
pub struct FileError {
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

impl FileError {
    /// An error at a place.
    pub fn new(place: &Place, key: &str, message: impl Into<String>) -> Self {
        Self {
            file: place.file.clone(),
            line: place.line,
            column: place.column,
            key: key.into(),
            message: message.into(),
            hint: String::new(),
        }
    }

    /// An error that concerns a file as a whole.
    pub fn of_file(file: &str, message: impl Into<String>) -> Self {
        Self::new(&Place::whole(file), "", message)
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}
