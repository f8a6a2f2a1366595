//! Who could make a literal true: the effects of a task's actions, one by one. The only place where
//! explanations look at the lifted model.

use std::rc::Rc;

use ergon_vocab::{Atom, Literal, ObjectId, PredicateId, Symbols, TypeId};

use crate::{
    Task,
    model::{Effect, Formula, LiftedAtom, Schema, Term, Variable},
};

/// What is known of the variables of an effect.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Binding {
    /// The object of each variable, as far as known.
    objects: Vec<Option<ObjectId>>,
    /// Types that the object of a variable must have besides those of the variable.
    narrowed: Rc<[Vec<TypeId>]>,
}

/// One effect of an action with what must hold for it.
#[derive(Clone, Debug)]
pub(super) struct Maker {
    action: String,
    /// Name (with its `?`) and admissible types of each variable; the parameters of the action come
    /// first.
    variables: Vec<(String, Vec<TypeId>)>,
    parameters: usize,
    atom: LiftedAtom,
    positive: bool,
    /// Literals that must hold, in the order of the domain. Conditions of another form are left out.
    pub(super) needs: Vec<Need>,
    equalities: Vec<(Term, Term, bool)>,
}

/// A literal of a precondition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) atom: LiftedAtom,
    pub(super) positive: bool,
}

/// A literal whose arguments are known in part, of the others the admissible types: any literal of
/// that form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pattern {
    pub(super) predicate: PredicateId,
    args: Vec<Result<ObjectId, Vec<TypeId>>>,
    pub(super) positive: bool,
}

impl Pattern {
    /// The form of a need under a binding.
    pub(super) fn new(maker: &Maker, need: &Need, binding: &Binding) -> Self {
        let args = need.atom.terms.iter().map(|&term| match (value(term, binding), term) {
            (None, Term::Variable(v)) => Err(maker.variables[v as usize].1.clone()),
            (object, _) => object.ok_or_else(Vec::new),
        });
        let args = args.collect();
        Self { predicate: need.atom.predicate, args, positive: need.positive }
    }

    /// The form that only the literal has.
    pub(super) fn of(literal: &Literal) -> Self {
        let Literal { atom, positive } = literal;
        let args = atom.args.iter().map(|&object| Ok(object)).collect();
        Self { predicate: atom.predicate, args, positive: *positive }
    }

    /// The literal, if it is the only one of this form.
    pub(super) fn literal(&self) -> Option<Literal> {
        let args: Option<Box<[ObjectId]>> =
            self.args.iter().map(|arg| arg.as_ref().ok().copied()).collect();
        let atom = Atom { predicate: self.predicate, args: args? };
        Some(Literal { atom, positive: self.positive })
    }
}

/// All effects of a task and all rules of its derived predicates, in the order of the domain. Durative
/// actions are left out.
pub(super) fn makers(task: &Task) -> Vec<Maker> {
    let mut makers = vec![];
    for (symbol, schema) in task.symbols().actions.iter().zip(task.schemas()) {
        if let Schema::Instant { precondition, effect } = schema {
            let mut given = Given::new(symbol.name.clone(), symbol.parameters.clone());
            given.require(precondition, true);
            given.collect(effect, &mut makers);
        }
    }
    for axiom in task.axioms() {
        let variables: Vec<(String, Vec<TypeId>)> =
            axiom.parameters.iter().map(|v| (v.name.clone(), v.types.clone())).collect();
        let name = format!("rule of {}", task.symbols().predicate_name(axiom.predicate));
        let terms = (0..variables.len() as u32).map(Term::Variable).collect();
        let head = LiftedAtom { predicate: axiom.predicate, terms };
        let mut given = Given::new(name, variables);
        given.require(&axiom.body, true);
        makers.push(given.maker(&head, true));
    }
    makers
}

/// What surrounds an effect.
#[derive(Clone)]
struct Given {
    action: String,
    variables: Vec<(String, Vec<TypeId>)>,
    parameters: usize,
    needs: Vec<Need>,
    equalities: Vec<(Term, Term, bool)>,
}

