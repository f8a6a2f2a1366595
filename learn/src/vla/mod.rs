//! The baseline: a small vision-language-action policy (VLA), cloned from whole episodes of the
//! scripted expert.
//!
//! Pictures of both cameras become tokens, the instruction's words and proprioception become tokens,
//! and a transformer makes of them the commands of the next [`CHUNK`] control steps (an action chunk,
//! Zhao et al. 2023, arXiv:2304.13705), learnt by L1 regression or by flow
//! matching. The same network is trained in two
//! ways, as in the reference experiment (Duggan et al., ICRA 2026, arXiv:2602.19260): told to play the
//! whole game, or told subtask by subtask what a planner found.

mod batch;
mod episodes;
mod export;
mod file;
mod head;
mod model;
mod store;
mod train;

pub use batch::Samples;
pub use episodes::{Episode, Recording, record};
pub use export::to_onnx;
pub use file::vla_file;
pub use head::HeadKind;
pub use model::{CHUNK, Network};
pub use store::{Recorded, StoreError};
pub use train::{Trainee, VlaOptions};
