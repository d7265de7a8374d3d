//! The state of the world as a test oracle, for comparison with what a client shows, and ways to change it.

use rust_decimal::Decimal;

use super::account_records::{LedgerEntry, Trade};
use super::contracts::{index_of, spec};
use super::margin;
use super::products::{Coin, Product};
use super::simulated_market::{last_price, mark_price};
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
    /// What it needs at the mark price of the moment, in the coin of the contract.
    pub maintenance_margin: Decimal,
}

impl OraclePosition {
    /// Returns the unrealized PnL in the coin of the contract at a mark price, by the arithmetic of this
    /// exchange.
    pub fn unrealized_pnl(&self, mark: Decimal) -> Decimal {
        let contract = spec(index_of(self.contract).unwrap_or_default());
        margin::unrealized_pnl(contract, self.long, self.size, self.entry, mark)
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
                maintenance_margin: p.maintenance(mark_price(&self.markets, p.contract)),
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

    /// Returns the equity of the account, by the arithmetic of this exchange: of a unified account all its
    /// coins in US dollars, of a classic one what it has in USDT.
    pub fn equity(&self) -> Decimal {
        if self.account.unified {
            self.account.usd_equity(&self.markets)
        } else {
            self.account.equity(Coin::Usdt, &self.markets)
        }
    }

    /// Returns the unrealized PnL in that equity, by the arithmetic of this exchange.
    pub fn unrealized_pnl(&self) -> Decimal {
        if self.account.unified {
            self.account.usd_pnl(&self.markets)
        } else {
            self.account.pnl(Coin::Usdt, &self.markets)
        }
    }

    /// Returns the margin ratio of the cross positions in that equity, a fraction; liquidation is at 1.
    /// `None` without equity.
    pub fn margin_ratio(&self) -> Option<Decimal> {
        self.account.cross_ratio(Coin::Usdt, &self.markets)
    }

    /// Returns the price of the coin in which a contract pays, in the currency of the equity; `None` for a
    /// contract whose positions are not in that equity, and for one that does not exist.
    pub fn coin_price(&self, contract: &str) -> Option<Decimal> {
        let coin = spec(index_of(contract)?).product.coin();
        match (self.account.unified, coin) {
            (true, _) => Some(self.account.usd(coin, &self.markets)),
            (false, Coin::Usdt) => Some(Decimal::ONE),
            (false, Coin::Usdc | Coin::Btc) => None,
        }
    }

    /// Returns whether the account is unified.
    pub const fn is_unified(&self) -> bool {
        self.account.unified
    }

    /// Returns whether the account holds more than USDT and contracts that pay in it.
    pub fn is_mixed(&self) -> bool {
        self.holds(Product::Usdc)
    }

    /// Returns the maintenance margin of the cross positions in the equity, and the part of the equity that
    /// backs them, after haircuts.
    pub fn cross_margin(&self) -> (Decimal, Decimal) {
        let (account, markets) = (&self.account, &self.markets);
        if account.unified {
            return (account.usd_maintenance(markets), account.effective_equity(markets));
        }
        (account.cross_maintenance(Coin::Usdt, markets), account.free(Coin::Usdt, markets))
    }

    /// Returns what came into the equity so far without being earned, less what went out: all that is
    /// neither trading nor interest. What is borrowed is owed, and adds nothing.
    pub fn flows(&self) -> Decimal {
        let unified = self.account.unified;
        let is_flow = |entry: &&LedgerEntry| {
            let of_account = unified || entry.coin == Coin::Usdt;
            let is_earned = ["settle_interest", "borrow"].contains(&entry.kind);
            entry.contract.is_none() && !is_earned && of_account
        };
        let price = |coin| {
            if unified { self.account.usd(coin, &self.markets) } else { Decimal::ONE }
        };
        let flows = self.account.ledger.iter().filter(is_flow);
        flows.map(|entry| entry.amount * price(entry.coin)).sum()
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

    /// Closes every position of a contract at its last price.
    pub fn close(&mut self, contract: &str) {
        let Some(index) = index_of(contract) else { return };
        let open: Vec<_> =
            self.account.positions.iter().filter(|p| p.contract == index).cloned().collect();
        for position in open {
            let order_id = self.account.new_id();
            self.execute(Trade {
                contract: index,
                long: position.long,
                closes: true,
                cross: position.cross,
                leverage: position.leverage,
                price: last_price(&self.markets, index),
                size: position.size,
                maker: false,
                liquidation: false,
                order_id,
                at_ms: self.now_ms(),
            });
        }
    }
}
