//! The line of an alert that is on.

use rust_decimal::Decimal;

use super::inputs::Inputs;
use crate::domain::{AlertChange, AlertNotice, Metric, spoken};
use crate::report::{Delivery, DeliveryState};
use crate::ui::format::{self, Sign};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Line, Span, Variants, words};

/// Leads what says that an alert could not be judged.
pub(super) const UNJUDGED: &str = "ALERT not judged:";

/// The first alert that is on and not acknowledged, and how many more there are.
pub(super) fn alert(inputs: &Inputs<'_>, state: &UiState) -> Option<Variants> {
    let mut alerts = inputs.report.alerts.iter().filter(|alert| !alert.acknowledged);
    let count = alerts.clone().count();
    let first = alerts.next()?;
    let lead = lead("ALERT", count);
    let mut short = lead.clone();
    short.extend(words(&first.metric.spoken(), Role::Danger));
    let mut long = short.clone();
    long.extend(words(&whose(first.metric, first.subject.as_str()), Role::Danger));
    if let Some(value) = figure(first.metric, first.value, state) {
        long.extend(words("is at", Role::Danger));
        long.push(Span::new(value, Role::Danger));
        let limit = figure(first.metric, first.limit, state);
        long.extend(limit.map(|limit| Span::new(format!("(limit {limit})"), Role::Danger)));
    } else if first.is_unjudged() {
        long.extend(words("is not known", Role::Danger));
    }
    let mut whole = long.clone();
    let not_sent = |delivery: &&Delivery| delivery.state == DeliveryState::Failed;
    if let Some(failed) = first.delivery.iter().find(not_sent) {
        whole.extend(words(&format!("NOT SENT by {}", failed.way), Role::Danger));
    }
    let failed = whole.clone();
    whole.push(Span::new("a:acknowledge", Role::Key));
    Some(vec![whole, failed, long, short, lead])
}

/// A change of an alert as an event: what happened, to whom, and the rest.
pub(super) fn event(notice: &AlertNotice, state: &UiState) -> (Span, Line, Line) {
    let (word, role) = match notice.change {
        AlertChange::Raised => ("ALERT", Role::Danger),
        AlertChange::Unknown => (UNJUDGED, Role::Warn),
        AlertChange::Cleared => ("alert ended:", Role::Good),
    };
    let subject = words(&whose(notice.metric, notice.subject.as_str()), Role::Plain).collect();
    let mut rest: Line = words(&notice.metric.spoken(), Role::Plain).collect();
    if let Some(value) = figure(notice.metric, notice.value, state) {
        rest.push(Span::plain(value));
        let limit = figure(notice.metric, notice.limit, state);
        rest.extend(limit.map(|limit| Span::label(format!("(limit {limit})"))));
    }
    (Span::new(word, role), subject, rest)
}

/// Whose the figure is. Data are all that is asked for; a link is named as everywhere on screen.
pub(super) fn whose(metric: Metric, subject: &str) -> String {
    if metric == Metric::DataStale {
        return String::new();
    }
    if metric == Metric::LinkDown { spoken(subject) } else { subject.to_owned() }
}

/// A figure in the unit of its metric; `None` where it is not known, and for amounts that are hidden.
pub(super) fn figure(metric: Metric, value: Option<Decimal>, state: &UiState) -> Option<String> {
    let value = value.filter(|_| !state.privacy || !metric.is_amount())?;
    let is_percent = metric.name().ends_with("_pct");
    let places = value.normalize().scale();
    let places = if is_percent { places.min(2) } else { places };
    let unit = if is_percent { " %" } else { "" };
    Some(format::decimal(value, places, Sign::Negative) + unit)
}

/// Begins a line about the first of `count`.
pub(super) fn lead(word: &str, count: usize) -> Line {
    let more = (count > 1).then(|| Span::new(format!("1 of {count}:"), Role::Danger));
    [Span::new(word, Role::Danger)].into_iter().chain(more).collect()
}
