//! What the cameras see: the scene as items for the renderer, and the cameras' views.

use ergon_scenarios::{
    Bin, Button, Camera as CameraSpec, Form, Instance, Mount, Object, Rod, Scenario, Variation,
};
use ergon_vocab::Pose as BasePose;
use glam::{Quat, Vec3};
use nalgebra::{Matrix3, Rotation3, UnitQuaternion, Vector2, Vector3};
use rapier3d::prelude::PhysicsWorld;

use crate::arm::kinematics::Frame;
use crate::arm::shapes::{FINGER_HALF, Part, Primitive, SHAPES};
use crate::heat::Heat;
use crate::render::{Camera, Item, Light, Material, Pattern, Pose, Shape};
use crate::world::{Handles, frame_of};

/// Labels in segmentation pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Label {
    Floor = 1,
    Table = 2,
    Pedestal = 3,
    /// Plus the index of the area, then of the bin.
    Area = 8,
    /// Plus the index of the arm's shape, then the two fingers.
    Arm = 32,
    /// Plus the index of the object in the scenario.
    Object = 64,
}

impl Label {
    fn plus(self, index: usize) -> u8 {
        (self as u8).saturating_add(u8::try_from(index).unwrap_or(u8::MAX))
    }
}

/// The label of an object in segmentation pictures, by its index in the scenario.
pub fn object_segment(object: usize) -> u8 {
    Label::Object.plus(object)
}

/// A camera that is switched on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sensor {
    /// Index into the scenario's cameras.
    pub(crate) index: usize,
    /// Width and height of its pictures, pixels.
    pub(crate) size: [usize; 2],
}

const WHITE: Material = plain([0.78, 0.79, 0.80], 0.35);
const GREY: Material = plain([0.30, 0.32, 0.35], 0.45);
const DARK: Material = plain([0.035, 0.037, 0.042], 0.5);
/// Radius of the pedestal, m.
const PEDESTAL: f32 = 0.11;
/// Height by which the paint of areas and bins stands out, m.
const PAINT: f32 = 0.0006;
/// Colour of the borders of areas and of the rims of bins.
const BORDER: [f32; 3] = [0.16, 0.17, 0.19];
/// Colour of rods, of light wood.
const ROD: [f32; 3] = [0.62, 0.47, 0.30];

const fn plain(color: [f32; 3], roughness: f32) -> Material {
    Material { color, roughness, pattern: Pattern::Plain }
}

/// The lamps of the cell.
pub(crate) fn light(variation: &Variation) -> Light {
    let mut light = Light::default();
    let turn = variation.lamp_turn * vec3_back(light.direction);
    // The lamp stays above the table.
    light.direction = vec3(&Vector3::new(turn.x, turn.y, turn.z.max(0.2)));
    let gain = variation.lamp_gain as f32;
    for channels in [&mut light.color, &mut light.sky, &mut light.ground, &mut light.fill] {
        *channels = channels.map(|x| x * gain);
    }
    light
}

/// Where a camera of the scenario truly is, in its mount's frame.
pub(crate) fn true_camera(spec: &CameraSpec, variation: &Variation, index: usize) -> CameraSpec {
    let shift = variation.cameras.get(index).copied().unwrap_or_else(BasePose::identity);
    CameraSpec { mount_from_camera: spec.mount_from_camera * shift, ..spec.clone() }
}

/// A camera's view with the hand where it is.
pub(crate) fn view(spec: &CameraSpec, [width, height]: [usize; 2], hand: &Frame) -> Camera {
    let mount = match spec.mount {
        Mount::Cell => Frame::identity(),
        Mount::Hand => *hand,
    };
    let camera = Frame {
        rotation: *spec.mount_from_camera.rotation.to_rotation_matrix().matrix(),
        position: spec.mount_from_camera.translation.vector,
    };
    let world_from_camera = pose(&mount.then(&camera));
    Camera { world_from_camera, fov_y: spec.fov_y as f32, width, height }
}

