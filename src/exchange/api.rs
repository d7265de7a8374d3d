//! What differs between the generations of the API, as one trait.
//!
//! V2 (classic accounts) and V3 (unified accounts) are two implementations of [`Api`]: each owns its
//! paths, channel names, models and parsers and yields the same domain values. The REST client, the
//! session and the feeds know this trait alone, so no function branches on the generation.

use std::borrow::Cow;
use std::fmt;

use crate::domain::{
    AccountKind, Body, Interval, Level, OrderClass, Product, RequestKind, Stream, Symbol, Text,
    Timestamp,
};

use super::error::ShapeError;

/// A request to the exchange, in terms of the domain; [`Api::to_http`] spells it for the wire.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Request {
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
        /// At most this many.
        limit: u16,
    },
    /// Closed candles of the mark price that start within a range, the newest page first. The range
    /// may have any length: [`Response::next`] is the `until` of the next page, in milliseconds.
    MarkCandles {
        /// The contract.
        symbol: Symbol,
        /// Their span.
        interval: Interval,
        /// Start of the oldest candle.
        since: Timestamp,
        /// End of the range; exclusive.
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
    /// All open positions of one product.
    Positions(Product),
    /// The account.
    Account,
    /// Whether this generation of the API serves the account at all.
    AccountKind,
    /// All open orders of one class and product, the first page.
    Orders(Product, OrderClass),
    /// A later page of open orders.
    MoreOrders {
        /// The product.
        product: Product,
        /// The class.
        class: OrderClass,
        /// Where the page starts, from [`Response::next`].
        cursor: Text,
    },
    /// Newest own fills.
    Fills,
    /// Newest closed positions, the first page.
    ClosedPositions,
    /// A later page of closed positions, from [`Response::next`].
    MoreClosedPositions(Text),
    /// Where each open position stands in the queue for automatic deleveraging.
    AdlRanks,
    /// Ledger entries of a range, a page at a time; each list newest first.
    Ledger {
        /// Start of the range.
        since: Timestamp,
        /// End of the range.
        until: Timestamp,
        /// Where the page starts, from [`Response::next`] or [`Response::next_list`]; `None` for the
        /// first one.
        cursor: Option<Text>,
    },
}

impl Request {
    /// Returns what identifies the request in failures. Later pages belong to the first one.
    pub fn kind(&self) -> RequestKind {
        match self {
            Self::ServerTime => RequestKind::ServerTime,
            Self::Contract(symbol) => RequestKind::Contract(symbol.clone()),
            Self::Ticker(symbol) => RequestKind::Ticker(symbol.clone()),
            Self::Candles { symbol, interval, .. } => {
                RequestKind::Candles(symbol.clone(), *interval)
            }
            Self::MarkCandles { symbol, interval, .. } => {
                RequestKind::MarkCandles(symbol.clone(), *interval)
            }
            Self::Funding(symbol) => RequestKind::Funding(symbol.clone()),
            Self::Tiers(symbol) => RequestKind::Tiers(symbol.clone()),
            Self::FeeRate(symbol) => RequestKind::FeeRate(symbol.clone()),
            Self::KeyRights => RequestKind::KeyRights,
            Self::Positions(product) => RequestKind::Positions(*product),
            Self::Account => RequestKind::Account,
            Self::AccountKind => RequestKind::AccountKind,
            Self::Orders(product, class) | Self::MoreOrders { product, class, .. } => {
                RequestKind::Orders(*product, *class)
            }
            Self::Fills => RequestKind::Fills,
            Self::ClosedPositions | Self::MoreClosedPositions(_) => RequestKind::ClosedPositions,
            Self::AdlRanks => RequestKind::AdlRanks,
            Self::Ledger { .. } => RequestKind::Ledger,
        }
    }

    /// Returns whether the request is about the own account, and so signed.
    pub const fn is_private(&self) -> bool {
        match self {
            Self::FeeRate(_)
            | Self::KeyRights
            | Self::Positions(_)
            | Self::Account
            | Self::AccountKind
            | Self::Orders(..)
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

    /// Returns whether the request is about positions or orders of another product than that of the focus:
    /// what goes wrong with it says nothing of the key or of any other request.
    pub fn is_of_other_product(&self) -> bool {
        let product = match self {
            Self::Positions(product)
            | Self::Orders(product, _)
            | Self::MoreOrders { product, .. } => *product,
            Self::ServerTime
            | Self::Contract(_)
            | Self::Ticker(_)
            | Self::Candles { .. }
            | Self::MarkCandles { .. }
            | Self::Funding(_)
            | Self::Tiers(_)
            | Self::FeeRate(_)
            | Self::KeyRights
            | Self::Account
            | Self::AccountKind
            | Self::Fills
            | Self::ClosedPositions
            | Self::MoreClosedPositions(_)
            | Self::AdlRanks
            | Self::Ledger { .. } => return false,
        };
        product != Product::UsdtFutures
    }

    /// Returns the contract whose rules or price are requested; `None` for all other requests.
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
            | Self::Positions(_)
            | Self::Account
            | Self::AccountKind
            | Self::Orders(..)
            | Self::MoreOrders { .. }
            | Self::Fills
            | Self::ClosedPositions
            | Self::MoreClosedPositions(_)
            | Self::AdlRanks
            | Self::Ledger { .. } => None,
        }
    }
}