impl Given {
    fn new(action: String, variables: Vec<(String, Vec<TypeId>)>) -> Self {
        let parameters = variables.len();
        Self { action, variables, parameters, needs: vec![], equalities: vec![] }
    }

    /// Adds the literals of a conjunction. Of a condition in another form nothing is said; what is
    /// asked of a quantified variable is kept where one object is enough.
    fn require(&mut self, formula: &Formula, positive: bool) {
        match formula {
            Formula::And(parts) if positive => parts.iter().for_each(|p| self.require(p, true)),
            Formula::Not(inner) => self.require(inner, !positive),
            Formula::Atom(atom) if self.knows(&atom.terms) => {
                self.needs.push(Need { atom: atom.clone(), positive });
            }
            Formula::Equal(a, b) if self.knows(&[*a, *b]) => {
                self.equalities.push((*a, *b, positive));
            }
            // A second quantifier beside the first would count its variables from the same number.
            Formula::Exists(variables, body)
                if positive && self.variables.len() == self.parameters =>
            {
                self.declare(variables);
                self.require(body, true);
            }
            _ => {}
        }
    }

    fn knows(&self, terms: &[Term]) -> bool {
        let known = |term: &Term| match *term {
            Term::Variable(v) => (v as usize) < self.variables.len(),
            Term::Object(_) => true,
        };
        terms.iter().all(known)
    }

    fn declare(&mut self, variables: &[Variable]) {
        self.variables.extend(variables.iter().map(|v| (v.name.clone(), v.types.clone())));
    }

    fn collect(&self, effect: &Effect, out: &mut Vec<Maker>) {
        match effect {
            Effect::And(parts) => parts.iter().for_each(|part| self.collect(part, out)),
            Effect::Add(atom) => out.push(self.maker(atom, true)),
            Effect::Delete(atom) => out.push(self.maker(atom, false)),
            Effect::When(condition, inner) => {
                let mut given = self.clone();
                given.require(condition, true);
                given.collect(inner, out);
            }
            Effect::Forall(variables, inner) => {
                // The variables of an effect are numbered after the parameters; those of a condition
                // read before go.
                let mut given = self.clone();
                given.forget_quantified();
                given.declare(variables);
                given.parameters = self.parameters;
                given.collect(inner, out);
            }
            Effect::Assign(..) => {}
        }
    }

    /// Drops the variables beyond the parameters and what is asked of them.
    fn forget_quantified(&mut self) {
        self.variables.truncate(self.parameters);
        let needs = std::mem::take(&mut self.needs);
        self.needs = needs.into_iter().filter(|need| self.knows(&need.atom.terms)).collect();
        let equalities = std::mem::take(&mut self.equalities);
        self.equalities = equalities.into_iter().filter(|&(a, b, _)| self.knows(&[a, b])).collect();
    }

    fn maker(&self, atom: &LiftedAtom, positive: bool) -> Maker {
        Maker {
            action: self.action.clone(),
            variables: self.variables.clone(),
            parameters: self.parameters,
            atom: atom.clone(),
            positive,
            needs: self.needs.clone(),
            equalities: self.equalities.clone(),
        }
    }
}

impl Maker {
    /// What the variables must be for the effect to be of a form. `None` if it cannot be. A variable
    /// for which there is only one object is bound to it.
    pub(super) fn bind(&self, form: &Pattern, symbols: &Symbols) -> Option<Binding> {
        let fits = self.positive == form.positive
            && self.atom.predicate == form.predicate
            && self.atom.terms.len() == form.args.len();
        if !fits {
            return None;
        }
        let mut narrowed = vec![vec![]; self.variables.len()];
        for (&term, arg) in self.atom.terms.iter().zip(&form.args) {
            if let (Term::Variable(v), Err(types)) = (term, arg) {
                narrowed[v as usize].clone_from(types);
            }
        }
        let objects = vec![None; self.variables.len()];
        let mut binding = Binding { objects, narrowed: narrowed.into() };
        for (&term, arg) in self.atom.terms.iter().zip(&form.args) {
            if let Ok(object) = arg
                && !self.set(&mut binding, term, *object, symbols)
            {
                return None;
            }
        }
        for v in 0..self.variables.len() {
            let all = (0..symbols.objects.len() as u32).map(ObjectId);
            let mut fitting = all.filter(|&object| self.admits(&binding, v, object, symbols));
            if binding.objects[v].is_none() {
                let (first, second) = (fitting.next()?, fitting.next());
                binding.objects[v] = if second.is_none() { Some(first) } else { None };
            }
        }
        Some(binding)
    }

