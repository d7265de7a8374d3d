//! Which request is due when: pure bookkeeping over the present that is passed in.

use std::time::Duration;

use crate::domain::{Datum, Timestamp};
use crate::exchange::Query;

/// Two requests of one kind are at least this far apart, however often they are asked for.
const LEAST_GAP: Duration = Duration::from_secs(1);
/// The pause after a refusal doubles from here.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// The longest pause after refusals: an exchange that has recovered is noticed within it.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// When a job runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Always.
    Always,
    /// Only while the public stream is not live.
    StandIn,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// With a good answer.
    Answered,
    /// With an answer that is no good.
    Refused,
    /// Without an answer.
    NotReached,
}

/// One request that is repeated.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four facts that do not depend on each other")]
pub(super) struct Job {
    pub(super) query: Query,
    pub(super) datum: Datum,
    pub(super) need: Need,
    pub(super) private: bool,
    every: Duration,
    due: Timestamp,
    started: Option<Timestamp>,
    running: bool,
    /// Asked for again while it was on its way.
    again: bool,
    /// Nothing has been said to it yet, or not since everything began anew.
    first: bool,
    failures: u32,
}

impl Job {
    /// Returns whether its last answer was a refusal.
    pub(super) const fn is_refused(&self) -> bool {
        self.failures > 0
    }

    fn soonest(&self, now: Timestamp) -> Timestamp {
        self.started.map_or(now, |started| started.after(LEAST_GAP).max(now))
    }
}

/// All jobs.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    jobs: Vec<Job>,
}

impl Schedule {
    /// Adds a job unless the same question is there already.
    pub(super) fn add(&mut self, query: Query, datum: Datum, every: Duration, due: Timestamp) {
        if self.jobs.iter().any(|job| job.query == query) {
            return;
        }
        let need = if matches!(query, Query::Ticker(_) | Query::Candles { .. }) {
            Need::StandIn
        } else {
            Need::Always
        };
        let private = query.is_private();
        self.jobs.push(Job {
            query,
            datum,
            need,
            private,
            every,
            due,
            started: None,
            running: false,
            again: false,
            first: true,
            failures: 0,
        });
    }

    /// Drops the jobs that `keep` does not want.
    pub(super) fn retain(&mut self, keep: impl Fn(&Query) -> bool) {
        self.jobs.retain(|job| keep(&job.query));
    }

    /// Returns whether something that is allowed waits for its first answer.
    pub(super) fn is_first(&self, allowed: impl Fn(&Job) -> bool) -> bool {
        self.jobs.iter().any(|job| job.first && (job.running || allowed(job)))
    }

    /// Returns the first job that is due and allowed, and marks it as running. The clock comes first:
    /// while it is wrong no signed request is answered. Positions come before the rest: on a slow link
    /// nothing else may make them old.
    pub(super) fn start(&mut self, now: Timestamp, allowed: impl Fn(&Job) -> bool) -> Option<&Job> {
        let job = self
            .jobs
            .iter_mut()
            .filter(|job| !job.running && job.due <= now && allowed(job))
            .min_by_key(|job| {
                let others = (job.datum != Datum::ClockOffset, job.datum != Datum::Positions);
                (others, job.due)
            })?;
        job.running = true;
        job.started = Some(now);
        Some(job)
    }

    /// Returns when the next job that is allowed becomes due.
    pub(super) fn next_due(&self, allowed: impl Fn(&Job) -> bool) -> Option<Timestamp> {
        self.jobs.iter().filter(|job| !job.running && allowed(job)).map(|job| job.due).min()
    }

    /// Takes note of how a request ended; refusals stretch the pause.
    pub(super) fn done(&mut self, query: &Query, now: Timestamp, outcome: Outcome) {
        let Some(job) = self.jobs.iter_mut().find(|job| job.query == *query) else { return };
        job.running = false;
        let again = std::mem::take(&mut job.again);
        job.first &= outcome == Outcome::NotReached;
        job.due = match outcome {
            // The cadence counts from the start of a request: a slow answer does not stretch it.
            Outcome::Answered => {
                job.failures = 0;
                let due = job.started.unwrap_or(now).after(job.every).max(now);
                if again { due.min(job.soonest(now)) } else { due }
            }
            Outcome::Refused => {
                job.failures = job.failures.saturating_add(1);
                let cadence = job.every.min(LONGEST_PAUSE);
                let stretched = FIRST_PAUSE.saturating_mul(1 << job.failures.min(8));
                now.after(stretched.clamp(cadence, LONGEST_PAUSE))
            }
            // The pace of the link decides when it goes again.
            Outcome::NotReached => now,
        };
    }

    /// Puts a job off to `due`, such as after a refusal.
    pub(super) fn put_off(&mut self, query: &Query, due: Timestamp) {
        if let Some(job) = self.jobs.iter_mut().find(|job| job.query == *query) {
            job.due = job.due.max(due);
        }
    }

    /// Makes jobs due now, but not within a second of their last start. One that is on its way is
    /// asked again when it comes back: its answer began before the reason to ask.
    pub(super) fn hurry(&mut self, now: Timestamp, which: impl Fn(&Job) -> bool) {
        for job in self.jobs.iter_mut().filter(|job| which(job)) {
            job.again = job.running;
            job.due = job.due.min(job.soonest(now));
        }
    }

