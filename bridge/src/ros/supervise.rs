//! A second process that calls all motions off when the first one falls silent.

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
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
/// How many times it calls motions off, one each tick, so that none is missed.
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

/// What a supervisor tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// It is in the graph; motions may begin.
    Ready,
    /// The bridge fell silent: all motions were called off.
    Silent,
    /// The bridge beats again.
    Back,
    /// The bridge is gone: all motions were called off.
    Gone,
}

/// What is heard of a heart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Beat,
    Farewell,
    Silence,
    Broken,
}

/// Hears beats, at most `silence` apart.
fn hear(beats: &Receiver<Heard>, silence: Duration) -> Heard {
    beats.recv_timeout(silence).unwrap_or_else(|why| match why {
        RecvTimeoutError::Timeout => Heard::Silence,
        RecvTimeoutError::Disconnected => Heard::Broken,
    })
}

/// Reads a pipe until it breaks or a farewell comes.
fn listen(mut pipe: impl Read, beats: &Sender<Heard>) {
    let mut bytes = [0; 64];
    loop {
        let heard = match pipe.read(&mut bytes) {
            Ok(0) | Err(_) => return,
            Ok(n) if bytes[..n].contains(&FAREWELL) => Heard::Farewell,
            Ok(_) => Heard::Beat,
        };
        if beats.send(heard).is_err() || heard == Heard::Farewell {
            return;
        }
    }
}

/// Listens to beats and has motions called off when they stop for longer than `silence`, once a silence,
/// and when the pipe breaks; before the first beat nothing was begun. A bridge that comes back finds its motion called off and plans anew; one
/// that says farewell needs no help.
fn watch(
    beats: &Receiver<Heard>,
    silence: Duration,
    mut call_off: impl FnMut(),
    mut tell: impl FnMut(Watch),
) {
    if !matches!(beats.recv(), Ok(Heard::Beat)) {
        return;
    }
    loop {
        match hear(beats, silence) {
            Heard::Beat => {}
            Heard::Farewell => return,
            Heard::Broken => {
                call_off();
                return tell(Watch::Gone);
            }
            Heard::Silence => {
                call_off();
                tell(Watch::Silent);
                // Motions that others begin meanwhile are not this one's to call off.
                match beats.recv() {
                    Ok(Heard::Farewell) => return,
                    Ok(_) => tell(Watch::Back),
                    Err(_) => return tell(Watch::Gone),
                }
            }
        }
    }
}

/// Joins the graph, listens to a heart and calls all motions off when it stops for longer than the robot
/// file's silence, or when the pipe breaks.
///
/// # Errors
/// The network cannot be used.
pub fn supervise(
    file: &RobotFile,
    chain: &Chain,
    pipe: impl Read + Send + 'static,
    mut tell: impl FnMut(Watch),
) -> Result<(), RosError> {
    let mut file = file.clone();
    // It needs no pictures.
    file.cameras.clear();
    let mut arm = RosArm::open(&file, chain, || None)?;
    arm.await_controllers(Duration::from_secs(10));
    tell(Watch::Ready);
    let (sender, beats) = channel();
    let thread = std::thread::Builder::new().name("heart".into());
    let started = thread.spawn(move || listen(pipe, &sender));
    started.map_err(|e| RosError::new("the supervisor", e))?;
    let call_off = || {
        for _ in 0..CALLS {
            arm.cancel_everything();
            arm.wait(TICK);
        }
    };
    watch(&beats, Duration::from_secs_f64(file.watch.silence_secs), call_off, tell);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::pause;

    /// What a supervisor tells, and how often it calls off, when it hears these bytes; an empty part is a
    /// silence, and at the end the pipe breaks.
    fn check(bytes: &'static [&'static [u8]], expected: &[Watch], calls: u32) {
        let (sender, beats) = channel();
        let speak = std::thread::spawn(move || {
            for part in bytes {
                match *part {
                    b"" => pause(Duration::from_millis(300)),
                    part => listen(part, &sender),
                }
            }
        });
        let (mut told, mut called) = (Vec::new(), 0);
        watch(&beats, Duration::from_millis(100), || called += 1, |what| told.push(what));
        drop(beats);
        speak.join().unwrap();
        assert_eq!((told.as_slice(), called), (expected, calls), "{bytes:?}");
    }

    #[test]
    fn silence_calls_off_once_and_a_bridge_may_come_back() {
        use Watch::{Back, Gone, Silent};
        check(&[b"", b""], &[], 0);
        check(&[b".!"], &[], 0);
        check(&[b".", b"", b".", b"!"], &[Silent, Back], 1);
        check(&[b"", b".", b"."], &[Gone], 1);
        check(&[b".", b"", b".!"], &[Silent], 1);
        check(&[b".", b"", b".", b"", b".", b"!"], &[Silent, Back, Silent, Back], 2);
        check(&[b".", b""], &[Silent, Gone], 1);
    }
}
