//! How old a datum may get, and how ages combine: a derived figure is as old as its oldest input, and
//! ends being live with the first of them.

use std::time::Duration;

use crate::config::RefreshConfig;
use crate::domain::Timestamp;

/// Ledger entries and closed positions are read about once a minute; they are no live figures.
const HISTORY_LIMIT: Duration = Duration::from_secs(180);
/// The ranks in the queue for automatic deleveraging are read every 30 s.
const ADL_LIMIT: Duration = Duration::from_secs(75);

/// The age from which on each kind of data is stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub(super) price: Duration,
    pub(super) positions: Duration,
    /// Of the list of a product in which nothing is held.
    pub(super) empty_positions: Duration,
    pub(super) orders: Duration,
    pub(super) other_orders: Duration,
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
            empty_positions: limit(RefreshConfig::EMPTY_POSITIONS),
            orders: limit(refresh.orders),
            other_orders: limit(RefreshConfig::OTHER_ORDERS),
            account: limit(refresh.account),
            history: HISTORY_LIMIT,
            adl: ADL_LIMIT,
        }
    }
}

/// When a figure was last known to be true, and until when that may be relied on, by the local clock.
///
/// Both are times and not spans, so that a report that is looked at later, because nothing made a newer
/// one, ages by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Age {
    /// `None` for what was never received.
    proof: Option<Proof>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Proof {
    as_of: Timestamp,
    until: Timestamp,
}

/// How far a figure can be trusted at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Freshness {
    /// Proven within its limit, `ms` milliseconds ago.
    Live {
        /// Its age.
        ms: i64,
    },
    /// Older than its limit: it may be wrong now.
    Stale {
        /// Its age.
        ms: i64,
    },
    /// Never received.
    Missing,
}

impl Age {
    /// The age of what was never received.
    pub const MISSING: Self = Self { proof: None };

    /// Returns the age of something last known to be true at `as_of` (local time), live for `limit`.
    pub fn new(as_of: Option<Timestamp>, limit: Duration) -> Self {
        let proof = as_of.map(|as_of| Proof { as_of, until: as_of.after(limit) });
        Self { proof }
    }

    /// Returns the age of something that was true until `end` and may not be so any more.
    pub fn ended(end: Timestamp) -> Self {
        Self { proof: Some(Proof { as_of: end, until: end.plus_millis(-1) }) }
    }

    /// Returns the age of a figure that rests on both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let proof = self
            .proof
            .zip(other.proof)
            .map(|(a, b)| Proof { as_of: a.as_of.min(b.as_of), until: a.until.min(b.until) });
        Self { proof }
    }

    /// Returns how far the figure can be trusted at `now` (local time).
    pub fn at(self, now: Timestamp) -> Freshness {
        let Some(Proof { as_of, until }) = self.proof else { return Freshness::Missing };
        let ms = i64::try_from(now.since(as_of).as_millis()).unwrap_or(i64::MAX);
        if now <= until { Freshness::Live { ms } } else { Freshness::Stale { ms } }
    }

    /// Returns whether the figure is live at `now` (local time).
    pub fn is_live(self, now: Timestamp) -> bool {
        self.at(now).is_live()
    }
}

impl Freshness {
    /// Returns whether the figure may be shown as true now.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Live { .. })
    }

    /// Returns the age in milliseconds; `None` for what was never received.
    pub const fn age_ms(self) -> Option<i64> {
        match self {
            Self::Live { ms } | Self::Stale { ms } => Some(ms),
            Self::Missing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    fn age(as_of: i64, limit: u64) -> Age {
        Age::new(Some(at(as_of)), Duration::from_millis(limit))
    }

    #[test]
    fn a_figure_is_as_old_as_its_oldest_input_and_ends_with_the_first() {
        let both = age(1_000, 25_000).with(age(4_000, 5_000));
        assert_eq!(both.at(at(9_000)), Freshness::Live { ms: 8_000 });
        assert_eq!(both.at(at(9_001)), Freshness::Stale { ms: 8_001 });
        assert_eq!(both.with(Age::MISSING).at(at(4_000)), Freshness::Missing);
    }

    #[test]
    fn what_has_ended_is_stale_from_that_moment_on() {
        let ended = age(0, 60_000).with(Age::ended(at(5_000)));
        assert_eq!(Age::ended(at(5_000)).at(at(5_000)), Freshness::Stale { ms: 0 });
        assert_eq!(ended.at(at(5_000)), Freshness::Stale { ms: 5_000 });
    }

    #[test]
    fn a_clock_that_goes_back_makes_nothing_younger_than_nothing() {
        assert_eq!(age(1_000, 10).at(at(500)), Freshness::Live { ms: 0 });
    }
}
