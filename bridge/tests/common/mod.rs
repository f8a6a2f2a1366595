//! Servers on ephemeral ports of the loopback address, and what to ask them.
#![allow(dead_code, reason = "each test uses a part")]

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use ergon_bridge::{ClientOptions, Endpoint, Layout, ServerOptions, openpi, vla_eval};
use ergon_vocab::{CameraImage, Command, Image, InstructedPolicy, Observation, PolicyError};

/// Answers with what it was told: two commands, the second of which is the tool's pose and the step.
pub(crate) struct Echo {
    resets: u64,
    asked: u64,
}

impl InstructedPolicy for Echo {
    fn reset(&mut self) -> Result<(), PolicyError> {
        self.resets += 1;
        Ok(())
    }

    fn infer(&mut self, o: &Observation, prompt: &str) -> Result<Vec<Command>, PolicyError> {
        self.asked += 1;
        match prompt {
            "fail" => return Err(PolicyError("told to fail".to_owned())),
            "panic" => panic!("told to panic"),
            "nothing" => return Ok(Vec::new()),
            "nan" => return Ok(vec![Command::hold(f64::NAN)]),
            _ => {}
        }
        let cameras: Vec<&str> = o.images.iter().map(|image| image.camera.as_str()).collect();
        assert_eq!(cameras, ["agent", "wrist"]);
        let (p, r) = (&o.ee_position, &o.ee_orientation);
        let pixel = f64::from(o.images[0].image.data()[0]) / 255.0;
        let counts = [self.resets, self.asked, o.step].map(|n| n as f64 / 64.0);
        Ok(vec![
            Command::from_array([counts[0], counts[1], counts[2], pixel, 0.0, 0.0, -1.0]),
            Command::from_array([p.x, p.y, p.z, r.x, r.y, r.z, 1.0]),
        ])
    }
}

pub(crate) fn open_echo() -> Result<Box<dyn InstructedPolicy>, PolicyError> {
    Ok(Box::new(Echo { resets: 0, asked: 0 }))
}

/// A server that stops when it is dropped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    pub(crate) fn openpi(options: ServerOptions) -> Self {
        Self::start(move |listener, stop| {
            openpi::serve(listener, open_echo, &options, stop).unwrap();
        })
    }

    pub(crate) fn vla_eval(options: ServerOptions) -> Self {
        Self::start(move |listener, stop| {
            vla_eval::serve(listener, open_echo, &options, stop).unwrap();
        })
    }

    pub(crate) fn start(serve: impl FnOnce(&TcpListener, &AtomicBool) + Send + 'static) -> Self {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into(), serve)
    }

    pub(crate) fn start_at(
        address: SocketAddr,
        serve: impl FnOnce(&TcpListener, &AtomicBool) + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = Some(std::thread::spawn(move || serve(&listener, &stopped)));
        Self { address, stop, thread }
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint { host: self.address.ip().to_string(), port: self.address.port() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let ended = self.thread.take().unwrap().join();
        assert!(ended.is_ok() || std::thread::panicking(), "the server panicked");
    }
}

/// Short waits.
pub(crate) fn hasty(layout: Layout) -> ClientOptions {
    ClientOptions {
        connect_timeout: Duration::from_secs(1),
        answer_timeout: Duration::from_secs(1),
        attempts: 2,
        back_off: Duration::from_millis(10),
        ..ClientOptions::new(layout)
    }
}

/// For servers that answer: waits that are not in the way on a busy machine.
pub(crate) fn patient(layout: Layout) -> ClientOptions {
    ClientOptions::new(layout)
}

pub(crate) fn observation() -> Observation {
    let mut observation = Observation::default();
    observation.ee_position.copy_from_slice(&[0.5, -0.25, 0.125]);
    observation.ee_orientation.copy_from_slice(&[1.0, 0.0, -0.5]);
    for (camera, value) in [("agent", 51), ("wrist", 102)] {
        let image = Image::new(32, 32, vec![value; 32 * 32 * 3]).unwrap();
        observation.images.push(CameraImage { camera: camera.to_owned(), image });
    }
    observation
}
