//! [`Condition`]: when the condition of one rule and subject raises an alert, and when the alert ends.
//!
//! A state lasts: it is raised once it has held for long enough, and ends when it is known not to hold any
//! more. What happens, happens once: [`Occurrence`] raises it and ends it after a while.

use std::time::Duration;

use rust_decimal::Decimal;

use crate::config::{AlertConfig, AlertLimit};
use crate::domain::Timestamp;

/// How long the alert of something that has happened stays on, unless it is acknowledged.
const EVENT_LASTS: Duration = Duration::from_secs(600);

/// What a reading says of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    /// It holds; since when, where the reading tells.
    Holds { value: Option<Decimal>, since: Option<Timestamp> },
    /// It does not hold any more, but not by so much that an alert would end.
    NearLimit { value: Decimal },
    /// It does not hold.
    Over { value: Option<Decimal> },
    /// Nobody can say: the figure is missing or stale.
    Unknown,
}

/// Compares a live figure with the limit of its rule.
pub(super) fn compare(rule: &AlertConfig, value: Decimal) -> Finding {
    let (crossed, is_back) = match rule.limit {
        Some(AlertLimit::Above(limit)) => {
            let back = limit.checked_sub(rule.hysteresis);
            (value > limit, back.is_none_or(|back| value <= back))
        }
        Some(AlertLimit::Below(limit)) => {
            let back = limit.checked_add(rule.hysteresis);
            (value < limit, back.is_none_or(|back| value >= back))
        }
        None => return Finding::Unknown,
    };
    if crossed {
        Finding::Holds { value: Some(value), since: None }
    } else if is_back {
        Finding::Over { value: Some(value) }
    } else {
        Finding::NearLimit { value }
    }
}

/// What a reading changes. Times are local.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The alert is raised; its condition holds since then.
    Raise { value: Option<Decimal>, since: Timestamp },
    /// It stays on, with a newer value.
    Update { value: Option<Decimal> },
    /// It ends; the value that ended it, where there is one.
    Clear { value: Option<Decimal> },
}

/// The condition of one rule for one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Condition {
    /// Since when it holds, as far as readings tell: one that knows nothing ends nothing.
    holds_since: Option<Timestamp>,
    is_on: bool,
    raised_at: Option<Timestamp>,
}

impl Condition {
    /// Returns a condition that was found to hold since `since` by an earlier run of the program: it is
    /// raised again as soon as it is found to hold.
    pub(super) const fn resumed(since: Timestamp) -> Self {
        Self { holds_since: Some(since), is_on: false, raised_at: None }
    }

    /// Notes that it holds, at least since `since`, without raising it yet.
    pub(super) fn note(&mut self, since: Timestamp) {
        self.holds_since.get_or_insert(since);
    }

    /// Takes what a reading at `now` found and returns what that changes.
    pub(super) fn step(
        &mut self,
        rule: &AlertConfig,
        finding: Finding,
        now: Timestamp,
    ) -> Option<Step> {
        match finding {
            Finding::Unknown => None,
            Finding::Holds { value, since } => {
                let began = *self.holds_since.get_or_insert_with(|| since.unwrap_or(now));
                if self.is_on {
                    return Some(Step::Update { value });
                }
                let is_due = now.since(began) >= rule.lasting && self.has_cooled(rule, now);
                is_due.then(|| {
                    self.is_on = true;
                    self.raised_at = Some(now);
                    Step::Raise { value, since: began }
                })
            }
            Finding::NearLimit { value } if self.is_on => Some(Step::Update { value: Some(value) }),
            Finding::NearLimit { value } => self.end(Some(value)),
            Finding::Over { value } => self.end(value),
        }
    }

    fn end(&mut self, value: Option<Decimal>) -> Option<Step> {
        self.holds_since = None;
        std::mem::take(&mut self.is_on).then_some(Step::Clear { value })
    }

    fn has_cooled(&self, rule: &AlertConfig, now: Timestamp) -> bool {
        self.raised_at.is_none_or(|raised| now.since(raised) >= rule.cooldown)
    }

    /// Returns whether nothing of it needs to be remembered at `now`: it does not hold, and could be raised
    /// at once.
    pub(super) fn is_idle(&self, rule: &AlertConfig, now: Timestamp) -> bool {
        self.holds_since.is_none() && !self.is_on && self.has_cooled(rule, now)
    }
}

/// Something that happens, of one rule and subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Occurrence {
    is_on: bool,
    raised_at: Option<Timestamp>,
    /// What happened since, within the cooldown: the newest.
    waiting: Option<(Timestamp, Option<Decimal>)>,
}

impl Occurrence {
    /// It happened once more, at `at`.
    pub(super) const fn happened(&mut self, at: Timestamp, value: Option<Decimal>) {
        self.waiting = Some((at, value));
    }

    /// Returns whether nothing of it needs to be remembered at `now`.
    pub(super) fn is_idle(&self, rule: &AlertConfig, now: Timestamp) -> bool {
        let has_cooled = self.raised_at.is_none_or(|raised| now.since(raised) >= rule.cooldown);
        !self.is_on && self.waiting.is_none() && has_cooled
    }

    /// Ends an alert that has been on for long enough, and raises one for what waits.
    pub(super) fn step(
        &mut self,
        rule: &AlertConfig,
        acknowledged: bool,
        now: Timestamp,
    ) -> impl Iterator<Item = Step> {
        let spent = |raised: Timestamp, span: Duration| now.since(raised) >= span;
        let raise = self
            .waiting
            .take_if(|_| self.raised_at.is_none_or(|raised| spent(raised, rule.cooldown)));
        let is_over = self.raised_at.is_none_or(|raised| spent(raised, EVENT_LASTS));
        let ends = self.is_on && (raise.is_some() || is_over || acknowledged);
        let clear = ends.then_some(Step::Clear { value: None });
        self.is_on = (self.is_on && !ends) || raise.is_some();
        if raise.is_some() {
            self.raised_at = Some(now);
        }
        let raise = raise.map(|(since, value)| Step::Raise { value, since });
        clear.into_iter().chain(raise)
    }
}
