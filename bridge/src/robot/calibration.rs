//! Where a camera is and how it sees, and how well that agrees with points that were measured.

use ergon_vocab::{CameraModel, CameraSpec, FileError, Mount, Place, Pose};
use nalgebra::{Quaternion, Translation3, UnitQuaternion, Vector2, Vector3};
use serde::{Deserialize, Serialize};

/// By how much a driver's focal length may differ from the file's, as a share.
const FOCAL_TOLERANCE: f64 = 0.02;
/// How far the principal point may be from the middle, as a share of the picture's width.
const MIDDLE_TOLERANCE: f64 = 0.02;
/// Distortion that is not worth a word.
const DISTORTION_TOLERANCE: f64 = 0.02;
/// The most points of a calibration file.
const MOST_POINTS: usize = 10_000;

/// What a camera is fixed to, as a calibration file says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MountFile {
    /// The cell; its frame is the arm's base frame.
    Cell,
    /// The tool; its frame is that of the tool centre point.
    Tool,
}

/// A point that was measured and seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenPoint {
    /// Where it is, in the mount's frame, m.
    pub position: [f64; 3],
    /// Where it appears: column and row from the top left corner, pixels.
    pub pixel: [f64; 2],
}

/// A camera calibration file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CameraText {
    mount: MountFile,
    position: Option<[f64; 3]>,
    rotation: Option<[f64; 4]>,
    frame: Option<String>,
    focal: f64,
    size: [usize; 2],
    #[serde(default, rename = "point")]
    points: Vec<SeenPoint>,
}

/// Where a camera is.
#[derive(Clone, Debug, PartialEq)]
pub enum Whereabouts {
    /// In the mount's frame. Axes of the camera: x right, y down, z into the picture.
    Said(Pose),
    /// As tf says of a frame of this name, with the same axes: the camera's optical frame.
    Frame(String),
}

/// A camera calibration file.
#[derive(Clone, Debug, PartialEq)]
pub struct CameraFile {
    /// What the camera is fixed to.
    pub mount: MountFile,
    /// Where it is.
    pub at: Whereabouts,
    /// Focal length, pixels. The principal point is the middle of the picture.
    pub focal: f64,
    /// Width and height, pixels.
    pub size: [usize; 2],
    /// Points to check it by.
    pub points: Vec<SeenPoint>,
}

/// A camera of which it is known where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// Its file.
    pub file: CameraFile,
    /// Where it is in the mount's frame.
    pub mount_from_camera: Pose,
}

/// How a camera sees by its own driver (`sensor_msgs/CameraInfo`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Intrinsics {
    /// Width and height, pixels.
    pub size: [usize; 2],
    /// Focal length across and down, pixels; 0 where the camera was never calibrated.
    pub focal: [f64; 2],
    /// Column and row of the principal point from the top left corner, pixels.
    pub middle: [f64; 2],
    /// The largest coefficient of the lens's distortion, without its sign; 0 for rectified pictures.
    pub distortion: f64,
}

/// How far points appear from where they should, pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Residual {
    /// Number of points.
    pub points: usize,
    /// Root of the mean square.
    pub rms: f64,
    /// The largest.
    pub largest: f64,
    /// Points behind the camera, which no picture shows.
    pub behind: usize,
}

impl CameraFile {
    /// Reads a calibration file; `file` is its name in errors.
    ///
    /// # Errors
    /// The text is not TOML, has other keys, or numbers that describe no camera.
    pub fn parse(text: &str, file: &str) -> Result<Self, FileError> {
        let wrong = |key: &str, message: String| {
            FileError::new(&Place::whole(file), key, message)
                .with_hint("docs/real-robot.md describes every key")
        };
        let camera: CameraText =
            toml::from_str(text).map_err(|e| wrong("", e.message().replace('\n', ", ")))?;
        if !(1.0..=1e5).contains(&camera.focal) {
            return Err(wrong(
                "focal",
                format!("expected 1 to 100000 pixels, found {}", camera.focal),
            ));
        }
        if camera.size.iter().any(|n| !(1..=8192).contains(n)) {
            return Err(wrong(
                "size",
                format!("expected 1 to 8192 pixels, found {:?}", camera.size),
            ));
        }
        let finite = |p: &SeenPoint| p.position.iter().chain(&p.pixel).all(|x| x.abs() < 1e5);
        if camera.points.len() > MOST_POINTS || !camera.points.iter().all(finite) {
            return Err(wrong("point", "expected at most 10000 points of finite numbers".into()));
        }
        let at = camera.whereabouts().map_err(|(key, message)| wrong(key, message))?;
        let CameraText { mount, focal, size, points, .. } = camera;
        Ok(Self { mount, at, focal, size, points })
    }

