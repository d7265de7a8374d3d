//! The REST API: rate limit, account kind, signature and parameters are checked, then the route's handler
//! reads the world. `v2` and `v3` hold the routes of each generation.

mod v2;
mod v3;

use serde_json::{Value, json};

use super::auth::{self, Claim, Expected};
use super::contracts::CONTRACTS;
use super::margin_account::{ClosedPosition, Fill, LedgerEntry, Order, PlanKind};
use super::query::{ApiError, Parameters};
use super::rate_limits::RateLimits;
use super::simulated_market::{Bar, Market};
use super::world::World;
use crate::domain::AccountKind;

/// A request.
#[derive(Debug)]
pub(super) struct ApiRequest<'a> {
    pub(super) path: &'a str,
    /// The raw query, percent-encoded.
    pub(super) query: &'a str,
    pub(super) claim: Claim<'a>,
    /// By how much the exchange's clock is ahead.
    pub(super) clock_offset_ms: i64,
    /// Whether the key has been revoked.
    pub(super) revoked: bool,
}

/// A response.
#[derive(Debug)]
pub(super) struct ApiResponse {
    pub(super) status: u16,
    pub(super) body: Value,
    /// Requests to this path that are left in this second.
    pub(super) remaining: Option<u32>,
    /// The error code; empty for success.
    pub(super) refused: &'static str,
}

type HandlerResult = Result<Value, ApiError>;
type Handler = fn(&World, &Parameters) -> HandlerResult;

struct Route {
    path: &'static str,
    limit: u32,
    private: bool,
    required: &'static [&'static str],
    handler: Handler,
}

impl Route {
    /// Returns whether it serves accounts of both kinds: during a change of kind the settings do.
    fn serves_both_kinds(&self, world: &World) -> bool {
        world.mode.is_changing() && self.path == v3::SETTINGS
    }
}

const fn public(
    path: &'static str,
    limit: u32,
    required: &'static [&'static str],
    handler: Handler,
) -> Route {
    Route { path, limit, private: false, required, handler }
}

const fn signed(
    path: &'static str,
    limit: u32,
    required: &'static [&'static str],
    handler: Handler,
) -> Route {
    Route { path, limit, private: true, required, handler }
}

/// Returns a route, and the kind of account that it serves where it is private.
fn route(path: &str) -> Option<(AccountKind, &'static Route)> {
    let v2 = v2::ROUTES.iter().map(|route| (AccountKind::Classic, route));
    let v3 = v3::ROUTES.iter().map(|route| (AccountKind::Unified, route));
    v2.chain(v3).find(|(_, route)| route.path == path)
}

/// Returns the response to a request.
pub(super) fn respond(
    world: &World,
    limits: &mut RateLimits,
    expected: Option<&Expected>,
    request: &ApiRequest<'_>,
) -> ApiResponse {
    let now = world.now_ms();
    if ["/api/mix/v1/", "/api/spot/v1/"].iter().any(|old| request.path.starts_with(old)) {
        let text = "The V1 API has been decommissioned. Please migrate to a newer version.";
        return refusal(now, 400, &ApiError::new("30032", text), None);
    }
    let Some((kind, route)) = route(request.path) else {
        return refusal(now, 404, &ApiError::new("40404", "Request URL NOT FOUND"), None);
    };
    let Some(remaining) = limits.take(route.path, route.limit, now) else {
        return refusal(now, 429, &ApiError::new("429", "Too many requests"), Some(0));
    };
    let parameters = Parameters::parse(request.query);
    let result = authorize(world, (kind, route), expected, request, &parameters)
        .and_then(|()| validate(kind, route, &parameters))
        .and_then(|()| (route.handler)(world, &parameters));
    match result {
        Ok(data) => ApiResponse {
            status: 200,
            body: json!({ "code": "00000", "msg": "success", "requestTime": now, "data": data }),
            remaining: Some(remaining),
            refused: "",
        },
        Err(error) => refusal(now, 400, &error, Some(remaining)),
    }
}

fn refusal(now: i64, status: u16, error: &ApiError, remaining: Option<u32>) -> ApiResponse {
    let body = json!({ "code": error.0, "msg": error.1, "requestTime": now, "data": null });
    ApiResponse { status, body, remaining, refused: error.0 }
}

/// Authorizes a request to a private path. A known key of an account of the other kind is refused before
/// its signature is checked. The signature may cover the query as sent or decoded.
fn authorize(
    world: &World,
    (kind, route): (AccountKind, &Route),
    expected: Option<&Expected>,
    request: &ApiRequest<'_>,
    parameters: &Parameters,
) -> Result<(), ApiError> {
    if !route.private {
        return Ok(());
    }
    if request.revoked {
        return Err(ApiError::new("40037", "Apikey does not exist"));
    }
    let key = request.claim.key;
    let known = !key.is_empty() && expected.is_none_or(|expected| expected.key == key);
    if known
        && !route.serves_both_kinds(world)
        && let Some((code, message)) = world.mode.refusal(kind)
    {
        return Err(ApiError::new(code, message));
    }
    let text = |query: &str| {
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{mark}{query}", request.path)
    };
    let texts = [text(request.query), text(&parameters.decoded)];
    auth::request(expected, &request.claim, &texts, world.now_ms() + request.clock_offset_ms)
        .map_err(|(code, message)| ApiError::new(code, message))
}

