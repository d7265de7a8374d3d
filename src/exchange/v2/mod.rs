//! API V2, which classic accounts answer: paths, channels, models and parsers.
//!
//! Every spelling of V2 stays in this folder. Rows are read one by one: one that cannot be read is
//! counted and its neighbours apply. Mirrors the "mix" (futures) part of Bitget's V2 documentation.

mod account;
mod endpoints;
mod frame;
mod history;
mod market;
mod orders;
mod positions;
mod rows;
mod words;

use serde_json::{Map, Value};

use super::{Answer, Api, Channel, Message, Query, Request, ShapeError};
use crate::domain::{AccountKind, Interval, Stream, Symbol};

/// API V2.
#[derive(Debug, Clone, Copy)]
pub struct V2;

/// The one instance.
pub static V2_API: V2 = V2;

impl Api for V2 {
    fn kind(&self) -> AccountKind {
        AccountKind::Classic
    }

    fn to_request(&self, query: &Query) -> Request {
        endpoints::request(query)
    }

    fn read_answer(&self, query: &Query, data: &str) -> Result<Answer, ShapeError> {
        let of = |bodies| Answer { bodies, ..Answer::default() };
        Ok(match query {
            Query::ServerTime => {
                Answer { server_time: Some(market::server_time(data)?), ..Answer::default() }
            }
            Query::Contract(symbol) => of(vec![market::contract(symbol, data)?]),
            Query::Ticker(symbol) => of(vec![market::rest_ticker(symbol, data)?]),
            Query::Candles { symbol, interval, .. } => {
                of(vec![market::candles(symbol, *interval, data)?])
            }
            Query::MarkCandles { symbol, interval, since, until } => {
                let (body, next) = market::mark_candles(symbol, *interval, *since, *until, data)?;
                Answer { bodies: vec![body], next, ..Answer::default() }
            }
            Query::Funding(symbol) => of(vec![market::funding(symbol, data)?]),
            Query::Tiers(symbol) => of(vec![market::tiers(symbol, data)?]),
            Query::FeeRate(symbol) => of(vec![account::fee_rate(symbol, data)?]),
            Query::KeyRights => of(vec![account::key_rights(data)?]),
            Query::Positions => of(vec![positions::rest(data)?]),
            Query::Account => of(vec![account::rest(data)?]),
            Query::Orders(class) | Query::MoreOrders { class, .. } => {
                let (body, next) = orders::rest(*class, data)?;
                Answer { bodies: vec![body], next, ..Answer::default() }
            }
            Query::Fills => of(vec![history::rest_fills(data)?]),
            Query::ClosedPositions | Query::MoreClosedPositions(_) => {
                let (body, next) = history::rest_closed(data)?;
                Answer { bodies: vec![body], next, ..Answer::default() }
            }
            Query::AdlRanks => of(vec![positions::adl_ranks(data)?]),
            Query::Ledger { since, .. } => {
                let (body, next) = history::ledger(*since, data)?;
                Answer { bodies: vec![body], next, ..Answer::default() }
            }
        })
    }

    fn stream_path(&self, stream: Stream) -> &'static str {
        match stream {
            Stream::WsPrivate => "/v2/ws/private",
            Stream::WsPublic | Stream::Rest => "/v2/ws/public",
        }
    }

    fn public_channels(
        &self,
        focus: &Symbol,
        interval: Interval,
        others: &[Symbol],
    ) -> Vec<Channel> {
        endpoints::public_channels(focus, interval, others)
    }

    fn private_channels(&self) -> Vec<Channel> {
        endpoints::private_channels()
    }

    fn channel_json(&self, channel: &Channel) -> Value {
        let mut object = Map::new();
        object.insert("instType".to_owned(), channel.product.into());
        object.insert("channel".to_owned(), channel.name.as_ref().into());
        if let Some((selector, value)) = &channel.selector {
            object.insert((*selector).to_owned(), value.as_str().into());
        }
        Value::Object(object)
    }

    fn read_message<'a>(&self, text: &'a str) -> Result<Message<'a>, ShapeError> {
        frame::read(text)
    }
}
