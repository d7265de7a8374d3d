//! Messages of the streams: the envelope that both generations put around their data.
//!
//! Prices arrive several times per second, so their frames are parsed in one pass into typed rows; all
//! others go through the envelope first. The first channel name in the text chooses the path, and the
//! envelope confirms it: a wrong guess costs time, never meaning.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::levels::BookFields;
use super::number::{Ms, Raw};
use super::{BookPart, Message, ShapeError, Topic, rows};
use crate::domain::{Body, Product, Symbol, Text, Ticker};

const WHAT: &str = "a message";

/// The object that says which channel a message is about.
pub(super) trait Argument<'a>: Deserialize<'a> + Default {
    /// Returns the channel.
    fn topic(self) -> Topic<'a>;

    /// Returns the name of the channel without selectors.
    fn channel(&self) -> &str;

    /// Returns the name of the contract; empty for channels of no contract.
    fn contract(&self) -> &str;

    /// Returns the product; `None` for one that is not of ours (spot and futures share names of channels),
    /// and for channels of all products.
    fn product(&self) -> Option<Product>;

    /// Returns whether the channel is one of ours.
    fn is_ours(&self) -> bool {
        self.product().is_some()
    }

    /// Returns the channel that the text of an error names, where errors carry it in no other way.
    fn named_in(_text: &str) -> Option<Topic<'static>> {
        None
    }
}

/// The data of a push.
#[derive(Debug, Clone, Copy)]
pub(super) struct Data<'a> {
    /// The rows.
    pub(super) json: &'a str,
    /// When the exchange sent them.
    pub(super) sent: Ms,
    /// The message says that it is a snapshot.
    pub(super) is_snapshot: bool,
}

/// What a push says.
#[derive(Debug)]
pub(super) enum Content {
    /// Domain values.
    Bodies(Vec<Body>),
    /// Rows of an incremental order book.
    Parts(Symbol, Vec<BookPart>),
}

impl Content {
    fn message(self, topic: Topic<'_>, sent: Ms) -> Message<'_> {
        let sent = sent.0;
        match self {
            Self::Bodies(bodies) => Message::Push { topic, sent, bodies },
            Self::Parts(symbol, parts) => Message::Book { topic, symbol, sent, parts },
        }
    }
}

#[derive(Debug, Deserialize)]
struct Envelope<'a, A> {
    #[serde(borrow, default)]
    action: Raw<'a>,
    #[serde(borrow, default)]
    event: Raw<'a>,
    #[serde(borrow, default)]
    code: Raw<'a>,
    #[serde(borrow, default)]
    msg: Raw<'a>,
    #[serde(default)]
    arg: Option<A>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    ts: Ms,
}

/// A push whose rows are parsed along with the envelope.
#[derive(Debug, Deserialize)]
struct Push<'a, A, T> {
    #[serde(borrow, default)]
    action: Raw<'a>,
    arg: A,
    data: Vec<T>,
    #[serde(default)]
    ts: Ms,
}

/// Parses one text. `fast` may parse a price frame in one pass, `push` parses the data of any channel
/// of ours; both return `None` for anything else.
pub(super) fn read<'a, A: Argument<'a>>(
    text: &'a str,
    fast: impl FnOnce(&'a str) -> Option<Message<'a>>,
    push: impl FnOnce(&A, Data<'a>) -> Result<Option<Content>, ShapeError>,
) -> Result<Message<'a>, ShapeError> {
    if matches!(text.trim(), "pong" | "\"pong\"") {
        return Ok(Message::Pong);
    }
    if let Some(message) = fast(text) {
        return Ok(message);
    }
    let envelope: Envelope<'a, A> =
        serde_json::from_str(text).map_err(|error| ShapeError::new(WHAT, error))?;
    let data = match (envelope.event.text(), envelope.data) {
        (Some(_), _) => return Ok(event(envelope)),
        (None, Some(data)) => data.get(),
        (None, None) => return Err(ShapeError::new(WHAT, "neither an event nor data")),
    };
    let argument = envelope.arg.unwrap_or_default();
    let is_snapshot = is_snapshot(&envelope.action);
    let data = Data { json: data, sent: envelope.ts, is_snapshot };
    let content = if argument.is_ours() { push(&argument, data)? } else { None };
    Ok(match content {
        Some(content) => content.message(argument.topic(), envelope.ts),
        None => Message::Unknown(Text::new(argument.channel())),
    })
}

/// Any other action is an update: its sequence number decides whether it applies.
fn is_snapshot(action: &Raw<'_>) -> bool {
    action.is("snapshot")
}

/// Parses the data of a price frame the general way; an unusable row costs the whole frame.
fn prices<'a, T: Deserialize<'a>>(
    what: &'static str,
    data: &'a str,
    body: impl Fn(T) -> Option<Body>,
) -> Result<Content, ShapeError> {
    let read: Vec<T> = rows::object(what, data)?;
    let bodies = read.into_iter().map(body).collect::<Option<_>>();
    bodies.map(Content::Bodies).ok_or_else(|| ShapeError::new(what, "incomplete, or crossed"))
}

/// Parses the rows of a channel that sends the whole book each time.
pub(super) fn books<'a, T: Deserialize<'a> + Into<BookFields>>(
    symbol: &Symbol,
    data: Data<'a>,
) -> Result<Content, ShapeError> {
    prices("a book", data.json, |row: T| row.into().whole(symbol.clone()))
}

/// Parses the rows of an incremental book. A row of any other shape counts as a missing one.
pub(super) fn parts<'a, T: Deserialize<'a> + Into<BookFields>>(
    symbol: Symbol,
    data: Data<'a>,
) -> Content {
    let read: Vec<&RawValue> = serde_json::from_str(data.json).unwrap_or_default();
    let part = |row: &&'a RawValue| {
        let fields = serde_json::from_str::<T>(row.get()).map(Into::into);
        fields.map_or(BookPart::Unreadable, |row: BookFields| row.part(data.is_snapshot))
    };
    let mut parts: Vec<BookPart> = read.iter().map(part).collect();
    if parts.is_empty() {
        parts.push(BookPart::Unreadable);
    }
    Content::Parts(symbol, parts)
}

