//! Frames by name, as tf tells of them: who stands where in whose frame.

use std::collections::{BTreeMap, BTreeSet};

use ergon_vocab::Pose;
use nalgebra::{Quaternion, Translation3, UnitQuaternion, Vector3};
use thiserror::Error;

/// The most frames that are kept.
const MOST_FRAMES: usize = 4096;
/// The longest name of a frame, bytes.
const LONGEST_NAME: usize = 200;
/// How far a frame may be from its parent, m.
const FARTHEST: f64 = 1e5;
/// How far the length of a quaternion may be from 1.
const NORM_TOLERANCE: f64 = 0.01;
/// How many frames an error names.
const SHOWN: usize = 20;

/// Why a frame is not taken, or not found.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum FrameError {
    /// A frame says something of itself that cannot be.
    #[error("frame {frame:?}: {why}")]
    Bad {
        /// The frame.
        frame: String,
        /// Why.
        why: String,
    },
    /// Nobody told of a frame.
    #[error("no frame {frame:?}; known {known}")]
    Unknown {
        /// The frame.
        frame: String,
        /// Those that were told of, as far as they fit in a line.
        known: String,
    },
    /// Two frames hang on different roots.
    #[error(
        "no way from {from:?} to {to:?}: they hang on {from_root:?} and {to_root:?}; known {known}"
    )]
    Apart {
        /// One frame.
        from: String,
        /// The other.
        to: String,
        /// What the one hangs on.
        from_root: String,
        /// What the other hangs on.
        to_root: String,
        /// Those that were told of, as far as they fit in a line.
        known: String,
    },
    /// A frame hangs on itself, by way of others.
    #[error("the frames go in a circle at {0:?}")]
    Circle(String),
    /// A frame moves with the arm against the one that it should be fixed to.
    #[error(
        "{frame:?} is not fixed to {to:?}: between them is {moving:?}, which moves with the arm"
    )]
    Moving {
        /// The frame.
        frame: String,
        /// What it should be fixed to.
        to: String,
        /// The frame that moves.
        moving: String,
    },
}

struct Link {
    parent: String,
    parent_from_child: Pose,
    /// Whether it was ever told of on `/tf`, where what may move is told.
    moving: bool,
}

/// From one frame to another.
struct Way {
    from_to: Pose,
    /// Frames on it that may move against their parents.
    moving: BTreeSet<String>,
}

/// A tree of frames, bounded in size. Whatever is told of it is checked, and what makes no sense leaves it
/// as it was.
#[derive(Default)]
pub struct Frames {
    links: BTreeMap<String, Link>,
}

/// Names have no slash before them since tf2; old publishers still set one.
fn bare(name: &str) -> &str {
    name.strip_prefix('/').unwrap_or(name)
}

/// A pose from what a message holds: m, and the quaternion x, y, z, w.
///
/// # Errors
/// A number is not finite or too large, or the quaternion is not of length 1.
fn pose(translation: [f64; 3], rotation: [f64; 4]) -> Result<Pose, String> {
    if !translation.iter().all(|x| x.abs() <= FARTHEST) {
        return Err(format!("expected metres within {FARTHEST}, found {translation:?}"));
    }
    let [x, y, z, w] = rotation;
    let turn = Quaternion::new(w, x, y, z);
    match (turn.norm() - 1.0).abs() <= NORM_TOLERANCE {
        true => Ok(Pose::from_parts(
            Translation3::from(Vector3::from(translation)),
            UnitQuaternion::from_quaternion(turn),
        )),
        false => Err(format!("expected a unit quaternion, found {rotation:?}")),
    }
}

impl Frames {
    /// Hears where frame `child` is in frame `parent`: m, and the quaternion x, y, z, w. `moving` says
    /// that it may move, as all on `/tf` may.
    ///
    /// # Errors
    /// It makes no sense, and nothing is changed; or there are too many frames.
    pub fn hear(
        &mut self,
        (parent, child): (&str, &str),
        translation: [f64; 3],
        rotation: [f64; 4],
        moving: bool,
    ) -> Result<(), FrameError> {
        let (parent, child) = (bare(parent), bare(child));
        let shown: String = child.chars().take(LONGEST_NAME).collect();
        let bad = |why: String| FrameError::Bad { frame: shown.clone(), why };
        if [parent, child].iter().any(|name| name.is_empty() || name.len() > LONGEST_NAME) {
            return Err(bad(format!("names have 1 to {LONGEST_NAME} bytes")));
        }
        if parent == child {
            return Err(bad("it is its own parent".into()));
        }
        let parent_from_child = pose(translation, rotation).map_err(&bad)?;
        let known = self.links.get(child);
        if known.is_none() && self.links.len() >= MOST_FRAMES {
            return Err(bad(format!("at most {MOST_FRAMES} frames are kept")));
        }
        let moving = moving || known.is_some_and(|link| link.moving);
        let link = Link { parent: parent.to_owned(), parent_from_child, moving };
        self.links.insert(child.to_owned(), link);
        Ok(())
    }

