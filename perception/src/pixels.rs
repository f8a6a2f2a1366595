//! The perceiver of the agent: pictures and proprioception in, belief out.

use std::collections::BTreeMap;

use ergon_vocab::{
    Belief, CameraModel, CameraSpec, Entity, Fit, Hollow, Image, ObjectId, Observation,
    PerceiveError, Perceiver, Role,
};
use nalgebra::Vector3;

use crate::detector::{Detections, Detector};
use crate::gauge::{Gauge, Shape};
use crate::looks::{Look, looks};
use crate::tracking::Tracker;
use crate::{Grounder, gripper_of};

/// What the agent is told of a cell: its cameras, its places, and the colours of its bodies. Where
/// bodies are and how large they are is not part of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The cameras.
    pub cameras: Vec<CameraSpec>,
    /// Areas and surfaces, which do not move.
    pub places: BTreeMap<ObjectId, Entity>,
    /// Corners of areas and bins, in the order of [`ergon_vocab::corners`], base frame, m.
    pub outlines: Vec<[Vector3<f64>; 4]>,
    /// The bodies.
    pub bodies: Vec<CellBody>,
    /// The buttons.
    pub buttons: Vec<CellButton>,
}

impl Cell {
    /// The colours that things have or take on, with the shapes of these.
    fn coloured(&self) -> impl Iterator<Item = (&String, Shape)> {
        let bodies = self.bodies.iter().flat_map(|body| {
            [&body.colour].into_iter().chain(&body.changed).map(move |colour| (colour, body.shape))
        });
        let button = Shape { round: true, flat: true };
        bodies.chain(
            self.buttons.iter().flat_map(move |b| b.colours.iter().map(move |c| (c, button))),
        )
    }
}

/// What the agent is told of a body.
#[derive(Clone, Debug, PartialEq)]
pub struct CellBody {
    /// Its symbol.
    pub id: ObjectId,
    /// Name of its colour.
    pub colour: String,
    /// Name of its colour when it has been heated through, where it can be.
    pub changed: Option<String>,
    /// Of what kind it is.
    pub fit: Fit,
    /// Its shape.
    pub shape: Shape,
    /// Its height, m, where that is told; it is as high as it is wide where not.
    pub height: Option<f64>,
    /// What it has to put things in.
    pub hollow: Option<Hollow>,
}

/// What the agent is told of a button, which is among the places.
#[derive(Clone, Debug, PartialEq)]
pub struct CellButton {
    /// Its symbol.
    pub id: ObjectId,
    /// Names of its colours: off, on.
    pub colours: [String; 2],
}

/// Believes what the detector sees and the tracker makes of it.
pub struct PixelPerceiver {
    detector: Detector,
    gauge: Gauge,
    tracker: Tracker,
    /// The tracker before it has seen anything.
    fresh: Tracker,
    grounder: Grounder,
    cell: Cell,
    /// Cameras of the cell in the detector's order.
    cameras: Vec<CameraSpec>,
    /// Symbol of each body, and its class among the detections.
    ids: Vec<ObjectId>,
    classes: Vec<usize>,
    /// What is told of the shapes, by class.
    shapes: Vec<Shape>,
    /// How things look whose looks change.
    looks: Vec<Look>,
}

impl PixelPerceiver {
    /// A perceiver that has seen nothing yet.
    ///
    /// # Errors
    /// The detector does not know a body's colour or asks for a camera the cell does not have; the text
    /// says which.
    pub fn new(
        detector: Detector,
        gauge: Gauge,
        grounder: Grounder,
        cell: Cell,
    ) -> Result<Self, String> {
        let parameters = detector.parameters();
        let class = |colour: &String| {
            parameters.classes.iter().position(|c| c == colour).ok_or_else(|| {
                format!(
                    "the detector knows the colours {}, but not {colour}",
                    parameters.classes.join(", ")
                )
            })
        };
        let classes: Vec<usize> =
            cell.bodies.iter().map(|body| class(&body.colour)).collect::<Result<_, _>>()?;
        let looks = looks(&cell, &class)?;
        let camera = |name: &String| {
            let found = cell.cameras.iter().find(|c| c.name == *name).cloned();
            found.ok_or_else(|| format!("the detector asks for a camera {name:?}"))
        };
        let cameras = parameters.cameras.iter().map(camera).collect::<Result<Vec<_>, _>>()?;
        let most = detector.landmarks();
        let landmarks = cell.outlines.iter().flatten().copied().take(most).collect();
        let surface = cell.places.values().find(|e| e.role == Role::Surface);
        let height = surface.map_or(0.0, |s| s.pose.translation.z);
        let heights = cell.bodies.iter().map(|body| body.height).collect();
        let tracker = Tracker::new(cameras.len(), heights, landmarks, height);
        let ids = cell.bodies.iter().map(|body| body.id).collect();
        let mut shapes = vec![Shape::default(); parameters.classes.len()];
        for (colour, shape) in cell.coloured() {
            shapes[class(colour)?] = shape;
        }
        let fresh = tracker.clone();
        Ok(Self {
            detector,
            gauge,
            tracker,
            fresh,
            grounder,
            cell,
            cameras,
            ids,
            classes,
            shapes,
            looks,
        })
    }

    /// What was found in the pictures of an observation, in the detector's order of cameras.
    ///
    /// # Errors
    /// A picture is missing or of the wrong size, or the network fails.
    pub fn detect(&mut self, observation: &Observation) -> Result<Vec<Detections>, PerceiveError> {
        let pictures = self
            .cameras
            .iter()
            .map(|camera| {
                let picture = observation.images.iter().find(|i| i.camera == camera.name);
                picture.map(|p| &p.image).ok_or_else(|| {
                    PerceiveError(format!("the camera {:?} gives no picture", camera.name))
                })
            })
            .collect::<Result<Vec<&Image>, _>>()?;
        let gripper = gripper_of(observation);
        let first = self.cameras.first().map(|camera| camera.model(&gripper.tcp));
        let asked = first.map(|camera| self.tracker.expected(&camera)).unwrap_or_default();
        let mut found = self.detector.detect(&pictures, &asked)?;
        self.gauge.measure(&pictures, &self.shapes, &mut found)?;
        let models: Vec<CameraModel> = self.cameras.iter().map(|c| c.model(&gripper.tcp)).collect();
        for look in &mut self.looks {
            look.take(&models, &self.cell, &mut found);
        }
        Ok(found)
    }
}

impl Perceiver for PixelPerceiver {
    fn perceive(&mut self, observation: &Observation) -> Result<Belief, PerceiveError> {
        if !observation.is_finite() {
            return Err(PerceiveError("proprioception holds a number that is not finite".into()));
        }
        let found = self.detect(observation)?;
        let gripper = gripper_of(observation);
        let models: Vec<CameraModel> = self.cameras.iter().map(|c| c.model(&gripper.tcp)).collect();
        self.tracker.step(&gripper, &models, &found, &self.classes);
        let mut entities = self.cell.places.clone();
        entities.extend(self.tracker.entities(&self.ids));
        for body in &self.cell.bodies {
            if let Some(entity) = entities.get_mut(&body.id) {
                (entity.fit, entity.hollow) = (body.fit, body.hollow);
            }
        }
        for look in &self.looks {
            if let Some(entity) = entities.get_mut(&look.id) {
                entity.changed = look.evidence();
            }
        }
        let facts = self.grounder.ground(&entities, &gripper);
        Ok(Belief { entities, gripper, facts })
    }

    fn forget(&mut self) {
        self.tracker.clone_from(&self.fresh);
        self.looks.iter_mut().for_each(Look::forget);
    }
}
