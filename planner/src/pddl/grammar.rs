//! The grammar: text to syntax tree. One function a production of the grammar of Ghallab et al.
//! (1998), "PDDL: The Planning Domain Definition Language", as amended by Fox & Long (2003),
//! "PDDL2.1". Sections may come in any order.

use nom::{
    Parser,
    combinator::{cut, opt},
    multi::many1,
    sequence::{preceded, terminated},
};

use super::{
    error::{Fault, did_you_mean},
    lexer::{
        Parsed, close, dash, keyword, list, name, open, refuse, skip_blank, term, variable, within,
        word,
    },
    syntax::{ActionText, DomainText, Formula, ProblemText, Skeleton, Typed},
};

/// Deepest nesting of formulas; more would risk the stack and stands in no domain that means it.
const MAX_DEPTH: usize = 64;

/// `type ::= name | ( either name+ )`.
fn type_names(input: &str) -> Parsed<'_, Vec<&str>> {
    let at = skip_blank(input);
    if at.starts_with('(') {
        let either = word("either", "`either`");
        let names = preceded((open, either), terminated(many1(name), close));
        return cut(names).parse(at);
    }
    let (rest, single) = name(at).map_err(|e| e.map(|f| Fault::new(f.at, "a type")))?;
    Ok((rest, vec![single]))
}

/// `typed-list(x) ::= x* ) | x+ - type typed-list(x)`.
fn typed_list<'a>(
    item: fn(&'a str) -> Parsed<'a, &'a str>,
) -> impl FnMut(&'a str) -> Parsed<'a, Vec<Typed<'a>>> {
    move |input| {
        let group = (many1(item), opt(preceded(dash, cut(type_names))));
        let (rest, groups) = list(group).parse(input)?;
        let typed = groups.into_iter().flat_map(|(names, types)| {
            let types = types.unwrap_or_default();
            names.into_iter().map(move |name| Typed { name, types: types.clone() })
        });
        Ok((rest, typed.collect()))
    }
}

/// `atomic-formula-skeleton ::= ( name typed-list(variable)`.
fn skeleton(input: &str) -> Parsed<'_, Skeleton<'_>> {
    let (rest, name) = preceded(open, cut(name)).parse(input)?;
    let place = format!("in predicate {}", name.to_ascii_lowercase());
    let (rest, parameters) = within(&place, typed_list(variable)).parse(rest)?;
    Ok((rest, Skeleton { name, parameters }))
}

/// Words that begin a formula of a requirement we do not have, and the requirement.
const FOREIGN: [(&str, &str); 16] = [
    ("or", ":disjunctive-preconditions"),
    ("imply", ":disjunctive-preconditions"),
    ("exists", ":existential-preconditions"),
    ("forall", ":universal-preconditions or :conditional-effects"),
    ("when", ":conditional-effects"),
    ("increase", ":action-costs or :numeric-fluents"),
    ("decrease", ":numeric-fluents"),
    ("assign", ":numeric-fluents"),
    ("scale-up", ":numeric-fluents"),
    ("scale-down", ":numeric-fluents"),
    ("preference", ":preferences"),
    ("always", ":constraints"),
    ("sometime", ":constraints"),
    ("over", ":durative-actions"),
    ("oneof", ":non-deterministic"),
    ("probabilistic", ":probabilistic-effects"),
];

/// What a user can do about a feature that is not there.
const SUPPORTED: &str =
    "this planner knows :strips, :typing, :negative-preconditions and :equality";

fn foreign<'a>(at: &'a str, head: &'a str) -> Option<Fault<'a>> {
    let (_, requirement) = FOREIGN.iter().find(|(w, _)| head.eq_ignore_ascii_case(w))?;
    let fault = Fault::new(at, "`and`, `not`, `=` or a predicate")
        .got(format!("`{}`, which needs {requirement}", head.to_ascii_lowercase()))
        .hint(format!("write it without `{}`; {SUPPORTED}", head.to_ascii_lowercase()));
    Some(fault)
}

