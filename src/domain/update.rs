//! [`Update`]: what feeds pass to the store.

use std::fmt;
use std::sync::Arc;

use super::{
    Account, AccountKind, AdlRank, AlertNotice, Book, Candle, ClosedPosition, Contract, FeeRate,
    Fill, FundingInfo, Interval, KeyRights, LedgerEntry, LinkReport, MemoryReport, Order,
    OrderClass, Position, Product, RequestKind, Symbol, Text, Ticker, Tier, Timestamp, Trade,
};
use rust_decimal::Decimal;

/// Where an update came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The response to a request.
    Rest,
    /// A push of the public stream.
    PublicPush,
    /// A push of the private stream.
    PrivatePush,
    /// The program itself (links, clock, problems).
    Local,
}

/// One change, with both clocks: the exchange's time orders it, the time of receipt ages it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Where it came from.
    pub origin: Origin,
    /// Local time at which the data were known to be true: receipt of a push, *sending* of a request.
    pub as_of: Timestamp,
    /// Local time of receipt.
    pub received: Timestamp,
    /// When the exchange sent it, by the exchange's clock; `None` where it does not say.
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

/// Whether a set of rows is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// All rows: an absent one does not exist.
    Complete,
    /// Some rows: an absent one is unchanged.
    Partial,
}

/// The positions of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionSet {
    /// Whether absent positions of `products` are closed.
    pub scope: Scope,
    /// The readable rows.
    pub rows: Vec<Position>,
    /// Keys that this message reports as closed.
    pub closed: Vec<super::PositionKey>,
    /// How many rows were unreadable. Above zero nothing is closed by absence.
    pub unreadable: u32,
    /// The products that the message lists; empty for a push of single rows. Nothing of another product is
    /// closed by absence.
    pub products: Vec<Product>,
}

/// The orders of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderSet {
    /// Whether absent orders of these classes and products are gone.
    pub scope: Scope,
    /// The classes that the message covers.
    pub classes: Vec<OrderClass>,
    /// The readable rows.
    pub rows: Vec<Order>,
    /// How many rows were unreadable. Above zero nothing is removed by absence.
    pub unreadable: u32,
    /// The products that the message covers; empty for a push of single rows.
    pub products: Vec<Product>,
}

/// An account report; a push may have fewer fields than a REST response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountUpdate {
    /// The account.
    pub account: Account,
    /// How many rows were unreadable.
    pub unreadable: u32,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Another contract is in focus: candles, book and public trades are its from now on.
    Focus(Symbol),
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
    /// The order book, complete and in sequence; `None` when it was lost.
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
    /// Closed positions, in any order. Those of the backfill have the origin [`Origin::Local`].
    ClosedPositions(Vec<ClosedPosition>),
    /// Today's ledger entries.
    Ledger {
        /// Start of the day.
        since: Timestamp,
        /// The entries.
        rows: Vec<LedgerEntry>,
        /// Whether the list reaches back to `since`.
        complete: bool,
    },
    /// A page of the ledger of the last weeks, added to what is held.
    LedgerHistory {
        /// Start of the requested range.
        since: Timestamp,
        /// End of the requested range.
        until: Timestamp,
        /// The entries of this page.
        rows: Vec<LedgerEntry>,
        /// Whether this was the last page: the whole range has been read.
        complete: bool,
    },
    /// All closed positions that the exchange still lists have been read.
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
    /// The kind of the account; `None` when it became unknown.
    AccountKind(Option<AccountKind>),
    /// The rules of margin that the owner of a unified account chose, as the exchange sends them; `None`
    /// when it does not say.
    AccountLevel(Option<Text>),
    /// A measurement of the exchange's clock.
    ClockOffset {
        /// The exchange's clock minus ours, in milliseconds.
        offset_ms: i64,
        /// How far off that may be, in milliseconds.
        error_ms: i64,
    },
    /// A link changed.
    Link(LinkReport),
    /// A problem began, changed or ended.
    Problem(ProblemReport),
    /// A request failed: the data it is for stay and age.
    Failed {
        /// Which.
        request: RequestKind,
        /// Why it failed; `None` clears the failure.
        reason: Option<Text>,
    },
    /// The exchange announced an automatic deleveraging of an own position.
    Deleveraged {
        /// The contract.
        symbol: Symbol,
        /// Price, USDT; `None` when the message does not say.
        price: Option<Decimal>,
        /// Size, base coin; `None` when the message does not say.
        size: Option<Decimal>,
    },
    /// The exchange does not list this contract.
    Unlisted(Symbol),
    /// What the memory holds, and whether it is written.
    Memory(Arc<MemoryReport>),
    /// An alert was raised or has ended.
    Alert(AlertNotice),
}

/// A condition that the user must know about, most urgent first: what makes figures missing or wrong,
/// then what slows them down, then what lasts as long as the key. The names are fixed, because scripts
/// read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemCode {
    /// The exchange refuses the key.
    KeyRefused,
    /// The account is served by the other generation of the API.
    WrongApi,
    /// The account is being moved to the other generation.
    AccountSwitching,
    /// A link is down.
    LinkDown,
    /// Prices, positions or the account do not come any more, or never came.
    DataStale,
    /// Something stands between us and the exchange, and it is known what.
    NetworkBlocked,
    /// The exchange does not list the contract.
    ContractUnlisted,
    /// A list has unreadable rows.
    RowsUnreadable,
    /// A contract is to be delisted, or has been.
    ContractDelisted,
    /// A contract is halted or limited.
    ContractHalted,
    /// The account is under rules of margin that are not modelled: the exchange's own figures stand.
    RulesNotModelled,
    /// Our PnL and the exchange's differ.
    PnlMismatch,
    /// The key lacks a permission.
    PermissionMissing,
    /// The exchange reports too many requests.
    RateLimited,
    /// The local clock is off.
    ClockSkew,
    /// Totals of the ledger are not known: entries are missing, or some are not understood.
    HistoryIncomplete,
    /// What happens is not kept, or a part of what was kept is lost.
    MemoryUnavailable,
    /// A part of what happens is missing in the recording.
    RecordingIncomplete,
    /// An alert could not be sent.
    AlertNotSent,
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
            Self::DataStale => "data_stale",
            Self::NetworkBlocked => "network_blocked",
            Self::ContractDelisted => "contract_delisted",
            Self::ContractHalted => "contract_halted",
            Self::ContractUnlisted => "contract_unlisted",
            Self::ClockSkew => "clock_skew",
            Self::RulesNotModelled => "rules_not_modelled",
            Self::PnlMismatch => "pnl_mismatch",
            Self::RowsUnreadable => "rows_unreadable",
            Self::HistoryIncomplete => "history_incomplete",
            Self::MemoryUnavailable => "memory_unavailable",
            Self::RecordingIncomplete => "recording_incomplete",
            Self::AlertNotSent => "alert_not_sent",
        })
    }
}

/// A problem that a feed noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemReport {
    /// Which.
    pub code: ProblemCode,
    /// What it is about (a request, a link, a symbol): two of one code may stand at once.
    pub subject: Text,
    /// The message for the user; `None` ends the problem.
    pub text: Option<Text>,
}
