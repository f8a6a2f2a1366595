//! The panels, the pictures and the time line.

use bevy::asset::RenderAssetUsages;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};

use super::scene::Stands;
use super::{Arrangement, Show};
use crate::annotate::{Annotated, annotate};
use crate::layout::{self, BAR, FONT, LINE, Layout, PADDING};
use crate::panels::{self, Panel, Row, Tone};
use crate::session::Session;
use crate::{Kind, Mark};

pub(super) const PAPER: Color = Color::srgb(0.055, 0.065, 0.085);
const PANEL: Color = Color::srgb(0.098, 0.115, 0.145);
const VEIL: Color = Color::srgba(0.055, 0.065, 0.085, 0.78);
const GROOVE: Color = Color::srgb(0.19, 0.22, 0.27);
const ACCENT: Color = Color::srgb(0.40, 0.77, 1.0);
const ALARM: Color = Color::srgb(1.0, 0.56, 0.38);
const GOOD: Color = Color::srgb(0.48, 0.86, 0.57);
const DOUBT: Color = Color::srgb(0.96, 0.82, 0.40);
const INK: Color = Color::srgb(0.91, 0.93, 0.96);
const FAINT: Color = Color::srgb(0.58, 0.63, 0.70);

/// Size of the title's text.
const TITLE: f32 = 15.0;
/// Size of the text on pictures.
const LABEL: f32 = 11.0;
/// Width of a character of it.
const LABEL_CHARACTER: f32 = 6.7;

/// What the panels were built for.
#[derive(Resource, Default)]
pub(super) struct Nodes {
    root: Option<Entity>,
    built: Option<(Layout, Vec<Handle<Image>>)>,
}

/// What a panel tells.
#[derive(Component, Clone, Copy, PartialEq, Debug)]
pub(super) enum Topic {
    Header,
    Keys,
    Plan(usize),
    Facts(usize),
    Action(usize),
    Cost(usize),
    Log(usize),
}

/// What stands in a panel at present.
#[derive(Component, Default)]
pub(super) struct Content(Panel);

/// A picture of what the policy sees.
#[derive(Component)]
pub(super) struct Inset {
    episode: usize,
    camera: usize,
    /// The step whose picture it shows.
    step: Option<u64>,
}

/// The part of the bar that is past.
#[derive(Component)]
pub(super) struct Past;

/// The bar, with the marks that it shows.
#[derive(Component, Default)]
pub(super) struct Bar(Vec<(f64, Kind)>);

/// Something on the bar.
#[derive(Component)]
pub(super) struct OnBar;

/// Builds all nodes anew when they are to stand elsewhere.
pub(super) fn build(
    mut commands: Commands,
    arrangement: Res<Arrangement>,
    stands: Res<Stands>,
    mut nodes: ResMut<Nodes>,
    mut images: ResMut<Assets<Image>>,
) {
    let layout = &arrangement.0;
    let pictures: Vec<_> =
        (0..layout.slots.len()).filter_map(|i| stands.picture(i)).cloned().collect();
    let wanted = Some((layout.clone(), pictures));
    if nodes.built == wanted {
        return;
    }
    nodes.built = wanted;
    if let Some(root) = nodes.root.take() {
        commands.entity(root).despawn();
    }
    let whole = Node { width: Val::Percent(100.0), height: Val::Percent(100.0), ..default() };
    let root = commands.spawn((whole, BackgroundColor(PAPER))).id();
    nodes.root = Some(root);
    let mut builder = Builder { commands: &mut commands, root };
    builder.panel(layout.header, Topic::Header, PAPER);
    builder.panel(layout.keys, Topic::Keys, PAPER);
    for (episode, slot) in layout.slots.iter().enumerate() {
        builder.scene(slot.scene, stands.picture(episode));
        builder.panel(slot.plan, Topic::Plan(episode), PANEL);
        builder.panel(slot.facts, Topic::Facts(episode), PANEL);
        builder.panel(slot.action, Topic::Action(episode), PANEL);
        if let Some(at) = slot.cost {
            builder.panel(at, Topic::Cost(episode), PANEL);
        }
        builder.panel(slot.log, Topic::Log(episode), VEIL);
        for (camera, at) in slot.pictures.into_iter().enumerate() {
            let image = images.add(Image::default());
            builder.inset(at, Inset { episode, camera, step: None }, image);
        }
    }
    builder.bar(layout.bar);
}

