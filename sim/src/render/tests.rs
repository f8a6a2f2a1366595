//! The camera against geometry worked out by hand, against sampling, and against nonsense.

use glam::{Quat, Vec3};
use proptest::prelude::*;

use super::hit::{self, NOTHING, Target};
use super::lanes::{F4, V4, all};
use super::shadow::Caster;
use super::solid::Solid;
use super::*;

const GREY: [f32; 3] = [0.5, 0.5, 0.5];
const FOV: f32 = std::f32::consts::FRAC_PI_2;

fn item(shape: Shape, pose: Pose, segment: u8) -> Item {
    let material = Material::plain(GREY, 0.5);
    Item { shape, pose, material, segment, casts_shadow: true }
}

fn cube(half: f32, pose: Pose, segment: u8) -> Item {
    item(Shape::Box { half: Vec3::splat(half) }, pose, segment)
}

fn ball(radius: f32, pose: Pose, segment: u8) -> Item {
    item(Shape::Capsule { half_length: 0.0, radius }, pose, segment)
}

/// Looks along world +x from the origin, 90 degrees high and wide: the image is 2 m at 1 m.
fn ahead(side: usize) -> Camera {
    Camera::look_at(Vec3::ZERO, Vec3::X, Vec3::Z, FOV, side, side)
}

/// Looks down from (0, 0, 4); world +x is up in the image, +y is left.
fn above(side: usize) -> Camera {
    Camera::look_at(Vec3::new(0.0, 0.0, 4.0), Vec3::ZERO, Vec3::X, FOV, side, side)
}

fn draw(quality: Quality, items: &[Item], light: &Light, camera: &Camera) -> Frame {
    let mut frame = Frame::new();
    Renderer::new(quality).render(items, light, camera, &mut frame);
    frame
}

fn sensor(items: &[Item], camera: &Camera) -> Frame {
    draw(Quality::Sensor, items, &Light::default(), camera)
}

/// First and last column with this label in a row.
fn run_of(frame: &Frame, row: usize, segment: u8) -> Option<(usize, usize)> {
    let row = &frame.segment[row * frame.width..][..frame.width];
    let first = row.iter().position(|&s| s == segment)?;
    row.iter().rposition(|&s| s == segment).map(|last| (first, last))
}

/// A scene with every shape and every pattern.
fn mixed() -> Vec<Item> {
    let wood = Pattern::Grain { plank: 0.1, contrast: 0.2 };
    let mut items = vec![
        item(Shape::Box { half: Vec3::new(3.0, 3.0, 0.01) }, Pose::at(0.0, 0.0, -0.01), 1),
        cube(0.2, Pose::at(0.5, 0.6, 0.2), 2),
        item(Shape::Cylinder { half_height: 0.3, radius: 0.2 }, Pose::at(0.5, -0.7, 0.3), 3),
        item(
            Shape::Ring { half_height: 0.1, outer: 0.4, inner: 0.2 },
            Pose::at(-0.6, -0.5, 0.1),
            4,
        ),
        item(Shape::Capsule { half_length: 0.3, radius: 0.15 }, Pose::at(-0.4, 0.5, 0.5), 5),
        item(Shape::Box { half: Vec3::new(0.2, 0.2, 0.001) }, Pose::at(0.0, 0.0, 0.001), 6),
    ];
    items[0].material.pattern = Pattern::Fade { inner: 1.0, outer: 2.0 };
    items[1].material.pattern = wood;
    items[2].material.pattern = Pattern::Checker { size: 0.05, contrast: 0.5 };
    items[4].pose.rotation = Quat::from_xyzw(0.5, 0.1, 0.3, 0.8);
    items[5].material.pattern = Pattern::Frame { border: 0.03, inner: [0.8, 0.1, 0.1] };
    items
}

#[test]
fn ball_covers_the_pixels_of_the_pinhole_model() {
    for (distance, radius) in [(2.0, 0.5), (1.0, 0.3), (5.0, 0.1)] {
        let frame = sensor(&[ball(radius, Pose::at(distance, 0.0, 0.0), 7)], &ahead(201));
        let (first, last) = run_of(&frame, 100, 7).expect("the ball is in view");
        let tangent = radius / (distance * distance - radius * radius).sqrt();
        let expected = 2.0 * tangent * 201.0 / 2.0;
        assert!(((last - first + 1) as f32 - expected).abs() <= 1.0, "{first}..={last} {expected}");
        assert_eq!(first + last, 200, "centred");
        let depth = frame.depth[100 * 201 + 100];
        assert!((depth - (distance - radius)).abs() < 1e-4, "{depth}");
    }
}

