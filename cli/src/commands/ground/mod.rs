//! `ergon ground`.

mod dump;

use std::path::PathBuf;

use ergon_planner::Task;
use ergon_vocab::Clock;
use serde_json::json;

use crate::clock::WallClock;
use crate::exit::{Exit, Failure};
use crate::out::say;
use crate::planning;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:  ergon ground domains/hanoi/domain.pddl domains/hanoi/p03.pddl
           ergon ground domains/hanoi/domain.pddl domains/hanoi/p03.pddl --dump")]
pub(crate) struct Arguments {
    /// PDDL domain
    domain: PathBuf,
    /// PDDL problem
    problem: PathBuf,
    /// Print the ground task: atoms, initial state, goal, operators
    #[arg(long)]
    dump: bool,
    /// Warn of mistakes in the files that can be guessed away, instead of refusing them
    #[arg(long)]
    lenient: bool,
    /// Print the sizes as JSON
    #[arg(long, conflicts_with = "dump")]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let clock = WallClock::new();
    let problem = planning::read(&arguments.domain, &arguments.problem, arguments.lenient)?;
    let read = clock.now();
    let task = Task::new(&problem);
    let ground = planning::ground(&task, &clock);
    let ground = ground.map_err(|limit| {
        Failure::new(Exit::GroundingMemory, format!("grounding ran out of {limit:?}"))
    })?;
    let secs = clock.now().saturating_sub(read).as_secs_f64();
    if arguments.dump {
        crate::out::text(format_args!("{}", dump::dump(&task, &ground)));
        return Ok(Exit::Done);
    }
    let unreachable: Vec<String> =
        ground.unreachable.iter().map(|l| task.symbols().show_literal(l)).collect();
    let variables = ground.groups.iter().filter(|g| g.atoms.len() > 1);
    let sizes = [
        ("atoms", ground.atoms.len()),
        ("derived atoms", ground.atoms.len() - ground.basic),
        ("axioms", ground.axioms.len()),
        ("mutex groups", variables.count()),
        ("numbers", ground.numerics.len()),
        ("operators", ground.operators.len()),
        ("reachable facts", ground.reachable_facts),
    ];
    if arguments.json {
        let sizes = sizes.map(|(name, n)| (name.replace(' ', "_"), json!(n)));
        let mut object: serde_json::Map<_, _> = sizes.into_iter().collect();
        object.insert("unreachable_goals".into(), json!(unreachable));
        object.insert("read_secs".into(), json!(read.as_secs_f64()));
        object.insert("ground_secs".into(), json!(secs));
        say!("{}", serde_json::Value::Object(object));
        return Ok(Exit::Done);
    }
    sizes.iter().for_each(|(name, n)| say!("{name:<18} {n}"));
    say!(
        "{:<18} {:.1} ms reading, {:.1} ms grounding",
        "time",
        read.as_secs_f64() * 1e3,
        secs * 1e3
    );
    if !unreachable.is_empty() {
        say!("{:<18} {}", "out of reach", unreachable.join(" "));
    }
    Ok(Exit::Done)
}
