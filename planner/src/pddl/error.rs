//! Where a text went wrong, what was expected there and what to do about it.

use std::{borrow::Cow, fmt};

use nom::Offset;
use thiserror::Error;

/// A fault in a PDDL or plan text.
///
/// Displays as `domain.pddl:14:9: in action move, :effect: expected a literal, got "or"`; the remedy
/// is apart, in [`PddlError::hint`].
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{file}:{line}:{column}: {}expected {expected}, got {got}", Prefix(.context))]
pub struct PddlError {
    /// The file name given to the parser.
    pub file: Box<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The part of the text, such as `in action move, :effect`; may be empty.
    pub context: Box<str>,
    /// What would have been right.
    pub expected: Box<str>,
    /// What stands there.
    pub got: Box<str>,
    hint: Box<str>,
}

impl PddlError {
    /// What to change, if there is something to suggest.
    pub fn hint(&self) -> Option<&str> {
        (!self.hint.is_empty()).then_some(&self.hint)
    }
}

struct Prefix<'a>(&'a str);

impl fmt::Display for Prefix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "{}: ", self.0) }
    }
}

/// A fault before its place has been turned into a line and a column.
#[derive(Clone, Debug)]
pub(crate) struct Fault<'a> {
    /// The text from the faulty place on; a slice of the whole text.
    pub(crate) at: &'a str,
    expected: Cow<'static, str>,
    details: Option<Box<Details>>,
}

#[derive(Clone, Debug, Default)]
struct Details {
    context: String,
    got: String,
    hint: String,
}

impl<'a> Fault<'a> {
    pub(crate) fn new(at: &'a str, expected: impl Into<Cow<'static, str>>) -> Self {
        Self { at, expected: expected.into(), details: None }
    }

    fn details(&mut self) -> &mut Details {
        self.details.get_or_insert_default()
    }

    /// Says in other words what stands at the place; the next token is shown otherwise.
    pub(crate) fn got(mut self, got: impl Into<String>) -> Self {
        self.details().got = got.into();
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.details().hint = hint.into();
        self
    }

    /// Names the part of the text, unless an inner part has been named already.
    pub(crate) fn within(mut self, context: impl Into<String>) -> Self {
        let details = self.details();
        if details.context.is_empty() {
            details.context = context.into();
        }
        self
    }

    /// Puts a larger part before the one that was named.
    pub(crate) fn inside(mut self, larger: &str) -> Self {
        let details = self.details();
        details.context = match details.context.is_empty() {
            true => larger.to_owned(),
            false => format!("{larger}, {}", details.context),
        };
        self
    }

    /// The fault with its place in `source`, of which `at` is a slice.
    pub(crate) fn locate(self, source: &str, file: &str) -> PddlError {
        let before = &source[..source.offset(self.at).min(source.len())];
        let details = self.details.unwrap_or_default();
        let got = if details.got.is_empty() { next_token(self.at) } else { details.got };
        let last_line = before.rfind('\n').map_or(0, |i| i + 1);
        PddlError {
            file: file.into(),
            line: 1 + before.bytes().filter(|&b| b == b'\n').count() as u32,
            column: 1 + before[last_line..].chars().count() as u32,
            context: details.context.into(),
            expected: self.expected.into(),
            got: got.into(),
            hint: details.hint.into(),
        }
    }
}

impl<'a> nom::error::ParseError<&'a str> for Fault<'a> {
    fn from_error_kind(at: &'a str, kind: nom::error::ErrorKind) -> Self {
        Self::new(at, kind.description().to_owned())
    }

    fn append(_: &'a str, _: nom::error::ErrorKind, other: Self) -> Self {
        other
    }
}

/// Longest excerpt shown of what stands at a faulty place, in characters.
const EXCERPT: usize = 40;

/// The token at the beginning of `text`, quoted and cut to a readable length.
fn next_token(text: &str) -> String {
    let delimiter = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | ';');
    let Some(first) = text.chars().next() else {
        return "the end of the text".into();
    };
    let token: String = match delimiter(first) {
        true => first.to_string(),
        false => text.chars().take_while(|&c| !delimiter(c)).take(EXCERPT).collect(),
    };
    format!("`{}`", token.escape_debug())
}

/// The candidate that is nearest to `name` in edit distance, if it is near enough to be a slip.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let tolerance = name.chars().count() / 3;
    candidates
        .into_iter()
        .map(|c| (edit_distance(name, c, tolerance), c))
        .filter(|&(d, _)| d <= tolerance)
        .min_by_key(|&(d, _)| d)
        .map(|(_, c)| c)
}

/// Insertions, deletions and substitutions that turn `a` into `b` (Wagner & Fischer 1974); anything
/// above `limit` once the lengths alone differ by more.
fn edit_distance(a: &str, b: &str, limit: usize) -> usize {
    if a.len().abs_diff(b.len()) > 4 * limit {
        return limit + 1;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// A "did you mean" for a name that is not known.
pub(crate) fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(name, candidates).map(|c| format!("did you mean `{c}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let known = ["location", "disk", "peg"];
        assert_eq!(nearest("locaton", known), Some("location"));
        assert_eq!(nearest("disc", known), Some("disk"));
        assert_eq!(nearest("vehicle", known), None);
    }

    #[test]
    fn a_place_is_counted_in_lines_and_characters() {
        let source = "(define\n  (dömain x))";
        let error = Fault::new(&source[source.find('x').unwrap()..], "y").locate(source, "f");
        assert_eq!(error.to_string(), "f:2:11: expected y, got `x`");
    }
}
