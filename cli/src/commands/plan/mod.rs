//! `ergon plan`.

mod explain;
mod format;
mod temporal;

use std::{
    ffi::OsString,
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{ValueEnum, builder::PossibleValuesParser, builder::TypedValueParser};
use ergon_planner::{
    PlanFile, Problem, Report, SearchKind, SearchOptions, Task, Verdict, validate,
};
use ergon_vocab::{Clock, Plan, PlanOutcome};

use crate::clock::{CpuClock, WallClock};
use crate::exit::{Exit, Failure};
use crate::planning::{self, Planned};
use crate::{files, interrupt};

const AFTER_HELP: &str = "\
Example:  ergon plan domains/hanoi/domain.pddl domains/hanoi/p03.pddl

Exit codes, as Fast Downward's:
   0  a plan, and nothing is left to do
   1  a plan; the search for better ones ran out of memory
   2  a plan; the search for better ones ran out of time, or was ended by SIGTERM or SIGINT
  10  proven while grounding: there is no plan      11  proven by search: there is no plan
  12  the search gave up: exhausted though incomplete, or out of --expansions
  20  out of memory while grounding                 22  out of memory while searching
  21  out of time while grounding                   23  out of time while searching, or ended by a signal
  31  a file is wrong or missing                    34  a file asks for what the planner does not know
  36  wrong usage                                   74  the plan cannot be written";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// PDDL domain
    domain: PathBuf,
    /// PDDL problem
    problem: PathBuf,
    /// How to search
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = search_parser())]
    search: SearchKind,
    /// Stop after this many seconds
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds)]
    time: Duration,
    /// Whether --time is time of the wall clock or of the processor
    #[arg(long, value_enum, default_value_t = TimeKind::Wall)]
    clock: TimeKind,
    /// Stop at this much memory
    #[arg(long, value_name = "MEGABYTES", default_value_t = 4096)]
    memory: u64,
    /// Stop after this many expanded states
    #[arg(long, value_name = "STATES")]
    expansions: Option<u64>,
    /// Warn of mistakes in the files that can be guessed away, instead of refusing them
    #[arg(long)]
    lenient: bool,
    /// Write the plan to this file; plans of an anytime search to FILE.1, FILE.2, ...
    #[arg(long, value_name = "FILE")]
    plan_file: Option<PathBuf>,
    /// Text on standard output: plan file of the planning competitions, Metric-FF's output, or JSON
    #[arg(long, value_enum, default_value_t = Format::Ipc)]
    format: Format,
    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    #[command(flatten)]
    explain: explain::Explanation,
    /// End when the process that started this one does (Linux)
    #[arg(long)]
    die_with_parent: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Ipc,
    Ff,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TimeKind {
    Wall,
    Cpu,
}

fn search_parser() -> impl TypedValueParser<Value = SearchKind> {
    let names = SearchKind::ALL.map(SearchKind::name);
    PossibleValuesParser::new(names).try_map(|name| name.parse::<SearchKind>())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let secs = text.parse::<f64>().map_err(|e| e.to_string())?;
    Duration::try_from_secs_f64(secs).map_err(|_| "expected seconds, at least 0, such as 60".into())
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    if arguments.die_with_parent {
        interrupt::die_with_parent()?;
    }
    let cancel = interrupt::flag()?;
    let wall = WallClock::new();
    let clock: &dyn Clock = match arguments.clock {
        TimeKind::Wall => &wall,
        TimeKind::Cpu => &CpuClock,
    };
    let problem = planning::read(&arguments.domain, &arguments.problem, arguments.lenient)?;
    let task = Task::new(&problem);
    let limits = planning::limits(arguments.time, arguments.memory, arguments.expansions);
    let options = SearchOptions { search: arguments.search, limits };
    if task.has_durative() {
        return temporal::run(arguments, &problem, &options, clock, &cancel);
    }
    let mut output = Output::new(arguments, &problem, &task);
    let planned = planning::plan(&task, &options, clock, &cancel, &mut |plan, report| {
        output.add(plan, report)
    });
    if let Some(plan) = planned.best.as_ref().filter(|_| !arguments.numbered()) {
        output.write(plan, &planned.report)?;
    }
    output.failure.map_or(Ok(()), Err)?;
    explain::run(&arguments.explain, &problem, &task, &planned)?;
    finish(arguments, &problem, &task, &planned)?;
    Ok(planned.exit())
}

