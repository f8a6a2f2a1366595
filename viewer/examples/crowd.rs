//! What a frame costs with many objects: `cargo run --release -p ergon-viewer --example crowd -- 100`.
//! In a small picture hardly anything is painted, which leaves what the processor does for a frame.
#![expect(clippy::print_stdout, reason = "figures are what this is for")]

use std::sync::Arc;

use cpu_time::ProcessTime;
use ergon_sim::render::{Material, Shape};
use ergon_viewer::orbit::Eye;
use ergon_viewer::session::Session;
use ergon_viewer::window::{Quality, Studio, Wanted};
use ergon_viewer::{Moment, Narration, Playback, Setting, Solid, Timeline, ViewerError, WallClock};
use ergon_vocab::{Clock, Pose};
use nalgebra::Vector3;

const FRAMES: u32 = 40;

fn main() -> Result<(), ViewerError> {
    let count = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(100);
    for (size, quality) in [
        ([160, 160], Quality::Low),
        ([160, 160], Quality::High),
        ([960, 640], Quality::Low),
        ([960, 640], Quality::High),
        ([1280, 720], Quality::High),
    ] {
        let wanted = Wanted { size, quality, eye: Eye::Free, believed: false };
        let session = Session::traces(Playback::new(vec![Arc::new(crowd(count)?)]));
        let mut studio = Studio::open(session, wanted)?;
        studio.draw()?;
        let (clock, busy) = (WallClock::new(), ProcessTime::now());
        let mut drawn = 0;
        for frame in 0..FRAMES {
            studio.session()?.seek(f64::from(frame) / f64::from(FRAMES));
            drawn += studio.count_frames(|studio| studio.draw().map(|_| ()))?;
        }
        let each = |secs: f64| 1e3 * secs / f64::from(drawn);
        println!(
            "{count} objects, {} x {}, {quality:?}: {:.1} ms a frame, {:.1} ms of processor time",
            size[0],
            size[1],
            each(clock.now().as_secs_f64()),
            each(busy.elapsed().as_secs_f64())
        );
    }
    Ok(())
}

/// Cubes in rows, all of which move.
fn crowd(count: u32) -> Result<Timeline, ViewerError> {
    let material = Material::plain([0.7, 0.3, 0.1], 0.5);
    let mut shape = Shape::Box { half: Default::default() };
    if let Shape::Box { half } = &mut shape {
        (half.x, half.y, half.z) = (0.02, 0.02, 0.02);
    }
    let setting = Setting {
        scenario: "crowd".into(),
        method: "none".into(),
        seed: 0,
        solids: (0..count).map(|_| Solid { shape, material, shadow: true }).collect(),
        bodies: Vec::new(),
        places: Vec::new(),
        cameras: Vec::new(),
        table: Vector3::zeros(),
    };
    let moment = |step: u32| Moment {
        step: u64::from(step),
        time_secs: f64::from(step) / 20.0,
        poses: (0..count)
            .map(|i| {
                let (row, column) = (f64::from(i / 10), f64::from(i % 10));
                let lift = 0.02 * (0.3 * f64::from(step + i)).sin();
                Pose::translation(0.07 * row - 0.4, 0.07 * column - 0.3, 0.05 + lift)
            })
            .collect(),
        tcp: Pose::identity(),
        pictures: Vec::new(),
        seen: Vec::new(),
        told: Arc::new(Narration::default()),
        cost: None,
    };
    Timeline::new(Arc::new(setting), (0..=FRAMES).map(moment).collect())
}
