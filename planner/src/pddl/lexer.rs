//! Tokens: parentheses, names, variables, keywords, numbers, with blanks and comments between them.

use nom::{IResult, Parser, error::ParseError};

use super::error::Fault;

/// What a grammar function returns: the rest of the text and the value, or a fault with its place.
pub(super) type Parsed<'a, T> = IResult<&'a str, T, Fault<'a>>;

/// A fault that ends the parse: no other reading is tried.
pub(super) fn refuse<T>(fault: Fault<'_>) -> Parsed<'_, T> {
    Err(nom::Err::Failure(fault))
}

fn backtrack<'a, T>(at: &'a str, expected: &'static str) -> Parsed<'a, T> {
    Err(nom::Err::Error(Fault::new(at, expected)))
}

/// Makes any fault of `parser` final and names the part of the text it belongs to.
pub(super) fn within<'a, T>(
    context: &str,
    mut parser: impl Parser<&'a str, Output = T, Error = Fault<'a>>,
) -> impl FnMut(&'a str) -> Parsed<'a, T> {
    move |input| {
        parser.parse(input).map_err(|e| match e {
            nom::Err::Error(f) | nom::Err::Failure(f) => nom::Err::Failure(f.within(context)),
            nom::Err::Incomplete(_) => {
                nom::Err::Failure(Fault::from_error_kind(input, nom::error::ErrorKind::Complete))
            }
        })
    }
}

/// What a byte may be part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Blank,
    Name,
    Other,
}

/// Almost all text is ASCII, for which a table of bytes decides faster than characters do.
const CLASSES: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut byte = 0;
    while byte < 128 {
        classes[byte] = match byte as u8 {
            b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' => Class::Blank,
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => Class::Name,
            b'-' | b'_' | b'@' | b'#' | b'.' | b'+' | b'*' | b'/' | b'!' | b'$' => Class::Name,
            _ => Class::Other,
        };
        byte += 1;
    }
    classes
};

fn class(byte: u8) -> Class {
    CLASSES[usize::from(byte)]
}

/// The text after blanks and comments: `blank ::= (space | ; character* end-of-line)*`.
pub(super) fn skip_blank(input: &str) -> &str {
    let mut rest = input;
    loop {
        let blank = rest.bytes().take_while(|&b| class(b) == Class::Blank).count();
        rest = &rest[blank..];
        if !rest.starts_with(';') {
            return rest;
        }
        rest = rest.find('\n').map_or(&rest[rest.len()..], |end| &rest[end..]);
    }
}

fn symbol<'a>(input: &'a str, mark: char, expected: &'static str) -> Parsed<'a, &'a str> {
    let at = skip_blank(input);
    match at.strip_prefix(mark) {
        Some(rest) => Ok((rest, at)),
        None => backtrack(at, expected),
    }
}

/// `open ::= (`. Returns the text from the parenthesis on.
pub(super) fn open(input: &str) -> Parsed<'_, &str> {
    symbol(input, '(', "`(`")
}

/// `close ::= )`. Returns the text from the parenthesis on.
pub(super) fn close(input: &str) -> Parsed<'_, &str> {
    symbol(input, ')', "`)`")
}

fn is_name_char(c: char) -> bool {
    u8::try_from(c).map_or(c.is_alphanumeric(), |b| match b.is_ascii() {
        true => class(b) == Class::Name,
        false => c.is_alphanumeric(),
    })
}

fn is_name_start(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a text can stand as a name.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(is_name_start) && text.chars().all(is_name_char)
}

/// Splits off the longest run of name characters.
pub(super) fn split_word(at: &str) -> (&str, &str) {
    let mut end = at.bytes().take_while(|&b| class(b) == Class::Name).count();
    if at.as_bytes().get(end).is_some_and(|b| !b.is_ascii()) {
        end += at[end..].find(|c| !is_name_char(c)).unwrap_or(at.len() - end);
    }
    at.split_at(end)
}

/// `name ::= (letter | digit | _) (letter | digit | - | _ | @ | # | . | + | * | / | ! | $)*`.
///
/// Digits may come first and a few marks are taken, which the grammar of Ghallab et al. (1998)
/// does not allow and published domains use.
pub(super) fn name(input: &str) -> Parsed<'_, &str> {
    let at = skip_blank(input);
    if !at.starts_with(is_name_start) {
        return backtrack(at, "a name");
    }
    let (word, rest) = split_word(at);
    Ok((rest, word))
}

