//! The prices that matter to the position of the chart and the ladder: where it is liquidated, its plans, its
//! entry, and the orders of the contract.

use rust_decimal::Decimal;

use super::inputs::Inputs;
use super::row_formatter::RowFormatter;
use crate::domain::{Order, OrderKind, OrderSide};
use crate::report::PositionRow;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Formatter, Span};

/// Orders that are shown; the nearest to the price.
const MAX_ORDERS: usize = 12;

const LIQUIDATION: &str = "liq";

/// A price with its name.
#[derive(Debug)]
pub(super) struct Level {
    pub(super) price: Decimal,
    pub(super) name: &'static str,
    /// The price as it is written.
    pub(super) written: Span,
    /// Its role while it is live.
    pub(super) role: Role,
    /// Whether a position is liquidated there.
    pub(super) is_liquidation: bool,
    /// What would be traded there; `None` where it is a price of the position.
    pub(super) size: Option<Span>,
}

/// Returns the position whose prices are shown: the one that the user looks at, if it is in the focus; else one
/// that is.
pub(super) fn row_of_focus<'a>(inputs: &Inputs<'a>, state: &UiState) -> Option<&'a PositionRow> {
    let subject = inputs.subject(state).filter(|row| row.is_focus);
    subject.or_else(|| inputs.report.positions.rows.iter().find(|row| row.is_focus))
}

/// Returns the prices, the most important first.
pub(super) fn of(inputs: &Inputs<'_>, state: &UiState) -> Vec<Level> {
    let row = row_of_focus(inputs, state);
    let own = row.map(|row| of_position(RowFormatter::new(inputs, state, row)));
    let mut all: Vec<Level> = own.into_iter().flatten().collect();
    all.extend(of_orders(inputs, state, row));
    all
}

fn of_position(show: RowFormatter<'_>) -> impl Iterator<Item = Level> {
    let row = show.row;
    [
        (LIQUIDATION, row.liquidation_price, show.liquidation(), Role::Danger),
        ("SL", row.stop_loss, show.stop_loss(), Role::Loss),
        ("TP", row.take_profit, show.take_profit(), Role::Gain),
        ("entry", row.entry_price, show.entry(), Role::Strong),
    ]
    .into_iter()
    .filter_map(|(name, price, span, role)| {
        let is_liquidation = name == LIQUIDATION;
        Some(Level { price: price?, name, written: span, role, is_liquidation, size: None })
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
    let size_places = inputs.contract().map(|contract| contract.size_places);
    orders.into_iter().map(move |(price, order)| Level {
        price,
        name: name(order),
        written: show.price(Some(price), places),
        role: Role::Label,
        is_liquidation: false,
        size: Some(size(order, size_places, show)),
    })
}

/// What an order is called beside its price. One that waits for a trigger rests in no book.
fn name(order: &Order) -> &'static str {
    match (order.kind.known(), order.side) {
        (Some(OrderKind::TakeProfit), _) => "TP",
        (Some(OrderKind::StopLoss), _) => "SL",
        (Some(OrderKind::Trigger), Some(OrderSide::Buy)) => "buy trigger",
        (Some(OrderKind::Trigger), Some(OrderSide::Sell)) => "sell trigger",
        (Some(OrderKind::Trigger), None) => "trigger",
        (_, Some(OrderSide::Buy)) => "buy",
        (_, Some(OrderSide::Sell)) => "sell",
        (_, None) => "order",
    }
}

/// What an order has still to trade.
fn size(order: &Order, places: Option<u32>, show: Formatter<'_>) -> Span {
    let rests = order.kind.known() == Some(OrderKind::Limit);
    let left = order.size.zip(order.filled).and_then(|(size, filled)| size.checked_sub(filled));
    match order.size {
        // A plan without a size closes the whole position, an order of the book does not.
        None if !rests => Span::plain("all"),
        size => show.size(left.or(size), places),
    }
}
