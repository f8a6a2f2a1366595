//! Binding: from the syntax tree to the model. Names become ids, and every check that needs to know
//! what a name means is made here.

mod action;
mod effect;
mod features;
mod formula;
mod init;
mod names;
mod types;

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use ergon_vocab::{ActionSymbol, ObjectSymbol, PredicateId, PredicateSymbol, Symbols, TypeId};

use self::{
    features::Features,
    names::{Names, lower},
    types::TypeTree,
};
use super::{
    error::Fault,
    reading::Reading,
    syntax::{DomainText, FunctionGroup, Group, MetricText, Oddity, ProblemText, Skeleton},
};
use crate::model::{
    Axiom, Direction, Domain, Expression, FunctionSymbol, Metric, Problem, Requirement, Variable,
    strata,
};

pub(super) type Bound<'a, T> = Result<T, Fault<'a>>;

/// Most parameters an action may have; grounding recurses once for each.
const MAX_PARAMETERS: usize = 1000;

/// The requirements that let a domain have functions; costs and durations are numbers too.
const NUMERIC: [Requirement; 3] =
    [Requirement::NumericFluents, Requirement::ActionCosts, Requirement::DurativeActions];

/// Most slips that are told one by one.
const MAX_WARNINGS: usize = 100;

/// Everything that names have been bound to so far.
pub(super) struct Binder<'a> {
    reading: Reading,
    /// The slips that have been mended.
    odd: Vec<Oddity<'a>>,
    features: Features,
    types: Names<'a>,
    tree: TypeTree,
    predicates: Names<'a>,
    functions: Names<'a>,
    objects: Names<'a>,
    symbols: Symbols,
    function_symbols: Vec<FunctionSymbol>,
    /// Predicates that are heads of axioms.
    derived: BTreeSet<PredicateId>,
    /// The variables in scope; none where only objects may stand.
    scope: Vec<Variable>,
    /// Where `?duration` has a value.
    in_durative_effect: bool,
    /// Where `total-time` has a value.
    in_metric: bool,
    /// Objects of the problem, which a lenient reader takes for constants where the domain needs
    /// them.
    lent: &'a [Group<'a>],
}

impl<'a> Binder<'a> {
    fn new(reading: Reading, features: Features) -> Self {
        Self {
            reading,
            odd: vec![],
            features,
            types: Names::default(),
            tree: TypeTree::default(),
            predicates: Names::default(),
            functions: Names::default(),
            objects: Names::default(),
            symbols: Symbols::default(),
            function_symbols: vec![],
            derived: BTreeSet::new(),
            scope: vec![],
            in_durative_effect: false,
            in_metric: false,
            lent: &[],
        }
    }

    /// A binder for the problems of a domain.
    fn of(domain: &'a Domain, reading: Reading) -> Self {
        let features = Features { declared: domain.requirements.clone(), explicit: true };
        let symbols = domain.symbols.clone();
        Self {
            types: domain.symbols.types.iter().map(|t| t.name.as_str()).collect(),
            tree: TypeTree::new(&symbols.types),
            predicates: domain.symbols.predicates.iter().map(|p| p.name.as_str()).collect(),
            functions: domain.functions.iter().map(|f| f.name.as_str()).collect(),
            objects: domain.symbols.objects.iter().map(|o| o.name.as_str()).collect(),
            symbols,
            function_symbols: domain.functions.clone(),
            derived: domain.axioms.iter().map(|a| a.predicate).collect(),
            ..Self::new(reading, features)
        }
    }

