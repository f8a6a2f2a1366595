//! Random cells: what is marked on the table, and what shapes lie about on it.

use ergon_scenarios::{Area, Bin, Form, Object, Rod, Scenario, Takes};
use nalgebra::{Vector2, Vector3};

use crate::dice::Dice;

/// Where things stand: x and y, base frame, m.
pub(super) const GROUND: [[f64; 2]; 2] = [[0.38, 0.70], [-0.30, 0.34]];
/// Edges of the cubes, m.
const EDGES: [f64; 2] = [0.032, 0.066];
/// Widths and heights of bodies with a hole, m, and the narrowest hole, m, and the widest, as a share of the
/// width.
const WIDTHS: [f64; 2] = [0.042, 0.068];
const HEIGHTS: [f64; 2] = [0.014, 0.040];
const HOLES: [f64; 2] = [0.024, 0.75];
/// Extents of areas and of bins, m.
const AREAS: [f64; 2] = [0.08, 0.22];
const BINS: [f64; 2] = [0.13, 0.24];
/// The largest extent of an area along y beside others, m, and how far its middle is moved along x.
const AREA_PITCH: f64 = 0.15;
const SHIFT: f64 = 0.06;
/// Free distance between the borders of areas and bins, m.
const GAP: f64 = 0.015;
/// Share of cells whose areas are those of the scenario.
const AS_GIVEN: f64 = 0.35;
/// Bodies of a cell of moves, at least; on rods, which are low, no more.
const FEW: usize = 3;
/// What cannot be put over a rod keeps this far from it, m.
const OFF_RODS: f64 = 0.05;

/// Gives a cell other areas, bins, and bodies.
pub(super) fn vary(scenario: &mut Scenario, dice: &mut Dice) {
    let rods = !dice.chance(AS_GIVEN) && places(scenario, dice);
    // Where rods stand, mostly all bodies have a hole.
    let flat = match rods {
        true if dice.chance(0.75) => 1.0,
        true => 0.3,
        false => 0.2,
    };
    for object in &mut scenario.objects {
        if dice.chance(flat) {
            flattened(object, dice);
        } else if dice.chance(0.6) {
            let edge = dice.between(EDGES[0], EDGES[1]);
            resize(object, Vector3::repeat(edge), edge.powi(3));
        }
    }
}

/// Gives a cell of moves as many bodies as it says or, where it does not say, a few of its own, and areas of
/// other sizes, sometimes with rods and bodies for them, sometimes a bin.
pub(crate) fn practice(scenario: &mut Scenario, dice: &mut Dice) {
    let all = scenario.objects.len();
    let few = FEW.min(all);
    let told = scenario.placement.random_selection;
    let count = told.unwrap_or_else(|| few + dice.below(all - few + 1));
    scenario.placement.random_selection = Some(count);
    if dice.chance(AS_GIVEN) {
        return;
    }
    let rods = dice.chance(0.5);
    for area in &mut scenario.areas {
        let side = |dice: &mut Dice, most: f64| dice.between(AREAS[0], most);
        area.size = Vector2::new(side(dice, AREAS[1]), side(dice, AREA_PITCH));
        area.centre.x += dice.between(-SHIFT, SHIFT);
        area.rod = rods.then(|| rod(dice));
    }
    if rods {
        scenario.objects.iter_mut().for_each(|object| ringed(object, dice));
        scenario.placement.jitter_std = 0.001;
        scenario.placement.random_selection = Some(count.min(FEW));
    } else if let Some(bin) = (0..50).find_map(|_| free_bin(scenario, dice)) {
        scenario.bins.push(bin);
    }
}

/// A bin that no area and no button lies in the way of.
fn free_bin(scenario: &Scenario, dice: &mut Dice) -> Option<Bin> {
    let size = Vector2::from([0; 2].map(|_| dice.between(BINS[0], BINS[1])));
    let [x, y] = GROUND.map(|[low, high]| dice.between(low, high));
    let centre = Vector3::new(x, y, scenario.table.top.z);
    let apart = |other: &Vector3<f64>, extent: Vector2<f64>| {
        ((centre - other).xy().abs() - (size + extent) / 2.0).max() > GAP
    };
    let areas = scenario.areas.iter().all(|a| apart(&a.centre, a.size));
    let buttons = scenario.buttons.iter().all(|b| apart(&b.centre, Vector2::repeat(0.08)));
    (areas && buttons).then(|| Bin {
        name: "bin".into(),
        type_name: "place".into(),
        centre,
        size,
        rim: dice.between(0.008, 0.016),
        takes: Takes { kinds: Vec::new(), widths: [0.0, f64::INFINITY] },
    })
}

