//! When the screen is refreshed: a pure type, the time is passed in.
//!
//! A figure that moved is drawn at once, as long as the frames and the bytes of the last seconds leave room
//! for it. Where bytes are scarce, only the [`Lead`](Repaint::Lead) is: with positions a price changes half of
//! the figures on screen, some 500 bytes, and three such prices a second are more than a slow link is given.
//! The panels below follow as soon as there are bytes to spare, and within two seconds, or later by
//! what is owed beyond a second of the bytes, where leads and panels are more than is allowed. What only grew older
//! has waited for company in the engine already; it waits for spare bytes as well, and leaves all frames but one
//! to the next prices, but not for longer than a second. What the user asked for (a key, another size) is drawn
//! at once and costs nothing, and neither do the first seconds, in which panel after panel gets its figures.

use std::time::Duration;

use crate::config::UiConfig;
use crate::domain::{Allowance, Timestamp};

/// Frames that may follow each other at once.
const BURST: u32 = 3;
/// After the first paint the answers of the exchange fill the screen for as long as this. Had their bytes to be saved
/// afterwards, the panels would be seconds behind the lines above them just when somebody looks.
const FILLING: Duration = Duration::from_secs(6);
/// Seconds over which the bytes are counted: a chart that moves by a column takes two of them.
const BYTES_OVER: u32 = 4;
/// Seconds of bytes that may be owed: what a chart of another scale has cost is saved afterwards. Were it forgiven,
/// more than what is allowed would be sent, in the mean.
const OWED_OVER: u32 = 8;
/// One part in so many of the bytes is saved.
const SAVED_SHARE: u32 = 32;
/// What is owed up to this does not make the panels wait.
const SMALL_DEBT: Duration = Duration::from_secs(1);
/// Seconds of bytes that a whole frame leaves to the next prices, and to a chart that moves.
const KEPT_OVER: u32 = 2;
/// After this much of a second without a look, the screen looks by itself: the engine, which makes a report
/// each second, is behind.
const LATE_MS: i64 = 300;
const SECOND_MS: i64 = 1_000;
/// What only grew older waits no longer than this for a frame to spare.
const PATIENCE: Duration = Duration::from_secs(1);
/// What only grew older, and the panels below a lead that was drawn, wait no longer than this for bytes to
/// spare.
const PATIENCE_FOR_BYTES: Duration = Duration::from_secs(2);
/// A price takes along what is due within this: two frames would be one too many for the next price.
const COMPANY: Duration = Duration::from_millis(250);
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

/// How much of the screen is built anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repaint {
    /// All of it.
    Whole,
    /// The lines above the panels, with price, profit and distance. The panels follow.
    Lead,
}

/// Decides when the screen is refreshed.
#[derive(Debug, Clone)]
pub struct Pacer {
    frames: Allowance,
    bytes: Allowance,
    /// What a whole frame leaves.
    kept_bytes: u32,
    /// Those of a second, which nothing waits longer for than that.
    second_bytes: u32,
    /// What the last whole frame has cost.
    whole_bytes: u32,
    /// What the largest lead of late has cost.
    lead_bytes: u32,
    /// How often in a row all was drawn where a lead was asked for: a small screen has none.
    without_lead: u32,
    /// A figure has moved.
    moved: bool,
    /// Since when something waits that only grew older, or the panels below a newer lead.
    aged: Option<Timestamp>,
    /// Something must be drawn now: a key, another size.
    redraw: bool,
    looked_at: Option<Timestamp>,
    /// Since when the screen is being filled; `None` before and after that.
    filling_since: Option<Timestamp>,
    /// Nothing is drawn before, after a write that was blocked.
    not_before: Option<Timestamp>,
}

