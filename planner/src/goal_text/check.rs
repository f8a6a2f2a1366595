//! Whether a goal can hold at all, by what everybody can see; the planner decides the rest.

use std::collections::BTreeMap;

use super::{
    refusal::{Fault, Refusal},
    scene::Scene,
};

/// Adds that a thing shall stand on a support, unless that contradicts what was said before.
pub(super) fn add(
    goal: &mut Vec<(String, String)>,
    thing: &str,
    support: &str,
    scene: &Scene,
) -> Result<(), Refusal> {
    let pair = (thing.to_owned(), support.to_owned());
    if goal.contains(&pair) {
        return Ok(());
    }
    let (a, b) = (scene.shown(thing), scene.shown(support));
    if thing == support {
        return Err(impossible(format!("{a} cannot stand on itself"), "name two things"));
    }
    if let Some((_, other)) = goal.iter().find(|(t, _)| t == thing) {
        return Err(impossible(
            format!("{a} cannot stand on {} and on {b} at once", scene.shown(other)),
            "name one place for each thing; a goal says how things stand in the end",
        ));
    }
    if let Some((other, _)) = goal.iter().find(|(_, s)| s == support) {
        return Err(impossible(
            format!("only one of {} and {a} can stand directly on {b}", scene.shown(other)),
            format!("say which one stands on the other, such as `{thing} on {other}`"),
        ));
    }
    may_stand(thing, support, scene)?;
    goal.push(pair);
    no_circle(goal, thing, scene)
}

fn may_stand(thing: &str, support: &str, scene: &Scene) -> Result<(), Refusal> {
    if scene.allowed.contains(&(thing.to_owned(), support.to_owned())) {
        return Ok(());
    }
    let (a, b) = (scene.shown(thing), scene.shown(support));
    let reason = match (scene.thing(thing), scene.thing(support)) {
        (Some(upper), Some(lower)) if upper.size > lower.size => {
            format!("{a} may not stand on {b}, which is smaller")
        }
        _ => format!("{a} may not stand on {b}"),
    };
    let on = scene.allowed.iter().filter(|(t, _)| t == thing).map(|(_, s)| scene.shown(s));
    let on: Vec<String> = on.collect();
    let hint = match on.is_empty() {
        true => format!("{a} may stand on nothing here"),
        false => format!("{a} may stand on {}", on.join(", ")),
    };
    Err(impossible(reason, hint))
}

fn no_circle(goal: &[(String, String)], from: &str, scene: &Scene) -> Result<(), Refusal> {
    let below: BTreeMap<&str, &str> = goal.iter().map(|(t, s)| (&t[..], &s[..])).collect();
    let mut chain = vec![from];
    while let Some(next) = below.get(chain[chain.len() - 1]) {
        chain.push(next);
        if *next == from {
            let chain: Vec<String> = chain.iter().map(|name| scene.shown(name)).collect();
            return Err(impossible(
                format!("they would stand on each other in a circle: {}", chain.join(" on ")),
                "let one of them stand on a place",
            ));
        }
    }
    Ok(())
}

fn impossible(reason: String, hint: impl Into<String>) -> Refusal {
    Refusal::new(Fault::Impossible, reason, hint)
}
