//! What a data set's frames hold.

use std::collections::BTreeSet;
use std::fmt;

use ergon_vocab::Image;

use super::error::DatasetError;

/// Most numbers in a value.
const MAX_LENGTH: usize = 1 << 16;
/// Longest side of a picture, pixels.
const MAX_SIDE: usize = 4096;

/// What every frame of a data set holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetSpec {
    /// Name of the robot, such as `panda`.
    pub robot_type: String,
    /// Frames a second.
    pub fps: u32,
    /// The features, in the order of a frame's values, without the columns that every data set has.
    pub features: Vec<Feature>,
}

/// One named value of every frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Name, such as `observation.state`. No `/`, which separates columns from their statistics.
    pub name: String,
    /// Type and shape.
    pub kind: Kind,
    /// Name of each number, in their order; `None` for pictures and where numbers have no names.
    pub names: Option<Vec<String>>,
}

/// Type and shape of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A picture: u8, H x W x 3, RGB, row 0 on top.
    Image {
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
    },
    /// So many f32. Shape (n,).
    Floats(usize),
    /// So many i64. Shape (n,).
    Ints(usize),
    /// So many truth values. Shape (n,).
    Bools(usize),
}

/// One value of a frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A picture: u8, H x W x 3, RGB, row 0 on top.
    Image(Image),
    /// Finite numbers in the order of the feature's names. Shape (n,).
    Floats(Vec<f32>),
    /// Whole numbers in the order of the feature's names. Shape (n,).
    Ints(Vec<i64>),
    /// Truth values in the order of the feature's names. Shape (n,).
    Bools(Vec<bool>),
}

/// What was seen and done at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// One value a feature, in the order of [`DatasetSpec::features`].
    pub values: Vec<Value>,
}

impl Feature {
    /// A feature whose numbers have no names.
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self { name: name.into(), kind, names: None }
    }

    /// The feature with a name for each of its numbers, in their order.
    #[must_use]
    pub fn named(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.names = Some(names.into_iter().map(Into::into).collect());
        self
    }

    fn check(&self) -> Result<(), DatasetError> {
        let wrong = |expected: &str, found: String| {
            Err(DatasetError::spec(format!("feature {}", self.name), expected, found))
        };
        if self.name.is_empty() || self.name.contains('/') {
            return wrong("a name without `/`", format!("`{}`", self.name));
        }
        if !self.kind.is_in_limits() {
            let limits = format!("1 to {MAX_LENGTH} numbers, or 1 to {MAX_SIDE} pixels a side");
            return wrong(&limits, self.kind.to_string());
        }
        match (&self.names, self.kind) {
            (Some(_), Kind::Image { .. }) => wrong("a picture without names", "names".into()),
            (Some(names), Kind::Floats(n) | Kind::Ints(n) | Kind::Bools(n)) if names.len() != n => {
                wrong(&format!("{n} names"), names.len().to_string())
            }
            _ => Ok(()),
        }
    }
}

impl Kind {
    fn is_in_limits(self) -> bool {
        match self {
            Self::Image { height, width } => {
                (1..=MAX_SIDE).contains(&height) && (1..=MAX_SIDE).contains(&width)
            }
            Self::Floats(n) | Self::Ints(n) | Self::Bools(n) => (1..=MAX_LENGTH).contains(&n),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image { height, width } => write!(f, "a picture of {width} x {height} pixels"),
            Self::Floats(n) => write!(f, "{n} f32"),
            Self::Ints(n) => write!(f, "{n} i64"),
            Self::Bools(n) => write!(f, "{n} bool"),
        }
    }
}

impl Value {
    fn kind(&self) -> Kind {
        match self {
            Self::Image(image) => Kind::Image { height: image.height(), width: image.width() },
            Self::Floats(values) => Kind::Floats(values.len()),
            Self::Ints(values) => Kind::Ints(values.len()),
            Self::Bools(values) => Kind::Bools(values.len()),
        }
    }

    /// Position and value of the first number that is not finite.
    fn not_finite(&self) -> Option<(usize, f32)> {
        let Self::Floats(values) = self else { return None };
        values.iter().copied().enumerate().find(|(_, value)| !value.is_finite())
    }
}

impl DatasetSpec {
    /// The columns that every data set has, after the features.
    pub(super) fn own_columns() -> [Feature; 5] {
        [
            Feature::new("timestamp", Kind::Floats(1)),
            Feature::new("frame_index", Kind::Ints(1)),
            Feature::new("episode_index", Kind::Ints(1)),
            Feature::new("index", Kind::Ints(1)),
            Feature::new("task_index", Kind::Ints(1)),
        ]
    }

    /// All columns in the order of the files.
    pub(super) fn columns(&self) -> impl Iterator<Item = Feature> {
        self.features.iter().cloned().chain(Self::own_columns())
    }

    pub(super) fn check(&self) -> Result<(), DatasetError> {
        if self.fps == 0 {
            return Err(DatasetError::spec("fps", "at least 1", "0"));
        }
        self.features.iter().try_for_each(Feature::check)?;
        let mut seen = BTreeSet::new();
        match self.columns().find(|column| !seen.insert(column.name.clone())) {
            Some(twice) => {
                let what = format!("feature {}", twice.name);
                Err(DatasetError::spec(what, "a name of its own", "a second column of that name"))
            }
            None => Ok(()),
        }
    }

    /// Whether a frame holds what the features say.
    pub(super) fn check_frame(
        &self,
        episode: usize,
        frame: usize,
        values: &[Value],
    ) -> Result<(), DatasetError> {
        let wrong = |feature: &str, expected: String, found: String| {
            let feature = feature.to_owned();
            Err(DatasetError::Value { feature, episode, frame, expected, found })
        };
        for (i, feature) in self.features.iter().enumerate() {
            let expected = feature.kind;
            match values.get(i) {
                None => return wrong(&feature.name, expected.to_string(), "no value".into()),
                Some(value) if value.kind() != expected => {
                    return wrong(&feature.name, expected.to_string(), value.kind().to_string());
                }
                Some(value) => {
                    if let Some((at, number)) = value.not_finite() {
                        let found = format!("{number} at {at}");
                        return wrong(&feature.name, "finite numbers".into(), found);
                    }
                }
            }
        }
        match (values.len(), self.features.len()) {
            (got, wanted) if got > wanted => {
                wrong("(none)", format!("{wanted} values"), format!("{got}"))
            }
            _ => Ok(()),
        }
    }
}
