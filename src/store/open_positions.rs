//! Merges position lists from streams and polls.
//!
//! A complete and readable list is the state at its time: an absent position is closed. Two lists can
//! overtake each other in flight, so each key remembers when a push last changed it: a poll that was
//! *sent* before that neither revives nor removes nor changes the key. Complete pushes are ordered by
//! the exchange's time of sending, partial ones by that time for each key, rows of one key by the
//! exchange's time of change. Each product is listed on its own: nothing that is said of one changes
//! another.

use std::collections::BTreeMap;
use std::time::Duration;

use super::plausible::is_older;
use super::when::When;
use super::without_fill::is_adjustment;
use super::{EventKind, Rows};
use crate::domain::{Position, PositionKey, PositionSet, Product, Scope, Timestamp};

/// A position may have changed this long before the exchange reports it.
const REPORT_DELAY_MS: i64 = 1_000;
/// A replica may lag this long: the response to a request that was sent later than that after a push
/// wins, whatever times it states.
const REPLICA_LAG: Duration = Duration::from_secs(5);

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
pub(super) struct OpenPositions {
    products: BTreeMap<Product, ProductPositions>,
}

/// The same of one product.
#[derive(Debug, Default)]
struct ProductPositions {
    /// Unreadable rows of the last list.
    unreadable: u32,
    /// When the push was sent that last changed, opened or closed a key: the response to a later request
    /// is newer, even if it arrived sooner. Keys of closed positions are tombstones.
    pushed_at: BTreeMap<PositionKey, Timestamp>,
    /// When the exchange reported a close, by its clock. A response of a lagging replica does not revive
    /// the position.
    closed_at: BTreeMap<PositionKey, Timestamp>,
    /// When the newest complete push was sent, by the exchange's clock.
    last_sent: Option<Timestamp>,
    /// When the newest partial push about a key was sent, by the exchange's clock.
    sent_of: BTreeMap<PositionKey, Timestamp>,
    /// When the newest complete push was true, local time: a request sent before has nothing to add.
    complete_push_at: Option<Timestamp>,
    /// When the newest complete list was true, local time; orders lists.
    confirmed: Option<Timestamp>,
}

impl OpenPositions {
    /// Merges `set` into `held` and returns the events. The first list of a product raises none: it is the
    /// state that was found, not a change.
    pub(super) fn merge(
        &mut self,
        held: &mut Rows<Position>,
        set: PositionSet,
        came: Came,
    ) -> Vec<EventKind> {
        let mut events = Vec::new();
        for (product, part) in by_product(set) {
            let of = self.products.entry(product).or_default();
            events.extend(of.merge(held, part, product, came));
        }
        let of = |wanted: bool| {
            let lists = self.products.iter();
            let lists = lists.filter(move |(of, _)| (**of == Product::UsdtFutures) == wanted);
            lists.map(|(_, of)| of.unreadable).sum()
        };
        (held.unreadable, held.unreadable_elsewhere) = (of(true), of(false));
        held.confirmed_at = held.confirmed.get(&Product::UsdtFutures).copied();
        events
    }
}

/// Returns whether two keys are of one position: a contract is backed by one coin. A margin mode that is not
/// understood may be any.
fn is_one_position(a: &PositionKey, b: &PositionKey) -> bool {
    let may_be_one = a.margin_mode == b.margin_mode
        || a.margin_mode.known().is_none()
        || b.margin_mode.known().is_none();
    is_one_side(a, b) && may_be_one
}

fn is_one_side(a: &PositionKey, b: &PositionKey) -> bool {
    a.symbol == b.symbol && a.side == b.side
}

/// Splits a message into what it says of each product. A row of a product that the message does not list
/// is a change of that row alone.
fn by_product(set: PositionSet) -> impl Iterator<Item = (Product, PositionSet)> {
    let PositionSet { scope, rows, closed, unreadable, products } = set;
    // Nobody knows of which product an unreadable row is: the first that is listed answers for it.
    let blamed = products.first().copied().unwrap_or(Product::UsdtFutures);
    Product::ALL.into_iter().filter_map(move |product| {
        let listed = products.contains(&product);
        let rows: Vec<_> =
            rows.iter().filter(|row| row.key.symbol.product() == product).cloned().collect();
        let closed: Vec<_> =
            closed.iter().filter(|key| key.symbol.product() == product).cloned().collect();
        let unreadable_here = if product == blamed { unreadable } else { 0 };
        let speaks = listed || !rows.is_empty() || !closed.is_empty() || unreadable_here > 0;
        let whole = listed && (unreadable == 0 || product == blamed);
        speaks.then(|| {
            let scope = if whole { scope } else { Scope::Partial };
            let products = vec![product];
            (product, PositionSet { scope, rows, closed, unreadable: unreadable_here, products })
        })
    })
}

