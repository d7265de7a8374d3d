//! The offset of the exchange's clock: the best of the measurements.
//!
//! A measurement is as exact as its round trip was short. One over a slow link does not replace a finer
//! one that it agrees with; one that contradicts it does, because a clock was set. A fine one becomes
//! coarser slowly, because clocks drift.

use std::time::Duration;

use crate::domain::Timestamp;

/// An error up to this needs no better measurement soon.
const FINE_MS: i64 = 250;
/// Two measurements for the sake of a smaller error are at least this far apart.
const REMEASURE_GAP: Duration = Duration::from_secs(3);
/// Clocks drift apart by at most one part in this many.
const DRIFT: i64 = 10_000;

/// A measured offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Measured {
    /// The exchange's clock minus ours, in milliseconds.
    pub(super) offset_ms: i64,
    /// How far off that may be, in milliseconds.
    pub(super) error_ms: i64,
    pub(super) at: Timestamp,
}

impl Measured {
    /// Returns how far off the offset may be by `now`.
    pub(super) fn error_at(self, now: Timestamp) -> i64 {
        let drifted = i64::try_from(now.since(self.at).as_millis()).unwrap_or(i64::MAX) / DRIFT;
        self.error_ms.saturating_add(drifted)
    }

    /// Returns the better one of this and `new`.
    #[must_use]
    pub(super) fn with(self, new: Self) -> Self {
        let error = self.error_at(new.at);
        let apart = self.offset_ms.saturating_sub(new.offset_ms).saturating_abs();
        if new.error_ms > error && apart <= new.error_ms.saturating_add(error) { self } else { new }
    }

    /// Returns whether measuring again is worth it at `now`, when a request has just taken
    /// `round_trip_ms`: the error matters, and such a trip would make it clearly smaller.
    pub(super) fn is_coarse(self, now: Timestamp, round_trip_ms: i64) -> bool {
        let error = self.error_at(now);
        error > FINE_MS && round_trip_ms / 2 <= error / 4 * 3 && now.since(self.at) >= REMEASURE_GAP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(offset_ms: i64, error_ms: i64, at_s: i64) -> Measured {
        Measured { offset_ms, error_ms, at: Timestamp::from_millis(at_s * 1_000) }
    }

    #[test]
    fn a_coarser_measurement_that_agrees_replaces_no_finer_one() {
        let fine = measured(10, 20, 0);
        assert_eq!(fine.with(measured(-2_000, 3_000, 60)), fine);
        let finer = measured(15, 5, 60);
        assert_eq!(fine.with(finer), finer);
    }

    #[test]
    fn one_that_contradicts_it_replaces_it_however_coarse() {
        let set = measured(5_000, 3_000, 60);
        assert_eq!(measured(10, 20, 0).with(set), set);
    }

    #[test]
    fn a_fine_one_becomes_coarser() {
        let (fine, later) = (measured(10, 20, 0), measured(40, 100, 900));
        assert_eq!(fine.error_at(later.at), 110);
        assert_eq!(fine.with(later), later);
    }

    #[test]
    fn measuring_again_waits_for_a_link_that_is_fast_enough() {
        let coarse = measured(0, 3_000, 0);
        let at = |s: i64| Timestamp::from_millis(s * 1_000);
        assert!(!coarse.is_coarse(at(2), 100), "not yet");
        assert!(coarse.is_coarse(at(3), 100));
        assert!(!coarse.is_coarse(at(3), 6_000), "it would be no better");
        assert!(!measured(0, 240, 0).is_coarse(at(60), 0), "fine as it is");
        assert!(!measured(0, 300, 0).is_coarse(at(60), 600), "a link is as slow as it is");
    }
}
