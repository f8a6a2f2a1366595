//! From sightings in pictures to bodies in space.
//!
//! One Gaussian holds where every body's centre is, how long its edge is, and how far each camera is
//! from where it is said to be; sightings of bodies and landmarks are taken in by an extended Kalman
//! filter, as in simultaneous localisation and mapping (Smith, Self and Cheeseman 1990). Landmarks and
//! the arm's own measured motion tie the pictures to the base frame. What lies still, lies on
//! something: where only one support is likely, its height is taken in too. A body between the
//! fingers moves with them. A body that is seen elsewhere again and again has been moved: it is
//! forgotten and found anew.

mod gaussian;
mod sight;
mod support;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use ergon_vocab::{CameraModel, Entity, Gripper, ObjectId, Pose, Role};
use nalgebra::{Point3, UnitQuaternion, Vector3};

use crate::detector::{CORNERS, Detections, Expected, Landmark, Sighting};
use crate::thresholds;
use gaussian::{Gaussian, Row};
use sight::{Correction, Sight, corrected, sight};

/// Numbers of a camera's correction.
const CORRECTION: usize = 6;
/// Numbers of a body: centre and edge.
const BODY: usize = 4;
/// How far a camera may be from where it is said to be, standard deviations, m and rad.
const SHIFT_STD: f64 = 0.006;
const TURN_STD: f64 = 0.02;
const CORRECTION_STD: [f64; CORRECTION] =
    [SHIFT_STD, SHIFT_STD, SHIFT_STD, TURN_STD, TURN_STD, TURN_STD];
/// A camera that is believed to be this many standard deviations from where it is said to be is believed
/// wrongly: landmarks were taken for each other.
const STRAYED: f64 = 3.0;
/// A body's edge before it is measured, m: mean and standard deviation.
const EDGE: (f64, f64) = (0.05, 0.012);
/// Standard deviation of a body's place when it is first seen, m.
const PLACE_STD: f64 = 0.06;
/// How much a body's place may change in a step, standard deviation, m: at rest and in the hand.
const REST: f64 = 0.0004;
const CARRIED: f64 = 0.0004;
/// How far the middle of what is held may be from the middle between the fingers, along the way they
/// close, standard deviation, m.
const BETWEEN_STD: f64 = 0.0015;
/// How far the opening of closed fingers may be from the width of what is between them, standard
/// deviation, m.
const WIDTH_STD: f64 = 0.001;
/// A sighting counts from this score on; below the second one a body is not seen.
const SEEN: f64 = 0.6;
const UNSEEN: f64 = 0.3;
/// Sightings of one moment to the next err alike: their standard deviations are taken as larger, and
/// those from a view that has not changed by this much since the last one, m, as larger still.
const CAUTION: f64 = 2.0;
const NOVEL: f64 = 0.006;
const REPEATED: f64 = 5.0;
/// Least standard deviation of a sighting, pixels.
const LEAST_STD: f64 = 0.35;
/// A sighting beyond this many standard deviations is not believed.
const GATE: f64 = 4.0;
/// Distance at which the rays of two cameras pass each other when they see the same thing, m, besides
/// what their sightings err.
const MEETING: f64 = 0.015;
/// How far below the surface that carries everything a body's centre may be believed to be, m: one that
/// is deeper is believed wrongly.
const SUNK: f64 = 0.005;
/// Steps for which a body must be seen elsewhere before it is found anew.
const MOVED: u32 = 3;
/// Steps for which a body must not be seen where it should be before it is lost.
const LOST: u32 = 60;
/// What is reported is never surer than this, m.
const LEAST_PLACE_STD: f64 = 0.0012;
const LEAST_EDGE_STD: f64 = 0.0006;

/// A body as it is tracked.
#[derive(Clone, Debug)]
struct Track {
    known: bool,
    /// Mean of cosine and sine of four times its turn, and its weight.
    turn: [f64; 2],
    weight: f64,
    /// Steps for which it was seen elsewhere than expected, and not seen at all.
    elsewhere: u32,
    unseen: u32,
    held: bool,
    /// Where it was from each camera when a sighting last told something new, camera frame, m.
    views: Vec<Option<Vector3<f64>>>,
}