/// `formula ::= ( ) | ( and formula* ) | ( not formula ) | ( = term term ) | ( name term* )`.
///
/// Conditions, effects and initial facts share it; which forms may stand where is checked when
/// names are bound, where the fault can be named better.
fn formula(expected: &'static str) -> impl FnMut(&str) -> Parsed<'_, Formula<'_>> {
    move |input| formula_at(input, expected, 0)
}

fn formula_at<'a>(input: &'a str, expected: &'static str, depth: usize) -> Parsed<'a, Formula<'a>> {
    let at = skip_blank(input);
    if depth > MAX_DEPTH {
        return refuse(Fault::new(at, format!("formulas nested at most {MAX_DEPTH} deep")));
    }
    let Ok((inner, _)) = open(at) else {
        return Err(nom::Err::Error(Fault::new(at, expected)));
    };
    let inner = skip_blank(inner);
    if let Ok((rest, _)) = close(inner) {
        return Ok((rest, Formula::And(vec![])));
    }
    if let Some(rest) = inner.strip_prefix('=') {
        let (rest, (a, b)) =
            cut(terminated((term, term), close)).parse(rest).map_err(|e| e.map(numeric_hint))?;
        return Ok((rest, Formula::Equal(at, a, b)));
    }
    let Ok((rest, head)) = name(inner) else {
        return refuse(Fault::new(inner, "`and`, `not`, `=` or a predicate"));
    };
    if head.eq_ignore_ascii_case("and") {
        let part = |i| formula_at(i, expected, depth + 1);
        return list(part).map(Formula::And).parse(rest);
    }
    if head.eq_ignore_ascii_case("not") {
        let part = |i| formula_at(i, expected, depth + 1);
        let (rest, negated) = cut(terminated(part, close)).parse(rest)?;
        return Ok((rest, Formula::Not(at, Box::new(negated))));
    }
    let (rest, terms) = list(term).parse(rest).map_err(|e| match foreign(inner, head) {
        Some(fault) => nom::Err::Failure(fault),
        None => e,
    })?;
    Ok((rest, Formula::Atom(head, terms)))
}

fn numeric_hint(fault: Fault<'_>) -> Fault<'_> {
    match fault.at.starts_with('(') {
        true => fault.hint(format!("remove the numeric fluent (as in total-cost); {SUPPORTED}")),
        false => fault,
    }
}

/// `action-def ::= ( :action name [:parameters ( typed-list(variable)] [:precondition formula]
/// [:effect formula] )`, the `(` and `:action` already read.
fn action(input: &str) -> Parsed<'_, ActionText<'_>> {
    let (mut rest, name) = within("in an action", name).parse(input)?;
    let place = format!("in action {}", name.to_ascii_lowercase());
    let (mut parameters, mut precondition, mut effect) = (None, None, None);
    loop {
        if let Ok((rest, _)) = close(rest) {
            let empty = || Formula::And(vec![]);
            let action = ActionText {
                name,
                parameters: parameters.unwrap_or_default(),
                precondition: precondition.unwrap_or_else(empty),
                effect: effect.unwrap_or_else(empty),
            };
            return Ok((rest, action));
        }
        let expected = ":parameters, :precondition, :effect or `)`";
        let at = skip_blank(rest);
        let Ok((value, field)) = keyword(at) else {
            return refuse(Fault::new(at, expected).inside(&place));
        };
        let field = field.to_ascii_lowercase();
        let again = match field.as_str() {
            ":parameters" => {
                let mut parser = within(&field, preceded(open, typed_list(variable)));
                let (after, value) = parser(value).map_err(|e| e.map(|f| f.inside(&place)))?;
                rest = after;
                parameters.replace(value).is_some()
            }
            ":precondition" => {
                let (after, value) = within(&field, formula("a condition"))
                    .parse(value)
                    .map_err(|e| e.map(|f| f.inside(&place)))?;
                rest = after;
                precondition.replace(value).is_some()
            }
            ":effect" => {
                let (after, value) = within(&field, formula("a literal"))
                    .parse(value)
                    .map_err(|e| e.map(|f| f.inside(&place)))?;
                rest = after;
                effect.replace(value).is_some()
            }
            _ => {
                let known = [":parameters", ":precondition", ":effect"];
                let mut fault = Fault::new(at, expected).inside(&place);
                if let Some(hint) = did_you_mean(&field, known) {
                    fault = fault.hint(hint);
                }
                return refuse(fault);
            }
        };
        if again {
            return refuse(Fault::new(at, "each part once").inside(&place));
        }
    }
}

/// Sets a section that may come once.
fn once<'a, T>(slot: &mut Option<T>, at: &'a str, value: T) -> Result<(), nom::Err<Fault<'a>>> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(nom::Err::Failure(Fault::new(at, "each section once"))),
    }
}

