//! The REST paths of V2: parameters, limits and signature first, then the answer of the world.

use serde_json::{Value, json};

use super::account::Order;
use super::auth::{self, Claim, Expected};
use super::contracts::{CONTRACTS, index_of, spec};
use super::encode::{account, market, orders};
use super::limits::Limits;
use super::market::Market;
use super::query::{Fault, Parameters, page, unknown};
use super::world::World;

/// A request as it came.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) path: &'a str,
    /// The raw query, percent-encoded.
    pub(super) query: &'a str,
    pub(super) claim: Claim<'a>,
    /// How far the exchange's clock is off.
    pub(super) clock_offset_ms: i64,
    /// The key has been taken back.
    pub(super) revoked: bool,
}

/// What goes back.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) status: u16,
    pub(super) body: Value,
    /// Requests of this path that are left in this second.
    pub(super) remaining: Option<u32>,
    /// The code of a refusal; empty when there is none.
    pub(super) refused: &'static str,
}

type Answered = Result<Value, Fault>;
type Handler = fn(&World, &Parameters) -> Answered;

struct Route {
    path: &'static str,
    limit: u32,
    private: bool,
    needs: &'static [&'static str],
    handler: Handler,
}

const fn open(
    path: &'static str,
    limit: u32,
    needs: &'static [&'static str],
    handler: Handler,
) -> Route {
    Route { path, limit, private: false, needs, handler }
}

const fn signed(
    path: &'static str,
    limit: u32,
    needs: &'static [&'static str],
    handler: Handler,
) -> Route {
    Route { path, limit, private: true, needs, handler }
}

const BOTH: &[&str] = &["productType", "symbol"];
const TYPE: &[&str] = &["productType"];

static ROUTES: [Route; 31] = [
    open("/api/v2/public/time", 20, &[], |world, _| {
        Ok(json!({ "serverTime": world.now_ms().to_string() }))
    }),
    open("/api/v2/mix/market/contracts", 20, TYPE, contracts),
    open("/api/v2/mix/market/ticker", 20, BOTH, |world, q| {
        Ok(json!([market::rest_ticker(q.market(world)?, world.now_ms())]))
    }),
    open("/api/v2/mix/market/tickers", 20, TYPE, |world, q| {
        let all = world.markets.iter().map(|m| market::rest_ticker(m, world.now_ms()));
        Ok(Value::Array(if q.is_usdt() { all.collect() } else { Vec::new() }))
    }),
    open("/api/v2/mix/market/candles", 20, &["productType", "symbol", "granularity"], candles),
    open("/api/v2/mix/market/merge-depth", 20, BOTH, |world, q| {
        let levels = q.number("limit").unwrap_or(100);
        Ok(market::merge_depth(q.market(world)?, levels, world.now_ms()))
    }),
    open("/api/v2/mix/market/symbol-price", 20, BOTH, |world, q| {
        Ok(json!([market::symbol_price(q.market(world)?, world.now_ms())]))
    }),
    open("/api/v2/mix/market/current-fund-rate", 20, TYPE, |world, q| {
        per_market(world, q, market::fund_rate)
    }),
    open("/api/v2/mix/market/funding-time", 20, BOTH, |world, q| {
        per_market(world, q, market::funding_time)
    }),
    open("/api/v2/mix/market/history-fund-rate", 20, BOTH, fund_rates),
    open("/api/v2/mix/market/open-interest", 20, BOTH, |world, q| {
        Ok(market::open_interest(q.market(world)?, world.now_ms()))
    }),
    open("/api/v2/mix/market/query-position-lever", 10, BOTH, |world, q| {
        Ok(Value::Array(market::tiers(q.market(world)?.spec)))
    }),
    open("/api/v2/mix/market/fills", 20, BOTH, |world, q| {
        let market = q.market(world)?;
        Ok(market.deals.iter().map(|deal| market::trade(market, deal)).collect())
    }),
    // Clients of all products load these at start; this exchange has futures only.
    open("/api/v2/spot/public/coins", 3, &[], |_, _| Ok(json!([]))),
    open("/api/v2/spot/public/symbols", 20, &[], |_, _| Ok(json!([]))),
    open("/api/v2/margin/currencies", 10, &[], |_, _| Ok(json!([]))),
    signed("/api/v2/common/trade-rate", 10, &["symbol", "businessType"], |_, q| {
        index_of(q.get("symbol")).ok_or_else(|| unknown(q.get("symbol")))?;
        Ok(account::trade_rate())
    }),
    signed("/api/v2/spot/account/info", 1, &[], |_, _| Ok(account::key_info())),
    signed("/api/v2/spot/account/assets", 10, &[], |_, _| Ok(json!([]))),
    signed("/api/v2/mix/account/accounts", 10, TYPE, |world, q| {
        Ok(if q.is_usdt() { json!([account::rest_account(world)]) } else { json!([]) })
    }),
    signed(
        "/api/v2/mix/account/account",
        10,
        &["productType", "symbol", "marginCoin"],
        |world, q| {
            q.market(world)?;
            Ok(account::rest_account_of(world))
        },
    ),
    signed("/api/v2/mix/account/bill", 10, TYPE, |world, q| Ok(bills(world, q))),
    signed("/api/v2/mix/position/all-position", 5, TYPE, |world, q| {
        let all = world.account.positions.iter().map(|p| account::rest_position(world, p));
        Ok(Value::Array(if q.is_usdt() { all.collect() } else { Vec::new() }))
    }),
    signed(
        "/api/v2/mix/position/single-position",
        10,
        &["productType", "symbol", "marginCoin"],
        |world, q| {
            let name = q.market(world)?.spec.name;
            let of = |p: &&super::account::Position| spec(p.contract).name == name;
            let rows = world.account.positions.iter().filter(of);
            Ok(rows.map(|p| account::rest_position(world, p)).collect())
        },
    ),
    signed("/api/v2/mix/position/history-position", 20, &[], |world, q| Ok(closed(world, q))),
    signed("/api/v2/mix/position/adlRank", 5, TYPE, |world, _| {
        let rank = |p: &super::account::Position| {
            json!({
                "symbol": spec(p.contract).name, "marginCoin": "USDT", "adlRank": "0.8",
                "rank": "0.2", "holdSide": if p.long { "long" } else { "short" },
            })
        };
        Ok(world.account.positions.iter().map(rank).collect())
    }),
    signed("/api/v2/mix/order/orders-pending", 10, TYPE, |world, q| {
        let resting = |order: &&Order| order.plan.is_none() && q.matches(order.contract);
        let rows: Vec<_> = world.account.orders.iter().filter(resting).collect();
        let rows: Vec<(i64, Value)> =
            rows.into_iter().map(|order| (order.id, orders::rest_order(order))).collect();
        Ok(page("entrustedList", rows, q, true))
    }),
    signed(
        "/api/v2/mix/order/orders-plan-pending",
        10,
        &["productType", "planType"],
        |world, q| {
            let of = |order: &&Order| {
                orders::plan_list(order) == Some(q.get("planType")) && q.matches(order.contract)
            };
            let rows = world.account.orders.iter().filter(of);
            let rows =
                rows.filter_map(|order| Some((order.id, orders::rest_plan(order, order.plan?))));
            Ok(page("entrustedList", rows.collect(), q, true))
        },
    ),
    signed("/api/v2/mix/order/fills", 10, TYPE, |world, q| Ok(fills(world, q))),
    signed("/api/v2/mix/order/fill-history", 10, TYPE, |world, q| Ok(fills(world, q))),
    signed("/api/v2/mix/order/orders-history", 10, TYPE, |_, q| {
        Ok(page("entrustedList", Vec::new(), q, true))
    }),
];

