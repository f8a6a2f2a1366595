use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use ergon_bench::planner::{
    Caps, Contestant, Entry, Peers, Race, RaceError, Row, Suite, Table, plot, race, summary,
};

use crate::exit::{Exit, Failure};
use crate::out::say;
use crate::{files, interrupt, planning, progress};

#[derive(clap::Args)]
#[command(after_help = "\
Examples:  ergon bench planner
           ergon bench planner --suite suite.tsv --level easy --level middle --out runs/easy
           ergon bench planner --configurations optimal --against 'fast-downward:astar(lmcut())'
           ergon bench planner --configurations astar-blind --against 'fast-downward:astar(blind())'

A suite is a table of tab-separated columns: domain, level, domain_file, problem_file, source; paths
are relative to its file. Rows that are in --out already are kept and not run again.")]
pub(crate) struct Arguments {
    /// The instances
    #[arg(long, value_name = "FILE", default_value = "domains/suite.tsv")]
    suite: PathBuf,
    /// Only instances of this level; may be repeated
    #[arg(long, value_name = "LEVEL")]
    level: Vec<String>,
    /// Only instances of this domain; may be repeated
    #[arg(long, value_name = "DOMAIN")]
    domain: Vec<String>,
    /// Searches of Ergon to run
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_values_t = planning::raced())]
    configurations: Vec<String>,
    /// Peers to run beside it, or none: fast-downward:ALIAS, fast-downward:SEARCH, pyperplan:SEARCH-HEURISTIC; may be repeated
    #[arg(long, value_name = "PEER", default_values_t = PEERS.map(str::to_owned))]
    against: Vec<String>,
    /// Python environment that has the peers [default: the folder planner in that of the variable `ERGON_PEERS`, or in ergon-peers in the cache]
    #[arg(long, value_name = "DIR")]
    peers: Option<PathBuf>,
    /// Processor time for a run, s
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0)]
    time: f64,
    /// Address space for each process of a run, at least 256
    #[arg(long, value_name = "MEGABYTES", default_value_t = 4096, value_parser = clap::value_parser!(u64).range(256..))]
    memory: u64,
    /// Folder for runs.tsv, report.md and the plots
    #[arg(long, value_name = "DIR", default_value = "runs/planner")]
    out: PathBuf,
}

/// The peers that are run unless others are named.
const PEERS: [&str; 3] =
    ["fast-downward:lama-first", "fast-downward:astar(lmcut())", "pyperplan:gbf-hff"];

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut suite = Suite::read(&arguments.suite)?;
    suite.keep(&arguments.domain, &arguments.level);
    if suite.instances.is_empty() {
        let message = format!("{}: no instance is left", arguments.suite.display());
        return Err(Failure::new(Exit::BadInput, message).with_hint("check --level and --domain"));
    }
    let peers = peers(arguments)?;
    let contestants = contestants(arguments, &peers)?;
    let caps = Caps {
        cpu_secs: arguments.time.max(0.0),
        memory_bytes: arguments.memory.saturating_mul(1 << 20),
    };
    std::fs::create_dir_all(&arguments.out).map_err(|e| Failure::write(&arguments.out, e))?;
    let mut table = Table::open(&arguments.out.join("runs.tsv"), &caps)?;
    let stop = interrupt::flag()?;
    let plan = Race { suite: &suite, contestants: &contestants, peers: &peers, caps };
    let finished = run_all(&plan, &mut table, &stop)?;
    let rows = wanted(&plan, &table);
    write_report(&arguments.out, &rows, &caps)?;
    say!("{}\n{}", summary::coverage(&rows), summary::ratios(&rows));
    say!("{}", summary::costs(&rows));
    for claim in summary::contradictions(&rows) {
        eprintln!("warning: {claim} claims that there is no plan, and there is one");
    }
    say!("everything: {}", arguments.out.join("report.md").display());
    if !finished {
        return Err(Failure::new(Exit::Interrupted, "interrupted")
            .with_hint("the same command goes on where it ended"));
    }
    Ok(Exit::Done)
}

