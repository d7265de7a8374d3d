//! The health view: every link, the age of every datum, and what is wrong.

use super::Inputs;
use super::header::{clock_offset, link_state, next_attempt, problem_text};
use super::ink::{Gap, Grade, Line, Piece, spoken, words};
use super::model::{Body, Column, Figure, Heading, Panel, Table};
use crate::store::LinkStatus;
use crate::ui::format;
use crate::ui::state::{PanelId, UiState};
use crate::ui::theme::Role;

/// Requests a second that the exchange allows from one address (6,000 a minute).
const REST_LIMIT: u32 = 100;

/// One row a link.
pub(super) fn links(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let columns = vec![
        Column::new("Link", false, 0, 10),
        Column::new("State", false, 1, 10),
        Column::new("Since", false, 5, 8),
        Column::new("Attempts", true, 6, 8),
        Column::new("Next in", true, 2, 7),
        Column::new("Latency", true, 4, 8),
        Column::new("Last traffic", true, 3, 12),
        Column::new("Frames", true, 8, 9),
        Column::new("Bytes", true, 9, 10),
        Column::new("Reconnects", true, 7, 10),
        Column::new("Last error", false, 10, 10),
    ];
    let ink = inputs.ink(state);
    let rows = inputs
        .document
        .links
        .iter()
        .map(|link| {
            let local = status_of(inputs, &link.name);
            let traffic = local
                .and_then(|status| status.last_traffic_at)
                .map_or_else(|| Gap::Unknown.piece(), |at| ago(inputs, at.as_millis()));
            let bytes = local.map_or_else(
                || Gap::Unknown.piece(),
                |status| Piece::plain(format::bytes(status.bytes)),
            );
            let latency = link
                .latency_ms
                .map_or_else(|| Gap::Unknown.piece(), |ms| Piece::plain(format!("{ms}ms")));
            vec![
                Piece::plain(spoken(&link.name)),
                link_state(link),
                ink.clock(link.since),
                Piece::plain(link.attempts.to_string()),
                next_attempt(inputs, link).map_or_else(|| Gap::None.piece(), Piece::plain),
                latency,
                traffic,
                Piece::plain(format::count(link.frames)),
                bytes,
                Piece::plain(link.reconnects.to_string()),
                link.last_error
                    .as_ref()
                    .map_or_else(|| Gap::None.piece(), |text| Piece::plain(text.clone())),
            ]
        })
        .collect();
    let heading = Heading::new("Links", None).focused(state.has_keys(PanelId::Links));
    let table = Table { columns, rows, selected: None, first: state.scroll.links };
    Panel::new(heading, Body::Table(table))
}

fn status_of<'a>(inputs: &Inputs<'a>, name: &str) -> Option<&'a LinkStatus> {
    let mut links = inputs.snapshot.links.iter();
    links.find(|status| status.stream.to_string() == name)
}

fn ago(inputs: &Inputs<'_>, at_ms: i64) -> Piece {
    let age = inputs.now.as_millis().saturating_sub(at_ms);
    Piece::plain(format!("{} ago", format::age(age)))
}

/// The age of every datum, the clock, and what goes through.
pub(super) fn ages(inputs: &Inputs<'_>) -> Panel {
    let document = inputs.document;
    let private = inputs.context.credentials;
    let row = |label: &str, grade: Grade, needs_key: bool| {
        let word = if needs_key && !private {
            Piece::label("no credentials")
        } else {
            grade.word_with_age()
        };
        Figure::one(label, word)
    };
    let (account, pnl) = (&document.account, &document.pnl);
    let (orders, history) = (&document.orders, &document.history);
    let mut figures = vec![
        row("Prices", inputs.ticker_grade(), false),
        row("Positions", inputs.positions_grade(), true),
        row("Account", Grade::new(account.freshness, account.age_ms), true),
        row("Orders", Grade::new(orders.freshness, orders.age_ms), true),
        row("Bills of today", Grade::new(pnl.ledger_freshness, pnl.ledger_age_ms), true),
        row("PnL and risk", Grade::new(pnl.freshness, pnl.age_ms), true),
        row("History", Grade::new(history.freshness, history.age_ms), true),
    ];
    let book = inputs
        .snapshot
        .book
        .as_ref()
        .map_or_else(|| Gap::Unknown.piece(), |book| ago(inputs, book.as_of.as_millis()));
    figures.push(Figure::one("Order book", book));
    figures.push(Figure::new("Clock offset", clock_offset(inputs)));
    let rates = inputs.rates.frames.map(|[rest, public, private]| {
        Piece::plain(format!("{rest} rest of {REST_LIMIT}, {public} public, {private} private"))
    });
    figures.push(Figure::one("Frames a second", rates.unwrap_or_else(|| Gap::Unknown.piece())));
    let terminal = inputs.rates.terminal_bytes;
    let terminal = terminal.map(|bytes| Piece::plain(format!("{}/s", format::bytes(bytes))));
    figures.push(Figure::one("Terminal", terminal.unwrap_or_else(|| Gap::Unknown.piece())));
    Panel::new(Heading::new("Ages and rates", None), Body::Figures(figures))
}

/// Problems that stand, and the last failure of every kind of request.
pub(super) fn trouble(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let ink = inputs.ink(state);
    let mut lines: Vec<Line> = Vec::new();
    for problem in &inputs.document.problems {
        let mut line = vec![ink.clock(Some(problem.since)), Piece::new("PROBLEM", Role::Danger)];
        line.extend(words(&problem_text(problem, state), Role::Plain));
        lines.push(line);
    }
    for (datum, reason) in &inputs.snapshot.failures {
        let mut line = vec![Piece::new("FAILED", Role::Warn)];
        line.extend(words(&datum.to_string(), Role::Plain));
        line.extend(words(reason.as_str(), Role::Label));
        lines.push(line);
    }
    let heading = Heading::new("Problems and failures", None);
    if lines.is_empty() {
        let words = Piece::new("none", Role::Good);
        return Panel::new(heading, Body::Message(vec![vec![vec![words]]]));
    }
    Panel::new(heading, Body::Lines(lines))
}
