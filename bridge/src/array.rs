//! Arrays of numpy within msgpack: a map of a mark, bytes in C order, dtype and shape.

use rmpv::ValueRef;

use crate::{FrameError, msgpack};

/// More axes than any array of the protocols has.
const AXES: usize = 8;

/// The two ways to name an array's entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// By bytes, as openpi does.
    OpenPi,
    /// By text, as vla-eval does.
    VlaEval,
}

/// An array whose bytes fit its dtype and shape.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Array<'a> {
    kind: u8,
    item_bytes: usize,
    big_endian: bool,
    /// Length of each axis.
    pub(crate) shape: Vec<usize>,
    data: &'a [u8],
}

impl<'a> Array<'a> {
    /// Reads an array of floats, integers or truth values; `key` names it in errors.
    pub(crate) fn read(key: &str, value: &ValueRef<'a>) -> Result<Self, FrameError> {
        let marked = ["__ndarray__", "__image__"].iter().any(|k| msgpack::find(value, k).is_some());
        if !marked {
            return Err(FrameError::entry(key, "an array", msgpack::kind(value)));
        }
        let dtype = msgpack::text(key, msgpack::get(value, "dtype")?)?;
        let (kind, item_bytes, big_endian) = dtype_of(dtype).ok_or_else(|| {
            FrameError::entry(key, "a dtype of floats, integers or truth values", shown(dtype))
        })?;
        let ValueRef::Binary(data) = *msgpack::get(value, "data")? else {
            return Err(FrameError::entry(key, "the array's data as bytes", "something else"));
        };
        let shape = shape_of(msgpack::get(value, "shape")?).ok_or_else(|| {
            FrameError::entry(key, "a shape of at most 8 whole numbers", "something else")
        })?;
        let size = shape.iter().try_fold(item_bytes, |size, &n| size.checked_mul(n));
        if size != Some(data.len()) {
            let got = format!("{} bytes", data.len());
            return Err(FrameError::entry(key, format!("{dtype} of shape {shape:?}"), got));
        }
        Ok(Self { kind, item_bytes, big_endian, shape, data })
    }

    /// Whether its numbers are floats.
    pub(crate) fn is_float(&self) -> bool {
        self.kind == b'f'
    }

    /// Its bytes, if every number is one.
    pub(crate) fn as_u8(&self) -> Option<&'a [u8]> {
        ((self.kind, self.item_bytes) == (b'u', 1)).then_some(self.data)
    }

    /// Its numbers in C order.
    pub(crate) fn values(&self) -> impl Iterator<Item = f64> + '_ {
        self.data.chunks_exact(self.item_bytes).map(|item| {
            let mut little = [0; 8];
            for (at, &byte) in item.iter().enumerate() {
                let to = if self.big_endian { item.len() - 1 - at } else { at };
                little[to] = byte;
            }
            number(self.kind, self.item_bytes, little)
        })
    }

    /// The shape and dtype, for errors.
    pub(crate) fn describe(&self) -> String {
        format!("{}{} of shape {:?}", char::from(self.kind), self.item_bytes, self.shape)
    }
}

/// The map of an array.
pub(crate) fn write<'a>(
    dialect: Dialect,
    dtype: &'a str,
    shape: &[usize],
    data: &'a [u8],
) -> ValueRef<'a> {
    let key = |name: &'a str| match dialect {
        Dialect::OpenPi => ValueRef::Binary(name.as_bytes()),
        Dialect::VlaEval => name.into(),
    };
    ValueRef::Map(vec![
        (key("__ndarray__"), ValueRef::Boolean(true)),
        (key("data"), ValueRef::Binary(data)),
        (key("dtype"), dtype.into()),
        (key("shape"), ValueRef::Array(shape.iter().map(|&n| n.into()).collect())),
    ])
}

/// The bytes of numbers as `<f4`.
pub(crate) fn f32_bytes(numbers: impl IntoIterator<Item = f32>) -> Vec<u8> {
    numbers.into_iter().flat_map(f32::to_le_bytes).collect()
}

/// Kind, bytes of an item, and whether the first of them is the highest.
fn dtype_of(dtype: &str) -> Option<(u8, usize, bool)> {
    let (order, kind, size) = match dtype.as_bytes() {
        [order @ (b'<' | b'>' | b'|'), kind, size @ b'1'..=b'8'] => (*order, *kind, size - b'0'),
        _ => return None,
    };
    let known = match kind {
        b'f' => matches!(size, 2 | 4 | 8),
        b'i' | b'u' => matches!(size, 1 | 2 | 4 | 8),
        b'b' => size == 1,
        _ => false,
    };
    known.then_some((kind, usize::from(size), order == b'>'))
}

