//! [`Section`]: one table of the file, read key by key.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::names::{Known, looks_like_credential, qualified, unknown_key, unknown_table};
use super::values;

type Name<'t> = DeString<'t>;

/// A problem at a place in the text.
pub(super) struct Problem {
    /// Offset in bytes.
    pub(super) at: usize,
    pub(super) text: String,
    /// True whatever else is wrong with the file.
    pub(super) certain: bool,
}

/// One table of the file and what was asked of it.
pub(super) struct Section<'t> {
    pub(super) name: &'static str,
    table: Option<&'t DeTable<'t>>,
    pub(super) asked: Vec<&'static str>,
    pub(super) problems: Vec<Problem>,
    /// Where it begins: the place of what it lacks.
    start: usize,
    /// Keys whose values are not the defaults, and where these values stand.
    pub(super) changed: Vec<(&'static str, Range<usize>)>,
}

impl<'t> Section<'t> {
    pub(super) fn top(table: &'t DeTable<'t>) -> Self {
        Self { table: Some(table), asked: Vec::new(), ..Self::absent("") }
    }

    /// Returns a section of this table; an absent one reads like an empty one.
    pub(super) fn section(&mut self, name: &'static str) -> Self {
        let mut section = Self::absent(name);
        if let Some((key, value)) = self.entry(name) {
            section.table = value.get_ref().as_table();
            if section.table.is_none() {
                let text = values::mismatch("a table", value.get_ref());
                self.problem(name, Some(key.span().start), &text);
            }
        }
        section
    }

    /// Returns the tables of an array such as `[[alert]]`, and whether the array is there at all.
    pub(super) fn rows(&mut self, name: &'static str) -> (Vec<Self>, bool) {
        let Some((key, value)) = self.entry(name) else { return (Vec::new(), false) };
        let at = Some(key.span().start);
        let tables = value.get_ref().as_array().map(|rows| {
            let tables = rows.iter().map(|row| Some((row.span().start, row.get_ref().as_table()?)));
            tables.collect::<Option<Vec<_>>>()
        });
        let Some(Some(tables)) = tables else {
            self.problem(name, at, &format!("expected tables, each under [[{name}]]"));
            return (Vec::new(), true);
        };
        let rows = tables.into_iter().map(|(start, table)| Self {
            table: Some(table),
            asked: Vec::new(),
            start,
            ..Self::absent(name)
        });
        (rows.collect(), true)
    }

    /// Returns a table that is not there, to be asked for the keys that such a one may have.
    pub(super) fn absent(name: &'static str) -> Self {
        Self {
            name,
            table: None,
            asked: vec![""],
            problems: Vec::new(),
            start: 0,
            changed: Vec::new(),
        }
    }

    fn entry(&self, key: &str) -> Option<(&'t Spanned<Name<'t>>, &'t Spanned<DeValue<'t>>)> {
        self.table?.get_key_value(key)
    }

    /// Sets `target` if the key is there and its value is good. Returns where the key is.
    pub(super) fn set<T: PartialEq>(
        &mut self,
        key: &'static str,
        target: &mut T,
        read: impl FnOnce(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<usize> {
        self.asked.push(key);
        let (name, value) = self.entry(key)?;
        let at = name.span().start;
        match read(value.get_ref()) {
            Ok(good) => {
                if *target != good {
                    self.changed.push((key, value.span()));
                }
                *target = good;
            }
            Err(text) => self.problem(key, Some(at), &text),
        }
        Some(at)
    }

    /// Notes a problem of a key.
    pub(super) fn problem(&mut self, key: &str, at: Option<usize>, text: &str) {
        self.problems.push(Problem {
            at: at.unwrap_or(self.start),
            text: format!("{}: {text}", qualified(self.name, key)),
            certain: false,
        });
    }

    pub(super) fn refuse_unknown(&self, known: &[Known], out: &mut Vec<Problem>) {
        for (key, value) in self.table.into_iter().flatten() {
            let name = key.get_ref().as_ref();
            let at_top = self.name.is_empty();
            let is_known = self.asked.contains(&name) && !name.is_empty()
                || at_top && known.contains(&(name, ""));
            if is_known || looks_like_credential(name) {
                continue;
            }
            let text = if at_top && is_table(value.get_ref()) {
                unknown_table(name, known)
            } else {
                unknown_key(self.name, name, known)
            };
            out.push(Problem { at: key.span().start, text, certain: false });
        }
    }
}

fn is_table(value: &DeValue<'_>) -> bool {
    value.is_table()
        || value.as_array().is_some_and(|rows| rows.iter().any(|row| row.get_ref().is_table()))
}
