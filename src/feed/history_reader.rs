//! Reads history in the background: candles of the mark price, older ledger entries and closed
//! positions.
//!
//! One request at a time, paced, never before the first list of positions, and none while the REST link
//! is not live or the key is in doubt: what the screen shows first comes first. The newest minutes of held
//! contracts follow the positions at once, because levels rest on them. What is missing is
//! derived from the state, so a gap of the streams is filled in the same way as a fresh start.

use std::sync::Arc;
use std::time::Duration;

use super::backfill::{self, Backfill, MissingRange};
use super::context::{KeyState, PollHint, Shared};
use super::pages::{Pages, Step};
use crate::domain::{Body, LinkReport, LinkState, RequestKind, Stream, Text, Timestamp};
use crate::exchange::rest::TimedResponse;
use crate::exchange::{Api, ExchangeError, Purpose, Request};

/// From the first list of positions until the rest of history is read: the other first requests go before.
const SETTLE: Duration = Duration::from_secs(2);
/// How often the state is checked until then: levels wait for the minutes of held contracts.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// From the start of one request for the newest minutes to the next: half of the path's limit.
const FIRST_PACE: Duration = Duration::from_millis(100);
/// Without a list of positions, history is read after this.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two requests: far below half of every limit.
const PACE: Duration = Duration::from_millis(300);
/// How often the state is checked while nothing is missing.
const CHECK_EVERY: Duration = Duration::from_secs(5);
/// The pauses of all reads after a failure.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// Pages of each list of ledger entries, and of closed positions: as many as the store keeps.
const LEDGER_PAGES: usize = 50;
const CLOSED_PAGES: usize = 10;
/// Pages of candles: 300 days are four.
const CANDLE_PAGES: usize = 8;
/// A range with more pages than these is read again only after this.
const POSTPONED: Duration = Duration::from_secs(3_600);

/// Reads history until the feed stops.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut reader = HistoryReader::new(Arc::clone(&shared));
    let mut refetch = shared.controls.refetches();
    loop {
        let wait = tokio::select! {
            biased;
            () = shared.stop.cancelled() => return,
            wait = reader.step() => wait,
        };
        tokio::select! {
            biased;
            () = shared.stop.cancelled() => return,
            Ok(()) = refetch.changed() => reader.reset(),
            () = tokio::time::sleep(wait) => {}
        }
    }
}

struct HistoryReader {
    shared: Arc<Shared>,
    backfill: Backfill,
    /// Failures in a row.
    failures: u32,
    started: Timestamp,
    /// When the data that come first were there.
    ready: Option<Timestamp>,
}

/// Why a read ended early.
enum Ended {
    Failed(ExchangeError),
    /// There are more pages than are read.
    TooLong,
    /// The link is no longer live, or the key no longer proven.
    NotNow,
}

impl HistoryReader {
    fn new(shared: Arc<Shared>) -> Self {
        let started = shared.now();
        Self { shared, backfill: Backfill::default(), failures: 0, started, ready: None }
    }

    fn reset(&mut self) {
        self.backfill.reset();
        self.failures = 0;
    }

    /// Reads the most important missing range, if there is one, and returns the pause before the next
    /// step.
    async fn step(&mut self) -> Duration {
        let now = self.shared.now();
        let Some(settled) = self.settled(now) else { return LOOK_EVERY };
        if !self.may_send(false) {
            return if settled { SETTLE } else { LOOK_EVERY };
        }
        let (focus, private) = (&self.shared.focus(), self.may_send(true));
        let exchange = now.plus_millis(self.shared.offset_ms());
        let backfill = &mut self.backfill;
        let (range, symbols) = self.shared.store.with(|state| {
            backfill.prune(state, focus);
            let range = if settled {
                backfill.next(state, focus, private, (now, exchange))
            } else {
                backfill.first(state, exchange)
            };
            (range, backfill::symbols(state, focus))
        });
        self.shared.withdraw_failures(|request| {
            let RequestKind::MarkCandles(symbol, _) = request else { return true };
            symbols.contains(symbol)
        });
        let Some(range) = range else { return if settled { CHECK_EVERY } else { LOOK_EVERY } };
        let began = now;
        let result = self.read(&range).await;
        let now = self.shared.now();
        match result {
            Ok(()) => {
                // The older minutes are still to be read.
                if settled {
                    self.backfill.succeeded(&range, now);
                }
                self.clear_failure(&range);
                if settled { PACE } else { FIRST_PACE.saturating_sub(now.since(began)) }
            }
            Err(Ended::TooLong) => {
                self.backfill.postpone(&range, now.after(POSTPONED));
                self.clear_failure(&range);
                PACE
            }
            Err(Ended::NotNow) => CHECK_EVERY,
            Err(Ended::Failed(error)) => {
                tracing::debug!(?range, %error, "history not read");
                self.backfill.failed(&range, now);
                self.shared.failure(range.kind(), Some(&error.to_string()));
                let pause = FIRST_PAUSE.saturating_mul(1 << self.failures.min(10));
                self.failures = self.failures.saturating_add(1);
                pause.min(LONGEST_PAUSE)
            }
        }
    }

    /// Every page was answered, so neither the range nor the task is failing.
    fn clear_failure(&mut self, range: &MissingRange) {
        self.failures = 0;
        self.shared.failure(range.kind(), None);
        self.shared.failure(RequestKind::History, None);
    }

