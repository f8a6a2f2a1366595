//! Moving along timelines.

use std::sync::Arc;

use ergon_vocab::Command;

use crate::{Mark, Moment, Timeline};

/// Speeds that can be chosen, simulated seconds a second.
pub(crate) const SPEEDS: [f64; 6] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0];
/// What lies closer than this, s, is where one already is.
const HERE: f64 = 0.25 / Command::RATE_HZ;

/// One or two timelines, and where in them one is. Two are in step: at the same time since their beginning.
pub struct Playback {
    timelines: Vec<Arc<Timeline>>,
    at_secs: f64,
    /// Whether time goes on by itself.
    pub playing: bool,
    /// Simulated seconds a second.
    pub speed: f64,
}

impl Playback {
    /// At the beginning, playing.
    pub fn new(timelines: Vec<Arc<Timeline>>) -> Self {
        Self { timelines, at_secs: 0.0, playing: true, speed: 1.0 }
    }

    /// What is played.
    pub fn timelines(&self) -> &[Arc<Timeline>] {
        &self.timelines
    }

    /// Where it is, s.
    pub fn at_secs(&self) -> f64 {
        self.at_secs
    }

    /// When the longest ends, s.
    pub fn end_secs(&self) -> f64 {
        self.timelines.iter().map(|t| t.end_secs()).fold(0.0, f64::max)
    }

    /// Which moment of each timeline is shown.
    pub fn indices(&self) -> Vec<usize> {
        self.timelines.iter().map(|t| t.index_at(self.at_secs)).collect()
    }

    /// What is shown of each timeline.
    pub fn moments(&self) -> Vec<Moment> {
        self.timelines.iter().zip(self.indices()).map(|(t, index)| t.moment(index)).collect()
    }

    /// Lets `secs` of wall time pass. It stops at the end.
    pub fn advance(&mut self, secs: f64) {
        if self.playing {
            self.go_to(self.at_secs + secs * self.speed);
            self.playing = self.at_secs < self.end_secs();
        }
    }

    /// Goes to a time, at most to an end.
    pub fn seek(&mut self, time_secs: f64) {
        self.go_to(time_secs);
        self.playing = false;
    }

    /// Goes some control steps on, or back.
    pub fn step(&mut self, steps: i64) {
        let now = (self.at_secs * Command::RATE_HZ).round();
        self.seek((now + steps as f64) / Command::RATE_HZ);
    }

    /// Plays, from the beginning where it is at its end, or pauses.
    pub fn toggle(&mut self) {
        if !self.playing && self.at_secs >= self.end_secs() {
            self.at_secs = 0.0;
        }
        self.playing = !self.playing;
    }

    /// Goes to the next failure, retry, replan, disturbance or end.
    pub fn to_next_mark(&mut self) {
        let later = |m: &&Mark| m.time_secs > self.at_secs + HERE;
        let marks = self.marks();
        let next = marks.iter().filter(later).map(|m| m.time_secs).reduce(f64::min);
        if let Some(time) = next {
            self.seek(time);
        }
    }

    /// Goes back to the one before.
    pub fn to_previous_mark(&mut self) {
        let earlier = |m: &&Mark| m.time_secs < self.at_secs - HERE;
        let marks = self.marks();
        let last = marks.iter().filter(earlier).map(|m| m.time_secs).reduce(f64::max);
        self.seek(last.unwrap_or(0.0));
    }

    /// The marks of all timelines.
    pub fn marks(&self) -> Vec<Mark> {
        self.timelines.iter().flat_map(|t| t.marks()).collect()
    }

    fn go_to(&mut self, time_secs: f64) {
        self.at_secs = time_secs.clamp(0.0, self.end_secs());
    }
}

/// The speed next to a speed, faster or slower.
pub(crate) fn next_speed(speed: f64, faster: bool) -> f64 {
    let found = match faster {
        true => SPEEDS.into_iter().find(|&s| s > speed),
        false => SPEEDS.into_iter().rev().find(|&s| s < speed),
    };
    found.unwrap_or(speed)
}
