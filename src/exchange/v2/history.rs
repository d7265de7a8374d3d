//! What has happened: fills, closed positions, bills, deleveraging.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::rows::{self, Page, Row};
use super::words;
use crate::domain::{
    Body, ClosedPosition, Fee, Fill, LedgerEntry, LedgerKind, Liquidity, PositionMode, Symbol,
    Text, Timestamp, Word,
};
use crate::exchange::ShapeError;
use crate::exchange::number::{Ms, Num, Raw, Told};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FillModel<'a> {
    #[serde(borrow)]
    symbol: Raw<'a>,
    #[serde(borrow)]
    trade_id: Raw<'a>,
    #[serde(borrow)]
    order_id: Raw<'a>,
    #[serde(borrow)]
    side: Raw<'a>,
    #[serde(borrow)]
    trade_side: Raw<'a>,
    #[serde(borrow)]
    pos_mode: Raw<'a>,
    #[serde(borrow)]
    trade_scope: Raw<'a>,
    price: Num,
    base_volume: Num,
    profit: Num,
    /// A list; read apart, so that anything else in its place costs no fill.
    #[serde(borrow)]
    fee_detail: Option<&'a RawValue>,
    c_time: Ms,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FeeModel<'a> {
    #[serde(borrow)]
    fee_coin: Raw<'a>,
    /// Negative when paid.
    total_fee: Num,
}

/// Reads the data of `fills`.
pub(super) fn rest_fills(data: &str) -> Result<Body, ShapeError> {
    let page = Page::read("a list of fills", data)?;
    fills(page.rows(), true)
}

/// Reads the data of a `fill` push.
pub(super) fn push_fills(data: &str) -> Result<Body, ShapeError> {
    fills(data, false)
}

fn fills(data: &str, listed: bool) -> Result<Body, ShapeError> {
    let read = rows::list("a list of fills", data, |model: FillModel<'_>| {
        Row::from(fill(&model, listed))
    })?;
    Ok(Body::Fills(read.rows))
}

/// In hedge mode the side of a listed fill follows the position, that of a pushed one is real: closing
/// a long is listed as `buy` and pushed as `sell`.
fn fill(model: &FillModel<'_>, listed: bool) -> Option<Fill> {
    let closes = words::closes(&model.trade_side);
    let hedge = words::position_mode(&model.pos_mode)
        .is_some_and(|mode| mode == Word::Known(PositionMode::Hedge));
    let side = words::order_side(&model.side);
    let side = if listed && hedge && closes == Some(true) { side.map(opposite) } else { side };
    let fees = rows::list("fees", model.fee_detail.map_or("[]", RawValue::get), |fee| {
        Row::from(fee_of(&fee))
    });
    Some(Fill {
        symbol: model.symbol.text().and_then(Symbol::from_wire)?,
        trade_id: model.trade_id.cleaned()?,
        order_id: model.order_id.cleaned(),
        side,
        closes,
        forced: words::forced(&model.trade_side),
        price: model.price.0,
        size: model.base_volume.0,
        realized_pnl: model.profit.0,
        fees: fees.map(|read| read.rows).unwrap_or_default(),
        liquidity: match () {
            () if model.trade_scope.is("maker") || model.trade_scope.is("m") => {
                Some(Liquidity::Maker)
            }
            () if model.trade_scope.is("taker") || model.trade_scope.is("t") => {
                Some(Liquidity::Taker)
            }
            () => None,
        },
        time: model.c_time.0,
    })
}

fn fee_of(model: &FeeModel<'_>) -> Option<Fee> {
    let coin = model.fee_coin.text()?.to_uppercase();
    Some(Fee { coin: Text::new(&coin), paid: -model.total_fee.0? })
}

const fn opposite(side: crate::domain::OrderSide) -> crate::domain::OrderSide {
    match side {
        crate::domain::OrderSide::Buy => crate::domain::OrderSide::Sell,
        crate::domain::OrderSide::Sell => crate::domain::OrderSide::Buy,
    }
}

/// A row of `history-position` or of the `positions-history` channel. Fees are negative when paid.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ClosedModel<'a> {
    #[serde(borrow, alias = "posId")]
    position_id: Raw<'a>,
    #[serde(borrow, alias = "instId")]
    symbol: Raw<'a>,
    #[serde(borrow)]
    hold_side: Raw<'a>,
    #[serde(borrow)]
    margin_mode: Raw<'a>,
    #[serde(alias = "openPriceAvg")]
    open_avg_price: Num,
    #[serde(alias = "closePriceAvg")]
    close_avg_price: Num,
    #[serde(alias = "closeSize")]
    close_total_pos: Num,
    #[serde(alias = "achievedProfits")]
    pnl: Num,
    #[serde(alias = "settleFee")]
    total_funding: Num,
    open_fee: Num,
    close_fee: Num,
    net_profit: Num,
    /// Lower case on the wire of REST.
    #[serde(alias = "cTime")]
    ctime: Ms,
    #[serde(alias = "uTime")]
    utime: Ms,
}

