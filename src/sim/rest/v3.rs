//! The routes of V3.

use serde_json::{Value, json};

use super::route::{Route, public, signed};
use super::rows::{
    bars, closed_of, fills_of, fundings, ledger_of, order_of, per_market, plans_of, resting_of,
};
use crate::sim::account_records::Position;
use crate::sim::encode::v3::{account, market, orders};
use crate::sim::query::{ApiError, Page, Parameters};
use crate::sim::simulated_market::Market;
use crate::sim::world::World;

/// The path of the account settings, which say the kind of the account.
pub(super) const SETTINGS: &str = "/api/v3/account/settings";

/// A paged list, which is `[]` without rows.
const LIST: Page = Page { name: "list", before: "cursor", end: "cursor", null_when_empty: false };

const CATEGORY: &[&str] = &["category"];
const BOTH: &[&str] = &["category", "symbol"];
const CANDLES: &[&str] = &["category", "symbol", "interval"];

pub(super) static ROUTES: [Route; 27] = [
    public("/api/v3/market/instruments", 20, CATEGORY, |world, q| {
        per_market(world, q, market::instrument)
    }),
    public("/api/v3/market/tickers", 20, CATEGORY, |world, q| {
        per_market(world, q, |market| market::rest_ticker(market, world.now_ms()))
    }),
    public("/api/v3/market/candles", 20, CANDLES, |world, q| candles(world, q, 1_000)),
    public("/api/v3/market/history-candles", 20, CANDLES, |world, q| candles(world, q, 100)),
    public("/api/v3/market/orderbook", 20, BOTH, |world, q| {
        let levels = q.number("limit").unwrap_or(5).min(200);
        Ok(market::rest_book(q.market(world)?, levels, world.now_ms()))
    }),
    public("/api/v3/market/fills", 20, BOTH, |world, q| {
        let market = q.market(world)?;
        let trades = market.trades.iter().take(q.number("limit").unwrap_or(100));
        Ok(trades.map(|trade| market::rest_trade(market, trade)).collect())
    }),
    public("/api/v3/market/current-fund-rate", 20, &["symbol"], |world, q| {
        Ok(json!([market::fund_rate(q.market(world)?, world.now_ms())]))
    }),
    public("/api/v3/market/history-fund-rate", 20, BOTH, |world, q| {
        let most = q.number("limit").unwrap_or(20);
        let market = q.market(world)?;
        let rows = fundings(world, market, market.spec.v3_name, most, "fundingRateTimestamp");
        Ok(json!({ "resultList": rows }))
    }),
    public("/api/v3/market/open-interest", 20, CATEGORY, |world, q| {
        let rows = per_market(world, q, market::open_interest)?;
        Ok(json!({ "list": rows, "ts": world.now_ms().to_string() }))
    }),
    public("/api/v3/market/position-tier", 10, BOTH, |world, q| {
        Ok(Value::Array(market::tiers(q.market(world)?.spec)))
    }),
    signed(SETTINGS, 20, &[], |world, _| Ok(account::settings(world))),
    signed("/api/v3/account/switch-status", 5, &[], |world, _| Ok(account::switch_status(world))),
    signed("/api/v3/account/assets", 20, &[], |world, _| Ok(account::rest_account(world))),
    signed("/api/v3/account/funding-assets", 20, &[], |_, _| Ok(json!([]))),
    signed("/api/v3/account/info", 5, &[], |_, _| Ok(account::key_info())),
    signed("/api/v3/account/fee-rate", 3, BOTH, |world, q| {
        q.market(world)?;
        Ok(account::fee_rate())
    }),
    signed("/api/v3/account/financial-records", 20, CATEGORY, |world, q| {
        let kind = q.get("type");
        let rows = ledger_of(world, q)
            .filter(|entry| orders::ledger_category(entry).eq_ignore_ascii_case(q.product()))
            .filter(|entry| ["", entry.coin.wire()].contains(&q.get("coin")))
            .filter(|entry| kind.is_empty() || orders::ledger_type(entry) == kind);
        Ok(LIST.of(rows.map(|entry| (entry.id, orders::financial_record(entry))).collect(), q))
    }),
    signed("/api/v3/position/current-position", 20, CATEGORY, |world, q| Ok(positions(world, q))),
    signed("/api/v3/position/history-position", 20, CATEGORY, |world, q| {
        let rows = closed_of(world, q);
        Ok(LIST.of(rows.map(|c| (c.position.id, account::rest_closed(c))).collect(), q))
    }),
    signed("/api/v3/position/adlRank", 1, &[], |world, _| {
        Ok(world.account.positions.iter().map(|p| account::adl_rank(world, p)).collect())
    }),
    signed("/api/v3/trade/unfilled-orders", 20, &[], |world, q| {
        let rows = resting_of(world, q).map(|order| (order.id, orders::rest_order(world, order)));
        Ok(LIST.of(rows.collect(), q))
    }),
    signed("/api/v3/trade/order-info", 20, &[], |world, q| {
        let order = order_of(world, q);
        let order = order.ok_or_else(|| ApiError::new("25204", "Order does not exist"))?;
        Ok(orders::rest_order(world, order))
    }),
    signed("/api/v3/trade/unfilled-strategy-orders", 20, CATEGORY, |world, q| {
        let kind = q.get("type");
        let rows = plans_of(world, q)
            .filter(|(_, plan)| kind.is_empty() || orders::plan_type(*plan) == kind);
        Ok(rows.map(|(order, plan)| orders::rest_plan(order, plan)).collect())
    }),
    signed("/api/v3/trade/fills", 20, &[], |world, q| {
        let id: Option<i64> = q.number("orderId");
        let rows = fills_of(world, q).filter(|fill| id.is_none_or(|id| fill.order_id == id));
        Ok(LIST.of(rows.map(|fill| (fill.id, orders::rest_fill(fill))).collect(), q))
    }),
    // This exchange does not keep orders that are no longer open.
    signed("/api/v3/trade/history-orders", 20, CATEGORY, |_, q| Ok(LIST.of(Vec::new(), q))),
    signed(
        "/api/v3/trade/history-strategy-orders",
        20,
        CATEGORY,
        |_, q| Ok(LIST.of(Vec::new(), q)),
    ),
    signed("/api/v3/account/all-fee-rate", 3, CATEGORY, |world, q| {
        per_market(world, q, |market| account::fee_rate_of(market.spec))
    }),
];

/// Candles of the mark price, or of trades, which stand in for the index and the premium.
fn candles(world: &World, q: &Parameters, most: usize) -> Result<Value, ApiError> {
    let kind = q.get("type").to_lowercase();
    if !["", "market", "mark", "index", "premium"].contains(&kind.as_str()) {
        return Err(ApiError::new("400171", "Parameter type error"));
    }
    let market = q.market(world)?;
    let of = if kind == "mark" { Market::mark_bars_of } else { Market::bars_of };
    let bars = bars(market, q, ("interval", most), of, i64::MAX)?;
    Ok(bars.iter().map(|bar| market::rest_candle(market, bar)).collect())
}

/// The open positions; the list is `null` without any.
fn positions(world: &World, q: &Parameters) -> Value {
    let side = q.get("posSide");
    let wanted = |position: &&Position| {
        let own = if position.long { "long" } else { "short" };
        q.matches(position.contract) && (side.is_empty() || side == own)
    };
    let rows = world.account.positions.iter().filter(wanted);
    let rows: Vec<_> = rows.map(|position| account::rest_position(world, position)).collect();
    json!({ "list": if rows.is_empty() { Value::Null } else { Value::Array(rows) } })
}
