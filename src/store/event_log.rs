//! What happened, newest first: events, own fills and closed positions.

use std::sync::Arc;

use super::{Event, EventKind, Snapshot};
use crate::domain::{ClosedPosition, Fill, Origin, Timestamp};

/// The most events that are kept.
const MAX_EVENTS: usize = 200;
/// The most fills that are kept.
const MAX_FILLS: usize = 300;
/// The most closed positions that are kept.
const MAX_CLOSED: usize = 1_000;
/// Rows of a full page of closed positions.
const PAGE: usize = 100;

/// Adds one event.
pub(super) fn push(state: &mut Snapshot, at: Timestamp, kind: EventKind) {
    let events = Arc::make_mut(&mut state.events);
    events.insert(0, Event { at, kind });
    if events.len() > MAX_EVENTS {
        // What the user has to acknowledge outlasts what is said in passing.
        let passing = events.iter().rposition(|event| !event.kind.is_forced());
        events.remove(passing.unwrap_or(MAX_EVENTS));
    }
}

/// Adds fills that are not held yet; those of the `first` list raise no events.
pub(super) fn fills(state: &mut Snapshot, rows: Vec<Fill>, first: bool, at: Timestamp) -> bool {
    let new = not_held(&state.fills, rows, |a, b| a.trade_id == b.trade_id && a.symbol == b.symbol);
    if new.is_empty() {
        return false;
    }
    if !first {
        for fill in &new {
            push(state, at, EventKind::Filled(fill.clone()));
        }
    }
    let held = Arc::make_mut(&mut state.fills);
    held.extend(new);
    held.sort_by_key(|fill| std::cmp::Reverse(fill.time));
    held.truncate(MAX_FILLS);
    true
}

/// Adds closed positions that are not held yet; those of the first list and of the backfill raise no
/// events.
pub(super) fn closed(
    state: &mut Snapshot,
    rows: Vec<ClosedPosition>,
    origin: Origin,
    at: Timestamp,
) -> bool {
    let first = origin == Origin::Rest && state.closed_confirmed_at.is_none();
    let is_backfill = origin == Origin::Local || first;
    let count = rows.len();
    // Ids are missing in some responses and re-used in others, so the time of closing identifies a row.
    let new = not_held(&state.closed, rows, |a, b| {
        a.symbol == b.symbol && a.side == b.side && a.closed_at == b.closed_at
    });
    if new.is_empty() {
        return false;
    }
    if origin == Origin::Rest && count >= PAGE && new.len() == count {
        // A full page of new rows: there may be others between it and those that are held.
        state.closed_complete = false;
    }
    if !is_backfill {
        for row in &new {
            push(state, at, EventKind::Settled(row.clone()));
        }
    }
    let held = Arc::make_mut(&mut state.closed);
    held.extend(new);
    held.sort_by_key(|row| std::cmp::Reverse(row.closed_at));
    held.truncate(MAX_CLOSED);
    true
}

/// Returns the rows that are not held, without duplicates.
fn not_held<T>(held: &[T], rows: Vec<T>, same: impl Fn(&T, &T) -> bool) -> Vec<T> {
    let mut new: Vec<T> = Vec::new();
    for row in rows {
        if !held.iter().chain(&new).any(|old| same(old, &row)) {
            new.push(row);
        }
    }
    new
}
