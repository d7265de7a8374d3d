//! [`Store`]: the reducer that takes updates and keeps the state.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::account::AccountMerge;
use super::link_states::{LinkChange, LinkStates};
use super::mark_candles::Minutes;
use super::open_orders::OpenOrders;
use super::open_positions::{Came, OpenPositions};
use super::when::When;
use super::{
    LedgerDay, Rules, Snapshot, Stamped, event_log, ledger_history, ledger_words, mark_candles,
    market_data, plausible, problems, without_fill,
};
use crate::domain::{
    Body, LinkReport, LinkState, Origin, PositionSet, RequestKind, Stream, Symbol, Text, Timestamp,
    Update,
};

/// The state and the rules that move it.
#[derive(Debug)]
pub struct Store {
    focus: Symbol,
    state: Snapshot,
    positions: OpenPositions,
    orders: OpenOrders,
    links: LinkStates,
    minutes: Minutes,
    account: AccountMerge,
    /// Own fills have been listed once: later ones raise events.
    fills_listed: bool,
}

impl Store {
    /// Returns an empty store whose candles, book and public trades are those of `focus`.
    pub fn new(focus: Symbol) -> Self {
        let links = LinkStates::default();
        let state = Snapshot { links: links.statuses(), ..Snapshot::default() };
        Self {
            focus,
            state,
            positions: OpenPositions::default(),
            orders: OpenOrders::default(),
            links,
            minutes: Minutes::default(),
            account: AccountMerge::default(),
            fills_listed: false,
        }
    }

    /// Returns the state.
    pub const fn snapshot(&self) -> &Snapshot {
        &self.state
    }

    /// Applies one update and returns whether anything changed that a reader can see.
    pub fn apply(&mut self, update: Update) -> bool {
        let when = self.when(&update);
        let changed = self.route(update, when);
        if changed {
            self.state.version += 1;
        }
        changed
    }

    fn when(&self, update: &Update) -> When {
        let Some(((offset, error), sent)) = self.state.clock_offset_ms.zip(update.sent) else {
            return When { proven: update.as_of, at_most: update.as_of };
        };
        let at = |ms: i64| update.as_of.min(sent.plus_millis(ms));
        When { proven: at(-offset - error), at_most: at(error - offset) }
    }

    fn route(&mut self, update: Update, when: When) -> bool {
        let Update { origin, received, sent, mut body, .. } = update;
        let state = &mut self.state;
        let proven = when.proven;
        let latest = plausible::latest(state, received);
        plausible::strip(&mut body, latest);
        let sent = sent.filter(|sent| *sent <= latest);
        match body {
            Body::Focus(focus) => self.look_at(focus),
            Body::Ticker(ticker) => {
                market_data::ticker(state, &mut self.minutes, ticker, (proven, sent, latest))
            }
            Body::Candles { symbol, interval, rows } => {
                symbol == self.focus && market_data::candles(state, origin, interval, rows)
            }
            Body::Book { symbol, book } => {
                symbol == self.focus && market_data::book(state, book, proven)
            }
            Body::Trades { symbol, rows } => {
                symbol == self.focus && market_data::trades(state, rows)
            }
            Body::Positions(set) => self
                .listed(set, Came { pushed: origin != Origin::Rest, when, received, sent, latest }),
            Body::Orders(set) => {
                for kind in self.orders.merge(&mut state.orders, set, origin, when) {
                    event_log::push(state, received, kind);
                }
                let (own, others) = (state.orders.unreadable, state.orders.unreadable_elsewhere);
                problems::unreadable(state, "open orders", own, received);
                problems::unreadable(state, "open orders of other products", others, received);
                true
            }
            Body::Account(report) => {
                problems::unreadable(state, "account", report.unreadable, received);
                self.account.merge(state, report, origin, when)
            }
            Body::Fills(rows) => {
                let first = origin == Origin::Rest && !self.fills_listed;
                self.fills_listed |= first;
                event_log::fills(state, rows, first, received)
            }
            Body::ClosedPositions(rows) => {
                let changed = event_log::closed(state, rows, origin, received);
                if origin == Origin::Rest {
                    state.closed_confirmed_at = state.closed_confirmed_at.max(Some(proven));
                    without_fill::judge_closes(state, proven);
                }
                changed || origin == Origin::Rest
            }
            Body::Ledger { since, rows, complete } => {
                let day = LedgerDay { since, rows, complete };
                ledger_day(state, day, when, received)
            }
            Body::Link(report) => self.link(report, received),
            Body::Problem(report) => problems::report(state, report, received),
            Body::Failed { request, reason } => failed(state, request, reason),
            Body::Deleveraged { symbol, price, size } => {
                let kind = super::EventKind::Deleveraged { symbol, price, size };
                event_log::push(state, received, kind);
                true
            }
            Body::Alert(notice) => {
                event_log::push(state, received, super::EventKind::Alert(notice));
                true
            }
            Body::MarkCandles { symbol, interval, rows } => {
                mark_candles::add(state, &symbol, interval, rows)
            }
            Body::LedgerHistory { since, until, rows, complete } => {
                let page = ledger_history::Page { since, until, rows, complete };
                let changed = ledger_history::page(state, page);
                ledger_words::check(state, received) || changed
            }
            Body::AdlRanks(rows) => {
                let old = state.adl.as_ref().is_some_and(|held| held.as_of > when.at_most);
                if !old {
                    state.adl = Some(Stamped { value: Arc::new(rows), as_of: proven });
                }
                !old
            }
            fact @ (Body::Contract(_)
            | Body::Tiers { .. }
            | Body::FeeRate { .. }
            | Body::Funding(_)
            | Body::KeyRights(_)
            | Body::AccountKind(_)
            | Body::AccountLevel(_)
            | Body::ClockOffset { .. }
            | Body::ClosedPositionsRead
            | Body::Unlisted(_)
            | Body::Memory(_)) => facts(state, fact, received),
        }
    }

