//! What is believed, drawn in the scene where it is believed to be.

use bevy::prelude::*;

use super::Show;
use super::scene::placed;

/// Draws the edges of every believed body; with one episode only, since two scenes share one drawing.
pub(super) fn draw(show: NonSend<Show>, mut lines: Gizmos<'_, '_>) {
    let [(_, moment)] = show.session.shown() else { return };
    if !show.believed {
        return;
    }
    for seen in &moment.seen {
        let size = seen.entity.size;
        let edges = Vec3::new(size.x as f32, size.y as f32, size.z as f32);
        // Slightly larger than the body, whose faces would cover it.
        let place = placed(&seen.entity.pose).with_scale(edges * 1.04);
        lines.cube(place, Color::WHITE);
    }
}
