//! Labelled pictures for the detector: random cells in which the scripted expert moves things about.
//!
//! Sizes are independent of colours, so that they must be measured; places, light, colours, friction
//! and cameras vary, so that nothing can be learnt by heart. Labels are made from ground truth, which
//! is at hand only here.

pub(crate) mod layout;

use std::f64::consts::PI;

use ergon_perception::detector::Expected;
use ergon_perception::gauge::Shape;
use ergon_scenarios::{Form, Mount, Object, PlacedBody, Scenario, VariationSpec};
use ergon_sim::render::{Frame as Picture, Quality, Renderer};
use ergon_sim::{Simulator, object_segment};
use ergon_vocab::{CameraModel, Command, Entity, Image, ObjectId, Pose, Robot, Role};
use nalgebra::{Translation3, UnitQuaternion, Vector2, Vector3};
use rayon::prelude::*;

use crate::dice::{Dice, Stream};
use crate::expert::{Expert, Moment, Noise};

/// What is varied in the pictures that a detector is trained on.
pub const VARIATION: VariationSpec = VariationSpec {
    light: [0.0, 0.6],
    hue: [0.0, 0.14],
    shade: [0.0, 0.25],
    camera_shift: [0.0, 0.012],
    camera_turn: [0.0, 0.04],
    friction: [0.8, 1.2],
};

/// Share of its square that a body with a hole fills in a picture, about.
const HOLLOW: f64 = 0.45;
/// Free distance between the middles of stacks, m.
const APART: f64 = 0.085;
/// Pictures taken in one cell.
const FRAMES_A_CELL: usize = 12;
/// Places of a cell from which the hand looks about, its height over what is highest, m, and control steps
/// on the way to each.
const LOOKS: usize = 3;
const LOOKOUT: [f64; 2] = [0.07, 0.3];
const LOOK_STEPS: usize = 25;
/// A body is labelled as seen when at least this share of its outline is.
const SEEN: f64 = 0.25;
/// A landmark is labelled as seen when nothing is nearer to the camera than it by this much, m.
const BEHIND: f64 = 0.012;

/// What is true of one object in one picture.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ObjectLabel {
    /// Whether enough of it can be seen.
    pub seen: bool,
    /// Whether it is hidden or cut off so far that a detector should not be asked.
    pub doubtful: bool,
    /// Its centre: column and row, pixels from the top left corner.
    pub centre: [f32; 2],
    /// Its edge at the depth of its centre, pixels.
    pub edge: f32,
    /// Cosine and sine of four times its turn about the vertical, seen from the camera's right.
    pub turn: [f32; 2],
    /// What is told of its shape.
    pub shape: Shape,
}

/// What is true of one corner of an area or a bin in one picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LandmarkLabel {
    /// Where it would be if the camera were where it is said to be.
    pub expected: Expected,
    /// Whether it can be seen.
    pub seen: bool,
    /// Column and row, pixels from the top left corner.
    pub at: [f32; 2],
}

/// One picture with its labels.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The picture.
    pub picture: Image,
    /// One for each class of objects.
    pub objects: Vec<ObjectLabel>,
    /// Four for each area and bin of the cell; empty for a camera on the hand.
    pub landmarks: Vec<LandmarkLabel>,
}

/// What all cameras see at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// One for each of the scenario's cameras.
    pub views: Vec<View>,
}

/// Makes labelled frames, the same for the same seeds; `classes` are names of colours. `done` is told
/// of each cell.
pub fn frames(
    base: &Scenario,
    classes: &[String],
    seeds: std::ops::Range<u64>,
    done: &(dyn Fn() + Sync),
) -> Vec<Frame> {
    let cells: Vec<Vec<Frame>> = seeds
        .into_par_iter()
        .map(|seed| {
            let frames = cell_frames(base, classes, seed);
            done();
            frames
        })
        .collect();
    cells.into_iter().flatten().collect()
}

