//! Requests to end.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::exit::{Exit, Failure};

/// A flag that becomes true when the user presses Ctrl-C or the process is told to end (SIGINT,
/// SIGTERM, SIGHUP). To be called once.
pub(crate) fn flag() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
        .map_err(|e| Failure::new(Exit::Bug, format!("cannot listen for interrupts: {e}")))?;
    Ok(stop)
}

/// Has the kernel tell this process to end when its parent does; where that is not known, nothing.
pub(crate) fn die_with_parent() -> Result<(), Failure> {
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGTERM)
        .map_err(|e| Failure::new(Exit::Bug, format!("--die-with-parent: {e}")))?;
    Ok(())
}
