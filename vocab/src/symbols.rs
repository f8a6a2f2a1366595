//! The symbol table: names of types, predicates, objects and actions, and the ids that stand for
//! them everywhere else.

use std::fmt;

use crate::{Atom, GroundAction, Literal};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The id as an index into the table it was taken from.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// A type of the domain, an index into [`Symbols::types`].
    TypeId
);
id!(
    /// A predicate of the domain, an index into [`Symbols::predicates`].
    PredicateId
);
id!(
    /// An object of the problem or a constant of the domain, an index into [`Symbols::objects`].
    ObjectId
);
id!(
    /// An action schema of the domain, an index into [`Symbols::actions`].
    ActionId
);

/// A type and its place in the hierarchy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeSymbol {
    /// Lower-case name.
    pub name: String,
    /// The supertype; `None` for the root type `object`.
    pub parent: Option<TypeId>,
}

/// A predicate and the types of its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PredicateSymbol {
    /// Lower-case name.
    pub name: String,
    /// One entry a parameter; each lists the admissible types (more than one for `either`).
    pub parameters: Vec<Vec<TypeId>>,
}

/// An object and its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectSymbol {
    /// Lower-case name.
    pub name: String,
    /// Most specific declared type.
    pub type_id: TypeId,
}

/// An action schema and its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionSymbol {
    /// Lower-case name.
    pub name: String,
    /// Name (with its `?`) and admissible types of each parameter, in order.
    pub parameters: Vec<(String, Vec<TypeId>)>,
}

/// Names behind ids. Built once from a PDDL domain and problem, shared read-only afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Symbols {
    /// Types; a parent stands before its children.
    pub types: Vec<TypeSymbol>,
    /// Predicates in the order of the domain.
    pub predicates: Vec<PredicateSymbol>,
    /// Constants of the domain, then objects of the problem, in order.
    pub objects: Vec<ObjectSymbol>,
    /// Action schemas in the order of the domain.
    pub actions: Vec<ActionSymbol>,
}

impl Symbols {
    /// The object of that (lower-case) name.
    pub fn object(&self, name: &str) -> Option<ObjectId> {
        position(self.objects.iter().map(|o| &o.name), name).map(ObjectId)
    }

    /// The predicate of that (lower-case) name.
    pub fn predicate(&self, name: &str) -> Option<PredicateId> {
        position(self.predicates.iter().map(|p| &p.name), name).map(PredicateId)
    }

    /// The action schema of that (lower-case) name.
    pub fn action(&self, name: &str) -> Option<ActionId> {
        position(self.actions.iter().map(|a| &a.name), name).map(ActionId)
    }

    /// The type of that (lower-case) name.
    pub fn type_named(&self, name: &str) -> Option<TypeId> {
        position(self.types.iter().map(|t| &t.name), name).map(TypeId)
    }

    /// Name of an object, or `?` for an id that is not of this table.
    pub fn object_name(&self, id: ObjectId) -> &str {
        self.objects.get(id.index()).map_or("?", |o| &o.name)
    }

    /// Name of a predicate, or `?` for an id that is not of this table.
    pub fn predicate_name(&self, id: PredicateId) -> &str {
        self.predicates.get(id.index()).map_or("?", |p| &p.name)
    }

    /// Name of an action schema, or `?` for an id that is not of this table.
    pub fn action_name(&self, id: ActionId) -> &str {
        self.actions.get(id.index()).map_or("?", |a| &a.name)
    }

    /// Whether `child` is `ancestor` or one of its subtypes.
    pub fn is_subtype(&self, child: TypeId, ancestor: TypeId) -> bool {
        let mut at = Some(child);
        for _ in 0..=self.types.len() {
            match at {
                Some(id) if id == ancestor => return true,
                Some(id) => at = self.types.get(id.index()).and_then(|t| t.parent),
                None => return false,
            }
        }
        false
    }

    /// Whether `object` may stand where one of `admissible` is asked for.
    pub fn fits(&self, object: ObjectId, admissible: &[TypeId]) -> bool {
        self.objects
            .get(object.index())
            .is_some_and(|o| admissible.iter().any(|&t| self.is_subtype(o.type_id, t)))
    }

    /// Every well-typed atom of a predicate, in lexicographic order of its arguments.
    pub fn atoms_of(&self, predicate: PredicateId) -> Vec<Atom> {
        let mut rows: Vec<Vec<ObjectId>> = vec![Vec::new()];
        for admissible in &self.predicates[predicate.index()].parameters {
            let candidates: Vec<ObjectId> = (0..self.objects.len() as u32)
                .map(ObjectId)
                .filter(|&o| self.fits(o, admissible))
                .collect();
            rows = rows
                .into_iter()
                .flat_map(|row| {
                    candidates.iter().map(move |&o| {
                        let mut longer = row.clone();
                        longer.push(o);
                        longer
                    })
                })
                .collect();
        }
        rows.into_iter().map(|args| Atom { predicate, args: args.into() }).collect()
    }

    /// `(on c1 c2)`.
    pub fn show_atom<'a>(&'a self, atom: &'a Atom) -> impl fmt::Display + 'a {
        Shown { symbols: self, head: self.predicate_name(atom.predicate), args: &atom.args }
    }

    /// `(pick c1 left)`, as in an IPC plan file.
    pub fn show_action<'a>(&'a self, action: &'a GroundAction) -> impl fmt::Display + 'a {
        Shown { symbols: self, head: self.action_name(action.schema), args: &action.args }
    }

    /// `(on c1 c2)` or `(not (on c1 c2))`.
    pub fn show_literal(&self, literal: &Literal) -> String {
        let atom = self.show_atom(&literal.atom);
        if literal.positive { atom.to_string() } else { format!("(not {atom})") }
    }
}

struct Shown<'a> {
    symbols: &'a Symbols,
    head: &'a str,
    args: &'a [ObjectId],
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}", self.head)?;
        for &arg in self.args {
            write!(f, " {}", self.symbols.object_name(arg))?;
        }
        f.write_str(")")
    }
}

fn position<'a>(mut names: impl Iterator<Item = &'a String>, name: &str) -> Option<u32> {
    names.position(|n| n == name).map(|i| i as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks() -> Symbols {
        let kind = |name: &str, parent| TypeSymbol { name: name.into(), parent };
        let object = |name: &str, t| ObjectSymbol { name: name.into(), type_id: TypeId(t) };
        Symbols {
            types: vec![
                kind("object", None),
                kind("location", Some(TypeId(0))),
                kind("disk", Some(TypeId(1))),
                kind("peg", Some(TypeId(1))),
            ],
            predicates: vec![PredicateSymbol {
                name: "on".into(),
                parameters: vec![vec![TypeId(2)], vec![TypeId(1)]],
            }],
            objects: vec![object("c1", 2), object("left", 3)],
            actions: vec![],
        }
    }

    #[test]
    fn atoms_of_a_predicate_respect_the_type_hierarchy() {
        let symbols = blocks();
        let shown: Vec<String> = symbols
            .atoms_of(PredicateId(0))
            .iter()
            .map(|a| symbols.show_atom(a).to_string())
            .collect();
        assert_eq!(shown, ["(on c1 c1)", "(on c1 left)"]);
    }

    #[test]
    fn names_map_to_ids_and_back() {
        let symbols = blocks();
        let id = symbols.object("left").unwrap();
        assert_eq!(symbols.object_name(id), "left");
        assert_eq!(symbols.object("nobody"), None);
        assert_eq!(symbols.object_name(ObjectId(99)), "?");
    }
}
