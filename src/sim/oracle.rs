//! The state of the world as a test oracle, for comparison with what a client shows, and ways to change it.

use rust_decimal::Decimal;

use super::account_records::Trade;
use super::contracts::{index_of, spec};
use super::margin;
use super::margin_account::Account;
use super::simulated_market::last_price;
use super::world::World;
use crate::domain::Timestamp;

/// Bids and asks, best first, each a price and a size.
pub type Sides = [Vec<(Decimal, Decimal)>; 2];

/// An open position of the simulated account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OraclePosition {
    /// The contract, such as `BTCUSDT`.
    pub contract: &'static str,
    /// Long, not short.
    pub long: bool,
    /// Cross margin, not isolated.
    pub cross: bool,
    /// Size in base coin.
    pub size: Decimal,
    /// Average entry price.
    pub entry: Decimal,
}

impl OraclePosition {
    /// Returns the unrealized PnL in USDT at a mark price, by the arithmetic of this exchange.
    pub fn unrealized_pnl(&self, mark: Decimal) -> Decimal {
        margin::unrealized_pnl(self.long, self.size, self.entry, mark)
    }
}

impl World {
    /// Returns the open positions, sorted.
    pub fn positions(&self) -> Vec<OraclePosition> {
        let mut positions: Vec<OraclePosition> = self
            .account
            .positions
            .iter()
            .map(|p| OraclePosition {
                contract: spec(p.contract).name,
                long: p.long,
                cross: p.cross,
                size: p.size,
                entry: p.entry,
            })
            .collect();
        positions.sort();
        positions
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

    /// Returns id and amount of the ledger entries since a time.
    pub fn ledger_since(&self, at_ms: i64) -> Vec<(String, Decimal)> {
        let since = self.account.ledger.iter().filter(|entry| entry.at_ms >= at_ms);
        since.map(|entry| (entry.id.to_string(), entry.amount)).collect()
    }

    /// Returns how many positions have been closed.
    pub const fn closed_count(&self) -> usize {
        self.account.closed.len()
    }

    /// Returns the equity of the account in USDT, by the arithmetic of this exchange: the wallet, the
    /// unrealized PnL of all positions, and the bitcoin of a unified account.
    pub fn equity(&self) -> Decimal {
        let bitcoin = self.account.bitcoin * Account::bitcoin_price(&self.markets);
        self.account.equity(&self.markets) + bitcoin
    }

    /// Returns the unrealized PnL of all positions in USDT, by the arithmetic of this exchange.
    pub fn unrealized_pnl(&self) -> Decimal {
        self.account.pnl(&self.markets)
    }

    /// Returns the ids of the open orders, sorted.
    pub fn open_orders(&self) -> Vec<String> {
        let mut ids: Vec<i64> = self.account.orders.iter().map(|order| order.id).collect();
        ids.sort_unstable();
        ids.iter().map(ToString::to_string).collect()
    }

    /// Opens or increases a position at the last price, with a leverage of 10.
    pub fn open(&mut self, contract: &str, long: bool, cross: bool, size: Decimal) {
        let Some(index) = index_of(contract) else { return };
        let price = last_price(&self.markets, index);
        let order_id = self.account.new_id();
        self.execute(Trade {
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
