//! [`Observe`]: what passes between the program and the exchange, for whoever watches it.
//!
//! It is told where responses and messages enter, never where requests leave: an observer sees no header, no
//! signature and no login.

use std::fmt;
use std::time::Duration;

use super::{Channel, ExchangeError, Request, Response};
use crate::domain::{AccountKind, Stream, Text, Timestamp};

/// A request that has ended.
#[derive(Debug, Clone, Copy)]
pub struct EndedRequest<'a> {
    /// The generation of the API that it was sent to.
    pub api: AccountKind,
    /// The request.
    pub request: &'a Request,
    /// Local time at which it left.
    pub started: Timestamp,
    /// Local time of its end.
    pub ended: Timestamp,
    /// What came of it.
    pub result: Result<&'a Response, &'a ExchangeError>,
}

/// What became of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelEvent {
    /// It was acknowledged and needs no data.
    Acknowledged {
        /// Since it was sent.
        after: Duration,
    },
    /// Its first data have arrived.
    FirstData {
        /// Since it was sent.
        after: Duration,
    },
    /// It was refused.
    Refused(Text),
    /// It had no acknowledgement, or no data, in time.
    Silent,
}

/// Watches the traffic. Called on the task of the feed, so it must not block.
pub trait Observe: Send + Sync + fmt::Debug {
    /// A request has ended.
    fn request_ended(&self, ended: &EndedRequest<'_>);

    /// Something became of a subscription.
    fn channel(&self, stream: Stream, channel: &Channel, event: ChannelEvent);
}