impl Pacer {
    /// Returns a pacer for the limits that the user has set; the first paint is due.
    pub fn new(config: &UiConfig) -> Self {
        let most = config.max_bytes_per_second;
        // What is sent at once at the start is saved within minutes.
        let refilled = most.saturating_sub(most / SAVED_SHARE);
        Self {
            frames: Allowance::new(config.max_fps, BURST),
            bytes: Allowance::new(refilled, most.saturating_mul(BYTES_OVER)).owing(OWED_OVER),
            kept_bytes: most.saturating_mul(KEPT_OVER),
            second_bytes: refilled,
            whole_bytes: 0,
            lead_bytes: 0,
            without_lead: 0,
            moved: false,
            aged: None,
            redraw: true,
            looked_at: None,
            filling_since: None,
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

    /// Returns how much of the screen a look at `now` has bytes for.
    pub(super) fn repaint(&self, now: Timestamp) -> Repaint {
        let is_whole = self.redraw
            || self.looked_at.is_none()
            || self.wait_for_whole(self.aged.unwrap_or(now), now) <= COMPANY;
        if is_whole { Repaint::Whole } else { Repaint::Lead }
    }

    /// Takes note of a look at the screen and tells whether it must be drawn in any case.
    pub(super) fn looked(&mut self, repaint: Repaint, now: Timestamp) -> bool {
        if self.looked_at.replace(now).is_none() {
            self.filling_since = Some(now);
        }
        self.moved = false;
        match repaint {
            Repaint::Whole => self.aged = None,
            Repaint::Lead => self.aged(now),
        }
        std::mem::replace(&mut self.redraw, false)
    }

    /// A lead was asked for, and this was built.
    pub(super) const fn built_for_lead(&mut self, built: Repaint) {
        self.without_lead = match built {
            Repaint::Whole => self.without_lead.saturating_add(1),
            Repaint::Lead => 0,
        };
    }

    /// A frame was drawn that nobody has asked for: the write of so many bytes began and ended then.
    pub(super) fn drew(
        &mut self,
        (repaint, bytes): (Repaint, u64),
        began: Timestamp,
        ended: Timestamp,
    ) {
        self.frames.spend(1, began);
        let is_filling = |since: &Timestamp| began >= *since && began.since(*since) < FILLING;
        self.filling_since = self.filling_since.filter(is_filling);
        if self.filling_since.is_none() {
            self.bytes.spend(bytes, began);
        }
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        match repaint {
            Repaint::Whole => self.whole_bytes = bytes,
            Repaint::Lead => {
                let before = self.lead_bytes;
                self.lead_bytes = bytes.max(before - before / 8);
            }
        }
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
        let (held, _) = self.held(now);
        if self.moved {
            return held;
        }
        // A clock that went back: nobody knows how old the screen is.
        let second = looked_at.min(now).as_millis().div_euclid(SECOND_MS) + 1;
        let late = Timestamp::from_millis(second.saturating_mul(SECOND_MS)).plus_millis(LATE_MS);
        let by_itself = late.since(now).max(held);
        let aged = self.aged.map(|since| {
            // All other frames are left to the next prices.
            let frames = self.frames.wait(BURST, now).min(since.after(PATIENCE).since(now));
            self.wait_for_whole(since, now).max(frames).max(held)
        });
        aged.map_or(by_itself, |aged| aged.min(by_itself))
    }

    /// Returns how long what has waited `since` then must still leave the bytes to the next price.
    fn wait_for_whole(&self, since: Timestamp, now: Timestamp) -> Duration {
        let wanted = self.whole_bytes.saturating_add(self.kept_bytes);
        let patience = since.after(self.patience_for_bytes(now)).since(now);
        self.bytes.wait(wanted, now).min(patience)
    }

    /// Returns how long the panels wait for bytes. Where they and the leads are more than is allowed, they follow
    /// less often.
    fn patience_for_bytes(&self, now: Timestamp) -> Duration {
        let owed = self.bytes.wait(0, now).saturating_sub(SMALL_DEBT);
        PATIENCE_FOR_BYTES.saturating_add(owed.min(PATIENCE_FOR_BYTES))
    }

    /// Returns what holds back a figure that has moved.
    pub(super) fn hold(&self, now: Timestamp) -> Option<Hold> {
        let (held, hold) = self.held(now);
        (self.moved && !self.redraw && !held.is_zero()).then_some(hold)
    }

    /// Returns how long it takes until a frame may be drawn, and what is waited for.
    fn held(&self, now: Timestamp) -> (Duration, Hold) {
        let blocked = self.not_before.map_or(Duration::ZERO, |until| until.since(now));
        let patience = self.patience_for_bytes(now);
        let overdue = self.aged.is_some_and(|since| now.after(COMPANY) >= since.after(patience));
        let is_whole = overdue || self.without_lead > 1;
        let credit = if is_whole { self.whole_bytes.max(self.lead_bytes) } else { self.lead_bytes };
        let credit = credit.min(self.second_bytes);
        let waits = [
            (self.frames.wait(1, now), Hold::Cap),
            // After a frame that took all of it, such as a chart at another scale, a lead is still paid.
            (self.bytes.wait_owing(credit, now), Hold::Bytes),
            // No longer than it can be, should the clock have gone back.
            (blocked.min(PATIENCE), Hold::Blocked),
        ];
        waits.into_iter().max_by_key(|(wait, _)| *wait).unwrap_or((Duration::ZERO, Hold::Cap))
    }
}

#[cfg(test)]
mod tests;
