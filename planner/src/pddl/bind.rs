//! Binding: from the syntax tree to the model. Names become ids, and every check that needs to know
//! what a name means is made here.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use ergon_vocab::{
    ActionSymbol, Atom, Literal, ObjectId, ObjectSymbol, PredicateId, PredicateSymbol, State,
    Symbols, TypeId, TypeSymbol,
};
use indexmap::IndexMap;

use super::{
    error::{Fault, did_you_mean},
    syntax::{ActionText, DomainText, Formula, ProblemText, Skeleton, Typed},
};
use crate::model::{Condition, Domain, LiftedAtom, Problem, Requirement, Schema, Term, type_text};

type Bound<'a, T> = Result<T, Fault<'a>>;

/// Most parameters an action may have; grounding recurses once for each.
const MAX_PARAMETERS: usize = 1000;

/// Names of one kind and their ids, in the order of definition.
#[derive(Default)]
struct Names(IndexMap<Box<str>, u32>);

fn lower(name: &str) -> Cow<'_, str> {
    match name.bytes().any(|b| b.is_ascii_uppercase()) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    }
}

impl Names {
    fn define<'a>(&mut self, name: &'a str, kind: &str) -> Bound<'a, (u32, String)> {
        let lower = lower(name).into_owned();
        let id = self.0.len() as u32;
        if self.0.insert(lower.as_str().into(), id).is_some() {
            let fault = Fault::new(name, format!("a new {kind}"));
            return Err(fault
                .got(format!("`{lower}` for the second time"))
                .hint(format!("remove or rename one `{lower}`")));
        }
        Ok((id, lower))
    }

    fn get<'a>(&self, name: &'a str, kind: &'static str) -> Bound<'a, u32> {
        let lower = lower(name);
        self.0.get(lower.as_ref()).copied().ok_or_else(|| {
            let fault = Fault::new(name, kind).got(format!("`{lower}`, which is not declared"));
            match did_you_mean(&lower, self.0.keys().map(|k| &**k)) {
                Some(hint) => fault.hint(hint),
                None => fault.hint(format!("declare `{lower}`")),
            }
        })
    }
}

/// What is declared, and whether it is to be held to it.
struct Features {
    declared: BTreeSet<Requirement>,
    /// Whether there was a `(:requirements ...)` at all. Many published domains have none and use
    /// types, so those are taken to ask for what they use.
    explicit: bool,
}

impl Features {
    fn read<'a>(&mut self, keywords: &Option<Vec<&'a str>>) -> Bound<'a, ()> {
        for &keyword in keywords.iter().flatten() {
            let wanted = lower(keyword);
            let known = Requirement::ALL.into_iter().find(|r| r.keyword() == wanted);
            let Some(requirement) = known else {
                let fault = Fault::new(keyword, "a requirement this planner knows")
                    .got(format!("`{wanted}`"))
                    .within("in :requirements");
                let names = Requirement::ALL.map(Requirement::keyword);
                let known = names.join(", ");
                let hint = did_you_mean(&wanted, names)
                    .unwrap_or(format!("it knows {known}; remove `{wanted}` if it is not used"));
                return Err(fault.hint(hint));
            };
            self.declared.insert(requirement);
        }
        Ok(())
    }

    fn need<'a>(&mut self, requirement: Requirement, at: &'a str, what: &str) -> Bound<'a, ()> {
        if self.declared.contains(&requirement) {
            return Ok(());
        }
        if !self.explicit {
            self.declared.insert(requirement);
            return Ok(());
        }
        let keyword = requirement.keyword();
        Err(Fault::new(at, "only what (:requirements ...) of the domain names")
            .got(format!("{what}, which needs {keyword}"))
            .hint(format!("add {keyword} to (:requirements ...)")))
    }
}

/// Everything that names have been bound to so far.
struct Binder {
    features: Features,
    types: Names,
    predicates: Names,
    objects: Names,
    symbols: Symbols,
}

