//! Time of one camera frame: a robot arm over a wooden table with cubes, about 30 items.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use ergon_sim::render::{
    Camera, Frame, Item, Light, Material, Pattern, Pose, Quality, Renderer, Shape,
};
use glam::{Quat, Vec3};

/// Height of the table top, m.
const TABLE: f32 = 0.8;

/// Links of an arm at rest: the ends of each capsule in the world, m, its radius, m, and whether
/// it is one of the dark joints.
const ARM: [([f32; 3], [f32; 3], f32, bool); 11] = [
    ([-0.5900, 0.0, 0.9720], [-0.5600, 0.0, 0.9720], 0.070, false),
    ([-0.5600, 0.0, 1.0550], [-0.5600, 0.0, 1.2450], 0.060, false),
    ([-0.5600, -0.0600, 1.2450], [-0.5600, 0.0600, 1.2450], 0.060, true),
    ([-0.5400, 0.0, 1.3000], [-0.5276, 0.0, 1.4078], 0.057, false),
    ([-0.5276, 0.0, 1.4078], [-0.4984, 0.0, 1.5549], 0.055, false),
    ([-0.4175, 0.0600, 1.5388], [-0.4175, -0.0600, 1.5388], 0.055, true),
    ([-0.2995, 0.0, 1.4479], [-0.2320, 0.0200, 1.2491], 0.050, false),
    ([-0.2866, 0.0500, 1.4101], [-0.2159, 0.0800, 1.2017], 0.035, false),
    ([-0.2159, 0.0500, 1.2017], [-0.2159, -0.0100, 1.2017], 0.050, true),
    ([-0.1279, 0.0200, 1.2017], [-0.1279, -0.0200, 1.2017], 0.045, false),
    ([-0.1279, 0.0, 1.1817], [-0.1279, 0.0, 1.1267], 0.040, true),
];

const WHITE: [f32; 3] = [0.80, 0.80, 0.80];
const GREY: [f32; 3] = [0.20, 0.215, 0.235];
const DARK: [f32; 3] = [0.045, 0.048, 0.055];

/// A box in the world: centre and half sizes, m.
fn cuboid(centre: [f32; 3], half: [f32; 3], material: Material, segment: u8) -> Item {
    Item {
        shape: Shape::Box { half: half.into() },
        pose: Pose { rotation: Quat::IDENTITY, translation: centre.into() },
        material,
        segment,
        casts_shadow: true,
    }
}

/// A capsule between two points of the world, m.
fn capsule(a: Vec3, b: Vec3, radius: f32, material: Material, segment: u8) -> Item {
    let axis = b - a;
    Item {
        shape: Shape::Capsule { half_length: 0.5 * axis.length(), radius },
        pose: Pose {
            rotation: Quat::from_rotation_arc(Vec3::Z, axis.normalize()),
            translation: 0.5 * (a + b),
        },
        material,
        segment,
        casts_shadow: true,
    }
}

/// Floor, table and pedestal.
fn room(items: &mut Vec<Item>) {
    let floor = Material {
        color: [0.72, 0.725, 0.73],
        roughness: 0.9,
        pattern: Pattern::Fade { inner: 1.1, outer: 3.6 },
    };
    items.push(cuboid([0.0, 0.0, -0.01], [6.0, 6.0, 0.01], floor, 1));
    let wood = Material {
        color: [0.60, 0.395, 0.215],
        roughness: 0.55,
        pattern: Pattern::Grain { plank: 0.1, contrast: 0.16 },
    };
    items.push(cuboid([0.0, 0.0, TABLE - 0.02], [0.4, 0.4, 0.02], wood, 2));
    let leg = Material::plain([0.12, 0.125, 0.135], 0.5);
    for (x, y) in [(-0.35, -0.35), (-0.35, 0.35), (0.35, -0.35), (0.35, 0.35)] {
        items.push(cuboid([x, y, 0.38], [0.022, 0.022, 0.38], leg, 2));
    }
    let pedestal = Material::plain([0.33, 0.345, 0.365], 0.5);
    items.push(Item {
        shape: Shape::Cylinder { half_height: 0.456, radius: 0.115 },
        pose: Pose::at(-0.56, 0.0, 0.456),
        material: pedestal,
        segment: 3,
        casts_shadow: true,
    });
}

