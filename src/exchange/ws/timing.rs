//! [`Timing`]: the deadlines of a session.

use std::time::Duration;

use crate::domain::Stream;

/// The deadlines of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// A ping is sent at least this often; the exchange disconnects after 120 s without one.
    pub ping_every: Duration,
    /// A ping is sent after this long without a frame; `None` for never.
    pub ping_when_silent: Option<Duration>,
    /// Deadline of a pong.
    pub pong: Duration,
    /// Deadline of the login's acknowledgement.
    pub login: Duration,
    /// Deadline of a subscription's acknowledgement.
    pub acknowledgement: Duration,
    /// Deadline of the first data on a channel that must have some.
    pub first_data: Duration,
    /// Without any frame for this long the stream is stale; `None` for never.
    pub stale: Option<Duration>,
}

impl Timing {
    /// Returns the deadlines of a stream: missing prices are noticed within seconds, while own orders
    /// may be silent for hours.
    pub const fn of(stream: Stream) -> Self {
        let private = matches!(stream, Stream::WsPrivate);
        Self {
            ping_every: Duration::from_secs(if private { 15 } else { 20 }),
            ping_when_silent: if private { None } else { Some(Duration::from_secs(3)) },
            pong: Duration::from_secs(5),
            login: Duration::from_secs(10),
            acknowledgement: Duration::from_secs(10),
            first_data: Duration::from_secs(10),
            stale: if private { None } else { Some(Duration::from_secs(5)) },
        }
    }
}
