//! [`Counters`]: what grows from report to report.

use std::collections::BTreeMap;

use crate::domain::{Metric, Text, Timestamp};
use crate::report::{Alert, DeliveryState, Report};

/// Counts since the start of the process.
#[derive(Debug, Clone, Default)]
pub struct Counters {
    raised: BTreeMap<Metric, u64>,
    /// Alerts that are on: metric, subject and when they were raised.
    on: Vec<Raised>,
    not_delivered: BTreeMap<Text, u64>,
    /// Ways that gave up an alert that is on.
    given_up: Vec<(Raised, Text)>,
}

type Raised = (Metric, Text, Timestamp);

impl Counters {
    /// Takes in a report.
    pub fn follow(&mut self, report: &Report) {
        let key = |alert: &Alert| (alert.metric, alert.subject.clone(), alert.raised_at);
        // One that says that its figure is not known tells of no condition that holds.
        let judged = report.alerts.iter().filter(|alert| !alert.is_unjudged());
        let on: Vec<Raised> = judged.map(key).collect();
        for alert in on.iter().filter(|alert| !self.on.contains(alert)) {
            *self.raised.entry(alert.0).or_default() += 1;
        }
        self.on = on;
        let given_up = report.alerts.iter().flat_map(|alert| {
            let failed = alert.delivery.iter().filter(|way| way.state == DeliveryState::Failed);
            failed.map(move |way| (key(alert), way.way.clone()))
        });
        let given_up: Vec<_> = given_up.collect();
        for failed in given_up.iter().filter(|failed| !self.given_up.contains(failed)) {
            *self.not_delivered.entry(failed.1.clone()).or_default() += 1;
        }
        self.given_up = given_up;
    }

    /// Returns how many alerts were raised, by metric.
    pub const fn raised(&self) -> &BTreeMap<Metric, u64> {
        &self.raised
    }

    /// Returns how many alerts could not be delivered, by way.
    pub const fn not_delivered(&self) -> &BTreeMap<Text, u64> {
        &self.not_delivered
    }
}
