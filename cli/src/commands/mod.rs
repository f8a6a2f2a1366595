//! One file a command.

pub(crate) mod bench;
pub(crate) mod doctor;
pub(crate) mod plan;
pub(crate) mod replay;
pub(crate) mod run;
pub(crate) mod validate;

use std::path::Path;

use ergon_planner::{Domain, Problem, pddl};

use crate::exit::Failure;
use crate::files;

/// Reads a domain and a problem.
fn read_pddl(domain: &Path, problem: &Path) -> Result<Problem, Failure> {
    let name = domain.display().to_string();
    let bytes = files::read(domain)?;
    let domain = Domain::parse(pddl::decode(&bytes, &name)?, &name)?;
    let name = problem.display().to_string();
    let bytes = files::read(problem)?;
    Ok(Problem::parse(pddl::decode(&bytes, &name)?, &name, &domain)?)
}
