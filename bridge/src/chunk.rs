//! Chunks of actions.

use ergon_vocab::Command;
use rmpv::ValueRef;

use crate::array::{self, Array, Dialect};
use crate::{FrameError, Limits};

/// The commands of the next control steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    /// At least one, every component in [-1, 1].
    pub commands: Vec<Command>,
    /// How many components lay outside of [-1, 1] and were cut, as the reference does.
    pub cut: u64,
}

impl Chunk {
    /// Reads `actions`: floats of shape (N, 7), or (7,) for a single command.
    pub(crate) fn read(value: &ValueRef<'_>, limits: &Limits) -> Result<Self, FrameError> {
        let array = Array::read("actions", value)?;
        let error = |got| {
            let expected = format!("floats of shape (N, 7) with N from 1 to {}", limits.commands);
            FrameError::entry("actions", expected, got)
        };
        match array.shape[..] {
            [7] => {}
            [rows, 7] if (1..=limits.commands).contains(&rows) => {}
            _ => return Err(error(array.describe())),
        }
        if !array.is_float() {
            return Err(error(array.describe()));
        }
        let numbers: Vec<f64> = array.values().collect();
        if let Some(at) = numbers.iter().position(|x| !x.is_finite()) {
            let got = format!("{} in row {}, column {}", numbers[at], at / 7, at % 7);
            return Err(FrameError::entry("actions", "finite numbers", got));
        }
        let cut = numbers.iter().filter(|x| x.abs() > 1.0).count() as u64;
        let (rows, _) = numbers.as_chunks::<7>();
        let commands =
            rows.iter().map(|row| Command::from_array(row.map(|x| x.clamp(-1.0, 1.0)))).collect();
        Ok(Self { commands, cut })
    }
}

/// Commands as the bytes of an array (N, 7) of `<f4`.
pub(crate) fn bytes(commands: &[Command]) -> Vec<u8> {
    array::f32_bytes(commands.iter().flat_map(Command::to_array).map(|x| x as f32))
}

/// The array (N, 7) of what [`bytes`] made.
pub(crate) fn write(dialect: Dialect, bytes: &[u8]) -> ValueRef<'_> {
    array::write(dialect, "<f4", &[bytes.len() / 28, 7], bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(dtype: &str, shape: &[usize], data: &[u8]) -> Result<Chunk, FrameError> {
        Chunk::read(&array::write(Dialect::OpenPi, dtype, shape, data), &Limits::default())
    }

    #[test]
    fn what_lies_outside_is_cut_and_counted() {
        let row = [2.0, -3.0, 0.5, 0.0, 1.0, -1.0, 0.25];
        let wide: Vec<u8> = row.iter().flat_map(|x: &f64| x.to_le_bytes()).collect();
        let narrow = array::f32_bytes(row.map(|x| x as f32));
        for chunk in [read("<f8", &[1, 7], &wide).unwrap(), read("<f4", &[7], &narrow).unwrap()] {
            assert_eq!(chunk.cut, 2);
            assert_eq!(chunk.commands[0].to_array(), [1.0, -1.0, 0.5, 0.0, 1.0, -1.0, 0.25]);
        }
    }

    #[test]
    fn what_is_no_chunk_says_what_was_expected() {
        for (dtype, shape, data, part) in [
            ("<f4", vec![2, 3], vec![0; 24], "(N, 7)"),
            ("<f4", vec![0, 7], vec![], "(N, 7)"),
            ("<f4", vec![1001, 7], vec![0; 28 * 1001], "1000"),
            ("<i4", vec![1, 7], vec![0; 28], "floats"),
            ("<f4", vec![1, 7], f32::NAN.to_le_bytes().repeat(7), "finite"),
            ("<f2", vec![7], 0x7c00_u16.to_le_bytes().repeat(7), "inf in row 0"),
        ] {
            let error = read(dtype, &shape, &data).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
