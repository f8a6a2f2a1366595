//! Training of the baseline, a vision-language-action policy.

use std::path::{Path, PathBuf};

use ergon_bench::{GRAPH, Setup};
use ergon_learn::checkpoint::Checkpoint;
use ergon_learn::training::Circumstances;
use ergon_learn::vla::{
    HeadKind, Recorded, Recording, Samples, Trainee, VlaOptions, record, vla_file,
};
use ergon_learn::{Noise, Spending};
use ergon_vocab::Clock;

use super::curve::Curve;
use super::spent::Spent;
use super::work::{write, write_policy};
use super::{Arguments, Head};
use crate::clock::WallClock;
use crate::exit::{Exit, Failure};
use crate::out::say;
use crate::progress;

/// Episodes that are recorded, as many as in the reference experiment, and for a trial.
const EPISODES: u64 = 300;
const TINY_EPISODES: u64 = 4;
/// Batches of a trial.
const TINY_STEPS: usize = 20;
/// Samples in a batch.
const BATCH: usize = 64;
/// Highest learning rate.
const RATE: f64 = 1e-3;
/// Batches on which is tried out how long one takes, the first of which do not count.
const TRIAL: usize = 24;
const TRIAL_START: usize = 8;
/// So many policies are kept of the training's course, evenly spaced.
const KEPT: usize = 10;
/// After this time, s, what is needed to go on is written.
const SAVE_SECS: f64 = 120.0;

/// What a training is of, and where it goes.
struct Job<'a> {
    arguments: &'a Arguments,
    commit: &'a str,
    folder: PathBuf,
    samples: Samples<'a>,
    cameras: Vec<String>,
    recorded: &'a Recorded,
    data_hash: String,
    options: VlaOptions,
}

pub(super) fn run(arguments: &Arguments, commit: &str) -> Result<(), Failure> {
    let name = if arguments.guided { "planner-guided-vla" } else { "vla" };
    let folder = arguments.out.join(name);
    if arguments.resume && folder.join(GRAPH).exists() {
        return Ok(());
    }
    let (towers, others) =
        (Setup::load(&arguments.towers, &[])?, Setup::load(&arguments.others, &[])?);
    let recording = Recording {
        towers: &towers,
        others: &others,
        seed: arguments.seed,
        episodes: if arguments.tiny { TINY_EPISODES } else { EPISODES },
        noise: Noise::MILD,
    };
    let recorded = episodes(&recording, &arguments.episodes)?;
    say!("{} episodes, {} steps", recorded.episodes.len(), recorded.steps());
    let cameras = recording.cameras();
    let samples =
        Samples::new(&recorded.episodes, cameras.len(), recording.vocabulary(), arguments.guided);
    if samples.is_empty() {
        return Err(Failure::new(Exit::BadInput, "the expert carried out none of the episodes"));
    }
    let head = match arguments.head {
        Head::Direct => HeadKind::Direct,
        Head::Flow => HeadKind::Flow,
    };
    let options = VlaOptions { seed: arguments.seed, steps: 0, batch: BATCH, rate: RATE, head };
    let data_hash = recorded.hash();
    let recorded = &recorded;
    Job { arguments, commit, folder, samples, cameras, recorded, data_hash, options }.train(name)
}

/// The episodes of a recording, from its file where they are there.
fn episodes(recording: &Recording<'_>, file: &Path) -> Result<Recorded, Failure> {
    let unreadable = |e: ergon_learn::vla::StoreError| Failure::new(Exit::BadInput, e.to_string());
    if let Some(recorded) = Recorded::read(file, recording).map_err(unreadable)? {
        return Ok(recorded);
    }
    let mut spent = Spent::nothing()?;
    let bar = progress::bar(recording.episodes, false, "episodes");
    let episodes = record(recording, &|| bar.inc(1));
    bar.finish_and_clear();
    let recorded = Recorded { episodes, spending: spent.so_far()? };
    recorded.write(file, recording).map_err(|e| Failure::new(Exit::BadInput, e.to_string()))?;
    Ok(recorded)
}