fn cell_frames(base: &Scenario, classes: &[String], seed: u64) -> Vec<Frame> {
    let mut dice = Dice::new(seed, Stream::Cell);
    let Some(mut simulator) = (0..20).find_map(|_| random_cell(base, seed, &mut dice)) else {
        return Vec::new();
    };
    let mut photographer = Photographer::new(classes);
    look_about(&mut simulator, &mut dice, &mut photographer);
    let mut expert_dice = Dice::new(seed, Stream::Expert);
    let noise = Noise { translation: 0.35, rotation: 0.2, memory: 0.7, steps: 20 };
    let mut expert = Expert::new(&mut simulator, &mut expert_dice, noise);
    photographer.take(expert.simulator);
    // A few moves, one picture every so many steps.
    let mut countdown = 1 + dice.below(5);
    for _ in 0..6 {
        if photographer.frames.len() >= FRAMES_A_CELL {
            break;
        }
        random_move(&mut expert, &mut dice, &mut |moment| {
            countdown -= 1;
            if countdown == 0 && photographer.frames.len() < FRAMES_A_CELL {
                photographer.take(moment.simulator);
                countdown = 5;
            }
            countdown = countdown.max(1);
        });
    }
    photographer.frames
}

/// The hand goes to places from which an agent may look, and pictures are taken there.
fn look_about(simulator: &mut Simulator, dice: &mut Dice, photographer: &mut Photographer<'_>) {
    let truth = simulator.ground_truth();
    let objects = &simulator.scenario().objects;
    let tops = truth.bodies.iter().map(|b| b.pose.translation.z + objects[b.object].size.z / 2.0);
    let highest = tops.fold(simulator.scenario().table.top.z, f64::max);
    for _ in 0..LOOKS {
        let [x, y] = layout::GROUND.map(|[low, high]| dice.between(low, high));
        let to = Vector3::new(x, y, highest + dice.between(LOOKOUT[0], LOOKOUT[1]));
        for _ in 0..LOOK_STEPS {
            let mut way = to - simulator.ground_truth().tcp.translation.vector;
            if way.z > 0.02 {
                // Up first: nothing that stands is swept away.
                (way.x, way.y) = (0.0, 0.0);
            }
            let mut command = Command::hold(-1.0);
            command.translation =
                way.map(|d| (0.4 * d / Command::TRANSLATION_SCALE).clamp(-1.0, 1.0));
            if simulator.step(&command).is_err() {
                return;
            }
        }
        photographer.take(simulator);
    }
}

/// The expert takes any open body and puts it on any other or on any area, as the dice have it; it
/// may fail.
fn random_move(expert: &mut Expert<'_>, dice: &mut Dice, visit: &mut dyn FnMut(Moment<'_>)) {
    let Some((_, belief)) = expert.sense() else { return };
    let bodies: Vec<(ObjectId, Entity)> = belief.bodies().map(|(id, e)| (id, *e)).collect();
    let open: Vec<ObjectId> =
        bodies.iter().filter(|(id, e)| is_open(*id, e, &bodies)).map(|(id, _)| *id).collect();
    if open.is_empty() {
        return;
    }
    let body = open[dice.below(open.len())];
    let (scenario, instance) = (expert.simulator.scenario(), expert.simulator.instance());
    let object = &scenario.objects[instance.bodies[body.index()].object];
    let hollow = object.hole > 0.0 && object.floor == 0.0;
    let marked = scenario.areas.iter().map(|a| a.rod.is_none() || hollow);
    let free = marked.chain(scenario.bins.iter().map(|_| true)).enumerate();
    let mut places: Vec<ObjectId> = open.iter().copied().filter(|b| *b != body).collect();
    places.extend(free.filter(|(_, free)| *free).map(|(i, _)| expert.symbols.area(i)));
    if places.is_empty() {
        return;
    }
    let place = places[dice.below(places.len())];
    let _reached = expert.run("reach_pick", &[body], visit)
        && expert.run("grasp", &[body], visit)
        && expert.run("reach_place", &[body, place], visit)
        && expert.run("release", &[body, place], visit);
}

fn is_open(id: ObjectId, body: &Entity, all: &[(ObjectId, Entity)]) -> bool {
    all.iter().all(|(other, e)| {
        *other == id
            || e.pose.translation.z < body.pose.translation.z + 0.02
            || e.horizontal_distance(body) > 0.05
    })
}

/// A cell with random bodies in random places; `None` where they do not fit or do not come to rest.
fn random_cell(base: &Scenario, seed: u64, dice: &mut Dice) -> Option<Simulator> {
    let mut scenario = base.clone();
    scenario.variation = VARIATION;
    scenario.robot.joint_noise_std = 0.05;
    // The instance gives everything but bodies and places.
    let mut instance = scenario.instance(seed.wrapping_mul(64).wrapping_add(dice.below(64) as u64));
    layout::vary(&mut scenario, dice);
    instance.bodies = random_bodies(&scenario, dice);
    if instance.bodies.is_empty() {
        return None;
    }
    Simulator::new(&scenario, &instance).ok()
}

