//! The document: every figure that the program shows, with the names that scripts rely on.
//!
//! Decimals are written as strings, times as RFC 3339 UTC with milliseconds, unknown values as
//! `null`. Fractions are fractions: 0.01 is 1 %.

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use super::figures::{HistoryPart, PnlPart, PositionRisk, RiskPart};
use crate::domain::Timestamp;

/// The version of the document's shape.
pub const SCHEMA: &str = "bitget-watch/1";

/// A time that is written as RFC 3339 UTC with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub Timestamp);

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0.as_millis()) {
            Ok(time) => write!(f, "{time:.3}"),
            Err(_) => f.write_str("?"),
        }
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match jiff::Timestamp::from_millisecond(self.0.as_millis()) {
            Ok(_) => serializer.collect_str(self),
            Err(_) => serializer.serialize_none(),
        }
    }
}

/// Where the data come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The exchange.
    Live,
    /// The embedded exchange.
    Demo,
    /// A recording.
    Replay,
}

/// How much a datum can be trusted now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// Proven within its limit.
    Live,
    /// Older than its limit: it may be wrong now.
    Stale,
    /// Never received.
    Missing,
}

/// One complete reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Document {
    /// Always [`SCHEMA`].
    pub schema: &'static str,
    /// When the reading was made, by the exchange's clock.
    pub taken_at: Time,
    /// Where the data come from.
    pub source: Source,
    /// The focus, in the user's form.
    pub symbol: String,
    /// `classic`, `unified`, `none` (no credentials) or `unknown`.
    pub account_kind: &'static str,
    /// Whether everything that was asked for is present and fresh.
    pub complete: bool,
    /// Prices of the focus.
    pub ticker: TickerPart,
    /// Open positions, the focus first.
    pub positions: PositionsPart,
    /// The account.
    pub account: AccountPart,
    /// Resting orders.
    pub orders: OrdersPart,
    /// Profit and loss of the account.
    pub pnl: PnlPart,
    /// Risk of the account.
    pub risk: RiskPart,
    /// Closed positions, results by day, and what they come to.
    pub history: HistoryPart,
    /// The links to the exchange.
    pub links: Vec<LinkPart>,
    /// Alerts that are on.
    pub alerts: Vec<AlertPart>,
    /// Conditions that the user must know of.
    pub problems: Vec<ProblemPart>,
}

/// Prices of the focus, in USDT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the contract's, and the field's")]
pub struct TickerPart {
    pub freshness: Freshness,
    pub age_ms: Option<i64>,
    pub exchange_time: Option<Time>,
    pub last: Option<Decimal>,
    pub mark: Option<Decimal>,
    pub index: Option<Decimal>,
    pub bid: Option<Decimal>,
    pub bid_size: Option<Decimal>,
    pub ask: Option<Decimal>,
    pub ask_size: Option<Decimal>,
    pub open_24h: Option<Decimal>,
    pub high_24h: Option<Decimal>,
    pub low_24h: Option<Decimal>,
    pub change_24h: Option<Decimal>,
    pub volume_24h_base: Option<Decimal>,
    pub volume_24h_quote: Option<Decimal>,
    pub open_interest: Option<Decimal>,
    pub funding_rate: Option<Decimal>,
    pub funding_interval_hours: Option<u32>,
    pub next_funding_at: Option<Time>,
}

/// Open positions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the contract's")]
pub struct PositionsPart {
    pub freshness: Freshness,
    pub age_ms: Option<i64>,
    pub unreadable_rows: u32,
    pub rows: Vec<PositionRow>,
    /// The time of the last complete list; what "no open positions" rests on.
    #[serde(skip)]
    pub confirmed_at: Option<Time>,
}

impl PositionsPart {
    /// Returns whether the rows are proven to be all there is: the list is live and was read whole.
    pub fn is_whole(&self) -> bool {
        self.freshness == Freshness::Live && self.unreadable_rows == 0
    }
}

