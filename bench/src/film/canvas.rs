//! A picture to draw on: pasted pictures, filled bars, text.

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};

pub(super) type Colour = [u8; 3];

/// The built-in typeface.
pub(super) struct Typeface(FontRef<'static>);

impl Typeface {
    pub(super) fn new() -> Option<Self> {
        FontRef::try_from_slice(epaint_default_fonts::HACK_REGULAR).ok().map(Self)
    }

    /// Width of a line of text, pixels.
    pub(super) fn width(&self, text: &str, size: f32) -> usize {
        let scaled = self.0.as_scaled(PxScale::from(size));
        let width: f32 = text.chars().map(|c| scaled.h_advance(scaled.glyph_id(c))).sum();
        width.ceil() as usize
    }
}

pub(super) struct Canvas {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl Canvas {
    pub(super) fn new(width: usize, height: usize, colour: Colour) -> Self {
        Self { width, height, rgb: colour.repeat(width * height) }
    }

    /// The bytes, H x W x 3, RGB.
    pub(super) fn into_rgb(self) -> Vec<u8> {
        self.rgb
    }

    /// The mean of every two by two pixels; an odd last row or column is left out.
    pub(super) fn halved(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let value = |x: usize, y: usize, channel: usize| {
            let at = |x: usize, y: usize| u16::from(self.rgb[(y * self.width + x) * 3 + channel]);
            let (x, y) = (2 * x, 2 * y);
            ((at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1) + 2) / 4) as u8
        };
        let rgb = (0..height)
            .flat_map(|y| (0..width).flat_map(move |x| (0..3).map(move |c| (x, y, c))))
            .map(|(x, y, c)| value(x, y, c))
            .collect();
        Self { width, height, rgb }
    }

    fn pixel(&mut self, x: usize, y: usize) -> Option<&mut [u8]> {
        if x >= self.width || y >= self.height {
            return None;
        }
        let at = (y * self.width + x) * 3;
        self.rgb.get_mut(at..at + 3)
    }

    /// Puts a picture (H x W x 3) with its top left corner at a place; what lies outside is cut off.
    pub(super) fn paste(&mut self, rgb: &[u8], [width, height]: [usize; 2], x: usize, y: usize) {
        for row in 0..height.min(self.height.saturating_sub(y)) {
            let columns = width.min(self.width.saturating_sub(x));
            let from = row * width * 3;
            let to = ((y + row) * self.width + x) * 3;
            self.rgb[to..to + columns * 3].copy_from_slice(&rgb[from..from + columns * 3]);
        }
    }

    pub(super) fn fill(&mut self, x: usize, y: usize, width: usize, height: usize, colour: Colour) {
        for row in y..y + height {
            for column in x..x + width {
                if let Some(pixel) = self.pixel(column, row) {
                    pixel.copy_from_slice(&colour);
                }
            }
        }
    }

    /// Writes a line of text with its baseline's left end at a place.
    pub(super) fn text(
        &mut self,
        typeface: &Typeface,
        text: &str,
        x: usize,
        baseline: usize,
        size: f32,
        colour: Colour,
    ) {
        let scale = PxScale::from(size);
        let scaled = typeface.0.as_scaled(scale);
        let mut pen = x as f32;
        for c in text.chars() {
            let id = scaled.glyph_id(c);
            let glyph = id.with_scale_and_position(scale, point(pen, baseline as f32));
            pen += scaled.h_advance(id);
            let Some(outline) = typeface.0.outline_glyph(glyph) else { continue };
            let corner = outline.px_bounds().min;
            outline.draw(|dx, dy, coverage| {
                let (px, py) = (corner.x + dx as f32, corner.y + dy as f32);
                if px < 0.0 || py < 0.0 {
                    return;
                }
                let Some(pixel) = self.pixel(px as usize, py as usize) else { return };
                for (value, ink) in pixel.iter_mut().zip(colour) {
                    let (below, ink) = (f32::from(*value), f32::from(ink));
                    *value = (below + (ink - below) * coverage.clamp(0.0, 1.0)) as u8;
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_halved_picture_is_the_mean() {
        let mut canvas = Canvas::new(5, 2, [0, 0, 0]);
        canvas.fill(0, 0, 1, 2, [100, 200, 3]);
        let half = canvas.halved();
        assert_eq!((half.width, half.height), (2, 1));
        assert_eq!(half.into_rgb(), [50, 100, 2, 0, 0, 0]);
    }

    #[test]
    fn what_lies_outside_is_cut_off() {
        let mut canvas = Canvas::new(8, 4, [1, 2, 3]);
        canvas.paste(&[9; 6 * 6 * 3], [6, 6], 5, 2);
        canvas.fill(7, 3, 10, 10, [0, 0, 0]);
        let typeface = Typeface::new().unwrap();
        canvas.text(&typeface, "Ergon", 2, 3, 12.0, [255; 3]);
        assert_eq!(canvas.into_rgb().len(), 8 * 4 * 3);
        assert!(typeface.width("Ergon", 12.0) > typeface.width("Er", 12.0));
    }
}
