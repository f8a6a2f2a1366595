//! Tokens: parentheses, names, variables, keywords, with blanks and comments between them.

use nom::{IResult, Parser, error::ParseError, multi::many_till};

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

/// The text after blanks and comments: `blank ::= (space | ; character* end-of-line)*`.
pub(super) fn skip_blank(input: &str) -> &str {
    let mut rest = input;
    loop {
        rest = rest.trim_ascii_start();
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
    c.is_alphanumeric() || matches!(c, '-' | '_' | '@' | '#' | '.' | '+' | '*' | '/' | '!' | '$')
}

fn is_name_start(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a text can stand as a name.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(is_name_start) && text.chars().all(is_name_char)
}

/// Splits off the longest run of name characters.
fn split_word(at: &str) -> (&str, &str) {
    // Almost all names are ASCII, for which bytes decide faster than characters.
    let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let mut end = at.bytes().take_while(|b| plain(b)).count();
    end += at[end..].find(|c| !is_name_char(c)).unwrap_or(at.len() - end);
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
    item: impl Parser<&'a str, Output = T, Error = Fault<'a>>,
) -> impl Parser<&'a str, Output = Vec<T>, Error = Fault<'a>> {
    many_till(nom::combinator::cut(item), close).map(|(items, _)| items)
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
        assert!(name("-").is_err());
        assert!(variable("? x").is_err());
    }
}