/// Tracks the bodies of an episode.
#[derive(Clone, Debug)]
pub(crate) struct Tracker {
    cameras: usize,
    landmarks: Vec<Vector3<f64>>,
    surface: f64,
    /// Height of each body, m, where it is told.
    heights: Vec<Option<f64>>,
    /// What is believed, with what lies on what, and what sightings and the hand alone tell: a support that
    /// proves wrong leaves no trace.
    belief: Gaussian,
    sensed: Gaussian,
    tracks: Vec<Track>,
    tool: Option<Pose>,
}

impl Tracker {
    /// A tracker of bodies, some of which are told to be so high (m), that knows where landmarks are (base
    /// frame, m; four for each rectangle) and how high the surface is.
    pub(crate) fn new(
        cameras: usize,
        heights: Vec<Option<f64>>,
        landmarks: Vec<Vector3<f64>>,
        surface: f64,
    ) -> Self {
        let mut components: Vec<(f64, f64)> = Vec::new();
        (0..cameras).for_each(|_| components.extend(CORRECTION_STD.map(|std| (0.0, std))));
        let place = (0.0, PLACE_STD);
        heights.iter().for_each(|_| components.extend([place, place, place, EDGE]));
        let track = Track {
            known: false,
            turn: [1.0, 0.0],
            weight: 0.0,
            elsewhere: 0,
            unseen: 0,
            held: false,
            views: vec![None; cameras],
        };
        let belief = Gaussian::new(&components);
        Self {
            cameras,
            landmarks,
            surface,
            sensed: belief.clone(),
            belief,
            tracks: vec![track; heights.len()],
            heights,
            tool: None,
        }
    }

    /// Where the first camera should show the landmarks; those behind it are asked for where they cannot
    /// be seen.
    pub(crate) fn expected(&self, camera: &CameraModel) -> Vec<Expected> {
        let camera = corrected(camera, &self.correction(0));
        let at =
            |place: &Vector3<f64>| camera.project(place).map_or([-1e3; 2], |(at, _)| at.into());
        let landmarks = self.landmarks.iter().enumerate();
        landmarks.map(|(i, place)| Expected { corner: i % CORNERS, at: at(place) }).collect()
    }

    /// Half the height of a body, m, with the share that its edge has in it.
    fn half_height(&self, body: usize) -> (f64, f64) {
        match self.heights[body] {
            Some(height) => (0.5 * height, 0.0),
            None => (0.5 * self.edge(body), 0.5),
        }
    }

    /// Takes in one control step: `cameras` where they are said to be and what was found in their
    /// pictures; `classes` gives each body's place among the detections.
    pub(crate) fn step(
        &mut self,
        gripper: &Gripper,
        cameras: &[CameraModel],
        found: &[Detections],
        classes: &[usize],
    ) {
        self.belief.clone_from(&self.sensed);
        self.predict(gripper);
        for (index, camera) in cameras.iter().enumerate() {
            for (landmark, seen) in self.landmarks.clone().iter().zip(&found[index].landmarks) {
                self.take_landmark(index, camera, landmark, seen);
            }
        }
        for (body, &class) in classes.iter().enumerate() {
            let seen = found.iter().zip(cameras);
            let sightings: Vec<Sighting> =
                seen.map(|(f, camera)| cautious(f.objects[class], camera)).collect();
            self.take_body(body, cameras, &sightings);
        }
        self.straighten();
        self.sensed.clone_from(&self.belief);
        self.rest();
        self.hold(gripper);
    }

    /// Goes back to what is said of cameras that are believed to be too far from it.
    fn straighten(&mut self) {
        for camera in 0..self.cameras {
            let strayed = |(shift, std): (f64, f64)| shift.abs() > STRAYED * std;
            if self.correction(camera).into_iter().zip(CORRECTION_STD).any(strayed) {
                for (i, std) in CORRECTION_STD.into_iter().enumerate() {
                    self.belief.forget(camera * CORRECTION + i, 0.0, std);
                }
            }
        }
    }

