//! History: fills, closed positions, the ledger, deleveraging.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::wire::{CURSOR, product_of};
use crate::domain::{Body, ClosedPosition, Fill, Product};
use crate::exchange::number::{Ms, Num, Raw};
use crate::exchange::rows::{self, Page, Row};
use crate::exchange::{Response, ShapeError, common_account, open_enum};

/// A row of `fills` or of the `fill` topic.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FillModel<'a> {
    #[serde(borrow)]
    category: Raw<'a>,
    #[serde(borrow)]
    symbol: Raw<'a>,
    #[serde(borrow)]
    exec_id: Raw<'a>,
    #[serde(borrow)]
    order_id: Raw<'a>,
    #[serde(borrow)]
    side: Raw<'a>,
    #[serde(borrow)]
    trade_side: Raw<'a>,
    #[serde(borrow)]
    trade_scope: Raw<'a>,
    exec_price: Num,
    exec_qty: Num,
    exec_pnl: Num,
    /// A list; parsed on its own, so that anything else in its place costs no fill.
    #[serde(borrow)]
    fee_detail: Option<&'a RawValue>,
    /// `execTime` in pushes.
    created_time: Ms,
    exec_time: Ms,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FeeModel<'a> {
    #[serde(borrow)]
    fee_coin: Raw<'a>,
    /// Positive when paid, unlike all other fees of this API.
    fee: Num,
}

/// Reads the data of `fills`.
pub(super) fn rest_fills(data: &str) -> Result<Body, ShapeError> {
    let page = Page::read("a list of fills", data, &["list"], CURSOR)?;
    push_fills(page.rows())
}

/// Reads the data of a `fill` push.
pub(super) fn push_fills(data: &str) -> Result<Body, ShapeError> {
    let read = rows::list("a list of fills", data, |model: FillModel<'_>| {
        if model.symbol.text().is_some()
            && product_of(&model.category, &model.symbol) != Some(Product::UsdtFutures)
        {
            return Row::Nothing;
        }
        Row::from(fill(&model))
    })?;
    Ok(Body::Fills(read.rows))
}

/// The side of a fill is real in this API.
fn fill(model: &FillModel<'_>) -> Option<Fill> {
    let list = model.fee_detail.map_or("[]", RawValue::get);
    let fees = rows::list("fees", list, |fee: FeeModel<'_>| {
        Row::from(open_enum::fee(&fee.fee_coin, fee.fee.0))
    });
    Some(Fill {
        symbol: open_enum::contract(&model.symbol, Product::UsdtFutures)?,
        trade_id: model.exec_id.cleaned()?,
        order_id: model.order_id.cleaned(),
        side: open_enum::order_side(&model.side),
        closes: open_enum::closes(&model.trade_side),
        forced: open_enum::forced(&model.trade_side),
        price: model.exec_price.0,
        size: model.exec_qty.0,
        realized_pnl: model.exec_pnl.0,
        fees: fees.map(|read| read.rows).unwrap_or_default(),
        liquidity: open_enum::liquidity(&model.trade_scope),
        time: model.created_time.or(model.exec_time),
    })
}

/// A row of `history-position`. Fees and funding are negative when paid.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ClosedModel<'a> {
    #[serde(borrow)]
    position_id: Raw<'a>,
    #[serde(borrow)]
    symbol: Raw<'a>,
    #[serde(borrow)]
    pos_side: Raw<'a>,
    #[serde(borrow)]
    margin_mode: Raw<'a>,
    open_price_avg: Num,
    close_price_avg: Num,
    close_total_pos: Num,
    cum_realised_pnl: Num,
    total_funding: Num,
    open_fee_total: Num,
    close_fee_total: Num,
    net_profit: Num,
    created_time: Ms,
    updated_time: Ms,
}

/// Reads the data of `history-position`.
pub(super) fn closed(data: &str) -> Result<Response, ShapeError> {
    const WHAT: &str = "a list of closed positions";
    let page = Page::read(WHAT, data, &["list"], CURSOR)?;
    let read =
        rows::list(WHAT, page.rows(), |model: ClosedModel<'_>| Row::from(closed_position(&model)))?;
    Ok(common_account::listed_closed(&page, read))
}

fn closed_position(row: &ClosedModel<'_>) -> Option<ClosedPosition> {
    let (realized_pnl, funding_pnl) = (row.cum_realised_pnl.0, row.total_funding.0);
    let fees_paid = common_account::fees_paid(row.open_fee_total.0, row.close_fee_total.0);
    Some(ClosedPosition {
        id: row.position_id.cleaned(),
        symbol: open_enum::contract(&row.symbol, Product::UsdtFutures)?,
        side: open_enum::side(&row.pos_side)?,
        margin_mode: open_enum::margin_mode(&row.margin_mode),
        entry_price: row.open_price_avg.0,
        exit_price: row.close_price_avg.0,
        size: row.close_total_pos.0,
        realized_pnl,
        funding_pnl,
        fees_paid,
        net_pnl: row
            .net_profit
            .0
            .or_else(|| common_account::net(realized_pnl, funding_pnl, fees_paid)),
        opened_at: row.created_time.0,
        closed_at: row.updated_time.0,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AdlModel<'a> {
    #[serde(borrow)]
    symbol: Raw<'a>,
    price: Num,
}

/// Reads the data of an `adl-notification` push. Its amount is in quote coin, and it has no size.
pub(super) fn deleveraged(data: &str) -> Result<Vec<Body>, ShapeError> {
    let read = rows::list("a deleveraging", data, |row: AdlModel<'_>| {
        let symbol = open_enum::named_contract(&row.symbol);
        Row::from(symbol.map(|symbol| Body::Deleveraged { symbol, price: row.price.0, size: None }))
    })?;
    Ok(read.rows)
}
