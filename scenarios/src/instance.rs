//! One episode drawn from a scenario.

use std::f64::consts::TAU;

use ergon_vocab::Pose;
use nalgebra::{Translation3, UnitQuaternion, Vector2, Vector3};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::model::{Bin, DisturbanceSpec, Goal, GoalLiteral, Moment, Scenario};
use crate::variation::Variation;

/// Bodies are set down this far above what carries them, m, so that they start without overlap.
const DROP_HEIGHT: f64 = 0.0005;
/// Free distance between the middles of scattered bodies, m: room for the fingers.
const APART: f64 = 0.10;
/// Free distance of scattered bodies from the middles of areas, and from the borders of bins, m.
const OFF_AREAS: f64 = 0.11;
const OFF_BINS: f64 = 0.06;
/// Draws of a place for a scattered body before the roomiest of them is taken.
const PLACE_DRAWS: usize = 1000;
/// Draws of a random legal state before the goal state itself is accepted as a start.
const START_DRAWS: usize = 64;

/// What the seed decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// The seed.
    pub seed: u64,
    /// The bodies that take part, in the scenario's order.
    pub bodies: Vec<PlacedBody>,
    /// Offset of each joint from its home position, rad. Shape (7,).
    pub joint_offsets: [f64; 7],
    /// What goes wrong, in order of time.
    pub disturbances: Vec<Disturbance>,
    /// How the cell differs from its description.
    pub variation: Variation,
    /// What shall hold in the end.
    pub goal: Vec<GoalLiteral>,
}

/// A body at its start.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedBody {
    /// Index into [`Scenario::objects`].
    pub object: usize,
    /// Pose of its centre, base frame, before it settles.
    pub pose: Pose,
}

/// A disturbance with its numbers drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Disturbance {
    /// Earliest time of the episode, s.
    pub at_secs: f64,
    /// What happens.
    pub kind: DisturbanceKind,
}

/// What a disturbance does.
#[derive(Clone, Debug, PartialEq)]
pub enum DisturbanceKind {
    /// A body's velocity is set to a horizontal push.
    Knock {
        /// Index into [`Scenario::objects`]; `None` for any that lies open and is not held.
        object: Option<usize>,
        /// Which of the open bodies, as a fraction of their number, in [0, 1).
        choice: f64,
        /// Velocity that the push gives, base frame, m/s.
        velocity: Vector3<f64>,
        /// What it waits for.
        moment: Moment,
    },
    /// The finger pads lose their grip.
    Slip {
        /// For how long, s.
        for_secs: f64,
        /// Friction coefficient meanwhile.
        friction: f64,
    },
    /// A camera sees nothing but grey.
    Occlusion {
        /// For how long, s.
        for_secs: f64,
        /// Index into [`Scenario::cameras`].
        camera: usize,
    },
}

/// Independent random streams, so that a new disturbance does not move the blocks.
#[derive(Clone, Copy)]
enum Stream {
    Placement,
    Robot,
    Disturbances,
    Variation,
    Goal,
}

impl Scenario {
    /// Draws the episode of a seed. The same scenario and seed give the same episode on any machine.
    pub fn instance(&self, seed: u64) -> Instance {
        let mut rng = Dice::new(seed, Stream::Placement);
        let selected = self.select(&mut rng);
        let from_largest = self.sorted(&selected);
        let stacks = self.stacks(&from_largest, &mut rng);
        let bodies = match self.placement.scatter {
            Some(room) => self.scatter(&selected, room, &mut rng),
            None => self.place(&stacks, &mut rng),
        };
        let mut joints = Dice::new(seed, Stream::Robot);
        let mut disturbances = self.draw_disturbances(seed);
        disturbances.sort_by(|a, b| a.at_secs.total_cmp(&b.at_secs));
        Instance {
            seed,
            bodies,
            joint_offsets: std::array::from_fn(|_| joints.normal(self.robot.joint_noise_std)),
            disturbances,
            variation: Variation::draw(self, &mut Dice::new(seed, Stream::Variation)),
            goal: self.goal_of(from_largest, &stacks, &mut Dice::new(seed, Stream::Goal)),
        }
    }

