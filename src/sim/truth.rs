//! What is true in the world, for those who compare it with what a client shows, and ways to move it.

use rust_decimal::Decimal;

use super::account::Trade;
use super::contracts::{index_of, spec};
use super::market::Market;
use super::world::World;
use crate::domain::Timestamp;

/// Bids and asks, best first, each a price and a size.
pub type Sides = [Vec<(Decimal, Decimal)>; 2];

/// One position as the world has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// The contract, such as `BTCUSDT`.
    pub contract: &'static str,
    /// Long or short.
    pub long: bool,
    /// Cross or isolated margin.
    pub cross: bool,
    /// Size in the base coin.
    pub size: Decimal,
    /// Average entry price.
    pub entry: Decimal,
}

impl World {
    /// Returns the positions that are open, in order.
    pub fn held(&self) -> Vec<Held> {
        let mut held: Vec<Held> = self
            .account
            .positions
            .iter()
            .map(|p| Held {
                contract: spec(p.contract).name,
                long: p.long,
                cross: p.cross,
                size: p.size,
                entry: p.entry,
            })
            .collect();
        held.sort();
        held
    }

    /// Returns the last price and the mark price of a contract; `None` for one that does not exist.
    pub fn prices(&self, contract: &str) -> Option<(Decimal, Decimal)> {
        let market = self.markets.get(index_of(contract)?)?;
        Some((market.last_price(), market.mark_price()))
    }

    /// Returns the world's time.
    pub const fn time(&self) -> Timestamp {
        Timestamp::from_millis(self.now_ms())
    }

    /// Returns the book of a contract; `None` for one that does not exist.
    pub fn depth(&self, contract: &str) -> Option<Sides> {
        let market = self.markets.get(index_of(contract)?)?;
        let spec = market.spec;
        let depth = market.depth();
        Some([depth.bids, depth.asks].map(|side| {
            side.iter().map(|(price, size)| (spec.price(*price), spec.size(*size))).collect()
        }))
    }

    /// Returns the number and the amounts of the bills since a time.
    pub fn bills_since(&self, at_ms: i64) -> Vec<(String, Decimal)> {
        let since = self.account.bills.iter().filter(|bill| bill.at_ms >= at_ms);
        since.map(|bill| (bill.id.to_string(), bill.amount)).collect()
    }

    /// Returns how many positions have been closed.
    pub const fn closed_count(&self) -> usize {
        self.account.closed.len()
    }

    /// Returns the balance without unrealized PnL.
    pub const fn wallet(&self) -> Decimal {
        self.account.wallet
    }

    /// Returns the ids of the orders that are open, in order.
    pub fn open_orders(&self) -> Vec<String> {
        let mut ids: Vec<i64> = self.account.orders.iter().map(|order| order.id).collect();
        ids.sort_unstable();
        ids.iter().map(ToString::to_string).collect()
    }

    /// Opens or increases a position at the last price, with a leverage of 10.
    pub fn open(&mut self, contract: &str, long: bool, cross: bool, size: Decimal) {
        let Some(index) = index_of(contract) else { return };
        let price = self.markets.get(index).map_or(Decimal::ONE, Market::last_price);
        let order_id = self.account.new_id();
        self.book(Trade {
            contract: index,
            long,
            closes: false,
            cross,
            leverage: 10,
            price,
            size,
            maker: false,
            liquidation: false,
            order_id,
            at_ms: self.now_ms(),
        });
    }
}
