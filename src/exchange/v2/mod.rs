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

use serde_json::{Map, Value};

use super::account::{adl_ranks, fee_rate};
use super::market::{candles, funding, server_time};
use super::{Answer, Api, Channel, Message, Query, Request, ShapeError};
use crate::domain::{AccountKind, Interval, OrderClass, Stream, Symbol};

/// The name of where the next page begins.
const CURSOR: &str = "endId";

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
        Ok(match query {
            Query::ServerTime => Answer::time(server_time(data)?),
            Query::Contract(symbol) => market::contract(symbol, data)?.into(),
            Query::Ticker(symbol) => market::rest_ticker(symbol, data)?.into(),
            Query::Candles { symbol, interval, .. } => candles(symbol, *interval, data)?.into(),
            Query::MarkCandles { symbol, interval, since, until } => {
                endpoints::mark_pages(symbol, *interval, *since, *until).read(data)?
            }
            Query::Funding(symbol) => funding(symbol, data)?.into(),
            Query::Tiers(symbol) => market::tiers(symbol, data)?.into(),
            Query::FeeRate(symbol) => fee_rate(symbol, data)?.into(),
            Query::KeyRights => account::key_rights(data)?.into(),
            Query::Positions => positions::rest(data)?.into(),
            Query::Account => account::rest(data)?.into(),
            // That it answers at all is what is asked.
            Query::AccountKind => account::rest(data).map(|_| Answer::default())?,
            Query::Orders(class) | Query::MoreOrders { class, .. } => orders::rest(*class, data)?,
            Query::Fills => history::rest_fills(data)?.into(),
            Query::ClosedPositions | Query::MoreClosedPositions(_) => history::rest_closed(data)?,
            Query::AdlRanks => adl_ranks(data, |row| row.rank)?.into(),
            Query::Ledger { since, .. } => history::ledger(*since, data)?,
        })
    }

    fn order_classes(&self) -> &'static [OrderClass] {
        &OrderClass::ALL
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
