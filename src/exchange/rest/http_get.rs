//! What the REST client needs of a transport: one method, GET.

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::domain::LinkFault;

/// A request header. Values may be secret.
pub type Header = (&'static str, String);

/// An HTTP response.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HttpResponse {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After`; `None` where the header is missing or unreadable.
    pub retry_after: Option<Duration>,
    /// The body; empty where it was larger than any expected response.
    pub body: Vec<u8>,
}

/// Why there is no response; the text names the step that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct HttpFailure {
    /// The step, and why.
    pub text: String,
    /// What that means for the user.
    pub fault: LinkFault,
}

impl HttpFailure {
    /// Returns the failure of a connection that ended; why is not known.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), fault: LinkFault::Cut }
    }
}

/// HTTP towards the exchange. It offers GET alone, so nothing can be changed through it.
pub trait HttpGet: Send + Sync + fmt::Debug {
    /// Requests `path`, with its query, and `headers`.
    fn get<'a>(
        &'a self,
        path: &'a str,
        headers: &'a [Header],
    ) -> BoxFuture<'a, Result<HttpResponse, HttpFailure>>;

    /// The start is over: from now on few requests are sent at once.
    fn settle(&self) {}
}
