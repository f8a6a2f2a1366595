//! The shape of a PDDL text before its names are looked up. Every `&str` is a slice of the text, so
//! that its place can be told.

/// One item of a typed list and the type names after its `-`; none where no type was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Typed<'a> {
    pub(super) name: &'a str,
    pub(super) types: Vec<&'a str>,
}

/// A predicate with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Skeleton<'a> {
    pub(super) name: &'a str,
    pub(super) parameters: Vec<Typed<'a>>,
}

/// A condition, an effect or an initial fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Formula<'a> {
    /// `(and ...)`, and `()` as the empty conjunction.
    And(Vec<Formula<'a>>),
    /// `(not ...)`, with the text from its parenthesis on.
    Not(&'a str, Box<Formula<'a>>),
    /// `(= a b)`, with the text from its parenthesis on.
    Equal(&'a str, &'a str, &'a str),
    /// `(p a b)`: the predicate and its terms.
    Atom(&'a str, Vec<&'a str>),
}

/// An action schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ActionText<'a> {
    pub(super) name: &'a str,
    pub(super) parameters: Vec<Typed<'a>>,
    pub(super) precondition: Formula<'a>,
    pub(super) effect: Formula<'a>,
}

/// A domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DomainText<'a> {
    pub(super) name: &'a str,
    pub(super) requirements: Option<Vec<&'a str>>,
    pub(super) types: Option<Vec<Typed<'a>>>,
    pub(super) constants: Option<Vec<Typed<'a>>>,
    pub(super) predicates: Option<Vec<Skeleton<'a>>>,
    pub(super) actions: Vec<ActionText<'a>>,
}

/// A problem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ProblemText<'a> {
    pub(super) name: &'a str,
    pub(super) domain: Option<&'a str>,
    pub(super) requirements: Option<Vec<&'a str>>,
    pub(super) objects: Option<Vec<Typed<'a>>>,
    pub(super) init: Option<Vec<Formula<'a>>>,
    pub(super) goal: Option<Formula<'a>>,
}
