//! The state of the three links to the exchange, as data.

use std::fmt;
use std::time::Duration;

use super::{LinkFault, Text, Timestamp};

/// One of the links to the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// Requests and their responses.
    Rest,
    /// The stream of public data.
    WsPublic,
    /// The stream of the own account.
    WsPrivate,
}

impl Stream {
    /// Every link.
    pub const ALL: [Self; 3] = [Self::Rest, Self::WsPublic, Self::WsPrivate];
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rest => "rest",
            Self::WsPublic => "ws_public",
            Self::WsPrivate => "ws_private",
        })
    }
}

/// What a link is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkState {
    /// An attempt is in progress: name lookup, TCP, TLS, upgrade, login, subscriptions.
    Connecting,
    /// Proven alive within its limit.
    Live,
    /// Open, but not proven alive within its limit.
    Stale,
    /// Lost; waits before the next attempt.
    Backoff,
    /// Lost, and the attempts in a row are used up; one attempt per cool-down.
    Down,
    /// Not wanted, or refused for good until the user acts.
    Stopped,
}

impl fmt::Display for LinkState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Stale => "stale",
            Self::Backoff => "backoff",
            Self::Down => "down",
            Self::Stopped => "stopped",
        })
    }
}

/// A change of one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkReport {
    /// Its state.
    State {
        /// The link.
        stream: Stream,
        /// The new state.
        state: LinkState,
        /// Failed attempts in a row so far.
        attempts: u32,
        /// Why, for the user; `None` keeps the last reason.
        reason: Option<Text>,
        /// Local time of the next attempt; `None` where none is planned.
        next_attempt_at: Option<Timestamp>,
        /// What the reason means for the user; `None` where there is no reason.
        fault: Option<LinkFault>,
    },
    /// A round trip was measured: ping to pong, or request to response.
    Latency {
        /// The link.
        stream: Stream,
        /// How long it took.
        round_trip: Duration,
    },
    /// Frames or responses received since the last report.
    Traffic {
        /// The link.
        stream: Stream,
        /// How many.
        frames: u64,
        /// Their size in bytes.
        bytes: u64,
    },
}