    /// The camera, where it is said to be, or where `find` finds its frame in that of its mount.
    ///
    /// # Errors
    /// What `find` says.
    pub fn placed<E>(
        &self,
        find: impl FnOnce(MountFile, &str) -> Result<Pose, E>,
    ) -> Result<Calibration, E> {
        let mount_from_camera = match &self.at {
            Whereabouts::Said(pose) => *pose,
            Whereabouts::Frame(frame) => find(self.mount, frame)?,
        };
        Ok(Calibration { file: self.clone(), mount_from_camera })
    }

    /// In what the camera's own driver contradicts this file, if in anything.
    pub fn contradiction(&self, told: &Intrinsics) -> Option<String> {
        let [width, height] = self.size;
        if told.size != self.size {
            let [w, h] = told.size;
            return Some(format!(
                "pictures are {w} x {h} pixels, its file says {width} x {height}"
            ));
        }
        if told.focal == [0.0; 2] {
            return None;
        }
        let off = |focal: f64| (focal / self.focal - 1.0).abs();
        if !told.focal.iter().all(|&focal| off(focal) <= FOCAL_TOLERANCE) {
            let [x, y] = told.focal;
            let own = self.focal;
            return Some(format!(
                "the focal length is {x:.1}, {y:.1} pixels, its file says {own:.1}"
            ));
        }
        let middle = [width as f64 / 2.0, height as f64 / 2.0];
        let near = MIDDLE_TOLERANCE * width as f64;
        if !told.middle.iter().zip(middle).all(|(a, b)| (a - b).abs() <= near) {
            let [x, y] = told.middle;
            return Some(format!(
                "the principal point is ({x:.1}, {y:.1}), not the picture's middle"
            ));
        }
        let bent = told.distortion;
        let straight = bent <= DISTORTION_TOLERANCE;
        (!straight).then(|| format!("the lens distorts ({bent:.3}): name a rectified image topic"))
    }
}

impl CameraText {
    fn whereabouts(&self) -> Result<Whereabouts, (&'static str, String)> {
        let (position, [x, y, z, w]) = match (&self.frame, self.position, self.rotation) {
            (Some(frame), None, None) if !frame.is_empty() => {
                return Ok(Whereabouts::Frame(frame.clone()));
            }
            (None, Some(position), Some(rotation)) => (position, rotation),
            _ => {
                let message = "expected position and rotation, or frame (a name in tf), not both";
                return Err(("frame", message.into()));
            }
        };
        let turn = Quaternion::new(w, x, y, z);
        let norm = turn.norm();
        if !(0.99..=1.01).contains(&norm) {
            return Err(("rotation", format!("expected a unit quaternion, found length {norm}")));
        }
        if !position.iter().all(|x| x.abs() <= 100.0) {
            return Err(("position", "expected metres within 100 m".into()));
        }
        let turn = UnitQuaternion::from_quaternion(turn);
        Ok(Whereabouts::Said(Pose::from_parts(Translation3::from(position), turn)))
    }
}

impl Calibration {
    /// The camera as the agent is told of it.
    pub fn spec(&self, name: &str) -> CameraSpec {
        let CameraFile { mount, focal, size, .. } = self.file;
        CameraSpec {
            name: name.to_owned(),
            mount: match mount {
                MountFile::Cell => Mount::Cell,
                MountFile::Tool => Mount::Tool,
            },
            mount_from_camera: self.mount_from_camera,
            fov_y: 2.0 * (size[1] as f64 / 2.0 / focal).atan(),
            size,
        }
    }

