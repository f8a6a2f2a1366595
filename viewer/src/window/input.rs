//! Keys and mouse.

use bevy::input::mouse::{AccumulatedMouseMotion, AccumulatedMouseScroll, MouseScrollUnit};
use bevy::prelude::*;
use bevy::window::PrimaryWindow;

use super::{Arrangement, Screen, Show};
use crate::hand::Ray;
use crate::layout::Layout;
use crate::orbit::Eye;

/// Turn of the view for a move across the height of the window, rad.
const TURN: f64 = 3.0;
/// Control steps of a long step.
const LONG: i64 = 20;

/// The buttons that mean something.
const BUTTONS: [MouseButton; 3] = [MouseButton::Left, MouseButton::Right, MouseButton::Middle];

/// All that the person did is heard in this set.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Heard;

/// What the pressed mouse does.
#[derive(Default, Clone, Copy, PartialEq)]
pub(super) enum Doing {
    #[default]
    Nothing,
    /// Turns the view of an episode.
    Turning(usize),
    /// Moves the view of an episode sideways.
    Panning(usize),
    /// Holds something in the scene of an episode.
    Holding(usize),
    /// Moves along the time line.
    Scrubbing,
}

pub(super) fn keys(keys: Res<ButtonInput<KeyCode>>, mut show: NonSendMut<Show>) {
    let show = &mut *show;
    let long = keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
    let far = if long { LONG } else { 1 };
    for key in keys.get_just_pressed() {
        match key {
            KeyCode::Space => show.session.toggle(),
            KeyCode::Period | KeyCode::ArrowRight => show.session.step(far),
            KeyCode::Comma | KeyCode::ArrowLeft => show.session.step(-far),
            KeyCode::BracketRight => show.session.to_mark(true),
            KeyCode::BracketLeft => show.session.to_mark(false),
            KeyCode::Equal | KeyCode::NumpadAdd => show.session.change_speed(true),
            KeyCode::Minus | KeyCode::NumpadSubtract => show.session.change_speed(false),
            KeyCode::KeyR => show.session.reset(0),
            KeyCode::KeyN => show.session.reset(if long { -1 } else { 1 }),
            KeyCode::KeyM => show.session.next_method(),
            KeyCode::KeyG => show.session.toggle_goal(),
            KeyCode::Enter | KeyCode::NumpadEnter => show.session.confirm_goal(),
            KeyCode::Escape if show.session.hand.goal.is_some() => show.session.toggle_goal(),
            KeyCode::Home => show.session.seek(0.0),
            KeyCode::End => show.session.seek(1.0),
            KeyCode::KeyB => show.believed = !show.believed,
            KeyCode::Digit1 => look(show, Eye::Free),
            KeyCode::Digit2 => look(show, Eye::Camera(0)),
            KeyCode::Digit3 => look(show, Eye::Camera(1)),
            _ => {}
        }
    }
}

fn look(show: &mut Show, eye: Eye) {
    show.orbits.iter_mut().for_each(|orbit| orbit.eye = eye);
}

pub(super) fn mouse(
    (buttons, motion, scroll): (
        Res<ButtonInput<MouseButton>>,
        Res<AccumulatedMouseMotion>,
        Res<AccumulatedMouseScroll>,
    ),
    (arrangement, screen): (Res<Arrangement>, Res<Screen>),
    window: Single<&Window, With<PrimaryWindow>>,
    mut show: NonSendMut<Show>,
    mut doing: Local<Doing>,
) {
    let (layout, show) = (&arrangement.0, &mut *show);
    if buttons.any_just_released(BUTTONS) {
        let_go(show, &mut doing);
    }
    let Some(cursor) = window.physical_cursor_position() else { return };
    let at = [cursor.x / layout.scale, cursor.y / layout.scale];
    let over = layout.slots.iter().position(|slot| slot.scene.holds(at));
    if buttons.just_pressed(MouseButton::Left) {
        *doing = press(show, layout, over, at);
    } else if buttons.any_just_pressed([MouseButton::Right, MouseButton::Middle]) {
        *doing = over.map_or(Doing::Nothing, Doing::Panning);
    }
    let share = motion.delta.as_dvec2() / f64::from(screen.size[1]);
    match *doing {
        Doing::Nothing => {}
        Doing::Scrubbing => show.session.seek(layout.bar.share(at)[0].clamp(0.0, 1.0)),
        Doing::Holding(episode) => {
            if let Some(ray) = ray(show, layout, episode, at) {
                show.session.moved(&ray);
            }
        }
        Doing::Turning(episode) if share.length() > 0.0 => {
            if let Some(orbit) = show.orbits.get_mut(episode) {
                orbit.turn(-share.x * TURN, share.y * TURN);
            }
        }
        Doing::Panning(episode) if share.length() > 0.0 => {
            if let Some(orbit) = show.orbits.get_mut(episode) {
                orbit.pan(-share.x, share.y);
            }
        }
        Doing::Turning(_) | Doing::Panning(_) => {}
    }
    // A quick click begins and ends between two frames.
    if !buttons.any_pressed(BUTTONS) {
        let_go(show, &mut doing);
    }
    zoom(show, over, &scroll);
}

