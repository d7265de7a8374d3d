//! When the screen is refreshed: a pure type, the time is passed in.
//!
//! A figure that moved is drawn at once, as long as the frames and the bytes of the last seconds leave room
//! for it. What only grew older has waited for company in the engine already; it leaves the last frame and
//! half of the bytes to the next price, but not for longer than a second. What the user asked for (a key,
//! another size) is drawn at once and costs nothing.

use std::time::Duration;

use crate::config::UiConfig;
use crate::domain::{Allowance, Timestamp};

/// Frames that may follow each other at once.
const BURST: u32 = 3;
/// Seconds over which the bytes are counted.
const BYTES_OVER: u32 = 2;
/// After this much of a second without a look, the screen looks by itself: the engine, which makes a report
/// each second, is behind.
const LATE_MS: i64 = 300;
const SECOND_MS: i64 = 1_000;
/// What only grew older waits no longer than this.
const PATIENCE: Duration = Duration::from_secs(1);
/// A write that took as long as this was blocked by the link behind the terminal.
const BLOCKED: Duration = Duration::from_millis(50);

/// What holds a frame back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// The most frames a second.
    Cap,
    /// The most bytes a second.
    Bytes,
    /// The last write was blocked.
    Blocked,
}

/// Decides when the screen is refreshed.
#[derive(Debug, Clone)]
pub struct Pacer {
    frames: Allowance,
    bytes: Allowance,
    /// What is left to the next price by what only grew older.
    reserved_bytes: u32,
    /// A figure has moved.
    moved: bool,
    /// Since when something that only grew older waits.
    aged: Option<Timestamp>,
    /// Something must be drawn now: a key, another size.
    redraw: bool,
    looked_at: Option<Timestamp>,
    /// Nothing is drawn before, after a write that was blocked.
    not_before: Option<Timestamp>,
}

impl Pacer {
    /// Returns a pacer for the limits that the user has set; the first paint is due.
    pub fn new(config: &UiConfig) -> Self {
        let most = config.max_bytes_per_second;
        Self {
            frames: Allowance::new(config.max_fps, BURST),
            bytes: Allowance::new(most, most.saturating_mul(BYTES_OVER)),
            reserved_bytes: most.saturating_mul(BYTES_OVER) / 2,
            moved: false,
            aged: None,
            redraw: true,
            looked_at: None,
            not_before: None,
        }
    }

    /// A figure has moved.
    pub(super) const fn moved(&mut self) {
        self.moved = true;
    }

    /// Something grew older, and nothing else.
    pub(super) fn aged(&mut self, now: Timestamp) {
        self.aged.get_or_insert(now);
    }

    /// Something must be drawn now, whatever the limits.
    pub(super) const fn draw_now(&mut self) {
        self.redraw = true;
    }

    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.wait(now).is_zero()
    }

    /// Takes note of a look at the screen and tells whether it must be drawn in any case.
    pub(super) const fn looked(&mut self, now: Timestamp) -> bool {
        self.looked_at = Some(now);
        self.moved = false;
        self.aged = None;
        std::mem::replace(&mut self.redraw, false)
    }

    /// A frame was drawn that nobody has asked for: the write of so many bytes began and ended then.
    pub(super) fn drew(&mut self, bytes: u64, began: Timestamp, ended: Timestamp) {
        self.frames.spend(1, began);
        self.bytes.spend(bytes, began);
        self.wrote(began, ended);
    }

    /// Something was written. A link that took long gets as long to recover, so that a key is answered
    /// between two frames.
    pub(super) fn wrote(&mut self, began: Timestamp, ended: Timestamp) {
        let took = ended.since(began);
        self.not_before = (took >= BLOCKED).then(|| ended.after(took.min(PATIENCE)));
    }

    /// Returns how long nothing needs to be done; zero when a look is due.
    pub(super) fn wait(&self, now: Timestamp) -> Duration {
        let Some(looked_at) = self.looked_at.filter(|_| !self.redraw) else {
            return Duration::ZERO;
        };
        let (held, _) = self.held(now, 1, 0);
        if self.moved {
            return held;
        }
        // A clock that went back: nobody knows how old the screen is.
        let second = looked_at.min(now).as_millis().div_euclid(SECOND_MS) + 1;
        let late = Timestamp::from_millis(second.saturating_mul(SECOND_MS)).plus_millis(LATE_MS);
        let by_itself = late.since(now).max(held);
        let aged = self.aged.map(|since| {
            let (spared, _) = self.held(now, 2, self.reserved_bytes);
            spared.min(since.after(PATIENCE).since(now)).max(held)
        });
        aged.map_or(by_itself, |aged| aged.min(by_itself))
    }

    /// Returns what holds back a figure that has moved.
    pub(super) fn hold(&self, now: Timestamp) -> Option<Hold> {
        let (held, hold) = self.held(now, 1, 0);
        (self.moved && !self.redraw && !held.is_zero()).then_some(hold)
    }

    /// Returns how long it takes until so many frames and bytes are there, and what is waited for.
    fn held(&self, now: Timestamp, frames: u32, bytes: u32) -> (Duration, Hold) {
        let blocked = self.not_before.map_or(Duration::ZERO, |until| until.since(now));
        let waits = [
            (self.frames.wait(frames, now), Hold::Cap),
            (self.bytes.wait(bytes, now), Hold::Bytes),
            // No longer than it can be, should the clock have gone back.
            (blocked.min(PATIENCE), Hold::Blocked),
        ];
        waits.into_iter().max_by_key(|(wait, _)| *wait).unwrap_or((Duration::ZERO, Hold::Cap))
    }
}

#[cfg(test)]
mod tests;