    /// What moves with the hand, and how much surer nothing is.
    fn predict(&mut self, gripper: &Gripper) {
        let moved = self.tool.map(|tool| gripper.tcp * tool.inverse());
        self.tool = Some(gripper.tcp);
        for body in 0..self.tracks.len() {
            let held = self.tracks[body].held || self.is_carried(body);
            if let (true, Some(moved)) = (held, moved) {
                let place = moved * Point3::from(self.place(body));
                for axis in 0..3 {
                    self.belief.set_mean(self.at(body, axis), place[axis]);
                }
            }
            let std = if held { CARRIED } else { REST };
            for axis in 0..3 {
                self.belief.diffuse(self.at(body, axis), std);
            }
        }
    }

    /// Whether a body lies in or on one that is held, with which it moves.
    fn is_carried(&self, body: usize) -> bool {
        let place = self.place(body);
        (0..self.tracks.len()).any(|other| {
            let way = place - self.place(other);
            let known = self.tracks[body].known && self.tracks[other].known;
            let over =
                way.z > 0.0 && way.z < self.edge(other) && way.xy().norm() < 0.4 * self.edge(other);
            other != body && known && self.tracks[other].held && over
        })
    }

    fn at(&self, body: usize, component: usize) -> usize {
        self.cameras * CORRECTION + body * BODY + component
    }

    fn place(&self, body: usize) -> Vector3<f64> {
        Vector3::from_fn(|axis, _| self.belief.mean(self.at(body, axis)))
    }

    fn edge(&self, body: usize) -> f64 {
        self.belief.mean(self.at(body, 3))
    }

    fn correction(&self, camera: usize) -> Correction {
        std::array::from_fn(|i| self.belief.mean(camera * CORRECTION + i))
    }

    /// A pixel coordinate as a linear form over camera and body; `k` is 0 for columns, 1 for rows.
    fn row(&self, camera: usize, body: Option<usize>, sight: &Sight, k: usize) -> Row {
        let mut row: Row =
            (0..CORRECTION).map(|i| (camera * CORRECTION + i, sight.by_correction[k][i])).collect();
        if let Some(body) = body {
            row.extend((0..3).map(|axis| (self.at(body, axis), sight.by_point[k][axis])));
        }
        row
    }

    fn take_landmark(
        &mut self,
        index: usize,
        camera: &CameraModel,
        place: &Vector3<f64>,
        seen: &Landmark,
    ) {
        if seen.score < SEEN {
            return;
        }
        if let Some(there) = sight(camera, &self.correction(index), place) {
            self.take_pixel(index, None, &there, (seen.at, seen.std), REPEATED);
        }
    }

    /// Takes in where a point is seen; false where it is too far from where it is believed to be.
    fn take_pixel(
        &mut self,
        camera: usize,
        body: Option<usize>,
        expected: &Sight,
        (seen, std): ([f64; 2], f64),
        repeated: f64,
    ) -> bool {
        let std = (CAUTION * std).max(LEAST_STD);
        let rows = [0, 1].map(|k| self.row(camera, body, expected, k));
        if self.surprise(&rows, &expected.pixel, &seen, std) > GATE {
            return false;
        }
        for (row, (seen, expected)) in rows.iter().zip(seen.iter().zip(expected.pixel)) {
            self.belief.update(row, seen - expected, (repeated * std).powi(2));
        }
        true
    }

    /// How much less than a new sighting tells one of a body that a camera has seen before from
    /// where it sees it now, or of one that is held: the fingers that hide some of it move with it.
    fn repeated(&mut self, body: usize, index: usize, camera: &CameraModel) -> f64 {
        if self.tracks[body].held {
            return REPEATED;
        }
        let from = camera.base_from_camera.inverse() * Point3::from(self.place(body));
        let view = &mut self.tracks[body].views[index];
        if view.is_some_and(|last| (last - from.coords).norm() < NOVEL) {
            return REPEATED;
        }
        *view = Some(from.coords);
        1.0
    }

