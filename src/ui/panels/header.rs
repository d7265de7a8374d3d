//! What stands around the panels: the top of the screen, the line of the links and the footer.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rust_decimal::Decimal;

use super::forced_close;
use super::inputs::Inputs;
use super::link_table::{link_state, next_attempt, short_name, silent_since};
use crate::domain::{LinkState, ProblemCode, Timestamp};
use crate::report::{AccountStatus, Source};
use crate::store::{LinkStatus, Problem};
use crate::ui::format::{self, Sign};
use crate::ui::keymap::KEYS;
use crate::ui::state::UiState;
use crate::ui::theme::{Role, Theme};
use crate::ui::widgets::{Line, Span, Variants, cells, spoken, words};

/// Prices are pushed several times per second, and positions polled every two.
const SILENCE: Duration = Duration::from_secs(3);

/// The top of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    badge: Span,
    first: Line,
    /// On the right of the first line.
    clock: Variants,
    second: Line,
    /// What must be seen: another host, problems.
    pub(crate) banners: Vec<Variants>,
}

impl Header {
    pub(crate) fn build(inputs: &Inputs<'_>, state: &UiState) -> Self {
        let mut first: Line = frozen(inputs, state).into_iter().collect();
        first.push(Span::new(inputs.report.focus.to_string(), Role::Strong));
        first.extend(words(&inputs.context.title, Role::Plain));
        let mut second = vec![key_rights(inputs)];
        for link in &inputs.report.links {
            second.push(Span::label(short_name(link.stream)));
            second.push(link_state(inputs, link));
        }
        // Without a key the private link says why there is none.
        second.extend(inputs.report.has_credentials().then(|| account(inputs)));
        if state.privacy {
            second.push(Span::new("amounts hidden", Role::Warn));
        }
        let banners = banners(inputs, state);
        Self { badge: badge(inputs), first, clock: clock(inputs), second, banners }
    }

    pub(crate) fn draw(&self, theme: Theme, area: Rect, buf: &mut Buffer) {
        let Some(first) = cells::row(area, 0) else { return };
        let used = draw_badge(&self.badge, theme, first, buf);
        let rest = cells::right_of(first, used.saturating_add(1));
        // The clock has its place on the right; the title takes what is left.
        let clock = cells::fitting(&self.clock, rest.width / 2);
        let clock_width = clock.map_or(0, |clock| cells::width(clock));
        if let Some(clock) = clock {
            let start = rest.width.saturating_sub(clock_width);
            cells::spans(clock, theme, cells::right_of(rest, start), buf);
        }
        let title =
            Rect { width: rest.width.saturating_sub(clock_width.saturating_add(1)), ..rest };
        cells::line(&self.first, theme, title, buf);
        if let Some(second) = cells::row(area, 1) {
            cells::line(&self.second, theme, second, buf);
        }
        for (row, banner) in (2..area.height).zip(&self.banners) {
            if let Some(place) = cells::row(area, row)
                && let Some(line) = cells::fitting(banner, place.width)
            {
                cells::line(line, theme, place, buf);
            }
        }
    }
}

/// Draws the badge as a block and returns the columns that it took: its first letter where there is
/// no room for more, and a sign of money where that letter is one of real money.
pub(super) fn draw_badge(badge: &Span, theme: Theme, area: Rect, buf: &mut Buffer) -> u16 {
    let style = theme.style(badge.role);
    let letter = if badge.role == Role::BadgeLive {
        "$".to_owned()
    } else {
        badge.text.chars().take(1).collect()
    };
    let word = badge.text.split(' ').next().unwrap_or_default().to_owned();
    [format!(" {} ", badge.text), badge.text.clone(), word, letter]
        .iter()
        .find_map(|text| cells::text(text, style, area, buf))
        .unwrap_or(0)
}

/// The block that says whether this is real money, or that another host than the exchange answers; of the
/// connection it says nothing.
pub(super) fn badge(inputs: &Inputs<'_>) -> Span {
    if inputs.report.source == Source::Live && inputs.context.other_host.is_some() {
        // Whether the money behind another host is real, nobody knows.
        return Span::new("OTHER HOST", Role::Alarm);
    }
    match (inputs.report.source, inputs.context.demo_trading) {
        (Source::Live, false) => Span::new("REAL MONEY", Role::BadgeLive),
        (Source::Live, true) => Span::new("PAPER", Role::BadgeOther),
        (Source::Demo, _) => Span::new("DEMO", Role::BadgeOther),
        (Source::Replay, _) => Span::new("REPLAY", Role::BadgeOther),
    }
}