/// Answers a request.
pub(super) fn answer(
    world: &World,
    limits: &mut Limits,
    expected: Option<&Expected>,
    asked: &Asked<'_>,
) -> Told {
    let now = world.now_ms();
    if ["/api/mix/v1/", "/api/spot/v1/"].iter().any(|old| asked.path.starts_with(old)) {
        let text = "The V1 API has been decommissioned. Please migrate to a newer version.";
        return refusal(now, 400, &Fault::new("30032", text), None);
    }
    let Some(route) = ROUTES.iter().find(|route| route.path == asked.path) else {
        return refusal(now, 404, &Fault::new("40404", "Request URL NOT FOUND"), None);
    };
    let Some(remaining) = limits.take(route.path, route.limit, now) else {
        return refusal(now, 429, &Fault::new("429", "Too many requests"), Some(0));
    };
    let parameters = Parameters::parse(asked.query);
    let answered = permit(route, expected, asked, &parameters, now)
        .and_then(|()| check(route, &parameters))
        .and_then(|()| (route.handler)(world, &parameters));
    match answered {
        Ok(data) => Told {
            status: 200,
            body: json!({ "code": "00000", "msg": "success", "requestTime": now, "data": data }),
            remaining: Some(remaining),
            refused: "",
        },
        Err(fault) => refusal(now, 400, &fault, Some(remaining)),
    }
}

fn refusal(now: i64, status: u16, fault: &Fault, remaining: Option<u32>) -> Told {
    let body = json!({ "code": fault.0, "msg": fault.1, "requestTime": now, "data": null });
    Told { status, body, remaining, refused: fault.0 }
}