/// A request as it is sent over HTTP. It has no method, because the method is always GET.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The path, beginning with `/api/`.
    pub path: &'static str,
    /// Parameters, sorted by name, not yet percent-encoded.
    pub query: Vec<(&'static str, String)>,
    /// Whether it carries a signature.
    pub signed: bool,
    /// The documented limit of this path, in requests per second. The client stays below half of it.
    pub limit_per_second: u32,
}

/// What a response says, in domain values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Response {
    /// The values.
    pub bodies: Vec<Body>,
    /// Where the next page of the same list starts; `None` after its last one.
    pub next: Option<Text>,
    /// The exchange's clock; only for [`Request::ServerTime`].
    pub server_time: Option<Timestamp>,
    /// The account is being moved between the generations; only for [`Request::AccountKind`].
    pub switching: bool,
    /// Where the next list starts, when several lists make up the whole; `None` for the last one. It is
    /// used like `next`, once a list has been read.
    pub next_list: Option<Text>,
}

impl Response {
    /// Returns the response to [`Request::ServerTime`].
    pub(super) fn time(server_time: Timestamp) -> Self {
        Self { server_time: Some(server_time), ..Self::default() }
    }
}

impl From<Body> for Response {
    fn from(body: Body) -> Self {
        Self { bodies: vec![body], ..Self::default() }
    }
}

/// One channel of a stream, as it is subscribed to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel {
    /// Product type on the wire.
    pub product: &'static str,
    /// Name on the wire, such as `ticker`, with whatever else distinguishes two channels.
    pub name: Cow<'static, str>,
    /// Selector and its value, such as `instId` and `BTCUSDT`; `None` for channels without one.
    pub selector: Option<(&'static str, String)>,
    /// Whether data must follow the acknowledgement: prices do, own orders may stay silent for ever.
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

/// The channel that a message is about, borrowed from its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic<'a> {
    /// Name on the wire, as in [`Channel::name`].
    pub name: Cow<'a, str>,
    /// Value of the selector, whatever it is called; empty when the message has none.
    pub key: Cow<'a, str>,
    /// The product as the message spells it; empty when it has none.
    pub product: Cow<'a, str>,
}

impl Topic<'_> {
    /// Returns whether this is `channel`. Contracts of two products may have one name.
    pub fn is(&self, channel: &Channel) -> bool {
        let product = self.product.is_empty() || self.product.eq_ignore_ascii_case(channel.product);
        product
            && self.name == channel.name
            && channel.selector.as_ref().is_none_or(|(_, value)| *value == self.key)
    }
}

/// One row of an incremental order book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookRow {
    /// Its sequence number.
    pub seq: u64,
    /// The sequence number of the row that it continues; meaningless in a snapshot.
    pub previous: u64,
    /// Bid levels, in any order. In an update, size zero removes a level and any other replaces it.
    pub bids: Vec<Level>,
    /// Ask levels, likewise.
    pub asks: Vec<Level>,
    /// Time of the matching engine.
    pub time: Option<Timestamp>,
}

/// What a row of an incremental book is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BookPart {
    /// The whole book, best level first: it replaces the local one.
    Snapshot(BookRow),
    /// A change to the local book.
    Update(BookRow),
    /// It could not be read: from now on something is missing.
    Unreadable,
}

/// One message of a stream, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message<'a> {
    /// The reply to a text `ping`.
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
        /// The exchange's error text.
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
    /// A message of an incremental order book; the session applies it to its local copy.
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
    /// An unknown channel or event.
    Unknown(Text),
}

/// One generation of the exchange's API.
pub trait Api: Send + Sync + fmt::Debug {
    /// Returns the kind of account that this generation serves.
    fn kind(&self) -> AccountKind;

    /// Returns the HTTP form of a request.
    fn to_http(&self, request: &Request) -> HttpRequest;

    /// Parses the `data` member of a successful envelope.
    ///
    /// # Errors
    /// [`ShapeError`] when `data` is not a response to `request`; nothing may change then.
    fn read_response(&self, request: &Request, data: &str) -> Result<Response, ShapeError>;

    /// Returns the classes of orders that are listed by a request each; together they cover all.
    fn order_classes(&self) -> &'static [OrderClass];

    /// Returns the path of a stream, such as `/v2/ws/public`.
    fn stream_path(&self, stream: Stream) -> &'static str;

    /// Returns the channels of the public stream: all of them for `focus`, prices for `others`.
    fn public_channels(
        &self,
        focus: &Symbol,
        interval: Interval,
        others: &[Symbol],
    ) -> Vec<Channel>;

    /// Returns the channels of the private stream.
    fn private_channels(&self) -> Vec<Channel>;

    /// Returns the JSON argument that subscribes to a channel.
    fn channel_json(&self, channel: &Channel) -> serde_json::Value;

    /// Parses one text message of a stream.
    ///
    /// # Errors
    /// [`ShapeError`] when the text is not a message of the exchange. The connection stays up.
    fn read_message<'a>(&self, text: &'a str) -> Result<Message<'a>, ShapeError>;
}
