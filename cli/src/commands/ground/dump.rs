//! A ground task as text, the same from run to run.

use std::fmt::Write;

use ergon_planner::{
    Assignment, Change, Comparison, GroundExpression, GroundMetric, GroundTask, Operator, Relation,
    Task,
};
use ergon_vocab::ObjectId;

/// The whole ground task.
pub(super) fn dump(task: &Task, ground: &GroundTask) -> String {
    let mut writer = Writer { task, ground, text: String::new() };
    writer.groups();
    writer.line("init", &writer.atoms(&ground.init));
    for (fluent, value) in ground.numerics.iter().zip(&ground.numeric_init) {
        let name = writer.fluent(fluent);
        writer.line("  value", &format!("{name} {value}"));
    }
    writer.line("goal", "");
    writer.condition(&ground.goal_holds, &ground.goal_lacks, &ground.goal_compares);
    for axiom in &ground.axioms {
        let layer = ground.layers.get(axiom.head as usize - ground.basic).copied().unwrap_or(0);
        writer.line("axiom", &format!("{} layer {layer}", writer.atom(axiom.head)));
        writer.condition(&axiom.holds, &axiom.lacks, &axiom.compares);
    }
    ground.operators.iter().for_each(|operator| writer.operator(operator));
    if let GroundMetric::Expression(direction, expression) = &ground.metric {
        let value = writer.expression(expression);
        writer.line("metric", &format!("{direction:?} {value}").to_lowercase());
    }
    writer.text
}

struct Writer<'a> {
    task: &'a Task,
    ground: &'a GroundTask,
    text: String,
}

impl Writer<'_> {
    fn line(&mut self, name: &str, rest: &str) {
        // Writing to a string does not fail.
        let _written = writeln!(self.text, "{}", format!("{name:<11} {rest}").trim_end());
    }

    fn groups(&mut self) {
        for group in self.ground.groups.iter().filter(|g| g.atoms.len() > 1) {
            let kind = if group.exhaustive { "exactly one" } else { "at most one" };
            self.line(kind, &self.atoms(&group.atoms));
        }
    }

    fn operator(&mut self, operator: &Operator) {
        let schema = ergon_vocab::ActionId(operator.schema);
        let name = self.call(self.task.symbols().action_name(schema), &operator.args);
        self.line("operator", &format!("{name} cost {}", operator.cost));
        self.condition(&operator.holds, &operator.lacks, &operator.compares);
        self.effect(&operator.adds, &operator.deletes, &operator.changes);
        for conditional in &operator.conditional {
            self.line("  when", "");
            self.condition(&conditional.holds, &conditional.lacks, &conditional.compares);
            self.effect(&conditional.adds, &conditional.deletes, &conditional.changes);
        }
    }

    fn condition(&mut self, holds: &[u32], lacks: &[u32], compares: &[u32]) {
        self.list("  holds", holds);
        self.list("  lacks", lacks);
        for comparison in compares {
            let Comparison { expression, relation } =
                &self.ground.comparisons[*comparison as usize];
            let sign = match relation {
                Relation::AtLeastZero => ">=",
                Relation::AboveZero => ">",
                Relation::Zero => "=",
            };
            let comparison = format!("({sign} {} 0)", self.expression(expression));
            self.line("  compares", &comparison);
        }
    }

    fn effect(&mut self, adds: &[u32], deletes: &[u32], changes: &[Change]) {
        self.list("  adds", adds);
        self.list("  deletes", deletes);
        for Change { variable, assignment, value } in changes {
            let verb = match assignment {
                Assignment::Assign => "assign",
                Assignment::Increase => "increase",
                Assignment::Decrease => "decrease",
                Assignment::ScaleUp => "scale-up",
                Assignment::ScaleDown => "scale-down",
            };
            let variable = self.expression(&GroundExpression::Variable(*variable));
            let change = format!("({verb} {variable} {})", self.expression(value));
            self.line("  changes", &change);
        }
    }

    fn list(&mut self, name: &str, atoms: &[u32]) {
        if !atoms.is_empty() {
            self.line(name, &self.atoms(atoms));
        }
    }

    fn atoms(&self, ids: &[u32]) -> String {
        ids.iter().map(|id| self.atom(*id)).collect::<Vec<_>>().join(" ")
    }

    fn atom(&self, id: u32) -> String {
        let atom = &self.ground.atoms[id as usize];
        let symbols = self.task.symbols();
        if atom.predicate.index() < symbols.predicates.len() {
            symbols.show_atom(atom).to_string()
        } else {
            // Made by the grounder for a part of a formula, which has no name.
            format!("(derived-{id})")
        }
    }

    fn fluent(&self, fluent: &ergon_planner::Fluent) -> String {
        let function = self.task.functions().get(fluent.function.0 as usize);
        self.call(function.map_or("?", |f| &f.name), &fluent.args)
    }

    fn call(&self, name: &str, args: &[ObjectId]) -> String {
        let symbols = self.task.symbols();
        let args = args.iter().map(|a| format!(" {}", symbols.object_name(*a)));
        format!("({name}{})", args.collect::<String>())
    }

    fn expression(&self, expression: &GroundExpression) -> String {
        let many = |sign: &str, terms: &[GroundExpression]| {
            let terms = terms.iter().map(|t| format!(" {}", self.expression(t)));
            format!("({sign}{})", terms.collect::<String>())
        };
        let two = |sign: &str, a: &GroundExpression, b: &GroundExpression| {
            format!("({sign} {} {})", self.expression(a), self.expression(b))
        };
        match expression {
            GroundExpression::Number(number) => number.to_string(),
            GroundExpression::Variable(id) => self.fluent(&self.ground.numerics[*id as usize]),
            GroundExpression::Negation(inner) => format!("(- {})", self.expression(inner)),
            GroundExpression::Sum(terms) => many("+", terms),
            GroundExpression::Product(terms) => many("*", terms),
            GroundExpression::Difference(a, b) => two("-", a, b),
            GroundExpression::Quotient(a, b) => two("/", a, b),
        }
    }
}
