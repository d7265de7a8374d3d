//! [`RestClient`]: the one place that makes requests to the exchange.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Header, HttpFailure, HttpGet, HttpResponse, Throttle};
use crate::domain::{Clock, Text, Timestamp};
use crate::exchange::number::{Ms, Raw};
use crate::exchange::{
    Api, Credentials, EndedRequest, ExchangeError, HttpRequest, Observe, Request, Response, sign,
};

/// The code of success.
const SUCCESS: &str = "00000";
/// "Nothing found", which means an empty list.
const NOTHING_FOUND: &str = "40054";

/// A response with its times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimedResponse {
    /// What it says.
    pub response: Response,
    /// Local time at which the request left: the response is at least this new.
    pub started: Timestamp,
    /// Local time of receipt.
    pub received: Timestamp,
    /// The exchange's time of responding; `None` where the envelope does not say.
    pub sent: Option<Timestamp>,
    /// Size of the body, in bytes.
    pub bytes: usize,
    /// The numbers of the requests that it was read by: one for each page.
    pub numbers: Vec<u64>,
    /// Whether it was read page by page, and these are all pages of all lists.
    pub whole: bool,
}

/// The turn of a request under the rate limits: it must be sent at once.
#[derive(Debug)]
#[must_use]
pub struct Turn(HttpRequest);

/// Sends requests to the exchange: signs them, keeps to the rate limits, reads the envelope.
#[derive(Debug)]
pub struct RestClient {
    http: Arc<dyn HttpGet>,
    credentials: Option<Arc<Credentials>>,
    demo_trading: bool,
    clock: Arc<dyn Clock>,
    offset_ms: AtomicI64,
    throttle: Throttle,
    observer: Option<Arc<dyn Observe>>,
    sent: AtomicU64,
}

impl RestClient {
    /// Returns a client of the exchange that `http` reaches. `demo_trading` selects Bitget's own paper
    /// trading.
    pub fn new(
        http: Arc<dyn HttpGet>,
        credentials: Option<Arc<Credentials>>,
        demo_trading: bool,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            http,
            credentials,
            demo_trading,
            clock,
            offset_ms: AtomicI64::new(0),
            throttle: Throttle::default(),
            observer: None,
            sent: AtomicU64::new(0),
        }
    }

    /// Tells `observer` of every request that ends.
    #[must_use]
    pub fn observed_by(mut self, observer: Option<Arc<dyn Observe>>) -> Self {
        self.observer = observer;
        self
    }

    /// The start is over: from now on few requests are sent at once.
    pub fn settle(&self) {
        self.http.settle();
    }

    /// Sets the exchange's clock minus ours, in milliseconds; signatures are corrected by it.
    pub fn set_offset_ms(&self, offset_ms: i64) {
        self.offset_ms.store(offset_ms, Ordering::Relaxed);
    }

    /// Takes the turn of `request`, spelled by `api`, if it is now.
    ///
    /// # Errors
    /// How long it will not be.
    pub fn try_turn(&self, api: &dyn Api, request: &Request) -> Result<Turn, Duration> {
        let http_request = api.to_http(request);
        self.throttle.try_acquire(http_request.path, http_request.limit_per_second)?;
        Ok(Turn(http_request))
    }

    /// Sends `request`, spelled by `api`, when its turn comes.
    ///
    /// # Errors
    /// Those of [`send_now`](Self::send_now).
    pub async fn send(
        &self,
        api: &dyn Api,
        request: &Request,
    ) -> Result<TimedResponse, ExchangeError> {
        let http_request = api.to_http(request);
        self.throttle.acquire(http_request.path, http_request.limit_per_second).await;
        self.send_now(Turn(http_request), api, request).await
    }

    /// Sends `request`, spelled by `api`, whose turn it is.
    ///
    /// # Errors
    /// Whatever is not a successful, complete response: see [`ExchangeError`]. The data that were
    /// requested stay as they are and age.
    pub async fn send_now(
        &self,
        Turn(http_request): Turn,
        api: &dyn Api,
        request: &Request,
    ) -> Result<TimedResponse, ExchangeError> {
        if http_request.signed && self.credentials.is_none() {
            return Err(ExchangeError::NoCredentials);
        }
        let started = self.clock.now();
        let number = self.sent.fetch_add(1, Ordering::Relaxed) + 1;
        let (path, headers) = self.prepare(&http_request, started);
        let http_response = self.http.get(&path, &headers).await;
        let received = self.clock.now();
        let result = match &http_response {
            Ok(http) => read(api, request, http).map(|read| (read, http.body.len())),
            Err(HttpFailure { text, fault }) => {
                Err(ExchangeError::Transport { fault: *fault, text: text.clone() })
            }
        };
        match &result {
            Err(ExchangeError::RateLimited { retry_after }) => self.throttle.refused(*retry_after),
            Ok(_) => self.throttle.answered(),
            Err(_) => {}
        }
        if let Some(observer) = &self.observer {
            observer.request_ended(&EndedRequest {
                api: api.kind(),
                request,
                started,
                ended: received,
                result: result.as_ref().map(|((response, _), _)| response),
                number,
                path: http_request.path,
                http: http_response.as_ref().ok(),
            });
        }
        let ((response, sent), bytes) = result?;
        let numbers = vec![number];
        Ok(TimedResponse { response, started, received, sent, bytes, numbers, whole: false })
    }

    /// Returns the path with its query, and the headers. The signature covers the raw query; on the
    /// wire it is percent-encoded, which is the same for ASCII values.
    fn prepare(&self, request: &HttpRequest, now: Timestamp) -> (String, Vec<Header>) {
        let (mut raw, mut encoded) = (String::new(), String::new());
        for (name, value) in &request.query {
            let mark = if raw.is_empty() { "" } else { "&" };
            raw.extend([mark, name, "=", value]);
            encoded.extend([mark, name, "=", &percent_encode(value)]);
        }
        let separator = if encoded.is_empty() { "" } else { "?" };
        let path = format!("{}{separator}{encoded}", request.path);

        let mut headers: Vec<Header> = vec![("locale", "en-US".to_owned())];
        if self.demo_trading {
            headers.push(("paptrading", "1".to_owned()));
        }
        if let Some(credentials) = self.credentials.as_ref().filter(|_| request.signed) {
            let at =
                now.plus_millis(self.offset_ms.load(Ordering::Relaxed)).as_millis().to_string();
            let signature = sign::request(credentials, &at, request.path, &raw);
            headers.push(("access-key", credentials.key().to_owned()));
            headers.push(("access-sign", signature));
            headers.push(("access-timestamp", at));
            headers.push(("access-passphrase", credentials.passphrase().to_owned()));
            headers.push(("content-type", "application/json".to_owned()));
        }
        (path, headers)
    }
}

