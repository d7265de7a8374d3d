//! Open orders and plans, from lists and from pushes.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::wire::{CURSOR, listed_product, product_of};
use crate::domain::{
    Body, OpenEnum, Order, OrderClass, OrderKind, OrderSide, OrderStatus, PositionMode, Product,
    Side,
};
use crate::exchange::number::{Ms, Num, Raw};
use crate::exchange::rows::{self, Page, Read, Row};
use crate::exchange::{Response, ShapeError, common_account, open_enum};

/// A row of `unfilled-orders`, `unfilled-strategy-orders`, `order` or `strategy-order`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Model<'a> {
    #[serde(borrow)]
    category: Raw<'a>,
    #[serde(borrow)]
    symbol: Raw<'a>,
    #[serde(borrow)]
    order_id: Raw<'a>,
    /// `tpsl` or `trigger`, in pushes of plans.
    #[serde(borrow, rename = "type")]
    plan: Raw<'a>,
    #[serde(borrow)]
    trigger_type: Raw<'a>,
    #[serde(borrow)]
    order_type: Raw<'a>,
    #[serde(borrow)]
    side: Raw<'a>,
    /// `holdSide` in pushes.
    #[serde(borrow)]
    pos_side: Raw<'a>,
    #[serde(borrow)]
    hold_side: Raw<'a>,
    #[serde(borrow)]
    hold_mode: Raw<'a>,
    #[serde(borrow)]
    trade_side: Raw<'a>,
    #[serde(borrow)]
    reduce_only: Raw<'a>,
    price: Num,
    qty: Num,
    cum_exec_qty: Num,
    /// `status` for plans.
    #[serde(borrow)]
    order_status: Raw<'a>,
    #[serde(borrow)]
    status: Raw<'a>,
    /// In lower case in pushes of orders.
    #[serde(alias = "takeprofit")]
    take_profit: Num,
    #[serde(alias = "stoploss")]
    stop_loss: Num,
    #[serde(borrow)]
    tp_order_type: Raw<'a>,
    #[serde(borrow)]
    sl_order_type: Raw<'a>,
    tp_limit_price: Num,
    sl_limit_price: Num,
    trigger_price: Num,
    #[serde(borrow)]
    trigger_order_type: Raw<'a>,
    trigger_order_price: Num,
    created_time: Ms,
    updated_time: Ms,
}

const KINDS: [(&str, OrderKind); 2] = [("limit", OrderKind::Limit), ("market", OrderKind::Market)];
const STATUSES: [(&str, OrderStatus); 10] = [
    ("new", OrderStatus::Live),
    ("live", OrderStatus::Live),
    ("pending", OrderStatus::Live),
    ("submitting", OrderStatus::Live),
    ("partially_filled", OrderStatus::PartiallyFilled),
    ("success", OrderStatus::Filled),
    ("filled", OrderStatus::Filled),
    ("failed", OrderStatus::Canceled),
    ("cancelled", OrderStatus::Canceled),
    ("canceled", OrderStatus::Canceled),
];

/// Reads a page of open orders of one class. Plans come as a bare list.
pub(super) fn rest(
    product: Product,
    class: OrderClass,
    data: &str,
) -> Result<Response, ShapeError> {
    const WHAT: &str = "a list of orders";
    let classes = match class {
        OrderClass::Plain | OrderClass::ProfitLoss => vec![class],
        OrderClass::Trigger | OrderClass::Trailing => {
            vec![OrderClass::Trigger, OrderClass::Trailing]
        }
    };
    let listed = |model: Model<'_>| match listed_product(product, &model.category) {
        Some(product) => orders(product, &model, class),
        None => Row::Unreadable,
    };
    if class != OrderClass::Plain && data.trim_start().starts_with('[') {
        let read = rows::list(WHAT, data, listed)?;
        return Ok(common_account::listed_orders(product, classes, flat(read), None));
    }
    let page = Page::read(WHAT, data, &["list"], CURSOR)?;
    let read = rows::list(WHAT, page.rows(), listed)?;
    let next = page.next(read.count());
    Ok(common_account::listed_orders(product, classes, flat(read), next))
}

/// Reads the data of an `order` push.
pub(super) fn push(data: &str) -> Result<Body, ShapeError> {
    pushed(data, |_| OrderClass::Plain)
}

/// Reads the data of a `strategy-order` push.
pub(super) fn push_plans(data: &str) -> Result<Body, ShapeError> {
    pushed(data, |model| {
        if model.plan.is("trigger") { OrderClass::Trigger } else { OrderClass::ProfitLoss }
    })
}

