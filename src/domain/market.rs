//! Candles, the order book and public trades.

use std::fmt;

use rust_decimal::Decimal;

use super::{OrderSide, Text, Timestamp};

/// The span of one candle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Interval {
    /// One minute.
    #[default]
    Min1,
    /// Five minutes.
    Min5,
    /// Fifteen minutes.
    Min15,
    /// One hour.
    Hour1,
    /// Four hours.
    Hour4,
    /// One day, from 00:00 UTC.
    Day1,
}

impl Interval {
    /// Every interval, shortest first.
    pub const ALL: [Self; 6] =
        [Self::Min1, Self::Min5, Self::Min15, Self::Hour1, Self::Hour4, Self::Day1];

    /// Returns the length in milliseconds.
    pub const fn as_millis(self) -> i64 {
        match self {
            Self::Min1 => 60_000,
            Self::Min5 => 300_000,
            Self::Min15 => 900_000,
            Self::Hour1 => 3_600_000,
            Self::Hour4 => 14_400_000,
            Self::Day1 => 86_400_000,
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Min1 => "1m",
            Self::Min5 => "5m",
            Self::Min15 => "15m",
            Self::Hour1 => "1h",
            Self::Hour4 => "4h",
            Self::Day1 => "1d",
        })
    }
}

/// One candle. The newest one of a series is still being built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candle {
    /// Start of the span.
    pub start: Timestamp,
    /// First price.
    pub open: Decimal,
    /// Highest price.
    pub high: Decimal,
    /// Lowest price.
    pub low: Decimal,
    /// Last price so far.
    pub close: Decimal,
    /// Volume in base coin; `None` for the mark price, which has none.
    pub volume: Option<Decimal>,
}

/// One price level of a book: price in quote currency, size in base coin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// Price.
    pub price: Decimal,
    /// Size at that price.
    pub size: Decimal,
}

/// The visible part of an order book.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Book {
    /// Best bid first.
    pub bids: Vec<Level>,
    /// Best ask first.
    pub asks: Vec<Level>,
    /// Time of the matching engine.
    pub exchange_time: Option<Timestamp>,
}

impl Book {
    /// Returns whether the levels are in order and the sides do not cross.
    pub fn is_valid(&self) -> bool {
        let best = self.bids.first().zip(self.asks.first());
        best.is_none_or(|(bid, ask)| bid.price < ask.price)
            && self.bids.is_sorted_by(|a, b| a.price > b.price)
            && self.asks.is_sorted_by(|a, b| a.price < b.price)
    }
}

/// One public trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trade {
    /// The exchange's id; `None` when the row does not say.
    pub id: Option<Text>,
    /// Price.
    pub price: Decimal,
    /// Size in base coin.
    pub size: Decimal,
    /// Side of the taker; `None` when the row does not say.
    pub taker_side: Option<OrderSide>,
    /// Time of the trade.
    pub time: Timestamp,
}
