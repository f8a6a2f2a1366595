//! The mouse in the scene: what it points at, and what is ordered by it.

use ergon_vocab::Pose;
use nalgebra::{Point3, Vector3};

use crate::{Moment, Order, Setting};

/// Speed of a knock, m/s.
const KNOCK: f64 = 0.9;
/// How far a body is lifted that is dragged, m.
const LIFT: f64 = 0.06;
/// Turn of the pointer's ray from which on a press is no click, rad.
const STILL: f64 = 0.008;

/// Where a pointer points from and to, base frame; the direction has length 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ray {
    /// The eye.
    pub origin: Vector3<f64>,
    /// The way it looks.
    pub direction: Vector3<f64>,
}

impl Ray {
    /// Where it meets a horizontal plane, if before it.
    pub fn on_height(&self, z: f64) -> Option<Vector3<f64>> {
        let way = (z - self.origin.z) / self.direction.z;
        (way.is_finite() && way > 0.0).then(|| self.origin + self.direction * way)
    }

    /// How far away it enters a box of full extents `size`, m.
    fn enters(&self, pose: &Pose, size: &Vector3<f64>) -> Option<f64> {
        let origin = pose.inverse_transform_point(&Point3::from(self.origin));
        let direction = pose.inverse_transform_vector(&self.direction);
        let (mut from, mut to) = (0.0_f64, f64::INFINITY);
        for axis in 0..3 {
            let near = (-size[axis] / 2.0 - origin[axis]) / direction[axis];
            let far = (size[axis] / 2.0 - origin[axis]) / direction[axis];
            // A ray along a face gives what is not a number, which min and max pass over.
            from = from.max(near.min(far));
            to = to.min(near.max(far));
        }
        (from <= to && to > 0.0).then_some(from)
    }
}

/// What can be pointed at, by its place in the setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A body.
    Body(usize),
    /// An area.
    Place(usize),
}

/// What a ray meets first.
pub fn target(setting: &Setting, moment: &Moment, ray: &Ray) -> Option<Target> {
    let bodies = setting.bodies.iter().enumerate().filter_map(|(i, body)| {
        let away = ray.enters(moment.poses.get(body.solid)?, &body.size)?;
        Some((away, Target::Body(i)))
    });
    let places = setting.places.iter().enumerate().filter_map(|(i, place)| {
        let at = ray.on_height(place.centre.z)?;
        let off = at - place.centre;
        let inside = off.x.abs() <= place.size[0] / 2.0 && off.y.abs() <= place.size[1] / 2.0;
        inside.then(|| ((at - ray.origin).norm(), Target::Place(i)))
    });
    bodies.chain(places).min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, target)| target)
}

/// What the mouse holds.
#[derive(Clone, Copy, Debug)]
struct Grip {
    body: usize,
    pressed: Ray,
    height: f64,
    dragging: bool,
}

/// The hand of the person at the window.
#[derive(Clone, Debug, Default)]
pub struct Hand {
    grip: Option<Grip>,
    /// The goal that is being put together, by names; `None` unless one is.
    pub goal: Option<Vec<(String, String)>>,
    /// The body that was clicked and whose place is awaited.
    pub chosen: Option<usize>,
}

impl Hand {
    /// The button goes down. True where it took hold of something, so that the view stays as it is.
    pub fn press(&mut self, setting: &Setting, moment: &Moment, ray: &Ray) -> bool {
        let target = target(setting, moment, ray);
        if self.goal.is_some() {
            self.choose(setting, target);
            return target.is_some();
        }
        let Some(Target::Body(body)) = target else { return false };
        let Some(pose) = moment.poses.get(setting.bodies[body].solid) else { return false };
        let height = pose.translation.z + LIFT;
        self.grip = Some(Grip { body, pressed: *ray, height, dragging: false });
        true
    }

    /// The pointer moves.
    pub fn moved(&mut self, ray: &Ray) -> Option<Order> {
        let grip = self.grip.as_mut()?;
        grip.dragging |= grip.pressed.direction.angle(&ray.direction) > STILL;
        let to = ray.on_height(grip.height).filter(|_| grip.dragging)?;
        Some(Order::Drag { body: grip.body, to })
    }

    /// The button goes up: a body that was dragged is let go, one that was clicked is knocked away from
    /// the viewer.
    pub fn release(&mut self) -> Option<Order> {
        let grip = self.grip.take()?;
        if grip.dragging {
            return Some(Order::LetGo);
        }
        let mut way = grip.pressed.direction;
        way.z = 0.0;
        let velocity = way.try_normalize(1e-6).unwrap_or(Vector3::x()) * KNOCK;
        Some(Order::Push { body: grip.body, velocity })
    }

    /// Begins to put a goal together, or leaves it.
    pub fn toggle_goal(&mut self) {
        self.goal = if self.goal.is_some() { None } else { Some(Vec::new()) };
        self.chosen = None;
    }

