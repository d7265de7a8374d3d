//! Which request is due when: pure bookkeeping over the present that is passed in.

use std::time::Duration;

use crate::domain::{Product, RequestKind, Timestamp};
use crate::exchange::Request;

/// Two requests of one job are at least this far apart, whatever hurries them.
const MIN_GAP: Duration = Duration::from_millis(750);
/// The pause after a refusal doubles from here.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// The longest pause after refusals: an exchange that has recovered is noticed within it.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Why a job polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PollReason {
    /// At its cadence, whatever the streams do.
    Cadence,
    /// In place of the public stream, while that does not deliver.
    StandIn,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// With a good response.
    Succeeded,
    /// With a response that is an error.
    Refused,
    /// Without a response.
    NotReached,
}

/// A request that is repeated.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four facts that do not depend on each other")]
pub(super) struct Job {
    pub(super) request: Request,
    pub(super) reason: PollReason,
    pub(super) private: bool,
    every: Duration,
    due: Timestamp,
    /// It is due, and its turn under the rate limits is not before this.
    turn_at: Option<Timestamp>,
    started: Option<Timestamp>,
    running: bool,
    /// Hurried while it was in flight.
    again: bool,
    /// It has had no response yet, or none since a restart, and the first report waits for it.
    first: bool,
    failures: u32,
}

impl Job {
    /// Returns whether its last response was an error.
    pub(super) const fn is_refused(&self) -> bool {
        self.failures > 0
    }

    fn soonest(&self, now: Timestamp) -> Timestamp {
        self.started.map_or(now, |started| started.after(MIN_GAP).max(now))
    }

    /// Returns when it may start: where it waits for its turn, it stays due since before.
    fn starts_at(&self) -> Timestamp {
        self.due.max(self.turn_at.unwrap_or(self.due))
    }

    /// Returns its place among those that may start. The clock comes first: while it is wrong every signed request
    /// is refused. Positions come before the rest: on a slow link nothing else may delay them. Those of other
    /// products share a rate limit with them: one of these that waits for its turn is not passed by a later one.
    fn place(&self) -> (bool, bool, Timestamp) {
        let waits = self.turn_at.is_some() && matches!(self.request, Request::Positions(_));
        let is_first = waits || self.request == Request::Positions(Product::UsdtFutures);
        (self.request != Request::ServerTime, !is_first, self.due)
    }
}

/// All jobs.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    jobs: Vec<Job>,
}

impl Schedule {
    /// Adds a job unless there is one for the same request.
    pub(super) fn add(&mut self, request: Request, every: Duration, due: Timestamp) {
        if self.contains(&request) {
            return;
        }
        let reason = if matches!(request, Request::Ticker(_) | Request::Candles { .. }) {
            PollReason::StandIn
        } else {
            PollReason::Cadence
        };
        let private = request.is_private();
        self.jobs.push(Job {
            reason,
            private,
            every,
            due,
            turn_at: None,
            started: None,
            running: false,
            again: false,
            first: is_waited_for(&request),
            request,
            failures: 0,
        });
    }

    /// Drops the jobs whose requests `keep` rejects.
    pub(super) fn retain(&mut self, keep: impl Fn(&Request) -> bool) {
        self.jobs.retain(|job| keep(&job.request));
    }

    /// Returns whether there is a job for a request.
    pub(super) fn contains(&self, request: &Request) -> bool {
        self.jobs.iter().any(|job| job.request == *request)
    }

    /// Returns whether there is a job for a request of a kind.
    pub(super) fn polls(&self, kind: &RequestKind) -> bool {
        self.jobs.iter().any(|job| job.request.kind() == *kind)
    }

    /// Returns whether an allowed job waits for its first response.
    pub(super) fn is_first(&self, allowed: impl Fn(&Job) -> bool) -> bool {
        self.jobs.iter().any(|job| job.first && (job.running || allowed(job)))
    }

