//! The ledger of the last weeks, merged from pages of history and from today's entries.

use std::collections::HashSet;
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
    let known: HashSet<&Text> = state.history.rows.iter().map(|row| &row.id).collect();
    let new: Vec<LedgerEntry> =
        rows.iter().filter(|row| !known.contains(&row.id)).cloned().collect();
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

/// Adds rows that are not held, by their ids, and returns whether there were any.
fn merge(held: &mut Vec<LedgerEntry>, rows: Vec<LedgerEntry>) -> bool {
    let mut seen: HashSet<Text> = held.iter().map(|row| row.id.clone()).collect();
    let before = held.len();
    held.extend(rows.into_iter().filter(|row| seen.insert(row.id.clone())));
    held.sort_by_key(|row| std::cmp::Reverse(row.time));
    held.len() > before
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