    /// Ends with the goal that was put together, where there is one.
    pub fn confirm_goal(&mut self) -> Option<Order> {
        self.chosen = None;
        self.goal.take().filter(|pairs| !pairs.is_empty()).map(Order::Goal)
    }

    /// First a body, then what it shall lie on.
    fn choose(&mut self, setting: &Setting, target: Option<Target>) {
        let (chosen, Some(goal)) = (self.chosen.take(), self.goal.as_mut()) else { return };
        let below = match (chosen, target) {
            (None, Some(Target::Body(body))) => {
                self.chosen = Some(body);
                return;
            }
            (Some(chosen), Some(Target::Body(body))) if chosen != body => {
                setting.bodies[body].name.clone()
            }
            (Some(_), Some(Target::Place(place))) => setting.places[place].name.clone(),
            _ => return,
        };
        let Some(body) = chosen.map(|c| setting.bodies[c].name.clone()) else { return };
        goal.retain(|(known, _)| *known != body);
        goal.push((body, below));
    }
}

#[cfg(test)]
mod tests {
    use ergon_vocab::ObjectId;

    use super::*;
    use crate::{Body, Place};

    /// Two cubes beside each other, an area under the second.
    fn scene() -> (Setting, Moment) {
        let body = |name: &str, solid| Body {
            name: name.into(),
            id: ObjectId(solid),
            solid: solid as usize,
            size: Vector3::repeat(0.04),
            rgb: [1.0; 3],
        };
        let setting = Setting {
            bodies: vec![body("c1", 0), body("c2", 1)],
            places: vec![Place {
                name: "left".into(),
                centre: Vector3::new(0.5, 0.2, 0.0),
                size: [0.2, 0.1],
            }],
            ..Setting::default()
        };
        let moment = Moment {
            step: 0,
            time_secs: 0.0,
            poses: vec![Pose::translation(0.5, 0.0, 0.02), Pose::translation(0.5, 0.2, 0.02)],
            tcp: Pose::identity(),
            pictures: Vec::new(),
            seen: Vec::new(),
            told: std::sync::Arc::default(),
            cost: None,
        };
        (setting, moment)
    }

    fn at(x: f64, y: f64, z: f64) -> Ray {
        let origin = Vector3::new(1.5, 0.0, 1.0);
        Ray { origin, direction: (Vector3::new(x, y, z) - origin).normalize() }
    }

    #[test]
    fn the_nearest_thing_under_the_pointer_is_meant() {
        let (setting, moment) = scene();
        let under = |ray: Ray| target(&setting, &moment, &ray);
        assert_eq!(under(at(0.5, 0.0, 0.02)), Some(Target::Body(0)));
        assert_eq!(under(at(0.5, 0.2, 0.02)), Some(Target::Body(1)));
        assert_eq!(under(at(0.57, 0.2, 0.0)), Some(Target::Place(0)));
        assert_eq!(under(at(0.5, -0.3, 0.0)), None);
        let up = Ray { direction: Vector3::z(), ..at(0.0, 0.0, 0.0) };
        assert_eq!(under(up), None);
    }

    #[test]
    fn a_click_knocks_and_a_drag_moves() {
        let (setting, moment) = scene();
        let mut hand = Hand::default();
        assert!(hand.press(&setting, &moment, &at(0.5, 0.0, 0.02)));
        assert_eq!(hand.moved(&at(0.501, 0.0, 0.02)), None);
        let Some(Order::Push { body: 0, velocity }) = hand.release() else { panic!("no knock") };
        assert!(velocity.x < 0.0 && velocity.z == 0.0 && (velocity.norm() - KNOCK).abs() < 1e-9);

        assert!(hand.press(&setting, &moment, &at(0.5, 0.0, 0.02)));
        let Some(Order::Drag { body: 0, to }) = hand.moved(&at(0.5, 0.1, 0.02)) else {
            panic!("no drag")
        };
        assert!((to.z - 0.08).abs() < 1e-9, "{to}");
        assert_eq!(hand.release(), Some(Order::LetGo));
        assert_eq!(hand.release(), None);
        assert!(!hand.press(&setting, &moment, &at(0.5, -0.3, 0.0)));
    }

    #[test]
    fn a_goal_is_put_together_by_clicks() {
        let (setting, moment) = scene();
        let mut hand = Hand::default();
        hand.toggle_goal();
        let (c1, c2) = (at(0.5, 0.0, 0.02), at(0.5, 0.2, 0.02));
        for click in [c1, c1, c1, c2, c2, at(0.57, 0.2, 0.0), c1, at(0.57, 0.2, 0.0)] {
            hand.press(&setting, &moment, &click);
        }
        // A body on itself is nothing, and what is said last of a body counts.
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let goal = vec![pair("c2", "left"), pair("c1", "left")];
        assert_eq!(hand.confirm_goal(), Some(Order::Goal(goal)));
        assert_eq!(hand.goal, None);
        hand.toggle_goal();
        assert_eq!(hand.confirm_goal(), None, "nothing was wished for");
    }
}
