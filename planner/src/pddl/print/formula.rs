//! Conditions, effects and expressions as text.

use std::fmt::{self, Write};

use ergon_vocab::Symbols;

use super::write_type;
use crate::model::{
    Effect, Expression, Formula, FunctionSymbol, LiftedAtom, LiftedFluent, Term, Variable,
};

/// Writes what refers to symbols and to variables in scope.
pub(crate) struct Shown<'a> {
    symbols: &'a Symbols,
    functions: &'a [FunctionSymbol],
    /// Names of the variables in scope, with their question marks.
    pub(crate) scope: Vec<&'a str>,
}

/// A number in a form that reads back to it.
pub(super) fn write_number(f: &mut dyn Write, value: f64) -> fmt::Result {
    write!(f, "{value}")
}

impl<'a> Shown<'a> {
    pub(crate) fn new(symbols: &'a Symbols, functions: &'a [FunctionSymbol]) -> Self {
        Self { symbols, functions, scope: vec![] }
    }

    fn term(&self, term: Term) -> &'a str {
        match term {
            Term::Variable(i) => self.scope.get(i as usize).copied().unwrap_or("?"),
            Term::Object(o) => self.symbols.object_name(o),
        }
    }

    fn call(&self, f: &mut dyn Write, head: &str, terms: &[Term]) -> fmt::Result {
        write!(f, "({head}")?;
        terms.iter().try_for_each(|&t| write!(f, " {}", self.term(t)))?;
        f.write_char(')')
    }

    fn atom(&self, f: &mut dyn Write, atom: &LiftedAtom) -> fmt::Result {
        self.call(f, self.symbols.predicate_name(atom.predicate), &atom.terms)
    }

    fn fluent(&self, f: &mut dyn Write, fluent: &LiftedFluent) -> fmt::Result {
        let name = self.functions.get(fluent.function.index()).map_or("?", |f| &f.name);
        self.call(f, name, &fluent.terms)
    }

    /// `(head (?x - t)`, with the variables in scope from then on.
    fn binder(&mut self, f: &mut dyn Write, head: &str, variables: &'a [Variable]) -> fmt::Result {
        write!(f, "({head} (")?;
        for (i, variable) in variables.iter().enumerate() {
            write!(f, "{}{}", if i > 0 { " " } else { "" }, variable.name)?;
            write_type(f, self.symbols, &variable.types)?;
            self.scope.push(&variable.name);
        }
        f.write_str(") ")
    }

    pub(crate) fn formula(&mut self, f: &mut dyn Write, formula: &'a Formula) -> fmt::Result {
        match formula {
            Formula::And(parts) => self.formulas(f, "and", parts),
            Formula::Or(parts) => self.formulas(f, "or", parts),
            Formula::Not(inner) => {
                f.write_str("(not ")?;
                self.formula(f, inner)?;
                f.write_char(')')
            }
            Formula::Imply(a, b) => {
                f.write_str("(imply ")?;
                self.formula(f, a)?;
                f.write_char(' ')?;
                self.formula(f, b)?;
                f.write_char(')')
            }
            Formula::Exists(variables, body) | Formula::Forall(variables, body) => {
                let exists = matches!(formula, Formula::Exists(..));
                self.binder(f, if exists { "exists" } else { "forall" }, variables)?;
                self.formula(f, body)?;
                self.scope.truncate(self.scope.len() - variables.len());
                f.write_char(')')
            }
            Formula::Atom(atom) => self.atom(f, atom),
            Formula::Equal(a, b) => write!(f, "(= {} {})", self.term(*a), self.term(*b)),
            Formula::Compare(comparator, a, b) => {
                write!(f, "({} ", comparator.sign())?;
                self.expression(f, a)?;
                f.write_char(' ')?;
                self.expression(f, b)?;
                f.write_char(')')
            }
        }
    }

    fn formulas(&mut self, f: &mut dyn Write, head: &str, parts: &'a [Formula]) -> fmt::Result {
        write!(f, "({head}")?;
        for part in parts {
            f.write_char(' ')?;
            self.formula(f, part)?;
        }
        f.write_char(')')
    }

    pub(super) fn effect(&mut self, f: &mut dyn Write, effect: &'a Effect) -> fmt::Result {
        match effect {
            Effect::And(parts) => {
                f.write_str("(and")?;
                for part in parts {
                    f.write_char(' ')?;
                    self.effect(f, part)?;
                }
            }
            Effect::Add(atom) => return self.atom(f, atom),
            Effect::Delete(atom) => {
                f.write_str("(not ")?;
                self.atom(f, atom)?;
            }
            Effect::When(condition, body) => {
                f.write_str("(when ")?;
                self.formula(f, condition)?;
                f.write_char(' ')?;
                self.effect(f, body)?;
            }
            Effect::Forall(variables, body) => {
                self.binder(f, "forall", variables)?;
                self.effect(f, body)?;
                self.scope.truncate(self.scope.len() - variables.len());
            }
            Effect::Assign(assignment, fluent, value) => {
                write!(f, "({} ", assignment.word())?;
                self.fluent(f, fluent)?;
                f.write_char(' ')?;
                self.expression(f, value)?;
            }
        }
        f.write_char(')')
    }

    pub(crate) fn expression(&self, f: &mut dyn Write, expression: &Expression) -> fmt::Result {
        let (head, parts): (&str, Vec<&Expression>) = match expression {
            Expression::Number(value) => return write_number(f, *value),
            Expression::Fluent(fluent) => return self.fluent(f, fluent),
            Expression::Duration => return f.write_str("?duration"),
            Expression::TotalTime => return f.write_str("(total-time)"),
            Expression::Negation(inner) => ("-", vec![inner]),
            Expression::Sum(parts) => ("+", parts.iter().collect()),
            Expression::Product(parts) => ("*", parts.iter().collect()),
            Expression::Difference(a, b) => ("-", vec![a, b]),
            Expression::Quotient(a, b) => ("/", vec![a, b]),
        };
        write!(f, "({head}")?;
        for part in parts {
            f.write_char(' ')?;
            self.expression(f, part)?;
        }
        f.write_char(')')
    }
}
