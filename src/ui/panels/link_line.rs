//! The links on one line: sick ones loud with reason and next try, the others as quiet dots.

use super::inputs::Inputs;
use super::link_table::{link_state, next_attempt, short_name, silent_since};
use crate::domain::LinkState;
use crate::store::LinkStatus;
use crate::ui::format;
use crate::ui::theme::Role;
use crate::ui::widgets::{Line, Span, Variants};

/// Returns whether a link is not as it should be. One that was not tried yet is none of that.
pub(super) fn is_sick(inputs: &Inputs<'_>, link: &LinkStatus) -> bool {
    match link.state {
        LinkState::Live => silent_since(inputs, link).is_some(),
        LinkState::Stopped => link.since.is_some(),
        LinkState::Connecting => link.attempts > 0 || link.reconnects > 0,
        LinkState::Stale | LinkState::Backoff | LinkState::Down => true,
    }
}

/// Returns what is wrong with a link: `rest DOWN 29s; attempt 5; next try in 2s (connection refused)`. The
/// reason is the longest part, so it is the first to give way.
pub(super) fn complaint(inputs: &Inputs<'_>, link: &LinkStatus) -> Line {
    let mut state = format!("{} {}", short_name(link.stream), link_state(inputs, link).text);
    if let Some(since) = link.since.filter(|_| link.state != LinkState::Live) {
        let ms = inputs.seen.as_millis().saturating_sub(since.as_millis());
        state = format!("{state} {}", format::age(ms));
    }
    if link.attempts > 0 {
        state = format!("{state}; attempt {}", link.attempts);
    }
    if let Some(left) = next_attempt(inputs, link) {
        state = format!("{state}; next try in {left}");
    }
    let reason = link.last_error.as_ref().map(|error| format!("({error})"));
    let reason = reason.into_iter().map(|text| Span::new(text, Role::Plain));
    [Span::new(state, Role::Warn)].into_iter().chain(reason).collect()
}

/// Returns a link that is well, or was not tried yet, as a dot with the age of what came last.
pub(super) fn quiet_link(inputs: &Inputs<'_>, link: &LinkStatus) -> Span {
    let name = short_name(link.stream);
    match link.state {
        LinkState::Live => {
            let age = link.last_traffic_at.map(|at| {
                let ms = inputs.seen.as_millis().saturating_sub(at.as_millis());
                format!("{name} {}", format::age(ms))
            });
            Span::label(format!("● {}", age.as_deref().unwrap_or(name)))
        }
        LinkState::Connecting
        | LinkState::Stopped
        | LinkState::Stale
        | LinkState::Backoff
        | LinkState::Down => Span::label(format!("○ {name} {}", link_state(inputs, link).text)),
    }
}

/// The links in few words, for small screens.
pub(super) fn links_in_short(inputs: &Inputs<'_>) -> Variants {
    let links = &inputs.report.links;
    let long = links
        .iter()
        .flat_map(|link| [Span::label(short_name(link.stream)), link_state(inputs, link)]);
    let is_live =
        |link: &&LinkStatus| link.state == LinkState::Live && silent_since(inputs, link).is_none();
    let live = links.iter().filter(is_live).count();
    let role = if live == links.len() { Role::Good } else { Role::Warn };
    let short = Span::new(format!("{live}/{} links live", links.len()), role);
    vec![long.collect(), vec![short]]
}
