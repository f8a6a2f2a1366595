//! Numbers and names as text.

/// Separates a number from its unit without a line break.
pub(super) const NBSP: char = '\u{a0}';

/// Text that HTML and SVG take as nothing but text, also within quotes.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A share as percent with one decimal, without the sign.
pub(super) fn percent(share: f64) -> String {
    let text = format!("{:.1}", 100.0 * share);
    // Wilson's interval of a certain success ends a rounding error below 1.
    match (1e-9..1.0 - 1e-9).contains(&share) {
        true => text,
        false => text.trim_end_matches(".0").to_owned(),
    }
}

/// Two shares as percent.
pub(super) fn interval([low, high]: [f64; 2]) -> String {
    format!("{}–{}", percent(low), percent(high))
}

/// Three significant digits, or all the whole ones.
pub(super) fn significant(x: f64) -> String {
    let magnitude = match x == 0.0 || !x.is_finite() {
        true => return "0".into(),
        false => x.abs().log10().floor() as i32,
    };
    format!("{x:.*}", usize::try_from(2 - magnitude).unwrap_or(0))
}

const ENERGIES: [(f64, &str); 6] =
    [(1e9, "GJ"), (1e6, "MJ"), (1e3, "kJ"), (1.0, "J"), (1e-3, "mJ"), (1e-6, "µJ")];

fn prefix(joules: f64) -> (f64, &'static str) {
    let fits = |(size, _): &&(f64, &str)| joules.abs() >= 0.9995 * size;
    ENERGIES.iter().find(fits).copied().unwrap_or((1.0, "J"))
}

/// An energy with its unit.
pub(super) fn joules(joules: f64) -> String {
    let (size, unit) = prefix(joules);
    format!("{}{NBSP}{unit}", significant(joules / size))
}

/// A round energy with its unit, for an axis.
pub(super) fn round_joules(joules: f64) -> String {
    let (size, unit) = prefix(joules);
    format!("{:.0}{NBSP}{unit}", joules / size)
}

/// Two energies with the unit of the greater.
pub(super) fn joules_range([low, high]: [f64; 2]) -> String {
    let (size, unit) = prefix(high);
    format!("{}–{}{NBSP}{unit}", significant(low / size), significant(high / size))
}

/// A time span with its unit.
pub(super) fn seconds(secs: f64) -> String {
    let whole = secs.round() as u64;
    match whole {
        0 if secs > 0.0 && secs < 0.0995 => format!("{}{NBSP}ms", significant(1e3 * secs)),
        0..120 => format!("{}{NBSP}s", significant(secs)),
        120..7200 => format!("{}{NBSP}min{NBSP}{}{NBSP}s", whole / 60, whole % 60),
        _ => format!("{}{NBSP}h{NBSP}{}{NBSP}min", whole / 3600, whole % 3600 / 60),
    }
}

/// A whole number with its noun.
pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n}{NBSP}{}", if n == 1 { one } else { many })
}

/// Parts as in a sentence: `a`, `a and b`, `a, b and c`.
pub(super) fn listing(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Text in which absolute paths are cut down to the names of their files: where they lay on a machine is
/// nobody's business.
pub fn without_folders(text: &str) -> String {
    let name = |word: &str| {
        let head = word.find('/').filter(|&at| {
            // `file=/home/a/b` and `"/home/a/b"` count, `policies/vla` and `https://a/b` do not.
            !word[..at].ends_with(|c: char| c.is_alphanumeric() || ".-_:/".contains(c))
        });
        match (head, word.rfind('/')) {
            (Some(first), Some(last)) if last + 1 < word.len() => {
                format!("{}{}", &word[..first], &word[last + 1..])
            }
            _ => word.to_owned(),
        }
    };
    text.split(' ').map(name).collect::<Vec<_>>().join(" ")
}
