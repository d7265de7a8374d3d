//! What happened while the user was away: a line that says so, and every word of it over the panels.

use std::time::Duration;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::alert_banner;
use super::equity_places::Places;
use super::event_list::wrapped;
use super::inputs::Inputs;
use super::thousandths::height;
use crate::domain::{
    Away, AwayAlert, AwayChange, AwayEquity, AwayEvent, EquityPart, Gap, MemoryState, Timestamp,
    spoken,
};
use crate::ui::format;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Body, Formatter, Heading, Line, Panel, Span, Variants, sparkline, words};

/// The widest curve.
const MAX_COLUMNS: usize = 60;
/// The key that opens the panel.
const KEY: &str = "w:while you were away";
/// What begins so long after the begin, or ends so long before the end, does not tell of all of the time.
const LATE: Duration = Duration::from_secs(120);

/// The line that says that there is something to read, until it was read.
pub(super) fn banner(inputs: &Inputs<'_>, state: &UiState) -> Option<Variants> {
    let away = inputs.report.memory.away.as_deref()?;
    if state.read_away == Some(away.from) {
        return None;
    }
    let show = inputs.settled(state);
    let lead = Span::new(format!("AWAY {}", length(away)), Role::Strong);
    let mut long = vec![lead.clone()];
    // A result of a part of the time would be taken for that of all of it.
    if let Some(equity) = away.equity.as_ref().filter(|equity| !is_late(away, equity.known_since)) {
        long.push(show.gain(equity.change).after("equity"));
    }
    let raised = away.alerts.iter().filter(|alert| !alert.is_unjudged()).count();
    let forced = away.events.iter().filter(|event| is_forced(event)).count();
    let closed = "closed by the exchange";
    let counts = [
        (forced, [closed, closed], Role::Danger),
        (changes(away), ["change of positions", "changes of positions"], Role::Plain),
        (raised, ["alert", "alerts"], Role::Plain),
        (away.gaps.len(), ["gap", "gaps"], Role::Plain),
    ];
    for (count, [one, more], role) in counts {
        if count > 0 {
            let what = if count == 1 { one } else { more };
            long.push(Span::new(format!("{count} {what}"), role));
        }
    }
    let with_key = |mut line: Line| {
        line.push(Span::new(KEY, Role::Key));
        line
    };
    Some(vec![with_key(long.clone()), long, with_key(vec![lead.clone()]), vec![lead]])
}

/// Returns the panel, whose lines will be `width` columns wide.
pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState, width: u16) -> Panel {
    let heading = Heading::new("While you were away").noted("Esc closes, j and k scroll");
    let Some(away) = inputs.report.memory.away.as_deref() else {
        let why = match &inputs.report.memory.state {
            MemoryState::Off => "nothing is remembered: the memory is off",
            MemoryState::Waiting => {
                "the memory waits for the exchange to say whose account this is"
            }
            MemoryState::Unavailable { .. } => "the memory cannot be read",
            MemoryState::Writing { .. } | MemoryState::Reading { .. } => {
                "you have not been away: the last key was less than ten minutes ago"
            }
        };
        return Panel::message(heading, words(why, Role::Label));
    };
    let told = Told { away, show: inputs.settled(state), state, now: inputs.report.taken_at };
    let mut lines = told.head();
    lines.extend(away.equity.as_ref().and_then(|equity| curve(away, equity, width)));
    lines.extend(told.positions());
    lines.push(told.funding());
    lines.extend(told.alerts());
    lines.extend(told.gaps());
    if away.is_cut {
        let text = "there is more than fits here: bitget-watch history writes all of it";
        lines.push(words(text, Role::Warn).collect());
    }
    let rows = lines.into_iter().flat_map(|line| wrapped(line, width));
    Panel::new(heading, Body::Lines(rows.collect()))
}

/// What is told, and how its figures are written.
struct Told<'a> {
    away: &'a Away,
    show: Formatter<'a>,
    state: &'a UiState,
    now: Timestamp,
}

