//! [`Counters`]: what grows from report to report.

use std::collections::BTreeMap;

use crate::domain::{Text, Timestamp};
use crate::report::Report;

/// Counts since the start of the process.
#[derive(Debug, Clone, Default)]
pub struct Counters {
    raised: BTreeMap<Text, u64>,
    /// Alerts that are on: metric, subject and since when.
    on: Vec<(Text, Text, Timestamp)>,
}

impl Counters {
    /// Takes in a report.
    pub fn follow(&mut self, report: &Report) {
        let on = report.alerts.iter();
        let on: Vec<_> =
            on.map(|alert| (alert.metric.clone(), alert.subject.clone(), alert.since)).collect();
        for alert in on.iter().filter(|alert| !self.on.contains(alert)) {
            *self.raised.entry(alert.0.clone()).or_default() += 1;
        }
        self.on = on;
    }

    /// Returns how many alerts were raised, by metric.
    pub const fn raised(&self) -> &BTreeMap<Text, u64> {
        &self.raised
    }
}
