//! Demonstrations, data sets, training and ONNX export.

pub mod demonstrations;
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
pub mod onnx;
pub mod scenes;
#[cfg(feature = "train")]
mod schedule;
#[cfg(feature = "train")]
pub mod skills;
#[cfg(test)]
mod testing;
#[cfg(feature = "train")]
pub mod training;

pub use expert::Noise;

/// Lets memory that is freed stay with the process, which saves the training framework an eighth of its
/// time: it frees and asks for large buffers at every layer. To be called once, before training.
#[cfg(all(feature = "train", target_os = "linux", target_env = "gnu"))]
pub fn keep_memory() {
    #[expect(unsafe_code, reason = "mallopt is a C function; it only sets two numbers")]
    // SAFETY: called with documented parameters and values; no memory is passed.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 30);
        libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
    }
}
