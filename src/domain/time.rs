//! Time as a value: [`Timestamp`], and the [`Clock`] that is passed to whoever needs the present.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A point in time: milliseconds since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Returns the point `ms` milliseconds after the epoch.
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms)
    }

    /// Returns the milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Returns the time from `earlier` to `self`; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Returns the point `span` later.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        self.plus_millis(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
    }

    /// Returns the point `ms` milliseconds later, or earlier when negative.
    #[must_use]
    pub const fn plus_millis(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Returns 00:00 UTC of the same day.
    #[must_use]
    pub const fn start_of_day(self) -> Self {
        Self(self.0.saturating_sub(self.0.rem_euclid(86_400_000)))
    }
}

/// A source of the present time. Only the edges of the program read it; the rest gets it as a value.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Returns the present time.
    fn now(&self) -> Timestamp;
}

/// The machine's time, read once at start and advanced by a monotonic clock.
///
/// A jump of the wall clock (NTP, the user) therefore never changes an age or a deadline, and suspended
/// time counts: after a resume, everything is as old as it really is.
#[derive(Debug)]
pub struct SystemClock {
    wall_at_start_ms: i64,
    ticks_at_start_ms: i64,
}

impl SystemClock {
    /// Returns a clock that starts at the machine's wall time.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the wall clock"
    )]
    pub fn start() -> Self {
        let wall = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        Self { wall_at_start_ms: wall, ticks_at_start_ms: ticks_ms() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.wall_at_start_ms + ticks_ms() - self.ticks_at_start_ms)
    }
}

/// Milliseconds of a monotonic clock; on Linux one that also counts suspended time.
fn ticks_ms() -> i64 {
    #[cfg(target_os = "linux")]
    let clock = rustix::time::ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let clock = rustix::time::ClockId::Monotonic;
    let ticks = rustix::time::clock_gettime(clock);
    ticks.tv_sec * 1000 + ticks.tv_nsec / 1_000_000
}

/// A clock that stands still until it is moved: for tests and replays.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Returns a clock that stands at `now`.
    pub const fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.0))
    }

    /// Moves the clock to `now`.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.0, Ordering::SeqCst);
    }

    /// Moves the clock forward.
    pub fn advance(&self, span: Duration) {
        self.set(self.now().after(span));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_never_run_backwards() {
        let (a, b) = (Timestamp::from_millis(1_000), Timestamp::from_millis(3_500));
        assert_eq!(b.since(a), Duration::from_millis(2_500));
        assert_eq!(a.since(b), Duration::ZERO);
        assert_eq!(Timestamp::from_millis(i64::MIN).since(b), Duration::ZERO);
    }

    #[test]
    fn a_day_starts_at_midnight_utc() {
        // 2026-09-25T17:53:14.987Z
        let noon = Timestamp::from_millis(1_790_358_794_987);
        assert_eq!(noon.start_of_day(), Timestamp::from_millis(1_790_294_400_000));
        assert_eq!(noon.start_of_day().as_millis() % 86_400_000, 0);
    }

    #[test]
    fn the_system_clock_moves_forward() {
        let clock = SystemClock::start();
        let first = clock.now();
        assert!(clock.now() >= first && first.as_millis() > 1_600_000_000_000);
    }
}