/// `section-head ::= ( keyword`.
fn section_head(input: &str) -> Parsed<'_, &str> {
    let at = skip_blank(input);
    match open(at) {
        Ok((rest, _)) => cut(keyword).parse(rest),
        Err(_) => refuse(Fault::new(at, "a section such as `(:requirements ...)`, or `)`")),
    }
}

/// Sections of PDDL that we refuse, and the requirement they belong to.
const FOREIGN_SECTIONS: [(&str, &str); 9] = [
    (":functions", ":numeric-fluents or :action-costs"),
    (":metric", ":numeric-fluents or :action-costs"),
    (":derived", ":derived-predicates"),
    (":axiom", ":domain-axioms"),
    (":durative-action", ":durative-actions"),
    (":constraints", ":constraints"),
    (":process", ":time"),
    (":event", ":time"),
    (":task", ":hierarchy"),
];

fn unknown_section<'a, T>(at: &'a str, section: &str, known: &[&'static str]) -> Parsed<'a, T> {
    let fault = Fault::new(at, format!("one of {}", known.join(", ")));
    let foreign = FOREIGN_SECTIONS.iter().find(|(s, _)| *s == section);
    refuse(match foreign {
        Some((_, requirement)) => fault
            .got(format!("`{section}`, which needs {requirement}"))
            .hint(format!("remove the section; {SUPPORTED}")),
        None => match did_you_mean(section, known.iter().copied()) {
            Some(hint) => fault.hint(hint),
            None => fault,
        },
    })
}

/// `define(kind) ::= ( define ( kind name )`.
fn define<'a>(
    kind: &'static str,
    expected: &'static str,
) -> impl FnMut(&'a str) -> Parsed<'a, &'a str> {
    move |input| {
        let head = (open, word("define", "`define`"), open, word(kind, expected));
        cut(preceded(head, terminated(name, close))).parse(input)
    }
}

/// Nothing but blanks may follow the last parenthesis.
fn end(input: &str) -> Parsed<'_, ()> {
    let at = skip_blank(input);
    match at.is_empty() {
        true => Ok((at, ())),
        false => refuse(Fault::new(at, "the end of the text")),
    }
}

/// `domain ::= define(domain) section* )` with
/// `section ::= ( :requirements keyword* ) | ( :types typed-list(name) | ( :constants
/// typed-list(name) | ( :predicates skeleton* ) | action-def`.
pub(super) fn domain(input: &str) -> Parsed<'_, DomainText<'_>> {
    const KNOWN: [&str; 5] = [":requirements", ":types", ":constants", ":predicates", ":action"];
    let (mut rest, name) = define("domain", "`domain`")(input)?;
    let mut text = DomainText { name, ..DomainText::default() };
    loop {
        if let Ok((rest, _)) = close(rest) {
            return end(rest).map(|(rest, ())| (rest, text));
        }
        let (body, at) = section_head(rest)?;
        let section = at.to_ascii_lowercase();
        let place = format!("in {section}");
        rest = match section.as_str() {
            ":requirements" => {
                let (rest, value) = within(&place, list(keyword)).parse(body)?;
                once(&mut text.requirements, at, value)?;
                rest
            }
            ":types" => {
                let (rest, value) = within(&place, typed_list(self::name)).parse(body)?;
                once(&mut text.types, at, value)?;
                rest
            }
            ":constants" => {
                let (rest, value) = within(&place, typed_list(self::name)).parse(body)?;
                once(&mut text.constants, at, value)?;
                rest
            }
            ":predicates" => {
                let (rest, value) = within(&place, list(skeleton)).parse(body)?;
                once(&mut text.predicates, at, value)?;
                rest
            }
            ":action" => {
                let (rest, value) = action(body)?;
                text.actions.push(value);
                rest
            }
            _ => return unknown_section(at, &section, &KNOWN),
        };
    }
}

