//! The history view: results by day, closed positions, and what they come to.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::ink::{Gap, Grade, Ink, Line, Piece, side, spoken, tone, words};
use super::model::{Body, Column, Figure, Heading, Panel, Table};
use super::money::marked;
use super::{Inputs, no_credentials};
use crate::report::{ClosedRow, DayRow, Freshness};
use crate::ui::format;
use crate::ui::state::{PanelId, UiState};
use crate::ui::theme::Role;

/// Rows of a list that are built; no screen shows more.
const MAX_ROWS: usize = 200;
/// Cells of a bar on each side of its axis.
const BAR: usize = 5;
/// With fewer closed positions a rate says little, and its count stands beside it.
const FEW_TRADES: usize = 30;

/// A heading with what is wrong with the whole history.
fn heading(inputs: &Inputs<'_>, state: &UiState, title: String, id: PanelId) -> Heading {
    let history = &inputs.document.history;
    let mut heading = Heading::new(title, None).focused(state.has_keys(id));
    if inputs.context.credentials {
        heading.marks.extend(grade(inputs).mark());
        if history.freshness != Freshness::Missing && !history.complete {
            heading.marks.push(Piece::new("INCOMPLETE", Role::Warn));
        }
    }
    heading
}

fn grade(inputs: &Inputs<'_>) -> Grade {
    let history = &inputs.document.history;
    Grade::new(history.freshness, history.age_ms)
}

/// What is said where there is no row; `none` only where that is proven.
fn absence(inputs: &Inputs<'_>, none: &str) -> Body {
    let history = &inputs.document.history;
    let (text, role) = match history.freshness {
        _ if !inputs.context.credentials => return Body::Message(no_credentials()),
        Freshness::Missing => ("history not known yet", Role::Unknown),
        Freshness::Live | Freshness::Stale if !history.complete => {
            ("none received; the history is incomplete", Role::Unknown)
        }
        Freshness::Live | Freshness::Stale => (none, Role::Plain),
    };
    Body::Message(vec![vec![words(text, role).collect()]])
}

/// Results by UTC day, newest first.
pub(super) fn days(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let mut heading = heading(inputs, state, "PnL by UTC day".to_owned(), PanelId::Days);
    heading.note = vec![Piece::label("Tab: next panel")];
    let days = &inputs.document.history.by_day;
    if !inputs.context.credentials || days.is_empty() {
        return Panel::new(heading, absence(inputs, "no result in 30 days"));
    }
    let largest = days.iter().map(|day| day.net.abs()).max().unwrap_or_default();
    let (ink, grade) = (inputs.ink(state), grade(inputs));
    let today = inputs.document.taken_at.to_string();
    let rows = days
        .iter()
        .map(|day| {
            let date = if today.starts_with(day.date.as_str()) {
                Piece::new("today", Role::Strong)
            } else {
                Piece::plain(day.date.clone())
            };
            vec![
                date,
                ink.gain(Some(day.net), Gap::Unknown, grade),
                bar(day, largest, grade),
                ink.gain(Some(day.realized), Gap::Unknown, grade),
                ink.cash(Some(-day.fees), Gap::Unknown, grade),
                ink.cash(Some(day.funding), Gap::Unknown, grade),
            ]
        })
        .collect();
    let columns = vec![
        Column::new("Day", false, 0, 10),
        Column::new("Net", true, 1, 10),
        Column::new("- loss|gain +", false, 2, 13),
        Column::new("Realized", true, 3, 10),
        Column::new("Fees", true, 4, 9),
        Column::new("Funding", true, 5, 9),
    ];
    let table = Table { columns, rows, selected: None, first: state.scroll.days };
    Panel::new(heading, Body::Table(table))
}

/// A bar to the left of the axis for a loss and to the right of it for a gain.
fn bar(day: &DayRow, largest: Decimal, grade: Grade) -> Piece {
    let cells = Decimal::from(BAR);
    // Rounded up: a result that is not zero shows.
    let filled = day
        .net
        .abs()
        .checked_mul(cells)
        .and_then(|net| net.checked_div(largest)?.ceil().to_usize())
        .map_or(0, |filled| filled.min(BAR));
    let (full, rest) = ("█".repeat(filled), " ".repeat(BAR.saturating_sub(filled)));
    let none = " ".repeat(BAR);
    let text = if day.net.is_sign_negative() {
        format!(" {rest}{full}│{none} ")
    } else {
        format!(" {none}│{full}{rest} ")
    };
    Piece::new(text, if grade.is_live() { tone(day.net) } else { Role::Stale })
}