fn random_bodies(scenario: &Scenario, dice: &mut Dice) -> Vec<PlacedBody> {
    let mut objects: Vec<usize> = (0..scenario.objects.len()).collect();
    dice.shuffle(&mut objects);
    objects.truncate(1 + dice.below(objects.len()));
    let size = |o: &usize| scenario.objects[*o].size.x;
    if dice.chance(0.6) {
        objects.sort_by(|a, b| size(b).total_cmp(&size(a)));
    }
    let stacks = 1 + dice.below(objects.len());
    let places = stack_places(scenario, stacks, dice);
    if places.is_empty() {
        return Vec::new();
    }
    let mut heights = vec![scenario.table.top.z; places.len()];
    let turned = dice.chance(0.5);
    // A body that goes over a rod has little room beside it.
    let rods = scenario.areas.iter().any(|area| area.rod.is_some());
    let spread = if rods { 0.001 } else { 0.004 };
    let mut bodies: Vec<PlacedBody> = objects
        .iter()
        .map(|&object| {
            let stack = dice.below(places.len());
            let edge = scenario.objects[object].size.z;
            let [x, y] = places[stack];
            let (dx, dy) = (dice.normal(spread), dice.normal(spread));
            let at = Translation3::new(x + dx, y + dy, heights[stack] + edge / 2.0 + 0.0005);
            heights[stack] += edge + 0.001;
            let yaw = if turned { dice.between(-PI, PI) } else { dice.normal(0.08) };
            let turn = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), yaw);
            PlacedBody { object, pose: Pose::from_parts(at, turn) }
        })
        .collect();
    bodies.sort_by_key(|b| b.object);
    bodies
}

/// Where stacks stand: near the middles of areas, or anywhere.
fn stack_places(scenario: &Scenario, count: usize, dice: &mut Dice) -> Vec<[f64; 2]> {
    let mut places: Vec<[f64; 2]> = Vec::new();
    let tidy = dice.chance(0.55);
    for _ in 0..50 {
        if places.len() == count {
            break;
        }
        let marked = scenario.areas.len() + scenario.bins.len();
        let place = match dice.below(marked) {
            i if tidy && i < scenario.areas.len() => {
                let area = &scenario.areas[i];
                let spread = if area.rod.is_some() { 0.001 } else { 0.012 };
                [area.centre.x + dice.normal(spread), area.centre.y + dice.normal(spread)]
            }
            i if tidy && i < marked => {
                let bin = &scenario.bins[i - scenario.areas.len()];
                let room = bin.size / 2.0 - Vector2::repeat(0.05);
                [0, 1].map(|k| bin.centre[k] + dice.between(-room[k], room[k]))
            }
            _ => layout::GROUND.map(|[low, high]| dice.between(low, high)),
        };
        let free = layout::is_free(scenario, place)
            && places.iter().all(|p| (p[0] - place[0]).hypot(p[1] - place[1]) > APART);
        if free {
            places.push(place);
        }
    }
    places
}

/// Takes pictures of a simulator and labels them.
pub(crate) struct Photographer<'a> {
    classes: &'a [String],
    renderer: Renderer,
    picture: Picture,
    frames: Vec<Frame>,
}

impl<'a> Photographer<'a> {
    pub(crate) fn new(classes: &'a [String]) -> Self {
        Self {
            classes,
            renderer: Renderer::new(Quality::Sensor),
            picture: Picture::default(),
            frames: Vec::new(),
        }
    }

    pub(crate) fn take(&mut self, simulator: &Simulator) {
        let cameras = simulator.scenario().cameras.len();
        let views = (0..cameras).filter_map(|i| self.view(simulator, i)).collect();
        self.frames.push(Frame { views });
    }

    fn view(&mut self, simulator: &Simulator, index: usize) -> Option<View> {
        let camera = simulator.true_camera(index)?;
        simulator.render(&camera, camera.size, &mut self.renderer, &mut self.picture);
        let truth = simulator.ground_truth();
        let model = ergon_bench::camera(&camera).model(&truth.tcp);
        let scenario = simulator.scenario();
        let mut objects = vec![ObjectLabel::default(); self.classes.len()];
        for body in &truth.bodies {
            let object = &scenario.objects[body.object];
            let Some(class) = self.classes.iter().position(|c| *c == object.colour) else {
                continue;
            };
            let segment = object_segment(body.object);
            objects[class] = self.object(&model, &body.pose, object, segment);
        }
        let said = ergon_bench::camera(&scenario.cameras[index]).model(&truth.tcp);
        let landmarks = match camera.mount {
            Mount::Cell => ergon_bench::outlines(scenario)
                .flat_map(|corners| corners.into_iter().enumerate())
                .map(|(corner, point)| self.landmark(&model, &said, corner, &point))
                .collect(),
            Mount::Hand => Vec::new(),
        };
        let [width, height] = camera.size;
        let picture = Image::new(width, height, self.picture.rgb.clone()).ok()?;
        Some(View { picture, objects, landmarks })
    }