/// The badge where there is little room.
pub(super) fn short_badge(inputs: &Inputs<'_>) -> Span {
    let badge = badge(inputs);
    let word = badge.text.split(' ').next().unwrap_or_default().to_owned();
    Span::new(word, badge.role)
}

/// The label of a screen that stands still, with the time that it has stood.
pub(super) fn frozen(inputs: &Inputs<'_>, state: &UiState) -> Option<Span> {
    let since = state.frozen_since?;
    let age = inputs.now.as_millis().saturating_sub(since.as_millis());
    Some(Span::new(format!(" FROZEN {} ", format::age(age)), Role::Alarm))
}

/// The exchange's time of the reading, with the zone; ours, and said so, until its clock is known.
fn clock(inputs: &Inputs<'_>) -> Variants {
    let heard = last_heard(inputs);
    let zone = &inputs.context.timezone;
    let time = heard.map_or(inputs.report.taken_at, |at| inputs.report.exchange_time(at));
    let clock = format::clock(time, zone).zip(format::zone_name(time, zone));
    let Some((clock, name)) = clock else { return Vec::new() };
    if heard.is_some() {
        let full = Span::new(format!("{clock} {name}"), Role::Warn);
        return vec![vec![Span::new("last heard", Role::Warn), full.clone()], vec![full]];
    }
    let full = Span::plain(format!("{clock} {name}"));
    let whose = if inputs.report.clock_offset_ms.is_none() {
        Span::new("local time", Role::Warn)
    } else {
        Span::label("exchange time")
    };
    vec![vec![whose, full.clone()], vec![full]]
}

/// Returns when the exchange was last heard, local time, once it has been silent for too long for its clock
/// to be shown as running; `None` while it is heard.
fn last_heard(inputs: &Inputs<'_>) -> Option<Timestamp> {
    let heard = inputs.report.links.iter().filter_map(|link| link.last_traffic_at).max()?;
    (inputs.seen.since(heard) > SILENCE).then_some(heard)
}

fn account(inputs: &Inputs<'_>) -> Span {
    match inputs.report.account_kind {
        AccountStatus::NoCredentials => Span::new("no account", Role::Warn),
        AccountStatus::Unknown => Span::new("account ?", Role::Unknown),
        AccountStatus::Known(kind) => Span::plain(kind.to_string()),
    }
}

/// Returns what the key could do beyond reading, as loud words; `None` when nothing is known of it.
pub(super) fn key_alarm(inputs: &Inputs<'_>) -> Option<String> {
    let rights = inputs.report.key_rights.as_ref()?;
    let can =
        [(rights.withdraw, "WITHDRAW"), (rights.transfer, "TRANSFER"), (rights.trade, "TRADE")];
    let can: Vec<&str> =
        can.into_iter().filter_map(|(right, word)| (right == Some(true)).then_some(word)).collect();
    (!can.is_empty()).then(|| format!("KEY CAN {}", can.join("/")))
}

fn key_rights(inputs: &Inputs<'_>) -> Span {
    if !inputs.report.has_credentials() {
        return Span::new("no key", Role::Warn);
    }
    if let Some(alarm) = key_alarm(inputs) {
        return Span::new(format!(" {alarm} "), Role::Alarm);
    }
    let name = match &inputs.context.key_tail {
        Some(tail) => format!("key …{tail}:"),
        None => "key:".to_owned(),
    };
    let problems = &inputs.report.problems;
    if problems.iter().any(|problem| problem.code == ProblemCode::KeyRefused) {
        return Span::new(format!("{name} REFUSED"), Role::Danger);
    }
    match &inputs.report.key_rights {
        Some(rights) if [rights.trade, rights.transfer, rights.withdraw] == [Some(false); 3] => {
            let bound = if rights.ip_bound == Some(true) { ", IP-bound" } else { "" };
            Span::new(format!("{name} read-only{bound}"), Role::Good)
        }
        Some(_) => Span::new(format!("{name} rights not fully known"), Role::Unknown),
        None => Span::new(format!("{name} rights not known"), Role::Unknown),
    }
}

/// Lines that must be seen.
fn banners(inputs: &Inputs<'_>, state: &UiState) -> Vec<Variants> {
    let mut banners = Vec::new();
    if let Some(host) = &inputs.context.other_host {
        let texts = [
            format!(" OTHER HOST {host}: this is not Bitget "),
            format!(" OTHER HOST {host} "),
            " OTHER HOST ".to_owned(),
        ];
        banners.push(texts.map(|text| vec![Span::new(text, Role::Alarm)]).to_vec());
    }
    banners.extend(forced_close::banner(inputs, state));
    banners.extend(problem(inputs, state));
    banners.extend(alert(inputs, state));
    banners
}