impl ProductPositions {
    fn merge(
        &mut self,
        held: &mut Rows<Position>,
        mut set: PositionSet,
        product: Product,
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
        let first = !held.confirmed.contains_key(&product);
        let complete = set.scope == Scope::Complete && set.unreadable == 0;
        let mut events = Vec::new();

        let named: Vec<PositionKey> = set.rows.iter().map(|row| row.key.clone()).collect();
        for row in set.rows {
            self.put(held, row, (came, complete || !came.pushed), &mut events);
        }
        for key in set.closed.iter().filter(|_| came.pushed) {
            // Also of one that is not held yet: a response in flight may still list it.
            self.record_close(key, came);
        }
        // Under another coin or word it is the same position, also where the list has unreadable rows. A word that
        // is not understood stands for the one position that it can be of.
        let unnamed: Vec<PositionKey> = held
            .rows
            .iter()
            .map(|row| row.key.clone())
            .filter(|key| !named.contains(key))
            .collect();
        let is_renamed = |key: &PositionKey| {
            let is_sure = |n: &PositionKey| {
                key.margin_mode.known().is_none()
                    || n.margin_mode == key.margin_mode
                    || unnamed.iter().filter(|other| is_one_side(other, key)).count() == 1
            };
            unnamed.contains(key) && named.iter().any(|n| is_one_position(n, key) && is_sure(n))
        };
        let gone: Vec<PositionKey> = held
            .rows
            .iter()
            .map(|row| &row.key)
            .filter(|key| key.symbol.product() == product)
            .filter(|key| {
                let is_left_out = complete && !named.contains(key);
                set.closed.contains(key) || is_left_out || is_renamed(key)
            })
            .filter(|key| self.may_change(key, came))
            .cloned()
            .collect();
        for key in gone {
            // The same position under another margin mode or coin has moved; it was not closed.
            let moved = named.iter().any(|n| is_one_side(n, &key));
            self.close(held, &key, came, moved, &mut events);
        }

        self.unreadable = match set.scope {
            Scope::Complete => set.unreadable,
            // Single rows say nothing about the unreadable rows of a list.
            Scope::Partial => self.unreadable.max(set.unreadable),
        };
        if complete && came.pushed {
            self.complete_push_at = Some(came.when.at_most);
        }
        if complete {
            let confirmed = held.confirmed.entry(product).or_insert(came.when.proven);
            *confirmed = came.when.proven.max(*confirmed);
            self.confirmed = self.confirmed.max(Some(came.when.at_most));
        }
        self.prune(came.received);
        if first { Vec::new() } else { events }
    }

    /// Returns whether a newer list has been merged already: a push that was delayed in flight is older
    /// than the response to a request that was sent after it, and a response may be an old one of a cache.
    fn is_overtaken(&self, scope: Scope, came: Came) -> bool {
        if self.confirmed.is_some_and(|confirmed| came.when.at_most < confirmed) {
            return true;
        }
        if came.pushed {
            scope == Scope::Complete && is_older(came.sent, self.last_sent, came.latest)
        } else {
            self.complete_push_at.is_some_and(|pushed| pushed >= came.when.at_most)
        }
    }

    /// Removes from a partial push the keys that a newer one has reported already.
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

    /// Returns whether this list may change `key`: no newer push has spoken of its position.
    fn may_change(&self, key: &PositionKey, came: Came) -> bool {
        let mut pushed = self.pushed_at.iter().filter(|(pushed, _)| is_one_position(pushed, key));
        came.pushed || pushed.all(|(_, at)| *at < came.when.at_most)
    }

    /// Returns whether a response may still be from before what a push reported of `key`.
    fn may_lag(&self, key: &PositionKey, came: Came) -> bool {
        self.pushed_at.get(key).is_some_and(|pushed| came.when.at_most < pushed.after(REPLICA_LAG))
    }

    fn put(
        &mut self,
        held: &mut Rows<Position>,
        mut row: Position,
        (came, confirms): (Came, bool),
        events: &mut Vec<EventKind>,
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
                    if confirms {
                        // The list confirms what is held, but not the price that it was valued at.
                        (old.mark_price, old.exchange_unrealized_pnl) = (None, None);
                    }
                    return;
                }
                if row.details.is_none() {
                    row.details.clone_from(&old.details);
                }
                if row.size != old.size {
                    let (key, from, to) = (row.key.clone(), old.size, row.size);
                    events.push(if is_adjustment(old, &row) {
                        EventKind::Adjusted { key, from, to }
                    } else {
                        EventKind::SizeChanged { key, from, to }
                    });
                }
                *old = row;
            }
            Err(_) if !came.pushed && lags && self.is_from_before_the_close(&row, came) => {}
            Err(index) => {
                self.closed_at.remove(&row.key);
                events.push(EventKind::PositionOpened { key: row.key.clone(), size: row.size });
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
        events: &mut Vec<EventKind>,
    ) {
        let Ok(index) = held.rows.binary_search_by(|old| old.key.cmp(key)) else {
            return;
        };
        let old = held.rows.remove(index);
        if came.pushed {
            self.pushed_at.insert(key.clone(), came.when.at_most);
            if !moved {
                self.record_close(key, came);
            }
        }
        events.push(EventKind::PositionClosed { key: old.key, size: old.size });
    }

    /// Records that a push closed `key`.
    fn record_close(&mut self, key: &PositionKey, came: Came) {
        self.pushed_at.insert(key.clone(), came.when.at_most);
        if let Some(sent) = came.sent {
            self.closed_at.insert(key.clone(), sent);
        }
    }

    /// Returns whether `row` was last changed before its key was closed, by more than the exchange may
    /// take to report a change.
    fn is_from_before_the_close(&self, row: &Position, came: Came) -> bool {
        let closed = self.closed_at.get(&row.key).map(|sent| sent.plus_millis(-REPORT_DELAY_MS));
        is_older(row.updated_at, closed, came.latest)
    }

    /// Drops what no response can be older than: requests end within seconds.
    fn prune(&mut self, now: Timestamp) {
        self.pushed_at.retain(|_, pushed| now.since(*pushed).as_secs() < 300);
        self.closed_at.retain(|key, _| self.pushed_at.contains_key(key));
        self.sent_of.retain(|key, _| self.pushed_at.contains_key(key));
    }
}
