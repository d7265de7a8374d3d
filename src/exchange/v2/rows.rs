//! Lists of rows, read row by row.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::Text;
use crate::exchange::ShapeError;

/// Rows of a full page.
const FULL: usize = 100;

/// Rows that could be read, and how many could not.
#[derive(Debug)]
pub(super) struct Read<T> {
    pub(super) rows: Vec<T>,
    pub(super) unreadable: u32,
}

impl<T> Read<T> {
    /// Returns how many rows came, readable or not.
    pub(super) fn count(&self) -> usize {
        self.rows.len() + usize::try_from(self.unreadable).unwrap_or(usize::MAX)
    }
}

/// Reads a list; `read` returns `None` for a row that cannot be used.
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
    /// It says something.
    Good(T),
    /// It says that there is nothing, such as a position of size zero.
    Nothing,
    /// It cannot be used.
    Unreadable,
}

impl<T> From<Option<T>> for Row<T> {
    fn from(row: Option<T>) -> Self {
        row.map_or(Self::Unreadable, Self::Good)
    }
}

/// Reads the first row of a list that should have one.
pub(super) fn first<'a, R: Deserialize<'a>>(
    what: &'static str,
    json: &'a str,
) -> Result<R, ShapeError> {
    let rows: Vec<&'a RawValue> =
        serde_json::from_str(json).map_err(|error| ShapeError::new(what, error))?;
    let row = rows.first().ok_or_else(|| ShapeError::new(what, "an empty list"))?;
    object(what, row.get())
}

/// Reads one object.
pub(super) fn object<'a, R: Deserialize<'a>>(
    what: &'static str,
    json: &'a str,
) -> Result<R, ShapeError> {
    serde_json::from_str(json).map_err(|error| ShapeError::new(what, error))
}

/// A page: its list under one of the names that the endpoints use. A list that is `null` is empty; an
/// answer of the kind "nothing found" is a bare `[]`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page<'a> {
    #[serde(
        borrow,
        default,
        alias = "entrustedList",
        alias = "fillList",
        alias = "bills",
        alias = "list"
    )]
    rows: Option<&'a RawValue>,
    #[serde(borrow, default)]
    end_id: crate::exchange::number::Raw<'a>,
}

impl<'a> Page<'a> {
    /// Reads a page.
    pub(super) fn read(what: &'static str, json: &'a str) -> Result<Self, ShapeError> {
        if json.trim_start().starts_with('[') {
            return Ok(Self::default());
        }
        let page: Self = object(what, json)?;
        // An object that has none of the names is no page: absence of rows must be said.
        let named = ["entrustedList", "fillList", "bills", "list"];
        let keys: std::collections::HashMap<&str, &RawValue> = object(what, json)?;
        if !named.iter().any(|name| keys.contains_key(name)) {
            return Err(ShapeError::new(what, "no list in the answer"));
        }
        Ok(page)
    }

    /// Returns where the next page begins; `None` when this one, of `count` rows, was not full.
    pub(super) fn next(&self, count: usize) -> Option<Text> {
        self.end_id.cleaned().filter(|_| count >= FULL)
    }

    /// Returns the JSON of the list.
    pub(super) fn rows(&self) -> &'a str {
        self.rows.map_or("[]", RawValue::get)
    }
}
