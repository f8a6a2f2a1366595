//! Typed, checked access to the tree: every key is asked for by name, and what nobody asked for is an
//! error.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use nalgebra::{Vector2, Vector3};

use crate::document::{Node, Value};
use crate::error::{Place, ScenarioError, nearest};

type Result<T> = std::result::Result<T, ScenarioError>;

/// Inclusive bounds of a number and its unit, for checks and messages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) unit: &'static str,
}

/// A table of the file with the path that leads to it.
pub(crate) struct Section<'a> {
    entries: &'a BTreeMap<String, Node>,
    pub(crate) place: &'a Place,
    path: String,
    asked: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Section<'a> {
    pub(crate) fn of(node: &'a Node, path: &str) -> Result<Self> {
        match &node.value {
            Value::Table(entries) => Ok(Self {
                entries,
                place: &node.place,
                path: path.into(),
                asked: RefCell::default(),
            }),
            other => Err(ScenarioError::new(
                &node.place,
                path,
                format!("expected a table, found {}", other.describe()),
            )),
        }
    }

    /// The dotted path of a key of this section.
    pub(crate) fn path(&self, key: &str) -> String {
        if self.path.is_empty() { key.into() } else { format!("{}.{key}", self.path) }
    }

    pub(crate) fn find(&self, key: &'static str) -> Option<&'a Node> {
        self.asked.borrow_mut().insert(key);
        self.entries.get(key)
    }

    pub(crate) fn need(&self, key: &'static str, expected: &str) -> Result<&'a Node> {
        self.find(key).ok_or_else(|| {
            ScenarioError::new(self.place, &self.path(key), format!("missing; expected {expected}"))
                .with_hint(format!("add `{key} = ...`; docs/scenarios.md describes every key"))
        })
    }

    /// An error about a key that is there.
    pub(crate) fn wrong(&self, key: &str, message: impl Into<String>) -> ScenarioError {
        let place = self.entries.get(key).map_or(self.place, |n| &n.place);
        ScenarioError::new(place, &self.path(key), message)
    }

    pub(crate) fn section(&self, key: &'static str) -> Result<Section<'a>> {
        Section::of(self.need(key, "a table")?, &self.path(key))
    }

    pub(crate) fn maybe_section(&self, key: &'static str) -> Result<Option<Section<'a>>> {
        self.find(key).map(|n| Section::of(n, &self.path(key))).transpose()
    }

    /// A list of tables, `[[key]]`; empty when absent.
    pub(crate) fn sections(&self, key: &'static str) -> Result<Vec<Section<'a>>> {
        let Some(node) = self.find(key) else { return Ok(Vec::new()) };
        list(node, &self.path(key))?
            .iter()
            .enumerate()
            .map(|(i, n)| Section::of(n, &format!("{}[{i}]", self.path(key))))
            .collect()
    }

    /// Every entry of a table whose keys are free names.
    pub(crate) fn free_entries(&self) -> impl Iterator<Item = (&'a str, &'a Node)> {
        self.entries.iter().map(|(k, n)| (k.as_str(), n))
    }

    pub(crate) fn text(&self, key: &'static str, expected: &str) -> Result<String> {
        text(self.need(key, expected)?, &self.path(key), expected)
    }

    pub(crate) fn text_or(&self, key: &'static str, default: &str) -> Result<String> {
        self.find(key).map_or(Ok(default.into()), |n| text(n, &self.path(key), "a text"))
    }

    /// A symbol name: lower-case letters, digits, `-` and `_`, starting with a letter.
    pub(crate) fn symbol(&self, key: &'static str) -> Result<String> {
        let expected =
            "a name of lower-case letters, digits, `-` and `_` that starts with a letter";
        let name = self.text(key, expected)?;
        let fits = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c));
        if fits {
            Ok(name)
        } else {
            Err(self.wrong(key, format!("expected {expected}, found {name:?}")))
        }
    }

    pub(crate) fn flag_or(&self, key: &'static str, default: bool) -> Result<bool> {
        match self.find(key) {
            None => Ok(default),
            Some(Node { value: Value::Bool(b), .. }) => Ok(*b),
            Some(n) => {
                Err(self
                    .wrong(key, format!("expected true or false, found {}", n.value.describe())))
            }
        }
    }

    pub(crate) fn number(&self, key: &'static str, bounds: Bounds) -> Result<f64> {
        number(self.need(key, &bounds.describe())?, &self.path(key), bounds)
    }

    pub(crate) fn number_or(&self, key: &'static str, default: f64, bounds: Bounds) -> Result<f64> {
        self.find(key).map_or(Ok(default), |n| number(n, &self.path(key), bounds))
    }

    pub(crate) fn count_or(
        &self,
        key: &'static str,
        default: Option<u32>,
        max: u32,
    ) -> Result<Option<u32>> {
        match self.find(key) {
            None => Ok(default),
            Some(Node { value: Value::Integer(i), .. }) if (0..=i64::from(max)).contains(i) => {
                Ok(u32::try_from(*i).ok())
            }
            Some(n) => Err(self.wrong(
                key,
                format!("expected an integer from 0 to {max}, found {}", n.value.describe()),
            )),
        }
    }

    pub(crate) fn vector3(&self, key: &'static str, bounds: Bounds) -> Result<Vector3<f64>> {
        let n = numbers(self.need(key, "three numbers")?, &self.path(key), 3, bounds)?;
        Ok(Vector3::new(n[0], n[1], n[2]))
    }

    pub(crate) fn vector2(&self, key: &'static str, bounds: Bounds) -> Result<Vector2<f64>> {
        let n = numbers(self.need(key, "two numbers")?, &self.path(key), 2, bounds)?;
        Ok(Vector2::new(n[0], n[1]))
    }

    /// A number, or two numbers `[lowest, highest]` between which the seed decides.
    pub(crate) fn range(&self, key: &'static str, bounds: Bounds) -> Result<[f64; 2]> {
        let node = self.need(key, "a number or [lowest, highest]")?;
        if !matches!(node.value, Value::List(_)) {
            let x = number(node, &self.path(key), bounds)?;
            return Ok([x, x]);
        }
        let n = numbers(node, &self.path(key), 2, bounds)?;
        if n[0] > n[1] {
            return Err(self.wrong(key, "expected [lowest, highest] in this order"));
        }
        Ok([n[0], n[1]])
    }

    /// As [`Section::range`], with a default for a missing key.
    pub(crate) fn range_or(
        &self,
        key: &'static str,
        default: [f64; 2],
        bounds: Bounds,
    ) -> Result<[f64; 2]> {
        if self.find(key).is_none() { Ok(default) } else { self.range(key, bounds) }
    }

    /// Refuses keys that nobody asked for.
    pub(crate) fn finish(&self) -> Result<()> {
        let asked = self.asked.borrow();
        let Some((key, node)) = self.entries.iter().find(|(k, _)| !asked.contains(k.as_str()))
        else {
            return Ok(());
        };
        let known: Vec<&str> = asked.iter().copied().collect();
        let hint = match nearest(key, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the keys here are {}", known.join(", ")),
        };
        Err(ScenarioError::new(&node.place, &self.path(key), "unknown key").with_hint(hint))
    }
}

impl Bounds {
    pub(crate) fn new(min: f64, max: f64, unit: &'static str) -> Self {
        Self { min, max, unit }
    }

    fn describe(self) -> String {
        format!("a number from {} to {} {}", self.min, self.max, self.unit).trim_end().into()
    }
}

pub(crate) fn list<'a>(node: &'a Node, path: &str) -> Result<&'a [Node]> {
    match &node.value {
        Value::List(items) => Ok(items),
        other => Err(ScenarioError::new(
            &node.place,
            path,
            format!("expected a list, found {}", other.describe()),
        )),
    }
}

pub(crate) fn text(node: &Node, path: &str, expected: &str) -> Result<String> {
    match &node.value {
        Value::Text(t) => Ok(t.clone()),
        other => Err(ScenarioError::new(
            &node.place,
            path,
            format!("expected {expected}, found {}", other.describe()),
        )),
    }
}

fn number(node: &Node, path: &str, bounds: Bounds) -> Result<f64> {
    let found = match node.value {
        Value::Integer(i) => Some(i as f64),
        Value::Float(x) => Some(x),
        _ => None,
    };
    match found {
        Some(x) if x >= bounds.min && x <= bounds.max => Ok(x),
        _ => Err(ScenarioError::new(
            &node.place,
            path,
            format!("expected {}, found {}", bounds.describe(), node.value.describe()),
        )),
    }
}

fn numbers(node: &Node, path: &str, count: usize, bounds: Bounds) -> Result<Vec<f64>> {
    let items = list(node, path)?;
    if items.len() != count {
        return Err(ScenarioError::new(
            &node.place,
            path,
            format!("expected {count} numbers, found {}", items.len()),
        ));
    }
    items.iter().enumerate().map(|(i, n)| number(n, &format!("{path}[{i}]"), bounds)).collect()
}
