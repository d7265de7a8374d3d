//! API V3, which unified accounts answer: paths, channels, models and parsers.
//!
//! Every spelling of V3 stays in this folder. Its public half serves both kinds of account. Position
//! pushes speak of single rows whatever their `action` says, so only a REST list closes by absence.
//! Mirrors the "UTA" part of Bitget's documentation.

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
use super::number::Raw;
use super::open_enum::usdt_contract;
use super::{Answer, Api, Channel, Message, Query, Request, ShapeError};
use crate::domain::{AccountKind, Interval, OrderClass, Stream, Symbol};

/// The product in requests and, in either case, in rows.
const CATEGORY: &str = "USDT-FUTURES";
/// The name of where the next page begins.
const CURSOR: &str = "cursor";

/// Returns whether a pushed row is of our product: one private channel carries all of them. Positions
/// do not say, so their contract decides.
fn is_ours(category: &Raw<'_>, symbol: &Raw<'_>) -> bool {
    category.is(CATEGORY) || (category.text().is_none() && usdt_contract(symbol).is_some())
}

/// API V3.
#[derive(Debug, Clone, Copy)]
pub struct V3;

/// The one instance.
pub static V3_API: V3 = V3;

impl Api for V3 {
    fn kind(&self) -> AccountKind {
        AccountKind::Unified
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
            Query::AccountKind => {
                Answer { switching: account::is_switching(data)?, ..Answer::default() }
            }
            Query::Orders(class) | Query::MoreOrders { class, .. } => orders::rest(*class, data)?,
            Query::Fills => history::rest_fills(data)?.into(),
            Query::ClosedPositions | Query::MoreClosedPositions(_) => history::closed(data)?,
            Query::AdlRanks => adl_ranks(data, |row| row.adl_rank)?.into(),
            Query::Ledger { since, .. } => history::ledger(*since, data)?,
        })
    }

    /// Trailing orders have no list of their own: that of the trigger orders answers for them.
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
