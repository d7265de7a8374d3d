//! The world behind both generations of the API: markets and one account, moved in steps.

use rust_decimal::Decimal;

use super::account_mode::AccountMode;
use super::account_records::{ClosedPosition, Fill, Order, PlanKind, Position, Status, Trade};
use super::account_script::{AccountScript, Action};
use super::contracts::{index_of, spec};
use super::dollar_rate::DollarRate;
use super::margin_account::Account;
use super::mixed_account;
use super::products::Product;
use super::simulated_market::{self, Market, STEP_MS, last_price, mark_price, next_funding_ms};
use crate::domain::AccountKind;

const HOUR_MS: i64 = 3_600_000;

/// A change of the account that the private sockets push.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Event {
    /// Positions changed other than by price.
    Positions,
    /// The wallet changed.
    Wallet,
    Order(Order),
    Plan(Order),
    Fill(Fill),
    Closed(ClosedPosition),
    /// The account has changed its kind.
    AccountKindChanged,
}

/// The simulated markets and account.
#[derive(Debug)]
pub struct World {
    pub(super) markets: Vec<Market>,
    pub(super) account: Account,
    pub(super) mode: AccountMode,
    /// Bitcoin of the unified account.
    bitcoin: Decimal,
    /// `None` where one USDT is one dollar.
    dollar: Option<DollarRate>,
    seed: u64,
    flat: bool,
    script: Option<AccountScript>,
    start_ms: i64,
    steps: i64,
    events: Vec<Event>,
}

impl World {
    /// Returns the world of `seed` at its start, with a classic account. A flat account has no positions
    /// and opens none by itself.
    pub(super) fn new(seed: u64, start_ms: i64, flat: bool) -> Self {
        let markets = simulated_market::all(seed, start_ms);
        let account = super::initial_account::initial_account(&markets, seed, start_ms, flat);
        Self {
            account,
            markets,
            mode: AccountMode::new(AccountKind::Classic),
            bitcoin: Decimal::ZERO,
            dollar: None,
            seed,
            flat,
            script: (!flat).then(|| AccountScript::new(seed)),
            start_ms,
            steps: 0,
            events: Vec::new(),
        }
    }

    /// Returns it with an account of `kind`, which holds `bitcoin` while it is unified.
    pub(super) fn with_account_kind(mut self, kind: AccountKind, bitcoin: Decimal) -> Self {
        self.mode = AccountMode::new(kind);
        self.bitcoin = bitcoin;
        self.update_kind();
        self
    }

    /// Returns it with an account that holds contracts of all products and several coins, of which one is
    /// borrowed, and with a USDT that is not quite a dollar.
    pub(super) fn mixed(mut self) -> Self {
        mixed_account::mix(&mut self.account, &self.markets, self.start_ms, self.flat);
        self.dollar = Some(DollarRate::new(self.seed));
        self.update_dollar();
        self
    }

    /// Returns whether the account has one of this product.
    pub(super) fn holds(&self, product: Product) -> bool {
        product == Product::Usdt || self.dollar.is_some()
    }

    fn update_kind(&mut self) {
        self.account.unified = self.mode.kind == AccountKind::Unified;
        self.account.bitcoin = if self.account.unified { self.bitcoin } else { Decimal::ZERO };
    }

    fn update_dollar(&mut self) {
        self.account.usdt_usd = self.dollar.as_ref().map_or(Decimal::ONE, DollarRate::usd);
    }

    /// Adds events, in their order.
    pub(super) fn emit(&mut self, events: impl IntoIterator<Item = Event>) {
        self.events.extend(events);
    }

    /// Begins to change the kind of the account; the change completes after `lasts_ms`.
    pub(super) fn begin_kind_change(&mut self, kind: AccountKind, lasts_ms: i64) {
        self.mode.begin_change(kind, self.now_ms().saturating_add(lasts_ms));
        self.complete_due_kind_change();
    }

    /// Completes a change of kind that is in progress.
    pub(super) fn complete_kind_change(&mut self) {
        self.mode.hasten();
        self.complete_due_kind_change();
    }

    fn complete_due_kind_change(&mut self) {
        if self.mode.advance(self.now_ms()) {
            self.update_kind();
            self.events.push(Event::AccountKindChanged);
        }
    }

    /// Returns the time of the world, the exchange's time.
    pub(super) const fn now_ms(&self) -> i64 {
        self.start_ms + self.steps * STEP_MS
    }