/// A ring or a frame that goes over any rod.
fn ringed(object: &mut Object, dice: &mut Dice) {
    let width = object.size.x.max(WIDTHS[0]);
    let size = Vector3::new(width, width, dice.between(HEIGHTS[0], 0.024));
    let round = dice.chance(0.6);
    let share = if round { std::f64::consts::FRAC_PI_4 } else { 1.0 };
    (object.hole, object.floor) = (HOLES[0] + 0.003, 0.0);
    object.form = if round { Form::Disc } else { Form::Box };
    resize(object, size, share * (width * width - object.hole * object.hole) * size.z);
}

/// Draws areas and bins; true where rods stand on areas.
fn places(scenario: &mut Scenario, dice: &mut Dice) -> bool {
    let (rods, bins) = (dice.chance(0.5), dice.chance(0.4));
    let height = scenario.table.top.z;
    (scenario.areas, scenario.bins) = (Vec::new(), Vec::new());
    let mut taken: Vec<(Vector2<f64>, Vector2<f64>)> = Vec::new();
    let count = 2 + dice.below(4);
    for index in 0..count * 20 {
        if taken.len() == count {
            break;
        }
        let bin = bins && taken.len() < 3;
        let [least, most] = if bin { BINS } else { AREAS };
        let size = Vector2::new(dice.between(least, most), dice.between(least, most));
        let size = if rods && !bin { Vector2::repeat(dice.between(0.08, 0.12)) } else { size };
        let [x, y] = GROUND.map(|[low, high]| dice.between(low, high));
        let at = Vector2::new(x, y);
        let clear = |(other, extent): &(Vector2<f64>, Vector2<f64>)| {
            ((at - other).abs() - (size + extent) / 2.0).max() > GAP
        };
        if !taken.iter().all(clear) {
            continue;
        }
        taken.push((at, size));
        let (name, type_name) = (format!("place-{index}"), "place".to_owned());
        let centre = Vector3::new(x, y, height);
        let takes = Takes { kinds: Vec::new(), widths: [0.0, f64::INFINITY] };
        if bin {
            let rim = if dice.chance(0.8) { dice.between(0.008, 0.016) } else { 0.0 };
            scenario.bins.push(Bin { name, type_name, centre, size, rim, takes });
        } else {
            let rod = rods.then(|| rod(dice));
            scenario.areas.push(Area { name, type_name, centre, size, rod, takes });
        }
    }
    rods && !scenario.areas.is_empty()
}

fn rod(dice: &mut Dice) -> Rod {
    Rod {
        radius: dice.between(0.005, 0.009),
        height: dice.between(0.028, 0.048),
        square: dice.chance(0.4),
    }
}

fn flattened(object: &mut Object, dice: &mut Dice) {
    let width = dice.between(WIDTHS[0], WIDTHS[1]);
    let size = Vector3::new(width, width, dice.between(HEIGHTS[0], HEIGHTS[1]));
    let round = dice.chance(0.6);
    let share = if round { std::f64::consts::FRAC_PI_4 } else { 1.0 };
    let hole = dice.between(HOLES[0], HOLES[1] * width);
    object.form = if round { Form::Disc } else { Form::Box };
    // Some are pans, with a floor, and some discs have no hole, as buttons have none.
    (object.hole, object.floor) = match dice.unit() {
        x if x < 0.25 && round => (0.0, 0.0),
        x if x < 0.5 && round => (hole, dice.between(0.1, 0.8) * size.z),
        _ => (hole, 0.0),
    };
    let open = share * object.hole * object.hole * (size.z - object.floor);
    resize(object, size, share * width * width * size.z - open);
}

/// Another size of the same material; `volume` in m3. The body was a cube.
fn resize(object: &mut Object, size: Vector3<f64>, volume: f64) {
    object.mass *= volume / object.size.product();
    object.size = size;
}

/// Whether a stack of any bodies can stand at a place: on a rod, or far enough from all of them.
pub(super) fn is_free(scenario: &Scenario, place: [f64; 2]) -> bool {
    let hollow = scenario.objects.iter().all(|o| o.hole > 0.0 && o.floor == 0.0);
    let rods = scenario.areas.iter().filter(|a| a.rod.is_some());
    rods.map(|a| (a.centre.xy() - Vector2::from(place)).norm())
        .all(|away| away > OFF_RODS || (hollow && away < 0.005))
}
