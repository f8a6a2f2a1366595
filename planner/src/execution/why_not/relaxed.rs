//! Chains of reasons why a literal is out of reach even if nothing is ever undone.

use std::collections::BTreeSet;

use ergon_vocab::{Atom, Literal, PredicateId, State, Symbols};

use super::makers::{Binding, Maker, Need, Pattern, makers};
use crate::Task;

/// Links of a chain of reasons.
const DEPTH: usize = 5;
/// Actions that are shown for a literal; of the others the number is told.
const ACTIONS: usize = 4;
/// Partial bindings that are followed at a time.
const BINDINGS: usize = 4096;

/// Why a literal is out of reach, or every literal of a form such as `(on c1 ?l)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The literal as text; arguments that are open have the name of a parameter.
    pub text: String,
    /// Whether it is a negative one.
    pub negative: bool,
    /// The actions that could make it, each with what it lacks.
    pub hurdles: Vec<Hurdle>,
    /// Further actions: they need first what is explained here or above.
    pub circular: usize,
    /// Further actions, left out for shortness.
    pub more: usize,
    /// Whether there is no action that makes it.
    pub no_action: bool,
}

/// What an action lacks that could make a literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hurdle {
    /// The action as text; open parameters have their names: `(place c1 ?l)`.
    pub action: String,
    /// What it lacks.
    pub lack: Lack,
}

/// What keeps an action from ever being applicable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// A literal that is itself out of reach.
    Literal(Box<Reason>),
    /// Literals each of which can be true, but not all for the same arguments.
    Together(Vec<String>),
    /// An equality or inequality between its arguments.
    Equality(String),
    /// Something that does not show here, such as a condition that is no conjunction.
    Hidden,
}

/// What can become true.
pub(super) struct Relaxed<'t> {
    symbols: &'t Symbols,
    init: &'t State,
    /// Atoms that can hold, ascending.
    reachable: Vec<Atom>,
    makers: Vec<Maker>,
}

impl<'t> Relaxed<'t> {
    pub(super) fn new(task: &'t Task, init: &'t State, mut reachable: Vec<Atom>) -> Self {
        reachable.sort_unstable();
        Self { symbols: task.symbols(), init, reachable, makers: makers(task) }
    }

    /// Whether a literal holds or an action could make it hold, as far as it shows here.
    pub(super) fn can_hold(&self, literal: &Literal) -> bool {
        if literal.positive {
            return self.reachable.binary_search(&literal.atom).is_ok();
        }
        !self.init.contains(&literal.atom)
            || self
                .candidates(&Pattern::of(literal))
                .any(|(maker, binding)| self.lacks(maker, &binding).is_empty())
    }

