//! Printing: a model as PDDL that reads back to the same model.

mod formula;
mod needs;

use std::fmt::{self, Write};

use ergon_vocab::{ObjectSymbol, Symbols, TypeId};

pub(crate) use self::formula::Shown;
use crate::model::{
    Comparator, Direction, Domain, DurativeSchema, Effect, Formula, Problem, Schema, type_text,
};

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
        let predicates = symbols.predicates.iter().map(|p| (&p.name[..], &p.parameters[..]));
        write_skeletons(f, symbols, ":predicates", predicates)?;
        if !self.functions.is_empty() {
            f.write_char('\n')?;
            let functions = self.functions.iter().map(|p| (&p.name[..], &p.parameters[..]));
            write_skeletons(f, symbols, ":functions", functions)?;
        }
        for axiom in &self.axioms {
            let mut shown = Shown::new(symbols, &self.functions);
            write!(f, "\n  (:derived ({}", symbols.predicate_name(axiom.predicate))?;
            for variable in &axiom.parameters {
                write!(f, " {}", variable.name)?;
                write_type(f, symbols, &variable.types)?;
                shown.scope.push(variable.name.as_str());
            }
            f.write_str(")\n    ")?;
            shown.formula(f, &axiom.body)?;
            f.write_char(')')?;
        }
        (0..self.schemas.len()).try_for_each(|index| write_action(f, self, index))?;
        f.write_str(")\n")
    }
}

fn write_skeletons<'a>(
    f: &mut fmt::Formatter<'_>,
    symbols: &Symbols,
    section: &str,
    skeletons: impl Iterator<Item = (&'a str, &'a [Vec<TypeId>])>,
) -> fmt::Result {
    write!(f, "  ({section}")?;
    for (name, parameters) in skeletons {
        write!(f, "\n    ({name}")?;
        for (i, types) in parameters.iter().enumerate() {
            write!(f, " ?x{i}")?;
            write_type(f, symbols, types)?;
        }
        f.write_char(')')?;
    }
    f.write_char(')')
}

/// ` - disk`; nothing for the root type where there is no other, which needs no `:typing`.
fn write_type(f: &mut dyn Write, symbols: &Symbols, types: &[TypeId]) -> fmt::Result {
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

fn write_action(f: &mut fmt::Formatter<'_>, domain: &Domain, index: usize) -> fmt::Result {
    let symbols = &domain.symbols;
    let action = &symbols.actions[index];
    let schema = &domain.schemas[index];
    let keyword = match schema {
        Schema::Instant { .. } => ":action",
        Schema::Durative(_) => ":durative-action",
    };
    write!(f, "\n  ({keyword} {}\n    :parameters (", action.name)?;
    let mut shown = Shown::new(symbols, &domain.functions);
    for (i, (name, types)) in action.parameters.iter().enumerate() {
        write!(f, "{}{name}", if i > 0 { " " } else { "" })?;
        write_type(f, symbols, types)?;
        shown.scope.push(name);
    }
    f.write_char(')')?;
    match schema {
        Schema::Instant { precondition, effect } => {
            f.write_str("\n    :precondition ")?;
            shown.formula(f, precondition)?;
            f.write_str("\n    :effect ")?;
            shown.effect(f, effect)?;
        }
        Schema::Durative(durative) => write_durative(f, &mut shown, durative)?,
    }
    f.write_char(')')
}

fn write_durative<'a>(
    f: &mut fmt::Formatter<'_>,
    shown: &mut Shown<'a>,
    schema: &'a DurativeSchema,
) -> fmt::Result {
    f.write_str("\n    :duration (and")?;
    for constraint in &schema.duration {
        write!(f, " ({} ?duration ", constraint.comparator.sign())?;
        shown.expression(f, &constraint.value)?;
        f.write_char(')')?;
    }
    f.write_str(")\n    :condition (and")?;
    let conditions = [
        ("at start", &schema.at_start),
        ("over all", &schema.over_all),
        ("at end", &schema.at_end),
    ];
    for (time, formula) in conditions {
        if *formula != Formula::default() {
            write!(f, "\n      ({time} ")?;
            shown.formula(f, formula)?;
            f.write_char(')')?;
        }
    }
    f.write_str(")\n    :effect (and")?;
    for (time, effect) in [("at start", &schema.start_effect), ("at end", &schema.end_effect)] {
        if *effect != Effect::default() {
            write!(f, "\n      ({time} ")?;
            shown.effect(f, effect)?;
            f.write_char(')')?;
        }
    }
    f.write_char(')')
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let symbols = self.symbols();
        writeln!(f, "(define (problem {})", self.name)?;
        writeln!(f, "  (:domain {})", self.domain.name)?;
        let needed = needs::of_problem(self);
        if !needed.is_empty() {
            let keywords: Vec<&str> = needed.iter().map(|r| r.keyword()).collect();
            writeln!(f, "  (:requirements {})", keywords.join(" "))?;
        }
        if !self.objects().is_empty() {
            f.write_str("  (:objects")?;
            write_objects(f, symbols, self.objects())?;
            f.write_str(")\n")?;
        }
        f.write_str("  (:init")?;
        for atom in &self.init {
            write!(f, "\n    {}", symbols.show_atom(atom))?;
        }
        for (fluent, value) in &self.values {
            write!(f, "\n    ({} {} ", Comparator::Equal.sign(), self.show_fluent(fluent))?;
            formula::write_number(f, *value)?;
            f.write_char(')')?;
        }
        let mut shown = Shown::new(symbols, &self.domain.functions);
        f.write_str(")\n  (:goal ")?;
        shown.formula(f, &self.goal)?;
        f.write_char(')')?;
        if let Some(metric) = &self.metric {
            let direction = match metric.direction {
                Direction::Minimize => "minimize",
                Direction::Maximize => "maximize",
            };
            write!(f, "\n  (:metric {direction} ")?;
            shown.expression(f, &metric.expression)?;
            f.write_char(')')?;
        }
        f.write_str(")\n")
    }
}