/// `variable ::= ? name`. The question mark is part of the result.
pub(super) fn variable(input: &str) -> Parsed<'_, &str> {
    let at = skip_blank(input);
    match at.strip_prefix('?').map(split_word) {
        Some((word, rest)) if !word.is_empty() => Ok((rest, &at[..=word.len()])),
        _ => backtrack(at, "a variable such as ?x"),
    }
}

/// `term ::= name | variable`.
pub(super) fn term(input: &str) -> Parsed<'_, &str> {
    let at = skip_blank(input);
    match if at.starts_with('?') { variable(at) } else { name(at) } {
        Err(nom::Err::Error(_)) => backtrack(at, "an object or a variable"),
        parsed => parsed,
    }
}

/// `keyword ::= : name`. The colon is part of the result.
pub(super) fn keyword(input: &str) -> Parsed<'_, &str> {
    let at = skip_blank(input);
    match at.strip_prefix(':').map(split_word) {
        Some((word, rest)) if !word.is_empty() => Ok((rest, &at[..=word.len()])),
        _ => backtrack(at, "a keyword such as :init"),
    }
}

/// The value of `number ::= [-] digit* [. digit*] [e [+ | -] digit+]`, if the word is one. May be
/// infinite where the number is too large.
pub(super) fn number(word: &str) -> Option<f64> {
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    let first = digits.strip_prefix('.').unwrap_or(digits);
    if !first.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    word.parse().ok()
}

/// The given word, in any case of letters.
pub(super) fn word<'a>(
    wanted: &'static str,
    expected: &'static str,
) -> impl FnMut(&'a str) -> Parsed<'a, &'a str> {
    move |input| {
        let at = skip_blank(input);
        match name(at) {
            Ok((rest, found)) if found.eq_ignore_ascii_case(wanted) => Ok((rest, found)),
            _ => backtrack(at, expected),
        }
    }
}

/// `list(x) ::= x* )`. What is neither an `x` nor the end is a fault of `x`.
pub(super) fn list<'a, T>(
    mut item: impl Parser<&'a str, Output = T, Error = Fault<'a>>,
) -> impl FnMut(&'a str) -> Parsed<'a, Vec<T>> {
    move |input| {
        let (mut rest, mut items) = (skip_blank(input), vec![]);
        loop {
            if let Some(after) = rest.strip_prefix(')') {
                return Ok((after, items));
            }
            let (after, value) = match item.parse(rest) {
                Err(nom::Err::Error(fault)) => return refuse(fault),
                parsed => parsed?,
            };
            items.push(value);
            rest = skip_blank(after);
        }
    }
}

/// `- `: the dash between the items of a typed list and their type.
pub(super) fn dash(input: &str) -> Parsed<'_, &str> {
    symbol(input, '-', "`-` and a type")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_skip_blanks_and_comments() {
        assert_eq!(name(" ; note\r\n\t Disk-1 x").unwrap(), (" x", "Disk-1"));
        assert_eq!(variable("?d)").unwrap(), (")", "?d"));
        assert_eq!(keyword(":Init(").unwrap(), ("(", ":Init"));
        assert_eq!(skip_blank("; only a comment"), "");
        assert_eq!(name("käse-1é)").unwrap(), (")", "käse-1é"));
        assert!(name("-").is_err());
        assert!(variable("? x").is_err());
        assert!(is_name("a-b_1") && !is_name("a b") && !is_name("") && !is_name("-a"));
    }

    #[test]
    fn numbers_are_told_from_names() {
        let numbers = [("3", 3.0), ("-0.5", -0.5), (".25", 0.25), ("1e3", 1000.0), ("2.", 2.0)];
        numbers.iter().for_each(|&(word, value)| assert_eq!(number(word), Some(value), "{word}"));
        for word in ["", "-", ".", "a", "inf", "nan", "-inf", "1-2", "0x1", "1e", "+-1", "infinity"]
        {
            assert_eq!(number(word), None, "{word}");
        }
        assert_eq!(number("1e999"), Some(f64::INFINITY));
    }
}
