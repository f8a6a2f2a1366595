//! Pictures in a terminal: two pixels a character cell, by the upper half block in true colour.

use std::fmt::Write;

/// The rows of a picture (H x W x 3, RGB) as lines of text; an odd last row is left out.
pub(super) fn lines(rgb: &[u8], width: usize) -> Vec<String> {
    if width == 0 {
        return Vec::new();
    }
    rgb.chunks_exact(2 * width * 3)
        .map(|pair| {
            let (upper, lower) = pair.split_at(width * 3);
            let mut line = String::with_capacity(width * 40);
            for (u, l) in upper.chunks_exact(3).zip(lower.chunks_exact(3)) {
                // Writing to a String cannot fail.
                let _infallible = write!(
                    line,
                    "\x1b[38;2;{};{};{};48;2;{};{};{}m▀",
                    u[0], u[1], u[2], l[0], l[1], l[2]
                );
            }
            line.push_str("\x1b[0m");
            line
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_rows_become_one_line() {
        let picture = lines(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 2);
        assert_eq!(picture, ["\x1b[38;2;1;2;3;48;2;7;8;9m▀\x1b[38;2;4;5;6;48;2;10;11;12m▀\x1b[0m"]);
        assert!(lines(&[], 0).is_empty());
    }
}