/// Checks the signature of a private path. What is signed may be the query as sent, or decoded.
fn permit(
    route: &Route,
    expected: Option<&Expected>,
    asked: &Asked<'_>,
    parameters: &Parameters,
    now: i64,
) -> Result<(), Fault> {
    if !route.private {
        return Ok(());
    }
    if asked.revoked {
        return Err(Fault::new("40037", "Apikey does not exist"));
    }
    let text = |query: &str| {
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{mark}{query}", asked.path)
    };
    let texts = [text(asked.query), text(&parameters.decoded)];
    auth::request(expected, &asked.claim, &texts, now + asked.clock_offset_ms)
        .map_err(|(code, words)| Fault::new(code, words))
}

fn check(route: &Route, parameters: &Parameters) -> Result<(), Fault> {
    if route.needs.iter().any(|name| parameters.get(name).is_empty()) {
        return Err(Fault::new("400172", "Parameter verification failed"));
    }
    let product = parameters.get("productType").to_uppercase();
    // The old simulated products begin with an S and are still asked for.
    let plain = product.strip_prefix('S').unwrap_or(&product);
    let known = ["USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES"];
    if product.is_empty() || known.contains(&plain) {
        Ok(())
    } else {
        Err(Fault::new("40019", "Parameter productType cannot be empty"))
    }
}

fn per_market(world: &World, q: &Parameters, row: fn(&Market, i64) -> Value) -> Answered {
    let now = world.now_ms();
    if !q.is_usdt() {
        return Ok(json!([]));
    }
    if q.get("symbol").is_empty() {
        return Ok(world.markets.iter().map(|market| row(market, now)).collect());
    }
    Ok(json!([row(q.market(world)?, now)]))
}

fn contracts(world: &World, q: &Parameters) -> Answered {
    if !q.is_usdt() {
        return Ok(json!([]));
    }
    if q.get("symbol").is_empty() {
        return Ok(Value::Array(market::contracts()));
    }
    Ok(json!([market::contract(q.market(world)?.spec)]))
}

/// The names of intervals and their minutes; case tells minutes from months.
pub(super) const INTERVALS: [(&str, i64); 12] = [
    ("1m", 1),
    ("3m", 3),
    ("5m", 5),
    ("15m", 15),
    ("30m", 30),
    ("1H", 60),
    ("2H", 120),
    ("4H", 240),
    ("6Hutc", 360),
    ("12Hutc", 720),
    ("1Dutc", 1_440),
    ("1D", 1_440),
];

fn candles(world: &World, q: &Parameters) -> Answered {
    let market = q.market(world)?;
    let name = q.get("granularity");
    let minutes = INTERVALS.iter().find(|(word, _)| *word == name).map(|(_, minutes)| *minutes);
    let minutes = minutes.ok_or_else(|| Fault::new("400171", "Parameter granularity error"))?;
    let limit = q.number("limit").unwrap_or(100_usize).min(1_000);
    let bars = market.bars_of(minutes);
    let bars: Vec<_> = bars.iter().filter(|bar| q.spans(bar.start_ms)).collect();
    let skip = bars.len().saturating_sub(limit);
    Ok(bars.into_iter().skip(skip).map(|bar| market::candle(market, bar, 7)).collect())
}

fn fund_rates(world: &World, q: &Parameters) -> Answered {
    let market = q.market(world)?;
    let span = market.spec.interval_hours * 3_600_000;
    let last = world.now_ms() - world.now_ms().rem_euclid(span);
    let row = |back: i64| {
        json!({
            "symbol": market.spec.name, "fundingRate": "0.0001",
            "fundingTime": (last - back * span).to_string(),
        })
    };
    Ok((0..q.number("pageSize").unwrap_or(20).min(100)).map(row).collect())
}

fn bills(world: &World, q: &Parameters) -> Value {
    let kind = q.get("businessType");
    let wanted = |bill: &&super::account::Bill| {
        q.spans(bill.at_ms) && (kind.is_empty() || bill.kind == kind)
    };
    let rows = world.account.bills.iter().filter(wanted);
    page("bills", rows.map(|bill| (bill.id, orders::bill(bill))).collect(), q, false)
}

fn closed(world: &World, q: &Parameters) -> Value {
    let wanted = |closed: &&super::account::Closed| {
        q.matches(closed.position.contract) && q.spans(closed.at_ms)
    };
    let rows = world.account.closed.iter().filter(wanted);
    page("list", rows.map(|c| (c.position.id, account::rest_closed(c))).collect(), q, false)
}

fn fills(world: &World, q: &Parameters) -> Value {
    let wanted = |fill: &&super::account::Fill| q.matches(fill.contract) && q.spans(fill.at_ms);
    let rows = world.account.fills.iter().filter(wanted);
    page("fillList", rows.map(|fill| (fill.id, orders::rest_fill(fill))).collect(), q, false)
}

/// Returns the contracts that exist: for the sockets.
pub(super) fn exists(symbol: &str) -> bool {
    CONTRACTS.iter().any(|spec| spec.name == symbol)
}
