//! [`Monitor`]: follows reports, raises alerts and ends them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;

use super::change::{AlertId, Change, Raised};
use super::condition::{Condition, Finding, Occurrence, Step};
use super::earlier::{Earlier, is_of};
use super::reading::{self, findings};
use super::subject::Subject;
use crate::config::{AlertConfig, AlertLimit};
use crate::domain::{AlertChange, EarlierAlert, Product, Text, Timestamp};
use crate::report::{Alert, Freshness, Report};
use crate::store::Event;

/// A figure that is not known for longer is told to the user, once: nothing can be said of its alert.
pub const UNKNOWN_LIMIT: Duration = Duration::from_secs(60);

/// What makes an alert of its own: a rule, and what it is found to hold for.
type Key = (usize, Subject);

/// Follows reports by the rules of the user.
#[derive(Debug)]
pub struct Monitor {
    rules: Vec<AlertConfig>,
    conditions: BTreeMap<Key, Condition>,
    occurrences: BTreeMap<Key, Occurrence>,
    /// Of each rule since when something of it is not known, local time.
    unknown_since: Vec<Option<Timestamp>>,
    on: BTreeMap<Key, Raised>,
    /// By rule: something of it has not been known for too long.
    unknown: BTreeMap<usize, Raised>,
    earlier: Earlier,
    events: Option<Arc<Vec<Event>>>,
    /// The products whose positions have been listed: before, all that are held seem to be opened.
    listed: BTreeSet<Product>,
    raised: AlertId,
}

impl Monitor {
    /// Returns a monitor that has seen nothing yet.
    pub fn new(rules: Vec<AlertConfig>) -> Self {
        Self {
            conditions: BTreeMap::new(),
            occurrences: BTreeMap::new(),
            unknown_since: vec![None; rules.len()],
            on: BTreeMap::new(),
            unknown: BTreeMap::new(),
            earlier: Earlier::default(),
            events: None,
            listed: BTreeSet::new(),
            raised: 0,
            rules,
        }
    }

    /// Follows one report and returns what it changes, in the order in which it happened. To be called
    /// with every report, in their order.
    pub fn follow(&mut self, report: &Report) -> Vec<Change> {
        let mut changes = Vec::new();
        self.remember(report);
        let happened = self.new_events(report);
        let rules = std::mem::take(&mut self.rules);
        for (at, rule) in rules.iter().enumerate() {
            if rule.metric.is_event() {
                self.follow_events(report, at, rule, &happened, &mut changes);
            } else {
                self.follow_state(report, at, rule, &mut changes);
            }
        }
        self.rules = rules;
        self.events = Some(Arc::clone(&report.events));
        let products = Product::ALL.into_iter();
        let is_listed = |product: &Product| {
            report.positions.age_of(*product).at(report.now) != Freshness::Missing
        };
        self.listed.extend(products.filter(is_listed));
        changes
    }

    /// Returns the alerts that are on, the gravest first, of equal ones the newest.
    pub fn alerts(&self) -> Vec<(AlertId, Alert)> {
        let on = self.on.values().chain(self.unknown.values());
        let mut alerts: Vec<_> = on.map(|raised| (raised.id, raised.alert.clone())).collect();
        alerts.sort_by_key(|(id, alert)| (Reverse(alert.severity), Reverse(*id)));
        alerts
    }

    /// The user has seen the alerts that are on.
    pub fn acknowledge(&mut self) {
        for raised in self.on.values_mut().chain(self.unknown.values_mut()) {
            raised.alert.acknowledged = true;
        }
    }

    /// Returns what has happened since the report before, oldest first.
    fn new_events(&self, report: &Report) -> Vec<Event> {
        let Some(before) = &self.events else { return Vec::new() };
        if Arc::ptr_eq(before, &report.events) {
            return Vec::new();
        }
        let is_held = |event: &Event| before.iter().any(|held| reading::is_same(held, event));
        let new = report.events.iter().take_while(|event| !is_held(event));
        let mut new: Vec<_> = new.cloned().collect();
        new.reverse();
        new
    }

