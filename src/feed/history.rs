//! The past, read in the background: candles of the mark price, older bills and closed positions.
//!
//! One request at a time, spaced, never before the first answer about positions, and none while the
//! REST link does not work or the key is in doubt: what the screen shows first comes first. What is
//! missing is read off the state, so a gap of the streams fills by the same way as a fresh start.

use std::sync::Arc;
use std::time::Duration;

use super::context::{KeyState, Nudge, Shared};
use super::needs::{Need, Needs};
use crate::domain::{Body, Datum, LinkReport, LinkState, Origin, Stream, Text, Timestamp, Update};
use crate::exchange::rest::Reply;
use crate::exchange::{ExchangeError, Query};

/// After the first answer about positions: the other first questions go before.
const SETTLE: Duration = Duration::from_secs(2);
/// Without such an answer public data are read after this.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two requests: far below half of every limit.
const PACE: Duration = Duration::from_millis(300);
/// How often the state is looked at while nothing is missing.
const LOOK: Duration = Duration::from_secs(5);
/// The pauses of everything after a failure.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// Pages of bills and of closed positions: as many as the store keeps.
const LEDGER_PAGES: usize = 50;
const CLOSED_PAGES: usize = 10;
/// Pages of candles: 300 days are four.
const CANDLE_PAGES: usize = 8;
/// Closed positions beyond the bound are not gone back for again before this.
const LEFT: Duration = Duration::from_secs(3_600);

/// Reads the past until the feed stops.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut reader = Reader::new(Arc::clone(&shared));
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
            Ok(()) = refetch.changed() => reader.forget(),
            () = tokio::time::sleep(wait) => {}
        }
    }
}

struct Reader {
    shared: Arc<Shared>,
    needs: Needs,
    /// Failures in a row.
    failures: u32,
    began: Timestamp,
    /// When the first answers that go before were seen to be there.
    ready: Option<Timestamp>,
}

/// Why reading something ended early.
enum Ended {
    Failed(ExchangeError),
    /// There is more than is read.
    Bounded,
    /// The link or the key is not what it was.
    NotNow,
}

impl Reader {
    fn new(shared: Arc<Shared>) -> Self {
        let began = shared.now();
        Self { shared, needs: Needs::default(), failures: 0, began, ready: None }
    }

    fn forget(&mut self) {
        self.needs.forget();
        self.failures = 0;
    }

    /// Reads what is most wanted, if anything is, and returns how long nothing is to be done.
    async fn step(&mut self) -> Duration {
        let now = self.shared.now();
        if !self.may_begin(now) || !self.may_ask(false) {
            return SETTLE;
        }
        let (focus, private) = (&self.shared.settings.focus, self.may_ask(true));
        let exchange = now.plus_millis(self.shared.offset_ms());
        let needs = &mut self.needs;
        let need = self.shared.store.with(|state| {
            needs.keep(state, focus);
            needs.next(state, focus, private, (now, exchange))
        });
        let Some(need) = need else { return LOOK };
        let result = self.read(&need).await;
        let now = self.shared.now();
        match result {
            Ok(()) => {
                self.needs.answered(&need, now);
                self.failures = 0;
                self.shared.apply(Body::Failed { datum: Datum::History, reason: None });
                PACE
            }
            Err(Ended::Bounded) => {
                self.needs.leave(&need, now.after(LEFT));
                PACE
            }
            Err(Ended::NotNow) => LOOK,
            Err(Ended::Failed(error)) => {
                tracing::debug!(?need, %error, "history not read");
                self.needs.failed(&need, now);
                let reason = Some(Text::new(&error.to_string()));
                self.shared.apply(Body::Failed { datum: Datum::History, reason });
                let pause = FIRST_PAUSE.saturating_mul(1 << self.failures.min(10));
                self.failures = self.failures.saturating_add(1);
                pause.min(LONGEST_PAUSE)
            }
        }
    }

    /// The first answers come first.
    fn may_begin(&mut self, now: Timestamp) -> bool {
        let settings = &self.shared.settings;
        let refused = *self.shared.key.borrow() == KeyState::Refused;
        let there = self.shared.store.with(|state| {
            if settings.credentials.is_some() {
                state.positions.confirmed_at.is_some()
            } else {
                state.tickers.contains_key(&settings.focus)
            }
        });
        if self.ready.is_none() && (there || refused || now.since(self.began) >= PATIENCE) {
            self.ready = Some(now);
        }
        self.ready.is_some_and(|ready| now.since(ready) >= SETTLE)
    }