const CLOSED: &str = "a list of closed positions";

/// Reads the data of `history-position` and where the next page begins.
pub(super) fn rest_closed(data: &str) -> Result<(Body, Option<Text>), ShapeError> {
    let page = Page::read(CLOSED, data)?;
    let read = closed_rows(page.rows())?;
    let next = page.next(read.count());
    Ok((Body::ClosedPositions(read.rows), next))
}

/// Reads the data of a `positions-history` push.
pub(super) fn push_closed(data: &str) -> Result<Body, ShapeError> {
    Ok(Body::ClosedPositions(closed_rows(data)?.rows))
}

fn closed_rows(data: &str) -> Result<rows::Read<ClosedPosition>, ShapeError> {
    rows::list(CLOSED, data, |model: ClosedModel<'_>| Row::from(closed_position(&model)))
}

fn closed_position(model: &ClosedModel<'_>) -> Option<ClosedPosition> {
    let fees =
        model.open_fee.0.zip(model.close_fee.0).and_then(|(open, close)| open.checked_add(close));
    // `netProfit = pnl + totalFunding + openFee + closeFee`, where it is not sent.
    let net = || model.pnl.0?.checked_add(model.total_funding.0?)?.checked_add(fees?);
    Some(ClosedPosition {
        id: model.position_id.cleaned(),
        symbol: model.symbol.text().and_then(Symbol::from_wire)?,
        side: words::side(&model.hold_side)?,
        margin_mode: words::margin_mode(&model.margin_mode),
        entry_price: model.open_avg_price.0,
        exit_price: model.close_avg_price.0,
        size: model.close_total_pos.0,
        realized_pnl: model.pnl.0,
        funding_pnl: model.total_funding.0,
        fees_paid: fees.map(|fees| -fees),
        net_pnl: model.net_profit.0.or_else(net),
        opened_at: model.ctime.0,
        closed_at: model.utime.0,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct BillModel<'a> {
    #[serde(borrow)]
    bill_id: Raw<'a>,
    #[serde(borrow)]
    symbol: Raw<'a>,
    amount: Num,
    /// Negative when paid; nothing is none.
    fee: Option<Told>,
    #[serde(borrow)]
    business_type: Raw<'a>,
    #[serde(borrow)]
    coin: Raw<'a>,
    c_time: Ms,
}

/// Reads the data of `bill` and where the next page begins. A bill that cannot be read makes the list
/// useless for totals, so it is an error.
pub(super) fn ledger(since: Timestamp, data: &str) -> Result<(Body, Option<Text>), ShapeError> {
    const WHAT: &str = "a list of bills";
    let page = Page::read(WHAT, data)?;
    let read = rows::list(WHAT, page.rows(), |model: BillModel<'_>| Row::from(bill(&model)))?;
    if read.unreadable > 0 {
        return Err(ShapeError::new(WHAT, format!("{} of them cannot be read", read.unreadable)));
    }
    let next = page.next(read.rows.len());
    Ok((Body::Ledger { since, rows: read.rows, complete: next.is_none() }, next))
}

fn bill(model: &BillModel<'_>) -> Option<LedgerEntry> {
    let coin = model.coin.text()?.to_uppercase();
    Some(LedgerEntry {
        id: model.bill_id.cleaned()?,
        symbol: model.symbol.text().and_then(Symbol::from_wire),
        coin: Text::new(&coin),
        kind: ledger_kind(model.business_type.text().unwrap_or_default()),
        amount: model.amount.0?,
        fee_paid: -model.fee.map_or(Some(Decimal::ZERO), Told::or_zero)?,
        time: model.c_time.0?,
    })
}

fn ledger_kind(word: &str) -> LedgerKind {
    let word = word.to_ascii_lowercase();
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| word.starts_with(prefix));
    if word == "contract_settle_fee" {
        LedgerKind::Funding
    } else if word == "buy"
        || word == "sell"
        || starts(&["open_", "close_", "force_", "burst_", "delivery_", "adl_"])
    {
        LedgerKind::Trade
    } else if starts(&["trans_"]) {
        LedgerKind::Transfer
    } else if word.ends_with("append_margin")
        || word == "reduce_margin"
        || word == "adjust_down_lever_append_margin"
    {
        LedgerKind::Internal
    } else {
        LedgerKind::Other
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AdlModel<'a> {
    #[serde(borrow, alias = "instId")]
    symbol: Raw<'a>,
    price: Num,
    amount: Num,
}

/// Reads the data of an `adl-noti` push.
pub(super) fn deleveraged(data: &str) -> Result<Vec<Body>, ShapeError> {
    let read = rows::list("a deleveraging", data, |model: AdlModel<'_>| {
        let symbol = model.symbol.text().and_then(Symbol::from_wire);
        Row::from(symbol.map(|symbol| Body::Deleveraged {
            symbol,
            price: model.price.0,
            size: model.amount.0,
        }))
    })?;
    Ok(read.rows)
}
