//! From a sentence to a goal, by a small grammar that takes nothing it does not understand.
//!
//! ```text
//! sentence = clause { ("," | ";" | "." | "and" | "then") clause }
//! clause   = [verb] phrase relation phrase
//! phrase   = [article] { colour | name | superlative } [noun] [("on" | "in") place]
//!          | "everything" | "all" noun | ["whole"] "tower" | [article] place
//! relation = "on" | "onto" | "on top of" | "in" | "at" | "to" | "under"
//! ```
//!
//! `A on B` means directly on it. All things on one place are a tower, the largest at the bottom.
//! What can be meant in two ways, is not there, or cannot be is refused with the reason and with
//! what would be understood; nothing is guessed. Whether the goal can be reached is for the planner
//! to say.
//!
//! ```
//! use ergon_planner::goal_text::{Fault, Scene, Thing, interpret};
//!
//! let cube = |(name, colour, size): (&str, &str, f64)| Thing {
//!     name: name.into(), colour: colour.into(), size, at: Some("left".into()),
//! };
//! let places = ["left", "right"].map(String::from).to_vec();
//! let things = [("c1", "red", 0.04), ("c2", "green", 0.05)].map(cube).to_vec();
//! let allowed = [("c1", "c2"), ("c1", "left"), ("c1", "right"), ("c2", "left"), ("c2", "right")];
//! let allowed = allowed.map(|(a, b)| (a.into(), b.into())).into();
//! let scene = Scene { things, places, allowed };
//!
//! let goal = interpret("Put the whole tower on the right, red on top of green.", &scene)?;
//! assert_eq!(goal.literals("on"), "(and (on c1 c2) (on c2 right))");
//!
//! let refusal = interpret("put the purple block on the right", &scene).unwrap_err();
//! assert_eq!(refusal.fault, Fault::Unknown);
//! assert_eq!(refusal.reason, "`purple` in `the purple block` is not known here");
//! # Ok::<(), ergon_planner::goal_text::Refusal>(())
//! ```

mod check;
mod phrase;
mod refusal;
mod scene;
mod words;

pub use refusal::{Fault, Refusal};
pub use scene::{Scene, Thing};

use phrase::{Meaning, meaning, place};
use words::{Clause, Relation, clauses};

/// What shall stand on what in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// Thing and what it stands directly on, by names, ascending.
    pub on: Vec<(String, String)>,
    /// The same in words.
    pub meaning: String,
}

impl Goal {
    /// The goal in PDDL; `predicate` is the one for standing on something.
    pub fn literals(&self, predicate: &str) -> String {
        let each = self.on.iter().map(|(a, b)| format!(" ({predicate} {a} {b})"));
        format!("(and{})", each.collect::<String>())
    }
}

/// What a sentence asks for.
///
/// # Errors
/// It is not understood, names what is not there, can be meant in more than one way, or asks for what
/// cannot be.
pub fn interpret(sentence: &str, scene: &Scene) -> Result<Goal, Refusal> {
    let mut goal = vec![];
    // Phrases without a relation of their own share that of the next clause.
    let mut waiting: Vec<Vec<String>> = vec![];
    for clause in clauses(sentence)? {
        if clause.related.is_empty() {
            waiting.push(clause.subject);
            continue;
        }
        let subjects = waiting.len() + 1;
        for subject in waiting.drain(..) {
            let clause = Clause { subject, ..clause.clone() };
            take(&clause, subjects, scene, &mut goal)?;
        }
        take(&clause, subjects, scene, &mut goal)?;
    }
    if let Some(subject) = waiting.first() {
        return Err(unplaced(&subject.join(" "), scene));
    }
    if goal.is_empty() {
        return Err(Refusal::new(
            Fault::NotUnderstood,
            "the sentence asks for nothing",
            "say where things shall be, such as `the whole tower on the right`",
        ));
    }
    goal.sort();
    let meaning = goal.iter().map(|(a, b)| format!("{} on {}", scene.shown(a), scene.shown(b)));
    Ok(Goal { meaning: meaning.collect::<Vec<_>>().join(", "), on: goal })
}

