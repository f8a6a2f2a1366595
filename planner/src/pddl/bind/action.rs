//! Actions, durative actions and axioms.

use ergon_vocab::{PredicateId, TypeId};

use super::{
    super::{
        error::Fault,
        syntax::{ActionText, DerivedText, Node, Operand, Time},
    },
    Binder, Bound,
};
use crate::model::{
    Axiom, Comparator, DurationConstraint, DurativeSchema, Effect, Formula, Requirement, Schema,
};

/// Names, with their question marks, and types of the parameters of an action.
type Parameters = Vec<(String, Vec<TypeId>)>;

impl<'a> Binder<'a> {
    pub(super) fn action(
        &mut self,
        text: &ActionText<'a>,
        durative: bool,
    ) -> Bound<'a, (Parameters, Schema)> {
        let listed = text.parameters.as_deref().unwrap_or_default();
        self.part(":parameters", |binder| binder.enter(listed, "parameter"))?;
        if let Some(vars) = &text.vars {
            let at = vars.first().and_then(|g| g.names.first()).copied().unwrap_or(text.name);
            let fault = Fault::new(at, ":parameters alone").got(":vars");
            let fault = fault.hint("move the variables to :parameters");
            self.tolerate(fault, "took them for parameters")?;
            self.part(":vars", |binder| binder.enter(vars, "parameter"))?;
        }
        let schema = if durative {
            self.need(&[Requirement::DurativeActions], text.name, "a durative action")?;
            Schema::Durative(Box::new(self.durative(text)?))
        } else {
            let precondition = match &text.condition {
                Some(node) => self.part(":precondition", |binder| binder.formula(node))?,
                None => Formula::default(),
            };
            let effect = match &text.effect {
                Some(node) => self.part(":effect", |binder| binder.effect(node))?,
                None => Effect::default(),
            };
            Schema::Instant { precondition, effect }
        };
        let parameters = self.leave(0).into_iter().map(|v| (v.name, v.types)).collect();
        Ok((parameters, schema))
    }

    fn durative(&mut self, text: &ActionText<'a>) -> Bound<'a, DurativeSchema> {
        let mut schema = DurativeSchema::default();
        if let Some(node) = &text.duration {
            self.part(":duration", |binder| binder.duration(node, &mut schema.duration))?;
        }
        if let Some(node) = &text.condition {
            let mut part = |time| self.part(":condition", |binder| binder.timed(node, time));
            schema.at_start = part(Time::Start)?;
            schema.over_all = part(Time::All)?;
            schema.at_end = part(Time::End)?;
        }
        if let Some(node) = &text.effect {
            self.in_durative_effect = true;
            let mut part = |time| self.part(":effect", |binder| binder.timed_effect(node, time));
            schema.start_effect = part(Time::Start)?;
            schema.end_effect = part(Time::End)?;
            self.in_durative_effect = false;
        }
        Ok(schema)
    }

    /// `(= ?duration e)`, an inequality, or a conjunction of them.
    fn duration(&mut self, node: &Node<'a>, out: &mut Vec<DurationConstraint>) -> Bound<'a, ()> {
        let expected = "a duration such as (= ?duration 5)";
        match node {
            Node::And(_, parts) => parts.iter().try_for_each(|part| self.duration(part, out)),
            Node::Timed(_, Time::Start, inner) => self.duration(inner, out),
            Node::Compare(at, sign, sides) => {
                let sign: &'a str = sign;
                let is_duration = |side: &Operand<'_>| matches!(side, Operand::Word(w) if w.eq_ignore_ascii_case("?duration"));
                if !is_duration(&sides[0]) {
                    return Err(Fault::new(sides[0].at(), "`?duration`"));
                }
                let comparator = match sign {
                    "=" => Comparator::Equal,
                    "<=" => Comparator::LessOrEqual,
                    ">=" => Comparator::GreaterOrEqual,
                    _ => return Err(Fault::new(sign, "one of `=`, `<=`, `>=`")),
                };
                if comparator != Comparator::Equal {
                    let what = "a duration within bounds";
                    self.need(&[Requirement::DurationInequalities], at, what)?;
                }
                let value = self.expression(&sides[1])?;
                out.push(DurationConstraint { comparator, value });
                Ok(())
            }
            _ => Err(Fault::new(node.at(), expected)),
        }
    }

    /// The part of a condition that belongs to a time.
    fn timed(&mut self, node: &Node<'a>, time: Time) -> Bound<'a, Formula> {
        match node {
            Node::And(_, parts) => {
                let mut bound = vec![];
                for part in parts {
                    let formula = self.timed(part, time)?;
                    if formula != Formula::default() {
                        bound.push(formula);
                    }
                }
                // A single part stands for itself, so that the parts of a time print as one.
                Ok(if bound.len() == 1 { bound.swap_remove(0) } else { Formula::And(bound) })
            }
            Node::Forall(at, groups, body) => {
                self.need(&[Requirement::UniversalPreconditions], at, "`forall` in a condition")?;
                let outer = self.enter(groups, "variable")?;
                let body = self.timed(body, time)?;
                let variables = self.leave(outer);
                Ok(match body == Formula::default() {
                    true => body,
                    false => Formula::Forall(variables, Box::new(body)),
                })
            }
            Node::Timed(_, when, inner) if *when == time => self.formula(inner),
            Node::Timed(..) => Ok(Formula::default()),
            _ => Err(Fault::new(node.at(), "(at start ...), (over all ...) or (at end ...)")),
        }
    }

    /// The part of an effect that belongs to an end of the action.
    fn timed_effect(&mut self, node: &Node<'a>, time: Time) -> Bound<'a, Effect> {
        match node {
            Node::And(_, parts) => {
                let mut bound = vec![];
                for part in parts {
                    let effect = self.timed_effect(part, time)?;
                    if effect != Effect::default() {
                        bound.push(effect);
                    }
                }
                Ok(if bound.len() == 1 { bound.swap_remove(0) } else { Effect::And(bound) })
            }
            Node::Forall(at, groups, body) => {
                self.need(&[Requirement::ConditionalEffects], at, "`forall` in an effect")?;
                let outer = self.enter(groups, "variable")?;
                let body = self.timed_effect(body, time)?;
                let variables = self.leave(outer);
                Ok(match body == Effect::default() {
                    true => body,
                    false => Effect::Forall(variables, Box::new(body)),
                })
            }
            Node::When(at, parts) => self.timed_when(at, parts, time),
            Node::Timed(at, Time::All, _) => {
                Err(Fault::new(at, "(at start ...) or (at end ...)").got("`over all` in an effect"))
            }
            Node::Timed(_, when, inner) if *when == time => self.effect(inner),
            Node::Timed(..) => Ok(Effect::default()),
            Node::Assign(_, _, operands) if operands.iter().any(reads_time) => {
                Err(Fault::new(node.at(), "(at start ...) or (at end ...)")
                    .got("`#t`, which needs :continuous-effects")
                    .hint("change the number at the start or the end of the action"))
            }
            _ => Err(Fault::new(node.at(), "(at start ...) or (at end ...)")),
        }
    }

    fn timed_when(&mut self, at: &'a str, parts: &[Node<'a>; 2], time: Time) -> Bound<'a, Effect> {
        self.need(&[Requirement::ConditionalEffects], at, "`when`")?;
        let effect = self.timed_effect(&parts[1], time)?;
        if effect == Effect::default() {
            return Ok(effect);
        }
        for other in [Time::Start, Time::All, Time::End] {
            if other != time && self.timed(&parts[0], other)? != Formula::default() {
                return Err(Fault::new(parts[0].at(), "a condition at the time of its effect")
                    .got("a condition at another time")
                    .hint("remember it in a predicate that the start of the action sets"));
            }
        }
        let condition = self.timed(&parts[0], time)?;
        Ok(Effect::When(condition, Box::new(effect)))
    }

    pub(super) fn axiom(&mut self, text: &DerivedText<'a>) -> Bound<'a, Axiom> {
        let head = &text.head;
        let predicate = PredicateId(self.predicates.get(head.name, "a declared predicate")?);
        self.enter(&head.parameters, "parameter")?;
        let wanted = self.symbols.predicates[predicate.index()].parameters.clone();
        if wanted.len() != self.scope.len() {
            let expected = format!("{} parameters, as the predicate is declared", wanted.len());
            return Err(Fault::new(head.name, expected).got(self.scope.len().to_string()));
        }
        let untyped =
            head.parameters.iter().flat_map(|g| g.names.iter().map(|_| g.types.is_empty()));
        for ((variable, types), untyped) in self.scope.iter_mut().zip(&wanted).zip(untyped) {
            if untyped {
                variable.types.clone_from(types);
            }
        }
        let body = self.formula(&text.body)?;
        Ok(Axiom { predicate, parameters: self.leave(0), body })
    }
}

/// Whether `#t`, the time since the start, stands in an expression.
fn reads_time(operand: &Operand<'_>) -> bool {
    match operand {
        Operand::Word(word) => *word == "#t",
        Operand::Call(_, operands) => operands.iter().any(reads_time),
    }
}
