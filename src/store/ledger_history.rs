//! The ledger of the last weeks, merged from pages of history and from today's entries.

use std::collections::HashMap;
use std::sync::Arc;

use super::{LedgerHistory, Snapshot};
use crate::domain::{LedgerEntry, Text, Timestamp};

/// The most entries that are kept. An account may have more; the history says where it starts.
const MAX_ROWS: usize = 5_000;

/// A page of history.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) since: Timestamp,
    pub(super) until: Timestamp,
    pub(super) rows: Vec<LedgerEntry>,
    pub(super) complete: bool,
}

/// Adds a page; the last one of `since` to `until` makes the history complete over that range.
pub(super) fn page(state: &mut Snapshot, page: Page) -> bool {
    let Page { since, until, rows, complete } = page;
    let held = Arc::make_mut(&mut state.history);
    let mut changed = merge(&mut held.rows, rows);
    if complete {
        // Two ranges that touch become one; of two that do not, the newer one counts.
        let touches = held.complete && held.until >= since;
        held.since = if touches { held.since.min(since) } else { since };
        held.until = if touches { held.until.max(until) } else { until };
        held.complete = true;
        changed = true;
    }
    bound(held);
    changed
}

/// Adds today's entries, which cover `since` to `until` if they are complete.
pub(super) fn today(
    state: &mut Snapshot,
    since: Timestamp,
    until: Timestamp,
    rows: &[LedgerEntry],
    complete: bool,
) {
    let known: HashMap<&Text, &LedgerEntry> =
        state.history.rows.iter().map(|row| (&row.id, row)).collect();
    let new: Vec<LedgerEntry> =
        rows.iter().filter(|row| known.get(&row.id) != Some(row)).cloned().collect();
    let extends = complete && state.history.complete && state.history.until >= since;
    if new.is_empty() && !extends {
        return;
    }
    let held = Arc::make_mut(&mut state.history);
    merge(&mut held.rows, new);
    if extends {
        held.until = held.until.max(until);
    }
    bound(held);
}

/// Adds rows by their ids and returns whether anything changed. A row that is read again replaces the held
/// one, so that one that was garbled does not stay so.
fn merge(held: &mut Vec<LedgerEntry>, rows: Vec<LedgerEntry>) -> bool {
    let mut places: HashMap<Text, usize> =
        held.iter().enumerate().map(|(place, row)| (row.id.clone(), place)).collect();
    let mut changed = false;
    for row in rows {
        if let Some(old) = places.get(&row.id).and_then(|place| held.get_mut(*place)) {
            changed |= *old != row;
            *old = row;
        } else {
            places.insert(row.id.clone(), held.len());
            held.push(row);
            changed = true;
        }
    }
    held.sort_by_key(|row| std::cmp::Reverse(row.time));
    changed
}

/// Keeps the newest rows; a history that was cut starts after its oldest row.
fn bound(held: &mut LedgerHistory) {
    if held.rows.len() <= MAX_ROWS {
        return;
    }
    held.rows.truncate(MAX_ROWS);
    if let Some(oldest) = held.rows.last() {
        held.since = held.since.max(oldest.time.plus_millis(1));
    }
}
