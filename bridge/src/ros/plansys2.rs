//! Formulas and executions as PlanSys2 has them.

use super::agent::{AgentEvent, Execution};
use super::messages::Time;
use super::messages::plansys2_msgs::{
    AND, ActionExecutionInfo, CANCELLED, EXECUTING, FAILED, NOT, NOT_EXECUTED, Node, PREDICATE,
    Param, Plan, SUCCEEDED, Tree,
};

/// The most nodes of a goal that are read, and how deep they may lie in each other.
const MOST_NODES: usize = 10_000;
const DEEPEST: usize = 64;
/// The most steps of a plan that are taken, and the longest of them, bytes.
const MOST_STEPS: usize = 10_000;
const LONGEST_STEP: usize = 1000;
/// The most actions whose fate is told of.
const MOST_TOLD: usize = 10_000;

/// The words of `(name argument ...)`.
fn words(atom: &str) -> Vec<String> {
    let inner = atom.trim().trim_start_matches('(').trim_end_matches(')');
    inner.split_whitespace().map(str::to_owned).collect()
}

/// An atom such as `(on a b)` as a node.
pub(crate) fn atom_node(atom: &str, node_id: usize) -> Node {
    let mut words = words(atom).into_iter();
    Node {
        node_type: PREDICATE,
        node_id: node_id as u32,
        name: words.next().unwrap_or_default(),
        parameters: words.map(|name| Param { name, ..Param::default() }).collect(),
        ..Node::default()
    }
}

/// A conjunction: atoms such as `(on a b)`, and whether they shall hold.
pub(crate) fn goal_tree(literals: &[(String, bool)]) -> Tree {
    let mut nodes = vec![Node { node_type: AND, ..Node::default() }];
    for (atom, positive) in literals {
        let node_id = nodes.len();
        nodes[0].children.push(node_id as u32);
        if !positive {
            let (node_id, child) = (node_id as u32, node_id as u32 + 1);
            let children = vec![child];
            nodes.push(Node { node_type: NOT, node_id, children, ..Node::default() });
        }
        nodes.push(atom_node(atom, nodes.len()));
    }
    Tree { nodes }
}

/// The PDDL text of a goal: atoms, `and` and `not`.
///
/// # Errors
/// The tree is no such goal, or too large.
pub(crate) fn goal_text(tree: &Tree) -> Result<String, String> {
    let mut text = String::new();
    let mut left = MOST_NODES;
    write_node(tree, 0, (0, &mut left), &mut text)?;
    Ok(text)
}

fn write_node(
    tree: &Tree,
    index: usize,
    (depth, left): (usize, &mut usize),
    text: &mut String,
) -> Result<(), String> {
    let node = tree.nodes.get(index).ok_or_else(|| format!("the goal has no node {index}"))?;
    // Children may be named twice or name each other: what is written is counted, not what is there.
    if *left == 0 || depth == DEEPEST {
        return Err(format!("expected at most {MOST_NODES} nodes, {DEEPEST} deep"));
    }
    *left -= 1;
    match node.node_type {
        PREDICATE => {
            let parameters = node.parameters.iter().map(|parameter| &parameter.name);
            let all: Vec<&String> = std::iter::once(&node.name).chain(parameters).collect();
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            if let Some(bad) = all.iter().find(|n| n.is_empty() || !n.chars().all(plain)) {
                return Err(format!("expected a name in the goal, found {bad:?}"));
            }
            let all: Vec<&str> = all.into_iter().map(String::as_str).collect();
            text.push_str(&format!("({})", all.join(" ")));
        }
        AND | NOT => {
            if node.node_type == NOT && node.children.len() != 1 {
                return Err(format!("expected one part of a not, found {}", node.children.len()));
            }
            text.push_str(if node.node_type == AND { "(and" } else { "(not" });
            for &child in &node.children {
                text.push(' ');
                write_node(tree, child as usize, (depth + 1, &mut *left), text)?;
            }
            text.push(')');
        }
        other => return Err(format!("expected atoms, and, not in the goal; found type {other}")),
    }
    Ok(())
}

/// The actions of a plan, if it has any, and not too many.
pub(crate) fn steps(plan: &Plan) -> Option<Vec<String>> {
    let fits = (1..=MOST_STEPS).contains(&plan.items.len())
        && plan.items.iter().all(|item| item.action.len() <= LONGEST_STEP);
    fits.then(|| plan.items.iter().map(|item| item.action.clone()).collect())
}

