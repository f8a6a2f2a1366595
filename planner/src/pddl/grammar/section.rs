//! Domains and problems: their sections.

use nom::{
    Parser,
    combinator::cut,
    sequence::{preceded, terminated},
};

use super::{
    super::{
        error::{Fault, did_you_mean},
        lexer::{Parsed, close, keyword, list, name, open, refuse, skip_blank, within, word},
        syntax::{DomainText, MetricText, Oddity, ProblemText},
    },
    action::{action, axiom, derived},
    formula::{formula, operand},
    lists::{functions, skeleton, typed_list},
};

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

/// Sections of PDDL and its relatives that we refuse, and the requirement they belong to.
const FOREIGN_SECTIONS: [(&str, &str); 11] = [
    (":constraints", ":constraints"),
    (":process", ":time (PDDL+)"),
    (":event", ":time (PDDL+)"),
    (":task", ":hierarchy (HDDL)"),
    (":method", ":hierarchy (HDDL)"),
    (":htn", ":hierarchy (HDDL)"),
    (":tasks", ":hierarchy (HDDL)"),
    (":safety", ":safety-constraints"),
    (":extends", "domain inheritance"),
    (":situation", "named situations"),
    (":observe", ":partial-observability"),
];

fn unknown_section<'a, T>(at: &'a str, section: &str, known: &[&'static str]) -> Parsed<'a, T> {
    let fault = Fault::new(at, format!("one of {}", known.join(", ")));
    let foreign = FOREIGN_SECTIONS.iter().find(|(s, _)| *s == section);
    refuse(match foreign {
        Some((_, requirement)) => fault
            .got(format!("`{section}`, which needs {requirement}"))
            .hint(format!("remove the section; {requirement} is not supported")),
        None => match did_you_mean(section, known.iter().copied()) {
            Some(hint) => fault.hint(hint),
            None => fault,
        },
    })
}

/// The text after one balanced form, its `(` already read; blanks, comments and parentheses are all
/// that is looked at.
fn skip_form(input: &str) -> Parsed<'_, ()> {
    let (mut rest, mut depth) = (input, 1usize);
    while depth > 0 {
        rest = skip_blank(rest);
        let Some(next) = rest.chars().next() else {
            return refuse(Fault::new(rest, "`)`"));
        };
        match next {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        rest = &rest[next.len_utf8()..];
    }
    Ok((rest, ()))
}

/// `define(kind) ::= ( define ( kind name )`. Forms before it, such as `(in-package "x")`, are odd.
fn define<'a>(
    kind: &'static str,
    expected: &'static str,
    odd: &mut Vec<Oddity<'a>>,
    input: &'a str,
) -> Parsed<'a, &'a str> {
    let mut input = input;
    while let Ok((rest, at)) = preceded(open, word("in-package", "")).parse(input) {
        let fault = Fault::new(at, "`define`").hint("remove the form; it is Lisp");
        odd.push((fault, "passed over it"));
        input = skip_form(rest)?.0;
    }
    let head = (open, word("define", "`define`"), open, word(kind, expected));
    cut(preceded(head, terminated(name, close))).parse(input)
}

/// Nothing but blanks should follow the last parenthesis.
fn end<'a>(input: &'a str, odd: &mut Vec<Oddity<'a>>) {
    let at = skip_blank(input);
    if !at.is_empty() {
        odd.push((Fault::new(at, "the end of the text"), "passed over the rest"));
    }
}

const DOMAIN_SECTIONS: [&str; 8] = [
    ":requirements",
    ":types",
    ":constants",
    ":predicates",
    ":functions",
    ":action",
    ":durative-action",
    ":derived",
];

/// `domain ::= define(domain) section* )` with
/// `section ::= ( :requirements keyword* ) | ( :types typed-list(name) | ( :constants
/// typed-list(name) | ( :predicates skeleton* ) | ( :functions functions | action-def | derived-def
/// | axiom-def`.
pub(in super::super) fn domain(input: &str) -> Parsed<'_, DomainText<'_>> {
    let mut odd = vec![];
    let (mut rest, name) = define("domain", "`domain`", &mut odd, input)?;
    let mut text = DomainText { name, ..DomainText::default() };
    loop {
        if let Ok((rest, _)) = close(rest) {
            end(rest, &mut odd);
            text.oddities.extend(odd);
            return Ok(("", text));
        }
        let (body, at) = section_head(rest)?;
        rest = domain_section(&mut text, at, body)?.0;
    }
}

