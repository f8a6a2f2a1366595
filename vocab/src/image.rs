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

    /// Writes the picture as planes of red, green and blue, 0 to 1, row by row: 3 x H x W.
    pub fn planes(&self, out: &mut [f32]) {
        let area = self.width * self.height;
        for (channel, plane) in out.chunks_exact_mut(area.max(1)).enumerate() {
            for (value, pixel) in plane.iter_mut().zip(self.data.chunks_exact(3)) {
                *value = f32::from(pixel[channel]) / 255.0;
            }
        }
    }

    /// Cuts out a square by bilinear sampling, `width` pixels wide around a column and row of the
    /// picture (from its top left corner): planes of red, green and blue, 0 to 1, 3 x `side` x `side`;
    /// grey where the picture ends.
    pub fn cut(&self, middle: [f64; 2], width: f64, side: usize, out: &mut [f32]) {
        let step = width / side as f64;
        let area = side * side;
        let place = |i: usize, axis: usize| {
            middle[axis] + (i as f64 + 0.5 - side as f64 / 2.0) * step - 0.5
        };
        let last = [self.width, self.height].map(|n| n as f64 - 1.0);
        for at in 0..area {
            let (x, y) = (place(at % side, 0), place(at / side, 1));
            let inside = x >= 0.0 && y >= 0.0 && x < last[0] && y < last[1];
            for channel in 0..3 {
                out[channel * area + at] =
                    if inside { self.sample(x, y, channel) / 255.0 } else { 0.5 };
            }
        }
    }

    /// A channel between four pixels, 0 to 255; the place must have all four.
    fn sample(&self, x: f64, y: f64, channel: usize) -> f32 {
        let (x0, y0) = (x as usize, y as usize);
        let (fx, fy) = ((x - x0 as f64) as f32, (y - y0 as f64) as f32);
        let first = (y0 * self.width + x0) * 3 + channel;
        let pixel = |offset: usize| f32::from(self.data[first + offset]);
        let below = 3 * self.width;
        let upper = pixel(0) * (1.0 - fx) + pixel(3) * fx;
        let lower = pixel(below) * (1.0 - fx) + pixel(below + 3) * fx;
        upper * (1.0 - fy) + lower * fy
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Red grows by 10 a column, green by 20 a row.
    fn ramp() -> Image {
        let pixel = |at: usize| [(at % 8 * 10) as u8, (at / 8 * 20) as u8, 0];
        Image::new(8, 8, (0..64).flat_map(pixel).collect()).unwrap()
    }

    #[test]
    fn a_square_of_the_pixels_own_size_is_a_part_of_the_planes() {
        let (mut planes, mut square) = (vec![0.0; 3 * 64], vec![0.0; 3 * 16]);
        ramp().planes(&mut planes);
        ramp().cut([4.0, 3.0], 4.0, 4, &mut square);
        for channel in 0..3 {
            for at in 0..16 {
                let there = planes[channel * 64 + (1 + at / 4) * 8 + 2 + at % 4];
                assert!((square[channel * 16 + at] - there).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn between_pixels_it_is_bilinear_and_outside_it_is_grey() {
        let mut square = vec![0.0; 3 * 16];
        ramp().cut([4.0, 4.0], 2.0, 4, &mut square);
        let red: Vec<f32> = square[..4].iter().map(|x| x * 255.0).collect();
        assert!(red.windows(2).all(|w| (w[1] - w[0] - 5.0).abs() < 1e-4), "{red:?}");
        ramp().cut([0.0, 0.0], 4.0, 4, &mut square);
        assert_eq!(square[0], 0.5);
    }
}
