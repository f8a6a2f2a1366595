//! Many episodes, in parallel or one by one, with the same records.

use rayon::prelude::*;

use crate::SetupError;

/// Runs `episode` for every one of some seeds on `threads` threads (0 for one a core). The results come in the order
/// of the seeds, whatever the number of threads.
///
/// # Errors
/// An episode fails, or the threads cannot be started.
pub fn run_experiment<T: Send, E: From<SetupError> + Send>(
    seeds: &[u64],
    threads: usize,
    episode: impl Fn(u64) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|e| SetupError::Threads(e.to_string()))?;
    pool.install(|| seeds.par_iter().map(|&seed| episode(seed)).collect())
}