/// What became of the actions of a plan, and of those that took its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Fates {
    /// Of plans that are over.
    past: Vec<ActionExecutionInfo>,
    /// Of the present plan.
    present: Vec<ActionExecutionInfo>,
}

impl Fates {
    /// A plan begins in place of any before it, of which is kept what was tried.
    pub(crate) fn begin(&mut self, plan: &[String]) {
        let tried = self.present.drain(..).filter(|info| info.status != NOT_EXECUTED);
        self.past.extend(tried.map(|mut info| {
            if info.status == EXECUTING {
                info.status = FAILED;
            }
            info
        }));
        let surplus = (self.past.len() + plan.len()).saturating_sub(MOST_TOLD);
        self.past.drain(..surplus.min(self.past.len()));
        self.present = plan
            .iter()
            .map(|step| {
                let mut words = words(step).into_iter();
                ActionExecutionInfo {
                    status: NOT_EXECUTED,
                    action_full_name: step.clone(),
                    action: words.next().unwrap_or_default(),
                    arguments: words.collect(),
                    duration: Time::from_secs(1.0),
                    ..ActionExecutionInfo::default()
                }
            })
            .collect();
    }

    /// Hears of an event, at a time since 1970, s; whether there is something to tell.
    pub(crate) fn hear(&mut self, event: &AgentEvent, now: f64) -> bool {
        let stamp = Time::from_secs(now);
        if event.event == "planned" {
            self.begin(&event.plan);
            return true;
        }
        let Some(info) = self.present.get_mut(event.step) else { return false };
        match event.event.as_str() {
            "action" if info.status != EXECUTING => {
                info.status = EXECUTING;
                info.start_stamp = stamp.clone();
            }
            "success" => (info.status, info.completion) = (SUCCEEDED, 1.0),
            "replan" if info.status == EXECUTING => info.status = FAILED,
            "action" | "mismatch" | "retry" | "replan" => {}
            _ => return false,
        }
        info.status_stamp = stamp;
        info.message_status.clone_from(&event.text);
        true
    }

    /// Nothing more will happen.
    pub(crate) fn end(&mut self, execution: &Execution, now: f64) {
        let called_off = execution.outcome == "cancelled";
        for info in self.present.iter_mut().filter(|info| info.status == EXECUTING) {
            info.status = if called_off { CANCELLED } else { FAILED };
            info.status_stamp = Time::from_secs(now);
            info.message_status.clone_from(&execution.info);
        }
        // PlanSys2's result has no room for a reason of its own.
        if !execution.info.is_empty()
            && let Some(first) = self.present.iter_mut().find(|i| i.status == NOT_EXECUTED)
        {
            first.message_status.clone_from(&execution.info);
        }
    }

