//! Conditions, effects, facts and expressions. They share one tree; which forms may stand where is
//! checked when names are bound, where the fault can be named better.

use super::{
    super::{
        error::Fault,
        lexer::{
            Parsed, close, list, name, number, open, refuse, skip_blank, split_word, term, variable,
        },
        syntax::{Node, Operand, Time},
    },
    lists::typed_list,
};
use crate::model::Assignment;

/// Deepest nesting of formulas; more would risk the stack and stands in no domain that means it.
const MAX_DEPTH: usize = 200;

/// Words that begin a formula of a requirement we do not have, and the requirement.
const FOREIGN: [(&str, &str); 14] = [
    ("preference", ":preferences"),
    ("always", ":constraints"),
    ("sometime", ":constraints"),
    ("within", ":constraints"),
    ("at-most-once", ":constraints"),
    ("sometime-after", ":constraints"),
    ("sometime-before", ":constraints"),
    ("always-within", ":constraints"),
    ("hold-during", ":constraints"),
    ("hold-after", ":constraints"),
    ("oneof", ":non-deterministic"),
    ("unknown", ":non-deterministic"),
    ("probabilistic", ":probabilistic-effects"),
    ("observe", ":partial-observability"),
];

const HEAD: &str = "`and`, `not`, `=` or a predicate";

/// The fault of a form that needs what this planner does not have.
pub(super) fn foreign_form<'a>(at: &'a str, form: &str, requirement: &str) -> Fault<'a> {
    Fault::new(at, "what this planner knows")
        .got(format!("`{form}`, which needs {requirement}"))
        .hint(format!("write it without `{form}`; {requirement} is not supported"))
}

/// What is wrong where a term of an atom should stand and `(` does.
fn nested_in_atom<'a>(inner: &'a str, head: &'a str, at: &'a str) -> Fault<'a> {
    if let Some((word, requirement)) = FOREIGN.iter().find(|(w, _)| head.eq_ignore_ascii_case(w)) {
        return foreign_form(inner, word, requirement);
    }
    if head.eq_ignore_ascii_case("at") && !at.is_empty() {
        let (word, _) = split_word(skip_blank(&inner[head.len()..]));
        if number(word).is_some() {
            return foreign_form(inner, "at", ":timed-initial-literals");
        }
    }
    let fault = Fault::new(at, "an object or a variable");
    match name(at.strip_prefix('(').unwrap_or(at)) {
        Ok((_, function)) => fault
            .got(format!("`({function}`"))
            .hint("functions as arguments need :object-fluents, which is not supported"),
        Err(_) => fault,
    }
}

/// `formula ::= ( ) | ( and formula* ) | ( or formula* ) | ( not formula ) | ( imply formula formula )
/// | ( exists ( typed-list(variable) formula ) | ( forall ( typed-list(variable) formula )
/// | ( when formula formula ) | ( comparator operand operand ) | ( assignment operand operand )
/// | ( at start formula ) | ( over all formula ) | ( at end formula ) | ( name term* )`.
pub(super) fn formula(expected: &'static str) -> impl FnMut(&str) -> Parsed<'_, Node<'_>> {
    move |input| node(input, expected, 0)
}

fn too_deep<'a, T>(at: &'a str) -> Parsed<'a, T> {
    refuse(Fault::new(at, format!("formulas nested at most {MAX_DEPTH} deep")))
}