    /// Puts another contract in focus. What was followed of the one before goes.
    fn look_at(&mut self, focus: Symbol) -> bool {
        let differs = focus != self.focus;
        if differs {
            self.state.candles = Arc::default();
            self.state.book = None;
            self.state.trades = Arc::default();
        }
        self.focus.clone_from(&focus);
        self.state.focus = Some(focus);
        differs
    }

    /// Takes a list of positions.
    fn listed(&mut self, set: PositionSet, came: Came) -> bool {
        let state = &mut self.state;
        for kind in self.positions.merge(&mut state.positions, set, came) {
            let kind = without_fill::told(state, kind, came.received);
            event_log::push(state, came.received, kind);
        }
        let (own, others) = (state.positions.unreadable, state.positions.unreadable_elsewhere);
        problems::unreadable(state, "positions", own, came.received);
        problems::unreadable(state, "positions of other products", others, came.received);
        self.account.complete(state);
        mark_candles::forget(state, &self.focus);
        true
    }

    fn link(&mut self, report: LinkReport, received: Timestamp) -> bool {
        let change = self.links.apply(report, received);
        self.state.links = self.links.statuses();
        if let Some(change) = change {
            // Every attempt starts as connecting; only its outcome is an event.
            let is_news = change.state != LinkState::Connecting;
            problems::link(&mut self.state, change.stream, change.state, received);
            let open = matches!(change.state, LinkState::Live | LinkState::Stale);
            if change.stream == Stream::WsPublic && !open {
                // Its sequence ends with the connection.
                self.state.book = None;
            }
            if is_news {
                let LinkChange { stream, state, reason } = change;
                event_log::push(
                    &mut self.state,
                    received,
                    super::EventKind::Link { stream, state, reason },
                );
            }
        }
        true
    }
}

/// Takes what changes rarely: rules of contracts, the kind of the account, the key, the
/// clock, the memory.
#[expect(clippy::wildcard_enum_match_arm, reason = "the rest of one match over all bodies")]
fn facts(state: &mut Snapshot, body: Body, received: Timestamp) -> bool {
    match body {
        Body::Contract(contract) => {
            let symbol = contract.symbol.clone();
            let listed_again = state.unlisted.remove(&symbol);
            problems::listing(state, &symbol, true, received);
            problems::contract(state, &contract, received);
            rules(state, symbol, |rules| replace(&mut rules.contract, Some(contract)))
                || listed_again
        }
        Body::Tiers { symbol, tiers } => {
            rules(state, symbol, |rules| replace(&mut rules.tiers, tiers))
        }
        Body::FeeRate { symbol, rate } => {
            rules(state, symbol, |rules| replace(&mut rules.fees, Some(rate)))
        }
        Body::Funding(funding) => {
            let symbol = funding.symbol.clone();
            rules(state, symbol, |rules| replace(&mut rules.funding, Some(funding)))
        }
        Body::KeyRights(rights) => {
            problems::key_rights(state, &rights, received);
            replace(&mut state.key_rights, Some(rights))
        }
        Body::AccountKind(kind) => replace(&mut state.account_kind, kind),
        Body::AccountLevel(level) => {
            if let Some(held) = &mut state.account {
                held.value.account_level.clone_from(&level);
            }
            replace(&mut state.account_level, level)
        }
        Body::ClockOffset { offset_ms, error_ms } => {
            problems::clock(state, offset_ms, received);
            replace(&mut state.clock_offset_ms, Some((offset_ms, error_ms)))
        }
        Body::ClosedPositionsRead => replace(&mut state.closed_complete, true),
        Body::Unlisted(symbol) => {
            problems::listing(state, &symbol, false, received);
            state.unlisted.insert(symbol)
        }
        Body::Memory(report) => {
            problems::memory(state, &report, received);
            replace(&mut state.memory, report)
        }
        _ => false,
    }
}

/// Takes the ledger entries of today.
fn ledger_day(state: &mut Snapshot, day: LedgerDay, when: When, received: Timestamp) -> bool {
    if state.ledger.as_ref().is_some_and(|held| held.as_of > when.at_most) {
        return false;
    }
    let offset = state.clock_offset_ms.map_or(0, |(offset, _)| offset);
    let until = when.proven.plus_millis(offset);
    ledger_history::today(state, day.since, until, &day.rows, day.complete);
    problems::ledger(state, day.complete, received);
    state.ledger = Some(Stamped { value: Arc::new(day), as_of: when.proven });
    ledger_words::check(state, received);
    true
}

/// Replaces `held` by `new` and returns whether they differ.
fn replace<T: PartialEq>(held: &mut T, new: T) -> bool {
    let differs = *held != new;
    *held = new;
    differs
}

fn rules(state: &mut Snapshot, symbol: Symbol, change: impl FnOnce(&mut Rules) -> bool) -> bool {
    let all: &mut BTreeMap<Symbol, Rules> = Arc::make_mut(&mut state.rules);
    change(all.entry(symbol).or_default())
}

fn failed(state: &mut Snapshot, request: RequestKind, reason: Option<Text>) -> bool {
    match reason {
        Some(reason) => state.failures.insert(request, reason.clone()) != Some(reason),
        None => state.failures.remove(&request).is_some(),
    }
}
