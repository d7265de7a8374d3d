//! [`Report`]: every figure of one moment, typed, with its age. Nothing here is a text for the screen.
//!
//! Money is in USDT unless a field says otherwise, sizes are in base coin, ratios are fractions. `None` is
//! what is not known or does not apply; no field holds a made-up zero.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::Age;
use super::alert::Alert;
use super::figures::{HistoryPart, PnlPart, PositionRisk, RiskPart};
use crate::domain::{
    AccountKind, AssetMode, Book, CoinBalance, Contract, Fill, KeyRights, MemoryReport, OpenEnum,
    Order, PositionKey, PositionMode, Product, RequestKind, Symbol, Text, Timestamp, Trade,
};
use crate::store::{CandleSeries, Event, LedgerHistory, LinkStatus, Problem, Rules};

/// Where the data come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The exchange.
    Live,
    /// The embedded exchange.
    Demo,
    /// A recording.
    Replay,
}

/// Whose account is watched, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountStatus {
    /// No credentials: market data only.
    NoCredentials,
    /// The exchange has not said yet of what kind it is, or the answer does not hold any more.
    Unknown,
    /// An account of this kind.
    Known(AccountKind),
}

/// One complete reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// When the reading was made, local time: what all ages and link times are counted by.
    pub now: Timestamp,
    /// The same moment by the exchange's clock.
    pub taken_at: Timestamp,
    /// The exchange's clock minus ours and the bound of its error, in milliseconds; `None` until measured.
    pub clock_offset_ms: Option<(i64, i64)>,
    /// Where the data come from.
    pub source: Source,
    /// The focus.
    pub focus: Symbol,
    /// Whether the exchange has said that it does not list the focus.
    pub focus_unlisted: bool,
    /// Whose account is watched.
    pub account_kind: AccountStatus,
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
    /// Rules of the contracts, for the decimals of their prices and sizes.
    pub rules: Arc<BTreeMap<Symbol, Rules>>,
    /// Candles of the focus.
    pub candles: Arc<CandleSeries>,
    /// What is offered in the market of the focus, and what was traded there last.
    pub market: MarketPart,
    /// Own fills, newest first.
    pub fills: Arc<Vec<Fill>>,
    /// What happened, newest first; local times.
    pub events: Arc<Vec<Event>>,
    /// The links to the exchange; local times.
    pub links: Vec<LinkStatus>,
    /// What the key may do.
    pub key_rights: Option<KeyRights>,
    /// The last failure of each request, until that same request succeeds.
    pub failures: BTreeMap<RequestKind, Text>,
    /// Alerts that are on, the gravest first, of equal ones the newest.
    pub alerts: Vec<Alert>,
    /// Conditions that the user must know of, the most pressing first; local times.
    pub problems: Vec<Problem>,
    /// Ledger entries of the last 30 days.
    pub ledger: Arc<LedgerHistory>,
    /// What the memory of earlier runs holds.
    pub memory: Arc<MemoryReport>,
}

impl Report {
    /// Returns the rules of a contract, where they are known.
    pub fn contract(&self, symbol: &Symbol) -> Option<&Contract> {
        self.rules.get(symbol)?.contract.as_ref()
    }

    /// Returns a local time by the exchange's clock, as far as that is known.
    pub fn exchange_time(&self, local: Timestamp) -> Timestamp {
        local.plus_millis(self.clock_offset_ms.map_or(0, |(offset, _)| offset))
    }

    /// Returns whether private data are asked for at all.
    pub fn has_credentials(&self) -> bool {
        self.account_kind != AccountStatus::NoCredentials
    }

    /// Returns whether it is proven at `now` (local time) that there is no open position.
    pub fn is_flat(&self, now: Timestamp) -> bool {
        self.positions.rows.is_empty() && self.positions.is_whole(now)
    }
}

/// Prices of the focus, in USDT.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the contract's, and the field's")]
pub struct TickerPart {
    pub age: Age,
    pub exchange_time: Option<Timestamp>,
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
    /// By the exchange's clock.
    pub next_funding_at: Option<Timestamp>,
}

/// The order book and the public trades of the focus; prices in quote currency, sizes in base coin.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MarketPart {
    /// The order book, whole and in sequence; `None` while there is none, as after a cut.
    pub book: Option<Arc<Book>>,
    /// Of the book: since anything was heard on its connection. Stale as soon as the prices contradict it.
    pub book_age: Age,
    /// Local time of the last change of the book.
    pub book_changed_at: Option<Timestamp>,
    /// The last public trades, newest first; empty before the first.
    pub trades: Arc<Vec<Trade>>,
    /// Of the list of trades: since anything was heard on its connection. Each trade has its own time besides.
    pub trades_age: Age,
}

/// Open positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionsPart {
    /// Of the list of USDT-M.
    pub age: Age,
    /// Rows of the last lists, of all products, that could not be read.
    pub unreadable_rows: u32,
    /// The rows, those of the focus first.
    pub rows: Vec<PositionRow>,
    /// Local time of the last complete list of USDT-M; what "no open positions" rests on.
    pub confirmed_at: Option<Timestamp>,
    /// Age of the list of each other product.
    pub others: Vec<(Product, Age)>,
}

