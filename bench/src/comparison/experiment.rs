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
    /// address of a server, `openpi://HOST:PORT`.
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
            if method.method.is_instructed() != method.policy.is_some() {
                let message = match method.policy {
                    None => "is missing: name the folder of a policy, or openpi://HOST:PORT",
                    Some(_) => "is given, but the method asks no policy that is told in words",
                };
                return Err(format!("{} {message}", at("policy")));
            }
        }
        Ok(())
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
            ("title", "titel", "unknown field `titel`"),
            ("[[task]]\nname = \"move\"\nscenario = \"move.toml\"\n", "", "missing field `task`"),
        ] {
            let error = Experiment::parse(&GOOD.replace(from, to), "a.toml").unwrap_err();
            assert!(error.to_string().contains(told), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            let told = Experiment::parse(&text, "a.toml").map_err(|e| e.to_string());
            prop_assert!(told.is_ok() || told.is_err_and(|e| e.starts_with("a.toml: ")));
        }
    }
}