/// One open position; money in USDT, sizes in base coin, ratios as fractions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the contract's, and the field's")]
pub struct PositionRow {
    pub symbol: String,
    pub side: &'static str,
    pub margin_mode: String,
    pub position_mode: Option<String>,
    pub size: Decimal,
    pub available: Option<Decimal>,
    pub entry_price: Option<Decimal>,
    /// The live mark price when it is fresh, else the last one known.
    pub mark_price: Option<Decimal>,
    pub break_even_price: Option<Decimal>,
    /// The exchange's; `null` when it is empty, at or below zero, or beyond 10 x mark.
    pub liquidation_price: Option<Decimal>,
    /// `|mark − liquidation| / mark`.
    pub liquidation_distance: Option<Decimal>,
    pub leverage: Option<Decimal>,
    pub margin: Option<Decimal>,
    pub notional: Option<Decimal>,
    /// Ours, at the live mark price.
    pub unrealized_pnl: Option<Decimal>,
    /// The exchange's, at the mark price of its report.
    pub exchange_unrealized_pnl: Option<Decimal>,
    pub roe: Option<Decimal>,
    pub realized_pnl: Option<Decimal>,
    /// Positive means received.
    pub funding_pnl: Option<Decimal>,
    /// Positive means paid.
    pub fees_paid: Option<Decimal>,
    pub net_pnl: Option<Decimal>,
    pub maintenance_margin_rate: Option<Decimal>,
    /// Ours, at the live mark price; 1 means liquidation.
    pub margin_ratio: Option<Decimal>,
    pub take_profit: Option<Decimal>,
    pub stop_loss: Option<Decimal>,
    /// Whether there is no such plan where none is named; else that is not known.
    #[serde(skip)]
    pub plans_known: bool,
    pub opened_at: Option<Time>,
    pub updated_at: Option<Time>,
    /// What may become of it.
    pub risk: PositionRisk,
    /// Whether the figures that move with the price are as fresh as they must be.
    #[serde(skip)]
    pub freshness: Freshness,
    /// Age of the oldest input of the figures that move with the price.
    #[serde(skip)]
    pub age_ms: Option<i64>,
    /// Whether this row is of the focus symbol.
    #[serde(skip)]
    pub is_focus: bool,
    /// Decimals of a price of this contract, for the screen.
    #[serde(skip)]
    pub price_places: Option<u32>,
    /// Decimals of a size of this contract, for the screen.
    #[serde(skip)]
    pub size_places: Option<u32>,
    /// The base coin, for the screen.
    #[serde(skip)]
    pub base_coin: Option<String>,
}

/// The account; money in `margin_coin`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the contract's, and the field's")]
pub struct AccountPart {
    pub freshness: Freshness,
    pub age_ms: Option<i64>,
    pub margin_coin: Option<String>,
    /// Moved by the live mark price.
    pub equity: Option<Decimal>,
    pub available: Option<Decimal>,
    pub locked: Option<Decimal>,
    pub unrealized_pnl: Option<Decimal>,
    pub initial_margin: Option<Decimal>,
    pub maintenance_margin: Option<Decimal>,
    pub margin_ratio: Option<Decimal>,
    pub effective_leverage: Option<Decimal>,
    pub asset_mode: Option<String>,
    /// Freshness of the figures that move with the price, as old as their oldest input.
    #[serde(skip)]
    pub derived: Freshness,
    /// Age of the oldest input of those figures.
    #[serde(skip)]
    pub derived_age_ms: Option<i64>,
}

/// Resting orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the contract's")]
pub struct OrdersPart {
    pub freshness: Freshness,
    pub age_ms: Option<i64>,
    pub rows: Vec<OrderRow>,
    /// Rows that could not be read.
    #[serde(skip)]
    pub unreadable_rows: u32,
}

impl OrdersPart {
    /// Returns whether the rows are proven to be all there is: the lists are live and were read whole.
    pub fn is_whole(&self) -> bool {
        self.freshness == Freshness::Live && self.unreadable_rows == 0
    }
}

/// One resting order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the contract's, and the field's")]
pub struct OrderRow {
    pub symbol: String,
    pub order_id: String,
    /// Real direction.
    pub side: Option<&'static str>,
    pub position_side: Option<&'static str>,
    pub reduce_only: Option<bool>,
    pub kind: String,
    pub price: Option<Decimal>,
    pub trigger_price: Option<Decimal>,
    /// `null` for a plan over the whole position.
    pub size: Option<Decimal>,
    pub filled: Option<Decimal>,
    pub status: String,
    pub created_at: Option<Time>,
    /// Decimals of a price of this contract, for the screen.
    #[serde(skip)]
    pub price_places: Option<u32>,
}

impl OrderRow {
    /// Returns whether it rests in the book; a plan without a size closes the whole position, an order of
    /// the book does not.
    pub fn is_limit(&self) -> bool {
        self.kind == "limit"
    }
}

/// One link to the exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the contract's")]
pub struct LinkPart {
    pub name: String,
    pub state: String,
    pub since: Option<Time>,
    pub attempts: u32,
    pub last_error: Option<String>,
    pub latency_ms: Option<i64>,
    pub frames: u64,
    pub reconnects: u32,
    /// When the next attempt begins.
    #[serde(skip)]
    pub next_attempt_at: Option<Time>,
}

/// One alert that is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the contract's")]
pub struct AlertPart {
    pub metric: String,
    pub subject: String,
    pub value: Option<Decimal>,
    pub limit: Option<Decimal>,
    pub since: Time,
}

/// One condition that the user must know of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the contract's")]
pub struct ProblemPart {
    pub code: String,
    pub text: String,
    pub since: Time,
}
