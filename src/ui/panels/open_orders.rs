//! Resting orders: limits, take-profit and stop-loss plans, triggers.

use super::absence::labels;
use super::inputs::Inputs;
use super::own_fills::direction;
use crate::domain::{OpenEnum, Order, OrderKind};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{
    Absent, Body, Column, Formatter, Heading, Panel, Span, Table, Variants, side, side_word,
    spoken, words,
};

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let orders = &inputs.report.orders;
    let show = inputs.formatter(state, orders.age);
    // By what is on screen: the user types what is to be seen.
    let passes = |order: &&Order| {
        let side = order.position_side.map_or("", side_word);
        let words = format!("{} {} {side}", sided_kind(order).text, spoken(&order.kind));
        state.passes(&[&order.symbol, &words, &spoken(&order.status)])
    };
    let rows: Vec<&Order> = orders.rows.iter().filter(passes).collect();
    let counts = [rows.len(), orders.rows.len()];
    let heading = Heading::new("Orders").aged(show.freshness);
    let heading = heading.hiding(orders.unreadable_rows, &state.filter, counts);
    if orders.rows.is_empty() {
        return Panel::new(heading, Body::Message(vec![absence(inputs, show)]));
    }
    // Of a trigger of a unified account the exchange tells the position, and no side.
    let is_told = rows.iter().all(|order| order.side.is_some());
    let heading = if is_told { heading } else { heading.noted("?: no side is sent") };
    if rows.is_empty() {
        return Panel::message(heading, words("no order passes the filter", Role::Warn));
    }
    let columns = vec![
        Column::new("Order", false, 1, 9),
        Column::of_contracts(),
        Column::new("Price", true, 2, 8),
        Column::new("Executes", true, 4, 9),
        Column::new("Size", true, 3, 9),
        Column::new("Filled", true, 7, 8),
        Column::new("Position", false, 6, 8),
        Column::new("Reduce", false, 8, 6),
        Column::new("Status", false, 9, 8),
        Column::new("Created", false, 10, 14),
        Column::new("TP", true, 11, 9),
        Column::new("SL", true, 11, 9),
    ];
    let table = Table::of_list(columns, &rows, |order| cells(inputs, order, show));
    Panel::new(heading, Body::Table(table))
}

/// What can be said when there is no row.
fn absence(inputs: &Inputs<'_>, show: Formatter<'_>) -> Variants {
    let orders = &inputs.report.orders;
    let at = show.clock(orders.confirmed_at.map(|at| inputs.report.exchange_time(at))).text;
    let (text, role) = match orders.confirmed_at {
        Some(_) if orders.is_whole(inputs.seen) => {
            // Those of other products are listed less often, and may not be known yet.
            let none = format!("No resting orders ({})", labels(&orders.listed(inputs.seen)));
            let long = Span::plain(format!("{none}, confirmed {at}"));
            return vec![vec![long], vec![Span::plain(none)], vec![Absent::Unknown.span()]];
        }
        Some(_) => (format!("orders unknown since {at}"), Role::Unknown),
        None => ("orders not known yet".to_owned(), Role::Unknown),
    };
    vec![vec![Span::new(text, role)], vec![Absent::Unknown.span()]]
}

/// What an order is and which way it goes: `sell SL`, `buy limit`.
fn sided_kind(order: &Order) -> Span {
    let kind = match order.kind.known() {
        Some(OrderKind::TakeProfit) => "TP".to_owned(),
        Some(OrderKind::StopLoss) => "SL".to_owned(),
        Some(_) | None => spoken(&order.kind),
    };
    let mut span = direction(order.side);
    span.text = format!("{} {kind}", span.text);
    span
}

fn cells(inputs: &Inputs<'_>, order: &Order, show: Formatter<'_>) -> Vec<Span> {
    let is = |kind| order.kind == OpenEnum::Known(kind);
    let rests = is(OrderKind::Limit);
    let places = inputs.report.contract(&order.symbol).map(|contract| contract.price_places);
    // What sets it off, or where it rests; then what it does: nothing more, a limit, or the market.
    let price = |value| show.price(value, places);
    let nothing = Absent::NotApplicable.span();
    let planned =
        |value: Option<_>| value.map_or_else(|| Absent::NotApplicable.span(), |at| price(Some(at)));
    let (acts_at, then) = match (order.trigger_price, order.price) {
        (Some(trigger), Some(limit)) => (price(Some(trigger)), price(Some(limit))),
        (Some(trigger), None) => (price(Some(trigger)), Span::label("market")),
        (None, _) if is(OrderKind::Market) => (Span::label("market"), nothing),
        (None, limit) if rests => (price(limit), nothing),
        (None, limit) => (Absent::Unknown.span(), price(limit)),
    };
    // A plan without a size closes the whole position, an order of the book does not.
    let size = match order.size {
        None if !rests => Span::label("full size"),
        size => show.size(size, None),
    };
    let reduce = match order.reduce_only {
        Some(true) => Span::plain("yes"),
        Some(false) => Span::label("no"),
        None => Absent::Unknown.span(),
    };
    vec![
        sided_kind(order),
        Span::plain(order.symbol.to_string()),
        acts_at,
        then,
        size,
        show.size(order.filled, None),
        order.position_side.map_or_else(|| Absent::NotApplicable.span(), side),
        reduce,
        Span::plain(spoken(&order.status)),
        show.day_clock(order.created_at),
        planned(order.take_profit),
        planned(order.stop_loss),
    ]
}
