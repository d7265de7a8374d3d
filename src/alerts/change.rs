//! [`Change`]: what happens to an alert, as the ways and the memory are told.

use crate::config::{AlertConfig, AlertLimit};
use crate::domain::{AlertChange, Text, Timestamp};
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
    /// The alert after it; one that has ended with the value that ended it, `None` where what it was of is gone.
    pub alert: Alert,
    /// Whether it was on when an earlier run of the program ended.
    pub resumed: bool,
    /// The names of the ways by which the user wants to hear of it.
    pub send: Vec<Text>,
    /// The limit of its rule.
    pub limit: Option<AlertLimit>,
    /// When an earlier run of the program sent it, within its cooldown: it is not sent again. `None` where it
    /// is to be sent.
    pub sent_at: Option<Timestamp>,
}

/// An alert that is on.
#[derive(Debug, Clone)]
pub(super) struct Raised {
    pub(super) id: AlertId,
    pub(super) alert: Alert,
    pub(super) resumed: bool,
    /// See [`Change::sent_at`].
    pub(super) sent_at: Option<Timestamp>,
}

impl Raised {
    /// Returns what has happened to it, for its rule.
    pub(super) fn change(&self, kind: AlertChange, rule: &AlertConfig, report: &Report) -> Change {
        let Self { id, alert, resumed, sent_at } = self.clone();
        let send = rule.send.iter().map(|way| Text::new(way)).collect();
        let (at, limit) = (report.taken_at, rule.limit);
        Change { change: kind, id, at, alert, resumed, send, limit, sent_at }
    }
}