    /// Forgets failures and makes everything due: a person asked for it.
    pub(super) fn begin_anew(&mut self, now: Timestamp) {
        self.begin_anew_if(now, |_| true);
    }

    /// Forgets failures of private jobs and makes them due: they are asked of another generation.
    pub(super) fn begin_anew_private(&mut self, now: Timestamp) {
        self.begin_anew_if(now, |job| job.private);
    }

    fn begin_anew_if(&mut self, now: Timestamp, which: impl Fn(&Job) -> bool) {
        for job in self.jobs.iter_mut().filter(|job| which(job)) {
            job.failures = 0;
            job.first = true;
            job.due = job.due.min(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    fn schedule() -> Schedule {
        let mut schedule = Schedule::default();
        schedule.add(Query::Positions, Datum::Positions, Duration::from_secs(2), at(0));
        schedule
    }

    fn start(schedule: &mut Schedule, ms: i64) -> bool {
        schedule.start(at(ms), |_| true).is_some()
    }

    #[test]
    fn the_cadence_counts_from_the_start_and_nothing_runs_twice() {
        let mut schedule = schedule();
        assert!(start(&mut schedule, 0) && !start(&mut schedule, 5_000));
        schedule.done(&Query::Positions, at(700), Outcome::Answered);
        assert_eq!(schedule.next_due(|_| true), Some(at(2_000)));
        assert!(!start(&mut schedule, 1_999) && start(&mut schedule, 2_000));
        schedule.done(&Query::Positions, at(6_000), Outcome::Answered);
        assert!(start(&mut schedule, 6_000), "overdue runs at once");
    }

    #[test]
    fn failures_stretch_the_pause_up_to_a_limit() {
        let mut schedule = schedule();
        let (mut now, mut requests) = (0, 0);
        while now < 120_000 {
            assert!(start(&mut schedule, now));
            requests += 1;
            schedule.done(&Query::Positions, at(now), Outcome::Refused);
            now = schedule.next_due(|_| true).unwrap().as_millis();
        }
        assert!(requests <= 10, "{requests} requests in two minutes of failure");
        assert!(start(&mut schedule, now));
        schedule.done(&Query::Positions, at(now), Outcome::Answered);
        assert_eq!(schedule.next_due(|_| true), Some(at(now + 2_000)));
    }

    #[test]
    fn a_rare_question_that_was_refused_is_asked_again_soon() {
        let mut schedule = Schedule::default();
        schedule.add(Query::ServerTime, Datum::ClockOffset, Duration::from_secs(3_600), at(0));
        assert!(start(&mut schedule, 0));
        schedule.done(&Query::ServerTime, at(0), Outcome::Refused);
        assert_eq!(schedule.next_due(|_| true), Some(at(15_000)));
    }

    #[test]
    fn hurry_is_paced_and_asks_again_what_is_on_its_way() {
        let mut schedule = schedule();
        assert!(start(&mut schedule, 0));
        schedule.hurry(at(100), |_| true);
        schedule.done(&Query::Positions, at(300), Outcome::Answered);
        assert_eq!(schedule.next_due(|_| true), Some(at(1_000)));
        assert!(start(&mut schedule, 1_000));
        schedule.done(&Query::Positions, at(1_100), Outcome::Answered);
        schedule.hurry(at(2_500), |_| true);
        assert_eq!(schedule.next_due(|_| true), Some(at(2_500)));
    }

    #[test]
    fn fc_07_what_is_refused_can_be_left_in_its_pause() {
        let mut schedule = schedule();
        assert!(start(&mut schedule, 0));
        schedule.done(&Query::Positions, at(0), Outcome::Refused);
        schedule.put_off(&Query::Positions, at(60_000));
        schedule.hurry(at(2_000), |job| !job.is_refused());
        assert_eq!(schedule.next_due(|_| true), Some(at(60_000)));
        schedule.begin_anew(at(3_000));
        assert_eq!(schedule.next_due(|_| true), Some(at(3_000)), "a person may");
    }

    #[test]
    fn only_what_was_never_answered_is_a_first_question() {
        let mut schedule = schedule();
        let is_first = |schedule: &Schedule| schedule.is_first(|_| true);
        assert!(is_first(&schedule) && !schedule.is_first(|_| false));
        assert!(start(&mut schedule, 0) && schedule.is_first(|_| false));
        schedule.done(&Query::Positions, at(1), Outcome::NotReached);
        assert!(is_first(&schedule));
        assert!(start(&mut schedule, 1));
        schedule.done(&Query::Positions, at(2), Outcome::Refused);
        assert!(!is_first(&schedule));
        schedule.begin_anew(at(3));
        assert!(is_first(&schedule));
    }

    #[test]
    fn a_question_is_asked_by_one_job() {
        let mut schedule = schedule();
        schedule.add(Query::Positions, Datum::Positions, Duration::from_secs(9), at(0));
        assert!(start(&mut schedule, 0) && !start(&mut schedule, 0));
        schedule.retain(|query| *query != Query::Positions);
        schedule.done(&Query::Positions, at(1), Outcome::Answered);
        assert_eq!(schedule.next_due(|_| true), None);
    }
}