    /// Returns whether all first requests have had their time; `None` while the positions are not there.
    fn settled(&mut self, now: Timestamp) -> Option<bool> {
        let settings = &self.shared.settings;
        let refused = *self.shared.key.borrow() == KeyState::Refused;
        let there = self.shared.store.with(|state| {
            if settings.credentials.is_some() {
                state.positions.confirmed_at.is_some()
            } else {
                state.tickers.contains_key(&self.shared.focus())
            }
        });
        if self.ready.is_none() && (there || refused || now.since(self.started) >= PATIENCE) {
            self.ready = Some(now);
        }
        self.ready.map(|ready| now.since(ready) >= SETTLE)
    }

    /// Returns whether a request may be sent now.
    fn may_send(&self, private: bool) -> bool {
        let key = *self.shared.key.borrow();
        let proven = self.shared.settings.credentials.is_some() && key == KeyState::Proven;
        (!private || proven)
            && self.shared.store.with(|state| {
                let mut links = state.links.iter();
                links.any(|link| link.stream == Stream::Rest && link.state == LinkState::Live)
            })
    }

    async fn read(&self, range: &MissingRange) -> Result<(), Ended> {
        let (mut request, most) = first(range);
        let mut pages = Pages::new(most);
        // From here on everything has been read, once the last page has been.
        let mut since = range.since();
        loop {
            let api = self.shared.api_for(&request).ok_or(Ended::NotNow)?;
            let mut timed = self.send(api, &request).await.map_err(Ended::Failed)?;
            let response = &mut timed.response;
            let step = pages.step(response.next.take(), response.next_list.take());
            if matches!(step, Step::SkipTo(_) | Step::CutShort) {
                // The list is complete as far as it reaches, and so is the ledger.
                let Some(oldest) = oldest_entry(&response.bodies) else {
                    self.apply(range, since, timed, false);
                    return Err(Ended::TooLong);
                };
                since = since.max(oldest.plus_millis(1));
            }
            let more = match step {
                Step::Page(cursor) | Step::SkipTo(cursor) => following(range, cursor),
                Step::End | Step::CutShort => None,
            };
            self.apply(range, since, timed, more.is_none());
            let Some(more) = more else { return Ok(()) };
            request = more;
            tokio::time::sleep(PACE).await;
            if !self.may_send(range.is_private()) {
                return Err(Ended::NotNow);
            }
        }
    }

    /// Sends a request with a permit, which is for the way there and back and not for the wait before it.
    async fn send(&self, api: &dyn Api, request: &Request) -> Result<TimedResponse, ExchangeError> {
        let rest = &self.shared.settings.rest;
        loop {
            let permit = self.shared.permits.acquire().await;
            let sent = match rest.try_turn(api, request) {
                Ok(turn) => Ok(rest.send_now(turn, api, request).await),
                Err(wait) => Err(wait),
            };
            drop(permit);
            self.shared.poll_hints.send(PollHint::PermitFree);
            match sent {
                Ok(result) => return result,
                Err(wait) => tokio::time::sleep(wait).await,
            }
        }
    }

    /// Applies a page; the ledger is complete from `since` on with the `last` one.
    fn apply(&self, range: &MissingRange, since: Timestamp, timed: TimedResponse, last: bool) {
        let bytes = u64::try_from(timed.bytes).unwrap_or(u64::MAX);
        let traffic = LinkReport::Traffic { stream: Stream::Rest, frames: 1, bytes };
        self.shared.apply(Body::Link(traffic));
        let purpose = match range {
            MissingRange::Ledger { until, .. } => Purpose::Ledger { since, until: *until, last },
            MissingRange::Closed => Purpose::Closed,
            MissingRange::Marks { .. } => Purpose::Poll,
        };
        self.shared.take(timed, purpose);
        if last && *range == MissingRange::Closed {
            self.shared.apply(Body::ClosedPositionsRead);
        }
    }
}

/// Returns the time of the oldest ledger entry of a page; `None` for other pages.
fn oldest_entry(bodies: &[Body]) -> Option<Timestamp> {
    let rows = bodies
        .iter()
        .filter_map(|body| if let Body::Ledger { rows, .. } = body { Some(rows) } else { None });
    rows.flatten().map(|row| row.time).min()
}

/// Returns the first request of a range, and the most pages of it that are read.
fn first(range: &MissingRange) -> (Request, usize) {
    match range {
        MissingRange::Marks { symbol, interval, since, until } => {
            let (symbol, interval) = (symbol.clone(), *interval);
            let request = Request::MarkCandles { symbol, interval, since: *since, until: *until };
            (request, CANDLE_PAGES)
        }
        MissingRange::Ledger { since, until } => {
            (Request::Ledger { since: *since, until: *until, cursor: None }, LEDGER_PAGES)
        }
        MissingRange::Closed => (Request::ClosedPositions, CLOSED_PAGES),
    }
}

/// Returns the request for the page that starts at `cursor`.
fn following(range: &MissingRange, cursor: Text) -> Option<Request> {
    Some(match range {
        MissingRange::Marks { symbol, interval, since, .. } => {
            let until = Timestamp::from_millis(cursor.as_str().parse().ok()?);
            Request::MarkCandles {
                symbol: symbol.clone(),
                interval: *interval,
                since: *since,
                until,
            }
        }
        MissingRange::Ledger { since, until } => {
            Request::Ledger { since: *since, until: *until, cursor: Some(cursor) }
        }
        MissingRange::Closed => Request::MoreClosedPositions(cursor),
    })
}
