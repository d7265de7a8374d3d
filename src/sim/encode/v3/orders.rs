//! Orders, plans, fills and the ledger. Sides are real directions: closing a long is a `sell`.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::sim::account_records::{Fill, LedgerEntry, Order, PlanKind, Status};
use crate::sim::contracts::spec;
use crate::sim::encode::wire_text::{
    coin, direction, fill_side, join, mode, ms, or_blank, scope, side, text, trade_side,
};
use crate::sim::world::World;

const fn status(status: Status) -> &'static str {
    match status {
        Status::Live => "live",
        Status::Filled | Status::Executed => "filled",
        Status::Canceled => "cancelled",
    }
}

/// Returns the executed value of an order in USDT, its average price and its fee, from its fills.
fn executed(world: &World, order: &Order) -> (Decimal, Decimal, Decimal) {
    if order.filled.is_zero() {
        return Default::default();
    }
    let of = world.account.fills.iter().rev().filter(|fill| fill.order_id == order.id);
    let (mut size, mut value, mut fee) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
    for fill in of {
        size += fill.size;
        value += fill.size * fill.price;
        fee += fill.fee;
    }
    (value, value.checked_div(size).unwrap_or_default().round_dp(8), fee)
}

/// The members that REST and socket share.
fn order_row(world: &World, order: &Order) -> Value {
    let (value, average, _) = executed(world, order);
    object!({
        "orderId": order.id.to_string(), "clientOid": (order.id + 1).to_string(),
        "symbol": spec(order.contract).v3_name,
        "orderType": if order.market { "market" } else { "limit" },
        "side": direction(order.long, order.closes),
        "price": if order.market { Value::String(String::new()) } else { text(order.price) },
        "qty": text(order.size), "amount": "0", "cumExecQty": text(order.filled),
        "cumExecValue": text(value), "avgPrice": text(average), "timeInForce": "gtc",
        "holdMode": "hedge_mode", "delegateType": "normal", "marginMode": mode(order.cross),
        "stpMode": "none", "tpTriggerBy": "", "slTriggerBy": "", "tpOrderType": "",
        "slOrderType": "", "tpLimitPrice": "", "slLimitPrice": "",
        "createdTime": ms(order.created_ms), "updatedTime": ms(order.updated_ms),
    })
}

/// A row of `unfilled-orders`, where an order without fills is `new`.
pub(in crate::sim) fn rest_order(world: &World, order: &Order) -> Value {
    join(
        order_row(world, order),
        object!({
            "category": spec(order.contract).product.wire(),
            "orderStatus": "new",
            "posSide": side(order.long),
            "reduceOnly": if order.closes { "YES" } else { "NO" },
            "takeProfit": or_blank(order.preset.map(|preset| preset.0)),
            "stopLoss": or_blank(order.preset.map(|preset| preset.1)),
            "feeDetail": json!([{ "feeCoin": "", "fee": "" }]),
        }),
    )
}

/// A row of the `order` topic.
pub(in crate::sim) fn ws_order(world: &World, order: &Order) -> Value {
    let (.., fee) = executed(world, order);
    let fees = json!([{ "feeCoin": coin(order.contract), "fee": text(fee) }]);
    join(
        order_row(world, order),
        object!({
            "category": spec(order.contract).product.stream(),
            "orderStatus": status(order.status),
            "holdSide": side(order.long),
            "tradeSide": trade_side(order.closes),
            "reduceOnly": if order.closes { "yes" } else { "no" },
            "marginCoin": coin(order.contract),
            "leverage": order.leverage.to_string(),
            "totalProfit": "0",
            "cancelReason": if order.status == Status::Canceled { "normal_cancel" } else { "" },
            "takeprofit": or_blank(order.preset.map(|preset| preset.0)),
            "stoploss": or_blank(order.preset.map(|preset| preset.1)),
            "feeDetail": if order.filled.is_zero() { json!([]) } else { fees },
        }),
    )
}

/// Returns the type that a plan is listed under. V3 has no type for a trailing stop: it is a trigger.
pub(in crate::sim) const fn plan_type(kind: PlanKind) -> &'static str {
    match kind {
        PlanKind::TakeProfit | PlanKind::StopLoss => "tpsl",
        PlanKind::Trigger | PlanKind::Trailing => "trigger",
    }
}

/// The members that REST and socket share. A plan is one of take-profit, stop-loss and trigger.
fn plan_row(order: &Order, kind: PlanKind) -> Value {
    let blank = || Value::String(String::new());
    let when = |holds: bool, value: Value| if holds { value } else { blank() };
    let (profit, loss) = (kind == PlanKind::TakeProfit, kind == PlanKind::StopLoss);
    let trigger = !profit && !loss;
    let limit = !order.market;
    let kind_of_order = if order.market { "market" } else { "limit" };
    let price = text(order.price);
    object!({
        "orderId": order.id.to_string(), "clientOid": (order.id + 1).to_string(),
        "symbol": spec(order.contract).v3_name, "qty": when(!order.size.is_zero(), text(order.size)),
        "posSide": side(order.long),
        "tpTriggerBy": when(profit, "mark".into()), "slTriggerBy": when(loss, "mark".into()),
        "takeProfit": when(profit, text(order.trigger)),
        "stopLoss": when(loss, text(order.trigger)),
        "tpOrderType": when(profit, kind_of_order.into()),
        "slOrderType": when(loss, kind_of_order.into()),
        "tpLimitPrice": when(profit && limit, price.clone()),
        "slLimitPrice": when(loss && limit, price.clone()),
        "triggerBy": when(trigger, "mark".into()),
        "triggerPrice": when(trigger, text(order.trigger)),
        "triggerOrderType": when(trigger, kind_of_order.into()),
        "triggerOrderPrice": when(trigger && limit, price),
        "createdTime": ms(order.created_ms), "updatedTime": ms(order.updated_ms),
    })
}