    /// All of it.
    pub(crate) fn told(&self) -> Vec<ActionExecutionInfo> {
        self.past.iter().chain(&self.present).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_goal_goes_there_and_back() {
        let goal = [("(on a b)".to_owned(), true), ("(clear b)".to_owned(), false)];
        let tree = goal_tree(&goal);
        assert_eq!(tree.nodes[0].children, [1, 2]);
        let negated = (tree.nodes[2].node_type, tree.nodes[2].children.as_slice());
        assert_eq!(negated, (NOT, [3].as_slice()));
        assert_eq!(tree.nodes[3].node_id, 3);
        assert_eq!(goal_text(&tree).unwrap(), "(and (on a b) (not (clear b)))");
    }

    #[test]
    fn trees_that_are_no_goal_are_refused() {
        let refused = |nodes: Vec<Node>| goal_text(&Tree { nodes }).unwrap_err();
        let node = |node_type, children: &[u32]| Node {
            node_type,
            children: children.to_vec(),
            ..Node::default()
        };
        assert!(refused(vec![]).contains("no node 0"));
        assert!(refused(vec![node(2, &[])]).contains("found type 2"));
        assert!(refused(vec![node(NOT, &[])]).contains("one part of a not"));
        assert!(refused(vec![node(AND, &[9])]).contains("no node 9"));
        assert!(refused(vec![node(AND, &[0])]).contains("64 deep"));
        assert!(refused(vec![atom_node("(on a \"b)", 0)]).contains("expected a name"));
        assert!(refused(vec![node(PREDICATE, &[])]).contains("expected a name"));
        // Twice two parts at each of many levels would be as many as one likes.
        let mut doubled: Vec<Node> = (1..60).map(|i| node(AND, &[i, i])).collect();
        doubled.push(atom_node("(on a b)", 59));
        assert!(refused(doubled).contains("at most 10000 nodes"));
    }

    fn event(event: &str, step: usize, plan: &[&str]) -> AgentEvent {
        let plan = plan.iter().map(|step| (*step).to_owned()).collect();
        AgentEvent { event: event.into(), text: event.into(), step, plan, ..AgentEvent::default() }
    }

    #[test]
    fn the_fate_of_each_action_is_told() {
        let mut fates = Fates::default();
        let hear = |fates: &mut Fates, e: AgentEvent| fates.hear(&e, 5.0);
        assert!(hear(&mut fates, event("planned", 0, &["(pick c1)", "(place c1 a)"])));
        assert!(hear(&mut fates, event("action", 0, &[])));
        assert!(!hear(&mut fates, event("skill", 0, &[])));
        assert!(hear(&mut fates, event("success", 0, &[])));
        assert!(hear(&mut fates, event("action", 1, &[])));
        assert!(hear(&mut fates, event("replan", 1, &[])));
        assert!(hear(&mut fates, event("planned", 0, &["(pick c1)"])));
        assert!(hear(&mut fates, event("action", 0, &[])));
        assert!(!hear(&mut fates, event("success", 7, &[])));
        let statuses =
            |fates: &Fates| -> Vec<i8> { fates.told().iter().map(|i| i.status).collect() };
        assert_eq!(statuses(&fates), [SUCCEEDED, FAILED, EXECUTING]);
        let outcome = |outcome: &str| Execution { outcome: outcome.into(), ..Execution::default() };
        fates.end(&outcome("cancelled"), 6.0);
        assert_eq!(statuses(&fates), [SUCCEEDED, FAILED, CANCELLED]);
        let first = &fates.told()[0];
        assert_eq!((first.action.as_str(), first.arguments.len()), ("pick", 1));
        assert_eq!((first.start_stamp.sec, first.completion), (5, 1.0));
        let mut nothing = Fates::default();
        hear(&mut nothing, event("planned", 0, &["(pick c1)"]));
        nothing.end(&Execution { info: "no robot".into(), ..outcome("gave-up") }, 6.0);
        assert_eq!(nothing.told()[0].message_status, "no robot");
    }

    #[test]
    fn plans_without_steps_or_with_endless_ones_are_not_taken() {
        let plan = |actions: Vec<String>| {
            let item = |action| super::super::messages::plansys2_msgs::PlanItem {
                action,
                ..Default::default()
            };
            steps(&Plan { items: actions.into_iter().map(item).collect() })
        };
        assert_eq!(plan(vec![]), None);
        assert_eq!(plan(vec!["x".repeat(1001)]), None);
        assert_eq!(plan(vec!["(pick c1)".into()]), Some(vec!["(pick c1)".to_owned()]));
    }

    proptest! {
        #[test]
        fn any_tree_is_a_goal_or_a_reason(
            nodes in proptest::collection::vec((0u8..7, proptest::collection::vec(0u32..8, 0..4), "[a-c(]{0,2}"), 0..8),
        ) {
            let node = |(node_type, children, name)| Node { node_type, children, name, ..Node::default() };
            match goal_text(&Tree { nodes: nodes.into_iter().map(node).collect() }) {
                Ok(text) => prop_assert_eq!(text.matches('(').count(), text.matches(')').count()),
                Err(why) => prop_assert!(!why.is_empty()),
            }
        }

        #[test]
        fn told_is_bounded_whatever_happens(
            events in proptest::collection::vec(("planned|action|success|replan|retry", 0usize..5, 0usize..4), 0..40),
        ) {
            let mut fates = Fates::default();
            for (kind, step, steps) in events {
                let plan = vec!["(pick c1)"; steps];
                fates.hear(&event(&kind, step, &plan), 1.0);
            }
            fates.end(&Execution::default(), 2.0);
            prop_assert!(fates.told().iter().all(|info| info.status != EXECUTING));
            prop_assert!(fates.told().len() <= MOST_TOLD);
        }
    }
}