/// Parses the rows of a ticker channel.
pub(super) fn tickers<'a, T: Deserialize<'a>>(
    symbol: &Symbol,
    data: Data<'a>,
    ticker: impl Fn(T, Symbol) -> Ticker,
) -> Result<Content, ShapeError> {
    prices("a ticker", data.json, |row: T| Some(Body::Ticker(ticker(row, symbol.clone()))))
}

/// Parses a ticker frame in one pass; `None` sends the text the general way.
pub(super) fn ticker<'a, A: Argument<'a>, T: Deserialize<'a>>(
    text: &'a str,
    body: impl Fn(Symbol, T, Ms) -> Body,
) -> Option<Message<'a>> {
    typed::<A, T>(text, "ticker", |symbol, rows, data| {
        Content::Bodies(rows.into_iter().map(|row| body(symbol.clone(), row, data.sent)).collect())
    })
}

/// Parses a frame of an incremental book in one pass.
pub(super) fn book<'a, A: Argument<'a>, T: Deserialize<'a> + Into<BookFields>>(
    text: &'a str,
) -> Option<Message<'a>> {
    typed::<A, T>(text, "books", |symbol, rows, data| {
        let part = |row: T| row.into().part(data.is_snapshot);
        Content::Parts(symbol, rows.into_iter().map(part).collect())
    })
}

fn typed<'a, A: Argument<'a>, T: Deserialize<'a>>(
    text: &'a str,
    channel: &str,
    content: impl FnOnce(Symbol, Vec<T>, Data<'_>) -> Content,
) -> Option<Message<'a>> {
    let push: Push<'a, A, T> = serde_json::from_str(text).ok()?;
    if push.arg.channel() != channel || !push.arg.is_ours() {
        return None;
    }
    let symbol = Symbol::from_wire(push.arg.contract(), push.arg.product()?)?;
    let data = Data { json: "", sent: push.ts, is_snapshot: is_snapshot(&push.action) };
    Some(content(symbol, push.data, data).message(push.arg.topic(), push.ts))
}

/// Returns the contract of a channel.
pub(super) fn contract<'a, A: Argument<'a>>(argument: &A) -> Result<Symbol, ShapeError> {
    let product = argument.product();
    product
        .and_then(|product| Symbol::from_wire(argument.contract(), product))
        .ok_or_else(|| ShapeError::new(WHAT, "no contract in it"))
}

/// Parses an acknowledgement or an error. The code is a number on the wire, a string in the
/// documentation, or missing.
fn event<'a, A: Argument<'a>>(envelope: Envelope<'a, A>) -> Message<'a> {
    let code = envelope.code.text().unwrap_or_default().to_owned();
    let text = envelope.msg.cleaned().unwrap_or_else(|| Text::new("no reason given"));
    let topic = envelope
        .arg
        .map(A::topic)
        .filter(|topic| !topic.name.is_empty())
        .or_else(|| A::named_in(envelope.msg.text()?));
    let accepted = matches!(code.as_str(), "" | "0" | "00000");
    match (envelope.event.text(), topic) {
        (Some("login"), _) if accepted => Message::LoginAccepted,
        (Some("login" | "error"), topic) => Message::Refused { topic, code, text },
        (Some("subscribe"), Some(topic)) if accepted => Message::Subscribed(topic),
        (Some("subscribe"), topic) if !accepted => Message::Refused { topic, code, text },
        (Some("unsubscribe"), Some(topic)) => Message::Unsubscribed(topic),
        (other, _) => Message::Unknown(Text::new(other.unwrap_or_default())),
    }
}
