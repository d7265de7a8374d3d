//! What the closed positions come to.

use super::closed_positions::history_panel;
use super::equity_periods;
use super::inputs::Inputs;
use crate::report::Freshness;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Absent, Body, Figure, NOT_APPLICABLE, Panel, Span, words};

/// With fewer closed positions a rate says little, and its count stands beside it.
const FEW_TRADES: usize = 30;

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let history = &inputs.report.history;
    history_panel("Journal", inputs, "no position closed in 30 days", || {
        let is_empty = history.journal.trades == 0 && history.journal.unknown == 0;
        if is_empty || inputs.fresh(history.age) == Freshness::Missing {
            return None;
        }
        let mut figures = figures(inputs, state);
        figures.extend(equity_periods::figures(inputs, state));
        if history.complete {
            return Some(Body::Figures(figures));
        }
        let text = "The ledger or the closed positions of the last 30 days are incomplete.";
        Some(Body::Told(words(text, Role::Warn).collect(), figures))
    })
}

fn figures(inputs: &Inputs<'_>, state: &UiState) -> Vec<Figure> {
    let journal = &inputs.report.history.journal;
    // Without a win or a loss some figures do not exist.
    let show = inputs.formatter(state, inputs.report.history.age).absent(Absent::NotApplicable);
    let gain = |value| show.gain(value);
    let rate = |label, span| show.figure(label, rated(span, journal.trades));
    let mut count = format!("{} ({} won, {} lost)", journal.trades, journal.wins, journal.losses);
    if journal.unknown > 0 {
        count = format!("{count}, {} of unknown result", journal.unknown);
    }
    vec![
        show.figure("Closed", show.word(count)),
        show.figure("Net", gain(journal.net)),
        rate("Win rate", show.percent(journal.win_rate)),
        rate("Profit factor", show.number(journal.profit_factor)),
        rate("Expectancy", gain(journal.expectancy)),
        rate("Payoff ratio", show.number(journal.payoff_ratio)),
        rate("Average win", gain(journal.average_win)),
        rate("Average loss", gain(journal.average_loss)),
        show.figure("Largest win", gain(journal.largest_win)),
        show.figure("Largest loss", gain(journal.largest_loss)),
    ]
}

/// A rate; resting on few trades it carries their count and never stands without it.
fn rated(mut span: Span, trades: usize) -> Span {
    if trades < FEW_TRADES && span.text != NOT_APPLICABLE {
        let of = if trades == 1 { "trade" } else { "trades" };
        span.text = format!("{} ({trades} {of})", span.text);
    }
    span
}
