//! One run of a command under limits, measured from outside.
//!
//! The supervisor is a small process of its own for each run. Its limit of address space is
//! inherited by what it starts; what the kernel books on its children is exactly that run; it dies
//! with its parent and takes the run's whole process group with it.

use std::{
    fs::File,
    io,
    os::unix::process::{CommandExt, ExitStatusExt},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{RecvTimeoutError, channel},
    },
    time::Duration,
};

use ergon_vocab::Clock;
use nix::{
    sys::{
        prctl,
        resource::{Resource, UsageWho, getrlimit, getrusage, rlim_t, setrlimit},
        signal::{Signal, killpg},
        time::TimeValLike,
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::{Pid, SysconfVar, sysconf},
};
use serde::{Deserialize, Serialize};

/// How often a run is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// What a run may take after it was told to end, until it is killed.
const GRACE: Duration = Duration::from_secs(1);
/// Wall-clock time that a run may take for each second of processor time allowed, for runs that
/// wait for nothing; on a loaded machine a run gets a part of a core.
const WALL_FACTOR: f64 = 5.0;

/// A run to be measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Program and arguments.
    pub command: Vec<String>,
    /// Folder in which it runs.
    pub folder: PathBuf,
    /// File for its standard output.
    pub stdout: PathBuf,
    /// File for its standard error.
    pub stderr: PathBuf,
    /// Processor time allowed to all its processes together, s.
    pub cpu_secs: f64,
    /// Address space allowed to each of its processes, bytes.
    pub memory_bytes: u64,
}

/// What a run took.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// Exit code, if it ended by itself.
    pub code: Option<i32>,
    /// Signal that ended it.
    pub signal: Option<i32>,
    /// Whether it was told to end because its time was over.
    pub out_of_time: bool,
    /// Processor time of all its processes, user and system, s.
    pub cpu_secs: f64,
    /// Wall-clock time, s.
    pub wall_secs: f64,
    /// Largest resident memory of one of its processes, bytes. Not below what the supervisor had
    /// itself when it started the run, some 4 MiB: the kernel hands that on.
    pub peak_bytes: u64,
}

/// Runs a command to its end or its limits; to be called once in a process. The run ends early when
/// `stop` is set or the parent of this process dies.
///
/// # Errors
/// The command cannot be started, or the limits cannot be set.
pub fn supervise(order: &Order, stop: &AtomicBool, clock: &dyn Clock) -> io::Result<Measurement> {
    prctl::set_pdeathsig(Signal::SIGTERM)?;
    prctl::set_child_subreaper(true)?;
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    let (own, most) = getrlimit(Resource::RLIMIT_AS)?;
    setrlimit(Resource::RLIMIT_AS, most.min(order.memory_bytes as rlim_t), most)?;
    let start = clock.now();
    let run = start_run(order);
    // The run has inherited the limit; this process needs some more for its threads.
    setrlimit(Resource::RLIMIT_AS, own, most)?;
    let run = run?;
    let group = Pid::from_raw(run.id() as i32);
    let mut watch = Watch { order, group, clock, start, told: None, seen_secs: 0.0 };
    let status = watch.until_end(run, stop)?;
    let wall = clock.now().saturating_sub(start);
    reap_all(group);
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let booked = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Measurement {
        code: status.code(),
        signal: status.signal(),
        out_of_time: watch.told.is_some(),
        cpu_secs: (booked as f64 / 1e6).max(watch.seen_secs),
        wall_secs: wall.as_secs_f64(),
        peak_bytes: u64::try_from(usage.max_rss()).unwrap_or(0) * 1024,
    })
}

fn start_run(order: &Order) -> io::Result<Child> {
    let (program, arguments) = order
        .command
        .split_first()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "an empty command"))?;
    Command::new(program)
        .args(arguments)
        .current_dir(&order.folder)
        .stdin(Stdio::null())
        .stdout(File::create(&order.stdout)?)
        .stderr(File::create(&order.stderr)?)
        .process_group(0)
        .spawn()
}

/// Ends what is left of a group and books it on this process.
fn reap_all(group: Pid) {
    // There may be nobody left.
    let _gone = killpg(group, Signal::SIGKILL);
    let anybody = Pid::from_raw(-group.as_raw());
    while matches!(
        waitpid(anybody, Some(WaitPidFlag::empty())),
        Ok(WaitStatus::Exited(..) | WaitStatus::Signaled(..))
    ) {}
}

struct Watch<'a> {
    order: &'a Order,
    group: Pid,
    clock: &'a dyn Clock,
    start: Duration,
    /// When the run was told to end.
    told: Option<Duration>,
    /// Processor time of the group when it was last looked at, s.
    seen_secs: f64,
}

impl Watch<'_> {
    fn until_end(&mut self, mut run: Child, stop: &AtomicBool) -> io::Result<ExitStatus> {
        let (ended, end) = channel();
        std::thread::Builder::new().stack_size(64 << 10).spawn(move || {
            // The other side waits as long as there is this end.
            let _heard = ended.send(run.wait());
        })?;
        loop {
            match end.recv_timeout(LOOK) {
                Ok(status) => return status,
                Err(RecvTimeoutError::Timeout) => self.look(stop),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(io::Error::other("the run was lost"));
                }
            }
        }
    }

    fn look(&mut self, stop: &AtomicBool) {
        let now = self.clock.now();
        if stop.load(Ordering::Relaxed) || self.told.is_some_and(|t| now >= t + GRACE) {
            let _gone = killpg(self.group, Signal::SIGKILL);
            return;
        }
        self.seen_secs = group_cpu_secs(self.group).unwrap_or(0.0).max(self.seen_secs);
        let wall = now.saturating_sub(self.start).as_secs_f64();
        let over = self.seen_secs > self.order.cpu_secs
            || wall > self.order.cpu_secs * WALL_FACTOR + GRACE.as_secs_f64();
        if over && self.told.is_none() {
            self.told = Some(now);
            let _gone = killpg(self.group, Signal::SIGTERM);
        }
    }
}

/// Processor time of the processes of a group and of the children they have waited for, s.
fn group_cpu_secs(group: Pid) -> Option<f64> {
    let ticks_per_sec = sysconf(SysconfVar::CLK_TCK).ok()?? as f64;
    let group = group.to_string();
    let mut ticks = 0u64;
    for process in std::fs::read_dir("/proc").ok()?.flatten() {
        let is_process =
            process.file_name().as_encoded_bytes().first().is_some_and(u8::is_ascii_digit);
        if is_process && let Ok(stat) = std::fs::read_to_string(process.path().join("stat")) {
            ticks += ticks_of(&stat, &group);
        }
    }
    Some(ticks as f64 / ticks_per_sec)
}

/// Ticks of a process and its waited-for children by its `/proc/PID/stat`, 0 if it is of another
/// group. After the name in brackets come: state, parent, group, ..., and from the twelfth on the
/// user and system ticks of the process and those of its children.
fn ticks_of(stat: &str, group: &str) -> u64 {
    let Some((_, fields)) = stat.rsplit_once(") ") else { return 0 };
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    if fields.get(2) != Some(&group) {
        return 0;
    }
    let ticks = fields.iter().skip(11).take(4);
    ticks.filter_map(|t| t.parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_those_of_the_group() {
        let stat = "12 (a b) c) S 1 77 77 0 -1 4194560 1 2 3 4 100 20 3 1 20 0 1 0 5 6 7";
        assert_eq!(ticks_of(stat, "77"), 124);
        assert_eq!(ticks_of(stat, "78"), 0);
        assert_eq!(ticks_of("nonsense", "77"), 0);
    }
}
