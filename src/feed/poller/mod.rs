//! The REST side: sends requests at their cadences, spread and bounded, and applies the responses.
//!
//! Positions, orders and the account are polled all the time as the check on the streams; prices and
//! candles only while their stream is not live. A response carries the time at which its request was
//! *sent*; a failed one changes nothing and lets the data age.

mod account_kind;
mod account_report;
mod poll_plan;

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::OwnedSemaphorePermit;

use super::context::{HintSet, KeyState, MAX_IN_FLIGHT, PollHint, Shared};
use super::detection::Detection;
use super::error_policy;
use super::offset::Measured;
use super::pages;
use super::rest_link::RestLink;
use super::schedule::{Job, Outcome, PollReason, Schedule};
use crate::domain::{Body, LinkState, Product, Stream, Symbol, Timestamp};
use crate::exchange::rest::{TimedResponse, Turn};
use crate::exchange::{Api, ExchangeError, Purpose, Request, api_of};

/// The most requests in flight while some job has never had a response, such as at the start, so that
/// the first document is complete soon. Otherwise each request takes one of the shared permits.
const MAX_FIRST_REQUESTS: usize = 6;
/// The longest wait until the schedule is looked at again.
const IDLE: Duration = Duration::from_secs(1);
/// A price that was not pushed for this long is polled; half of the time until it is stale.
const QUIET: Duration = Duration::from_millis(2_500);
/// A response whose time is off by more than this, beyond its own uncertainty, means that a clock moved.
const CLOCK_MOVED_MS: i64 = 2_000;

/// What a request holds until it has ended: one of the shared permits, or `None` for a first request.
struct Permit(#[expect(dead_code, reason = "held, not read")] Option<OwnedSemaphorePermit>);

/// A request that has ended.
struct Done {
    request: Request,
    /// The generation that it was sent to.
    api: &'static dyn Api,
    started: Timestamp,
    result: Result<TimedResponse, ExchangeError>,
}

/// Runs the polls until the feed stops.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut poller = Poller::new(shared);
    poller.link.connecting();
    poller.run().await;
}

struct Poller {
    shared: Arc<Shared>,
    schedule: Schedule,
    link: RestLink,
    /// Contracts whose rules are polled, the focus among them.
    symbols: Vec<Symbol>,
    /// The first measurement of the clock has been tried: signed requests may be sent.
    clock_tried: bool,
    /// Everything has been requested once: a contract that appears later shares the permits.
    started: bool,
    /// The probe of an unproven key that is in flight.
    probe: Option<Request>,
    refusals: u32,
    detection: Detection,
    /// The UTC day whose ledger entries are polled.
    ledger_since: Timestamp,
}

impl Poller {
    fn new(shared: Arc<Shared>) -> Self {
        let link = RestLink::new(Arc::clone(&shared));
        let now = shared.now();
        let detection = shared
            .settings
            .api
            .kind()
            .map_or_else(|| Detection::new(now), |kind| Detection::forced(kind, now));
        let mut poller = Self {
            schedule: Schedule::default(),
            link,
            symbols: Vec::new(),
            clock_tried: false,
            started: false,
            probe: None,
            refusals: 0,
            detection,
            ledger_since: now.plus_millis(shared.offset_ms()).start_of_day(),
            shared,
        };
        poller.plan();
        poller
    }