/// Binds a domain.
pub(super) fn domain<'a>(text: &DomainText<'a>) -> Bound<'a, Domain> {
    let explicit = text.requirements.is_some();
    let features = Features { declared: BTreeSet::from([Requirement::Strips]), explicit };
    let mut binder = Binder {
        features,
        types: Names::default(),
        predicates: Names::default(),
        objects: Names::default(),
        symbols: Symbols::default(),
    };
    binder.features.read(&text.requirements)?;
    binder.types(text.types.as_deref()).map_err(|f| f.within("in :types"))?;
    for typed in text.constants.iter().flatten() {
        binder.object(typed).map_err(|f| f.within("in :constants"))?;
    }
    for skeleton in text.predicates.iter().flatten() {
        let place = || format!("in predicate {}", lower(skeleton.name));
        binder.predicate(skeleton).map_err(|f| f.within(place()))?;
    }
    let mut schemas = Vec::with_capacity(text.actions.len());
    let mut names = Names::default();
    for action in &text.actions {
        let place = format!("in action {}", lower(action.name));
        let (_, name) =
            names.define(action.name, "action name").map_err(|f| f.within(place.as_str()))?;
        let (parameters, schema) = binder.action(action).map_err(|f| f.inside(&place))?;
        binder.symbols.actions.push(ActionSymbol { name, parameters });
        schemas.push(schema);
    }
    Ok(Domain {
        name: lower(text.name).into_owned(),
        requirements: binder.features.declared,
        symbols: binder.symbols,
        schemas,
    })
}

/// Binds a problem to its domain.
pub(super) fn problem<'a>(text: &ProblemText<'a>, domain: &Domain) -> Bound<'a, Problem> {
    if let Some(name) = text.domain.filter(|n| lower(n) != domain.name) {
        let fault = Fault::new(name, format!("`{}`, the name of the domain", domain.name));
        return Err(fault.within("in :domain").hint("give the domain file that belongs to it"));
    }
    let mut binder = Binder::of(domain);
    binder.features.read(&text.requirements)?;
    for typed in text.objects.iter().flatten() {
        binder.object(typed).map_err(|f| f.within("in :objects"))?;
    }
    let (mut init, mut denied) = (State::new(), vec![]);
    for fact in text.init.iter().flatten() {
        binder.fact(fact, &mut init, &mut denied).map_err(|f| f.within("in :init"))?;
    }
    if let Some((at, _)) = denied.iter().find(|(_, atom)| init.contains(atom)) {
        let fault = Fault::new(at, "facts that do not contradict each other");
        return Err(fault.got("the negation of another fact").within("in :init"));
    }
    let mut goal = vec![];
    if let Some(formula) = &text.goal {
        binder.goal(formula, &mut goal).map_err(|f| f.within("in :goal"))?;
    }
    Ok(Problem {
        name: lower(text.name).into_owned(),
        domain: Arc::new(domain.clone()),
        symbols: Arc::new(binder.symbols),
        init,
        goal,
    })
}

/// Names, with their question marks, and types of the parameters of an action.
type Parameters = Vec<(String, Vec<TypeId>)>;

impl Binder {
    fn of(domain: &Domain) -> Self {
        let names = |all: &mut dyn Iterator<Item = &String>| {
            Names(all.enumerate().map(|(i, n)| (n.as_str().into(), i as u32)).collect())
        };
        let symbols = domain.symbols.clone();
        Self {
            features: Features { declared: domain.requirements.clone(), explicit: true },
            types: names(&mut symbols.types.iter().map(|t| &t.name)),
            predicates: names(&mut symbols.predicates.iter().map(|p| &p.name)),
            objects: names(&mut symbols.objects.iter().map(|o| &o.name)),
            symbols,
        }
    }

