//! [`Order`]: an order or plan at the exchange that may still act on a position.

use std::fmt;

use rust_decimal::Decimal;

use super::{OpenEnum, Side, Symbol, Text, Timestamp};

/// The real direction of an order: closing a long sells, whatever the wire calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderSide {
    /// Buys base coin.
    Buy,
    /// Sells base coin.
    Sell,
}

impl fmt::Display for OrderSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Buy => "buy",
            Self::Sell => "sell",
        })
    }
}

/// What an order waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderKind {
    /// Rests in the book at its price.
    Limit,
    /// Takes from the book at once.
    Market,
    /// Closes at a profit when the trigger is reached.
    TakeProfit,
    /// Closes at a loss when the trigger is reached.
    StopLoss,
    /// Becomes an order when the trigger is reached.
    Trigger,
    /// Its trigger follows the price.
    Trailing,
}

impl fmt::Display for OrderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Limit => "limit",
            Self::Market => "market",
            Self::TakeProfit => "take_profit",
            Self::StopLoss => "stop_loss",
            Self::Trigger => "trigger",
            Self::Trailing => "trailing",
        })
    }
}

/// The state of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderStatus {
    /// Open, without a fill.
    Live,
    /// Open, filled in part.
    PartiallyFilled,
    /// Filled completely.
    Filled,
    /// Canceled, refused or expired.
    Canceled,
}

impl OrderStatus {
    /// Returns whether the order may still be filled.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Live | Self::PartiallyFilled)
    }
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Live => "live",
            Self::PartiallyFilled => "partially_filled",
            Self::Filled => "filled",
            Self::Canceled => "canceled",
        })
    }
}

/// Which list of the exchange an order is in. Ids are unique within a list only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderClass {
    /// Orders of the book.
    Plain,
    /// Take-profit, stop-loss and trailing plans of positions.
    ProfitLoss,
    /// Trigger orders.
    Trigger,
    /// Trailing orders.
    Trailing,
}

impl OrderClass {
    /// Every class.
    pub const ALL: [Self; 4] = [Self::Plain, Self::ProfitLoss, Self::Trigger, Self::Trailing];
}

/// One order. Prices in USDT, sizes in base coin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The contract.
    pub symbol: Symbol,
    /// The exchange's id.
    pub order_id: Text,
    /// The list that it is in.
    pub class: OrderClass,
    /// Real direction; `None` when the row does not say.
    pub side: Option<OrderSide>,
    /// The position that it acts on; `None` in one-way mode.
    pub position_side: Option<Side>,
    /// Whether it can only reduce a position.
    pub reduce_only: Option<bool>,
    /// What it waits for.
    pub kind: OpenEnum<OrderKind>,
    /// Limit price; `None` for a market order.
    pub price: Option<Decimal>,
    /// Trigger price; `None` for an order without one.
    pub trigger_price: Option<Decimal>,
    /// Size; `None` for a plan over the whole position.
    pub size: Option<Decimal>,
    /// Filled so far.
    pub filled: Option<Decimal>,
    /// Its state.
    pub status: OpenEnum<OrderStatus>,
    /// When it was placed.
    pub created_at: Option<Timestamp>,
    /// When the exchange last changed it; orders reports among each other.
    pub updated_at: Option<Timestamp>,
    /// Trigger price of the take-profit that its fill sets up; `None` where there is none.
    pub take_profit: Option<Decimal>,
    /// Trigger price of the stop-loss that its fill sets up; `None` where there is none.
    pub stop_loss: Option<Decimal>,
}
