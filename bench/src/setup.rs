//! A scenario with its domain, read and checked against each other.

use std::path::Path;

use ergon_controller::BindingError;
use ergon_perception::UnknownPredicate;
use ergon_planner::{Domain, PddlError, ProblemError};
use ergon_scenarios::{Instance, Override, Scenario, ScenarioError};
use ergon_sim::SimError;
use thiserror::Error;

use crate::Cast;

/// Why an episode could not begin.
#[derive(Debug, Error)]
pub enum SetupError {
    /// The scenario file is wrong.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A file that the scenario names cannot be read.
    #[error("{file}: cannot be read: {source}")]
    Read {
        /// The file.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The domain is wrong.
    #[error(transparent)]
    Pddl(#[from] PddlError),
    /// The scenario's objects or goal do not fit the domain.
    #[error("{scenario}: {source}")]
    Problem {
        /// Name of the scenario.
        scenario: String,
        /// What does not fit.
        source: ProblemError,
    },
    /// The scenario's `task.predicates` or `task.law` do not fit the domain.
    #[error("{scenario}: task.predicates: {source}")]
    Predicates {
        /// Name of the scenario.
        scenario: String,
        /// What does not fit.
        source: UnknownPredicate,
    },
    /// The scenario's `task.actions` do not fit the domain or the skills.
    #[error("{scenario}: task.actions: {source}")]
    Actions {
        /// Name of the scenario.
        scenario: String,
        /// What does not fit.
        source: BindingError,
    },
    /// A law names a predicate that the domain does not have.
    #[error("{scenario}: task.law: the domain has no predicate {predicate:?}")]
    Law {
        /// Name of the scenario.
        scenario: String,
        /// The predicate.
        predicate: String,
    },
    /// No predicate of the scenario stands for being on something.
    #[error("{scenario}: task.predicates: none is bound to `on`, of which sentences speak")]
    NoSupport {
        /// Name of the scenario.
        scenario: String,
    },
    /// The networks are missing or do not fit the cell.
    #[error("{scenario}: {message}")]
    Networks {
        /// Name of the scenario.
        scenario: String,
        /// What is wrong.
        message: String,
    },
    /// The threads of an experiment cannot be started.
    #[error("cannot start threads: {0}")]
    Threads(String),
    /// The cell cannot be set up.
    #[error("{scenario}, seed {seed}: {source}")]
    Sim {
        /// Name of the scenario.
        scenario: String,
        /// The seed.
        seed: u64,
        /// Why.
        source: SimError,
    },
}

impl SetupError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Scenario(e) => (!e.hint.is_empty()).then(|| e.hint.clone()),
            Self::Read { .. } => {
                Some("check `task.domain`; it is relative to the scenario file".into())
            }
            Self::Pddl(e) => e.hint().map(str::to_owned),
            Self::Problem { .. } => {
                Some("compare types and goal of the scenario with the domain's declarations".into())
            }
            Self::Predicates { .. } | Self::Law { .. } | Self::NoSupport { .. } => Some(
                "bind every predicate of the domain to a geometric one under [task.predicates]"
                    .into(),
            ),
            Self::Actions { .. } => {
                Some("bind every action of the domain to skills under [task.actions]".into())
            }
            Self::Sim { source: SimError::Unreachable { .. }, .. } => {
                Some("move it nearer to the arm: 0.35 m to 0.75 m from its foot".into())
            }
            Self::Sim { source: SimError::Unsettled, .. } => {
                Some("check sizes and jitter: bodies may overlap or stand on an edge".into())
            }
            Self::Networks { .. } => Some(
                "the trained policies know the cell of the Tower of Hanoi; train others with ergon train"
                    .into(),
            ),
            Self::Sim { .. } | Self::Threads(_) => None,
        }
    }
}

/// A scenario and its domain.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The scenario.
    pub scenario: Scenario,
    /// The domain.
    pub domain: Domain,
    /// The domain's text, for traces.
    pub domain_text: String,
}

impl Setup {
    /// When the agent gives up, by the scenario's limits.
    pub fn budgets(&self) -> ergon_controller::Budgets {
        let limits = &self.scenario.limits;
        ergon_controller::Budgets {
            time_secs: limits.time_secs,
            replans: limits.replans,
            attempts: limits.attempts,
        }
    }

    /// The cast of an episode of this setup.
    ///
    /// # Errors
    /// Domain and scenario do not fit each other.
    pub fn cast(&self, instance: &Instance) -> Result<Cast, SetupError> {
        Cast::new(self, instance, &ergon_controller::SKILLS)
    }

    /// Reads a scenario file, what it extends, and the domain it names.
    ///
    /// # Errors
    /// A file cannot be read or is wrong.
    pub fn load(path: &Path, overrides: &[Override]) -> Result<Self, SetupError> {
        let read = |path: &Path| std::fs::read_to_string(path);
        let scenario = Scenario::load(path, overrides, &read)?;
        let file = scenario.task.domain.clone();
        let domain_text = read(Path::new(&file))
            .map_err(|source| SetupError::Read { file: file.clone(), source })?;
        let domain = Domain::parse(&domain_text, &file)?;
        Ok(Self { scenario, domain, domain_text })
    }

    /// A scenario and a domain from their texts, as a trace carries them.
    ///
    /// # Errors
    /// One of them is wrong.
    pub fn from_texts(scenario: &str, domain: &str) -> Result<Self, SetupError> {
        Ok(Self {
            scenario: Scenario::parse(scenario, "scenario.toml")?,
            domain: Domain::parse(domain, "domain.pddl")?,
            domain_text: domain.to_owned(),
        })
    }
}
