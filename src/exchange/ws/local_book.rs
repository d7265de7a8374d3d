//! Local order books, built from snapshots and updates: complete and in sequence, or not there at all.
//!
//! An update continues the row that it names, or the book is lost: a gap, a repeat, a reordering and
//! a crossed book all mean that the local book is not the exchange's. No checksum is compared: the
//! exchange has sent none since May 2026, and keeping the text of every level for it would cost more
//! than the sequence numbers.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::{Book, Level, Symbol, Timestamp};
use crate::exchange::{BookPart, BookRow};

/// The most levels of one side: twice what the exchange sends of the deepest book in use (V3).
const MAX_LEVELS: usize = 2_000;
/// The loss of a book that was valid for this long is an isolated one.
const HEALTHY: Duration = Duration::from_secs(10);

/// What a message did to a local book.
#[derive(Debug)]
pub(super) enum BookUpdate {
    /// The book is valid.
    Valid(Arc<Book>),
    /// The book is lost and needs another snapshot.
    Lost {
        /// It had been valid for a while.
        was_healthy: bool,
    },
    /// Nothing: there is no book before the next snapshot.
    AwaitsSnapshot,
}

/// The book of one contract.
#[derive(Debug)]
struct LocalBook {
    symbol: Symbol,
    state: Option<InSequence>,
    /// The book before the last one: once nobody reads it any more, the next is written into it.
    spare: Arc<Book>,
}

/// A book that is complete up to a sequence number.
#[derive(Debug)]
struct InSequence {
    book: Arc<Book>,
    seq: u64,
    since: Timestamp,
}

/// All books of a session.
#[derive(Debug, Default)]
pub(super) struct LocalBooks {
    all: Vec<LocalBook>,
}

impl LocalBooks {
    /// Applies the rows of one message.
    pub(super) fn apply(
        &mut self,
        symbol: &Symbol,
        parts: Vec<BookPart>,
        now: Timestamp,
    ) -> BookUpdate {
        let index = self.all.iter().position(|local| local.symbol == *symbol);
        let index = index.unwrap_or_else(|| {
            let spare = Arc::default();
            self.all.push(LocalBook { symbol: symbol.clone(), state: None, spare });
            self.all.len() - 1
        });
        let Some(local) = self.all.get_mut(index) else { return BookUpdate::AwaitsSnapshot };
        for part in parts {
            let applied = match part {
                BookPart::Snapshot(row) => local.snapshot(row, now),
                BookPart::Update(row) if local.state.is_some() => local.update(&row),
                // It was in flight before the subscription.
                BookPart::Update(_) => continue,
                BookPart::Unreadable => None,
            };
            if applied.is_none() {
                let lost = local.state.take();
                let was_healthy = lost.is_some_and(|state| now.since(state.since) >= HEALTHY);
                return BookUpdate::Lost { was_healthy };
            }
        }
        let book = local.state.as_ref().map(|state| Arc::clone(&state.book));
        book.map_or(BookUpdate::AwaitsSnapshot, BookUpdate::Valid)
    }
}

impl LocalBook {
    /// Replaces the book by a snapshot; `None` when that is inconsistent, or older than the book.
    fn snapshot(&mut self, row: BookRow, now: Timestamp) -> Option<()> {
        let BookRow { seq, bids, asks, time, .. } = row;
        if self.state.as_ref().is_some_and(|state| seq < state.seq) {
            return None;
        }
        let mut book = Book { bids, asks, exchange_time: time };
        for side in [&mut book.bids, &mut book.asks] {
            side.retain(|level| !level.size.is_zero());
            side.truncate(MAX_LEVELS);
        }
        if !book.is_valid() {
            return None;
        }
        let since = self.state.as_ref().map_or(now, |state| state.since);
        self.state = Some(InSequence { book: Arc::new(book), seq, since });
        Some(())
    }

    /// Applies an update; `None` when it does not continue the book, or makes it cross.
    fn update(&mut self, row: &BookRow) -> Option<()> {
        let state = self.state.as_mut()?;
        if row.previous == 0 || row.previous != state.seq || row.seq <= state.seq {
            return None;
        }
        if Arc::get_mut(&mut self.spare).is_none() {
            self.spare = Arc::default();
        }
        let next = Arc::get_mut(&mut self.spare)?;
        next.bids.clone_from(&state.book.bids);
        next.asks.clone_from(&state.book.asks);
        next.exchange_time = row.time;
        for level in &row.bids {
            set_level(&mut next.bids, *level, true);
        }
        for level in &row.asks {
            set_level(&mut next.asks, *level, false);
        }
        let best = next.bids.first().zip(next.asks.first());
        if best.is_some_and(|(bid, ask)| bid.price >= ask.price) {
            return None;
        }
        std::mem::swap(&mut state.book, &mut self.spare);
        state.seq = row.seq;
        Some(())
    }
}

