//! The second line of a position, where there is room for one: its plans, what it has paid, what it will pay.

use super::row_formatter::RowFormatter;
use crate::report::AtTrigger;
use crate::ui::format;
use crate::ui::widgets::{Absent, Line, Span};

/// Returns take-profit and stop-loss, each with what it would bring; the price at which nothing is lost; and
/// funding so far and next. Every figure has a place of its own, so that those of all rows stand below each
/// other.
pub(super) fn line(show: &RowFormatter<'_>) -> Line {
    let (row, risk) = (show.row, &show.row.risk);
    let plans = [
        plan("  TP", show.take_profit(), risk.at_take_profit, show),
        plan("  SL", show.stop_loss(), risk.at_stop_loss, show),
    ];
    let costs = [
        placed("  break-even", show.break_even(), 11),
        placed("  funding", show.list.cash(row.funding_pnl), 10),
        placed("next", show.live.cash(risk.next_funding_payment), 9),
    ];
    plans.into_iter().flatten().chain(costs).flatten().collect()
}

fn plan(
    label: &str,
    price: Span,
    at: Option<AtTrigger>,
    show: &RowFormatter<'_>,
) -> [[Span; 2]; 3] {
    // Without a plan there is nothing that it brings; where that is not known, neither is this.
    let is_none = price.text == Absent::NotApplicable.span().text;
    let absent = if is_none { Absent::NotApplicable } else { Absent::Unknown };
    let gain = |value| show.live.absent(absent).gain(value);
    [
        placed(label, price, 10),
        placed("from now", gain(at.and_then(|at| at.from_mark)), 10),
        placed("net", gain(at.and_then(|at| at.net)), 10),
    ]
}

/// Puts a figure behind its label, at the right end of so many columns.
fn placed(label: &str, mut figure: Span, columns: u16) -> [Span; 2] {
    let blanks = columns.saturating_sub(format::width(&figure.text));
    figure.text.insert_str(0, &" ".repeat(usize::from(blanks)));
    [Span::label(label), figure]
}