    /// Takes in what the memory says of alerts of an earlier run: those whose condition still holds are raised
    /// again.
    fn remember(&mut self, report: &Report) {
        let Self { rules, on, earlier, .. } = self;
        earlier.follow(report, |alert| {
            let raised = on.iter_mut().find(|((at, subject), _)| {
                rules.get(*at).is_some_and(|rule| is_of(alert, rule, subject))
            });
            // The memory was late: the alert has been sent, since when it holds can still be said.
            raised.is_some_and(|(_, raised)| {
                raised.resumed = true;
                raised.alert.since = raised.alert.since.min(alert.since);
                true
            })
        });
    }

    fn follow_events(
        &mut self,
        report: &Report,
        at: usize,
        rule: &AlertConfig,
        happened: &[Event],
        changes: &mut Vec<Change>,
    ) {
        let own = happened.iter().filter_map(|event| {
            let (key, size) = reading::occurrence(rule, event)?;
            let is_listed = self.listed.contains(&key.symbol.product());
            is_listed.then_some(((at, Subject::Position(key)), event.at, size))
        });
        for (key, time, size) in own.collect::<Vec<_>>() {
            self.occurrences.entry(key.clone()).or_default().happened(time, Some(size));
            self.step_event(report, rule, &key, changes);
        }
        let known = self.occurrences.keys().filter(|(of, _)| *of == at).cloned();
        for key in known.collect::<Vec<_>>() {
            self.step_event(report, rule, &key, changes);
        }
    }

    fn step_event(
        &mut self,
        report: &Report,
        rule: &AlertConfig,
        key: &Key,
        changes: &mut Vec<Change>,
    ) {
        let acknowledged = self.on.get(key).is_some_and(|raised| raised.alert.acknowledged);
        let occurrence = self.occurrences.entry(key.clone()).or_default();
        let steps: Vec<_> = occurrence.step(rule, acknowledged, report.now).collect();
        if occurrence.is_idle(rule, report.now) {
            self.occurrences.remove(key);
        }
        for step in steps {
            changes.extend(self.apply(report, rule, key, step, None));
        }
    }

    fn follow_state(
        &mut self,
        report: &Report,
        at: usize,
        rule: &AlertConfig,
        changes: &mut Vec<Change>,
    ) {
        let found = findings(rule, report);
        let mut first_unknown = found.is_blind.then_some(Subject::Account);
        let mut seen = BTreeSet::new();
        for (subject, finding) in found.rows {
            if finding == Finding::Unknown {
                first_unknown.get_or_insert_with(|| subject.clone());
            }
            seen.insert(subject.clone());
            self.step_state(report, rule, &(at, subject), finding, changes);
        }
        let absent =
            self.conditions.keys().filter(|(of, subject)| *of == at && !seen.contains(subject));
        for (_, subject) in absent.cloned().collect::<Vec<_>>() {
            // A position that is not listed is not held, unless the list is old.
            let is_gone = match &subject {
                Subject::Position(key) => {
                    reading::is_listed(report, key.symbol.product(), report.now)
                }
                Subject::Account | Subject::Data | Subject::Link(_) | Subject::Contract(_) => true,
            };
            if is_gone {
                let over = Finding::Over { value: None };
                self.step_state(report, rule, &(at, subject), over, changes);
            }
        }
        self.follow_unknown(report, at, rule, first_unknown, changes);
    }

    fn step_state(
        &mut self,
        report: &Report,
        rule: &AlertConfig,
        key: &Key,
        finding: Finding,
        changes: &mut Vec<Change>,
    ) {
        let is_judged = finding != Finding::Unknown;
        let earlier = if is_judged { self.earlier.take(rule, &key.1) } else { None };
        let resumed = earlier.is_some();
        let finding = match finding {
            // It would not have ended.
            Finding::NearLimit { value } if resumed => {
                Finding::Holds { value: Some(value), since: None }
            }
            Finding::Holds { .. }
            | Finding::NearLimit { .. }
            | Finding::Over { .. }
            | Finding::Unknown => finding,
        };
        if let Some(earlier) = &earlier {
            let held = Condition::resumed(local(report, earlier.since));
            self.conditions.insert(key.clone(), held);
            if matches!(finding, Finding::Over { .. }) {
                // Nobody saw it end.
                changes.push(self.ended_before(report, rule, &key.1, earlier));
            }
        }
        let waits = self.earlier.is_awaited(report) && !self.on.contains_key(key);
        let condition = self.conditions.entry(key.clone()).or_default();
        if waits && let Finding::Holds { since, .. } = finding {
            condition.note(since.unwrap_or(report.now));
            return;
        }
        let step = condition.step(rule, finding, report.now);
        if condition.is_idle(rule, report.now) {
            self.conditions.remove(key);
        }
        let told = step.and_then(|step| self.apply(report, rule, key, step, earlier.as_ref()));
        changes.extend(told);
    }

