//! Where the keys of a TOML text stand.

use std::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::FORMAT_VERSION;
use super::check::Problem;
use crate::error::ManifestError;

pub(super) const VERSION_HINT: &str = "this version of ergon reads format 1 only";

/// The path of a key, shown as `input[2].shape`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Key(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

impl Key {
    pub(super) fn name(&self, name: &str) -> Self {
        self.then(Step::Name(name.into()))
    }

    pub(super) fn index(&self, index: usize) -> Self {
        self.then(Step::Index(index))
    }

    fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            match step {
                Step::Name(name) if i == 0 => write!(f, "{name}")?,
                Step::Name(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// A text with the places of its keys, to make errors of.
pub(super) struct Places<'t> {
    text: &'t str,
    file: &'t str,
    root: DeTable<'t>,
}

impl<'t> Places<'t> {
    pub(super) fn of(text: &'t str, file: &'t str) -> Result<Self, ManifestError> {
        let places = Self { text, file, root: DeTable::new() };
        match DeTable::parse(text) {
            Ok(root) => Ok(Self { root: root.into_inner(), ..places }),
            Err(e) => Err(places.refused(&e).with_hint("the file is not TOML")),
        }
    }

    /// Other versions are refused before anything else, since they may know other keys.
    pub(super) fn version(&self) -> Result<(), ManifestError> {
        let key = Key::default().name("version");
        let found = match self.root.get("version").map(Spanned::get_ref) {
            None => "none".into(),
            Some(DeValue::Integer(n)) if n.to_string() == FORMAT_VERSION.to_string() => {
                return Ok(());
            }
            Some(DeValue::Integer(n)) => n.to_string(),
            Some(other) => other.type_str().to_owned(),
        };
        let message = format!("expected {FORMAT_VERSION}, found {found}");
        Err(self.wrong(Problem { key, message, hint: VERSION_HINT.into() }))
    }

    /// What a TOML reader refused.
    pub(super) fn refused(&self, error: &toml::de::Error) -> ManifestError {
        let offset = error.span().map(|span| span.start);
        let mut key = Key::default();
        if let Some(offset) = offset {
            key_in_table(&self.root, offset, &mut key);
        }
        self.error(offset, &key, error.message().replace('\n', ", "))
    }

    /// What is wrong with a key; its place is that of the nearest table that is there.
    pub(super) fn wrong(&self, problem: Problem) -> ManifestError {
        let offset = self.offset(&problem.key);
        self.error(offset, &problem.key, problem.message).with_hint(problem.hint)
    }

    fn error(&self, offset: Option<usize>, key: &Key, message: String) -> ManifestError {
        let (line, column) = offset.map_or((0, 0), |offset| position(self.text, offset));
        let (file, key, hint) = (self.file.to_owned(), key.to_string(), String::new());
        ManifestError { file, line, column, key, message, hint }
    }

    fn offset(&self, key: &Key) -> Option<usize> {
        let Some((Step::Name(first), rest)) = key.0.split_first() else { return None };
        let mut value = self.root.get(first.as_str())?;
        for step in rest {
            let inner = match step {
                Step::Name(name) => value.get_ref().get(name.as_str()),
                Step::Index(index) => value.get_ref().get(*index),
            };
            match inner {
                Some(inner) => value = inner,
                None => break,
            }
        }
        Some(value.span().start)
    }
}

/// Extends `key` by what holds the offset.
fn key_in_table(table: &DeTable<'_>, offset: usize, key: &mut Key) {
    for (name, value) in table {
        let in_value = holds(value, offset);
        if in_value || name.span().contains(&offset) {
            *key = key.name(name.get_ref());
            if in_value {
                key_in_value(value.get_ref(), offset, key);
            }
            return;
        }
    }
}

fn key_in_value(value: &DeValue<'_>, offset: usize, key: &mut Key) {
    match value {
        DeValue::Table(table) => key_in_table(table, offset, key),
        DeValue::Array(items) => {
            if let Some((i, item)) = items.iter().enumerate().find(|(_, item)| holds(item, offset))
            {
                *key = key.index(i);
                key_in_value(item.get_ref(), offset, key);
            }
        }
        _ => {}
    }
}

/// Whether the offset is in the value. The span of a table is that of its header alone.
fn holds(value: &Spanned<DeValue<'_>>, offset: usize) -> bool {
    value.span().contains(&offset)
        || match value.get_ref() {
            DeValue::Table(table) => {
                table.iter().any(|(k, v)| k.span().contains(&offset) || holds(v, offset))
            }
            DeValue::Array(items) => items.iter().any(|item| holds(item, offset)),
            _ => false,
        }
}

/// 1-based line and column, the latter in characters.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
