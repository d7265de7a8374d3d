//! Public data: clock, contract rules, tickers, candles, books, trades, funding, tiers.

use std::fmt;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

use super::rows::{self, Row};
use super::{endpoints, words};
use crate::domain::{
    Body, Book, Candle, Contract, FeeRate, FundingInfo, Interval, Level, Symbol, Text, Ticker,
    Tier, Timestamp, Trade,
};
use crate::exchange::number::{self, Ms, Num, Raw};
use crate::exchange::{BookPart, BookRow, ShapeError};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TimeModel {
    server_time: Ms,
}

/// Reads the data of `public/time`.
pub(super) fn server_time(data: &str) -> Result<Timestamp, ShapeError> {
    const WHAT: &str = "the server time";
    let model: TimeModel = rows::object(WHAT, data)?;
    model.server_time.0.ok_or_else(|| ShapeError::new(WHAT, "no time in it"))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ContractModel<'a> {
    #[serde(borrow)]
    symbol: Raw<'a>,
    #[serde(borrow)]
    price_place: Raw<'a>,
    price_end_step: Num,
    #[serde(borrow)]
    volume_place: Raw<'a>,
    size_multiplier: Num,
    maker_fee_rate: Num,
    taker_fee_rate: Num,
    max_lever: Num,
    #[serde(borrow)]
    fund_interval: Raw<'a>,
    #[serde(borrow)]
    symbol_status: Raw<'a>,
}

/// Reads the row of `symbol` in the data of `contracts`.
pub(super) fn contract(symbol: &Symbol, data: &str) -> Result<Body, ShapeError> {
    const WHAT: &str = "a contract";
    let read = rows::list(WHAT, data, |model: ContractModel<'_>| {
        if !model.symbol.is(symbol.wire()) {
            return Row::Nothing;
        }
        Row::from(contract_of(symbol, &model))
    })?;
    let contract = read.rows.into_iter().next();
    contract.map(Body::Contract).ok_or_else(|| ShapeError::new(WHAT, "no row of it"))
}

fn contract_of(symbol: &Symbol, model: &ContractModel<'_>) -> Option<Contract> {
    let places = |raw: &Raw<'_>| raw.count().filter(|places| *places <= 18);
    let price_places = places(&model.price_place)?;
    let fees = model.maker_fee_rate.0.zip(model.taker_fee_rate.0);
    Some(Contract {
        symbol: symbol.clone(),
        price_places,
        // The step counts in units of the last decimal place.
        price_step: model
            .price_end_step
            .0
            .and_then(|step| step.checked_mul(Decimal::new(1, price_places))),
        size_places: places(&model.volume_place)?,
        size_step: model.size_multiplier.0,
        default_fees: fees.map(|(maker, taker)| FeeRate { maker, taker }),
        max_leverage: model.max_lever.0,
        funding_interval_hours: model.fund_interval.count().filter(|hours| *hours > 0),
        status: model.symbol_status.cleaned(),
    })
}

/// A row of `ticker` or of the `ticker` channel. The stream sends `instId` and `symbol` both.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TickerModel {
    last_pr: Num,
    mark_price: Num,
    index_price: Num,
    bid_pr: Num,
    bid_sz: Num,
    ask_pr: Num,
    ask_sz: Num,
    open24h: Num,
    high24h: Num,
    low24h: Num,
    change24h: Num,
    base_volume: Num,
    quote_volume: Num,
    holding_amount: Num,
    funding_rate: Num,
    next_funding_time: Ms,
    ts: Ms,
}

impl TickerModel {
    /// Returns the ticker of `symbol`. A price at or below zero is no price.
    pub(super) fn ticker(&self, symbol: Symbol) -> Ticker {
        Ticker {
            symbol,
            last: self.last_pr.positive(),
            mark: self.mark_price.positive(),
            index: self.index_price.positive(),
            bid: self.bid_pr.positive(),
            bid_size: self.bid_sz.0,
            ask: self.ask_pr.positive(),
            ask_size: self.ask_sz.0,
            open_24h: self.open24h.positive(),
            high_24h: self.high24h.positive(),
            low_24h: self.low24h.positive(),
            change_24h: self.change24h.0,
            volume_24h_base: self.base_volume.0,
            volume_24h_quote: self.quote_volume.0,
            open_interest: self.holding_amount.0,
            funding_rate: self.funding_rate.0,
            next_funding_at: self.next_funding_time.0,
            exchange_time: self.ts.0,
        }
    }
}