    /// Declares the types. A supertype that is only named after a `-` is declared with it, as
    /// published domains rely on.
    fn types<'a>(&mut self, listed: Option<&[Typed<'a>]>) -> Bound<'a, ()> {
        let mut parents: IndexMap<String, Option<(String, &'a str)>> = IndexMap::new();
        for typed in listed.unwrap_or_default() {
            self.features.need(Requirement::Typing, typed.name, "a type")?;
            let name = lower(typed.name).into_owned();
            let parent = single_type(&typed.types)?.map(|t| (lower(t).into_owned(), t));
            let root = name == "object";
            if root && parent.is_some() {
                return Err(Fault::new(typed.name, "`object` without a supertype"));
            }
            if parents.insert(name, parent).is_some() && !root {
                let fault = Fault::new(typed.name, "a new type name");
                return Err(fault.got(format!("`{}` for the second time", lower(typed.name))));
            }
        }
        self.declare_type("object", None);
        for start in parents.keys() {
            let mut chain: Vec<(&str, Option<&'a str>)> = vec![];
            let mut at = start.as_str();
            while !self.types.0.contains_key(at) {
                let above = parents.get(at).and_then(Option::as_ref);
                chain.push((at, above.map(|&(_, place)| place)));
                // A chain longer than the table has come back to where it was.
                if let Some(place) = chain.last().and_then(|c| c.1)
                    && chain.len() > parents.len() + 1
                {
                    let fault = Fault::new(place, "types without a cycle");
                    return Err(
                        fault.got(format!("`{}`, which is its own supertype", lower(place)))
                    );
                }
                at = above.map_or("object", |(name, _)| name);
            }
            let mut parent = self.types.0.get(at).copied().map(TypeId);
            for (name, _) in chain.into_iter().rev() {
                parent = Some(self.declare_type(name, parent));
            }
        }
        Ok(())
    }

    fn declare_type(&mut self, name: &str, parent: Option<TypeId>) -> TypeId {
        let id = TypeId(self.symbols.types.len() as u32);
        self.types.0.insert(name.into(), id.0);
        self.symbols.types.push(TypeSymbol { name: name.into(), parent });
        id
    }

    fn type_ids<'a>(&mut self, names: &[&'a str]) -> Bound<'a, Vec<TypeId>> {
        if let Some(first) = names.first() {
            self.features.need(Requirement::Typing, first, "a type")?;
        } else {
            return Ok(vec![TypeId(0)]);
        }
        names.iter().map(|name| self.types.get(name, "a declared type").map(TypeId)).collect()
    }

    fn object<'a>(&mut self, typed: &Typed<'a>) -> Bound<'a, ()> {
        single_type(&typed.types)?;
        let type_id = self.type_ids(&typed.types)?[0];
        let (_, name) = self.objects.define(typed.name, "object name")?;
        self.symbols.objects.push(ObjectSymbol { name, type_id });
        Ok(())
    }

    fn predicate<'a>(&mut self, skeleton: &Skeleton<'a>) -> Bound<'a, ()> {
        let (_, name) = self.predicates.define(skeleton.name, "predicate name")?;
        // Names of parameters mean nothing here, and published domains repeat them.
        let types = skeleton.parameters.iter().map(|typed| self.type_ids(&typed.types));
        let parameters = types.collect::<Result<_, _>>()?;
        self.symbols.predicates.push(PredicateSymbol { name, parameters });
        Ok(())
    }

    fn parameters<'a>(&mut self, listed: &[Typed<'a>]) -> Bound<'a, (Names, Parameters)> {
        let (mut scope, mut parameters) = (Names::default(), Vec::with_capacity(listed.len()));
        if let Some(extra) = listed.get(MAX_PARAMETERS) {
            return Err(Fault::new(extra.name, format!("at most {MAX_PARAMETERS} parameters")));
        }
        for typed in listed {
            let (_, name) = scope.define(typed.name, "parameter")?;
            parameters.push((name, self.type_ids(&typed.types)?));
        }
        Ok((scope, parameters))
    }

    fn action<'a>(&mut self, text: &ActionText<'a>) -> Bound<'a, (Parameters, Schema)> {
        let (scope, parameters) =
            self.parameters(&text.parameters).map_err(|f| f.within(":parameters"))?;
        let mut schema = Schema::default();
        let mut at = Scoped { binder: self, action: Some((&scope, &parameters)) };
        at.condition(&text.precondition, &mut schema.preconditions)
            .map_err(|f| f.within(":precondition"))?;
        at.effect(&text.effect, &mut schema).map_err(|f| f.within(":effect"))?;
        Ok((parameters, schema))
    }

    fn fact<'a>(
        &mut self,
        fact: &Formula<'a>,
        init: &mut State,
        denied: &mut Vec<(&'a str, Atom)>,
    ) -> Bound<'a, ()> {
        let (at, inner, positive) = match fact {
            Formula::Not(at, inner) => (*at, &**inner, false),
            _ => ("", fact, true),
        };
        match inner {
            Formula::Atom(predicate, terms) => {
                let atom = self.ground(predicate, terms)?;
                if positive {
                    init.insert(atom);
                } else {
                    denied.push((at, atom));
                }
                Ok(())
            }
            Formula::And(parts) if positive => {
                parts.iter().try_for_each(|part| self.fact(part, init, denied))
            }
            Formula::Equal(at, ..) => Err(Fault::new(at, "a fact").got("an equality")),
            Formula::And(_) | Formula::Not(..) => {
                Err(Fault::new(at, "a fact").got("the negation of a compound formula"))
            }
        }
    }

    fn goal<'a>(&mut self, formula: &Formula<'a>, goal: &mut Vec<Literal>) -> Bound<'a, ()> {
        let mut conditions = vec![];
        let mut at = Scoped { binder: self, action: None };
        at.condition(formula, &mut conditions)?;
        for condition in conditions {
            match condition {
                Condition::Literal { atom, positive } => {
                    goal.push(Literal { atom: atom.ground(&[]), positive });
                }
                // A false equality of two objects has been refused; a true one says nothing.
                Condition::Equality { .. } => {}
            }
        }
        Ok(())
    }

    fn ground<'a>(&mut self, predicate: &'a str, terms: &[&'a str]) -> Bound<'a, Atom> {
        let mut at = Scoped { binder: self, action: None };
        at.atom(predicate, terms).map(|atom| atom.ground(&[]))
    }
}

