//! Everything that is known of one order.

use rust_decimal::Decimal;

use super::inputs::Inputs;
use super::open_orders::{Terms, find, planned, position, sided_kind, terms};
use crate::domain::{Order, OrderClass, spoken};
use crate::risk;
use crate::ui::state::{Overlay, UiState};
use crate::ui::theme::Role;
use crate::ui::widgets::{Absent, Body, Figure, Heading, Panel, Span, words};

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    // Beside the table it is of the order that the cursor is on.
    let opened = match &state.overlay {
        Some(Overlay::Order(key)) => Some(key),
        Some(Overlay::Help | Overlay::Events | Overlay::Detail(_) | Overlay::Away) | None => None,
    };
    let is_over = opened.is_some();
    let Some(key) = opened.or_else(|| state.order_at_cursor()) else {
        return Panel::message(Heading::new("Order"), [Absent::NotApplicable.span()]);
    };
    let Some(order) = find(inputs, key) else {
        // It was filled, it was cancelled, or the list has not come: the events say which.
        let text = "This order is not in the last list of orders.";
        return Panel::message(Heading::new("Order"), words(text, Role::Warn));
    };
    let title = format!("{} {}", order.symbol, sided_kind(order).text);
    let age = inputs.report.orders.age;
    let heading = Heading::new(title).aged(inputs.fresh(age));
    let heading = if is_over { heading.noted("Esc closes, j and k scroll") } else { heading };
    Panel::new(heading, Body::Figures(figures(inputs, state, order)))
}

fn figures(inputs: &Inputs<'_>, state: &UiState, order: &Order) -> Vec<Figure> {
    let show = inputs.formatter(state, inputs.report.orders.age);
    let Terms { acts_at, then, size, reduce } = terms(inputs, order, show);
    let list = match order.class {
        OrderClass::Plain => "of the book",
        OrderClass::ProfitLoss => "plans of positions",
        OrderClass::Trigger => "trigger orders",
        OrderClass::Trailing => "trailing orders",
    };
    vec![
        Figure::one("Order", show.aged(sided_kind(order))),
        Figure::one("Price", acts_at),
        from_mark(inputs, state, order),
        Figure::one("Executes", then),
        Figure::one("Size", size),
        Figure::one("Filled", show.size(order.filled, None)),
        Figure::one("Value", show.money(value(order))),
        Figure::one("Position", position(order, show)),
        Figure::one("Reduce only", reduce),
        Figure::one("Status", show.word(spoken(&order.status))),
        Figure::one("Take-profit", planned(inputs, order, order.take_profit, show)),
        Figure::one("Stop-loss", planned(inputs, order, order.stop_loss, show)),
        Figure::new("Created", show.date_time(order.created_at)),
        Figure::new("Changed", show.date_time(order.updated_at)),
        Figure::one("List", Span::label(list)),
        Figure::one("Order id", show.word(order.order_id.to_string())),
    ]
}

/// How far the mark price must go to where the order acts, a fraction of it; with a sign, and the age of both.
fn from_mark(inputs: &Inputs<'_>, state: &UiState, order: &Order) -> Figure {
    let report = inputs.report;
    let held = report.positions.rows.iter().find(|row| row.key.symbol == order.symbol);
    let (mark, age) = if order.symbol == report.focus {
        (report.ticker.mark, report.ticker.age)
    } else {
        held.map_or((None, report.orders.age), |row| (row.mark_price, inputs.row_age(row)))
    };
    let show = inputs.formatter(state, age.with(report.orders.age));
    let acts_at = order.trigger_price.or(order.price);
    let way = acts_at.zip(mark).and_then(|(at, mark)| risk::div(risk::sub(at, mark)?, mark));
    // Up or down is neither gain nor loss.
    let mut figure = show.signed_percent(way, 2);
    if !matches!(figure.role, Role::Unknown) {
        figure.role = show.freshness.role();
    }
    show.figure("From mark", figure)
}

/// What the order is worth where it acts; `None` without a size or a price, and of contracts whose size is
/// no amount of a coin.
fn value(order: &Order) -> Option<Decimal> {
    let price = order.price.or(order.trigger_price)?;
    let size = order.size.filter(|_| order.symbol.product().is_linear())?;
    risk::mul(size, price)
}