/// `problem ::= define(problem) section* )` with
/// `section ::= ( :domain name ) | ( :requirements keyword* ) | ( :objects typed-list(name)
/// | ( :init formula* ) | ( :goal formula )`.
pub(super) fn problem(input: &str) -> Parsed<'_, ProblemText<'_>> {
    const KNOWN: [&str; 5] = [":domain", ":requirements", ":objects", ":init", ":goal"];
    let (mut rest, name) = define("problem", "`problem`")(input)?;
    let mut text = ProblemText { name, ..ProblemText::default() };
    loop {
        if let Ok((rest, _)) = close(rest) {
            return end(rest).map(|(rest, ())| (rest, text));
        }
        let (body, at) = section_head(rest)?;
        let section = at.to_ascii_lowercase();
        let place = format!("in {section}");
        rest = match section.as_str() {
            ":domain" => {
                let (rest, value) = within(&place, terminated(self::name, close)).parse(body)?;
                once(&mut text.domain, at, value)?;
                rest
            }
            ":requirements" => {
                let (rest, value) = within(&place, list(keyword)).parse(body)?;
                once(&mut text.requirements, at, value)?;
                rest
            }
            ":objects" => {
                let (rest, value) = within(&place, typed_list(self::name)).parse(body)?;
                once(&mut text.objects, at, value)?;
                rest
            }
            ":init" => {
                let (rest, value) = within(&place, list(formula("a fact"))).parse(body)?;
                once(&mut text.init, at, value)?;
                rest
            }
            ":goal" => {
                let goal = terminated(formula("a condition"), close);
                let (rest, value) = within(&place, goal).parse(body)?;
                once(&mut text.goal, at, value)?;
                rest
            }
            _ => return unknown_section(at, &section, &KNOWN),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use expect_test::{Expect, expect};

    use super::*;

    /// Shows what a production makes of each text: the value and the rest, or the fault.
    fn check<'a, T: Debug>(
        mut production: impl FnMut(&'a str) -> Parsed<'a, T>,
        texts: &[&'a str],
        expected: Expect,
    ) {
        let shown = texts.iter().map(|text| match production(text) {
            Ok((rest, value)) => format!("{text} => {value:?} {rest:?}\n"),
            Err(nom::Err::Error(f) | nom::Err::Failure(f)) => {
                format!("{text} => {}\n", f.locate(text, ""))
            }
            Err(nom::Err::Incomplete(_)) => format!("{text} => incomplete\n"),
        });
        expected.assert_eq(&shown.collect::<String>());
    }

    #[test]
    fn types() {
        check(
            type_names,
            &["disk)", "(either disk peg))", "(either)", "(or a)", "?x"],
            expect![[r#"
                disk) => ["disk"] ")"
                (either disk peg)) => ["disk", "peg"] ")"
                (either) => :1:8: expected a name, got `)`
                (or a) => :1:2: expected `either`, got `or`
                ?x => :1:1: expected a type, got `?x`
            "#]],
        );
    }

    #[test]
    fn typed_lists() {
        let texts = [")", "a b)", "a b - t c - (either t u) d)", "a - )", "- t)", "a"];
        check(
            typed_list(name),
            &texts,
            expect![[r#"
            ) => [] ""
            a b) => [Typed { name: "a", types: [] }, Typed { name: "b", types: [] }] ""
            a b - t c - (either t u) d) => [Typed { name: "a", types: ["t"] }, Typed { name: "b", types: ["t"] }, Typed { name: "c", types: ["t", "u"] }, Typed { name: "d", types: [] }] ""
            a - ) => :1:5: expected a type, got `)`
            - t) => :1:1: expected a name, got `-`
            a => :1:2: expected a name, got the end of the text
        "#]],
        );
        check(
            typed_list(variable),
            &["?x ?y - t)", "?x y)"],
            expect![[r#"
            ?x ?y - t) => [Typed { name: "?x", types: ["t"] }, Typed { name: "?y", types: ["t"] }] ""
            ?x y) => :1:4: expected a variable such as ?x, got `y`
        "#]],
        );
    }

    #[test]
    fn skeletons() {
        check(
            skeleton,
            &["(p)", "(on ?d - disk ?l)", "p", "(?x)", "(p x)"],
            expect![[r#"
            (p) => Skeleton { name: "p", parameters: [] } ""
            (on ?d - disk ?l) => Skeleton { name: "on", parameters: [Typed { name: "?d", types: ["disk"] }, Typed { name: "?l", types: [] }] } ""
            p => :1:1: expected `(`, got `p`
            (?x) => :1:2: expected a name, got `?x`
            (p x) => :1:4: in predicate p: expected a variable such as ?x, got `x`
        "#]],
        );
    }

    #[test]
    fn formulas() {
        let texts = [
            "()",
            "(p)",
            "(p ?x a)",
            "(and)",
            "(AND (p) (not (q ?x)))",
            "(= ?x a)",
            "(= ?x)",
            "(not (p) (q))",
            "(or (p) (q))",
            "(p (q))",
            "p",
        ];
        check(
            formula("a literal"),
            &texts,
            expect![[r#"
            () => And([]) ""
            (p) => Atom("p", []) ""
            (p ?x a) => Atom("p", ["?x", "a"]) ""
            (and) => And([]) ""
            (AND (p) (not (q ?x))) => And([Atom("p", []), Not("(not (q ?x)))", Atom("q", ["?x"]))]) ""
            (= ?x a) => Equal("(= ?x a)", "?x", "a") ""
            (= ?x) => :1:6: expected an object or a variable, got `)`
            (not (p) (q)) => :1:10: expected `)`, got `(`
            (or (p) (q)) => :1:2: expected `and`, `not`, `=` or a predicate, got `or`, which needs :disjunctive-preconditions
            (p (q)) => :1:4: expected an object or a variable, got `(`
            p => :1:1: expected a literal, got `p`
        "#]],
        );
    }

    #[test]
    fn actions() {
        let texts =
            ["a)", "a :effect (p) :parameters (?x))", "a :effect (p)", ":effect (p))", "a p)"];
        check(
            action,
            &texts,
            expect![[r#"
            a) => ActionText { name: "a", parameters: [], precondition: And([]), effect: And([]) } ""
            a :effect (p) :parameters (?x)) => ActionText { name: "a", parameters: [Typed { name: "?x", types: [] }], precondition: And([]), effect: Atom("p", []) } ""
            a :effect (p) => :1:14: in action a: expected :parameters, :precondition, :effect or `)`, got the end of the text
            :effect (p)) => :1:1: in an action: expected a name, got `:effect`
            a p) => :1:3: in action a: expected :parameters, :precondition, :effect or `)`, got `p`
        "#]],
        );
    }

    #[test]
    fn whole_texts() {
        let texts = ["(define (domain d))", "(define (domain d) (:types t) (:action a)) ; end"];
        check(
            domain,
            &texts,
            expect![[r#"
            (define (domain d)) => DomainText { name: "d", requirements: None, types: None, constants: None, predicates: None, actions: [] } ""
            (define (domain d) (:types t) (:action a)) ; end => DomainText { name: "d", requirements: None, types: Some([Typed { name: "t", types: [] }]), constants: None, predicates: None, actions: [ActionText { name: "a", parameters: [], precondition: And([]), effect: And([]) }] } ""
        "#]],
        );
        let texts = ["(define (problem p) (:goal (q)) (:domain d))", "(define (problem))"];
        check(
            problem,
            &texts,
            expect![[r#"
            (define (problem p) (:goal (q)) (:domain d)) => ProblemText { name: "p", domain: Some("d"), requirements: None, objects: None, init: None, goal: Some(Atom("q", [])) } ""
            (define (problem)) => :1:17: expected a name, got `)`
        "#]],
        );
    }
}
