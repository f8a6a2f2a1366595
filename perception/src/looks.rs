//! Things that come in two colours, by which their state is seen.

use ergon_vocab::{CameraModel, Evidence, ObjectId};
use nalgebra::Vector3;

use crate::Cell;
use crate::detector::{Detections, Sighting};

/// Score from which a colour counts as seen.
const SEEN: f64 = 0.6;
/// How far from where a button stands its colour may be seen, pixels.
const NEAR: f64 = 12.0;
/// Moments at which a colour must have been seen, more often than the other, to be believed; and how many
/// count at most.
const SURE: i32 = 2;
const MOST: i32 = 4;

/// How a thing looks that can change.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    /// The thing.
    pub(crate) id: ObjectId,
    /// Classes among the detections: as at first, changed.
    classes: [usize; 2],
    /// Whether it stands where the cell says.
    fixed: bool,
    /// Moments for the change less those against it.
    votes: i32,
}

/// How the things of a cell look that can change; `class` finds the class of a colour.
///
/// # Errors
/// Those of `class`.
pub(crate) fn looks(
    cell: &Cell,
    class: &dyn Fn(&String) -> Result<usize, String>,
) -> Result<Vec<Look>, String> {
    let mut looks = Vec::new();
    for body in &cell.bodies {
        if let Some(changed) = &body.changed {
            let classes = [class(&body.colour)?, class(changed)?];
            looks.push(Look { id: body.id, classes, fixed: false, votes: 0 });
        }
    }
    for button in &cell.buttons {
        let [off, on] = &button.colours;
        let classes = [class(off)?, class(on)?];
        looks.push(Look { id: button.id, classes, fixed: true, votes: 0 });
    }
    Ok(looks)
}

impl Look {
    /// Takes in what was found at one moment. A body that is seen changed counts as seen in its first colour,
    /// by which it is tracked.
    pub(crate) fn take(&mut self, cameras: &[CameraModel], cell: &Cell, found: &mut [Detections]) {
        let [first, changed] = self.classes;
        let place = cell.places.get(&self.id).filter(|_| self.fixed);
        let place = place.map(|place| place.pose.translation.vector);
        for (camera, found) in cameras.iter().zip(found) {
            let there = |class: usize| {
                let Sighting { score, centre, .. } = found.objects[class];
                if place.is_none_or(|place| shows(camera, &place, centre)) { score } else { 0.0 }
            };
            let (as_first, as_changed) = (there(first), there(changed));
            if as_first.max(as_changed) < SEEN {
                continue;
            }
            let vote = if as_changed > as_first { 1 } else { -1 };
            self.votes = (self.votes + vote).clamp(-MOST, MOST);
            if !self.fixed && as_changed > as_first {
                found.objects[first] = found.objects[changed];
            }
        }
    }

    /// Whether it is changed.
    pub(crate) fn evidence(&self) -> Evidence {
        Evidence::from_slack(f64::from(self.votes)).doubted(f64::from(SURE))
    }

    pub(crate) fn forget(&mut self) {
        self.votes = 0;
    }
}

/// Whether a camera shows a place near a pixel.
fn shows(camera: &CameraModel, place: &Vector3<f64>, [column, row]: [f64; 2]) -> bool {
    camera.project(place).is_some_and(|(at, _)| (at.x - column).hypot(at.y - row) < NEAR)
}

#[cfg(test)]
mod tests {
    use ergon_vocab::Truth;

    use super::*;

    fn found(scores: [f64; 2]) -> Vec<Detections> {
        let sighting = |score: f64| Sighting {
            score,
            centre: [20.0 + score, 30.0],
            centre_std: 0.5,
            edge: 14.0,
            edge_std: 0.5,
            turn: [1.0, 0.0],
        };
        vec![Detections { objects: scores.map(sighting).into(), landmarks: Vec::new() }]
    }

    #[test]
    fn a_body_that_is_seen_changed_is_tracked_on() {
        let mut look = Look { id: ObjectId(3), classes: [0, 1], fixed: false, votes: 0 };
        let cell = Cell {
            cameras: Vec::new(),
            places: std::collections::BTreeMap::new(),
            outlines: Vec::new(),
            bodies: Vec::new(),
            buttons: Vec::new(),
        };
        let down = nalgebra::UnitQuaternion::new(Vector3::x() * std::f64::consts::PI);
        let pose = ergon_vocab::Pose::from_parts(Vector3::z().into(), down);
        let cameras = [CameraModel::new(pose, 0.8, [64, 64])];
        assert_eq!(look.evidence().truth, Truth::Unknown);
        for _ in 0..3 {
            look.take(&cameras, &cell, &mut found([0.9, 0.1]));
        }
        assert_eq!(look.evidence().truth, Truth::False);
        let mut last = found([0.2, 0.95]);
        for _ in 0..8 {
            last = found([0.2, 0.95]);
            look.take(&cameras, &cell, &mut last);
        }
        assert_eq!(look.evidence().truth, Truth::True);
        assert_eq!(last[0].objects[0], last[0].objects[1]);
        look.take(&cameras, &cell, &mut found([0.1, 0.2]));
        assert_eq!(look.evidence().truth, Truth::True, "it is hidden");
    }
}