/// Takes one clause into the goal.
fn take(
    clause: &Clause,
    subjects: usize,
    scene: &Scene,
    goal: &mut Vec<(String, String)>,
) -> Result<(), Refusal> {
    let (relation, subject, support) = read(clause, scene)?;
    let (upper, lower) = match relation {
        Relation::Under => (support, subject),
        _ => (subject, support),
    };
    let support = match lower {
        Meaning::Thing(thing) if relation != Relation::In => &thing.name[..],
        Meaning::Place(place) => place,
        Meaning::Thing(thing) => {
            return Err(Refusal::new(
                Fault::Unknown,
                format!("{} is no place to be in", thing.shown()),
                format!("say `on` it, or name a place: {}", scene.places.join(", ")),
            ));
        }
        Meaning::All | Meaning::Some(_) => {
            return Err(Refusal::new(
                Fault::Ambiguous,
                "a thing can stand on one other only, and several are named",
                "name one thing or one place to stand on",
            ));
        }
    };
    match upper {
        Meaning::Thing(_) if subjects > 1 && relation != Relation::Under => Err(several(support)),
        Meaning::Thing(thing) => check::add(goal, &thing.name, support, scene),
        Meaning::All => tower(support, scene, goal),
        Meaning::Some(_) => Err(several(support)),
        Meaning::Place(place) => Err(Refusal::new(
            Fault::Impossible,
            format!("{place} is a place and cannot be moved"),
            format!("things are {}", scene.list(&scene.things)),
        )),
    }
}

/// The two sides of a clause.
fn read<'s>(
    clause: &Clause,
    scene: &'s Scene,
) -> Result<(Relation, Meaning<'s>, Meaning<'s>), Refusal> {
    if clause.subject.is_empty() {
        return Err(Refusal::new(
            Fault::NotUnderstood,
            "the sentence does not say what shall be moved",
            "name it first, such as `red on green`",
        ));
    }
    match &clause.related[..] {
        [(relation, support)] => {
            let subject = meaning(&clause.subject, None, scene)?;
            Ok((*relation, subject, supported(support, scene)?))
        }
        // `the block on the left` as it stands now, and then where it shall be.
        [(Relation::On | Relation::In, now), (relation, support)] => {
            let Some(now) = place(now, scene) else {
                return Err(Refusal::new(
                    Fault::Ambiguous,
                    "two relations: the first may tell where a thing stands now or where it shall stand",
                    "say it in two parts, such as `red on green, green on the right`",
                ));
            };
            let subject = meaning(&clause.subject, Some(now), scene)?;
            Ok((*relation, subject, supported(support, scene)?))
        }
        _ => Err(Refusal::new(
            Fault::NotUnderstood,
            "there are too many relations in one part of the sentence",
            "put a comma between the parts, such as `red on green, green on the right`",
        )),
    }
}

fn supported<'s>(words: &[String], scene: &'s Scene) -> Result<Meaning<'s>, Refusal> {
    if words.is_empty() {
        return Err(Refusal::new(
            Fault::NotUnderstood,
            "the sentence ends where a place or a thing is expected",
            format!("places are {}", scene.places.join(", ")),
        ));
    }
    meaning(words, None, scene)
}

/// All things on one place, the largest at the bottom.
fn tower(support: &str, scene: &Scene, goal: &mut Vec<(String, String)>) -> Result<(), Refusal> {
    let mut things: Vec<_> = scene.things.iter().collect();
    things.sort_by(|a, b| b.size.total_cmp(&a.size));
    let same = things.windows(2).find(|pair| pair[0].size.total_cmp(&pair[1].size).is_eq());
    if let Some([a, b]) = same {
        return Err(Refusal::new(
            Fault::Ambiguous,
            format!("{} and {} are of one size: their order is left open", a.shown(), b.shown()),
            "say which one stands on which",
        ));
    }
    let mut below = support;
    for thing in things {
        check::add(goal, &thing.name, below, scene)?;
        below = &thing.name;
    }
    Ok(())
}

fn several(support: &str) -> Refusal {
    Refusal::new(
        Fault::Ambiguous,
        format!("several things on {support}: which stands on which is left open"),
        format!("say it of each, such as `green on {support}, red on green`"),
    )
}

/// Of a phrase without a relation: where it shall go is not said.
fn unplaced(phrase: &str, scene: &Scene) -> Refusal {
    let direction = scene.places.iter().find(|place| phrase.split(' ').any(|w| w == *place));
    match direction {
        Some(place) => Refusal::new(
            Fault::Ambiguous,
            format!(
                "`{phrase}`: `{place}` may be the place or a direction, and what shall go is open"
            ),
            format!("say `on the {place}` if the place is meant"),
        ),
        None => Refusal::new(
            Fault::NotUnderstood,
            format!("nothing tells where `{phrase}` shall be"),
            format!("name a place ({}) or what it shall stand on", scene.places.join(", ")),
        ),
    }
}
