//! The prices that matter to the position of the chart: lines on the scale, and tags for what lies outside it.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::inputs::Inputs;
use super::row_formatter::RowFormatter;
use crate::domain::{Order, OrderSide};
use crate::report::PositionRow;
use crate::risk;
use crate::ui::format::{self, Sign};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Formatter, Line, PriceScale, Span};

/// Orders that are drawn; the nearest to the price.
const MAX_ORDERS: usize = 12;

/// A price with its name.
struct Level {
    price: Decimal,
    span: Span,
}

/// Returns the position whose lines are drawn: the one that the user looks at, if the candles are of its
/// contract; else one of theirs.
pub(super) fn row_of_lines<'a>(inputs: &Inputs<'a>, state: &UiState) -> Option<&'a PositionRow> {
    let subject = inputs.subject(state).filter(|row| row.is_focus);
    subject.or_else(|| inputs.report.positions.rows.iter().find(|row| row.is_focus))
}

/// Returns the lines on the scale, and the tags of what lies above and below it.
pub(super) fn of(
    inputs: &Inputs<'_>,
    state: &UiState,
    scale: PriceScale,
) -> (Vec<(f64, Span)>, [Line; 2]) {
    let row = row_of_lines(inputs, state);
    let mut all = Vec::new();
    let last = inputs.formatter(state, inputs.report.ticker.age);
    if let Some(price) = inputs.report.ticker.last {
        // On the scale the axis shows it.
        let span = last.price(Some(price), inputs.price_places()).or_role(Role::Strong);
        if price.to_f64().is_some_and(|at| !scale.contains(at)) {
            all.push(Level { price, span: span.after("last") });
        }
    }
    if let Some(row) = row {
        all.extend(of_position(RowFormatter::new(inputs, state, row)));
    }
    all.extend(of_orders(inputs, state, row));
    // The distance of the liquidation price is from the mark price; so are these.
    let mark = row.and_then(|row| row.mark_price).or(inputs.report.ticker.mark);
    let (mut lines, mut outside) = (Vec::new(), [Line::new(), Line::new()]);
    for level in all {
        let Some(at) = level.price.to_f64() else { continue };
        if scale.contains(at) {
            lines.push((at, level.span));
        } else {
            let [above, below] = &mut outside;
            let (side, arrow) = if at > scale.high { (above, "▲") } else { (below, "▼") };
            let mut tag = level.span.after(arrow);
            let distance = mark.and_then(|mark| risk::liquidation_distance(mark, level.price));
            if let Some(percent) =
                distance.and_then(|share| format::percent(share, 2, Sign::Negative))
            {
                tag.text = format!("{} {percent}", tag.text);
            }
            side.push(tag);
        }
    }
    (lines, outside)
}

/// The most important first.
fn of_position(show: RowFormatter<'_>) -> impl Iterator<Item = Level> {
    let row = show.row;
    [
        ("liq", row.liquidation_price, show.liquidation(), Role::Danger),
        ("SL", row.stop_loss, show.stop_loss(), Role::Loss),
        ("TP", row.take_profit, show.take_profit(), Role::Gain),
        ("entry", row.entry_price, show.entry(), Role::Strong),
    ]
    .into_iter()
    .filter_map(|(word, price, span, role)| {
        Some(Level { price: price?, span: span.or_role(role).after(word) })
    })
}

/// Orders of the contract, the nearest first; the plans of the position are its TP and SL.
fn of_orders(
    inputs: &Inputs<'_>,
    state: &UiState,
    row: Option<&PositionRow>,
) -> impl Iterator<Item = Level> {
    let report = inputs.report;
    let show = inputs.formatter(state, report.orders.age);
    let from = report.ticker.mark.or(report.ticker.last).unwrap_or_default();
    let is_plan = |price| {
        let plans = row.map(|row| [row.take_profit, row.stop_loss]);
        plans.is_some_and(|plans| plans.contains(&Some(price)))
    };
    let mut orders: Vec<(Decimal, &Order)> = report
        .orders
        .rows
        .iter()
        .filter(|order| order.symbol == report.focus)
        .filter_map(|order| Some((order.trigger_price.or(order.price)?, order)))
        .filter(|(price, _)| !is_plan(*price))
        .collect();
    orders.sort_by_key(|(price, _)| price.checked_sub(from).map_or(Decimal::MAX, |gap| gap.abs()));
    orders.truncate(MAX_ORDERS);
    let places = inputs.price_places();
    orders.into_iter().map(move |(price, order)| of_order(price, order.side, places, show))
}

fn of_order(
    price: Decimal,
    side: Option<OrderSide>,
    places: Option<u32>,
    show: Formatter<'_>,
) -> Level {
    let word = match side {
        Some(OrderSide::Buy) => "buy",
        Some(OrderSide::Sell) => "sell",
        None => "order",
    };
    Level { price, span: show.price(Some(price), places).or_role(Role::Label).after(word) }
}
