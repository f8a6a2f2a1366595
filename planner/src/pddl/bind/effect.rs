//! Effects.

use super::{
    super::{
        error::Fault,
        syntax::{Node, Operand},
    },
    Binder, Bound,
    names::lower,
};
use crate::model::{Assignment, Effect, LiftedAtom, Requirement};

impl<'a> Binder<'a> {
    /// What an action changes, over the variables in scope.
    pub(super) fn effect(&mut self, node: &Node<'a>) -> Bound<'a, Effect> {
        match node {
            Node::And(_, parts) => {
                parts.iter().map(|p| self.effect(p)).collect::<Result<_, _>>().map(Effect::And)
            }
            Node::Atom(name, terms) => self.changed_atom(name, terms).map(Effect::Add),
            Node::Not(at, inner) => match &**inner {
                Node::Atom(name, terms) => self.changed_atom(name, terms).map(Effect::Delete),
                Node::Assign(_, head, operands) => match self.assignment_as_atom(head, operands) {
                    Some(terms) => self.changed_atom(head, &terms).map(Effect::Delete),
                    None => {
                        Err(Fault::new(at, "a literal").got("the negation of a numeric effect"))
                    }
                },
                _ => Err(Fault::new(at, "a literal").got("the negation of a compound formula")),
            },
            Node::When(at, parts) => {
                self.need(&[Requirement::ConditionalEffects], at, "`when`")?;
                let condition = self.formula(&parts[0])?;
                Ok(Effect::When(condition, Box::new(self.effect(&parts[1])?)))
            }
            Node::Forall(at, groups, body) => {
                self.need(&[Requirement::ConditionalEffects], at, "`forall` in an effect")?;
                let outer = self.enter(groups, "variable")?;
                let body = self.effect(body)?;
                Ok(Effect::Forall(self.leave(outer), Box::new(body)))
            }
            Node::Assign(at, head, operands) => self.assignment(at, head, operands),
            Node::Compare(at, "=", _) => Err(Fault::new(at, "a literal").got("an equality")),
            Node::Compare(at, ..) => Err(Fault::new(at, "a literal").got("a comparison")),
            Node::Or(at, _) => Err(choice(at, "or")),
            Node::Exists(at, ..) => Err(choice(at, "exists")),
            Node::Imply(at, _) => {
                Err(Fault::new(at, "a literal").got("`imply`").hint("write `when` for it"))
            }
            Node::Timed(at, ..) => Err(Fault::new(at, "an effect without a time")
                .hint("only the effects of a :durative-action have times, and not nested ones")),
        }
    }

    fn changed_atom(&mut self, name: &'a str, terms: &[&'a str]) -> Bound<'a, LiftedAtom> {
        let atom = self.atom(name, terms)?;
        if self.derived.contains(&atom.predicate) {
            return Err(Fault::new(name, "a predicate that actions may change")
                .got(format!("`{}`, which is derived", lower(name)))
                .hint("change what its axioms read instead"));
        }
        Ok(atom)
    }

    fn assignment(
        &mut self,
        at: &'a str,
        head: &'a str,
        operands: &[Operand<'a>; 2],
    ) -> Bound<'a, Effect> {
        if let Some(terms) = self.assignment_as_atom(head, operands) {
            return self.changed_atom(head, &terms).map(Effect::Add);
        }
        let assignment = Assignment::ALL.into_iter().find(|a| head.eq_ignore_ascii_case(a.word()));
        let Some(assignment) = assignment else { return Err(Fault::new(head, "a numeric effect")) };
        let fluent = self.fluent(&operands[0])?;
        let is_cost = assignment == Assignment::Increase
            && self.function_symbols[fluent.function.index()].name == "total-cost";
        match is_cost {
            true => {
                const COSTS: [Requirement; 2] =
                    [Requirement::ActionCosts, Requirement::NumericFluents];
                self.need(&COSTS, at, "an action cost")?;
            }
            false => self.need(&[Requirement::NumericFluents], at, "a numeric effect")?,
        }
        let value = self.expression(&operands[1])?;
        Ok(Effect::Assign(assignment, fluent, value))
    }
}

fn choice<'a>(at: &'a str, word: &str) -> Fault<'a> {
    Fault::new(at, "a literal")
        .got(format!("`{word}`"))
        .hint("an effect leaves nothing open; make an action of each case")
}
