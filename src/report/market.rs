//! The order book and the last trades of the focus.

use std::sync::Arc;

use super::MarketPart;
use super::age::Age;
use super::inputs::Inputs;
use crate::domain::{Stream, Timestamp};

/// Returns what is offered in the market of the focus, and what was traded there last.
///
/// Both are pushed when they change and are silent else: whatever arrives on their connection proves that they
/// are as they were. A book goes with its connection, so the one that is held is of the present one.
pub(super) fn part(inputs: &Inputs<'_>) -> MarketPart {
    let snapshot = inputs.snapshot;
    let public = snapshot.links.iter().find(|link| link.stream == Stream::WsPublic);
    let heard = public.and_then(|link| link.last_traffic_at);
    let proven = |pushed: Timestamp| Age::new(heard.max(Some(pushed)), inputs.context.limits.price);
    let book = snapshot.book.as_ref();
    let book_age = book.map_or(Age::MISSING, |book| {
        if snapshot.live_book(&inputs.context.focus).is_some() {
            proven(book.as_of)
        } else {
            // Its channel has died, or the connection is not heard any more.
            Age::ended(book.as_of)
        }
    });
    let trades = Arc::clone(&snapshot.trades);
    let newest = trades.first().map(|trade| trade.time);
    MarketPart {
        book: book.map(|book| Arc::clone(&book.value)),
        book_age,
        book_changed_at: book.map(|book| book.as_of),
        trades_age: newest.map_or(Age::MISSING, |_| Age::new(heard, inputs.context.limits.price)),
        trades,
    }
}
