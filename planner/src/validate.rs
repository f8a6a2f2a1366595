//! The judge of plans. Works on the lifted model by direct evaluation of its formulas, and shares no
//! code with grounding, search or [`Task`](crate::Task), so that it does not repeat their mistakes.
//!
//! Sequential plans are judged by the semantics of PDDL 2.1, level 2, with axioms; plans of durative
//! actions by that of level 3 (Fox & Long 2003, sections 8 and 9).

mod axioms;
mod effect;
mod query;
mod sequence;
mod temporal;
mod touch;
mod verdict;
mod world;

use std::collections::BTreeMap;

use ergon_vocab::{ObjectId, Symbols};

pub use verdict::{Flaw, StepFlaw, Verdict};

use self::world::World;
use crate::{
    model::{Problem, Schema},
    pddl::{PlanCall, PlanFile, nearest},
};

/// Costs this close, relative to the larger one if it is above 1, are the same: files state them
/// with a few digits.
const COST_TOLERANCE: f64 = 1e-3;

/// Judges a plan. It is read as a temporal one if the domain has durative actions; otherwise times
/// and durations in it say nothing, and the steps follow each other as they stand.
pub fn validate(problem: &Problem, plan: &PlanFile) -> Verdict {
    let temporal = problem.domain().schemas().iter().any(|s| matches!(s, Schema::Durative(_)));
    let judge = Judge::new(problem);
    let mut world = World::new(problem);
    let executed = match temporal {
        true => temporal::execute(&judge, plan, &mut world),
        false => sequence::execute(&judge, plan, &mut world),
    };
    if let Err(flaw) = executed {
        return Verdict::Invalid(flaw);
    }
    let missing = world.violated(problem.goal(), &[]);
    if !missing.is_empty() {
        return Verdict::Invalid(Flaw::Goal(missing));
    }
    let actual = match problem.metric() {
        None if temporal => world.total_time,
        None => plan.steps.len() as f64,
        Some(metric) => match world.value(&metric.expression, &[], 0.0) {
            Some(value) => value,
            None => {
                let shown = world.show_expression(&metric.expression, &[]);
                return Verdict::Invalid(Flaw::Metric(shown));
            }
        },
    };
    let same = |a: f64, b: f64| (a - b).abs() <= COST_TOLERANCE * a.abs().max(b.abs()).max(1.0);
    match plan.cost {
        Some(stated) if !same(stated, actual) => Verdict::Invalid(Flaw::Cost { stated, actual }),
        _ => Verdict::Valid { cost: actual },
    }
}

/// A step that has been looked up.
struct Step<'p> {
    schema: &'p Schema,
    args: Vec<ObjectId>,
}

/// A problem with its names sorted for look-up.
struct Judge<'p> {
    symbols: &'p Symbols,
    schemas: &'p [Schema],
    objects: BTreeMap<&'p str, ObjectId>,
    actions: BTreeMap<&'p str, usize>,
}

impl<'p> Judge<'p> {
    fn new(problem: &'p Problem) -> Self {
        let symbols = problem.symbols();
        let objects = (0u32..).zip(&symbols.objects);
        Self {
            symbols,
            schemas: problem.domain().schemas(),
            objects: objects.map(|(i, o)| (o.name.as_str(), ObjectId(i))).collect(),
            actions: symbols
                .actions
                .iter()
                .enumerate()
                .map(|(i, a)| (a.name.as_str(), i))
                .collect(),
        }
    }

    fn look_up(&self, call: &PlanCall) -> Result<Step<'p>, String> {
        let Some(&id) = self.actions.get(call.action.as_str()) else {
            let near = nearest(&call.action, self.actions.keys().copied());
            return Err(unknown("action", &call.action, near));
        };
        let parameters = &self.symbols.actions[id].parameters;
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
        Ok(Step { schema: &self.schemas[id], args })
    }
}

fn unknown(kind: &str, name: &str, near: Option<&str>) -> String {
    let hint = near.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
    format!("there is no {kind} `{name}`{hint}")
}

/// The flaw of a step.
fn flaw(index: usize, call: &PlanCall, reason: StepFlaw) -> Flaw {
    Flaw::Step { number: index + 1, line: call.line, call: call.to_string(), reason }
}
