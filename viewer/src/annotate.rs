//! What the policy sees, with what the agent believes to see drawn on it.

use ergon_vocab::{CameraImage, CameraModel, Pose};
use nalgebra::{Point3, Vector2, Vector3};

use crate::{Moment, Seen, Setting};

/// How many pixels of the result a pixel of the picture becomes.
pub const ZOOM: usize = 3;
/// Standard deviations that the ring around a body stands for.
const SIGMAS: f64 = 2.0;
/// The ring is drawn so many times larger than it is, since it would not be seen otherwise.
pub const RING_GAIN: f64 = 5.0;
/// Radius that the ring has at most, pixels of the result.
const RING_MOST: f64 = 60.0;

/// A picture to be shown: RGBA, row 0 on top.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotated {
    /// Name of the camera.
    pub camera: String,
    /// Width and height, pixels.
    pub size: [usize; 2],
    /// The bytes, `height x width x 4`.
    pub rgba: Vec<u8>,
    /// The names of the bodies, and where they are in shares of width and height.
    pub labels: Vec<([f32; 2], String)>,
    /// Two standard deviations of each believed place, mm; nothing of what is told.
    pub doubts: Vec<(String, f64)>,
}

impl Annotated {
    /// How surely the places are known, in at most so many characters if that is possible; empty where
    /// they are told.
    pub fn surety(&self, columns: usize) -> String {
        let words: Vec<String> =
            self.doubts.iter().map(|(name, mm)| format!("{name} {mm:.1}")).collect();
        let all = format!("+- mm  {}", words.join("  "));
        let most = self.doubts.iter().map(|(_, mm)| *mm).reduce(f64::max);
        match most {
            None => String::new(),
            Some(_) if all.chars().count() <= columns => all,
            Some(most) => format!("+- {most:.1} mm"),
        }
    }
}

/// Draws what the agent believes on what one of its cameras shows: the edges of each body, and a ring
/// around its centre that is [`RING_GAIN`] times two standard deviations of the believed place wide.
pub fn annotate(setting: &Setting, moment: &Moment, image: &CameraImage) -> Annotated {
    let mut canvas = enlarged(image);
    let Some(spec) = setting.cameras.iter().find(|c| c.name == image.camera) else {
        return canvas;
    };
    let model = spec.model(&moment.tcp);
    for seen in &moment.seen {
        draw(&mut canvas, &model, seen);
    }
    let doubtful = moment.seen.iter().filter(|s| s.entity.position_std > 0.0);
    canvas.doubts =
        doubtful.map(|s| (s.name.clone(), SIGMAS * 1e3 * s.entity.position_std)).collect();
    canvas
}

fn enlarged(image: &CameraImage) -> Annotated {
    let (width, height) = (image.image.width(), image.image.height());
    let size = [width * ZOOM, height * ZOOM];
    let rgb = image.image.data();
    let rgba = (0..size[1])
        .flat_map(|y| (0..size[0]).map(move |x| (x / ZOOM, y / ZOOM)))
        .flat_map(|(x, y)| {
            let at = (y * width + x) * 3;
            [rgb[at], rgb[at + 1], rgb[at + 2], 255]
        })
        .collect();
    Annotated { camera: image.camera.clone(), size, rgba, labels: Vec::new(), doubts: Vec::new() }
}

fn draw(canvas: &mut Annotated, model: &CameraModel, seen: &Seen) {
    let ink = bright(seen.rgb);
    let project = |point: &Vector3<f64>| {
        let (pixel, depth) = model.project(point)?;
        Some((pixel * ZOOM as f64, depth))
    };
    let corner = |i: usize| corner(&seen.entity.pose, &seen.entity.size, i);
    for from in 0..8_usize {
        for to in [from | 1, from | 2, from | 4].into_iter().filter(|&to| to != from) {
            if let (Some((a, _)), Some((b, _))) = (project(&corner(from)), project(&corner(to))) {
                canvas.line(a, b, ink);
            }
        }
    }
    let Some((centre, depth)) = project(&seen.entity.pose.translation.vector) else { return };
    let spread = RING_GAIN * SIGMAS * seen.entity.position_std;
    let radius = (spread * model.focal / depth * ZOOM as f64).min(RING_MOST);
    if radius > 1.0 {
        canvas.ring(centre, radius, [255, 255, 255]);
    }
    let share = Vector2::new(centre.x / canvas.size[0] as f64, centre.y / canvas.size[1] as f64);
    if (0.0..1.0).contains(&share.x) && (0.0..1.0).contains(&share.y) {
        canvas.labels.push(([share.x as f32, share.y as f32], seen.name.clone()));
    }
}

fn corner(pose: &Pose, size: &Vector3<f64>, index: usize) -> Vector3<f64> {
    let side = |bit: usize| if index & bit == 0 { -0.5 } else { 0.5 };
    let local = Vector3::new(side(1) * size.x, side(2) * size.y, side(4) * size.z);
    (pose * Point3::from(local)).coords
}

/// A colour of the same hue that stands out from the body itself.
fn bright(rgb: [f32; 3]) -> [u8; 3] {
    let most = rgb.iter().copied().fold(1e-3, f32::max);
    rgb.map(|c| (255.0 * (0.35 + 0.65 * (c / most).clamp(0.0, 1.0).sqrt())) as u8)
}

