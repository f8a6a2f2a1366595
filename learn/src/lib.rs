//! Demonstrations, data sets, training and ONNX export.

#[cfg(feature = "train")]
pub mod checkpoint;
pub mod demonstrations;
#[cfg(feature = "train")]
mod descent;
#[cfg(feature = "train")]
pub mod detector;
mod dice;
mod expert;
#[cfg(feature = "train")]
pub mod gauge;
#[cfg(feature = "train")]
mod layers;
#[cfg(feature = "lerobot")]
pub mod lerobot;
mod mistake;
pub mod onnx;
pub mod scenes;
#[cfg(feature = "train")]
pub mod skills;
#[cfg(feature = "train")]
mod spending;
#[cfg(test)]
mod testing;
#[cfg(feature = "train")]
pub mod training;
#[cfg(feature = "train")]
pub mod vla;
#[cfg(feature = "train")]
mod walk;

#[cfg(feature = "train")]
pub use descent::Progress;
pub use expert::Noise;
#[cfg(feature = "train")]
pub use spending::Spending;
#[cfg(feature = "train")]
pub use walk::{Keeper, Snapshot};

/// Lets memory that is freed stay with the process where the system's allocator can be told so, which
/// saves the training framework an eighth of its time: it frees and asks for large buffers at every
/// layer. To be called once, before training.
#[cfg(feature = "train")]
pub fn keep_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "mallopt is a C function; it only sets two numbers")]
    // SAFETY: called with documented parameters and values; no memory is passed.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 30);
        libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
    }
}