    /// A slip: an error where the reading is strict, noted where it is lenient.
    fn tolerate(&mut self, fault: Fault<'a>, mended: &'static str) -> Bound<'a, ()> {
        match self.reading {
            Reading::Strict => Err(fault),
            Reading::Lenient => {
                if !self.is_full() {
                    self.odd.push((fault, mended));
                }
                Ok(())
            }
        }
    }

    /// Binds a part of the text, whose name goes before what is said about it.
    fn part<T>(
        &mut self,
        name: &str,
        bind: impl FnOnce(&mut Self) -> Bound<'a, T>,
    ) -> Bound<'a, T> {
        let before = self.odd.len();
        let bound = bind(self);
        for (fault, _) in &mut self.odd[before..] {
            *fault = fault.clone().inside(name);
        }
        bound.map_err(|fault| fault.inside(name))
    }

    /// Whether no more slips are noted.
    fn is_full(&self) -> bool {
        self.odd.len() >= MAX_WARNINGS
    }

    fn constants(&mut self, groups: &[Group<'a>], kind: &'static str) -> Bound<'a, ()> {
        let count = groups.iter().map(|group| group.names.len()).sum();
        self.objects.reserve(count);
        self.symbols.objects.reserve(count);
        for group in groups {
            let type_id = self.object_type(&group.types)?;
            for &name in &group.names {
                self.object(name, type_id, kind)?;
            }
        }
        Ok(())
    }

    fn object_type(&mut self, types: &[&'a str]) -> Bound<'a, TypeId> {
        types::single(types)?;
        Ok(self.type_ids(types)?[0])
    }

    fn object(&mut self, name: &'a str, type_id: TypeId, kind: &'static str) -> Bound<'a, ()> {
        if self.objects.insert(name) {
            self.symbols.objects.push(ObjectSymbol { name: lower(name).into_owned(), type_id });
            return Ok(());
        }
        self.tolerate(names::repeated(name, kind), "kept the first")
    }

    fn predicate(&mut self, skeleton: &Skeleton<'a>) -> Bound<'a, ()> {
        let parameters = self.signature(&skeleton.parameters)?;
        let symbol = PredicateSymbol { name: lower(skeleton.name).into_owned(), parameters };
        if self.predicates.insert(skeleton.name) {
            self.symbols.predicates.push(symbol);
            return Ok(());
        }
        let fault = names::repeated(skeleton.name, "predicate name");
        match self.symbols.predicates.contains(&symbol) {
            true => self.tolerate(fault, "kept the first"),
            false => Err(fault),
        }
    }

    /// The types of the parameters of a predicate or a function, whose names mean nothing and are
    /// repeated in published domains.
    fn signature(&mut self, groups: &[Group<'a>]) -> Bound<'a, Vec<Vec<TypeId>>> {
        let mut parameters = vec![];
        for group in groups {
            let types = self.type_ids(&group.types)?;
            parameters.extend(group.names.iter().map(|_| types.clone()));
        }
        if let Some(extra) = groups.iter().flat_map(|g| &g.names).nth(MAX_PARAMETERS) {
            return Err(Fault::new(extra, format!("at most {MAX_PARAMETERS} parameters")));
        }
        Ok(parameters)
    }

    fn function_groups(&mut self, groups: &[FunctionGroup<'a>]) -> Bound<'a, ()> {
        for group in groups {
            if let Some(value) = group.value.filter(|v| !v.eq_ignore_ascii_case("number")) {
                return Err(Fault::new(value, "`number`")
                    .got(format!("`{}`, which needs :object-fluents", lower(value)))
                    .hint("functions have numbers as values; :object-fluents is not supported"));
            }
            for skeleton in &group.skeletons {
                self.need(&NUMERIC, skeleton.name, "a function")?;
                let place = || format!("in function {}", lower(skeleton.name));
                let parameters =
                    self.part(&place(), |binder| binder.signature(&skeleton.parameters))?;
                if self.functions.insert(skeleton.name) {
                    let name = lower(skeleton.name).into_owned();
                    self.function_symbols.push(FunctionSymbol { name, parameters });
                } else {
                    let fault = names::repeated(skeleton.name, "function name").within(place());
                    self.tolerate(fault, "kept the first")?;
                }
            }
        }
        Ok(())
    }

    /// Puts variables into scope; the number of those that were there.
    fn enter(&mut self, groups: &[Group<'a>], what: &'static str) -> Bound<'a, usize> {
        let outer = self.scope.len();
        for group in groups {
            let types = self.type_ids(&group.types)?;
            for &name in &group.names {
                let variable = Variable { name: lower(name).into_owned(), types: types.clone() };
                if self.scope[outer..].iter().any(|v| v.name == variable.name) {
                    return Err(names::repeated(name, what));
                }
                if self.scope.len() >= MAX_PARAMETERS {
                    return Err(Fault::new(name, format!("at most {MAX_PARAMETERS} parameters")));
                }
                self.scope.push(variable);
            }
        }
        Ok(outer)
    }

    /// Takes the variables above `outer` out of scope.
    fn leave(&mut self, outer: usize) -> Vec<Variable> {
        self.scope.split_off(outer)
    }

    fn metric(&mut self, text: &MetricText<'a>) -> Bound<'a, Metric> {
        self.in_metric = true;
        let direction = match lower(text.direction).as_ref() {
            "minimize" => Direction::Minimize,
            "maximize" => Direction::Maximize,
            _ => return Err(Fault::new(text.direction, "minimize or maximize")),
        };
        let expression = self.expression(&text.expression)?;
        if expression != Expression::TotalTime {
            self.need(&NUMERIC, text.expression.at(), "a metric")?;
        }
        Ok(Metric { direction, expression })
    }

    fn heads(&mut self, text: &DomainText<'a>) -> Bound<'a, ()> {
        for derived in &text.derived {
            let id = self.part("in :derived", |binder| {
                binder.need(&[Requirement::DerivedPredicates], derived.head.name, "an axiom")?;
                binder.predicates.get(derived.head.name, "a declared predicate")
            })?;
            self.derived.insert(PredicateId(id));
        }
        Ok(())
    }

    fn axioms(&mut self, text: &DomainText<'a>) -> Bound<'a, Vec<Axiom>> {
        let mut axioms = vec![];
        for derived in &text.derived {
            let place = format!("in derived predicate {}", lower(derived.head.name));
            axioms.push(self.part(&place, |binder| binder.axiom(derived))?);
        }
        if let Err(predicate) = strata(&axioms) {
            let at = text.derived.iter().zip(&axioms).find(|(_, a)| a.predicate == predicate);
            let at = at.map_or("", |(d, _)| d.head.name);
            return Err(Fault::new(at, "axioms without recursion through negation")
                .got(format!("`{}`, which depends on its own negation", lower(at)))
                .hint("break the cycle, or state the negated predicate by axioms of its own"));
        }
        Ok(axioms)
    }

    fn actions(&mut self, text: &DomainText<'a>, domain: &mut Domain) -> Bound<'a, ()> {
        let mut names = Names::default();
        for (durative, action) in &text.actions {
            let place = format!("in action {}", lower(action.name));
            if !names.insert(action.name) {
                return Err(names::repeated(action.name, "action name").within(place));
            }
            let (parameters, schema) =
                self.part(&place, |binder| binder.action(action, *durative))?;
            let name = lower(action.name).into_owned();
            self.symbols.actions.push(ActionSymbol { name, parameters });
            domain.schemas.push(schema);
        }
        Ok(())
    }
}

/// Binds a domain. `lent` are objects of a problem that may serve as constants.
pub(super) fn domain<'a>(
    text: &DomainText<'a>,
    reading: Reading,
    lent: &'a [Group<'a>],
) -> Bound<'a, (Domain, Vec<Oddity<'a>>)> {
    let mut binder = Binder::new(reading, Features::new(text.requirements.is_some()));
    binder.lent = lent;
    for (fault, mended) in &text.oddities {
        binder.tolerate(fault.clone(), mended)?;
    }
    binder.requirements(&text.requirements)?;
    binder.part("in :types", |binder| binder.declare_types(text.types.as_deref()))?;
    let constants = text.constants.as_deref().unwrap_or_default();
    binder.part("in :constants", |binder| binder.constants(constants, "constant name"))?;
    for skeleton in text.predicates.iter().flatten() {
        let place = format!("in predicate {}", lower(skeleton.name));
        binder.part(&place, |binder| binder.predicate(skeleton))?;
    }
    binder.function_groups(text.functions.as_deref().unwrap_or_default())?;
    binder.heads(text)?;
    let mut domain = Domain {
        name: lower(text.name).into_owned(),
        requirements: BTreeSet::new(),
        symbols: Symbols::default(),
        functions: vec![],
        schemas: Vec::with_capacity(text.actions.len()),
        axioms: binder.axioms(text)?,
    };
    binder.actions(text, &mut domain)?;
    domain.requirements = binder.features.declared;
    domain.symbols = binder.symbols;
    domain.functions = binder.function_symbols;
    Ok((domain, binder.odd))
}

/// Binds a problem to its domain. The domain's constants from `own` on have been taken from the
/// objects of this very problem.
pub(super) fn problem<'a>(
    text: &ProblemText<'a>,
    domain: &'a Domain,
    reading: Reading,
    own: usize,
) -> Bound<'a, (Problem, Vec<Oddity<'a>>)> {
    let mut binder = Binder::of(domain, reading);
    for (fault, mended) in &text.oddities {
        binder.tolerate(fault.clone(), mended)?;
    }
    if let Some(name) = text.domain.filter(|n| lower(n) != domain.name) {
        let fault = Fault::new(name, format!("`{}`, the name of the domain", domain.name));
        let fault = fault.within("in :domain").hint("give the domain file that belongs to it");
        binder.tolerate(fault, "read it with this domain all the same")?;
    }
    binder.requirements(&text.requirements)?;
    let listed = text.objects.as_deref().unwrap_or_default();
    let objects = without_own(listed, &domain.symbols, own);
    binder.part("in :objects", |binder| binder.constants(&objects, "object name"))?;
    let facts = text.init.as_deref().unwrap_or_default();
    let (init, values) = binder.part("in :init", |binder| binder.init(facts))?;
    let goal = match &text.goal {
        Some(node) => binder.part("in :goal", |binder| binder.formula(node))?,
        None => Default::default(),
    };
    let metric = match &text.metric {
        Some(metric) => Some(binder.part("in :metric", |binder| binder.metric(metric))?),
        None => None,
    };
    let problem = Problem {
        name: lower(text.name).into_owned(),
        domain: Arc::new(domain.clone()),
        symbols: Arc::new(binder.symbols),
        init,
        values,
        goal,
        metric,
    };
    Ok((problem, binder.odd))
}

/// The objects without those that the domain has borrowed.
fn without_own<'t, 'a>(
    groups: &'t [Group<'a>],
    symbols: &Symbols,
    own: usize,
) -> Cow<'t, [Group<'a>]> {
    let borrowed: BTreeSet<&str> =
        symbols.objects.iter().skip(own).map(|o| o.name.as_str()).collect();
    if borrowed.is_empty() {
        return Cow::Borrowed(groups);
    }
    let mut groups = groups.to_vec();
    for group in &mut groups {
        group.names.retain(|name| !borrowed.contains(lower(name).as_ref()));
    }
    Cow::Owned(groups)
}