    /// Advances the world to `now_ms`, step by step, and returns the events since the last call.
    pub(super) fn advance(&mut self, now_ms: i64) -> Vec<Event> {
        // After the machine was suspended for more than an hour, that time is skipped and not simulated.
        let behind = (now_ms - self.now_ms()) / STEP_MS;
        if behind > 36_000 {
            self.steps += behind - 1;
        }
        while self.now_ms() + STEP_MS <= now_ms {
            self.step();
        }
        std::mem::take(&mut self.events)
    }

    fn step(&mut self) {
        let before = self.now_ms();
        self.steps += 1;
        let now = self.now_ms();
        self.complete_due_kind_change();
        simulated_market::step(&mut self.markets, now);
        if let Some(dollar) = &mut self.dollar {
            dollar.step();
        }
        self.update_dollar();
        if before.div_euclid(HOUR_MS) < now.div_euclid(HOUR_MS) {
            self.charge_debts();
        }
        for contract in 0..self.markets.len() {
            if next_funding_ms(spec(contract), before) <= now {
                self.settle_funding(contract);
            }
        }
        self.match_orders();
        self.liquidate();
        let script = self.script.as_mut();
        match script.and_then(|script| script.step(&self.account, &self.markets)) {
            Some(Action::Trade(order)) => self.execute_at_market(order),
            Some(Action::Replace { order, price }) => self.replace(&order, price),
            None => {}
        }
    }

    /// Fills a market order that is never at rest, at the last price.
    fn execute_at_market(&mut self, mut order: Order) {
        let (now, price) = (self.now_ms(), self.last(order.contract));
        order.id = self.account.new_id();
        (order.created_ms, order.updated_ms) = (now, now);
        let filled = Order { status: Status::Filled, filled: order.size, ..order };
        let trade = Trade {
            contract: order.contract,
            long: order.long,
            closes: order.closes,
            cross: order.cross,
            leverage: order.leverage,
            price,
            size: order.size,
            maker: false,
            liquidation: false,
            order_id: order.id,
            at_ms: now,
        };
        self.events.extend([Event::Order(order), Event::Order(filled)]);
        self.execute(trade);
    }

    /// Cancels a resting order and places it again at `price`.
    fn replace(&mut self, order: &Order, price: Decimal) {
        self.cancel(order.id);
        let now = self.now_ms();
        self.place(Order { price, created_ms: now, updated_ms: now, ..order.clone() });
    }

    fn settle_funding(&mut self, contract: usize) {
        let Some(market) = self.markets.get(contract) else { return };
        let (rate, mark, now) = (market.funding_rate(), market.mark_price(), self.now_ms());
        if self.account.positions.iter().any(|position| position.contract == contract) {
            self.account.settle_funding(contract, rate, mark, now);
            self.events.extend([Event::Positions, Event::Wallet]);
        }
    }

    /// Fills limit orders that the price has reached, and executes triggered plans.
    fn match_orders(&mut self) {
        let reached: Vec<Order> =
            self.account.orders.iter().filter(|order| self.is_reached(order)).cloned().collect();
        for order in reached {
            self.remove_order(order.id);
            let now = self.now_ms();
            if order.plan.is_some() {
                let done = Order { status: Status::Executed, updated_ms: now, ..order.clone() };
                self.events.push(Event::Plan(done));
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
                self.events.push(Event::Order(done));
            }
            self.execute(trade);
        }
    }

    fn is_reached(&self, order: &Order) -> bool {
        let buys = order.long != order.closes;
        let mark = mark_price(&self.markets, order.contract);
        match order.plan {
            None if buys => self.last(order.contract) <= order.price,
            None => self.last(order.contract) >= order.price,
            Some(PlanKind::TakeProfit | PlanKind::Trailing) if order.long => mark >= order.trigger,
            Some(PlanKind::TakeProfit | PlanKind::Trailing) => mark <= order.trigger,
            Some(PlanKind::StopLoss | PlanKind::Trigger) if order.long => mark <= order.trigger,
            Some(PlanKind::StopLoss | PlanKind::Trigger) => mark >= order.trigger,
        }
    }

    /// Returns the size that an order executes: at most the position when it closes, and all of it for a
    /// plan that closes the whole position.
    fn size_of(&self, order: &Order) -> Decimal {
        if !order.closes {
            return order.size;
        }
        let of = |p: &&Position| {
            p.contract == order.contract && p.long == order.long && p.cross == order.cross
        };
        let open = self.account.positions.iter().find(of).map_or(Decimal::ZERO, |p| p.size);
        if order.size.is_zero() { open } else { order.size.min(open) }
    }

