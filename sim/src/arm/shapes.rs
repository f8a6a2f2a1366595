//! Primitive shapes that stand for the links, in collision and in pictures. Our own drawing around the
//! published kinematics; metres, each in its link's frame.

use super::kinematics::DOF;

/// A part of the arm that moves as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Fixed to the base frame.
    Base,
    /// Link 1 to 7, counted from 0.
    Link(usize),
    /// The hand.
    Hand,
}

/// A primitive.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Primitive {
    /// From end to end, with a radius.
    Capsule { from: [f64; 3], to: [f64; 3], radius: f64 },
    /// Middle and half extents.
    Box { centre: [f64; 3], half: [f64; 3] },
}

/// A primitive that moves with a part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Solid {
    pub(crate) part: Part,
    pub(crate) primitive: Primitive,
    /// Whether it has its share of the part's mass.
    pub(crate) weighs: bool,
}

const fn capsule(part: Part, from: [f64; 3], to: [f64; 3], radius: f64) -> Solid {
    Solid { part, primitive: Primitive::Capsule { from, to, radius }, weighs: true }
}

/// The forearm reaches to the elbow; its mass lies further on.
const ELBOW: Solid =
    Solid { weighs: false, ..capsule(Part::Link(4), [0.0, 0.0, -0.33], [0.0, 0.0, -0.26], 0.05) };

const HAND: Solid = Solid {
    part: Part::Hand,
    primitive: Primitive::Box { centre: [0.0, 0.0, 0.033], half: [0.02, 0.10, 0.033] },
    weighs: true,
};

/// All shapes of the arm but the fingers.
pub(crate) const SHAPES: [Solid; 12] = [
    capsule(Part::Base, [-0.03, 0.0, 0.06], [0.0, 0.0, 0.06], 0.07),
    capsule(Part::Link(0), [0.0, 0.0, -0.19], [0.0, 0.0, 0.0], 0.06),
    capsule(Part::Link(1), [0.0, 0.0, -0.06], [0.0, 0.0, 0.06], 0.06),
    capsule(Part::Link(2), [0.0, 0.0, -0.24], [0.0, 0.0, 0.0], 0.055),
    capsule(Part::Link(3), [0.0, 0.0, -0.06], [0.0, 0.0, 0.06], 0.055),
    capsule(Part::Link(4), [0.0, 0.0, -0.26], [0.0, 0.02, -0.05], 0.05),
    capsule(Part::Link(4), [0.0, 0.05, -0.22], [0.0, 0.08, 0.0], 0.035),
    capsule(Part::Link(5), [0.0, 0.0, -0.05], [0.0, 0.0, 0.01], 0.05),
    capsule(Part::Link(5), [0.088, 0.0, -0.02], [0.088, 0.0, 0.02], 0.045),
    capsule(Part::Link(6), [0.0, 0.0, 0.02], [0.0, 0.0, 0.075], 0.04),
    HAND,
    ELBOW,
];

/// Half extents of a finger's box; the pad is its face towards the other finger.
pub(crate) const FINGER_HALF: [f64; 3] = [0.0105, 0.0075, 0.027];
/// Mass of a finger, kg.
pub(crate) const FINGER_MASS: f64 = 0.02;

/// How many shapes share the mass of a link.
pub(crate) fn shapes_of(link: usize) -> usize {
    debug_assert!(link < DOF);
    SHAPES.iter().filter(|solid| solid.weighs && solid.part == Part::Link(link)).count()
}