/// Runs what the table does not have; false when it was stopped.
fn run_all(plan: &Race<'_>, table: &mut Table, stop: &AtomicBool) -> Result<bool, Failure> {
    let entries = plan.entries();
    let bar = progress::bar(entries.len() as u64, false, "runs");
    for entry in entries {
        let Entry { instance, contestant } = entry;
        let name = format!("{} {}", contestant.planner(), contestant.configuration());
        bar.set_message(format!("{} {}: {name}", instance.domain, instance.level));
        if table.find(instance, contestant).is_none() {
            let folder =
                tempfile::tempdir().map_err(|e| Failure::write(&std::env::temp_dir(), e))?;
            let Some(row) = race(plan, entry, folder.path(), stop)? else { return Ok(false) };
            bar.suspend(|| show(&row));
            table.push(row)?;
        }
        bar.inc(1);
        if stop.load(Ordering::Relaxed) {
            return Ok(false);
        }
    }
    bar.finish_and_clear();
    Ok(true)
}

fn show(row: &Row) {
    let cost = row.cost.map_or(String::new(), |c| format!(", cost {c}"));
    let runner = format!("{} {}", row.planner, row.configuration);
    eprintln!(
        "{:<14} {:<7} {runner:<30} {:<10} {:8.3} s, {:6.1} MiB{cost}",
        row.domain, row.level, row.status, row.cpu_secs, row.peak_mib
    );
}

/// The rows of the table that were asked for now.
fn wanted(plan: &Race<'_>, table: &Table) -> Vec<Row> {
    let found = plan.entries().into_iter().filter_map(|e| table.find(e.instance, e.contestant));
    found.cloned().collect()
}

fn write_report(folder: &Path, rows: &[Row], caps: &Caps) -> Result<(), Failure> {
    let report = summary::report(rows, &caps.to_string());
    files::write(&folder.join("report.md"), report.as_bytes())?;
    let cactus = plot::cactus(rows, caps.cpu_secs)?;
    files::write(&folder.join("cactus.svg"), cactus.as_bytes())?;
    let mut names: Vec<(&str, &str)> = rows.iter().map(Row::contestant).collect();
    names.sort_unstable();
    names.dedup();
    let Some(ours) = rows.iter().map(Row::contestant).find(|c| c.0 == "ergon") else {
        return Ok(());
    };
    for peer in names.into_iter().filter(|n| n.0 != "ergon") {
        let picture = plot::scatter(rows, ours, peer, caps.cpu_secs)?;
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let name: String = format!("{}-{}", peer.0, peer.1).chars().map(plain).collect();
        let path = folder.join(format!("scatter-{}.svg", name.trim_end_matches('-')));
        files::write(&path, picture.as_bytes())?;
    }
    Ok(())
}

fn peers(arguments: &Arguments) -> Result<Peers, Failure> {
    let ergon = std::env::current_exe()
        .map_err(|e| Failure::new(Exit::Bug, format!("this program cannot be found: {e}")))?;
    let folder = arguments.peers.clone().unwrap_or_else(|| {
        let set = |name| std::env::var_os(name).map(PathBuf::from);
        let cache = || set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")));
        let all = set("ERGON_PEERS").or_else(|| Some(cache()?.join("ergon-peers")));
        all.unwrap_or_default().join("planner")
    });
    let folder = std::path::absolute(&folder).unwrap_or(folder);
    Ok(Peers { ergon, folder })
}

/// Ergon's configurations and the peers that are there; a note for each that is not.
fn contestants(arguments: &Arguments, peers: &Peers) -> Result<Vec<Contestant>, Failure> {
    let mut list = vec![];
    for name in &arguments.configurations {
        planning::search(name)?;
        list.push(Contestant::Ergon(name.clone()));
    }
    for name in arguments.against.iter().filter(|n| *n != "none") {
        let contestant = Contestant::parse(name)?;
        match contestant.missing(peers) {
            None => list.push(contestant),
            Some(what) => eprintln!("note: {name} is left out: {what}"),
        }
    }
    if list.len() == arguments.configurations.len() && arguments.against != ["none"] {
        eprintln!(
            "note: python3 -m venv DIR && DIR/bin/pip install up-fast-downward==1.0.0 pyperplan==2.1, then --peers DIR"
        );
    }
    Ok(list)
}

impl From<RaceError> for Failure {
    fn from(error: RaceError) -> Self {
        let exit = match error {
            RaceError::Measure(_) | RaceError::Plot(_) => Exit::Bug,
            _ => Exit::BadInput,
        };
        Self::new(exit, error.to_string()).with_hint(error.hint())
    }
}
