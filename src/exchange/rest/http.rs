//! What the client needs of a transport: one method, GET.

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;

/// A header of a request. Values may be secret.
pub type Header = (&'static str, String);

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HttpAnswer {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After`, in seconds on the wire.
    pub retry_after: Option<Duration>,
    /// The body; empty where it was larger than any that is asked for.
    pub body: Vec<u8>,
}

/// Why nothing came back, in words that name the step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct HttpFailure(pub String);

/// Asks the exchange over HTTP. There is no other method to be had.
pub trait HttpGet: Send + Sync + fmt::Debug {
    /// Gets `path`, with its query, from the exchange with `headers`.
    fn get<'a>(
        &'a self,
        path: &'a str,
        headers: &'a [Header],
    ) -> BoxFuture<'a, Result<HttpAnswer, HttpFailure>>;
}
