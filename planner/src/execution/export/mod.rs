//! Plans and tasks as pictures: DOT for Graphviz, SVG drawn here.

mod dot;
mod layers;
mod svg;

pub use dot::{causal_graph, causal_graph_dot, link_dot, order_dot, space_dot};
pub use svg::order_svg;
