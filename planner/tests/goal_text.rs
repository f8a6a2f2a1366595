//! Sentences and the goals they mean, and those that are refused with a reason.

use std::collections::BTreeSet;

use ergon_planner::goal_text::{
    Fault::{self, Ambiguous, Impossible, NotUnderstood, Unknown, Unsupported},
    Scene, Thing, interpret,
};
use proptest::prelude::*;

const CUBES: [(&str, &str, f64); 4] =
    [("c1", "blue", 0.04), ("c2", "red", 0.045), ("c3", "green", 0.05), ("c4", "yellow", 0.055)];

/// Four cubes of a Tower of Hanoi: the blue one on the right, the others on the left.
fn scene() -> Scene {
    let places = ["left", "middle", "right", "table"].map(String::from).to_vec();
    let mut allowed = BTreeSet::new();
    for (index, (name, ..)) in CUBES.iter().enumerate() {
        let larger = CUBES[index + 1..].iter().map(|(larger, ..)| *larger);
        let supports = larger.chain(["left", "middle", "right"]);
        allowed.extend(supports.map(|support| ((*name).to_owned(), support.to_owned())));
    }
    let thing = |(name, colour, size): (&str, &str, f64)| Thing {
        name: name.into(),
        colour: colour.into(),
        size,
        at: Some(if name == "c1" { "right" } else { "left" }.into()),
    };
    Scene { things: CUBES.map(thing).to_vec(), places, allowed }
}

#[test]
fn sentences_become_goals() {
    let tower = "(and (on c1 c2) (on c2 c3) (on c3 c4) (on c4 right))";
    let cases = [
        ("put the whole tower on the right", tower),
        ("Put the whole tower on the right, red on top of green.", tower),
        ("please move everything to the right peg", tower),
        ("stack all blocks on the right side", tower),
        ("build a tower of all the cubes on the right!", tower),
        ("move all discs to the right and then put blue on red", tower),
        ("green on the right", "(and (on c3 right))"),
        ("put the red block on the green one", "(and (on c2 c3))"),
        ("the smallest block in the middle", "(and (on c1 middle))"),
        ("the second largest cube onto the yellow cube", "(and (on c3 c4))"),
        (
            "yellow on the left, green on yellow; red on the middle",
            "(and (on c2 middle) (on c3 c4) (on c4 left))",
        ),
        ("put c1 at the centre", "(and (on c1 middle))"),
        ("put yellow under green", "(and (on c3 c4))"),
        ("move the block on the right to the middle", "(and (on c1 middle))"),
        ("blue on red and red on yellow", "(and (on c1 c2) (on c2 c4))"),
    ];
    let scene = scene();
    for (sentence, goal) in cases {
        let got = interpret(sentence, &scene).map(|g| g.literals("on"));
        assert_eq!(got.as_deref(), Ok(goal), "{sentence}");
    }
}

