//! Rows of order books, as both generations send them: levels, and the numbers that prove their order.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

use super::number::{Ms, Num, Raw};
use super::{BookPart, BookRow};
use crate::domain::{Body, Book, Level, Symbol};

/// The number of a row, beyond what a float holds; `None` for what is none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seq(Option<u64>);

impl<'de> Deserialize<'de> for Seq {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(deserializer)?;
        Ok(Self(raw.text().and_then(|text| text.parse().ok())))
    }
}

/// Levels of one side; `None` when one of them cannot be read, or when the side is missing: that says
/// nothing of its levels.
#[derive(Debug, Default)]
pub(super) struct Levels(Option<Vec<Level>>);

impl<'de> Deserialize<'de> for Levels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LevelsVisitor)
    }
}

/// Reads levels where they stand: they come many times a second.
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

/// What a row of a book holds, whatever its names for it.
#[derive(Debug)]
pub(super) struct BookFields {
    pub(super) bids: Levels,
    pub(super) asks: Levels,
    pub(super) time: Ms,
    pub(super) seq: Seq,
    pub(super) previous: Seq,
}

impl BookFields {
    /// Returns the book of a channel that sends all of it each time. With levels that cannot be read,
    /// crossed, or out of order it is none.
    pub(super) fn whole(self, symbol: Symbol) -> Option<Body> {
        let book = Book { bids: self.bids.0?, asks: self.asks.0?, exchange_time: self.time.0 };
        book.is_valid().then(|| Body::Book { symbol, book: Some(Arc::new(book)) })
    }

    /// Returns the row of the channel that sends changes. The number before it is missing from no row;
    /// of the checksum, which the wire has lost in 2026, nothing is left to compare.
    pub(super) fn part(self, whole: bool) -> BookPart {
        let row = || {
            let (seq, previous) = (self.seq.0?, self.previous.0.or_else(|| whole.then_some(0))?);
            let (bids, asks) = (self.bids.0?, self.asks.0?);
            Some(BookRow { seq, previous, bids, asks, time: self.time.0 })
        };
        match row() {
            Some(row) if whole => BookPart::Whole(row),
            Some(row) => BookPart::Change(row),
            None => BookPart::Unreadable,
        }
    }
}
