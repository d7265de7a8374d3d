//! [`Alert`]: one alert that is on, and what became of telling the user.

use rust_decimal::Decimal;

use crate::config::WayConfig;
use crate::domain::{Metric, Severity, Text, Timestamp};

/// One alert that is on. Times are by the exchange's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The user's name for it.
    pub name: Text,
    /// What is watched.
    pub metric: Metric,
    /// Whose: `BTCUSDT_UMCBL long`, a link's name, or `account`.
    pub subject: Text,
    /// How serious it is.
    pub severity: Severity,
    /// Its value, in the metric's unit: the newest that was live. `None` where the metric has none, and
    /// where the alert says that it has not been known for too long.
    pub value: Option<Decimal>,
    /// The limit that it crossed, in the same unit; `None` where the metric has none.
    pub limit: Option<Decimal>,
    /// Since when the condition holds, as far as that is known: earlier than the program's start where it
    /// was raised before.
    pub since: Timestamp,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// Whether the user has seen it.
    pub acknowledged: bool,
    /// What became of telling the user, by way.
    pub delivery: Vec<Delivery>,
}

impl Alert {
    /// Returns whether it says only that its figure has not been known for too long: nothing was found to hold.
    pub const fn is_unjudged(&self) -> bool {
        self.metric.is_figure() && self.value.is_none()
    }

    /// Returns whether every way has taken it, at least one; where there is no terminal, those of the terminal
    /// do not count.
    pub fn was_sent(&self) -> bool {
        let is_absent = |row: &&Delivery| {
            row.state == DeliveryState::Failed && WayConfig::BUILT_IN.contains(&row.way.as_str())
        };
        let mut ways = self.delivery.iter().filter(|row| !is_absent(row)).peekable();
        ways.peek().is_some() && ways.all(|row| row.state == DeliveryState::Sent)
    }
}

/// What became of an alert on one way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The name of the way.
    pub way: Text,
    /// How far it got.
    pub state: DeliveryState,
    /// When it got there, by the exchange's clock.
    pub at: Timestamp,
    /// Why the last attempt failed; `None` where none did.
    pub error: Option<Text>,
}

/// How far a delivery got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// Taken by the other side.
    Sent,
    /// Given up.
    Failed,
    /// Waits, or is being tried.
    Pending,
}

impl std::fmt::Display for DeliveryState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Pending => "pending",
        })
    }
}