/// The first alert that is on and how many more there are.
pub(super) fn alert(inputs: &Inputs<'_>, state: &UiState) -> Option<Variants> {
    let alerts = &inputs.report.alerts;
    let first = alerts.first()?;
    let lead = lead("ALERT", alerts.len());
    let mut short = lead.clone();
    short.extend(words(&spoken(&first.metric), Role::Danger));
    let mut long = short.clone();
    long.extend(words(first.subject.as_str(), Role::Danger));
    // Some metrics are amounts.
    if let Some(value) = first.value.filter(|_| !state.privacy) {
        let text =
            |value: Decimal| format::decimal(value, value.normalize().scale(), Sign::Negative);
        long.extend(words("is at", Role::Danger));
        long.push(Span::new(text(value), Role::Danger));
        if let Some(limit) = first.limit {
            long.push(Span::new(format!("(limit {})", text(limit)), Role::Danger));
        }
    }
    Some(vec![long, short, lead])
}

/// The most pressing problem and how many more there are, but for what the alarm of the key says.
pub(super) fn problem(inputs: &Inputs<'_>, state: &UiState) -> Option<Variants> {
    use ProblemCode::{KeyCanTrade, KeyCanTransfer, KeyCanWithdraw};
    let alarmed = key_alarm(inputs).is_some();
    let is_said = |problem: &&Problem| {
        alarmed && matches!(problem.code, KeyCanTrade | KeyCanTransfer | KeyCanWithdraw)
    };
    let mut others = inputs.report.problems.iter().filter(|problem| !is_said(problem));
    let count = others.clone().count();
    let first = others.next()?;
    let mut lead = lead("PROBLEM", count);
    if first.code == ProblemCode::DataStale
        && let Some(since) =
            format::clock(inputs.report.exchange_time(first.since), &inputs.context.timezone)
    {
        lead.push(Span::new(format!("since {since}:"), Role::Danger));
    }
    let with = |text: &str| [lead.clone(), words(text, Role::Danger).collect()].concat();
    let text = problem_text(first, state);
    // The clauses of a problem stand in the order of their weight: the last ones are left out first.
    let ends = text.rmatch_indices("; ").map(|(end, _)| end);
    let shorter = ends.filter_map(|end| text.get(..end)).map(&with);
    let mut variants = vec![with(&text)];
    variants.extend(shorter);
    variants.push(with(&spoken(first.code)));
    variants.push(lead.clone());
    variants.push(vec![Span::new(format!("{count} PROBLEMS"), Role::Danger)]);
    Some(variants)
}

fn lead(word: &str, count: usize) -> Line {
    let more = (count > 1).then(|| Span::new(format!("1 of {count}:"), Role::Danger));
    [Span::new(word, Role::Danger)].into_iter().chain(more).collect()
}

/// The words of a problem. They may name amounts, so privacy leaves only its kind.
pub(super) fn problem_text(problem: &Problem, state: &UiState) -> String {
    if state.privacy { spoken(problem.code) } else { problem.text.to_string() }
}

/// The line of the links.
pub(crate) fn status(inputs: &Inputs<'_>) -> Line {
    let mut line = Vec::new();
    for link in &inputs.report.links {
        let is_live = link.state == LinkState::Live;
        line.push(Span::label(short_name(link.stream)));
        line.push(link_state(inputs, link));
        if let Some(latency) = link.latency.filter(|_| is_live) {
            line.push(Span::label(format!("{}ms", latency.as_millis())));
        }
        if link.attempts > 0 {
            line.push(Span::new(format!("attempt {}", link.attempts), Role::Warn));
        }
        if let Some(left) = next_attempt(inputs, link) {
            line.push(Span::new(format!("next in {left}"), Role::Warn));
        }
        if let Some(error) = link.last_error.as_ref().filter(|_| !is_live) {
            line.extend(words(&format!("({error})"), Role::Label));
        }
        line.push(Span::label("·"));
    }
    line.pop();
    if let Some((offset, _)) = inputs.report.clock_offset_ms
        && offset.saturating_abs() > 1000
    {
        line.push(Span::new(format!("clock off {offset}ms"), Role::Warn));
    }
    line
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

/// The footer: the filter while it is typed, else the most used keys.
pub(crate) fn footer(state: &UiState) -> Line {
    if state.editing {
        return vec![
            Span::new("filter:", Role::Key),
            Span::plain(format!("{}_", state.filter)),
            Span::label("Enter keeps it"),
            Span::label("Esc clears it"),
        ];
    }
    // One span, so that no key stands without its word.
    let named = KEYS.iter().filter_map(|key| Some(format!("{}:{}", key.label, key.footer?)));
    named.map(Span::label).collect()
}

#[cfg(test)]
mod tests;
