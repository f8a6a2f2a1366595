//! Typed lists, predicates and functions.

use nom::{
    Parser,
    combinator::cut,
    sequence::{preceded, terminated},
};

use super::super::{
    error::Fault,
    lexer::{Parsed, close, dash, list, name, open, refuse, skip_blank, variable, within, word},
    syntax::{FunctionGroup, Group, Groups, Oddity, Skeleton},
};

/// `type ::= name | ( either name+ )`.
pub(super) fn type_names(input: &str) -> Parsed<'_, Vec<&str>> {
    let at = skip_blank(input);
    if at.starts_with('(') {
        let either = word("either", "`either`");
        let names = preceded((open, either), terminated(nom::multi::many1(name), close));
        return cut(names).parse(at);
    }
    let (rest, single) = name(at).map_err(|e| e.map(|f| Fault::new(f.at, "a type")))?;
    Ok((rest, vec![single]))
}

/// `typed-list(x) ::= x* ) | x+ - type typed-list(x)`.
pub(super) fn typed_list<'a>(
    item: fn(&'a str) -> Parsed<'a, &'a str>,
) -> impl FnMut(&'a str) -> Parsed<'a, Groups<'a>> {
    move |input| {
        let group = |at| {
            let (mut rest, first) = item(at)?;
            let mut names = vec![first];
            while let Ok((after, next)) = item(rest) {
                names.push(next);
                rest = after;
            }
            match dash(rest) {
                Ok((after, _)) => {
                    let (rest, types) = cut(type_names).parse(after)?;
                    Ok((rest, Group { names, types }))
                }
                Err(_) => Ok((rest, Group { names, types: vec![] })),
            }
        };
        list(group)(input)
    }
}

/// `atomic-formula-skeleton ::= ( name typed-list(variable)`.
pub(super) fn skeleton(input: &str) -> Parsed<'_, Skeleton<'_>> {
    skeleton_of("predicate", input)
}

fn skeleton_of<'a>(kind: &str, input: &'a str) -> Parsed<'a, Skeleton<'a>> {
    let (rest, name) = preceded(open, cut(name)).parse(input)?;
    let place = format!("in {kind} {}", name.to_ascii_lowercase());
    let (rest, parameters) = within(&place, typed_list(variable)).parse(rest)?;
    Ok((rest, Skeleton { name, parameters }))
}

/// `functions ::= ) | function+ [- type] functions` with `function ::= ( name typed-list(variable)`.
/// A bare name is taken for a function without parameters and noted as odd.
pub(super) fn functions(input: &str) -> Parsed<'_, (Vec<FunctionGroup<'_>>, Vec<Oddity<'_>>)> {
    let (mut groups, mut odd) = (vec![], vec![]);
    let mut rest = skip_blank(input);
    loop {
        if let Some(after) = rest.strip_prefix(')') {
            return Ok((after, (groups, odd)));
        }
        let mut skeletons = vec![];
        loop {
            if rest.starts_with('(') {
                let (after, next) = skeleton_of("function", rest)?;
                skeletons.push(next);
                rest = skip_blank(after);
            } else if let Ok((after, name)) = name(rest) {
                let fault = Fault::new(name, "a function in parentheses");
                odd.push((fault.hint(format!("write `({name})`")), "read it as a function"));
                skeletons.push(Skeleton { name, parameters: vec![] });
                rest = skip_blank(after);
            } else {
                break;
            }
        }
        if skeletons.is_empty() {
            return refuse(Fault::new(rest, "a function such as (cost ?x)"));
        }
        let mut value = None;
        if let Ok((after, _)) = dash(rest) {
            let (after, types) = cut(type_names).parse(after)?;
            value = types.first().copied();
            rest = skip_blank(after);
        }
        groups.push(FunctionGroup { skeletons, value });
    }
}
