//! What is taken from peers at most.

/// Bounds on frames of peers, who are not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a message.
    pub frame_bytes: usize,
    /// Msgpack values in a message; each takes some 40 bytes of memory.
    pub values: usize,
    /// Maps and lists within each other.
    pub depth: usize,
    /// Pixels of a picture.
    pub pixels: usize,
    /// Commands in a chunk.
    pub commands: usize,
}

impl Default for Limits {
    /// Room for two pictures of full HD, nothing more.
    fn default() -> Self {
        Self {
            frame_bytes: 16 << 20,
            values: 10_000,
            depth: 16,
            pixels: 1920 * 1200,
            commands: 1000,
        }
    }
}
