//! Closes that the user did not make: liquidations, deleveraging and filled stops, until acknowledged.

use std::time::Duration;

use rust_decimal::Decimal;

use super::inputs::Inputs;
use crate::domain::{Fill, OrderSide, Side, Symbol};
use crate::store::{Event, EventKind};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Line, Span, Variants, side};

/// A fill belongs to a stop that was triggered at most this long before or after it was heard of: the two
/// come in different messages, in either order.
const BESIDE: Duration = Duration::from_secs(5);
/// A stop whose fill is not known.
pub(super) const TRIGGERED: &str = "STOP TRIGGERED";

const LIQUIDATED: &str = "LIQUIDATED";
const DELEVERAGED: &str = "ADL";
const STOPPED: &str = "STOP FILLED";

/// Fills of one cause in one position.
#[derive(Debug)]
struct Closed<'a> {
    name: &'static str,
    symbol: &'a Symbol,
    /// Of the position.
    side: Option<Side>,
    size: Option<Decimal>,
    /// Size times price.
    value: Option<Decimal>,
    pnl: Option<Decimal>,
}

/// Returns what a fill is called that the user did not make; `None` for any other event.
pub(super) fn name(event: &Event, events: &[Event]) -> Option<&'static str> {
    let EventKind::Filled(fill) = &event.kind else { return None };
    let Some(forced) = &fill.forced else {
        return events.iter().any(|stop| fills(event, fill, stop)).then_some(STOPPED);
    };
    let word = forced.as_str().to_ascii_lowercase();
    if word.contains("adl") {
        Some(DELEVERAGED)
    } else if word.starts_with("burst_") || word.starts_with("reduce_") {
        Some(LIQUIDATED)
    } else {
        // Netting and delivery.
        None
    }
}

/// Returns whether a fill is that of a stop that was triggered.
fn fills(event: &Event, fill: &Fill, stop: &Event) -> bool {
    let EventKind::StopTriggered { symbol, side, .. } = &stop.kind else { return false };
    let apart = event.at.as_millis().abs_diff(stop.at.as_millis());
    fill.symbol == *symbol
        && fill.closes != Some(false)
        && (side.is_none() || fill.side == *side)
        && u128::from(apart) <= BESIDE.as_millis()
}

/// Returns what has been closed since the user last acknowledged, the newest first.
fn unacknowledged<'a>(events: &'a [Event], state: &UiState) -> Vec<Closed<'a>> {
    let new = |event: &&Event| state.acknowledged.is_none_or(|until| event.at > until);
    let mut all: Vec<Closed<'a>> = Vec::new();
    for event in events.iter().filter(new) {
        if let EventKind::Filled(fill) = &event.kind
            && let Some(name) = name(event, events)
        {
            add(&mut all, Closed::of_fill(name, fill));
        }
    }
    // What is said without its fill stands for itself, but never beside it.
    for alone in events.iter().filter(new).filter_map(|event| Closed::without_fill(event, events)) {
        if !all.iter().any(|held| held.name == alone.name && held.symbol == alone.symbol) {
            all.push(alone);
        }
    }
    all
}

impl<'a> Closed<'a> {
    fn of_fill(name: &'static str, fill: &'a Fill) -> Self {
        let (size, symbol) = (fill.size, &fill.symbol);
        let value = size.zip(fill.price).and_then(|(size, price)| size.checked_mul(price));
        let side = fill.side.map(closed_side);
        Self { name, symbol, side, size, value, pnl: fill.realized_pnl }
    }

    /// What the exchange says of a close beside its fills.
    fn without_fill(event: &'a Event, events: &[Event]) -> Option<Self> {
        let alone = |name, symbol, side, size: &Option<Decimal>, price: &Option<Decimal>| {
            let value = size.zip(*price).and_then(|(size, price)| size.checked_mul(price));
            Self { name, symbol, side, size: *size, value, pnl: None }
        };
        if let EventKind::Deleveraged { symbol, price, size } = &event.kind {
            return Some(alone(DELEVERAGED, symbol, None, size, price));
        }
        let EventKind::StopTriggered { symbol, side, price, size } = &event.kind else {
            return None;
        };
        let is_fill = |other: &Event| matches!(&other.kind, EventKind::Filled(fill) if fills(other, fill, event));
        let closed = side.map(closed_side);
        (!events.iter().any(is_fill)).then(|| alone(TRIGGERED, symbol, closed, size, price))
    }
}

/// Adds a fill to those of the same cause and position.
fn add<'a>(all: &mut Vec<Closed<'a>>, one: Closed<'a>) {
    let same = |held: &&mut Closed<'a>| {
        held.name == one.name && held.symbol == one.symbol && held.side == one.side
    };
    let Some(held) = all.iter_mut().find(same) else { return all.push(one) };
    let sum = |a: Option<Decimal>, b: Option<Decimal>| a?.checked_add(b?);
    held.size = sum(held.size, one.size);
    held.value = sum(held.value, one.value);
    held.pnl = sum(held.pnl, one.pnl);
}

/// The position that an order closes.
const fn closed_side(order: OrderSide) -> Side {
    match order {
        OrderSide::Sell => Side::Long,
        OrderSide::Buy => Side::Short,
    }
}

/// Returns the line that stays until it is acknowledged: the newest close and how many more there are.
pub(super) fn banner(inputs: &Inputs<'_>, state: &UiState) -> Option<Variants> {
    let all = unacknowledged(&inputs.report.events, state);
    let first = all.first()?;
    let show = inputs.settled(state);
    let more = (all.len() > 1).then(|| Span::new(format!("1 of {}:", all.len()), Role::Danger));
    let name = Span::new(format!(" {} ", first.name), Role::Alarm);
    let lead: Line = [name].into_iter().chain(more).collect();
    let with = |line: &Line, spans: &[Span]| [line.as_slice(), spans].concat();
    let mut what = with(&lead, &[Span::new(first.symbol.to_string(), Role::Strong)]);
    what.extend(first.side.map(side));
    let places = inputs.report.contract(first.symbol).map(|contract| contract.price_places);
    let price = first.size.zip(first.value).and_then(|(size, value)| value.checked_div(size));
    let amounts = [show.size(first.size, None), show.average(price, places).after("at")];
    let sized = with(&what, &amounts);
    let result = with(&sized, &[show.gain(first.pnl).after("pnl")]);
    let whole = with(&result, &[Span::new("a:acknowledge", Role::Key)]);
    Some(vec![whole, result, sized, what, lead])
}
