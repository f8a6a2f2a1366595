//! Experiment files.

use std::collections::BTreeSet;

use serde::Deserialize;
use thiserror::Error;

use crate::Method;

/// The version of the format that is read.
const FORMAT_VERSION: u64 = 1;

/// An experiment file is wrong.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{file}: {message}")]
pub struct ExperimentError {
    /// The file.
    pub file: String,
    /// What is wrong, with line and column or key.
    pub message: String,
}

/// Methods that run the same episodes of some tasks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    version: u64,
    /// A short name, such as `hanoi`.
    pub name: String,
    /// What the report is called.
    pub title: String,
    /// Seed of every task's first episode; the following ones count up.
    #[serde(default)]
    pub seed: u64,
    /// Folder of trained policies, relative to the experiment's file.
    pub policies: String,
    /// Columns of the table.
    #[serde(rename = "task")]
    pub tasks: Vec<TaskSpec>,
    /// Rows of the table.
    #[serde(rename = "method")]
    pub methods: Vec<MethodSpec>,
}

/// A task: a scenario.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskSpec {
    /// What it is called in the report.
    pub name: String,
    /// The scenario's file, relative to the experiment's.
    pub scenario: String,
    /// Values of the scenario that are changed, as for `ergon run --set`.
    #[serde(default)]
    pub set: Vec<String>,
    /// Episodes that a method runs at most.
    pub episodes: Option<u64>,
}

/// A method and how much it runs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodSpec {
    /// What it is called in the report.
    pub name: String,
    /// How the agent acts, as for `ergon run --method`.
    #[serde(deserialize_with = "method")]
    pub method: Method,
    /// For methods that are told in words what to do: the policy's folder among the policies, or the
    /// address of a server, `openpi://HOST:PORT`. For methods with networks: the folder among the policies
    /// that holds a set of them other than the one at the top, say of another training seed.
    pub policy: Option<String>,
    /// Episodes of every task.
    pub episodes: u64,
    /// For methods that are told in words: commands that are executed of every answer; 0 for all.
    #[serde(default)]
    pub replan_steps: usize,
    /// A time limit of an episode, s, in place of the scenario's; what a task sets prevails.
    pub time_secs: Option<f64>,
    /// The tasks that it runs, by name; all where none are named.
    #[serde(default)]
    pub tasks: Vec<String>,
    /// Whether it is a point of the curve of success against training energy rather than a row.
    #[serde(default)]
    pub curve: bool,
}

impl TaskSpec {
    fn has_grown_from(&self, old: &Self) -> bool {
        let most = |t: &Self| t.episodes.unwrap_or(u64::MAX);
        (&self.name, &self.scenario, &self.set) == (&old.name, &old.scenario, &old.set)
            && most(self) >= most(old)
    }
}

impl MethodSpec {
    fn wrong_policy(&self) -> Option<&'static str> {
        let (told, networks) = (self.method.is_instructed(), self.method.has_networks());
        match self.policy.as_deref() {
            None => {
                told.then_some("is missing: name the folder of a policy, or openpi://HOST:PORT")
            }
            Some(_) if !told && !networks => Some("is given, but the method asks no network"),
            Some(policy) if !told && policy.contains("://") => {
                Some("is an address, but the method has networks of its own: name their folder")
            }
            Some(_) => None,
        }
    }

    fn has_grown_from(&self, old: &Self) -> bool {
        let how = |m: &Self| {
            (m.name.clone(), m.method, m.policy.clone(), m.replan_steps, m.time_secs, m.curve)
        };
        let all_tasks = self.tasks.is_empty();
        let old_tasks = !old.tasks.is_empty() && old.tasks.iter().all(|t| self.tasks.contains(t));
        how(self) == how(old) && self.episodes >= old.episodes && (all_tasks || old_tasks)
    }
}

fn method<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Method, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

impl Experiment {
    /// Reads an experiment's text.
    ///
    /// # Errors
    /// It is no TOML, a key is missing, unknown or of the wrong kind, a name is given twice, or a method
    /// runs a task that is not there.
    pub fn parse(text: &str, file: &str) -> Result<Self, ExperimentError> {
        let wrong = |message: String| ExperimentError { file: file.to_owned(), message };
        let experiment: Self =
            toml::from_str(text).map_err(|e| wrong(e.to_string().trim_end().to_owned()))?;
        experiment.check().map_err(wrong)?;
        Ok(experiment)
    }

    fn check(&self) -> Result<(), String> {
        if self.version != FORMAT_VERSION {
            return Err(format!("version: expected {FORMAT_VERSION}, found {}", self.version));
        }
        distinct("task", self.tasks.iter().map(|t| t.name.as_str()))?;
        distinct("method", self.methods.iter().map(|m| m.name.as_str()))?;
        let known: BTreeSet<&str> = self.tasks.iter().map(|t| t.name.as_str()).collect();
        for method in &self.methods {
            let at = |key: &str| format!("method {:?}: {key}", method.name);
            if let Some(task) = method.tasks.iter().find(|t| !known.contains(t.as_str())) {
                let known: Vec<&str> = known.into_iter().collect();
                let known = known.join(", ");
                return Err(format!(
                    "{}: no task is called {task:?}; known are {known}",
                    at("tasks")
                ));
            }
            if method.episodes == 0 {
                return Err(format!("{}: expected at least 1, found 0", at("episodes")));
            }
            if method.time_secs.is_some_and(|t| !(t.is_finite() && t > 0.0)) {
                return Err(format!("{}: expected a positive number of seconds", at("time_secs")));
            }
            if let Some(message) = method.wrong_policy() {
                return Err(format!("{} {message}", at("policy")));
            }
        }
        Ok(())
    }