/// Inserts or replaces a level, or removes it when its size is zero.
fn set_level(side: &mut Vec<Level>, level: Level, descending: bool) {
    let found = side.binary_search_by(|held| {
        let order = held.price.cmp(&level.price);
        if descending { order.reverse() } else { order }
    });
    match found {
        Ok(index) if level.size.is_zero() => {
            side.remove(index);
        }
        Ok(index) => {
            if let Some(held) = side.get_mut(index) {
                *held = level;
            }
        }
        Err(_) if level.size.is_zero() => {}
        Err(index) => {
            side.insert(index, level);
            side.truncate(MAX_LEVELS);
        }
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn levels(levels: &[(i64, i64)]) -> Vec<Level> {
        let level = |(price, size): &(i64, i64)| Level {
            price: Decimal::from(*price),
            size: Decimal::from(*size),
        };
        levels.iter().map(level).collect()
    }

    fn row(previous: u64, seq: u64, bids: &[(i64, i64)], asks: &[(i64, i64)]) -> BookRow {
        BookRow { seq, previous, bids: levels(bids), asks: levels(asks), time: None }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn started(books: &mut LocalBooks) -> Arc<Book> {
        let snapshot = BookPart::Snapshot(row(0, 10, &[(99, 1), (98, 2)], &[(101, 3), (102, 4)]));
        let BookUpdate::Valid(book) = apply(books, snapshot, 0) else { panic!("no book") };
        book
    }

    fn apply(books: &mut LocalBooks, part: BookPart, seconds: i64) -> BookUpdate {
        books.apply(&Symbol::default(), vec![part], at(seconds))
    }

    #[test]
    fn updates_replace_add_and_remove_levels() {
        let mut books = LocalBooks::default();
        started(&mut books);
        let update = row(10, 12, &[(98, 0), (97, 7), (99, 5)], &[(100, 1), (101, 0), (105, 0)]);
        let BookUpdate::Valid(book) = apply(&mut books, BookPart::Update(update), 1) else {
            panic!("lost")
        };
        assert_eq!(book.bids, levels(&[(99, 5), (97, 7)]));
        assert_eq!(book.asks, levels(&[(100, 1), (102, 4)]));
    }

    #[test]
    fn a_book_that_was_handed_out_does_not_change() {
        let mut books = LocalBooks::default();
        let first = started(&mut books);
        for seq in 11..20 {
            let update = BookPart::Update(row(seq - 1, seq, &[(99, 100)], &[]));
            assert!(matches!(apply(&mut books, update, 1), BookUpdate::Valid(_)));
        }
        assert_eq!(first.bids, levels(&[(99, 1), (98, 2)]));
    }

    #[test]
    fn whatever_does_not_continue_the_book_loses_it() {
        for (what, part) in [
            ("a gap", BookPart::Update(row(11, 12, &[(98, 1)], &[]))),
            ("a repeat", BookPart::Update(row(9, 10, &[(98, 1)], &[]))),
            ("no predecessor", BookPart::Update(row(0, 12, &[(98, 1)], &[]))),
            ("no progress", BookPart::Update(row(10, 10, &[(98, 1)], &[]))),
            ("a crossed book", BookPart::Update(row(10, 12, &[(101, 1)], &[]))),
            ("an unreadable row", BookPart::Unreadable),
            ("an old snapshot", BookPart::Snapshot(row(0, 9, &[(98, 1)], &[(99, 1)]))),
            ("an unsorted snapshot", BookPart::Snapshot(row(0, 12, &[(98, 1), (99, 1)], &[]))),
        ] {
            for (seconds, wanted) in [(9, false), (10, true)] {
                let mut books = LocalBooks::default();
                started(&mut books);
                let update = apply(&mut books, part.clone(), seconds);
                let BookUpdate::Lost { was_healthy } = update else { panic!("{what}: {update:?}") };
                assert_eq!(was_healthy, wanted, "{what}");
                let after =
                    apply(&mut books, BookPart::Update(row(10, 12, &[(98, 1)], &[])), seconds);
                assert!(matches!(after, BookUpdate::AwaitsSnapshot), "{what}: {after:?}");
            }
        }
    }

    #[test]
    fn both_sides_are_bounded() {
        let mut books = LocalBooks::default();
        let many: Vec<_> = (0..3_000).map(|i| (10_000 - i, 1)).collect();
        let snapshot = BookPart::Snapshot(row(0, 10, &many, &[(10_001, 1)]));
        assert!(matches!(apply(&mut books, snapshot, 0), BookUpdate::Valid(_)));
        let update = BookPart::Update(row(10, 11, &[], &[(10_002, 1)]));
        let BookUpdate::Valid(book) = apply(&mut books, update, 0) else { panic!("lost") };
        assert_eq!((book.bids.len(), book.asks.len()), (MAX_LEVELS, 2));
    }
}
