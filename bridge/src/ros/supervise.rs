//! A second process that calls all motions off when the first one falls silent.

use std::io::{Read, Write};
use std::sync::mpsc;
use std::time::Duration;

use super::arm::RosArm;
use super::wire::RosError;
use crate::robot::{ArmPort, Chain, RobotFile};

/// What a living bridge sends.
const BEAT: &[u8] = b".";
/// Says that the bridge ended in good order.
const FAREWELL: u8 = b'!';
/// How often the supervisor looks.
const TICK: Duration = Duration::from_millis(10);
/// How long it goes on calling motions off, so that none is missed.
const CALLS: u32 = 50;

/// The bridge's end: beats as long as its loop runs.
#[derive(Debug)]
pub struct Heart<W: Write>(W);

impl<W: Write> Heart<W> {
    /// A heart that beats into the supervisor's standard input.
    pub fn new(pipe: W) -> Self {
        Self(pipe)
    }

    /// Beats; false if nobody hears it any more.
    pub fn beat(&mut self) -> bool {
        self.0.write_all(BEAT).and_then(|()| self.0.flush()).is_ok()
    }

    /// Ends in good order.
    pub fn stop(&mut self) {
        // A supervisor that is gone has nothing to be told.
        let _unheard = self.0.write_all(&[FAREWELL]).and_then(|()| self.0.flush());
    }
}

/// Listens to a heart and calls all motions off when it stops for longer than `silence`, or when the
/// pipe breaks. Returns whether that happened; a bridge that says farewell needs no such help.
///
/// # Errors
/// The network cannot be used.
pub fn supervise(
    file: &RobotFile,
    chain: &Chain,
    pipe: impl Read + Send + 'static,
    silence: Duration,
    ready: impl FnOnce(),
) -> Result<bool, RosError> {
    let mut file = file.clone();
    // It needs no pictures.
    file.cameras.clear();
    let mut arm = RosArm::open(&file, chain, || false)?;
    arm.await_controllers(Duration::from_secs(10));
    ready();
    let (sender, beats) = mpsc::channel();
    let listen = move || {
        let mut pipe = pipe;
        let mut bytes = [0; 64];
        loop {
            let heard = match pipe.read(&mut bytes) {
                Ok(0) | Err(_) => return,
                Ok(n) => bytes[..n].contains(&FAREWELL),
            };
            if sender.send(heard).is_err() || heard {
                return;
            }
        }
    };
    let started = std::thread::Builder::new().name("heart".into()).spawn(listen);
    started.map_err(|e| RosError::new("the supervisor", e))?;
    loop {
        match beats.recv_timeout(silence) {
            Ok(true) => return Ok(false),
            Ok(false) => {}
            Err(_) => break,
        }
    }
    for _ in 0..CALLS {
        arm.cancel_everything();
        arm.wait(TICK);
    }
    Ok(true)
}
