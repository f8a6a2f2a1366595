//! No bytes make the trace reader panic or take more memory than they are worth, and what it reads
//! can be looked at.
#![no_main]

use ergon_bench::trace::{ReplayRobot, Trace};
use ergon_vocab::Robot;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let trace = match Trace::read(data) {
        Ok(trace) => trace,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let mut robot = ReplayRobot::new(&trace);
    let _ = robot.observe();
    for recorded in &trace.commands {
        let _ = robot.step(&recorded.command);
    }
    let _ = trace.events_until(1.0);
});