    /// Returns the first job that is due and allowed and whose turn it is, with that turn, and marks it as running.
    /// `turn` returns how long it is not that of a request.
    pub(super) fn start<T>(
        &mut self,
        now: Timestamp,
        allowed: impl Fn(&Job) -> bool,
        mut turn: impl FnMut(&Request) -> Result<T, Duration>,
    ) -> Option<(&Job, T)> {
        loop {
            let may_start = |job: &(usize, &mut Job)| {
                !job.1.running && job.1.starts_at() <= now && allowed(job.1)
            };
            let jobs = self.jobs.iter_mut().enumerate().filter(may_start);
            let (index, job) = jobs.min_by_key(|(_, job)| job.place())?;
            match turn(&job.request) {
                Ok(turn) => {
                    job.running = true;
                    job.started = Some(now);
                    job.turn_at = None;
                    return self.jobs.get(index).map(|job| (job, turn));
                }
                // A part of a millisecond would be none.
                Err(wait) => job.turn_at = Some(now.after(wait).plus_millis(1)),
            }
        }
    }

    /// Returns when the next job that is allowed may start.
    pub(super) fn next_due(&self, allowed: impl Fn(&Job) -> bool) -> Option<Timestamp> {
        self.jobs.iter().filter(|job| !job.running && allowed(job)).map(Job::starts_at).min()
    }

