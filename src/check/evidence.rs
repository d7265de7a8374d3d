//! [`Evidence`]: everything that was found out, before it is put into words.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::config::ApiChoice;
use crate::domain::{AccountKind, RequestKind, Stream, Symbol, Timestamp};
use crate::exchange::{Channel, ChannelEvent, EndedRequest, ExchangeError, Observe};
use crate::feed::{DialError, DialFacts, Target};
use crate::report::{Report, Source};

/// One attempt to open a stream.
#[derive(Debug, Clone)]
pub struct Dialed {
    /// Where to.
    pub target: Target,
    /// What the steps found.
    pub facts: DialFacts,
    /// How it ended.
    pub result: Result<(), DialError>,
}

/// The newest end of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LastEnd {
    /// The generation of the API that it was sent to.
    pub(super) api: AccountKind,
    /// Why it failed; `None` for a success.
    pub(super) error: Option<ExchangeError>,
    pub(super) round_trip: Duration,
}

/// What the feeds told while they ran.
#[derive(Debug, Clone, Default)]
pub(super) struct Observed {
    /// By request.
    pub(super) requests: BTreeMap<RequestKind, LastEnd>,
    /// By stream, in the order of their first event.
    pub(super) channels: Vec<(Stream, Channel, ChannelEvent)>,
    /// Requests that have ended.
    pub(super) ended: u32,
    /// Those of them that were too many for the exchange.
    pub(super) rate_limited: u32,
    /// The slowest request.
    pub(super) slowest: Duration,
}

impl Observed {
    /// Returns what became of a channel last; `None` for nothing yet.
    pub(super) fn channel(&self, of: Stream, channel: &Channel) -> Option<&ChannelEvent> {
        let found = self.channels.iter().find(|(stream, held, _)| *stream == of && held == channel);
        found.map(|(_, _, event)| event)
    }
}

/// Collects what the feeds tell.
#[derive(Debug, Default)]
pub struct Watcher(Mutex<Observed>);

impl Watcher {
    pub(super) fn observed(&self) -> Observed {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Observed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observe for Watcher {
    fn request_ended(&self, ended: &EndedRequest<'_>) {
        let error = ended.result.err().cloned();
        let round_trip = ended.ended.since(ended.started);
        let mut held = self.lock();
        held.ended = held.ended.saturating_add(1);
        held.slowest = held.slowest.max(round_trip);
        let limited = matches!(error, Some(ExchangeError::RateLimited { .. }));
        held.rate_limited = held.rate_limited.saturating_add(u32::from(limited));
        let end = LastEnd { api: ended.api, error, round_trip };
        held.requests.insert(ended.request.kind(), end);
    }

    fn channel(&self, stream: Stream, channel: &Channel, event: ChannelEvent) {
        let mut held = self.lock();
        let place = held.channels.iter_mut().find(|(of, held, _)| *of == stream && held == channel);
        match place {
            Some((_, _, held)) => *held = event,
            None => held.channels.push((stream, channel.clone(), event)),
        }
    }
}

/// Everything that was found out.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Where the data come from.
    pub source: Source,
    /// The focus.
    pub focus: Symbol,
    /// The generation of the API that the user chose.
    pub api: ApiChoice,
    /// Whether there are credentials.
    pub has_credentials: bool,
    /// The attempts to open a stream: to the REST host and to the host of the sockets.
    pub dialed: Vec<Dialed>,
    /// When the feeds started and when the last report was made (local time); the report. `None` when no
    /// connection could be opened, so that no feed was started.
    pub(super) run: Option<Run>,
}

/// What the feeds came to.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) began: Timestamp,
    pub(super) report: Report,
    pub(super) observed: Observed,
}

impl Run {
    /// Returns how long the feeds ran.
    pub(super) fn lasted(&self) -> Duration {
        self.report.now.since(self.began)
    }

    /// Returns the error of the newest request of a kind; `None` for a success, or for none.
    pub(super) fn error_of(&self, kind: &RequestKind) -> Option<&ExchangeError> {
        self.observed.requests.get(kind)?.error.as_ref()
    }
}

impl Evidence {
    /// Returns the report; `None` when no feed was started.
    pub fn report(&self) -> Option<&Report> {
        self.run.as_ref().map(|run| &run.report)
    }
}
