//! [`Notifier`]: the monitor, and the ways by which its alerts leave.

use std::collections::BTreeMap;

use tokio::sync::mpsc;

use super::change::{AlertId, Change};
use super::delivery::{Message, Progress};
use super::message;
use super::monitor::Monitor;
use super::way_set::{Outbox, Sender};
use crate::config::WayConfig;
use crate::domain::{
    AlertChange, AlertNotice, Body, MemoryState, ProblemCode, ProblemReport, Text, Timestamp,
};
use crate::report::{Delivery, DeliveryState, Report};

/// Fills in the alerts of every report and passes them to the ways. It never waits: what a way does not take at
/// once is a failed delivery.
#[derive(Debug)]
pub struct Notifier {
    monitor: Monitor,
    /// `None` where nobody is told: a single reading.
    outbox: Option<Outbox>,
    deliveries: BTreeMap<AlertId, Vec<Delivery>>,
    /// The ways whose last message was not sent.
    failing: Vec<Text>,
    /// Local time of the last heartbeat of each way.
    beat_at: BTreeMap<Text, Timestamp>,
}

/// What one report brought.
#[derive(Debug, Default)]
pub struct Followed {
    /// What happened to alerts, in its order.
    pub changes: Vec<Change>,
    /// The same for the store: events, and problems of the ways.
    pub bodies: Vec<Body>,
}

impl Notifier {
    /// Returns a notifier that tells nobody.
    pub const fn new(monitor: Monitor) -> Self {
        Self {
            monitor,
            outbox: None,
            deliveries: BTreeMap::new(),
            failing: Vec::new(),
            beat_at: BTreeMap::new(),
        }
    }

    /// Returns a notifier that sends by these ways.
    #[must_use]
    pub fn sending_by(mut self, outbox: Outbox) -> Self {
        self.outbox = Some(outbox);
        self
    }

    /// The user has seen the alerts that are on.
    pub fn acknowledge(&mut self) {
        self.monitor.acknowledge();
    }

    /// Follows a report: fills in its alerts, and sends what has changed.
    pub fn follow(&mut self, report: &mut Report) -> Followed {
        let mut followed = Followed::default();
        self.take_progress(report, &mut followed.bodies);
        followed.changes = self.monitor.follow(report);
        for change in &followed.changes {
            followed.bodies.push(Body::Alert(notice(change)));
            self.send(change, report, &mut followed.bodies);
        }
        self.send_heartbeats(report);
        let mut on = self.monitor.alerts();
        self.deliveries.retain(|id, _| on.iter().any(|(known, _)| known == id));
        for (id, alert) in &mut on {
            alert.delivery = self.deliveries.get(id).cloned().unwrap_or_default();
        }
        report.alerts = on.into_iter().map(|(_, alert)| alert).collect();
        followed
    }

    /// Takes what the ways have done since the last report.
    fn take_progress(&mut self, report: &Report, bodies: &mut Vec<Body>) {
        let Some(outbox) = &mut self.outbox else { return };
        let mut all = Vec::new();
        while let Ok(progress) = outbox.progress.try_recv() {
            all.push(progress);
        }
        for progress in all {
            self.record(progress, report, bodies);
        }
    }

    fn record(&mut self, progress: Progress, report: &Report, bodies: &mut Vec<Body>) {
        let Progress { id, way, state, at, error } = progress;
        let was_failing = self.failing.contains(&way);
        let problem = match (state, &error) {
            (DeliveryState::Failed, Some(error)) => {
                Some(Some(Text::new(&format!("alert not sent by {way}: {error}"))))
            }
            (DeliveryState::Sent, _) if was_failing => Some(None),
            _ => None,
        };
        if let Some(text) = problem {
            self.failing.retain(|failing| *failing != way);
            self.failing.extend(text.is_some().then(|| way.clone()));
            let (code, subject) = (ProblemCode::AlertNotSent, way.clone());
            bodies.push(Body::Problem(ProblemReport { code, subject, text }));
        }
        let Some(rows) = id.and_then(|id| self.deliveries.get_mut(&id)) else { return };
        if let Some(row) = rows.iter_mut().find(|row| row.way == way) {
            *row = Delivery { way, state, at: report.exchange_time(at), error };
        }
    }

    /// Passes a change to the ways of its rule.
    fn send(&mut self, change: &Change, report: &Report, bodies: &mut Vec<Body>) {
        let Some(outbox) = &self.outbox else { return };
        let message = message::of_change(change, report);
        let is_end = change.change == AlertChange::Cleared;
        let mut refused = Vec::new();
        let ways = change.send.iter().filter(|way| is_ours(way, report));
        for name in ways {
            if let Some(at) = change.sent_at.filter(|_| !is_end) {
                let (way, state) = (name.clone(), DeliveryState::Sent);
                let sent = Delivery { way, state, at, error: None };
                self.deliveries.entry(change.id).or_default().push(sent);
                continue;
            }
            let sender = outbox.sender(name);
            if is_end && !sender.is_some_and(|sender| sender.send_cleared) {
                continue;
            }
            let error = match sender {
                Some(sender) => pass(sender, message.clone()).err(),
                None => Some(Text::new("there is no such way here")),
            };
            // Without a terminal there is no bell: nothing is wrong.
            let is_absent = sender.is_none() && WayConfig::BUILT_IN.contains(&name.as_str());
            if !is_end {
                let first = Delivery {
                    way: name.clone(),
                    state: if is_absent { DeliveryState::Failed } else { DeliveryState::Pending },
                    at: report.taken_at,
                    error: is_absent.then(|| Text::new("there is no terminal")),
                };
                self.deliveries.entry(change.id).or_default().push(first);
            }
            if is_absent {
                continue;
            }
            refused.extend(error.map(|error| Progress {
                id: Some(change.id),
                way: name.clone(),
                state: DeliveryState::Failed,
                at: report.now,
                error: Some(error),
            }));
        }
        for progress in refused {
            self.record(progress, report, bodies);
        }
    }

    /// As reports stop, so do heartbeats.
    fn send_heartbeats(&mut self, report: &Report) {
        let Some(outbox) = self.outbox.as_ref().filter(|_| !is_told_elsewhere(report)) else {
            return;
        };
        for (sender, every) in &outbox.heartbeats {
            let last = self.beat_at.get(&sender.name);
            if last.is_none_or(|last| report.now.since(*last) >= *every) {
                self.beat_at.insert(sender.name.clone(), report.now);
                // One that still waits stands for this one.
                let _waiting = pass(sender, message::heartbeat(report));
            }
        }
    }
}

/// Returns whether another process watches the same account, and tells its user.
fn is_told_elsewhere(report: &Report) -> bool {
    matches!(report.memory.state, MemoryState::Reading { .. })
}

/// Returns whether a way is to be used. Where another process sends, this one is left with its own terminal, at
/// which somebody may sit.
fn is_ours(way: &Text, report: &Report) -> bool {
    !is_told_elsewhere(report) || WayConfig::BUILT_IN.contains(&way.as_str())
}

/// Passes a message to a way without waiting for it.
fn pass(sender: &Sender, message: Message) -> Result<(), Text> {
    sender.messages.try_send(message).map_err(|error| match error {
        mpsc::error::TrySendError::Full(_) => Text::new("too many messages wait"),
        mpsc::error::TrySendError::Closed(_) => Text::new("it has ended"),
    })
}

fn notice(change: &Change) -> AlertNotice {
    let alert = &change.alert;
    AlertNotice {
        change: change.change,
        severity: alert.severity,
        metric: alert.metric,
        subject: alert.subject.clone(),
        value: alert.value,
        limit: alert.limit,
    }
}
