//! Words and clauses of a sentence.

use super::refusal::{Fault, Refusal};

/// Words that ask for something other than how things stand in the end.
const BEYOND: [(&str, &str); 20] = [
    ("not", "what shall not be leaves open what shall"),
    ("don't", "what shall not be leaves open what shall"),
    ("dont", "what shall not be leaves open what shall"),
    ("never", "what shall not be leaves open what shall"),
    ("no", "what shall not be leaves open what shall"),
    ("nothing", "what shall not be leaves open what shall"),
    ("except", "exceptions are not understood"),
    ("without", "exceptions are not understood"),
    ("but", "exceptions are not understood"),
    ("or", "it leaves open which"),
    ("either", "it leaves open which"),
    ("if", "conditions are not understood"),
    ("unless", "conditions are not understood"),
    ("when", "conditions are not understood"),
    ("until", "conditions are not understood"),
    ("while", "conditions are not understood"),
    ("swap", "a goal says where things shall be, not what shall be done"),
    ("exchange", "a goal says where things shall be, not what shall be done"),
    ("sort", "a goal says where things shall be, not what shall be done"),
    ("again", "a goal says how things stand in the end"),
];

const VERBS: [&str; 11] =
    ["put", "place", "move", "stack", "set", "bring", "lay", "get", "build", "pile", "make"];
const FILLERS: [&str; 10] =
    ["please", "now", "first", "finally", "also", "next", "afterwards", "just", "go", "ergon"];
const SEPARATORS: [&str; 6] = [",", ";", ".", "and", "then", "&"];

/// How the first of two stands to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    On,
    /// Only of places.
    In,
    Under,
}

/// A clause: a phrase, and what relates it to others. Verb and fillers are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Clause {
    pub(super) subject: Vec<String>,
    pub(super) related: Vec<(Relation, Vec<String>)>,
}

/// Splits a sentence into clauses.
pub(super) fn clauses(sentence: &str) -> Result<Vec<Clause>, Refusal> {
    let words = words(sentence);
    if let Some((word, why)) = BEYOND.iter().find(|(w, _)| words.iter().any(|word| word == w)) {
        return Err(Refusal::new(
            Fault::Unsupported,
            format!("`{word}`: {why}"),
            "say how everything shall stand in the end, such as `red on green, green on the right`",
        ));
    }
    let parts = words.split(|word| SEPARATORS.contains(&&word[..]));
    let clauses = parts.map(clause).collect::<Result<Vec<_>, _>>()?;
    Ok(clauses.into_iter().filter(|c| *c != Clause::default()).collect())
}

/// Lower-case words; punctuation that separates stands alone, other punctuation is left out.
fn words(sentence: &str) -> Vec<String> {
    let mut spaced = String::new();
    for c in sentence.chars().flat_map(char::to_lowercase) {
        match c {
            ',' | ';' | '.' | '&' => spaced.extend([' ', c, ' ']),
            '!' | '?' | '"' | '`' | '(' | ')' | ':' => spaced.push(' '),
            '\u{2019}' => spaced.push('\''),
            _ => spaced.push(c),
        }
    }
    spaced.split_whitespace().map(str::to_owned).collect()
}

fn clause(words: &[String]) -> Result<Clause, Refusal> {
    let mut rest = words;
    while let [first, tail @ ..] = rest
        && FILLERS.contains(&&first[..])
    {
        rest = tail;
    }
    if let [first, tail @ ..] = rest
        && VERBS.contains(&&first[..])
    {
        rest = tail;
    }
    let mut clause = Clause::default();
    while let Some(word) = rest.first() {
        if let Some((relation, length)) = relation(rest)? {
            clause.related.push((relation, vec![]));
            rest = &rest[length..];
            continue;
        }
        let phrase = clause.related.last_mut().map_or(&mut clause.subject, |(_, phrase)| phrase);
        phrase.push(word.clone());
        rest = &rest[1..];
    }
    Ok(clause)
}

/// The relation that the words begin with, and how many words it takes.
fn relation(words: &[String]) -> Result<Option<(Relation, usize)>, Refusal> {
    let word = |i: usize| words.get(i).map_or("", String::as_str);
    let found = match (word(0), word(1), word(2)) {
        ("on", "top", "of") => (Relation::On, 3),
        ("on" | "onto" | "upon" | "atop", _, _) => (Relation::On, 1),
        ("in", "front", _) => return Err(vague("in front of")),
        ("in" | "into" | "at" | "to", _, _) => (Relation::In, 1),
        ("under" | "below" | "beneath" | "underneath", _, _) => (Relation::Under, 1),
        ("left" | "right", "of", _) => return Err(vague(&format!("{} of", word(0)))),
        ("beside" | "near" | "behind" | "between" | "by" | "above" | "over" | "around", _, _) => {
            return Err(vague(word(0)));
        }
        ("next", "to", _) => return Err(vague("next to")),
        _ => return Ok(None),
    };
    Ok(Some(found))
}

fn vague(relation: &str) -> Refusal {
    Refusal::new(
        Fault::Unsupported,
        format!("`{relation}` does not say on what a thing shall stand"),
        "say `on` or `under`, such as `red on green` or `red on the right`",
    )
}