/// Closed positions, newest first, as the panel `id` that is scrolled to `first`.
pub(super) fn trades(inputs: &Inputs<'_>, state: &UiState, (id, first): (PanelId, usize)) -> Panel {
    let closed = &inputs.document.history.closed;
    let zone = &inputs.context.timezone;
    let name = format::zone_name(inputs.document.taken_at.0, zone).unwrap_or_default();
    let heading = heading(inputs, state, format!("Closed positions {name}"), id);
    if !inputs.context.credentials || closed.is_empty() {
        return Panel::new(heading, absence(inputs, "no position closed in 30 days"));
    }
    let grade = grade(inputs);
    let rows: Vec<Vec<Piece>> =
        closed.iter().take(MAX_ROWS).map(|row| trade(inputs, state, row, grade)).collect();
    let columns = vec![
        Column::new("Closed", false, 2, 16),
        Column::new("Symbol", false, 0, 13),
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
    let table = Table { columns, rows, selected: None, first };
    Panel::new(heading, Body::Table(table))
}

fn trade(inputs: &Inputs<'_>, state: &UiState, row: &ClosedRow, grade: Grade) -> Vec<Piece> {
    let (ink, zone) = (inputs.ink(state), &inputs.context.timezone);
    let at = row.closed_at.and_then(|at| format::minute(at.0, zone));
    let held = row.closed_at.zip(row.opened_at).map(|(closed, opened)| {
        format::age(closed.0.as_millis().saturating_sub(opened.0.as_millis()))
    });
    let written = |text: Option<String>| text.map_or_else(|| Gap::Unknown.piece(), Piece::plain);
    let average = |value| {
        let places = row.price_places.map(|places| places.saturating_add(1));
        Ink::price(value, places, Gap::Unknown, grade)
    };
    vec![
        written(at),
        Piece::plain(row.symbol.clone()),
        side(row.side),
        ink.gain(row.net_pnl, Gap::Unknown, grade),
        ink.gain(row.realized_pnl, Gap::Unknown, grade),
        ink.cash(row.fees_paid.map(|paid| -paid), Gap::Unknown, grade),
        ink.cash(row.funding_pnl, Gap::Unknown, grade),
        written(held),
        ink.size(row.size, None, Gap::Unknown, grade),
        average(row.entry_price),
        average(row.exit_price),
        written(row.margin_mode.as_deref().map(spoken)),
    ]
}

/// What the closed positions come to.
pub(super) fn journal(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let heading = heading(inputs, state, "Journal".to_owned(), PanelId::Journal);
    let history = &inputs.document.history;
    let journal = &history.journal;
    let nothing = journal.trades == 0 && journal.unknown == 0;
    if !inputs.context.credentials || history.freshness == Freshness::Missing || nothing {
        return Panel::new(heading, absence(inputs, "no position closed in 30 days"));
    }
    let (ink, grade) = (inputs.ink(state), grade(inputs));
    // Without a win or a loss some figures do not exist.
    let rate = |label: &str, piece: Piece| Figure::new(label, rated(piece, journal.trades, grade));
    let gain = |value| ink.gain(value, Gap::None, grade);
    let mut count = format!("{} ({} won, {} lost)", journal.trades, journal.wins, journal.losses);
    if journal.unknown > 0 {
        count = format!("{count}, {} of unknown result", journal.unknown);
    }
    let figures = vec![
        Figure::new("Closed", marked(Piece::plain(count), grade)),
        Figure::new("Net", marked(gain(journal.net), grade)),
        rate("Win rate", Ink::percent(journal.win_rate, Gap::None, grade)),
        rate("Profit factor", Ink::number(journal.profit_factor, Gap::None, grade)),
        rate("Expectancy", gain(journal.expectancy)),
        rate("Payoff ratio", Ink::number(journal.payoff_ratio, Gap::None, grade)),
        rate("Average win", gain(journal.average_win)),
        rate("Average loss", gain(journal.average_loss)),
        Figure::new("Largest win", marked(gain(journal.largest_win), grade)),
        Figure::new("Largest loss", marked(gain(journal.largest_loss), grade)),
    ];
    if history.complete {
        return Panel::new(heading, Body::Figures(figures));
    }
    let text = "Bills or closed positions of the last 30 days are missing: this is not the whole.";
    Panel::new(heading, Body::Told(words(text, Role::Warn).collect(), figures))
}

/// A rate; resting on few trades it carries their count and never stands without it.
fn rated(mut piece: Piece, trades: usize, grade: Grade) -> Line {
    if trades < FEW_TRADES && piece.text != super::ink::NONE {
        let of = if trades == 1 { "trade" } else { "trades" };
        piece.text = format!("{} ({trades} {of})", piece.text);
    }
    marked(piece, grade)
}
