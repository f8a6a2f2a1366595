//! Standard output that may go away: a closed pipe, as in `ergon run ... | head`, is no error.

use std::fmt::Arguments;
use std::io::Write;

/// Writes text as it is.
pub(crate) fn text(arguments: Arguments<'_>) {
    // Nobody listens any more; the work itself goes on to its end.
    let _unheard = std::io::stdout().lock().write_fmt(arguments);
}

/// Prints a line to standard output.
macro_rules! say {
    ($($words:tt)*) => {
        $crate::out::text(format_args!("{}\n", format_args!($($words)*)))
    };
}

pub(crate) use say;
