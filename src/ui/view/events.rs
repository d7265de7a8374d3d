//! What happened, newest first.

use rust_decimal::Decimal;

use super::Inputs;
use super::ink::{Gap, Grade, Ink, Line, Piece, side, spoken, words};
use super::model::{Body, Heading, Panel};
use crate::domain::{LinkState, PositionKey};
use crate::report::Freshness;
use crate::store::{Event, EventKind};
use crate::ui::state::{PanelId, UiState};
use crate::ui::theme::Role;

/// Events that are built; no screen shows more.
const MAX_ROWS: usize = 100;
/// What happened does not grow stale.
const SETTLED: Grade = Grade::new(Freshness::Live, None);

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let mut heading = Heading::new("Events", None).focused(state.has_keys(PanelId::Events));
    heading.note = vec![Piece::label("Tab: next panel")];
    let events = &inputs.snapshot.events;
    if events.is_empty() {
        let words = Piece::label("nothing has happened yet");
        return Panel::new(heading, Body::Message(vec![vec![vec![words]]]));
    }
    let lines = events
        .iter()
        .skip(state.scroll.events)
        .take(MAX_ROWS)
        .map(|event| line(inputs, state, event))
        .collect();
    Panel::new(heading, Body::Lines(lines))
}

fn line(inputs: &Inputs<'_>, state: &UiState, event: &Event) -> Line {
    let ink = inputs.ink(state);
    let mut line = vec![ink.clock_of(Some(inputs.exchange_time(event.at)))];
    match &event.kind {
        EventKind::Link { stream, state, reason } => {
            let role = match state {
                LinkState::Live => Role::Good,
                LinkState::Down | LinkState::Stopped => Role::Danger,
                LinkState::Connecting | LinkState::Stale | LinkState::Backoff => Role::Warn,
            };
            line.extend(words(&spoken(&stream.to_string()), Role::Plain));
            line.push(Piece::new(state.to_string(), role));
            if let Some(reason) = reason {
                line.extend(words(reason.as_str(), Role::Label));
            }
        }
        EventKind::PositionOpened { key, size } => {
            line.push(Piece::plain("opened"));
            line.extend(of_key(key));
            line.push(own_size(ink, *size));
        }
        EventKind::SizeChanged { key, from, to } => {
            line.push(Piece::plain("size"));
            line.extend(of_key(key));
            // One piece: half of a change would be a wrong statement.
            let change = format!("{} -> {}", own_size(ink, *from).text, own_size(ink, *to).text);
            line.push(Piece::plain(change));
        }
        EventKind::PositionClosed { key, size } => {
            line.push(Piece::plain("closed"));
            line.extend(of_key(key));
            line.push(own_size(ink, *size));
        }
        EventKind::Filled(fill) => {
            line.push(Piece::plain("filled"));
            if let Some(forced) = &fill.forced {
                line.extend(words(forced.as_str(), Role::Danger));
            }
            line.extend(fill.side.map(|side| Piece::plain(side.to_string())));
            line.push(Piece::plain(fill.symbol.to_string()));
            line.push(ink.size(fill.size, None, Gap::Unknown, SETTLED));
            line.push(Ink::price(fill.price, None, Gap::Unknown, SETTLED).after("at"));
        }
        EventKind::Settled(closed) => {
            line.push(Piece::plain("result"));
            line.push(Piece::plain(closed.symbol.to_string()));
            line.push(side(&closed.side.to_string()));
            line.push(ink.gain(closed.net_pnl, Gap::Unknown, SETTLED).after("net"));
        }
        EventKind::Deleveraged { symbol, price, size } => {
            line.push(Piece::new("DELEVERAGED", Role::Danger));
            line.push(Piece::plain(symbol.to_string()));
            line.push(ink.size(*size, None, Gap::Unknown, SETTLED));
            line.push(Ink::price(*price, None, Gap::Unknown, SETTLED).after("at"));
        }
        EventKind::ProblemBegan { code, text } => {
            line.push(Piece::new("problem:", Role::Danger));
            // The words may name amounts.
            if state.privacy {
                line.extend(words(&spoken(&code.to_string()), Role::Plain));
            } else {
                line.extend(words(text.as_str(), Role::Plain));
            }
        }
        EventKind::ProblemEnded { code, subject } => {
            line.push(Piece::new("solved:", Role::Good));
            line.extend(words(&spoken(&code.to_string()), Role::Plain));
            line.extend(words(subject.as_str(), Role::Label));
        }
    }
    line
}

fn of_key(key: &PositionKey) -> [Piece; 2] {
    [Piece::plain(key.symbol.to_string()), side(&key.side.to_string())]
}

fn own_size(ink: Ink<'_>, size: Decimal) -> Piece {
    ink.size(Some(size), None, Gap::Unknown, SETTLED)
}
