//! API V2, for classic accounts: paths, channels, models and parsers.
//!
//! Every spelling of V2 stays in this folder. Rows are parsed one by one: an unreadable one is counted
//! and its neighbours apply. Mirrors the "mix" (futures) part of Bitget's V2 documentation.

mod account;
mod endpoints;
mod frame;
mod history;
mod market;
mod orders;
mod positions;
mod wire;

use serde_json::{Map, Value};

use super::common_account::{adl_ranks, fee_rate};
use super::common_market::{candles, funding, server_time};
use super::{Api, Channel, HttpRequest, Message, Request, Response, ShapeError};
use crate::domain::{AccountKind, Interval, OrderClass, Stream, Symbol};

/// API V2.
#[derive(Debug, Clone, Copy)]
pub struct V2;

/// The one instance.
pub static V2_API: V2 = V2;

impl Api for V2 {
    fn kind(&self) -> AccountKind {
        AccountKind::Classic
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
            // The request is whether this API serves the account at all.
            Request::AccountKind => account::rest(data).map(|_| Response::default())?,
            Request::Orders(product, class) | Request::MoreOrders { product, class, .. } => {
                orders::rest(*product, *class, data)?
            }
            Request::Fills => history::rest_fills(data)?.into(),
            Request::ClosedPositions | Request::MoreClosedPositions(_) => {
                history::rest_closed(data)?
            }
            Request::AdlRanks => adl_ranks(data, |row| row.rank)?.into(),
            Request::Ledger { since, .. } => history::ledger(*since, data)?,
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