    /// Indices of the objects that take part, ascending.
    fn select(&self, rng: &mut Dice) -> Vec<usize> {
        let mut indices: Vec<usize> = (0..self.objects.len()).collect();
        let count = self.placement.random_selection.unwrap_or(indices.len());
        while indices.len() > count {
            indices.remove(rng.below(indices.len()));
        }
        indices
    }

    /// The bodies, the largest first; of equal ones the later in the file.
    fn sorted(&self, selected: &[usize]) -> Vec<usize> {
        let mut bodies = selected.to_vec();
        bodies.sort_by(|&a, &b| self.footprint(b).total_cmp(&self.footprint(a)).then(b.cmp(&a)));
        bodies
    }

    /// One stack an area, from the bottom up; a body always lies on a larger one.
    fn stacks(&self, from_largest: &[usize], rng: &mut Dice) -> Vec<Vec<usize>> {
        let mut stacks = vec![Vec::new(); self.areas.len()];
        if self.placement.scatter.is_some() {
            return stacks;
        }
        if !self.placement.random_placement {
            stacks[self.placement.at] = from_largest.to_vec();
            return stacks;
        }
        for _ in 0..START_DRAWS {
            stacks = self.random_stacks(from_largest, rng);
            let solved = matches!(&self.task.goal, Goal::Tower(area)
                if self.areas.iter().zip(&stacks).any(|(a, s)| a.name == *area && s.len() == from_largest.len()));
            if !solved {
                break;
            }
        }
        stacks
    }

    /// A legal state, drawn uniformly; `from_largest` holds the bodies, the largest first.
    fn random_stacks(&self, from_largest: &[usize], rng: &mut Dice) -> Vec<Vec<usize>> {
        let mut stacks = vec![Vec::new(); self.areas.len()];
        for &body in from_largest {
            stacks[rng.below(self.areas.len())].push(body);
        }
        stacks
    }

    fn place(&self, stacks: &[Vec<usize>], rng: &mut Dice) -> Vec<PlacedBody> {
        let mut bodies = Vec::new();
        for (area, stack) in self.areas.iter().zip(stacks) {
            let jitter =
                [rng.normal(self.placement.jitter_std), rng.normal(self.placement.jitter_std)];
            let mut z = area.centre.z;
            for &object in stack {
                let height = self.objects[object].size.z;
                z += DROP_HEIGHT + height / 2.0;
                let at = Translation3::new(area.centre.x + jitter[0], area.centre.y + jitter[1], z);
                let yaw = rng.normal(self.placement.yaw_std);
                bodies.push(PlacedBody { object, pose: Pose::from_parts(at, about_z(yaw)) });
                z += height / 2.0;
            }
        }
        bodies.sort_by_key(|b| b.object);
        bodies
    }

    /// Each body by itself: on one of the areas that are named for it, or on the table, away from the others
    /// and from areas, bins and buttons.
    fn scatter(&self, selected: &[usize], room: [[f64; 2]; 2], rng: &mut Dice) -> Vec<PlacedBody> {
        let mut free = vec![true; self.areas.len()];
        let mut bodies: Vec<PlacedBody> = Vec::new();
        for &object in selected {
            let open = self.objects[object].on.iter().copied().filter(|&area| free[area]);
            let open: Vec<usize> = open.collect();
            let mut at = if open.is_empty() {
                self.roomy(&bodies, room, rng)
            } else {
                let area = open[rng.below(open.len())];
                free[area] = false;
                let std = self.placement.jitter_std;
                self.areas[area].centre + Vector3::new(rng.normal(std), rng.normal(std), 0.0)
            };
            at.z = self.table.top.z + DROP_HEIGHT + self.objects[object].size.z / 2.0;
            let yaw = rng.normal(self.placement.yaw_std);
            let pose = Pose::from_parts(Translation3::from(at), about_z(yaw));
            bodies.push(PlacedBody { object, pose });
        }
        bodies
    }

