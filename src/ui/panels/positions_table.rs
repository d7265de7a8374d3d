//! The positions, one row each.

use super::absence::no_positions;
use super::inputs::Inputs;
use super::row_formatter::RowFormatter;
use crate::report::{Age, Freshness, PositionRow};
use crate::ui::state::{SortKey, UiState};
use crate::ui::theme::Role;
use crate::ui::widgets::{Body, Column, Heading, Panel, Span, Table, side, spoken, words};

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let positions = &inputs.report.positions;
    let rows = inputs.shown(state);
    let mut title = "Positions".to_owned();
    if state.sort != SortKey::Focus || state.reverse {
        title = format!("{title} by {}", state.sort.word());
        if state.reverse {
            title.push_str(" (reversed)");
        }
    }
    // A row whose price is missing says so itself; it is no statement about the list.
    let stale = rows.iter().map(|row| inputs.row_age(row));
    let stale = stale.filter(|age| matches!(inputs.fresh(*age), Freshness::Stale { .. }));
    let age = stale.fold(positions.age, Age::with);
    let counts = [rows.len(), positions.rows.len()];
    let heading = Heading::new(title).aged(inputs.fresh(age));
    let heading = heading.hiding(positions.unreadable_rows, &state.filter, counts);
    if positions.rows.is_empty() {
        return Panel::new(heading, Body::Message(vec![no_positions(inputs, state)]));
    }
    if rows.is_empty() {
        return Panel::message(heading, words("no position passes the filter", Role::Warn));
    }
    Panel::new(heading, Body::Table(table(inputs, state, &rows)))
}

fn table(inputs: &Inputs<'_>, state: &UiState, rows: &[&PositionRow]) -> Table {
    let columns = vec![
        Column::new("Symbol", false, 0, 14),
        Column::new("Side", false, 1, 5),
        Column::new("State", false, 4, 9),
        Column::new("Size", true, 2, 8),
        Column::new("uPnL mark", true, 3, 10),
        Column::new("ROE", true, 6, 8),
        Column::new("Entry", true, 8, 9),
        Column::new("Mark", true, 9, 9),
        Column::new("Liq price", true, 7, 9),
        Column::new("To liq", true, 5, 7),
        Column::new("Lev", true, 11, 7),
        Column::new("Mode", false, 13, 8),
        Column::new("Margin ratio", true, 12, 7),
        Column::new("Net", true, 10, 10),
        Column::new("Notional", true, 14, 10),
        Column::new("Margin", true, 18, 9),
        Column::new("Break-even", true, 17, 10),
        Column::new("TP", true, 15, 9),
        Column::new("SL", true, 16, 9),
        Column::new("Next funding", true, 19, 9),
    ];
    let cells = rows.iter().map(|row| cells(&RowFormatter::new(inputs, state, row))).collect();
    let selected = state.selected.as_ref();
    let selected = selected.and_then(|key| rows.iter().position(|row| row.key == *key));
    Table::new(columns, cells).selecting(selected)
}

fn cells(show: &RowFormatter<'_>) -> Vec<Span> {
    let (row, live, list) = (show.row, show.live, show.list);
    let symbol_role = if row.is_focus { Role::Strong } else { Role::Plain };
    vec![
        Span::new(row.key.symbol.to_string(), symbol_role),
        side(row.key.side),
        show.state(),
        show.size(),
        show.unrealized(),
        show.roe(),
        show.entry(),
        show.mark(),
        show.liquidation(),
        show.distance(),
        list.factor(row.leverage),
        Span::plain(spoken(&row.key.margin_mode)),
        live.percent(row.margin_ratio),
        show.net(),
        live.money(row.notional),
        show.margin(),
        show.break_even(),
        show.take_profit(),
        show.stop_loss(),
        live.cash(row.risk.next_funding_payment),
    ]
}