    /// The chains of reasons why literals cannot hold.
    pub(super) fn reasons<'l>(
        &self,
        literals: impl IntoIterator<Item = &'l Literal>,
    ) -> Vec<Reason> {
        let mut told = BTreeSet::new();
        let explain = |literal: &Literal| {
            let text = self.symbols.show_literal(literal);
            self.explain(&Pattern::of(literal), text, DEPTH, &mut told)
        };
        literals.into_iter().map(explain).collect()
    }

    fn candidates<'a>(&'a self, form: &'a Pattern) -> impl Iterator<Item = (&'a Maker, Binding)> {
        self.makers.iter().filter_map(|maker| Some((maker, maker.bind(form, self.symbols)?)))
    }

    /// `told` are the forms explained above and beside.
    fn explain(
        &self,
        form: &Pattern,
        text: String,
        depth: usize,
        told: &mut BTreeSet<Pattern>,
    ) -> Reason {
        told.insert(form.clone());
        let mut reason = Reason {
            text,
            negative: !form.positive,
            hurdles: vec![],
            circular: 0,
            more: 0,
            no_action: true,
        };
        for (maker, binding) in self.candidates(form) {
            reason.no_action = false;
            if depth == 0 || reason.hurdles.len() == ACTIONS {
                reason.more += 1;
                continue;
            }
            let action = maker.show(&binding, self.symbols);
            match self.worst(maker, &binding, depth, told) {
                Some(lack) => reason.hurdles.push(Hurdle { action, lack }),
                None => reason.circular += 1,
            }
        }
        reason
    }

    /// The lack of an action that explains most: what no action makes comes before what has reasons
    /// of its own. `None` if all that it lacks has been told.
    fn worst(
        &self,
        maker: &Maker,
        binding: &Binding,
        depth: usize,
        told: &mut BTreeSet<Pattern>,
    ) -> Option<Lack> {
        if let Some(text) = maker.unequal(binding, self.symbols) {
            return Some(Lack::Equality(text));
        }
        let lacks = self.lacks(maker, binding);
        if lacks.is_empty() {
            return Some(self.join(maker, binding));
        }
        let forms = lacks.into_iter().map(|need| (Pattern::new(maker, need, binding), need));
        let rank = |form: &Pattern| match self.candidates(form).next() {
            None => 0,
            Some(_) if told.contains(form) => 2,
            Some(_) => 1,
        };
        let (rank, form, need) =
            forms.map(|(form, need)| (rank(&form), form, need)).min_by_key(|lack| lack.0)?;
        let text = maker.show_need(need, binding, self.symbols);
        let chain = || Lack::Literal(Box::new(self.explain(&form, text, depth - 1, told)));
        (rank < 2).then(chain)
    }

    /// The needs of an action that cannot be met, each by itself.
    fn lacks<'m>(&self, maker: &'m Maker, binding: &Binding) -> Vec<&'m Need> {
        let open = |need: &&Need| {
            let form = Pattern::new(maker, need, binding);
            match form.literal() {
                Some(literal) if literal.positive => !self.can_hold(&literal),
                Some(literal) => {
                    self.init.contains(&literal.atom) && self.candidates(&form).next().is_none()
                }
                None => form.positive && self.matching(maker, need, binding).next().is_none(),
            }
        };
        maker.needs.iter().filter(open).collect()
    }

    /// Bindings under which a need can be met.
    fn matching<'a>(
        &'a self,
        maker: &'a Maker,
        need: &'a Need,
        binding: &'a Binding,
    ) -> impl Iterator<Item = Binding> {
        self.facts(need.atom.predicate).iter().filter_map(|fact| {
            let mut longer = binding.clone();
            maker.extend(&mut longer, &need.atom, &fact.args, self.symbols).then_some(longer)
        })
    }

    fn facts(&self, predicate: PredicateId) -> &[Atom] {
        let from = self.reachable.partition_point(|a| a.predicate < predicate);
        let to = self.reachable.partition_point(|a| a.predicate <= predicate);
        &self.reachable[from..to]
    }

    /// The first needs of an action, in the order of the domain, that cannot be met together.
    fn join(&self, maker: &Maker, binding: &Binding) -> Lack {
        let mut bindings = vec![binding.clone()];
        for (i, need) in maker.needs.iter().enumerate().filter(|(_, need)| need.positive) {
            let mut longer: Vec<Binding> = bindings
                .iter()
                .flat_map(|b| self.matching(maker, need, b))
                .take(BINDINGS)
                .collect();
            longer.sort_unstable();
            longer.dedup();
            longer.retain(|b| maker.unequal(b, self.symbols).is_none());
            if longer.len() == BINDINGS {
                return Lack::Hidden;
            }
            if longer.is_empty() {
                let tried = maker.needs[..=i].iter().filter(|need| need.positive);
                let shown = tried.map(|need| maker.show_need(need, binding, self.symbols));
                return Lack::Together(shown.collect());
            }
            bindings = longer;
        }
        Lack::Hidden
    }
}

impl Reason {
    /// The reason in lines of text, indented as deep as they stand in the chain.
    pub(super) fn tell(&self, indent: usize, out: &mut Vec<String>) {
        let pad = "  ".repeat(indent);
        for Hurdle { action, lack } in &self.hurdles {
            let line = match lack {
                Lack::Literal(reason) => format!("needs {}{}", reason.text, reason.why()),
                Lack::Together(needs) => {
                    format!("needs {}, and no objects fit all of these", needs.join(" and "))
                }
                Lack::Equality(text) => format!("needs {text}, which is not so"),
                Lack::Hidden => "can never be applied".into(),
            };
            out.push(format!("{pad}{action} {line}"));
            if let Lack::Literal(reason) = lack {
                reason.tell(indent + 1, out);
            }
        }
        let others = |n: usize| if n == 1 { "1 other".into() } else { format!("{n} others") };
        if !self.hurdles.is_empty() && self.circular > 0 {
            let need = if self.circular == 1 { "needs" } else { "need" };
            out.push(format!("{pad}{} {need} first what is told above", others(self.circular)));
        }
        if !self.hurdles.is_empty() && self.more > 0 {
            out.push(format!("{pad}{} cannot make it either", others(self.more)));
        }
    }

    /// The first line on a goal literal.
    pub(super) fn head(&self) -> String {
        let text = &self.text;
        match (self.no_action, self.negative) {
            (true, false) => format!("{text} does not hold, and no action makes it"),
            (true, true) => format!("{text} does not hold: no action undoes the fact"),
            _ if self.hurdles.is_empty() => format!("{text} is out of reach, as told above"),
            _ => format!("{text} is out of reach, even if nothing is ever undone:"),
        }
    }

    /// The end of a line on what an action needs.
    fn why(&self) -> &'static str {
        match (self.no_action, self.negative) {
            (true, false) => ", which does not hold and no action makes",
            (true, true) => ", but no action undoes the fact",
            _ if self.hurdles.is_empty() && self.more > 0 => ", which is out of reach too",
            _ if self.hurdles.is_empty() => ", which in turn needs what is told above",
            _ => ", which is out of reach:",
        }
    }
}
