//! The judge of plans. Works on the lifted model and on sets of atoms, and shares no code with
//! grounding, search or [`Task`](crate::Task), so that it does not repeat their mistakes.

use std::{collections::BTreeMap, fmt};

use ergon_vocab::{Literal, ObjectId, State, Symbols};

use crate::{
    model::{Condition, LiftedAtom, Problem, Schema, Term},
    pddl::{PlanCall, PlanFile, nearest},
};

/// What is wrong with a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A step cannot be done.
    Step {
        /// The step, from 1.
        number: usize,
        /// Its line in the plan file, from 1; 0 if it is from no file.
        line: u32,
        /// The step as text.
        call: String,
        /// Why.
        reason: StepFlaw,
    },
    /// All steps can be done and the goal does not hold in the end: these literals do not.
    Goal(Vec<String>),
    /// The plan file states another cost than the plan has.
    Cost {
        /// Cost in the file.
        stated: u64,
        /// Cost of the steps.
        actual: u64,
    },
}

/// Why a step cannot be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepFlaw {
    /// The name of the action or of an argument is not known, or an argument does not fit.
    Misnamed(String),
    /// These preconditions do not hold.
    Unsatisfied(Vec<String>),
}

/// The verdict on a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every step is applicable and the goal holds in the end.
    Valid {
        /// Cost of the plan; its length, as long as all actions cost 1.
        cost: u64,
    },
    /// The first flaw.
    Invalid(Flaw),
}

impl Verdict {
    /// Whether the plan is valid.
    pub fn is_valid(&self) -> bool {
        matches!(self, Self::Valid { .. })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Valid { cost } => write!(f, "the plan is valid; cost {cost}"),
            Self::Invalid(flaw) => write!(f, "the plan is not valid: {flaw}"),
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step { number, line, call, reason } => {
                write!(f, "step {number}, {call}")?;
                if *line > 0 {
                    write!(f, " in line {line}")?;
                }
                match reason {
                    StepFlaw::Misnamed(why) => write!(f, ": {why}"),
                    StepFlaw::Unsatisfied(list) => {
                        write!(f, ", needs {}, which does not hold there", list.join(" and "))
                    }
                }
            }
            Self::Goal(list) => write!(f, "in the end {} does not hold", list.join(" and ")),
            Self::Cost { stated, actual } => {
                write!(f, "it costs {actual}, and the file states {stated}")
            }
        }
    }
}

/// Judges a plan.
pub fn validate(problem: &Problem, plan: &PlanFile) -> Verdict {
    let mut state = problem.init().clone();
    let judge = Judge::new(problem);
    for (number, call) in (1..).zip(&plan.steps) {
        if let Err(reason) = judge.execute(call, &mut state) {
            let flaw = Flaw::Step { number, line: call.line, call: call.to_string(), reason };
            return Verdict::Invalid(flaw);
        }
    }
    let missing: Vec<&Literal> = problem.goal().iter().filter(|l| !l.holds_in(&state)).collect();
    if !missing.is_empty() {
        let shown = missing.iter().map(|l| problem.symbols().show_literal(l)).collect();
        return Verdict::Invalid(Flaw::Goal(shown));
    }
    let actual = plan.steps.len() as u64;
    match plan.cost {
        Some(stated) if stated != actual => Verdict::Invalid(Flaw::Cost { stated, actual }),
        _ => Verdict::Valid { cost: actual },
    }
}

/// A problem with its names sorted for look-up.
struct Judge<'p> {
    symbols: &'p Symbols,
    schemas: &'p [Schema],
    objects: BTreeMap<&'p str, ObjectId>,
}

impl<'p> Judge<'p> {
    fn new(problem: &'p Problem) -> Self {
        let symbols = problem.symbols();
        let objects = (0u32..).zip(&symbols.objects);
        Self {
            symbols,
            schemas: problem.domain().schemas(),
            objects: objects.map(|(i, o)| (o.name.as_str(), ObjectId(i))).collect(),
        }
    }

    fn execute(&self, call: &PlanCall, state: &mut State) -> Result<(), StepFlaw> {
        let (schema, args) = self.look_up(call).map_err(StepFlaw::Misnamed)?;
        let unsatisfied: Vec<String> = schema
            .preconditions
            .iter()
            .filter_map(|condition| self.violation(condition, &args, state))
            .collect();
        if !unsatisfied.is_empty() {
            return Err(StepFlaw::Unsatisfied(unsatisfied));
        }
        for atom in &schema.deletes {
            state.remove(&atom.ground(&args));
        }
        for atom in &schema.adds {
            state.insert(atom.ground(&args));
        }
        Ok(())
    }

    fn look_up(&self, call: &PlanCall) -> Result<(&Schema, Vec<ObjectId>), String> {
        let Some(id) = self.symbols.action(&call.action) else {
            let known = self.symbols.actions.iter().map(|a| a.name.as_str());
            return Err(unknown("action", &call.action, nearest(&call.action, known)));
        };
        let parameters = &self.symbols.actions[id.index()].parameters;
        if parameters.len() != call.args.len() {
            let (wanted, given) = (parameters.len(), call.args.len());
            return Err(format!("`{}` takes {wanted} arguments, not {given}", call.action));
        }
        let mut args = vec![];
        for (name, (parameter, types)) in call.args.iter().zip(parameters) {
            let Some(&object) = self.objects.get(name.as_str()) else {
                let near = nearest(name, self.objects.keys().copied());
                return Err(unknown("object", name, near));
            };
            if !self.symbols.fits(object, types) {
                return Err(format!("`{name}` is of a wrong type for {parameter}"));
            }
            args.push(object);
        }
        Ok((&self.schemas[id.index()], args))
    }

    /// The condition as text, if it does not hold.
    fn violation(&self, condition: &Condition, args: &[ObjectId], state: &State) -> Option<String> {
        match condition {
            Condition::Literal { atom, positive } => self.violated(atom, *positive, args, state),
            Condition::Equality { left, right, equal } => {
                let value = |term: &Term| term.value(args);
                let (a, b) = (value(left), value(right));
                let shown =
                    format!("(= {} {})", self.symbols.object_name(a), self.symbols.object_name(b));
                match ((a == b) == *equal, *equal) {
                    (true, _) => None,
                    (false, true) => Some(shown),
                    (false, false) => Some(format!("(not {shown})")),
                }
            }
        }
    }

    fn violated(
        &self,
        atom: &LiftedAtom,
        positive: bool,
        args: &[ObjectId],
        state: &State,
    ) -> Option<String> {
        let literal = Literal { atom: atom.ground(args), positive };
        (!literal.holds_in(state)).then(|| self.symbols.show_literal(&literal))
    }
}

fn unknown(kind: &str, name: &str, near: Option<&str>) -> String {
    let hint = near.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
    format!("there is no {kind} `{name}`{hint}")
}