/// Reads the data of `ticker`.
pub(super) fn rest_ticker(symbol: &Symbol, data: &str) -> Result<Body, ShapeError> {
    const WHAT: &str = "a ticker";
    let named: Named<'_> = rows::first(WHAT, data)?;
    if !named.symbol.is(symbol.wire()) {
        return Err(ShapeError::new(WHAT, "of another contract"));
    }
    let model: TickerModel = rows::first(WHAT, data)?;
    Ok(Body::Ticker(model.ticker(symbol.clone())))
}

/// The name in a row.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named<'a> {
    #[serde(borrow)]
    symbol: Raw<'a>,
}

/// Reads candle rows: `[start, open, high, low, close, base volume, …]`.
pub(super) fn candles(symbol: &Symbol, interval: Interval, data: &str) -> Result<Body, ShapeError> {
    let read = rows::list("a list of candles", data, |row: Vec<Raw<'_>>| Row::from(candle(&row)))?;
    Ok(Body::Candles { symbol: symbol.clone(), interval, rows: read.rows })
}

/// Reads a page of mark candles and where the next one begins. The mark price has no volume.
pub(super) fn mark_candles(
    symbol: &Symbol,
    interval: Interval,
    since: Timestamp,
    until: Timestamp,
    data: &str,
) -> Result<(Body, Option<Text>), ShapeError> {
    let read = rows::list("a list of candles", data, |row: Vec<Raw<'_>>| Row::from(candle(&row)))?;
    let mut rows = read.rows;
    rows.retain(|row| row.start >= since && row.start < until);
    for row in &mut rows {
        row.volume = None;
    }
    // Before the first candle of a young contract there are no others.
    let first = endpoints::mark_page(interval, since, until);
    let more = first > since && !rows.is_empty();
    let next = more.then(|| Text::new(&first.as_millis().to_string()));
    Ok((Body::MarkCandles { symbol: symbol.clone(), interval, rows }, next))
}

fn candle(row: &[Raw<'_>]) -> Option<Candle> {
    let price =
        |index: usize| row.get(index).and_then(Raw::decimal).filter(|p| !p.is_sign_negative());
    Some(Candle {
        start: row.first()?.text().and_then(number::millis)?,
        open: price(1)?,
        high: price(2)?,
        low: price(3)?,
        close: price(4)?,
        volume: price(5),
    })
}

/// A row of a book channel.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BookModel {
    bids: Levels,
    asks: Levels,
    ts: Ms,
    seq: Seq,
    pseq: Seq,
}

/// The number of a row, beyond what a float holds; `None` for what is none.
#[derive(Debug, Clone, Copy, Default)]
struct Seq(Option<u64>);

impl<'de> Deserialize<'de> for Seq {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(deserializer)?;
        Ok(Self(raw.text().and_then(|text| text.parse().ok())))
    }
}

/// Levels of one side; `None` when one of them cannot be read.
#[derive(Debug)]
struct Levels(Option<Vec<Level>>);

impl Default for Levels {
    /// A side that is missing says nothing of its levels.
    fn default() -> Self {
        Self(None)
    }
}

impl<'de> Deserialize<'de> for Levels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LevelsVisitor)
    }
}

/// Reads levels where they stand: they come many times a second.
struct LevelsVisitor;

