//! Public data: clock, contract rules, tickers, candles, books, trades, funding, tiers.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::rows::{self, Row};
use super::words;
use crate::domain::{
    Body, Book, Candle, Contract, FeeRate, FundingInfo, Interval, Level, Symbol, Ticker, Tier,
    Timestamp, Trade,
};
use crate::exchange::ShapeError;
use crate::exchange::number::{self, Ms, Num, Raw};

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

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BookModel {
    bids: Vec<(Num, Num)>,
    asks: Vec<(Num, Num)>,
    ts: Ms,
}

impl BookModel {
    /// Returns the book. With levels that cannot be read, crossed, or out of order it is none.
    pub(super) fn book(&self) -> Option<Book> {
        let side = |levels: &[(Num, Num)]| -> Option<Vec<Level>> {
            levels
                .iter()
                .map(|(price, size)| Some(Level { price: price.positive()?, size: size.0? }))
                .collect()
        };
        let (bids, asks) = (side(&self.bids)?, side(&self.asks)?);
        let crossed =
            bids.first().zip(asks.first()).is_some_and(|(bid, ask)| bid.price >= ask.price);
        let ordered = bids.is_sorted_by(|a, b| a.price > b.price)
            && asks.is_sorted_by(|a, b| a.price < b.price);
        (!crossed && ordered).then_some(Book { bids, asks, exchange_time: self.ts.0 })
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
