//! [`Line`]: the format of a recording, one JSON object a line.

use serde::{Deserialize, Serialize};

use super::words;
use crate::domain::{
    AccountKind, Body, LinkReport, ProblemReport, Symbol, Text, Timestamp, Update,
};
use crate::exchange::Purpose;

/// The name of the format, with its version.
pub(super) const FORMAT: &str = "bitget-watch-recording/1";

/// One line: what happened, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    /// Local time, in milliseconds since the epoch. It never goes back, as the clock is monotonic; but after
    /// the first line of a file that continues another, with what was known when it was started.
    pub(super) t: i64,
    #[serde(flatten)]
    pub(super) what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    /// The first line.
    Recording(Header),
    /// A stream was opened.
    Opened { stream: String, api: String },
    /// A text arrived on a stream.
    In { stream: String, text: String },
    /// A text was sent on a stream.
    Out { stream: String, text: String },
    /// Responses became updates.
    Applied(Responses),
    /// A request failed: for the reader, as what follows from it is told.
    Failed { api: String, error: String, response: Option<Answer> },
    /// The program said something itself.
    Told(Told),
    /// The engine read the state and made a report.
    Reading {},
    /// So many lines are missing here.
    Lost { lines: u64 },
    /// The recording ends in order.
    End {},
}

/// What a recording is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) format: String,
    /// The version of the program.
    pub(super) version: String,
    /// The focus at the start.
    pub(super) focus: String,
    /// Whether private data were asked for.
    pub(super) credentials: bool,
    /// The file before is full: this one starts with what was known by then, under the times of its own.
    #[serde(default)]
    pub(super) continues: bool,
    /// Amounts are scaled and ids replaced.
    #[serde(default)]
    pub(super) anonymized: bool,
}

/// The responses of one request: one, or one for each page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Responses {
    pub(super) api: String,
    pub(super) whole: bool,
    pub(super) purpose: PurposeWords,
    pub(super) answers: Vec<Answer>,
}

/// One response as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) request: Vec<String>,
    pub(super) path: String,
    pub(super) started: i64,
    pub(super) received: i64,
    pub(super) status: u16,
    pub(super) body: String,
}

/// As [`Purpose`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PurposeWords {
    Poll,
    Ledger { since: i64, until: i64, last: bool },
    Closed,
}

impl From<Purpose> for PurposeWords {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Poll => Self::Poll,
            Purpose::Ledger { since, until, last } => {
                Self::Ledger { since: since.as_millis(), until: until.as_millis(), last }
            }
            Purpose::Closed => Self::Closed,
        }
    }
}

impl From<PurposeWords> for Purpose {
    fn from(words: PurposeWords) -> Self {
        let at = Timestamp::from_millis;
        match words {
            PurposeWords::Poll => Self::Poll,
            PurposeWords::Ledger { since, until, last } => {
                Self::Ledger { since: at(since), until: at(until), last }
            }
            PurposeWords::Closed => Self::Closed,
        }
    }
}

/// What the program said itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Told {
    Focus(String),
    AccountKind(Option<String>),
    AccountLevel(Option<String>),
    ClockOffset {
        offset_ms: i64,
        error_ms: i64,
    },
    Link {
        stream: String,
        state: String,
        attempts: u32,
        reason: Option<String>,
        next_attempt_at: Option<i64>,
        #[serde(default)]
        fault: Option<String>,
    },
    Latency {
        stream: String,
        round_trip_us: u64,
    },
    Traffic {
        stream: String,
        frames: u64,
        bytes: u64,
    },
    Problem {
        code: String,
        subject: String,
        text: Option<String>,
    },
    Failed {
        request: Vec<String>,
        reason: Option<String>,
    },
    ClosedPositionsRead,
    Unlisted(String),
}

fn string(text: &Text) -> String {
    text.as_str().to_owned()
}

impl Told {
    /// Returns what an update of the program itself says; `None` for one that comes from a response, from the
    /// memory or from the engine.
    pub(super) fn of(body: &Body) -> Option<Self> {
        Some(match body {
            Body::Focus(symbol) => Self::Focus(words::of_symbol(symbol)),
            Body::AccountKind(kind) => Self::AccountKind(kind.map(|kind| kind.to_string())),
            Body::AccountLevel(level) => Self::AccountLevel(level.as_ref().map(string)),
            Body::ClockOffset { offset_ms, error_ms } => {
                Self::ClockOffset { offset_ms: *offset_ms, error_ms: *error_ms }
            }
            Body::Link(LinkReport::State {
                stream,
                state,
                attempts,
                reason,
                next_attempt_at,
                fault,
            }) => Self::Link {
                stream: stream.to_string(),
                state: state.to_string(),
                attempts: *attempts,
                reason: reason.as_ref().map(string),
                next_attempt_at: next_attempt_at.map(Timestamp::as_millis),
                fault: fault.and_then(words::of_fault),
            },
            Body::Link(LinkReport::Latency { stream, round_trip }) => Self::Latency {
                stream: stream.to_string(),
                round_trip_us: u64::try_from(round_trip.as_micros()).unwrap_or(u64::MAX),
            },
            Body::Link(LinkReport::Traffic { stream, frames, bytes }) => {
                Self::Traffic { stream: stream.to_string(), frames: *frames, bytes: *bytes }
            }
            Body::Problem(ProblemReport { code, subject, text }) => Self::Problem {
                code: code.to_string(),
                subject: string(subject),
                text: text.as_ref().map(string),
            },
            Body::Failed { request, reason } => Self::Failed {
                request: words::of_kind(request),
                reason: reason.as_ref().map(string),
            },
            Body::ClosedPositionsRead => Self::ClosedPositionsRead,
            Body::Unlisted(symbol) => Self::Unlisted(words::of_symbol(symbol)),
            Body::Ticker(_)
            | Body::Candles { .. }
            | Body::MarkCandles { .. }
            | Body::Book { .. }
            | Body::Trades { .. }
            | Body::Positions(_)
            | Body::Account(_)
            | Body::Orders(_)
            | Body::Fills(_)
            | Body::ClosedPositions(_)
            | Body::Ledger { .. }
            | Body::LedgerHistory { .. }
            | Body::AdlRanks(_)
            | Body::Contract(_)
            | Body::Tiers { .. }
            | Body::FeeRate { .. }
            | Body::Funding(_)
            | Body::KeyRights(_)
            | Body::Deleveraged { .. }
            | Body::Memory(_)
            | Body::Alert(_) => return None,
        })
    }

