//! Public data: contract rules, tickers, candles, books, trades, tiers.

use serde::Deserialize;

use crate::domain::{Body, Contract, FeeRate, Interval, Symbol, Text, Ticker};
use crate::exchange::ShapeError;
use crate::exchange::common_market::{self, candle, hours, places, planned, tier, trade};
use crate::exchange::levels::{BookFields, Levels, Seq};
use crate::exchange::number::{Ms, Num, Raw};
use crate::exchange::rows::{self, Row};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct InstrumentModel<'a> {
    #[serde(borrow)]
    price_precision: Raw<'a>,
    /// The step itself, not a factor.
    price_multiplier: Num,
    #[serde(borrow)]
    quantity_precision: Raw<'a>,
    quantity_multiplier: Num,
    maker_fee_rate: Num,
    taker_fee_rate: Num,
    max_leverage: Num,
    #[serde(borrow)]
    fund_interval: Raw<'a>,
    #[serde(borrow)]
    status: Raw<'a>,
    off_time: Ms,
    limit_open_time: Ms,
}

/// Reads the row of `symbol` in the data of `instruments`.
pub(super) fn contract(symbol: &Symbol, data: &str) -> Result<Body, ShapeError> {
    const WHAT: &str = "a contract";
    let model: InstrumentModel<'_> = rows::of_contract(WHAT, symbol, data)?;
    let known =
        |raw: &Raw<'_>| places(raw).ok_or_else(|| ShapeError::new(WHAT, "no decimal places in it"));
    Ok(Body::Contract(Contract {
        symbol: symbol.clone(),
        price_places: known(&model.price_precision)?,
        price_step: model.price_multiplier.positive(),
        size_places: known(&model.quantity_precision)?,
        size_step: model.quantity_multiplier.positive(),
        default_fees: model
            .maker_fee_rate
            .0
            .zip(model.taker_fee_rate.0)
            .map(|(maker, taker)| FeeRate { maker, taker }),
        max_leverage: model.max_leverage.0,
        funding_interval_hours: hours(&model.fund_interval),
        status: if model.status.is("online") {
            Some(Text::new("normal"))
        } else {
            model.status.cleaned()
        },
        off_at: planned(model.off_time),
        limit_open_at: planned(model.limit_open_time),
    }))
}

/// A row of `tickers` or of the `ticker` topic. Only REST rows carry a time of their own, and only
/// pushes the time of the next funding.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TickerModel {
    last_price: Num,
    mark_price: Num,
    index_price: Num,
    bid1_price: Num,
    bid1_size: Num,
    ask1_price: Num,
    ask1_size: Num,
    open_price24h: Num,
    high_price24h: Num,
    low_price24h: Num,
    /// A fraction, whatever its name says.
    price24h_pcnt: Num,
    volume24h: Num,
    turnover24h: Num,
    open_interest: Num,
    funding_rate: Num,
    next_funding_time: Ms,
    ts: Ms,
}

impl TickerModel {
    /// Returns the ticker of `symbol`, sent at `sent`. A price at or below zero is unknown.
    pub(super) fn ticker(&self, symbol: Symbol, sent: Ms) -> Ticker {
        let quotes = [self.bid1_price, self.ask1_price].map(Num::positive);
        let day = [self.open_price24h, self.high_price24h, self.low_price24h].map(Num::positive);
        let ([bid, ask], [open_24h, high_24h, low_24h]) = (quotes, day);
        Ticker {
            last: self.last_price.positive(),
            mark: self.mark_price.positive(),
            index: self.index_price.positive(),
            bid,
            bid_size: self.bid1_size.0,
            ask,
            ask_size: self.ask1_size.0,
            open_24h,
            high_24h,
            low_24h,
            change_24h: self.price24h_pcnt.0,
            volume_24h_base: self.volume24h.0,
            volume_24h_quote: self.turnover24h.0,
            open_interest: self.open_interest.0,
            funding_rate: self.funding_rate.0,
            next_funding_at: self.next_funding_time.0,
            exchange_time: self.ts.0.or(sent.0),
            symbol,
        }
    }
}

/// Reads the data of `tickers`.
pub(super) fn rest_ticker(symbol: &Symbol, data: &str) -> Result<Body, ShapeError> {
    let model: TickerModel = rows::of_contract("a ticker", symbol, data)?;
    Ok(Body::Ticker(model.ticker(symbol.clone(), Ms::default())))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KlineModel {
    start: Ms,
    open: Num,
    high: Num,
    low: Num,
    close: Num,
    volume: Num,
}

/// Reads the data of a `kline` push.
pub(super) fn klines(symbol: &Symbol, interval: Interval, data: &str) -> Result<Body, ShapeError> {
    let read = rows::list("a list of candles", data, |row: KlineModel| {
        let prices = [row.open, row.high, row.low, row.close].map(|price| price.0);
        Row::from(candle(row.start.0, prices, row.volume.0))
    })?;
    Ok(Body::Candles { symbol: symbol.clone(), interval, rows: read.rows })
}

/// A row of a book topic.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BookModel {
    b: Levels,
    a: Levels,
    ts: Ms,
    seq: Seq,
    pseq: Seq,
}

impl From<BookModel> for BookFields {
    fn from(row: BookModel) -> Self {
        Self { bids: row.b, asks: row.a, time: row.ts, seq: row.seq, previous: row.pseq }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TradeModel<'a> {
    #[serde(borrow, rename = "i")]
    id: Raw<'a>,
    p: Num,
    v: Num,
    #[serde(borrow, rename = "S")]
    side: Raw<'a>,
    #[serde(rename = "T")]
    time: Ms,
}

/// Reads the data of a `publicTrade` push.
pub(super) fn trades(symbol: &Symbol, data: &str) -> Result<Body, ShapeError> {
    let read = rows::list("a list of trades", data, |row: TradeModel<'_>| {
        Row::from(trade(&row.id, (row.p, row.v), &row.side, row.time))
    })?;
    Ok(Body::Trades { symbol: symbol.clone(), rows: read.rows })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct TierModel {
    min_tier_value: Num,
    max_tier_value: Num,
    leverage: Num,
    /// A rate here, an amount on the account.
    mmr: Num,
}

/// Reads the data of `position-tier`.
pub(super) fn tiers(symbol: &Symbol, data: &str) -> Result<Body, ShapeError> {
    let read = rows::list("a table of tiers", data, |row: TierModel| {
        Row::from(tier(row.min_tier_value, row.max_tier_value, row.leverage, row.mmr))
    })?;
    common_market::tiers(symbol, read)
}
