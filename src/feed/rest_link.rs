//! The state of the REST link, derived from how requests end.
//!
//! While nothing gets through, one request at a time is sent as a probe, at the pace of the backoff; the
//! first response lets all others go again.

use std::sync::Arc;
use std::time::Duration;

use super::backoff::Backoff;
use super::context::Shared;
use crate::domain::{Body, LinkReport, LinkState, Stream, Timestamp};
use crate::exchange::rest::TimedResponse;
use crate::exchange::{ExchangeError, Request};

/// This many refusals without a good response between them concern more than one request: from then on
/// all requests together are paced by [`SLOWED_GAP`].
const SLOWED_AFTER: u32 = 8;
/// 24 requests per minute.
const SLOWED_GAP: Duration = Duration::from_millis(2_500);

/// After another good response within this span, an HTTP error of something between us and the exchange
/// is not blamed on the link.
const RECENT: Duration = Duration::from_secs(5);

/// Turns responses and failures into reports of the link, and says when a request may be sent.
#[derive(Debug)]
pub(super) struct RestLink {
    shared: Arc<Shared>,
    state: LinkState,
    backoff: Backoff,
    live_since: Option<Timestamp>,
    /// The latest start of a request that succeeded.
    answered_start: Option<Timestamp>,
    /// While the link fails: not before this.
    next_try: Option<Timestamp>,
    /// Refusals since the last good response.
    refused: u32,
    /// While everything is refused: not before this.
    slowed_until: Option<Timestamp>,
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
            slowed_until: None,
        }
    }

    pub(super) fn connecting(&self) {
        self.shared.link(Stream::Rest, LinkState::Connecting, 0, None);
    }

    /// Returns whether one more request may be sent while `running` are in flight.
    pub(super) fn allows(&self, now: Timestamp, running: usize) -> bool {
        self.next_try().is_none_or(|at| running == 0 && now >= at)
    }

    /// Returns when the next request may be sent; `None` for at once.
    pub(super) fn next_try(&self) -> Option<Timestamp> {
        self.next_try.max(self.slowed_until)
    }

    /// The user wants a retry now.
    pub(super) fn retry_now(&mut self) {
        self.backoff.reset();
        self.next_try = self.next_try.map(|_| self.shared.now());
        (self.refused, self.slowed_until) = (0, None);
    }

    /// A request succeeded; returns whether that ends an outage.
    pub(super) fn succeeded(&mut self, timed: &TimedResponse) -> bool {
        let was_slowed = self.slowed_until.take().is_some();
        self.refused = 0;
        self.answered_start = self.answered_start.max(Some(timed.started));
        let round_trip = timed.received.since(timed.started);
        let bytes = u64::try_from(timed.bytes).unwrap_or(u64::MAX);
        let stream = Stream::Rest;
        self.shared.apply(Body::Link(LinkReport::Traffic { stream, frames: 1, bytes }));
        self.shared.apply(Body::Link(LinkReport::Latency { stream, round_trip }));
        self.alive() || was_slowed
    }

    /// A request that was sent at `started` failed; returns whether that ends an outage: a response with
    /// an error code shows that the link is alive.
    pub(super) fn failed(
        &mut self,
        error: &ExchangeError,
        started: Timestamp,
        request: &Request,
    ) -> bool {
        let now = self.shared.now();
        if self.is_refusal(error, started) {
            // A product that is refused must not slow the others down.
            let counts = u32::from(!request.is_of_other_product());
            self.refused = self.refused.saturating_add(counts);
            self.slowed_until = (self.refused >= SLOWED_AFTER).then(|| now.after(SLOWED_GAP));
            return self.alive();
        }
        // Requests that were in flight together are one failed attempt, and one that was sent before
        // another that succeeded says nothing about the link as it is now.
        if self.next_try.is_some_and(|at| now < at) || self.is_outlived(started) {
            return false;
        }
        let lived = self.live_since.take().map(|since| now.since(since));
        let pause = self.backoff.pause(lived, now.since(started));
        self.next_try = Some(now.after(pause));
        self.state = if self.backoff.is_down() { LinkState::Down } else { LinkState::Backoff };
        let (failed, reason) = (self.backoff.failed(), error.to_string());
        if let Some(obstacle) = error.obstacle() {
            self.shared.obstructed(Stream::Rest, Some((obstacle, &reason)));
        }
        self.shared.waiting(Stream::Rest, self.state, failed, (&reason, error.fault()), pause);
        false
    }

    /// Returns whether a failure concerns its request alone: the exchange itself refused it, or something
    /// in between did while others succeeded.
    pub(super) fn is_refusal(&self, error: &ExchangeError, started: Timestamp) -> bool {
        let is_recent = |answered: Timestamp| started.since(answered) <= RECENT;
        error.is_response()
            || (error.is_page()
                && self.next_try.is_none()
                && self.answered_start.is_some_and(is_recent))
    }

    /// Returns whether a request that was sent later than `started` has succeeded.
    pub(super) fn is_outlived(&self, started: Timestamp) -> bool {
        self.answered_start.is_some_and(|answered| answered > started)
    }

    fn alive(&mut self) -> bool {
        let recovered = self.next_try.take().is_some();
        if recovered {
            // Requests do not depend on one connection: the next failure starts a new count.
            self.backoff.reset();
        }
        if self.state != LinkState::Live {
            self.state = LinkState::Live;
            self.live_since = Some(self.shared.now());
            self.shared.link(Stream::Rest, LinkState::Live, 0, None);
            self.shared.obstructed(Stream::Rest, None);
        }
        recovered
    }
}