    /// A place in a rectangle with room for another body: the first that is drawn, or the roomiest.
    fn roomy(
        &self,
        bodies: &[PlacedBody],
        [xs, ys]: [[f64; 2]; 2],
        rng: &mut Dice,
    ) -> Vector3<f64> {
        let mut best = (f64::NEG_INFINITY, Vector3::zeros());
        for _ in 0..PLACE_DRAWS {
            let at = Vector3::new(rng.between(xs), rng.between(ys), 0.0);
            let away = |other: &Vector3<f64>| (at - other).xy().norm();
            let bodies = bodies.iter().map(|b| away(&b.pose.translation.vector) - APART);
            let areas = self.areas.iter().map(|a| away(&a.centre) - OFF_AREAS);
            let bins = self.bins.iter().map(|b| beside(b, &at) - OFF_BINS);
            let buttons = self.buttons.iter().map(|b| away(&b.centre) - OFF_AREAS);
            let places = areas.chain(bins).chain(buttons);
            let room = bodies.chain(places).fold(f64::INFINITY, f64::min);
            if room > best.0 {
                best = (room, at);
            }
            if room >= 0.0 {
                break;
            }
        }
        best.1
    }

    /// Area of the top face, m2: what decides which body is larger.
    fn footprint(&self, object: usize) -> f64 {
        self.objects[object].size.x * self.objects[object].size.y
    }

    /// The goal's literals, for an episode of these bodies that begins with these stacks.
    fn goal_of(
        &self,
        from_largest: Vec<usize>,
        stacks: &[Vec<usize>],
        rng: &mut Dice,
    ) -> Vec<GoalLiteral> {
        match &self.task.goal {
            Goal::Facts(facts) => facts.clone(),
            Goal::All(predicate) => {
                let mut bodies = from_largest;
                bodies.sort_unstable();
                let literal = |&body: &usize| GoalLiteral {
                    predicate: predicate.clone(),
                    args: vec![self.objects[body].name.clone()],
                    positive: true,
                };
                bodies.iter().map(literal).collect()
            }
            Goal::Tower(area) => {
                let at = self.areas.iter().position(|a| a.name == *area).unwrap_or_default();
                let mut goal = vec![Vec::new(); self.areas.len()];
                goal[at] = from_largest;
                self.literals(&goal)
            }
            Goal::AnyState => {
                let mut goal = self.random_stacks(&from_largest, rng);
                for _ in 0..START_DRAWS {
                    if goal != stacks {
                        break;
                    }
                    goal = self.random_stacks(&from_largest, rng);
                }
                self.literals(&goal)
            }
            Goal::AnyMove => self.random_move(stacks, rng).into_iter().collect(),
        }
    }

    /// One legal move, drawn uniformly: the top body of a stack onto another stack or a free area.
    fn random_move(&self, stacks: &[Vec<usize>], rng: &mut Dice) -> Option<GoalLiteral> {
        let mut moves = Vec::new();
        for (from, stack) in stacks.iter().enumerate() {
            let Some(&top) = stack.last() else { continue };
            for (to, other) in stacks.iter().enumerate().filter(|(to, _)| *to != from) {
                let fits = other.last().is_none_or(|&b| self.footprint(b) > self.footprint(top));
                if fits {
                    let below =
                        other.last().map_or(&self.areas[to].name, |&b| &self.objects[b].name);
                    moves.push(self.on(top, below));
                }
            }
        }
        if moves.is_empty() { None } else { Some(moves.swap_remove(rng.below(moves.len()))) }
    }

    /// What holds where bodies are stacked like this, from the top down.
    fn literals(&self, stacks: &[Vec<usize>]) -> Vec<GoalLiteral> {
        let mut literals = Vec::new();
        for (area, stack) in self.areas.iter().zip(stacks) {
            for (height, &body) in stack.iter().enumerate().rev() {
                let below = match height.checked_sub(1) {
                    Some(i) => &self.objects[stack[i]].name,
                    None => &area.name,
                };
                literals.push(self.on(body, below));
            }
        }
        literals
    }

    fn on(&self, body: usize, below: &str) -> GoalLiteral {
        let args = vec![self.objects[body].name.clone(), below.to_owned()];
        GoalLiteral { predicate: "on".into(), args, positive: true }
    }

