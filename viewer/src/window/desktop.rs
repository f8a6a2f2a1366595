//! The window.

use std::time::Duration;

use bevy::diagnostic::FrameCount;
use bevy::prelude::*;
use bevy::render::renderer::RenderAdapterInfo;
use bevy::window::{PrimaryWindow, WindowResolution};
use bevy::winit::{UpdateMode, WinitSettings};

use super::studio::{WARM_UP, logs, quietly, renderer};
use super::{Quality, Screen, Show, add, input, scene};
use crate::ViewerError;
use crate::session::Session;

/// Time from one frame to the next while something moves: on a graphics card, and without one.
const SMOOTH: Duration = Duration::from_millis(16);
const FRUGAL: Duration = Duration::from_millis(50);
/// And while nothing does; what the person does is heard at once.
const IDLE: Duration = Duration::from_secs(5);
/// For how long it counts as moving after the last thing that was done or seen, s.
const LINGER_SECS: f64 = 1.2;

/// Whether the quality follows from what draws.
#[derive(Resource)]
struct Automatic(bool);

/// How long the window stays, and what was measured until then.
#[derive(Resource, Default)]
struct Measure {
    for_secs: Option<f64>,
    frames: u32,
    since_secs: f64,
}

/// Opens a window of so many pixels and returns when it is closed. Without a quality it is
/// [`Quality::High`] on a graphics card and [`Quality::Low`] where a processor draws. With `measure` the
/// window closes after so many seconds, and the mean time of a frame is returned, s.
///
/// # Errors
/// There is no display, or no Vulkan driver.
pub fn open(
    session: Session,
    quality: Option<Quality>,
    size: [u32; 2],
    measure: Option<f64>,
) -> Result<Option<f64>, ViewerError> {
    find_display()?;
    let screen = Screen { size: size.map(|n| n as f32), quality: quality.unwrap_or(Quality::High) };
    quietly(|| run(session, screen, quality.is_none(), measure))
}

fn run(session: Session, screen: Screen, automatic: bool, measure: Option<f64>) -> Option<f64> {
    let mut app = App::new();
    let [width, height] = screen.size;
    let window = Window {
        title: "Ergon".into(),
        resolution: WindowResolution::new(width as u32, height as u32),
        visible: false,
        ..default()
    };
    let plugins = DefaultPlugins
        .set(WindowPlugin { primary_window: Some(window), ..default() })
        .set(renderer())
        .set(logs());
    app.add_plugins(plugins);
    add(&mut app, session, screen);
    app.insert_resource(Automatic(automatic))
        .insert_resource(Measure { for_secs: measure, ..default() })
        .add_systems(PreStartup, choose_quality)
        .add_systems(Startup, |world: &mut World| scene::panel_camera(world, None))
        .add_systems(
            Update,
            (resized, passed, input::keys, input::mouse).chain().in_set(input::Heard),
        )
        .add_systems(Update, (appear, pace, close).after(input::Heard));
    let (sender, receiver) = std::sync::mpsc::channel();
    // The runner takes the world along; what was measured must come out before.
    app.add_systems(Last, move |measure: Res<Measure>| {
        if measure.frames > 0 {
            sender.send(measure.since_secs / f64::from(measure.frames)).ok();
        }
    });
    app.run();
    measure.and_then(|_| receiver.try_iter().last())
}

/// Other systems always have a display.
#[cfg(not(target_os = "linux"))]
fn find_display() -> Result<(), ViewerError> {
    Ok(())
}

/// Whether an X server answers where the environment says that one is.
#[cfg(target_os = "linux")]
fn find_display() -> Result<(), ViewerError> {
    let Ok(display) = std::env::var("DISPLAY") else {
        return Err(ViewerError::NoDisplay("DISPLAY is not set".into()));
    };
    let number = display.strip_prefix(':').map(|n| n.split('.').next().unwrap_or(n));
    // Where the server is elsewhere only trying tells.
    let Some(number) = number else { return Ok(()) };
    let socket = format!("/tmp/.X11-unix/X{number}");
    match std::os::unix::net::UnixStream::connect(&socket) {
        Ok(_) => Ok(()),
        Err(e) => Err(ViewerError::NoDisplay(format!("DISPLAY is {display}, and {socket}: {e}"))),
    }
}

/// Draws with less care where a processor draws.
fn choose_quality(
    automatic: Res<Automatic>,
    adapter: Res<RenderAdapterInfo>,
    mut screen: ResMut<Screen>,
) {
    // The type is not exported by bevy; its name is.
    if automatic.0 && format!("{:?}", adapter.device_type) == "Cpu" {
        screen.quality = Quality::Low;
    }
}

/// Shows the window once there is something in it: before, it holds whatever lay in memory.
fn appear(mut window: Single<&mut Window, With<PrimaryWindow>>, frames: Res<FrameCount>) {
    if frames.0 >= WARM_UP && !window.visible {
        window.visible = true;
    }
}

fn resized(window: Single<&Window, With<PrimaryWindow>>, mut screen: ResMut<Screen>) {
    let size = [window.physical_width() as f32, window.physical_height() as f32];
    let new = Screen { size, ..*screen };
    // A window that is put away has no size.
    if size[0] > 0.0 && size[1] > 0.0 {
        screen.set_if_neq(new);
    }
}

fn passed(
    time: Res<Time<Real>>,
    (keys, buttons): (Res<ButtonInput<KeyCode>>, Res<ButtonInput<MouseButton>>),
    mut show: NonSendMut<Show>,
) {
    show.passed_secs = time.delta_secs_f64();
    if keys.get_pressed().next().is_some() || buttons.get_pressed().next().is_some() {
        show.still_secs = 0.0;
    }
}

/// Draws as often as there is something new.
fn pace(show: NonSend<Show>, screen: Res<Screen>, mut settings: ResMut<WinitSettings>) {
    let busy = if screen.quality == Quality::High { SMOOTH } else { FRUGAL };
    let begun = !show.session.shown().is_empty();
    let moves = show.session.runs() || show.still_secs < LINGER_SECS;
    let wait = if moves || !begun { busy } else { IDLE };
    let mode = UpdateMode::reactive(wait);
    *settings = WinitSettings { focused_mode: mode, unfocused_mode: mode };
}

fn close(time: Res<Time<Real>>, mut measure: ResMut<Measure>, mut exit: MessageWriter<AppExit>) {
    let Some(until) = measure.for_secs else { return };
    // The first second is spent on compiling shaders.
    if time.elapsed_secs_f64() > 1.0 {
        measure.frames += 1;
        measure.since_secs = time.elapsed_secs_f64() - 1.0;
    }
    if time.elapsed_secs_f64() > until {
        exit.write(AppExit::Success);
    }
}
