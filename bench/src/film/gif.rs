//! Animated GIF with one palette for all frames, writing only what changes.

use std::borrow::Cow;
use std::io::Write;

use color_quant::NeuQuant;
use gif::{DisposalMethod, Encoder, EncodingError, Frame, Repeat};

/// Colours of the palette; the last index stands for a pixel that did not change.
const COLOURS: usize = 255;
const UNCHANGED: u8 = 255;
/// Frames from which the palette is learnt.
const SAMPLES: usize = 8;
/// Quality of the palette, 1 (best) to 30.
const SAMPLE_FACTOR: i32 = 10;
/// Bits a channel of the colours that share a palette entry.
const BITS: usize = 6;

/// Writes frames of `[width, height]` RGB bytes, each shown for `delay`, the last for `last_delay`
/// hundredths of a second.
///
/// # Errors
/// `out` cannot be written, or a side is longer than a GIF can be.
pub fn write(
    out: impl Write,
    [width, height]: [usize; 2],
    frames: &[Vec<u8>],
    delay: u16,
    last_delay: u16,
) -> Result<(), EncodingError> {
    let mut palette = Palette::of(frames);
    let (w, h) = (width as u16, height as u16);
    let mut encoder = Encoder::new(out, w, h, &palette.colours())?;
    encoder.set_repeat(Repeat::Infinite)?;
    let mut shown: Vec<u8> = Vec::new();
    for (number, rgb) in frames.iter().enumerate() {
        let pixels: Vec<u8> = rgb.chunks_exact(3).map(|c| palette.index(c)).collect();
        let changed: Vec<u8> = match shown.is_empty() {
            true => pixels.clone(),
            false => pixels
                .iter()
                .zip(&shown)
                .map(|(p, s)| if p == s { UNCHANGED } else { *p })
                .collect(),
        };
        let part = changed_part(&changed, width, height);
        encoder.write_frame(&Frame {
            delay: if number + 1 == frames.len() { last_delay } else { delay },
            dispose: DisposalMethod::Keep,
            transparent: Some(UNCHANGED),
            left: part.x as u16,
            top: part.y as u16,
            width: part.width as u16,
            height: part.height as u16,
            buffer: Cow::Owned(part.cut(&changed, width)),
            ..Frame::default()
        })?;
        shown = pixels;
    }
    Ok(())
}

struct Palette {
    quantiser: NeuQuant,
    /// Palette index of each coarse colour, once it was asked for.
    known: Vec<Option<u8>>,
}

impl Palette {
    fn of(frames: &[Vec<u8>]) -> Self {
        let stride = frames.len().div_ceil(SAMPLES).max(1);
        let rgba: Vec<u8> = frames
            .iter()
            .step_by(stride)
            .flat_map(|f| f.chunks_exact(3))
            .flat_map(|c| [c[0], c[1], c[2], 255])
            .collect();
        let quantiser = NeuQuant::new(SAMPLE_FACTOR, COLOURS, &rgba);
        Self { quantiser, known: vec![None; 1 << (3 * BITS)] }
    }

    fn colours(&self) -> Vec<u8> {
        let mut colours = self.quantiser.color_map_rgb();
        colours.resize(256 * 3, 0);
        colours
    }

    fn index(&mut self, rgb: &[u8]) -> u8 {
        let coarse = rgb.iter().fold(0, |key, &c| (key << BITS) | usize::from(c >> (8 - BITS)));
        *self.known[coarse]
            .get_or_insert_with(|| self.quantiser.index_of(&[rgb[0], rgb[1], rgb[2], 255]) as u8)
    }
}

/// The rectangle that holds all changed pixels; one pixel when none changed, since a frame cannot be
/// empty.
struct Part {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

fn changed_part(pixels: &[u8], width: usize, height: usize) -> Part {
    let row_changes = |y: usize| pixels[y * width..(y + 1) * width].iter().any(|&p| p != UNCHANGED);
    let column_changes = |x: usize| (0..height).any(|y| pixels[y * width + x] != UNCHANGED);
    let top = (0..height).find(|&y| row_changes(y)).unwrap_or(0);
    let bottom = (0..height).rev().find(|&y| row_changes(y)).unwrap_or(top);
    let left = (0..width).find(|&x| column_changes(x)).unwrap_or(0);
    let right = (0..width).rev().find(|&x| column_changes(x)).unwrap_or(left);
    Part { x: left, y: top, width: right - left + 1, height: bottom - top + 1 }
}

impl Part {
    fn cut(&self, pixels: &[u8], width: usize) -> Vec<u8> {
        (self.y..self.y + self.height)
            .flat_map(|y| &pixels[y * width + self.x..y * width + self.x + self.width])
            .copied()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_in_their_order_and_size() {
        let frame = |c: u8| [c, c / 2, 255 - c].repeat(16 * 8);
        let mut bytes = Vec::new();
        write(&mut bytes, [16, 8], &[frame(10), frame(10), frame(200)], 8, 100).unwrap();
        let mut decoder = gif::DecodeOptions::new().read_info(bytes.as_slice()).unwrap();
        assert_eq!((decoder.width(), decoder.height()), (16, 8));
        let mut sizes = Vec::new();
        while let Some(frame) = decoder.read_next_frame().unwrap() {
            sizes.push((frame.width, frame.height, frame.delay));
        }
        assert_eq!(sizes, [(16, 8, 8), (1, 1, 8), (16, 8, 100)]);
    }
}
