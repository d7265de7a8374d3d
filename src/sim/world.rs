//! The world behind both generations of the API: markets and one account, moved in steps.

use rust_decimal::Decimal;

use super::account::{Account, Closed, Fill, Order, PlanKind, Status, Trade, mark};
use super::contracts::{index_of, spec};
use super::kind::Kind;
use super::life::Life;
use super::market::{self, Market, STEP_MS, next_funding_ms};
use crate::domain::AccountKind;

/// What the private stream tells.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Happened {
    /// Positions changed other than by price.
    Positions,
    /// The wallet changed.
    Wallet,
    Order(Order),
    Plan(Order),
    Fill(Fill),
    Closed(Closed),
    /// The account has become one of the other kind.
    Switched,
}

/// Markets and account.
#[derive(Debug)]
pub struct World {
    pub(super) markets: Vec<Market>,
    pub(super) account: Account,
    pub(super) kind: Kind,
    /// Bitcoins of the unified account.
    bitcoin: Decimal,
    life: Option<Life>,
    start_ms: i64,
    steps: i64,
    happened: Vec<Happened>,
}

impl World {
    /// Returns the world of `seed` at its beginning, of a classic account. A flat one holds nothing and
    /// opens nothing.
    pub(super) fn new(seed: u64, start_ms: i64, flat: bool) -> Self {
        let markets = market::all(seed, start_ms);
        let account = super::history::begin(&markets, seed, start_ms, flat);
        Self {
            account,
            markets,
            kind: Kind::new(AccountKind::Classic),
            bitcoin: Decimal::ZERO,
            life: (!flat).then(|| Life::new(seed)),
            start_ms,
            steps: 0,
            happened: Vec::new(),
        }
    }

    /// Returns it with an account of this kind, which holds so many bitcoins while it is unified.
    pub(super) fn of_kind(mut self, kind: AccountKind, bitcoin: Decimal) -> Self {
        self.kind = Kind::new(kind);
        self.bitcoin = bitcoin;
        self.hold_bitcoin();
        self
    }

    fn hold_bitcoin(&mut self) {
        let unified = self.kind.now == AccountKind::Unified;
        self.account.bitcoin = if unified { self.bitcoin } else { Decimal::ZERO };
    }

    /// Begins to make the account one of the other kind; it is one when `lasts_ms` are over.
    pub(super) fn change_kind(&mut self, kind: AccountKind, lasts_ms: i64) {
        self.kind.begin(kind, self.now_ms().saturating_add(lasts_ms));
        self.end_change();
    }

    /// Ends a change of kind that is under way.
    pub(super) fn hasten_change(&mut self) {
        self.kind.hasten();
        self.end_change();
    }

    fn end_change(&mut self) {
        if self.kind.advance(self.now_ms()) {
            self.hold_bitcoin();
            self.happened.push(Happened::Switched);
        }
    }

    /// Returns the world's time.
    pub(super) const fn now_ms(&self) -> i64 {
        self.start_ms + self.steps * STEP_MS
    }

    /// Moves the world up to `now_ms`, step by step, and returns what happened.
    pub(super) fn advance(&mut self, now_ms: i64) -> Vec<Happened> {
        // After a long sleep of the machine the past is skipped, not lived through.
        let behind = (now_ms - self.now_ms()) / STEP_MS;
        if behind > 36_000 {
            self.steps += behind - 1;
        }
        while self.now_ms() + STEP_MS <= now_ms {
            self.step();
        }
        std::mem::take(&mut self.happened)
    }

    fn step(&mut self) {
        let before = self.now_ms();
        self.steps += 1;
        let now = self.now_ms();
        self.end_change();
        market::step(&mut self.markets, now);
        for contract in 0..self.markets.len() {
            if next_funding_ms(spec(contract), before) <= now {
                self.settle_funding(contract);
            }
        }
        self.match_orders();
        self.liquidate();
        if let Some(mut life) = self.life.take() {
            life.step(self);
            self.life = Some(life);
        }
    }

    fn settle_funding(&mut self, contract: usize) {
        let Some(market) = self.markets.get(contract) else { return };
        let (rate, mark, now) = (market.funding_rate(), market.mark_price(), self.now_ms());
        if self.account.positions.iter().any(|position| position.contract == contract) {
            self.account.settle_funding(contract, rate, mark, now);
            self.happened.extend([Happened::Positions, Happened::Wallet]);
        }
    }

