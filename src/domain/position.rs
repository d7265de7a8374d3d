//! [`Position`]: one open position, and what identifies it.

use std::fmt;

use rust_decimal::Decimal;

use super::{AssetMode, OpenEnum, Symbol, Text, Timestamp};

/// The direction of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Profits when the price rises.
    Long,
    /// Profits when the price falls.
    Short,
}

impl Side {
    /// Returns +1 for a long and −1 for a short: the `s` of the formulas.
    pub const fn sign(self) -> Decimal {
        match self {
            Self::Long => Decimal::ONE,
            Self::Short => Decimal::NEGATIVE_ONE,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Long => "long",
            Self::Short => "short",
        })
    }
}

/// What backs a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarginMode {
    /// Its own margin alone.
    Isolated,
    /// The equity of the account, shared with all other cross positions.
    Cross,
}

impl fmt::Display for MarginMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Isolated => "isolated",
            Self::Cross => "cross",
        })
    }
}

/// Whether one contract can be held long and short at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PositionMode {
    /// One net position.
    OneWay,
    /// A long and a short side by side.
    Hedge,
}

impl fmt::Display for PositionMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::OneWay => "one_way",
            Self::Hedge => "hedge",
        })
    }
}

/// What identifies a position. The exchange's lists carry no id for open positions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PositionKey {
    /// The contract.
    pub symbol: Symbol,
    /// Long or short.
    pub side: Side,
    /// What backs it.
    pub margin_mode: OpenEnum<MarginMode>,
    /// The coin that backs it, upper case.
    pub margin_coin: Text,
}

impl fmt::Display for PositionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.symbol, self.side)
    }
}

/// One open position as the exchange reports it. Prices and amounts in USDT, sizes in base coin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// What identifies it.
    pub key: PositionKey,
    /// One-way or hedge.
    pub position_mode: Option<OpenEnum<PositionMode>>,
    /// Whether one coin or several back the account.
    pub asset_mode: Option<OpenEnum<AssetMode>>,
    /// Size, always above zero.
    pub size: Decimal,
    /// Part of the size that no closing order has locked.
    pub available: Option<Decimal>,
    /// Average entry price.
    pub entry_price: Option<Decimal>,
    /// The mark price at which the exchange computed its figures.
    pub mark_price: Option<Decimal>,
    /// The exchange's break-even price.
    pub break_even_price: Option<Decimal>,
    /// The exchange's liquidation price; `None` when it sent none, or one at or below zero.
    pub liquidation_price: Option<Decimal>,
    /// The configured leverage.
    pub leverage: Option<Decimal>,
    /// Margin of the position.
    pub margin: Option<Decimal>,
    /// The exchange's unrealized PnL, at its mark price.
    pub exchange_unrealized_pnl: Option<Decimal>,
    /// The exchange's margin ratio, a fraction; 1 means liquidation.
    pub exchange_margin_ratio: Option<Decimal>,
    /// Realized PnL of partial closes, without fees and funding.
    pub realized_pnl: Option<Decimal>,
    /// Funding so far; positive means received. Zero until the first settlement.
    pub funding_pnl: Option<Decimal>,
    /// Trading fees so far; positive means paid.
    pub fees_paid: Option<Decimal>,
    /// Maintenance margin rate of the tier, a fraction.
    pub maintenance_margin_rate: Option<Decimal>,
    /// When the exchange last changed it; orders reports among each other.
    pub updated_at: Option<Timestamp>,
    /// What only complete REST lists carry; `None` on a push, which keeps what is known.
    pub details: Option<PositionDetails>,
}

/// The parts of a position that only REST lists carry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PositionDetails {
    /// Take-profit price of the whole position.
    pub take_profit: Option<Decimal>,
    /// Stop-loss price of the whole position.
    pub stop_loss: Option<Decimal>,
    /// When it was opened.
    pub opened_at: Option<Timestamp>,
}

/// The rank of one position in the queue for automatic deleveraging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdlRank {
    /// The contract.
    pub symbol: Symbol,
    /// Long or short.
    pub side: Side,
    /// The coin that backs it, upper case; `None` where the row does not say.
    pub margin_coin: Option<Text>,
    /// 0 to 1: near 1 is the first in line.
    pub rank: Decimal,
}

impl AdlRank {
    /// Returns whether this is the rank of the position with `key`. The margin mode is a setting of the
    /// contract, so the row does not name it.
    pub fn is_of(&self, key: &PositionKey) -> bool {
        let coin = self.margin_coin.as_ref().is_none_or(|coin| *coin == key.margin_coin);
        self.symbol == key.symbol && self.side == key.side && coin
    }
}
