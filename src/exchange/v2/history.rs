//! History: fills, closed positions, the ledger, deleveraging.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::wire::CURSOR;
use crate::domain::{Body, ClosedPosition, Fill, OpenEnum, PositionMode, Product, Timestamp};
use crate::exchange::ledger_row::{LedgerRow, Signs};
use crate::exchange::number::{Ms, Num, Presence, Raw, negated};
use crate::exchange::rows::{self, Page, Row};
use crate::exchange::{Response, ShapeError, common_account, open_enum};

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
    /// A list; parsed on its own, so that anything else in its place costs no fill.
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
    let page = Page::read("a list of fills", data, &["fillList"], CURSOR)?;
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
    let closes = open_enum::closes(&model.trade_side);
    let hedge = open_enum::position_mode(&model.pos_mode)
        .is_some_and(|mode| mode == OpenEnum::Known(PositionMode::Hedge));
    let side = open_enum::order_side(&model.side);
    let side = if listed && hedge && closes == Some(true) { side.map(opposite) } else { side };
    let fees =
        rows::list("fees", model.fee_detail.map_or("[]", RawValue::get), |fee: FeeModel<'_>| {
            Row::from(open_enum::fee(&fee.fee_coin, fee.total_fee.0.map(negated)))
        });
    Some(Fill {
        symbol: open_enum::contract(&model.symbol, Product::UsdtFutures)?,
        trade_id: model.trade_id.cleaned()?,
        order_id: model.order_id.cleaned(),
        side,
        closes,
        forced: open_enum::forced(&model.trade_side),
        price: model.price.0,
        size: model.base_volume.0,
        realized_pnl: model.profit.0,
        fees: fees.map(|read| read.rows).unwrap_or_default(),
        liquidity: open_enum::liquidity(&model.trade_scope),
        time: model.c_time.0,
    })
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
    #[serde(borrow)]
    position_id: Raw<'a>,
    #[serde(borrow)]
    pos_id: Raw<'a>,
    #[serde(borrow)]
    symbol: Raw<'a>,
    #[serde(borrow)]
    inst_id: Raw<'a>,
    #[serde(borrow)]
    hold_side: Raw<'a>,
    #[serde(borrow)]
    margin_mode: Raw<'a>,
    open_avg_price: Num,
    open_price_avg: Num,
    close_avg_price: Num,
    close_price_avg: Num,
    close_total_pos: Num,
    close_size: Num,
    pnl: Num,
    achieved_profits: Num,
    total_funding: Num,
    settle_fee: Num,
    open_fee: Num,
    close_fee: Num,
    net_profit: Num,
    /// Lower case on the wire of REST.
    ctime: Ms,
    c_time: Ms,
    utime: Ms,
    u_time: Ms,
}

const CLOSED: &str = "a list of closed positions";

/// Reads the data of `history-position`.
pub(super) fn rest_closed(data: &str) -> Result<Response, ShapeError> {
    let page = Page::read(CLOSED, data, &["list"], CURSOR)?;
    Ok(common_account::listed_closed(&page, closed_rows(page.rows())?))
}

/// Reads the data of a `positions-history` push.
pub(super) fn push_closed(data: &str) -> Result<Body, ShapeError> {
    Ok(Body::ClosedPositions(closed_rows(data)?.rows))
}

fn closed_rows(data: &str) -> Result<rows::Read<ClosedPosition>, ShapeError> {
    rows::list(CLOSED, data, |model: ClosedModel<'_>| Row::from(closed_position(&model)))
}

fn closed_position(model: &ClosedModel<'_>) -> Option<ClosedPosition> {
    let fees_paid = common_account::fees_paid(model.open_fee.0, model.close_fee.0);
    let realized_pnl = model.pnl.or(model.achieved_profits);
    let funding_pnl = model.total_funding.or(model.settle_fee);
    let net = || common_account::net(realized_pnl, funding_pnl, fees_paid);
    Some(ClosedPosition {
        id: model.position_id.or(&model.pos_id).cleaned(),
        symbol: open_enum::contract(model.symbol.or(&model.inst_id), Product::UsdtFutures)?,
        side: open_enum::side(&model.hold_side)?,
        margin_mode: open_enum::margin_mode(&model.margin_mode),
        entry_price: model.open_avg_price.or(model.open_price_avg),
        exit_price: model.close_avg_price.or(model.close_price_avg),
        size: model.close_total_pos.or(model.close_size),
        realized_pnl,
        funding_pnl,
        fees_paid,
        net_pnl: model.net_profit.0.or_else(net),
        opened_at: model.ctime.or(model.c_time),
        closed_at: model.utime.or(model.u_time),
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
    /// Negative when paid; missing or empty means zero.
    fee: Option<Presence>,
    #[serde(borrow)]
    business_type: Raw<'a>,
    #[serde(borrow)]
    coin: Raw<'a>,
    c_time: Ms,
}

/// Reads the data of `bill`.
pub(super) fn ledger(since: Timestamp, data: &str) -> Result<Response, ShapeError> {
    let page = Page::read("a list of ledger entries", data, &["bills"], CURSOR)?;
    common_account::ledger(since, &page, |model: &BillModel<'_>| {
        let row = LedgerRow {
            id: model.bill_id.cleaned()?,
            symbol: open_enum::named_contract(&model.symbol),
            coin: open_enum::coin(&model.coin)?,
            word: model.business_type.text().unwrap_or_default(),
            amount: model.amount.0?,
            fee_paid: common_account::ledger_fee(model.fee)?,
            time: model.c_time.0?,
        };
        Some(row.entry(Signs::InAmount))
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AdlModel<'a> {
    #[serde(borrow)]
    symbol: Raw<'a>,
    #[serde(borrow, rename = "instId")]
    inst_id: Raw<'a>,
    price: Num,
    amount: Num,
}

/// Reads the data of an `adl-noti` push.
pub(super) fn deleveraged(data: &str) -> Result<Vec<Body>, ShapeError> {
    let read = rows::list("a deleveraging", data, |model: AdlModel<'_>| {
        let symbol = open_enum::contract(model.symbol.or(&model.inst_id), Product::UsdtFutures);
        Row::from(symbol.map(|symbol| Body::Deleveraged {
            symbol,
            price: model.price.0,
            size: model.amount.0,
        }))
    })?;
    Ok(read.rows)
}
