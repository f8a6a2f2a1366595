//! Terms, atoms, conditions and expressions.

use ergon_vocab::{ObjectId, PredicateId, TypeId};

use super::{
    super::{
        error::Fault,
        lexer::number,
        syntax::{Group, Node, Operand},
    },
    Binder, Bound,
    names::lower,
};
use crate::model::{
    Comparator, Expression, Formula, FunctionId, LiftedAtom, LiftedFluent, Requirement, Term,
    type_text,
};

/// What arguments belong to.
#[derive(Clone, Copy)]
enum Head {
    Predicate(PredicateId),
    Function(FunctionId),
}

impl<'a> Binder<'a> {
    pub(super) fn term(&mut self, name: &'a str) -> Bound<'a, Term> {
        if name.starts_with('?') {
            return self.variable(name);
        }
        if let Some(id) = self.objects.find(name) {
            return Ok(Term::Object(ObjectId(id)));
        }
        if self.borrow_constant(name)? {
            return self.term(name);
        }
        // The search for a similar name is left out where nobody would see its result.
        Err(match self.is_full() {
            true => Fault::new(name, "a declared object"),
            false => self.objects.unknown(name, "a declared object"),
        })
    }

    fn variable(&self, name: &'a str) -> Bound<'a, Term> {
        if self.scope.is_empty() {
            return Err(Fault::new(name, "an object").got(format!("the variable `{name}`")));
        }
        let wanted = lower(name);
        if let Some(index) = self.scope.iter().rposition(|v| v.name == wanted) {
            return Ok(Term::Variable(index as u32));
        }
        let known = self.scope.iter().map(|v| v.name.as_str());
        let fault = Fault::new(name, "a variable in scope")
            .got(format!("`{wanted}`, which is not declared"));
        Err(match super::super::error::did_you_mean(&wanted, known) {
            Some(hint) => fault.hint(hint),
            None => fault.hint(format!("declare `{wanted}`")),
        })
    }

    /// Makes a constant of an object of the problem, if there is one of that name.
    fn borrow_constant(&mut self, name: &'a str) -> Bound<'a, bool> {
        let wanted = lower(name);
        let lends = |group: &&Group<'a>| group.names.iter().any(|n| lower(n) == wanted);
        let Some(group) = self.lent.iter().find(lends) else { return Ok(false) };
        let fault = Fault::new(name, "a constant of the domain")
            .got(format!("`{wanted}`, an object of the problem"))
            .hint(format!("declare `{wanted}` in (:constants ...)"));
        self.tolerate(fault, "made it a constant")?;
        let type_id = self.object_type(&group.types)?;
        self.object(name, type_id, "constant name")?;
        Ok(true)
    }

    /// The types that a term may have.
    fn types_of(&self, term: Term) -> &[TypeId] {
        match term {
            Term::Variable(i) => &self.scope[i as usize].types,
            Term::Object(o) => std::slice::from_ref(&self.symbols.objects[o.index()].type_id),
        }
    }

    fn parameters_of(&self, head: Head) -> &[Vec<TypeId>] {
        match head {
            Head::Predicate(id) => &self.symbols.predicates[id.index()].parameters,
            Head::Function(id) => &self.function_symbols[id.index()].parameters,
        }
    }

    fn arguments(
        &mut self,
        head: Head,
        name: &'a str,
        terms: impl ExactSizeIterator<Item = &'a str>,
    ) -> Bound<'a, Box<[Term]>> {
        let wanted = self.parameters_of(head).len();
        if wanted != terms.len() {
            let count = |n: usize| format!("{n} argument{}", if n == 1 { "" } else { "s" });
            return Err(Fault::new(name, format!("{} of `{}`", count(wanted), lower(name)))
                .got(count(terms.len())));
        }
        let mut bound = Vec::with_capacity(wanted);
        for (index, name) in terms.enumerate() {
            let term = self.term(name)?;
            if !self.fits(term, &self.parameters_of(head)[index]) {
                let fault = self.misfit(name, term, &self.parameters_of(head)[index]);
                self.tolerate(fault, "took it all the same")?;
            }
            bound.push(term);
        }
        Ok(bound.into())
    }

    /// Whether a term is of one of the types whatever it stands for.
    pub(super) fn fits(&self, term: Term, admissible: &[TypeId]) -> bool {
        let fits = |&t: &TypeId| admissible.iter().any(|&a| self.tree.is_subtype(t, a));
        self.types_of(term).iter().all(fits)
    }

    fn misfit(&self, name: &'a str, term: Term, admissible: &[TypeId]) -> Fault<'a> {
        let symbols = &self.symbols;
        Fault::new(name, format!("a {}", type_text(symbols, admissible))).got(format!(
            "`{}`, a {}",
            lower(name),
            type_text(symbols, self.types_of(term))
        ))
    }

    pub(super) fn atom(&mut self, name: &'a str, terms: &[&'a str]) -> Bound<'a, LiftedAtom> {
        let predicate = PredicateId(self.predicates.get(name, "a declared predicate")?);
        let terms = self.arguments(Head::Predicate(predicate), name, terms.iter().copied())?;
        Ok(LiftedAtom { predicate, terms })
    }

    /// An assignment that is an atom after all, of a predicate with the name of an assignment.
    pub(super) fn assignment_as_atom(
        &self,
        head: &'a str,
        operands: &[Operand<'a>; 2],
    ) -> Option<[&'a str; 2]> {
        self.predicates.find(head)?;
        match operands {
            [Operand::Word(a), Operand::Word(b)] => Some([a, b]),
            _ => None,
        }
    }

    pub(super) fn formulas(&mut self, nodes: &[Node<'a>]) -> Bound<'a, Vec<Formula>> {
        nodes.iter().map(|node| self.formula(node)).collect()
    }

    /// A condition over the variables in scope.
    pub(super) fn formula(&mut self, node: &Node<'a>) -> Bound<'a, Formula> {
        match node {
            Node::And(_, parts) => self.formulas(parts).map(Formula::And),
            Node::Or(at, parts) => {
                self.need(&[Requirement::DisjunctivePreconditions], at, "a disjunction")?;
                self.formulas(parts).map(Formula::Or)
            }
            Node::Imply(at, parts) => {
                self.need(&[Requirement::DisjunctivePreconditions], at, "an implication")?;
                let (a, b) = (self.formula(&parts[0])?, self.formula(&parts[1])?);
                Ok(Formula::Imply(Box::new(a), Box::new(b)))
            }
            Node::Not(at, inner) => self.negation(at, inner),
            Node::Exists(at, groups, body) => {
                self.need(&[Requirement::ExistentialPreconditions], at, "`exists`")?;
                let outer = self.enter(groups, "variable")?;
                let body = self.formula(body)?;
                Ok(Formula::Exists(self.leave(outer), Box::new(body)))
            }
            Node::Forall(at, groups, body) => {
                self.need(&[Requirement::UniversalPreconditions], at, "`forall` in a condition")?;
                let outer = self.enter(groups, "variable")?;
                let body = self.formula(body)?;
                Ok(Formula::Forall(self.leave(outer), Box::new(body)))
            }
            Node::Compare(at, sign, sides) => self.comparison(at, sign, sides),
            Node::Atom(name, terms) => self.atom(name, terms).map(Formula::Atom),
            Node::Assign(at, head, operands) => match self.assignment_as_atom(head, operands) {
                Some(terms) => self.atom(head, &terms).map(Formula::Atom),
                None => Err(Fault::new(at, "a condition").got("a numeric effect")),
            },
            Node::When(at, _) => {
                Err(Fault::new(at, "a condition").got("`when`").hint("`when` belongs into :effect"))
            }
            Node::Timed(at, ..) => Err(Fault::new(at, "a condition without a time")
                .hint("only the conditions of a :durative-action have times, and not nested ones")),
        }
    }

    fn negation(&mut self, at: &'a str, inner: &Node<'a>) -> Bound<'a, Formula> {
        const COMPOUND: [Requirement; 2] =
            [Requirement::DisjunctivePreconditions, Requirement::NegativePreconditions];
        match inner {
            Node::Atom(..) | Node::Assign(..) => {
                self.need(&[Requirement::NegativePreconditions], at, "a negative condition")?;
            }
            Node::Compare(..) => {}
            _ => self.need(&COMPOUND, at, "the negation of a compound formula")?,
        }
        Ok(Formula::Not(Box::new(self.formula(inner)?)))
    }

    /// Whether an operand is a variable in scope or an object, not a number.
    fn is_term(&self, operand: &Operand<'a>) -> bool {
        match operand {
            Operand::Word(word) => match word.strip_prefix('?') {
                Some(name) => !(self.in_durative_effect && name.eq_ignore_ascii_case("duration")),
                None => {
                    self.objects.find(word).is_some()
                        || (number(word).is_none() && self.functions.find(word).is_none())
                }
            },
            Operand::Call(..) => false,
        }
    }

    fn comparison(
        &mut self,
        at: &'a str,
        sign: &str,
        sides: &[Operand<'a>; 2],
    ) -> Bound<'a, Formula> {
        if let ("=", [Operand::Word(a), Operand::Word(b)]) = (sign, sides)
            && sides.iter().all(|s| self.is_term(s))
        {
            self.need(&[Requirement::Equality], at, "an equality")?;
            return Ok(Formula::Equal(self.term(a)?, self.term(b)?));
        }
        self.need(&[Requirement::NumericFluents], at, "a numeric condition")?;
        let comparator = match sign {
            "<" => Comparator::Less,
            "<=" => Comparator::LessOrEqual,
            ">=" => Comparator::GreaterOrEqual,
            ">" => Comparator::Greater,
            _ => Comparator::Equal,
        };
        let (a, b) = (self.expression(&sides[0])?, self.expression(&sides[1])?);
        Ok(Formula::Compare(comparator, a, b))
    }

    pub(super) fn expression(&mut self, operand: &Operand<'a>) -> Bound<'a, Expression> {
        match operand {
            Operand::Word(word) => self.word_expression(word),
            Operand::Call(head, operands) => match (*head, &operands[..]) {
                ("+", [_, _, ..]) => self.expressions(operands).map(Expression::Sum),
                ("*", [_, _, ..]) => self.expressions(operands).map(Expression::Product),
                ("-", [a]) => Ok(Expression::Negation(Box::new(self.expression(a)?))),
                ("-" | "/", [a, b]) => {
                    let (a, b) = (Box::new(self.expression(a)?), Box::new(self.expression(b)?));
                    Ok(match *head {
                        "-" => Expression::Difference(a, b),
                        _ => Expression::Quotient(a, b),
                    })
                }
                ("+" | "-" | "*" | "/", _) => {
                    Err(Fault::new(head, format!("two operands of `{head}`"))
                        .got(operands.len().to_string()))
                }
                (_, []) if self.is_total_time(head) => Ok(Expression::TotalTime),
                _ => self.fluent(operand).map(Expression::Fluent),
            },
        }
    }

    fn expressions(&mut self, operands: &[Operand<'a>]) -> Bound<'a, Vec<Expression>> {
        operands.iter().map(|o| self.expression(o)).collect()
    }

    fn is_total_time(&self, word: &str) -> bool {
        self.in_metric
            && word.eq_ignore_ascii_case("total-time")
            && self.functions.find(word).is_none()
    }

    fn word_expression(&mut self, word: &'a str) -> Bound<'a, Expression> {
        if let Some(value) = number(word) {
            return match value.is_finite() {
                true => Ok(Expression::Number(value)),
                false => Err(Fault::new(word, "a number below 1.8e308")),
            };
        }
        if word == "#t" {
            return Err(Fault::new(word, "a number")
                .got("`#t`, which needs :continuous-effects")
                .hint("change the number at the start or the end of the action"));
        }
        if self.is_total_time(word) {
            return Ok(Expression::TotalTime);
        }
        if self.in_durative_effect && word.eq_ignore_ascii_case("?duration") {
            return Ok(Expression::Duration);
        }
        if word.starts_with('?') {
            return Err(Fault::new(word, "a number").got(format!("the variable `{word}`")));
        }
        let id = FunctionId(self.functions.get(word, "a number or a declared function")?);
        let fault = Fault::new(word, "a function in parentheses").hint(format!("write `({word})`"));
        self.tolerate(fault, "read it as a function")?;
        let terms = self.arguments(Head::Function(id), word, [].into_iter())?;
        Ok(Expression::Fluent(LiftedFluent { function: id, terms }))
    }

    /// A function and its arguments.
    pub(super) fn fluent(&mut self, operand: &Operand<'a>) -> Bound<'a, LiftedFluent> {
        let (head, operands) = match operand {
            Operand::Call(head, operands) => (*head, &operands[..]),
            Operand::Word(word) => match self.word_expression(word)? {
                Expression::Fluent(fluent) => return Ok(fluent),
                _ => return Err(Fault::new(word, "a function")),
            },
        };
        if head.eq_ignore_ascii_case("is-violated") {
            return Err(Fault::new(head, "what this planner knows")
                .got("`is-violated`, which needs :preferences")
                .hint("write it without `is-violated`; :preferences is not supported"));
        }
        let function = match self.functions.find(head) {
            Some(id) => FunctionId(id),
            None if head.eq_ignore_ascii_case("total-cost") && operands.is_empty() => {
                self.total_cost(head)?
            }
            None => FunctionId(self.functions.get(head, "a declared function")?),
        };
        let terms: Vec<&'a str> = operands.iter().map(word_of).collect::<Result<_, _>>()?;
        let terms = self.arguments(Head::Function(function), head, terms.into_iter())?;
        Ok(LiftedFluent { function, terms })
    }

    /// Declares `(total-cost)`, which some domains use without. A problem cannot: its domain would
    /// not have the function.
    fn total_cost(&mut self, name: &'a str) -> Bound<'a, FunctionId> {
        let fault = self.functions.unknown(name, "a declared function");
        let fault = fault.hint("add (:functions (total-cost)) to the domain");
        if self.in_metric {
            return Err(fault);
        }
        self.tolerate(fault, "declared it")?;
        self.functions.insert_owned("total-cost");
        let symbol = crate::model::FunctionSymbol { name: "total-cost".into(), parameters: vec![] };
        self.function_symbols.push(symbol);
        Ok(FunctionId(self.function_symbols.len() as u32 - 1))
    }
}

fn word_of<'a>(operand: &Operand<'a>) -> Bound<'a, &'a str> {
    match operand {
        Operand::Word(word) => Ok(word),
        Operand::Call(head, _) => Err(Fault::new(head, "an object or a variable")
            .got(format!("`({}`", lower(head)))
            .hint("functions as arguments need :object-fluents, which is not supported")),
    }
}
