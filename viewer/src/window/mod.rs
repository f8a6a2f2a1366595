//! Draws what is shown with bevy, on a screen or into pictures.

mod believed;
mod desktop;
mod hud;
mod input;
mod scene;
mod studio;

use bevy::prelude::*;
use clap::ValueEnum;

pub use desktop::open;
pub use studio::{Studio, Wanted};

use crate::layout::Layout;
use crate::orbit::Orbit;
use crate::session::Session;

/// How carefully pictures are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Quality {
    /// For machines without a graphics card: no shadows, half of the pixels of the scene.
    Low,
    /// Shadows, smooth edges, every pixel.
    High,
}

impl Quality {
    /// Pixels of the scene's picture a pixel of the window.
    fn scale(self) -> f32 {
        match self {
            Self::Low => 0.7,
            Self::High => 1.0,
        }
    }
}

/// What is shown, from where, and how. Not shared between threads.
struct Show {
    session: Session,
    /// One for each episode.
    orbits: Vec<Orbit>,
    /// Whether what is believed is drawn in the scene, too.
    believed: bool,
    /// Wall time since the last frame, s.
    passed_secs: f64,
    /// Wall time since something new was shown or the person did something, s.
    still_secs: f64,
}

/// The picture that everything is drawn into, in pixels.
#[derive(Resource, Clone, Copy, PartialEq)]
struct Screen {
    size: [f32; 2],
    quality: Quality,
}

/// Where everything goes.
#[derive(Resource, Clone, PartialEq)]
struct Arrangement(Layout);

/// Adds what both a window and a studio need.
fn add(app: &mut App, session: Session, screen: Screen) {
    let orbits = Vec::new();
    let show = Show { session, orbits, believed: false, passed_secs: 0.0, still_secs: 0.0 };
    app.insert_non_send(show)
        .insert_resource(screen)
        .insert_resource(Arrangement(Layout::new(screen.size, 1)))
        .insert_resource(ClearColor(hud::PAPER))
        .init_resource::<scene::Stands>()
        .init_resource::<hud::Nodes>()
        .add_systems(
            Update,
            (
                tick,
                arrange,
                scene::set_up,
                scene::set_cameras,
                scene::mirror,
                hud::build,
                hud::fill,
                hud::pictures,
                believed::draw,
            )
                .chain()
                .after(input::Heard),
        );
    scene::add(app);
}

/// Lets time pass, and finds from where a new scene is looked at.
fn tick(mut show: NonSendMut<Show>) {
    let show = &mut *show;
    let new = show.session.tick(show.passed_secs);
    show.still_secs = if new { 0.0 } else { show.still_secs + show.passed_secs };
    show.passed_secs = 0.0;
    for (index, (setting, _)) in show.session.shown().iter().enumerate() {
        if index == show.orbits.len() {
            show.orbits.push(Orbit::new(setting));
        }
    }
}

/// Finds where everything goes.
fn arrange(
    show: NonSend<Show>,
    screen: Res<Screen>,
    mut arrangement: ResMut<Arrangement>,
    mut scale: ResMut<UiScale>,
) {
    let layout = Layout::new(screen.size, show.session.shown().len().max(1));
    scale.0 = layout.scale;
    arrangement.set_if_neq(Arrangement(layout));
}
