//! The REST side: asks what the cadences want, spread and bounded, and applies the answers.
//!
//! Positions, orders and the account are read all the time as the check on the streams; prices and
//! candles only while their stream is not live. An answer carries the time at which its request
//! *began*; a failed one changes nothing and lets the datum age.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;

use super::context::{KeyState, Nudge, Shared};
use super::pages;
use super::rest_link::RestLink;
use super::schedule::{Job, Need, Outcome, Schedule};
use super::verdict;
use crate::domain::{
    Datum, Interval, LinkState, OrderClass, Origin, Stream, Symbol, Timestamp, Update,
};
use crate::exchange::rest::Reply;
use crate::exchange::{ExchangeError, Query};

/// Requests that may be on their way at once.
const MOST_AT_ONCE: usize = 6;
/// Jobs of one start are this far apart, so that they do not leave in one burst.
const SPREAD: Duration = Duration::from_millis(40);
/// Candles that are read at once: enough for the widest chart.
const CANDLES: u16 = 500;

/// A price that was not pushed for this long is asked for; half of the time until it is stale.
const QUIET: Duration = Duration::from_millis(2_500);
/// An answer whose time is off by more than this, beyond its own uncertainty, says that a clock moved.
const CLOCK_MOVED_MS: i64 = 2_000;

const CLOCK_EVERY: Duration = Duration::from_secs(600);
const RULES_EVERY: Duration = Duration::from_secs(3_600);
const FUNDING_EVERY: Duration = Duration::from_secs(60);
const HISTORY_EVERY: Duration = Duration::from_secs(30);
const LEDGER_EVERY: Duration = Duration::from_secs(60);
const CANDLES_EVERY: Duration = Duration::from_secs(30);

type Done = (Query, Datum, Timestamp, Result<Reply, ExchangeError>);

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
    /// The UTC day whose bills are read.
    ledger_since: Timestamp,
}

impl Poller {
    fn new(shared: Arc<Shared>) -> Self {
        let link = RestLink::new(Arc::clone(&shared));
        let mut poller = Self {
            schedule: Schedule::default(),
            link,
            symbols: Vec::new(),
            clock_tried: false,
            probing: false,
            refusals: 0,
            ledger_since: shared.now().plus_millis(shared.offset_ms()).start_of_day(),
            shared,
        };
        poller.plan();
        poller
    }

    /// Plans all jobs, the most wanted first.
    fn plan(&mut self) {
        let shared = Arc::clone(&self.shared);
        let (focus, refresh) = (shared.settings.focus.clone(), shared.settings.refresh);
        let mut due = shared.now();
        let mut add = |query, datum, every| {
            self.schedule.add(query, datum, every, due);
            due = due.after(SPREAD);
        };
        add(Query::ServerTime, Datum::ClockOffset, CLOCK_EVERY);
        add(Query::Ticker(focus.clone()), Datum::Ticker, refresh.price);
        if shared.settings.credentials.is_some() {
            add(Query::Positions, Datum::Positions, refresh.positions);
            add(Query::Account, Datum::Account, refresh.account);
            for class in OrderClass::ALL {
                add(Query::Orders(class), Datum::Orders, refresh.orders);
            }
            add(Query::KeyRights, Datum::KeyRights, CLOCK_EVERY);
            add(ledger_query(self.ledger_since), Datum::Ledger, LEDGER_EVERY);
            add(Query::Fills, Datum::Fills, HISTORY_EVERY);
            add(Query::ClosedPositions, Datum::ClosedPositions, HISTORY_EVERY);
            add(Query::AdlRanks, Datum::AdlRanks, HISTORY_EVERY);
        }
        self.follow(vec![focus]);
        self.want_candles(shared.controls.interval());
    }

    /// Reads the rules of these contracts; those of others are left out from now on.
    fn follow(&mut self, symbols: Vec<Symbol>) {
        let mut due = self.shared.now();
        let signed = self.shared.settings.credentials.is_some();
        for symbol in symbols.iter().filter(|symbol| !self.symbols.contains(symbol)) {
            let mut add = |query, every| {
                due = due.after(SPREAD);
                self.schedule.add(query, Datum::Rules, every, due);
            };
            add(Query::Contract(symbol.clone()), RULES_EVERY);
            add(Query::Funding(symbol.clone()), FUNDING_EVERY);
            add(Query::Tiers(symbol.clone()), RULES_EVERY);
            if signed {
                add(Query::FeeRate(symbol.clone()), RULES_EVERY);
            }
            let price = self.shared.settings.refresh.price;
            self.schedule.add(Query::Ticker(symbol.clone()), Datum::Ticker, price, due);
        }
        self.schedule.retain(|query| query.contract().is_none_or(|s| symbols.contains(s)));
        self.symbols = symbols;
    }

    fn want_candles(&mut self, interval: Interval) {
        let symbol = self.shared.settings.focus.clone();
        self.schedule.retain(|query| !matches!(query, Query::Candles { .. }));
        let query = Query::Candles { symbol, interval, limit: CANDLES };
        self.schedule.add(query, Datum::Candles, CANDLES_EVERY, self.shared.now());
    }

