//! The pauses between attempts: doubling up to the cool-down, with jitter, and reset by a healthy minute.

use std::time::Duration;

use crate::config::ReconnectConfig;

/// A link that has been live for this long counts as healthy: the attempts before it are forgotten.
const HEALTHY: Duration = Duration::from_secs(60);
/// Jitter is one part in this many, in both directions: it keeps many clients from reconnecting at once.
const JITTER_PART: u32 = 5;
/// The shortest pause after an attempt that took long.
const SHORTEST: Duration = Duration::from_millis(800);

/// Counts attempts and says how long to wait before the next one.
#[derive(Debug)]
pub struct Backoff {
    config: ReconnectConfig,
    random: fastrand::Rng,
    waits: u32,
    failed: u32,
}

impl Backoff {
    /// Returns a backoff without failed attempts.
    pub fn new(config: ReconnectConfig, seed: u64) -> Self {
        Self { config, random: fastrand::Rng::with_seed(seed), waits: 0, failed: 0 }
    }

    /// Returns the failed attempts in a row. The connection that was lost is not one of them.
    pub const fn failed(&self) -> u32 {
        self.failed
    }

    /// Returns whether the attempts are used up: the link is down.
    pub const fn is_down(&self) -> bool {
        self.failed >= self.config.max_attempts
    }

    /// Records a connection that ended after having been live for `live_for`, or an attempt that never
    /// became live (`None`), and returns the pause before the next attempt.
    ///
    /// Only attempts that never became live count as failed. A lost connection keeps the count as it was;
    /// one that was live for a minute resets it. The pauses grow in both cases, so a link that is lost
    /// again and again is not retried in a tight loop.
    ///
    /// Pauses double from the first delay and are never longer than the cool-down, jitter included: with
    /// the default configuration 1, 2, 4, 8 and 15 s, then 15 s for ever. Jitter is ±20 %, but never
    /// beyond the cool-down, so the pauses of 15 s are 12 to 15 s. The time that a failed attempt `took`
    /// counts as pause, except for the last 800 ms: attempts keep their pace from start to start.
    pub fn pause(&mut self, live_for: Option<Duration>, took: Duration) -> Duration {
        match live_for {
            Some(span) if span >= HEALTHY => self.reset(),
            Some(_) => {}
            None => self.failed = self.failed.saturating_add(1),
        }
        let delay = if self.is_down() {
            self.config.cool_down
        } else {
            self.config.first_delay.saturating_mul(1 << self.waits.min(31))
        };
        self.waits = self.waits.saturating_add(1);
        let pause = self.jittered(delay);
        if live_for.is_some() {
            return pause;
        }
        pause.saturating_sub(took).max(pause.min(SHORTEST))
    }

    /// Returns `delay` with jitter, at most the cool-down. The jitter narrows towards that limit instead
    /// of being cut off at it, which would let clients meet there.
    fn jittered(&mut self, delay: Duration) -> Duration {
        let delay = delay.min(self.config.cool_down);
        let jitter = delay / JITTER_PART;
        let shortest = delay.saturating_sub(jitter);
        let longest = delay.saturating_add(jitter).min(self.config.cool_down);
        let range = longest.saturating_sub(shortest);
        // Never above `longest`, whatever the rounding of the float.
        shortest.saturating_add(range.mul_f64(self.random.f64())).min(longest)
    }

