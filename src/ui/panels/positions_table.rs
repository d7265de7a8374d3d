//! The positions, one row each.

use super::absence::{no_positions, nothing_matches};
use super::inputs::Inputs;
use super::position_figures::distance_bar;
use super::position_plans;
use super::position_totals::totals;
use super::row_formatter::RowFormatter;
use crate::domain::spoken;
use crate::report::{Age, Freshness, PositionRow};
use crate::ui::format;
use crate::ui::layout::TWO_LINES;
use crate::ui::state::{SortKey, UiState};
use crate::ui::theme::Role;
use crate::ui::widgets::{Body, Column, Heading, Panel, Span, Table, is_narrow, side};

/// Returns the panel, which will be `width` columns wide.
pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState, width: u16) -> Panel {
    let positions = &inputs.report.positions;
    let rows = inputs.shown(state);
    let mut title = "Positions".to_owned();
    if state.sort != SortKey::Risk || state.reverse {
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
        return Panel::message(heading, nothing_matches(state));
    }
    Panel::new(heading, Body::Table(table(inputs, state, &rows, inputs.fresh(age), width)))
}

fn table(
    inputs: &Inputs<'_>,
    state: &UiState,
    rows: &[&PositionRow],
    panel: Freshness,
    width: u16,
) -> Table {
    // A dot, or for how long a figure has not held: that is never cut.
    let narrow = is_narrow(width.saturating_sub(2));
    let glyph =
        |row: &&PositionRow| state_glyph(&RowFormatter::new(inputs, state, row), panel, narrow);
    let is_short = |row| glyph(row).text.chars().count() == 1;
    let least = if narrow { 4 } else { 8 };
    let state_width = if rows.iter().all(is_short) { 1 } else { least };
    let columns = vec![
        Column::of_contracts(),
        Column::new("Side", false, 1, 5),
        Column::new("", false, 1, state_width),
        Column::new("Size", true, 2, 7),
        Column::new("uPnL mark", true, 3, 10),
        Column::new("ROE", true, 5, 7),
        Column::new("Entry", true, 7, 9),
        Column::new("Mark", true, 9, 9),
        Column::new("Liq price", true, 6, 9),
        Column::new("To liq", true, 4, 7),
        Column::new("", false, 8, 8),
        Column::new("Lev", true, 11, 7),
        Column::new("Mode", false, 13, 8),
        Column::new("Margin ratio", true, 12, 7),
        Column::new("Net", true, 10, 10),
        Column::new("Notional", true, 14, 10),
        Column::new("Margin", true, 18, 9),
        Column::new("Break-even", true, 17, 10).or_below(),
        // A plan to win and none to lose would be half of the truth.
        Column::new("TP", true, 15, 9).or_below(),
        Column::new("SL", true, 15, 9).or_below(),
        Column::new("Next funding", true, 19, 9).or_below(),
    ];
    let cells = rows
        .iter()
        .map(|row| cells(&RowFormatter::new(inputs, state, row), panel, narrow))
        .collect();
    let plans = rows.iter().map(|row| position_plans::line(&RowFormatter::new(inputs, state, row)));
    let plans = if width < TWO_LINES { Vec::new() } else { plans.collect() };
    let selected = state.selected.as_ref();
    let selected = selected.and_then(|key| rows.iter().position(|row| row.key == *key));
    Table::new(columns, cells)
        .selecting(selected)
        .with_lines(plans)
        .summing(totals(inputs, state, rows, panel))
}

fn cells(show: &RowFormatter<'_>, panel: Freshness, narrow: bool) -> Vec<Span> {
    let (row, live, list) = (show.row, show.live, show.list);
    let bar = distance_bar(row.liquidation_distance, show.level_role());
    let bar = bar.unwrap_or_else(|| Span::label(""));
    let symbol_role = if row.is_focus { Role::Strong } else { Role::Plain };
    vec![
        list.aged(Span::new(row.key.symbol.to_string(), symbol_role)),
        list.aged(side(row.key.side)),
        state_glyph(show, panel, narrow),
        show.size(),
        if narrow { show.unrealized_short() } else { show.unrealized() },
        show.roe(),
        show.entry(),
        show.mark(),
        show.liquidation(),
        show.distance(),
        bar,
        list.factor(row.leverage),
        list.word(spoken(&row.key.margin_mode)),
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

/// Whether the figures of a row hold: a dot, or for how long they have not where the title says less.
/// Figures of the exchange, which do not move with the price, say that they are its and how old.
/// Where there is little room a hollow dot says so.
fn state_glyph(show: &RowFormatter<'_>, panel: Freshness, narrow: bool) -> Span {
    let freshness = show.live.freshness;
    match freshness {
        Freshness::Live { ms } if !show.row.modelled => {
            let word = if narrow { "○" } else { "exch." };
            Span::new(format!("{word} {}", format::age(ms)), Role::Label)
        }
        Freshness::Live { .. } => Span::new("●", Role::Good),
        Freshness::Stale { .. } if freshness.is_said_by(panel) => Span::new("!", Role::StaleMark),
        Freshness::Stale { ms } => Span::stale_mark("!", ms),
        Freshness::Missing => Span::new("no price", Role::Unknown),
    }
}
