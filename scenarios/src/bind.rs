//! From the tree of values to the checked model.

use std::collections::BTreeMap;
use std::f64::consts::PI;

use nalgebra::Vector3;

use crate::document::{Node, Value};
use crate::error::{ScenarioError, nearest};
use crate::model::{
    Area, Bin, Button, Camera, Change, DisturbanceSpec, Form, Goal, GoalLiteral, Law, Limits,
    Moment, Mount, Object, Paint, Placement, RobotModel, RobotSpec, Rod, Scenario, SkillArg,
    SkillTemplate, Table, Takes, Task,
};
use crate::read::{Bounds, Section, list, text};
use crate::variation::VariationSpec;
use crate::{FORMAT_VERSION, instance};

type Result<T> = std::result::Result<T, ScenarioError>;

const GOALS: &str = "{ tower = \"AREA\" }, { all = \"PREDICATE\" }, \"any state\", \"any move\" or a list of literals";
const METRES: Bounds = Bounds { min: -10.0, max: 10.0, unit: "m" };
const EXTENT: Bounds = Bounds { min: 0.001, max: 10.0, unit: "m" };
const FRICTION: Bounds = Bounds { min: 0.0, max: 5.0, unit: "" };
/// More kinds of objects than this are refused.
const MOST_KINDS: usize = 60;
const SECONDS: Bounds = Bounds { min: 0.0, max: 1e5, unit: "s" };

/// Colours by name, linear light. The first four are the reference's cubes.
const COLOURS: [(&str, [f32; 3]); 10] = [
    ("blue", [0.03, 0.13, 0.62]),
    ("red", [0.65, 0.035, 0.03]),
    ("green", [0.035, 0.36, 0.07]),
    ("yellow", [0.85, 0.50, 0.02]),
    ("purple", [0.24, 0.05, 0.45]),
    ("cyan", [0.02, 0.48, 0.55]),
    ("pink", [0.80, 0.20, 0.42]),
    ("orange", [0.80, 0.20, 0.02]),
    ("white", [0.80, 0.80, 0.78]),
    ("black", [0.02, 0.02, 0.025]),
];

pub(crate) fn scenario(tree: &Node) -> Result<Scenario> {
    let root = Section::of(tree, "")?;
    version(&root)?;
    let base = robot_base(&root)?;
    let areas = areas(&root, base)?;
    let objects = objects(&root, &areas)?;
    let bins = bins(&root, base)?;
    let buttons = buttons(&root, &areas, base)?;
    let cameras: Vec<Camera> =
        root.sections("camera")?.iter().map(|s| camera(s, base)).collect::<Result<_>>()?;
    let mut scenario = Scenario {
        name: root.symbol("name")?,
        description: root.text_or("description", "")?,
        task: task(&root.section("task")?)?,
        robot: robot(&root.section("robot")?)?,
        table: table(&root.section("table")?, base)?,
        placement: placement(&root.section("placement")?, &areas, &objects, base)?,
        limits: limits(root.maybe_section("limits")?.as_ref())?,
        disturbances: root
            .sections("disturbance")?
            .iter()
            .map(|s| disturbance(s, &objects, &cameras))
            .collect::<Result<_>>()?,
        variation: variation(root.maybe_section("variation")?.as_ref())?,
        areas,
        bins,
        buttons,
        cameras,
        objects,
        source: tree.to_text(),
    };
    root.finish()?;
    rename_types(&mut scenario, &root)?;
    check_names(&scenario, &root)?;
    instance::check(&scenario).map_err(|m| root.wrong("placement", m))?;
    Ok(scenario)
}

fn version(root: &Section<'_>) -> Result<()> {
    let found = root.number("version", Bounds::new(0.0, 1e6, ""))?;
    if found == FORMAT_VERSION as f64 {
        return Ok(());
    }
    Err(root
        .wrong("version", format!("expected {FORMAT_VERSION}, found {found}"))
        .with_hint("this version of ergon reads format 1 only"))
}

/// Where the base frame lies in the file's world frame, m.
fn robot_base(root: &Section<'_>) -> Result<Vector3<f64>> {
    root.section("robot")?.vector3("base", METRES)
}

fn task(s: &Section<'_>) -> Result<Task> {
    let task = Task {
        domain: s.text("domain", "the path of a PDDL domain")?,
        goal: goal(s)?,
        types: match s.maybe_section("types")? {
            Some(types) => names(&types, "a type of the domain")?,
            None => BTreeMap::new(),
        },
        predicates: names(&s.section("predicates")?, "a predicate")?,
        actions: actions(&s.section("actions")?)?,
        laws: s.sections("law")?.iter().map(law).collect::<Result<_>>()?,
    };
    s.finish()?;
    Ok(task)
}

