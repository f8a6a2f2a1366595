//! `ergon compare`, `ergon merge` and `ergon report`.

mod films;
mod folder;
mod work;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use ergon_bench::comparison::{Experiment, in_order};

use crate::exit::{Exit, Failure};
use crate::out::say;
use crate::{files, interrupt};
use folder::Run;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:  ergon compare experiments/hanoi-quick.toml
           ergon compare experiments/hanoi.toml --shard 1/4 --out runs/part1
           ergon merge runs/part0 runs/part1 runs/part2 runs/part3 --out runs/hanoi
What was begun is gone on with: start the same command again.")]
pub(crate) struct Arguments {
    /// Experiment file
    experiment: PathBuf,
    /// Folder of records and report [default: runs/NAME]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Run only part I of N, counted from 0; the parts share nothing and can run anywhere
    #[arg(long, value_name = "I/N", default_value = "0/1")]
    shard: Shard,
    /// Run only this method, by its name in the experiment; may be repeated
    #[arg(long, value_name = "METHOD")]
    only: Vec<String>,
    /// Threads; 0 for one a core
    #[arg(long, default_value_t = 0)]
    jobs: usize,
}

#[derive(clap::Args)]
#[command(after_help = "Example:  ergon merge runs/part0 runs/part1 --out runs/hanoi")]
pub(crate) struct MergeArguments {
    /// Folders of the parts
    #[arg(required = true)]
    parts: Vec<PathBuf>,
    /// Folder of the whole
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:  ergon report runs/hanoi
           ergon report runs/hanoi --experiment experiments/hanoi.toml")]
pub(crate) struct ReportArguments {
    /// Folder of a comparison
    run: PathBuf,
    /// Experiment file, to make films that are missing [default: experiments/NAME.toml, if it is the same]
    #[arg(long, value_name = "FILE")]
    experiment: Option<PathBuf>,
    /// Make no films; those that are there are shown
    #[arg(long)]
    no_films: bool,
}

/// A part of the episodes: those whose seed leaves this remainder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shard {
    part: u64,
    parts: u64,
}

/// What is run now of an experiment: a part of the seeds, and these methods, or all where none is named.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    shard: Shard,
    only: &'a [String],
}

impl Shard {
    fn takes(self, seed: u64) -> bool {
        seed % self.parts == self.part
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers =
            text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        match numbers {
            Some((part, parts)) if part < parts => Ok(Self { part, parts }),
            _ => Err(format!("expected I/N with I from 0 to N - 1, such as 0/4, found {text:?}")),
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let text = text_of(&arguments.experiment)?;
    let experiment = parse(&text, &arguments.experiment)?;
    let out = arguments.out.clone().unwrap_or_else(|| Path::new("runs").join(&experiment.name));
    let known = |name: &String| experiment.methods.iter().any(|m| m.name == *name);
    if let Some(unknown) = arguments.only.iter().find(|name| !known(name)) {
        let names: Vec<&str> = experiment.methods.iter().map(|m| m.name.as_str()).collect();
        let message = format!("--only {unknown:?}: the experiment has no such method");
        return Err(Failure::new(Exit::BadInput, message)
            .with_hint(format!("it has: {}", names.join(", "))));
    }
    let mut run = Run::open(&out, &text)?;
    let (file, stop) = (&arguments.experiment, interrupt::flag()?);
    let part = Part { shard: arguments.shard, only: &arguments.only };
    work::work(&mut run, &experiment, file, part, arguments.jobs, &stop)?;
    finish(&run, films::Maker::new(Some(file), &stop))
}

pub(crate) fn merge(arguments: &MergeArguments) -> Result<Exit, Failure> {
    let parts = arguments.parts.iter().map(|p| Run::read(p)).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = parts.first() else { return Ok(Exit::Done) };
    let mut whole = Run::open(&arguments.out, &first.experiment)?;
    for part in &parts {
        whole.take(part)?;
    }
    let stop = interrupt::flag()?;
    finish(&whole, films::Maker::new(None, &stop))
}

pub(crate) fn report(arguments: &ReportArguments) -> Result<Exit, Failure> {
    let run = Run::read(&arguments.run)?;
    let stop = interrupt::flag()?;
    let maker = match arguments.no_films {
        true => films::Maker::idle(&stop),
        false => films::Maker::new(arguments.experiment.as_deref(), &stop),
    };
    finish(&run, maker)
}

/// Writes what follows from the journal.
fn finish(run: &Run, maker: films::Maker<'_>) -> Result<Exit, Failure> {
    let experiment = parse(&run.experiment, &run.folder.join(folder::EXPERIMENT))?;
    let entries = in_order(&experiment, run.entries().to_vec());
    run.write_sorted(&entries)?;
    let clips = maker.clips(run, &experiment, &entries)?;
    run.write_report(&experiment, &entries, &clips)?;
    say!("wrote {}", run.folder.join(folder::REPORT).display());
    Ok(Exit::Done)
}

fn text_of(path: &Path) -> Result<String, Failure> {
    let bytes = files::read(path)?;
    String::from_utf8(bytes).map_err(|_| {
        Failure::new(Exit::BadInput, format!("{}: is no text in UTF-8", path.display()))
    })
}

fn parse(text: &str, path: &Path) -> Result<Experiment, Failure> {
    Experiment::parse(text, &path.display().to_string()).map_err(|e| {
        Failure::new(Exit::BadInput, e.to_string())
            .with_hint("the format is in docs/experiments.md")
    })
}
