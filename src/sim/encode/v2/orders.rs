//! Orders, plans, fills and the ledger, whose entries the wire calls bills.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::sim::account_records::{Fill, LedgerEntry, Order, PlanKind, Status};
use crate::sim::contracts::spec;
use crate::sim::encode::wire_text::{
    coin, direction, fill_side, mode, ms, or_blank, scope, side, text, trade_side,
};

/// In hedge mode, lists and order pushes have the side of the position: closing a long is a `buy`.
fn follows_position(long: bool) -> &'static str {
    if long { "buy" } else { "sell" }
}

fn order_type(order: &Order) -> &'static str {
    if order.market { "market" } else { "limit" }
}

const fn status(status: Status) -> &'static str {
    match status {
        Status::Live => "live",
        Status::Filled => "filled",
        Status::Canceled => "canceled",
        Status::Executed => "executed",
    }
}

/// A row of `orders-pending`.
pub(in crate::sim) fn rest_order(order: &Order) -> Value {
    object!({
        "symbol": spec(order.contract).name, "size": text(order.size),
        "orderId": order.id.to_string(), "clientOid": (order.id + 1).to_string(),
        "baseVolume": text(order.filled), "fee": "0", "price": text(order.price), "priceAvg": "",
        "status": status(order.status), "side": follows_position(order.long), "force": "gtc",
        "totalProfits": "0", "posSide": side(order.long), "marginCoin": coin(order.contract),
        "quoteVolume": "0", "leverage": order.leverage.to_string(),
        "marginMode": mode(order.cross), "enterPointSource": "web",
        "tradeSide": trade_side(order.closes), "posMode": "hedge_mode",
        "orderType": order_type(order), "orderSource": "normal",
        "presetStopSurplusPrice": or_blank(order.preset.map(|preset| preset.0)),
        "presetStopLossPrice": or_blank(order.preset.map(|preset| preset.1)), "reduceOnly": if order.closes { "YES" } else { "NO" },
        "cTime": ms(order.created_ms), "uTime": ms(order.updated_ms),
    })
}

/// Returns the plan type of REST, that of the socket, and the REST list that contains it.
const fn plan_names(kind: PlanKind, whole: bool) -> (&'static str, &'static str, &'static str) {
    match (kind, whole) {
        (PlanKind::TakeProfit, true) => ("pos_profit", "ptp", "profit_loss"),
        (PlanKind::TakeProfit, false) => ("profit_plan", "tp", "profit_loss"),
        (PlanKind::StopLoss, true) => ("pos_loss", "psl", "profit_loss"),
        (PlanKind::StopLoss, false) => ("loss_plan", "sl", "profit_loss"),
        (PlanKind::Trigger, _) => ("normal_plan", "pl", "normal_plan"),
        (PlanKind::Trailing, _) => ("track_plan", "track", "track_plan"),
    }
}

/// Returns the `planType` of the list of `orders-plan-pending` that contains a plan.
pub(in crate::sim) fn plan_list(order: &Order) -> Option<&'static str> {
    order.plan.map(|kind| plan_names(kind, order.size.is_zero()).2)
}

/// A row of `orders-plan-pending`.
pub(in crate::sim) fn rest_plan(order: &Order, kind: PlanKind) -> Value {
    let trailing = kind == PlanKind::Trailing;
    object!({
        "planType": plan_names(kind, order.size.is_zero()).0, "symbol": spec(order.contract).name,
        "size": text(order.size), "orderId": order.id.to_string(),
        "clientOid": (order.id + 1).to_string(),
        "price": if order.price.is_zero() { Value::String(String::new()) } else { text(order.price) },
        "executePrice": "", "callbackRatio": if trailing { "1" } else { "" },
        "triggerPrice": text(order.trigger), "triggerType": "mark_price", "planStatus": "live",
        "side": follows_position(order.long), "posSide": side(order.long), "marginCoin": coin(order.contract),
        "marginMode": mode(order.cross), "enterPointSource": "API",
        "tradeSide": trade_side(order.closes), "posMode": "hedge_mode",
        "orderType": order_type(order), "orderSource": "normal", "stopSurplusTriggerPrice": "",
        "stopSurplusExecutePrice": "", "stopSurplusTriggerType": "fill_price",
        "stopLossTriggerPrice": "", "stopLossExecutePrice": "", "stopLossTriggerType": "fill_price",
        "cTime": ms(order.created_ms), "uTime": ms(order.updated_ms),
    })
}

