//! The links to the exchange: one row each, and the words that say how they are.

use std::time::Duration;

use super::inputs::Inputs;
use crate::domain::{LinkState, Stream, Timestamp, spoken};
use crate::store::LinkStatus;
use crate::ui::format;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Absent, Body, Column, Heading, Panel, Span, Table};

/// Positions are asked for every two seconds, and a public stream is pinged after three of silence.
const BUSY: Duration = Duration::from_secs(3);
/// An account in which nothing happens is silent: its stream is pinged every 15 seconds, and a pong may take
/// five.
const CALM: Duration = Duration::from_secs(20);

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
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
    let show = inputs.settled(state);
    let known = |text: Option<String>| text.map_or_else(|| Absent::Unknown.span(), Span::plain);
    let or_none =
        |text: Option<String>| text.map_or_else(|| Absent::NotApplicable.span(), Span::plain);
    let cells = |link: &LinkStatus| {
        vec![
            Span::plain(spoken(link.stream)),
            link_state(inputs, link),
            show.clock(link.since.map(|at| inputs.report.exchange_time(at))),
            Span::plain(link.attempts.to_string()),
            or_none(next_attempt(inputs, link)),
            known(link.latency.map(|latency| format!("{}ms", latency.as_millis()))),
            known(link.last_traffic_at.map(|at| ago(inputs, at))),
            Span::plain(format::count(link.frames)),
            Span::plain(format::bytes(link.bytes)),
            Span::plain(link.reconnects.to_string()),
            or_none(link.last_error.as_ref().map(ToString::to_string)),
        ]
    };
    let table = Table::of_list(columns, &inputs.report.links, cells);
    Panel::new(Heading::new("Links"), Body::Table(table))
}

/// Returns how long ago something was, local time.
pub(super) fn ago(inputs: &Inputs<'_>, at: Timestamp) -> String {
    let age = inputs.seen.as_millis().saturating_sub(at.as_millis());
    format!("{} ago", format::age(age))
}

/// Returns the time left until a link is tried again.
pub(super) fn next_attempt(inputs: &Inputs<'_>, link: &LinkStatus) -> Option<String> {
    let left = link.next_attempt_at?.as_millis().saturating_sub(inputs.seen.as_millis());
    (left > 0).then(|| format::age(left.saturating_add(999)))
}

/// Returns the name of a link where there is little room.
pub(super) const fn short_name(stream: Stream) -> &'static str {
    match stream {
        Stream::Rest => "rest",
        Stream::WsPublic => "public",
        Stream::WsPrivate => "private",
    }
}

/// A link's state in words; of a live one that has been silent for longer than it proves itself, when it was
/// last heard.
pub(super) fn link_state(inputs: &Inputs<'_>, link: &LinkStatus) -> Span {
    if let Some(at) = silent_since(inputs, link) {
        return Span::new(format!("heard {}", ago(inputs, at)), Role::Warn);
    }
    if link.state == LinkState::Stopped && link.since.is_none() {
        // It was never wanted, or the program has just begun: nothing has gone wrong.
        let off = link.stream == Stream::WsPrivate && !inputs.report.has_credentials();
        return Span::label(if off { "off (no key)" } else { "starting" });
    }
    let loud = matches!(link.state, LinkState::Down | LinkState::Stale);
    let word = link.state.to_string();
    Span::new(if loud { word.to_uppercase() } else { word }, state_role(link.state))
}

/// Returns when a link that counts as live was last heard, local time, if that is longer ago than anything
/// proves that it is; `None` while it is heard.
pub(super) fn silent_since(inputs: &Inputs<'_>, link: &LinkStatus) -> Option<Timestamp> {
    let proof = match link.stream {
        // Without an account hardly anything is asked for.
        Stream::Rest if !inputs.report.has_credentials() => return None,
        Stream::Rest | Stream::WsPublic => BUSY,
        Stream::WsPrivate => CALM,
    };
    let heard = link.last_traffic_at.filter(|_| link.state == LinkState::Live)?;
    (inputs.seen.since(heard) > proof).then_some(heard)
}

/// Returns how good a state of a link is.
pub(super) const fn state_role(state: LinkState) -> Role {
    match state {
        LinkState::Live => Role::Good,
        LinkState::Down | LinkState::Stopped => Role::Danger,
        LinkState::Connecting | LinkState::Stale | LinkState::Backoff => Role::Warn,
    }
}