    /// Fills limits that the price has reached and sets off plans that it has triggered.
    fn match_orders(&mut self) {
        let reached: Vec<Order> =
            self.account.orders.iter().filter(|order| self.is_reached(order)).cloned().collect();
        for order in reached {
            self.take_out(order.id);
            let now = self.now_ms();
            if order.plan.is_some() {
                let done = Order { status: Status::Executed, updated_ms: now, ..order.clone() };
                self.happened.push(Happened::Plan(done));
            }
            let price = if order.market { self.last(order.contract) } else { order.price };
            let size = self.size_of(&order);
            if size.is_zero() {
                continue;
            }
            let trade = Trade {
                contract: order.contract,
                long: order.long,
                closes: order.closes,
                cross: order.cross,
                leverage: order.leverage,
                price,
                size,
                maker: !order.market,
                liquidation: false,
                order_id: order.id,
                at_ms: now,
            };
            if order.plan.is_none() {
                let done = Order { status: Status::Filled, filled: size, updated_ms: now, ..order };
                self.happened.push(Happened::Order(done));
            }
            self.book(trade);
        }
    }

    fn is_reached(&self, order: &Order) -> bool {
        let buys = order.long != order.closes;
        let mark = mark(&self.markets, order.contract);
        match order.plan {
            None if buys => self.last(order.contract) <= order.price,
            None => self.last(order.contract) >= order.price,
            Some(PlanKind::TakeProfit | PlanKind::Trailing) if order.long => mark >= order.trigger,
            Some(PlanKind::TakeProfit | PlanKind::Trailing) => mark <= order.trigger,
            Some(PlanKind::StopLoss | PlanKind::Trigger) if order.long => mark <= order.trigger,
            Some(PlanKind::StopLoss | PlanKind::Trigger) => mark >= order.trigger,
        }
    }

    /// A closing order takes at most what is held; a plan over the whole position takes all of it.
    fn size_of(&self, order: &Order) -> Decimal {
        if !order.closes {
            return order.size;
        }
        let of = |p: &&super::account::Position| {
            p.contract == order.contract && p.long == order.long && p.cross == order.cross
        };
        let held = self.account.positions.iter().find(of).map_or(Decimal::ZERO, |p| p.size);
        if order.size.is_zero() { held } else { order.size.min(held) }
    }

    pub(super) fn last(&self, contract: usize) -> Decimal {
        self.markets.get(contract).map_or(Decimal::ONE, Market::last_price)
    }

    fn take_out(&mut self, id: i64) {
        self.account.orders.retain(|order| order.id != id);
    }

    /// Books a trade and tells of it. Orders of a position that is gone go with it.
    pub(super) fn book(&mut self, trade: Trade) {
        let (fill, closed) = self.account.trade(trade);
        self.happened.push(Happened::Fill(fill));
        if let Some(closed) = closed {
            self.happened.push(Happened::Closed(closed));
            let gone = |order: &Order| {
                order.closes && order.contract == trade.contract && order.long == trade.long
            };
            let ended: Vec<i64> = self
                .account
                .orders
                .iter()
                .filter(|order| gone(order))
                .map(|order| order.id)
                .collect();
            for id in ended {
                self.cancel(id);
            }
        }
        self.happened.extend([Happened::Positions, Happened::Wallet]);
    }

    /// Places an order.
    pub(super) fn place(&mut self, mut order: Order) {
        order.id = self.account.new_id();
        self.account.orders.push(order.clone());
        self.happened.push(if order.plan.is_some() {
            Happened::Plan(order)
        } else {
            Happened::Order(order)
        });
        self.happened.push(Happened::Positions);
    }

    /// Cancels an order.
    pub(super) fn cancel(&mut self, id: i64) {
        let Some(order) = self.account.orders.iter().find(|order| order.id == id).cloned() else {
            return;
        };
        self.take_out(id);
        let order = Order { status: Status::Canceled, updated_ms: self.now_ms(), ..order };
        self.happened.push(if order.plan.is_some() {
            Happened::Plan(order)
        } else {
            Happened::Order(order)
        });
        self.happened.push(Happened::Positions);
    }

    /// Tells the private stream of an order that is not kept, such as a market order.
    pub(super) fn tell(&mut self, order: Order) {
        self.happened.push(Happened::Order(order));
    }

    /// Takes over positions whose margin ratio has reached 1, at the mark price.
    fn liquidate(&mut self) {
        while let Some(position) = self
            .account
            .positions
            .iter()
            .find(|p| {
                self.account
                    .ratio(p, &self.markets)
                    .is_none_or(|ratio| ratio >= Decimal::ONE || ratio.is_sign_negative())
            })
            .cloned()
        {
            let order_id = self.account.new_id();
            self.book(Trade {
                contract: position.contract,
                long: position.long,
                closes: true,
                cross: position.cross,
                leverage: position.leverage,
                price: mark(&self.markets, position.contract),
                size: position.size,
                maker: false,
                liquidation: true,
                order_id,
                at_ms: self.now_ms(),
            });
        }
    }