    /// Starts over: the link has proven healthy, or the user asked for a retry.
    pub const fn reset(&mut self) {
        self.waits = 0;
        self.failed = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn backoff(seed: u64) -> Backoff {
        let config = ReconnectConfig {
            first_delay: Duration::from_secs(1),
            max_attempts: 5,
            cool_down: Duration::from_secs(15),
        };
        Backoff::new(config, seed)
    }

    fn near(pause: Duration, seconds: u64) -> bool {
        let exact = Duration::from_secs(seconds);
        pause >= exact.mul_f64(0.8) && pause <= exact.mul_f64(1.2).min(Duration::from_secs(15))
    }

    #[test]
    fn doubles_five_times_after_a_loss_then_cools_down_for_ever() {
        for seed in 0..200 {
            let mut backoff = backoff(seed);
            let healthy = Some(Duration::from_secs(3_600));
            assert!(near(backoff.pause(healthy, Duration::ZERO), 1) && backoff.failed() == 0);
            for (failed, seconds) in [(1, 2), (2, 4), (3, 8), (4, 15)] {
                assert!(near(backoff.pause(None, Duration::ZERO), seconds));
                assert_eq!((backoff.failed(), backoff.is_down()), (failed, false));
            }
            for _ in 0..10 {
                assert!(near(backoff.pause(None, Duration::ZERO), 15) && backoff.is_down());
            }
        }
    }

    #[test]
    fn the_lost_connection_is_not_an_attempt_however_short_its_life() {
        for live_ms in [0, 1, 1_000, 59_999, 60_000, 3_600_000] {
            let mut backoff = backoff(live_ms);
            let lost = backoff.pause(Some(Duration::from_millis(live_ms)), Duration::ZERO);
            assert_eq!((backoff.failed(), backoff.is_down()), (0, false), "{live_ms} ms");
            assert!(near(lost, 1), "{live_ms} ms: {lost:?}");
            for (failed, seconds) in [(1, 2), (2, 4), (3, 8), (4, 15)] {
                assert!(near(backoff.pause(None, Duration::ZERO), seconds));
                assert_eq!((backoff.failed(), backoff.is_down()), (failed, false), "{live_ms} ms");
            }
            backoff.pause(None, Duration::ZERO);
            assert!(backoff.is_down(), "the fifth attempt is the last one, {live_ms} ms");
        }
    }

    #[test]
    fn a_short_life_keeps_the_count_and_a_healthy_minute_resets_it() {
        let mut backoff = backoff(7);
        for _ in 0..3 {
            backoff.pause(None, Duration::ZERO);
        }
        backoff.pause(Some(Duration::from_secs(59)), Duration::ZERO);
        assert_eq!(backoff.failed(), 3);
        assert!(near(backoff.pause(Some(Duration::from_secs(60)), Duration::ZERO), 1));
        assert_eq!(backoff.failed(), 0);
    }

    #[test]
    fn a_link_that_is_lost_again_and_again_is_retried_ever_more_slowly() {
        let mut backoff = backoff(9);
        for seconds in [1, 2, 4, 8, 15, 15, 15] {
            assert!(near(backoff.pause(Some(Duration::from_secs(2)), Duration::ZERO), seconds));
            assert!(!backoff.is_down(), "every attempt succeeds");
        }
    }

    #[test]
    fn the_time_of_an_attempt_counts_as_pause() {
        for seed in 0..50 {
            let mut backoff = backoff(seed);
            let hung = Duration::from_secs(10);
            assert_eq!(backoff.pause(None, hung), SHORTEST);
            for _ in 0..3 {
                backoff.pause(None, hung);
            }
            let cool_down = backoff.pause(None, hung) + hung;
            assert!(near(cool_down, 15), "{cool_down:?}");
        }
    }

    #[test]
    fn jitter_differs_between_seeds() {
        let pauses: std::collections::BTreeSet<_> =
            (0..50).map(|seed| backoff(seed).pause(None, Duration::ZERO)).collect();
        assert!(pauses.len() > 40);
    }

    #[test]
    fn many_attempts_do_not_let_a_pause_grow_beyond_the_cool_down() {
        let config = ReconnectConfig {
            first_delay: Duration::from_secs(1),
            max_attempts: 20,
            cool_down: Duration::from_secs(15),
        };
        let mut backoff = Backoff::new(config, 3);
        let pauses: Vec<_> = (0..30).map(|_| backoff.pause(None, Duration::ZERO)).collect();
        assert!(pauses.iter().all(|pause| *pause <= config.cool_down), "{pauses:?}");
    }

    /// Sensible durations, and all that the type can hold.
    fn any_duration() -> impl Strategy<Value = Duration> {
        let any = (any::<u64>(), 0..1_000_000_000_u32).prop_map(|(s, ns)| Duration::new(s, ns));
        let usual = (0..700_000_u64).prop_map(Duration::from_millis);
        prop_oneof![3 => usual, 1 => any, 1 => Just(Duration::MAX), 1 => Just(Duration::ZERO)]
    }

    proptest! {
        /// With any configuration, after any history.
        #[test]
        fn no_pause_is_longer_than_the_cool_down(
            (first_delay, max_attempts, cool_down) in (any_duration(), 0..200_u32, any_duration()),
            ends in proptest::collection::vec(
                (proptest::option::of(any_duration()), any_duration()),
                1..60,
            ),
            seed in any::<u64>(),
        ) {
            let mut backoff =
                Backoff::new(ReconnectConfig { first_delay, max_attempts, cool_down }, seed);
            for (live_for, took) in ends {
                let pause = backoff.pause(live_for, took);
                prop_assert!(pause <= cool_down, "{pause:?}");
            }
        }
    }
}
