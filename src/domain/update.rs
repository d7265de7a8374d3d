//! [`Update`]: the one thing that feeds hand to the store.

use std::fmt;
use std::sync::Arc;

use super::{
    Account, AccountKind, AdlRank, Book, Candle, ClosedPosition, Contract, FeeRate, Fill,
    FundingInfo, Interval, KeyRights, LedgerEntry, LinkReport, Order, OrderClass, Position, Symbol,
    Text, Ticker, Tier, Timestamp, Trade,
};
use rust_decimal::Decimal;

/// Where an update came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The answer to a request.
    Rest,
    /// A push of the public stream.
    PublicPush,
    /// A push of the private stream.
    PrivatePush,
    /// The program itself (links, clock, problems).
    Local,
}

/// One change, with its two clocks: the exchange's time orders, the time of receipt ages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Where it came from.
    pub origin: Origin,
    /// Local time at which the data were known to be true: receipt of a push, *start* of a request.
    pub as_of: Timestamp,
    /// Local time of receipt.
    pub received: Timestamp,
    /// When the exchange sent it, by the exchange's clock.
    pub sent: Option<Timestamp>,
    /// The data.
    pub body: Body,
}

impl Update {
    /// Returns an update of the program itself.
    pub const fn local(now: Timestamp, body: Body) -> Self {
        Self { origin: Origin::Local, as_of: now, received: now, sent: None, body }
    }
}

/// Whether a set of rows names everything there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everything: what is absent does not exist.
    Complete,
    /// Some rows: what is absent is as it was.
    Partial,
}

/// Positions as one message carried them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionSet {
    /// Whether absent positions are closed.
    pub scope: Scope,
    /// The rows that could be read.
    pub rows: Vec<Position>,
    /// Keys that this message says are closed.
    pub closed: Vec<super::PositionKey>,
    /// How many rows could not be read. Above zero nothing is closed by absence.
    pub unreadable: u32,
}

/// Orders as one message carried them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderSet {
    /// Whether absent orders of these classes are gone.
    pub scope: Scope,
    /// The classes that the message speaks of.
    pub classes: Vec<OrderClass>,
    /// The rows that could be read.
    pub rows: Vec<Order>,
    /// How many rows could not be read. Above zero nothing is removed by absence.
    pub unreadable: u32,
}

/// An account report; a push may know less than a REST answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountUpdate {
    /// The account.
    pub account: Account,
    /// Rows that could not be read.
    pub unreadable: u32,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Prices of one contract.
    Ticker(Ticker),
    /// Candles of one contract.
    Candles {
        /// The contract.
        symbol: Symbol,
        /// Their span.
        interval: Interval,
        /// The candles, in any order.
        rows: Vec<Candle>,
    },
    /// Closed candles of the mark price of one contract.
    MarkCandles {
        /// The contract.
        symbol: Symbol,
        /// Their span.
        interval: Interval,
        /// The candles, in any order, without volume.
        rows: Vec<Candle>,
    },
    /// The order book, whole and in order; `None` when it was lost and nothing is known of it.
    Book {
        /// The contract.
        symbol: Symbol,
        /// The book.
        book: Option<Arc<Book>>,
    },
    /// Public trades, in any order.
    Trades {
        /// The contract.
        symbol: Symbol,
        /// The trades.
        rows: Vec<Trade>,
    },
    /// Open positions.
    Positions(PositionSet),
    /// The account.
    Account(AccountUpdate),
    /// Orders.
    Orders(OrderSet),
    /// Own fills, in any order.
    Fills(Vec<Fill>),
    /// Closed positions, in any order. Of the origin [`Origin::Local`] are those that were gone back for.
    ClosedPositions(Vec<ClosedPosition>),
    /// Movements of the balance, all of them since `since`.
    Ledger {
        /// From when on the list is complete.
        since: Timestamp,
        /// The movements.
        rows: Vec<LedgerEntry>,
        /// Whether the list reaches back to `since`.
        complete: bool,
    },
    /// A page of the movements of the balance of the last weeks, added to what is held.
    LedgerHistory {
        /// From when on the history is wanted.
        since: Timestamp,
        /// Up to when it was asked for.
        until: Timestamp,
        /// The movements of this page.
        rows: Vec<LedgerEntry>,
        /// Whether this was the last page: all of `since` to `until` has been read.
        complete: bool,
    },
    /// Everything that the exchange still lists of closed positions has been read.
    ClosedPositionsRead,
    /// The queue for automatic deleveraging, all open positions.
    AdlRanks(Vec<AdlRank>),
    /// Rules of one contract.
    Contract(Contract),
    /// The maintenance tiers of one contract, lowest first.
    Tiers {
        /// The contract.
        symbol: Symbol,
        /// The tiers.
        tiers: Vec<Tier>,
    },
    /// The account's own fee rates for one contract.
    FeeRate {
        /// The contract.
        symbol: Symbol,
        /// The rates.
        rate: FeeRate,
    },
    /// Funding of one contract.
    Funding(FundingInfo),
    /// What the key may do.
    KeyRights(KeyRights),
    /// The kind of the account was found out; `None` when it became unknown.
    AccountKind(Option<AccountKind>),
    /// The exchange's clock minus ours, in milliseconds, and how far that may be off.
    ClockOffset {
        /// Exchange minus local.
        offset_ms: i64,
        /// Half of the round trip.
        error_ms: i64,
    },
    /// A link changed.
    Link(LinkReport),
    /// A problem began, changed or ended.
    Problem(ProblemReport),
    /// A request for this datum failed: it stays and ages. `None` in `reason` clears the failure.
    Failed {
        /// What was asked for.
        datum: Datum,
        /// Why it failed.
        reason: Option<Text>,
    },
    /// The exchange announced an automatic deleveraging of an own position.
    Deleveraged {
        /// The contract.
        symbol: Symbol,
        /// Price.
        price: Option<Decimal>,
        /// Size, base coin.
        size: Option<Decimal>,
    },
    /// The exchange does not list this contract.
    Unlisted(Symbol),
}

