//! Results by UTC day, newest first.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::closed_positions::history_panel;
use super::inputs::Inputs;
use crate::domain::Timestamp;
use crate::risk::DayTotals;
use crate::ui::format;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Absent, Body, Column, Formatter, Panel, Span, Table, tone};

/// Cells of a bar on each side of its axis.
const BAR: usize = 5;

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let days = &inputs.report.history.by_day;
    history_panel("PnL by UTC day", inputs, "no result in 30 days", || {
        days.first()?;
        let largest = days.iter().filter_map(|(_, totals)| totals.net).map(|net| net.abs()).max();
        let largest = largest.unwrap_or_default();
        let show = inputs.formatter(state, inputs.report.history.age);
        let today = inputs.report.taken_at.start_of_day();
        let columns = vec![
            Column::new("Day", false, 0, 10),
            Column::new("Net", true, 1, 10),
            Column::new("- loss|gain +", false, 2, 13),
            Column::new("Realized", true, 3, 10),
            Column::new("Fees", true, 4, 9),
            Column::new("Funding", true, 5, 9),
        ];
        let table = Table::of_list(columns, days, |(day, totals)| {
            let date = if *day == today { Span::new("today", Role::Strong) } else { date(*day) };
            cells(show.aged(date), totals, largest, show)
        });
        Some(Body::Table(table))
    })
}

fn date(day: Timestamp) -> Span {
    format::utc_date(day).map_or_else(|| Absent::Unknown.span(), Span::plain)
}

fn cells(date: Span, totals: &DayTotals, largest: Decimal, show: Formatter<'_>) -> Vec<Span> {
    vec![
        date,
        show.gain(totals.net),
        bar(totals.net, largest, show),
        show.gain(totals.realized),
        show.cash(totals.fees_paid.map(|paid| -paid)),
        show.cash(totals.funding),
    ]
}

/// Returns the end of a bar, so many eighths of a cell. To the left there are blocks of an eighth and of a half
/// only, so both sides have no others: results of the same size look the same.
const fn part(eighths: usize, to_the_left: bool) -> &'static str {
    match (eighths, to_the_left) {
        (0, _) => "",
        (1..=2, true) => "▕",
        (1..=2, false) => "▏",
        (3..=6, true) => "▐",
        (3..=6, false) => "▌",
        (_, _) => "█",
    }
}

/// A bar to the left of the axis for a loss and to the right of it for a gain.
fn bar(net: Option<Decimal>, largest: Decimal, show: Formatter<'_>) -> Span {
    let Some(net) = net else { return Absent::Unknown.span() };
    let eighths = net
        .abs()
        .checked_mul(Decimal::from(BAR * 8))
        // Rounded up: a result that is not zero shows.
        .and_then(|net| net.checked_div(largest)?.ceil().to_usize())
        .map_or(0, |filled| filled.min(BAR * 8));
    let is_loss = net.is_sign_negative();
    let part = part(eighths % 8, is_loss);
    let full = "█".repeat(eighths / 8);
    let used = eighths / 8 + usize::from(!part.is_empty());
    let (rest, none) = (" ".repeat(BAR.saturating_sub(used)), " ".repeat(BAR));
    let text = if is_loss {
        format!(" {rest}{part}{full}│{none} ")
    } else {
        format!(" {none}│{full}{part}{rest} ")
    };
    Span::new(text, if show.freshness.is_live() { tone(net) } else { Role::Stale })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::widgets::SETTLED;

    /// Bars of whole cells made -0.32 look like a fifth of -4.59, and +0.9 like +1.
    #[test]
    fn a_small_result_has_a_small_bar_on_both_sides() {
        let zone = jiff::tz::TimeZone::UTC;
        let show = Formatter::new(&zone, false, SETTLED);
        let text = |net: &str| bar(Some(net.parse().unwrap()), Decimal::new(459, 2), show).text;
        assert_eq!(text("-4.59"), " █████│      ");
        assert_eq!(text("-0.32"), "     ▐│      ");
        assert_eq!(text("0.32"), "      │▌     ");
        assert_eq!(text("0.01"), "      │▏     ");
        assert_eq!(text("-0.01"), "     ▕│      ");
        assert_eq!(text("2.76"), "      │███▏  ");
        assert_eq!(text("0"), "      │      ");
    }
}