/// A table of names, `NAME = "NAME"`.
fn names(s: &Section<'_>, expected: &str) -> Result<BTreeMap<String, String>> {
    s.free_entries().map(|(k, n)| Ok((k.to_owned(), text(n, &s.path(k), expected)?))).collect()
}

/// Gives the scene's things the types that the domain knows them by.
fn rename_types(scenario: &mut Scenario, root: &Section<'_>) -> Result<()> {
    let Scenario { task, table, areas, bins, buttons, objects, .. } = scenario;
    let mut unused: std::collections::BTreeSet<&String> = task.types.keys().collect();
    let areas = areas.iter_mut().map(|a| &mut a.type_name);
    let bins = bins.iter_mut().map(|b| &mut b.type_name);
    let buttons = buttons.iter_mut().map(|b| &mut b.type_name);
    let objects = objects.iter_mut().map(|o| &mut o.type_name);
    for name in areas.chain(bins).chain(buttons).chain(objects).chain([&mut table.type_name]) {
        if let Some((own, new)) = task.types.get_key_value(name) {
            unused.remove(own);
            name.clone_from(new);
        }
    }
    match unused.first() {
        None => Ok(()),
        Some(own) => {
            Err(root.wrong("task", format!("types.{own}: nothing in the scene has this type")))
        }
    }
}

fn law(s: &Section<'_>) -> Result<Law> {
    let law = Law { wherever: s.symbol("wherever")?, must: s.symbol("must")? };
    s.finish()?;
    Ok(law)
}

fn actions(s: &Section<'_>) -> Result<BTreeMap<String, Vec<SkillTemplate>>> {
    let mut actions = BTreeMap::new();
    for (name, node) in s.free_entries() {
        let path = s.path(name);
        let skills = list(node, &path)?
            .iter()
            .map(|n| skill_template(n, &path))
            .collect::<Result<Vec<_>>>()?;
        actions.insert(name.to_owned(), skills);
    }
    Ok(actions)
}

fn skill_template(node: &Node, path: &str) -> Result<SkillTemplate> {
    let line = text(node, path, "a skill with its arguments, such as \"reach_pick ?d\"")?;
    let mut words = line.split_whitespace();
    let skill = words.next().map(str::to_owned).ok_or_else(|| {
        ScenarioError::new(&node.place, path, "expected a skill, found an empty text")
    })?;
    let args = words
        .map(|w| match w.starts_with('?') {
            true => SkillArg::Parameter(w.to_lowercase()),
            false => SkillArg::Name(w.to_lowercase()),
        })
        .collect();
    Ok(SkillTemplate { skill, args })
}

/// A table `{ tower = "AREA" }`, a text, or a list of literals. A list or a text that is laid over a
/// table replaces it.
fn goal(s: &Section<'_>) -> Result<Goal> {
    let node = s.need("goal", GOALS)?;
    let path = s.path("goal");
    if let Value::List(facts) = &node.value {
        return Ok(Goal::Facts(
            facts.iter().map(|n| goal_literal(n, &path)).collect::<Result<_>>()?,
        ));
    }
    if let Value::Text(any) = &node.value {
        return match any.as_str() {
            "any state" => Ok(Goal::AnyState),
            "any move" => Ok(Goal::AnyMove),
            other => Err(s.wrong("goal", format!("expected {GOALS}, found {other:?}"))),
        };
    }
    let goal = Section::of(node, &path)?;
    let found = match goal.find("all") {
        Some(_) => Goal::All(goal.symbol("all")?),
        None => Goal::Tower(goal.text("tower", "the name of an area")?),
    };
    goal.finish()?;
    Ok(found)
}

fn goal_literal(node: &Node, path: &str) -> Result<GoalLiteral> {
    let written = text(node, path, "a literal such as \"(on c1 c2)\"")?.to_lowercase();
    let bad = || {
        ScenarioError::new(
            &node.place,
            path,
            format!("expected a literal such as (on c1 c2) or (not (on c1 c2)), found {written:?}"),
        )
    };
    let inner = |t: &str| -> Option<String> {
        Some(t.trim().strip_prefix('(')?.strip_suffix(')')?.trim().to_owned())
    };
    let outer = inner(&written).ok_or_else(bad)?;
    let (positive, atom) = match outer.strip_prefix("not") {
        Some(rest) if rest.trim_start().starts_with('(') => (false, inner(rest).ok_or_else(bad)?),
        _ => (true, outer),
    };
    let mut words = atom.split_whitespace().map(str::to_owned);
    if atom.contains(['(', ')']) {
        return Err(bad());
    }
    let predicate = words.next().ok_or_else(bad)?;
    Ok(GoalLiteral { predicate, args: words.collect(), positive })
}

