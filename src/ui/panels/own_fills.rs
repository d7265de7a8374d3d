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
        Column::new("Time", true, 0, 8),
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
    Panel::new(
        heading,
        Body::Table(Table::of_list(columns, fills, |fill| cells(inputs, fill, show))),
    )
}

fn cells(inputs: &Inputs<'_>, fill: &Fill, show: Formatter<'_>) -> Vec<Span> {
    let fee = |fee: &Fee| format!("{} {}", show.cash(Some(-fee.paid)).text, fee.coin);
    let fees: Vec<String> = fill.fees.iter().map(fee).collect();
    let liquidity = match fill.liquidity {
        Some(Liquidity::Maker) => Span::plain("maker"),
        Some(Liquidity::Taker) => Span::plain("taker"),
        None => Absent::Unknown.span(),
    };
    let forced = fill.forced.as_ref().map_or("", |word| word.as_str());
    vec![
        show.recent(fill.time, inputs.report.taken_at),
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

/// Returns which way an order went. Not in the colours of gain and loss: a sale is neither.
pub(super) fn direction(side: Option<OrderSide>) -> Span {
    match side {
        Some(OrderSide::Buy) => Span::plain("buy"),
        Some(OrderSide::Sell) => Span::plain("sell"),
        None => Absent::Unknown.span(),
    }
}