    fn last(&self, contract: usize) -> Decimal {
        last_price(&self.markets, contract)
    }

    fn remove_order(&mut self, id: i64) {
        self.account.orders.retain(|order| order.id != id);
    }

    /// Executes a trade and emits its events. The closing orders of a closed position are canceled.
    pub(super) fn execute(&mut self, trade: Trade) {
        let (fill, closed) = self.account.trade(trade);
        self.events.push(Event::Fill(fill));
        if let Some(closed) = closed {
            self.events.push(Event::Closed(closed));
            let closing = |order: &Order| {
                order.closes && order.contract == trade.contract && order.long == trade.long
            };
            let ended: Vec<i64> = self
                .account
                .orders
                .iter()
                .filter(|order| closing(order))
                .map(|order| order.id)
                .collect();
            for id in ended {
                self.cancel(id);
            }
        }
        self.events.extend([Event::Positions, Event::Wallet]);
    }

    /// Places an order.
    fn place(&mut self, mut order: Order) {
        order.id = self.account.new_id();
        self.account.orders.push(order.clone());
        self.events.push(if order.plan.is_some() {
            Event::Plan(order)
        } else {
            Event::Order(order)
        });
        self.events.push(Event::Positions);
    }

    /// Cancels an order.
    fn cancel(&mut self, id: i64) {
        let Some(order) = self.account.orders.iter().find(|order| order.id == id).cloned() else {
            return;
        };
        self.remove_order(id);
        let order = Order { status: Status::Canceled, updated_ms: self.now_ms(), ..order };
        self.events.push(if order.plan.is_some() {
            Event::Plan(order)
        } else {
            Event::Order(order)
        });
        self.events.push(Event::Positions);
    }