fn robot(s: &Section<'_>) -> Result<RobotSpec> {
    let model = s.text("model", "\"panda\"")?;
    if model != "panda" {
        return Err(s.wrong("model", format!("expected \"panda\", found {model:?}")));
    }
    let robot = RobotSpec {
        model: RobotModel::Panda,
        height: s.vector3("base", METRES)?.z,
        joint_noise_std: s.number_or("joint_noise_std", 0.0, Bounds::new(0.0, 0.2, "rad"))?,
    };
    s.finish()?;
    Ok(robot)
}

fn table(s: &Section<'_>, base: Vector3<f64>) -> Result<Table> {
    let table = Table {
        name: s.symbol("name")?,
        type_name: s.symbol("type")?,
        top: s.vector3("top", METRES)? - base,
        size: s.vector3("size", EXTENT)?,
        friction: s.number("friction", FRICTION)?,
    };
    s.finish()?;
    Ok(table)
}

/// The middle of a place on the table's top face, base frame, m.
fn centre(root: &Section<'_>, s: &Section<'_>, base: Vector3<f64>) -> Result<Vector3<f64>> {
    let top = root.section("table")?.vector3("top", METRES)?.z;
    let centre = s.vector2("centre", METRES)?;
    Ok(Vector3::new(centre.x, centre.y, top) - base)
}

fn areas(root: &Section<'_>, base: Vector3<f64>) -> Result<Vec<Area>> {
    root.sections("area")?
        .iter()
        .map(|s| {
            let area = Area {
                name: s.symbol("name")?,
                type_name: s.symbol("type")?,
                centre: centre(root, s, base)?,
                size: s.vector2("size", EXTENT)?,
                rod: rod(s)?,
                takes: takes(s)?,
            };
            s.finish()?;
            Ok(area)
        })
        .collect()
}

fn bins(root: &Section<'_>, base: Vector3<f64>) -> Result<Vec<Bin>> {
    root.sections("bin")?
        .iter()
        .map(|s| {
            let bin = Bin {
                name: s.symbol("name")?,
                type_name: s.symbol("type")?,
                centre: centre(root, s, base)?,
                size: s.vector2("size", EXTENT)?,
                rim: s.number_or("rim", 0.0, Bounds::new(0.0, 0.1, "m"))?,
                takes: takes(s)?,
            };
            s.finish()?;
            Ok(bin)
        })
        .collect()
}

fn buttons(root: &Section<'_>, areas: &[Area], base: Vector3<f64>) -> Result<Vec<Button>> {
    let top = root.section("table")?.vector3("top", METRES)?.z;
    root.sections("button")?
        .iter()
        .map(|s| {
            let centre = s.vector2("centre", METRES)?;
            let button = Button {
                name: s.symbol("name")?,
                type_name: s.symbol("type")?,
                centre: Vector3::new(centre.x, centre.y, top) - base,
                radius: s.number("radius", Bounds::new(0.005, 0.1, "m"))?,
                height: s.number("height", Bounds::new(0.002, 0.2, "m"))?,
                paints: [paint(s, "colour")?, paint(s, "colour_on")?],
                heats: area(s, "heats", areas)?,
            };
            s.finish()?;
            Ok(button)
        })
        .collect()
}

fn paint(s: &Section<'_>, key: &'static str) -> Result<Paint> {
    let name = s.text(key, "the name of a colour")?;
    Ok(Paint { rgb: rgb(s, key, &name)?, name })
}

fn change(s: &Section<'_>) -> Result<Option<Change>> {
    let Some(s) = s.maybe_section("heated")? else { return Ok(None) };
    let change =
        Change { paint: paint(&s, "colour")?, after_secs: s.number("after_secs", SECONDS)? };
    s.finish()?;
    Ok(Some(change))
}

fn takes(s: &Section<'_>) -> Result<Takes> {
    let kinds = texts(s, "kinds", "the kind of an object")?;
    let widths = s.range_or("widths", [0.0, f64::INFINITY], Bounds::new(0.0, 1.0, "m"))?;
    Ok(Takes { kinds, widths })
}