struct Builder<'a, 'w, 's> {
    commands: &'a mut Commands<'w, 's>,
    root: Entity,
}

impl Builder<'_, '_, '_> {
    fn add(&mut self, bundle: impl Bundle) -> Entity {
        let id = self.commands.spawn(bundle).id();
        self.commands.entity(self.root).add_child(id);
        id
    }

    fn panel(&mut self, at: layout::Rect, topic: Topic, colour: Color) {
        let above = match topic {
            Topic::Header => 9.0,
            Topic::Keys => 2.0,
            _ => PADDING,
        };
        let node = Node {
            flex_direction: FlexDirection::Column,
            padding: UiRect::axes(Val::Px(PADDING), Val::Px(above)),
            border_radius: BorderRadius::all(Val::Px(5.0)),
            overflow: Overflow::clip(),
            ..placed(at)
        };
        self.add((node, BackgroundColor(colour), topic, Content::default()));
    }

    fn scene(&mut self, at: layout::Rect, picture: Option<&Handle<Image>>) {
        let node = placed(at);
        match picture {
            Some(picture) => {
                let image = ImageNode::new(picture.clone()).with_mode(NodeImageMode::Stretch);
                self.add((node, image));
            }
            None => {
                self.add((node, BackgroundColor(GROOVE)));
            }
        }
    }

    fn inset(&mut self, at: layout::Rect, inset: Inset, image: Handle<Image>) {
        let node =
            Node { border: UiRect::all(Val::Px(1.0)), overflow: Overflow::clip(), ..placed(at) };
        let image = ImageNode::new(image).with_mode(NodeImageMode::Stretch);
        self.add((node, image, BorderColor::all(PAPER), Visibility::Hidden, inset));
    }

    fn bar(&mut self, at: layout::Rect) {
        let round = BorderRadius::all(Val::Px(4.0));
        let node = Node { border_radius: round, ..placed(at) };
        let bar = self.add((node, BackgroundColor(GROOVE), Bar::default()));
        let past = Node {
            position_type: PositionType::Absolute,
            height: Val::Percent(100.0),
            border_radius: round,
            ..default()
        };
        let past = self.commands.spawn((past, BackgroundColor(ACCENT.with_alpha(0.55)), Past)).id();
        self.commands.entity(bar).add_child(past);
    }
}

/// A node at a place of the window.
fn placed(at: layout::Rect) -> Node {
    Node {
        position_type: PositionType::Absolute,
        left: Val::Px(at.x),
        top: Val::Px(at.y),
        width: Val::Px(at.width),
        height: Val::Px(at.height),
        ..default()
    }
}

/// Writes what the panels tell, where it changed.
pub(super) fn fill(
    mut commands: Commands,
    show: NonSend<Show>,
    arrangement: Res<Arrangement>,
    mut panels: Query<(Entity, &Topic, &mut Content)>,
    (mut bars, mut past): (Query<(Entity, &mut Bar)>, Query<&mut Node, With<Past>>),
    old: Query<Entity, With<OnBar>>,
) {
    for (entity, topic, mut content) in &mut panels {
        let panel = told(*topic, &show.session, &arrangement.0).unwrap_or_default();
        if content.0 != panel {
            commands.entity(entity).despawn_children();
            write(&mut commands, entity, *topic, &panel);
            content.0 = panel;
        }
    }
    let (now, end) = show.session.span();
    let share =
        |secs: f64| if end > 0.0 { (100.0 * secs / end).clamp(0.0, 100.0) as f32 } else { 0.0 };
    for mut node in &mut past {
        node.width = Val::Percent(share(now));
    }
    let marks: Vec<(f64, Kind)> =
        show.session.marks().iter().map(|m: &Mark| (m.time_secs, m.kind)).collect();
    for (bar, mut shown) in &mut bars {
        // On the bar of a run, which grows, the marks move.
        if shown.0 == marks && now < end {
            continue;
        }
        old.iter().for_each(|mark| commands.entity(mark).despawn());
        for &(secs, kind) in &marks {
            let id = commands.spawn(mark(share(secs), kind)).id();
            commands.entity(bar).add_child(id);
        }
        shown.0.clone_from(&marks);
    }
}

