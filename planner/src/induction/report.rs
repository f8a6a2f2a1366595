//! What was learned, in words.

use std::fmt;

use super::model::{Learned, feature_name};

/// Below so many expected executions a condition counts as weakly supported.
const WEAK: f64 = 3.0;

impl fmt::Display for Learned {
    /// The report for people: predicates with what changes them, relations that never change, and
    /// what little evidence there is for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (changing, fixed) = self.predicates();
        writeln!(
            f,
            "learned from  {} transitions in {} traces, {} actions, {} types of objects",
            self.transitions,
            self.traces,
            self.actions.len(),
            self.kinds.count
        )?;
        writeln!(f, "invented      {changing} predicates that change, {fixed} that never do")?;
        for (index, feature) in self.features.iter().enumerate() {
            let again = if feature.sets { ", also where it is true already" } else { "" };
            writeln!(f, "  {:<4} {}{again}", feature_name(index), self.changes(feature))?;
        }
        for relation in self.relations() {
            let name = self.relation_name(relation);
            if relation.bits > 0.0 {
                let bits = relation.bits;
                writeln!(f, "  {name}: saves {bits:.0} bits of the traces' description")?;
            } else {
                writeln!(f, "  {name}: not worth its words, taken to be safe")?;
            }
        }
        let weak = self.weak();
        if !weak.is_empty() {
            writeln!(
                f,
                "weak          always held and decided little; that they are needed is an assumption:"
            )?;
            weak.iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        }
        for doubt in self.doubts() {
            writeln!(f, "undecided     {doubt}")?;
        }
        if self.cut_off {
            writeln!(
                f,
                "note          the search for predicates was cut off; some may be missing"
            )?;
        }
        Ok(())
    }
}

impl Learned {
    /// What the traces do not decide, a sentence each; there the one of two explanations was taken that
    /// leaves less open.
    pub fn doubts(&self) -> Vec<String> {
        let places = |args: &[usize]| {
            args.iter().map(|i| format!("?x{}", i + 1)).collect::<Vec<_>>().join(" ")
        };
        let all = self.rules.iter().flat_map(|rule| &rule.doubts);
        all.map(|doubt| {
            format!(
                "whether {} depends on {} alone, or on {} together, as learned",
                self.actions[doubt.action],
                places(&doubt.args),
                places(&doubt.wider)
            )
        })
        .collect()
    }

    /// Conditions that hold in all traces and for which there is little other evidence.
    fn weak(&self) -> Vec<String> {
        let mut weak = vec![];
        for (action, rule) in self.rules.iter().enumerate() {
            let own = |feature: usize| self.features[feature].is_changed_by(action);
            let all = rule.conditions.iter();
            for condition in all.filter(|c| c.evidence < WEAK && !own(c.feature)) {
                let not = if condition.positive { "" } else { "not " };
                let place = |i: &usize| format!(" ?x{}", i + 1);
                let places: String = condition.args.iter().map(place).collect();
                let name = feature_name(condition.feature);
                weak.push(format!("{}: {not}({name}{places})", self.actions[action]));
            }
        }
        weak
    }
}
