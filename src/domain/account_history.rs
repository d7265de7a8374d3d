//! The history of the account: fills and closed positions.

use rust_decimal::Decimal;

use super::{MarginMode, OpenEnum, OrderSide, Side, Symbol, Text, Timestamp};

/// A fee in its own coin; fees of different coins are never added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fee {
    /// The coin it was taken in, upper case.
    pub coin: Text,
    /// Positive means paid.
    pub paid: Decimal,
}

/// Whether a fill added liquidity or took it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Liquidity {
    /// Added.
    Maker,
    /// Took.
    Taker,
}

/// One fill of an own order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fill {
    /// The contract.
    pub symbol: Symbol,
    /// The exchange's id of the fill.
    pub trade_id: Text,
    /// The order that was filled.
    pub order_id: Option<Text>,
    /// Real direction; `None` when the row does not say.
    pub side: Option<OrderSide>,
    /// Whether it reduced a position; `None` in one-way mode, where the row does not say.
    pub closes: Option<bool>,
    /// The exchange's name of the cause of a forced fill (liquidation, deleveraging); else `None`.
    pub forced: Option<Text>,
    /// Price, USDT.
    pub price: Option<Decimal>,
    /// Size, base coin.
    pub size: Option<Decimal>,
    /// Realized PnL, without fees.
    pub realized_pnl: Option<Decimal>,
    /// Its fees, one per coin.
    pub fees: Vec<Fee>,
    /// Maker or taker; `None` when the row does not say.
    pub liquidity: Option<Liquidity>,
    /// When it happened.
    pub time: Option<Timestamp>,
}

/// A position that was closed entirely. Amounts in USDT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedPosition {
    /// The exchange's id; `None` where it sends none.
    pub id: Option<Text>,
    /// The contract.
    pub symbol: Symbol,
    /// Long or short.
    pub side: Side,
    /// Its margin mode.
    pub margin_mode: Option<OpenEnum<MarginMode>>,
    /// Average entry price.
    pub entry_price: Option<Decimal>,
    /// Average exit price.
    pub exit_price: Option<Decimal>,
    /// Closed size, base coin.
    pub size: Option<Decimal>,
    /// Realized PnL without fees and funding.
    pub realized_pnl: Option<Decimal>,
    /// Funding over its life; positive means received.
    pub funding_pnl: Option<Decimal>,
    /// Fees over its life; positive means paid.
    pub fees_paid: Option<Decimal>,
    /// `realized_pnl + funding_pnl − fees_paid`.
    pub net_pnl: Option<Decimal>,
    /// When it was opened.
    pub opened_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}
