//! What the user wants to be told of, and how.

use std::time::Duration;

use rust_decimal::Decimal;

use crate::domain::{Metric, Severity, Side, Symbol};

/// The limit of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertLimit {
    /// Raised above it.
    Above(Decimal),
    /// Raised below it.
    Below(Decimal),
}

/// One rule: what raises an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertConfig {
    /// The user's name for it; the metric's where he gave none.
    pub name: String,
    /// What is watched.
    pub metric: Metric,
    /// In the metric's unit; `None` where the metric is no figure.
    pub limit: Option<AlertLimit>,
    /// The contract; `None` for every one.
    pub symbol: Option<Symbol>,
    /// The side of the position; `None` for both.
    pub side: Option<Side>,
    /// For how long the condition must hold.
    pub lasting: Duration,
    /// How far the figure must come back from the limit to end the alert, in the metric's unit.
    pub hysteresis: Decimal,
    /// The least time between two alerts of the rule for one subject.
    pub cooldown: Duration,
    /// How serious it is.
    pub severity: Severity,
    /// The names of the ways by which the user wants to hear of it.
    pub send: Vec<String>,
}

impl AlertConfig {
    /// The cooldown where the file names none.
    pub const COOLDOWN: Duration = Duration::from_secs(600);

    /// Returns a rule for a metric, with everything else as it is where the file does not say.
    pub fn new(metric: Metric) -> Self {
        Self {
            name: metric.name().to_owned(),
            metric,
            limit: None,
            symbol: None,
            side: None,
            lasting: Duration::ZERO,
            hysteresis: Decimal::ZERO,
            cooldown: Self::COOLDOWN,
            severity: Severity::Danger,
            send: vec!["bell".to_owned(), "terminal".to_owned()],
        }
    }

    /// Returns the rules that hold where the file has none.
    pub fn defaults() -> Vec<Self> {
        vec![
            Self {
                limit: Some(AlertLimit::Below(Decimal::TEN)),
                hysteresis: Decimal::ONE,
                ..Self::new(Metric::LiquidationDistance)
            },
            Self {
                limit: Some(AlertLimit::Above(Decimal::from_parts(60, 0, 0, false, 0))),
                hysteresis: Decimal::from_parts(5, 0, 0, false, 0),
                ..Self::new(Metric::MarginRatio)
            },
            Self::new(Metric::LinkDown),
        ]
    }
}
