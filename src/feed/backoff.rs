//! The pauses between attempts: doubling, with jitter, and anew after a healthy minute.

use std::time::Duration;

use crate::config::ReconnectConfig;

/// A link that has been healthy for this long is a new beginning.
const HEALTHY: Duration = Duration::from_secs(60);
/// Jitter of at most this share in both directions keeps many clients from coming back at once.
const JITTER: f64 = 0.2;

/// What is left of a pause at the least.
const LEAST: Duration = Duration::from_millis(800);

/// Counts attempts and says how long to wait before the next one.
#[derive(Debug)]
pub struct Backoff {
    config: ReconnectConfig,
    random: fastrand::Rng,
    waits: u32,
    failed: u32,
}

impl Backoff {
    /// Returns a fresh count.
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

    /// Takes note of a connection that ended after having been live for `healthy`, or of an attempt
    /// that never became live (`None`), and returns the pause before the next one.
    ///
    /// 1, 2, 4, 8, 16 s with the default configuration, then the cool-down for ever. An attempt that
    /// hung for a while has used up that much of the pause, but for the last second: from beginning to
    /// beginning the attempts keep their pace.
    pub fn pause(&mut self, healthy: Option<Duration>, took: Duration) -> Duration {
        if healthy.is_some_and(|span| span >= HEALTHY) {
            self.reset();
        } else {
            self.failed = self.failed.saturating_add(1);
        }
        let pause = if self.is_down() {
            self.config.cool_down
        } else {
            self.config.first_delay.saturating_mul(1 << self.waits.min(16))
        };
        self.waits = self.waits.saturating_add(1);
        let pause = pause.mul_f64(1.0 + JITTER * (2.0 * self.random.f64() - 1.0));
        if healthy.is_some() {
            return pause;
        }
        pause.saturating_sub(took).max(pause.min(LEAST))
    }

    /// Begins anew: the link has proven healthy, or a person asked for it.
    pub const fn reset(&mut self) {
        self.waits = 0;
        self.failed = 0;
    }
}

#[cfg(test)]
mod tests {
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
        pause >= exact.mul_f64(0.8) && pause <= exact.mul_f64(1.2)
    }

    #[test]
    fn doubles_five_times_after_a_loss_then_cools_down_for_ever() {
        for seed in 0..200 {
            let mut backoff = backoff(seed);
            let healthy = Some(Duration::from_secs(3_600));
            assert!(near(backoff.pause(healthy, Duration::ZERO), 1) && backoff.failed() == 0);
            for (failed, seconds) in [(1, 2), (2, 4), (3, 8), (4, 16)] {
                assert!(near(backoff.pause(None, Duration::ZERO), seconds));
                assert_eq!((backoff.failed(), backoff.is_down()), (failed, false));
            }
            for _ in 0..10 {
                assert!(near(backoff.pause(None, Duration::ZERO), 15) && backoff.is_down());
            }
        }
    }

    #[test]
    fn a_short_life_does_not_begin_anew_and_a_healthy_minute_does() {
        let mut backoff = backoff(7);
        for _ in 0..3 {
            backoff.pause(None, Duration::ZERO);
        }
        backoff.pause(Some(Duration::from_secs(59)), Duration::ZERO);
        assert_eq!(backoff.failed(), 4);
        assert!(near(backoff.pause(Some(Duration::from_secs(60)), Duration::ZERO), 1));
        assert_eq!(backoff.failed(), 0);
    }

    #[test]
    fn an_attempt_that_hung_has_used_up_its_pause() {
        for seed in 0..50 {
            let mut backoff = backoff(seed);
            let hung = Duration::from_secs(10);
            assert_eq!(backoff.pause(None, hung), LEAST);
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
}
