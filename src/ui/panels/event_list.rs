//! What happened, newest first.

use rust_decimal::Decimal;

use super::forced_close;
use super::inputs::Inputs;
use super::link_table::state_role;
use crate::domain::PositionKey;
use crate::store::{Event, EventKind};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Body, Heading, Line, Panel, Span, cells, side, spoken, words};

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let (heading, events) = (Heading::new("Events"), &inputs.report.events);
    if events.is_empty() {
        return Panel::message(heading, [Span::label("nothing has happened yet")]);
    }
    let lines = events.iter().map(|event| line(inputs, state, event)).collect();
    Panel::new(heading, Body::Lines(lines))
}

/// The same over the whole screen, no word left out: what has no room goes on in the next row.
pub(super) fn whole(inputs: &Inputs<'_>, state: &UiState, width: u16) -> Panel {
    let lines = inputs.report.events.iter().map(|event| line(inputs, state, event));
    let rows = lines.flat_map(|line| wrapped(line, width)).collect();
    let heading = Heading::new("Events").noted("Esc closes, j and k scroll");
    Panel::new(heading, Body::Lines(rows))
}

/// Cuts a line into rows between its words, indented from the second one on.
fn wrapped(line: Line, width: u16) -> Vec<Line> {
    let mut rows: Vec<Line> = Vec::new();
    let mut row: Line = Vec::new();
    for span in line {
        row.push(span);
        if row.len() > 1 && cells::width(&row) > width {
            let last = row.pop();
            rows.push(std::mem::take(&mut row));
            row = [Span::plain(" ")].into_iter().chain(last).collect();
        }
    }
    rows.push(row);
    rows
}

fn line(inputs: &Inputs<'_>, state: &UiState, event: &Event) -> Line {
    let show = inputs.settled(state);
    let size = |size: Decimal| show.size(Some(size), None);
    let mut line = vec![show.clock(Some(inputs.report.exchange_time(event.at)))];
    match &event.kind {
        EventKind::Link { stream, state, reason } => {
            line.extend(words(&spoken(stream), Role::Plain));
            line.push(Span::new(state.to_string(), state_role(*state)));
            if let Some(reason) = reason {
                line.extend(words(reason.as_str(), Role::Label));
            }
        }
        EventKind::PositionOpened { key, size: opened } => {
            line.extend(of_position("opened", key));
            line.push(size(*opened));
        }
        EventKind::SizeChanged { key, from, to } => {
            line.extend(of_position("size", key));
            // One span: half of a change would be a wrong statement.
            line.push(Span::plain(format!("{} -> {}", size(*from).text, size(*to).text)));
        }
        EventKind::Adjusted { key, from, to } => {
            line.extend(of_position("adjusted (split or rebase)", key));
            line.push(Span::plain(format!("{} -> {}", size(*from).text, size(*to).text)));
        }
        EventKind::PositionLeft { key, size: left } => {
            line.extend(of_position("moved away, not closed", key));
            line.push(size(*left));
        }
        EventKind::PositionClosed { key, size: closed } => {
            line.extend(of_position("closed", key));
            line.push(size(*closed));
        }
        EventKind::Filled(fill) => {
            let named = forced_close::name(event, &inputs.report.events);
            line.push(
                named.map_or_else(|| Span::plain("filled"), |name| Span::new(name, Role::Danger)),
            );
            if named.is_none()
                && let Some(forced) = &fill.forced
            {
                line.extend(words(forced.as_str(), Role::Danger));
            }
            line.extend(fill.side.map(|side| Span::plain(side.to_string())));
            line.push(Span::plain(fill.symbol.to_string()));
            line.push(show.size(fill.size, None));
            line.push(show.price(fill.price, None).after("at"));
            if named.is_some() {
                line.push(show.gain(fill.realized_pnl).after("pnl"));
            }
        }
        EventKind::Settled(closed) => {
            line.push(Span::plain("result"));
            line.push(Span::plain(closed.symbol.to_string()));
            line.push(side(closed.side));
            line.push(show.gain(closed.net_pnl).after("net"));
        }
        EventKind::Deleveraged { symbol, price, size } => {
            line.push(Span::new("DELEVERAGED", Role::Danger));
            line.push(Span::plain(symbol.to_string()));
            line.push(show.size(*size, None));
            line.push(show.price(*price, None).after("at"));
        }
        EventKind::StopTriggered { symbol, price, size: planned, .. } => {
            line.push(Span::new(forced_close::TRIGGERED, Role::Danger));
            line.push(Span::plain(symbol.to_string()));
            line.extend(planned.map(size));
            line.push(show.price(*price, None).after("at"));
        }
        EventKind::ProblemBegan { code, text } => {
            line.push(Span::new("problem:", Role::Danger));
            // The words may name amounts.
            let text = if state.privacy { spoken(code) } else { text.to_string() };
            line.extend(words(&text, Role::Plain));
        }
        EventKind::ProblemEnded { code, subject } => {
            line.push(Span::new("solved:", Role::Good));
            line.extend(words(&spoken(code), Role::Plain));
            line.extend(words(subject.as_str(), Role::Label));
        }
    }
    line
}

fn of_position(what: &str, key: &PositionKey) -> [Span; 3] {
    [Span::plain(what), Span::plain(key.symbol.to_string()), side(key.side)]
}
