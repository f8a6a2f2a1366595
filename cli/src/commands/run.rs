use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use ergon_bench::film::Film;
use ergon_bench::trace::{Notes, TraceWriter};
use ergon_bench::{
    Context, Episode, EpisodeRecord, Method, Setup, Summary, Watcher, find_policies, run_episode,
    run_experiment,
};
use ergon_energy::{Account, Figure, Ledger, Span};
use ergon_scenarios::Override;
use serde_json::json;

use crate::agents::Agents;
use crate::clock::WallClock;
use crate::exit::{Exit, Failure};
use crate::files;
use crate::metered::Metered;
use crate::out::say;
use crate::view::{LiveView, PlainView};
use crate::{interrupt, progress};

/// Speed at which an episode is shown in a terminal, simulated seconds a wall second.
const SHOWN_SPEED: f64 = 3.0;
/// How long the idle machine is watched where counters of the hardware are read.
const BASELINE: Duration = Duration::from_secs(1);

#[derive(clap::Args)]
#[command(after_help = "\
Examples:  ergon run scenarios/hanoi/3.toml
           ergon run scenarios/hanoi/3-knock.toml --seed 4 --gif knock.gif
           ergon run scenarios/hanoi/4.toml --episodes 100 --json")]
pub(crate) struct Arguments {
    /// Scenario file
    scenario: PathBuf,
    /// How the agent acts: neuro-symbolic (facts from pixels, learned skills), scripted (true poses,
    /// hand-written skills), learned-skills (true poses), learned-perception (hand-written skills),
    /// vla (one policy, told the whole task in words), planner-guided-vla (told step by step)
    #[arg(long, default_value = "neuro-symbolic")]
    method: Method,
    /// Folder of trained policies [default: policies, here or above the scenario]
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    /// The policy that is told in words: its folder among the policies [default: vla], or the address of
    /// a server, openpi://HOST:PORT or vla-eval://HOST:PORT; for the agent, the folder among the policies
    /// of a set of networks other than the one at the top
    #[arg(long, value_name = "NAME|ADDRESS")]
    policy: Option<String>,
    /// Commands that are executed of each answer of such a policy; 0 for all
    #[arg(long, value_name = "N", default_value_t = 0)]
    replan_steps: usize,
    /// Number of episodes; one is shown, more are counted
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    episodes: u64,
    /// Seed of the first episode
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Threads for many episodes; 0 for one a core
    #[arg(long, default_value_t = 0)]
    jobs: usize,
    /// Change a value of the scenario, such as `placement.jitter_std=0.02`; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// Write a trace (MCAP) of every episode, and the records, into this folder
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
    /// Write traces that `ros2 bag` reads too: notes as strings instead of JSON with a schema
    #[arg(long, requires = "record")]
    ros_bag: bool,
    /// Write a moving picture of the first episode
    #[arg(long, value_name = "FILE")]
    gif: Option<PathBuf>,
    /// Print records and summary as JSON
    #[arg(long)]
    json: bool,
    /// Print one line a decision instead of the live view
    #[arg(long)]
    plain: bool,
    /// Simulated seconds a second in the live view; 0 for as fast as possible
    #[arg(long, value_name = "FACTOR", default_value_t = SHOWN_SPEED)]
    speed: f64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let overrides: Vec<Override> = arguments.overrides.iter().cloned().map(Override).collect();
    let setup = Setup::load(&arguments.scenario, &overrides)?;
    check_outputs(arguments)?;
    let folder = arguments.policies.clone();
    let folder = folder.unwrap_or_else(|| find_policies(&arguments.scenario));
    let policy = arguments.policy.as_deref();
    let agents = Agents::load(arguments.method, &folder, policy, arguments.replan_steps)?;
    let stop = interrupt::flag()?;
    let clock = WallClock::new();
    let context = Context {
        method: arguments.method,
        clock: &clock,
        stop: &stop,
        networks: agents.networks.as_ref(),
        instructed: agents.instructed(),
        cameras: arguments.record.is_some(),
    };
    let mut metered = Metered::open(BASELINE)?;
    metered.begin()?;
    let episodes = if arguments.episodes == 1 {
        vec![single(arguments, &setup, context)?]
    } else {
        many(arguments, &setup, context)?
    };
    if stop.load(Ordering::Relaxed) {
        return Err(Failure::new(Exit::Interrupted, "interrupted"));
    }
    let records: Vec<EpisodeRecord> = episodes.iter().map(|e| e.record.clone()).collect();
    let summary = Summary::of(&records);
    if let Some(folder) = &arguments.record {
        write_records(folder, &records, &summary)?;
    }
    let mut ledger = Ledger::default();
    episodes.iter().for_each(|e| ledger.add(&e.ledger));
    let account = metered.settle(&ledger)?;
    report(arguments, &records, &summary, (&ledger, &account));
    let achieved = summary.successes == summary.episodes;
    Ok(if achieved { Exit::Done } else { Exit::NotAchieved })
}

