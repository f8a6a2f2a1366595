//! What the network finds in one moment's pictures.

use ergon_inference::{Model, ModelError};
use ergon_vocab::{Image, PerceiveError};
use serde::Deserialize;

/// Numbers that the network gives for an object: logit of being seen, column, row, logarithm of their
/// scale, logarithm of the edge, logarithm of its scale, cosine and sine of four times the turn.
pub const OBJECT_OUTPUTS: usize = 8;
/// Numbers that the network gives for a landmark: logit of being seen, column, row, logarithm of their
/// scale.
pub const LANDMARK_OUTPUTS: usize = 4;
/// Numbers by which a landmark is asked for: where it should appear, column and row from the middle in half
/// widths of the picture, and one for each of the [`CORNERS`], 1 for that which it is.
pub const LANDMARK_INPUTS: usize = 2 + CORNERS;
/// Landmarks are corners of rectangles: how many each has, which look different.
pub const CORNERS: usize = 4;
/// Standard deviation of a Laplace distribution of scale 1.
const LAPLACE_STD: f64 = std::f64::consts::SQRT_2;

/// The detector's own settings, under `[parameters]` in its `policy.toml`.
#[derive(Clone, Debug, PartialEq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct DetectorParameters {
    /// Names of the colours it tells apart, in the order of its outputs.
    pub classes: Vec<String>,
    /// Names of the cameras whose pictures it takes, in this order.
    pub cameras: Vec<String>,
    /// Apparent edge for which it gives 0, pixels.
    pub typical_edge: f64,
    /// Scale of the logarithm of the edge for which it gives 0.
    pub edge_scale: f64,
}

/// An object in a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sighting {
    /// Probability of being seen, 0 to 1.
    pub score: f64,
    /// Its centre: column and row, pixels from the top left corner.
    pub centre: [f64; 2],
    /// Standard deviation of each, pixels.
    pub centre_std: f64,
    /// Its edge at the depth of its centre, pixels.
    pub edge: f64,
    /// Standard deviation of the edge, pixels.
    pub edge_std: f64,
    /// Cosine and sine of four times its turn about the vertical, from the camera's right.
    pub turn: [f64; 2],
}

/// Where a landmark should appear in the first camera's picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// Which corner of a rectangle it is, in the order of [`ergon_vocab::corners`].
    pub corner: usize,
    /// Column and row, pixels from the top left corner.
    pub at: [f64; 2],
}

impl Expected {
    /// The numbers by which the network is asked, for a picture of this width.
    pub fn query(&self, pixels: usize) -> [f32; LANDMARK_INPUTS] {
        let mut query = [0.0; LANDMARK_INPUTS];
        for (slot, at) in query.iter_mut().zip(self.at) {
            *slot = (2.0 * at / pixels as f64 - 1.0) as f32;
        }
        query[2 + self.corner.min(CORNERS - 1)] = 1.0;
        query
    }
}

/// A landmark in a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Landmark {
    /// Probability of being seen, 0 to 1.
    pub score: f64,
    /// Column and row, pixels from the top left corner.
    pub at: [f64; 2],
    /// Standard deviation of each, pixels.
    pub std: f64,
}

/// What was found in one picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Detections {
    /// One for each class.
    pub objects: Vec<Sighting>,
    /// Those that were asked for; none but in the first camera's picture.
    pub landmarks: Vec<Landmark>,
}

/// The network with its buffers.
#[derive(Debug)]
pub struct Detector {
    model: Model,
    parameters: DetectorParameters,
    pixels: usize,
    input: Vec<f32>,
    queries: Vec<f32>,
    outputs: Vec<Vec<f32>>,
}

