//! Pictures within msgpack.

use std::io::Cursor;

use ergon_vocab::Image;
use rmpv::ValueRef;

use crate::array::{self, Array, Dialect};
use crate::{FrameError, Limits, msgpack};

/// A picture as an array of bytes, H x W x 3.
pub(crate) fn write(dialect: Dialect, image: &Image) -> ValueRef<'_> {
    array::write(dialect, "|u1", &[image.height(), image.width(), 3], image.data())
}

/// Reads a picture: an array H x W x 3 or 3 x H x W of bytes or of floats from 0 to 1, as openpi's
/// policies do, or vla-eval's encoded picture.
pub(crate) fn read(key: &str, value: &ValueRef<'_>, limits: &Limits) -> Result<Image, FrameError> {
    let format = match msgpack::find(value, "__image__") {
        Some(_) => msgpack::text(key, msgpack::get(value, "format")?)?,
        None => "raw",
    };
    match format {
        "raw" => from_array(key, &Array::read(key, value)?, limits),
        "png" => match msgpack::get(value, "data")? {
            ValueRef::Binary(data) => from_png(key, data, limits),
            other => Err(FrameError::entry(key, "bytes of a PNG file", msgpack::kind(other))),
        },
        _ => Err(FrameError::entry(
            key,
            "a picture in format raw or png (vla_eval's set_image_format)",
            "another format",
        )),
    }
}

fn from_array(key: &str, array: &Array<'_>, limits: &Limits) -> Result<Image, FrameError> {
    let error = |got: String| {
        let expected = format!("a picture H x W x 3 of at most {} pixels", limits.pixels);
        FrameError::entry(key, expected, got)
    };
    let (height, width, planes) = match array.shape[..] {
        [height, width, 3] => (height, width, false),
        [3, height, width] => (height, width, true),
        _ => return Err(error(array.describe())),
    };
    let area = height.checked_mul(width).filter(|&area| area > 0 && area <= limits.pixels);
    let area = area.ok_or_else(|| error(array.describe()))?;
    let bytes = match array.as_u8() {
        Some(bytes) => bytes.to_vec(),
        None if array.is_float() => array
            .values()
            .map(|x| (0.0..=1.0).contains(&x).then_some((255.0 * x) as u8))
            .collect::<Option<_>>()
            .ok_or_else(|| error("floats that are not all from 0 to 1".to_owned()))?,
        None => return Err(error(array.describe())),
    };
    let data = match planes {
        true => (0..area * 3).map(|at| bytes[at % 3 * area + at / 3]).collect(),
        false => bytes,
    };
    Image::new(width, height, data).map_err(|e| error(e.to_string()))
}

fn from_png(key: &str, data: &[u8], limits: &Limits) -> Result<Image, FrameError> {
    let error = |got: String| {
        FrameError::entry(key, format!("a PNG file of at most {} pixels", limits.pixels), got)
    };
    let bound = png::Limits { bytes: 16 * limits.pixels };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(data), bound);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|e| error(e.to_string()))?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    let area = width.checked_mul(height).filter(|&area| area > 0 && area <= limits.pixels);
    let area = area.ok_or_else(|| error(format!("{width} x {height}")))?;
    let channels = reader.output_color_type().0.samples();
    let mut bytes = vec![0; area * channels];
    reader.next_frame(&mut bytes).map_err(|e| error(e.to_string()))?;
    let colours = bytes.chunks_exact(channels).flat_map(|pixel| match *pixel {
        [r, g, b] | [r, g, b, _] => [r, g, b],
        _ => [pixel[0]; 3],
    });
    Image::new(width, height, colours.collect()).map_err(|e| error(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> Image {
        Image::new(2, 3, (0..18).map(|i| i * 14).collect()).unwrap()
    }

    fn check(dtype: &str, shape: &[usize], data: &[u8]) -> Result<Image, FrameError> {
        read("x", &array::write(Dialect::VlaEval, dtype, shape, data), &Limits::default())
    }

    fn png(colour: png::ColorType, data: &[u8]) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 2, 3);
        encoder.set_color(colour);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(data).unwrap();
        writer.finish().unwrap();
        file
    }

    fn encoded<'a>(format: &'a str, data: &'a [u8]) -> ValueRef<'a> {
        msgpack::map([
            ("__image__", ValueRef::Boolean(true)),
            ("format", format.into()),
            ("data", ValueRef::Binary(data)),
            ("dtype", "|u1".into()),
            ("shape", ValueRef::Array(vec![3.into(), 2.into(), 3.into()])),
        ])
    }

    #[test]
    fn pictures_are_read_in_every_form_the_peers_send() {
        let image = image();
        let planes: Vec<u8> =
            (0..3).flat_map(|c| image.data().iter().skip(c).step_by(3).copied()).collect();
        assert_eq!(check("|u1", &[3, 2, 3], image.data()).unwrap(), image);
        assert_eq!(check("|u1", &[3, 3, 2], &planes).unwrap(), image);
        let floats = array::f32_bytes(image.data().iter().map(|&x| (f32::from(x) + 0.5) / 255.0));
        assert_eq!(check("<f4", &[3, 2, 3], &floats).unwrap(), image);
        let limits = Limits::default();
        let files = [
            png(png::ColorType::Rgb, image.data()),
            png(
                png::ColorType::Rgba,
                &image.data().chunks(3).flat_map(|p| [p[0], p[1], p[2], 9]).collect::<Vec<_>>(),
            ),
        ];
        for file in &files {
            assert_eq!(read("x", &encoded("png", file), &limits).unwrap(), image);
        }
        assert_eq!(read("x", &encoded("raw", image.data()), &limits).unwrap(), image);
        let grey = png(png::ColorType::Grayscale, &[7; 6]);
        assert_eq!(read("x", &encoded("png", &grey), &limits).unwrap().data(), [7; 18]);
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let nan = array::f32_bytes([f32::NAN; 18]);
        assert!(check("<f4", &[3, 2, 3], &nan).is_err());
        assert!(check("<f4", &[3, 2, 3], &array::f32_bytes([1.5; 18])).is_err());
        assert!(check("<i4", &[3, 2, 3], &[0; 72]).is_err());
        assert!(check("|u1", &[0, 2, 3], &[]).is_err());
        assert!(check("|u1", &[6, 3], &[0; 18]).is_err());
        let limits = Limits { pixels: 5, ..Limits::default() };
        let file = png(png::ColorType::Rgb, image().data());
        assert!(read("x", &encoded("png", &file), &limits).is_err());
        for end in 0..file.len() - 20 {
            assert!(read("x", &encoded("png", &file[..end]), &Limits::default()).is_err());
        }
        let error = read("x", &encoded("jpeg", &[]), &Limits::default()).unwrap_err();
        assert!(error.to_string().contains("set_image_format"), "{error}");
    }
}
