//! Which requests are sent how often: those of the focus, of open positions, and of the account.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::Poller;
use crate::config::RefreshConfig;
use crate::domain::{
    Body, Interval, LedgerEntry, LedgerKind, Product, RequestKind, Symbol, Timestamp,
};
use crate::exchange::Request;
use crate::store::EventKind;

/// Jobs of one start are this far apart, so that they are not sent in one burst.
const SPREAD: Duration = Duration::from_millis(40);
/// The lists of orders of other products share the limits of those of the focus's product, so they are far
/// apart for good.
const OTHERS_SPREAD: Duration = Duration::from_secs(2);
/// Candles of one request: enough for the widest chart.
const CANDLES: u16 = 500;
/// Beyond so many contracts those with orders alone are not followed: orders may rest in all contracts of
/// the exchange.
const MAX_WITH_ORDERS: usize = 12;
/// For this long after a position was closed the list of its product is read as if it were held.
const RECHECKED_MS: i64 = 15_000;
const CLOCK_EVERY: Duration = Duration::from_secs(600);
/// The list of contracts tells of a delisting, a halt or a limit to closing.
const CONTRACT_EVERY: Duration = Duration::from_secs(600);
const RULES_EVERY: Duration = Duration::from_secs(3_600);
const FUNDING_EVERY: Duration = Duration::from_secs(60);
const HISTORY_EVERY: Duration = Duration::from_secs(30);
const LEDGER_EVERY: Duration = Duration::from_secs(60);
/// While entries are not understood, so that today's result is not whole: the next answer may have words for them.
const UNREAD_LEDGER_EVERY: Duration = Duration::from_secs(15);
const CANDLES_EVERY: Duration = Duration::from_secs(30);

impl Poller {
    /// Plans all jobs, the most important first.
    pub(super) fn plan(&mut self) {
        let shared = Arc::clone(&self.shared);
        let (focus, refresh) = (shared.focus(), shared.settings.refresh);
        let mut due = shared.now();
        let mut add = |request, every| {
            self.schedule.add(request, every, due);
            due = due.after(SPREAD);
        };
        add(Request::ServerTime, CLOCK_EVERY);
        add(Request::Ticker(focus.clone()), refresh.price);
        if shared.settings.credentials.is_some() {
            add(Request::Positions(Product::UsdtFutures), refresh.positions);
            add(Request::Account, refresh.account);
            add(Request::KeyRights, CLOCK_EVERY);
            add(ledger_of_day(self.ledger_since), LEDGER_EVERY);
            add(Request::Fills, HISTORY_EVERY);
            add(Request::ClosedPositions, HISTORY_EVERY);
            add(Request::AdlRanks, HISTORY_EVERY);
            for product in Product::OTHERS {
                add(Request::Positions(product), RefreshConfig::EMPTY_POSITIONS);
            }
        }
        self.plan_orders();
        self.follow(vec![focus]);
        self.want_candles(shared.controls.interval());
    }

    /// Plans the lists of orders of the account's generation.
    pub(super) fn plan_orders(&mut self) {
        self.schedule.retain(|request| !matches!(request, Request::Orders(..)));
        let api = self.shared.private.borrow().api;
        let Some(api) = api.filter(|_| self.shared.settings.credentials.is_some()) else { return };
        let mut due = self.shared.now();
        for product in Product::ALL {
            let own = product == Product::UsdtFutures;
            let refresh = self.shared.settings.refresh;
            let every = if own { refresh.orders } else { RefreshConfig::OTHER_ORDERS };
            let apart = if own { SPREAD } else { OTHERS_SPREAD };
            for class in api.order_classes() {
                due = due.after(apart);
                self.schedule.add(Request::Orders(product, *class), every, due);
            }
        }
        self.withdraw_failures();
    }

    /// Reads a ledger with unknown words again soon.
    pub(super) fn pace_ledger(&mut self, request: &Request, bodies: &[Body]) {
        if !matches!(request, Request::Ledger { .. }) {
            return;
        }
        let is_unread = |row: &LedgerEntry| matches!(row.kind, LedgerKind::Unknown(_));
        let has_unread =
            |body: &Body| matches!(body, Body::Ledger { rows, .. } if rows.iter().any(is_unread));
        let unread = bodies.iter().any(has_unread);
        let every = if unread { UNREAD_LEDGER_EVERY } else { LEDGER_EVERY };
        self.schedule.set_cadence(request, every);
    }

    /// Withdraws the failures of polls that are no longer planned.
    fn withdraw_failures(&self) {
        self.shared.withdraw_failures(|request| {
            request.is_history()
                || *request == RequestKind::AccountKind
                || self.schedule.polls(request)
        });
    }

