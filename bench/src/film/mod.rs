//! A moving picture of an episode: overview, both cameras, and what the agent is doing.

mod canvas;
mod gif;

use std::io::Write;

use ergon_scenarios::{Camera, Mount, Scenario};
use ergon_sim::Simulator;
use ergon_sim::render::{Frame, Quality, Renderer};
use ergon_vocab::{Command, Event, Observer, Outcome, StepRecord, Symbols};
use nalgebra::Vector3;
use rayon::prelude::*;
use thiserror::Error;

use crate::{Opening, Setup, Watcher};
use canvas::{Canvas, Colour, Typeface};
pub use gif::write as write_frames;

/// How long the last frame is shown, hundredths of a second.
const LAST_CENTISECS: u16 = 250;
/// How long a disturbance or a new plan stays in the caption, s.
const ALARM_SECS: f64 = 1.5;

const GAP: usize = 8;
const HEADER: usize = 40;
const FOOTER: usize = 48;
/// How much larger text is where the picture is halved.
const HALF_ZOOM: f32 = 1.45;
/// Sizes of text: the title, what is done, a camera's name.
const TITLE_SIZE: f32 = 17.0;
const SKILL_SIZE: f32 = 15.0;
const LABEL_SIZE: f32 = 13.0;
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

/// How large and how smooth a film is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Format {
    /// Control steps from one frame to the next, at least 1.
    pub every: u64,
    /// Simulated seconds that pass in a second of the film.
    pub speed: f64,
    /// Whether width and height are halved; text is drawn larger then, so that it can still be read.
    pub half: bool,
    /// Simulated time after which nothing more is shown, s.
    pub until_secs: f64,
}

impl Format {
    /// For a page that shows several films.
    pub const SMALL: Self = Self { every: 9, speed: 3.0, half: true, until_secs: 45.0 };

    /// How long a frame is shown, hundredths of a second.
    fn centisecs(&self) -> u16 {
        (100.0 * self.every as f64 / (self.speed * Command::RATE_HZ)).round() as u16
    }
}

impl Default for Format {
    fn default() -> Self {
        Self { every: 4, speed: 2.0, half: false, until_secs: f64::INFINITY }
    }
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
    format: Format,
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

    /// The same in another format.
    pub fn with_format(format: Format) -> Self {
        Self { format, ..Self::default() }
    }

    /// Simulated time of the last frame, s.
    pub fn shown_secs(&self) -> f64 {
        self.moments.last().map_or(0.0, |(_, caption)| caption.time_secs)
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
                    let zoom = if self.format.half { HALF_ZOOM } else { 1.0 };
                    let look = Look { typeface: &typeface, zoom };
                    let canvas = draw(simulator, renderer, look, &title, caption);
                    let count = 1 + drawn.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    progress(count, self.moments.len());
                    Ok(match self.format.half {
                        true => canvas.halved().into_rgb(),
                        false => canvas.into_rgb(),
                    })
                },
            )
            .collect::<Result<Vec<_>, FilmError>>()?;
        let size = if self.format.half { [WIDTH / 2, HEIGHT / 2] } else { [WIDTH, HEIGHT] };
        gif::write(out, size, &frames, self.format.centisecs(), LAST_CENTISECS)?;
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
            format: self.format,
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
        let shown = now <= self.format.until_secs;
        if shown && simulator.step_count().is_multiple_of(self.format.every.max(1)) {
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
            Event::Disturbance(text) | Event::Intervention(text) => {
                self.alarm(time_secs, text.clone());
            }
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

/// How text looks.
#[derive(Clone, Copy)]
struct Look<'a> {
    typeface: &'a Typeface,
    /// How much larger than in the full format.
    zoom: f32,
}

/// One frame.
fn draw(
    simulator: &Simulator,
    renderer: &mut Renderer,
    Look { typeface, zoom }: Look<'_>,
    title: &str,
    caption: &Caption,
) -> Canvas {
    let mut canvas = Canvas::new(WIDTH, HEIGHT, PAPER);
    let mut picture = Frame::default();
    let scenario = simulator.scenario();
    let mut view = |camera: &Camera, size: usize, x: usize, y: usize, label: &str| {
        simulator.render(camera, [size, size], renderer, &mut picture);
        canvas.paste(&picture.rgb, [size, size], x, y);
        let font = LABEL_SIZE * zoom;
        canvas.text(typeface, label, x + 10, y + size - 8, font, PAPER);
        canvas.text(typeface, label, x + 9, y + size - 9, font, [255, 255, 255]);
    };
    if let Some(overview) = overview(scenario) {
        view(&overview, LARGE, GAP, HEADER, "");
    }
    for (row, camera) in scenario.cameras.iter().take(2).enumerate() {
        let y = HEADER + row * (SMALL + GAP);
        view(camera, SMALL, LARGE + 2 * GAP, y, &format!("{} camera", camera.name));
    }
    let font = TITLE_SIZE * zoom;
    canvas.text(typeface, title, GAP + 4, 26, font, INK);
    let clock = format!("{:5.1} s", caption.time_secs);
    let x = WIDTH - GAP - 4 - typeface.width(&clock, font);
    canvas.text(typeface, &clock, x, 26, font, FAINT);
    footer(&mut canvas, Look { typeface, zoom }, caption);
    canvas
}

/// What the agent does, and a bar of the plan's steps.
fn footer(canvas: &mut Canvas, Look { typeface, zoom }: Look<'_>, caption: &Caption) {
    let y = HEADER + LARGE + 23;
    let (left, colour) = match (&caption.outcome, &caption.alarm) {
        (Some(Outcome::Solved), _) => ("solved".to_owned(), GOOD),
        (Some(Outcome::Unsolvable(_)), _) => ("no plan leads to the goal".to_owned(), ALARM),
        (Some(Outcome::GaveUp(_)), _) => ("gave up".to_owned(), ALARM),
        (None, Some((_, text))) => (text.clone(), ALARM),
        (None, None) => (caption.action.clone(), INK),
    };
    let (font, side) = (TITLE_SIZE * zoom, SKILL_SIZE * zoom);
    canvas.text(typeface, &left, GAP + 4, y, font, colour);
    let free = WIDTH - 4 * GAP - 8;
    let both = typeface.width(&left, font) + typeface.width(&caption.skill, side);
    if caption.outcome.is_none() && (both < free || zoom <= 1.0) {
        let x = (WIDTH - GAP - 4).saturating_sub(typeface.width(&caption.skill, side));
        canvas.text(typeface, &caption.skill, x, y, side, FAINT);
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
