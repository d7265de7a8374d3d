//! [`Change`]: what happens to an alert, as the ways and the memory are told.

use crate::config::{AlertConfig, AlertLimit};
use crate::domain::{AlertChange, Metric, Text, Timestamp};
use crate::report::{Alert, Report};

/// Tells one raised alert from every other of this run of the program.
pub type AlertId = u64;

/// A change of one alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub change: AlertChange,
    /// Which alert.
    pub id: AlertId,
    /// When, by the exchange's clock.
    pub at: Timestamp,
    /// The alert after it; one that has ended with the value that ended it.
    pub alert: Alert,
    /// Whether it was on when an earlier run of the program ended.
    pub resumed: bool,
    /// The names of the ways by which the user wants to hear of it.
    pub send: Vec<Text>,
    /// The limit of its rule.
    pub limit: Option<AlertLimit>,
}

/// An alert that was on when an earlier run of the program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierAlert {
    /// The user's name for it.
    pub name: Text,
    /// What is watched.
    pub metric: Metric,
    /// Whose, as [`Alert::subject`] has it.
    pub subject: Text,
    /// Since when its condition held, by the exchange's clock.
    pub since: Timestamp,
}

/// An alert that is on.
#[derive(Debug, Clone)]
pub(super) struct Raised {
    pub(super) id: AlertId,
    pub(super) alert: Alert,
    pub(super) resumed: bool,
}

impl Raised {
    /// Returns what has happened to it, for its rule.
    pub(super) fn change(&self, kind: AlertChange, rule: &AlertConfig, report: &Report) -> Change {
        let Self { id, alert, resumed } = self.clone();
        let send = rule.send.iter().map(|way| Text::new(way)).collect();
        Change { change: kind, id, at: report.taken_at, alert, resumed, send, limit: rule.limit }
    }
}