/// A row of the `orders` channel.
pub(in crate::sim) fn ws_order(order: &Order) -> Value {
    let price = if order.market { Decimal::ZERO } else { order.price };
    object!({
        "accBaseVolume": text(order.filled), "cTime": ms(order.created_ms), "cancelReason": "",
        "clientOid": (order.id + 1).to_string(), "enterPointSource": "WEB",
        "feeDetail": [object!({ "feeCoin": coin(order.contract), "fee": "0.00000000" })], "force": "gtc",
        "instId": spec(order.contract).name, "leverage": order.leverage.to_string(),
        "marginCoin": coin(order.contract), "marginMode": mode(order.cross),
        "notionalUsd": text((order.size * order.price).round_dp(8)),
        "orderId": order.id.to_string(), "orderType": order_type(order), "posMode": "hedge_mode",
        "posSide": side(order.long), "presetStopLossExecutePrice": "", "presetStopLossType": "",
        "presetStopSurplusExecutePrice": "", "presetStopSurplusType": "", "price": text(price),
        "reduceOnly": if order.closes { "yes" } else { "no" }, "side": follows_position(order.long),
        "size": text(order.size), "status": status(order.status), "stpMode": "none",
        "totalProfits": "0", "tradeSide": trade_side(order.closes), "uTime": ms(order.updated_ms),
        "presetStopSurplusPrice": or_blank(order.preset.map(|preset| preset.0)),
        "presetStopLossPrice": or_blank(order.preset.map(|preset| preset.1)),
    })
}

/// A row of the `orders-algo` channel.
pub(in crate::sim) fn ws_plan(order: &Order, kind: PlanKind) -> Value {
    let status = match order.status {
        Status::Canceled => "cancelled",
        Status::Executed | Status::Filled => "executed",
        Status::Live => "live",
    };
    object!({
        "instId": spec(order.contract).name, "orderId": order.id.to_string(),
        "clientOid": (order.id + 1).to_string(), "triggerPrice": text(order.trigger),
        "triggerType": "mark_price", "triggerTime": ms(order.updated_ms),
        "planType": plan_names(kind, order.size.is_zero()).1, "price": text(order.trigger),
        "executePrice": text(order.trigger), "size": text(order.size), "actualSize": "0.000000000",
        "orderType": order_type(order), "side": follows_position(order.long),
        "tradeSide": trade_side(order.closes), "posSide": side(order.long), "marginCoin": coin(order.contract),
        "status": status, "posMode": "hedge_mode", "enterPointSource": "web",
        "stopSurplusTriggerType": "fill_price", "stopLossTriggerType": "fill_price",
        "stpMode": "none", "cTime": ms(order.created_ms), "uTime": ms(order.updated_ms),
    })
}

/// A row of `fills`, whose side is that of the position.
pub(in crate::sim) fn rest_fill(fill: &Fill) -> Value {
    object!({
        "tradeId": fill.id.to_string(), "symbol": spec(fill.contract).name, "marginCoin": coin(fill.contract),
        "orderId": fill.order_id.to_string(), "price": text(fill.price),
        "baseVolume": text(fill.size),
        "feeDetail": [object!({
            "deduction": "no", "feeCoin": coin(fill.contract), "totalDeductionFee": Value::Null,
            "totalFee": text(-fill.fee),
        })],
        "side": follows_position(fill.long), "quoteVolume": text(fill.size * fill.price),
        "profit": text(fill.profit.round_dp(12)), "enterPointSource": "web",
        "tradeSide": fill_side(fill), "posMode": "hedge_mode",
        "tradeScope": scope(fill.maker), "cTime": ms(fill.at_ms),
    })
}

/// A row of the `fill` channel, whose side is the real direction.
pub(in crate::sim) fn ws_fill(fill: &Fill) -> Value {
    object!({
        "orderId": fill.order_id.to_string(), "tradeId": fill.id.to_string(),
        "symbol": spec(fill.contract).name,
        "orderType": if fill.maker { "limit" } else { "market" },
        "side": direction(fill.long, fill.closes), "price": text(fill.price),
        "baseVolume": text(fill.size), "quoteVolume": text(fill.size * fill.price),
        "profit": text(fill.profit.round_dp(12)), "tradeSide": fill_side(fill),
        "posMode": "hedge_mode", "tradeScope": scope(fill.maker),
        "feeDetail": [object!({
            "feeCoin": coin(fill.contract), "deduction": "no", "totalDeductionFee": "0",
            "totalFee": text(-fill.fee),
        })],
        "cTime": ms(fill.at_ms), "uTime": ms(fill.at_ms),
    })
}

/// A row of `bill`.
pub(in crate::sim) fn bill(entry: &LedgerEntry) -> Value {
    object!({
        "billId": entry.id.to_string(),
        "symbol": entry.contract.map_or("", |contract| spec(contract).name),
        "amount": text(entry.amount.round_dp(12)), "fee": text(-entry.fee), "feeByCoupon": "",
        "businessType": entry.kind, "coin": entry.coin.wire(), "balance": text(entry.balance.round_dp(8)),
        "cTime": ms(entry.at_ms),
    })
}