fn rod(s: &Section<'_>) -> Result<Option<Rod>> {
    let Some(s) = s.maybe_section("rod")? else { return Ok(None) };
    let rod = Rod {
        radius: s.number("radius", Bounds::new(0.001, 0.1, "m"))?,
        height: s.number("height", Bounds::new(0.001, 0.5, "m"))?,
        square: s.flag_or("square", false)?,
    };
    s.finish()?;
    Ok(Some(rod))
}

fn form(s: &Section<'_>) -> Result<Form> {
    match s.text_or("form", "box")?.as_str() {
        "box" => Ok(Form::Box),
        "disc" => Ok(Form::Disc),
        other => Err(s.wrong("form", format!("expected \"box\" or \"disc\", found {other:?}"))),
    }
}

/// Width of a body's hole, m, and the volume that is left, m3.
fn hole(s: &Section<'_>, form: Form, size: &Vector3<f64>) -> Result<(f64, f64)> {
    let least = size.x.min(size.y);
    let hole = s.number_or("hole", 0.0, Bounds::new(0.0, 1.0, "m"))?;
    if hole > 0.9 * least {
        let expected = format!("expected at most nine tenths of the width, {:.3} m", 0.9 * least);
        return Err(s.wrong("hole", format!("{expected}, found {hole}")));
    }
    if form == Form::Disc && size.x != size.y {
        return Err(s.wrong("size", "expected a disc's extents along x and y to be equal"));
    }
    let share = if form == Form::Disc { PI / 4.0 } else { 1.0 };
    Ok((hole, share * (size.x * size.y - hole * hole) * size.z))
}

fn objects(root: &Section<'_>, areas: &[Area]) -> Result<Vec<Object>> {
    root.sections("object")?
        .iter()
        .map(|s| {
            let size = s.vector3("size", Bounds::new(0.005, 1.0, "m"))?;
            let density = s.number("density", Bounds::new(1.0, 25_000.0, "kg/m3"))?;
            let colour = s.text("colour", "the name of a colour")?;
            let form = form(s)?;
            let (hole, volume) = hole(s, form, &size)?;
            let object = Object {
                name: s.symbol("name")?,
                type_name: s.symbol("type")?,
                kind: s.find("kind").map(|_| s.symbol("kind")).transpose()?,
                on: stands_on(s, areas)?,
                form,
                hole,
                size,
                floor: s.number_or("floor", 0.0, Bounds::new(0.0, size.z, "m"))?,
                change: change(s)?,
                rgb: rgb(s, "colour", &colour)?,
                colour,
                mass: density * volume,
                friction: s.number("friction", FRICTION)?,
            };
            s.finish()?;
            Ok(object)
        })
        .collect()
}

fn rgb(s: &Section<'_>, key: &'static str, colour: &str) -> Result<[f32; 3]> {
    COLOURS.iter().find(|(name, _)| *name == colour).map(|(_, rgb)| *rgb).ok_or_else(|| {
        let names = COLOURS.map(|(name, _)| name).join(", ");
        s.wrong(key, format!("expected one of {names}, found {colour:?}"))
    })
}

/// The rectangle in which bodies lie scattered, turned into the base frame.
fn scatter(s: &Section<'_>, base: Vector3<f64>) -> Result<Option<[[f64; 2]; 2]>> {
    if s.find("scatter_x").is_none() && s.find("scatter_y").is_none() {
        return Ok(None);
    }
    let [x, y] = [s.range("scatter_x", METRES)?, s.range("scatter_y", METRES)?];
    Ok(Some([x.map(|x| x - base.x), y.map(|y| y - base.y)]))
}

fn placement(
    s: &Section<'_>,
    areas: &[Area],
    objects: &[Object],
    base: Vector3<f64>,
) -> Result<Placement> {
    let scatter = scatter(s, base)?;
    // Bodies that are scattered stand on no area, whatever the file says that this one extends.
    let _inherited = s.find("at");
    let at = if scatter.is_some() { 0 } else { area(s, "at", areas)? };
    let most = u32::try_from(objects.len()).unwrap_or(u32::MAX);
    let selection = s.count_or("random_selection", None, most)?;
    if selection == Some(0) {
        return Err(s.wrong("random_selection", "expected at least 1, found 0"));
    }
    let placement = Placement {
        at,
        random_selection: selection.map(|n| n as usize),
        random_placement: s.flag_or("random_placement", false)?,
        scatter,
        jitter_std: s.number_or("jitter_std", 0.0, Bounds::new(0.0, 0.1, "m"))?,
        yaw_std: s.number_or("yaw_std_deg", 0.0, Bounds::new(0.0, 45.0, "degrees"))?.to_radians(),
    };
    s.finish()?;
    Ok(placement)
}

