//! Closed positions, newest first; and the frame of all panels of the history.

use super::inputs::Inputs;
use crate::domain::{ClosedPosition, spoken};
use crate::report::Freshness;
use crate::ui::format;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{
    Absent, Body, Column, Formatter, Heading, Panel, Span, Table, side, words,
};

/// Returns a panel of the history: its heading says what is wrong with the whole, and where there is no
/// row the words `none` stand only if that is proven.
pub(super) fn history_panel(
    title: impl Into<String>,
    inputs: &Inputs<'_>,
    none: &str,
    body: impl FnOnce() -> Option<Body>,
) -> Panel {
    let history = &inputs.report.history;
    let freshness = inputs.fresh(history.age);
    let is_known = freshness != Freshness::Missing;
    let mut heading = Heading::new(title).aged(freshness);
    if is_known && !history.complete {
        heading.marks.push(Span::new("INCOMPLETE", Role::Warn));
    }
    let (text, role) = match body() {
        Some(body) => return Panel::new(heading, body),
        None if !is_known => ("history not known yet", Role::Unknown),
        None if !history.complete => ("none received; the history is incomplete", Role::Unknown),
        None => (none, Role::Plain),
    };
    Panel::message(heading, words(text, role))
}

/// Returns the title, which names the zone of the times.
pub(super) fn title(inputs: &Inputs<'_>) -> String {
    let zone = format::zone_name(inputs.report.taken_at, &inputs.context.timezone);
    format!("Closed positions {}", zone.unwrap_or_default())
}

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let history = &inputs.report.history;
    let show = inputs.formatter(state, history.age);
    history_panel(title(inputs), inputs, "no position closed in 30 days", || {
        let columns = vec![
            Column::new("Closed", true, 2, 11),
            Column::of_contracts(),
            Column::new("Side", false, 1, 5),
            Column::new("Net", true, 1, 10),
            Column::new("Realized", true, 4, 10),
            Column::new("Fees", true, 5, 9),
            Column::new("Funding", true, 6, 9),
            Column::new("Held", true, 3, 6),
            Column::new("Size", true, 9, 8),
            Column::new("Entry", true, 7, 10),
            Column::new("Exit", true, 8, 10),
            Column::new("Mode", false, 10, 8),
        ];
        let table = Table::of_list(columns, &history.closed, |closed| cells(inputs, closed, show));
        (!history.closed.is_empty()).then_some(Body::Table(table))
    })
}

fn cells(inputs: &Inputs<'_>, closed: &ClosedPosition, show: Formatter<'_>) -> Vec<Span> {
    let held = closed
        .closed_at
        .zip(closed.opened_at)
        .map(|(closed, opened)| format::age(closed.as_millis().saturating_sub(opened.as_millis())));
    let places = inputs.report.contract(&closed.symbol).map(|contract| contract.price_places);
    let known =
        |text: Option<String>| text.map_or_else(|| Absent::Unknown.span(), |text| show.word(text));
    vec![
        show.recent_minute(closed.closed_at, inputs.report.taken_at),
        show.word(closed.symbol.to_string()),
        show.aged(side(closed.side)),
        show.gain(closed.net_pnl),
        show.gain(closed.realized_pnl),
        show.cash(closed.fees_paid.map(|paid| -paid)),
        show.cash(closed.funding_pnl),
        known(held),
        show.size(closed.size, None),
        show.average(closed.entry_price, places),
        show.average(closed.exit_price, places),
        known(closed.margin_mode.as_ref().map(spoken)),
    ]
}
