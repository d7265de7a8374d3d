//! The state of the three links, and which of its changes become events.

use super::LinkStatus;
use crate::domain::{LinkReport, LinkState, Stream, Text, Timestamp};

/// A change of a link's state.
#[derive(Debug)]
pub(super) struct LinkChange {
    pub(super) stream: Stream,
    pub(super) state: LinkState,
    pub(super) reason: Option<Text>,
}

/// The three links.
#[derive(Debug)]
pub(super) struct LinkStates {
    links: [LinkStatus; 3],
    /// Links that have been live before: becoming live again is a reconnect.
    was_live: [bool; 3],
}

impl Default for LinkStates {
    fn default() -> Self {
        Self { links: Stream::ALL.map(stopped), was_live: [false; 3] }
    }
}

fn stopped(stream: Stream) -> LinkStatus {
    LinkStatus {
        stream,
        state: LinkState::Stopped,
        since: None,
        attempts: 0,
        last_error: None,
        latency: None,
        frames: 0,
        bytes: 0,
        reconnects: 0,
        next_attempt_at: None,
        last_traffic_at: None,
        fault: None,
    }
}

impl LinkStates {
    pub(super) fn statuses(&self) -> Vec<LinkStatus> {
        self.links.to_vec()
    }

    /// Applies a report and returns the change of state, if there was one.
    pub(super) fn apply(&mut self, report: LinkReport, at: Timestamp) -> Option<LinkChange> {
        let stream = match &report {
            LinkReport::State { stream, .. }
            | LinkReport::Latency { stream, .. }
            | LinkReport::Traffic { stream, .. } => *stream,
        };
        let (link, was_live) = self
            .links
            .iter_mut()
            .zip(&mut self.was_live)
            .find(|(link, _)| link.stream == stream)?;
        match report {
            LinkReport::Latency { round_trip, .. } => {
                link.latency = Some(round_trip);
                None
            }
            LinkReport::Traffic { frames, bytes, .. } => {
                link.frames = link.frames.saturating_add(frames);
                link.bytes = link.bytes.saturating_add(bytes);
                link.last_traffic_at = Some(at);
                None
            }
            LinkReport::State { state, attempts, reason, next_attempt_at, fault, .. } => {
                let changed = link.state != state;
                if changed {
                    link.since = Some(at);
                }
                if changed && state == LinkState::Live {
                    // Stale to live is the same connection, not a reconnect.
                    if *was_live && link.state != LinkState::Stale {
                        link.reconnects += 1;
                    }
                    *was_live = true;
                }
                if !matches!(state, LinkState::Live | LinkState::Stale) {
                    // It was measured on a connection that has ended.
                    link.latency = None;
                }
                link.state = state;
                link.attempts = attempts;
                link.next_attempt_at = next_attempt_at;
                if reason.is_some() {
                    link.last_error.clone_from(&reason);
                    link.fault = fault;
                }
                changed.then_some(LinkChange { stream, state, reason })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_latency_ends_with_the_connection_that_it_was_measured_on() {
        let mut states = LinkStates::default();
        let mut report = |state| {
            let stream = Stream::WsPublic;
            let report = LinkReport::State {
                stream,
                state,
                attempts: 0,
                reason: None,
                next_attempt_at: None,
                fault: None,
            };
            states.apply(report, Timestamp::default());
            let latency = states.statuses()[1].latency;
            let round_trip = Duration::from_millis(20);
            states.apply(LinkReport::Latency { stream, round_trip }, Timestamp::default());
            latency
        };
        assert_eq!(report(LinkState::Live), None);
        assert_eq!(report(LinkState::Stale), Some(Duration::from_millis(20)));
        assert_eq!(report(LinkState::Live), Some(Duration::from_millis(20)));
        assert_eq!(report(LinkState::Backoff), None);
        assert_eq!(report(LinkState::Connecting), None);
    }
}
