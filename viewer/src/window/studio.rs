//! Pictures without a window.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use bevy::app::{PluginsState, SubApps};
use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::gpu_readback::{Readback, ReadbackComplete};
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::render::render_resource::PollType;
use bevy::render::renderer::RenderDevice;
use bevy::render::settings::{Backends, WgpuSettings};
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;

use super::{Quality, Screen, Show, add, scene};
use crate::ViewerError;
use crate::orbit::Eye;
use crate::session::Session;

/// Frames that are drawn before the first one is shown, so that text and pipelines are there.
pub(super) const WARM_UP: u32 = 4;
/// Frames within which a picture must have come back.
const PATIENCE: usize = 20;
/// Rows of a picture that comes back begin at multiples of so many bytes.
const ROW_ALIGNMENT: usize = 256;

/// What pictures are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Width and height, pixels.
    pub size: [u32; 2],
    /// How carefully.
    pub quality: Quality,
    /// What the scene is looked at through.
    pub eye: Eye,
    /// Whether what is believed is drawn in the scene, too.
    pub believed: bool,
}

type Picture = Arc<Mutex<Option<Vec<u8>>>>;

/// Draws what a session shows into pictures.
pub struct Studio {
    apps: SubApps,
    picture: Picture,
    wanted: Wanted,
    warm: bool,
    frames: u32,
}

impl Studio {
    /// A studio for a session.
    ///
    /// # Errors
    /// The machine has no Vulkan driver.
    pub fn open(session: Session, wanted: Wanted) -> Result<Self, ViewerError> {
        quietly(|| Self::build(session, wanted))
    }

    fn build(session: Session, wanted: Wanted) -> Self {
        let mut app = App::new();
        let plugins = DefaultPlugins
            .set(WindowPlugin {
                primary_window: None,
                exit_condition: ExitCondition::DontExit,
                ..default()
            })
            .set(RenderPlugin { synchronous_pipeline_compilation: true, ..renderer() })
            .set(logs())
            .disable::<WinitPlugin>()
            .disable::<PipelinedRenderingPlugin>();
        app.add_plugins(plugins);
        let screen = Screen { size: wanted.size.map(|n| n as f32), quality: wanted.quality };
        add(&mut app, session, screen);
        while app.plugins_state() == PluginsState::Adding {
            bevy::tasks::tick_global_task_pools_on_main_thread();
        }
        app.finish();
        app.cleanup();
        let mut apps = std::mem::take(app.sub_apps_mut());
        let world = apps.main.world_mut();
        let canvas = scene::canvas(UVec2::from(wanted.size));
        let canvas = world.resource_mut::<Assets<Image>>().add(canvas);
        scene::panel_camera(world, Some(canvas.clone()));
        let picture = Picture::default();
        let taken = picture.clone();
        world.spawn(Readback::texture(canvas)).observe(
            move |back: On<'_, '_, ReadbackComplete>| {
                *taken.lock().unwrap_or_else(PoisonError::into_inner) = Some(back.data.clone());
            },
        );
        Self { apps, picture, wanted, warm: false, frames: 0 }
    }

    /// What is shown.
    ///
    /// # Errors
    /// A bug.
    pub fn session(&mut self) -> Result<&mut Session, ViewerError> {
        let show = self.apps.main.world_mut().get_non_send_mut::<Show>();
        let show = show.ok_or_else(|| ViewerError::Bug("the show is gone".into()))?;
        Ok(&mut show.into_inner().session)
    }

    /// Draws what is shown now: RGB, `height x width x 3`, row 0 on top.
    ///
    /// # Errors
    /// The driver does not answer.
    pub fn draw(&mut self) -> Result<Vec<u8>, ViewerError> {
        if !self.warm {
            self.warm = true;
            for _ in 0..WARM_UP {
                self.frame()?;
            }
        }
        self.frame()?;
        // What comes back next was drawn in the frame above, or later from the same show.
        self.take();
        for _ in 0..PATIENCE {
            self.frame()?;
            if let Some(bytes) = self.take() {
                return Ok(rgb(&bytes, self.wanted.size));
            }
        }
        Err(ViewerError::NoVulkan("it drew nothing".into()))
    }

    /// How many frames something takes.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn count_frames(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<(), ViewerError>,
    ) -> Result<u32, ViewerError> {
        let before = self.frames;
        work(self)?;
        Ok(self.frames - before)
    }

    fn take(&self) -> Option<Vec<u8>> {
        self.picture.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn frame(&mut self) -> Result<(), ViewerError> {
        let wanted = self.wanted;
        if let Some(mut show) = self.apps.main.world_mut().get_non_send_mut::<Show>() {
            show.believed = wanted.believed;
            show.orbits.iter_mut().for_each(|orbit| orbit.eye = wanted.eye);
        }
        self.frames += 1;
        self.apps.update();
        let device = self.apps.main.world().resource::<RenderDevice>();
        let wait = PollType::Wait { submission_index: None, timeout: None };
        let polled = device.wgpu_device().poll(wait);
        polled.map(|_| ()).map_err(|e| ViewerError::NoVulkan(e.to_string()))
    }
}

/// Vulkan and its like only: with others nothing has been tried.
pub(super) fn renderer() -> RenderPlugin {
    let backends = Backends::from_env().unwrap_or(Backends::PRIMARY);
    let settings = WgpuSettings { backends: Some(backends), ..default() };
    RenderPlugin { render_creation: settings.into(), ..default() }
}

/// Only what goes wrong is worth a line on standard error.
pub(super) fn logs() -> LogPlugin {
    LogPlugin { filter: "error,wgpu_hal=off".into(), ..default() }
}

/// Sets a program up that panics where something is missing, and tells what.
pub(super) fn quietly<R>(build: impl FnOnce() -> R) -> Result<R, ViewerError> {
    let said = Arc::new(Mutex::new(String::new()));
    let heard = said.clone();
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let mut said = heard.lock().unwrap_or_else(PoisonError::into_inner);
        if said.is_empty() {
            *said = info.payload_as_str().unwrap_or_default().to_owned();
        }
    }));
    let result = catch_unwind(AssertUnwindSafe(build));
    std::panic::set_hook(hook);
    result.map_err(|_| {
        let said = said.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let first = said.lines().next().unwrap_or_default().to_owned();
        match first {
            text if text.contains("GPU") => ViewerError::NoVulkan(text),
            text if text.contains("event loop") || text.contains("window") => {
                ViewerError::NoDisplay(text)
            }
            text => ViewerError::Bug(text),
        }
    })
}

/// Without alpha, and without what fills rows up.
fn rgb(bytes: &[u8], [width, height]: [u32; 2]) -> Vec<u8> {
    let (width, height) = (width as usize, height as usize);
    let packed = 4 * width;
    let stride = match bytes.len() == packed * height {
        true => packed,
        false => packed.div_ceil(ROW_ALIGNMENT) * ROW_ALIGNMENT,
    };
    let rows = bytes.chunks(stride).take(height);
    let pixels = rows.flat_map(|row| row[..packed].chunks_exact(4));
    pixels.flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_filled_up_are_cut() {
        let row = |value: u8| {
            let mut row = vec![value; 8];
            row.resize(ROW_ALIGNMENT, 99);
            row
        };
        let padded = [row(1), row(2)].concat();
        assert_eq!(rgb(&padded, [2, 2]), [vec![1; 6], vec![2; 6]].concat());
        assert_eq!(rgb(&[vec![1; 8], vec![2; 8]].concat(), [2, 2]), rgb(&padded, [2, 2]));
    }
}
