//! What a phrase stands for: a thing, all things, or a place.

use super::{
    refusal::{Fault, Refusal},
    scene::{Scene, Thing},
};

const ARTICLES: [&str; 5] = ["the", "a", "an", "any", "some"];
const NOUNS: [&str; 9] =
    ["block", "cube", "disc", "disk", "one", "object", "thing", "item", "brick"];
const PLURALS: [&str; 9] =
    ["blocks", "cubes", "discs", "disks", "ones", "objects", "things", "items", "bricks"];
const TOWERS: [&str; 4] = ["tower", "stack", "pile", "pyramid"];
const WHOLES: [&str; 5] = ["all", "whole", "entire", "complete", "every"];
const PLACES: [&str; 10] =
    ["area", "peg", "side", "place", "spot", "zone", "pole", "rod", "position", "hand"];
const PRONOUNS: [&str; 6] = ["it", "them", "that", "this", "these", "those"];
const SMALLEST: [&str; 4] = ["smallest", "littlest", "tiniest", "lightest"];
const LARGEST: [&str; 4] = ["largest", "biggest", "greatest", "heaviest"];

/// What a phrase stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Meaning<'s> {
    Thing(&'s Thing),
    /// All things there are.
    All,
    /// Some of several things.
    Some(Vec<&'s Thing>),
    Place(&'s str),
}

/// What the words mean. With `at`, only things that stand on that place now.
pub(super) fn meaning<'s>(
    words: &[String],
    at: Option<&str>,
    scene: &'s Scene,
) -> Result<Meaning<'s>, Refusal> {
    match place(words, scene) {
        Some(place) if at.is_none() => Ok(Meaning::Place(place)),
        _ => things(words, at, scene),
    }
}

/// The place that the words name, if they name one.
pub(super) fn place<'s>(words: &[String], scene: &'s Scene) -> Option<&'s str> {
    let said = |w: &&String| !ARTICLES.contains(&&w[..]) && !PLACES.contains(&&w[..]);
    let said: Vec<&String> = words.iter().filter(said).collect();
    let [word] = said[..] else { return None };
    let word = if ["centre", "center"].contains(&&word[..]) { "middle" } else { word };
    scene.places.iter().find(|place| *place == word).map(String::as_str)
}

fn things<'s>(
    words: &[String],
    at: Option<&str>,
    scene: &'s Scene,
) -> Result<Meaning<'s>, Refusal> {
    let shown = words.join(" ");
    let mut found: Vec<&Thing> = scene.things.iter().collect();
    if let Some(at) = at {
        found.retain(|thing| thing.at.as_deref() == Some(at));
    }
    let (mut many, mut described, mut size) = (false, false, None);
    for (index, word) in words.iter().enumerate() {
        let word = &word[..];
        if PRONOUNS.contains(&word) {
            return Err(which(&shown, &found, scene));
        } else if word == "everything" || TOWERS.contains(&word) || WHOLES.contains(&word) {
            (many, described) = (true, true);
        } else if PLURALS.contains(&word) {
            many = true;
        } else if SMALLEST.contains(&word) || LARGEST.contains(&word) {
            (size, described) = (Some((SMALLEST.contains(&word), rank(words, index))), true);
        } else if scene.things.iter().any(|t| t.colour == word || t.name == word) {
            found.retain(|t| t.colour == word || t.name == word);
            described = true;
        } else if !is_known(word) {
            return Err(unknown(word, &shown, scene));
        }
    }
    if let Some((smallest, rank)) = size {
        found.sort_by(|a, b| a.size.total_cmp(&b.size));
        if !smallest {
            found.reverse();
        }
        let same = |t: &&&Thing| found.get(rank).is_some_and(|f| f.size.total_cmp(&t.size).is_eq());
        let ranked = found.iter().filter(same).copied().collect();
        found = ranked;
    }
    let nouns = [&NOUNS[..], &PLURALS[..]].concat();
    if !described && !words.iter().any(|w| nouns.contains(&&w[..])) {
        return Err(Refusal::new(
            Fault::NotUnderstood,
            format!("`{shown}` names no thing"),
            format!("things are {}", scene.list(&scene.things)),
        ));
    }
    chosen(found, many, &shown, at, scene)
}

fn chosen<'s>(
    found: Vec<&'s Thing>,
    many: bool,
    shown: &str,
    at: Option<&str>,
    scene: &'s Scene,
) -> Result<Meaning<'s>, Refusal> {
    match found[..] {
        [] => Err(Refusal::new(
            Fault::Unknown,
            match at {
                Some(at) => format!("no `{shown}` stands on {at} now"),
                None => format!("there is no `{shown}` here"),
            },
            format!("things are {}", scene.list(&scene.things)),
        )),
        [thing] => Ok(Meaning::Thing(thing)),
        _ if many && found.len() == scene.things.len() => Ok(Meaning::All),
        _ if many => Ok(Meaning::Some(found)),
        _ => Err(which(shown, &found, scene)),
    }
}

/// Words that say nothing by themselves.
fn is_known(word: &str) -> bool {
    let plain = ["of", "second", "third", "coloured", "colored", "both"];
    ARTICLES.contains(&word) || NOUNS.contains(&word) || plain.contains(&word)
}

/// `second smallest` has rank 1.
fn rank(words: &[String], superlative: usize) -> usize {
    let before = superlative.checked_sub(1).and_then(|i| words.get(i)).map(String::as_str);
    match before {
        Some("second") => 1,
        Some("third") => 2,
        _ => 0,
    }
}

fn which(shown: &str, found: &[&Thing], scene: &Scene) -> Refusal {
    Refusal::new(
        Fault::Ambiguous,
        format!("`{shown}` may be any of {}", scene.list(found.iter().copied())),
        "name its colour or its size, such as `the red block` or `the smallest block`",
    )
}

fn unknown(word: &str, shown: &str, scene: &Scene) -> Refusal {
    if scene.places.iter().any(|place| place == word) {
        return Refusal::new(
            Fault::Ambiguous,
            format!("`{shown}` does not say what `{word}` is meant for"),
            format!(
                "say `on the {word}` for the place, or `the block on the {word}` for what is there"
            ),
        );
    }
    let near = scene.things.iter().flat_map(|t| [&t.colour, &t.name]).chain(&scene.places);
    let mean = crate::pddl::nearest(word, near.map(String::as_str));
    let mean = mean.map_or(String::new(), |m| format!("did you mean `{m}`? "));
    Refusal::new(
        Fault::Unknown,
        format!("`{word}` in `{shown}` is not known here"),
        format!(
            "{mean}things are {}; places are {}",
            scene.list(&scene.things),
            scene.places.join(", ")
        ),
    )
}
