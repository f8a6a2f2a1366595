//! Progress bars.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on standard error, if that is a terminal.
pub(crate) fn bar(length: u64, quiet: bool, unit: &str) -> ProgressBar {
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let style = ProgressStyle::with_template(&format!(
        "{{bar:40.cyan/dim}} {{pos}}/{{len}} {unit}  {{elapsed}} elapsed, {{eta}} to go  {{msg}}"
    ));
    ProgressBar::with_draw_target(Some(length), target)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