    async fn run(&mut self) {
        let shared = Arc::clone(&self.shared);
        let mut refetch = shared.controls.refetches();
        let mut interval = shared.controls.intervals();
        let mut focus = shared.controls.focuses();
        let mut running: FuturesUnordered<BoxFuture<'static, Done>> = FuturesUnordered::new();
        loop {
            if !self.started && self.all_requested_once() {
                self.started = true;
                shared.settings.rest.settle();
            }
            while self.link.allows(shared.now(), running.len())
                && let Some(permit) = self.permit(running.len())
                && let Some(request) = self.next_request(permit)
            {
                running.push(request);
            }
            let wait = self.wait(running.len());
            tokio::select! {
                biased;
                () = shared.stop.cancelled() => return,
                hints = shared.poll_hints.receive() => self.hurry(hints),
                Ok(()) = refetch.changed() => self.restart(),
                Ok(()) = interval.changed() => {
                    let wanted = *interval.borrow_and_update();
                    self.want_candles(wanted);
                    self.resubscribe();
                }
                Ok(()) = focus.changed() => self.move_focus(),
                Some(done) = running.next() => self.take(done),
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Returns the time until something becomes due.
    fn wait(&self, running: usize) -> Duration {
        let now = self.shared.now();
        if running > 0 && (!self.link.allows(now, running) || self.permit(running).is_none()) {
            // The next response or failure wakes the loop, and so does a permit that becomes free.
            return IDLE;
        }
        let jobs = self.schedule.next_due(|job| self.allows(job));
        let kind = self.kind_due();
        let due = [jobs, kind].into_iter().flatten().min().max(self.link.next_try());
        due.map_or(IDLE, |due| due.since(now)).min(IDLE)
    }

    /// Returns whether a job may run now.
    fn allows(&self, job: &Job) -> bool {
        if job.reason == PollReason::StandIn && !self.stands_in(job) {
            return false;
        }
        if !job.private {
            return true;
        }
        if self.detection.kind().is_none() {
            return false;
        }
        match *self.shared.key.borrow() {
            KeyState::Proven => true,
            // Positions go first; where the exchange cannot answer them, any other may prove the key. What
            // was refused once for the key is repeated after its pause, and nothing beside it. The key may
            // lack another product: that proves nothing.
            KeyState::Unproven => {
                let may_probe =
                    (self.refusals == 0 || job.is_refused()) && !job.request.is_of_other_product();
                self.clock_tried && self.probe.is_none() && may_probe
            }
            KeyState::Refused => false,
        }
    }

    /// Prices are polled while their stream is not live, and when a contract is quiet: its price may
    /// still be current, and only a request can tell. Candles also before the first ones arrived.
    fn stands_in(&self, job: &Job) -> bool {
        let now = self.shared.now();
        self.shared.store.with(|state| {
            let live = state
                .links
                .iter()
                .any(|link| link.stream == Stream::WsPublic && link.state == LinkState::Live);
            let candles_missing = matches!(&job.request, Request::Candles { interval, .. }
                if state.candles.interval != *interval || state.candles.rows.len() < 2);
            let quiet = matches!(&job.request, Request::Ticker(symbol)
                if state.tickers.get(symbol).is_none_or(|held| now.since(held.as_of) > QUIET));
            !live || candles_missing || quiet
        })
    }

    /// Returns whether the first response to everything that is asked for has come.
    fn all_requested_once(&self) -> bool {
        let listed = || self.shared.store.with(|state| state.orders.confirmed_at.is_some());
        (self.shared.settings.credentials.is_none() || listed())
            && !self.schedule.is_first(|job| self.allows(job))
    }

    /// Returns a permit for one more request beside those that are `running`; `None` for not now.
    fn permit(&self, running: usize) -> Option<Permit> {
        if self.started && running >= MAX_IN_FLIGHT {
            // Requests of the start are still in flight, and hold no permit.
            return None;
        }
        let shared = Arc::clone(&self.shared.permits).try_acquire_owned().ok();
        let first = || {
            !self.started
                && running < MAX_FIRST_REQUESTS
                && self.schedule.is_first(|job| self.allows(job))
        };
        (shared.is_some() || first()).then_some(Permit(shared))
    }

    fn next_request(&mut self, permit: Permit) -> Option<BoxFuture<'static, Done>> {
        let now = self.shared.now();
        if self.kind_due().is_some_and(|due| due <= now)
            && let Some(kind) = self.detection.start()
        {
            return Some(self.request(Request::AccountKind, api_of(kind), None, permit));
        }
        // The filter borrows `self`, so the schedule is taken out meanwhile.
        let mut schedule = std::mem::take(&mut self.schedule);
        let found = schedule
            .start(now, |job| self.allows(job), |request| self.turn(request))
            .map(|(job, turn)| (job.request.clone(), job.private, turn));
        self.schedule = schedule;
        let (request, private, (api, turn)) = found?;
        if private && *self.shared.key.borrow() == KeyState::Unproven {
            self.probe = Some(request.clone());
        }
        Some(self.request(request, api, Some(turn), permit))
    }

    /// Takes the turn of a request, if it is now: one that waited for it with a permit would hold up the others.
    fn turn(&self, request: &Request) -> Result<(&'static dyn Api, Turn), Duration> {
        let api = self.shared.api_for(request).ok_or(IDLE)?;
        Ok((api, self.shared.settings.rest.try_turn(api, request)?))
    }

    fn request(
        &self,
        request: Request,
        api: &'static dyn Api,
        turn: Option<Turn>,
        permit: Permit,
    ) -> BoxFuture<'static, Done> {
        let rest = Arc::clone(&self.shared.settings.rest);
        let started = self.shared.now();
        Box::pin(async move {
            let result = pages::send(&rest, turn, api, &request).await;
            drop(permit);
            Done { request, api, started, result }
        })
    }

    fn take(&mut self, done: Done) {
        let Done { request, api, started, result } = done;
        let now = self.shared.now();
        self.probe.take_if(|probe| *probe == request);
        self.clock_tried |= request == Request::ServerTime;
        let outcome = match &result {
            Ok(_) => Outcome::Succeeded,
            Err(error)
                if self.link.is_refusal(error, started) || self.link.is_outlived(started) =>
            {
                Outcome::Refused
            }
            Err(_) => Outcome::NotReached,
        };
        self.schedule.done(&request, now, outcome);
        let recovered = match &result {
            Ok(timed) => self.link.succeeded(timed),
            Err(error) => {
                tracing::debug!(request = %request.kind(), %error, "request failed");
                self.link.failed(error, started, &request)
            }
        };
        if recovered {
            self.schedule.restart(now);
            self.detection.restart(now);
        }
        if request == Request::AccountKind {
            self.detect(result);
        } else if request.is_private() && self.detection.kind() != Some(api.kind()) {
            // The account is no longer served by this generation: its response does not count.
            self.schedule.hurry(now, |job| job.request == request);
        } else {
            match result {
                Ok(timed) => self.apply(&request, timed),
                Err(error) => self.on_error(&request, &error),
            }
        }
    }

    fn on_error(&mut self, request: &Request, error: &ExchangeError) {
        let now = self.shared.now();
        // The plan may have changed while the request was in flight: nothing would clear its failure.
        let is_planned = self.schedule.contains(request);
        if !is_planned && error.class().concerns_request_alone() {
            return;
        }
        let action = error_policy::handle(&self.shared, request, error, &mut self.refusals);
        if is_planned {
            self.shared.failure(request.kind(), action.failure.as_deref());
        }
        if let Some(pause) = action.retry_after {
            self.schedule.postpone(request, now.after(pause));
        }
        if action.measure_clock {
            self.schedule.hurry(now, |job| job.request == Request::ServerTime);
        }
        if action.wrong_api && self.shared.settings.api.kind().is_some() {
            error_policy::wrong_api(&self.shared, error);
        } else if action.wrong_api && self.detection.invalidate(now) {
            self.shared.apply(Body::AccountKind(None));
        }
    }

    fn apply(&mut self, request: &Request, timed: TimedResponse) {
        let shared = Arc::clone(&self.shared);
        let TimedResponse { started, received, sent, .. } = timed;
        let round_trip = received.as_millis() - started.as_millis();
        let midpoint = started.as_millis() + round_trip / 2;
        if let Some(server_time) = timed.response.server_time {
            let offset_ms = server_time.as_millis() - midpoint;
            shared.measured(Measured { offset_ms, error_ms: (round_trip + 1) / 2, at: received });
        } else if let Some(sent) = sent {
            let moved = sent.as_millis() - midpoint - shared.offset_ms();
            if self.clock_tried && moved.abs() > round_trip / 2 + CLOCK_MOVED_MS {
                shared.poll_hints.send(PollHint::Clock);
            }
        }
        if shared.offset().is_some_and(|known| known.is_coarse(received, round_trip)) {
            shared.poll_hints.send(PollHint::Clock);
        }
        let moved_at = || shared.store.with(|state| state.account_moved_at);
        let moved_before = moved_at();
        self.pace_ledger(request, &timed.response.bodies);
        shared.take(timed, Purpose::Poll);
        if *request == Request::Account && moved_at() != moved_before {
            // Until its entry is read nobody can say whether the movement is a result.
            let now = shared.now();
            let is_ledger = |request: &Request| matches!(request, Request::Ledger { .. });
            self.schedule.hurry(now, |job| is_ledger(&job.request) && !job.is_refused());
        }
        self.follow_closed(request);
        error_policy::clear(&shared, request);
        if request.is_private() {
            self.refusals = 0;
            shared.prove_key();
        }
        if matches!(request, Request::Positions(_) | Request::Orders(..)) {
            self.follow_held();
        }
        if *request == Request::Positions(Product::UsdtFutures) {
            self.next_day();
        }
    }

    fn hurry(&mut self, hints: HintSet) {
        let now = self.shared.now();
        self.schedule.hurry(now, |job| {
            if job.request == Request::ServerTime {
                return hints.contains(PollHint::Clock);
            }
            // A request that is refused is not hurried: it would be refused again.
            hints.contains(PollHint::Private) && !job.is_refused() && reflects_account(&job.request)
        });
        if hints.contains(PollHint::AccountKind) {
            self.detection.recheck(now);
        }
        if hints.contains(PollHint::Private) {
            self.follow_held();
        }
    }

    fn restart(&mut self) {
        self.refusals = 0;
        if *self.shared.key.borrow() == KeyState::Refused {
            self.shared.mark_key(KeyState::Unproven);
        }
        self.link.retry_now();
        self.detection.restart(self.shared.now());
        self.schedule.restart(self.shared.now());
    }
}

/// Returns whether the response to a request changes with what happens in the account. Pushes of other
/// products name their rows, and what is held of them is listed often.
const fn reflects_account(request: &Request) -> bool {
    matches!(
        request,
        Request::Positions(Product::UsdtFutures)
            | Request::Orders(Product::UsdtFutures, _)
            | Request::Account
            | Request::Fills
            | Request::ClosedPositions
            | Request::Ledger { .. }
    )
}