    /// Returns whether a question may be asked now.
    fn may_ask(&self, private: bool) -> bool {
        let key = *self.shared.key.borrow();
        let known = self.shared.settings.credentials.is_some() && key == KeyState::Proven;
        (!private || known)
            && self.shared.store.with(|state| {
                let mut links = state.links.iter();
                links.any(|link| link.stream == Stream::Rest && link.state == LinkState::Live)
            })
    }

    async fn read(&self, need: &Need) -> Result<(), Ended> {
        let (mut query, most) = first(need);
        for page in 0..most {
            if page > 0 {
                tokio::time::sleep(PACE).await;
                if !self.may_ask(need.is_private()) {
                    return Err(Ended::NotNow);
                }
            }
            let api = self.shared.api_for(&query).ok_or(Ended::NotNow)?;
            let place = self.shared.places.acquire().await;
            let reply = self.shared.settings.rest.ask(api, &query).await;
            drop(place);
            self.shared.nudge.ask(Nudge::PLACE);
            let reply = reply.map_err(Ended::Failed)?;
            let more = reply.answer.next.clone().and_then(|cursor| following(need, cursor));
            self.apply(need, reply, more.is_none());
            match more {
                Some(more) => query = more,
                None => return Ok(()),
            }
        }
        self.bounded(need)
    }

    /// Bills beyond the bound: the history is complete as far as it reaches.
    fn bounded(&self, need: &Need) -> Result<(), Ended> {
        let Need::Ledger { until, .. } = need else { return Err(Ended::Bounded) };
        let oldest = self.shared.store.with(|state| state.history.rows.last().map(|row| row.time));
        let since = oldest.ok_or(Ended::Bounded)?.plus_millis(1);
        let body = Body::LedgerHistory { since, until: *until, rows: Vec::new(), complete: true };
        self.shared.apply(body);
        Ok(())
    }

    fn apply(&self, need: &Need, reply: Reply, last: bool) {
        let Reply { answer, started, received, sent, bytes } = reply;
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let traffic = LinkReport::Traffic { stream: Stream::Rest, frames: 1, bytes };
        self.shared.apply(Body::Link(traffic));
        for body in answer.bodies {
            let (origin, body) = match (need, body) {
                (Need::Ledger { since, until }, Body::Ledger { rows, .. }) => {
                    let (since, until) = (*since, *until);
                    (Origin::Rest, Body::LedgerHistory { since, until, rows, complete: last })
                }
                (Need::Closed, body) => (Origin::Local, body),
                (_, body) => (Origin::Rest, body),
            };
            self.shared.store.apply(Update { origin, as_of: started, received, sent, body });
        }
        if last && *need == Need::Closed {
            self.shared.apply(Body::ClosedPositionsRead);
        }
    }
}

/// Returns the first question of a need, and how many pages of it are read at the most.
fn first(need: &Need) -> (Query, usize) {
    match need {
        Need::Marks { symbol, interval, since, until } => {
            let (symbol, interval) = (symbol.clone(), *interval);
            let query = Query::MarkCandles { symbol, interval, since: *since, until: *until };
            (query, CANDLE_PAGES)
        }
        Need::Ledger { since, until } => {
            (Query::Ledger { since: *since, until: *until, cursor: None }, LEDGER_PAGES)
        }
        Need::Closed => (Query::ClosedPositions, CLOSED_PAGES),
    }
}

/// Returns the question for the page that begins at `cursor`.
fn following(need: &Need, cursor: Text) -> Option<Query> {
    Some(match need {
        Need::Marks { symbol, interval, since, .. } => {
            let until = Timestamp::from_millis(cursor.as_str().parse().ok()?);
            Query::MarkCandles { symbol: symbol.clone(), interval: *interval, since: *since, until }
        }
        Need::Ledger { since, until } => {
            Query::Ledger { since: *since, until: *until, cursor: Some(cursor) }
        }
        Need::Closed => Query::MoreClosedPositions(cursor),
    })
}
