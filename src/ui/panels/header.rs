//! What stands around the panels: the top of the screen with the state of everything.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::alert_banner::{alert, lead};
use super::away;
use super::forced_close;
use super::inputs::Inputs;
use super::link_line::{complaint, is_sick, links_in_short, quiet_link};
use crate::domain::{LinkState, MemoryState, ProblemCode, Timestamp, spoken};
use crate::report::{AccountStatus, Freshness, Source};
use crate::store::Problem;
use crate::ui::format;
use crate::ui::state::UiState;
use crate::ui::theme::{Role, Theme};
use crate::ui::widgets::{Line, Span, Variants, cells, words};

/// Prices are pushed several times per second, and positions polled every two.
const SILENCE: Duration = Duration::from_secs(3);

/// The top of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    badge: Span,
    first: Line,
    /// On the right of the first line.
    clock: Variants,
    second: Variants,
    /// What must be seen: another host, problems.
    pub(crate) banners: Vec<Variants>,
}

impl Header {
    pub(crate) fn build(inputs: &Inputs<'_>, state: &UiState) -> Self {
        let mut first = modes(inputs, state);
        first.push(Span::new(inputs.report.focus.to_string(), Role::Strong));
        first.extend(words(&inputs.context.title, Role::Plain));
        let second = status(inputs);
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
            // Where none of them fits, the longest says how far it came.
            let fits = cells::fitting(&self.second, second.width).or_else(|| self.second.first());
            cells::line(fits.map_or(&[], |line| line.as_slice()), theme, second, buf);
        }
        for (row, banner) in (2..area.height).zip(&self.banners) {
            if let Some(place) = cells::row(area, row)
                && let Some(line) = cells::fitting(banner, place.width)
            {
                // A banner is a block as wide as the screen.
                if let Some(span) = line.first().filter(|span| span.role == Role::Alarm) {
                    buf.set_style(place, theme.style(span.role));
                }
                cells::line(line, theme, place, buf);
            }
        }
    }
}

/// What is not as it usually is, before everything else.
fn modes(inputs: &Inputs<'_>, state: &UiState) -> Line {
    let hidden = state.privacy.then(|| Span::new(" HIDDEN ", Role::Warn));
    let filter = (!state.filter.is_empty() && !state.editing)
        .then(|| Span::new(format!(" FILTER {} ", state.filter), Role::Warn));
    let other = other_process(inputs);
    frozen(inputs, state).into_iter().chain(hidden).chain(filter).chain(other).collect()
}

/// Another process watches this account: it writes the memory and speaks for both.
fn other_process(inputs: &Inputs<'_>) -> Option<Span> {
    let MemoryState::Reading { process } = inputs.report.memory.state else { return None };
    let id = process.map_or_else(String::new, |id| format!(" {id}"));
    Some(Span::new(format!(" alerts: other process{id} "), Role::Warn))
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
        (Source::Replay, _) => {
            let words = inputs.context.replay.as_deref().unwrap_or("REPLAY");
            Span::new(words, Role::BadgeOther)
        }
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
        AccountStatus::NoCredentials => Span::label("market data only"),
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
        return Span::label("no key");
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
    banners.extend(away::banner(inputs, state));
    banners
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
    let outage = others.clone().find(|problem| problem.code == ProblemCode::DataStale);
    let first = others.next()?;
    // What stopped is said before the link that it stopped with, which has a line of its own.
    if let Some(stopped) = outage
        && matches!(first.code, ProblemCode::DataStale | ProblemCode::LinkDown)
    {
        return Some(self::outage(inputs, state, stopped, count));
    }
    let lead = lead("PROBLEM", count);
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

/// One banner for an outage: since when, what was last seen whole, and what is done about it.
fn outage(inputs: &Inputs<'_>, state: &UiState, problem: &Problem, count: usize) -> Variants {
    let report = inputs.report;
    let parts = [report.ticker.age, report.positions.age, report.account.age];
    let parts = parts.get(..if report.has_credentials() { 3 } else { 1 }).unwrap_or_default();
    let stopped = parts.iter().any(|age| matches!(inputs.fresh(*age), Freshness::Stale { .. }));
    let since = format::age(inputs.seen.as_millis().saturating_sub(problem.since.as_millis()));
    // Prices, positions and account are live: what is not there is of another product.
    let is_part = parts.iter().all(|age| inputs.fresh(*age).is_live());
    let word = match (stopped, is_part) {
        (true, _) => "DATA STOPPED",
        (false, false) => "NO DATA",
        (false, true) => "INCOMPLETE",
    };
    let short = format!("{word} {since}");
    let mut head = short.clone();
    let last = report.exchange_time(problem.since);
    if stopped && let Some(last) = format::clock(last, &inputs.context.timezone) {
        head = format!("{head}, last complete {last}");
    }
    let attempts = report.links.iter().map(|link| link.attempts).max().unwrap_or(0);
    let doing = if attempts > 0 {
        format!("{head}, reconnecting, attempt {attempts}")
    } else {
        head.clone()
    };
    let others = count.saturating_sub(1);
    let more = if others > 0 { format!(" (and {others} more)") } else { String::new() };
    let text = problem_text(problem, state);
    let first = text.split("; ").next().unwrap_or_default();
    [
        format!("{doing}: {text}{more}"),
        format!("{doing}: {first}{more}"),
        format!("{doing}{more}"),
        doing,
        head,
        short,
        word.to_owned(),
        "OLD".to_owned(),
    ]
    .map(|text| vec![Span::new(text, Role::Alarm)])
    .to_vec()
}

/// The words of a problem. They may name amounts, so privacy leaves only its kind.
pub(super) fn problem_text(problem: &Problem, state: &UiState) -> String {
    if state.privacy { spoken(problem.code) } else { problem.text.to_string() }
}

/// One line for the state of everything: what the key may do, links that are sick, and the others as
/// quiet dots. What the key could do beyond reading stands before all else.
///
/// A proxy is the last word, and the first that a narrow screen would lose: before it goes unsaid, the ages of
/// links that are all well give way, and then its address.
fn status(inputs: &Inputs<'_>) -> Variants {
    let links = &inputs.report.links;
    let (sick, quiet): (Vec<_>, Vec<_>) = links.iter().partition(|link| is_sick(inputs, link));
    let sick = sick.into_iter().flat_map(|link| complaint(inputs, link));
    let rights = key_rights(inputs);
    let mut line: Line = if rights.role == Role::Alarm {
        [rights].into_iter().chain(sick).collect()
    } else {
        sick.chain([rights]).collect()
    };
    if let Some((offset, _)) = inputs.report.clock_offset_ms
        && offset.saturating_abs() > 1000
    {
        line.push(Span::new(format!("clock off {offset}ms"), Role::Warn));
    }
    // Without a key the private link says why there is none.
    line.extend(inputs.report.has_credentials().then(|| account(inputs)));
    let dots: Line = quiet.iter().map(|link| quiet_link(inputs, link)).collect();
    let full = [line.clone(), dots].concat();
    let Some(proxy) = &inputs.context.proxy else { return vec![full] };
    let via = Span::label(format!("via proxy {proxy}"));
    let mut variants = vec![[full.clone(), vec![via.clone()]].concat()];
    if quiet.len() == links.len() && quiet.iter().all(|link| link.state == LinkState::Live) {
        variants
            .extend(links_in_short(inputs).pop().map(|short| [line, short, vec![via]].concat()));
    }
    variants.push([full, vec![Span::label("via proxy")]].concat());
    variants
}

#[cfg(test)]
mod tests;