impl PositionsPart {
    /// Returns whether the rows are proven to be all there is at `now` (local time): the lists of all
    /// products are live and were read whole.
    pub fn is_whole(&self, now: Timestamp) -> bool {
        self.unreadable_rows == 0 && self.listed(now).len() == Product::ALL.len()
    }

    /// Returns the age of the list of a product.
    pub fn age_of(&self, product: Product) -> Age {
        let found = self.others.iter().find(|(of, _)| *of == product);
        let unknown = if product == Product::UsdtFutures { self.age } else { Age::MISSING };
        found.map_or(unknown, |(_, age)| *age)
    }

    /// Returns the products whose lists are live at `now` (local time): of the others nobody knows what is
    /// held.
    pub fn listed(&self, now: Timestamp) -> Vec<Product> {
        let is_live = |product: &Product| self.age_of(*product).is_live(now);
        Product::ALL.into_iter().filter(is_live).collect()
    }
}

/// One open position.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[expect(missing_docs, reason = "the names are the contract's, and the field's")]
pub struct PositionRow {
    /// What tells it from the others.
    pub key: PositionKey,
    /// Whether it is in the focus.
    pub is_focus: bool,
    pub position_mode: Option<OpenEnum<PositionMode>>,
    pub size: Decimal,
    pub available: Option<Decimal>,
    pub entry_price: Option<Decimal>,
    /// The live mark price when it is fresh, else the last one known.
    pub mark_price: Option<Decimal>,
    pub break_even_price: Option<Decimal>,
    /// The exchange's; `None` when it is empty, at or below zero, or beyond 10 x mark.
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
    pub plans_known: bool,
    /// By the exchange's clock.
    pub opened_at: Option<Timestamp>,
    /// By the exchange's clock.
    pub updated_at: Option<Timestamp>,
    /// What may become of it.
    pub risk: PositionRisk,
    /// Of the figures that move with the price: as old as their oldest input.
    pub age: Age,
    /// Decimals of a price of this contract.
    pub price_places: Option<u32>,
    /// Decimals of a size of this contract.
    pub size_places: Option<u32>,
    /// Whether margin, ratio and liquidation are ours, at the live mark price. Else they are the exchange's
    /// own, as old as its list: of coin-margined contracts all of them, of a classic account's USDC-M and under
    /// rules of margin that are not modelled all but the PnL, which moves with the mark price.
    pub modelled: bool,
    /// Whether it counts in the sums of the account.
    pub counted: bool,
    /// Worth of one unit of its settle coin in the currency of the account, by the account's report; `None`
    /// while that does not tell.
    pub settle_rate: Option<Decimal>,
}

/// The account; money in `margin_coin`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the names are the contract's, and the field's")]
pub struct AccountPart {
    /// Of the exchange's report.
    pub age: Age,
    /// Of the figures that move with the price, as old as their oldest input.
    pub derived: Age,
    pub margin_coin: Option<Text>,
    /// Moved by the live mark price.
    pub equity: Option<Decimal>,
    pub available: Option<Decimal>,
    pub locked: Option<Decimal>,
    pub unrealized_pnl: Option<Decimal>,
    pub initial_margin: Option<Decimal>,
    pub maintenance_margin: Option<Decimal>,
    pub margin_ratio: Option<Decimal>,
    pub effective_leverage: Option<Decimal>,
    pub asset_mode: Option<OpenEnum<AssetMode>>,
    /// The coins that it holds, as reported.
    pub coins: Vec<CoinBalance>,
    /// What of the equity the exchange gave to trade with, and may take back.
    pub bonus: Option<Decimal>,
    /// Trading coupons in the equity.
    pub coupon: Option<Decimal>,
    /// USD for one USDT, by the report; of unified accounts.
    pub usdt_usd: Option<Decimal>,
    /// The rules of margin that the owner chose, of unified accounts.
    pub account_level: Option<Text>,
}

/// Resting orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrdersPart {
    /// Of the lists of USDT-M.
    pub age: Age,
    /// The orders, newest first.
    pub rows: Vec<Order>,
    /// Rows that could not be read.
    pub unreadable_rows: u32,
    /// Local time of the last complete lists of USDT-M.
    pub confirmed_at: Option<Timestamp>,
    /// Age of the lists of each other product.
    pub others: Vec<(Product, Age)>,
}

impl OrdersPart {
    /// Returns the products whose lists are live at `now` (local time).
    pub fn listed(&self, now: Timestamp) -> Vec<Product> {
        let own = std::iter::once((Product::UsdtFutures, self.age));
        let live = own.chain(self.others.iter().copied()).filter(|(_, age)| age.is_live(now));
        live.map(|(product, _)| product).collect()
    }

    /// Returns whether the rows of USDT-M are proven to be all there is at `now` (local time): their lists
    /// are live, and all were read whole.
    pub fn is_whole(&self, now: Timestamp) -> bool {
        self.age.is_live(now) && self.unreadable_rows == 0
    }
}