fn pushed(data: &str, class: fn(&Model<'_>) -> OrderClass) -> Result<Body, ShapeError> {
    let read = rows::list("a list of orders", data, |model: Model<'_>| {
        match product_of(&model.category, &model.symbol) {
            Some(product) => orders(product, &model, class(&model)),
            None if model.symbol.text().is_some() => Row::Nothing,
            None => Row::Unreadable,
        }
    })?;
    Ok(common_account::pushed_orders(flat(read)))
}

fn flat(read: Read<Vec<Order>>) -> Read<Order> {
    Read { rows: read.rows.into_iter().flatten().collect(), unreadable: read.unreadable }
}

/// What triggers an order and what it then does.
struct Leg {
    kind: OpenEnum<OrderKind>,
    trigger_price: Option<Decimal>,
    price: Option<Decimal>,
}

/// Returns the orders of one row: a plan on a position may hold a take-profit and a stop-loss.
fn orders(product: Product, model: &Model<'_>, class: OrderClass) -> Row<Vec<Order>> {
    let limit = |kind: &Raw<'_>, price: Num| price.positive().filter(|_| !kind.is("market"));
    let legs = match class {
        OrderClass::Plain => vec![Leg {
            kind: open_enum::parse_or_missing(&model.order_type, &KINDS),
            trigger_price: None,
            price: limit(&model.order_type, model.price),
        }],
        OrderClass::Trigger | OrderClass::Trailing => vec![Leg {
            kind: OpenEnum::Known(OrderKind::Trigger),
            trigger_price: model.trigger_price.positive(),
            price: limit(&model.trigger_order_type, model.trigger_order_price),
        }],
        OrderClass::ProfitLoss => {
            let profit = model.take_profit.positive().map(|price| Leg {
                kind: OpenEnum::Known(OrderKind::TakeProfit),
                trigger_price: Some(price),
                price: limit(&model.tp_order_type, model.tp_limit_price),
            });
            let loss = model.stop_loss.positive().map(|price| Leg {
                kind: OpenEnum::Known(OrderKind::StopLoss),
                trigger_price: Some(price),
                price: limit(&model.sl_order_type, model.sl_limit_price),
            });
            let legs: Vec<Leg> = profit.into_iter().chain(loss).collect();
            if legs.is_empty() { vec![unpriced(model)] } else { legs }
        }
    };
    let orders = legs.into_iter().map(|leg| order(product, model, class, leg));
    Row::from(orders.collect::<Option<Vec<Order>>>())
}

/// Returns a plan without a readable price: only its type is known.
fn unpriced(model: &Model<'_>) -> Leg {
    let kinds = [("takeProfit", OrderKind::TakeProfit), ("stopLoss", OrderKind::StopLoss)];
    Leg {
        kind: open_enum::parse_or_missing(&model.trigger_type, &kinds),
        trigger_price: None,
        price: None,
    }
}

/// Returns an order; `None` without contract or id.
fn order(product: Product, model: &Model<'_>, class: OrderClass, leg: Leg) -> Option<Order> {
    let one_way =
        open_enum::position_mode(&model.hold_mode) == Some(OpenEnum::Known(PositionMode::OneWay));
    let position_side = open_enum::side(model.pos_side.or(&model.hold_side)).filter(|_| !one_way);
    let is_plan = class != OrderClass::Plain;
    let protects = class == OrderClass::ProfitLoss;
    let side = open_enum::order_side(&model.side).or_else(|| {
        position_side.filter(|_| protects).map(|held| open_enum::direction(held, true))
    });
    let closes = open_enum::closes(&model.trade_side)
        .or_else(|| Some(protects || is_opposite(position_side?, side?)));
    Some(Order {
        symbol: open_enum::contract(&model.symbol, product)?,
        order_id: model.order_id.cleaned()?,
        class,
        side,
        position_side,
        reduce_only: if position_side.is_some() && closes == Some(true) || protects {
            Some(true)
        } else {
            model.reduce_only.yes()
        },
        kind: leg.kind,
        price: leg.price,
        trigger_price: leg.trigger_price,
        // A plan over the whole position has no size before it is triggered.
        size: model.qty.0.filter(|size| !(is_plan && size.is_zero())),
        filled: model.cum_exec_qty.0,
        status: open_enum::parse_or_missing(model.order_status.or(&model.status), &STATUSES),
        created_at: model.created_time.0,
        updated_at: model.updated_time.0,
        // Those of a plan are its own legs.
        take_profit: model.take_profit.positive().filter(|_| !is_plan),
        stop_loss: model.stop_loss.positive().filter(|_| !is_plan),
    })
}

/// Returns whether an order works against the position that it names. Sides are real here.
fn is_opposite(position: Side, order: OrderSide) -> bool {
    order == open_enum::direction(position, true)
}
