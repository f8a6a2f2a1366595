use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use ergon_bench::{
    Context, Episode, EpisodeRecord, Method, Networks, Setup, Summary, find_policies, run_episode,
    run_experiment,
};
use ergon_energy::{Ledger, Span};
use ergon_scenarios::Override;

use crate::clock::WallClock;
use crate::exit::{Exit, Failure};
use crate::out::say;
use crate::{files, interrupt, progress, runtime};

/// What takes new plans and second attempts away.
const ONE_PLAN: [&str; 2] = ["limits.replans=0", "limits.attempts=1"];

#[derive(clap::Args)]
#[command(after_help = "\
Example:  ergon bench methods scenarios/hanoi/3.toml --episodes 50 --out runs/methods.md")]
pub(crate) struct Arguments {
    /// Scenario to run
    #[arg(default_value = "scenarios/hanoi/3.toml")]
    scenario: PathBuf,
    /// Episodes a row, the same for all
    #[arg(long, default_value_t = 50)]
    episodes: u64,
    /// Seed of the first
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Folder of trained policies; may be repeated [default: policies, here or above the scenario]
    #[arg(long, value_name = "DIR")]
    policies: Vec<PathBuf>,
    /// Write the table (Markdown) into this file too
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// One row of the table.
struct Row {
    method: Method,
    /// Which of the folders of policies, for methods that use one.
    folder: Option<usize>,
    replanning: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let folders = match arguments.policies.is_empty() {
        true => vec![find_policies(&arguments.scenario)],
        false => arguments.policies.clone(),
    };
    let runtime = runtime::start()?;
    let stop = interrupt::flag()?;
    let networks =
        folders.iter().map(|f| Networks::load(f, runtime)).collect::<Result<Vec<_>, _>>()?;
    let mut table = String::from(
        "| method | facts from | skills | new plans | strict success | 95 % interval | progress | \
         s a move | perceive, act: ms a step |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    say!("{}", table.trim_end());
    for row in rows(folders.len()) {
        let episodes = play(arguments, &networks, &row, &stop)?;
        let folder = row.folder.filter(|_| folders.len() > 1).map(|i| folders[i].display());
        let line = line(&row, folder.map(|f| format!(" ({f})")).unwrap_or_default(), &episodes);
        say!("{line}");
        table.push_str(&line);
        table.push('\n');
    }
    if let Some(path) = &arguments.out {
        files::write(path, table.as_bytes())?;
    }
    Ok(Exit::Done)
}

/// Every method, with each folder of policies where it uses one, with and without new plans.
fn rows(folders: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for (_, method) in Method::ALL.into_iter().filter(|(_, m)| !m.is_instructed()) {
        let folders =
            if method.has_networks() { (0..folders).map(Some).collect() } else { vec![None] };
        for folder in folders {
            rows.extend([true, false].map(|replanning| Row { method, folder, replanning }));
        }
    }
    rows
}

fn play(
    arguments: &Arguments,
    networks: &[Networks],
    row: &Row,
    stop: &AtomicBool,
) -> Result<Vec<Episode>, Failure> {
    let overrides = ONE_PLAN.map(|o| Override(o.to_owned()));
    let overrides = if row.replanning { &[] } else { &overrides[..] };
    let setup = Setup::load(&arguments.scenario, overrides)?;
    let clock = WallClock::new();
    let context = Context {
        method: row.method,
        clock: &clock,
        stop,
        networks: row.folder.map(|i| &networks[i]),
        instructed: None,
        cameras: false,
    };
    let bar = progress::bar(arguments.episodes, false, "episodes");
    let seeds: Vec<u64> =
        (arguments.seed..arguments.seed.saturating_add(arguments.episodes)).collect();
    let episodes = run_experiment(&seeds, 0, |seed| {
        let episode = run_episode(&setup, seed, context, Vec::new())?;
        bar.inc(1);
        Ok::<_, Failure>(episode)
    })?;
    bar.finish_and_clear();
    match stop.load(Ordering::Relaxed) {
        true => Err(Failure::new(Exit::Interrupted, "interrupted")),
        false => Ok(episodes),
    }
}

fn line(row: &Row, folder: String, episodes: &[Episode]) -> String {
    let records: Vec<EpisodeRecord> = episodes.iter().map(|e| e.record.clone()).collect();
    let summary = Summary::of(&records);
    let mut ledger = Ledger::default();
    episodes.iter().for_each(|e| ledger.add(&e.ledger));
    let steps: u64 = records.iter().map(|r| r.steps).sum();
    let per_step = |span| 1e3 * ledger.time(span).as_secs_f64() / steps.max(1) as f64;
    let progress = records.iter().map(|r| r.goal_share).sum::<f64>() / records.len().max(1) as f64;
    let [low, high] = summary.success_interval.map(|x| 100.0 * x);
    format!(
        "| {}{folder} | {} | {} | {} | {} of {} | {low:.1} to {high:.1} % | {:.1} % | {:.2} | {:.1}, {:.1} |",
        row.method,
        if row.method.perceives() { "pixels" } else { "true poses" },
        if row.method.has_learned_skills() { "learned" } else { "hand-written" },
        if row.replanning { "yes" } else { "no" },
        summary.successes,
        summary.episodes,
        100.0 * progress,
        summary.mean_move_secs,
        per_step(Span::Perceive),
        per_step(Span::Act),
    )
}
