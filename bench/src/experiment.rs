//! Many episodes, in parallel or one by one, with the same records.

use rayon::prelude::*;

use crate::{Context, EpisodeRecord, Setup, SetupError, run_episode};

/// Told after each episode, from any thread, in any order.
pub type Progress<'a> = &'a (dyn Fn(&EpisodeRecord) + Sync);

/// Runs the episodes of `seeds` on `threads` threads (0 for one a core). The records come in the order
/// of the seeds, whatever the number of threads.
///
/// # Errors
/// An episode cannot begin, or the threads cannot be started.
pub fn run_experiment(
    setup: &Setup,
    seeds: std::ops::Range<u64>,
    threads: usize,
    context: Context<'_>,
    progress: Progress<'_>,
) -> Result<Vec<EpisodeRecord>, SetupError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|e| SetupError::Threads(e.to_string()))?;
    pool.install(|| {
        seeds
            .into_par_iter()
            .map(|seed| {
                let record = run_episode(setup, seed, context, Vec::new())?;
                progress(&record);
                Ok(record)
            })
            .collect()
    })
}