fn mark(percent: f32, kind: Kind) -> impl Bundle {
    let colour = match kind {
        Kind::Solved => GOOD,
        Kind::Disturbance => DOUBT,
        _ => ALARM,
    };
    let node = Node {
        position_type: PositionType::Absolute,
        left: Val::Percent(percent),
        margin: UiRect::left(Val::Px(-2.0)),
        width: Val::Px(4.0),
        height: Val::Percent(100.0),
        ..default()
    };
    (node, BackgroundColor(colour), OnBar)
}

/// What a panel tells now.
fn told(topic: Topic, session: &Session, layout: &Layout) -> Option<Panel> {
    let shown = session.shown();
    let moment = |episode: usize| shown.get(episode).map(|(_, m)| m);
    let slot = |episode: usize| layout.slots.get(episode);
    Some(match topic {
        Topic::Header => header(session),
        Topic::Keys => keys(session, layout),
        Topic::Plan(i) => panels::plan(&moment(i)?.told, &slot(i)?.plan),
        Topic::Facts(i) => panels::facts(&moment(i)?.told, &slot(i)?.facts),
        Topic::Action(i) => panels::action(moment(i)?, &slot(i)?.action),
        Topic::Cost(i) => panels::cost(moment(i)?.cost.as_ref(), slot(i)?.cost.as_ref()?),
        Topic::Log(i) => panels::log(&moment(i)?.told, &slot(i)?.log),
    })
}

fn header(session: &Session) -> Panel {
    let shown = session.shown().iter();
    let names: Vec<String> =
        shown.map(|(s, _)| format!("{}   {}   seed {}", s.scenario, s.method, s.seed)).collect();
    let title = match names.is_empty() {
        true => "ergon   setting the scene".to_owned(),
        false => format!("ergon   {}", names.join("     against     ")),
    };
    Panel { title, note: session.state(), rows: Vec::new() }
}

/// What the person should know now: a goal that is put together, a note, or the keys.
fn keys(session: &Session, layout: &Layout) -> Panel {
    let hand = &session.hand;
    let goal = hand.goal.as_ref().map(|pairs| {
        let pairs = pairs.iter().map(|(body, below)| format!("{body} on {below}"));
        let chosen = hand.chosen.and_then(|body| {
            let (setting, _) = session.shown().first()?;
            Some(format!("{} on ..", setting.bodies.get(body)?.name))
        });
        let pairs: Vec<String> = pairs.chain(chosen).collect();
        format!("goal: {}     ", pairs.join(", "))
    });
    let (text, tone) = match (goal, session.note.is_empty()) {
        (Some(goal), _) => (goal + session.keys(), Tone::Accent),
        (None, false) => (session.note.clone(), Tone::Alarm),
        (None, true) => (session.keys().to_owned(), Tone::Faint),
    };
    let text = panels::cut(&text, layout::columns(&layout.keys));
    let row = Row { spans: vec![panels::Span { text, tone }], bar: None };
    Panel { rows: vec![row], ..Panel::default() }
}

fn write(commands: &mut Commands<'_, '_>, entity: Entity, topic: Topic, panel: &Panel) {
    let size = if topic == Topic::Header { TITLE } else { FONT };
    let mut children = Vec::new();
    if !panel.title.is_empty() {
        let line = Node {
            justify_content: JustifyContent::SpaceBetween,
            width: Val::Percent(100.0),
            min_height: Val::Px(LINE + 4.0),
            ..default()
        };
        let ink = if topic == Topic::Header { INK } else { FAINT };
        children.push(
            commands
                .spawn(line)
                .with_children(|line| {
                    line.spawn(text(&panel.title, ink, size));
                    line.spawn(text(&panel.note, FAINT, size));
                })
                .id(),
        );
    }
    for row in &panel.rows {
        children.push(write_row(commands, row));
    }
    commands.entity(entity).add_children(&children);
}

