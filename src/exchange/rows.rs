//! Lists, parsed row by row: an unreadable row is counted and its neighbours apply.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::ShapeError;
use super::number::Raw;
use crate::domain::{Symbol, Text};

/// Rows of a full page.
const FULL: usize = 100;

/// Rows that could be parsed, and how many could not.
#[derive(Debug)]
pub(super) struct Read<T> {
    pub(super) rows: Vec<T>,
    pub(super) unreadable: u32,
}

impl<T> Read<T> {
    /// Returns how many rows there were.
    pub(super) fn count(&self) -> usize {
        self.rows.len() + usize::try_from(self.unreadable).unwrap_or(0)
    }
}

/// Parses a list; `read` says what each row is.
pub(super) fn list<'a, R, T>(
    what: &'static str,
    json: &'a str,
    read: impl Fn(R) -> Row<T>,
) -> Result<Read<T>, ShapeError>
where
    R: Deserialize<'a>,
{
    let raw: Vec<&'a RawValue> =
        serde_json::from_str(json).map_err(|error| ShapeError::new(what, error))?;
    let mut found = Read { rows: Vec::with_capacity(raw.len()), unreadable: 0 };
    for row in raw {
        match serde_json::from_str::<R>(row.get()).map_or(Row::Unreadable, &read) {
            Row::Good(row) => found.rows.push(row),
            Row::Nothing => {}
            Row::Unreadable => found.unreadable += 1,
        }
    }
    Ok(found)
}

/// What a row turned out to be.
#[derive(Debug)]
pub(super) enum Row<T> {
    /// A value.
    Good(T),
    /// No value of ours, such as a position of size zero or a row of another product.
    Nothing,
    /// It cannot be parsed.
    Unreadable,
}

impl<T> From<Option<T>> for Row<T> {
    fn from(row: Option<T>) -> Self {
        row.map_or(Self::Unreadable, Self::Good)
    }
}

/// Parses the first row of a list that must not be empty.
pub(super) fn first<'a, R: Deserialize<'a>>(
    what: &'static str,
    json: &'a str,
) -> Result<R, ShapeError> {
    let rows: Vec<&'a RawValue> =
        serde_json::from_str(json).map_err(|error| ShapeError::new(what, error))?;
    let row = rows.first().ok_or_else(|| ShapeError::new(what, "an empty list"))?;
    object(what, row.get())
}

/// Parses one object.
pub(super) fn object<'a, R: Deserialize<'a>>(
    what: &'static str,
    json: &'a str,
) -> Result<R, ShapeError> {
    serde_json::from_str(json).map_err(|error| ShapeError::new(what, error))
}

/// Parses the first row of a list about one contract; the row must name it.
pub(super) fn of_contract<'a, R: Deserialize<'a>>(
    what: &'static str,
    symbol: &Symbol,
    json: &'a str,
) -> Result<R, ShapeError> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Named<'a> {
        #[serde(borrow)]
        symbol: Raw<'a>,
    }
    let named: Named<'_> = first(what, json)?;
    if !named.symbol.is(symbol.wire()) && !named.symbol.is(&symbol.v3_wire()) {
        return Err(ShapeError::new(what, "of another contract"));
    }
    first(what, json)
}

/// A page: a list and where the next one starts. A `null` list is empty; "nothing found" comes as a
/// bare `[]`.
#[derive(Debug, Default)]
pub(super) struct Page<'a> {
    rows: Option<&'a RawValue>,
    cursor: Option<Text>,
}

impl<'a> Page<'a> {
    /// Parses a page whose list has one of the names `lists`.
    pub(super) fn read(
        what: &'static str,
        json: &'a str,
        lists: &[&str],
        cursor: &str,
    ) -> Result<Self, ShapeError> {
        if json.trim_start().starts_with('[') {
            return Ok(Self::default());
        }
        let members: HashMap<&str, &'a RawValue> = object(what, json)?;
        // An object without any of the names is not a page: a missing list is not an empty one.
        let list = lists
            .iter()
            .find_map(|name| members.get(name))
            .ok_or_else(|| ShapeError::new(what, "no list in the response"))?;
        let cursor = members.get(cursor).and_then(|raw| serde_json::from_str(raw.get()).ok());
        Ok(Self {
            rows: Some(*list).filter(|list| list.get() != "null"),
            cursor: cursor.and_then(|cursor: Raw<'_>| cursor.cleaned()),
        })
    }

    /// Returns where the next page starts; `None` when this one, of `count` rows, was not full.
    pub(super) fn next(&self, count: usize) -> Option<Text> {
        self.cursor.clone().filter(|_| count >= FULL)
    }

    /// Returns the JSON of the list.
    pub(super) fn rows(&self) -> &'a str {
        self.rows.map_or("[]", RawValue::get)
    }
}