fn validate(kind: AccountKind, route: &Route, parameters: &Parameters) -> Result<(), ApiError> {
    if route.required.iter().any(|name| parameters.get(name).is_empty()) {
        return Err(ApiError::new("400172", "Parameter verification failed"));
    }
    let product = parameters.product().to_uppercase();
    // The products of the exchange's former demo trading begin with an S and are still accepted.
    let plain = product.strip_prefix('S').unwrap_or(&product);
    let futures = ["USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES"];
    let others = ["SPOT", "MARGIN", "OTHER"];
    match kind {
        _ if product.is_empty() => Ok(()),
        AccountKind::Classic if futures.contains(&plain) => Ok(()),
        AccountKind::Unified if [&futures[..], &others].concat().contains(&product.as_str()) => {
            Ok(())
        }
        AccountKind::Classic => {
            Err(ApiError::new("40019", "Parameter productType cannot be empty"))
        }
        AccountKind::Unified => Err(ApiError::new("400172", "Parameter category error")),
    }
}

/// The wire names of the candle intervals and their minutes. Case matters: `m` are minutes, `M` months.
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

/// Returns the candles of the interval in parameter `name`, within the requested time range, oldest first,
/// at most `most` of them. `of` selects the price. Only candles that ended by `ended_by` are returned.
fn bars(
    market: &Market,
    q: &Parameters,
    (name, most): (&str, usize),
    of: fn(&Market, i64) -> Vec<Bar>,
    ended_by: i64,
) -> Result<Vec<Bar>, ApiError> {
    let interval = q.get(name);
    let minutes = INTERVALS.iter().find(|(known, _)| *known == interval);
    let minutes = minutes.map(|(_, minutes)| *minutes);
    let error = || ApiError::new("400171", format!("Parameter {name} error"));
    q.check_span(90)?;
    let minutes = minutes.ok_or_else(error)?;
    let wanted = |bar: &Bar| {
        q.spans(bar.start_ms) && bar.start_ms <= ended_by.saturating_sub(minutes * 60_000)
    };
    let mut bars = of(market, minutes);
    bars.retain(wanted);
    let limit = q.number("limit").unwrap_or(100_usize).min(most);
    bars.drain(..bars.len().saturating_sub(limit));
    Ok(bars)
}

/// Returns a row for the requested market, or for each one when none is named.
fn per_market(world: &World, q: &Parameters, row: impl Fn(&Market) -> Value) -> HandlerResult {
    if !q.is_usdt() {
        return Ok(json!([]));
    }
    if q.get("symbol").is_empty() {
        return Ok(world.markets.iter().map(row).collect());
    }
    Ok(json!([row(q.market(world)?)]))
}

/// Returns a row for each past funding settlement, newest first, at most `most`.
fn fundings(world: &World, market: &Market, most: i64, time: &str) -> Value {
    let span = market.spec.interval_hours * 3_600_000;
    let last = world.now_ms() - world.now_ms().rem_euclid(span);
    let row = |back: i64| {
        json!({
            "symbol": market.spec.name, "fundingRate": "0.0001",
            time: (last - back * span).to_string(),
        })
    };
    (0..most.min(100)).map(row).collect()
}

fn ledger_of<'a>(world: &'a World, q: &'a Parameters) -> impl Iterator<Item = &'a LedgerEntry> {
    world.account.ledger.iter().filter(|entry| q.spans(entry.at_ms))
}

fn closed_of<'a>(world: &'a World, q: &'a Parameters) -> impl Iterator<Item = &'a ClosedPosition> {
    let wanted =
        |closed: &&ClosedPosition| q.matches(closed.position.contract) && q.spans(closed.at_ms);
    world.account.closed.iter().filter(wanted)
}

fn fills_of<'a>(world: &'a World, q: &'a Parameters) -> impl Iterator<Item = &'a Fill> {
    let wanted = |fill: &&Fill| q.matches(fill.contract) && q.spans(fill.at_ms);
    world.account.fills.iter().filter(wanted)
}

fn resting_of<'a>(world: &'a World, q: &'a Parameters) -> impl Iterator<Item = &'a Order> {
    let wanted = |order: &&Order| order.plan.is_none() && q.matches(order.contract);
    world.account.orders.iter().filter(wanted)
}

/// Returns the resting order with the requested order id or client id.
fn order_of<'a>(world: &'a World, q: &'a Parameters) -> Option<&'a Order> {
    let wanted = [q.number("orderId"), q.number("clientOid").map(|id: i64| id - 1)];
    resting_of(world, q).find(|order| wanted.contains(&Some(order.id)))
}

fn plans_of<'a>(
    world: &'a World,
    q: &'a Parameters,
) -> impl Iterator<Item = (&'a Order, PlanKind)> {
    let orders = world.account.orders.iter().filter(|order| q.matches(order.contract));
    orders.filter_map(|order| Some((order, order.plan?)))
}

/// Returns whether a contract exists.
pub(super) fn exists(symbol: &str) -> bool {
    CONTRACTS.iter().any(|spec| spec.name == symbol)
}