fn domain_section<'a>(text: &mut DomainText<'a>, at: &'a str, body: &'a str) -> Parsed<'a, ()> {
    let section = at.to_ascii_lowercase();
    let place = format!("in {section}");
    let rest = match section.as_str() {
        ":requirements" => {
            let (rest, value) = within(&place, list(keyword)).parse(body)?;
            once(&mut text.requirements, at, value)?;
            rest
        }
        ":types" => {
            let (rest, value) = within(&place, typed_list(name)).parse(body)?;
            once(&mut text.types, at, value)?;
            rest
        }
        ":constants" => {
            let (rest, value) = within(&place, typed_list(name)).parse(body)?;
            once(&mut text.constants, at, value)?;
            rest
        }
        ":predicates" => {
            let (rest, value) = within(&place, list(skeleton)).parse(body)?;
            once(&mut text.predicates, at, value)?;
            rest
        }
        ":functions" => {
            let (rest, (value, odd)) = within(&place, functions).parse(body)?;
            once(&mut text.functions, at, value)?;
            text.oddities.extend(odd);
            rest
        }
        ":action" | ":durative-action" => {
            let durative = section == ":durative-action";
            let (rest, value) = action(body, durative)?;
            text.actions.push((durative, value));
            rest
        }
        ":derived" | ":axiom" => {
            let parse = if section == ":axiom" { axiom } else { derived };
            let (rest, value) = parse(body)?;
            text.derived.push(value);
            rest
        }
        _ => return unknown_section(at, &section, &DOMAIN_SECTIONS),
    };
    Ok((rest, ()))
}

const PROBLEM_SECTIONS: [&str; 7] =
    [":domain", ":requirements", ":objects", ":init", ":goal", ":metric", ":length"];

/// `problem ::= define(problem) section* )` with
/// `section ::= ( :domain name ) | ( :requirements keyword* ) | ( :objects typed-list(name)
/// | ( :init formula* ) | ( :goal formula ) | ( :metric name operand ) | ( :length ... )`.
pub(in super::super) fn problem(input: &str) -> Parsed<'_, ProblemText<'_>> {
    let mut odd = vec![];
    let (mut rest, name) = define("problem", "`problem`", &mut odd, input)?;
    let mut text = ProblemText { name, ..ProblemText::default() };
    loop {
        if let Ok((rest, _)) = close(rest) {
            end(rest, &mut odd);
            text.oddities.extend(odd);
            return Ok(("", text));
        }
        let (body, at) = section_head(rest)?;
        rest = problem_section(&mut text, at, body)?.0;
    }
}

fn problem_section<'a>(text: &mut ProblemText<'a>, at: &'a str, body: &'a str) -> Parsed<'a, ()> {
    let section = at.to_ascii_lowercase();
    let place = format!("in {section}");
    let rest = match section.as_str() {
        ":domain" => {
            let (rest, value) = within(&place, terminated(name, close)).parse(body)?;
            once(&mut text.domain, at, value)?;
            rest
        }
        ":requirements" => {
            let (rest, value) = within(&place, list(keyword)).parse(body)?;
            once(&mut text.requirements, at, value)?;
            rest
        }
        ":objects" => {
            let (rest, value) = within(&place, typed_list(name)).parse(body)?;
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
        ":metric" => {
            let metric = |input| {
                let (rest, direction) = name(input)?;
                let (rest, expression) = operand(rest, 0)?;
                let (rest, _) = close(rest)?;
                Ok((rest, MetricText { direction, expression }))
            };
            let (rest, value) = within(&place, metric).parse(body)?;
            once(&mut text.metric, at, value)?;
            rest
        }
        // A hint to planners of 1998 that says nothing about the problem.
        ":length" => skip_form(body)?.0,
        _ => return unknown_section(at, &section, &PROBLEM_SECTIONS),
    };
    Ok((rest, ()))
}
