//! The transport of requests: one method, GET.

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use rustls::ClientConfig;

/// The largest body that is read. The largest one that is asked for is about 100 kB.
const MOST_BYTES: usize = 4 << 20;
/// Idle sockets are dropped before the exchange closes them, so that a request does not meet one
/// that is being closed.
const IDLE: Duration = Duration::from_secs(12);

/// More sockets than this are not kept between two polls.
const IDLE_SOCKETS: usize = 2;

/// A header; the value is marked as sensitive.
pub type Header = (&'static str, String);

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HttpAnswer {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After`, in seconds on the wire.
    pub retry_after: Option<Duration>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why nothing came back, in words that name the step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct HttpFailure(pub String);

/// Gets a URL. There is no other method to be had.
pub trait HttpGet: Send + Sync + fmt::Debug {
    /// Gets `url` with `headers`.
    fn get<'a>(
        &'a self,
        url: &'a str,
        headers: &'a [Header],
    ) -> BoxFuture<'a, Result<HttpAnswer, HttpFailure>>;
}

/// Requests over the network.
#[derive(Debug)]
pub struct ReqwestGet {
    client: Client,
}

impl ReqwestGet {
    /// Returns a client that verifies certificates with `tls`, follows no redirect and uses no proxy.
    ///
    /// # Errors
    /// When the TLS configuration cannot be used.
    pub fn new(
        tls: &ClientConfig,
        connect: Duration,
        whole: Duration,
    ) -> Result<Self, HttpFailure> {
        Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(connect.min(whole))
            .timeout(whole)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_SOCKETS)
            .tcp_nodelay(true)
            .user_agent(concat!("bitget-watch/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(|client| Self { client })
            .map_err(|error| failure(&error))
    }

    async fn once(&self, url: &str, headers: HeaderMap) -> Result<HttpAnswer, reqwest::Error> {
        let mut response = self.client.get(url).headers(headers).send().await?;
        let status = response.status().as_u16();
        let retry_after = retry_after(&response);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MOST_BYTES {
                // The rest is not read: the connection is dropped with the response.
                body.clear();
                break;
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpAnswer { status, retry_after, body })
    }
}

impl HttpGet for ReqwestGet {
    fn get<'a>(
        &'a self,
        url: &'a str,
        headers: &'a [Header],
    ) -> BoxFuture<'a, Result<HttpAnswer, HttpFailure>> {
        Box::pin(async move {
            let headers = header_map(headers)?;
            match self.once(url, headers.clone()).await {
                // A pooled connection that the exchange closed at the same moment: it never saw the
                // request, and a GET may be sent again.
                Err(error) if closed_before_answer(&error) => self.once(url, headers).await,
                result => result,
            }
            .map_err(|error| failure(&error))
        })
    }
}

fn header_map(headers: &[Header]) -> Result<HeaderMap, HttpFailure> {
    headers
        .iter()
        .map(|(name, value)| {
            let mut value = HeaderValue::from_str(value)
                .map_err(|error| HttpFailure(format!("{name} cannot be sent: {error}")))?;
            value.set_sensitive(true);
            Ok((HeaderName::from_static(name), value))
        })
        .collect()
}

fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get("retry-after")?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

fn closed_before_answer(error: &reqwest::Error) -> bool {
    error.is_request() && !error.is_timeout() && !error.is_connect()
}

/// Returns the step and the innermost reason, without the URL.
fn failure(error: &reqwest::Error) -> HttpFailure {
    let step = if error.is_connect() {
        "connecting"
    } else if error.is_body() || error.is_decode() {
        "reading the answer"
    } else {
        "the request"
    };
    if error.is_timeout() {
        return HttpFailure(format!("{step} did not end in time"));
    }
    let mut reason: &dyn std::error::Error = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    HttpFailure(format!("{step} failed: {reason}"))
}
