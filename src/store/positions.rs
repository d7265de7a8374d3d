//! The merge of position lists from streams and polls.
//!
//! A complete list that could be read entirely is the truth of its time: what is absent is closed.
//! Two lists can cross on the way, so each key remembers when a push last changed it: a poll that
//! *began* before that neither revives nor erases nor changes the key. Pushes of everything are ordered
//! among each other by the exchange's time of sending, pushes of single keys by that time for each key,
//! rows of one key by the exchange's time of change.

use std::collections::BTreeMap;
use std::time::Duration;

use super::plausible::is_older;
use super::state::When;
use super::{EventKind, Rows};
use crate::domain::{Position, PositionKey, PositionSet, Scope, Timestamp};

/// A position may be changed this long before the exchange tells of it.
const TELLING_MS: i64 = 1_000;
/// A replica may lag behind this long: an answer that was asked for later than that after a push wins,
/// whatever times it states.
const LAG: Duration = Duration::from_secs(5);

/// How a list came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Came {
    /// Pushed by a stream; else it is the answer to a request.
    pub(super) pushed: bool,
    /// When it was true, local time: for an answer, the start of the request.
    pub(super) when: When,
    /// When it arrived, local time.
    pub(super) received: Timestamp,
    /// When the exchange sent it.
    pub(super) sent: Option<Timestamp>,
    /// The last moment that is not in the future, by the exchange's clock.
    pub(super) latest: Timestamp,
}

/// What the merge must remember besides the rows.
#[derive(Debug, Default)]
pub(super) struct PositionBook {
    /// When the push was sent that last changed, opened or closed a key: an answer that was asked for
    /// later knows more, even if it came sooner. Keys of closed positions are tombstones.
    pushed_at: BTreeMap<PositionKey, Timestamp>,
    /// When the exchange told of a close, by its clock. An answer of a replica that lags behind does not
    /// revive the position.
    closed_at: BTreeMap<PositionKey, Timestamp>,
    /// When the newest push of everything was sent, by the exchange's clock.
    last_sent: Option<Timestamp>,
    /// When the newest push that spoke of a key was sent, where pushes carry single keys.
    sent_of: BTreeMap<PositionKey, Timestamp>,
    /// When the newest push of everything was true, local time: an answer begun before has nothing to add.
    complete_push_at: Option<Timestamp>,
    /// When the newest complete list was true, for the order of lists.
    confirmed: Option<Timestamp>,
}

impl PositionBook {
    /// Merges `set` into `held` and returns what happened. The first list tells no events: it is
    /// the state that was found, not a change.
    pub(super) fn merge(
        &mut self,
        held: &mut Rows<Position>,
        mut set: PositionSet,
        came: Came,
    ) -> Vec<EventKind> {
        if self.is_overtaken(set.scope, came) {
            return Vec::new();
        }
        if came.pushed {
            match set.scope {
                Scope::Complete => self.last_sent = came.sent.or(self.last_sent),
                Scope::Partial => self.drop_overtaken(&mut set, came),
            }
        }
        let first = held.confirmed_at.is_none();
        let complete = set.scope == Scope::Complete && set.unreadable == 0;
        let mut happened = Vec::new();

        let named: Vec<PositionKey> = set.rows.iter().map(|row| row.key.clone()).collect();
        for row in set.rows {
            self.put(held, row, came, &mut happened);
        }
        for key in set.closed.iter().filter(|_| came.pushed) {
            // Also of one that is not held yet: an answer that is on its way may still list it.
            self.bury(key, came);
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
            // Where the same position comes under another mode or coin, one of the two is a mistake.
            let moved = named.iter().any(|n| n.symbol == key.symbol && n.side == key.side);
            self.close(held, &key, came, moved, &mut happened);
        }

        held.unreadable = match set.scope {
            Scope::Complete => set.unreadable,
            // Single rows say nothing of what a list held that could not be read.
            Scope::Partial => held.unreadable.max(set.unreadable),
        };
        if complete && came.pushed {
            self.complete_push_at = Some(came.when.at_most);
        }
        if complete {
            held.confirmed_at = held.confirmed_at.max(Some(came.when.proven));
            self.confirmed = self.confirmed.max(Some(came.when.at_most));
        }
        self.forget(came.received);
        if first { Vec::new() } else { happened }
    }