#[test]
fn what_is_impossible_ambiguous_or_unknown_is_refused_with_a_reason() {
    let cases: [(&str, Fault, &str); 43] = [
        // Unknown.
        ("put the purple block on the right", Unknown, "`purple`"),
        ("put c9 on the left", Unknown, "`c9`"),
        ("put the red block on the shelf", Unknown, "`shelf`"),
        ("put the red pyramidion on the left", Unknown, "`pyramidion`"),
        ("put the banana on the green block", Unknown, "`banana`"),
        ("put the gren block on the left", Unknown, "`gren`"),
        ("put red into green", Unknown, "green (c3) is no place"),
        ("move the yellow block on the middle to the right", Unknown, "stands on middle now"),
        ("put the red block where it belongs", NotUnderstood, "nothing tells where"),
        ("put the red block on the tower's top", Unknown, "`tower's`"),
        ("help red on green", Unknown, "`help`"),
        // Ambiguous.
        ("put it on the left", Ambiguous, "blue (c1), red (c2), green (c3), yellow (c4)"),
        ("put it left", Ambiguous, "`left` may be the place or a direction"),
        ("put the red block left", Ambiguous, "direction"),
        ("put the block on the right", Ambiguous, "may be any of"),
        ("put a block on the right", Ambiguous, "may be any of"),
        ("move the block on the left to the right", Ambiguous, "red (c2), green (c3), yellow (c4)"),
        ("put the left block on the right", Ambiguous, "`left`"),
        ("put the red block and the blue block on the left", Ambiguous, "which stands on which"),
        ("put the red block on the green block on the right", Ambiguous, "two relations"),
        ("put red on them", Ambiguous, "`them`"),
        ("put red on all blocks", Ambiguous, "several"),
        ("put the block on the block", Ambiguous, "may be any of"),
        // Impossible.
        ("put the red block on the blue block", Impossible, "which is smaller"),
        ("put yellow on top of green", Impossible, "which is smaller"),
        ("put the red block on the red block", Impossible, "on itself"),
        ("put the red block on the left and on the right", NotUnderstood, "what shall be moved"),
        ("red on the left, red on the right", Impossible, "at once"),
        ("red on the left, then red on green", Impossible, "at once"),
        ("red on green, blue on green", Impossible, "only one of"),
        ("red on the right, green on the right", Impossible, "only one of"),
        ("put the whole tower on the right, blue on green", Impossible, "at once"),
        ("put everything on the red block", Impossible, "may not stand"),
        ("put the red block on the table", Impossible, "may not stand on table"),
        ("put the left on the right", Impossible, "cannot be moved"),
        // Beyond the grammar.
        ("do not put red on green", Unsupported, "`not`"),
        ("put red on green or on yellow", Unsupported, "`or`"),
        ("put red next to green", Unsupported, "`next to`"),
        ("put red left of green", Unsupported, "`left of`"),
        ("swap red and green", Unsupported, "`swap`"),
        ("", NotUnderstood, "asks for nothing"),
        ("put the red block", NotUnderstood, "nothing tells where"),
        ("put red on", NotUnderstood, "ends where"),
    ];
    let scene = scene();
    for (sentence, fault, word) in cases {
        let refusal = interpret(sentence, &scene).expect_err(sentence);
        assert_eq!(refusal.fault, fault, "{sentence}: {refusal}");
        assert!(refusal.reason.contains(word), "{sentence}: {refusal}");
        assert!(!refusal.hint.is_empty(), "{sentence}");
    }
}

#[test]
fn circles_and_equal_sizes_are_refused() {
    let mut scene = scene();
    for (a, ..) in CUBES {
        scene.allowed.extend(CUBES.iter().map(|(b, ..)| (a.to_owned(), (*b).to_owned())));
    }
    let refusal = interpret("red on green, green on blue, blue on red", &scene).unwrap_err();
    assert_eq!(refusal.fault, Impossible);
    assert!(refusal.reason.contains("in a circle"), "{refusal}");
    scene.things.iter_mut().for_each(|thing| thing.size = 0.04);
    let refusal = interpret("everything on the right", &scene).unwrap_err();
    assert_eq!(refusal.fault, Ambiguous);
}

/// Words of the grammar and strangers, in any order.
fn sentence() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "put",
        "the",
        "red",
        "green",
        "blue",
        "block",
        "blocks",
        "on",
        "top",
        "of",
        "under",
        "in",
        "left",
        "right",
        "middle",
        "whole",
        "tower",
        "everything",
        "all",
        "and",
        ",",
        "then",
        "smallest",
        "second",
        "largest",
        "it",
        "to",
        "purple",
        "c1",
        "c4",
        "or",
        "next",
        "a",
    ]);
    prop::collection::vec(word, 0..14).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>()) {
        drop(interpret(&text, &scene()));
    }

    /// Whatever is taken is a set of towers: each thing on one support, each support under one
    /// thing, nothing on what it may not stand on.
    #[test]
    fn what_is_taken_can_be(text in sentence()) {
        let scene = scene();
        let Ok(goal) = interpret(&text, &scene) else { return Ok(()) };
        let things: BTreeSet<_> = goal.on.iter().map(|(a, _)| a).collect();
        let supports: BTreeSet<_> = goal.on.iter().map(|(_, b)| b).collect();
        prop_assert_eq!(things.len(), goal.on.len());
        prop_assert_eq!(supports.len(), goal.on.len());
        prop_assert!(goal.on.iter().all(|pair| scene.allowed.contains(pair)));
    }
}
