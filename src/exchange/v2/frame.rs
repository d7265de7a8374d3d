//! Messages of the streams: from a channel to its parser.

use std::borrow::Cow;

use serde::Deserialize;

use super::market::{BookModel, TickerModel};
use super::{account, endpoints, history, market, orders, positions};
use crate::domain::{Body, Product};
use crate::exchange::common_market::candles;
use crate::exchange::envelope::{self, Argument, Content, Data};
use crate::exchange::{Message, ShapeError, Topic};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Arg<'a> {
    #[serde(borrow)]
    inst_type: Cow<'a, str>,
    #[serde(borrow)]
    channel: Cow<'a, str>,
    /// Private account channels select by `coin`.
    #[serde(borrow)]
    inst_id: Cow<'a, str>,
    #[serde(borrow)]
    coin: Cow<'a, str>,
}

impl<'a> Argument<'a> for Arg<'a> {
    fn topic(self) -> Topic<'a> {
        let key = if self.inst_id.is_empty() { self.coin } else { self.inst_id };
        Topic { name: self.channel, key, product: self.inst_type }
    }

    fn channel(&self) -> &str {
        &self.channel
    }

    fn contract(&self) -> &str {
        &self.inst_id
    }

    fn product(&self) -> Option<Product> {
        Product::from_wire(&self.inst_type)
    }
}

/// Parses one text.
pub(super) fn read(text: &str) -> Result<Message<'_>, ShapeError> {
    envelope::read(text, fast, push)
}

/// Parses a price frame in one pass; `None` sends the text the general way.
fn fast(text: &str) -> Option<Message<'_>> {
    let (_, after) = text.split_once(r#""channel":""#)?;
    if after.starts_with("ticker\"") {
        return envelope::ticker::<Arg<'_>, TickerModel>(text, |symbol, row, _| {
            Body::Ticker(row.ticker(symbol))
        });
    }
    if after.starts_with("books\"") {
        return envelope::book::<Arg<'_>, BookModel>(text);
    }
    None
}

fn product(arg: &Arg<'_>) -> Result<Product, ShapeError> {
    arg.product().ok_or_else(|| ShapeError::new("a message", "no product in it"))
}

fn push(arg: &Arg<'_>, data: Data<'_>) -> Result<Option<Content>, ShapeError> {
    let symbol = || envelope::contract(arg);
    let bodies = match arg.channel.as_ref() {
        "ticker" => {
            let ticker = |row: TickerModel, symbol| row.ticker(symbol);
            return envelope::tickers(&symbol()?, data, ticker).map(Some);
        }
        "books" => return Ok(Some(envelope::parts::<BookModel>(symbol()?, data))),
        "books5" | "books15" | "books1" => {
            return envelope::books::<BookModel>(&symbol()?, data).map(Some);
        }
        "trade" => vec![market::trades(&symbol()?, data.json)?],
        "positions" => vec![positions::push(product(arg)?, data.json)?],
        "account" => vec![account::rest(data.json)?],
        "orders" => vec![orders::push(product(arg)?, data.json)?],
        "orders-algo" => vec![orders::push_plans(product(arg)?, data.json)?],
        "fill" => vec![history::push_fills(data.json)?],
        "positions-history" => vec![history::push_closed(data.json)?],
        "adl-noti" => history::deleveraged(data.json)?,
        other => match endpoints::interval_of(other) {
            Some(interval) => vec![candles(&symbol()?, interval, data.json)?],
            None => return Ok(None),
        },
    };
    Ok(Some(Content::Bodies(bodies)))
}
