//! Pictures of another size, to the bit as the Python client makes them: `resize_with_pad` of
//! openpi-client, whose bilinear filter is Pillow's, which also averages when it shrinks.

use ergon_vocab::{Image, ImageError};

/// Fraction bits of a weight, as in Pillow.
const BITS: u32 = 22;

/// Fits a picture into a square of `side` pixels without distortion, black around it.
///
/// # Errors
/// The picture or the square is empty.
pub(crate) fn resize_with_pad(image: &Image, side: usize) -> Result<Image, ImageError> {
    let (width, height) = (image.width(), image.height());
    if width == 0 || height == 0 || side == 0 {
        return Err(ImageError { width, height, got: image.data().len() });
    }
    if (width, height) == (side, side) {
        return Ok(image.clone());
    }
    let ratio = width.max(height) as f64 / side as f64;
    let fitted = |n: usize| ((n as f64 / ratio) as usize).clamp(1, side);
    let (new_width, new_height) = (fitted(width), fitted(height));
    let rows = resample(
        image.data(),
        height,
        &filter(width, new_width),
        |row, x| row * width + x,
        |row, x| row * new_width + x,
    );
    let (left, top) = ((side - new_width) / 2, (side - new_height) / 2);
    let small = resample(
        &rows,
        new_width,
        &filter(height, new_height),
        |column, y| y * new_width + column,
        |column, y| y * new_width + column,
    );
    let mut out = vec![0; side * side * 3];
    for (y, row) in small.chunks_exact(new_width * 3).enumerate() {
        let first = ((top + y) * side + left) * 3;
        out[first..first + row.len()].copy_from_slice(row);
    }
    Image::new(side, side, out)
}

/// A picture with left and right exchanged.
pub(crate) fn mirror(image: &Image) -> Result<Image, ImageError> {
    let row_bytes = (image.width() * 3).max(1);
    let rows = image.data().chunks_exact(row_bytes);
    let data = rows.flat_map(|row| row.chunks_exact(3).rev().flatten().copied()).collect();
    Image::new(image.width(), image.height(), data)
}

/// For each new pixel of a line, the first old one that counts and the weights from there on.
fn filter(from: usize, to: usize) -> Vec<(usize, Vec<i64>)> {
    let scale = from as f64 / to as f64;
    let support = scale.max(1.0);
    (0..to)
        .map(|at| {
            let centre = (at as f64 + 0.5) * scale;
            let first = (centre - support + 0.5).max(0.0) as usize;
            let end = ((centre + support + 0.5) as usize).min(from);
            let weight = |x: usize| (1.0 - ((x as f64 + 0.5 - centre) / support).abs()).max(0.0);
            let sum: f64 = (first..end).map(weight).sum();
            let fixed = |x| (weight(x) / sum * f64::from(1 << BITS)).round() as i64;
            (first, (first..end).map(fixed).collect())
        })
        .collect()
}

/// Filters every line of a picture; `source` and `target` say which pixel is where on a line.
fn resample(
    pixels: &[u8],
    lines: usize,
    filter: &[(usize, Vec<i64>)],
    source: impl Fn(usize, usize) -> usize,
    target: impl Fn(usize, usize) -> usize,
) -> Vec<u8> {
    let mut out = vec![0; lines * filter.len() * 3];
    for line in 0..lines {
        for (at, (first, weights)) in filter.iter().enumerate() {
            let mut sums = [1_i64 << (BITS - 1); 3];
            for (offset, weight) in weights.iter().enumerate() {
                let pixel = &pixels[source(line, first + offset) * 3..][..3];
                for (sum, &value) in sums.iter_mut().zip(pixel) {
                    *sum += weight * i64::from(value);
                }
            }
            let pixel = &mut out[target(line, at) * 3..][..3];
            pixel.copy_from_slice(&sums.map(|sum| (sum >> BITS).clamp(0, 255) as u8));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What openpi-client 0.1.2 with Pillow 13 makes of `pattern(5, 3)`, for a side of 4.
    const SMALL: [u8; 48] = [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 12, 11, 0, 46, 19, 1, 80, 27, 2, 114, 7, 1, 28,
        15, 2, 62, 23, 4, 96, 31, 7, 130, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    /// And of `pattern(2, 3)`.
    const LARGE: [u8; 48] = [
        0, 0, 0, 0, 0, 0, 7, 0, 29, 0, 0, 0, 0, 0, 0, 2, 0, 8, 9, 1, 37, 0, 0, 0, 0, 0, 0, 4, 0,
        18, 11, 1, 47, 0, 0, 0, 0, 0, 0, 6, 0, 26, 13, 2, 55, 0, 0, 0,
    ];

    fn pattern(width: usize, height: usize) -> Image {
        let pixel = |at: usize| {
            let (x, y) = (at % width, at / width);
            [(x * 7 + y * 3) as u8, (x * y) as u8, (x * 29 + y * 13) as u8]
        };
        Image::new(width, height, (0..width * height).flat_map(pixel).collect()).unwrap()
    }

    #[test]
    fn pictures_come_out_as_from_the_original() {
        let small = resize_with_pad(&pattern(5, 3), 4).unwrap();
        let large = resize_with_pad(&pattern(2, 3), 4).unwrap();
        assert_eq!(small.data(), SMALL);
        assert_eq!(large.data(), LARGE);
    }

    #[test]
    fn a_picture_of_the_right_size_stays_and_mirrors_twice_to_itself() {
        let image = pattern(4, 4);
        assert_eq!(resize_with_pad(&image, 4).unwrap(), image);
        let once = mirror(&image).unwrap();
        assert_ne!(once, image);
        assert_eq!(mirror(&once).unwrap(), image);
    }
}
