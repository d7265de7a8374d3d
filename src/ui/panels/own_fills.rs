//! Own fills, newest first.

use super::inputs::Inputs;
use crate::domain::{Fee, Fill, Liquidity, OrderSide};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Absent, Body, Column, Formatter, Heading, Panel, Span, Table};

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let heading = Heading::new("Fills");
    let fills = &inputs.report.fills;
    if fills.is_empty() {
        // An empty list only says that nothing was received.
        return Panel::message(heading, [Span::label("no fills received")]);
    }
    let columns = vec![
        Column::new("Time", false, 0, 14),
        Column::new("Side", false, 2, 4),
        Column::of_contracts(),
        Column::new("Price", true, 3, 8),
        Column::new("Size", true, 4, 6),
        Column::new("Realized", true, 5, 10),
        Column::new("Fee", true, 6, 12),
        Column::new("Kind", false, 7, 5),
        Column::new("Forced", false, 8, 6),
    ];
    let show = inputs.settled(state);
    Panel::new(heading, Body::Table(Table::of_list(columns, fills, |fill| cells(fill, show))))
}

fn cells(fill: &Fill, show: Formatter<'_>) -> Vec<Span> {
    let fee = |fee: &Fee| format!("{} {}", show.cash(Some(-fee.paid)).text, fee.coin);
    let fees: Vec<String> = fill.fees.iter().map(fee).collect();
    let liquidity = match fill.liquidity {
        Some(Liquidity::Maker) => Span::plain("maker"),
        Some(Liquidity::Taker) => Span::plain("taker"),
        None => Absent::Unknown.span(),
    };
    let forced = fill.forced.as_ref().map_or("", |word| word.as_str());
    vec![
        show.day_clock(fill.time),
        direction(fill.side),
        Span::plain(fill.symbol.to_string()),
        show.price(fill.price, None),
        show.size(fill.size, None),
        show.gain(fill.realized_pnl),
        Span::plain(fees.join(" ")),
        liquidity,
        Span::new(forced, Role::Danger),
    ]
}

/// Returns which way an order went.
pub(super) fn direction(side: Option<OrderSide>) -> Span {
    match side {
        Some(OrderSide::Buy) => Span::new("buy", Role::Gain),
        Some(OrderSide::Sell) => Span::new("sell", Role::Loss),
        None => Absent::Unknown.span(),
    }
}