    /// Projects the points and compares; `None` where there are none.
    pub fn residual(&self) -> Option<Residual> {
        if self.file.points.is_empty() {
            return None;
        }
        let model = CameraModel {
            base_from_camera: self.mount_from_camera,
            focal: self.file.focal,
            size: self.file.size,
        };
        let away = self.file.points.iter().map(|point| {
            let (pixel, _) = model.project(&Vector3::from(point.position))?;
            Some((pixel - Vector2::from(point.pixel)).norm())
        });
        let away: Vec<Option<f64>> = away.collect();
        let seen: Vec<f64> = away.iter().flatten().copied().collect();
        let mean = seen.iter().map(|d| d * d).sum::<f64>() / seen.len().max(1) as f64;
        Some(Residual {
            points: self.file.points.len(),
            rms: mean.sqrt(),
            largest: seen.iter().copied().fold(0.0, f64::max),
            behind: away.len() - seen.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OVERHEAD: &str = "
        mount = 'cell'
        position = [0.5, 0.0, 1.0]
        rotation = [1.0, 0.0, 0.0, 0.0]
        focal = 50
        size = [100, 100]
        [[point]]
        position = [0.5, 0.0, 0.2]
        pixel = [50, 50]
        [[point]]
        position = [0.66, 0.0, 0.2]
        pixel = [63, 54]
    ";

    fn calibration(text: &str) -> Calibration {
        let file = CameraFile::parse(text, "c.toml").unwrap();
        file.placed(|_, frame| Err(frame.to_owned())).unwrap()
    }

    #[test]
    fn a_camera_may_be_where_tf_says() {
        let said = "rotation = [1.0, 0.0, 0.0, 0.0]";
        let framed = OVERHEAD.replacen("position = [0.5, 0.0, 1.0]", "frame = 'eye'", 1);
        let both = CameraFile::parse(&framed, "c.toml").unwrap_err().to_string();
        assert!(both.contains("frame: expected position and rotation, or frame"), "{both}");
        let neither = OVERHEAD.replacen(said, "", 1);
        assert!(CameraFile::parse(&neither, "c.toml").is_err());
        let file = CameraFile::parse(&framed.replacen(said, "", 1), "c.toml").unwrap();
        assert_eq!(file.placed(|_, frame| Err(frame.to_owned())), Err("eye".into()));
        let at = calibration(OVERHEAD).mount_from_camera;
        let found = file.placed(|mount, _| match mount {
            MountFile::Cell => Ok(at),
            MountFile::Tool => Err(()),
        });
        let found = found.unwrap();
        assert_eq!(found.residual(), calibration(OVERHEAD).residual());
        assert_eq!(found.mount_from_camera, at);
    }

    #[test]
    fn the_residual_is_the_distance_in_the_picture() {
        let camera = calibration(OVERHEAD);
        let residual = camera.residual().unwrap();
        // 0.16 m at 0.8 m and 50 pixels of focal length are 10 pixels; the point was seen at (63, 54).
        assert_eq!((residual.points, residual.behind), (2, 0));
        assert!((residual.largest - 5.0).abs() < 1e-9, "{residual:?}");
        assert!((residual.rms - (25.0f64 / 2.0).sqrt()).abs() < 1e-9);
        let fov = camera.spec("c").fov_y;
        assert!((fov - std::f64::consts::FRAC_PI_2).abs() < 1e-12);
    }

    #[test]
    fn a_driver_that_says_otherwise_is_noticed() {
        let camera = CameraFile::parse(OVERHEAD, "c.toml").unwrap();
        let told = Intrinsics {
            size: [100, 100],
            focal: [50.4, 49.8],
            middle: [50.5, 49.0],
            distortion: 0.0,
        };
        assert_eq!(camera.contradiction(&told), None);
        assert_eq!(camera.contradiction(&Intrinsics { focal: [0.0; 2], ..told }), None);
        let cases = [
            (Intrinsics { size: [640, 480], ..told }, "640 x 480"),
            (Intrinsics { focal: [50.0, 60.0], ..told }, "focal length"),
            (Intrinsics { focal: [f64::NAN; 2], ..told }, "focal length"),
            (Intrinsics { middle: [53.0, 50.0], ..told }, "principal point"),
            (Intrinsics { middle: [f64::NAN, 50.0], ..told }, "principal point"),
            (Intrinsics { distortion: 0.3, ..told }, "rectified"),
            (Intrinsics { distortion: f64::NAN, ..told }, "rectified"),
        ];
        for (told, word) in cases {
            let said = camera.contradiction(&told).unwrap();
            assert!(said.contains(word), "{said}");
        }
    }

    #[test]
    fn numbers_that_describe_no_camera_are_refused() {
        let cases = [
            ("rotation = [1.0", "rotation = [3.0", "rotation: expected a unit quaternion"),
            ("focal = 50", "focal = -1", "focal: expected"),
            ("size = [100", "size = [0", "size: expected"),
            ("pixel = [50", "pixel = [nan", "point: expected"),
            ("mount = 'cell'", "mount = 'sky'", "unknown variant"),
        ];
        for (from, to, expected) in cases {
            let text = CameraFile::parse(&OVERHEAD.replacen(from, to, 1), "c.toml").unwrap_err();
            assert!(text.to_string().contains(expected), "{text}");
        }
        let behind = OVERHEAD.replacen("0.0, 0.2]", "0.0, 1.2]", 1);
        assert_eq!(calibration(&behind).residual().unwrap().behind, 1);
    }

    proptest! {
        #[test]
        fn no_text_panics_and_every_camera_is_somewhere(cut in 0usize..400, insert in "[\\[\\]=\".a-z0-9\n-]{0,8}") {
            let cut = OVERHEAD.char_indices().map(|(i, _)| i).nth(cut).unwrap_or(0);
            let changed = format!("{}{insert}{}", &OVERHEAD[..cut], &OVERHEAD[cut..]);
            match CameraFile::parse(&changed, "c.toml") {
                Ok(file) => {
                    let placed = file.placed(|_, _| Ok::<_, ()>(Pose::identity())).unwrap();
                    prop_assert!(placed.spec("c").fov_y > 0.0);
                    prop_assert!(placed.mount_from_camera.translation.vector.norm() < 200.0);
                }
                Err(e) => prop_assert!(e.to_string().starts_with("c.toml")),
            }
        }
    }
}