/// Index of the area that a key names.
fn area(s: &Section<'_>, key: &'static str, areas: &[Area]) -> Result<usize> {
    area_named(s, key, &s.text(key, "the name of an area")?, areas)
}

fn area_named(s: &Section<'_>, key: &'static str, name: &str, areas: &[Area]) -> Result<usize> {
    areas
        .iter()
        .position(|a| a.name == name)
        .ok_or_else(|| unknown_name(s, key, name, "an area", areas.iter().map(|a| a.name.as_str())))
}

/// The areas of which an object stands on one at first.
fn stands_on(s: &Section<'_>, areas: &[Area]) -> Result<Vec<usize>> {
    texts(s, "on", "the name of an area")?
        .iter()
        .map(|name| area_named(s, "on", name, areas))
        .collect()
}

/// The texts of a list; none where the key is missing.
fn texts(s: &Section<'_>, key: &'static str, expected: &str) -> Result<Vec<String>> {
    let Some(node) = s.find(key) else { return Ok(Vec::new()) };
    let path = s.path(key);
    list(node, &path)?.iter().map(|node| text(node, &path, expected)).collect()
}

fn unknown_name<'a>(
    s: &Section<'_>,
    key: &str,
    found: &str,
    kind: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> ScenarioError {
    let hint = match nearest(found, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known are {}", known.collect::<Vec<_>>().join(", ")),
    };
    s.wrong(key, format!("expected the name of {kind}, found {found:?}")).with_hint(hint)
}

fn camera(s: &Section<'_>, base: Vector3<f64>) -> Result<Camera> {
    let (mount, origin, default_up) = match s.text("mount", "\"cell\" or \"hand\"")?.as_str() {
        "cell" => (Mount::Cell, base, Vector3::z()),
        "hand" => (Mount::Hand, Vector3::zeros(), Vector3::x()),
        other => {
            return Err(s.wrong("mount", format!("expected \"cell\" or \"hand\", found {other:?}")));
        }
    };
    let position = s.vector3("position", METRES)? - origin;
    let target = s.vector3("target", METRES)? - origin;
    let up = if s.find("up").is_some() { s.vector3("up", METRES)? } else { default_up };
    let pixels = s.count_or("pixels", Some(128), 4096)?.unwrap_or(128) as usize;
    let camera = Camera {
        name: s.symbol("name")?,
        mount,
        mount_from_camera: Camera::look_at(position, target, up).ok_or_else(|| {
            s.wrong("target", "expected a point apart from `position` and not straight along `up`")
        })?,
        fov_y: s.number("fov_deg", Bounds::new(1.0, 170.0, "degrees"))? * PI / 180.0,
        size: [pixels.max(1); 2],
    };
    s.finish()?;
    Ok(camera)
}

fn limits(s: Option<&Section<'_>>) -> Result<Limits> {
    let mut limits = Limits { time_secs: 300.0, replans: 20, attempts: 3 };
    if let Some(s) = s {
        limits.time_secs = s.number_or("time_secs", limits.time_secs, SECONDS)?;
        limits.replans = s.count_or("replans", None, 10_000)?.unwrap_or(limits.replans);
        limits.attempts = s.count_or("attempts", None, 1_000)?.unwrap_or(limits.attempts).max(1);
        s.finish()?;
    }
    Ok(limits)
}

fn disturbance(s: &Section<'_>, objects: &[Object], cameras: &[Camera]) -> Result<DisturbanceSpec> {
    let known = "\"knock\", \"slip\" or \"occlusion\"";
    let kind = s.text("kind", known)?;
    let at_secs = s.range("at_secs", SECONDS)?;
    let spec = match kind.as_str() {
        "knock" => DisturbanceSpec::Knock {
            at_secs,
            object: knocked(s, objects)?,
            speed: s.range("speed", Bounds::new(0.0, 5.0, "m/s"))?,
            moment: moment(s)?,
        },
        "slip" => DisturbanceSpec::Slip {
            at_secs,
            for_secs: s.number_or("for_secs", 0.5, SECONDS)?,
            friction: s.number_or("friction", 0.02, FRICTION)?,
        },
        "occlusion" => DisturbanceSpec::Occlusion {
            at_secs,
            for_secs: s.number_or("for_secs", 2.0, SECONDS)?,
            camera: occluded(s, cameras)?,
        },
        other => {
            return Err(s.wrong("kind", format!("expected {known}, found {other:?}")));
        }
    };
    s.finish()?;
    Ok(spec)
}