/// The arm, its hand and two fingers.
fn robot(items: &mut Vec<Item>) {
    for (segment, (a, b, radius, joint)) in (10..).zip(ARM) {
        let color = if joint { GREY } else { WHITE };
        let material = Material::plain(color, 0.38);
        items.push(capsule(a.into(), b.into(), radius, material, segment));
    }
    items.push(cuboid([-0.128, 0.0, 1.062], [0.02, 0.1, 0.033], Material::plain(WHITE, 0.38), 21));
    for (segment, y) in [(22, 0.038), (23, -0.038)] {
        let finger = Material::plain(DARK, 0.4);
        items.push(cuboid([-0.128, y, 1.009], [0.0105, 0.0075, 0.027], finger, segment));
    }
}

/// Cubes and the painted areas they belong to.
fn work(items: &mut Vec<Item>) {
    let cubes = [
        ([-0.06, -0.16, 0.025], [0.035, 0.16, 0.68], 0.4),
        ([0.10, 0.05, 0.025], [0.70, 0.040, 0.045], -0.3),
        ([0.02, 0.19, 0.025], [0.055, 0.46, 0.11], 0.15),
        ([-0.03, 0.02, 0.025], [0.90, 0.56, 0.035], 0.7),
        ([-0.03, 0.02, 0.075], [0.035, 0.16, 0.68], 0.5),
    ];
    for (segment, ([x, y, z], color, yaw)) in (30..).zip(cubes) {
        let material = Material::plain(color, 0.35);
        let mut cube = cuboid([x, y, TABLE + z], [0.025; 3], material, segment);
        cube.pose.rotation = Quat::from_rotation_z(yaw);
        items.push(cube);
    }
    for (segment, (x, y, color)) in (40..).zip([
        (0.22, -0.20, [0.035, 0.16, 0.68]),
        (0.25, 0.0, [0.70, 0.040, 0.045]),
        (0.22, 0.21, [0.055, 0.46, 0.11]),
    ]) {
        let material = Material {
            color,
            roughness: 0.7,
            pattern: Pattern::Frame { border: 0.007, inner: [0.60, 0.52, 0.42] },
        };
        let mut plate = cuboid([x, y, TABLE + 0.0005], [0.06, 0.06, 0.0005], material, segment);
        plate.casts_shadow = false;
        items.push(plate);
    }
}

/// About 30 items: what a manipulation scenario looks like.
pub(crate) fn demo() -> Vec<Item> {
    let mut items = Vec::new();
    room(&mut items);
    robot(&mut items);
    work(&mut items);
    items
}

/// From the front, as in robosuite's `agentview`.
pub(crate) fn agent_view(width: usize, height: usize) -> Camera {
    let (position, target) = (Vec3::new(0.5, 0.0, 1.35), Vec3::new(0.0, 0.0, 0.85));
    Camera::look_at(position, target, Vec3::Z, 45f32.to_radians(), width, height)
}

/// From the hand, downwards.
pub(crate) fn wrist_view(width: usize, height: usize) -> Camera {
    let (position, target) = (Vec3::new(-0.07, 0.0, 1.10), Vec3::new(-0.06, 0.0, 0.8));
    Camera::look_at(position, target, Vec3::X, 75f32.to_radians(), width, height)
}

/// A camera for an image width and height in pixels.
type View = fn(usize, usize) -> Camera;

fn frames(c: &mut Criterion) {
    let items = demo();
    let light = Light::default();
    let mut group = c.benchmark_group("render");
    let qualities = [("sensor", Quality::Sensor), ("picture", Quality::Picture)];
    let views: [(&str, View); 2] = [("agent", agent_view), ("wrist", wrist_view)];
    for ((name, quality), (view, camera), side) in qualities.into_iter().flat_map(|quality| {
        views.into_iter().flat_map(move |view| [64, 84, 128, 256].map(|side| (quality, view, side)))
    }) {
        let mut renderer = Renderer::new(quality);
        let mut frame = Frame::new();
        let id = BenchmarkId::new(format!("{name}/{view}"), side);
        group.bench_with_input(id, &camera(side, side), |b, camera| {
            b.iter(|| {
                renderer.render(black_box(&items), &light, camera, &mut frame);
                black_box(frame.rgb.first().copied())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, frames);
criterion_main!(benches);
