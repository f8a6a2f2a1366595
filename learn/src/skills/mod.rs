//! The policy of the skills: a small network, cloned from the expert's behaviour.
//!
//! A patch of the hand camera's picture goes through convolutions to keypoints (spatial softmax); with
//! the features of the target and of proprioception they go through two layers to the commands of the
//! next steps (an action chunk, Zhao et al. 2023, arXiv:2304.13705) and the probability that the skill
//! has reached its end. The loss is that of L1 regression. After a first training the policy drives
//! itself, the expert says what it would have done, and that is learnt too (DAgger).

mod export;
mod model;
mod samples;
mod train;

pub use export::to_onnx;
pub use model::{CHUNK, Policy};
pub use samples::{Sample, Samples};
pub use train::{Apprentice, SkillOptions};
