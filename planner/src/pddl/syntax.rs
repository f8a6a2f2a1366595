//! The shape of a PDDL text before its names are looked up. Every `&str` is a slice of the text, so
//! that its place can be told; one called `at` reaches from the place to the end of the text.

use super::error::Fault;

/// Items of a typed list that share the type names after their `-`; none where no type was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group<'a> {
    pub(super) names: Vec<&'a str>,
    pub(super) types: Vec<&'a str>,
}

/// A typed list.
pub(super) type Groups<'a> = Vec<Group<'a>>;

/// A predicate or a function with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Skeleton<'a> {
    pub(super) name: &'a str,
    pub(super) parameters: Groups<'a>,
}

/// Part of an expression or a side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operand<'a> {
    /// A number, a name or a variable.
    Word(&'a str),
    /// `(head operand*)`: a function or an arithmetic operator with its operands.
    Call(&'a str, Vec<Operand<'a>>),
}

impl<'a> Operand<'a> {
    /// Where it stands.
    pub(super) fn at(&self) -> &'a str {
        match self {
            Self::Word(at) | Self::Call(at, _) => at,
        }
    }
}

/// The time to which a part of a durative action belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Time {
    Start,
    All,
    End,
}

/// A condition, an effect or an initial fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node<'a> {
    /// `(and ...)`, and `()` as the empty conjunction.
    And(&'a str, Vec<Node<'a>>),
    /// `(or ...)`.
    Or(&'a str, Vec<Node<'a>>),
    /// `(not ...)`.
    Not(&'a str, Box<Node<'a>>),
    /// `(imply a b)`.
    Imply(&'a str, Box<[Node<'a>; 2]>),
    /// `(exists (...) f)`.
    Exists(&'a str, Groups<'a>, Box<Node<'a>>),
    /// `(forall (...) f)`.
    Forall(&'a str, Groups<'a>, Box<Node<'a>>),
    /// `(when condition effect)`.
    When(&'a str, Box<[Node<'a>; 2]>),
    /// `(= a b)` and the other comparisons, with the sign.
    Compare(&'a str, &'a str, Box<[Operand<'a>; 2]>),
    /// `(increase a b)` and the other assignments, with the word.
    Assign(&'a str, &'a str, Box<[Operand<'a>; 2]>),
    /// `(at start f)`, `(over all f)`, `(at end f)`.
    Timed(&'a str, Time, Box<Node<'a>>),
    /// `(p a b)`: the predicate and its terms.
    Atom(&'a str, Vec<&'a str>),
}

impl<'a> Node<'a> {
    /// Where it stands.
    pub(super) fn at(&self) -> &'a str {
        match self {
            Self::And(at, _)
            | Self::Or(at, _)
            | Self::Not(at, _)
            | Self::Imply(at, _)
            | Self::Exists(at, ..)
            | Self::Forall(at, ..)
            | Self::When(at, _)
            | Self::Compare(at, ..)
            | Self::Assign(at, ..)
            | Self::Timed(at, ..)
            | Self::Atom(at, _) => at,
        }
    }
}

/// An action schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ActionText<'a> {
    pub(super) name: &'a str,
    pub(super) parameters: Option<Groups<'a>>,
    /// `:vars`: further parameters (PDDL 1.2).
    pub(super) vars: Option<Groups<'a>>,
    /// There for a durative action.
    pub(super) duration: Option<Node<'a>>,
    pub(super) condition: Option<Node<'a>>,
    pub(super) effect: Option<Node<'a>>,
}

/// `(:derived (p ?x - t) body)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DerivedText<'a> {
    pub(super) head: Skeleton<'a>,
    pub(super) body: Node<'a>,
}

/// Numeric functions that share a declared value type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FunctionGroup<'a> {
    pub(super) skeletons: Vec<Skeleton<'a>>,
    /// The type name after `-`, if there is one.
    pub(super) value: Option<&'a str>,
}

/// A slip that a lenient reader passes over, and what it does about it.
pub(super) type Oddity<'a> = (Fault<'a>, &'static str);

/// A domain.
#[derive(Clone, Debug, Default)]
pub(super) struct DomainText<'a> {
    pub(super) name: &'a str,
    pub(super) requirements: Option<Vec<&'a str>>,
    pub(super) types: Option<Groups<'a>>,
    pub(super) constants: Option<Groups<'a>>,
    pub(super) predicates: Option<Vec<Skeleton<'a>>>,
    pub(super) functions: Option<Vec<FunctionGroup<'a>>>,
    pub(super) actions: Vec<(bool, ActionText<'a>)>,
    pub(super) derived: Vec<DerivedText<'a>>,
    pub(super) oddities: Vec<Oddity<'a>>,
}

/// `(:metric minimize expression)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MetricText<'a> {
    pub(super) direction: &'a str,
    pub(super) expression: Operand<'a>,
}

/// A problem.
#[derive(Clone, Debug, Default)]
pub(super) struct ProblemText<'a> {
    pub(super) name: &'a str,
    pub(super) domain: Option<&'a str>,
    pub(super) requirements: Option<Vec<&'a str>>,
    pub(super) objects: Option<Groups<'a>>,
    pub(super) init: Option<Vec<Node<'a>>>,
    pub(super) goal: Option<Node<'a>>,
    pub(super) metric: Option<MetricText<'a>>,
    pub(super) oddities: Vec<Oddity<'a>>,
}
