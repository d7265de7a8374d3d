//! Open positions, from REST lists and from pushes. Both list all positions of the product.

use serde::Deserialize;

use super::account;
use crate::domain::{Body, Position, PositionDetails, PositionKey, PositionSet, Product, Scope};
use crate::exchange::number::{Ms, Num, Presence, Raw};
use crate::exchange::rows::{self, Row};
use crate::exchange::{ShapeError, open_enum};

/// A row of `all-position` or of the `positions` channel; the names differ in four places.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Model<'a> {
    #[serde(borrow)]
    symbol: Raw<'a>,
    #[serde(borrow)]
    inst_id: Raw<'a>,
    #[serde(borrow)]
    margin_coin: Raw<'a>,
    #[serde(borrow)]
    hold_side: Raw<'a>,
    #[serde(borrow)]
    margin_mode: Raw<'a>,
    #[serde(borrow)]
    pos_mode: Raw<'a>,
    #[serde(borrow)]
    asset_mode: Raw<'a>,
    total: Num,
    available: Num,
    open_price_avg: Num,
    mark_price: Num,
    break_even_price: Num,
    liquidation_price: Num,
    leverage: Num,
    margin_size: Num,
    #[serde(rename = "unrealizedPL")]
    unrealized_pl: Num,
    /// The margin ratio; the push calls it `marginRate`.
    margin_ratio: Num,
    margin_rate: Num,
    achieved_profits: Num,
    /// Funding so far, despite its name; empty until the first settlement.
    total_fee: Presence,
    /// Trading fees so far.
    deducted_fee: Presence,
    keep_margin_rate: Num,
    take_profit: Num,
    stop_loss: Num,
    c_time: Ms,
    u_time: Ms,
}

/// Reads the data of `all-position`.
pub(super) fn rest(product: Product, data: &str) -> Result<Body, ShapeError> {
    set(product, data, true)
}

/// Reads the data of a `positions` push.
pub(super) fn push(product: Product, data: &str) -> Result<Body, ShapeError> {
    set(product, data, false)
}

fn set(product: Product, data: &str, listed: bool) -> Result<Body, ShapeError> {
    let read =
        rows::list("a list of positions", data, |model: Model<'_>| row(product, &model, listed))?;
    Ok(Body::Positions(PositionSet {
        scope: Scope::Complete,
        rows: read.rows,
        closed: Vec::new(),
        unreadable: read.unreadable,
        products: vec![product],
    }))
}

/// A row without its key or its size is unreadable: it has nothing that is safe to show.
fn row(product: Product, model: &Model<'_>, listed: bool) -> Row<Position> {
    let (Some(symbol), Some(side), Some(margin_mode), Some(margin_coin), Some(size)) = (
        open_enum::contract(model.symbol.or(&model.inst_id), product),
        open_enum::side(&model.hold_side),
        open_enum::margin_mode(&model.margin_mode),
        open_enum::coin(&model.margin_coin),
        model.total.0.filter(|size| !size.is_sign_negative()),
    ) else {
        return Row::Unreadable;
    };
    if size.is_zero() {
        return Row::Nothing;
    }
    Row::Good(Position {
        key: PositionKey { symbol, side, margin_mode, margin_coin },
        position_mode: open_enum::position_mode(&model.pos_mode),
        asset_mode: account::asset_mode(&model.asset_mode),
        size,
        available: model.available.0,
        entry_price: model.open_price_avg.positive(),
        mark_price: model.mark_price.positive(),
        break_even_price: model.break_even_price.positive(),
        liquidation_price: model.liquidation_price.positive(),
        leverage: model.leverage.positive(),
        margin: model.margin_size.0,
        exchange_unrealized_pnl: model.unrealized_pl.0,
        exchange_margin_ratio: model.margin_ratio.or(model.margin_rate),
        realized_pnl: model.achieved_profits.0,
        funding_pnl: model.total_fee.or_zero(),
        fees_paid: model.deducted_fee.or_zero(),
        maintenance_margin_rate: model.keep_margin_rate.0,
        updated_at: model.u_time.0,
        // On a push the creation time may be that of an earlier position of the same key, and
        // take-profit and stop-loss are missing.
        details: listed.then(|| PositionDetails {
            take_profit: model.take_profit.positive(),
            stop_loss: model.stop_loss.positive(),
            opened_at: model.c_time.0,
        }),
    })
}
