//! Msgpack from peers that are not trusted.

use rmpv::ValueRef;

use crate::{FrameError, Limits};

/// Reads a frame that is one value; strings and bytes are borrowed from it.
pub(crate) fn read<'a>(bytes: &'a [u8], limits: &Limits) -> Result<ValueRef<'a>, FrameError> {
    weigh(bytes, limits)?;
    let mut rest = bytes;
    rmpv::decode::read_value_ref(&mut rest).map_err(|_| FrameError::Truncated)
}

/// The bytes of a value.
pub(crate) fn write(value: &ValueRef<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    // A vector takes all that is written to it.
    rmpv::encode::write_value_ref(&mut out, value).map_or_else(|_| Vec::new(), |()| out)
}

/// A map with text keys.
pub(crate) fn map<'a>(entries: impl IntoIterator<Item = (&'a str, ValueRef<'a>)>) -> ValueRef<'a> {
    ValueRef::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

/// The entry of a map whose key is `key` as text or as bytes; as in Python the last one counts.
pub(crate) fn find<'v, 'a>(map: &'v ValueRef<'a>, key: &str) -> Option<&'v ValueRef<'a>> {
    let ValueRef::Map(entries) = map else { return None };
    let named = |k: &ValueRef<'_>| bytes(k).is_some_and(|bytes| bytes == key.as_bytes());
    entries.iter().rev().find(|(k, _)| named(k)).map(|(_, value)| value)
}

/// The entry of a map, which must have it.
pub(crate) fn get<'v, 'a>(
    map: &'v ValueRef<'a>,
    key: &str,
) -> Result<&'v ValueRef<'a>, FrameError> {
    match map {
        ValueRef::Map(_) => {
            find(map, key).ok_or_else(|| FrameError::entry(key, "an entry", "none"))
        }
        _ => Err(FrameError::entry(key, "a map that has it", kind(map))),
    }
}

/// A text.
pub(crate) fn text<'a>(key: &str, value: &ValueRef<'a>) -> Result<&'a str, FrameError> {
    bytes(value)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .ok_or_else(|| FrameError::entry(key, "a text", kind(value)))
}

/// The bytes of a text or of bytes.
fn bytes<'a>(value: &ValueRef<'a>) -> Option<&'a [u8]> {
    match value {
        ValueRef::Binary(bytes) => Some(bytes),
        ValueRef::String(text) => text.into_str().map(str::as_bytes),
        _ => None,
    }
}

/// What a value is, for errors.
pub(crate) fn kind(value: &ValueRef<'_>) -> &'static str {
    match value {
        ValueRef::Nil => "nil",
        ValueRef::Boolean(_) => "a truth value",
        ValueRef::Integer(_) | ValueRef::F32(_) | ValueRef::F64(_) => "a number",
        ValueRef::String(_) => "a text",
        ValueRef::Binary(_) => "bytes",
        ValueRef::Array(_) => "a list",
        ValueRef::Map(_) => "a map",
        ValueRef::Ext(..) => "an extension",
    }
}

/// Walks over a frame before anything is allocated for it: a value of one byte takes many in memory.
fn weigh(bytes: &[u8], limits: &Limits) -> Result<(), FrameError> {
    let mut to_come = vec![1_u64];
    let (mut at, mut values) = (0, 0);
    while let Some(left) = to_come.last_mut() {
        if *left == 0 {
            to_come.pop();
            continue;
        }
        *left -= 1;
        values += 1;
        if values > limits.values {
            return Err(FrameError::TooManyValues(limits.values));
        }
        let (size, children) = head(bytes.get(at..).unwrap_or_default())?;
        let end = usize::try_from(size).ok().and_then(|size| size.checked_add(at));
        at = end.filter(|&end| end <= bytes.len()).ok_or(FrameError::Truncated)?;
        if children > 0 {
            if to_come.len() > limits.depth {
                return Err(FrameError::TooDeep(limits.depth));
            }
            to_come.push(children);
        }
    }
    if at < bytes.len() { Err(FrameError::Trailing(bytes.len() - at)) } else { Ok(()) }
}

/// Bytes of a value without its children, and how many children follow.
fn head(bytes: &[u8]) -> Result<(u64, u64), FrameError> {
    let &marker = bytes.first().ok_or(FrameError::Truncated)?;
    let number = |size: usize| {
        let digits = bytes.get(1..=size).ok_or(FrameError::Truncated)?;
        Ok(digits.iter().fold(0, |sum, &digit| sum << 8 | u64::from(digit)))
    };
    Ok(match marker {
        0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => (1, 0),
        0x80..=0x8f => (1, 2 * u64::from(marker & 0x0f)),
        0x90..=0x9f => (1, u64::from(marker & 0x0f)),
        0xa0..=0xbf => (1 + u64::from(marker & 0x1f), 0),
        0xc4 | 0xd9 => (2 + number(1)?, 0),
        0xc5 | 0xda => (3 + number(2)?, 0),
        0xc6 | 0xdb => (5 + number(4)?, 0),
        0xc7 => (3 + number(1)?, 0),
        0xc8 => (4 + number(2)?, 0),
        0xc9 => (6 + number(4)?, 0),
        0xcc | 0xd0 => (2, 0),
        0xcd | 0xd1 | 0xd4 => (3, 0),
        0xd5 => (4, 0),
        0xca | 0xce | 0xd2 => (5, 0),
        0xd6 => (6, 0),
        0xcb | 0xcf | 0xd3 => (9, 0),
        0xd7 => (10, 0),
        0xd8 => (18, 0),
        0xdc => (3, number(2)?),
        0xdd => (5, number(4)?),
        0xde => (3, 2 * number(2)?),
        0xdf => (5, 2 * number(4)?),
        0xc1 => return Err(FrameError::BadMarker(marker)),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(bytes: &[u8]) -> FrameError {
        read(bytes, &Limits::default()).unwrap_err()
    }

    #[test]
    fn lies_about_lengths_are_found_before_anything_is_made_of_them() {
        assert_eq!(refused(&[]), FrameError::Truncated);
        for marker in [0xc6, 0xc9, 0xdb, 0xdd, 0xdf] {
            assert_eq!(refused(&[marker, 0xff, 0xff, 0xff, 0xff]), FrameError::Truncated);
        }
        assert_eq!(refused(&[0xc0, 0xc0]), FrameError::Trailing(1));
        assert_eq!(refused(&[0xc1]), FrameError::BadMarker(0xc1));
        assert_eq!(refused(&[0x91; 5000]), FrameError::TooDeep(Limits::default().depth));
        let mut many = vec![0xdd, 0, 0x10, 0, 0];
        many.resize(5 + (1 << 20), 0xc0);
        assert_eq!(refused(&many), FrameError::TooManyValues(Limits::default().values));
    }

    proptest! {
        #[test]
        fn what_passes_the_walk_is_read_whole(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let limits = Limits::default();
            if weigh(&bytes, &limits).is_ok() {
                let mut rest = bytes.as_slice();
                prop_assert!(rmpv::decode::read_value_ref(&mut rest).is_ok());
                prop_assert!(rest.is_empty());
            }
        }
    }
}
