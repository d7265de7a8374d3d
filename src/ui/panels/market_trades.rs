//! The last public trades of the focus, newest first.

use super::inputs::Inputs;
use super::own_fills::direction;
use crate::domain::Trade;
use crate::ui::format;
use crate::ui::state::UiState;
use crate::ui::widgets::{Body, Column, Heading, Panel, Span, Table};

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let report = inputs.report;
    let market = &report.market;
    let show = inputs.formatter(state, market.trades_age);
    let heading = Heading::new(format!("Trades {}", report.focus)).aged(show.freshness);
    let Some(newest) = market.trades.first() else {
        return Panel::message(heading, [Span::label("no trade received")]);
    };
    // On a live stream nobody may have traded for long.
    let age = report.taken_at.as_millis().saturating_sub(newest.time.as_millis()).max(0);
    let heading = heading.noted(&format!("last {} ago", format::age(age)));
    let columns = vec![
        Column::new("Time", true, 1, 8),
        Column::new("Price", true, 0, 8),
        Column::new("Size", true, 2, 8),
        Column::new("Taker", false, 3, 5),
    ];
    let size_places = inputs.contract().map(|contract| contract.size_places);
    let row = |trade: &Trade| {
        vec![
            show.recent(Some(trade.time), report.taken_at),
            show.price(Some(trade.price), inputs.price_places()),
            show.quantity(Some(trade.size), size_places),
            Span { role: show.freshness.role(), ..direction(trade.taker_side) },
        ]
    };
    Panel::new(heading, Body::Table(Table::of_list(columns, &market.trades, row)))
}
