//! What happened, newest first.

use rust_decimal::Decimal;

use super::inputs::Inputs;
use super::link_table::state_role;
use super::{alert_banner, forced_close};
use crate::domain::{PositionKey, spoken};
use crate::store::{Event, EventKind};
use crate::ui::format;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Body, Heading, Line, Panel, Span, cells, side, words};

/// The columns of the longest word of an event that is not shouted: `connecting`.
const WORD: u16 = 10;
/// The columns of the name of a position: `1000BONKUSDT_UMCBL LONG` has one more.
const SUBJECT: u16 = 23;
/// From this width on what happened stands in a column of its own too.
const ROOMY: u16 = 80;

/// One event: when, what kind of thing, to whom, and all else.
struct Entry {
    time: Span,
    word: Span,
    subject: Line,
    rest: Line,
}

/// Returns the panel, whose lines will be `width` columns wide.
pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState, width: u16) -> Panel {
    let heading = Heading::new("Events");
    if inputs.report.events.is_empty() {
        return Panel::message(heading, [Span::label("nothing has happened yet")]);
    }
    Panel::new(heading, Body::Lines(lines(inputs, state, width)))
}

/// The same over the whole screen, no word left out: what has no room goes on in the next row.
pub(super) fn whole(inputs: &Inputs<'_>, state: &UiState, width: u16) -> Panel {
    let rows = lines(inputs, state, width).into_iter().flat_map(|line| wrapped(line, width));
    let heading = Heading::new("Events").noted("Esc closes, j and k scroll");
    Panel::new(heading, Body::Lines(rows.collect()))
}

/// The events in fixed columns, so that an eye that looks for a word or a contract goes straight down.
fn lines(inputs: &Inputs<'_>, state: &UiState, width: u16) -> Vec<Line> {
    let all: Vec<Entry> =
        inputs.report.events.iter().map(|event| entry(inputs, state, event)).collect();
    let times = all.iter().map(|entry| format::width(&entry.time.text)).max().unwrap_or_default();
    let line = |Entry { mut time, word, subject, rest }: Entry| {
        let before = times.saturating_sub(format::width(&time.text));
        time.text.insert_str(0, &" ".repeat(usize::from(before)));
        let after_word = filling(std::slice::from_ref(&word), WORD);
        let is_parted = width >= ROOMY && !subject.is_empty() && !rest.is_empty();
        let after_subject = filling(&subject, SUBJECT).filter(|_| is_parted);
        let line = [time, word].into_iter().chain(after_word).chain(subject);
        line.chain(after_subject).chain(rest).collect()
    };
    all.into_iter().map(line).collect()
}

/// Returns the blanks behind spans that take fewer than so many columns, in the role of no figure.
fn filling(spans: &[Span], columns: u16) -> Option<Span> {
    // A blank parts two spans anyhow.
    let left = columns.checked_sub(cells::width(spans))?.checked_sub(1)?;
    Some(Span::plain(" ".repeat(usize::from(left))))
}

/// Cuts a line into rows between its words, indented from the second one on.
pub(super) fn wrapped(line: Line, width: u16) -> Vec<Line> {
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

fn entry(inputs: &Inputs<'_>, state: &UiState, event: &Event) -> Entry {
    let show = inputs.settled(state);
    let size = |size: Decimal| show.size(Some(size), None);
    let time = inputs.report.exchange_time(event.at);
    let time = show.recent(Some(time), inputs.report.taken_at);
    let plain = |word: &str, subject: Line, rest: Line| (Span::plain(word), subject, rest);
    // One span: half of a change would be a wrong statement.
    let change = |from, to| Span::plain(format!("{} -> {}", size(from).text, size(to).text));
    let (word, subject, rest) = match &event.kind {
        EventKind::Link { stream, state, reason } => (
            Span::new(state.to_string(), state_role(*state)),
            words(&spoken(stream), Role::Plain).collect(),
            reason.iter().flat_map(|reason| words(reason.as_str(), Role::Label)).collect(),
        ),
        EventKind::PositionOpened { key, size: opened } => {
            plain("opened", of_position(key), vec![size(*opened)])
        }
        EventKind::SizeChanged { key, from, to } => {
            plain("size", of_position(key), vec![change(*from, *to)])
        }
        EventKind::Adjusted { key, from, to } => {
            let rest = [change(*from, *to)].into_iter();
            let rest = rest.chain(words("by a split or rebase", Role::Label)).collect();
            plain("adjusted", of_position(key), rest)
        }
        EventKind::PositionLeft { key, size: left } => {
            let rest = [size(*left)].into_iter().chain(words("away, not closed", Role::Plain));
            plain("moved", of_position(key), rest.collect())
        }
        EventKind::PositionClosed { key, size: closed } => {
            plain("closed", of_position(key), vec![size(*closed)])
        }
        EventKind::Filled(fill) => {
            let named = forced_close::name(event, &inputs.report.events);
            let word =
                named.map_or_else(|| Span::plain("filled"), |name| Span::new(name, Role::Danger));
            let forced = fill.forced.iter().filter(|_| named.is_none());
            let mut rest: Line =
                forced.flat_map(|word| words(word.as_str(), Role::Danger)).collect();
            rest.extend(fill.side.map(|side| Span::plain(side.to_string())));
            rest.push(show.size(fill.size, None));
            rest.push(show.price(fill.price, None).after("at"));
            rest.extend(named.map(|_| show.gain(fill.realized_pnl).after("pnl")));
            (word, vec![Span::plain(fill.symbol.to_string())], rest)
        }
        EventKind::Settled(closed) => {
            let subject = vec![Span::plain(closed.symbol.to_string()), side(closed.side)];
            plain("result", subject, vec![show.gain(closed.net_pnl).after("net")])
        }
        EventKind::Deleveraged { symbol, price, size } => (
            Span::new("DELEVERAGED", Role::Danger),
            vec![Span::plain(symbol.to_string())],
            vec![show.size(*size, None), show.price(*price, None).after("at")],
        ),
        EventKind::StopTriggered { symbol, price, size: planned, .. } => (
            Span::new(forced_close::TRIGGERED, Role::Danger),
            vec![Span::plain(symbol.to_string())],
            planned.map(size).into_iter().chain([show.price(*price, None).after("at")]).collect(),
        ),
        EventKind::ProblemBegan { code, text } => {
            // The words may name amounts.
            let text = if state.privacy { spoken(code) } else { text.to_string() };
            let text = words(&text, Role::Plain).collect();
            (Span::new("problem:", Role::Danger), Vec::new(), text)
        }
        EventKind::ProblemEnded { code, subject } => {
            let mut text: Line = words(&spoken(code), Role::Plain).collect();
            text.extend(words(subject.as_str(), Role::Label));
            (Span::new("solved:", Role::Good), Vec::new(), text)
        }
        EventKind::Alert(notice) => alert_banner::event(notice, state),
    };
    Entry { time, word, subject, rest }
}

fn of_position(key: &PositionKey) -> Line {
    vec![Span::plain(key.symbol.to_string()), side(key.side)]
}