    async fn run(&mut self) {
        let shared = Arc::clone(&self.shared);
        let mut refetch = shared.controls.refetches();
        let mut interval = shared.controls.intervals();
        let mut running: FuturesUnordered<BoxFuture<'static, Done>> = FuturesUnordered::new();
        loop {
            while running.len() < MOST_AT_ONCE
                && self.link.allows(shared.now(), running.len())
                && let Some(request) = self.next_request()
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
                Some((query, datum, started, result)) = running.next() => {
                    self.take(&query, datum, started, result);
                }
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Returns how long nothing will become due.
    fn wait(&self, running: usize) -> Duration {
        const IDLE: Duration = Duration::from_secs(1);
        let now = self.shared.now();
        if running >= MOST_AT_ONCE || !(running == 0 || self.link.allows(now, running)) {
            // The next answer or failure wakes the loop.
            return IDLE;
        }
        let due = self.schedule.next_due(|job| self.allows(job)).max(self.link.next_try());
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

    fn next_request(&mut self) -> Option<BoxFuture<'static, Done>> {
        let now = self.shared.now();
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
        let shared = Arc::clone(&self.shared);
        Some(Box::pin(async move {
            let result = pages::ask(&shared, &query).await;
            (query, datum, now, result)
        }))
    }

    fn take(
        &mut self,
        query: &Query,
        datum: Datum,
        started: Timestamp,
        result: Result<Reply, ExchangeError>,
    ) {
        let now = self.shared.now();
        let probe = self.probing && *query == Query::Positions;
        if probe {
            self.probing = false;
        }
        self.clock_tried |= *query == Query::ServerTime;
        let outcome = match &result {
            Ok(_) => Outcome::Answered,
            Err(error) if error.is_answer() || self.link.is_outlived(started) => Outcome::Refused,
            Err(_) => Outcome::NotReached,
        };
        self.schedule.done(query, now, outcome);
        match result {
            Ok(reply) => {
                if self.link.answered(&reply) {
                    self.schedule.begin_anew(now);
                }
                self.apply(query, datum, reply);
            }
            Err(error) => {
                tracing::debug!(%datum, %error, "request failed");
                if self.link.failed(&error, started) {
                    self.schedule.begin_anew(now);
                }
                let verdict =
                    verdict::judge(&self.shared, query, datum, &error, &mut self.refusals);
                if let Some(pause) = verdict.put_off {
                    self.schedule.put_off(query, now.after(pause));
                }
                if verdict.measure_clock {
                    self.schedule.hurry(now, |job| job.query == Query::ServerTime);
                }
            }
        }
    }

    fn apply(&mut self, query: &Query, datum: Datum, reply: Reply) {
        let shared = Arc::clone(&self.shared);
        let Reply { answer, started, received, sent, .. } = reply;
        let round_trip = received.as_millis() - started.as_millis();
        let midpoint = started.as_millis() + round_trip / 2;
        if let Some(server_time) = answer.server_time {
            shared.set_offset(server_time.as_millis() - midpoint, round_trip / 2);
        } else if let Some(sent) = sent {
            let moved = sent.as_millis() - midpoint - shared.offset_ms();
            if self.clock_tried && moved.abs() > round_trip / 2 + CLOCK_MOVED_MS {
                shared.nudge.ask(Nudge::CLOCK);
            }
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
            shared.mark_key(KeyState::Proven);
        }
        if *query == Query::Positions {
            self.follow_held();
            self.next_day();
        }
    }

    /// Follows the contracts that are held, with rules by REST and prices by stream.
    fn follow_held(&mut self) {
        let mut symbols = vec![self.shared.settings.focus.clone()];
        self.shared.store.with(|state| {
            for row in &state.positions.rows {
                if !symbols.contains(&row.key.symbol) {
                    symbols.push(row.key.symbol.clone());
                }
            }
        });
        if symbols != self.symbols {
            self.follow(symbols);
            self.resubscribe();
        }
    }

    fn resubscribe(&self) {
        let others = self.symbols.get(1..).unwrap_or_default();
        let settings = &self.shared.settings;
        let interval = self.shared.controls.interval();
        let wanted = settings.api.public_channels(&settings.focus, interval, others);
        self.shared.channels.send_if_modified(|held| {
            let differs = *held != wanted;
            if differs {
                held.clone_from(&wanted);
            }
            differs
        });
    }

    /// After midnight UTC the bills of the new day are asked for.
    fn next_day(&mut self) {
        let now = self.shared.now();
        let today = now.plus_millis(self.shared.offset_ms()).start_of_day();
        if today != self.ledger_since {
            self.ledger_since = today;
            self.schedule.retain(|query| !matches!(query, Query::Ledger { .. }));
            self.schedule.add(ledger_query(today), Datum::Ledger, LEDGER_EVERY, now);
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
            | Datum::Ledger => bits & Nudge::PRIVATE != 0,
            Datum::ClockOffset => bits & Nudge::CLOCK != 0,
            Datum::Ticker
            | Datum::Candles
            | Datum::History
            | Datum::AdlRanks
            | Datum::Rules
            | Datum::KeyRights => false,
        });
    }

    fn begin_anew(&mut self) {
        self.refusals = 0;
        if *self.shared.key.borrow() == KeyState::Refused {
            self.shared.mark_key(KeyState::Unproven);
        }
        self.link.try_now();
        self.schedule.begin_anew(self.shared.now());
    }
}

const fn ledger_query(since: Timestamp) -> Query {
    Query::Ledger { since, until: since.plus_millis(86_400_000), cursor: None }
}
