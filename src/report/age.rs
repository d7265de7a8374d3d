//! How old a datum may get, and how ages combine: a derived figure is as old as its oldest input.

use std::time::Duration;

use super::Freshness;
use crate::config::RefreshConfig;
use crate::domain::Timestamp;

/// Bills and closed positions are read about once a minute; they are no live figures.
const HISTORY_LIMIT: Duration = Duration::from_secs(180);
/// The ranks in the queue for automatic deleveraging are read every 30 s.
const ADL_LIMIT: Duration = Duration::from_secs(75);

/// The age from which on each kind of data is stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub(super) price: Duration,
    pub(super) positions: Duration,
    pub(super) orders: Duration,
    pub(super) account: Duration,
    pub(super) history: Duration,
    pub(super) adl: Duration,
}

impl Limits {
    /// Returns the limits of a configuration: `max(ttl, 2.5 × cadence)` each.
    pub fn new(refresh: &RefreshConfig) -> Self {
        let limit = |cadence: Duration| refresh.ttl.max(cadence.saturating_mul(5) / 2);
        Self {
            price: limit(refresh.price),
            positions: limit(refresh.positions),
            orders: limit(refresh.orders),
            account: limit(refresh.account),
            history: HISTORY_LIMIT,
            adl: ADL_LIMIT,
        }
    }
}

/// The age of a datum and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Age {
    pub(super) freshness: Freshness,
    pub(super) ms: Option<i64>,
}

impl Age {
    pub(super) const MISSING: Self = Self { freshness: Freshness::Missing, ms: None };

    /// Returns the age at `now` of something last known to be true at `as_of`.
    pub(super) fn new(as_of: Option<Timestamp>, now: Timestamp, limit: Duration) -> Self {
        let Some(as_of) = as_of else { return Self::MISSING };
        let age = now.since(as_of);
        let freshness = if age <= limit { Freshness::Live } else { Freshness::Stale };
        Self { freshness, ms: i64::try_from(age.as_millis()).ok() }
    }

    /// Returns the age of a figure that rests on both.
    pub(super) fn with(self, other: Self) -> Self {
        Self {
            freshness: self.freshness.max(other.freshness),
            ms: self.ms.zip(other.ms).map(|(a, b)| a.max(b)),
        }
    }

    pub(super) fn is_live(self) -> bool {
        self.freshness == Freshness::Live
    }
}