    /// Whether an object may stand for a variable.
    fn admits(&self, binding: &Binding, v: usize, object: ObjectId, symbols: &Symbols) -> bool {
        let narrowed = &binding.narrowed[v];
        symbols.fits(object, &self.variables[v].1)
            && (narrowed.is_empty() || symbols.fits(object, narrowed))
    }

    /// Binds a term to an object. False if it is another one or does not fit.
    fn set(&self, binding: &mut Binding, term: Term, object: ObjectId, symbols: &Symbols) -> bool {
        match (value(term, binding), term) {
            (Some(bound), _) => bound == object,
            (None, Term::Variable(v)) => {
                binding.objects[v as usize] = Some(object);
                self.admits(binding, v as usize, object, symbols)
            }
            (None, Term::Object(_)) => false,
        }
    }

    /// Binds further variables so that an atom has these arguments. False if it cannot.
    pub(super) fn extend(
        &self,
        binding: &mut Binding,
        atom: &LiftedAtom,
        args: &[ObjectId],
        symbols: &Symbols,
    ) -> bool {
        atom.terms.len() == args.len()
            && atom.terms.iter().zip(args).all(|(&term, &o)| self.set(binding, term, o, symbols))
    }

    /// The first equality or inequality that does not hold under a binding, as text.
    pub(super) fn unequal(&self, binding: &Binding, symbols: &Symbols) -> Option<String> {
        let broken = |&&(left, right, equal): &&(Term, Term, bool)| {
            let sides = [left, right].map(|term| value(term, binding));
            matches!(sides, [Some(a), Some(b)] if (a == b) != equal)
        };
        self.equalities.iter().find(broken).map(|&(left, right, equal)| {
            let [a, b] = [left, right].map(|term| self.show_term(term, binding, symbols));
            if equal { format!("(= {a} {b})") } else { format!("(not (= {a} {b}))") }
        })
    }

    /// `(place c1 ?l)`.
    pub(super) fn show(&self, binding: &Binding, symbols: &Symbols) -> String {
        let mut text = format!("({}", self.action);
        for v in 0..self.parameters as u32 {
            text.push(' ');
            text.push_str(&self.show_term(Term::Variable(v), binding, symbols));
        }
        text + ")"
    }

    /// `(on c1 ?l)`, or its negation.
    pub(super) fn show_need(&self, need: &Need, binding: &Binding, symbols: &Symbols) -> String {
        let mut text = format!("({}", symbols.predicate_name(need.atom.predicate));
        for &term in &need.atom.terms {
            text.push(' ');
            text.push_str(&self.show_term(term, binding, symbols));
        }
        if need.positive { text + ")" } else { format!("(not {text}))") }
    }

    fn show_term(&self, term: Term, binding: &Binding, symbols: &Symbols) -> String {
        match (value(term, binding), term) {
            (Some(object), _) => symbols.object_name(object).into(),
            (None, Term::Variable(v)) => self.variables[v as usize].0.clone(),
            (None, Term::Object(_)) => "?".into(),
        }
    }
}

/// The object of a term, if it is known.
fn value(term: Term, binding: &Binding) -> Option<ObjectId> {
    match term {
        Term::Object(object) => Some(object),
        Term::Variable(v) => binding.objects[v as usize],
    }
}
