//! TOML text to a tree of values that remember their places, with `extends` and overrides merged.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use crate::error::{Place, ScenarioError};

/// Files that extend each other more deeply than this are taken for a cycle.
const MAX_EXTENDS: usize = 16;

/// A value set from outside the file, such as `placement.jitter_std=0.02`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override(pub String);

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) place: Place,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    List(Vec<Node>),
    Table(BTreeMap<String, Node>),
}

impl Value {
    /// What the value is, for error messages.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Text(t) => format!("the text {t:?}"),
            Self::Integer(i) => i.to_string(),
            Self::Float(x) => format!("{x}"),
            Self::Bool(b) => b.to_string(),
            Self::List(items) => format!("a list of {}", items.len()),
            Self::Table(_) => "a table".into(),
        }
    }

    fn to_toml(&self) -> toml::Value {
        match self {
            Self::Text(t) => t.clone().into(),
            Self::Integer(i) => (*i).into(),
            Self::Float(x) => (*x).into(),
            Self::Bool(b) => (*b).into(),
            Self::List(items) => {
                toml::Value::Array(items.iter().map(|n| n.value.to_toml()).collect())
            }
            Self::Table(table) => toml::Value::Table(
                table.iter().map(|(k, n)| (k.clone(), n.value.to_toml())).collect(),
            ),
        }
    }
}

impl Node {
    /// The tree as TOML text.
    pub(crate) fn to_text(&self) -> String {
        self.value.to_toml().to_string_pretty()
    }
}

trait Pretty {
    fn to_string_pretty(&self) -> String;
}

impl Pretty for toml::Value {
    fn to_string_pretty(&self) -> String {
        toml::to_string_pretty(self).unwrap_or_default()
    }
}

/// Reads a file of text, as `std::fs::read_to_string` does.
pub(crate) type ReadText<'a> = &'a dyn Fn(&Path) -> std::io::Result<String>;

/// Reads a file and those it extends; what stands nearer to `path` wins.
pub(crate) fn load(path: &Path, read: ReadText<'_>) -> Result<Node, ScenarioError> {
    let mut layers = Vec::new();
    let mut next: Option<PathBuf> = Some(path.to_path_buf());
    while let Some(path) = next {
        let name = path.display().to_string();
        if layers.len() == MAX_EXTENDS {
            return Err(ScenarioError::of_file(&name, "`extends` goes round in a circle")
                .with_hint("let the innermost file extend nothing"));
        }
        let text = read(&path).map_err(|e| {
            ScenarioError::of_file(&name, format!("cannot be read: {e}"))
                .with_hint("check the path; `ergon run scenarios/hanoi/3.toml` is one that works")
        })?;
        let mut layer = parse(&text, &name)?;
        next = parent(&mut layer, &path)?;
        layers.push(layer);
    }
    let mut merged = layers.pop().unwrap_or_else(|| unreachable_layer(path));
    while let Some(layer) = layers.pop() {
        // Predicates, actions and laws belong to a domain, and do not outlive it.
        if let (true, Value::Table(table)) = (has_own_task(&layer), &mut merged.value) {
            table.remove("task");
        }
        merge(&mut merged, layer);
    }
    Ok(merged)
}

/// Whether a file names a domain and what its predicates mean.
fn has_own_task(layer: &Node) -> bool {
    let Value::Table(table) = &layer.value else { return false };
    let Some(Node { value: Value::Table(task), .. }) = table.get("task") else { return false };
    task.contains_key("domain") && task.contains_key("predicates")
}

fn unreachable_layer(path: &Path) -> Node {
    let place = Place::whole(&path.display().to_string());
    Node { value: Value::Table(BTreeMap::new()), place }
}

/// Takes `extends` out of a layer and resolves it against the layer's own folder. The domain's path
/// is resolved at the same time, since it too is relative to the file that names it.
fn parent(layer: &mut Node, path: &Path) -> Result<Option<PathBuf>, ScenarioError> {
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    let Value::Table(table) = &mut layer.value else { return Ok(None) };
    if let Some(Node { value: Value::Table(task), .. }) = table.get_mut("task")
        && let Some(Node { value: Value::Text(domain), .. }) = task.get_mut("domain")
    {
        *domain = normal(&folder.join(&*domain)).display().to_string();
    }
    match table.remove("extends") {
        None => Ok(None),
        Some(Node { value: Value::Text(base), .. }) => Ok(Some(normal(&folder.join(base)))),
        Some(node) => Err(ScenarioError::new(
            &node.place,
            "extends",
            format!("expected the path of a scenario file, found {}", node.value.describe()),
        )),
    }
}

