//! What differs between the generations of the API, as one trait.
//!
//! V2 (classic accounts) and V3 (unified accounts) are two implementations of [`Api`]: each owns its
//! paths, channel names, models and parsers and yields the same domain values. The REST client, the
//! session and the feeds know only this trait, so no function asks which generation it serves.

use std::borrow::Cow;
use std::fmt;

use crate::domain::{
    AccountKind, Body, Interval, Level, OrderClass, Stream, Symbol, Text, Timestamp,
};

use super::error::ShapeError;

/// A question to the exchange, in our words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Query {
    /// The exchange's clock.
    ServerTime,
    /// Rules of one contract.
    Contract(Symbol),
    /// Prices of one contract.
    Ticker(Symbol),
    /// The newest candles of the traded price.
    Candles {
        /// The contract.
        symbol: Symbol,
        /// Their span.
        interval: Interval,
        /// How many at the most.
        limit: u16,
    },
    /// Closed candles of the mark price that begin within a time, the newest page first. It may be
    /// as long as wanted: [`Answer::next`] is the `until` of the next page, in milliseconds.
    MarkCandles {
        /// The contract.
        symbol: Symbol,
        /// Their span.
        interval: Interval,
        /// The first start.
        since: Timestamp,
        /// They begin before this.
        until: Timestamp,
    },
    /// Funding rate, interval and time.
    Funding(Symbol),
    /// Maintenance margin tiers.
    Tiers(Symbol),
    /// The account's own fee rates.
    FeeRate(Symbol),
    /// What the key may do.
    KeyRights,
    /// All open positions.
    Positions,
    /// The account.
    Account,
    /// Whether the account answers this generation of the API at all.
    AccountKind,
    /// All open orders of one class, the first page.
    Orders(OrderClass),
    /// The page of open orders that begins at a cursor, from [`Answer::next`].
    MoreOrders {
        /// The class.
        class: OrderClass,
        /// Where the page begins.
        cursor: Text,
    },
    /// Newest own fills.
    Fills,
    /// Newest closed positions, the first page.
    ClosedPositions,
    /// The page of closed positions that begins at a cursor, from [`Answer::next`].
    MoreClosedPositions(Text),
    /// Where each open position stands in the queue for automatic deleveraging.
    AdlRanks,
    /// Movements of the balance since a time, newest first, a page at a time.
    Ledger {
        /// From when on.
        since: Timestamp,
        /// Up to when.
        until: Timestamp,
        /// The page to go on with, from [`Answer::next`].
        cursor: Option<Text>,
    },
}

impl Query {
    /// Returns whether the question is about the own account, and so signed.
    pub const fn is_private(&self) -> bool {
        match self {
            Self::FeeRate(_)
            | Self::KeyRights
            | Self::Positions
            | Self::Account
            | Self::AccountKind
            | Self::Orders(_)
            | Self::MoreOrders { .. }
            | Self::Fills
            | Self::ClosedPositions
            | Self::MoreClosedPositions(_)
            | Self::AdlRanks
            | Self::Ledger { .. } => true,
            Self::ServerTime
            | Self::Contract(_)
            | Self::Ticker(_)
            | Self::Candles { .. }
            | Self::MarkCandles { .. }
            | Self::Funding(_)
            | Self::Tiers(_) => false,
        }
    }

    /// Returns the contract whose rules or price are asked for; `None` for all other questions.
    pub const fn contract(&self) -> Option<&Symbol> {
        match self {
            Self::Contract(symbol)
            | Self::Ticker(symbol)
            | Self::Funding(symbol)
            | Self::Tiers(symbol)
            | Self::FeeRate(symbol) => Some(symbol),
            Self::ServerTime
            | Self::Candles { .. }
            | Self::MarkCandles { .. }
            | Self::KeyRights
            | Self::Positions
            | Self::Account
            | Self::AccountKind
            | Self::Orders(_)
            | Self::MoreOrders { .. }
            | Self::Fills
            | Self::ClosedPositions
            | Self::MoreClosedPositions(_)
            | Self::AdlRanks
            | Self::Ledger { .. } => None,
        }
    }
}

/// A request as it goes on the wire. There is no method: it is always GET.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The path, beginning with `/api/`.
    pub path: &'static str,
    /// Parameters, sorted by name, not yet percent-encoded.
    pub query: Vec<(&'static str, String)>,
    /// Whether it carries a signature.
    pub signed: bool,
    /// The documented limit of this path, requests a second. The client stays under half of it.
    pub limit_per_second: u32,
}

/// What an answer says, in domain values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// The values.
    pub bodies: Vec<Body>,
    /// Where the next page begins; `None` after the last one.
    pub next: Option<Text>,
    /// The exchange's clock, from [`Query::ServerTime`] only.
    pub server_time: Option<Timestamp>,
    /// The account is being moved between the generations, from [`Query::AccountKind`] only.
    pub switching: bool,
}

