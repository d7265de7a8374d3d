//! [`Ticker`]: the prices of one contract.

use rust_decimal::Decimal;

use super::{Symbol, Timestamp};

/// The last known prices of one contract. Prices in quote currency (USDT), sizes in base coin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticker {
    /// The contract.
    pub symbol: Symbol,
    /// Price of the last trade.
    pub last: Option<Decimal>,
    /// Mark price: what PnL, margin and liquidation are computed from.
    pub mark: Option<Decimal>,
    /// Index price.
    pub index: Option<Decimal>,
    /// Best bid.
    pub bid: Option<Decimal>,
    /// Size at the best bid.
    pub bid_size: Option<Decimal>,
    /// Best ask.
    pub ask: Option<Decimal>,
    /// Size at the best ask.
    pub ask_size: Option<Decimal>,
    /// Price 24 hours ago.
    pub open_24h: Option<Decimal>,
    /// Highest price of the last 24 hours.
    pub high_24h: Option<Decimal>,
    /// Lowest price of the last 24 hours.
    pub low_24h: Option<Decimal>,
    /// Change over 24 hours as a fraction: 0.01 is +1 %.
    pub change_24h: Option<Decimal>,
    /// Volume of 24 hours in base coin.
    pub volume_24h_base: Option<Decimal>,
    /// Volume of 24 hours in quote currency.
    pub volume_24h_quote: Option<Decimal>,
    /// Open interest in base coin.
    pub open_interest: Option<Decimal>,
    /// Estimated rate of the next funding, a fraction per interval; positive means longs pay.
    pub funding_rate: Option<Decimal>,
    /// Time of the next funding.
    pub next_funding_at: Option<Timestamp>,
    /// The exchange's time of these prices; orders tickers among each other.
    pub exchange_time: Option<Timestamp>,
}

impl Ticker {
    /// Returns a ticker without any price.
    pub const fn unknown(symbol: Symbol) -> Self {
        Self {
            symbol,
            last: None,
            mark: None,
            index: None,
            bid: None,
            bid_size: None,
            ask: None,
            ask_size: None,
            open_24h: None,
            high_24h: None,
            low_24h: None,
            change_24h: None,
            volume_24h_base: None,
            volume_24h_quote: None,
            open_interest: None,
            funding_rate: None,
            next_funding_at: None,
            exchange_time: None,
        }
    }
}
