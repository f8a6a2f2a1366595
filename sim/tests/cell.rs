//! The simulated cell: determinism, snapshots, contracts, and that nothing but friction holds a body.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::path::Path;

use ergon_scenarios::{Override, Scenario};
use ergon_sim::{SimError, Simulator};
use ergon_vocab::{Command, Robot, RobotError};
use proptest::prelude::*;

fn scenario(overrides: &[&str]) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/hanoi/3.toml");
    let overrides: Vec<_> = overrides.iter().map(|o| Override((*o).into())).collect();
    Scenario::load(&path, &overrides, &|p| std::fs::read_to_string(p)).unwrap()
}

fn cell(seed: u64) -> Simulator {
    let scenario = scenario(&[]);
    Simulator::new(&scenario, &scenario.instance(seed)).unwrap()
}

/// A course that moves, turns, and works the gripper.
fn course(step: u32) -> Command {
    let t = f64::from(step) * 0.21;
    let grip = if step % 30 < 15 { -1.0 } else { 1.0 };
    Command::from_array([t.sin(), t.cos(), -(t * 0.3).sin(), 0.1, 0.0, (t * 0.5).sin() * 0.3, grip])
}

#[test]
fn the_same_seed_and_commands_give_the_same_bits() {
    let (mut a, mut b) = (cell(3), cell(3));
    for step in 0..120 {
        let seen = (a.step(&course(step)).unwrap(), b.step(&course(step)).unwrap());
        assert_eq!(seen.0, seen.1);
        assert_eq!(a.digest(), b.digest(), "step {step}");
    }
    assert_ne!(a.digest(), cell(4).digest());
}

#[test]
fn a_restored_cell_goes_on_as_if_nothing_had_happened() {
    let mut a = cell(5);
    (0..40).for_each(|step| drop(a.step(&course(step)).unwrap()));
    let bytes = a.snapshot().unwrap();
    let mut b = cell(5);
    b.restore(&bytes).unwrap();
    assert_eq!(b.snapshot().unwrap(), bytes);
    for step in 40..100 {
        a.step(&course(step)).unwrap();
        b.step(&course(step)).unwrap();
        assert_eq!(a.snapshot().unwrap(), b.snapshot().unwrap(), "step {step}");
    }
}

#[test]
fn cameras_do_not_change_the_physics() {
    let (mut blind, mut seeing) = (cell(1), cell(1));
    seeing.set_cameras(&[(0, [84, 84]), (1, [32, 48])]);
    for step in 0..20 {
        blind.step(&course(step)).unwrap();
        let seen = seeing.step(&course(step)).unwrap();
        assert_eq!(seen.images.len(), 2);
        assert_eq!((seen.images[1].image.width(), seen.images[1].image.height()), (32, 48));
    }
    assert_eq!(blind.digest(), seeing.digest());
}

#[test]
fn a_snapshot_of_another_cell_is_refused() {
    let other = scenario(&["placement.random_selection=2"]);
    let other = Simulator::new(&other, &other.instance(0)).unwrap();
    let mut cell = cell(0);
    let before = cell.digest();
    for bytes in [other.snapshot().unwrap(), b"nonsense".to_vec(), Vec::new()] {
        assert!(matches!(cell.restore(&bytes), Err(SimError::BadSnapshot(_))));
    }
    assert_eq!(cell.digest(), before);
}

