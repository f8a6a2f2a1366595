//! The scene: solids, lamps, and the cameras whose pictures stand in the panels.

use bevy::asset::RenderAssetUsages;
use bevy::camera::RenderTarget;
use bevy::camera::visibility::RenderLayers;
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::light::{CascadeShadowConfigBuilder, DirectionalLightShadowMap, NotShadowCaster};
use bevy::pbr::{DistanceFog, FogFalloff};
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat, TextureUsages};
use ergon_sim::render::{Pattern, Shape};
use ergon_vocab::Pose;

use super::{Arrangement, Quality, Screen, Show};
use crate::Solid;
use crate::orbit::Lens;
use crate::surface::paint;

/// Colour of the room, which the floor fades into.
const ROOM: Color = Color::srgb(0.80, 0.84, 0.89);
const FLOOR: Color = Color::srgb(0.62, 0.65, 0.69);

/// Where the scenes of the episodes stand.
#[derive(Resource, Default)]
pub(super) struct Stands {
    /// The number of the scene that was set up last.
    scene: u32,
    stands: Vec<Stand>,
}

/// The scene of one episode.
struct Stand {
    camera: Entity,
    /// What its camera draws into.
    picture: Handle<Image>,
    size: UVec2,
}

impl Stands {
    /// The picture of an episode's scene.
    pub(super) fn picture(&self, episode: usize) -> Option<&Handle<Image>> {
        self.stands.get(episode).map(|s| &s.picture)
    }
}

/// A solid, by its episode and its place in the setting.
#[derive(Component)]
pub(super) struct Part {
    episode: usize,
    solid: usize,
}

pub(super) fn add(app: &mut App) {
    app.insert_resource(GlobalAmbientLight {
        brightness: 380.0,
        color: Color::srgb(0.93, 0.96, 1.0),
        ..default()
    })
    .insert_resource(DirectionalLightShadowMap { size: 2048 })
    .add_systems(Startup, lamps);
}

/// A warm lamp with shadows and a cool one without, for all episodes.
fn lamps(mut commands: Commands, screen: Res<Screen>) {
    let layers = RenderLayers::from_layers(&[0, 1]);
    commands.spawn((
        DirectionalLight {
            illuminance: 2700.0,
            color: Color::srgb(1.0, 0.955, 0.89),
            shadow_maps_enabled: screen.quality == Quality::High,
            shadow_depth_bias: 0.01,
            shadow_normal_bias: 0.8,
            ..default()
        },
        Transform::from_xyz(0.55, -0.50, 0.95).looking_at(Vec3::ZERO, Vec3::Z),
        CascadeShadowConfigBuilder {
            num_cascades: 1,
            minimum_distance: 0.1,
            maximum_distance: 4.0,
            ..default()
        }
        .build(),
        layers.clone(),
    ));
    commands.spawn((
        DirectionalLight {
            illuminance: 500.0,
            color: Color::srgb(0.80, 0.89, 1.0),
            shadow_maps_enabled: false,
            ..default()
        },
        Transform::from_xyz(0.35, 0.85, 0.45).looking_at(Vec3::ZERO, Vec3::Z),
        layers,
    ));
}

/// Sets the scenes up anew when others are shown.
pub(super) fn set_up(
    mut commands: Commands,
    show: NonSend<Show>,
    mut stands: ResMut<Stands>,
    parts: Query<Entity, With<Part>>,
    mut images: ResMut<Assets<Image>>,
    mut shapes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
) {
    let shown = show.session.shown();
    if stands.scene == show.session.scenes || shown.is_empty() {
        return;
    }
    stands.scene = show.session.scenes;
    parts.iter().for_each(|part| commands.entity(part).despawn());
    let mut props = Props { images: &mut images, shapes: &mut shapes, materials: &mut materials };
    for (episode, (setting, _)) in shown.iter().enumerate() {
        for (solid, look) in setting.solids.iter().enumerate() {
            let part = Part { episode, solid };
            let thing = props.make(look);
            let mut entity =
                commands.spawn((thing, Transform::default(), part, RenderLayers::layer(episode)));
            if !look.shadow {
                entity.insert(NotShadowCaster);
            }
        }
    }
}

/// Gives every scene a camera with a picture as large as its room.
pub(super) fn set_cameras(
    mut commands: Commands,
    show: NonSend<Show>,
    (screen, arrangement): (Res<Screen>, Res<Arrangement>),
    mut stands: ResMut<Stands>,
    mut images: ResMut<Assets<Image>>,
) {
    let scale = arrangement.0.scale * screen.quality.scale();
    let rooms = arrangement.0.slots.iter().take(show.session.shown().len());
    for (episode, slot) in rooms.enumerate() {
        let size =
            UVec2::new((slot.scene.width * scale) as u32, (slot.scene.height * scale) as u32);
        let size = size.max(UVec2::ONE);
        if stands.stands.get(episode).is_some_and(|s| s.size == size) {
            continue;
        }
        let picture = images.add(canvas(size));
        match stands.stands.get_mut(episode) {
            Some(stand) => {
                commands.entity(stand.camera).insert(RenderTarget::from(picture.clone()));
                (stand.picture, stand.size) = (picture, size);
            }
            None => {
                let camera = commands.spawn(eye(episode, &picture, screen.quality)).id();
                stands.stands.push(Stand { camera, picture, size });
            }
        }
    }
}