impl Told<'_> {
    fn at(&self, time: Timestamp) -> Span {
        self.show.recent_minute(Some(time), self.now)
    }

    /// From when to when, what it came to, and how near the end was.
    fn head(&self) -> Vec<Line> {
        let Self { away, show, .. } = self;
        let span = vec![
            Span::label("from"),
            self.at(away.from),
            Span::label("to"),
            self.at(away.to),
            Span::label(format!("({})", length(away))),
        ];
        let mut lines = vec![span];
        lines.push(match &away.equity {
            Some(equity) => {
                let mut line = vec![Span::label("equity"), show.money(Some(equity.last))];
                line.push(Span::plain(equity.coin.to_string()));
                line.push(show.gain(equity.change).after("result"));
                line.push(show.percent(equity.max_drawdown).after("max drawdown"));
                if is_late(away, equity.known_since) {
                    line.push(self.at(equity.known_since).after("since"));
                }
                if let Some(since) = equity.coin_since {
                    let text = format!("in {} since the account changed at", equity.coin);
                    line.extend(words(&text, Role::Warn));
                    line.push(self.at(since));
                }
                line
            }
            None => words("the equity was not recorded", Role::Unknown).collect(),
        });
        lines.push(match &away.nearest {
            Some(nearest) => {
                let mut line: Line = words("nearest to liquidation:", Role::Label).collect();
                line.extend(position(nearest.symbol.as_str(), nearest.side.as_str()));
                line.push(show.percent(Some(nearest.distance)));
                line.push(self.at(nearest.at).after("at"));
                line
            }
            None => words("no distance to a liquidation was recorded", Role::Label).collect(),
        });
        lines
    }

    fn positions(&self) -> Vec<Line> {
        if self.away.events.is_empty() {
            let text = "no position was seen to be opened, changed or closed";
            return vec![words(text, Role::Plain).collect()];
        }
        self.away.events.iter().map(|event| self.position(event)).collect()
    }

    fn position(&self, event: &AwayEvent) -> Line {
        let size = |size: &Option<Decimal>| self.show.size(*size, None);
        let change = |from, to| Span::plain(format!("{} -> {}", size(from).text, size(to).text));
        let (word, rest) = match &event.what {
            AwayChange::Opened(opened) => (Span::plain("opened"), vec![size(opened)]),
            AwayChange::Changed(from, to) => (Span::plain("size"), vec![change(from, to)]),
            AwayChange::Adjusted(from, to) => {
                let rest = words("by a split or rebase", Role::Label);
                (Span::plain("adjusted"), [change(from, to)].into_iter().chain(rest).collect())
            }
            AwayChange::Left(left) => {
                let rest = words("away, not closed", Role::Plain);
                (Span::plain("moved"), [size(left)].into_iter().chain(rest).collect())
            }
            AwayChange::Closed(closed) => (Span::plain("closed"), vec![size(closed)]),
            AwayChange::Forced(note) => {
                let note = note.as_ref().map_or("", |note| note.as_str());
                let word = Span::new("CLOSED BY THE EXCHANGE", Role::Danger);
                (word, words(note, Role::Danger).collect())
            }
            AwayChange::Result(net, coin) => {
                let coin = coin.as_ref().map(|coin| Span::plain(coin.to_string()));
                let net = self.show.gain(*net).after("net");
                (Span::plain("result"), [net].into_iter().chain(coin).collect())
            }
        };
        let subject = position(event.symbol.as_str(), event.side.as_str());
        [self.at(event.at), word].into_iter().chain(subject).chain(rest).collect()
    }

    fn funding(&self) -> Line {
        let away = self.away;
        let Some(ledger_to) = away.ledger_to else {
            return words("funding: the ledger of this time is not whole", Role::Unknown).collect();
        };
        let mut line = vec![Span::label("funding")];
        if away.funding.is_empty() {
            line.push(Span::plain("none"));
        }
        for (coin, sum) in &away.funding {
            line.push(self.show.cash(*sum));
            line.push(Span::plain(coin.to_string()));
        }
        if away.to.since(ledger_to) > LATE {
            line.push(self.at(ledger_to).after("up to"));
        }
        line
    }

    fn alerts(&self) -> Vec<Line> {
        if self.away.alerts.is_empty() {
            return vec![words("no alert", Role::Plain).collect()];
        }
        self.away.alerts.iter().map(|alert| self.alert(alert)).collect()
    }

    fn alert(&self, alert: &AwayAlert) -> Line {
        let mut line = vec![self.at(alert.raised_at)];
        line.extend(if alert.is_unjudged() {
            words(alert_banner::UNJUDGED, Role::Warn).collect()
        } else {
            vec![Span::new("ALERT", Role::Danger)]
        });
        let whose = alert_banner::whose(alert.metric, alert.subject.as_str());
        line.extend(words(&whose, Role::Plain));
        line.extend(words(&alert.metric.spoken(), Role::Plain));
        line.extend(alert_banner::figure(alert.metric, alert.value, self.state).map(Span::plain));
        let limit = alert_banner::figure(alert.metric, alert.limit, self.state);
        line.extend(limit.map(|limit| Span::label(format!("(limit {limit})"))));
        line.push(match alert.cleared_at {
            Some(at) => self.at(at).after("ended"),
            None => Span::new("not ended", Role::Warn),
        });
        line
    }

    fn gaps(&self) -> Vec<Line> {
        let gap = |gap: &Gap| {
            let mut line = vec![self.at(gap.from), Span::label("to"), self.at(gap.to)];
            line.extend(words("nothing known:", Role::Warn));
            line.extend(words(&spoken(gap.why.as_str()), Role::Warn));
            line
        };
        self.before_the_first().into_iter().chain(self.away.gaps.iter().map(gap)).collect()
    }

    /// The time before anything was recorded, which is no gap between two readings.
    fn before_the_first(&self) -> Option<Line> {
        let away = self.away;
        let first = away.equity.as_ref()?.parts.first()?.from;
        let is_told = away.gaps.iter().any(|gap| !is_late(away, gap.from));
        if is_told || !is_late(away, first) {
            return None;
        }
        let mut line: Line = words("nothing was recorded before", Role::Warn).collect();
        line.push(self.at(first));
        Some(line)
    }
}