#[test]
fn box_face_has_the_depth_and_size_of_the_pinhole_model() {
    let frame = sensor(&[cube(0.5, Pose::at(2.5, 0.0, 0.0), 9)], &ahead(100));
    let (first, last) = run_of(&frame, 50, 9).expect("the box is in view");
    // A face of 1 m at 2 m fills a quarter of an image that shows 4 m there.
    assert_eq!((first, last), (37, 62));
    for column in first + 1..last {
        assert!((frame.depth[50 * 100 + column] - 2.0).abs() < 1e-5);
    }
    assert_eq!(frame.depth[0].to_bits(), 0, "nothing is depth 0");
}

#[test]
fn image_axes_are_right_and_down() {
    // Looking along +x with +z up, +y is to the left.
    let frame = sensor(&[ball(0.2, Pose::at(2.0, 1.0, 1.0), 3)], &ahead(64));
    let at = frame.segment.iter().position(|&s| s == 3).expect("in view");
    assert!(at % 64 < 32 && at / 64 < 32);
}

#[test]
fn depth_of_a_floor_is_analytic() {
    let floor = item(Shape::Box { half: Vec3::new(50.0, 50.0, 0.5) }, Pose::at(0.0, 0.0, -1.5), 1);
    let frame = sensor(&[floor], &ahead(64));
    for row in 40..64 {
        let slope = (row as f32 + 0.5 - 32.0) / 32.0;
        let depth = frame.depth[row * 64 + 20];
        assert!((depth * slope - 1.0).abs() < 1e-4, "row {row}: {depth}");
    }
}

#[test]
fn nearer_item_hides_farther_one() {
    let far = cube(0.5, Pose::at(4.0, 0.0, 0.0), 1);
    let near = ball(0.1, Pose::at(2.0, 0.0, 0.0), 2);
    for items in [[far, near], [near, far]] {
        let frame = sensor(&items, &ahead(65));
        assert_eq!(frame.segment[32 * 65 + 32], 2);
        assert_eq!(run_of(&frame, 32, 1).map(|(a, b)| a + b), Some(64));
        assert_eq!(frame.segment[0], 0);
    }
}

#[test]
fn ring_is_open_in_the_middle() {
    let ring = Shape::Ring { half_height: 0.1, outer: 1.0, inner: 0.5 };
    let frame = sensor(&[item(ring, Pose::IDENTITY, 5)], &above(81));
    assert_eq!(frame.segment[40 * 81 + 40], 0, "through the hole");
    let (first, _) = run_of(&frame, 40, 5).expect("in view");
    assert!((frame.depth[40 * 81 + first + 2] - 3.9).abs() < 1e-4, "its top");
}

#[test]
fn camera_inside_an_item_looks_out_of_it() {
    let around = cube(1.0, Pose::IDENTITY, 1);
    let target = ball(0.5, Pose::at(5.0, 0.0, 0.0), 2);
    let frame = sensor(&[around, target], &ahead(33));
    assert_eq!(frame.segment[16 * 33 + 16], 2);
    assert!(!frame.segment.contains(&1));
}

#[test]
fn shadow_falls_where_the_lamp_is_hidden() {
    let floor = item(Shape::Box { half: Vec3::new(3.0, 3.0, 0.1) }, Pose::at(0.0, 0.0, -0.1), 1);
    let mut thrower = ball(0.2, Pose::at(0.0, 0.0, 1.0), 2);
    let light = Light { direction: Vec3::new(-1.0, 0.0, 1.0), ..Light::default() };
    let brightness = |frame: &Frame, x: f32| {
        // The camera sees 8 m on the floor; +x is up in the image.
        let row = (50.5 - x / 8.0 * 101.0) as usize;
        i32::from(frame.rgb[(row * 101 + 50) * 3])
    };
    for quality in [Quality::Sensor, Quality::Picture] {
        thrower.casts_shadow = true;
        let frame = draw(quality, &[floor, thrower], &light, &above(101));
        // A lamp at 45 degrees from -x: 1 m high falls 1 m towards +x.
        let (lit, dark) = (brightness(&frame, 1.6), brightness(&frame, 1.0));
        assert!(lit > dark + 40, "{quality:?}: lit {lit}, dark {dark}");
        assert!((brightness(&frame, -1.0) - lit).abs() < 12);
        thrower.casts_shadow = false;
        let frame = draw(quality, &[floor, thrower], &light, &above(101));
        assert!(brightness(&frame, 1.0) > dark + 40, "no shadow when told so");
    }
}