    /// Whether this experiment has all of `earlier`, meaning the same by it: tasks, methods and episodes
    /// may have been added.
    pub fn has_grown_from(&self, earlier: &Self) -> bool {
        let has_task = |old: &TaskSpec| self.tasks.iter().any(|new| new.has_grown_from(old));
        let has_method = |old: &MethodSpec| self.methods.iter().any(|new| new.has_grown_from(old));
        (self.seed, &self.policies) == (earlier.seed, &earlier.policies)
            && earlier.tasks.iter().all(has_task)
            && earlier.methods.iter().all(has_method)
    }

    /// Seeds of the episodes of a task that a method runs.
    pub fn seeds(&self, task: &TaskSpec, method: &MethodSpec) -> std::ops::Range<u64> {
        let episodes = task.episodes.unwrap_or(u64::MAX).min(method.episodes);
        self.seed..self.seed.saturating_add(episodes)
    }

    /// The methods that run a task.
    pub fn methods_of<'a>(&'a self, task: &'a TaskSpec) -> impl Iterator<Item = &'a MethodSpec> {
        self.methods.iter().filter(|m| m.tasks.is_empty() || m.tasks.contains(&task.name))
    }
}

fn distinct<'a>(kind: &str, names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    let mut any = false;
    for name in names {
        any = true;
        if !seen.insert(name) {
            return Err(format!("{kind}: the name {name:?} is given twice"));
        }
    }
    if any { Ok(()) } else { Err(format!("expected at least one [[{kind}]]")) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = "version = 1\nname = \"a\"\ntitle = \"A\"\npolicies = \"p\"\n\
        [[task]]\nname = \"move\"\nscenario = \"move.toml\"\n\
        [[method]]\nname = \"expert\"\nmethod = \"scripted\"\nepisodes = 2\n";

    #[test]
    fn a_good_file_is_read() {
        let experiment = Experiment::parse(GOOD, "a.toml").unwrap();
        assert_eq!(experiment.methods_of(&experiment.tasks[0]).count(), 1);
        assert_eq!(experiment.methods[0].method, Method::Scripted);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (from, to, told) in [
            ("version = 1", "version = 2", "version: expected 1, found 2"),
            ("\"scripted\"", "\"magic\"", "neuro-symbolic"),
            ("episodes = 2", "episodes = 0", "at least 1"),
            ("episodes = 2", "episodes = 2\ntasks = [\"fly\"]", "no task is called \"fly\""),
            ("\"scripted\"", "\"vla\"", "policy is missing"),
            ("\"scripted\"", "\"scripted\"\npolicy = \"p\"", "policy is given"),
            ("\"scripted\"", "\"neuro-symbolic\"\npolicy = \"a://b\"", "policy is an address"),
            ("title", "titel", "unknown field `titel`"),
            ("[[task]]\nname = \"move\"\nscenario = \"move.toml\"\n", "", "missing field `task`"),
        ] {
            let error = Experiment::parse(&GOOD.replace(from, to), "a.toml").unwrap_err();
            assert!(error.to_string().contains(told), "{error}");
        }
    }

    #[test]
    fn the_agent_may_have_another_set_of_networks() {
        let text = GOOD.replace("\"scripted\"", "\"neuro-symbolic\"\npolicy = \"seed-1\"");
        let experiment = Experiment::parse(&text, "a.toml").unwrap();
        assert_eq!(experiment.methods[0].policy.as_deref(), Some("seed-1"));
    }

    #[track_caller]
    fn check_growth(from: &str, to: &str, has_grown: bool) {
        let earlier = Experiment::parse(GOOD, "a.toml").unwrap();
        let later = Experiment::parse(&GOOD.replace(from, to), "a.toml").unwrap();
        assert_eq!(later.has_grown_from(&earlier), has_grown, "{to}");
    }

    #[test]
    fn an_experiment_may_grow_but_not_change() {
        let more = "[[task]]\nname = \"more\"\nscenario = \"more.toml\"\n[[task]]";
        check_growth("[[task]]", more, true);
        check_growth("episodes = 2", "episodes = 9", true);
        check_growth("title = \"A\"", "title = \"B\"", true);
        check_growth("episodes = 2", "episodes = 1", false);
        check_growth("episodes = 2", "episodes = 2\ntasks = [\"move\"]", false);
        check_growth("\"expert\"", "\"another\"", false);
        check_growth("\"move.toml\"", "\"more.toml\"", false);
        check_growth("\"move.toml\"", "\"move.toml\"\nset = [\"a=1\"]", false);
        check_growth("\"scripted\"", "\"neuro-symbolic\"", false);
        check_growth("episodes = 2", "episodes = 2\ntime_secs = 3.0", false);
        check_growth("policies = \"p\"", "policies = \"q\"", false);
        check_growth("version = 1", "version = 1\nseed = 5", false);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            let told = Experiment::parse(&text, "a.toml").map_err(|e| e.to_string());
            prop_assert!(told.is_ok() || told.is_err_and(|e| e.starts_with("a.toml: ")));
        }
    }
}