impl Detector {
    /// Puts a network to use that was loaded from a detector's files.
    ///
    /// # Errors
    /// Its settings are missing or do not fit its tensors; the text says which.
    pub fn new(model: Model) -> Result<Self, String> {
        let manifest = model.manifest();
        let parameters: DetectorParameters = manifest.parameters().map_err(|e| e.to_string())?;
        let shape = |specs: &[ergon_inference::TensorSpec], i: usize| {
            specs.get(i).map(|s| s.shape.clone()).unwrap_or_default()
        };
        let (cameras, classes) = (parameters.cameras.len(), parameters.classes.len());
        let input = shape(&manifest.inputs, 0);
        let pixels = input.last().copied().unwrap_or(0);
        let asked = shape(&manifest.inputs, 1);
        let landmarks = asked.get(1).copied().unwrap_or(0);
        let expected = [
            (input, vec![1, cameras, 3, pixels, pixels]),
            (asked, vec![1, landmarks, LANDMARK_INPUTS]),
            (shape(&manifest.outputs, 0), vec![1, cameras, classes, OBJECT_OUTPUTS]),
            (shape(&manifest.outputs, 1), vec![1, landmarks, LANDMARK_OUTPUTS]),
        ];
        if let Some((found, expected)) = expected.iter().find(|(a, b)| a != b) {
            return Err(format!(
                "{}: expected a tensor of shape {expected:?} for its settings, found {found:?}",
                manifest.name
            ));
        }
        let input = vec![0.0; cameras * 3 * pixels * pixels];
        let queries = vec![0.0; landmarks * LANDMARK_INPUTS];
        Ok(Self { model, parameters, pixels, input, queries, outputs: vec![Vec::new(); 2] })
    }

    /// Its settings.
    pub fn parameters(&self) -> &DetectorParameters {
        &self.parameters
    }

    /// Width and height of the pictures it takes.
    pub fn pixels(&self) -> usize {
        self.pixels
    }

    /// How many landmarks it can be asked for at once.
    pub fn landmarks(&self) -> usize {
        self.queries.len() / LANDMARK_INPUTS
    }

    /// Looks at the pictures of its cameras, in its order, and for landmarks in the first one; what is
    /// asked beyond [`Detector::landmarks`] is not looked for.
    ///
    /// # Errors
    /// A picture has another size, or the network fails.
    pub fn detect(
        &mut self,
        pictures: &[&Image],
        asked: &[Expected],
    ) -> Result<Vec<Detections>, PerceiveError> {
        let side = self.pixels;
        let area = side * side;
        if pictures.len() != self.parameters.cameras.len() {
            return Err(PerceiveError("the detector misses a camera's picture".into()));
        }
        for (picture, out) in pictures.iter().zip(self.input.chunks_exact_mut(3 * area)) {
            if (picture.width(), picture.height()) != (side, side) {
                return Err(PerceiveError(format!(
                    "the detector takes pictures of {side} x {side} pixels, found {} x {}",
                    picture.width(),
                    picture.height()
                )));
            }
            picture.planes(out);
        }
        self.queries.fill(0.0);
        for (slot, expected) in self.queries.chunks_exact_mut(LANDMARK_INPUTS).zip(asked) {
            slot.copy_from_slice(&expected.query(side));
        }
        let failed = |e: ModelError| PerceiveError(e.to_string());
        self.model.run(&[&self.input, &self.queries], &mut self.outputs).map_err(failed)?;
        let (objects, landmarks) = (&self.outputs[0], &self.outputs[1]);
        let views = self.parameters.cameras.len();
        Ok((0..views)
            .map(|view| Detections {
                objects: part(objects, view, views)
                    .chunks_exact(OBJECT_OUTPUTS)
                    .map(|o| self.sighting(o))
                    .collect(),
                landmarks: landmarks
                    .chunks_exact(LANDMARK_OUTPUTS)
                    .take(if view == 0 { asked.len() } else { 0 })
                    .map(landmark)
                    .collect(),
            })
            .collect())
    }

    fn sighting(&self, o: &[f32]) -> Sighting {
        let o: [f64; OBJECT_OUTPUTS] = std::array::from_fn(|i| f64::from(o[i]));
        let edge = self.parameters.typical_edge * o[4].exp();
        Sighting {
            score: logistic(o[0]),
            centre: [o[1], o[2]],
            centre_std: LAPLACE_STD * o[3].exp(),
            edge,
            edge_std: LAPLACE_STD * o[5].exp() * self.parameters.edge_scale * edge,
            turn: [o[6], o[7]],
        }
    }
}

fn part(values: &[f32], view: usize, views: usize) -> &[f32] {
    let length = values.len() / views;
    &values[view * length..(view + 1) * length]
}

fn landmark(l: &[f32]) -> Landmark {
    let l: [f64; LANDMARK_OUTPUTS] = std::array::from_fn(|i| f64::from(l[i]));
    Landmark { score: logistic(l[0]), at: [l[1], l[2]], std: LAPLACE_STD * l[3].exp() }
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
