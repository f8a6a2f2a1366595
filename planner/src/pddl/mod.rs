//! PDDL text: parser, binding to the [model](crate::Domain), printer, and plan files.
//!
//! Text is parsed to a syntax tree by `grammar`, the tree is bound to the model by `bind`, the model
//! is printed by `print`. Known are `:strips`, `:typing` (with `either` for parameters),
//! `:negative-preconditions`, `:equality` and `:constants`; everything else is refused by name.

mod bind;
mod error;
mod grammar;
mod lexer;
mod plan_file;
mod print;
mod syntax;

pub use error::PddlError;
pub(crate) use error::nearest;
pub(crate) use lexer::is_name;
pub use plan_file::{PlanCall, PlanFile};

use error::Fault;

use crate::model::{Domain, Problem};

/// The text of a file's bytes.
///
/// # Errors
/// The bytes are not UTF-8; the error says where.
pub fn decode<'a>(bytes: &'a [u8], file_name: &str) -> Result<&'a str, PddlError> {
    std::str::from_utf8(bytes).map_err(|e| {
        let valid = std::str::from_utf8(&bytes[..e.valid_up_to()]).unwrap_or_default();
        let byte = bytes.get(e.valid_up_to()).copied().unwrap_or_default();
        Fault::new(&valid[valid.len()..], "UTF-8 text")
            .got(format!("the byte 0x{byte:02x}"))
            .hint("save the file as UTF-8")
            .locate(valid, file_name)
    })
}

/// Runs a grammar and a binding over a text, and gives faults their place.
fn read<'a, T, M>(
    text: &'a str,
    file_name: &str,
    parse: fn(&'a str) -> lexer::Parsed<'a, T>,
    bind: impl FnOnce(&T) -> Result<M, Fault<'a>>,
) -> Result<M, PddlError> {
    // A byte order mark is a habit of some editors and no part of the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let parsed = parse(text).map_err(|e| match e {
        nom::Err::Error(f) | nom::Err::Failure(f) => f,
        nom::Err::Incomplete(_) => Fault::new(&text[text.len()..], "more text"),
    });
    parsed.and_then(|(_, tree)| bind(&tree)).map_err(|f| f.locate(text, file_name))
}

impl Domain {
    /// Reads a domain from PDDL. `file_name` is for error messages only.
    ///
    /// ```
    /// let text = "(define (domain d) (:predicates (p)) (:action a :effect (p)))";
    /// assert_eq!(ergon_planner::Domain::parse(text, "d.pddl")?.name(), "d");
    /// # Ok::<(), ergon_planner::PddlError>(())
    /// ```
    ///
    /// # Errors
    /// The text is not PDDL, or uses what this planner does not know; the error says where, what was
    /// expected and, by [`PddlError::hint`], what to change.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, PddlError> {
        read(text, file_name, grammar::domain, bind::domain)
    }
}

impl Problem {
    /// Reads a problem of a domain from PDDL. `file_name` is for error messages only. A missing
    /// `:objects`, `:init` or `:goal` is empty.
    ///
    /// # Errors
    /// As [`Domain::parse`]; also a problem of another domain.
    pub fn parse(text: &str, file_name: &str, domain: &Domain) -> Result<Self, PddlError> {
        read(text, file_name, grammar::problem, |tree| bind::problem(tree, domain))
    }
}
