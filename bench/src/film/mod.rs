//! A moving picture of an episode: overview, both cameras, and what the agent is doing.

mod canvas;
mod gif;

use std::io::Write;

use ergon_scenarios::{Camera, Mount, Scenario};
use ergon_sim::Simulator;
use ergon_sim::render::{Frame, Quality, Renderer};
use ergon_vocab::{Event, Observer, Outcome, StepRecord, Symbols};
use nalgebra::Vector3;
use rayon::prelude::*;
use thiserror::Error;

use crate::{Opening, Setup, Watcher};
use canvas::{Canvas, Colour, Typeface};

/// Control steps from one frame to the next.
const EVERY: u64 = 4;
/// How long a frame is shown, hundredths of a second: twice as fast as it happened.
const FRAME_CENTISECS: u16 = 10;
/// How long the last frame is shown.
const LAST_CENTISECS: u16 = 250;
/// How long a disturbance or a new plan stays in the caption, s.
const ALARM_SECS: f64 = 1.5;

const GAP: usize = 8;
const HEADER: usize = 40;
const FOOTER: usize = 48;
/// Sides of the overview and of the two camera pictures, pixels.
const LARGE: usize = 456;
const SMALL: usize = (LARGE - GAP) / 2;
const WIDTH: usize = LARGE + SMALL + 3 * GAP;
const HEIGHT: usize = HEADER + LARGE + FOOTER;

const PAPER: Colour = [18, 21, 27];
const INK: Colour = [236, 240, 245];
const FAINT: Colour = [140, 150, 164];
const ACCENT: Colour = [92, 190, 255];
const ALARM: Colour = [255, 138, 92];
const GOOD: Colour = [116, 214, 140];

