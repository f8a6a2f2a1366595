//! Printing: a model as PDDL that reads back to the same model.

use std::fmt::{self, Write};

use ergon_vocab::{ObjectSymbol, Symbols, TypeId};

use crate::model::{Condition, Domain, LiftedAtom, Problem, Schema, Term, type_text};

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "(define (domain {})", self.name)?;
        let keywords: Vec<&str> = self.requirements.iter().map(|r| r.keyword()).collect();
        writeln!(f, "  (:requirements {})", keywords.join(" "))?;
        let symbols = &self.symbols;
        if symbols.types.len() > 1 {
            f.write_str("  (:types")?;
            for kind in &symbols.types[1..] {
                let parent = kind.parent.map_or(TypeId(0), |p| p);
                write!(f, "\n    {} - {}", kind.name, type_text(symbols, &[parent]))?;
            }
            f.write_str(")\n")?;
        }
        if !symbols.objects.is_empty() {
            f.write_str("  (:constants")?;
            write_objects(f, symbols, &symbols.objects)?;
            f.write_str(")\n")?;
        }
        f.write_str("  (:predicates")?;
        for predicate in &symbols.predicates {
            write!(f, "\n    ({}", predicate.name)?;
            for (i, types) in predicate.parameters.iter().enumerate() {
                write!(f, " ?x{i}")?;
                write_type(f, symbols, types)?;
            }
            f.write_char(')')?;
        }
        f.write_char(')')?;
        for (action, schema) in symbols.actions.iter().zip(&self.schemas) {
            write!(f, "\n  (:action {}\n    :parameters (", action.name)?;
            for (i, (name, types)) in action.parameters.iter().enumerate() {
                write!(f, "{}{name}", if i > 0 { " " } else { "" })?;
                write_type(f, symbols, types)?;
            }
            f.write_char(')')?;
            let names: Vec<&str> = action.parameters.iter().map(|(n, _)| n.as_str()).collect();
            write_schema(f, symbols, &names, schema)?;
        }
        f.write_str(")\n")
    }
}

/// ` - disk`; nothing for the root type, which needs no `:typing`.
fn write_type(f: &mut fmt::Formatter<'_>, symbols: &Symbols, types: &[TypeId]) -> fmt::Result {
    match types {
        [TypeId(0)] if symbols.types.len() == 1 => Ok(()),
        _ => write!(f, " - {}", type_text(symbols, types)),
    }
}

fn write_objects(
    f: &mut fmt::Formatter<'_>,
    symbols: &Symbols,
    objects: &[ObjectSymbol],
) -> fmt::Result {
    for group in objects.chunk_by(|a, b| a.type_id == b.type_id) {
        f.write_str("\n   ")?;
        for object in group {
            write!(f, " {}", object.name)?;
        }
        write_type(f, symbols, &[group[0].type_id])?;
    }
    Ok(())
}

fn write_schema(
    f: &mut fmt::Formatter<'_>,
    symbols: &Symbols,
    parameters: &[&str],
    schema: &Schema,
) -> fmt::Result {
    let term = |t: Term| match t {
        Term::Parameter(i) => parameters[i as usize],
        Term::Object(o) => symbols.object_name(o),
    };
    let atom = |a: &LiftedAtom| {
        let mut text = format!("({}", symbols.predicate_name(a.predicate));
        for &t in &a.terms {
            text.extend([" ", term(t)]);
        }
        text + ")"
    };
    f.write_str("\n    :precondition (and")?;
    for condition in &schema.preconditions {
        let (text, positive) = match condition {
            Condition::Literal { atom: a, positive } => (atom(a), *positive),
            Condition::Equality { left, right, equal } => {
                (format!("(= {} {})", term(*left), term(*right)), *equal)
            }
        };
        write_literal(f, &text, positive)?;
    }
    f.write_str(")\n    :effect (and")?;
    for delete in &schema.deletes {
        write_literal(f, &atom(delete), false)?;
    }
    for add in &schema.adds {
        write_literal(f, &atom(add), true)?;
    }
    f.write_str("))")
}

fn write_literal(f: &mut fmt::Formatter<'_>, text: &str, positive: bool) -> fmt::Result {
    if positive { write!(f, " {text}") } else { write!(f, " (not {text})") }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let symbols = self.symbols();
        writeln!(f, "(define (problem {})", self.name)?;
        writeln!(f, "  (:domain {})", self.domain.name)?;
        if !self.objects().is_empty() {
            f.write_str("  (:objects")?;
            write_objects(f, symbols, self.objects())?;
            f.write_str(")\n")?;
        }
        f.write_str("  (:init")?;
        for atom in &self.init {
            write!(f, "\n    {}", symbols.show_atom(atom))?;
        }
        f.write_str(")\n  (:goal (and")?;
        for literal in &self.goal {
            write!(f, "\n    {}", symbols.show_literal(literal))?;
        }
        f.write_str(")))\n")
    }
}
