//! The REST side: asks what the cadences want, spread and bounded, and applies the answers.
//!
//! Positions, orders and the account are read all the time as the check on the streams; prices and
//! candles only while their stream is not live. An answer carries the time at which its request
//! *began*; a failed one changes nothing and lets the datum age.

mod kind;
mod plan;

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::OwnedSemaphorePermit;

use super::context::{KeyState, Nudge, Shared};
use super::detection::Detection;
use super::offset::Measured;
use super::pages;
use super::rest_link::RestLink;
use super::schedule::{Job, Need, Outcome, Schedule};
use super::verdict;
use crate::domain::{
    AccountKind, Body, Datum, LinkState, Origin, Stream, Symbol, Timestamp, Update,
};
use crate::exchange::rest::Reply;
use crate::exchange::{Api, ExchangeError, Query, api_of};

/// Requests that may be on their way at once while something that is wanted has never been answered,
/// such as at the start: the first document comes soon. Else each takes one of the places that all share.
const MOST_AT_FIRST: usize = 6;

/// A price that was not pushed for this long is asked for; half of the time until it is stale.
const QUIET: Duration = Duration::from_millis(2_500);
/// An answer whose time is off by more than this, beyond its own uncertainty, says that a clock moved.
const CLOCK_MOVED_MS: i64 = 2_000;

