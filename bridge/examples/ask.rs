//! Asks a policy server what to do:  `ask openpi://HOST:PORT|vla-eval://HOST:PORT [TIMES [SECONDS]]`
//!
//! The pictures are patterns that tests can make too; each answer is waited for so many seconds.
#![expect(clippy::print_stdout, reason = "an example says what happens")]

use std::error::Error;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ergon_bridge::{ClientOptions, Endpoint, Layout, openpi, vla_eval};
use ergon_vocab::{CameraImage, Image, InstructedPolicy, Observation};

/// A picture whose pixel at column x and row y is (x + y, 2 x, 3 y), modulo 256.
fn pattern(width: usize, height: usize) -> Result<Image, ergon_vocab::ImageError> {
    let pixel = |at: usize| {
        let (x, y) = (at % width, at / width);
        [(x + y) as u8, (2 * x) as u8, (3 * y) as u8]
    };
    Image::new(width, height, (0..width * height).flat_map(pixel).collect())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let address = arguments.first().ok_or("usage: ask ADDRESS [TIMES [SECONDS]]")?;
    let times: usize = arguments.get(1).map_or(Ok(10), |n| n.parse())?;
    let seconds = arguments.get(2).map_or(Ok(60), |n| n.parse())?;
    let patient = |layout| ClientOptions {
        answer_timeout: Duration::from_secs(seconds),
        ..ClientOptions::new(layout)
    };
    let (mut policy, cuts): (Box<dyn InstructedPolicy>, _) = if address.starts_with("vla-eval:") {
        let endpoint = Endpoint::parse(vla_eval::SCHEME, address)?;
        let client = vla_eval::Client::connect(endpoint, patient(Layout::vla_eval()), "ask")?;
        println!("server {}", client.model_server());
        let cuts = client.cuts();
        (Box::new(client), cuts)
    } else {
        let endpoint = Endpoint::parse(openpi::SCHEME, address)?;
        let client = openpi::Client::connect(endpoint, patient(Layout::openpi()))?;
        println!("server {}", client.metadata());
        let cuts = client.cuts();
        (Box::new(client), cuts)
    };
    let mut observation = Observation::default();
    for (camera, width, height) in [("agent", 320, 240), ("wrist", 128, 128)] {
        let image = pattern(width, height)?;
        observation.images.push(CameraImage { camera: camera.to_owned(), image });
    }
    for _ in 0..2 {
        policy.reset()?;
        for _ in 0..times {
            let commands = policy.infer(&observation, "Play Towers of Hanoi.")?;
            let first = commands.first().map(ergon_vocab::Command::to_array);
            println!("{} commands, the first {first:?}", commands.len());
            observation.step += 1;
        }
    }
    println!("components cut: {}", cuts.load(Ordering::Relaxed));
    Ok(())
}