fn shape_of(value: &ValueRef<'_>) -> Option<Vec<usize>> {
    let ValueRef::Array(axes) = value else { return None };
    if axes.len() > AXES {
        return None;
    }
    axes.iter().map(|axis| usize::try_from(axis.as_u64()?).ok()).collect()
}

/// A text of a peer, short enough for an error.
fn shown(text: &str) -> String {
    format!("{:?}", text.chars().take(32).collect::<String>())
}

/// A number of up to eight bytes, the lowest first and zeros above.
fn number(kind: u8, size: usize, little: [u8; 8]) -> f64 {
    let bits = u64::from_le_bytes(little);
    match (kind, size) {
        (b'f', 2) => half(bits as u16),
        (b'f', 4) => f64::from(f32::from_bits(bits as u32)),
        (b'f', _) => f64::from_bits(bits),
        (b'i', _) => {
            let shift = 64 - 8 * size as u32;
            ((bits << shift) as i64 >> shift) as f64
        }
        _ => bits as f64,
    }
}

/// A float of IEEE 754 half precision.
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023) / 1024.0);
    let size = match exponent {
        0 => fraction * 2_f64.powi(-14),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction) * 2_f64.powi(exponent - 15),
    };
    if bits >> 15 == 1 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    #[test]
    fn arrays_have_the_bytes_of_the_originals() {
        let data = f32_bytes((0..6).map(|i| i as f32));
        let hex = |dialect| {
            let bytes = msgpack::write(&write(dialect, "<f4", &[2, 3], &data));
            bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        assert_eq!(
            hex(Dialect::OpenPi),
            "84c40b5f5f6e6461727261795f5fc3c40464617461c418000000000000803f0000004000004040000080\
             400000a040c4056474797065a33c6634c4057368617065920203"
        );
        assert_eq!(
            hex(Dialect::VlaEval),
            "84ab5f5f6e6461727261795f5fc3a464617461c418000000000000803f0000004000004040000080\
             400000a040a56474797065a33c6634a57368617065920203"
        );
    }

    #[test]
    fn every_dtype_and_byte_order_is_read() {
        let check = |dtype: &str, data: &[u8], expected: &[f64]| {
            let bytes = msgpack::write(&write(Dialect::OpenPi, dtype, &[expected.len()], data));
            let value = msgpack::read(&bytes, &Limits::default()).unwrap();
            let array = Array::read("x", &value).unwrap();
            assert_eq!(array.values().collect::<Vec<_>>(), expected, "{dtype}");
        };
        check(
            "<f2",
            &[0x00, 0xc0, 0x01, 0x00, 0x00, 0x7c],
            &[-2.0, 2_f64.powi(-24), f64::INFINITY],
        );
        check(">f2", &[0x3c, 0x00], &[1.0]);
        check(">f4", &1.5_f32.to_be_bytes(), &[1.5]);
        check("<f8", &(-0.1_f64).to_le_bytes(), &[-0.1]);
        check("|i1", &[0xff, 0x7f], &[-1.0, 127.0]);
        check(">i2", &[0xff, 0xfe], &[-2.0]);
        check("<u4", &u32::MAX.to_le_bytes(), &[4_294_967_295.0]);
        check("<i8", &(-3_i64).to_le_bytes(), &[-3.0]);
        check("|b1", &[0, 1], &[0.0, 1.0]);
        assert!(half(0x7e00).is_nan());
    }

    #[test]
    fn bytes_that_do_not_fit_and_foreign_dtypes_are_refused() {
        let huge = usize::MAX / 2;
        for (dtype, shape, bytes) in [
            ("<f4", vec![2, 3], 23),
            ("<f4", vec![huge, huge], 0),
            ("<f4", vec![1; 9], 4),
            ("|O8", vec![1], 8),
            ("<U1", vec![1], 4),
            ("<c8", vec![1], 8),
            ("<f3", vec![1], 3),
            ("", vec![1], 0),
        ] {
            let data = vec![0; bytes];
            let value = write(Dialect::VlaEval, dtype, &shape, &data);
            assert!(Array::read("x", &value).is_err(), "{dtype} {shape:?}");
        }
    }
}