    /// Larger of the two innovations in standard deviations.
    fn surprise(&self, rows: &[Row; 2], expected: &[f64; 2], seen: &[f64; 2], std: f64) -> f64 {
        (0..2).fold(0.0, |worst: f64, k| {
            let total = (self.belief.variance(&rows[k]) + std * std).sqrt();
            worst.max((seen[k] - expected[k]).abs() / total)
        })
    }

    fn take_body(&mut self, body: usize, cameras: &[CameraModel], sightings: &[Sighting]) {
        let mut seen: Vec<usize> =
            (0..cameras.len()).filter(|&index| sightings[index].score >= SEEN).collect();
        let meeting = self.meeting(cameras, sightings, &seen);
        if !self.tracks[body].known && meeting.is_none() {
            // At most one of them sees it: the surest is believed.
            seen.sort_by(|&a, &b| sightings[a].centre_std.total_cmp(&sightings[b].centre_std));
            seen.truncate(1);
        }
        // Two rays tell its place far better than one and the size it may have.
        let track = &self.tracks[body];
        let better = meeting.is_some() && seen.iter().any(|&index| track.views[index].is_none());
        if let (true, Some(&first)) = (!track.known || better, seen.first()) {
            let guess = || self.lying(body, first, &cameras[first], &sightings[first]);
            let place = meeting.unwrap_or_else(guess);
            for axis in 0..3 {
                self.belief.forget(self.at(body, axis), place[axis], PLACE_STD);
            }
            let track = &mut self.tracks[body];
            track.known = true;
            track.views.fill(None);
        }
        let agreeing = seen
            .iter()
            .filter(|&&index| self.take_sighting(body, index, &cameras[index], &sightings[index]))
            .count();
        // Where cameras contradict each other, one of them is wrong, and the body stays where it is, as
        // does one that the fingers feel.
        let contradicted = agreeing < seen.len() && (agreeing == 0 || meeting.is_some());
        let elsewhere = contradicted && !self.tracks[body].held;
        let missing = seen.is_empty() && self.should_be_seen(body, cameras, sightings);
        let sunk = self.sunk(&self.place(body));
        let track = &mut self.tracks[body];
        track.unseen = if missing { track.unseen + 1 } else { 0 };
        track.elsewhere = if elsewhere { track.elsewhere + 1 } else { 0 };
        if track.elsewhere >= MOVED || track.unseen >= LOST || sunk {
            track.known = false;
            track.elsewhere = 0;
            track.unseen = 0;
            track.weight = 0.0;
        }
    }

    /// Whether a place lies inside of what carries everything.
    fn sunk(&self, place: &Vector3<f64>) -> bool {
        place.z < self.surface - SUNK
    }

    /// Whether a body lies in the first camera's picture, which yet shows nothing of it.
    fn should_be_seen(&self, body: usize, cameras: &[CameraModel], sightings: &[Sighting]) -> bool {
        let (Some(camera), Some(sighting)) = (cameras.first(), sightings.first()) else {
            return false;
        };
        let Some((at, _)) = camera.project(&self.place(body)) else { return false };
        let inside = (0..2).all(|k| at[k] > 0.0 && at[k] < camera.size[k] as f64);
        self.tracks[body].known && inside && sighting.score < UNSEEN
    }