/// Finds out before the episode whether its results can be written.
fn check_outputs(arguments: &Arguments) -> Result<(), Failure> {
    let gif_folder = arguments.gif.as_deref().and_then(Path::parent);
    let folders = arguments.record.as_deref().into_iter().chain(gif_folder);
    for folder in folders.filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|e| Failure::write(folder, e))?;
    }
    Ok(())
}

/// One episode, shown while it runs.
fn single(arguments: &Arguments, setup: &Setup, context: Context<'_>) -> Result<Episode, Failure> {
    let mut film = arguments.gif.is_some().then(Film::new);
    let mut live = (!arguments.json && !arguments.plain)
        .then(|| LiveView::new((arguments.speed > 0.0).then_some(arguments.speed)))
        .flatten();
    let mut plain = (!arguments.json && live.is_none()).then(PlainView::default);
    let mut watchers: Vec<&mut dyn Watcher> = Vec::new();
    watchers.extend(film.as_mut().map(|w| w as &mut dyn Watcher));
    watchers.extend(live.as_mut().map(|w| w as &mut dyn Watcher));
    watchers.extend(plain.as_mut().map(|w| w as &mut dyn Watcher));
    let episode = recorded(arguments, setup, arguments.seed, context, watchers)?;
    if let (Some(film), Some(path)) = (film, &arguments.gif) {
        write_gif(&film, path, arguments.json)?;
    }
    Ok(episode)
}

/// Many episodes with a progress bar; the first may be filmed.
fn many(
    arguments: &Arguments,
    setup: &Setup,
    context: Context<'_>,
) -> Result<Vec<Episode>, Failure> {
    let bar = progress::bar(arguments.episodes, arguments.json, "episodes");
    let seeds: Vec<u64> =
        (arguments.seed..arguments.seed.saturating_add(arguments.episodes)).collect();
    let episodes = run_experiment(&seeds, arguments.jobs, |seed| {
        let mut film = (seed == arguments.seed && arguments.gif.is_some()).then(Film::new);
        let watchers = film.as_mut().map(|w| w as &mut dyn Watcher).into_iter().collect();
        let episode = recorded(arguments, setup, seed, context, watchers)?;
        if let (Some(film), Some(path)) = (film, &arguments.gif) {
            write_gif(&film, path, true)?;
        }
        bar.inc(1);
        Ok::<_, Failure>(episode)
    });
    bar.finish_and_clear();
    episodes
}

/// An episode with its trace, where one is wanted.
fn recorded(
    arguments: &Arguments,
    setup: &Setup,
    seed: u64,
    context: Context<'_>,
    watchers: Vec<&mut dyn Watcher>,
) -> Result<Episode, Failure> {
    let Some(folder) = &arguments.record else {
        return Ok(run_episode(setup, seed, context, watchers)?);
    };
    let path = folder.join(format!("{}-{seed:04}.mcap", setup.scenario.name));
    let notes = if arguments.ros_bag { Notes::RosString } else { Notes::Json };
    let mut trace = TraceWriter::create(&path, notes).map_err(|e| Failure::write(&path, e))?;
    let mut watchers: Vec<&mut dyn Watcher> =
        watchers.into_iter().map(|w| -> &mut dyn Watcher { w }).collect();
    watchers.push(&mut trace);
    let episode = run_episode(setup, seed, context, watchers)?;
    trace.finish(&episode.record).map_err(|e| Failure::write(&path, e))?;
    Ok(episode)
}

fn write_gif(film: &Film, path: &Path, quiet: bool) -> Result<(), Failure> {
    let bar = progress::bar(0, quiet, "frames");
    let mut bytes = Vec::new();
    film.write_gif(&mut bytes, &|done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    })
    .map_err(|e| Failure::write(path, e))?;
    bar.finish_and_clear();
    files::write(path, &bytes)?;
    if !quiet {
        say!("wrote {}", path.display());
    }
    Ok(())
}

/// The records one a line, and their summary. Nothing in them depends on the machine.
fn write_records(
    folder: &Path,
    records: &[EpisodeRecord],
    summary: &Summary,
) -> Result<(), Failure> {
    let lines: String = records.iter().map(|r| json!(r).to_string() + "\n").collect();
    files::write(&folder.join("episodes.jsonl"), lines.as_bytes())?;
    files::write(&folder.join("summary.json"), format!("{:#}\n", json!(summary)).as_bytes())
}

