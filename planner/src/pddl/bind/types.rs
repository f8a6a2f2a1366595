//! The type hierarchy.

use ergon_vocab::{TypeId, TypeSymbol};
use indexmap::IndexMap;

use super::{
    super::{error::Fault, syntax::Group},
    Binder, Bound,
    names::{lower, repeated},
};
use crate::model::Requirement;

/// For each type the range of its subtypes in depth-first order, so that one look decides whether a
/// type is a subtype of another, however deep the hierarchy.
#[derive(Default)]
pub(super) struct TypeTree {
    ranges: Vec<(u32, u32)>,
}

impl TypeTree {
    /// Parents stand before their children in `types`.
    pub(super) fn new(types: &[TypeSymbol]) -> Self {
        let mut sizes = vec![1u32; types.len()];
        for (i, symbol) in types.iter().enumerate().rev() {
            if let Some(parent) = symbol.parent {
                sizes[parent.index()] += sizes[i];
            }
        }
        // The next free place among the subtypes of each type.
        let mut free = vec![0u32; types.len()];
        let mut ranges = Vec::with_capacity(types.len());
        let mut roots = 0;
        for (i, symbol) in types.iter().enumerate() {
            let place = symbol.parent.map_or(&mut roots, |parent| &mut free[parent.index()]);
            let start = *place;
            *place += sizes[i];
            free[i] = start + 1;
            ranges.push((start, start + sizes[i]));
        }
        Self { ranges }
    }

    /// Whether `child` is `ancestor` or one of its subtypes.
    pub(super) fn is_subtype(&self, child: TypeId, ancestor: TypeId) -> bool {
        let (start, end) = self.ranges[ancestor.index()];
        (start..end).contains(&self.ranges[child.index()].0)
    }
}

/// At most one type: `either` has no meaning for a supertype or an object of this model.
pub(super) fn single<'a>(types: &[&'a str]) -> Bound<'a, Option<&'a str>> {
    match types {
        [] => Ok(None),
        [single] => Ok(Some(single)),
        [_, second, ..] => Err(Fault::new(second, "one type")
            .got("`either`, which only parameters may have")
            .hint("declare a common supertype")),
    }
}

/// The supertype of each type with its place; none for the root.
type Parents<'a> = IndexMap<String, Option<&'a str>, hashbrown::DefaultHashBuilder>;

impl<'a> Binder<'a> {
    pub(super) fn declare_types(&mut self, listed: Option<&[Group<'a>]>) -> Bound<'a, ()> {
        let mut parents = Parents::default();
        for group in listed.unwrap_or_default() {
            let parent = single(&group.types)?;
            for &name in &group.names {
                self.need(&[Requirement::Typing], name, "a type")?;
                self.list_type(&mut parents, name, parent)?;
            }
        }
        self.declare_type("object", None);
        self.types.insert("object");
        self.order_types(&mut parents)?;
        self.tree = TypeTree::new(&self.symbols.types);
        Ok(())
    }

    fn list_type(
        &mut self,
        parents: &mut Parents<'a>,
        name: &'a str,
        parent: Option<&'a str>,
    ) -> Bound<'a, ()> {
        let key = lower(name).into_owned();
        if key == "object" {
            let fault = Fault::new(name, "types below `object`")
                .got("`object`, which is there without being declared")
                .hint("remove `object` from the list; every type is below it");
            return self.tolerate(fault, "left it out");
        }
        match parents.get(&key) {
            None => {
                parents.insert(key, parent);
                Ok(())
            }
            Some(before) => {
                let above = |parent: Option<&'a str>| parent.map_or("object".into(), lower);
                let same = above(*before) == above(parent);
                let fault = repeated(name, "type name");
                if same { self.tolerate(fault, "kept the first") } else { Err(fault) }
            }
        }
    }

    /// Gives ids to the types, each after its supertype.
    fn order_types(&mut self, parents: &mut Parents<'a>) -> Bound<'a, ()> {
        let unlisted: Vec<&'a str> = parents
            .values()
            .filter_map(|p| *p)
            .filter(|p| {
                !p.eq_ignore_ascii_case("object") && !parents.contains_key(lower(p).as_ref())
            })
            .collect();
        for place in unlisted {
            let name = lower(place).into_owned();
            if !parents.contains_key(&name) {
                let fault = Fault::new(place, "a listed supertype")
                    .got(format!("`{name}`, which stands only after `-`"))
                    .hint(format!("add `{name} - object` to (:types ...)"));
                self.tolerate(fault, "declared it")?;
                parents.insert(name, None);
            }
        }
        for start in parents.keys() {
            let mut chain: Vec<(&str, Option<&'a str>)> = vec![];
            let mut at = std::borrow::Cow::Borrowed(start.as_str());
            while self.types.find(&at).is_none() {
                let Some((key, &above)) = parents.get_key_value(at.as_ref()) else { break };
                chain.push((key, above));
                // A chain longer than the table has come back to where it was.
                if let Some(place) = above
                    && chain.len() > parents.len() + 1
                {
                    let fault = Fault::new(place, "types without a cycle");
                    return Err(
                        fault.got(format!("`{}`, which is its own supertype", lower(place)))
                    );
                }
                at = above.map_or("object".into(), lower);
            }
            let mut parent = self.types.find(&at).map(TypeId);
            for (name, _) in chain.into_iter().rev() {
                parent = Some(self.declare_type(name, parent));
                self.types.insert_owned(name);
            }
        }
        Ok(())
    }

    fn declare_type(&mut self, name: &str, parent: Option<TypeId>) -> TypeId {
        let id = TypeId(self.symbols.types.len() as u32);
        self.symbols.types.push(TypeSymbol { name: name.into(), parent });
        id
    }

    /// The types of a group of a typed list; the root if it names none.
    pub(super) fn type_ids(&mut self, names: &[&'a str]) -> Bound<'a, Vec<TypeId>> {
        let Some(first) = names.first() else { return Ok(vec![TypeId(0)]) };
        self.need(&[Requirement::Typing], first, "a type")?;
        names.iter().map(|name| self.types.get(name, "a declared type").map(TypeId)).collect()
    }
}
