//! The age of every datum, the clock, and what goes through.

use super::inputs::Inputs;
use super::link_table::ago;
use crate::report::Age;
use crate::ui::format;
use crate::ui::pacer::Hold;
use crate::ui::theme::Role;
use crate::ui::widgets::{Absent, Body, Figure, Heading, Line, Panel, Span};

/// Requests a second that the exchange allows from one address (6,000 a minute).
const REST_LIMIT: u32 = 100;

pub(super) fn panel(inputs: &Inputs<'_>) -> Panel {
    let report = inputs.report;
    let row = |label: &str, age: Age, is_private: bool| {
        let word = if is_private && !report.has_credentials() {
            Span::label("no credentials")
        } else {
            inputs.fresh(age).word_with_age()
        };
        Figure::one(label, word)
    };
    let known = |text: Option<String>| text.map_or_else(|| Absent::Unknown.span(), Span::plain);
    let rates = inputs.rates.frames.map(|[rest, public, private]| {
        format!("REST {rest} of {REST_LIMIT}/s, frames {}/s", public.saturating_add(private))
    });
    let terminal = inputs.rates.terminal_bytes;
    let figures = vec![
        row("Prices", report.ticker.age, false),
        row("Positions", report.positions.age, true),
        row("Account", report.account.age, true),
        row("Orders", report.orders.age, true),
        row("Ledger today", inputs.day_age(), true),
        row("PnL and risk", report.pnl.age, true),
        row("History", report.history.age, true),
        Figure::one("Order book", known(report.market.book_changed_at.map(|at| ago(inputs, at)))),
        Figure::new("Clock offset", clock_offset(inputs)),
        Figure::one("Traffic", known(rates)),
        Figure::one(
            "Terminal",
            known(terminal.map(|bytes| to_terminal(bytes, inputs.rates.held_by))),
        ),
    ];
    Panel::new(Heading::new("Ages and rates"), Body::Figures(figures))
}

/// What goes to the terminal, and what holds its frames back.
fn to_terminal(bytes: u64, held_by: Option<Hold>) -> String {
    let rate = format!("{}/s", format::bytes(bytes));
    match held_by {
        None => rate,
        Some(Hold::Cap) => format!("{rate}, held by max_fps"),
        Some(Hold::Bytes) => format!("{rate}, held by bytes"),
        Some(Hold::Blocked) => format!("{rate}, writes blocked"),
    }
}

/// The clock offset in words.
fn clock_offset(inputs: &Inputs<'_>) -> Line {
    let Some((offset, error)) = inputs.report.clock_offset_ms else {
        return vec![Absent::Unknown.span()];
    };
    let role = if offset.saturating_abs() > 1000 { Role::Warn } else { Role::Plain };
    vec![Span::new(format!("{offset}ms"), role), Span::label(format!("±{error}ms"))]
}
