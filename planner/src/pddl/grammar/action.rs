//! Actions, durative actions and derived predicates.

use nom::{Parser, sequence::preceded};

use super::{
    super::{
        error::{Fault, did_you_mean},
        lexer::{
            Parsed, close, keyword, list, name, open, refuse, skip_blank, term, variable, within,
        },
        syntax::{ActionText, DerivedText, Group, Node, Skeleton},
    },
    formula::formula,
    lists::{skeleton, typed_list},
};

/// The parts of an action and of a durative action.
const PARTS: [[&str; 5]; 2] = [
    [":parameters", ":vars", ":precondition", ":effect", ""],
    [":parameters", ":vars", ":duration", ":condition", ":effect"],
];

const EXPECTED: [&str; 2] = [
    ":parameters, :precondition, :effect or `)`",
    ":parameters, :duration, :condition, :effect or `)`",
];

/// `action-def ::= ( :action name [:parameters ( typed-list(variable)] [:vars ( typed-list(variable)]
/// [:precondition formula] [:effect formula] )`, and with `:durative-action`, `:duration` and
/// `:condition`; the `(` and the keyword already read.
pub(super) fn action(input: &str, durative: bool) -> Parsed<'_, ActionText<'_>> {
    let (mut rest, name) = within("in an action", name).parse(input)?;
    let place = format!("in action {}", name.to_ascii_lowercase());
    let (parts, expected) = (PARTS[usize::from(durative)], EXPECTED[usize::from(durative)]);
    let mut text = ActionText { name, ..ActionText::default() };
    loop {
        if let Ok((rest, _)) = close(rest) {
            return Ok((rest, text));
        }
        let at = skip_blank(rest);
        let Ok((value, field)) = keyword(at) else {
            return refuse(Fault::new(at, expected).inside(&place));
        };
        let field = field.to_ascii_lowercase();
        if !parts.contains(&field.as_str()) {
            let fault = Fault::new(at, expected).inside(&place);
            let known = parts.into_iter().filter(|p| !p.is_empty());
            return refuse(match did_you_mean(&field, known) {
                Some(hint) => fault.hint(hint),
                None => fault,
            });
        }
        let parsed = part(&mut text, &field, value);
        let (after, again) = parsed.map_err(|e| e.map(|f| f.inside(&place)))?;
        if again {
            return refuse(Fault::new(at, "each part once").inside(&place));
        }
        rest = after;
    }
}

/// Reads one part of an action; true if it has been there before.
fn part<'a>(text: &mut ActionText<'a>, field: &str, input: &'a str) -> Parsed<'a, bool> {
    if matches!(field, ":parameters" | ":vars") {
        let (rest, list) = within(field, preceded(open, typed_list(variable))).parse(input)?;
        let slot = if field == ":vars" { &mut text.vars } else { &mut text.parameters };
        return Ok((rest, slot.replace(list).is_some()));
    }
    let (slot, expected) = match field {
        ":duration" => (&mut text.duration, "a duration such as (= ?duration 5)"),
        ":effect" => (&mut text.effect, "a literal"),
        _ => (&mut text.condition, "a condition"),
    };
    let (rest, node) = within(field, formula(expected)).parse(input)?;
    Ok((rest, slot.replace(node).is_some()))
}

/// `derived-def ::= ( :derived skeleton formula )`, the `(` and the keyword already read.
pub(super) fn derived(input: &str) -> Parsed<'_, DerivedText<'_>> {
    let (rest, head) = within("in :derived", skeleton).parse(input)?;
    let place = format!("in derived predicate {}", head.name.to_ascii_lowercase());
    let (rest, body) = within(&place, formula("a condition")).parse(rest)?;
    let (rest, _) = within(&place, close).parse(rest)?;
    Ok((rest, DerivedText { head, body }))
}

/// `axiom-def ::= ( :axiom [:vars ( typed-list(variable)] [:context formula] :implies ( name variable* )
/// )` of PDDL 1.2, the `(` and the keyword already read. Variables that are not in the head are
/// existential.
pub(super) fn axiom(input: &str) -> Parsed<'_, DerivedText<'_>> {
    let place = "in :axiom";
    let (mut vars, mut context, mut head) = (vec![], Node::And(input, vec![]), None);
    let mut rest = input;
    while close(rest).is_err() {
        let at = skip_blank(rest);
        let (value, field) = within(place, keyword).parse(at)?;
        rest = match field.to_ascii_lowercase().as_str() {
            ":vars" => {
                let (rest, list) =
                    within(place, preceded(open, typed_list(variable))).parse(value)?;
                vars = list;
                rest
            }
            ":context" => {
                let (rest, node) = within(place, formula("a condition")).parse(value)?;
                context = node;
                rest
            }
            ":implies" => {
                let atom = |input| {
                    let (rest, name) = preceded(open, name).parse(input)?;
                    let (rest, terms) = list(term)(rest)?;
                    Ok((rest, (name, terms)))
                };
                let (rest, found) = within(place, atom).parse(value)?;
                head = Some(found);
                rest
            }
            _ => return refuse(Fault::new(at, ":vars, :context, :implies or `)`").within(place)),
        };
    }
    let (after, end) = close(rest)?;
    let Some((name, terms)) = head else {
        return refuse(Fault::new(end, ":implies and an atom").within(place));
    };
    let types_of = |term: &str| {
        let group = vars.iter().find(|g: &&Group<'_>| g.names.contains(&term))?;
        Some(group.types.clone())
    };
    let mut parameters = vec![];
    for term in &terms {
        let Some(types) = types_of(term) else {
            return refuse(Fault::new(term, "a variable of :vars").within(place));
        };
        parameters.push(Group { names: vec![*term], types });
    }
    for group in &mut vars {
        group.names.retain(|name| !terms.contains(name));
    }
    vars.retain(|group| !group.names.is_empty());
    let body = match vars.is_empty() {
        true => context,
        false => Node::Exists(input, vars, Box::new(context)),
    };
    Ok((after, DerivedText { head: Skeleton { name, parameters }, body }))
}
