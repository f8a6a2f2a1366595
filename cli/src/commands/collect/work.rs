//! Collecting, in a build that writes data sets.

use std::sync::atomic::Ordering;

use ergon_bench::Setup;
use ergon_learn::Noise;
use ergon_learn::demonstrations::demonstrations;
use ergon_learn::lerobot::{DatasetError, DatasetSpec, Writer};

use super::Arguments;
use crate::exit::{Exit, Failure};
use crate::out::say;
use crate::{interrupt, progress};

/// Demonstrations that are made before they are written, which holds their pictures in memory.
const AT_A_TIME: u64 = 8;
/// Joints of the arm.
const JOINTS: usize = 7;

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let scenario = Setup::load(&arguments.scenario, &[])?.scenario;
    let cameras: Vec<_> = scenario.cameras.iter().map(ergon_bench::camera).collect();
    let spec = DatasetSpec::of_demonstrations(&cameras, JOINTS);
    let begun = arguments.out.join("unfinished").exists();
    let open = if begun { Writer::resume } else { Writer::create };
    let mut writer = open(&arguments.out, spec).map_err(|e| failure(&e))?;
    let noise = if arguments.without_noise { Noise::NONE } else { Noise::DART };
    let stop = interrupt::flag()?;
    let bar = progress::bar(arguments.episodes, false, "demonstrations");
    loop {
        let next = writer.episodes() as u64;
        bar.set_position(next);
        if next >= arguments.episodes {
            break;
        }
        if stop.load(Ordering::Relaxed) {
            let hint = "the same command goes on from here";
            return Err(Failure::new(Exit::Interrupted, "interrupted").with_hint(hint));
        }
        let end = (next + AT_A_TIME).min(arguments.episodes);
        let made = demonstrations(&scenario, arguments.seed, next..end, noise);
        if (made.len() as u64) < end - next {
            let message = "the expert fails again and again at moves of this scenario";
            return Err(Failure::new(Exit::NotAchieved, message));
        }
        for demonstration in made {
            let (task, frames) = (&demonstration.instruction, demonstration.frames());
            writer.add_episode(task, &frames).map_err(|e| failure(&e))?;
        }
    }
    bar.finish_and_clear();
    let episodes = writer.episodes();
    writer.finish().map_err(|e| failure(&e))?;
    say!("wrote {} with {episodes} demonstrations", arguments.out.display());
    Ok(Exit::Done)
}

fn failure(error: &DatasetError) -> Failure {
    Failure::new(Exit::CannotWrite, error.to_string())
}
