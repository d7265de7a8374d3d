//! [`Observe`]: what passes between the program and the exchange, for whoever watches it.
//!
//! It is told where responses and messages enter, never where requests leave: an observer sees no header, no
//! signature and no login.

use std::fmt;
use std::time::Duration;

use super::rest::HttpResponse;
use super::{Channel, ExchangeError, Request, Response};
use crate::domain::{AccountKind, Stream, Text, Timestamp, Update};

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
    /// Counts the requests of a client, from one on.
    pub number: u64,
    /// The path, without the query and the headers.
    pub path: &'static str,
    /// The response as it came; `None` where there is none.
    pub http: Option<&'a HttpResponse>,
}

/// What the updates of a response are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The state as it is now.
    Poll,
    /// A page of the ledger of the last weeks.
    Ledger {
        /// From here on the ledger is complete, once the last page has been read.
        since: Timestamp,
        /// End of the range.
        until: Timestamp,
        /// Whether this is the last page.
        last: bool,
    },
    /// A page of closed positions of before.
    Closed,
}

/// Responses that became updates.
#[derive(Debug, Clone, Copy)]
pub struct Applied<'a> {
    /// The numbers of the requests: one, or one for each page.
    pub numbers: &'a [u64],
    /// Whether these are all pages of all lists.
    pub whole: bool,
    /// What the updates are made for.
    pub purpose: Purpose,
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

    /// Responses became updates at `now`. Those that came too late, or were of another generation, never do.
    fn applied(&self, applied: &Applied<'_>, now: Timestamp) {
        let _ = (applied, now);
    }

    /// The program itself had something to say: of a link, a problem, the clock.
    fn told(&self, update: &Update) {
        let _ = update;
    }

    /// A stream was opened.
    fn opened(&self, stream: Stream, api: AccountKind, now: Timestamp) {
        let _ = (stream, api, now);
    }

    /// A text arrived.
    fn received(&self, stream: Stream, text: &str, now: Timestamp) {
        let _ = (stream, text, now);
    }

    /// A text was sent. A login is not told of, nor is anything else before it was accepted.
    fn sent(&self, stream: Stream, text: &str, now: Timestamp) {
        let _ = (stream, text, now);
    }
}