fn node<'a>(input: &'a str, expected: &'static str, depth: usize) -> Parsed<'a, Node<'a>> {
    let at = skip_blank(input);
    if depth > MAX_DEPTH {
        return too_deep(at);
    }
    let Some(inner) = at.strip_prefix('(') else {
        return Err(nom::Err::Error(Fault::new(at, expected)));
    };
    let inner = skip_blank(inner);
    match inner.as_bytes().first() {
        Some(b')') => return Ok((&inner[1..], Node::And(at, vec![]))),
        Some(b'=' | b'<' | b'>') => return comparison(at, inner, depth),
        _ => {}
    }
    let Ok((rest, head)) = name(inner) else {
        return refuse(Fault::new(inner, HEAD));
    };
    let nested = Nested { at, expected, depth };
    match Head::of(head) {
        Head::And => nested.list(rest).map(|(rest, parts)| (rest, Node::And(at, parts))),
        Head::Or => nested.list(rest).map(|(rest, parts)| (rest, Node::Or(at, parts))),
        Head::Not => {
            let (rest, part) = nested.one(rest)?;
            close_after(rest, Node::Not(at, Box::new(part)))
        }
        Head::Imply => nested.two(rest).and_then(|(rest, f)| close_after(rest, Node::Imply(at, f))),
        Head::When => nested.two(rest).and_then(|(rest, f)| close_after(rest, Node::When(at, f))),
        Head::Exists => nested.quantified(rest, Node::Exists),
        Head::Forall => nested.quantified(rest, Node::Forall),
        Head::Time => nested.timed(head, rest, inner),
        Head::Assign => assignment(at, head, rest, depth),
        Head::Plain => atom(inner, head, rest),
    }
}

/// What the first word of a form says about the rest.
enum Head {
    And,
    Or,
    Not,
    Imply,
    When,
    Exists,
    Forall,
    Time,
    Assign,
    Plain,
}

impl Head {
    fn of(word: &str) -> Self {
        let is = |wanted: &str| word.eq_ignore_ascii_case(wanted);
        match word.len() {
            2 if is("or") => Self::Or,
            2 if is("at") => Self::Time,
            3 if is("and") => Self::And,
            3 if is("not") => Self::Not,
            4 if is("when") => Self::When,
            4 if is("over") => Self::Time,
            5 if is("imply") => Self::Imply,
            6 if is("exists") => Self::Exists,
            6 if is("forall") => Self::Forall,
            6..=10 if Assignment::ALL.iter().any(|a| is(a.word())) => Self::Assign,
            _ => Self::Plain,
        }
    }
}

/// Where the parts of a form stand.
struct Nested<'a> {
    at: &'a str,
    expected: &'static str,
    depth: usize,
}

impl<'a> Nested<'a> {
    fn one(&self, input: &'a str) -> Parsed<'a, Node<'a>> {
        match node(input, self.expected, self.depth + 1) {
            Err(nom::Err::Error(fault)) => refuse(fault),
            parsed => parsed,
        }
    }

    fn two(&self, input: &'a str) -> Parsed<'a, Box<[Node<'a>; 2]>> {
        let (rest, first) = self.one(input)?;
        let (rest, second) = self.one(rest)?;
        Ok((rest, Box::new([first, second])))
    }

    fn list(&self, input: &'a str) -> Parsed<'a, Vec<Node<'a>>> {
        list(|at| node(at, self.expected, self.depth + 1))(input)
    }

    fn quantified(
        &self,
        input: &'a str,
        build: fn(&'a str, super::super::syntax::Groups<'a>, Box<Node<'a>>) -> Node<'a>,
    ) -> Parsed<'a, Node<'a>> {
        let (rest, _) = open(input).map_err(|e| match e {
            nom::Err::Error(f) => nom::Err::Failure(Fault::new(f.at, "`(` and variables")),
            e => e,
        })?;
        let (rest, variables) = typed_list(variable)(rest)?;
        let (rest, body) = self.one(rest)?;
        close_after(rest, build(self.at, variables, Box::new(body)))
    }

    /// `at` and `over` begin a timed form where `start`, `all` or `end` and a parenthesis follow;
    /// otherwise they are predicates, and common ones.
    fn timed(&self, head: &'a str, rest: &'a str, inner: &'a str) -> Parsed<'a, Node<'a>> {
        let (word, after) = split_word(skip_blank(rest));
        let is = |wanted: &str| word.eq_ignore_ascii_case(wanted);
        let time = match head.len() {
            2 if is("start") => Some(Time::Start),
            2 if is("end") => Some(Time::End),
            4 if is("all") => Some(Time::All),
            _ => None,
        };
        match time.filter(|_| skip_blank(after).starts_with('(')) {
            None => atom(inner, head, rest),
            Some(time) => {
                let (rest, part) = self.one(after)?;
                close_after(rest, Node::Timed(self.at, time, Box::new(part)))
            }
        }
    }
}

fn close_after<'a, T>(input: &'a str, value: T) -> Parsed<'a, T> {
    match close(input) {
        Err(nom::Err::Error(fault)) => refuse(fault),
        Err(e) => Err(e),
        Ok((rest, _)) => Ok((rest, value)),
    }
}