    fn draw_disturbances(&self, seed: u64) -> Vec<Disturbance> {
        let mut rng = Dice::new(seed, Stream::Disturbances);
        self.disturbances
            .iter()
            .map(|spec| match spec {
                DisturbanceSpec::Knock { at_secs, object, speed, moment } => {
                    let at_secs = rng.between(*at_secs);
                    let (angle, speed) = (rng.between([0.0, TAU]), rng.between(*speed));
                    let velocity = Vector3::new(libm::cos(angle), libm::sin(angle), 0.0) * speed;
                    let choice = rng.unit();
                    let (object, moment) = (*object, *moment);
                    let kind = DisturbanceKind::Knock { object, choice, velocity, moment };
                    Disturbance { at_secs, kind }
                }
                DisturbanceSpec::Slip { at_secs, for_secs, friction } => Disturbance {
                    at_secs: rng.between(*at_secs),
                    kind: DisturbanceKind::Slip { for_secs: *for_secs, friction: *friction },
                },
                DisturbanceSpec::Occlusion { at_secs, for_secs, camera } => Disturbance {
                    at_secs: rng.between(*at_secs),
                    kind: DisturbanceKind::Occlusion { for_secs: *for_secs, camera: *camera },
                },
            })
            .collect()
    }
}

/// What cannot be drawn from at all.
pub(crate) fn check(scenario: &Scenario) -> Result<(), String> {
    if scenario.areas.is_empty() && scenario.placement.scatter.is_none() {
        return Err(
            "expected at least one [[area]] to place bodies on, or scatter_x and scatter_y".into(),
        );
    }
    if scenario.objects.is_empty() {
        return Err("expected at least one [[object]] to place".into());
    }
    let half = scenario.table.size / 2.0;
    let told = scenario.objects.iter().find(|o| !o.on.is_empty());
    if let (Some(object), None) = (told, scenario.placement.scatter) {
        return Err(format!(
            "{:?} has `on`, which is for scattered bodies: expected scatter_x and scatter_y too",
            object.name
        ));
    }
    if let Some([xs, ys]) = scenario.placement.scatter {
        let off = |range: [f64; 2], middle: f64, half: f64| {
            range.iter().any(|at| (at - middle).abs() > half)
        };
        let table = &scenario.table.top;
        if off(xs, table.x, half.x) || off(ys, table.y, half.y) {
            return Err("scatter_x and scatter_y reach beyond the table".into());
        }
        if scenario.placement.random_placement {
            return Err("expected either random_placement or scatter, found both".into());
        }
        if scenario.task.goal == Goal::AnyState && scenario.areas.is_empty() {
            return Err("the goal \"any state\" needs an [[area]] for bodies to stand on".into());
        }
        if scenario.task.goal == Goal::AnyMove {
            return Err("the goal \"any move\" needs stacks, and scattered bodies form none".into());
        }
    }
    let areas = scenario.areas.iter().map(|a| (&a.name, a.centre));
    let bins = scenario.bins.iter().map(|b| (&b.name, b.centre));
    let buttons = scenario.buttons.iter().map(|b| (&b.name, b.centre));
    let off = areas.chain(bins).chain(buttons).find(|(_, centre)| {
        let d = centre - scenario.table.top;
        d.x.abs() > half.x || d.y.abs() > half.y
    });
    match off {
        Some((name, _)) => Err(format!("the middle of {name:?} does not lie on the table")),
        None => Ok(()),
    }
}

/// Horizontal distance of a point from a bin, m; negative inside.
fn beside(bin: &Bin, at: &Vector3<f64>) -> f64 {
    let out = (at - bin.centre).xy().abs() - bin.size / 2.0;
    let outside = Vector2::new(out.x.max(0.0), out.y.max(0.0)).norm();
    if outside > 0.0 { outside } else { out.max() }
}

fn about_z(yaw: f64) -> UnitQuaternion<f64> {
    let half = yaw / 2.0;
    UnitQuaternion::new_unchecked(nalgebra::Quaternion::new(
        libm::cos(half),
        0.0,
        0.0,
        libm::sin(half),
    ))
}

/// Random numbers whose values are stable across machines and versions.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    fn new(seed: u64, stream: Stream) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream as u64);
        Self(rng)
    }

    /// Uniform in [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }

    pub(crate) fn between(&mut self, [low, high]: [f64; 2]) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Gaussian around 0, by Box and Muller's transform.
    pub(crate) fn normal(&mut self, std: f64) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.unit()));
        let angle = TAU * self.unit();
        std * radius * libm::cos(angle)
    }
}