    /// Where a body lies by what two cameras see, unless their rays miss each other.
    fn meeting(
        &self,
        cameras: &[CameraModel],
        sightings: &[Sighting],
        seen: &[usize],
    ) -> Option<Vector3<f64>> {
        let &[first, second] = seen else { return None };
        let ray = |index: usize| {
            let camera = corrected(&cameras[index], &self.correction(index));
            let from = camera.base_from_camera.translation.vector;
            let through = camera.unproject(&sightings[index].centre.into(), 1.0);
            (from, (through - from).normalize(), sightings[index].centre_std / camera.focal)
        };
        let ((a, u, a_std), (b, v, b_std)) = (ray(first), ray(second));
        // The points of the rays that are nearest to each other.
        let (between, cosine) = (b - a, u.dot(&v));
        let sine = 1.0 - cosine * cosine;
        if sine < 1e-3 {
            return None;
        }
        let along = (between.dot(&u) - cosine * between.dot(&v)) / sine;
        let beside = (cosine * between.dot(&u) - between.dot(&v)) / sine;
        let (p, q) = (a + u * along, b + v * beside);
        let tolerance = MEETING + CAUTION * (a_std * along).hypot(b_std * beside);
        let ahead = along > 0.0 && beside > 0.0;
        let middle = (p + q) / 2.0;
        (ahead && (p - q).norm() < tolerance && !self.sunk(&middle)).then_some(middle)
    }

    /// Where a body lies by what one camera sees: where the ray meets the height at which it would
    /// lie, or where its edge would appear as it does.
    fn lying(
        &self,
        body: usize,
        index: usize,
        camera: &CameraModel,
        sighting: &Sighting,
    ) -> Vector3<f64> {
        let camera = corrected(camera, &self.correction(index));
        let pixel = nalgebra::Vector2::from(sighting.centre);
        let edge = self.edge(body);
        let by_edge = camera.unproject(&pixel, camera.focal * edge / sighting.edge.max(1.0));
        let lies = self.surface + self.half_height(body).0;
        let lying = camera.on_plane(&pixel, lies).unwrap_or(by_edge);
        let height = by_edge.z.clamp(lying.z, lying.z + 0.3);
        camera.on_plane(&pixel, height).unwrap_or(by_edge)
    }

    /// Takes in a sighting; false when it is not where the body is believed to be.
    fn take_sighting(
        &mut self,
        body: usize,
        index: usize,
        camera: &CameraModel,
        sighting: &Sighting,
    ) -> bool {
        let Some(there) = sight(camera, &self.correction(index), &self.place(body)) else {
            return false;
        };
        let repeated = self.repeated(body, index, camera);
        let seen = (sighting.centre, sighting.centre_std);
        if !self.take_pixel(index, Some(body), &there, seen, repeated) {
            return false;
        }
        self.take_edge(body, index, camera, sighting, repeated);
        self.take_turn(body, index, camera, sighting);
        true
    }

    fn take_edge(
        &mut self,
        body: usize,
        index: usize,
        camera: &CameraModel,
        sighting: &Sighting,
        repeated: f64,
    ) {
        let Some(there) = sight(camera, &self.correction(index), &self.place(body)) else { return };
        let edge = self.edge(body);
        let expected = camera.focal * edge / there.depth;
        let by_depth = -expected / there.depth;
        let mut row: Row = vec![(self.at(body, 3), camera.focal / there.depth)];
        row.extend((0..3).map(|axis| (self.at(body, axis), by_depth * there.by_point[2][axis])));
        let std = CAUTION * sighting.edge_std.max(0.02 * sighting.edge);
        let total = (self.belief.variance(&row) + std * std).sqrt();
        if (sighting.edge - expected).abs() < GATE * total {
            self.belief.update(&row, sighting.edge - expected, (repeated * std).powi(2));
        }
    }

    fn take_turn(&mut self, body: usize, index: usize, camera: &CameraModel, sighting: &Sighting) {
        let heading = 4.0 * corrected(camera, &self.correction(index)).heading();
        let [c, s] = sighting.turn;
        let turned = [c * heading.cos() - s * heading.sin(), c * heading.sin() + s * heading.cos()];
        let weight = (sighting.edge / 20.0).powi(2).min(1.0);
        let track = &mut self.tracks[body];
        track.weight = 0.97 * track.weight + weight;
        let share = weight / track.weight;
        track.turn.iter_mut().zip(turned).for_each(|(mean, new)| *mean += share * (new - *mean));
    }