    /// Whether nothing was told yet.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// The names of frames that were told of, as far as they fit in a line.
    pub fn known(&self) -> String {
        let parents = self.links.values().map(|link| link.parent.as_str());
        let all: BTreeSet<&str> = parents.chain(self.links.keys().map(String::as_str)).collect();
        if all.is_empty() {
            return "none".into();
        }
        let shown: Vec<&str> = all.iter().copied().take(SHOWN).collect();
        let rest = match all.len() - shown.len() {
            0 => String::new(),
            rest => format!(" and {rest} more"),
        };
        shown.join(", ") + &rest
    }

    /// A frame and what it hangs on, up to its root.
    fn ancestry<'a>(&'a self, frame: &'a str) -> Result<Vec<&'a str>, FrameError> {
        if !self.links.contains_key(frame) && !self.links.values().any(|l| l.parent == frame) {
            return Err(FrameError::Unknown { frame: frame.to_owned(), known: self.known() });
        }
        let mut all = vec![frame];
        let mut at = frame;
        while let Some(link) = self.links.get(at) {
            // A tree is never deeper than it has frames.
            if all.len() > self.links.len() {
                return Err(FrameError::Circle(frame.to_owned()));
            }
            at = &link.parent;
            all.push(at);
        }
        Ok(all)
    }

    fn way(&self, from: &str, to: &str) -> Result<Way, FrameError> {
        let (up, down) = (self.ancestry(from)?, self.ancestry(to)?);
        let Some(common) = up.iter().find(|frame| down.contains(frame)) else {
            let root = |all: &[&str]| all.last().copied().unwrap_or_default().to_owned();
            return Err(FrameError::Apart {
                from: from.to_owned(),
                to: to.to_owned(),
                from_root: root(&up),
                to_root: root(&down),
                known: self.known(),
            });
        };
        let below = |all: &[&str]| {
            let names = all.iter().take_while(|frame| *frame != common);
            let links: Vec<_> = names.filter_map(|f| self.links.get_key_value(*f)).collect();
            links
        };
        let (up, down) = (below(&up), below(&down));
        let pose = |links: &[(&String, &Link)]| {
            links.iter().fold(Pose::identity(), |at, (_, link)| link.parent_from_child * at)
        };
        let moving = up.iter().chain(&down).filter(|(_, link)| link.moving);
        Ok(Way {
            from_to: pose(&up).inverse() * pose(&down),
            moving: moving.map(|(name, _)| (*name).clone()).collect(),
        })
    }