    /// Polls the rules of these contracts, and of no others any more.
    pub(super) fn follow(&mut self, symbols: Vec<Symbol>) {
        let mut due = self.shared.now();
        let signed = self.shared.settings.credentials.is_some();
        for symbol in symbols.iter().filter(|symbol| !self.symbols.contains(symbol)) {
            let mut add = |request, every| {
                due = due.after(SPREAD);
                self.schedule.add(request, every, due);
            };
            add(Request::Contract(symbol.clone()), CONTRACT_EVERY);
            add(Request::Funding(symbol.clone()), FUNDING_EVERY);
            add(Request::Tiers(symbol.clone()), RULES_EVERY);
            if signed {
                add(Request::FeeRate(symbol.clone()), RULES_EVERY);
            }
            let price = self.shared.settings.refresh.price;
            self.schedule.add(Request::Ticker(symbol.clone()), price, due);
        }
        self.schedule.retain(|request| request.contract().is_none_or(|s| symbols.contains(s)));
        self.symbols = symbols;
        self.withdraw_failures();
    }

    pub(super) fn want_candles(&mut self, interval: Interval) {
        let symbol = self.shared.focus();
        self.schedule.retain(|request| !matches!(request, Request::Candles { .. }));
        let request = Request::Candles { symbol, interval, limit: CANDLES };
        self.schedule.add(request, CANDLES_EVERY, self.shared.now());
        self.withdraw_failures();
    }

    /// Puts another contract in focus: what was of the one before is dropped, and everything of this one read.
    pub(super) fn move_focus(&mut self) {
        self.shared.apply(Body::Focus(self.shared.focus()));
        self.follow_held();
        self.want_candles(self.shared.controls.interval());
        self.resubscribe();
    }

    /// Follows the contracts of open positions and resting orders, with rules by REST and prices by
    /// stream: those that the store holds, whether they were listed or pushed. Of coin-margined contracts the
    /// exchange's own figures are shown, so nothing of them is followed. A product in which something is held
    /// is listed as often as that of the focus.
    pub(super) fn follow_held(&mut self) {
        let mut symbols = vec![self.shared.focus()];
        let mut held = BTreeSet::new();
        let recent = self.shared.now().plus_millis(-RECHECKED_MS);
        self.shared.store.with(|state| {
            // A list that has lost a position is read again soon: it may have been left out.
            for event in state.events.iter().take_while(|event| event.at >= recent) {
                if let EventKind::PositionClosed { key, .. } = &event.kind {
                    held.insert(key.symbol.product());
                }
            }
            for row in &state.positions.rows {
                let symbol = &row.key.symbol;
                held.insert(symbol.product());
                if symbol.product().is_linear() && !symbols.contains(symbol) {
                    symbols.push(symbol.clone());
                }
            }
            for order in &state.orders.rows {
                let symbol = &order.symbol;
                let follows = symbols.len() < MAX_WITH_ORDERS && symbol.product().is_linear();
                if follows && !symbols.contains(symbol) {
                    symbols.push(symbol.clone());
                }
            }
        });
        for product in Product::OTHERS {
            let quick = self.shared.settings.refresh.positions;
            let is_held = held.contains(&product);
            let every = if is_held { quick } else { RefreshConfig::EMPTY_POSITIONS };
            self.schedule.set_cadence(&Request::Positions(product), every);
        }
        if symbols != self.symbols {
            self.follow(symbols);
            self.resubscribe();
        }
    }

    pub(super) fn resubscribe(&self) {
        let others = self.symbols.get(1..).unwrap_or_default();
        let interval = self.shared.controls.interval();
        let focus = self.shared.focus();
        let wanted = self.shared.public.public_channels(&focus, interval, others);
        self.shared.channels.send_if_modified(|held| {
            let differs = *held != wanted;
            if differs {
                held.clone_from(&wanted);
            }
            differs
        });
    }

    /// After midnight UTC the ledger of the new day is polled.
    pub(super) fn next_day(&mut self) {
        let now = self.shared.now();
        let today = now.plus_millis(self.shared.offset_ms()).start_of_day();
        if today != self.ledger_since {
            self.ledger_since = today;
            self.schedule.retain(|request| !matches!(request, Request::Ledger { .. }));
            self.schedule.add(ledger_of_day(today), LEDGER_EVERY, now);
        }
    }
}

const fn ledger_of_day(since: Timestamp) -> Request {
    Request::Ledger { since, until: since.plus_millis(86_400_000), cursor: None }
}
