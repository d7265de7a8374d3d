//! When the next reading is due: a pure type, the time is passed in.

use std::time::Duration;

use super::pace::Pace;
use super::watched::Moved;
use crate::domain::{Allowance, Timestamp};

/// Ages and countdowns are in seconds.
const SECOND_MS: i64 = 1_000;
/// Readings that may follow each other at once.
const BURST: u32 = 3;

/// What a report brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// A figure moved that somebody waits for.
    Moved,
    /// Everything is a second older, or something else has changed. It has waited for company.
    Aged,
}

/// Decides when a reading is due. A price is read at once, as long as the pace leaves a reading, what is held
/// and ordered as soon as all of it has come; other changes and the second of the clock wait for company, so
/// that they do not take the reading, and the frame of the screen, that the next price needs.
#[derive(Debug)]
pub(super) struct Pacer {
    readings: Allowance,
    pace: Pace,
    /// When what moved is to be read.
    moved: Option<Timestamp>,
    /// Since when another change waits.
    changed: Option<Timestamp>,
    read_at: Timestamp,
}

impl Pacer {
    /// Returns a pacer that knows of a reading at `read_at`: of nothing, so it holds no change up.
    pub(super) fn new(pace: Pace, read_at: Timestamp) -> Self {
        let readings = Allowance::new(pace.max_per_second, BURST);
        Self { readings, pace, moved: None, changed: None, read_at }
    }

    /// Something has moved that somebody waits for.
    pub(super) fn moved(&mut self, moved: Moved, now: Timestamp) {
        let due = match moved {
            Moved::Price => now,
            Moved::Other => now.after(self.pace.together),
        };
        self.moved = Some(self.moved.map_or(due, |earlier| earlier.min(due)));
    }

    /// Something else has changed.
    pub(super) fn changed(&mut self, now: Timestamp) {
        self.changed.get_or_insert(now);
    }

    /// Takes note of a reading and returns what it brings.
    pub(super) fn read(&mut self, now: Timestamp) -> News {
        self.readings.spend(1, now);
        self.read_at = now;
        self.changed = None;
        if self.moved.take().is_some() { News::Moved } else { News::Aged }
    }

