//! What readers get: a consistent copy of the state, cheap to take once per frame.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;

use super::bars::Bars;
use super::event::{Event, EventKind};
use crate::domain::{
    Account, AccountKind, AdlRank, Book, Candle, ClosedPosition, Contract, FeeRate, Fill,
    FundingInfo, Interval, KeyRights, LedgerEntry, Level, LinkFault, LinkState, MemoryReport,
    Order, Position, PositionKey, ProblemCode, Product, RequestKind, Stream, Symbol, Text, Ticker,
    Tier, Timestamp, Trade,
};

/// The order book and the ticker may differ this long: both are pushed several times per second.
const CONTRADICTED: Duration = Duration::from_secs(10);

/// A value with the local time at which it was known to be true; that time ages it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamped<T> {
    /// The value.
    pub value: T,
    /// Local time at which it was known to be true.
    pub as_of: Timestamp,
}

/// Rows with the proof that they are all there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Local time of the last complete and readable list of USDT-M, the product of the focus; `None` before
    /// the first one.
    pub confirmed_at: Option<Timestamp>,
    /// Unreadable rows of the last lists of USDT-M.
    pub unreadable: u32,
    /// Local time of the last complete and readable list of each product. Of a product without one nobody
    /// knows what is held of it beyond `rows`.
    pub confirmed: BTreeMap<Product, Timestamp>,
    /// Unreadable rows of the last lists of the other products: they say nothing of USDT-M.
    pub unreadable_elsewhere: u32,
}

impl<T> Rows<T> {
    /// Returns the unreadable rows of all products.
    pub const fn unreadable_in_all(&self) -> u32 {
        self.unreadable.saturating_add(self.unreadable_elsewhere)
    }
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            confirmed_at: None,
            unreadable: 0,
            confirmed: BTreeMap::new(),
            unreadable_elsewhere: 0,
        }
    }
}

/// Everything known about one contract's rules.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    /// Steps and places.
    pub contract: Option<Contract>,
    /// Maintenance tiers, lowest first; empty while unknown.
    pub tiers: Vec<Tier>,
    /// The account's own fee rates.
    pub fees: Option<FeeRate>,
    /// Funding.
    pub funding: Option<FundingInfo>,
}

/// Candles of the focus, oldest first, bounded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CandleSeries {
    /// Their span.
    pub interval: Interval,
    /// The candles; the last one is still being built.
    pub rows: Vec<Candle>,
}

/// The state of one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkStatus {
    /// Which link.
    pub stream: Stream,
    /// What it is doing.
    pub state: LinkState,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Failed attempts in a row.
    pub attempts: u32,
    /// The last reason of a failure.
    pub last_error: Option<Text>,
    /// The last round trip.
    pub latency: Option<Duration>,
    /// Frames or responses received.
    pub frames: u64,
    /// Bytes received.
    pub bytes: u64,
    /// How often it became live again after a loss.
    pub reconnects: u32,
    /// When the next attempt begins.
    pub next_attempt_at: Option<Timestamp>,
    /// When the last frame or response arrived.
    pub last_traffic_at: Option<Timestamp>,
    /// What the last reason of a failure means for the user; `None` while there was none.
    pub fault: Option<LinkFault>,
}

/// A problem that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which.
    pub code: ProblemCode,
    /// What it is about.
    pub subject: Text,
    /// The message for the user.
    pub text: Text,
    /// Since when.
    pub since: Timestamp,
}

/// Ledger entries of the UTC day that starts at `since`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerDay {
    /// Start of the day.
    pub since: Timestamp,
    /// The entries, newest first.
    pub rows: Vec<LedgerEntry>,
    /// Whether the list reaches back to `since`.
    pub complete: bool,
}

/// Closed candles of the mark price of one contract.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MarkHistory {
    /// One-minute candles of at least the last day.
    pub minutes: Arc<Bars>,
    /// One-hour candles of the last week.
    pub hours: Arc<Bars>,
    /// Days from 00:00 UTC on, of the last 300.
    pub days: Arc<Bars>,
}

/// Ledger entries of the last 30 days, today included.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LedgerHistory {
    /// While `complete`: from when on nothing is missing; later than 30 days ago when there are more
    /// entries than are kept.
    pub since: Timestamp,
    /// While `complete`: up to when nothing is missing, by the exchange's clock.
    pub until: Timestamp,
    /// The entries, newest first.
    pub rows: Vec<LedgerEntry>,
    /// Whether `since` and `until` are known: all pages between them have been read.
    pub complete: bool,
}

