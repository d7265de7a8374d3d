//! Public data: contract rules, tickers, books, trades, tiers.

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::domain::{Body, Contract, FeeRate, Symbol, Ticker};
use crate::exchange::ShapeError;
use crate::exchange::common_market::{self, hours, places, planned, tier, trade};
use crate::exchange::levels::{BookFields, Levels, Seq};
use crate::exchange::number::{Ms, Num, Raw};
use crate::exchange::rows::{self, Row};

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
    off_time: Ms,
    limit_open_time: Ms,
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
        funding_interval_hours: hours(&model.fund_interval),
        status: model.symbol_status.cleaned(),
        off_at: planned(model.off_time),
        limit_open_at: planned(model.limit_open_time),
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
    /// Returns the ticker of `symbol`. A price at or below zero is unknown.
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
    let model: TickerModel = rows::of_contract("a ticker", symbol, data)?;
    Ok(Body::Ticker(model.ticker(symbol.clone())))
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

impl From<BookModel> for BookFields {
    fn from(row: BookModel) -> Self {
        let BookModel { bids, asks, ts, seq, pseq } = row;
        Self { bids, asks, time: ts, seq, previous: pseq }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct TradeModel<'a> {
    #[serde(borrow)]
    trade_id: Raw<'a>,
    price: Num,
    size: Num,
    #[serde(borrow)]
    side: Raw<'a>,
    ts: Ms,
}

/// Reads the data of a `trade` push.
pub(super) fn trades(symbol: &Symbol, data: &str) -> Result<Body, ShapeError> {
    let read = rows::list("a list of trades", data, |model: TradeModel<'_>| {
        Row::from(trade(&model.trade_id, (model.price, model.size), &model.side, model.ts))
    })?;
    Ok(Body::Trades { symbol: symbol.clone(), rows: read.rows })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct TierModel {
    start_unit: Num,
    end_unit: Num,
    leverage: Num,
    keep_margin_rate: Num,
}

/// Reads the data of `query-position-lever`.
pub(super) fn tiers(symbol: &Symbol, data: &str) -> Result<Body, ShapeError> {
    let read = rows::list("a table of tiers", data, |row: TierModel| {
        Row::from(tier(row.start_unit, row.end_unit, row.leverage, row.keep_margin_rate))
    })?;
    common_market::tiers(symbol, read)
}
