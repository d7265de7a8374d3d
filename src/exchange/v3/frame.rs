//! Messages of the streams: from a topic to its parser.

use std::borrow::Cow;

use serde::Deserialize;

use super::market::{BookModel, TickerModel};
use super::{account, endpoints, history, market, orders, positions};
use crate::domain::{Body, Product};
use crate::exchange::envelope::{self, Argument, Content, Data};
use crate::exchange::{Message, ShapeError, Topic};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Arg<'a> {
    #[serde(borrow)]
    inst_type: Cow<'a, str>,
    #[serde(borrow)]
    topic: Cow<'a, str>,
    #[serde(borrow)]
    symbol: Cow<'a, str>,
    #[serde(borrow)]
    interval: Cow<'a, str>,
}

impl Arg<'_> {
    fn is_private(&self) -> bool {
        self.inst_type.eq_ignore_ascii_case(endpoints::PRIVATE)
    }
}

impl<'a> Argument<'a> for Arg<'a> {
    fn topic(self) -> Topic<'a> {
        // Private channels may say "all contracts" or leave it out.
        let is_all = self.is_private() && self.symbol.is_empty();
        let key = if is_all { endpoints::ALL.into() } else { self.symbol };
        let name = endpoints::join(self.topic, &self.interval);
        Topic { name, key, product: self.inst_type }
    }

    fn channel(&self) -> &str {
        &self.topic
    }

    fn contract(&self) -> &str {
        &self.symbol
    }

    fn product(&self) -> Option<Product> {
        Product::from_wire(&self.inst_type)
    }

    fn is_ours(&self) -> bool {
        self.product().is_some() || self.is_private()
    }

    /// Errors carry the channel as JSON inside their text.
    fn named_in(text: &str) -> Option<Topic<'static>> {
        let json = text.get(text.find('{')?..)?;
        let mut found = serde_json::Deserializer::from_str(json).into_iter::<Arg<'_>>();
        let Topic { name, key, product } = found.next()?.ok()?.topic();
        let [name, key, product] = [name, key, product].map(|part| part.into_owned().into());
        let named = Topic { name, key, product };
        (!named.name.is_empty()).then_some(named)
    }
}

/// Parses one text.
pub(super) fn read(text: &str) -> Result<Message<'_>, ShapeError> {
    envelope::read(text, fast, push)
}

/// Parses a price frame in one pass; `None` sends the text the general way.
fn fast(text: &str) -> Option<Message<'_>> {
    let (_, after) = text.split_once(r#""topic":""#)?;
    if after.starts_with("ticker\"") {
        return envelope::ticker::<Arg<'_>, TickerModel>(text, |symbol, row, sent| {
            Body::Ticker(row.ticker(symbol, sent))
        });
    }
    if after.starts_with("books\"") {
        return envelope::book::<Arg<'_>, BookModel>(text);
    }
    None
}

fn push(arg: &Arg<'_>, data: Data<'_>) -> Result<Option<Content>, ShapeError> {
    let symbol = || envelope::contract(arg);
    let bodies = match arg.topic.as_ref() {
        "ticker" => {
            let ticker = |row: TickerModel, symbol| row.ticker(symbol, data.sent);
            return envelope::tickers(&symbol()?, data, ticker).map(Some);
        }
        "books" => return Ok(Some(envelope::parts::<BookModel>(symbol()?, data))),
        "books5" | "books1" => {
            return envelope::books::<BookModel>(&symbol()?, data).map(Some);
        }
        "publicTrade" => vec![market::trades(&symbol()?, data.json)?],
        "kline" => match endpoints::interval_of(&arg.interval) {
            Some(interval) => vec![market::klines(&symbol()?, interval, data.json)?],
            None => return Ok(None),
        },
        "position" => vec![positions::push(data.json)?],
        "account" => vec![account::push(data.json)?],
        "order" => vec![orders::push(data.json)?],
        "strategy-order" => vec![orders::push_plans(data.json)?],
        "fill" => vec![history::push_fills(data.json)?],
        "adl-notification" => history::deleveraged(data.json)?,
        _ => return Ok(None),
    };
    Ok(Some(Content::Bodies(bodies)))
}