impl Job<'_> {
    fn train(mut self, name: &'static str) -> Result<(), Failure> {
        let mut curve = Curve::new(name);
        let (mut trainee, mut losses, mut spent) = self.begin()?;
        losses.iter().for_each(|loss| curve.remember(*loss));
        let mut saved = spent.wall();
        while !trainee.is_done() {
            let progress = trainee.learn(&self.samples);
            losses.push(progress.loss);
            curve.push(progress);
            let part = |step: usize| step * KEPT / progress.steps;
            if part(progress.step) > part(progress.step - 1) {
                self.keep(&trainee, spent.so_far()?)?;
            }
            if (spent.wall() - saved).as_secs_f64() > SAVE_SECS {
                self.save(&trainee, &losses, spent.so_far()?)?;
                saved = spent.wall();
            }
        }
        let spending = spent.so_far()?;
        self.save(&trainee, &losses, spending.clone())?;
        write(&self.folder, self.file(&trainee, spending), &curve)
    }

    /// Begins anew, or goes on from a checkpoint.
    fn begin(&mut self) -> Result<(Trainee, Vec<f32>, Spent), Failure> {
        let checkpoint = match self.arguments.resume {
            true => Checkpoint::read(&self.checkpoint()).map_err(|e| self.unreadable(&e))?,
            false => None,
        };
        let Some(checkpoint) = checkpoint else {
            let mut spent = Spent::nothing()?;
            spent.remember(self.recorded.spending.clone());
            self.options.steps = self.steps();
            return Ok((Trainee::new(self.options, &self.samples), Vec::new(), spent));
        };
        if checkpoint.training != self.key() {
            return Err(self.unreadable(&"it is of another training"));
        }
        let mut spent = Spent::nothing()?;
        spent.remember(checkpoint.spending);
        self.options.steps = checkpoint.state.steps;
        let trainee = Trainee::resumed(self.options, &self.samples, &checkpoint.state)
            .map_err(|e| self.unreadable(&e))?;
        say!("going on after {} of {} batches", trainee.step(), self.options.steps);
        Ok((trainee, checkpoint.losses, spent))
    }

    /// How many batches there will be: as asked for, or as many as the minutes allow.
    fn steps(&self) -> usize {
        if self.arguments.tiny {
            return TINY_STEPS;
        }
        self.arguments.steps.unwrap_or_else(|| {
            let options = VlaOptions { steps: TRIAL, ..self.options };
            let mut trial = Trainee::new(options, &self.samples);
            let mut clock = WallClock::new();
            for step in 0..TRIAL {
                if step == TRIAL_START {
                    clock = WallClock::new();
                }
                trial.learn(&self.samples);
            }
            let each = clock.now().as_secs_f64() / (TRIAL - TRIAL_START) as f64;
            say!("{:.0} samples a second", BATCH as f64 / each);
            ((self.arguments.minutes * 60.0 / each) as usize).max(KEPT)
        })
    }

    fn checkpoint(&self) -> PathBuf {
        self.folder.join("checkpoint.bin")
    }

    fn unreadable(&self, why: &dyn std::fmt::Display) -> Failure {
        Failure::new(Exit::BadInput, format!("{}: {why}", self.checkpoint().display()))
            .with_hint("leave out --resume to train anew")
    }

    /// What tells trainings apart that cannot go on from each other.
    fn key(&self) -> String {
        let VlaOptions { seed, batch, rate, head, .. } = self.options;
        let guided = self.arguments.guided;
        let data = &self.data_hash;
        format!(
            "vla, guided {guided}, head {head:?}, seed {seed}, batch {batch}, rate {rate}, {data}"
        )
    }

    fn save(&self, trainee: &Trainee, losses: &[f32], spending: Spending) -> Result<(), Failure> {
        let checkpoint = Checkpoint {
            training: self.key(),
            losses: losses.to_vec(),
            spending,
            state: trainee.state().map_err(|e| Failure::new(Exit::Bug, e))?,
        };
        let file = self.checkpoint();
        checkpoint.write(&file).map_err(|e| Failure::write(&file, e))
    }

    /// Keeps the policy as it is now, so that success can be drawn against what training took.
    fn keep(&self, trainee: &Trainee, spending: Spending) -> Result<(), Failure> {
        let folder = self.folder.join("checkpoints").join(format!("{:06}", trainee.step()));
        write_policy(&folder, self.file(trainee, spending))
    }

    fn file(
        &self,
        trainee: &Trainee,
        spending: Spending,
    ) -> Result<ergon_inference::ModelFile, ergon_inference::ModelError> {
        let guided = if self.arguments.guided { " --guided" } else { "" };
        let VlaOptions { seed, steps, head, .. } = self.options;
        let head = if head == HeadKind::Flow { " --head flow" } else { "" };
        let circumstances = Circumstances {
            command: format!(
                "cargo run --release --features train -- train vla{guided}{head} --seed {seed} --steps {steps}"
            ),
            commit: self.commit.to_owned(),
            seed,
            demonstrations: self.recorded.episodes.len(),
            frames: self.recorded.steps(),
            spending,
            data_hash: self.data_hash.clone(),
        };
        vla_file(&trainee.network(), &self.samples, &self.cameras, &circumstances)
    }
}