    /// Records how a request ended; refusals stretch the pause.
    pub(super) fn done(&mut self, request: &Request, now: Timestamp, outcome: Outcome) {
        let Some(job) = self.jobs.iter_mut().find(|job| job.request == *request) else { return };
        job.running = false;
        let again = std::mem::take(&mut job.again);
        job.first &= outcome == Outcome::NotReached;
        job.due = match outcome {
            // The cadence counts from the start of a request: a slow response does not stretch it.
            Outcome::Succeeded => {
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
            // The link decides when it is retried.
            Outcome::NotReached => now,
        };
    }

    /// Changes how often a job runs; a shorter cadence counts from its last start.
    pub(super) fn set_cadence(&mut self, request: &Request, every: Duration) {
        let Some(job) = self.jobs.iter_mut().find(|job| job.request == *request) else { return };
        if job.every == every {
            return;
        }
        job.every = every;
        if let Some(started) = job.started.filter(|_| job.failures == 0) {
            job.due = job.due.min(started.after(every.max(MIN_GAP)));
        }
    }

    /// Postpones a job to `due`, such as after a refusal.
    pub(super) fn postpone(&mut self, request: &Request, due: Timestamp) {
        if let Some(job) = self.jobs.iter_mut().find(|job| job.request == *request) {
            job.due = job.due.max(due);
        }
    }

    /// Makes jobs due now, but not within [`MIN_GAP`] of their last start. One that is in flight is sent
    /// again afterwards: its response may be from before the reason to hurry.
    pub(super) fn hurry(&mut self, now: Timestamp, which: impl Fn(&Job) -> bool) {
        for job in self.jobs.iter_mut().filter(|job| which(job)) {
            job.again = job.running;
            job.due = job.due.min(job.soonest(now));
        }
    }

    /// Forgets failures and makes everything due that the first report waits for: the user asked for it, or
    /// the link is back. The rest keeps its place, so that it never comes in one burst.
    pub(super) fn restart(&mut self, now: Timestamp) {
        self.restart_if(now, |_| true);
    }

    /// Forgets failures of private jobs and makes them due: they go to another generation of the API.
    pub(super) fn restart_private(&mut self, now: Timestamp) {
        self.restart_if(now, |job| job.private);
    }

    fn restart_if(&mut self, now: Timestamp, which: impl Fn(&Job) -> bool) {
        for job in self.jobs.iter_mut().filter(|job| which(job)) {
            job.failures = 0;
            job.first = is_waited_for(&job.request);
            if job.first {
                job.due = job.due.min(now);
            }
        }
    }
}

/// Returns whether the first report waits for a request; that for the orders of other products does not.
fn is_waited_for(request: &Request) -> bool {
    !(matches!(request, Request::Orders(..)) && request.is_of_other_product())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    fn schedule() -> Schedule {
        let mut schedule = Schedule::default();
        schedule.add(Request::Positions(Product::UsdtFutures), Duration::from_secs(2), at(0));
        schedule
    }

    fn start(schedule: &mut Schedule, ms: i64) -> bool {
        schedule.start(at(ms), |_| true, |_| Ok(())).is_some()
    }

    #[test]
    fn the_cadence_counts_from_the_start_and_nothing_runs_twice() {
        let mut schedule = schedule();
        assert!(start(&mut schedule, 0) && !start(&mut schedule, 5_000));
        schedule.done(&Request::Positions(Product::UsdtFutures), at(700), Outcome::Succeeded);
        assert_eq!(schedule.next_due(|_| true), Some(at(2_000)));
        assert!(!start(&mut schedule, 1_999) && start(&mut schedule, 2_000));
        schedule.done(&Request::Positions(Product::UsdtFutures), at(6_000), Outcome::Succeeded);
        assert!(start(&mut schedule, 6_000), "overdue runs at once");
    }

    #[test]
    fn a_job_whose_turn_it_is_not_lets_the_others_go_first_and_is_due_when_it_is() {
        let mut schedule = schedule();
        for symbol in ["BTCUSDT_UMCBL", "ETHUSDT_UMCBL"] {
            schedule.add(Request::Tiers(symbol.parse().unwrap()), Duration::from_secs(60), at(0));
        }
        let positions = Request::Positions(Product::UsdtFutures);
        let mut at_once = |ms, held: &Request| {
            let turn = |request: &Request| {
                if request == held { Err(Duration::from_micros(249_001)) } else { Ok(()) }
            };
            let mut started = Vec::new();
            while let Some((job, ())) = schedule.start(at(ms), |_| true, turn) {
                started.push(job.request.clone());
            }
            (started, schedule.next_due(|_| true))
        };
        let (started, due) = at_once(1_000, &positions);
        assert_eq!((started.len(), due), (2, Some(at(1_250))));
        assert_eq!(at_once(1_249, &Request::ServerTime).0, []);
        assert_eq!(at_once(1_250, &Request::ServerTime), (vec![positions], None));
    }

    #[test]
    fn lists_that_are_asked_for_more_often_than_their_limit_allows_share_it() {
        let lists = Product::ALL.map(Request::Positions);
        let mut schedule = Schedule::default();
        for list in &lists {
            schedule.add(list.clone(), Duration::from_millis(200), at(0));
        }
        let (mut free, mut starts) = (0, vec![Vec::new(); lists.len()]);
        for ms in 0..30_000 {
            let turn = |_: &Request| {
                let wait = u64::try_from(free - ms).unwrap_or(0);
                if wait > 0 { Err(Duration::from_millis(wait)) } else { Ok(()) }
            };
            let started =
                schedule.start(at(ms), |_| true, turn).map(|(job, ())| job.request.clone());
            if let Some(list) = started {
                free = ms + 500;
                starts[lists.iter().position(|known| *known == list).unwrap()].push(ms);
                schedule.done(&list, at(ms), Outcome::Succeeded);
            }
        }
        for starts in starts {
            assert!(starts.windows(2).all(|pair| pair[1] - pair[0] < 1_600), "{starts:?}");
            assert!(starts.len() > 18, "{starts:?}");
        }
    }

    #[test]
    fn failures_stretch_the_pause_up_to_a_limit() {
        let mut schedule = schedule();
        let (mut now, mut requests) = (0, 0);
        while now < 120_000 {
            assert!(start(&mut schedule, now));
            requests += 1;
            schedule.done(&Request::Positions(Product::UsdtFutures), at(now), Outcome::Refused);
            now = schedule.next_due(|_| true).unwrap().as_millis();
        }
        assert!(requests <= 10, "{requests} requests in two minutes of failure");
        assert!(start(&mut schedule, now));
        schedule.done(&Request::Positions(Product::UsdtFutures), at(now), Outcome::Succeeded);
        assert_eq!(schedule.next_due(|_| true), Some(at(now + 2_000)));
    }

    #[test]
    fn a_rare_request_that_was_refused_is_retried_soon() {
        let mut schedule = Schedule::default();
        schedule.add(Request::ServerTime, Duration::from_secs(3_600), at(0));
        assert!(start(&mut schedule, 0));
        schedule.done(&Request::ServerTime, at(0), Outcome::Refused);
        assert_eq!(schedule.next_due(|_| true), Some(at(15_000)));
    }

    #[test]
    fn hurry_is_paced_and_repeats_what_is_in_flight() {
        let mut schedule = schedule();
        assert!(start(&mut schedule, 0));
        schedule.hurry(at(100), |_| true);
        schedule.done(&Request::Positions(Product::UsdtFutures), at(300), Outcome::Succeeded);
        assert_eq!(schedule.next_due(|_| true), Some(at(750)));
        assert!(start(&mut schedule, 1_000));
        schedule.done(&Request::Positions(Product::UsdtFutures), at(1_100), Outcome::Succeeded);
        schedule.hurry(at(2_500), |_| true);
        assert_eq!(schedule.next_due(|_| true), Some(at(2_500)));
    }

    #[test]
    fn fc_07_a_refused_job_can_be_left_in_its_pause() {
        let mut schedule = schedule();
        assert!(start(&mut schedule, 0));
        schedule.done(&Request::Positions(Product::UsdtFutures), at(0), Outcome::Refused);
        schedule.postpone(&Request::Positions(Product::UsdtFutures), at(60_000));
        schedule.hurry(at(2_000), |job| !job.is_refused());
        assert_eq!(schedule.next_due(|_| true), Some(at(60_000)));
        schedule.restart(at(3_000));
        assert_eq!(schedule.next_due(|_| true), Some(at(3_000)), "the user may");
    }

    #[test]
    fn only_a_request_without_any_response_is_a_first_one() {
        let mut schedule = schedule();
        let is_first = |schedule: &Schedule| schedule.is_first(|_| true);
        assert!(is_first(&schedule) && !schedule.is_first(|_| false));
        assert!(start(&mut schedule, 0) && schedule.is_first(|_| false));
        schedule.done(&Request::Positions(Product::UsdtFutures), at(1), Outcome::NotReached);
        assert!(is_first(&schedule));
        assert!(start(&mut schedule, 1));
        schedule.done(&Request::Positions(Product::UsdtFutures), at(2), Outcome::Refused);
        assert!(!is_first(&schedule));
        schedule.restart(at(3));
        assert!(is_first(&schedule));
    }

    #[test]
    fn a_shorter_cadence_counts_from_the_last_start_and_a_longer_one_from_the_next() {
        let mut schedule = schedule();
        let request = Request::Positions(Product::UsdtFutures);
        assert!(start(&mut schedule, 0));
        schedule.done(&request, at(100), Outcome::Succeeded);
        schedule.set_cadence(&request, Duration::from_secs(30));
        assert_eq!(schedule.next_due(|_| true), Some(at(2_000)));
        assert!(start(&mut schedule, 2_000));
        schedule.done(&request, at(2_100), Outcome::Succeeded);
        assert_eq!(schedule.next_due(|_| true), Some(at(32_000)));
        schedule.set_cadence(&request, Duration::from_secs(2));
        assert_eq!(schedule.next_due(|_| true), Some(at(4_000)));
        // What was refused keeps its pause.
        assert!(start(&mut schedule, 4_000));
        schedule.done(&request, at(4_100), Outcome::Refused);
        let due = schedule.next_due(|_| true);
        schedule.set_cadence(&request, Duration::from_secs(1));
        assert_eq!(schedule.next_due(|_| true), due);
    }

    #[test]
    fn a_request_belongs_to_one_job() {
        let mut schedule = schedule();
        schedule.add(Request::Positions(Product::UsdtFutures), Duration::from_secs(9), at(0));
        assert!(start(&mut schedule, 0) && !start(&mut schedule, 0));
        schedule.retain(|request| *request != Request::Positions(Product::UsdtFutures));
        schedule.done(&Request::Positions(Product::UsdtFutures), at(1), Outcome::Succeeded);
        assert_eq!(schedule.next_due(|_| true), None);
    }
}
