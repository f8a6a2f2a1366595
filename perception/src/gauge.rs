//! Measuring one object in a patch around it.

use ergon_inference::Model;
use ergon_vocab::{Image, PerceiveError};

use crate::detector::{Detections, Sighting};

/// Width and height of a patch, pixels.
pub const PATCH: usize = 32;
/// Numbers that the network gives for a patch: logit of the object being there, column and row of its
/// centre from the middle in half widths of the patch, logarithm of their scale, logarithm of the edge
/// in widths of the patch over [`SHARE`], logarithm of the scale of that in units of [`EDGE_UNIT`],
/// cosine and sine of four times its turn.
pub const OUTPUTS: usize = 8;
/// Share of the patch's width that the detector's edge takes.
pub const SHARE: f64 = 0.4;
/// Unit of the logarithm of the edge whose scale the network gives.
pub const EDGE_UNIT: f64 = 0.1;
/// Unit of the place whose scale the network gives, half widths of the patch.
pub const PLACE_UNIT: f64 = 0.1;
/// Score of a sighting from which it is measured.
const WORTH: f64 = 0.3;
/// Bounds of the width of what a patch shows, pixels of the picture.
const WIDTHS: [f64; 2] = [12.0, 150.0];
/// Standard deviation of a Laplace distribution of scale 1.
const LAPLACE_STD: f64 = std::f64::consts::SQRT_2;

/// What is told of an object's shape, which decides how wide a width looks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shape {
    /// It is round, seen from above.
    pub round: bool,
    /// It is no cube: its height is not its width.
    pub flat: bool,
}

impl Shape {
    /// Planes of a patch that tell the shape.
    pub const PLANES: usize = 2;
}

/// A square of a picture: its middle and its width, pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Square {
    /// Column and row of its middle.
    pub middle: [f64; 2],
    /// Its width.
    pub width: f64,
}

impl Square {
    /// The square around an object with this centre and edge.
    pub fn around(centre: [f64; 2], edge: f64) -> Self {
        Self { middle: centre, width: (edge / SHARE).clamp(WIDTHS[0], WIDTHS[1]) }
    }

    /// Cuts it out of a picture: planes of red, green and blue, [`PATCH`] x [`PATCH`] each.
    pub fn cut(&self, picture: &Image, out: &mut [f32]) {
        picture.cut(self.middle, self.width, PATCH, out);
    }
}

/// The network with its buffers.
#[derive(Debug)]
pub struct Gauge {
    model: Model,
    slots: usize,
    planes: usize,
    patches: Vec<f32>,
    outputs: Vec<Vec<f32>>,
}

impl Gauge {
    /// Puts a network to use that was loaded from a gauge's files, for a detector of these classes.
    ///
    /// # Errors
    /// Its tensors do not fit; the text says which.
    pub fn new(model: Model, classes: usize) -> Result<Self, String> {
        let manifest = model.manifest();
        let shape = |specs: &[ergon_inference::TensorSpec]| {
            specs.first().map(|s| s.shape.clone()).unwrap_or_default()
        };
        let found = (shape(&manifest.inputs), shape(&manifest.outputs));
        let slots = found.0.get(1).copied().unwrap_or(0).max(1);
        let planes = planes(classes);
        let expected = (vec![1, slots, planes, PATCH, PATCH], vec![1, slots, OUTPUTS]);
        if found != expected {
            return Err(format!(
                "{}: expected tensors of shapes {expected:?} for the detector's classes, found {found:?}",
                manifest.name
            ));
        }
        let patches = vec![0.0; slots * planes * PATCH * PATCH];
        Ok(Self { model, slots, planes, patches, outputs: vec![Vec::new()] })
    }

    /// Measures what the detector found, in place; `shapes` has what is told of each class.
    ///
    /// # Errors
    /// The network fails.
    pub fn measure(
        &mut self,
        pictures: &[&Image],
        shapes: &[Shape],
        found: &mut [Detections],
    ) -> Result<(), PerceiveError> {
        let worth: Vec<(usize, usize)> = found
            .iter()
            .enumerate()
            .flat_map(|(view, d)| (0..d.objects.len()).map(move |class| (view, class)))
            .filter(|&(view, class)| found[view].objects[class].score >= WORTH)
            .collect();
        let area = PATCH * PATCH;
        let slot_len = self.planes * area;
        for some in worth.chunks(self.slots) {
            let mut squares = Vec::with_capacity(some.len());
            for (&(view, class), out) in some.iter().zip(self.patches.chunks_exact_mut(slot_len)) {
                let sighting = &found[view].objects[class];
                let square = Square::around(sighting.centre, sighting.edge);
                square.cut(pictures[view], &mut out[..3 * area]);
                let shape = shapes.get(class).copied().unwrap_or_default();
                told_planes(class, shape, &mut out[3 * area..]);
                squares.push(square);
            }
            let failed = |e: ergon_inference::ModelError| PerceiveError(e.to_string());
            self.model.run(&[&self.patches], &mut self.outputs).map_err(failed)?;
            let answers = self.outputs[0].chunks_exact(OUTPUTS);
            for ((&(view, class), square), answer) in some.iter().zip(&squares).zip(answers) {
                let sighting = &mut found[view].objects[class];
                *sighting = measured(square, answer, sighting.score);
            }
        }
        Ok(())
    }
}

/// Planes of a patch: red, green, blue, one a class, and those of the shape.
pub fn planes(classes: usize) -> usize {
    3 + classes + Shape::PLANES
}

/// Fills the planes after the picture's: 1 for the object's own class and for what its shape is, 0 for the
/// others.
pub fn told_planes(class: usize, shape: Shape, planes: &mut [f32]) {
    let classes = planes.len() / (PATCH * PATCH) - Shape::PLANES;
    let shape = [(classes, shape.round), (classes + 1, shape.flat)];
    for (index, plane) in planes.chunks_exact_mut(PATCH * PATCH).enumerate() {
        let told = index == class || shape.contains(&(index, true));
        plane.fill(if told { 1.0 } else { 0.0 });
    }
}

fn measured(square: &Square, o: &[f32], score: f64) -> Sighting {
    let o: [f64; OUTPUTS] = std::array::from_fn(|i| f64::from(o[i]));
    let half = square.width / 2.0;
    let edge = square.width * SHARE * o[4].exp();
    Sighting {
        score: score.min(1.0 / (1.0 + (-o[0]).exp())),
        centre: [square.middle[0] + half * o[1], square.middle[1] + half * o[2]],
        centre_std: LAPLACE_STD * PLACE_UNIT * o[3].exp() * half,
        edge,
        edge_std: LAPLACE_STD * EDGE_UNIT * o[5].exp() * edge,
        turn: [o[6], o[7]],
    }
}