#[test]
fn item_behind_the_camera_still_casts_its_shadow() {
    let floor = item(Shape::Box { half: Vec3::new(3.0, 3.0, 0.1) }, Pose::at(0.0, 0.0, -0.1), 1);
    let thrower = ball(0.3, Pose::at(0.0, 0.0, 5.0), 2);
    let light = Light { direction: Vec3::Z, ..Light::default() };
    let frame = draw(Quality::Sensor, &[floor, thrower], &light, &above(51));
    let centre = frame.rgb[(25 * 51 + 25) * 3];
    let side = frame.rgb[(25 * 51 + 40) * 3];
    assert!(side > centre + 40, "{side} {centre}");
}

#[test]
fn picture_smooths_edges_and_keeps_depth_and_labels() {
    let items = mixed();
    let camera = Camera::look_at(Vec3::new(2.0, -1.0, 1.5), Vec3::ZERO, Vec3::Z, 0.8, 90, 70);
    let plain = draw(Quality::Sensor, &items, &Light::default(), &camera);
    let smooth = draw(Quality::Picture, &items, &Light::default(), &camera);
    assert_eq!(plain.depth, smooth.depth);
    assert_eq!(plain.segment, smooth.segment);
    assert_ne!(plain.rgb, smooth.rgb);
    // A white ball before black: its border must have in-between values.
    let mut ball = ball(0.5, Pose::at(2.0, 0.0, 0.0), 1);
    ball.material.color = [1.0; 3];
    let black = [0.0; 3];
    let night = Light {
        horizon: black,
        zenith: black,
        nadir: black,
        sky: [1.0; 3],
        ground: [1.0; 3],
        ..Light::default()
    };
    let middling = |f: &Frame| f.rgb.iter().filter(|&&v| (10..190).contains(&v)).count();
    let rough = draw(Quality::Sensor, &[ball], &night, &ahead(50));
    let fine = draw(Quality::Picture, &[ball], &night, &ahead(50));
    assert!(middling(&fine) > middling(&rough) + 20);
}

#[test]
fn equal_input_gives_equal_bytes() {
    let items = mixed();
    let camera = Camera::look_at(Vec3::new(1.7, 0.9, 1.5), Vec3::ZERO, Vec3::Z, 0.9, 61, 47);
    for quality in [Quality::Sensor, Quality::Picture] {
        let first = draw(quality, &items, &Light::default(), &camera);
        let mut renderer = Renderer::new(quality);
        let mut frame = Frame::new();
        // Buffers that held another picture must not show through.
        renderer.render(&items[..2], &Light::default(), &ahead(80), &mut frame);
        renderer.render(&items, &Light::default(), &camera, &mut frame);
        assert_eq!(first, frame);
    }
}

/// Pins the pictures themselves: a machine that rounds differently fails here. Whoever changes
/// the look on purpose puts the new numbers in.
#[test]
fn bytes_are_the_same_on_every_machine() {
    let camera = Camera::look_at(Vec3::new(1.7, 0.9, 1.5), Vec3::ZERO, Vec3::Z, 0.9, 61, 47);
    let fnv = |bytes: &[u8]| {
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
    };
    let hash = |quality| fnv(&draw(quality, &mixed(), &Light::default(), &camera).rgb);
    let hashes = [hash(Quality::Sensor), hash(Quality::Picture)];
    assert_eq!(hashes, [0xa394_068f_e5df_5fc8, 0xdd63_6d80_203e_db05], "{hashes:#x?}");
}

