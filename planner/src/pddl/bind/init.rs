//! The initial state.

use std::collections::BTreeMap;

use ergon_vocab::{Atom, ObjectId, PredicateId, State};

use super::{
    super::{
        error::Fault,
        lexer::number,
        syntax::{Node, Operand},
    },
    Binder, Bound, NUMERIC,
    names::lower,
};
use crate::model::{Fluent, Term};

/// What is read of `:init`, in the order of the text.
#[derive(Default)]
struct Facts<'a> {
    atoms: Vec<Atom>,
    /// Negative facts, which say nothing under the closed-world assumption unless they contradict.
    denied: Vec<(&'a str, Atom)>,
    values: Vec<(&'a str, Fluent, f64)>,
}

/// The state in which the atoms hold. They are brought into order by what fits into one word first,
/// which decides for almost all of them without a look at their arguments.
fn state_of(atoms: Vec<Atom>) -> State {
    let key = |atom: &Atom| {
        // An argument that is not there comes before all others.
        let arg = |i: usize| atom.args.get(i).map_or(0, |o| u128::from(o.0) + 1);
        u128::from(atom.predicate.0) << 96 | arg(0) << 64 | arg(1) << 32 | arg(2)
    };
    let mut keyed: Vec<(u128, Atom)> = atoms.into_iter().map(|atom| (key(&atom), atom)).collect();
    keyed.sort_unstable_by(|(a, x), (b, y)| a.cmp(b).then_with(|| x.cmp(y)));
    keyed.into_iter().map(|(_, atom)| atom).collect()
}

impl<'a> Binder<'a> {
    pub(super) fn init(&mut self, nodes: &[Node<'a>]) -> Bound<'a, (State, BTreeMap<Fluent, f64>)> {
        let mut facts = Facts { atoms: Vec::with_capacity(nodes.len()), ..Facts::default() };
        nodes.iter().try_for_each(|node| self.fact(node, &mut facts))?;
        let state = state_of(facts.atoms);
        if let Some((at, _)) = facts.denied.iter().find(|(_, atom)| state.contains(atom)) {
            let fault = Fault::new(at, "facts that do not contradict each other")
                .got("the negation of another fact");
            self.tolerate(fault, "kept the positive fact")?;
        }
        let mut values = BTreeMap::new();
        for (at, fluent, value) in facts.values {
            if values.insert(fluent, value).is_some_and(|before| before != value) {
                let fault =
                    Fault::new(at, "one value of each function").got("another value of the same");
                self.tolerate(fault, "took the last")?;
            }
        }
        Ok((state, values))
    }

    fn fact(&mut self, node: &Node<'a>, facts: &mut Facts<'a>) -> Bound<'a, ()> {
        match node {
            Node::Atom(name, terms) => {
                let atom = self.initial_atom(name, terms)?;
                facts.atoms.extend(atom);
                Ok(())
            }
            Node::And(_, parts) => parts.iter().try_for_each(|part| self.fact(part, facts)),
            Node::Not(at, inner) => match &**inner {
                Node::Atom(name, terms) => {
                    let atom = self.initial_atom(name, terms)?;
                    facts.denied.extend(atom.map(|atom| (*at, atom)));
                    Ok(())
                }
                _ => Err(Fault::new(at, "a fact").got("the negation of a compound formula")),
            },
            Node::Compare(at, "=", sides) => self.value(at, sides, facts),
            Node::Assign(at, head, operands) => match self.assignment_as_atom(head, operands) {
                Some(terms) => {
                    let atom = self.initial_atom(head, &terms)?;
                    facts.atoms.extend(atom);
                    Ok(())
                }
                None => Err(Fault::new(at, "a fact").got("a numeric effect")),
            },
            Node::Timed(at, ..) => Err(Fault::new(at, "a fact")
                .got("a time, which needs :timed-initial-literals")
                .hint("leave it out; :timed-initial-literals is not supported")),
            _ => Err(Fault::new(node.at(), "a fact").got("a formula")),
        }
    }

    /// The atom of a fact with which all is well. Most are, and there may be a million.
    fn plain_atom(&self, name: &str, terms: &[&str]) -> Option<Atom> {
        let predicate = PredicateId(self.predicates.find(name)?);
        let parameters = &self.symbols.predicates[predicate.index()].parameters;
        if parameters.len() != terms.len() || self.derived.contains(&predicate) {
            return None;
        }
        let mut args = Vec::with_capacity(terms.len());
        for (term, admissible) in terms.iter().zip(parameters) {
            let object = ObjectId(self.objects.find(term)?);
            if !self.fits(Term::Object(object), admissible) {
                return None;
            }
            args.push(object);
        }
        Some(Atom { predicate, args: args.into() })
    }

    /// The atom, or none if a lenient reader leaves it out.
    fn initial_atom(&mut self, name: &'a str, terms: &[&'a str]) -> Bound<'a, Option<Atom>> {
        if let Some(atom) = self.plain_atom(name, terms) {
            return Ok(Some(atom));
        }
        let bound = self.atom(name, terms);
        if bound.is_err()
            && let Some(id) = self.predicates.find(name)
            && self.symbols.predicates[id as usize].parameters.len() == terms.len()
            && terms.iter().any(|t| !t.starts_with('?') && self.objects.find(t).is_none())
        {
            let fault = bound.err().unwrap_or_else(|| Fault::new(name, "a fact"));
            self.tolerate(fault, "left out the fact")?;
            return Ok(None);
        }
        let atom = bound?;
        if self.derived.contains(&atom.predicate) {
            let fault = Fault::new(name, "a fact of a predicate that is not derived")
                .got(format!("`{}`, which is derived", lower(name)))
                .hint("leave it out; the axioms say where it holds");
            self.tolerate(fault, "left out the fact")?;
            return Ok(None);
        }
        Ok(Some(atom.ground(&[])))
    }

    /// `(= (f a) 3)`.
    fn value(
        &mut self,
        at: &'a str,
        sides: &[Operand<'a>; 2],
        facts: &mut Facts<'a>,
    ) -> Bound<'a, ()> {
        let Operand::Word(word) = sides[1] else {
            return Err(Fault::new(sides[1].at(), "a number"));
        };
        if let Operand::Word(left) = sides[0]
            && self.functions.find(left).is_none()
        {
            return Err(Fault::new(at, "a fact").got("an equality"));
        }
        let value = number(word).ok_or_else(|| Fault::new(word, "a number"))?;
        if !value.is_finite() {
            return Err(Fault::new(word, "a number below 1.8e308"));
        }
        self.need(&NUMERIC, at, "the value of a function")?;
        let bound = self.fluent(&sides[0]);
        if bound.is_err() && self.names_unknown_object(&sides[0]) {
            let fault = bound.err().unwrap_or_else(|| Fault::new(at, "a fact"));
            return self.tolerate(fault, "left out the value");
        }
        facts.values.push((at, bound?.ground(&[]), value));
        Ok(())
    }

    fn names_unknown_object(&self, operand: &Operand<'a>) -> bool {
        let Operand::Call(head, operands) = operand else { return false };
        let Some(id) = self.functions.find(head) else { return false };
        self.function_symbols[id as usize].parameters.len() == operands.len()
            && operands.iter().any(|o| match o {
                Operand::Word(word) => !word.starts_with('?') && self.objects.find(word).is_none(),
                Operand::Call(..) => false,
            })
    }
}
