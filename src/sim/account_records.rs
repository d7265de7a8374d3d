//! The records of an account: positions, orders, fills, closed positions, ledger entries.

use rust_decimal::Decimal;

use super::contracts::spec;
use super::margin;
use super::products::{Coin, Product};

/// An open position. Money in the coin of its contract, sizes in base coin.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Position {
    pub(super) id: i64,
    pub(super) contract: usize,
    pub(super) long: bool,
    pub(super) cross: bool,
    pub(super) leverage: u32,
    pub(super) size: Decimal,
    pub(super) entry: Decimal,
    /// The margin of an isolated position; of a cross position the margin it was opened with.
    pub(super) margin: Decimal,
    pub(super) realized: Decimal,
    /// `None` until the first settlement.
    pub(super) funding: Option<Decimal>,
    pub(super) fees: Decimal,
    pub(super) take_profit: Option<Decimal>,
    pub(super) stop_loss: Option<Decimal>,
    pub(super) opened_ms: i64,
    pub(super) updated_ms: i64,
    /// Totals over the life of the position, for its history.
    pub(super) opened_size: Decimal,
    pub(super) closed_size: Decimal,
    pub(super) closed_value: Decimal,
    pub(super) open_fees: Decimal,
    pub(super) close_fees: Decimal,
}

/// The state of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Live,
    Filled,
    Canceled,
    /// A plan that was triggered.
    Executed,
}

/// The kind of a plan order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlanKind {
    TakeProfit,
    StopLoss,
    Trigger,
    Trailing,
}

/// A resting order, or a plan order where `plan` is set.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own on the wire")]
pub(super) struct Order {
    pub(super) id: i64,
    pub(super) contract: usize,
    pub(super) long: bool,
    pub(super) closes: bool,
    pub(super) market: bool,
    pub(super) price: Decimal,
    /// Zero for a plan that closes the whole position.
    pub(super) size: Decimal,
    pub(super) filled: Decimal,
    pub(super) leverage: u32,
    pub(super) cross: bool,
    pub(super) plan: Option<PlanKind>,
    pub(super) trigger: Decimal,
    pub(super) status: Status,
    pub(super) created_ms: i64,
    pub(super) updated_ms: i64,
    /// Take-profit and stop-loss of the position that the order opens.
    pub(super) preset: Option<(Decimal, Decimal)>,
}

/// A fill.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own on the wire")]
pub(super) struct Fill {
    pub(super) id: i64,
    pub(super) order_id: i64,
    pub(super) contract: usize,
    pub(super) long: bool,
    pub(super) closes: bool,
    pub(super) maker: bool,
    pub(super) liquidation: bool,
    pub(super) price: Decimal,
    pub(super) size: Decimal,
    pub(super) profit: Decimal,
    /// Positive when paid.
    pub(super) fee: Decimal,
    pub(super) at_ms: i64,
}

/// A closed position.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ClosedPosition {
    pub(super) position: Position,
    pub(super) exit: Decimal,
    pub(super) at_ms: i64,
}

/// A movement of the wallet by `amount − fee`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LedgerEntry {
    pub(super) id: i64,
    /// `None` for what does not come from trading.
    pub(super) contract: Option<usize>,
    pub(super) coin: Coin,
    pub(super) amount: Decimal,
    pub(super) fee: Decimal,
    pub(super) kind: &'static str,
    pub(super) balance: Decimal,
    pub(super) at_ms: i64,
}

/// A trade to be executed.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own on the wire")]
pub(super) struct Trade {
    pub(super) contract: usize,
    pub(super) long: bool,
    pub(super) closes: bool,
    pub(super) cross: bool,
    pub(super) leverage: u32,
    pub(super) price: Decimal,
    pub(super) size: Decimal,
    pub(super) maker: bool,
    pub(super) liquidation: bool,
    pub(super) order_id: i64,
    pub(super) at_ms: i64,
}

impl Position {
    pub(super) const fn sign(&self) -> Decimal {
        if self.long { Decimal::ONE } else { Decimal::NEGATIVE_ONE }
    }

    /// Returns the coin of its margin, PnL and fees.
    pub(super) fn coin(&self) -> Coin {
        spec(self.contract).product.coin()
    }

    pub(super) fn pnl(&self, mark: Decimal) -> Decimal {
        margin::unrealized_pnl(spec(self.contract), self.long, self.size, self.entry, mark)
    }

    /// Returns its value in its coin.
    pub(super) fn value(&self, mark: Decimal) -> Decimal {
        margin::value(spec(self.contract), self.size, self.entry, mark)
    }

    pub(super) fn maintenance(&self, mark: Decimal) -> Decimal {
        margin::maintenance_of(spec(self.contract), self.size, self.entry, mark)
    }

    /// Returns the maintenance rate of its tier.
    pub(super) fn rate(&self, mark: Decimal) -> Decimal {
        margin::rate_of(spec(self.contract), self.size, self.entry, mark)
    }

    /// Returns the price at which closing makes the whole result zero; `None` for an inverse position.
    pub(super) fn break_even(&self) -> Option<Decimal> {
        if spec(self.contract).product == Product::Coin {
            return None;
        }
        let net = self.realized + self.funding.unwrap_or_default() - self.fees;
        margin::break_even(self.sign(), self.size, self.entry, net)
    }
}

impl ClosedPosition {
    /// Returns the realized result of the position after fees and funding.
    pub(super) fn net(&self) -> Decimal {
        let of = &self.position;
        of.realized + of.funding.unwrap_or_default() - of.open_fees - of.close_fees
    }
}