#[test]
fn empty_images_and_broken_cameras_are_harmless() {
    let items = mixed();
    for (width, height) in [(0, 0), (0, 9), (9, 0), (1, 1), (3, 2)] {
        let camera = Camera { width, height, ..ahead(8) };
        for quality in [Quality::Sensor, Quality::Picture] {
            let frame = draw(quality, &items, &Light::default(), &camera);
            assert_eq!(frame.rgb.len(), width * height * 3);
            assert_eq!((frame.depth.len(), frame.segment.len()), (width * height, width * height));
        }
    }
    let mut camera = ahead(8);
    camera.world_from_camera.translation.x = f32::NAN;
    let frame = sensor(&items, &camera);
    assert!(frame.segment.iter().all(|&s| s == 0));
    let up = Camera::look_at(Vec3::Z, Vec3::ZERO, Vec3::Z, FOV, 8, 8);
    assert!(sensor(&items, &up).segment.contains(&6), "up along the axis takes any roll");
}

#[test]
fn items_without_volume_are_not_drawn() {
    let nothing = [
        Shape::Box { half: Vec3::new(1.0, 0.0, 1.0) },
        Shape::Capsule { half_length: -1.0, radius: 0.5 },
        Shape::Capsule { half_length: 0.5, radius: f32::NAN },
        Shape::Cylinder { half_height: f32::INFINITY, radius: 1.0 },
        Shape::Ring { half_height: 1.0, outer: 0.5, inner: 0.6 },
    ];
    for shape in nothing {
        let frame = sensor(&[item(shape, Pose::at(2.0, 0.0, 0.0), 1)], &ahead(16));
        assert!(frame.segment.iter().all(|&s| s == 0), "{shape:?}");
    }
}

/// Whether a local point is in a shape, straight from the definitions.
fn contains(shape: Shape, p: Vec3) -> bool {
    let around = (p.x * p.x + p.y * p.y).sqrt();
    match shape {
        Shape::Box { half } => p.abs().cmple(half).all(),
        Shape::Capsule { half_length, radius } => {
            let axis = Vec3::new(0.0, 0.0, p.z.clamp(-half_length, half_length));
            p.distance(axis) <= radius
        }
        Shape::Cylinder { half_height, radius } => around <= radius && p.z.abs() <= half_height,
        Shape::Ring { half_height, outer, inner } => {
            (inner..=outer).contains(&around) && p.z.abs() <= half_height
        }
    }
}

/// Distance along a ray, by the camera's functions.
fn first_hit(shape: Shape, origin: Vec3, direction: Vec3) -> Option<f32> {
    let direction = V4::all(direction);
    let t = match Target::new(shape, origin) {
        Target::Box { low, high } => hit::cuboid(&low, &high, direction),
        Target::Capsule { wall, half_length } => hit::capsule(&wall, half_length, direction),
        Target::Cylinder { wall, ends } => hit::cylinder(&wall, &ends, direction),
        Target::Ring { wall, hole, ends } => hit::ring(&wall, &hole, &ends, direction),
    };
    let t = t.to_array()[0];
    (t < NOTHING).then_some(t)
}

fn size() -> impl Strategy<Value = f32> {
    0.1f32..0.8
}

fn any_shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        (size(), size(), size()).prop_map(|(x, y, z)| Shape::Box { half: Vec3::new(x, y, z) }),
        (0.0f32..0.8, size())
            .prop_map(|(half_length, radius)| Shape::Capsule { half_length, radius }),
        (size(), size()).prop_map(|(half_height, radius)| Shape::Cylinder { half_height, radius }),
        (size(), size(), 0.2f32..0.8).prop_map(|(half_height, outer, share)| Shape::Ring {
            half_height,
            outer,
            inner: share * outer
        }),
    ]
}

fn vector(reach: f32) -> impl Strategy<Value = Vec3> {
    let c = -reach..reach;
    (c.clone(), c.clone(), c).prop_map(|(x, y, z)| Vec3::new(x, y, z))
}

fn rotation() -> impl Strategy<Value = Quat> {
    let c = -1.0f32..1.0;
    (c.clone(), c.clone(), c.clone(), c)
        .prop_map(|(x, y, z, w)| Quat::from_xyzw(x, y, z, w))
        .prop_filter("a rotation has a length", |q| q.length() > 0.1)
}