/// Returns whether a time is later than the begin by more than a restart takes.
fn is_late(away: &Away, at: Timestamp) -> bool {
    at.since(away.from) > LATE
}

/// How long it was.
fn length(away: &Away) -> String {
    format::age(away.to.as_millis().saturating_sub(away.from.as_millis()))
}

const fn is_forced(event: &AwayEvent) -> bool {
    matches!(event.what, AwayChange::Forced(_))
}

/// Returns how many changes of positions there were besides; a result belongs to a close.
fn changes(away: &Away) -> usize {
    let is_change =
        |event: &&AwayEvent| !is_forced(event) && !matches!(event.what, AwayChange::Result(..));
    away.events.iter().filter(is_change).count()
}

fn position(symbol: &str, side: &str) -> Line {
    let side = side.to_uppercase();
    let side = (!side.is_empty()).then(|| Span::plain(side));
    [Span::plain(symbol)].into_iter().chain(side).collect()
}

/// The last equity of every part of the time from left to right, blank where there was none. One span, which
/// nothing can break.
fn curve(away: &Away, equity: &AwayEquity, width: u16) -> Option<Line> {
    let places = Places::of(&equity.parts, away.from, away.to).filter(|places| places.count > 1)?;
    let value = |part: &EquityPart| part.last.to_f64();
    let values: Vec<f64> = equity.parts.iter().map(value).collect::<Option<_>>()?;
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let columns = places.count.min(MAX_COLUMNS).min(usize::from(width));
    let mut heights: Vec<Option<u16>> = vec![None; columns];
    for ((place, _), value) in places.parts.iter().zip(values) {
        let column = place.checked_mul(columns)? / places.count;
        if let Some(held) = heights.get_mut(column) {
            *held = Some(height(value, low, high));
        }
    }
    let bars = heights
        .iter()
        .map(|height| height.map_or_else(|| " ".to_owned(), |height| sparkline(&[height], 1)));
    Some(vec![Span::plain(bars.collect::<String>())])
}

#[cfg(test)]
mod tests;
