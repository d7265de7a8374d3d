//! The rules of a contract: steps, fees, tiers and funding.

use rust_decimal::Decimal;

use super::{Symbol, Text, Timestamp};

/// The trading rules of one contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// The contract.
    pub symbol: Symbol,
    /// Decimals of a price.
    pub price_places: u32,
    /// Smallest change of a price, quote currency.
    pub price_step: Option<Decimal>,
    /// Decimals of a size.
    pub size_places: u32,
    /// Smallest change of a size, base coin.
    pub size_step: Option<Decimal>,
    /// Fee rates before any discount of the account.
    pub default_fees: Option<FeeRate>,
    /// Highest leverage.
    pub max_leverage: Option<Decimal>,
    /// Hours between two fundings.
    pub funding_interval_hours: Option<u32>,
    /// The exchange's name of its state, `normal` while it trades.
    pub status: Option<Text>,
    /// When it is to be delisted, by the exchange's clock; `None` while that is not planned.
    pub off_at: Option<Timestamp>,
    /// From when on positions can only be closed, by the exchange's clock; `None` while that is not planned.
    pub limit_open_at: Option<Timestamp>,
}

/// Fee rates as fractions of the notional; positive means paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeeRate {
    /// Rate of an order that added liquidity.
    pub maker: Decimal,
    /// Rate of an order that took liquidity.
    pub taker: Decimal,
}

/// One step of the maintenance margin table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// Notional above which the tier begins, USDT.
    pub start: Decimal,
    /// Notional up to which the tier reaches, USDT.
    pub end: Decimal,
    /// Highest leverage in this tier.
    pub max_leverage: Option<Decimal>,
    /// Maintenance margin rate, a fraction.
    pub maintenance_margin_rate: Decimal,
}

/// The funding of one contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundingInfo {
    /// The contract.
    pub symbol: Symbol,
    /// Estimated rate of the next funding, a fraction per interval; positive means longs pay.
    pub rate: Option<Decimal>,
    /// Hours between two fundings.
    pub interval_hours: Option<u32>,
    /// Time of the next funding.
    pub next_at: Option<Timestamp>,
}
