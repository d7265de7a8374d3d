//! Resting orders: limits, take-profit and stop-loss plans, triggers.

use rust_decimal::Decimal;

use super::absence::{labels, nothing_matches};
use super::inputs::Inputs;
use super::own_fills::direction;
use crate::domain::{OpenEnum, Order, OrderKind, spoken};
use crate::ui::order_key::OrderKey;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::views::PanelId;
use crate::ui::widgets::{
    Absent, Body, Column, Formatter, Heading, Panel, Span, Table, Variants, side, side_word,
};

/// Filters the orders into the state, and forgets a cursor whose order is gone.
pub(super) fn arrange(inputs: &Inputs<'_>, state: &mut UiState) {
    let all = inputs.report.orders.rows.iter();
    let shown = all.filter(|order| passes(order, state)).map(OrderKey::of);
    state.shown_orders = shown.collect();
    let is_gone = |key: &OrderKey| find(inputs, key).is_none();
    if state.selected_order.as_ref().is_some_and(is_gone) {
        state.selected_order = None;
    }
}

/// Returns whether an order passes the filter: by what is on screen, because the user types what is seen.
fn passes(order: &Order, state: &UiState) -> bool {
    let side = order.position_side.map_or("", side_word);
    let words = format!("{} {} {side}", sided_kind(order).text, spoken(&order.kind));
    state.passes(&[&order.symbol, &words, &spoken(&order.status)])
}

/// Returns the order of a key.
pub(super) fn find<'a>(inputs: &Inputs<'a>, key: &OrderKey) -> Option<&'a Order> {
    inputs.report.orders.rows.iter().find(|order| key.is_of(order))
}

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let orders = &inputs.report.orders;
    let show = inputs.formatter(state, orders.age);
    let rows: Vec<&Order> = orders.rows.iter().filter(|order| passes(order, state)).collect();
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
        return Panel::message(heading, nothing_matches(state));
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
        Column::new("Created", true, 10, 8),
        Column::new("TP", true, 11, 9),
        Column::new("SL", true, 11, 9),
    ];
    let table = Table::of_list(columns, &rows, |order| cells(inputs, order, show));
    // The cursor is seen where the keys move it: two would be one too many.
    let selected = state.order_at_cursor().filter(|_| state.focus == PanelId::Orders);
    let selected = selected.and_then(|key| state.shown_orders.iter().position(|at| at == key));
    Panel::new(heading, Body::Table(table.selecting(selected)))
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
pub(super) fn sided_kind(order: &Order) -> Span {
    let kind = match order.kind.known() {
        Some(OrderKind::TakeProfit) => "TP".to_owned(),
        Some(OrderKind::StopLoss) => "SL".to_owned(),
        Some(_) | None => spoken(&order.kind),
    };
    let mut span = direction(order.side);
    span.text = format!("{} {kind}", span.text);
    span
}

/// What an order does, in the words and figures of every place that shows it.
pub(super) struct Terms {
    /// What sets it off, or where it rests.
    pub(super) acts_at: Span,
    /// What it does then: nothing more, a limit, or the market.
    pub(super) then: Span,
    pub(super) size: Span,
    pub(super) reduce: Span,
}

pub(super) fn terms(inputs: &Inputs<'_>, order: &Order, show: Formatter<'_>) -> Terms {
    let is = |kind| order.kind == OpenEnum::Known(kind);
    let rests = is(OrderKind::Limit);
    let places = inputs.report.contract(&order.symbol).map(|contract| contract.price_places);
    let price = |value| show.price(value, places);
    let nothing = Absent::NotApplicable.span();
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
        Some(true) => show.word("yes"),
        Some(false) => Span::label("no"),
        None => Absent::Unknown.span(),
    };
    Terms { acts_at, then, size, reduce }
}

/// The side of the position that an order belongs to.
pub(super) fn position(order: &Order, show: Formatter<'_>) -> Span {
    let side = order.position_side.map(|of| show.aged(side(of)));
    side.unwrap_or_else(|| Absent::NotApplicable.span())
}

/// The price of a plan that waits for the fill of an order.
pub(super) fn planned(
    inputs: &Inputs<'_>,
    order: &Order,
    price: Option<Decimal>,
    show: Formatter<'_>,
) -> Span {
    let places = inputs.report.contract(&order.symbol).map(|contract| contract.price_places);
    show.absent(Absent::NotApplicable).price(price, places)
}

fn cells(inputs: &Inputs<'_>, order: &Order, show: Formatter<'_>) -> Vec<Span> {
    let Terms { acts_at, then, size, reduce } = terms(inputs, order, show);
    vec![
        show.aged(sided_kind(order)),
        show.word(order.symbol.to_string()),
        acts_at,
        then,
        size,
        show.size(order.filled, None),
        position(order, show),
        reduce,
        show.word(spoken(&order.status)),
        show.recent(order.created_at, inputs.report.taken_at),
        planned(inputs, order, order.take_profit, show),
        planned(inputs, order, order.stop_loss, show),
    ]
}