    /// Tells once that something of a rule has not been known for too long, and when it is known again.
    fn follow_unknown(
        &mut self,
        report: &Report,
        at: usize,
        rule: &AlertConfig,
        unknown: Option<Subject>,
        changes: &mut Vec<Change>,
    ) {
        let Some(since) = self.unknown_since.get_mut(at) else { return };
        let Some(subject) = unknown else {
            *since = None;
            changes.extend(
                self.unknown
                    .remove(&at)
                    .map(|raised| raised.change(AlertChange::Cleared, rule, report)),
            );
            return;
        };
        let began = *since.get_or_insert(report.now);
        if self.unknown.contains_key(&at) || report.now.since(began) < UNKNOWN_LIMIT {
            return;
        }
        let raised = self.raise(report, rule, &subject, None, began, false);
        changes.push(raised.change(AlertChange::Unknown, rule, report));
        self.unknown.insert(at, raised);
    }

    fn apply(
        &mut self,
        report: &Report,
        rule: &AlertConfig,
        key: &Key,
        step: Step,
        earlier: Option<&EarlierAlert>,
    ) -> Option<Change> {
        match step {
            Step::Raise { value, since } => {
                let mut raised = self.raise(report, rule, &key.1, value, since, earlier.is_some());
                let has_cooled = |at: Timestamp| report.taken_at.since(at) >= rule.cooldown;
                let sent = earlier.filter(|earlier| earlier.sent && !has_cooled(earlier.raised_at));
                raised.sent_at = sent.map(|earlier| earlier.raised_at);
                let told = raised.change(AlertChange::Raised, rule, report);
                self.on.insert(key.clone(), raised);
                Some(told)
            }
            Step::Update { value } => {
                if let Some(raised) = self.on.get_mut(key) {
                    raised.alert.value = value.map(shown);
                }
                None
            }
            Step::Clear { value } => {
                let mut raised = self.on.remove(key)?;
                // What is gone has no value: the last one would read as the one that ended it.
                raised.alert.value = value.map(shown);
                Some(raised.change(AlertChange::Cleared, rule, report))
            }
        }
    }

    fn raise(
        &mut self,
        report: &Report,
        rule: &AlertConfig,
        subject: &Subject,
        value: Option<Decimal>,
        since: Timestamp,
        resumed: bool,
    ) -> Raised {
        self.raised += 1;
        let alert = Alert {
            name: Text::new(&rule.name),
            metric: rule.metric,
            subject: Text::new(&subject.to_string()),
            severity: rule.severity,
            value: value.map(shown),
            limit: limit_of(rule),
            since: report.exchange_time(since),
            raised_at: report.taken_at,
            acknowledged: false,
            delivery: Vec::new(),
        };
        Raised { id: self.raised, alert, resumed, sent_at: None }
    }

    fn ended_before(
        &mut self,
        report: &Report,
        rule: &AlertConfig,
        subject: &Subject,
        earlier: &EarlierAlert,
    ) -> Change {
        let since = local(report, earlier.since);
        let raised = self.raise(report, rule, subject, None, since, true);
        raised.change(AlertChange::Cleared, rule, report)
    }
}

/// Returns a time of the exchange's clock by the local one.
fn local(report: &Report, exchange: Timestamp) -> Timestamp {
    let offset = report.clock_offset_ms.map_or(0, |(offset, _)| offset);
    exchange.plus_millis(offset.saturating_neg())
}

const fn limit_of(rule: &AlertConfig) -> Option<Decimal> {
    match rule.limit {
        Some(AlertLimit::Above(limit) | AlertLimit::Below(limit)) => Some(limit),
        None => None,
    }
}

/// Prices have up to eight decimals, percentages do not need more.
fn shown(value: Decimal) -> Decimal {
    value.round_dp(8).normalize()
}