/// What a request holds until it has ended: a place of those that all share, or one of the first ones.
struct Place(#[expect(dead_code, reason = "held, not read")] Option<OwnedSemaphorePermit>);

/// A request that has ended.
struct Done {
    query: Query,
    datum: Datum,
    /// The kind of account that answers to the generation that was asked.
    kind: AccountKind,
    started: Timestamp,
    result: Result<Reply, ExchangeError>,
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
    /// Contracts whose rules are read, the focus among them.
    symbols: Vec<Symbol>,
    /// The first measurement of the clock has been tried: signed requests may go.
    clock_tried: bool,
    /// The probe of an unproven key is on its way.
    probing: bool,
    refusals: u32,
    detection: Detection,
    /// The UTC day whose bills are read.
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
            probing: false,
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
        let mut running: FuturesUnordered<BoxFuture<'static, Done>> = FuturesUnordered::new();
        loop {
            while self.link.allows(shared.now(), running.len())
                && let Some(place) = self.place(running.len())
                && let Some(request) = self.next_request(place)
            {
                running.push(request);
            }
            let wait = self.wait(running.len());
            tokio::select! {
                biased;
                () = shared.stop.cancelled() => return,
                bits = shared.nudge.taken() => self.hurry(bits),
                Ok(()) = refetch.changed() => self.begin_anew(),
                Ok(()) = interval.changed() => {
                    let wanted = *interval.borrow_and_update();
                    self.want_candles(wanted);
                    self.resubscribe();
                }
                Some(done) = running.next() => self.take(done),
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Returns how long nothing will become due.
    fn wait(&self, running: usize) -> Duration {
        const IDLE: Duration = Duration::from_secs(1);
        let now = self.shared.now();
        if running > 0 && (!self.link.allows(now, running) || self.place(running).is_none()) {
            // The next answer or failure wakes the loop, and a place that becomes free.
            return IDLE;
        }
        let jobs = self.schedule.next_due(|job| self.allows(job));
        let kind = self.kind_due();
        let due = [jobs, kind].into_iter().flatten().min().max(self.link.next_try());
        due.map_or(IDLE, |due| due.since(now)).min(IDLE)
    }

    /// Returns whether a job may run now.
    fn allows(&self, job: &Job) -> bool {
        if job.need == Need::StandIn && !self.stands_in(job) {
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
            KeyState::Unproven => {
                self.clock_tried && !self.probing && job.query == Query::Positions
            }
            KeyState::Refused => false,
        }
    }

    /// Prices are polled while their stream is not live, and those of a contract that is quiet: its
    /// price may still be true, and only asking can tell. Candles also before the first ones came.
    fn stands_in(&self, job: &Job) -> bool {
        let now = self.shared.now();
        self.shared.store.with(|state| {
            let live = state
                .links
                .iter()
                .any(|link| link.stream == Stream::WsPublic && link.state == LinkState::Live);
            let candles_missing = matches!(&job.query, Query::Candles { interval, .. }
                if state.candles.interval != *interval || state.candles.rows.len() < 2);
            let quiet = matches!(&job.query, Query::Ticker(symbol)
                if state.tickers.get(symbol).is_none_or(|held| now.since(held.as_of) > QUIET));
            !live || candles_missing || quiet
        })
    }

    /// Returns a place for one more request beside those that are `running`.
    fn place(&self, running: usize) -> Option<Place> {
        let shared = Arc::clone(&self.shared.places).try_acquire_owned().ok();
        let first = || running < MOST_AT_FIRST && self.schedule.is_first(|job| self.allows(job));
        (shared.is_some() || first()).then_some(Place(shared))
    }

    fn next_request(&mut self, place: Place) -> Option<BoxFuture<'static, Done>> {
        let now = self.shared.now();
        if self.kind_due().is_some_and(|due| due <= now)
            && let Some(kind) = self.detection.ask()
        {
            return Some(self.request(Query::AccountKind, Datum::AccountKind, api_of(kind), place));
        }
        // The borrow of `self` inside the filter needs the schedule apart.
        let mut schedule = std::mem::take(&mut self.schedule);
        let found = schedule
            .start(now, |job| self.allows(job))
            .map(|job| (job.query.clone(), job.datum, job.private));
        self.schedule = schedule;
        let (query, datum, private) = found?;
        if private && *self.shared.key.borrow() == KeyState::Unproven {
            self.probing = true;
        }
        let api = self.shared.api_for(&query)?;
        Some(self.request(query, datum, api, place))
    }

    fn request(
        &self,
        query: Query,
        datum: Datum,
        api: &'static dyn Api,
        place: Place,
    ) -> BoxFuture<'static, Done> {
        let rest = Arc::clone(&self.shared.settings.rest);
        let started = self.shared.now();
        Box::pin(async move {
            let result = pages::ask(&rest, api, &query).await;
            drop(place);
            Done { query, datum, kind: api.kind(), started, result }
        })
    }

    fn take(&mut self, done: Done) {
        let Done { query, datum, kind, started, result } = done;
        let now = self.shared.now();
        let probe = self.probing && query == Query::Positions;
        if probe {
            self.probing = false;
        }
        self.clock_tried |= query == Query::ServerTime;
        let outcome = match &result {
            Ok(_) => Outcome::Answered,
            Err(error)
                if self.link.is_refusal(error, started) || self.link.is_outlived(started) =>
            {
                Outcome::Refused
            }
            Err(_) => Outcome::NotReached,
        };
        self.schedule.done(&query, now, outcome);
        let recovered = match &result {
            Ok(reply) => self.link.answered(reply),
            Err(error) => {
                tracing::debug!(%datum, %error, "request failed");
                self.link.failed(error, started)
            }
        };
        if recovered {
            self.schedule.begin_anew(now);
            self.detection.begin_anew(now);
        }
        if query == Query::AccountKind {
            self.detect(result);
        } else if query.is_private() && self.detection.kind() != Some(kind) {
            // What another generation says of the account does not count any more.
            self.schedule.hurry(now, |job| job.query == query);
        } else {
            match result {
                Ok(reply) => self.apply(&query, datum, reply),
                Err(error) => self.judge(&query, datum, &error),
            }
        }
    }

    fn judge(&mut self, query: &Query, datum: Datum, error: &ExchangeError) {
        let now = self.shared.now();
        let verdict = verdict::judge(&self.shared, query, datum, error, &mut self.refusals);
        if let Some(pause) = verdict.put_off {
            self.schedule.put_off(query, now.after(pause));
        }
        if verdict.measure_clock {
            self.schedule.hurry(now, |job| job.query == Query::ServerTime);
        }
        if verdict.wrong_api && self.shared.settings.api.kind().is_some() {
            verdict::wrong_api(&self.shared, error);
        } else if verdict.wrong_api && self.detection.doubt(now) {
            self.shared.apply(Body::AccountKind(None));
        }
    }

    fn apply(&mut self, query: &Query, datum: Datum, reply: Reply) {
        let shared = Arc::clone(&self.shared);
        let Reply { answer, started, received, sent, .. } = reply;
        let round_trip = received.as_millis() - started.as_millis();
        let midpoint = started.as_millis() + round_trip / 2;
        if let Some(server_time) = answer.server_time {
            let offset_ms = server_time.as_millis() - midpoint;
            shared.measured(Measured { offset_ms, error_ms: (round_trip + 1) / 2, at: received });
        } else if let Some(sent) = sent {
            let moved = sent.as_millis() - midpoint - shared.offset_ms();
            if self.clock_tried && moved.abs() > round_trip / 2 + CLOCK_MOVED_MS {
                shared.nudge.ask(Nudge::CLOCK);
            }
        }
        if shared.offset().is_some_and(|known| known.is_coarse(received, round_trip)) {
            shared.nudge.ask(Nudge::CLOCK);
        }
        for body in answer.bodies {
            shared.store.apply(Update {
                origin: Origin::Rest,
                as_of: started,
                received,
                sent,
                body,
            });
        }
        verdict::clear(&shared, query, datum);
        if query.is_private() {
            self.refusals = 0;
            shared.prove_key();
        }
        if *query == Query::Positions {
            self.follow_held();
            self.next_day();
        }
    }

    fn hurry(&mut self, bits: u8) {
        let now = self.shared.now();
        self.schedule.hurry(now, |job| match job.datum {
            Datum::Positions
            | Datum::Orders
            | Datum::Account
            | Datum::Fills
            | Datum::ClosedPositions
            // More reasons to ask do not make what is refused answer.
            | Datum::Ledger => bits & Nudge::PRIVATE != 0 && !job.is_refused(),
            Datum::ClockOffset => bits & Nudge::CLOCK != 0,
            Datum::Ticker
            | Datum::Candles
            | Datum::History
            | Datum::AdlRanks
            | Datum::Rules
            | Datum::KeyRights
            | Datum::AccountKind => false,
        });
        if bits & Nudge::KIND != 0 {
            self.detection.wonder(now);
        }
    }

    fn begin_anew(&mut self) {
        self.refusals = 0;
        if *self.shared.key.borrow() == KeyState::Refused {
            self.shared.mark_key(KeyState::Unproven);
        }
        self.link.try_now();
        self.detection.begin_anew(self.shared.now());
        self.schedule.begin_anew(self.shared.now());
    }
}