impl<'de> Visitor<'de> for LevelsVisitor {
    type Value = Levels;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of levels")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Levels, A::Error> {
        let mut levels = Some(Vec::with_capacity(16));
        while let Some((price, size)) = seq.next_element::<(Num, Num)>()? {
            let size = size.0.filter(|size| !size.is_sign_negative());
            match (price.positive().zip(size), &mut levels) {
                (Some((price, size)), Some(levels)) => levels.push(Level { price, size }),
                (_, levels) => *levels = None,
            }
        }
        Ok(Levels(levels))
    }
}

impl BookModel {
    /// Returns the book of a channel that sends all of it each time. With levels that cannot be read,
    /// crossed, or out of order it is none.
    pub(super) fn book(self) -> Option<Book> {
        let book = Book { bids: self.bids.0?, asks: self.asks.0?, exchange_time: self.ts.0 };
        book.is_valid().then_some(book)
    }

    /// Returns the row of the channel that sends changes. `pseq` is missing from no row of it; of the
    /// checksum, which the wire has lost in 2026, nothing is left to compare.
    pub(super) fn part(self, whole: bool) -> BookPart {
        let row = || {
            let (seq, previous) = (self.seq.0?, self.pseq.0.or_else(|| whole.then_some(0))?);
            Some(BookRow { seq, previous, bids: self.bids.0?, asks: self.asks.0?, time: self.ts.0 })
        };
        match row() {
            Some(row) if whole => BookPart::Whole(row),
            Some(row) => BookPart::Change(row),
            None => BookPart::Unreadable,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TradeModel<'a> {
    price: Num,
    size: Num,
    #[serde(borrow)]
    side: Raw<'a>,
    ts: Ms,
}

/// Reads the data of a `trade` push.
pub(super) fn trades(symbol: &Symbol, data: &str) -> Result<Body, ShapeError> {
    let read = rows::list("a list of trades", data, |model: TradeModel<'_>| {
        Row::from(model.price.0.zip(model.size.0).zip(model.ts.0).map(|((price, size), time)| {
            Trade { price, size, taker_side: words::order_side(&model.side), time }
        }))
    })?;
    Ok(Body::Trades { symbol: symbol.clone(), rows: read.rows })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FundingModel<'a> {
    funding_rate: Num,
    #[serde(borrow)]
    funding_rate_interval: Raw<'a>,
    next_update: Ms,
}

/// Reads the data of `current-fund-rate`.
pub(super) fn funding(symbol: &Symbol, data: &str) -> Result<Body, ShapeError> {
    const WHAT: &str = "a funding rate";
    let named: Named<'_> = rows::first(WHAT, data)?;
    if !named.symbol.is(symbol.wire()) {
        return Err(ShapeError::new(WHAT, "of another contract"));
    }
    let model: FundingModel<'_> = rows::first(WHAT, data)?;
    Ok(Body::Funding(FundingInfo {
        symbol: symbol.clone(),
        rate: model.funding_rate.0,
        interval_hours: model.funding_rate_interval.count().filter(|hours| *hours > 0),
        next_at: model.next_update.0,
    }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct TierModel {
    start_unit: Num,
    end_unit: Num,
    leverage: Num,
    keep_margin_rate: Num,
}

/// Reads the data of `query-position-lever`. A table with a hole is no table.
pub(super) fn tiers(symbol: &Symbol, data: &str) -> Result<Body, ShapeError> {
    const WHAT: &str = "a table of tiers";
    let read = rows::list(WHAT, data, |model: TierModel| {
        let rate = model.keep_margin_rate.0;
        Row::from(model.start_unit.0.zip(model.end_unit.0).zip(rate).map(|((start, end), rate)| {
            Tier { start, end, max_leverage: model.leverage.0, maintenance_margin_rate: rate }
        }))
    })?;
    let mut tiers = read.rows;
    tiers.sort_by_key(|tier| tier.start);
    let joined =
        tiers.iter().zip(tiers.iter().skip(1)).all(|(lower, upper)| lower.end == upper.start);
    if read.unreadable > 0 || tiers.is_empty() || !joined {
        return Err(ShapeError::new(WHAT, "it has holes"));
    }
    Ok(Body::Tiers { symbol: symbol.clone(), tiers })
}
