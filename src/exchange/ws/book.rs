//! Order books that are sent in parts, put together: whole, in order, or not there at all.
//!
//! A change continues the row that it names, or the book is lost: a gap, a repeat, a swap and a book
//! that crosses itself all mean that what is held is not what the exchange has. No checksum is
//! compared: the exchange has sent none since May 2026, and keeping the text of every level for it
//! would cost more than the numbers that prove the order.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::{Book, Level, Symbol, Timestamp};
use crate::exchange::{BookPart, BookRow};

/// Levels of one side that are kept: twice what the exchange sends of the deepest book in use (V3).
const MOST_LEVELS: usize = 2_000;
/// A book that was whole for this long was lost by chance.
const HEALTHY: Duration = Duration::from_secs(10);

/// What rows made of a book.
#[derive(Debug)]
pub(super) enum Kept {
    /// A whole book.
    Whole(Arc<Book>),
    /// It is lost and must be asked for again.
    Lost {
        /// It had been whole for a while.
        healthy: bool,
    },
    /// Nothing: a whole row is waited for.
    Waits,
}

/// The book of one contract.
#[derive(Debug)]
struct Keeper {
    symbol: Symbol,
    held: Option<Held>,
    /// The book before the last one: once nobody reads it any more, the next is written into it.
    spare: Arc<Book>,
}

#[derive(Debug)]
struct Held {
    book: Arc<Book>,
    seq: u64,
    since: Timestamp,
}

/// All books of a session.
#[derive(Debug, Default)]
pub(super) struct Books {
    all: Vec<Keeper>,
}

impl Books {
    /// Takes the rows of one message.
    pub(super) fn take(&mut self, symbol: &Symbol, parts: Vec<BookPart>, now: Timestamp) -> Kept {
        let index = self.all.iter().position(|keeper| keeper.symbol == *symbol);
        let index = index.unwrap_or_else(|| {
            let spare = Arc::default();
            self.all.push(Keeper { symbol: symbol.clone(), held: None, spare });
            self.all.len() - 1
        });
        let Some(keeper) = self.all.get_mut(index) else { return Kept::Waits };
        for part in parts {
            let whole = match part {
                BookPart::Whole(row) => keeper.begin(row, now),
                BookPart::Change(row) if keeper.held.is_some() => keeper.change(&row),
                // What was on its way before the subscription began.
                BookPart::Change(_) => continue,
                BookPart::Unreadable => None,
            };
            if whole.is_none() {
                let healthy =
                    keeper.held.take().is_some_and(|held| now.since(held.since) >= HEALTHY);
                return Kept::Lost { healthy };
            }
        }
        let whole = keeper.held.as_ref().map(|held| Arc::clone(&held.book));
        whole.map_or(Kept::Waits, Kept::Whole)
    }
}

impl Keeper {
    /// Begins with a whole row; `None` when it is torn, or older than what is held.
    fn begin(&mut self, row: BookRow, now: Timestamp) -> Option<()> {
        let BookRow { seq, bids, asks, time, .. } = row;
        if self.held.as_ref().is_some_and(|held| seq < held.seq) {
            return None;
        }
        let mut book = Book { bids, asks, exchange_time: time };
        for side in [&mut book.bids, &mut book.asks] {
            side.retain(|level| !level.size.is_zero());
            side.truncate(MOST_LEVELS);
        }
        if !book.is_valid() {
            return None;
        }
        let since = self.held.as_ref().map_or(now, |held| held.since);
        self.held = Some(Held { book: Arc::new(book), seq, since });
        Some(())
    }

    /// Applies a change; `None` when it does not continue what is held, or makes it cross itself.
    fn change(&mut self, row: &BookRow) -> Option<()> {
        let held = self.held.as_mut()?;
        if row.previous == 0 || row.previous != held.seq || row.seq <= held.seq {
            return None;
        }
        if Arc::get_mut(&mut self.spare).is_none() {
            self.spare = Arc::default();
        }
        let next = Arc::get_mut(&mut self.spare)?;
        next.bids.clone_from(&held.book.bids);
        next.asks.clone_from(&held.book.asks);
        next.exchange_time = row.time;
        for level in &row.bids {
            place(&mut next.bids, *level, true);
        }
        for level in &row.asks {
            place(&mut next.asks, *level, false);
        }
        let best = next.bids.first().zip(next.asks.first());
        if best.is_some_and(|(bid, ask)| bid.price >= ask.price) {
            return None;
        }
        std::mem::swap(&mut held.book, &mut self.spare);
        held.seq = row.seq;
        Some(())
    }
}

