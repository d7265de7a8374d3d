//! The top of the screen, the line of the links and the footer.

use super::ink::{Forms, Gap, Line, Piece, words};
use super::model::Header;
use super::{Inputs, ink};
use crate::report::{LinkPart, ProblemPart, Source};
use crate::ui::format::{self, Sign};
use crate::ui::keymap::KEYS;
use crate::ui::state::UiState;
use crate::ui::theme::Role;

pub(super) fn build(inputs: &Inputs<'_>, state: &UiState) -> Header {
    let mut first: Line = frozen(inputs, state).into_iter().collect();
    first.push(Piece::new(inputs.document.symbol.clone(), Role::Strong));
    first.extend(words(&inputs.context.title, Role::Plain));
    let mut second = vec![key_rights(inputs)];
    for link in &inputs.document.links {
        second.push(Piece::label(short_name(&link.name)));
        second.push(link_state(link));
    }
    second.push(account(inputs));
    if state.privacy {
        second.push(Piece::new("amounts hidden", Role::Warn));
    }
    Header {
        badge: badge(inputs),
        first,
        clock: clock(inputs),
        second,
        banners: banners(inputs, state),
    }
}

/// The block that says whether this is real money.
pub(super) fn badge(inputs: &Inputs<'_>) -> Piece {
    match (inputs.document.source, inputs.context.demo_trading) {
        (Source::Live, false) => Piece::new("LIVE", Role::BadgeLive),
        (Source::Live, true) => Piece::new("PAPER", Role::BadgeOther),
        (Source::Demo, _) => Piece::new("DEMO", Role::BadgeOther),
        (Source::Replay, _) => Piece::new("REPLAY", Role::BadgeOther),
    }
}

/// The label of a screen that stands still, with the time that it has stood.
pub(super) fn frozen(inputs: &Inputs<'_>, state: &UiState) -> Option<Piece> {
    let since = state.frozen_since?;
    let age = inputs.now.as_millis().saturating_sub(since.as_millis());
    let text = format!(" FROZEN {} ", format::age(age));
    Some(Piece::new(text, Role::Alarm))
}

/// The exchange's time of the reading, with the zone; ours, and said so, until its clock is known.
fn clock(inputs: &Inputs<'_>) -> Forms {
    let zone = &inputs.context.timezone;
    let time = inputs.document.taken_at.0;
    let (Some(clock), Some(name)) = (format::clock(time, zone), format::zone_name(time, zone))
    else {
        return Vec::new();
    };
    let full = Piece::plain(format!("{clock} {name}"));
    if inputs.snapshot.clock_offset_ms.is_none() {
        let ours = Piece::new("local time", Role::Warn);
        return vec![vec![ours, full.clone()], vec![full]];
    }
    vec![vec![Piece::label("exchange time"), full.clone()], vec![full]]
}

fn account(inputs: &Inputs<'_>) -> Piece {
    match inputs.document.account_kind {
        "none" => Piece::new("no account", Role::Warn),
        "unknown" => Piece::new("account ?", Role::Unknown),
        kind => Piece::plain(kind.to_owned()),
    }
}

/// Returns what the key could do beyond reading, as loud words; `None` when nothing is known of it.
pub(super) fn key_alarm(inputs: &Inputs<'_>) -> Option<String> {
    let rights = inputs.snapshot.key_rights.as_ref()?;
    let can =
        [(rights.withdraw, "WITHDRAW"), (rights.transfer, "TRANSFER"), (rights.trade, "TRADE")];
    let can: Vec<&str> =
        can.into_iter().filter_map(|(right, word)| (right == Some(true)).then_some(word)).collect();
    (!can.is_empty()).then(|| format!("KEY CAN {}", can.join("/")))
}

fn key_rights(inputs: &Inputs<'_>) -> Piece {
    if !inputs.context.credentials {
        return Piece::new("no key", Role::Warn);
    }
    if let Some(alarm) = key_alarm(inputs) {
        return Piece::new(format!(" {alarm} "), Role::Alarm);
    }
    let name = match &inputs.context.key_tail {
        Some(tail) => format!("key …{tail}:"),
        None => "key:".to_owned(),
    };
    match &inputs.snapshot.key_rights {
        Some(rights) if [rights.trade, rights.transfer, rights.withdraw] == [Some(false); 3] => {
            let bound = if rights.ip_bound == Some(true) { ", IP-bound" } else { "" };
            Piece::new(format!("{name} read-only{bound}"), Role::Good)
        }
        Some(_) => Piece::new(format!("{name} rights not fully known"), Role::Unknown),
        None => Piece::new(format!("{name} rights not known"), Role::Unknown),
    }
}

fn short_name(name: &str) -> &str {
    match name {
        "ws_public" => "public",
        "ws_private" => "private",
        other => other,
    }
}

/// A link's state in words.
pub(super) fn link_state(link: &LinkPart) -> Piece {
    let role = match link.state.as_str() {
        "live" => Role::Good,
        "down" | "stopped" => Role::Danger,
        _ => Role::Warn,
    };
    let text = match link.state.as_str() {
        "down" => "DOWN".to_owned(),
        "stale" => "STALE".to_owned(),
        state => state.to_owned(),
    };
    Piece::new(text, role)
}

/// Lines that must be seen.
fn banners(inputs: &Inputs<'_>, state: &UiState) -> Vec<Forms> {
    let mut banners = Vec::new();
    if let Some(host) = &inputs.context.other_host {
        let long = format!("OTHER HOST {host}: this is not Bitget");
        banners.push(vec![
            vec![Piece::new(format!(" {long} "), Role::Alarm)],
            vec![Piece::new(format!(" OTHER HOST {host} "), Role::Alarm)],
            vec![Piece::new(" OTHER HOST ", Role::Alarm)],
        ]);
    }
    banners.extend(problem(inputs, state));
    banners.extend(alert(inputs, state));
    banners
}