fn moment(s: &Section<'_>) -> Result<Moment> {
    let name = s.text_or("moment", "any")?;
    Moment::ALL.into_iter().find(|(n, _)| *n == name).map(|(_, moment)| moment).ok_or_else(|| {
        let known = Moment::ALL.map(|(n, _)| format!("{n:?}")).join(", ");
        s.wrong("moment", format!("expected one of {known}, found {name:?}"))
    })
}

fn occluded(s: &Section<'_>, cameras: &[Camera]) -> Result<usize> {
    let name = s.text("camera", "the name of a camera")?;
    cameras.iter().position(|c| c.name == name).ok_or_else(|| {
        unknown_name(s, "camera", &name, "a camera", cameras.iter().map(|c| c.name.as_str()))
    })
}

fn knocked(s: &Section<'_>, objects: &[Object]) -> Result<Option<usize>> {
    let name = s.text_or("object", "any")?;
    if name == "any" {
        return Ok(None);
    }
    objects.iter().position(|o| o.name == name).map(Some).ok_or_else(|| {
        unknown_name(s, "object", &name, "an object", objects.iter().map(|o| o.name.as_str()))
            .with_hint("name an [[object]] of this scenario, or write \"any\"")
    })
}

fn variation(s: Option<&Section<'_>>) -> Result<VariationSpec> {
    let mut spec = VariationSpec::NONE;
    let Some(s) = s else { return Ok(spec) };
    let share = Bounds::new(0.0, 1.0, "");
    let degrees = |range: [f64; 2]| range.map(f64::to_radians);
    spec.light = s.range_or("light", spec.light, share)?;
    spec.hue = degrees(s.range_or("hue_deg", spec.hue, Bounds::new(0.0, 180.0, "degrees"))?);
    spec.shade = s.range_or("shade", spec.shade, share)?;
    spec.camera_shift =
        s.range_or("camera_shift", spec.camera_shift, Bounds::new(0.0, 0.5, "m"))?;
    let turns = Bounds::new(0.0, 45.0, "degrees");
    spec.camera_turn = degrees(s.range_or("camera_turn_deg", spec.camera_turn, turns)?);
    spec.friction = s.range_or("friction", spec.friction, Bounds::new(0.01, 10.0, ""))?;
    s.finish()?;
    Ok(spec)
}

/// Names are unique, a tower goal stands on a known area, and bins ask for kinds that there are.
fn check_names(scenario: &Scenario, root: &Section<'_>) -> Result<()> {
    let names = || {
        [&scenario.table.name]
            .into_iter()
            .chain(scenario.areas.iter().map(|a| &a.name))
            .chain(scenario.bins.iter().map(|b| &b.name))
            .chain(scenario.buttons.iter().map(|b| &b.name))
            .chain(scenario.objects.iter().map(|o| &o.name))
    };
    let mut seen = std::collections::BTreeSet::new();
    if let Some(twice) = names().find(|n| !seen.insert(n.as_str())) {
        return Err(root.wrong("object", format!("the name {twice:?} is given twice")));
    }
    if let Goal::Tower(area) = &scenario.task.goal
        && !scenario.areas.iter().any(|a| a.name == *area)
    {
        let known = scenario.areas.iter().map(|a| a.name.as_str()).collect::<Vec<_>>().join(", ");
        return Err(root
            .wrong("task", format!("goal.tower: expected the name of an area, found {area:?}"))
            .with_hint(format!("known are {known}")));
    }
    let known: std::collections::BTreeSet<&String> =
        scenario.objects.iter().filter_map(|o| o.kind.as_ref()).collect();
    if known.len() > MOST_KINDS {
        return Err(root.wrong("object", format!("expected at most {MOST_KINDS} kinds")));
    }
    let takes =
        scenario.areas.iter().map(|a| &a.takes).chain(scenario.bins.iter().map(|b| &b.takes));
    match takes.flat_map(|takes| &takes.kinds).find(|kind| !known.contains(kind)) {
        None => Ok(()),
        Some(kind) => Err(root
            .wrong("bin", format!("kinds of bins and areas: no object is of the kind {kind:?}"))
            .with_hint("give an [[object]] the key `kind`, or leave this kind out")),
    }
}