/// A row of `unfilled-strategy-orders`, which has neither side nor type, as documented.
pub(in crate::sim) fn rest_plan(order: &Order, kind: PlanKind) -> Value {
    join(
        plan_row(order, kind),
        object!({ "category": spec(order.contract).product.wire(), "status": "pending" }),
    )
}

/// A row of the `strategy-order` topic.
pub(in crate::sim) fn ws_plan(order: &Order, kind: PlanKind) -> Value {
    let status = match order.status {
        Status::Live => "pending",
        Status::Filled | Status::Executed => "success",
        Status::Canceled => "cancelled",
    };
    let trigger_type = match kind {
        PlanKind::TakeProfit => "takeProfit",
        PlanKind::StopLoss => "stopLoss",
        PlanKind::Trigger | PlanKind::Trailing => "",
    };
    join(
        plan_row(order, kind),
        object!({
            "category": spec(order.contract).product.stream(), "status": status,
            "side": direction(order.long, order.closes),
            "reduceOnly": if order.closes { "yes" } else { "no" }, "type": plan_type(kind),
            "triggerType": trigger_type,
        }),
    )
}

/// The members that REST and socket share.
fn fill_row(fill: &Fill) -> Value {
    object!({
        "execId": fill.id.to_string(), "execLinkId": fill.id.to_string(),
        "orderId": fill.order_id.to_string(), "clientOid": (fill.order_id + 1).to_string(),
        "category": spec(fill.contract).product.wire(), "symbol": spec(fill.contract).v3_name,
        "orderType": if fill.maker { "limit" } else { "market" },
        "side": direction(fill.long, fill.closes), "execPrice": text(fill.price),
        "execQty": text(fill.size), "execValue": text(fill.size * fill.price),
        "tradeScope": scope(fill.maker),
        "tradeSide": fill_side(fill),
        "feeDetail": [object!({ "feeCoin": coin(fill.contract), "fee": text(fill.fee) })],
        "updatedTime": ms(fill.at_ms), "execPnl": text(fill.profit.round_dp(12)), "isRPI": "no",
    })
}

/// A row of `fills`.
pub(in crate::sim) fn rest_fill(fill: &Fill) -> Value {
    join(
        fill_row(fill),
        object!({
            "createdTime": ms(fill.at_ms),
        }),
    )
}

/// A row of the `fill` topic. It spells the category as REST does, as recorded.
pub(in crate::sim) fn ws_fill(fill: &Fill) -> Value {
    join(
        fill_row(fill),
        object!({
            "holdSide": side(fill.long),
            "execTime": ms(fill.at_ms),
        }),
    )
}

/// Returns the `type` of a ledger entry.
pub(in crate::sim) fn ledger_type(entry: &LedgerEntry) -> &'static str {
    match entry.kind {
        "open_long" => "OPEN_LONG",
        "open_short" => "OPEN_SHORT",
        "close_long" => "CLOSE_LONG",
        "close_short" => "CLOSE_SHORT",
        "burst_long_loss_query" => "BURST_CLOSE_LONG",
        "burst_short_loss_query" => "BURST_CLOSE_SHORT",
        "contract_settle_fee" if entry.amount.is_sign_negative() => {
            "CONTRACT_MAIN_SETTLE_FEE_USER_OUT"
        }
        "contract_settle_fee" => "CONTRACT_MAIN_SETTLE_FEE_USER_IN",
        "bonus_issue" => "BONUS_GRANT_USER_IN",
        "bonus_expired" => "BONUS_EXPIRE_USER_OUT",
        "cash_gift_issue" => "COUPON_ISSUE",
        "airdrop_rewards" => "AIRDROP_REWARDS",
        "settle_interest" => "INTEREST_SETTLEMENT_OUT",
        "borrow" => "BORROW",
        _ if entry.amount.is_sign_negative() => "TRANSFER_OUT",
        _ => "TRANSFER_IN",
    }
}

/// Returns the category that lists a ledger entry: that of its contract, or one without contracts.
pub(in crate::sim) fn ledger_category(entry: &LedgerEntry) -> &'static str {
    match (entry.contract, entry.kind) {
        (Some(contract), _) => spec(contract).product.wire(),
        (None, "borrow" | "settle_interest") => "MARGIN",
        (None, _) => "OTHER",
    }
}

/// A row of `financial-records`. Amounts are signed, so that they add up to the balance.
pub(in crate::sim) fn financial_record(entry: &LedgerEntry) -> Value {
    object!({
        "category": ledger_category(entry), "id": entry.id.to_string(),
        "symbol": entry.contract.map_or("", |contract| spec(contract).v3_name), "coin": entry.coin.wire(),
        "type": ledger_type(entry), "amount": text(entry.amount.round_dp(12)), "fee": text(-entry.fee),
        "balance": text(entry.balance.round_dp(8)), "ts": ms(entry.at_ms),
    })
}