    /// Liquidates positions whose margin ratio has reached 1, at the mark price.
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
            self.execute(Trade {
                contract: position.contract,
                long: position.long,
                closes: true,
                cross: position.cross,
                leverage: position.leverage,
                price: mark_price(&self.markets, position.contract),
                size: position.size,
                maker: false,
                liquidation: true,
                order_id,
                at_ms: self.now_ms(),
            });
        }
    }

    /// Sets last, mark and index price of a contract, rounded to its tick: for tests.
    pub fn set_price(&mut self, contract: &str, price: Decimal) {
        let Some(market) = index_of(contract).and_then(|index| self.markets.get_mut(index)) else {
            return;
        };
        let ticks = (price * Decimal::from(10_i64.pow(market.spec.price_places))).round();
        market.set_price(i64::try_from(ticks).unwrap_or(market.last));
    }

    /// Places `count` resting buy orders of a contract at half its price: for tests.
    pub fn rest_orders(&mut self, contract: &str, count: usize) {
        let Some(index) = index_of(contract) else { return };
        let half = (self.last(index) / Decimal::TWO).round_dp(spec(index).price_places);
        let model = self.account.orders.iter().find(|order| order.plan.is_none()).cloned();
        let Some(model) = model else { return };
        for _ in 0..count {
            self.place(Order { contract: index, closes: false, price: half, ..model.clone() });
        }
    }

    /// Returns the events since the last call, without advancing the world.
    pub(super) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::super::products::Coin;
    use super::*;

    const START: i64 = 1_790_358_794_987;

    #[test]
    fn the_ledger_adds_up_to_the_wallet_whatever_happens() {
        let mut world =
            World::new(7, START, false).with_account_kind(AccountKind::Unified, dec!(0)).mixed();
        for minutes in 1..=30 {
            world.advance(START + minutes * 60_000);
            for coin in Coin::ALL {
                let of = world.account.ledger.iter().filter(|entry| entry.coin == coin);
                let sum: Decimal = of.map(|entry| entry.amount - entry.fee).sum();
                assert_eq!(sum, world.account.purse(coin).wallet);
            }
        }
        assert!(world.account.closed.len() > 26, "positions close now and then");
        assert!(world.account.positions.len() >= 2);
    }

    #[test]
    fn a_history_does_not_depend_on_how_often_the_world_is_advanced() {
        let (mut often, mut once) = (World::new(3, START, false), World::new(3, START, false));
        for step in 1..=6_000 {
            often.advance(START + step * 100);
        }
        once.advance(START + 600_000);
        assert_eq!(often.account.ledger, once.account.ledger);
        assert_eq!(often.markets[1].bars, once.markets[1].bars);
    }

    #[test]
    fn a_position_is_liquidated_at_the_price_that_was_published() {
        let unified = AccountKind::Unified;
        for (kind, bitcoin) in
            [(AccountKind::Classic, dec!(0.2)), (unified, dec!(0)), (unified, dec!(0.2))]
        {
            for (name, contract) in [("ETHUSDT", 1), ("SOLUSDT", 2), ("BTCUSDT", 0)] {
                let mut world = World::new(5, START, false).with_account_kind(kind, bitcoin);
                world.account.orders.clear();
                world.script = None;
                let find = |world: &World| {
                    world.account.positions.iter().find(|p| p.contract == contract).cloned()
                };
                let position = find(&world).unwrap();
                let price = world.account.liquidation(&position, &world.markets).unwrap();
                let step = if position.long { dec!(1) } else { dec!(-1) };
                world.set_price(name, price * (dec!(1) + step * dec!(0.0005)));
                world.liquidate();
                assert!(find(&world).is_some(), "{name}: still open just before {price}");
                world.set_price(name, price * (dec!(1) - step * dec!(0.0005)));
                world.liquidate();
                assert!(find(&world).is_none(), "{name}: liquidated just beyond {price}");
                assert!(world.account.fills.last().unwrap().liquidation);
            }
        }
    }

    #[test]
    fn positions_of_every_product_are_liquidated_at_the_price_that_was_published() {
        for kind in [AccountKind::Classic, AccountKind::Unified] {
            for (name, contract) in [("BTCUSDT", 0), ("BTCPERP", 4), ("BTCUSD", 5)] {
                let mut world =
                    World::new(5, START, false).with_account_kind(kind, dec!(0)).mixed();
                world.account.orders.clear();
                // Otherwise a bitcoin would fall with them, and no price of one contract alone is near.
                world.withdraw("USDT", dec!(9000));
                let mut positions = world.account.positions.iter();
                let position = positions.find(|p| p.contract == contract).unwrap().clone();
                let price = world.account.liquidation(&position, &world.markets).unwrap();
                let step = if position.long { dec!(1) } else { dec!(-1) };
                world.set_price(name, price * (dec!(1) + step * dec!(0.0005)));
                world.liquidate();
                let liquidated =
                    |world: &World| world.account.fills.iter().any(|fill| fill.liquidation);
                assert!(!liquidated(&world), "{kind} {name}: still open just before {price}");
                world.set_price(name, price * (dec!(1) - step * dec!(0.0005)));
                world.liquidate();
                // A unified account gives up its first cross position, which may save the others.
                assert!(liquidated(&world), "{kind} {name}: liquidated just beyond {price}");
            }
        }
    }

    #[test]
    fn both_sides_of_a_hedge_have_one_price_and_are_liquidated_there() {
        for kind in [AccountKind::Classic, AccountKind::Unified] {
            let mut world = World::new(5, START, false).with_account_kind(kind, dec!(0));
            world.account.orders.clear();
            for name in ["BTCUSDT", "ETHUSDT", "SOLUSDT"] {
                world.close(name);
            }
            world.open("ETHUSDT", false, true, dec!(60));
            world.open("ETHUSDT", true, true, dec!(20));
            let price = |world: &World, long: bool| {
                let mut sides = world.account.positions.iter();
                let side = sides.find(|p| p.contract == 1 && p.long == long).unwrap();
                world.account.liquidation(side, &world.markets).unwrap()
            };
            let above = price(&world, false);
            assert_eq!(price(&world, true), above, "{kind}");
            let is_open = |world: &World| world.account.fills.iter().all(|fill| !fill.liquidation);
            world.set_price("ETHUSDT", above * dec!(0.9995));
            world.liquidate();
            assert!(is_open(&world), "{kind}: still open just below {above}");
            world.set_price("ETHUSDT", above * dec!(1.0005));
            world.liquidate();
            assert!(!is_open(&world), "{kind}: liquidated just above {above}");
        }
    }

    #[test]
    fn bitcoin_backs_the_cross_positions_of_a_unified_account_only() {
        let price = |kind| {
            let world = World::new(5, START, false).with_account_kind(kind, dec!(0.1));
            let cross = world.account.positions.iter().find(|p| p.cross).unwrap();
            world.account.liquidation(cross, &world.markets).unwrap()
        };
        let (classic, unified) = (price(AccountKind::Classic), price(AccountKind::Unified));
        assert!(unified < classic * dec!(0.9), "{unified} is farther away than {classic}");
    }

    #[test]
    fn a_flat_account_stays_flat() {
        let mut world = World::new(1, START, true);
        world.advance(START + 600_000);
        assert!(world.account.positions.is_empty() && world.account.orders.is_empty());
    }
}
