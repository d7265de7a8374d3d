//! Open positions: REST lists carry all of them, pushes those that changed.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::wire::{CURSOR, listed_product, product_of};
use crate::domain::{
    AssetMode, Body, OpenEnum, Position, PositionDetails, PositionKey, PositionSet, Product, Scope,
};
use crate::exchange::common_account::fees_paid;
use crate::exchange::number::{Ms, Num, Presence, Raw};
use crate::exchange::rows::{self, Page, Read, Row};
use crate::exchange::{ShapeError, open_enum};

/// A row of `current-position` or of the `position` topic; the names differ in four places.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Model<'a> {
    #[serde(borrow)]
    category: Raw<'a>,
    #[serde(borrow)]
    symbol: Raw<'a>,
    #[serde(borrow)]
    margin_coin: Raw<'a>,
    #[serde(borrow)]
    pos_side: Raw<'a>,
    #[serde(borrow)]
    margin_mode: Raw<'a>,
    #[serde(borrow)]
    hold_mode: Raw<'a>,
    #[serde(borrow)]
    position_status: Raw<'a>,
    total: Num,
    size: Num,
    available: Num,
    /// An early revision of the documentation called it `openPriceAvg`.
    avg_price: Num,
    open_price_avg: Num,
    mark_price: Num,
    break_even_price: Num,
    liquidation_price: Num,
    liq_price: Num,
    leverage: Num,
    /// Moves with the mark price in cross mode: the margin now, not that at the opening.
    position_balance: Num,
    margin_size: Num,
    unrealised_pnl: Num,
    /// Documented for pushes, never seen.
    margin_rate: Num,
    cur_realised_pnl: Num,
    /// Negative when paid, as the fees.
    total_funding: Presence,
    total_funding_fee: Presence,
    open_fee_total: Presence,
    close_fee_total: Presence,
    /// A rate here, an amount on the account.
    mmr: Num,
    created_time: Ms,
    updated_time: Ms,
}

/// Reads the data of `current-position`.
pub(super) fn rest(product: Product, data: &str) -> Result<Body, ShapeError> {
    const WHAT: &str = "a list of positions";
    let page = Page::read(WHAT, data, &["list"], CURSOR)?;
    let read = rows::list(WHAT, page.rows(), |model: Model<'_>| {
        let of = listed_product(product, &model.category);
        Row::from(of.and_then(|of| position(of, &model, true)))
    })?;
    Ok(set(Scope::Complete, read, vec![product]))
}

/// Reads the data of a `position` push. Its `action` says `snapshot` even for one row of many.
pub(super) fn push(data: &str) -> Result<Body, ShapeError> {
    let read = rows::list("a list of positions", data, |model: Model<'_>| {
        match product_of(&model.category, &model.symbol) {
            Some(product) => Row::from(position(product, &model, false)),
            None if model.symbol.text().is_some() => Row::Nothing,
            None => Row::Unreadable,
        }
    })?;
    Ok(set(Scope::Partial, read, Vec::new()))
}

/// A row of size zero means that its key is closed.
fn set(scope: Scope, read: Read<Position>, products: Vec<Product>) -> Body {
    let (rows, ended): (Vec<_>, Vec<_>) =
        read.rows.into_iter().partition(|row| !row.size.is_zero());
    let closed = ended.into_iter().map(|row| row.key).collect();
    Body::Positions(PositionSet { scope, rows, closed, unreadable: read.unreadable, products })
}

/// Returns a position, of size zero when it has ended; `None` without key or size, because such a row
/// has nothing that is safe to show.
fn position(product: Product, model: &Model<'_>, listed: bool) -> Option<Position> {
    let ended = model.position_status.is("ended").then_some(Decimal::ZERO);
    let size =
        ended.or_else(|| model.total.or(model.size)).filter(|size| !size.is_sign_negative())?;
    let [entry_price, mark_price, break_even_price, liquidation_price, leverage] = [
        Num(model.avg_price.or(model.open_price_avg)),
        model.mark_price,
        model.break_even_price,
        Num(model.liquidation_price.or(model.liq_price)),
        model.leverage,
    ]
    .map(Num::positive);
    Some(Position {
        key: PositionKey {
            symbol: open_enum::contract(&model.symbol, product)?,
            side: open_enum::side(&model.pos_side)?,
            margin_mode: open_enum::margin_mode(&model.margin_mode)?,
            margin_coin: open_enum::coin(&model.margin_coin)?,
        },
        position_mode: open_enum::position_mode(&model.hold_mode),
        asset_mode: Some(OpenEnum::Known(AssetMode::Multi)),
        size,
        available: model.available.0,
        entry_price,
        mark_price,
        break_even_price,
        liquidation_price,
        leverage,
        margin: model.position_balance.or(model.margin_size),
        exchange_unrealized_pnl: model.unrealised_pnl.0,
        exchange_margin_ratio: model.margin_rate.0,
        realized_pnl: model.cur_realised_pnl.0,
        funding_pnl: model.total_funding.or(model.total_funding_fee).or_zero(),
        fees_paid: fees_paid(model.open_fee_total.or_zero(), model.close_fee_total.or_zero()),
        maintenance_margin_rate: model.mmr.0,
        updated_at: model.updated_time.0,
        // Take-profit and stop-loss are orders of their own. A push may carry the time of an earlier
        // position of the same key.
        details: listed.then(|| PositionDetails {
            opened_at: model.created_time.0,
            ..PositionDetails::default()
        }),
    })
}