    /// Where `frame` is in frame `to`, which it is fixed to. `base` and `tool` are the arm's ends: what is
    /// between them moves with the arm.
    ///
    /// # Errors
    /// A frame is not known, there is no way between them, or the arm's motion comes between them. Where
    /// it is not known which frames are the arm's, all that may move count as its.
    pub fn fixed(
        &self,
        (base, tool): (&str, &str),
        to: &str,
        frame: &str,
    ) -> Result<Pose, FrameError> {
        let (to, frame) = (bare(to), bare(frame));
        let way = self.way(to, frame)?;
        let arm = self.way(bare(base), bare(tool)).ok().map(|way| way.moving);
        let moves = |name: &&String| arm.as_ref().is_none_or(|arm| arm.contains(*name));
        match way.moving.iter().find(moves) {
            None => Ok(way.from_to),
            Some(moving) => Err(FrameError::Moving {
                frame: frame.to_owned(),
                to: to.to_owned(),
                moving: moving.clone(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STRAIGHT: [f64; 4] = [0.0, 0.0, 0.0, 1.0];
    /// A quarter turn about z.
    const QUARTER: [f64; 4] =
        [0.0, 0.0, std::f64::consts::FRAC_1_SQRT_2, std::f64::consts::FRAC_1_SQRT_2];
    const ARM: (&str, &str) = ("base", "tool");

    /// A cell: the base and a camera on the world, the tool moving on the base, a camera on the hand.
    fn cell() -> Frames {
        let mut frames = Frames::default();
        let mut hear = |names, at, turn, moving| frames.hear(names, at, turn, moving).unwrap();
        hear(("world", "base"), [1.0, 0.0, 0.0], QUARTER, false);
        hear(("world", "camera"), [1.0, 2.0, 0.5], STRAIGHT, false);
        hear(("base", "hand"), [0.4, 0.0, 0.3], STRAIGHT, true);
        hear(("hand", "tool"), [0.0, 0.0, 0.1], STRAIGHT, false);
        hear(("/hand", "/eye"), [0.05, 0.0, 0.0], STRAIGHT, false);
        hear(("world", "board"), [0.0, 0.0, 0.0], STRAIGHT, true);
        frames
    }

    #[test]
    fn a_frame_is_found_over_the_common_root() {
        let at = cell().fixed(ARM, "base", "/camera").unwrap();
        // Two metres along the world's y are two along the x of the base, which is turned by a quarter.
        assert!((at.translation.vector - Vector3::new(2.0, 0.0, 0.5)).norm() < 1e-9, "{at}");
        let eye = cell().fixed(ARM, "tool", "eye").unwrap();
        assert!((eye.translation.vector - Vector3::new(0.05, 0.0, -0.1)).norm() < 1e-9, "{eye}");
        // What is told anew all the time and is not of the arm is taken as it is.
        assert!(cell().fixed(ARM, "base", "board").is_ok());
    }

    #[test]
    fn what_cannot_be_found_says_why() {
        let mut frames = cell();
        let text = |f: &Frames, to, frame| f.fixed(ARM, to, frame).unwrap_err().to_string();
        assert_eq!(
            text(&frames, "base", "nose"),
            "no frame \"nose\"; known base, board, camera, eye, hand, tool, world"
        );
        assert!(text(&frames, "base", "eye").contains("between them is \"hand\", which moves"));
        assert!(text(&frames, "tool", "camera").contains("is not fixed to \"tool\""));
        frames.hear(("mars", "rover"), [0.0; 3], STRAIGHT, false).unwrap();
        let apart = text(&frames, "base", "rover");
        assert!(apart.contains("they hang on \"world\" and \"mars\""), "{apart}");
        frames.hear(("tool", "world"), [0.0; 3], STRAIGHT, false).unwrap();
        assert!(text(&frames, "base", "camera").contains("go in a circle"));
        // Without the arm's frames all that may move may be the arm's.
        let alone = cell().fixed(("base", "flange"), "base", "board").unwrap_err();
        assert!(matches!(alone, FrameError::Moving { .. }), "{alone}");
        assert_eq!(text(&Frames::default(), "base", "eye"), "no frame \"base\"; known none");
    }

    #[test]
    fn what_makes_no_sense_is_not_taken() {
        let mut frames = Frames::default();
        let mut bad = |names, at: [f64; 3], turn| {
            frames.hear(names, at, turn, false).unwrap_err().to_string()
        };
        assert!(bad(("a", "b"), [0.0; 3], [0.0; 4]).contains("unit quaternion"));
        assert!(bad(("a", "b"), [0.0; 3], [f64::NAN; 4]).contains("unit quaternion"));
        assert!(bad(("a", "b"), [f64::INFINITY, 0.0, 0.0], STRAIGHT).contains("metres"));
        assert!(bad(("a", "/a"), [0.0; 3], STRAIGHT).contains("its own parent"));
        assert!(bad(("", "a"), [0.0; 3], STRAIGHT).contains("1 to 200 bytes"));
        assert!(frames.is_empty());
        for i in 0..MOST_FRAMES {
            frames.hear(("a", &format!("f{i}")), [0.0; 3], STRAIGHT, false).unwrap();
        }
        let full = frames.hear(("a", "one more"), [0.0; 3], STRAIGHT, false).unwrap_err();
        assert!(full.to_string().contains("at most 4096"), "{full}");
        assert!(frames.hear(("b", "f0"), [0.0; 3], STRAIGHT, false).is_ok());
        assert!(frames.known().ends_with("more"), "{}", frames.known());
    }

    proptest! {
        #[test]
        fn any_tree_ends_in_a_pose_or_a_reason(
            links in proptest::collection::vec(("[a-f]", "[a-f]", -1.0..1.0, any::<bool>()), 0..20),
            from in "[a-g]", to in "[a-g]",
        ) {
            let mut frames = Frames::default();
            for (parent, child, x, moving) in &links {
                let _refused = frames.hear((parent, child), [*x, 0.0, 0.0], QUARTER, *moving);
            }
            match (frames.fixed(("a", "b"), &from, &to), frames.fixed(("a", "b"), &to, &from)) {
                (Ok(there), Ok(back)) => {
                    prop_assert!((there * back).translation.vector.norm() < 1e-9);
                    prop_assert!((there * back).rotation.angle() < 1e-6);
                }
                (Err(there), Err(back)) => {
                    prop_assert!(!there.to_string().is_empty() && !back.to_string().is_empty());
                }
                (there, back) => prop_assert!(false, "{there:?} {back:?}"),
            }
        }
    }
}