    /// Returns what the update was; `None` for words of another version.
    pub(super) fn body(self) -> Option<Body> {
        let text = |text: String| Text::new(&text);
        Some(match self {
            Self::Focus(symbol) => Body::Focus(words::symbol(&symbol)?),
            Self::AccountKind(None) => Body::AccountKind(None),
            Self::AccountKind(Some(kind)) => Body::AccountKind(Some(words::account_kind(&kind)?)),
            Self::AccountLevel(level) => Body::AccountLevel(level.map(text)),
            Self::ClockOffset { offset_ms, error_ms } => Body::ClockOffset { offset_ms, error_ms },
            Self::Link { stream, state, attempts, reason, next_attempt_at, fault } => {
                Body::Link(LinkReport::State {
                    stream: words::stream(&stream)?,
                    state: words::link_state(&state)?,
                    attempts,
                    reason: reason.map(text),
                    next_attempt_at: next_attempt_at.map(Timestamp::from_millis),
                    fault: fault.and_then(|fault| words::fault(&fault)),
                })
            }
            Self::Latency { stream, round_trip_us } => Body::Link(LinkReport::Latency {
                stream: words::stream(&stream)?,
                round_trip: std::time::Duration::from_micros(round_trip_us),
            }),
            Self::Traffic { stream, frames, bytes } => {
                Body::Link(LinkReport::Traffic { stream: words::stream(&stream)?, frames, bytes })
            }
            Self::Problem { code, subject, text: words_of_it } => Body::Problem(ProblemReport {
                code: words::problem_code(&code)?,
                subject: text(subject),
                text: words_of_it.map(text),
            }),
            Self::Failed { request, reason } => {
                Body::Failed { request: words::kind(&request)?, reason: reason.map(text) }
            }
            Self::ClosedPositionsRead => Body::ClosedPositionsRead,
            Self::Unlisted(symbol) => Body::Unlisted(words::symbol(&symbol)?),
        })
    }

    /// Returns what stands until it is replaced, for the start of a file that continues another: a name for
    /// it, and whether it stands at all.
    pub(super) fn standing(&self) -> Option<(String, bool)> {
        match self {
            Self::Focus(_) => Some(("focus".to_owned(), true)),
            Self::AccountKind(_) => Some(("kind".to_owned(), true)),
            Self::AccountLevel(_) => Some(("level".to_owned(), true)),
            Self::ClockOffset { .. } => Some(("offset".to_owned(), true)),
            Self::Link { stream, .. } => Some((format!("link {stream}"), true)),
            Self::Problem { code, subject, text } => {
                Some((format!("problem {code} {subject}"), text.is_some()))
            }
            Self::Failed { request, reason } => {
                Some((format!("failed {}", request.join(" ")), reason.is_some()))
            }
            Self::Unlisted(symbol) => Some((format!("unlisted {symbol}"), true)),
            Self::Latency { .. } | Self::Traffic { .. } | Self::ClosedPositionsRead => None,
        }
    }
}

impl What {
    /// Returns whether a reader of the state may see a difference after it.
    pub(super) const fn changes_something(&self) -> bool {
        matches!(self, Self::Opened { .. } | Self::In { .. } | Self::Applied(_) | Self::Told(_))
    }
}

impl Line {
    /// Returns the line of an update of the program itself.
    pub(super) fn told(update: &Update) -> Option<Self> {
        Some(Self { t: update.as_of.as_millis(), what: What::Told(Told::of(&update.body)?) })
    }
}

impl Header {
    /// Returns the header of a recording that starts now.
    pub(super) fn new(focus: &Symbol, credentials: bool) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            focus: words::of_symbol(focus),
            credentials,
            continues: false,
            anonymized: false,
        }
    }
}

/// Returns the generation of the API that a line names.
pub(super) fn api(kind: &str) -> Option<&'static dyn crate::exchange::Api> {
    words::account_kind(kind).map(|kind: AccountKind| crate::exchange::api_of(kind))
}
