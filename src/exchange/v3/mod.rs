//! API V3, for unified accounts: paths, channels, models and parsers.
//!
//! Every spelling of V3 stays in this folder. Its public half serves both kinds of account. Position
//! pushes carry single rows whatever their `action` says, so only a REST list closes by absence.
//! Mirrors the "UTA" part of Bitget's documentation.

mod account;
mod endpoints;
mod frame;
mod history;
mod ledger;
mod market;
mod orders;
mod positions;
mod wire;

use serde_json::{Map, Value};

use super::common_account::{adl_ranks, fee_rate};
use super::common_market::{candles, funding, server_time};
use super::{Api, Channel, HttpRequest, Message, Request, Response, ShapeError};
use crate::domain::{AccountKind, Interval, OrderClass, Stream, Symbol};

/// API V3.
#[derive(Debug, Clone, Copy)]
pub struct V3;

/// The one instance.
pub static V3_API: V3 = V3;

impl Api for V3 {
    fn kind(&self) -> AccountKind {
        AccountKind::Unified
    }

    fn to_http(&self, request: &Request) -> HttpRequest {
        endpoints::to_http(request)
    }

    fn read_response(&self, request: &Request, data: &str) -> Result<Response, ShapeError> {
        Ok(match request {
            Request::ServerTime => Response::time(server_time(data)?),
            Request::Contract(symbol) => market::contract(symbol, data)?.into(),
            Request::Ticker(symbol) => market::rest_ticker(symbol, data)?.into(),
            Request::Candles { symbol, interval, .. } => candles(symbol, *interval, data)?.into(),
            Request::MarkCandles { symbol, interval, since, until } => {
                endpoints::mark_pages(symbol, *interval, *since, *until).read(data)?
            }
            Request::Funding(symbol) => funding(symbol, data)?.into(),
            Request::Tiers(symbol) => market::tiers(symbol, data)?.into(),
            Request::FeeRate(symbol) => fee_rate(symbol, data)?.into(),
            Request::KeyRights => account::key_rights(data)?.into(),
            Request::Positions(product) => positions::rest(*product, data)?.into(),
            Request::Account => account::rest(data)?.into(),
            Request::AccountKind => account::settings(data)?,
            Request::Orders(product, class) | Request::MoreOrders { product, class, .. } => {
                orders::rest(*product, *class, data)?
            }
            Request::Fills => history::rest_fills(data)?.into(),
            Request::ClosedPositions | Request::MoreClosedPositions(_) => history::closed(data)?,
            Request::AdlRanks => adl_ranks(data, |row| row.adl_rank)?.into(),
            Request::Ledger { since, cursor, .. } => ledger::ledger(*since, cursor.as_ref(), data)?,
        })
    }

    /// Trailing orders have no list of their own: that of the trigger orders covers them.
    fn order_classes(&self) -> &'static [OrderClass] {
        &[OrderClass::Plain, OrderClass::ProfitLoss, OrderClass::Trigger]
    }

    fn stream_path(&self, stream: Stream) -> &'static str {
        match stream {
            Stream::WsPrivate => "/v3/ws/private",
            Stream::WsPublic | Stream::Rest => "/v3/ws/public",
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
        let (topic, interval) = endpoints::split(&channel.name);
        object.insert("topic".to_owned(), topic.into());
        if let Some((selector, value)) = &channel.selector {
            object.insert((*selector).to_owned(), value.as_str().into());
        }
        if let Some(interval) = interval {
            object.insert("interval".to_owned(), interval.into());
        }
        Value::Object(object)
    }

    fn read_message<'a>(&self, text: &'a str) -> Result<Message<'a>, ShapeError> {
        frame::read(text)
    }
}