/// Encodes everything but the unreserved characters of RFC 3986.
fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
    encoded
}

fn hex(digit: u8) -> char {
    char::from_digit(u32::from(digit), 16).unwrap_or('0').to_ascii_uppercase()
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow, default)]
    code: Raw<'a>,
    #[serde(borrow, default)]
    msg: Raw<'a>,
    #[serde(default)]
    request_time: Ms,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

/// What a response says, and the exchange's time of responding where the envelope has it.
pub type Read = (Response, Option<Timestamp>);

/// Reads a response: the envelope first, whatever the status. Success is a 2xx status, the code of
/// success, data, and the expected shape.
///
/// # Errors
/// Whatever is not a successful, complete response.
pub fn read(api: &dyn Api, request: &Request, http: &HttpResponse) -> Result<Read, ExchangeError> {
    let limited = http.status == 429;
    let text = std::str::from_utf8(&http.body).unwrap_or_default();
    let envelope: Option<Envelope<'_>> = serde_json::from_str(text).ok();
    let Some((envelope, code)) =
        envelope.as_ref().and_then(|envelope| Some((envelope, envelope.code.text()?)))
    else {
        let told = ExchangeError::of_page(http.status, &http.body);
        return Err(if limited && told.obstacle().is_none() {
            ExchangeError::RateLimited { retry_after: http.retry_after }
        } else {
            told
        });
    };
    let is_success = (200..300).contains(&http.status);
    if code != SUCCESS && code != NOTHING_FOUND {
        let text = envelope.msg.cleaned().unwrap_or_else(|| Text::new("no reason given"));
        let refused = ExchangeError::refused(code, text);
        // Which code comes with status 429 is not documented.
        return Err(if limited || matches!(refused, ExchangeError::RateLimited { .. }) {
            ExchangeError::RateLimited { retry_after: http.retry_after }
        } else {
            refused
        });
    }
    if limited {
        return Err(ExchangeError::RateLimited { retry_after: http.retry_after });
    }
    if code == NOTHING_FOUND {
        return Ok((api.read_response(request, "[]")?, envelope.request_time.0));
    }
    if !is_success {
        return Err(ExchangeError::Status { status: http.status });
    }
    let data = envelope.data.map_or("null", RawValue::get);
    if data == "null" {
        return Err(ExchangeError::NoData);
    }
    Ok((api.read_response(request, data)?, envelope.request_time.0))
}
