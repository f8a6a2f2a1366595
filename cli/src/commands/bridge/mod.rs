//! `ergon bridge`, `ergon sim-robot`, `ergon node`: real and simulated arms behind ROS 2.

use std::path::PathBuf;

use ergon_bench::Method;

#[cfg(feature = "ros2")]
mod examine;
#[cfg(feature = "ros2")]
mod field;
#[cfg(feature = "ros2")]
mod files;
#[cfg(feature = "ros2")]
mod node;
#[cfg(feature = "ros2")]
mod served;
#[cfg(feature = "ros2")]
mod watch;

use crate::exit::{Exit, Failure};

/// What a robot file is made of is checked in every build.
pub(crate) const EXAMPLE: &str = "robots/panda-sim.toml";

#[derive(clap::Args)]
#[command(after_help = "\
Nothing moves without --arm. This is software and no certified safety function: keep the robot's own
emergency stop at hand. Enter stops the arm, `go` and Enter lets it go on.
Example:  ergon sim-robot scenarios/hanoi/3.toml &
          ergon bridge robots/panda-sim.toml --arm")]
pub(crate) struct Arguments {
    /// Robot file
    pub(crate) robot: PathBuf,
    /// The task
    #[arg(long, default_value = "scenarios/hanoi/3.toml")]
    pub(crate) scenario: PathBuf,
    /// Really move the arm
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) arm: bool,
    /// Show what would be sent, and send nothing; that is what happens without --arm too
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How the agent acts: scripted (imagined bodies, hand-written skills), or neuro-symbolic (facts from
    /// the robot's cameras, learned skills)
    #[arg(long, default_value = "scripted")]
    pub(crate) method: Method,
    /// Folder of trained policies [default: policies, here or above the scenario]
    #[arg(long, value_name = "DIR")]
    pub(crate) policies: Option<PathBuf>,
    /// Share of the speeds of the robot file, up to 1
    #[arg(long, value_name = "SHARE", default_value_t = 1.0)]
    pub(crate) speed: f64,
    /// Decides where bodies are imagined
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Write a trace (MCAP, for rosbag2 too) into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) record: Option<PathBuf>,
}

#[derive(clap::Args)]
#[command(after_help = "\
Serves /joint_states, cameras, tf, /robot_description, and the actions of arm and gripper as the robot
file names them; ends with the judge's verdict on Ctrl-C or after --secs.
Example:  ergon sim-robot scenarios/hanoi/3.toml")]
pub(crate) struct ServeArguments {
    /// Scenario file
    pub(crate) scenario: PathBuf,
    /// Robot file: names and domain
    #[arg(long, default_value = EXAMPLE)]
    pub(crate) robot: PathBuf,
    /// Decides where bodies are
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// End after this time
    #[arg(long, value_name = "SECONDS")]
    pub(crate) secs: Option<f64>,
}

#[derive(clap::Args)]
#[command(after_help = "\
Actions ergon/make_plan, ergon/execute, and execute_plan as PlanSys2's executor; services as its domain
expert, problem expert and planner, and ergon/get_facts, set_goal, validate_plan. Definitions: bridge/interfaces.
Example:  ergon node robots/panda-sim.toml --arm")]
pub(crate) struct NodeArguments {
    #[command(flatten)]
    pub(crate) bridge: Arguments,
}

/// The second process that `ergon bridge` starts.
#[derive(clap::Args)]
pub(crate) struct WatchArguments {
    /// Robot file
    pub(crate) robot: PathBuf,
}

#[cfg(feature = "ros2")]
mod entries {
    use super::{Arguments, Exit, Failure, NodeArguments, ServeArguments, WatchArguments};
    use std::path::Path;

    pub(crate) fn examine(robot: &Path) -> Result<Exit, Failure> {
        super::examine::run(robot)
    }

    pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
        super::field::run(arguments)
    }

    pub(crate) fn serve(arguments: &ServeArguments) -> Result<Exit, Failure> {
        super::served::run(arguments)
    }

    pub(crate) fn node(arguments: &NodeArguments) -> Result<Exit, Failure> {
        super::node::run(&arguments.bridge)
    }

    pub(crate) fn watch(arguments: &WatchArguments) -> Result<Exit, Failure> {
        super::watch::run(&arguments.robot)
    }
}

#[cfg(not(feature = "ros2"))]
mod entries {
    use super::{Arguments, Exit, Failure, NodeArguments, ServeArguments, WatchArguments};

    use std::path::Path;

    pub(crate) fn examine(_: &Path) -> Result<Exit, Failure> {
        Err(without())
    }

    fn without() -> Failure {
        Failure::new(Exit::Unsupported, "this build of ergon does not speak ROS 2")
            .with_hint("cargo run --release --features ros2 -- bridge robots/panda-sim.toml")
    }

    pub(crate) fn run(_: &Arguments) -> Result<Exit, Failure> {
        Err(without())
    }

    pub(crate) fn serve(_: &ServeArguments) -> Result<Exit, Failure> {
        Err(without())
    }

    pub(crate) fn node(_: &NodeArguments) -> Result<Exit, Failure> {
        Err(without())
    }

    pub(crate) fn watch(_: &WatchArguments) -> Result<Exit, Failure> {
        Err(without())
    }
}

pub(crate) use entries::{examine, node, run, serve, watch};