impl Arguments {
    fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }

    /// Whether plans are written to numbered files, one after the other.
    fn numbered(&self) -> bool {
        planning::is_anytime(self.search)
    }
}

/// Where plans go as they are found.
struct Output<'a> {
    arguments: &'a Arguments,
    problem: &'a Problem,
    task: &'a Task,
    count: u32,
    failure: Option<Failure>,
}

impl<'a> Output<'a> {
    fn new(arguments: &'a Arguments, problem: &'a Problem, task: &'a Task) -> Self {
        Self { arguments, problem, task, count: 0, failure: None }
    }

    fn add(&mut self, plan: &Plan, report: &Report) -> ControlFlow<()> {
        if !self.arguments.numbered() {
            // The last one is written in the end.
            return ControlFlow::Continue(());
        }
        self.count += 1;
        match self.write(plan, report) {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => {
                self.failure = Some(failure);
                ControlFlow::Break(())
            }
        }
    }

    /// The plan as a file, with the value of the problem's metric as its cost.
    fn file(&self, plan: &Plan, report: &Report) -> PlanFile {
        let mut file = PlanFile::of(plan, self.task.symbols());
        if !report.costs_are_metric {
            file.cost = None;
            if let Verdict::Valid { cost } = validate(self.problem, &file) {
                file.cost = Some(cost);
            }
        }
        file
    }

    fn write(&self, plan: &Plan, report: &Report) -> Result<(), Failure> {
        let text = || self.file(plan, report).to_string();
        let numbered = self.arguments.numbered();
        if numbered {
            let (n, steps, cost) = (self.count, plan.steps.len(), plan.cost());
            let expanded = report.expanded;
            eprintln!("plan {n}: cost {cost}, {steps} steps, {expanded} states expanded so far");
        }
        match &self.arguments.plan_file {
            Some(path) if numbered => {
                files::write(&with_number(path, self.count), text().as_bytes())
            }
            Some(path) => files::write(path, text().as_bytes()),
            None if self.arguments.format() == Format::Ipc => {
                if numbered {
                    // Programs that read plan after plan tell them apart by this line.
                    crate::out::say!("; plan {}", self.count);
                }
                crate::out::text(format_args!("{}", text()));
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// `FILE.N`.
fn with_number(path: &Path, number: u32) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

/// Says how planning ended: in the format on standard output, for people on standard error.
fn finish(
    arguments: &Arguments,
    problem: &Problem,
    task: &Task,
    planned: &Planned,
) -> Result<(), Failure> {
    match arguments.format() {
        Format::Ipc => {}
        Format::Ff => crate::out::text(format_args!("{}", format::ff(problem, task, planned))),
        Format::Json => {
            crate::out::text(format_args!("{}\n", format::json(task, planned)));
            return Ok(());
        }
    }
    describe(planned);
    Ok(())
}

fn describe(planned: &Planned) {
    let report = &planned.report;
    let millis = |d: Duration| d.as_secs_f64() * 1e3;
    let effort = format!(
        "{} states expanded, {:.1} ms grounding, {:.1} ms search",
        report.expanded,
        millis(report.ground_time),
        millis(report.search_time)
    );
    match (&planned.outcome, &planned.best) {
        (PlanOutcome::Solved(plan), _) => {
            let kind = if report.optimal { "an optimal plan" } else { "a plan" };
            eprintln!("found {kind} of {} steps: {effort}", plan.steps.len());
        }
        (PlanOutcome::OutOf(limit), Some(plan)) => {
            let steps = plan.steps.len();
            eprintln!(
                "the best plan has {steps} steps; there the search ran out of {limit:?}: {effort}"
            );
        }
        (PlanOutcome::Unsolvable(why), _) => eprintln!("error: no plan exists: {why} ({effort})"),
        (PlanOutcome::OutOf(limit), None) => {
            eprintln!("error: the search ran out of {limit:?} ({effort})");
            eprintln!("hint: raise --time, --memory or --expansions, or try another --search");
        }
    }
}
