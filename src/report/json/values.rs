//! How single values are written, and the macro that writes objects.

use std::fmt::Display;

use serde::{Serialize, Serializer};

use crate::domain::Timestamp;
use crate::report::{Freshness, Source};

/// Writes an object, its fields in the order in which they stand.
macro_rules! object {
    ($serializer:expr; $($name:literal => $value:expr),+ $(,)?) => {{
        use serde::ser::SerializeMap as _;
        let mut object = $serializer.serialize_map(None)?;
        $(object.serialize_entry($name, &$value)?;)+
        object.end()
    }};
}
pub(super) use object;

/// Something that is written as what it displays.
pub(super) struct Word<T>(pub(super) T);

impl<T: Display> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A sequence that is made while it is written.
pub(super) struct List<I>(pub(super) I);

impl<I: Iterator<Item: Serialize> + Clone> Serialize for List<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

/// A time of the exchange's clock.
pub(super) struct Time(pub(super) Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match time(self.0) {
            Some(text) => serializer.serialize_str(&text),
            None => serializer.serialize_none(),
        }
    }
}

/// Returns a time as RFC 3339 UTC with milliseconds; `None` for one that the calendar does not hold.
pub fn time(at: Timestamp) -> Option<String> {
    jiff::Timestamp::from_millisecond(at.as_millis()).ok().map(|time| format!("{time:.3}"))
}

/// Returns `live`, `demo` or `replay`.
pub(super) const fn source_name(source: Source) -> &'static str {
    match source {
        Source::Live => "live",
        Source::Demo => "demo",
        Source::Replay => "replay",
    }
}

/// Returns `live`, `stale` or `missing`.
pub(super) const fn word(freshness: Freshness) -> &'static str {
    match freshness {
        Freshness::Live { .. } => "live",
        Freshness::Stale { .. } => "stale",
        Freshness::Missing => "missing",
    }
}