    /// Returns how long nothing needs to be done; zero when a reading is due.
    pub(super) fn wait(&self, now: Timestamp) -> Duration {
        if now < self.read_at {
            // The clock went back: nobody knows how old the last reading is.
            return Duration::ZERO;
        }
        let held = self.readings.wait(1, now);
        if let Some(due) = self.moved {
            return held.max(due.since(now));
        }
        let second = self.read_at.as_millis().div_euclid(SECOND_MS) + 1;
        let second = Timestamp::from_millis(second.saturating_mul(SECOND_MS));
        let due = self.changed.map_or(second, |since| since.min(second)).after(self.pace.company);
        // The others are left to the next prices and to what is held, but not for longer than a second.
        let patience = due.plus_millis(SECOND_MS).since(now);
        let spared = self.readings.wait(self.pace.reserved.saturating_add(1), now);
        due.since(now).max(spared.min(patience)).max(held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace::new(4);

    const fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    fn wait(pacer: &Pacer, now: i64) -> u128 {
        pacer.wait(at(now)).as_millis()
    }

    #[test]
    fn what_moved_is_read_at_once_and_after_three_at_the_pace() {
        let mut pacer = Pacer::new(PACE, at(10_100));
        assert_eq!(wait(&pacer, 10_600), 650, "the next second of the clock, and its company");
        for ms in [10_600, 10_610, 10_620] {
            pacer.moved(Moved::Price, at(ms));
            assert_eq!(wait(&pacer, ms), 0);
            assert_eq!(pacer.read(at(ms)), News::Moved);
        }
        pacer.moved(Moved::Price, at(10_630));
        assert_eq!(wait(&pacer, 10_630), 220);
        assert_eq!(wait(&pacer, 10_850), 0);
    }

    #[test]
    fn what_is_told_in_several_frames_is_one_reading_and_a_price_takes_it_along() {
        let mut pacer = Pacer::new(PACE, at(10_100));
        for ms in [10_600, 10_601, 10_610] {
            pacer.moved(Moved::Other, at(ms));
        }
        assert_eq!(wait(&pacer, 10_610), 15);
        assert_eq!(wait(&pacer, 10_625), 0);
        assert_eq!(pacer.read(at(10_625)), News::Moved);
        pacer.moved(Moved::Other, at(10_700));
        pacer.moved(Moved::Price, at(10_705));
        pacer.moved(Moved::Other, at(10_706));
        assert_eq!(wait(&pacer, 10_706), 0);
        assert_eq!(pacer.read(at(10_706)), News::Moved);
        assert_eq!(wait(&pacer, 10_730), 520, "nothing is left of it");
    }

    #[test]
    fn other_changes_wait_for_company() {
        let mut pacer = Pacer::new(PACE, at(10_100));
        pacer.changed(at(10_200));
        pacer.changed(at(10_300));
        assert_eq!(wait(&pacer, 10_300), 150);
        pacer.moved(Moved::Price, at(10_310));
        assert_eq!(wait(&pacer, 10_310), 0, "a price takes them along");
        assert_eq!(pacer.read(at(10_310)), News::Moved);
        assert_eq!(wait(&pacer, 10_310), 940);
        pacer.changed(at(10_400));
        assert_eq!(wait(&pacer, 10_650), 0);
        assert_eq!(pacer.read(at(10_650)), News::Aged);
    }

    #[test]
    fn other_changes_leave_all_other_readings_to_the_next_prices() {
        let mut pacer = Pacer::new(PACE, at(10_000));
        pacer.moved(Moved::Price, at(10_000));
        pacer.read(at(10_000));
        pacer.changed(at(10_000));
        assert_eq!(wait(&pacer, 10_249), 1, "its company, and the reading that is missing");
        pacer.moved(Moved::Price, at(10_240));
        assert_eq!(wait(&pacer, 10_240), 0);
        // Prices that take all there is hold them up for a second at the most.
        let mut pacer = Pacer::new(PACE, at(10_000));
        pacer.changed(at(10_000));
        pacer.readings.spend(2, at(10_250));
        let held = |pacer: &Pacer, ms| pacer.readings.wait(1, at(ms)).as_millis();
        assert!(wait(&pacer, 10_300) > held(&pacer, 10_300));
        pacer.readings.spend(2, at(11_250));
        assert_eq!(wait(&pacer, 11_250), held(&pacer, 11_250));
    }

    /// Minutes of three prices a second, of books, trades and polls, and of a fill now and then, which is told in
    /// frames a few milliseconds apart.
    #[test]
    fn no_price_waits_where_there_are_three_a_second() {
        let mut random = fastrand::Rng::with_seed(5);
        let mut pacer = Pacer::new(PACE, at(10_000));
        let (mut next_price, mut since, mut fill) = (10_300, None, 0);
        let (mut waits, mut longest, mut read_at) = (Vec::new(), 0, 10_000);
        for ms in 10_000..310_000 {
            if ms == next_price {
                next_price += random.i64(280..=386);
                pacer.moved(Moved::Price, at(ms));
                since.get_or_insert(ms);
            }
            if random.u32(0..9_000) == 0 {
                fill = ms + 24;
            }
            if ms <= fill && ms % 6 == 0 {
                pacer.moved(Moved::Other, at(ms));
            }
            if random.u32(0..70) == 0 {
                pacer.changed(at(ms));
            }
            if wait(&pacer, ms) == 0 {
                pacer.read(at(ms));
                longest = longest.max(ms - read_at);
                read_at = ms;
                waits.extend(since.take().map(|since: i64| ms - since));
            }
        }
        let late = waits.iter().filter(|wait| **wait > 0).count();
        println!(
            "{late} of {} prices were late; at most {longest} ms without a reading",
            waits.len()
        );
        assert!(late * 200 <= waits.len(), "{late} of {}", waits.len());
        assert!(longest <= 400);
    }

    #[test]
    fn nothing_is_spared_where_any_change_may_be_waited_for() {
        let pace = Pace { company: Duration::ZERO, reserved: 0, ..PACE };
        let mut pacer = Pacer::new(pace, at(10_000));
        for ms in [10_010, 10_020, 10_030] {
            pacer.changed(at(ms));
            assert_eq!(wait(&pacer, ms), 0);
            assert_eq!(pacer.read(at(ms)), News::Aged);
        }
        pacer.changed(at(10_040));
        assert_eq!(wait(&pacer, 10_040), 220, "the pace");
    }

    #[test]
    fn every_second_has_its_reading() {
        let mut pacer = Pacer::new(PACE, at(10_999));
        pacer.read(at(10_999));
        assert_eq!(wait(&pacer, 10_999), 251);
        pacer.read(at(11_250));
        assert_eq!(wait(&pacer, 11_250), 1_000);
        assert_eq!(wait(&pacer, 13_500), 0);
    }

    #[test]
    fn a_clock_that_goes_back_stops_nothing() {
        assert_eq!(wait(&Pacer::new(PACE, at(10_000)), 5_000), 0);
    }
}