fn write_row(commands: &mut Commands<'_, '_>, row: &Row) -> Entity {
    let below = if row.bar.is_some() { BAR } else { 0.0 };
    let line = Node {
        min_height: Val::Px(LINE),
        max_height: Val::Px(LINE),
        margin: UiRect::bottom(Val::Px(below)),
        ..default()
    };
    let mut line = commands.spawn(line);
    line.with_children(|line| {
        // One text of many spans, in which blanks keep their width.
        line.spawn(text("", INK, FONT)).with_children(|words| {
            for span in &row.spans {
                let font = TextFont::from_font_size(FONT);
                words.spawn((TextSpan::new(&span.text), font, TextColor(colour(span.tone))));
            }
        });
        if let Some(share) = row.bar {
            let node = |share: f32| Node {
                position_type: PositionType::Absolute,
                bottom: Val::Px(-2.0),
                width: Val::Percent(100.0 * share),
                height: Val::Px(2.0),
                ..default()
            };
            line.spawn((node(1.0), BackgroundColor(GROOVE)));
            line.spawn((node(share), BackgroundColor(ACCENT)));
        }
    });
    line.id()
}

fn text(words: &str, colour: Color, size: f32) -> impl Bundle {
    (Text::new(words), TextFont::from_font_size(size), TextColor(colour), TextLayout::no_wrap())
}

fn colour(tone: Tone) -> Color {
    match tone {
        Tone::Ink => INK,
        Tone::Faint => FAINT,
        Tone::Accent => ACCENT,
        Tone::Good => GOOD,
        Tone::Alarm => ALARM,
        Tone::Doubt => DOUBT,
    }
}

/// Shows what the policies see.
pub(super) fn pictures(
    mut commands: Commands,
    (show, arrangement): (NonSend<Show>, Res<Arrangement>),
    mut insets: Query<(Entity, &mut Inset, &ImageNode, &mut Visibility)>,
    mut images: ResMut<Assets<Image>>,
) {
    let shown = show.session.shown();
    for (entity, mut inset, node, mut visibility) in &mut insets {
        let Some((setting, moment)) = shown.get(inset.episode) else { continue };
        let Some(picture) = moment.pictures.get(inset.camera) else {
            // A moment without a look leaves the last one standing, while there was one.
            continue;
        };
        if inset.step == Some(moment.step) {
            continue;
        }
        inset.step = Some(moment.step);
        visibility.set_if_neq(Visibility::Inherited);
        let seen = annotate(setting, moment, picture);
        commands.entity(entity).despawn_children();
        let room = arrangement.0.slots.get(inset.episode).map(|s| s.pictures[inset.camera]);
        let columns = room.map_or(0, |at| ((at.width - 10.0) / LABEL_CHARACTER) as usize);
        commands.entity(entity).with_children(|parent| label(parent, &seen, columns));
        if let Some(mut image) = images.get_mut(&node.image) {
            *image = as_image(seen);
        }
    }
}

fn as_image(seen: Annotated) -> Image {
    let [width, height] = seen.size.map(|n| n as u32);
    let extent = Extent3d { width, height, depth_or_array_layers: 1 };
    let (kind, format) = (TextureDimension::D2, TextureFormat::Rgba8UnormSrgb);
    Image::new(extent, kind, seen.rgba, format, RenderAssetUsages::default())
}

/// The camera's name, those of the bodies, and how surely they are known.
fn label(parent: &mut ChildSpawnerCommands<'_>, seen: &Annotated, columns: usize) {
    let node = |left: Val, top: Val, bottom: Val| Node {
        position_type: PositionType::Absolute,
        left,
        top,
        bottom,
        padding: UiRect::horizontal(Val::Px(3.0)),
        border_radius: BorderRadius::all(Val::Px(3.0)),
        ..default()
    };
    let mut write = |node: Node, words: &str| {
        parent.spawn((node, BackgroundColor(VEIL))).with_child(text(words, INK, LABEL));
    };
    for ([x, y], name) in &seen.labels {
        // Beside the body, within the picture.
        let (left, top) = ((100.0 * x + 5.0).min(88.0), (100.0 * y - 3.0).clamp(0.0, 84.0));
        write(node(Val::Percent(left), Val::Percent(top), Val::Auto), name);
    }
    let edge = Val::Px(2.0);
    write(node(edge, edge, Val::Auto), &format!("{} camera", seen.camera));
    let surety = seen.surety(columns);
    if !surety.is_empty() {
        write(node(edge, Val::Auto, edge), &surety);
    }
}