/// Why a film could not be made.
#[derive(Debug, Error)]
pub enum FilmError {
    /// Nothing was filmed.
    #[error("there is nothing to show: the episode never began")]
    Empty,
    /// The simulator could not go back to a moment: a bug.
    #[error("a moment of the episode cannot be shown again: {0}")]
    Moment(#[from] ergon_sim::SimError),
    /// The picture cannot be encoded or written.
    #[error("the picture cannot be written: {0}")]
    Write(#[from] ::gif::EncodingError),
    /// The built-in typeface is broken: a bug.
    #[error("the built-in typeface cannot be read")]
    Typeface,
}

/// What is said under a frame.
#[derive(Clone, Debug, Default, PartialEq)]
struct Caption {
    action: String,
    skill: String,
    done: usize,
    steps: usize,
    alarm: Option<(f64, String)>,
    outcome: Option<Outcome>,
    time_secs: f64,
}

/// Collects the moments of an episode; they are drawn at the end.
#[derive(Default)]
pub struct Film {
    setup: Option<(Setup, u64)>,
    symbols: Symbols,
    caption: Caption,
    moments: Vec<(Vec<u8>, Caption)>,
}

impl Film {
    /// A film of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Draws all frames and writes them as an animated GIF; `progress` is told how many of how many
    /// frames are drawn, from any thread.
    ///
    /// # Errors
    /// Nothing was filmed, or `out` cannot be written.
    pub fn write_gif(
        &self,
        out: impl Write,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<(), FilmError> {
        let (setup, seed) = self.setup.as_ref().ok_or(FilmError::Empty)?;
        let typeface = Typeface::new().ok_or(FilmError::Typeface)?;
        let instance = setup.scenario.instance(*seed);
        let title = format!("ergon  {}  seed {seed}", setup.scenario.name);
        let drawn = std::sync::atomic::AtomicUsize::new(0);
        let frames = self
            .moments
            .par_iter()
            .map_init(
                || (Simulator::new(&setup.scenario, &instance), Renderer::new(Quality::Picture)),
                |(simulator, renderer), (snapshot, caption)| {
                    let simulator = simulator.as_mut().map_err(|e| e.clone())?;
                    simulator.restore(snapshot)?;
                    let canvas = draw(simulator, renderer, &typeface, &title, caption);
                    let count = 1 + drawn.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    progress(count, self.moments.len());
                    Ok(canvas.into_rgb())
                },
            )
            .collect::<Result<Vec<_>, FilmError>>()?;
        gif::write(out, [WIDTH, HEIGHT], &frames, FRAME_CENTISECS, LAST_CENTISECS)?;
        Ok(())
    }

    fn keep(&mut self, simulator: &Simulator) {
        if let Ok(snapshot) = simulator.snapshot() {
            self.moments.push((snapshot, self.caption.clone()));
        }
    }

    fn alarm(&mut self, time_secs: f64, text: String) {
        self.caption.alarm = Some((time_secs, text));
    }
}

impl Watcher for Film {
    fn on_begin(&mut self, opening: &Opening<'_>) {
        *self = Self {
            setup: Some((opening.setup.clone(), opening.seed)),
            symbols: opening.cast.task.symbols().clone(),
            ..Self::default()
        };
    }

    fn on_moment(&mut self, simulator: &Simulator) {
        self.caption.time_secs = simulator.time_secs();
        let now = self.caption.time_secs;
        if self.caption.alarm.as_ref().is_some_and(|(since, _)| now - since > ALARM_SECS) {
            self.caption.alarm = None;
        }
        if simulator.step_count().is_multiple_of(EVERY) {
            self.keep(simulator);
        }
    }
}

impl Observer for Film {
    fn on_event(&mut self, time_secs: f64, event: &Event) {
        match event {
            Event::Planned { plan, .. } => self.caption.steps = plan.steps.len(),
            Event::ActionStarted { index, action, .. } => {
                self.caption.done = *index;
                self.caption.action = self.symbols.show_action(action).to_string();
            }
            Event::SkillStarted(call) => {
                let args = call.args.iter().map(|&a| self.symbols.object_name(a));
                self.caption.skill =
                    [call.skill.as_str()].into_iter().chain(args).collect::<Vec<_>>().join(" ");
            }
            Event::ActionSucceeded { index, .. } => self.caption.done = index + 1,
            Event::Disturbance(text) => self.alarm(time_secs, text.clone()),
            Event::Replan { .. } => self.alarm(time_secs, "not as expected: new plan".into()),
            Event::Retry { .. } => self.alarm(time_secs, "not as expected: once more".into()),
            Event::Finished(outcome) => self.caption.outcome = Some(outcome.clone()),
            Event::SkillEnded { .. }
            | Event::Mismatch { .. }
            | Event::LookAgain { .. }
            | Event::Presumed { .. } => {}
        }
    }

    fn on_step(&mut self, _: StepRecord<'_>) {}
}

/// One frame.
fn draw(
    simulator: &Simulator,
    renderer: &mut Renderer,
    typeface: &Typeface,
    title: &str,
    caption: &Caption,
) -> Canvas {
    let mut canvas = Canvas::new(WIDTH, HEIGHT, PAPER);
    let mut picture = Frame::default();
    let scenario = simulator.scenario();
    let mut view = |camera: &Camera, size: usize, x: usize, y: usize, label: &str| {
        simulator.render(camera, [size, size], renderer, &mut picture);
        canvas.paste(&picture.rgb, [size, size], x, y);
        canvas.text(typeface, label, x + 10, y + size - 8, 13.0, PAPER);
        canvas.text(typeface, label, x + 9, y + size - 9, 13.0, [255, 255, 255]);
    };
    if let Some(overview) = overview(scenario) {
        view(&overview, LARGE, GAP, HEADER, "");
    }
    for (row, camera) in scenario.cameras.iter().take(2).enumerate() {
        let y = HEADER + row * (SMALL + GAP);
        view(camera, SMALL, LARGE + 2 * GAP, y, &format!("{} camera", camera.name));
    }
    canvas.text(typeface, title, GAP + 4, 26, 17.0, INK);
    let clock = format!("{:5.1} s", caption.time_secs);
    let x = WIDTH - GAP - 4 - typeface.width(&clock, 17.0);
    canvas.text(typeface, &clock, x, 26, 17.0, FAINT);
    footer(&mut canvas, typeface, caption);
    canvas
}

/// What the agent does, and a bar of the plan's steps.
fn footer(canvas: &mut Canvas, typeface: &Typeface, caption: &Caption) {
    let y = HEADER + LARGE + 23;
    let (left, colour) = match (&caption.outcome, &caption.alarm) {
        (Some(Outcome::Solved), _) => ("solved".to_owned(), GOOD),
        (Some(Outcome::Unsolvable(_)), _) => ("no plan leads to the goal".to_owned(), ALARM),
        (Some(Outcome::GaveUp(_)), _) => ("gave up".to_owned(), ALARM),
        (None, Some((_, text))) => (text.clone(), ALARM),
        (None, None) => (caption.action.clone(), INK),
    };
    canvas.text(typeface, &left, GAP + 4, y, 17.0, colour);
    if caption.outcome.is_none() {
        let x = WIDTH - GAP - 4 - typeface.width(&caption.skill, 15.0);
        canvas.text(typeface, &caption.skill, x, y, 15.0, FAINT);
    }
    let (bar_y, span) = (HEADER + LARGE + 33, WIDTH - 2 * GAP);
    let steps = caption.steps.max(1);
    for step in 0..steps {
        let from = GAP + step * span / steps;
        let to = GAP + (step + 1) * span / steps;
        let colour = if step < caption.done { ACCENT } else { [52, 60, 72] };
        canvas.fill(from, bar_y, to.saturating_sub(from + 2), 6, colour);
    }
}

/// A camera that shows arm and table from the side.
fn overview(scenario: &Scenario) -> Option<Camera> {
    let table = scenario.table.top;
    let position = table + Vector3::new(1.12, -0.98, 0.86);
    let target = table + Vector3::new(-0.19, 0.0, 0.20);
    Some(Camera {
        name: "overview".into(),
        mount: Mount::Cell,
        mount_from_camera: Camera::look_at(position, target, Vector3::z())?,
        fov_y: 46f64.to_radians(),
        size: [LARGE; 2],
    })
}
