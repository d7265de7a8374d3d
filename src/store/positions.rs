//! The merge of position lists from streams and polls.
//!
//! A complete list that could be read entirely is the truth of its time: what is absent is closed.
//! Two lists can cross on the way, so each key remembers when a push last changed it: a poll that
//! *began* before that neither revives nor erases nor changes the key. Pushes among each other are
//! ordered by the exchange's time of sending, rows of one key by the exchange's time of change.

use std::collections::BTreeMap;

use super::{EventKind, Rows};
use crate::domain::{Position, PositionKey, PositionSet, Scope, Timestamp};

/// How a list came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Came {
    /// Pushed by a stream; else it is the answer to a request.
    pub(super) pushed: bool,
    /// When it was true, local time: for an answer, the start of the request.
    pub(super) proven: Timestamp,
    /// When it arrived, local time.
    pub(super) received: Timestamp,
    /// When the exchange sent it.
    pub(super) sent: Option<Timestamp>,
}

/// What the merge must remember besides the rows.
#[derive(Debug, Default)]
pub(super) struct PositionBook {
    /// When a push last changed, opened or closed a key. Keys of closed positions are tombstones.
    pushed_at: BTreeMap<PositionKey, Timestamp>,
    /// When the newest push was sent, by the exchange's clock.
    last_sent: Option<Timestamp>,
    /// When the newest push of everything arrived: an answer begun before has nothing to add.
    complete_push_at: Option<Timestamp>,
}

impl PositionBook {
    /// Merges `set` into `held` and returns what happened. The first list tells no events: it is
    /// the state that was found, not a change.
    pub(super) fn merge(
        &mut self,
        held: &mut Rows<Position>,
        set: PositionSet,
        came: Came,
    ) -> Vec<EventKind> {
        if self.is_overtaken(came) {
            return Vec::new();
        }
        if came.pushed {
            self.last_sent = came.sent.or(self.last_sent);
        }
        let first = held.confirmed_at.is_none();
        let complete = set.scope == Scope::Complete && set.unreadable == 0;
        let mut happened = Vec::new();

        let named: Vec<PositionKey> = set.rows.iter().map(|row| row.key.clone()).collect();
        for row in set.rows {
            self.put(held, row, came, &mut happened);
        }
        let gone: Vec<PositionKey> = held
            .rows
            .iter()
            .map(|row| &row.key)
            .filter(|key| set.closed.contains(key) || (complete && !named.contains(key)))
            .filter(|key| self.may_change(key, came))
            .cloned()
            .collect();
        for key in gone {
            self.close(held, &key, came, &mut happened);
        }

        held.unreadable = set.unreadable;
        if complete && came.pushed {
            self.complete_push_at = Some(came.received);
        }
        if complete {
            held.confirmed_at = held.confirmed_at.max(Some(came.proven));
        }
        self.forget(came.received);
        if first { Vec::new() } else { happened }
    }

    /// Returns whether a newer list has been merged already.
    fn is_overtaken(&self, came: Came) -> bool {
        if came.pushed {
            came.sent.zip(self.last_sent).is_some_and(|(sent, last)| sent < last)
        } else {
            self.complete_push_at.is_some_and(|pushed| pushed >= came.proven)
        }
    }

    /// Returns whether this list may say something about `key`.
    fn may_change(&self, key: &PositionKey, came: Came) -> bool {
        came.pushed || self.pushed_at.get(key).is_none_or(|pushed| *pushed < came.proven)
    }

    fn put(
        &mut self,
        held: &mut Rows<Position>,
        mut row: Position,
        came: Came,
        happened: &mut Vec<EventKind>,
    ) {
        if !self.may_change(&row.key, came) {
            return;
        }
        if came.pushed {
            self.pushed_at.insert(row.key.clone(), came.received);
        }
        match held.rows.binary_search_by(|old| old.key.cmp(&row.key)) {
            Ok(index) => {
                let Some(old) = held.rows.get_mut(index) else {
                    return;
                };
                if row.updated_at.is_some() && row.updated_at < old.updated_at {
                    return;
                }
                if row.details.is_none() {
                    row.details.clone_from(&old.details);
                }
                if row.size != old.size {
                    happened.push(EventKind::SizeChanged {
                        key: row.key.clone(),
                        from: old.size,
                        to: row.size,
                    });
                }
                *old = row;
            }
            Err(index) => {
                happened.push(EventKind::PositionOpened { key: row.key.clone(), size: row.size });
                held.rows.insert(index, row);
            }
        }
    }

    fn close(
        &mut self,
        held: &mut Rows<Position>,
        key: &PositionKey,
        came: Came,
        happened: &mut Vec<EventKind>,
    ) {
        let Ok(index) = held.rows.binary_search_by(|old| old.key.cmp(key)) else {
            return;
        };
        let old = held.rows.remove(index);
        if came.pushed {
            self.pushed_at.insert(key.clone(), came.received);
        }
        happened.push(EventKind::PositionClosed { key: old.key, size: old.size });
    }

    /// Drops memories that no answer can be older than: requests end after seconds.
    fn forget(&mut self, now: Timestamp) {
        self.pushed_at.retain(|_, pushed| now.since(*pushed).as_secs() < 300);
    }
}
