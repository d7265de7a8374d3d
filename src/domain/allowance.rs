//! [`Allowance`]: how much of something may be spent, in the mean.

use std::time::Duration;

use super::Timestamp;

/// An amount that refills with time, up to a burst: what is spent is never more than the burst and the rate
/// times the time. Refilled and spent in thousandths, so that no part of a unit is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Units a second, which is thousandths a millisecond.
    rate: i64,
    /// Thousandths at the most.
    burst: i64,
    /// Thousandths that may be owed.
    most_owed: i64,
    /// Thousandths that were there at `at`; below zero after more was spent than was there.
    left: i64,
    at: Option<Timestamp>,
}

impl Allowance {
    /// Returns a full allowance that refills by `rate` units a second, at least by one, up to `burst` units.
    pub fn new(rate: u32, burst: u32) -> Self {
        let burst = i64::from(burst).saturating_mul(1_000);
        let rate = i64::from(rate.max(1));
        Self { rate, burst, most_owed: rate.saturating_mul(1_000), left: burst, at: None }
    }

    /// Returns the allowance with a debt of up to so many seconds of its rate, instead of one.
    #[must_use]
    pub fn owing(self, seconds: u32) -> Self {
        Self { most_owed: self.rate.saturating_mul(1_000).saturating_mul(seconds.into()), ..self }
    }

    /// Spends `amount` units, there or not. What would be owed beyond the most is never paid back.
    pub fn spend(&mut self, amount: u64, now: Timestamp) {
        let amount = i64::try_from(amount).unwrap_or(i64::MAX).saturating_mul(1_000);
        self.left = self.left_at(now).saturating_sub(amount).max(-self.most_owed);
        self.at = Some(now);
    }

    /// Returns how long it takes until `amount` units are there, or as many as there can be; zero when they
    /// are.
    pub fn wait(&self, amount: u32, now: Timestamp) -> Duration {
        let wanted = i64::from(amount).saturating_mul(1_000).min(self.burst);
        let missing = wanted.saturating_sub(self.left_at(now)).max(0).unsigned_abs();
        Duration::from_millis(missing.div_ceil(self.rate.unsigned_abs().max(1)))
    }

    /// Returns how long it takes until `amount` units may be owed.
    pub fn wait_owing(&self, amount: u32, now: Timestamp) -> Duration {
        let lowest = i64::from(amount).saturating_mul(1_000).saturating_sub(self.most_owed);
        let missing = lowest.min(0).saturating_sub(self.left_at(now)).max(0).unsigned_abs();
        Duration::from_millis(missing.div_ceil(self.rate.unsigned_abs().max(1)))
    }

    /// A clock that went back refills nothing until it is where it was.
    fn left_at(&self, now: Timestamp) -> i64 {
        let Some(at) = self.at else { return self.left };
        let span = i64::try_from(now.since(at).as_millis()).unwrap_or(i64::MAX);
        self.left.saturating_add(span.saturating_mul(self.rate)).min(self.burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    #[test]
    fn a_burst_goes_at_once_and_then_the_rate_rules() {
        let mut frames = Allowance::new(4, 3);
        let mut now = at(0);
        let mut waits = Vec::new();
        for _ in 0..6 {
            let wait = frames.wait(1, now);
            waits.push(wait.as_millis());
            now = now.after(wait);
            frames.spend(1, now);
        }
        assert_eq!(waits, [0, 0, 0, 250, 250, 250]);
        assert_eq!(frames.wait(3, now.plus_millis(750)), Duration::ZERO);
        assert_eq!(
            frames.wait(9, now.plus_millis(60_000)),
            Duration::ZERO,
            "never more than a burst"
        );
    }

    #[test]
    fn what_is_owed_is_paid_back_within_a_second() {
        let mut bytes = Allowance::new(1_000, 2_000);
        bytes.spend(1_000_000, at(0));
        assert_eq!(bytes.wait(0, at(0)), Duration::from_secs(1));
        assert_eq!(bytes.wait(1, at(0)), Duration::from_millis(1_001));
        assert_eq!(bytes.wait(0, at(1_000)), Duration::ZERO);
        let owing = |amount, ms| bytes.wait_owing(amount, at(ms)).as_millis();
        assert_eq!([owing(0, 0), owing(90, 0), owing(90, 80), owing(90, 90)], [0, 90, 10, 0]);
        assert_eq!([owing(5_000, 0), owing(5_000, 1_000)], [1_000, 0], "no longer than the debt");
    }

    #[test]
    fn a_debt_that_may_be_long_is_paid_back_whole() {
        let mut bytes = Allowance::new(1_000, 2_000).owing(8);
        bytes.spend(6_500, at(0));
        assert_eq!(bytes.wait(0, at(0)), Duration::from_millis(4_500));
        assert_eq!(bytes.wait_owing(3_500, at(0)), Duration::ZERO);
        assert_eq!(bytes.wait_owing(3_600, at(0)), Duration::from_millis(100));
    }

    #[test]
    fn a_clock_that_goes_back_neither_gives_nor_takes() {
        let mut frames = Allowance::new(4, 3);
        frames.spend(2, at(10_000));
        assert_eq!(frames.wait(2, at(5_000)), Duration::from_millis(250));
        frames.spend(1, at(5_000));
        assert_eq!(frames.wait(1, at(5_250)), Duration::ZERO, "it refills from there on");
    }
}
