//! [`RestClient`]: the one place that makes requests to the exchange.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Header, HttpAnswer, HttpGet, Throttle};
use crate::domain::{Clock, Text, Timestamp};
use crate::exchange::number::{Ms, Raw};
use crate::exchange::{Answer, Api, Credentials, ExchangeError, Query, Request, sign};

/// The code of success.
const SUCCESS: &str = "00000";
/// "Nothing found": an empty list in other words.
const NOTHING_FOUND: &str = "40054";

/// An answer with its times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// What it says.
    pub answer: Answer,
    /// Local time at which the request left: what the answer says is at least this new.
    pub started: Timestamp,
    /// Local time of receipt.
    pub received: Timestamp,
    /// The exchange's time of answering.
    pub sent: Option<Timestamp>,
    /// Size of the body.
    pub bytes: usize,
}

/// Asks the exchange: signs, keeps to the budget, reads the envelope.
#[derive(Debug)]
pub struct RestClient {
    http: Arc<dyn HttpGet>,
    credentials: Option<Arc<Credentials>>,
    demo_trading: bool,
    clock: Arc<dyn Clock>,
    offset_ms: AtomicI64,
    throttle: Throttle,
}

impl RestClient {
    /// Returns a client of the exchange that `http` reaches. `demo_trading` asks for Bitget's own paper
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
        }
    }

    /// Sets the exchange's clock minus ours, which signatures are corrected by.
    pub fn set_offset_ms(&self, offset_ms: i64) {
        self.offset_ms.store(offset_ms, Ordering::Relaxed);
    }

    /// Asks `query` in the words of `api`.
    ///
    /// # Errors
    /// Whatever is not a good, complete answer: see [`ExchangeError`]. Nothing follows from an error
    /// but that the datum ages.
    pub async fn ask(&self, api: &dyn Api, query: &Query) -> Result<Reply, ExchangeError> {
        let request = api.to_request(query);
        if request.signed && self.credentials.is_none() {
            return Err(ExchangeError::NoCredentials);
        }
        self.throttle.acquire(request.path, request.limit_per_second).await;
        let started = self.clock.now();
        let (path, headers) = self.prepare(&request, started);
        let answer = self
            .http
            .get(&path, &headers)
            .await
            .map_err(|failure| ExchangeError::Transport(failure.0))?;
        let received = self.clock.now();
        let result = read(api, query, &answer);
        match &result {
            Err(ExchangeError::RateLimited { retry_after }) => self.throttle.refused(*retry_after),
            Ok(_) => self.throttle.answered(),
            Err(_) => {}
        }
        let (read, sent) = result?;
        Ok(Reply { answer: read, started, received, sent, bytes: answer.body.len() })
    }

    /// Returns the path with its query and the headers. What is signed is the raw text of what is sent; on the wire
    /// it is percent-encoded, which for ASCII values is the same.
    fn prepare(&self, request: &Request, now: Timestamp) -> (String, Vec<Header>) {
        let (mut raw, mut encoded) = (String::new(), String::new());
        for (name, value) in &request.query {
            let mark = if raw.is_empty() { "" } else { "&" };
            raw.extend([mark, name, "=", value]);
            encoded.extend([mark, name, "=", &percent_encode(value)]);
        }
        let question = if encoded.is_empty() { "" } else { "?" };
        let path = format!("{}{question}{encoded}", request.path);

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

type Read = (Answer, Option<Timestamp>);

/// Reads an answer: the envelope first, whatever the status. Success is a 2xx status, the code of
/// success, data, and the shape that was asked for.
fn read(api: &dyn Api, query: &Query, answer: &HttpAnswer) -> Result<Read, ExchangeError> {
    let limited = answer.status == 429;
    let text = std::str::from_utf8(&answer.body).unwrap_or_default();
    let envelope: Option<Envelope<'_>> = serde_json::from_str(text).ok();
    let Some((envelope, code)) =
        envelope.as_ref().and_then(|envelope| Some((envelope, envelope.code.text()?)))
    else {
        return Err(if limited {
            ExchangeError::RateLimited { retry_after: answer.retry_after }
        } else {
            ExchangeError::Status { status: answer.status }
        });
    };
    let good = (200..300).contains(&answer.status);
    if code != SUCCESS && code != NOTHING_FOUND {
        let text = envelope.msg.cleaned().unwrap_or_else(|| Text::new("no reason given"));
        let refused = ExchangeError::refused(code, text);
        // What code comes with the status of a limit is documented nowhere.
        return Err(if limited || matches!(refused, ExchangeError::RateLimited { .. }) {
            ExchangeError::RateLimited { retry_after: answer.retry_after }
        } else {
            refused
        });
    }
    if limited {
        return Err(ExchangeError::RateLimited { retry_after: answer.retry_after });
    }
    if code == NOTHING_FOUND {
        return Ok((api.read_answer(query, "[]")?, envelope.request_time.0));
    }
    if !good {
        return Err(ExchangeError::Status { status: answer.status });
    }
    let data = envelope.data.map_or("null", RawValue::get);
    if data == "null" {
        return Err(ExchangeError::NoData);
    }
    let answer = api.read_answer(query, data)?;
    Ok((answer, envelope.request_time.0))
}