    /// Which body is between the fingers, and what they tell of it: its width and its turn.
    fn hold(&mut self, gripper: &Gripper) {
        let tool = gripper.tcp.translation.vector;
        let away = |body: &usize| (self.place(*body) - tool).norm();
        let near = (0..self.tracks.len()).filter(|&body| self.is_between(body, gripper));
        let nearest = near.min_by(|a, b| away(a).total_cmp(&away(b)));
        for body in 0..self.tracks.len() {
            let held = nearest == Some(body);
            let before = std::mem::replace(&mut self.tracks[body].held, held);
            if held && before {
                self.feel(body, gripper);
            }
        }
    }

    /// Whether a body may be what the fingers are closed around.
    fn is_between(&self, body: usize, gripper: &Gripper) -> bool {
        let edge = self.edge(body);
        let way = self.place(body) - gripper.tcp.translation.vector;
        let height = 2.0 * self.half_height(body).0;
        let near = way.norm() < thresholds::GRASP_SHARE * edge
            && way.z.abs() < thresholds::GRASP_SHARE * height;
        let gap = gripper.opening - edge;
        let tolerance = 3.0 * self.belief.covariance(self.at(body, 3), self.at(body, 3)).sqrt();
        let fits = gap < thresholds::PAD_GAP + tolerance && gap > -thresholds::PAD_BITE;
        self.tracks[body].known && near && fits
    }

    /// Takes in what the fingers tell of a body that they hold.
    fn feel(&mut self, body: usize, gripper: &Gripper) {
        let width = vec![(self.at(body, 3), 1.0)];
        let closing = gripper.tcp.rotation * Vector3::y();
        let beside = (0..3).map(|axis| (self.at(body, axis), closing[axis])).collect();
        let middle = closing.dot(&gripper.tcp.translation.vector);
        for belief in [&mut self.belief, &mut self.sensed] {
            let off = gripper.opening - belief.value(&width);
            belief.update(&width, off, WIDTH_STD * WIDTH_STD);
            let off = middle - belief.value(&beside);
            belief.update(&beside, off, BETWEEN_STD * BETWEEN_STD);
        }
        let x = gripper.tcp.rotation * Vector3::x();
        let angle = 4.0 * x.y.atan2(x.x);
        let track = &mut self.tracks[body];
        track.weight = 10.0;
        track.turn = [angle.cos(), angle.sin()];
    }

    /// The bodies that are known, with their uncertainty.
    pub(crate) fn entities(&self, ids: &[ObjectId]) -> BTreeMap<ObjectId, Entity> {
        let known = (0..self.tracks.len()).filter(|&body| self.tracks[body].known);
        known
            .map(|body| {
                let [c, s] = self.tracks[body].turn;
                let turn = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), s.atan2(c) / 4.0);
                let pose = Pose::from_parts(self.place(body).into(), turn);
                let variance = |k| self.belief.covariance(self.at(body, k), self.at(body, k));
                let worst = (0..3).map(variance).fold(0.0, f64::max);
                let edge = self.edge(body);
                let size = Vector3::new(edge, edge, self.heights[body].unwrap_or(edge));
                let entity = Entity {
                    position_std: worst.sqrt().max(LEAST_PLACE_STD),
                    size_std: variance(3).sqrt().max(LEAST_EDGE_STD),
                    ..Entity::exact(Role::Body, pose, size)
                };
                (ids[body], entity)
            })
            .collect()
    }
}

/// A sighting with more doubt where the picture's border cuts the body off.
fn cautious(mut sighting: Sighting, camera: &CameraModel) -> Sighting {
    let room = (0..2).map(|k| {
        let at = sighting.centre[k];
        at.min(camera.size[k] as f64 - at)
    });
    if room.fold(f64::INFINITY, f64::min) < 0.6 * sighting.edge {
        sighting.centre_std = sighting.centre_std.hypot(0.25 * sighting.edge);
        sighting.edge_std = sighting.edge_std.hypot(0.25 * sighting.edge);
    }
    sighting
}