fn report(
    arguments: &Arguments,
    records: &[EpisodeRecord],
    summary: &Summary,
    (ledger, account): (&Ledger, &Account),
) {
    let energy = account.agent();
    if arguments.json {
        let cost = cost_json(ledger, &energy);
        say!("{:#}", json!({ "episodes": records, "summary": summary, "cost": cost }));
        return;
    }
    match records {
        [record] => describe_one(record),
        _ => describe_many(records, summary),
    }
    describe_cost(ledger, &energy, records.iter().map(|r| f64::from(r.actions) / 2.0).sum());
    if let Some(folder) = &arguments.record {
        say!("\nwrote {}", folder.display());
    }
}

fn describe_one(record: &EpisodeRecord) {
    let verdict = match (record.success, record.outcome.as_str()) {
        (true, _) => "success".to_owned(),
        (false, "solved") => "failure: the judge does not agree".to_owned(),
        (false, _) => format!("failure: {}", record.reason),
    };
    let moves = f64::from(record.actions) / 2.0;
    let best = record.first_plan.map_or(String::new(), |n| {
        format!(" (the first plan had {}, the fewest possible)", n as f64 / 2.0)
    });
    say!("\nverdict           {verdict}, by the judge's strict definition");
    say!("moves             {moves}{best}");
    say!(
        "simulated time    {:.1} s, {:.1} s a move",
        record.time_secs,
        record.time_secs / moves.max(1.0)
    );
    say!("retries           {}, new plans {}", record.retries, record.replans);
    record.disturbances.iter().for_each(|d| say!("disturbance       {d}"));
    record.violations.iter().for_each(|v| say!("law broken        {v}"));
}

fn describe_many(records: &[EpisodeRecord], summary: &Summary) {
    let percent = |x: f64| 100.0 * x;
    let rate = |n: usize| percent(n as f64 / summary.episodes.max(1) as f64);
    let [low, high] = summary.success_interval.map(percent);
    say!("\n{}, method {}", summary.scenario, summary.method);
    say!(
        "success, strict     {} of {}  {:.1} %  (95 % interval {low:.1} to {high:.1})",
        summary.successes,
        summary.episodes,
        rate(summary.successes)
    );
    say!(
        "success, reference  {} of {}  {:.1} %",
        summary.successes_reference,
        summary.episodes,
        rate(summary.successes_reference)
    );
    let progress = records.iter().map(|r| r.goal_share).sum::<f64>() / records.len().max(1) as f64;
    say!("progress            {:.1} % of the goal's facts", percent(progress));
    say!(
        "simulated time      {:.1} s an episode, {:.2} s a move",
        summary.mean_time_secs,
        summary.mean_move_secs
    );
    say!(
        "retries, new plans  {:.2}, {:.2} an episode; laws broken {}",
        summary.mean_retries,
        summary.mean_replans,
        summary.violations
    );
    for record in records.iter().filter(|r| !r.success).take(20) {
        let reason =
            if record.reason.is_empty() { "the judge does not agree" } else { &record.reason };
        say!("failed: seed {} ({}): {reason}", record.seed, record.outcome);
    }
}

fn describe_cost(ledger: &Ledger, energy: &Figure, moves: f64) {
    let worked = Span::ALL.into_iter().filter(|&(_, span)| !ledger.time(span).is_zero());
    let spans: Vec<String> = worked
        .map(|(name, span)| format!("{name} {:.3}", ledger.time(span).as_secs_f64()))
        .collect();
    say!("processor time    {} s", spans.join(", "));
    say!(
        "agent's energy    {:.2} J {} ({:.2} to {:.2} J), {:.0} mJ a move",
        energy.joules,
        energy.kind,
        energy.range[0],
        energy.range[1],
        1e3 * energy.joules / moves.max(1.0)
    );
    // Why a counter could not be read is long, and the doctor says it.
    let (first, more) = match energy.assumptions.split_once("; no counter was read") {
        Some((first, _)) => (first, "; ergon doctor says why no counter is read"),
        None => (energy.assumptions.as_str(), ""),
    };
    say!("                  {}: {first}{more}", energy.meter);
}

fn cost_json(ledger: &Ledger, energy: &Figure) -> serde_json::Value {
    let spans: serde_json::Map<_, _> = Span::ALL
        .iter()
        .map(|(name, span)| ((*name).to_owned(), json!(ledger.time(*span).as_secs_f64())))
        .collect();
    json!({ "processor_secs": spans, "agent": energy })
}
