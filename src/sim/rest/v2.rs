//! The routes of V2.

use serde_json::{Value, json};

use super::route::{HandlerResult, Route, public, signed};
use super::rows::{
    bars, closed_of, fills_of, fundings, ledger_of, order_of, per_market, plans_of, resting_of,
};
use crate::sim::account_records::Position;
use crate::sim::contracts::{index_of, spec};
use crate::sim::encode::v2::{account, market, orders};
use crate::sim::query::{ApiError, Page, Parameters, unknown_symbol};
use crate::sim::simulated_market::{Bar, Market};
use crate::sim::world::World;

/// An empty list of orders is `null`.
const ORDERS: Page = Page { null_when_empty: true, ..list("entrustedList") };

const fn list(name: &'static str) -> Page {
    Page { name, before: "idLessThan", end: "endId", null_when_empty: false }
}

const BOTH: &[&str] = &["productType", "symbol"];
const TYPE: &[&str] = &["productType"];
const CANDLES: &[&str] = &["productType", "symbol", "granularity"];

pub(super) static ROUTES: [Route; 35] = [
    public("/api/v2/public/time", 20, &[], |world, _| {
        Ok(json!({ "serverTime": world.now_ms().to_string() }))
    }),
    public("/api/v2/mix/market/contracts", 20, TYPE, |world, q| {
        per_market(world, q, market::contract)
    }),
    public("/api/v2/mix/market/ticker", 20, BOTH, |world, q| {
        Ok(json!([market::rest_ticker(q.market(world)?, world.now_ms())]))
    }),
    public("/api/v2/mix/market/tickers", 20, TYPE, |world, q| {
        per_market(world, q, |market| market::rest_ticker(market, world.now_ms()))
    }),
    public("/api/v2/mix/market/candles", 20, CANDLES, |world, q| {
        let market = q.market(world)?;
        let of = match q.get("kLineType") {
            "MARK" => Market::mark_bars_of,
            _ => Market::bars_of,
        };
        let bars = bars(market, q, ("granularity", 1_000), of, i64::MAX)?;
        Ok(bars.iter().map(|bar| market::rest_candle(market, bar)).collect())
    }),
    public("/api/v2/mix/market/history-candles", 20, CANDLES, |world, q| {
        ended_candles(world, q, Market::bars_of)
    }),
    public("/api/v2/mix/market/history-mark-candles", 20, CANDLES, |world, q| {
        ended_candles(world, q, Market::mark_bars_of)
    }),
    public("/api/v2/mix/market/merge-depth", 20, BOTH, |world, q| {
        let levels = q.number("limit").unwrap_or(100);
        Ok(market::merge_depth(q.market(world)?, levels, world.now_ms()))
    }),
    public("/api/v2/mix/market/symbol-price", 20, BOTH, |world, q| {
        Ok(json!([market::symbol_price(q.market(world)?, world.now_ms())]))
    }),
    public("/api/v2/mix/market/current-fund-rate", 20, TYPE, |world, q| {
        per_market(world, q, |market| market::fund_rate(market, world.now_ms()))
    }),
    public("/api/v2/mix/market/funding-time", 20, BOTH, |world, q| {
        per_market(world, q, |market| market::funding_time(market, world.now_ms()))
    }),
    public("/api/v2/mix/market/history-fund-rate", 20, BOTH, |world, q| {
        let most = q.number("pageSize").unwrap_or(20);
        let market = q.market(world)?;
        Ok(fundings(world, market, market.spec.name, most, "fundingTime"))
    }),
    public("/api/v2/mix/market/open-interest", 20, BOTH, |world, q| {
        Ok(market::open_interest(q.market(world)?, world.now_ms()))
    }),
    public("/api/v2/mix/market/query-position-lever", 10, BOTH, |world, q| {
        Ok(Value::Array(market::tiers(q.market(world)?.spec)))
    }),
    public("/api/v2/mix/market/fills", 20, BOTH, public_trades),
    public("/api/v2/mix/market/fills-history", 10, BOTH, public_trades),
    // General clients load these at startup; this exchange has futures only.
    public("/api/v2/spot/public/coins", 3, &[], |_, _| Ok(json!([]))),
    public("/api/v2/spot/public/symbols", 20, &[], |_, _| Ok(json!([]))),
    public("/api/v2/margin/currencies", 10, &[], |_, _| Ok(json!([]))),
    signed("/api/v2/common/trade-rate", 10, &["symbol", "businessType"], |_, q| {
        index_of(q.get("symbol")).ok_or_else(|| unknown_symbol(q.get("symbol")))?;
        Ok(account::trade_rate())
    }),
    signed("/api/v2/spot/account/info", 1, &[], |_, _| Ok(account::key_info())),
    signed("/api/v2/spot/account/assets", 10, &[], |_, _| Ok(json!([]))),
    signed("/api/v2/mix/account/accounts", 10, TYPE, |world, q| {
        let own = q.futures().filter(|product| world.holds(*product));
        Ok(own.map(|product| account::rest_account(world, product)).into_iter().collect())
    }),
    signed(
        "/api/v2/mix/account/account",
        10,
        &["productType", "symbol", "marginCoin"],
        |world, q| Ok(account::rest_account_of(world, q.market(world)?.spec.product)),
    ),
    signed("/api/v2/mix/account/bill", 10, TYPE, |world, q| {
        q.check_span(30)?;
        Ok(bills(world, q))
    }),
    signed("/api/v2/mix/position/all-position", 5, TYPE, |world, q| {
        let of = world.account.positions.iter().filter(|p| q.matches(p.contract));
        Ok(of.map(|p| account::rest_position(world, p)).collect())
    }),
    signed(
        "/api/v2/mix/position/single-position",
        10,
        &["productType", "symbol", "marginCoin"],
        |world, q| {
            let name = q.market(world)?.spec.name;
            let of = |p: &&Position| spec(p.contract).name == name;
            let rows = world.account.positions.iter().filter(of);
            Ok(rows.map(|p| account::rest_position(world, p)).collect())
        },
    ),
    signed("/api/v2/mix/position/history-position", 20, &[], |world, q| Ok(closed(world, q))),
    signed("/api/v2/mix/position/adlRank", 5, TYPE, |world, q| {
        let of = world.account.positions.iter().filter(|p| q.matches(p.contract));
        Ok(of.map(|p| account::adl_rank(world, p)).collect())
    }),
    signed("/api/v2/mix/order/orders-pending", 10, TYPE, |world, q| {
        let rows = resting_of(world, q).map(|order| (order.id, orders::rest_order(order)));
        Ok(ORDERS.of(rows.collect(), q))
    }),
    signed(
        "/api/v2/mix/order/orders-plan-pending",
        10,
        &["productType", "planType"],
        |world, q| {
            let listed = |order| orders::plan_list(order) == Some(q.get("planType"));
            let rows = plans_of(world, q).filter(|(order, _)| listed(order));
            let rows = rows.map(|(order, kind)| (order.id, orders::rest_plan(order, kind)));
            Ok(ORDERS.of(rows.collect(), q))
        },
    ),
    signed("/api/v2/mix/order/detail", 10, BOTH, |world, q| {
        let order = order_of(world, q);
        let order = order.ok_or_else(|| ApiError::new("40109", "The order cannot be found"))?;
        Ok(orders::rest_order(order))
    }),
    signed("/api/v2/mix/order/fills", 10, TYPE, |world, q| Ok(fills(world, q))),
    signed("/api/v2/mix/order/fill-history", 10, TYPE, |world, q| Ok(fills(world, q))),
    signed("/api/v2/mix/order/orders-history", 10, TYPE, |_, q| Ok(ORDERS.of(Vec::new(), q))),
];