/// The first alert that is on and how many more there are.
pub(super) fn alert(inputs: &Inputs<'_>, state: &UiState) -> Option<Forms> {
    let alerts = &inputs.document.alerts;
    let first = alerts.first()?;
    let mut lead = vec![Piece::new("ALERT", Role::Danger)];
    if alerts.len() > 1 {
        let more = format!("1 of {}:", alerts.len());
        lead.push(Piece::new(more, Role::Danger));
    }
    let mut short = lead.clone();
    short.extend(words(&ink::spoken(&first.metric), Role::Danger));
    let mut long = short.clone();
    long.extend(words(&first.subject, Role::Danger));
    // Some metrics are amounts.
    if let Some(value) = first.value.filter(|_| !state.privacy) {
        let text = format::decimal(value, value.normalize().scale(), Sign::Negative);
        let limit = first
            .limit
            .map(|limit| format::decimal(limit, limit.normalize().scale(), Sign::Negative));
        long.extend(words("is at", Role::Danger));
        long.push(Piece::new(text, Role::Danger));
        if let Some(limit) = limit {
            long.push(Piece::new(format!("(limit {limit})"), Role::Danger));
        }
    }
    Some(vec![long, short, lead])
}

/// The most pressing problem and how many more there are, but for what the alarm of the key says.
pub(super) fn problem(inputs: &Inputs<'_>, state: &UiState) -> Option<Forms> {
    let alarmed = key_alarm(inputs).is_some();
    let problems = inputs.document.problems.iter();
    let problems: Vec<&ProblemPart> =
        problems.filter(|problem| !(alarmed && problem.code.starts_with("key_can_"))).collect();
    let first = *problems.first()?;
    let mut lead = vec![Piece::new("PROBLEM", Role::Danger)];
    if problems.len() > 1 {
        let more = format!("1 of {}:", problems.len());
        lead.push(Piece::new(more, Role::Danger));
    }
    let mut long = lead.clone();
    long.extend(words(&problem_text(first, state), Role::Danger));
    let mut short = lead.clone();
    short.extend(words(&ink::spoken(&first.code), Role::Danger));
    let count = vec![Piece::new(format!("{} PROBLEMS", problems.len()), Role::Danger)];
    Some(vec![long, short, lead, count])
}

/// The words of a problem. They may name amounts, so privacy leaves only its kind.
pub(super) fn problem_text(problem: &ProblemPart, state: &UiState) -> String {
    if state.privacy { ink::spoken(&problem.code) } else { problem.text.clone() }
}

/// The line of the links.
pub(super) fn status(inputs: &Inputs<'_>) -> Line {
    let mut line = Vec::new();
    for link in &inputs.document.links {
        line.push(Piece::label(short_name(&link.name)));
        line.push(link_state(link));
        if let Some(ms) = link.latency_ms.filter(|_| link.state == "live") {
            line.push(Piece::label(format!("{ms}ms")));
        }
        if link.attempts > 0 {
            line.push(Piece::new(format!("attempt {}", link.attempts), Role::Warn));
        }
        if let Some(left) = next_attempt(inputs, link) {
            line.push(Piece::new(format!("next in {left}"), Role::Warn));
        }
        if link.state != "live"
            && let Some(error) = &link.last_error
        {
            line.extend(words(&format!("({error})"), Role::Label));
        }
        line.push(Piece::label("·"));
    }
    line.pop();
    if let Some((offset, _)) = inputs.snapshot.clock_offset_ms
        && offset.abs() > 1000
    {
        line.push(Piece::new(format!("clock off {offset}ms"), Role::Warn));
    }
    line
}

/// Returns the time left until a link is tried again. The snapshot's times are local, like `now`.
pub(super) fn next_attempt(inputs: &Inputs<'_>, link: &LinkPart) -> Option<String> {
    let at = inputs
        .snapshot
        .links
        .iter()
        .find(|status| status.stream.to_string() == link.name)?
        .next_attempt_at?;
    let left = at.as_millis().saturating_sub(inputs.now.as_millis());
    (left > 0).then(|| format::age(left.saturating_add(999)))
}

/// The links in few words, for small screens.
pub(super) fn links_in_brief(inputs: &Inputs<'_>) -> Forms {
    let links = &inputs.document.links;
    let mut long = Vec::new();
    for link in links {
        long.push(Piece::label(short_name(&link.name)));
        long.push(link_state(link));
    }
    let live = links.iter().filter(|link| link.state == "live").count();
    let role = if live == links.len() { Role::Good } else { Role::Warn };
    let text = format!("{live}/{} links live", links.len());
    vec![long, vec![Piece::new(text, role)]]
}

/// The footer: the filter while it is typed, else the most used keys.
pub(super) fn footer(state: &UiState) -> Line {
    if state.editing {
        return vec![
            Piece::new("filter:", Role::Key),
            Piece::plain(format!("{}_", state.filter)),
            Piece::label("Enter keeps it"),
            Piece::label("Esc clears it"),
        ];
    }
    let mut line = Vec::new();
    for binding in KEYS {
        if let Some(word) = binding.footer {
            // One piece, so that no key stands without its word.
            line.push(Piece::label(format!("{}:{word}", binding.label)));
        }
    }
    line
}

/// The clock offset in words.
pub(super) fn clock_offset(inputs: &Inputs<'_>) -> Line {
    let Some((offset, error)) = inputs.snapshot.clock_offset_ms else {
        return vec![Gap::Unknown.piece()];
    };
    let role = if offset.abs() > 1000 { Role::Warn } else { Role::Plain };
    vec![Piece::new(format!("{offset}ms"), role), Piece::label(format!("±{error}ms"))]
}
