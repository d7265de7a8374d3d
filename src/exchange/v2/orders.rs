//! Open orders and plans, from lists and from pushes, with their real direction.

use serde::Deserialize;

use super::wire::CURSOR;
use crate::domain::{
    Body, OpenEnum, Order, OrderClass, OrderKind, OrderSide, OrderStatus, PositionMode, Product,
    Side,
};
use crate::exchange::number::{Ms, Num, Raw};
use crate::exchange::rows::{self, Page, Row};
use crate::exchange::{Response, ShapeError, common_account, open_enum};

/// A row of `orders-pending`, `orders-plan-pending`, `orders` or `orders-algo`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Model<'a> {
    #[serde(borrow)]
    symbol: Raw<'a>,
    #[serde(borrow)]
    inst_id: Raw<'a>,
    #[serde(borrow)]
    order_id: Raw<'a>,
    #[serde(borrow)]
    plan_type: Raw<'a>,
    #[serde(borrow)]
    order_type: Raw<'a>,
    #[serde(borrow)]
    side: Raw<'a>,
    #[serde(borrow)]
    pos_side: Raw<'a>,
    #[serde(borrow)]
    trade_side: Raw<'a>,
    #[serde(borrow)]
    pos_mode: Raw<'a>,
    #[serde(borrow)]
    reduce_only: Raw<'a>,
    price: Num,
    execute_price: Num,
    trigger_price: Num,
    size: Num,
    /// Filled so far in lists; in pushes it is the last fill alone.
    base_volume: Num,
    /// Filled so far in pushes.
    acc_base_volume: Num,
    #[serde(borrow)]
    status: Raw<'a>,
    #[serde(borrow)]
    plan_status: Raw<'a>,
    preset_stop_surplus_price: Num,
    preset_stop_loss_price: Num,
    c_time: Ms,
    u_time: Ms,
}

/// Reads a page of open orders of one class.
pub(super) fn rest(
    product: Product,
    class: OrderClass,
    data: &str,
) -> Result<Response, ShapeError> {
    const WHAT: &str = "a list of orders";
    let page = Page::read(WHAT, data, &["entrustedList"], CURSOR)?;
    let read = rows::list(WHAT, page.rows(), |model: Model<'_>| {
        let filled = model.base_volume;
        Row::from(order(product, &model, class, filled))
    })?;
    let next = page.next(read.count());
    Ok(common_account::listed_orders(product, vec![class], read, next))
}

/// Reads the data of an `orders` push.
pub(super) fn push(product: Product, data: &str) -> Result<Body, ShapeError> {
    pushed(product, data, |_| OrderClass::Plain)
}

/// Reads the data of an `orders-algo` push.
pub(super) fn push_plans(product: Product, data: &str) -> Result<Body, ShapeError> {
    pushed(product, data, |model| match model.plan_type.text() {
        Some("pl") => OrderClass::Trigger,
        Some("track") => OrderClass::Trailing,
        _ => OrderClass::ProfitLoss,
    })
}

fn pushed(
    product: Product,
    data: &str,
    class: fn(&Model<'_>) -> OrderClass,
) -> Result<Body, ShapeError> {
    let read = rows::list("a list of orders", data, |model: Model<'_>| {
        let filled = model.acc_base_volume;
        Row::from(order(product, &model, class(&model), filled))
    })?;
    Ok(common_account::pushed_orders(read))
}

/// Returns an order; `None` without contract or id.
fn order(product: Product, model: &Model<'_>, class: OrderClass, filled: Num) -> Option<Order> {
    let symbol = open_enum::contract(model.symbol.or(&model.inst_id), product)?;
    let order_id = model.order_id.cleaned()?;
    let position_side = open_enum::side(&model.pos_side);
    let hedge = open_enum::position_mode(&model.pos_mode)
        .is_some_and(|mode| mode == OpenEnum::Known(PositionMode::Hedge));
    let closes = open_enum::closes(&model.trade_side);
    let kind = kind(model, class);
    let is_plan = class != OrderClass::Plain;
    // A plan over the whole position has no size before it is triggered.
    let size = model.size.0.filter(|size| !(is_plan && size.is_zero()));
    let is_market = model.order_type.is("market");
    Some(Order {
        symbol,
        order_id,
        class,
        side: side(model, position_side.filter(|_| hedge), closes, class),
        position_side,
        reduce_only: match (hedge, closes) {
            (true, Some(true)) => Some(true),
            _ => model.reduce_only.yes().or_else(|| closes_always(class)),
        },
        kind,
        price: if is_market {
            None
        } else {
            model.price.positive().or_else(|| model.execute_price.positive())
        },
        trigger_price: model.trigger_price.positive(),
        size,
        filled: filled.0,
        status: open_enum::parse_or_missing(model.status.or(&model.plan_status), &STATUSES),
        created_at: model.c_time.0,
        updated_at: model.u_time.0,
        take_profit: model.preset_stop_surplus_price.positive(),
        stop_loss: model.preset_stop_loss_price.positive(),
    })
}

/// Take-profit and stop-loss plans only ever close.
const fn closes_always(class: OrderClass) -> Option<bool> {
    match class {
        OrderClass::ProfitLoss => Some(true),
        OrderClass::Plain | OrderClass::Trigger | OrderClass::Trailing => None,
    }
}

/// Returns the real direction. In hedge mode the wire's `side` follows the position, so that closing a
/// long reads `buy`; the real direction comes from position side and trade side.
fn side(
    model: &Model<'_>,
    hedged: Option<Side>,
    closes: Option<bool>,
    class: OrderClass,
) -> Option<OrderSide> {
    match (hedged, closes.or_else(|| closes_always(class))) {
        (Some(position), Some(closes)) => Some(open_enum::direction(position, closes)),
        _ => open_enum::order_side(&model.side),
    }
}

fn kind(model: &Model<'_>, class: OrderClass) -> OpenEnum<OrderKind> {
    let plain = model.plan_type.text().is_none() && class == OrderClass::Plain;
    open_enum::parse_or_missing(if plain { &model.order_type } else { &model.plan_type }, &KINDS)
}

const KINDS: [(&str, OrderKind); 16] = [
    ("limit", OrderKind::Limit),
    ("market", OrderKind::Market),
    ("profit_plan", OrderKind::TakeProfit),
    ("pos_profit", OrderKind::TakeProfit),
    ("tp", OrderKind::TakeProfit),
    ("ptp", OrderKind::TakeProfit),
    ("loss_plan", OrderKind::StopLoss),
    ("pos_loss", OrderKind::StopLoss),
    ("sl", OrderKind::StopLoss),
    ("psl", OrderKind::StopLoss),
    ("normal_plan", OrderKind::Trigger),
    ("pl", OrderKind::Trigger),
    ("track_plan", OrderKind::Trailing),
    ("moving_plan", OrderKind::Trailing),
    ("track", OrderKind::Trailing),
    ("mtpsl", OrderKind::Trailing),
];

const STATUSES: [(&str, OrderStatus); 11] = [
    ("live", OrderStatus::Live),
    ("new", OrderStatus::Live),
    ("init", OrderStatus::Live),
    ("not_trigger", OrderStatus::Live),
    ("executing", OrderStatus::Live),
    ("partially_filled", OrderStatus::PartiallyFilled),
    ("filled", OrderStatus::Filled),
    ("executed", OrderStatus::Filled),
    ("canceled", OrderStatus::Canceled),
    ("cancelled", OrderStatus::Canceled),
    ("fail_execute", OrderStatus::Canceled),
];
