//! The state of the REST link, read off the fate of the requests.
//!
//! While nothing gets through, one request at a time goes as a probe, at the pace of the backoff; the
//! first answer lets all others go again.

use std::sync::Arc;

use super::backoff::Backoff;
use super::context::Shared;
use crate::domain::{Body, LinkReport, LinkState, Stream, Timestamp};
use crate::exchange::ExchangeError;
use crate::exchange::rest::Reply;

/// Turns answers and failures into reports of the link, and says when it may be tried.
#[derive(Debug)]
pub(super) struct RestLink {
    shared: Arc<Shared>,
    state: LinkState,
    backoff: Backoff,
    live_since: Option<Timestamp>,
    /// While the link fails: not before this.
    next_try: Option<Timestamp>,
}

impl RestLink {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let backoff = Backoff::new(shared.settings.reconnect, shared.settings.seed);
        Self { shared, state: LinkState::Connecting, backoff, live_since: None, next_try: None }
    }

    pub(super) fn connecting(&self) {
        self.shared.link(Stream::Rest, LinkState::Connecting, 0, None);
    }

    /// Returns whether one more request may go while `running` are on their way.
    pub(super) fn allows(&self, now: Timestamp, running: usize) -> bool {
        self.next_try.is_none_or(|at| running == 0 && now >= at)
    }

    /// Returns when the next probe may go, while the link fails.
    pub(super) const fn next_try(&self) -> Option<Timestamp> {
        self.next_try
    }

    /// A person asks for a try now.
    pub(super) fn try_now(&mut self) {
        self.backoff.reset();
        self.next_try = self.next_try.map(|_| self.shared.now());
    }

    /// A request was answered; returns whether that ends a failure.
    pub(super) fn answered(&mut self, reply: &Reply) -> bool {
        let round_trip = reply.received.since(reply.started);
        let bytes = u64::try_from(reply.bytes).unwrap_or(u64::MAX);
        let stream = Stream::Rest;
        self.shared.apply(Body::Link(LinkReport::Traffic { stream, frames: 1, bytes }));
        self.shared.apply(Body::Link(LinkReport::Latency { stream, round_trip }));
        self.alive()
    }

    /// A request failed; returns whether the failure itself ends one: an answer with an error code is
    /// an answer, and the link is alive.
    pub(super) fn failed(&mut self, error: &ExchangeError) -> bool {
        if error.is_answer() {
            return self.alive();
        }
        let now = self.shared.now();
        // Requests that were on their way together are one failed attempt.
        if self.next_try.is_some_and(|at| now < at) {
            return false;
        }
        let lived = self.live_since.take().map(|since| now.since(since));
        let pause = self.backoff.pause(lived);
        self.next_try = Some(now.after(pause));
        self.state = if self.backoff.is_down() { LinkState::Down } else { LinkState::Backoff };
        let (failed, reason) = (self.backoff.failed(), error.to_string());
        self.shared.waiting(Stream::Rest, self.state, failed, &reason, pause);
        false
    }

    fn alive(&mut self) -> bool {
        let recovered = self.next_try.take().is_some();
        if self.state != LinkState::Live {
            self.state = LinkState::Live;
            self.live_since = Some(self.shared.now());
            self.shared.link(Stream::Rest, LinkState::Live, 0, None);
        }
        recovered
    }
}