impl Annotated {
    fn dot(&mut self, at: Vector2<f64>, ink: [u8; 3]) {
        let inside = at.x >= 0.0 && at.y >= 0.0;
        let (x, y) = (at.x as usize, at.y as usize);
        if inside && x < self.size[0] && y < self.size[1] {
            let at = (y * self.size[0] + x) * 4;
            self.rgba[at..at + 3].copy_from_slice(&ink);
        }
    }

    fn line(&mut self, from: Vector2<f64>, to: Vector2<f64>, ink: [u8; 3]) {
        // What is almost in the plane of the lens lands far outside; nothing of it would be seen.
        let far = |p: &Vector2<f64>| p.amax() > 1e4;
        if far(&from) || far(&to) {
            return;
        }
        let steps = (to - from).amax().ceil().max(1.0) as usize;
        for step in 0..=steps {
            self.dot(from + (to - from) * (step as f64 / steps as f64), ink);
        }
    }

    fn ring(&mut self, centre: Vector2<f64>, radius: f64, ink: [u8; 3]) {
        let steps = (radius * 7.0).ceil() as usize;
        for step in 0..steps {
            let (sin, cos) = (std::f64::consts::TAU * step as f64 / steps as f64).sin_cos();
            self.dot(centre + Vector2::new(cos, sin) * radius, ink);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ergon_vocab::{CameraSpec, Entity, Image, Mount, Role};
    use nalgebra::UnitQuaternion;

    use super::*;
    use crate::Narration;

    /// A camera a metre above the table that looks down at a body.
    fn scene(position_std: f64) -> (Setting, Moment, CameraImage) {
        let down = UnitQuaternion::new(Vector3::x() * std::f64::consts::PI);
        let camera = CameraSpec {
            name: "top".into(),
            mount: Mount::Cell,
            mount_from_camera: Pose::from_parts(Vector3::new(0.0, 0.0, 1.0).into(), down),
            fov_y: std::f64::consts::FRAC_PI_2,
            size: [40, 40],
        };
        let setting = Setting { cameras: vec![camera], ..Setting::default() };
        let pose = Pose::translation(0.2, 0.0, 0.0);
        let entity =
            Entity { position_std, ..Entity::exact(Role::Body, pose, Vector3::repeat(0.2)) };
        let moment = Moment {
            step: 0,
            time_secs: 0.0,
            poses: Vec::new(),
            tcp: Pose::identity(),
            pictures: Vec::new(),
            seen: vec![Seen { name: "c1".into(), entity, rgb: [1.0, 0.0, 0.0] }],
            told: Arc::new(Narration::default()),
            cost: None,
        };
        let image = Image::new(40, 40, vec![0; 4800]).unwrap();
        (setting, moment, CameraImage { camera: "top".into(), image })
    }

    fn drawn(picture: &Annotated, ink: impl Fn(&[u8]) -> bool) -> Vec<[usize; 2]> {
        let pixels = picture.rgba.chunks_exact(4).enumerate().filter(|(_, p)| ink(p));
        pixels.map(|(i, _)| [i % picture.size[0], i / picture.size[0]]).collect()
    }

    #[test]
    fn a_body_is_drawn_where_it_is_believed_to_be() {
        let (setting, moment, image) = scene(0.0);
        let picture = annotate(&setting, &moment, &image);
        assert_eq!(picture.size, [120, 120]);
        let edges = drawn(&picture, |p| p[0] > 200 && p[1] < 200);
        // 60 pixels a metre at a metre: the lower face begins at 60 + 60 * 0.1 / 1.1, the upper one ends at
        // 60 + 60 * 0.3 / 0.9.
        let (left, right) = (edges.iter().map(|p| p[0]).min(), edges.iter().map(|p| p[0]).max());
        assert!((64..=66).contains(&left.unwrap()) && (79..=81).contains(&right.unwrap()));
        assert_eq!(picture.labels[0].1, "c1");
        assert!((picture.labels[0].0[0] - 0.6).abs() < 1e-6);
        assert!(drawn(&picture, |p| p[..3] == [255; 3]).is_empty(), "what is sure has no ring");
    }

    #[test]
    fn the_ring_is_as_wide_as_the_doubt() {
        let radius = |std: f64| {
            let (setting, moment, image) = scene(std);
            let ring = drawn(&annotate(&setting, &moment, &image), |p| p[..3] == [255; 3]);
            ring.iter().map(|p| p[0].abs_diff(72)).max().unwrap()
        };
        // 60 pixels a metre at a metre: ten standard deviations of 10 mm are 6 pixels.
        assert!((5..=7).contains(&radius(0.010)));
        assert!((11..=13).contains(&radius(0.020)));
        let (setting, moment, image) = scene(0.010);
        let seen = annotate(&setting, &moment, &image);
        assert_eq!(seen.surety(20), "+- mm  c1 20.0");
        assert_eq!(seen.surety(12), "+- 20.0 mm");
        let (setting, moment, image) = scene(0.0);
        assert_eq!(annotate(&setting, &moment, &image).surety(20), "");
    }
}