impl Answer {
    /// Returns the answer to [`Query::ServerTime`].
    pub(super) fn time(server_time: Timestamp) -> Self {
        Self { server_time: Some(server_time), ..Self::default() }
    }
}

impl From<Body> for Answer {
    fn from(body: Body) -> Self {
        Self { bodies: vec![body], ..Self::default() }
    }
}

/// One channel of a stream, as it is subscribed to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel {
    /// Product type on the wire.
    pub product: &'static str,
    /// Name on the wire, such as `ticker`, with whatever else tells two channels apart.
    pub name: Cow<'static, str>,
    /// Selector and its value, such as `instId` and `BTCUSDT`; `None` for channels without one.
    pub selector: Option<(&'static str, String)>,
    /// Whether data must follow the acknowledgement (prices do, own orders may stay silent for ever).
    pub expects_data: bool,
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.selector {
            Some((_, value)) => write!(f, "{} {value}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// The channel that a message speaks of, borrowed from its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic<'a> {
    /// Name on the wire, as in [`Channel::name`].
    pub name: Cow<'a, str>,
    /// Value of the selector, whatever it is called; empty when the message has none.
    pub key: Cow<'a, str>,
}

impl Topic<'_> {
    /// Returns whether this is `channel`.
    pub fn is(&self, channel: &Channel) -> bool {
        self.name == channel.name
            && channel.selector.as_ref().is_none_or(|(_, value)| *value == self.key)
    }
}

/// One row of an order book that is sent in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookRow {
    /// Its number.
    pub seq: u64,
    /// The number of the row that it continues; of no meaning in a whole book.
    pub previous: u64,
    /// Levels, in any order. In a change size zero takes a level away, any other replaces it.
    pub bids: Vec<Level>,
    /// The same of the other side.
    pub asks: Vec<Level>,
    /// Time of the matching engine.
    pub time: Option<Timestamp>,
}

/// What a row of such a book is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BookPart {
    /// The whole book, best level first: it replaces what was held.
    Whole(BookRow),
    /// A change of what was held.
    Change(BookRow),
    /// It cannot be read: from now on something is missing.
    Unreadable,
}

/// One message of a stream, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message<'a> {
    /// The answer to a text `ping`.
    Pong,
    /// The login was accepted.
    LoginAccepted,
    /// A subscription was accepted.
    Subscribed(Topic<'a>),
    /// A subscription was ended.
    Unsubscribed(Topic<'a>),
    /// The exchange refuses something: a login, or a subscription when `topic` says which.
    Refused {
        /// The channel, where the message names one.
        topic: Option<Topic<'a>>,
        /// The code as text; empty when there was none.
        code: String,
        /// The exchange's words.
        text: Text,
    },
    /// Data.
    Push {
        /// The channel.
        topic: Topic<'a>,
        /// When the exchange sent it.
        sent: Option<Timestamp>,
        /// What it says.
        bodies: Vec<Body>,
    },
    /// A message of an order book that is sent in parts; the session puts it together.
    Book {
        /// The channel.
        topic: Topic<'a>,
        /// The contract.
        symbol: Symbol,
        /// When the exchange sent it.
        sent: Option<Timestamp>,
        /// Its rows, in their order.
        parts: Vec<BookPart>,
    },
    /// A channel or an event that the program does not know.
    Unknown(Text),
}

/// One generation of the exchange's API.
pub trait Api: Send + Sync + fmt::Debug {
    /// Returns the kind of account that answers to this generation.
    fn kind(&self) -> AccountKind;

    /// Returns the request that asks `query`.
    fn to_request(&self, query: &Query) -> Request;

    /// Reads the `data` member of a good envelope.
    ///
    /// # Errors
    /// [`ShapeError`] when the data are not what this query answers with; nothing may then change.
    fn read_answer(&self, query: &Query, data: &str) -> Result<Answer, ShapeError>;

    /// Returns the classes of orders that are asked for one by one; together they answer for all.
    fn order_classes(&self) -> &'static [OrderClass];

    /// Returns the path of a stream, such as `/v2/ws/public`.
    fn stream_path(&self, stream: Stream) -> &'static str;

    /// Returns the channels of the public stream: everything for the focus, prices for the others.
    fn public_channels(
        &self,
        focus: &Symbol,
        interval: Interval,
        others: &[Symbol],
    ) -> Vec<Channel>;

    /// Returns the channels of the private stream.
    fn private_channels(&self) -> Vec<Channel>;

    /// Returns one channel as the JSON object that subscribes to it.
    fn channel_json(&self, channel: &Channel) -> serde_json::Value;

    /// Reads one text message of a stream.
    ///
    /// # Errors
    /// [`ShapeError`] when the text is not a message of the exchange. The link stays.
    fn read_message<'a>(&self, text: &'a str) -> Result<Message<'a>, ShapeError>;
}