    /// Returns whether a newer list has been merged already: a push that was held up on its way knows
    /// less than an answer that was asked for after its sending.
    fn is_overtaken(&self, scope: Scope, came: Came) -> bool {
        if came.pushed {
            (scope == Scope::Complete && is_older(came.sent, self.last_sent, came.latest))
                || self.confirmed.is_some_and(|confirmed| came.when.at_most < confirmed)
        } else {
            self.complete_push_at.is_some_and(|pushed| pushed >= came.when.at_most)
        }
    }

    /// Takes out of a push of single keys what a newer one has said already.
    fn drop_overtaken(&mut self, set: &mut PositionSet, came: Came) {
        let sent_of = &mut self.sent_of;
        let mut is_news = |key: &PositionKey| {
            let news = !is_older(came.sent, sent_of.get(key).copied(), came.latest);
            if let Some(sent) = came.sent.filter(|_| news) {
                sent_of.insert(key.clone(), sent);
            }
            news
        };
        set.rows.retain(|row| is_news(&row.key));
        set.closed.retain(is_news);
    }

    /// Returns whether this list may say something about `key`.
    fn may_change(&self, key: &PositionKey, came: Came) -> bool {
        came.pushed || self.pushed_at.get(key).is_none_or(|pushed| *pushed < came.when.at_most)
    }

    /// Returns whether an answer may still come from before what a push said of `key`.
    fn may_lag(&self, key: &PositionKey, came: Came) -> bool {
        self.pushed_at.get(key).is_some_and(|pushed| came.when.at_most < pushed.after(LAG))
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
            self.pushed_at.insert(row.key.clone(), came.when.at_most);
        }
        let lags = came.pushed || self.may_lag(&row.key, came);
        match held.rows.binary_search_by(|old| old.key.cmp(&row.key)) {
            Ok(index) => {
                let Some(old) = held.rows.get_mut(index) else {
                    return;
                };
                if lags && is_older(row.updated_at, old.updated_at, came.latest) {
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
            Err(_) if !came.pushed && lags && self.is_from_before_the_close(&row, came) => {}
            Err(index) => {
                self.closed_at.remove(&row.key);
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
        moved: bool,
        happened: &mut Vec<EventKind>,
    ) {
        let Ok(index) = held.rows.binary_search_by(|old| old.key.cmp(key)) else {
            return;
        };
        let old = held.rows.remove(index);
        if came.pushed {
            self.pushed_at.insert(key.clone(), came.when.at_most);
            if !moved {
                self.bury(key, came);
            }
        }
        happened.push(EventKind::PositionClosed { key: old.key, size: old.size });
    }

    /// Remembers that a push closed `key`.
    fn bury(&mut self, key: &PositionKey, came: Came) {
        self.pushed_at.insert(key.clone(), came.when.at_most);
        if let Some(sent) = came.sent {
            self.closed_at.insert(key.clone(), sent);
        }
    }

    /// Returns whether `row` was last changed before its key was closed, by more than the exchange may
    /// take to tell of a change.
    fn is_from_before_the_close(&self, row: &Position, came: Came) -> bool {
        let closed = self.closed_at.get(&row.key).map(|sent| sent.plus_millis(-TELLING_MS));
        is_older(row.updated_at, closed, came.latest)
    }

    /// Drops memories that no answer can be older than: requests end after seconds.
    fn forget(&mut self, now: Timestamp) {
        self.pushed_at.retain(|_, pushed| now.since(*pushed).as_secs() < 300);
        self.closed_at.retain(|key, _| self.pushed_at.contains_key(key));
        self.sent_of.retain(|key, _| self.pushed_at.contains_key(key));
    }
}