/// At most one supertype: `either` has no meaning for a type or an object of this model.
fn single_type<'a>(types: &[&'a str]) -> Bound<'a, Option<&'a str>> {
    match types {
        [] => Ok(None),
        [single] => Ok(Some(single)),
        [_, second, ..] => Err(Fault::new(second, "one type")
            .got("`either`, which only parameters may have")
            .hint("declare a common supertype")),
    }
}

/// A binder where terms are read: within an action, or where only objects may stand.
struct Scoped<'b> {
    binder: &'b mut Binder,
    /// The parameters of the action.
    action: Option<(&'b Names, &'b Parameters)>,
}

impl Scoped<'_> {
    fn term<'a>(&self, name: &'a str) -> Bound<'a, Term> {
        match self.action {
            Some((scope, _)) if name.starts_with('?') => {
                scope.get(name, "a parameter of the action").map(Term::Parameter)
            }
            None if name.starts_with('?') => {
                Err(Fault::new(name, "an object").got(format!("the variable `{name}`")))
            }
            _ => {
                let id = self.binder.objects.get(name, "a declared object");
                id.map(|id| Term::Object(ObjectId(id)))
            }
        }
    }

    /// The types that a term may have.
    fn types_of(&self, term: Term) -> &[TypeId] {
        match (term, self.action) {
            (Term::Parameter(i), Some((_, parameters))) => &parameters[i as usize].1,
            (Term::Parameter(_), None) => &[],
            (Term::Object(o), _) => {
                std::slice::from_ref(&self.binder.symbols.objects[o.index()].type_id)
            }
        }
    }

    fn atom<'a>(&mut self, predicate: &'a str, terms: &[&'a str]) -> Bound<'a, LiftedAtom> {
        let id = PredicateId(self.binder.predicates.get(predicate, "a declared predicate")?);
        let symbols = &self.binder.symbols;
        let wanted = &symbols.predicates[id.index()].parameters;
        if wanted.len() != terms.len() {
            let count = |n: usize| format!("{n} argument{}", if n == 1 { "" } else { "s" });
            return Err(Fault::new(predicate, format!("{} of `{predicate}`", count(wanted.len())))
                .got(count(terms.len())));
        }
        let bound = terms.iter().zip(wanted).map(|(name, admissible)| {
            let term = self.term(name)?;
            let types = self.types_of(term);
            let fits = |&t: &TypeId| admissible.iter().any(|&a| symbols.is_subtype(t, a));
            match types.iter().all(fits) {
                true => Ok(term),
                false => Err(Fault::new(name, format!("a {}", type_text(symbols, admissible)))
                    .got(format!("`{}`, a {}", lower(name), type_text(symbols, types)))),
            }
        });
        Ok(LiftedAtom { predicate: id, terms: bound.collect::<Result<_, _>>()? })
    }

    fn condition<'a>(&mut self, formula: &Formula<'a>, out: &mut Vec<Condition>) -> Bound<'a, ()> {
        match formula {
            Formula::And(parts) => parts.iter().try_for_each(|part| self.condition(part, out)),
            Formula::Not(at, inner) => match &**inner {
                Formula::And(_) | Formula::Not(..) => Err(Fault::new(at, "a literal")
                    .got("the negation of a compound formula")
                    .hint("push the negation inwards, or split the action")),
                Formula::Atom(..) => {
                    let negative = Requirement::NegativePreconditions;
                    self.binder.features.need(negative, at, "a negative condition")?;
                    self.literal(inner, false, out)
                }
                Formula::Equal(..) => self.literal(inner, false, out),
            },
            Formula::Equal(..) | Formula::Atom(..) => self.literal(formula, true, out),
        }
    }

    fn literal<'a>(
        &mut self,
        formula: &Formula<'a>,
        positive: bool,
        out: &mut Vec<Condition>,
    ) -> Bound<'a, ()> {
        match formula {
            Formula::Equal(at, a, b) => {
                self.binder.features.need(Requirement::Equality, at, "an equality")?;
                let (left, right) = (self.term(a)?, self.term(b)?);
                if self.action.is_none() && (left == right) != positive {
                    return Err(Fault::new(at, "a goal that can hold")
                        .got("an equality that never does")
                        .hint("remove it, or name the same object twice"));
                }
                out.push(Condition::Equality { left, right, equal: positive });
            }
            Formula::Atom(predicate, terms) => {
                let atom = self.atom(predicate, terms)?;
                out.push(Condition::Literal { atom, positive });
            }
            Formula::And(_) | Formula::Not(..) => {}
        }
        Ok(())
    }

    fn effect<'a>(&mut self, formula: &Formula<'a>, schema: &mut Schema) -> Bound<'a, ()> {
        match formula {
            Formula::And(parts) => parts.iter().try_for_each(|part| self.effect(part, schema)),
            Formula::Atom(predicate, terms) => {
                let atom = self.atom(predicate, terms)?;
                schema.adds.push(atom);
                Ok(())
            }
            Formula::Not(at, inner) => match &**inner {
                Formula::Atom(predicate, terms) => {
                    let atom = self.atom(predicate, terms)?;
                    schema.deletes.push(atom);
                    Ok(())
                }
                _ => Err(Fault::new(at, "a literal").got("the negation of a compound formula")),
            },
            Formula::Equal(at, ..) => Err(Fault::new(at, "a literal").got("an equality")),
        }
    }
}