/// Numbers as a broken simulation would send them.
fn wild() -> impl Strategy<Value = f32> {
    prop_oneof![
        4 => -2.0f32..2.0,
        1 => prop::num::f32::ANY,
        1 => prop::sample::select(vec![0.0, -0.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY,
            f32::MAX, f32::MIN_POSITIVE, 1e-30, 1e19]),
    ]
}

fn wild_vector() -> impl Strategy<Value = Vec3> {
    (wild(), wild(), wild()).prop_map(|(x, y, z)| Vec3::new(x, y, z))
}

fn wild_pose() -> impl Strategy<Value = Pose> {
    let rotation = (wild(), wild(), wild(), wild());
    (rotation, wild_vector()).prop_map(|((x, y, z, w), translation)| Pose {
        rotation: Quat::from_xyzw(x, y, z, w),
        translation,
    })
}

fn wild_item() -> impl Strategy<Value = Item> {
    let shape = (0..4, wild_vector()).prop_map(|(kind, Vec3 { x, y, z })| match kind {
        0 => Shape::Box { half: Vec3::new(x, y, z) },
        1 => Shape::Capsule { half_length: x, radius: y },
        2 => Shape::Cylinder { half_height: x, radius: y },
        _ => Shape::Ring { half_height: x, outer: y, inner: z },
    });
    let pattern = (0..5, wild(), wild()).prop_map(|(kind, a, b)| match kind {
        0 => Pattern::Plain,
        1 => Pattern::Checker { size: a, contrast: b },
        2 => Pattern::Grain { plank: a, contrast: b },
        3 => Pattern::Frame { border: a, inner: [b; 3] },
        _ => Pattern::Fade { inner: a, outer: b },
    });
    (shape, pattern, wild_pose(), wild_vector(), wild(), any::<u8>()).prop_map(
        |(shape, pattern, pose, color, roughness, segment)| Item {
            shape,
            pose,
            material: Material { color: color.into(), roughness, pattern },
            segment,
            casts_shadow: segment % 3 > 0,
        },
    )
}

