//! Messages of the streams: the envelope, and the way from a channel to its parser.
//!
//! Prices come several times a second, so their frames are read in one pass into typed rows; all
//! others go through the envelope first. Which way a text takes is decided by a look at its first
//! channel name, and the envelope confirms it: a wrong guess costs time, never meaning.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::market::{BookModel, TickerModel};
use super::{account, endpoints, history, market, orders, positions};
use crate::domain::{Body, Symbol, Text};
use crate::exchange::number::{Ms, Raw};
use crate::exchange::{BookPart, Message, ShapeError, Topic};

const WHAT: &str = "a message";

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Arg<'a> {
    #[serde(borrow)]
    inst_type: Cow<'a, str>,
    #[serde(borrow)]
    channel: Cow<'a, str>,
    /// Private account channels select by `coin`.
    #[serde(borrow, alias = "coin")]
    inst_id: Cow<'a, str>,
}

impl<'a> Arg<'a> {
    fn topic(self) -> Topic<'a> {
        Topic { name: self.channel, key: self.inst_id }
    }

    /// Spot and futures share names: only this product is ours.
    fn is_ours(&self) -> bool {
        self.inst_type.eq_ignore_ascii_case(Symbol::V2_PRODUCT)
    }
}

#[derive(Debug, Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    action: Raw<'a>,
    #[serde(borrow, default)]
    event: Raw<'a>,
    #[serde(borrow, default)]
    code: Raw<'a>,
    #[serde(borrow, default)]
    msg: Raw<'a>,
    #[serde(borrow, default)]
    arg: Option<Arg<'a>>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    ts: Ms,
}

/// A push whose rows are read along with the envelope.
#[derive(Debug, Deserialize)]
struct Push<'a, T> {
    #[serde(borrow, default)]
    action: Raw<'a>,
    #[serde(borrow)]
    arg: Arg<'a>,
    data: Vec<T>,
    #[serde(default)]
    ts: Ms,
}

impl<T> Push<'_, T> {
    /// Returns the contract if this is a push of `channel` and of our product.
    fn symbol(&self, channel: &str) -> Option<Symbol> {
        let ours = self.arg.channel == channel && self.arg.is_ours();
        Symbol::from_wire(&self.arg.inst_id).filter(|_| ours)
    }
}

/// Reads one text.
pub(super) fn read(text: &str) -> Result<Message<'_>, ShapeError> {
    if matches!(text.trim(), "pong" | "\"pong\"") {
        return Ok(Message::Pong);
    }
    if let Some(message) = fast(text) {
        return Ok(message);
    }
    let envelope: Envelope<'_> =
        serde_json::from_str(text).map_err(|error| ShapeError::new(WHAT, error))?;
    match (envelope.event.text(), envelope.data) {
        (Some(_), _) => Ok(event(envelope)),
        (None, Some(data)) => {
            let whole = is_whole(&envelope.action);
            push(envelope.arg.unwrap_or_default(), whole, data.get(), envelope.ts)
        }
        (None, None) => Err(ShapeError::new(WHAT, "neither an event nor data")),
    }
}

/// Reads a price frame in one pass; `None` sends the text the general way.
fn fast(text: &str) -> Option<Message<'_>> {
    let (_, after) = text.split_once(r#""channel":""#)?;
    if after.starts_with("ticker\"") {
        let push: Push<'_, TickerModel> = serde_json::from_str(text).ok()?;
        let symbol = push.symbol("ticker")?;
        let bodies = push.data.iter().map(|row| Body::Ticker(row.ticker(symbol.clone()))).collect();
        return Some(Message::Push { topic: push.arg.topic(), sent: push.ts.0, bodies });
    }
    if after.starts_with("books\"") {
        let push: Push<'_, BookModel> = serde_json::from_str(text).ok()?;
        let symbol = push.symbol("books")?;
        let whole = is_whole(&push.action);
        let parts = push.data.into_iter().map(|row| row.part(whole)).collect();
        return Some(Message::Book { topic: push.arg.topic(), symbol, sent: push.ts.0, parts });
    }
    None
}

/// Anything but the word for a whole book is a change: its number decides whether it fits.
fn is_whole(action: &Raw<'_>) -> bool {
    action.is("snapshot")
}

/// Reads an acknowledgement or an error. The code is a number on the wire, a string in the
/// documentation, or missing.
fn event(envelope: Envelope<'_>) -> Message<'_> {
    let code = envelope.code.text().unwrap_or_default().to_owned();
    let text = envelope.msg.cleaned().unwrap_or_else(|| Text::new("no reason given"));
    let topic = envelope.arg.map(Arg::topic).filter(|topic| !topic.name.is_empty());
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

fn push<'a>(arg: Arg<'a>, whole: bool, data: &'a str, sent: Ms) -> Result<Message<'a>, ShapeError> {
    if !arg.is_ours() {
        return Ok(Message::Unknown(Text::new(&format!("{} {}", arg.inst_type, arg.channel))));
    }
    let symbol = || {
        Symbol::from_wire(&arg.inst_id).ok_or_else(|| ShapeError::new(WHAT, "no contract in it"))
    };
    let bodies = match arg.channel.as_ref() {
        "ticker" => {
            let rows: Vec<TickerModel> = super::rows::object("a ticker", data)?;
            let symbol = symbol()?;
            rows.iter().map(|row| Body::Ticker(row.ticker(symbol.clone()))).collect()
        }
        // A row of any shape is a row that is missing from the book.
        "books" => {
            let symbol = symbol()?;
            let read = |row: &&RawValue| serde_json::from_str::<BookModel>(row.get());
            let rows: Vec<&RawValue> = serde_json::from_str(data).unwrap_or_default();
            let part = |row| read(row).map_or(BookPart::Unreadable, |row| row.part(whole));
            let mut parts: Vec<BookPart> = rows.iter().map(part).collect();
            if parts.is_empty() {
                parts.push(BookPart::Unreadable);
            }
            return Ok(Message::Book { topic: arg.topic(), symbol, sent: sent.0, parts });
        }
        "books5" | "books15" | "books1" => {
            let rows: Vec<BookModel> = super::rows::object("a book", data)?;
            let symbol = symbol()?;
            let book = |row: BookModel| {
                let book =
                    row.book().ok_or_else(|| ShapeError::new("a book", "torn or crossed"))?;
                Ok(Body::Book { symbol: symbol.clone(), book: Some(Arc::new(book)) })
            };
            rows.into_iter().map(book).collect::<Result<_, ShapeError>>()?
        }
        "trade" => vec![market::trades(&symbol()?, data)?],
        "positions" => vec![positions::push(data)?],
        "account" => vec![account::rest(data)?],
        "orders" => vec![orders::push(data)?],
        "orders-algo" => vec![orders::push_plans(data)?],
        "fill" => vec![history::push_fills(data)?],
        "positions-history" => vec![history::push_closed(data)?],
        "adl-noti" => history::deleveraged(data)?,
        other => match endpoints::interval_of(other) {
            Some(interval) => vec![market::candles(&symbol()?, interval, data)?],
            None => return Ok(Message::Unknown(Text::new(other))),
        },
    };
    Ok(Message::Push { topic: arg.topic(), sent: sent.0, bodies })
}
