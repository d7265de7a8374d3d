//! REST: limits, signature, kind of the account and parameters first, then the answer of the world.
//! `v2` and `v3` hold the paths of each generation.

mod v2;
mod v3;

use serde_json::{Value, json};

use super::account::{Bill, Closed, Fill, Order, PlanKind};
use super::auth::{self, Claim, Expected};
use super::contracts::CONTRACTS;
use super::limits::Limits;
use super::market::{Bar, Market};
use super::query::{Fault, Parameters};
use super::world::World;
use crate::domain::AccountKind;

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

impl Route {
    /// Returns whether it answers whatever the kind of the account: the settings do during a change.
    fn always(&self, world: &World) -> bool {
        world.kind.is_changing() && self.path == v3::SETTINGS
    }
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

/// Returns a path, and the kind of account that answers it where it is private.
fn route(path: &str) -> Option<(AccountKind, &'static Route)> {
    let v2 = v2::ROUTES.iter().map(|route| (AccountKind::Classic, route));
    let v3 = v3::ROUTES.iter().map(|route| (AccountKind::Unified, route));
    v2.chain(v3).find(|(_, route)| route.path == path)
}

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
    let Some((kind, route)) = route(asked.path) else {
        return refusal(now, 404, &Fault::new("40404", "Request URL NOT FOUND"), None);
    };
    let Some(remaining) = limits.take(route.path, route.limit, now) else {
        return refusal(now, 429, &Fault::new("429", "Too many requests"), Some(0));
    };
    let parameters = Parameters::parse(asked.query);
    let answered = permit(world, (kind, route), expected, asked, &parameters)
        .and_then(|()| check(kind, route, &parameters))
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

/// Checks who asks a private path. A known key of the other kind of account is told so before its
/// signature is looked at. What is signed may be the query as sent, or decoded.
fn permit(
    world: &World,
    (kind, route): (AccountKind, &Route),
    expected: Option<&Expected>,
    asked: &Asked<'_>,
    parameters: &Parameters,
) -> Result<(), Fault> {
    if !route.private {
        return Ok(());
    }
    if asked.revoked {
        return Err(Fault::new("40037", "Apikey does not exist"));
    }
    let key = asked.claim.key;
    let known = !key.is_empty() && expected.is_none_or(|expected| expected.key == key);
    if known
        && !route.always(world)
        && let Some((code, words)) = world.kind.refusal(kind)
    {
        return Err(Fault::new(code, words));
    }
    let text = |query: &str| {
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{mark}{query}", asked.path)
    };
    let texts = [text(asked.query), text(&parameters.decoded)];
    auth::request(expected, &asked.claim, &texts, world.now_ms() + asked.clock_offset_ms)
        .map_err(|(code, words)| Fault::new(code, words))
}

fn check(kind: AccountKind, route: &Route, parameters: &Parameters) -> Result<(), Fault> {
    if route.needs.iter().any(|name| parameters.get(name).is_empty()) {
        return Err(Fault::new("400172", "Parameter verification failed"));
    }
    let product = parameters.product().to_uppercase();
    // The old simulated products begin with an S and are still asked for.
    let plain = product.strip_prefix('S').unwrap_or(&product);
    let futures = ["USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES"];
    let others = ["SPOT", "MARGIN", "OTHER"];
    match kind {
        _ if product.is_empty() => Ok(()),
        AccountKind::Classic if futures.contains(&plain) => Ok(()),
        AccountKind::Unified if [&futures[..], &others].concat().contains(&product.as_str()) => {
            Ok(())
        }
        AccountKind::Classic => Err(Fault::new("40019", "Parameter productType cannot be empty")),
        AccountKind::Unified => Err(Fault::new("400172", "Parameter category error")),
    }
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

/// Returns the bars of the interval that the parameter `name` names: those of the span that is asked
/// for, at most `most` of them, oldest first. `of` tells which price they are of.
/// They have ended by a time, which may be the end of all of them.
fn bars(
    market: &Market,
    q: &Parameters,
    (name, most): (&str, usize),
    of: fn(&Market, i64) -> Vec<Bar>,
    ended_by: i64,
) -> Result<Vec<Bar>, Fault> {
    let word = q.get(name);
    let minutes = INTERVALS.iter().find(|(held, _)| *held == word).map(|(_, minutes)| *minutes);
    let error = || Fault::new("400171", format!("Parameter {name} error"));
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

/// Returns a row of each market that is asked for: of the one that is named, or of all.
fn per_market(world: &World, q: &Parameters, row: impl Fn(&Market) -> Value) -> Answered {
    if !q.is_usdt() {
        return Ok(json!([]));
    }
    if q.get("symbol").is_empty() {
        return Ok(world.markets.iter().map(row).collect());
    }
    Ok(json!([row(q.market(world)?)]))
}

/// Returns a row of each past funding, newest first; `most` of them at most.
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

fn bills_of<'a>(world: &'a World, q: &'a Parameters) -> impl Iterator<Item = &'a Bill> {
    world.account.bills.iter().filter(|bill| q.spans(bill.at_ms))
}

fn closed_of<'a>(world: &'a World, q: &'a Parameters) -> impl Iterator<Item = &'a Closed> {
    let wanted = |closed: &&Closed| q.matches(closed.position.contract) && q.spans(closed.at_ms);
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

/// The resting order that is asked for by either of its numbers.
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

/// Returns the contracts that exist: for the sockets.
pub(super) fn exists(symbol: &str) -> bool {
    CONTRACTS.iter().any(|spec| spec.name == symbol)
}