/// Everything that can be seen.
pub(crate) fn scene(
    scenario: &Scenario,
    instance: &Instance,
    world: &PhysicsWorld,
    handles: &Handles,
    heat: &Heat,
) -> Vec<Item> {
    let mut items = furniture(scenario, &instance.variation);
    items.extend(scenario.buttons.iter().enumerate().map(|(i, b)| button(b, heat.is_on(i))));
    arm(&mut items, world, handles);
    let bodies = || instance.bodies.iter().zip(&handles.bodies);
    // The first part of each body comes last, in the instance's order.
    for first in [false, true] {
        for (index, (placed, &(handle, _))) in bodies().enumerate() {
            let object = &scenario.objects[placed.object];
            let changed = heat.changed(scenario, instance, index);
            let rgb = match &object.change {
                Some(change) if changed => change.paint.rgb,
                _ => instance.variation.object_rgb[placed.object],
            };
            let frame = frame_of(world.bodies[handle].position());
            let parts = parts(object).into_iter().enumerate().filter(|(i, _)| (*i == 0) == first);
            items.extend(parts.map(|(_, (shape, middle))| Item {
                shape,
                pose: pose(&frame.then(&Frame { position: middle, ..Frame::identity() })),
                material: plain(rgb, 0.4),
                segment: Label::Object.plus(placed.object),
                casts_shadow: true,
            }));
        }
    }
    items
}

/// The shapes that a body is drawn as, with their middles in its frame, m.
fn parts(object: &Object) -> Vec<(Shape, Vector3<f64>)> {
    let half = (object.size / 2.0).map(|x| x as f32);
    let hole = object.hole as f32 / 2.0;
    let whole = match (object.form, object.hole > 0.0) {
        (Form::Box, false) => cuboid(&(object.size / 2.0)),
        (Form::Disc, false) => Shape::Cylinder { half_height: half.z, radius: half.x },
        (Form::Disc, true) => Shape::Ring { half_height: half.z, outer: half.x, inner: hole },
        (Form::Box, true) => {
            return object.bars().map(|(at, size)| (cuboid(&(size / 2.0)), at)).collect();
        }
    };
    let mut parts = vec![(whole, Vector3::zeros())];
    if object.floor > 0.0 && object.hole > 0.0 {
        let thick = object.floor as f32 / 2.0;
        let floor = Shape::Cylinder { half_height: thick, radius: hole };
        parts.push((floor, Vector3::z() * (object.floor - object.size.z) / 2.0));
    }
    parts
}

/// A button, in the colour of its state.
fn button(button: &Button, on: bool) -> Item {
    let half_height = button.height as f32 / 2.0;
    let shape = Shape::Cylinder { half_height, radius: button.radius as f32 };
    let at = vec3(&button.centre) + Vec3::Z * half_height;
    fixed(shape, at, plain(button.paints[usize::from(on)].rgb, 0.4), Label::Table as u8)
}

fn furniture(scenario: &Scenario, variation: &Variation) -> Vec<Item> {
    let (table_gain, area_gain) = (variation.table_gain as f32, variation.area_gain as f32);
    let table = &scenario.table;
    let floor = -(scenario.robot.height as f32);
    let foot = (table.top.z - table.size.z) as f32;
    let centre = table.top - Vector3::z() * (table.size.z / 2.0);
    let mut items = vec![
        fixed(
            Shape::Box { half: Vec3::new(6.0, 6.0, 0.01) },
            Vec3::new(table.top.x as f32, 0.0, floor - 0.01),
            Material {
                color: [0.46, 0.47, 0.49],
                roughness: 0.9,
                pattern: Pattern::Fade { inner: 1.2, outer: 4.5 },
            },
            Label::Floor as u8,
        ),
        fixed(
            cuboid(&(table.size / 2.0)),
            vec3(&centre),
            Material {
                color: [0.56, 0.40, 0.25].map(|x| x * table_gain),
                roughness: 0.6,
                pattern: Pattern::Grain { plank: 0.1, contrast: 0.35 },
            },
            Label::Table as u8,
        ),
        fixed(
            Shape::Cylinder { half_height: -floor / 2.0, radius: PEDESTAL },
            Vec3::new(0.0, 0.0, floor / 2.0),
            GREY,
            Label::Pedestal as u8,
        ),
        fixed(
            Shape::Box { half: Vec3::new(0.12, 0.12, (foot - floor) / 2.0) },
            Vec3::new(table.top.x as f32, table.top.y as f32, (foot + floor) / 2.0),
            GREY,
            Label::Table as u8,
        ),
    ];
    items[0].casts_shadow = false;
    let areas = scenario.areas.iter().map(|a| (a.centre, a.size));
    let bins = scenario.bins.iter().map(|b| (b.centre, b.size));
    for (index, (centre, size)) in areas.chain(bins).enumerate() {
        items.push(plate(&centre, &size, area_gain, Label::Area.plus(index)));
    }
    for area in &scenario.areas {
        let Some(Rod { radius, height, square }) = area.rod else { continue };
        let (radius, half) = (radius as f32, height as f32 / 2.0);
        let shape = match square {
            true => Shape::Box { half: Vec3::new(radius, radius, half) },
            false => Shape::Cylinder { half_height: half, radius },
        };
        let material = plain(ROD.map(|x| x * area_gain), 0.5);
        items.push(fixed(shape, vec3(&area.centre) + Vec3::Z * half, material, Label::Table as u8));
    }
    for (centre, size) in scenario.bins.iter().flat_map(Bin::bars) {
        let material = plain(BORDER.map(|x| x * area_gain), 0.7);
        items.push(fixed(cuboid(&(size / 2.0)), vec3(&centre), material, Label::Table as u8));
    }
    items
}

