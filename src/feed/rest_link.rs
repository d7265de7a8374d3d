//! The state of the REST link, read off the fate of the requests.
//!
//! While nothing gets through, one request at a time goes as a probe, at the pace of the backoff; the
//! first answer lets all others go again.

use std::sync::Arc;
use std::time::Duration;

use super::backoff::Backoff;
use super::context::Shared;
use crate::domain::{Body, LinkReport, LinkState, Stream, Timestamp};
use crate::exchange::ExchangeError;
use crate::exchange::rest::Reply;

/// So many refusals without a good answer between them mean that something is wrong with more than one
/// question: all of them together then keep to the pace of `HELD`.
const MANY: u32 = 8;
/// 24 requests a minute.
const HELD: Duration = Duration::from_millis(2_500);

/// A link that gave a good answer to another question this shortly before is not blamed for a page of
/// something between us and the exchange.
const LATELY: Duration = Duration::from_secs(5);

/// Turns answers and failures into reports of the link, and says when it may be tried.
#[derive(Debug)]
pub(super) struct RestLink {
    shared: Arc<Shared>,
    state: LinkState,
    backoff: Backoff,
    live_since: Option<Timestamp>,
    /// The newest start of a request that was answered.
    answered_start: Option<Timestamp>,
    /// While the link fails: not before this.
    next_try: Option<Timestamp>,
    /// Refusals since the last good answer.
    refused: u32,
    /// While everything is refused: not before this.
    held_until: Option<Timestamp>,
}

impl RestLink {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let backoff = Backoff::new(shared.settings.reconnect, shared.settings.seed);
        Self {
            shared,
            state: LinkState::Connecting,
            backoff,
            live_since: None,
            answered_start: None,
            next_try: None,
            refused: 0,
            held_until: None,
        }
    }

    pub(super) fn connecting(&self) {
        self.shared.link(Stream::Rest, LinkState::Connecting, 0, None);
    }

    /// Returns whether one more request may go while `running` are on their way.
    pub(super) fn allows(&self, now: Timestamp, running: usize) -> bool {
        self.next_try().is_none_or(|at| running == 0 && now >= at)
    }

    /// Returns when the next request may go, while the link fails or everything is refused.
    pub(super) fn next_try(&self) -> Option<Timestamp> {
        self.next_try.max(self.held_until)
    }

    /// A person asks for a try now.
    pub(super) fn try_now(&mut self) {
        self.backoff.reset();
        self.next_try = self.next_try.map(|_| self.shared.now());
        (self.refused, self.held_until) = (0, None);
    }

    /// A request was answered; returns whether that ends a failure.
    pub(super) fn answered(&mut self, reply: &Reply) -> bool {
        let was_held = self.held_until.take().is_some();
        self.refused = 0;
        self.answered_start = self.answered_start.max(Some(reply.started));
        let round_trip = reply.received.since(reply.started);
        let bytes = u64::try_from(reply.bytes).unwrap_or(u64::MAX);
        let stream = Stream::Rest;
        self.shared.apply(Body::Link(LinkReport::Traffic { stream, frames: 1, bytes }));
        self.shared.apply(Body::Link(LinkReport::Latency { stream, round_trip }));
        self.alive() || was_held
    }

    /// A request that began at `started` failed; returns whether the failure itself ends one: an answer
    /// with an error code is an answer, and the link is alive.
    pub(super) fn failed(&mut self, error: &ExchangeError, started: Timestamp) -> bool {
        let now = self.shared.now();
        if self.is_refusal(error, started) {
            self.refused = self.refused.saturating_add(1);
            self.held_until = (self.refused >= MANY).then(|| now.after(HELD));
            return self.alive();
        }
        // Requests that were on their way together are one failed attempt, and one that began before
        // another that was answered says nothing of the link as it is now.
        if self.next_try.is_some_and(|at| now < at) || self.is_outlived(started) {
            return false;
        }
        let lived = self.live_since.take().map(|since| now.since(since));
        let pause = self.backoff.pause(lived, now.since(started));
        self.next_try = Some(now.after(pause));
        self.state = if self.backoff.is_down() { LinkState::Down } else { LinkState::Backoff };
        let (failed, reason) = (self.backoff.failed(), error.to_string());
        self.shared.waiting(Stream::Rest, self.state, failed, &reason, pause);
        false
    }

    /// Returns whether a failure is that of its question alone: the exchange itself refused, or something
    /// in between did while others were answered.
    pub(super) fn is_refusal(&self, error: &ExchangeError, started: Timestamp) -> bool {
        let lately = |answered: Timestamp| started.since(answered) <= LATELY;
        let page = matches!(error, ExchangeError::Status { .. });
        error.is_answer()
            || (page && self.next_try.is_none() && self.answered_start.is_some_and(lately))
    }

    /// Returns whether a request that began later than `started` has been answered.
    pub(super) fn is_outlived(&self, started: Timestamp) -> bool {
        self.answered_start.is_some_and(|answered| answered > started)
    }

    fn alive(&mut self) -> bool {
        let recovered = self.next_try.take().is_some();
        if recovered {
            // Requests do not hang on one connection: what fails next is a new beginning.
            self.backoff.reset();
        }
        if self.state != LinkState::Live {
            self.state = LinkState::Live;
            self.live_since = Some(self.shared.now());
            self.shared.link(Stream::Rest, LinkState::Live, 0, None);
        }
        recovered
    }
}