    fn object(
        &self,
        model: &CameraModel,
        pose: &Pose,
        object: &Object,
        segment: u8,
    ) -> ObjectLabel {
        let edge = object.size.x;
        let Some((at, depth)) = model.project(&pose.translation.vector) else {
            return ObjectLabel::default();
        };
        let pixels = self.picture.segment.iter().filter(|s| **s == segment).count();
        let apparent = model.focal * edge / depth.max(edge);
        let solid = if object.hole > 0.0 { HOLLOW } else { 1.0 };
        let share = pixels as f64 / (apparent * apparent * solid);
        let [width, height] = model.size.map(|n| n as f64);
        let inside = at.x > 0.0 && at.y > 0.0 && at.x < width && at.y < height;
        let yaw = Entity::exact(Role::Body, *pose, Vector3::repeat(edge)).yaw();
        let angle = 4.0 * (yaw - model.heading());
        ObjectLabel {
            seen: inside && share >= SEEN,
            doubtful: pixels > 0 && !(inside && share >= SEEN),
            centre: [at.x as f32, at.y as f32],
            edge: apparent as f32,
            // A disc looks the same however it is turned.
            turn: match object.form {
                Form::Box => [angle.cos() as f32, angle.sin() as f32],
                Form::Disc => [0.0; 2],
            },
            shape: ergon_bench::shape(object),
        }
    }

    fn landmark(
        &self,
        model: &CameraModel,
        said: &CameraModel,
        corner: usize,
        point: &Vector3<f64>,
    ) -> LandmarkLabel {
        let expected = said.project(point).map_or([-1e3; 2], |(at, _)| at.into());
        let expected = Expected { corner, at: expected };
        let Some((at, depth)) = model.project(point) else {
            return LandmarkLabel { expected, seen: false, at: [0.0; 2] };
        };
        let (column, row) = (at.x.floor(), at.y.floor());
        let [width, height] = model.size;
        let inside =
            column >= 0.0 && row >= 0.0 && (column as usize) < width && (row as usize) < height;
        let seen = inside && {
            let found = self.picture.depth[row as usize * width + column as usize];
            found > 0.0 && f64::from(found) > depth - BEHIND
        };
        LandmarkLabel { expected, seen, at: [at.x as f32, at.y as f32] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_lie_on_what_they_name_and_the_same_seed_gives_the_same_frames() {
        let scenario = crate::testing::scenario();
        let classes = vec!["blue".to_owned(), "red".into()];
        let frames = frames(&scenario, &classes, 0..12, &|| ());
        assert!(frames.len() > FRAMES_A_CELL);
        assert_eq!(frames, super::frames(&scenario, &classes, 0..12, &|| ()));
        let (mut seen, mut own) = (0, 0);
        for view in frames.iter().flat_map(|f| &f.views) {
            // What is flat may have a hole where its middle is.
            let solid = |(_, o): &(usize, &ObjectLabel)| o.seen && !o.shape.flat;
            for (class, object) in view.objects.iter().enumerate().filter(solid) {
                let [column, row] = object.centre.map(|x| x as usize);
                let pixel = &view.picture.data()[(row * view.picture.width() + column) * 3..][..3];
                let strongest = if class == 0 { 2 } else { 0 };
                seen += 1;
                own += usize::from((0..3).all(|c| pixel[c] <= pixel[strongest]));
            }
        }
        // The rest are seen, but covered in the middle.
        assert!(seen > 80 && own * 10 > seen * 8, "{own} of {seen}");
    }

    #[test]
    fn placing_bodies_keeps_stacks_apart() {
        let mut dice = Dice::new(3, Stream::Cell);
        let scenario = crate::testing::scenario();
        for _ in 0..50 {
            let places = stack_places(&scenario, 3, &mut dice);
            for (i, a) in places.iter().enumerate() {
                for b in &places[i + 1..] {
                    assert!((a[0] - b[0]).hypot(a[1] - b[1]) > APART);
                }
            }
        }
    }
}