/// `( name term* )`, the name already read.
fn atom<'a>(inner: &'a str, head: &'a str, input: &'a str) -> Parsed<'a, Node<'a>> {
    let mut rest = skip_blank(input);
    let mut terms = Vec::with_capacity(2);
    loop {
        if let Some(after) = rest.strip_prefix(')') {
            return Ok((after, Node::Atom(head, terms)));
        }
        if rest.starts_with('(') {
            return refuse(nested_in_atom(inner, head, rest));
        }
        let (after, word) = match term(rest) {
            Err(nom::Err::Error(fault)) => return refuse(fault),
            parsed => parsed?,
        };
        terms.push(word);
        rest = skip_blank(after);
    }
}

/// `( comparator operand operand )` with `comparator ::= < | <= | = | >= | >`.
fn comparison<'a>(at: &'a str, inner: &'a str, depth: usize) -> Parsed<'a, Node<'a>> {
    let length = inner.bytes().take_while(|b| matches!(b, b'<' | b'=' | b'>')).count();
    let (sign, rest) = inner.split_at(length);
    if !matches!(sign, "<" | "<=" | "=" | ">=" | ">") {
        return refuse(Fault::new(inner, "one of `=`, `<`, `<=`, `>`, `>=`"));
    }
    let (rest, a) = operand(rest, depth + 1)?;
    let (rest, b) = operand(rest, depth + 1)?;
    close_after(rest, Node::Compare(at, sign, Box::new([a, b])))
}

/// `( assignment operand operand )`. An atom of a predicate of that name has the same form if it has
/// two terms, and is taken for one if it has not.
fn assignment<'a>(
    at: &'a str,
    head: &'a str,
    input: &'a str,
    depth: usize,
) -> Parsed<'a, Node<'a>> {
    let (rest, operands) = list(|at| operand(at, depth + 1))(input)?;
    if let Ok(two) = <[Operand<'a>; 2]>::try_from(operands) {
        return Ok((rest, Node::Assign(at, head, Box::new(two))));
    }
    atom(head, head, input)
}

/// `operand ::= number | name | variable | #t | ( operator operand* ) | ( name operand* )` with
/// `operator ::= + | - | * | /`.
pub(super) fn operand(input: &str, depth: usize) -> Parsed<'_, Operand<'_>> {
    let at = skip_blank(input);
    if depth > MAX_DEPTH {
        return too_deep(at);
    }
    let Some(inner) = at.strip_prefix('(') else {
        return operand_word(at);
    };
    let inner = skip_blank(inner);
    let (head, rest) = split_word(inner);
    if head.is_empty() {
        return refuse(Fault::new(inner, "a function or one of `+`, `-`, `*`, `/`"));
    }
    let (rest, operands) = list(|at| operand(at, depth + 1))(rest)?;
    Ok((rest, Operand::Call(head, operands)))
}

fn operand_word(at: &str) -> Parsed<'_, Operand<'_>> {
    let length = usize::from(at.starts_with('?'));
    let (word, rest) = split_word(&at[length..]);
    if word.is_empty() {
        return refuse(Fault::new(at, "a number, an object, a variable or `(`"));
    }
    Ok((rest, Operand::Word(&at[..length + word.len()])))
}