/// The path without `a/..`, so that messages stay readable.
fn normal(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if out.file_name().is_some() => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// Lays `over` upon `base`: tables merge, everything else is replaced.
fn merge(base: &mut Node, over: Node) {
    match (&mut base.value, over.value) {
        (Value::Table(below), Value::Table(above)) => {
            for (key, node) in above {
                match below.get_mut(&key) {
                    Some(old) => merge(old, node),
                    None => {
                        below.insert(key, node);
                    }
                }
            }
        }
        (slot, value) => {
            *slot = value;
            base.place = over.place;
        }
    }
}

/// Lays one `key.path=value` upon the tree.
pub(crate) fn set(tree: &mut Node, change: &Override) -> Result<(), ScenarioError> {
    let file = format!("--set {}", change.0);
    let bad = |message: &str| {
        ScenarioError::of_file(&file, message)
            .with_hint("write KEY=VALUE with a TOML value, such as placement.jitter_std=0.02")
    };
    let (key, value) = change.0.split_once('=').ok_or_else(|| bad("expected KEY=VALUE"))?;
    let as_value = parse(&format!("{key} = {value}"), &file);
    let over = match as_value {
        Ok(node) => node,
        Err(_) => parse(&format!("{key} = {value:?}"), &file)
            .map_err(|_| bad("the key or the value is not valid TOML"))?,
    };
    merge(tree, over);
    Ok(())
}

/// Parses one file.
pub(crate) fn parse(text: &str, file: &str) -> Result<Node, ScenarioError> {
    let lines = Lines { text, file };
    let table = DeTable::parse(text).map_err(|e| {
        let place = lines.place(e.span().map_or(0, |s| s.start));
        ScenarioError::new(&place, "", format!("not valid TOML: {}", e.message()))
            .with_hint("see https://toml.io for the syntax")
    })?;
    let start = table.span().start;
    lines.table(table.into_inner(), start, "")
}

/// Maps byte offsets of one text to places.
struct Lines<'a> {
    text: &'a str,
    file: &'a str,
}

impl Lines<'_> {
    fn place(&self, offset: usize) -> Place {
        Place::in_text(self.file, self.text, offset)
    }

    fn table(&self, table: DeTable<'_>, at: usize, path: &str) -> Result<Node, ScenarioError> {
        let mut entries = BTreeMap::new();
        for (key, value) in table {
            let at = key.span().start;
            let key = key.into_inner().into_owned();
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            entries.insert(key, self.node(value.into_inner(), at, &path)?);
        }
        Ok(Node { value: Value::Table(entries), place: self.place(at) })
    }

    fn node(&self, value: DeValue<'_>, at: usize, path: &str) -> Result<Node, ScenarioError> {
        let bad = |message: String| ScenarioError::new(&self.place(at), path, message);
        let value = match value {
            DeValue::String(s) => Value::Text(s.into_owned()),
            DeValue::Boolean(b) => Value::Bool(b),
            DeValue::Integer(i) => {
                let digits = i.as_str().replace('_', "");
                Value::Integer(i64::from_str_radix(&digits, i.radix()).map_err(|_| {
                    bad(format!("expected an integer of at most 64 bits, found {digits}"))
                })?)
            }
            DeValue::Float(f) => Value::Float(
                f.as_str()
                    .replace('_', "")
                    .parse()
                    .map_err(|_| bad(format!("expected a number, found {}", f.as_str())))?,
            ),
            DeValue::Datetime(d) => {
                return Err(bad(format!("expected no date here, found {d}")));
            }
            DeValue::Array(items) => Value::List(
                items
                    .into_iter()
                    .enumerate()
                    .map(|(i, item)| {
                        let at = item.span().start;
                        self.node(item.into_inner(), at, &format!("{path}[{i}]"))
                    })
                    .collect::<Result<_, _>>()?,
            ),
            DeValue::Table(table) => return self.table(table, at, path),
        };
        Ok(Node { value, place: self.place(at) })
    }
}