/// A place on the table, painted: a dark outline and a light middle.
fn plate(centre: &Vector3<f64>, size: &Vector2<f64>, gain: f32, label: u8) -> Item {
    let half = Vec3::new(size.x as f32 / 2.0, size.y as f32 / 2.0, PAINT / 2.0);
    let material = Material {
        color: BORDER.map(|x| x * gain),
        roughness: 0.7,
        pattern: Pattern::Frame { border: 0.008, inner: [0.50, 0.40, 0.29].map(|x| x * gain) },
    };
    let at = vec3(centre) + Vec3::Z * (PAINT / 2.0);
    Item { casts_shadow: false, ..fixed(Shape::Box { half }, at, material, label) }
}

fn arm(items: &mut Vec<Item>, world: &PhysicsWorld, handles: &Handles) {
    for (index, solid) in SHAPES.iter().enumerate() {
        let (frame, material) = match solid.part {
            Part::Base => (Frame::identity(), WHITE),
            Part::Link(i) => {
                let material = if i == 6 { GREY } else { WHITE };
                (frame_of(world.bodies[handles.links[i]].position()), material)
            }
            Part::Hand => (frame_of(world.bodies[handles.hand].position()), WHITE),
        };
        let (shape, local) = shape(&solid.primitive);
        items.push(Item {
            shape,
            pose: pose(&frame.then(&local)),
            material,
            segment: Label::Arm.plus(index),
            casts_shadow: true,
        });
    }
    let half = Vector3::from(FINGER_HALF);
    let middle = Frame { position: Vector3::new(0.0, half.y, half.z), ..Frame::identity() };
    for (side, &finger) in handles.fingers.iter().enumerate() {
        items.push(Item {
            shape: cuboid(&half),
            pose: pose(&frame_of(world.bodies[finger].position()).then(&middle)),
            material: DARK,
            segment: Label::Arm.plus(SHAPES.len() + side),
            casts_shadow: true,
        });
    }
}

/// The renderer's shape of a primitive, and where it sits in the link's frame.
fn shape(primitive: &Primitive) -> (Shape, Frame) {
    match primitive {
        Primitive::Capsule { from, to, radius } => {
            let (from, to) = (Vector3::from(*from), Vector3::from(*to));
            let way = to - from;
            let half_length = way.norm() / 2.0;
            let z = way.try_normalize(1e-9).unwrap_or(Vector3::z());
            let aside = if z.x.abs() < 0.9 { Vector3::x() } else { Vector3::y() };
            let x = aside.cross(&z).normalize();
            let rotation = Matrix3::from_columns(&[x, z.cross(&x), z]);
            let shape = Shape::Capsule { half_length: half_length as f32, radius: *radius as f32 };
            (shape, Frame { rotation, position: (from + to) / 2.0 })
        }
        Primitive::Box { centre, half } => {
            let local = Frame { position: Vector3::from(*centre), ..Frame::identity() };
            (cuboid(&Vector3::from(*half)), local)
        }
    }
}

fn fixed(shape: Shape, at: Vec3, material: Material, segment: u8) -> Item {
    Item { shape, pose: Pose::at(at.x, at.y, at.z), material, segment, casts_shadow: true }
}

fn cuboid(half: &Vector3<f64>) -> Shape {
    Shape::Box { half: vec3(half) }
}

fn vec3(v: &Vector3<f64>) -> Vec3 {
    Vec3::new(v.x as f32, v.y as f32, v.z as f32)
}

fn vec3_back(v: Vec3) -> Vector3<f64> {
    Vector3::new(f64::from(v.x), f64::from(v.y), f64::from(v.z))
}

fn pose(frame: &Frame) -> Pose {
    let turned = Rotation3::from_matrix_unchecked(frame.rotation);
    let q = UnitQuaternion::from_rotation_matrix(&turned);
    Pose {
        rotation: Quat::from_xyzw(q.i as f32, q.j as f32, q.k as f32, q.w as f32),
        translation: vec3(&frame.position),
    }
}