/// A kind of data with an age of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Datum {
    /// Prices.
    Ticker,
    /// Open positions.
    Positions,
    /// The account.
    Account,
    /// Resting orders.
    Orders,
    /// Own fills.
    Fills,
    /// Closed positions.
    ClosedPositions,
    /// Movements of the balance.
    Ledger,
    /// Candles.
    Candles,
    /// What is read in the background: candles of the mark price, older bills and closed positions.
    History,
    /// The queue for automatic deleveraging.
    AdlRanks,
    /// Contract rules, tiers, fees and funding.
    Rules,
    /// Rights of the key.
    KeyRights,
    /// The kind of the account.
    AccountKind,
    /// Clock offset.
    ClockOffset,
}

impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ticker => "ticker",
            Self::Positions => "positions",
            Self::Account => "account",
            Self::Orders => "orders",
            Self::Fills => "fills",
            Self::ClosedPositions => "closed positions",
            Self::Ledger => "bills",
            Self::Candles => "candles",
            Self::History => "history",
            Self::AdlRanks => "deleveraging ranks",
            Self::Rules => "contract rules",
            Self::KeyRights => "rights of the key",
            Self::AccountKind => "kind of the account",
            Self::ClockOffset => "clock offset",
        })
    }
}

/// A condition that the user must know of, in the order of how much it presses: what makes figures
/// missing or wrong, then what slows them down, then what stands for as long as the key does. The words
/// are fixed: scripts read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemCode {
    /// The exchange refuses the key.
    KeyRefused,
    /// The account answers the other generation of the API.
    WrongApi,
    /// The account is being moved to the other generation.
    AccountSwitching,
    /// A link is down.
    LinkDown,
    /// Rows could not be read.
    RowsUnreadable,
    /// Our PnL and the exchange's part.
    PnlMismatch,
    /// The key lacks a permission.
    PermissionMissing,
    /// The exchange asks for fewer requests.
    RateLimited,
    /// The local clock is off.
    ClockSkew,
    /// The bills of today are not complete.
    HistoryIncomplete,
    /// The key can withdraw.
    KeyCanWithdraw,
    /// The key can move money.
    KeyCanTransfer,
    /// The key can place orders.
    KeyCanTrade,
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::KeyCanTrade => "key_can_trade",
            Self::KeyCanTransfer => "key_can_transfer",
            Self::KeyCanWithdraw => "key_can_withdraw",
            Self::KeyRefused => "key_refused",
            Self::PermissionMissing => "permission_missing",
            Self::WrongApi => "wrong_api",
            Self::AccountSwitching => "account_switching",
            Self::RateLimited => "rate_limited",
            Self::LinkDown => "link_down",
            Self::ClockSkew => "clock_skew",
            Self::PnlMismatch => "pnl_mismatch",
            Self::RowsUnreadable => "rows_unreadable",
            Self::HistoryIncomplete => "history_incomplete",
        })
    }
}

/// A problem that a feed noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemReport {
    /// Which.
    pub code: ProblemCode,
    /// What it is about (a datum, a link, a symbol), so that two of one code can stand side by side.
    pub subject: Text,
    /// The words for the user; `None` ends the problem.
    pub text: Option<Text>,
}
