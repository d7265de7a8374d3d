//! When the next reading is due.

use std::time::Duration;

use crate::domain::Timestamp;

/// Ages and countdowns are in seconds.
const SECOND_MS: i64 = 1_000;

/// Decides when a reading is due: at once after a change, then at most once a gap, and with every second
/// of the clock.
#[derive(Debug)]
pub(super) struct Pacer {
    gap: Duration,
    changed: bool,
    read_at: Timestamp,
    /// A change is not read before. The first report, of nothing, holds no change up.
    not_before: Timestamp,
}

impl Pacer {
    /// Returns a pacer that knows of a reading at `read_at`.
    pub(super) const fn new(gap: Duration, read_at: Timestamp) -> Self {
        Self { gap, changed: false, read_at, not_before: read_at }
    }

    /// The state has changed.
    pub(super) const fn changed(&mut self) {
        self.changed = true;
    }

    /// A reading was made.
    pub(super) fn read(&mut self, now: Timestamp) {
        self.read_at = now;
        self.not_before = now.after(self.gap);
        self.changed = false;
    }

    /// Returns how long nothing needs to be done; zero when a reading is due.
    pub(super) fn wait(&self, now: Timestamp) -> Duration {
        if now < self.read_at {
            // The clock went back: nobody knows how old the last reading is.
            return Duration::ZERO;
        }
        let second = |at: Timestamp| at.as_millis().div_euclid(SECOND_MS);
        let tick = (second(self.read_at) + 1).saturating_mul(SECOND_MS);
        let due = Timestamp::from_millis(tick);
        let due = if self.changed { due.min(self.not_before) } else { due };
        due.since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    fn wait(pacer: &Pacer, now: i64) -> u128 {
        pacer.wait(at(now)).as_millis()
    }

    #[test]
    fn a_change_is_read_at_once_and_the_next_after_the_gap() {
        let mut pacer = Pacer::new(Duration::from_millis(250), at(10_100));
        assert_eq!(wait(&pacer, 10_600), 400, "the next second of the clock");
        pacer.changed();
        assert_eq!(wait(&pacer, 10_600), 0);
        pacer.read(at(10_600));
        pacer.changed();
        assert_eq!(wait(&pacer, 10_610), 240);
        assert_eq!(wait(&pacer, 10_850), 0);
    }

    #[test]
    fn every_second_has_its_reading() {
        let mut pacer = Pacer::new(Duration::from_secs(10), at(10_999));
        pacer.read(at(10_999));
        pacer.changed();
        assert_eq!(wait(&pacer, 10_999), 1, "however long the gap");
        pacer.read(at(11_000));
        assert_eq!(wait(&pacer, 11_000), 1_000);
        assert_eq!(wait(&pacer, 13_500), 0);
    }

    #[test]
    fn a_clock_that_goes_back_stops_nothing() {
        assert_eq!(wait(&Pacer::new(Duration::from_millis(250), at(10_000)), 5_000), 0);
    }
}