fn public_trades(world: &World, q: &Parameters) -> HandlerResult {
    let market = q.market(world)?;
    Ok(market.trades.iter().map(|trade| market::trade(market, trade)).collect())
}

/// Past candles, without the current one.
fn ended_candles(world: &World, q: &Parameters, of: fn(&Market, i64) -> Vec<Bar>) -> HandlerResult {
    let market = q.market(world)?;
    let bars = bars(market, q, ("granularity", 200), of, world.now_ms())?;
    Ok(bars.iter().map(|bar| market::rest_candle(market, bar)).collect())
}

fn bills(world: &World, q: &Parameters) -> Value {
    let kind = q.get("businessType");
    let rows = ledger_of(world, q)
        .filter(|entry| q.futures().is_some_and(|product| product.coin() == entry.coin))
        .filter(|entry| kind.is_empty() || entry.kind == kind);
    list("bills").of(rows.map(|entry| (entry.id, orders::bill(entry))).collect(), q)
}

fn closed(world: &World, q: &Parameters) -> Value {
    let rows = closed_of(world, q).map(|c| (c.position.id, account::rest_closed(c)));
    list("list").of(rows.collect(), q)
}

fn fills(world: &World, q: &Parameters) -> Value {
    let rows = fills_of(world, q).map(|fill| (fill.id, orders::rest_fill(fill)));
    list("fillList").of(rows.collect(), q)
}