fn let_go(show: &mut Show, doing: &mut Doing) {
    if matches!(*doing, Doing::Holding(_)) {
        show.session.release();
    }
    *doing = Doing::Nothing;
}

fn zoom(show: &mut Show, over: Option<usize>, scroll: &AccumulatedMouseScroll) {
    let clicks = match scroll.unit {
        MouseScrollUnit::Line => scroll.delta.y,
        MouseScrollUnit::Pixel => scroll.delta.y / 40.0,
    };
    if let (Some(orbit), true) = (over.and_then(|i| show.orbits.get_mut(i)), clicks != 0.0) {
        orbit.zoom(0.9_f64.powf(f64::from(clicks)));
    }
}

/// The left button goes down: on a body, on the time line, or beside both.
fn press(show: &mut Show, layout: &Layout, over: Option<usize>, at: [f32; 2]) -> Doing {
    if layout.bar.holds(at) {
        return Doing::Scrubbing;
    }
    let Some(episode) = over else { return Doing::Nothing };
    let taken = ray(show, layout, episode, at).is_some_and(|ray| show.session.press(episode, &ray));
    if taken { Doing::Holding(episode) } else { Doing::Turning(episode) }
}

/// The ray under the pointer in the scene of an episode.
fn ray(show: &Show, layout: &Layout, episode: usize, at: [f32; 2]) -> Option<Ray> {
    let (setting, moment) = show.session.shown().get(episode)?;
    let scene = &layout.slots.get(episode)?.scene;
    let lens = show.orbits.get(episode)?.lens(setting, moment);
    Some(lens.ray(scene.share(at), scene.aspect()))
}

#[cfg(test)]
mod tests {
    use bevy::math::DVec2;

    use super::super::Quality;
    use super::*;
    use crate::orbit::Orbit;
    use crate::session::Session;
    use crate::{Playback, Setting};

    /// The mouse over the scene of one episode, in which it can take hold of nothing.
    fn app() -> App {
        let size = [1280.0, 720.0];
        let mut window = Window::default();
        window.set_physical_cursor_position(Some(DVec2::new(400.0, 300.0)));
        let mut app = App::new();
        app.insert_non_send(Show {
            session: Session::traces(Playback::new(Vec::new())),
            orbits: vec![Orbit::new(&Setting::default())],
            believed: false,
            passed_secs: 0.0,
            still_secs: 0.0,
        })
        .insert_resource(Screen { size, quality: Quality::Low })
        .insert_resource(Arrangement(Layout::new(size, 1)))
        .init_resource::<ButtonInput<MouseButton>>()
        .init_resource::<AccumulatedMouseMotion>()
        .init_resource::<AccumulatedMouseScroll>()
        .add_systems(Update, mouse);
        app.world_mut().spawn((window, PrimaryWindow));
        app
    }

    /// A frame in which the left button does something, then one in which the mouse moves. Whether that
    /// turns the view.
    fn turns(act: fn(&mut ButtonInput<MouseButton>)) -> bool {
        let mut app = app();
        let orbit = |app: &App| app.world().get_non_send::<Show>().map(|show| show.orbits[0]);
        act(&mut app.world_mut().resource_mut());
        app.update();
        let before = orbit(&app);
        app.world_mut().resource_mut::<ButtonInput<MouseButton>>().clear();
        app.world_mut().resource_mut::<AccumulatedMouseMotion>().delta = Vec2::new(50.0, 0.0);
        app.update();
        orbit(&app) != before
    }

    #[test]
    fn a_click_within_one_frame_is_over_with_it() {
        assert!(turns(|buttons| buttons.press(MouseButton::Left)));
        assert!(!turns(|buttons| {
            buttons.press(MouseButton::Left);
            buttons.release(MouseButton::Left);
        }));
        assert!(!turns(|_| ()));
    }
}