#[test]
fn commands_that_are_not_finite_are_refused_and_change_nothing() {
    let mut cell = cell(0);
    let before = cell.digest();
    let broken = Command::from_array([0.0, f64::NAN, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert!(matches!(cell.step(&broken), Err(RobotError::BadCommand(_))));
    assert_eq!(cell.digest(), before);
}

#[test]
fn the_tool_follows_commands_at_their_scale() {
    let mut cell = cell(0);
    let before = cell.observe().unwrap().ee_position;
    for _ in 0..4 {
        cell.step(&Command::from_array([0.0, 0.5, 0.0, 0.0, 0.0, 0.0, -1.0])).unwrap();
    }
    for _ in 0..10 {
        cell.step(&Command::hold(-1.0)).unwrap();
    }
    let way = cell.observe().unwrap().ee_position - before;
    assert!((way.y - 4.0 * 0.5 * Command::TRANSLATION_SCALE).abs() < 0.002, "{way}");
    assert!(way.x.abs() < 0.002 && way.z.abs() < 0.002, "{way}");
}

#[test]
fn a_place_out_of_reach_is_told_before_the_episode() {
    let mut far = scenario(&[]);
    far.areas[2].centre.x = 1.3;
    let error = Simulator::new(&far, &far.instance(0)).err().unwrap();
    assert!(matches!(&error, SimError::Unreachable { name, .. } if name == "right"), "{error}");
}

/// Lowers the tool around the top cube, closes the gripper and rises; returns how far the cube rose.
fn lift(friction: f64) -> f64 {
    let mut scenario = scenario(&["robot.joint_noise_std=0", "placement.jitter_std=0"]);
    scenario.objects.iter_mut().for_each(|o| o.friction = friction);
    let mut cell = Simulator::new(&scenario, &scenario.instance(0)).unwrap();
    let cube = cell.ground_truth().bodies[0].pose.translation.vector;
    let mut go = |over: f64, grip: f64, steps: u32| {
        for _ in 0..steps {
            let at = cell.observe().unwrap().ee_position;
            let way = (cube + nalgebra::Vector3::z() * over - at) * 8.0;
            let limit = |x: f64| x.clamp(-0.6, 0.6);
            let [x, y, z] = [limit(way.x), limit(way.y), limit(way.z)];
            cell.step(&Command::from_array([x, y, z, 0.0, 0.0, 0.0, grip])).unwrap();
        }
    };
    go(0.1, -1.0, 30);
    go(0.0, -1.0, 30);
    go(0.0, 1.0, 10);
    go(0.1, 1.0, 30);
    cell.ground_truth().bodies[0].pose.translation.z - cube.z
}

#[test]
fn friction_holds_a_body_and_nothing_else_does() {
    assert!(lift(1.0) > 0.08, "a rough cube is lifted");
}

#[test]
fn slippery_pads_drop_what_they_hold() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/hanoi/3-slip.toml");
    let slip = Scenario::load(&path, &[], &|p| std::fs::read_to_string(p)).unwrap();
    let mut instance = slip.instance(0);
    instance.disturbances[0].at_secs = 0.0;
    let mut cell = Simulator::new(&slip, &instance).unwrap();
    let mut told = Vec::new();
    let mut highest = f64::MIN;
    for step in 0..110 {
        let truth = cell.ground_truth();
        let cube = truth.bodies[0].pose.translation.vector;
        highest = highest.max(cube.z);
        let (over, grip) = match step {
            0..30 => (0.1, -1.0),
            30..60 => (0.0, -1.0),
            60..66 => (0.0, 1.0),
            _ => (0.25, 1.0),
        };
        let start = instance.bodies[0].pose.translation.vector;
        let way = (start + nalgebra::Vector3::z() * over - truth.tcp.translation.vector) * 8.0;
        let limit = |x: f64| x.clamp(-0.5, 0.5);
        let command = [limit(way.x), limit(way.y), limit(way.z), 0.0, 0.0, 0.0, grip];
        cell.step(&Command::from_array(command)).unwrap();
        told.extend(cell.take_disturbances());
    }
    assert_eq!(told.len(), 1, "{told:?}");
    let end = cell.ground_truth();
    assert!(!end.bodies[0].gripped(), "the cube has slipped out");
    assert!(end.tcp.translation.z > end.bodies[0].pose.translation.z + 0.1);
}

#[test]
fn random_shoving_breaks_nothing() {
    let mut cell = cell(11);
    let mut state = 88_172_645_463_325_252u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64 * 2.0 - 1.0
    };
    for step in 0..300 {
        if step % 15 == 0 {
            // Back down into the cubes whenever the walk has wandered off.
            let truth = cell.ground_truth();
            let to = truth.bodies[step / 15 % 3].pose.translation.vector;
            for _ in 0..10 {
                let way = (to - cell.observe().unwrap().ee_position) * 10.0;
                let c = [way.x, way.y, way.z, 0.0, 0.0, 0.0, 1.0].map(|x: f64| x.clamp(-1.0, 1.0));
                cell.step(&Command::from_array(c)).unwrap();
            }
        }
        cell.step(&Command::from_array(std::array::from_fn(|_| random()))).unwrap();
        for body in cell.ground_truth().bodies {
            assert!(body.velocity.norm() < 8.0, "step {step}: {:?}", body.velocity);
            let below = body.pose.translation.z < -0.912 + 0.005;
            assert!(!below, "step {step}: under the floor");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_bytes_make_restore_panic(junk: Vec<u8>, at in 0usize..20_000, flip: u8) {
        let mut cell = cell(0);
        let _refused = cell.restore(&junk).is_err();
        let mut bytes = cell.snapshot().unwrap();
        bytes.truncate(at.min(bytes.len()));
        if let Some(last) = bytes.last_mut() { *last ^= flip; }
        let _refused = cell.restore(&bytes).is_err();
    }
}
