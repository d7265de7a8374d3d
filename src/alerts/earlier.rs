//! [`Earlier`]: the alerts of an earlier run that are still to be judged.

use std::sync::Arc;
use std::time::Duration;

use super::subject::Subject;
use crate::config::AlertConfig;
use crate::domain::{EarlierAlert, MemoryState, Timestamp};
use crate::report::Report;

/// So long the memory is waited for at the start: what it knows as sent is not to be sent again. Whose account it
/// is, and so which rows are meant, is known with the first answers.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the memory says of alerts that were on when an earlier run of the program ended.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    /// Those that are still to be judged.
    alerts: Vec<EarlierAlert>,
    /// The list that they are from.
    told: Arc<Vec<EarlierAlert>>,
    /// Time of the first report, local.
    began: Option<Timestamp>,
}

impl Earlier {
    /// Takes in what the memory says. `adopt` is asked for each alert that is new here; those that it takes
    /// are on already.
    pub(super) fn follow(&mut self, report: &Report, mut adopt: impl FnMut(&EarlierAlert) -> bool) {
        self.began.get_or_insert(report.now);
        let earlier = &report.memory.earlier;
        if !Arc::ptr_eq(earlier, &self.told) {
            self.told = Arc::clone(earlier);
            self.alerts.extend(earlier.iter().filter(|alert| !adopt(alert)).cloned());
        }
    }

    /// Returns whether the memory may still tell of an earlier run.
    pub(super) fn is_awaited(&self, report: &Report) -> bool {
        let is_early = self.began.is_some_and(|began| report.now.since(began) < PATIENCE);
        is_early && report.memory.state == MemoryState::Waiting
    }

    /// Takes the alert of a rule for a subject out of those that are still to be judged.
    pub(super) fn take(&mut self, rule: &AlertConfig, subject: &Subject) -> Option<EarlierAlert> {
        let place = self.alerts.iter().position(|alert| is_of(alert, rule, subject))?;
        Some(self.alerts.swap_remove(place))
    }
}

/// Returns whether an alert of an earlier run is that of a rule, for a subject.
pub(super) fn is_of(earlier: &EarlierAlert, rule: &AlertConfig, subject: &Subject) -> bool {
    earlier.metric == rule.metric
        && earlier.name.as_str() == rule.name
        && earlier.subject.as_str() == subject.to_string()
}
