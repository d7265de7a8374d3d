//! Rows of order books, as both generations send them: levels and sequence numbers.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

use super::number::{Ms, Num, Raw};
use super::{BookPart, BookRow};
use crate::domain::{Body, Book, Level, Symbol};

/// A sequence number, beyond what a float holds; `None` where it is missing or invalid.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seq(Option<u64>);

impl<'de> Deserialize<'de> for Seq {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(deserializer)?;
        Ok(Self(raw.text().and_then(|text| text.parse().ok())))
    }
}

/// Levels of one side; `None` when one of them is unreadable, or when the side is missing, which does
/// not mean that it is empty.
#[derive(Debug, Default)]
pub(super) struct Levels(Option<Vec<Level>>);

impl<'de> Deserialize<'de> for Levels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LevelsVisitor)
    }
}

/// Parses levels in place: they arrive many times per second.
struct LevelsVisitor;

impl<'de> Visitor<'de> for LevelsVisitor {
    type Value = Levels;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of levels")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Levels, A::Error> {
        let mut levels = Some(Vec::with_capacity(16));
        while let Some((price, size)) = seq.next_element::<(Num, Num)>()? {
            let size = size.0.filter(|size| !size.is_sign_negative());
            match (price.positive().zip(size), &mut levels) {
                (Some((price, size)), Some(levels)) => levels.push(Level { price, size }),
                (_, levels) => *levels = None,
            }
        }
        Ok(Levels(levels))
    }
}

/// The fields of a book row, whatever their names on the wire.
#[derive(Debug)]
pub(super) struct BookFields {
    pub(super) bids: Levels,
    pub(super) asks: Levels,
    pub(super) time: Ms,
    pub(super) seq: Seq,
    pub(super) previous: Seq,
}

impl BookFields {
    /// Returns the book of a channel that sends all of it each time; `None` when levels are unreadable,
    /// crossed, or out of order.
    pub(super) fn whole(self, symbol: Symbol) -> Option<Body> {
        let book = Book { bids: self.bids.0?, asks: self.asks.0?, exchange_time: self.time.0 };
        book.is_valid().then(|| Body::Book { symbol, book: Some(Arc::new(book)) })
    }

    /// Returns the row of an incremental book. The previous sequence number is on every update; there
    /// is no checksum to compare, because the exchange stopped sending one in 2026.
    pub(super) fn part(self, is_snapshot: bool) -> BookPart {
        let row = || {
            let previous = self.previous.0.or_else(|| is_snapshot.then_some(0))?;
            let seq = self.seq.0?;
            let (bids, asks) = (self.bids.0?, self.asks.0?);
            Some(BookRow { seq, previous, bids, asks, time: self.time.0 })
        };
        match row() {
            Some(row) if is_snapshot => BookPart::Snapshot(row),
            Some(row) => BookPart::Update(row),
            None => BookPart::Unreadable,
        }
    }
}
