//! Camera pictures.

use thiserror::Error;

/// A colour picture: u8, H x W x 3, RGB, row 0 on top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    width: usize,
    height: usize,
    data: Vec<u8>,
}

/// A picture whose buffer does not fit its size.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("a {width} x {height} RGB image needs {} bytes, got {got}", width * height * 3)]
pub struct ImageError {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Bytes given.
    pub got: usize,
}

impl Image {
    /// Wraps a buffer of H x W x 3 bytes.
    ///
    /// # Errors
    /// The buffer has another length than `width * height * 3`.
    pub fn new(width: usize, height: usize, data: Vec<u8>) -> Result<Self, ImageError> {
        if Some(data.len()) != width.checked_mul(height).and_then(|n| n.checked_mul(3)) {
            return Err(ImageError { width, height, got: data.len() });
        }
        Ok(Self { width, height, data })
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The bytes, H x W x 3, RGB, row 0 on top.
    pub fn data(&self) -> &[u8] {
        &self.data
    }
}

/// A picture and the camera that took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraImage {
    /// Name of the camera in the scenario, such as `agent` or `wrist`.
    pub camera: String,
    /// The picture.
    pub image: Image,
}
