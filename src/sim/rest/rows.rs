//! The rows that the routes of both generations select.

use serde_json::{Value, json};

use super::route::HandlerResult;
use crate::sim::account_records::{ClosedPosition, Fill, LedgerEntry, Order, PlanKind};
use crate::sim::intervals::interval_minutes;
use crate::sim::query::{ApiError, Parameters};
use crate::sim::simulated_market::{Bar, Market};
use crate::sim::world::World;

/// Returns the candles of the interval in parameter `name`, within the requested time range, oldest first,
/// at most `most` of them. `of` selects the price. Only candles that ended by `ended_by` are returned.
pub(super) fn bars(
    market: &Market,
    q: &Parameters,
    (name, most): (&str, usize),
    of: fn(&Market, i64) -> Vec<Bar>,
    ended_by: i64,
) -> Result<Vec<Bar>, ApiError> {
    let minutes = interval_minutes(q.get(name));
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
pub(super) fn per_market(
    world: &World,
    q: &Parameters,
    row: impl Fn(&Market) -> Value,
) -> HandlerResult {
    let Some(product) = q.futures() else { return Ok(json!([])) };
    if q.get("symbol").is_empty() {
        let of = world.markets.iter().filter(|market| market.spec.product == product);
        return Ok(of.map(row).collect());
    }
    Ok(json!([row(q.market(world)?)]))
}

/// Returns a row for each past funding settlement, newest first, at most `most`.
pub(super) fn fundings(world: &World, market: &Market, name: &str, most: i64, time: &str) -> Value {
    let span = market.spec.interval_hours * 3_600_000;
    let last = world.now_ms() - world.now_ms().rem_euclid(span);
    let row = |back: i64| {
        json!({
            "symbol": name, "fundingRate": "0.0001",
            time: (last - back * span).to_string(),
        })
    };
    (0..most.min(100)).map(row).collect()
}

pub(super) fn ledger_of<'a>(
    world: &'a World,
    q: &'a Parameters,
) -> impl Iterator<Item = &'a LedgerEntry> {
    world.account.ledger.iter().filter(|entry| q.spans(entry.at_ms))
}

pub(super) fn closed_of<'a>(
    world: &'a World,
    q: &'a Parameters,
) -> impl Iterator<Item = &'a ClosedPosition> {
    let wanted =
        |closed: &&ClosedPosition| q.matches(closed.position.contract) && q.spans(closed.at_ms);
    world.account.closed.iter().filter(wanted)
}

pub(super) fn fills_of<'a>(world: &'a World, q: &'a Parameters) -> impl Iterator<Item = &'a Fill> {
    let wanted = |fill: &&Fill| q.matches(fill.contract) && q.spans(fill.at_ms);
    world.account.fills.iter().filter(wanted)
}

pub(super) fn resting_of<'a>(
    world: &'a World,
    q: &'a Parameters,
) -> impl Iterator<Item = &'a Order> {
    let wanted = |order: &&Order| order.plan.is_none() && q.matches(order.contract);
    world.account.orders.iter().filter(wanted)
}

/// Returns the resting order with the requested order id or client id.
pub(super) fn order_of<'a>(world: &'a World, q: &'a Parameters) -> Option<&'a Order> {
    let wanted = [q.number("orderId"), q.number("clientOid").map(|id: i64| id - 1)];
    resting_of(world, q).find(|order| wanted.contains(&Some(order.id)))
}

pub(super) fn plans_of<'a>(
    world: &'a World,
    q: &'a Parameters,
) -> impl Iterator<Item = (&'a Order, PlanKind)> {
    let orders = world.account.orders.iter().filter(|order| q.matches(order.contract));
    orders.filter_map(|order| Some((order, order.plan?)))
}
