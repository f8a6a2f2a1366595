//! PDDL text: parser, binding to the [model](crate::Domain), printer, and plan files.
//!
//! Text is parsed to a syntax tree by `grammar`, the tree is bound to the model by `bind`, the model
//! is printed by `print`. Known is PDDL 2.1 (Fox & Long 2003) up to level 3, with axioms and action
//! costs: all of [`Requirement`](crate::Requirement). Timed initial literals, preferences,
//! constraints, object fluents and continuous effects are refused by name.
//!
//! A [strict](Reading::Strict) reader takes what the definition allows and no slips; a
//! [lenient](Reading::Lenient) one mends the slips that published files are full of and tells each
//! of them as a [`Warning`].

mod bind;
mod error;
mod grammar;
mod lexer;
mod plan_file;
mod print;
mod reading;
mod syntax;

pub use error::PddlError;
pub(crate) use error::{Fault, nearest};
pub(crate) use lexer::is_name;
pub use plan_file::{PlanCall, PlanFile};
pub(crate) use print::Shown;
pub use reading::{Reading, Warning};

use syntax::Oddity;

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

/// A text and the name of its file, which is for messages only.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The text.
    pub text: &'a str,
    /// The name of the file.
    pub file: &'a str,
}

impl<'a> Source<'a> {
    /// Names a text.
    pub fn new(text: &'a str, file: &'a str) -> Self {
        // A byte order mark is a habit of some editors and no part of the text.
        Self { text: text.strip_prefix('\u{feff}').unwrap_or(text), file }
    }

    fn parse<T>(self, grammar: fn(&'a str) -> lexer::Parsed<'a, T>) -> Result<T, PddlError> {
        match grammar(self.text) {
            Ok((_, tree)) => Ok(tree),
            Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => Err(self.locate(fault)),
            Err(nom::Err::Incomplete(_)) => {
                Err(self.locate(Fault::new(&self.text[self.text.len()..], "more text")))
            }
        }
    }

    fn locate(self, fault: Fault<'_>) -> PddlError {
        fault.locate(self.text, self.file)
    }

    fn warnings(self, odd: Vec<Oddity<'_>>) -> Vec<Warning> {
        odd.into_iter().map(|(f, mended)| Warning { error: self.locate(f), mended }).collect()
    }
}

/// Reads a domain and a problem together. A lenient reader can thus make constants of the objects of
/// the problem that the domain names; reading one after the other it cannot.
///
/// ```
/// use ergon_planner::pddl::{Reading, Source, read_task};
///
/// let domain = Source::new("(define (domain d) (:predicates (hot ?x)) (:action heat :effect (hot pot)))", "d");
/// let problem = Source::new("(define (problem p) (:domain d) (:objects pot) (:goal (hot pot)))", "p");
/// assert!(read_task(domain, problem, Reading::Strict).is_err());
/// let (domain, _, warnings) = read_task(domain, problem, Reading::Lenient)?;
/// assert_eq!(domain.symbols().objects[0].name, "pot");
/// assert_eq!(warnings[0].mended, "made it a constant");
/// # Ok::<(), ergon_planner::PddlError>(())
/// ```
///
/// # Errors
/// As [`Domain::parse`] and [`Problem::parse`].
pub fn read_task(
    domain: Source<'_>,
    problem: Source<'_>,
    reading: Reading,
) -> Result<(Domain, Problem, Vec<Warning>), PddlError> {
    let domain_tree = domain.parse(grammar::domain)?;
    let problem_tree = problem.parse(grammar::problem)?;
    let lent = match reading {
        Reading::Strict => &[],
        Reading::Lenient => problem_tree.objects.as_deref().unwrap_or_default(),
    };
    let own = domain_tree.constants.iter().flatten().map(|g| g.names.len()).sum();
    let bound = bind::domain(&domain_tree, reading, lent);
    let (bound_domain, odd) = bound.map_err(|f| domain.locate(f))?;
    let mut warnings = domain.warnings(odd);
    let bound = bind::problem(&problem_tree, &bound_domain, reading, own);
    let (bound_problem, odd) = bound.map_err(|f| problem.locate(f))?;
    warnings.extend(problem.warnings(odd));
    Ok((bound_domain, bound_problem, warnings))
}

impl Domain {
    /// Reads a domain from PDDL, strictly. `file_name` is for error messages only.
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
        Self::parse_with(text, file_name, Reading::Strict).map(|(domain, _)| domain)
    }

    /// Reads a domain from PDDL as strictly as asked for, and tells the slips that were mended.
    ///
    /// # Errors
    /// As [`Domain::parse`], but for those slips.
    pub fn parse_with(
        text: &str,
        file_name: &str,
        reading: Reading,
    ) -> Result<(Self, Vec<Warning>), PddlError> {
        let source = Source::new(text, file_name);
        let tree = source.parse(grammar::domain)?;
        let (domain, odd) = bind::domain(&tree, reading, &[]).map_err(|f| source.locate(f))?;
        Ok((domain, source.warnings(odd)))
    }
}

impl Problem {
    /// Reads a problem of a domain from PDDL, strictly. `file_name` is for error messages only. A
    /// missing `:objects`, `:init` or `:goal` is empty.
    ///
    /// # Errors
    /// As [`Domain::parse`]; also a problem of another domain.
    pub fn parse(text: &str, file_name: &str, domain: &Domain) -> Result<Self, PddlError> {
        let read = Self::parse_with(text, file_name, domain, Reading::Strict);
        read.map(|(problem, _)| problem)
    }

    /// Reads a problem of a domain from PDDL as strictly as asked for, and tells the slips that were
    /// mended.
    ///
    /// # Errors
    /// As [`Problem::parse`], but for those slips.
    pub fn parse_with(
        text: &str,
        file_name: &str,
        domain: &Domain,
        reading: Reading,
    ) -> Result<(Self, Vec<Warning>), PddlError> {
        let source = Source::new(text, file_name);
        let tree = source.parse(grammar::problem)?;
        let own = domain.symbols.objects.len();
        let bound = bind::problem(&tree, domain, reading, own);
        let (problem, odd) = bound.map_err(|f| source.locate(f))?;
        Ok((problem, source.warnings(odd)))
    }
}