/// The state of everything at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// Grows with every change.
    pub version: u64,
    /// Prices by contract.
    pub tickers: BTreeMap<Symbol, Stamped<Ticker>>,
    /// Open positions, in the order of their keys.
    pub positions: Rows<Position>,
    /// Open orders, newest first.
    pub orders: Rows<Order>,
    /// The account.
    pub account: Option<Stamped<Account>>,
    /// When the newest report of the account was true that came with a trade or another movement of money
    /// (local time).
    pub account_moved_at: Option<Timestamp>,
    /// Contract rules by contract.
    pub rules: Arc<BTreeMap<Symbol, Rules>>,
    /// Candles of the focus.
    pub candles: Arc<CandleSeries>,
    /// Order book of the focus, complete and in sequence; `None` while there is none. Its time is that of
    /// the last change. A quiet book is silent, so whether it is live depends on the link: see
    /// [`live_book`](Self::live_book).
    pub book: Option<Stamped<Arc<Book>>>,
    /// Public trades of the focus, newest first, bounded.
    pub trades: Arc<Vec<Trade>>,
    /// Own fills, newest first, bounded.
    pub fills: Arc<Vec<Fill>>,
    /// Closed positions, newest first, bounded.
    pub closed: Arc<Vec<ClosedPosition>>,
    /// Whether `closed` holds everything that the exchange still lists, which is three months.
    pub closed_complete: bool,
    /// Local time of the last successful request for the newest closed positions.
    pub closed_confirmed_at: Option<Timestamp>,
    /// Today's ledger entries.
    pub ledger: Option<Stamped<Arc<LedgerDay>>>,
    /// Ledger entries of the last 30 days.
    pub history: Arc<LedgerHistory>,
    /// Closed candles of the mark price, of the focus and of every contract with a position.
    pub marks: Arc<BTreeMap<Symbol, MarkHistory>>,
    /// Ranks in the queue for automatic deleveraging; see [`adl_rank`](Self::adl_rank).
    pub adl: Option<Stamped<Arc<Vec<AdlRank>>>>,
    /// The three links: REST, public, private.
    pub links: Vec<LinkStatus>,
    /// What the key may do.
    pub key_rights: Option<KeyRights>,
    /// The kind of the account; `None` while unknown.
    pub account_kind: Option<AccountKind>,
    /// The rules of margin that the owner of a unified account chose, as the exchange sends them; `None`
    /// while they are not known. The report of the account repeats them.
    pub account_level: Option<Text>,
    /// The exchange's clock minus ours and the bound of its error, in milliseconds.
    pub clock_offset_ms: Option<(i64, i64)>,
    /// Contracts that the exchange does not list.
    pub unlisted: BTreeSet<Symbol>,
    /// Problems that stand, oldest first.
    pub problems: Vec<Problem>,
    /// The last failure of each request, until the same request succeeds or is no longer sent.
    pub failures: BTreeMap<RequestKind, Text>,
    /// What happened, newest first, bounded.
    pub events: Arc<Vec<Event>>,
    /// The contract that was put in focus while running; `None` while it is that of the start.
    pub focus: Option<Symbol>,
    /// What the memory of earlier runs holds.
    pub memory: Arc<MemoryReport>,
}

impl Snapshot {
    /// Returns since when report of the account and list of positions may not belong together (local time);
    /// `None` when they do. Either a position was closed that the report may still hold, or a trade is in the
    /// report and the list may be of before, or a position was adjusted and its price is of before.
    pub fn unsettled_since(&self) -> Option<Timestamp> {
        let listed = self.positions.confirmed_at;
        let moved = self.account_moved_at.filter(|moved| Some(*moved) > listed);
        self.closed_after_report().or(moved).or_else(|| self.adjusted_after_price())
    }

    /// Returns when a position was adjusted whose price is not yet of afterwards (local time): the new size
    /// at the old price is worth what nobody ever had.
    fn adjusted_after_price(&self) -> Option<Timestamp> {
        let mut adjusted = self.events.iter().filter_map(|event| {
            let EventKind::Adjusted { key, .. } = &event.kind else { return None };
            Some((&key.symbol, event.at))
        });
        let is_new = |symbol, at| self.tickers.get(symbol).is_none_or(|ticker| ticker.as_of > at);
        adjusted.find(|(symbol, at)| !is_new(symbol, *at)).map(|(_, at)| at)
    }

    /// Returns when a position was closed or made smaller that the newest report of the account may still
    /// hold (local time); `None` when the report is of afterwards. What it realized is then neither in the
    /// report nor in what the positions earn.
    pub fn closed_after_report(&self) -> Option<Timestamp> {
        let reported = self.account.as_ref()?.as_of;
        let mut later = self.events.iter().take_while(|event| event.at > reported);
        later.find(|event| event.kind.has_realized()).map(|event| event.at)
    }

    /// Returns the rank of a position in the queue for automatic deleveraging, 0 to 1, near 1 first;
    /// `None` when it is unknown, such as for a key without the permission.
    pub fn adl_rank(&self, key: &PositionKey) -> Option<Decimal> {
        let ranks = &self.adl.as_ref()?.value;
        ranks.iter().find(|rank| rank.is_of(key)).map(|rank| rank.rank)
    }

    /// Returns the order book of `focus` if it may be shown as live: it is in sequence, the public stream
    /// is live (which its pongs prove), and the ticker does not contradict it. `None` otherwise.
    pub fn live_book(&self, focus: &Symbol) -> Option<&Arc<Book>> {
        let live =
            |link: &LinkStatus| link.stream == Stream::WsPublic && link.state == LinkState::Live;
        let held = self.book.as_ref().filter(|_| self.links.iter().any(live))?;
        (!self.contradicts(held, focus)).then_some(&held.value)
    }

    /// Returns whether the ticker has had other best prices for a while: then the book's channel has died
    /// on a live connection.
    fn contradicts(&self, book: &Stamped<Arc<Book>>, focus: &Symbol) -> bool {
        let Some(ticker) = self.tickers.get(focus) else { return false };
        let differs = |price: Option<Decimal>, levels: &[Level]| {
            price.is_some_and(|price| levels.first().map(|level| level.price) != Some(price))
        };
        ticker.as_of.since(book.as_of) > CONTRADICTED
            && (differs(ticker.value.bid, &book.value.bids)
                || differs(ticker.value.ask, &book.value.asks))
    }
}
