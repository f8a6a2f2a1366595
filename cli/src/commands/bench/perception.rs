use std::path::PathBuf;

use ergon_bench::{
    Context, Method, Networks, Setup, Sight, SightWatcher, find_policies, run_episode,
    run_experiment,
};
use serde_json::json;

use crate::clock::WallClock;
use crate::exit::{Exit, Failure};
use crate::out::say;
use crate::{interrupt, progress, runtime};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Scenario to look at
    #[arg(default_value = "scenarios/hanoi/3-random.toml")]
    scenario: PathBuf,
    /// Episodes that the expert plays
    #[arg(long, default_value_t = 20)]
    episodes: u64,
    /// Seed of the first
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Folder of trained policies [default: policies, here or above the scenario]
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let setup = Setup::load(&arguments.scenario, &[])?;
    let folder = arguments.policies.clone().unwrap_or_else(|| find_policies(&arguments.scenario));
    let networks = Networks::load(&folder, runtime::start()?)?;
    let stop = interrupt::flag()?;
    let clock = WallClock::new();
    let context = Context {
        method: Method::Scripted,
        clock: &clock,
        stop: &stop,
        networks: None,
        instructed: None,
        cameras: true,
    };
    let bar = progress::bar(arguments.episodes, arguments.json, "episodes");
    let seeds: Vec<u64> =
        (arguments.seed..arguments.seed.saturating_add(arguments.episodes)).collect();
    let sights = run_experiment(&seeds, 0, |seed| {
        let mut watcher = SightWatcher::new(&networks);
        run_episode(&setup, seed, context, vec![&mut watcher])?;
        bar.inc(1);
        match watcher.failure {
            Some(why) => Err(Failure::new(Exit::BadInput, why)),
            None => Ok(watcher.sight),
        }
    })?;
    bar.finish_and_clear();
    let mut all = Sight::default();
    sights.iter().for_each(|sight| all.add(sight));
    tell(arguments, &all);
    Ok(Exit::Done)
}

/// The error below which this share of a list lies.
fn quantile(list: &[f64], share: f64) -> f64 {
    let mut sorted = list.to_vec();
    sorted.sort_by(f64::total_cmp);
    let index = (share * sorted.len() as f64) as usize;
    sorted.get(index.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

fn tell(arguments: &Arguments, sight: &Sight) {
    let edges: Vec<f64> = sight.edge_errors.iter().map(|e| e.abs()).collect();
    let lists = [
        ("place_mm", &sight.place_errors, 1000.0),
        ("edge_mm", &edges, 1000.0),
        ("turn_deg", &sight.turn_errors, 180.0 / std::f64::consts::PI),
        ("place_error_in_std", &sight.surprises, 1.0),
    ];
    if arguments.json {
        let row = |list: &[f64], unit| [0.5, 0.95, 0.99].map(|q| quantile(list, q) * unit);
        let errors: serde_json::Map<_, _> = lists
            .iter()
            .map(|(name, list, unit)| ((*name).to_owned(), json!(row(list, *unit))))
            .collect();
        say!(
            "{:#}",
            json!({ "quantiles": [0.5, 0.95, 0.99], "errors": errors,
            "unknown_bodies": sight.unknown, "facts": sight.facts })
        );
        return;
    }
    say!("{:<22}{:>9}{:>9}{:>9}", "error", "median", "95 %", "99 %");
    for (name, list, unit) in lists {
        let [a, b, c] = [0.5, 0.95, 0.99].map(|q| quantile(list, q) * unit);
        say!("{name:<22}{a:>9.2}{b:>9.2}{c:>9.2}");
    }
    say!("bodies not known        {} of {}", sight.unknown, sight.place_errors.len());
    say!(
        "\n{:<14}{:>44}{:>34}",
        "fact",
        "false: believed false, true, unknown",
        "true: false, true, unknown"
    );
    let mut judged = [0u64; 2];
    for (name, [no, yes]) in &sight.facts {
        judged[0] += no[1] + yes[0];
        judged[1] += no[0] + no[1] + yes[0] + yes[1];
        say!(
            "{name:<14}{:>18}{:>13}{:>13}{:>12}{:>11}{:>11}",
            no[0],
            no[1],
            no[2],
            yes[0],
            yes[1],
            yes[2]
        );
    }
    let right = 1.0 - judged[0] as f64 / judged[1].max(1) as f64;
    say!("right where not unknown: {:.3} %", 100.0 * right);
}