proptest! {
    #[test]
    fn hit_is_where_sampling_first_finds_the_shape(
        shape in any_shape(), origin in vector(2.5), target in vector(0.7),
    ) {
        prop_assume!(!contains(shape, origin) && origin.distance(target) > 0.5);
        let direction = target - origin;
        let step = 1.0 / 2048.0;
        let sampled = (1..8192)
            .map(|i| i as f32 * step)
            .find(|t| contains(shape, origin + direction * *t));
        match (first_hit(shape, origin, direction), sampled) {
            (Some(hit), Some(sample)) => {
                // Sampling may step over a corner that the ray just clips.
                prop_assert!(hit <= sample + 1e-4);
                let clipped = contains(shape, origin + direction * (hit + 0.9 * step));
                prop_assert!(hit > sample - 1.1 * step || !clipped);
            }
            (None, Some(sample)) => {
                let deep = |t: f32| contains(shape, origin + direction * t);
                prop_assert!(!(deep(sample + 4.0 * step) && deep(sample + 8.0 * step)));
            }
            (Some(hit), None) => {
                prop_assert!(!contains(shape, origin + direction * (hit + 4.0 * step)));
            }
            (None, None) => {}
        }
    }

    #[test]
    fn shadow_is_where_a_ray_to_the_lamp_is_stopped(
        shape in any_shape(), rotation in rotation(), point in vector(1.5),
    ) {
        let camera = Pose::IDENTITY;
        let lens = Lens::new(
            &Camera { world_from_camera: camera, fov_y: 1.0, width: 8, height: 8 },
            &Light { direction: Vec3::Z, ..Light::default() },
        ).expect("a sound camera");
        let placed = item(shape, Pose { rotation, translation: Vec3::ZERO }, 1);
        let solid = Solid::new(0, &placed, &lens).expect("a sound item");
        let caster = Caster::from((&solid, 0.0));
        let up = V4::all(Vec3::Z).along(&solid.axes4);
        let direction = Vec3::new(up.x.to_array()[0], up.y.to_array()[0], up.z.to_array()[0]);
        // Near a border the two may round differently: ask around the point as well.
        let answers = |p: Vec3| {
            let local = solid.local(V4::all(p));
            let local = Vec3::new(
                local.x.to_array()[0], local.y.to_array()[0], local.z.to_array()[0],
            );
            let ray = first_hit(shape, local, direction).is_some();
            let dark = caster.hides::<false>(V4::all(p), all(-1.0), 0.0, F4::ZERO);
            (contains(shape, local), ray, dark.to_array()[0] > 0.5)
        };
        let around = [Vec3::X, Vec3::Y, Vec3::Z, -Vec3::X, -Vec3::Y, -Vec3::Z]
            .map(|d| answers(point + d * 2e-3));
        let here = answers(point);
        prop_assume!(around.iter().all(|a| (a.0, a.1) == (here.0, here.1)) && !here.0);
        prop_assert_eq!(here.1, here.2);
    }

    #[test]
    fn normals_are_unit_vectors_that_point_outwards(
        shape in any_shape(), origin in vector(2.5), target in vector(0.3),
    ) {
        let lens = Lens::new(&ahead(8), &Light::default()).expect("a sound camera");
        let solid = Solid::new(0, &item(shape, Pose::IDENTITY, 1), &lens).expect("a sound item");
        let direction = target - origin;
        if let Some(t) = first_hit(shape, origin, direction) {
            let p = origin + direction * t;
            let n = solid.rounding.normal(V4::all(p));
            let length = n.dot(n).to_array()[0];
            prop_assert!((length - 1.0).abs() < 1e-2, "{}", length);
            let n = Vec3::new(n.x.to_array()[0], n.y.to_array()[0], n.z.to_array()[0]);
            prop_assert!(contains(shape, p - n * 1e-3), "into the solid");
            prop_assert!(!contains(shape, p + n * 1e-3), "out of it");
        }
    }

    #[test]
    fn nonsense_does_not_panic(
        items in prop::collection::vec(wild_item(), 0..12),
        world_from_camera in wild_pose(),
        fov_y in prop_oneof![3 => 0.2f32..2.5, 1 => wild()],
        direction in wild_vector(), softness in wild(),
        (width, height) in (0usize..40, 0usize..40),
    ) {
        let light = Light { direction, softness, color: direction.into(), ..Light::default() };
        let camera = Camera { world_from_camera, fov_y, width, height };
        for quality in [Quality::Sensor, Quality::Picture] {
            let frame = draw(quality, &items, &light, &camera);
            prop_assert_eq!(frame.rgb.len(), width * height * 3);
            prop_assert!(frame.depth.iter().all(|d| *d >= 0.0 && d.is_finite()));
        }
    }

    #[test]
    fn tiles_show_what_a_search_over_all_items_finds(
        shapes in prop::collection::vec((any_shape(), rotation(), vector(1.5)), 1..6),
        eye in vector(4.0),
    ) {
        prop_assume!(eye.length() > 0.5);
        let items: Vec<Item> = (1..).zip(&shapes).map(|(segment, &(shape, rotation, translation))| {
            item(shape, Pose { rotation, translation }, segment)
        }).collect();
        let camera = Camera::look_at(eye, Vec3::ZERO, Vec3::Z, 1.2, 37, 29);
        let frame = sensor(&items, &camera);
        let lens = Lens::new(&camera, &Light::default()).expect("a sound camera");
        let solids: Vec<Solid> = items.iter().enumerate()
            .filter_map(|(i, item)| Solid::new(i, item, &lens)).collect();
        for (i, depth) in frame.depth.iter().enumerate() {
            let x = lens.slope_x((i % 37) as f32 + 0.5);
            let y = lens.slope_y((i / 37) as f32 + 0.5);
            let mut hits = [Hits::NONE];
            for solid in &solids {
                let id = all(solid.item as f32);
                let slopes = &[(all(x), all(y))];
                solid.with_depth(tiles::Scattered { slopes, hits: &mut hits, id });
            }
            let expected = if hits[0].found().any() { hits[0].depth.to_array()[0] } else { 0.0 };
            prop_assert_eq!(expected.to_bits(), depth.to_bits(), "pixel {}", i);
        }
    }
}
