//! Rate limits: requests stay below half of every documented limit, in every state.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::ops::Add;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

/// The exchange allows 6,000 requests per minute from one address; this is well below half.
const ALL_PER_SECOND: NonZeroU32 = NonZeroU32::new(40).unwrap();
/// Of a path with a limit of five a second two may leave together: the three lists of positions of a classic
/// account would else take longer than a second, in which three are still well within the limit. Wider limits
/// need no burst, and narrower ones bear none.
const PAIRED_LIMIT: u32 = 5;
const PAIR: NonZeroU32 = NonZeroU32::new(2).unwrap();
/// The pause after a "too many requests" doubles from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// The exchange's longest ban; a longer `Retry-After` is not believed.
const LONGEST_BAN: Duration = Duration::from_secs(300);

type Limiter = RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<At>>;

/// One rate limit for the whole program.
#[derive(Debug)]
pub struct Throttle {
    all: Limiter,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    paths: HashMap<&'static str, std::sync::Arc<Limiter>>,
    paused_until: Option<Instant>,
    refusals: u32,
}

impl Default for Throttle {
    fn default() -> Self {
        let quota = Quota::per_second(ALL_PER_SECOND);
        Self { all: limiter(quota), state: Mutex::default() }
    }
}

fn limiter(quota: Quota) -> Limiter {
    RateLimiter::direct_with_clock(quota, TokioClock)
}

impl Throttle {
    /// Waits until a request of `path` may leave, and lets it. `limit` is the documented limit, in requests per
    /// second.
    pub async fn acquire(&self, path: &'static str, limit: u32) {
        while let Err(wait) = self.try_acquire(path, limit) {
            tokio::time::sleep(wait).await;
        }
    }

    /// Lets a request of `path` leave now.
    ///
    /// # Errors
    /// How long it must wait at least.
    pub fn try_acquire(&self, path: &'static str, limit: u32) -> Result<(), Duration> {
        let of_path = {
            let mut state = self.lock();
            let now = Instant::now();
            if let Some(until) = state.paused_until.filter(|until| *until > now) {
                return Err(until - now);
            }
            let fresh = || std::sync::Arc::new(limiter(quota(limit)));
            std::sync::Arc::clone(state.paths.entry(path).or_insert_with(fresh))
        };
        // A turn of the path that the sum of all paths then refuses is lost: that costs one gap of the path, and
        // the sum is rarely reached.
        for limiter in [&*of_path, &self.all] {
            limiter.check().map_err(|early| early.wait_time_from(TokioClock.now()))?;
        }
        Ok(())
    }

    /// The exchange reported too many requests: everything waits, longer each time.
    pub fn refused(&self, retry_after: Option<Duration>) {
        let mut state = self.lock();
        let doubled = FIRST_PAUSE.saturating_mul(1 << state.refusals.min(10)).min(LONGEST_PAUSE);
        state.refusals = state.refusals.saturating_add(1);
        let until = Instant::now() + retry_after.unwrap_or_default().min(LONGEST_BAN).max(doubled);
        state.paused_until = state.paused_until.max(Some(until));
    }

    /// A request succeeded: the next refusal starts with a short pause again.
    pub fn answered(&self) {
        self.lock().refusals = 0;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns a quota that stays below half of `limit` requests per second: 40 % of it.
fn quota(limit: u32) -> Quota {
    let period = Duration::from_millis(2_500) / limit.max(1);
    let burst = if limit == PAIRED_LIMIT { PAIR } else { NonZeroU32::MIN };
    Quota::with_period(period).map_or_else(|| Quota::per_second(burst), |q| q.allow_burst(burst))
}

/// The clock of the runtime, which tests can pause.
#[derive(Debug, Clone, Copy)]
struct TokioClock;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct At(Instant);

impl Clock for TokioClock {
    type Instant = At;

    fn now(&self) -> At {
        At(Instant::now())
    }
}

impl Add<Nanos> for At {
    type Output = Self;

    fn add(self, span: Nanos) -> Self {
        Self(self.0 + Duration::from(span))
    }
}

impl Reference for At {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_duration_since(earlier.0).into()
    }

    fn saturating_sub(&self, span: Nanos) -> Self {
        Self(self.0.checked_sub(span.into()).unwrap_or(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn times(throttle: &Throttle, limit: u32, count: u32) -> Vec<Duration> {
        let began = Instant::now();
        let mut times = Vec::new();
        for _ in 0..count {
            throttle.acquire("/path", limit).await;
            times.push(began.elapsed());
        }
        times
    }

    #[tokio::test(start_paused = true)]
    async fn stays_below_half_of_the_limit_in_every_window() {
        for limit in [1, 5, 10, 20] {
            let window = Duration::from_secs(4);
            let times = times(&Throttle::default(), limit, 100).await;
            for (index, start) in times.iter().enumerate() {
                let inside = times.iter().skip(index).filter(|t| **t < *start + window).count();
                assert!(
                    inside <= usize::try_from(limit * 2).unwrap(),
                    "{limit}/s: {inside} in 4 s"
                );
                let second = Duration::from_secs(1);
                let inside = times.iter().skip(index).filter(|t| **t < *start + second).count();
                let most = if limit == PAIRED_LIMIT { 3 } else { limit.div_ceil(2) };
                assert!(inside <= usize::try_from(most).unwrap(), "{limit}/s: {inside} in 1 s");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn requests_that_waited_out_a_pause_are_paced_from_its_end() {
        let throttle = Throttle::default();
        throttle.refused(Some(Duration::from_secs(10)));
        let times = times(&throttle, 1, 2).await;
        assert_eq!(times.iter().map(Duration::as_millis).collect::<Vec<_>>(), [10_000, 12_500]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_pauses_everything_longer_each_time() {
        let throttle = Throttle::default();
        let mut pauses = Vec::new();
        for _ in 0..8 {
            throttle.refused(None);
            let began = Instant::now();
            throttle.acquire("/path", 1_000).await;
            pauses.push(began.elapsed().as_secs());
        }
        assert_eq!(pauses, [1, 2, 4, 8, 15, 15, 15, 15]);
        throttle.answered();
        throttle.refused(Some(Duration::from_secs(7)));
        let began = Instant::now();
        throttle.acquire("/other", 1_000).await;
        assert_eq!(began.elapsed().as_secs(), 7, "Retry-After holds for every path");
    }
}