fn eye(episode: usize, picture: &Handle<Image>, quality: Quality) -> impl Bundle {
    (
        Camera3d::default(),
        Camera {
            order: -2 + episode as isize,
            clear_color: ClearColorConfig::Custom(ROOM),
            ..default()
        },
        RenderTarget::from(picture.clone()),
        // The lamps are dim enough without; and the floor would not fade into the colour of the room.
        Tonemapping::None,
        match quality {
            Quality::Low => Msaa::Off,
            Quality::High => Msaa::Sample4,
        },
        Projection::from(PerspectiveProjection { near: 0.02, far: 30.0, ..default() }),
        DistanceFog {
            color: ROOM,
            falloff: FogFalloff::Linear { start: 2.6, end: 5.5 },
            ..default()
        },
        RenderLayers::layer(episode),
    )
}

/// A picture that a camera can draw into.
pub(super) fn canvas(size: UVec2) -> Image {
    let extent = Extent3d { width: size.x, height: size.y, depth_or_array_layers: 1 };
    let mut image = Image::new_uninit(
        extent,
        TextureDimension::D2,
        TextureFormat::Rgba8UnormSrgb,
        RenderAssetUsages::RENDER_WORLD,
    );
    image.texture_descriptor.usage |= TextureUsages::RENDER_ATTACHMENT | TextureUsages::COPY_SRC;
    image
}

/// Makes things out of solids.
struct Props<'a> {
    images: &'a mut Assets<Image>,
    shapes: &'a mut Assets<Mesh>,
    materials: &'a mut Assets<StandardMaterial>,
}

impl Props<'_> {
    fn make(&mut self, solid: &Solid) -> (Mesh3d, MeshMaterial3d<StandardMaterial>) {
        // The shapes of bevy stand along y, those of the simulator along z.
        let upright = Quat::from_rotation_x(std::f32::consts::FRAC_PI_2);
        let mesh = match solid.shape {
            Shape::Box { half } => {
                Mesh::from(Cuboid::new(2.0 * half.x, 2.0 * half.y, 2.0 * half.z))
            }
            Shape::Capsule { half_length, radius } => {
                Mesh::from(Capsule3d::new(radius, 2.0 * half_length)).rotated_by(upright)
            }
            Shape::Cylinder { half_height, radius } => Cylinder::new(radius, 2.0 * half_height)
                .mesh()
                .resolution(64)
                .build()
                .rotated_by(upright),
            Shape::Ring { half_height, outer, inner } => {
                let ring = Extrusion::new(Annulus::new(inner, outer), 2.0 * half_height);
                Mesh::from(ring)
            }
        };
        let [r, g, b] = solid.material.color;
        let painted = paint(&solid.shape, &solid.material).map(|(size, bytes)| {
            let extent = Extent3d {
                width: size[0] as u32,
                height: size[1] as u32,
                depth_or_array_layers: 1,
            };
            self.images.add(Image::new(
                extent,
                TextureDimension::D2,
                bytes,
                TextureFormat::Rgba8UnormSrgb,
                RenderAssetUsages::RENDER_WORLD,
            ))
        });
        let base_color = match (&painted, solid.material.pattern) {
            (Some(_), _) => Color::WHITE,
            (None, Pattern::Fade { .. }) => FLOOR,
            (None, _) => Color::linear_rgb(r, g, b),
        };
        let material = StandardMaterial {
            base_color,
            base_color_texture: painted,
            perceptual_roughness: solid.material.roughness.clamp(0.3, 1.0),
            reflectance: 0.4,
            ..default()
        };
        (Mesh3d(self.shapes.add(mesh)), MeshMaterial3d(self.materials.add(material)))
    }
}

/// Puts everything where it is now.
pub(super) fn mirror(
    show: NonSend<Show>,
    stands: Res<Stands>,
    arrangement: Res<Arrangement>,
    mut parts: Query<(&Part, &mut Transform)>,
    mut eyes: Query<(&mut Transform, &mut Projection), Without<Part>>,
) {
    let shown = show.session.shown();
    for (part, mut transform) in &mut parts {
        let pose = shown.get(part.episode).and_then(|(_, m)| m.poses.get(part.solid));
        if let Some(pose) = pose {
            transform.set_if_neq(placed(pose));
        }
    }
    for (episode, (setting, moment)) in shown.iter().enumerate() {
        let (Some(stand), Some(orbit)) = (stands.stands.get(episode), show.orbits.get(episode))
        else {
            continue;
        };
        let Ok((mut transform, mut projection)) = eyes.get_mut(stand.camera) else { continue };
        let lens = orbit.lens(setting, moment);
        transform.set_if_neq(camera(&lens));
        if let (Projection::Perspective(view), Some(slot)) =
            (&mut *projection, arrangement.0.slots.get(episode))
        {
            view.fov = lens.fov_y as f32;
            view.aspect_ratio = slot.scene.aspect() as f32;
        }
    }
}

/// A pose as bevy has it.
pub(super) fn placed(pose: &Pose) -> Transform {
    let (at, q) = (pose.translation.vector, pose.rotation.coords);
    Transform {
        translation: Vec3::new(at.x as f32, at.y as f32, at.z as f32),
        rotation: Quat::from_xyzw(q.x as f32, q.y as f32, q.z as f32, q.w as f32),
        scale: Vec3::ONE,
    }
}

/// A camera as bevy has it: y up, looking along -z.
fn camera(lens: &Lens) -> Transform {
    let half_turn = Quat::from_rotation_x(std::f32::consts::PI);
    let placed = placed(&lens.base_from_camera);
    Transform { rotation: placed.rotation * half_turn, ..placed }
}

/// The camera of the panels, which draws last.
pub(super) fn panel_camera(world: &mut World, target: Option<Handle<Image>>) {
    let mut camera =
        world.spawn((Camera2d, Camera { order: 5, ..default() }, Msaa::Off, IsDefaultUiCamera));
    if let Some(target) = target {
        camera.insert(RenderTarget::from(target));
    }
}