    /// Sets the price of a contract (all three prices), on its tick grid: for tests.
    pub fn set_price(&mut self, contract: &str, price: Decimal) {
        let Some(market) = index_of(contract).and_then(|index| self.markets.get_mut(index)) else {
            return;
        };
        let ticks = (price * Decimal::from(10_i64.pow(market.spec.price_places))).round();
        market.set_price(i64::try_from(ticks).unwrap_or(market.last));
    }

    /// Places so many resting buys of a contract at half its price: for tests.
    pub fn rest_orders(&mut self, contract: &str, count: usize) {
        let Some(index) = index_of(contract) else { return };
        let half = (self.last(index) / Decimal::TWO).round_dp(spec(index).price_places);
        let model = self.account.orders.iter().find(|order| order.plan.is_none()).cloned();
        let Some(model) = model else { return };
        for _ in 0..count {
            self.place(Order { contract: index, closes: false, price: half, ..model.clone() });
        }
    }

    /// Closes every position of a contract at its last price: for tests.
    pub fn close(&mut self, contract: &str) {
        let Some(index) = index_of(contract) else { return };
        let held: Vec<_> =
            self.account.positions.iter().filter(|p| p.contract == index).cloned().collect();
        for position in held {
            let order_id = self.account.new_id();
            self.book(Trade {
                contract: index,
                long: position.long,
                closes: true,
                cross: position.cross,
                leverage: position.leverage,
                price: self.last(index),
                size: position.size,
                maker: false,
                liquidation: false,
                order_id,
                at_ms: self.now_ms(),
            });
        }
    }

    /// Takes what happened since the last time, without moving the world.
    pub(super) fn take_happened(&mut self) -> Vec<Happened> {
        std::mem::take(&mut self.happened)
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    const START: i64 = 1_790_358_794_987;

    #[test]
    fn the_ledger_adds_up_to_the_wallet_whatever_happens() {
        let mut world = World::new(7, START, false);
        for minutes in 1..=30 {
            world.advance(START + minutes * 60_000);
            let sum: Decimal = world.account.bills.iter().map(|bill| bill.amount - bill.fee).sum();
            assert_eq!(sum, world.account.wallet);
        }
        assert!(world.account.closed.len() > 26, "positions close now and then");
        assert!(world.account.positions.len() >= 2);
    }

    #[test]
    fn a_history_does_not_depend_on_how_it_is_watched() {
        let (mut often, mut once) = (World::new(3, START, false), World::new(3, START, false));
        for step in 1..=6_000 {
            often.advance(START + step * 100);
        }
        once.advance(START + 600_000);
        assert_eq!(often.account.bills, once.account.bills);
        assert_eq!(often.markets[1].bars, once.markets[1].bars);
    }

    #[test]
    fn a_position_is_liquidated_at_the_price_that_was_published() {
        let unified = AccountKind::Unified;
        for (kind, bitcoin) in
            [(AccountKind::Classic, dec!(0.2)), (unified, dec!(0)), (unified, dec!(0.2))]
        {
            for (name, contract) in [("ETHUSDT", 1), ("SOLUSDT", 2), ("BTCUSDT", 0)] {
                let mut world = World::new(5, START, false).of_kind(kind, bitcoin);
                world.account.orders.clear();
                world.life = None;
                let held = |world: &World| {
                    world.account.positions.iter().find(|p| p.contract == contract).cloned()
                };
                let position = held(&world).unwrap();
                let price = world.account.liquidation(&position, &world.markets).unwrap();
                let step = if position.long { dec!(1) } else { dec!(-1) };
                world.set_price(name, price * (dec!(1) + step * dec!(0.0005)));
                world.liquidate();
                assert!(held(&world).is_some(), "{name}: still held just before {price}");
                world.set_price(name, price * (dec!(1) - step * dec!(0.0005)));
                world.liquidate();
                assert!(held(&world).is_none(), "{name}: gone just beyond {price}");
                assert!(world.account.fills.last().unwrap().liquidation);
            }
        }
    }

    #[test]
    fn bitcoins_back_the_cross_positions_of_a_unified_account_alone() {
        let price = |kind| {
            let world = World::new(5, START, false).of_kind(kind, dec!(0.1));
            let cross = world.account.positions.iter().find(|p| p.cross).unwrap();
            world.account.liquidation(cross, &world.markets).unwrap()
        };
        let (classic, unified) = (price(AccountKind::Classic), price(AccountKind::Unified));
        assert!(unified < classic * dec!(0.9), "{unified} is farther away than {classic}");
    }

    #[test]
    fn a_flat_world_holds_nothing() {
        let mut world = World::new(1, START, true);
        world.advance(START + 600_000);
        assert!(world.account.positions.is_empty() && world.account.orders.is_empty());
    }
}