/// Puts a level in its place, or takes it away when its size is zero.
fn place(side: &mut Vec<Level>, level: Level, falling: bool) {
    let found = side.binary_search_by(|held| {
        let order = held.price.cmp(&level.price);
        if falling { order.reverse() } else { order }
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
            side.truncate(MOST_LEVELS);
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

    fn begun(books: &mut Books) -> Arc<Book> {
        let whole = BookPart::Whole(row(0, 10, &[(99, 1), (98, 2)], &[(101, 3), (102, 4)]));
        let Kept::Whole(book) = books.take(&Symbol::default(), vec![whole], at(0)) else {
            panic!("no book");
        };
        book
    }

    fn take(books: &mut Books, part: BookPart, seconds: i64) -> Kept {
        books.take(&Symbol::default(), vec![part], at(seconds))
    }

    #[test]
    fn changes_replace_add_and_take_away_levels() {
        let mut books = Books::default();
        begun(&mut books);
        let change = row(10, 12, &[(98, 0), (97, 7), (99, 5)], &[(100, 1), (101, 0), (105, 0)]);
        let Kept::Whole(book) = take(&mut books, BookPart::Change(change), 1) else { panic!() };
        assert_eq!(book.bids, levels(&[(99, 5), (97, 7)]));
        assert_eq!(book.asks, levels(&[(100, 1), (102, 4)]));
    }

    #[test]
    fn a_book_that_was_given_out_does_not_change() {
        let mut books = Books::default();
        let first = begun(&mut books);
        for seq in 11..20 {
            let change = row(seq - 1, seq, &[(99, 100)], &[]);
            assert!(matches!(take(&mut books, BookPart::Change(change), 1), Kept::Whole(_)));
        }
        assert_eq!(first.bids, levels(&[(99, 1), (98, 2)]));
    }

    #[test]
    fn whatever_does_not_continue_the_book_loses_it() {
        for (what, part) in [
            ("a gap", BookPart::Change(row(11, 12, &[(98, 1)], &[]))),
            ("a repeat", BookPart::Change(row(9, 10, &[(98, 1)], &[]))),
            ("no predecessor", BookPart::Change(row(0, 12, &[(98, 1)], &[]))),
            ("no progress", BookPart::Change(row(10, 10, &[(98, 1)], &[]))),
            ("a crossed book", BookPart::Change(row(10, 12, &[(101, 1)], &[]))),
            ("an unreadable row", BookPart::Unreadable),
            ("an old whole row", BookPart::Whole(row(0, 9, &[(98, 1)], &[(99, 1)]))),
            ("a torn whole row", BookPart::Whole(row(0, 12, &[(98, 1), (99, 1)], &[]))),
        ] {
            for (seconds, wanted) in [(9, false), (10, true)] {
                let mut books = Books::default();
                begun(&mut books);
                let kept = take(&mut books, part.clone(), seconds);
                let Kept::Lost { healthy } = kept else { panic!("{what}: {kept:?}") };
                assert_eq!(healthy, wanted, "{what}");
                let after = BookPart::Change(row(10, 12, &[(98, 1)], &[]));
                assert!(matches!(take(&mut books, after, seconds), Kept::Waits), "{what}");
            }
        }
    }

    #[test]
    fn both_sides_are_bounded() {
        let mut books = Books::default();
        let many: Vec<_> = (0..3_000).map(|i| (10_000 - i, 1)).collect();
        let whole = BookPart::Whole(row(0, 10, &many, &[(10_001, 1)]));
        assert!(matches!(take(&mut books, whole, 0), Kept::Whole(_)));
        let change = BookPart::Change(row(10, 11, &[], &[(10_002, 1)]));
        let Kept::Whole(book) = take(&mut books, change, 0) else { panic!() };
        assert_eq!((book.bids.len(), book.asks.len()), (MOST_LEVELS, 2));
    }
}
