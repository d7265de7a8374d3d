//! The faults and their parameters, as a script names them.

use serde::Deserialize;

/// Which connections a fault concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// All of them.
    #[default]
    All,
    /// REST.
    Rest,
    /// The public stream.
    Public,
    /// The private stream.
    Private,
}

/// A direction, seen from the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// What the client sends.
    In,
    /// What the exchange sends.
    Out,
    /// Both.
    #[default]
    Both,
}

/// Where a peer goes silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The connection is accepted and not a byte follows: before TLS, where there is TLS.
    Accept,
    /// The upgrade to a WebSocket is not answered.
    Upgrade,
    /// The login is not answered.
    Login,
    /// Subscriptions are not answered, nor served.
    Subscribe,
    /// A request gets no answer.
    Headers,
    /// An answer ends in the middle of its body.
    Body,
}

/// How a login or a subscription is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Not at all.
    None,
    /// After `ms`.
    Late,
    /// Two times.
    Twice,
    /// With an error of `code`.
    Error,
    /// With the code as a string.
    StringCode,
    /// Without a code.
    NoCode,
}

/// Frames that are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Garbage {
    /// Text that is no JSON.
    Text,
    /// A text frame that is not UTF-8.
    Utf8,
    /// Brackets, 10,000 deep.
    Deep,
    /// Text of two megabytes.
    Large,
    /// A binary frame.
    Binary,
    /// The first half of a message.
    Half,
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    // The link.
    /// Bytes come later, by `ms` and up to `jitter_ms` more.
    Latency {
        /// Milliseconds.
        ms: u64,
        /// Milliseconds that may be added.
        #[serde(default)]
        jitter_ms: u64,
    },
    /// Bytes come at this pace.
    Bandwidth {
        /// Bytes a second.
        bytes_per_second: u64,
    },
    /// Bytes come in pieces of this size.
    Slice {
        /// Bytes.
        bytes: usize,
    },
    /// Nothing comes through; what was under way comes when it is over.
    BlackHole {
        /// Which way.
        #[serde(default)]
        direction: Direction,
    },
    /// Connections are ended.
    Fin,
    /// Connections are reset.
    Rst,
    /// Sockets get a close frame.
    Close {
        /// Its code.
        #[serde(default = "normal_close")]
        code: u16,
    },
    /// Each connection ends after this many bytes.
    CutAfter {
        /// Bytes from the exchange.
        bytes: u64,
    },
    /// New connections are ended at once.
    Refuse,
    /// The exchange goes silent at this point.
    Stall {
        /// Where; `at` is the time in a script.
        #[serde(rename = "stage")]
        at: Stage,
    },
    /// Connections without traffic for this long are ended.
    CloseIdle {
        /// Milliseconds.
        ms: u64,
    },

    // The exchange.
    /// A ping is not answered.
    NoPong,
    /// A ping is answered late.
    LatePong {
        /// Milliseconds.
        ms: u64,
    },
    /// Logins are answered in another way.
    Login {
        /// How.
        answer: Answer,
        /// How late.
        #[serde(default)]
        ms: u64,
        /// The code of an error.
        #[serde(default)]
        code: i64,
    },
    /// Subscriptions are answered in another way.
    Ack {
        /// How.
        answer: Answer,
        /// How late.
        #[serde(default)]
        ms: u64,
        /// The code of an error.
        #[serde(default)]
        code: i64,
    },
    /// Requests are too many.
    RateLimited {
        /// HTTP status.
        #[serde(default = "too_many")]
        status: u16,
        /// Seconds of `Retry-After`; without it there is no such header.
        retry_after: Option<u64>,
    },
    /// Requests get this status; upgrades too.
    Status {
        /// HTTP status.
        status: u16,
        /// With a page, as a proxy sends it.
        #[serde(default)]
        html: bool,
    },
    /// Requests get this code of the exchange.
    Code {
        /// The code.
        code: String,
        /// HTTP status.
        #[serde(default = "good")]
        status: u16,
    },
    /// Good answers have `data: null`.
    NullData,
    /// Good answers have `data: {}`.
    EmptyObject,
    /// Answers have no body.
    EmptyBody,
    /// Answers come a byte at a time.
    DripBody {
        /// Milliseconds between two bytes.
        ms: u64,
    },
    /// Answers have this many bytes.
    HugeBody {
        /// Bytes.
        bytes: u64,
    },
    /// Requests are sent elsewhere.
    Redirect {
        /// HTTP status.
        status: u16,
        /// Where to.
        to: String,
    },
    /// The exchange's clock is off.
    ClockOffset {
        /// Milliseconds, ahead when positive.
        ms: i64,
    },
    /// The account becomes a unified one: for as long as this lasts it says that it is upgrading, then it
    /// is one and its private streams are ended. Healing ends the change: the account is of the new kind.
    Upgrade,
    /// The account becomes a classic one, in the same way; it says that it is switching.
    Switching,
    /// The key is refused, by REST and by logins, and private streams are ended.
    KeyRevoked,

    // What is said.
    /// Frames are left out.
    Drop,
    /// Frames come twice.
    Duplicate,
    /// Frames change places.
    Reorder,
    /// Frames from before come again.
    Replay {
        /// Milliseconds before.
        ms: i64,
    },
    /// Lists are empty.
    EmptyList,
    /// Lists lack a row.
    Partial,
    /// Answers are as old as this.
    StaleRest {
        /// Milliseconds.
        ms: i64,
    },
    /// A field has a value that is none.
    Mutate,
    /// An enumeration has a word that is new.
    UnknownWord,
    /// Rows have fifty more fields.
    ExtraFields,
    /// A text has control characters in it.
    ControlCharacters,
    /// Frames that are none come between the others.
    Garbage {
        /// Of which kind.
        kind: Garbage,
    },
    /// Each frame comes this many times.
    Flood {
        /// How often.
        times: u32,
    },

    // The world.
    /// A price is set.
    Price {
        /// The contract, such as `BTCUSDT`.
        symbol: String,
        /// The price.
        price: rust_decimal::Decimal,
    },
    /// All positions of a contract are closed.
    ClosePosition {
        /// The contract, such as `BTCUSDT`.
        symbol: String,
    },
}

const fn normal_close() -> u16 {
    1_000
}

const fn too_many() -> u16 {
    429
}

const fn good() -> u16 {
    200
}
