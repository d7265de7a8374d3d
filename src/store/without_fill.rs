//! Changes of positions that no trade made: splits, dividends and rebases, and moves to another account.
//!
//! The exchange names none of them, so they are known by what is missing. Whoever reads "closed" looks
//! for a result, and whoever reads another size looks for a fill: neither is there.

use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;

use super::{Event, EventKind, Snapshot};
use crate::domain::{LedgerKind, Position, PositionKey, Product, Symbol, Timestamp};

/// Size times entry changes by at most this share in a split: sizes and prices are rounded.
const ROUNDING: Decimal = Decimal::from_parts(1, 0, 0, false, 3);
/// A smaller change of the size than this share may be a trade that the rounding hides.
const SMALLEST: Decimal = Decimal::from_parts(1, 0, 0, false, 2);
/// A fill this long before a change of size may be its cause.
const FILL_DELAY: Duration = Duration::from_secs(60);
/// The history of closed positions holds a close after this long.
const HISTORY_DELAY: Duration = Duration::from_secs(10);
/// A close that is found this late after it happened, such as after an outage, is still the same close;
/// and an event that is older is not judged any more, as its fills may have been dropped.
const WINDOW_MS: i64 = 600_000;

/// Returns whether a position holds the same worth in another size. No trade does that: one that reduces
/// leaves the entry price, one that adds is paid for.
pub(super) fn is_adjustment(from: &Position, to: &Position) -> bool {
    let share = |before: Decimal, after: Decimal| {
        let change = after.checked_sub(before)?.abs();
        (before > Decimal::ZERO).then(|| change.checked_div(before))?
    };
    let worth = |of: &Position| of.size.checked_mul(of.entry_price?);
    let same = worth(from).zip(worth(to)).and_then(|(before, after)| share(before, after));
    let changed = share(from.size, to.size);
    same.is_some_and(|share| share <= ROUNDING) && changed.is_some_and(|share| share >= SMALLEST)
}

/// Returns the change as it is to be told: with a fill beside it, an adjustment is an ordinary change.
pub(super) fn told(state: &Snapshot, kind: EventKind, at: Timestamp) -> EventKind {
    if let EventKind::Adjusted { key, from, to } = &kind
        && has_filled(state, &key.symbol, at)
    {
        return EventKind::SizeChanged { key: key.clone(), from: *from, to: *to };
    }
    kind
}

fn has_filled(state: &Snapshot, symbol: &Symbol, at: Timestamp) -> bool {
    let mut recent = state.events.iter().take_while(|event| at.since(event.at) <= FILL_DELAY);
    recent.any(|event| matches!(&event.kind, EventKind::Filled(fill) if fill.symbol == *symbol))
}

/// Judges the positions that are gone, once the history of closed positions was read after it; `read_at`
/// is when it was asked for, local time. A record that comes later takes the judgement back.
pub(super) fn judge_closes(state: &mut Snapshot, read_at: Timestamp) {
    let judged: Vec<(usize, EventKind)> = state
        .events
        .iter()
        .enumerate()
        .filter_map(|(index, event)| Some((index, judged(state, event, read_at)?)))
        .collect();
    if judged.is_empty() {
        return;
    }
    let events = Arc::make_mut(&mut state.events);
    for (index, kind) in judged {
        if let Some(event) = events.get_mut(index) {
            event.kind = kind;
        }
    }
}

/// Returns what an event was after all; `None` when it was what it says.
fn judged(state: &Snapshot, event: &Event, read_at: Timestamp) -> Option<EventKind> {
    if let EventKind::PositionLeft { key, size } = &event.kind {
        let explained = is_explained(state, key, event.at);
        return explained.then(|| EventKind::PositionClosed { key: key.clone(), size: *size });
    }
    let EventKind::PositionClosed { key, size } = &event.kind else { return None };
    let due = read_at.since(event.at) >= HISTORY_DELAY;
    let recent = read_at.as_millis().saturating_sub(event.at.as_millis()) < WINDOW_MS;
    // The history that is read is of this product.
    let known = key.symbol.product() == Product::UsdtFutures && state.closed_complete;
    let left = due && recent && known && !is_explained(state, key, event.at);
    left.then(|| EventKind::PositionLeft { key: key.clone(), size: *size })
}

/// Returns whether a fill, a record of the close or an entry of the ledger tells how a position ended, or
/// it goes on under another key.
fn is_explained(state: &Snapshot, key: &PositionKey, at: Timestamp) -> bool {
    let from = at.plus_millis(-WINDOW_MS);
    let offset = state.clock_offset_ms.map_or(0, |(offset, _)| offset);
    let is_late = |time: Option<Timestamp>| {
        // What has no time may be of any.
        time.is_none_or(|time| time >= from.plus_millis(offset))
    };
    let told = |event: &Event| match &event.kind {
        EventKind::Filled(fill) => fill.symbol == key.symbol,
        EventKind::Settled(row) => row.symbol == key.symbol && row.side == key.side,
        EventKind::Deleveraged { symbol, .. } => *symbol == key.symbol,
        EventKind::PositionOpened { key: other, .. } => {
            event.at == at && other.symbol == key.symbol && other.side == key.side
        }
        EventKind::Link { .. }
        | EventKind::SizeChanged { .. }
        | EventKind::Adjusted { .. }
        | EventKind::PositionLeft { .. }
        | EventKind::PositionClosed { .. }
        | EventKind::StopTriggered { .. }
        | EventKind::ProblemBegan { .. }
        | EventKind::ProblemEnded { .. }
        | EventKind::Alert(_) => false,
    };
    let booked = state.ledger.iter().flat_map(|day| &day.value.rows).chain(&state.history.rows);
    state.events.iter().take_while(|event| event.at >= from).any(told)
        || state.fills.iter().any(|fill| fill.symbol == key.symbol && is_late(fill.time))
        || state
            .closed
            .iter()
            .any(|row| row.symbol == key.symbol && row.side == key.side && is_late(row.closed_at))
        || booked
            .filter(|entry| entry.symbol.as_ref() == Some(&key.symbol))
            .any(|entry| entry.kind == LedgerKind::Trade && is_late(Some(entry.time)))
}
