//! The parts of a ground task.

use ergon_vocab::ObjectId;

pub use super::expression::{GroundExpression, Linear};
use crate::model::{Assignment, Direction};

/// A ground atom that can change, an index into [`GroundTask::atoms`](super::GroundTask::atoms).
pub type AtomId = u32;

/// A numeric variable, an index into [`GroundTask::numerics`](super::GroundTask::numerics).
pub type NumericId = u32;

/// A numeric condition, an index into [`GroundTask::comparisons`](super::GroundTask::comparisons).
pub type ComparisonId = u32;

/// A ground action over [`AtomId`]s. Static preconditions are gone. All lists are ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Operator {
    /// Index of the action schema.
    pub schema: u32,
    /// Arguments, in the order of the schema's parameters.
    pub args: Box<[ObjectId]>,
    /// Atoms that must hold.
    pub holds: Box<[AtomId]>,
    /// Atoms that must not hold.
    pub lacks: Box<[AtomId]>,
    /// Numeric conditions that must hold.
    pub compares: Box<[ComparisonId]>,
    /// Atoms made true.
    pub adds: Box<[AtomId]>,
    /// Atoms made false; none of them is in `adds`.
    pub deletes: Box<[AtomId]>,
    /// Effects that depend on the state, in the order of the domain.
    pub conditional: Box<[ConditionalEffect]>,
    /// Numbers changed.
    pub changes: Box<[Change]>,
    /// Cost; 1 where the domain states none.
    pub cost: u32,
}

/// An effect that fires if its condition holds in the state before the operator. Over all effects
/// of an operator, deletes come before adds. All lists are ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConditionalEffect {
    /// Atoms that must hold.
    pub holds: Box<[AtomId]>,
    /// Atoms that must not hold.
    pub lacks: Box<[AtomId]>,
    /// Numeric conditions that must hold.
    pub compares: Box<[ComparisonId]>,
    /// Atoms made true.
    pub adds: Box<[AtomId]>,
    /// Atoms made false; none of them is in `adds`, here or of the operator.
    pub deletes: Box<[AtomId]>,
    /// Numbers changed.
    pub changes: Box<[Change]>,
}

/// How a number changes. Values are read in the state before the operator; they are defined wherever
/// its precondition holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What changes.
    pub variable: NumericId,
    /// How.
    pub assignment: Assignment,
    /// By how much, or to what.
    pub value: GroundExpression,
}

impl Change {
    /// Whether the two must not be made at once, unless they come to the same (Fox & Long 2003, "PDDL2.1",
    /// definition 7).
    pub(crate) fn clashes_with(&self, other: &Self) -> bool {
        self.variable == other.variable && !self.assignment.commutes(other.assignment)
    }
}

/// How a value compares with zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// `>= 0`
    AtLeastZero,
    /// `> 0`
    AboveZero,
    /// `= 0`
    Zero,
}

impl Relation {
    /// Whether a value is so; an undefined one (NaN) never is.
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeastZero => value >= 0.0,
            Self::AboveZero => value > 0.0,
            Self::Zero => value == 0.0,
        }
    }
}

/// A numeric condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What is compared.
    pub expression: GroundExpression,
    /// How it compares with zero.
    pub relation: Relation,
}

/// A rule of a derived atom: the head holds where the body does. All lists are ascending.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroundAxiom {
    /// The derived atom.
    pub head: AtomId,
    /// Atoms that must hold.
    pub holds: Box<[AtomId]>,
    /// Atoms that must not hold; derived ones among them are of lower layers than the head.
    pub lacks: Box<[AtomId]>,
    /// Numeric conditions that must hold.
    pub compares: Box<[ComparisonId]>,
}

/// Basic atoms of which at most one holds in every reachable state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MutexGroup {
    /// The atoms, ascending.
    pub atoms: Vec<AtomId>,
    /// Whether exactly one of them holds in every reachable state.
    pub exhaustive: bool,
}

/// By what plans are compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum GroundMetric {
    /// The number of steps; all costs are 1.
    #[default]
    UnitCost,
    /// The sum of the operators' costs.
    Costs,
    /// The value of an expression at the end of the plan; all costs are 1.
    Expression(Direction, GroundExpression),
}
