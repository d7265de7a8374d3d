//! The faults and their parameters, under their names in a script.

use serde::Deserialize;

/// A closure that returns `$value` for faults that match `$pattern`.
macro_rules! when {
    ($pattern:pat => $value:expr) => {
        |fault: &$crate::sim::fault::kinds::Fault| {
            if let $pattern = fault { Some($value) } else { None }
        }
    };
}
pub(in crate::sim) use when;

/// Which connections a fault affects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// All of them.
    #[default]
    All,
    /// REST requests.
    Rest,
    /// The public socket.
    Public,
    /// The private socket.
    Private,
}

/// A direction, as seen from the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the client to the exchange.
    In,
    /// From the exchange to the client.
    Out,
    /// Both.
    #[default]
    Both,
}

/// Why money comes into the account or leaves it, other than by trading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// From another account of the owner.
    Deposit,
    /// To another account of the owner.
    Withdrawal,
    /// A bonus is granted.
    Bonus,
    /// A bonus is taken back.
    BonusExpiry,
    /// A trading coupon is granted.
    Coupon,
    /// An amount is given away.
    Airdrop,
    /// Interest is paid.
    Interest,
}

/// The point at which the exchange stops responding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The connection is accepted and not a byte is sent, not even of the TLS handshake.
    Accept,
    /// A WebSocket upgrade gets no response.
    Upgrade,
    /// A login gets no reply.
    Login,
    /// A subscription gets no acknowledgement and no data.
    Subscribe,
    /// A request gets no response.
    Headers,
    /// A response stops in the middle of its body.
    Body,
}

/// How a login or a subscription is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// Not at all.
    None,
    /// After `ms`.
    Late,
    /// Twice.
    Twice,
    /// With an error of `code`.
    Error,
    /// With the code as a string.
    StringCode,
    /// Without a code.
    NoCode,
}

/// Invalid WebSocket frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Garbage {
    /// Text that is not JSON.
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
    // The connection.
    /// Bytes are delayed by `ms` and up to `jitter_ms` more.
    Latency {
        /// Milliseconds.
        ms: u64,
        /// Milliseconds that may be added.
        #[serde(default)]
        jitter_ms: u64,
    },
    /// Bytes are throttled.
    Bandwidth {
        /// Bytes a second.
        bytes_per_second: u64,
    },
    /// Bytes arrive in pieces of this size.
    Slice {
        /// Bytes.
        bytes: usize,
    },
    /// No byte arrives; bytes in flight arrive when the fault is over.
    BlackHole {
        /// Which way.
        #[serde(default)]
        direction: Direction,
    },
    /// Connections are ended.
    Fin,
    /// Connections are reset.
    Rst,
    /// Sockets are closed with a close frame.
    Close {
        /// Its status code.
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
    /// The exchange stops responding.
    Stall {
        /// At which point. In a script it is `stage`, because `at` is the time there.
        #[serde(rename = "stage")]
        at: Stage,
    },
    /// Connections are ended after this long without traffic.
    CloseIdle {
        /// Milliseconds.
        ms: u64,
    },

    // The exchange.
    /// A ping gets no pong.
    NoPong,
    /// A pong is late.
    LatePong {
        /// Milliseconds.
        ms: u64,
    },
    /// Logins are acknowledged in another way.
    Login {
        /// How.
        reply: Reply,
        /// How late.
        #[serde(default)]
        ms: u64,
        /// The code of an error.
        #[serde(default)]
        code: i64,
    },
    /// Subscriptions are acknowledged in another way.
    Ack {
        /// How.
        reply: Reply,
        /// How late.
        #[serde(default)]
        ms: u64,
        /// The code of an error.
        #[serde(default)]
        code: i64,
    },
    /// Requests are refused by a rate limit.
    RateLimited {
        /// HTTP status.
        #[serde(default = "too_many")]
        status: u16,
        /// Seconds of the `Retry-After` header; `None` for no such header.
        retry_after: Option<u64>,
    },
    /// Requests and upgrades get this status.
    Status {
        /// HTTP status.
        status: u16,
        /// With an HTML page, as proxies send it.
        #[serde(default)]
        html: bool,
    },
    /// Requests and upgrades get this page of something else.
    Page {
        /// HTTP status.
        status: u16,
        /// The page.
        text: String,
    },
    /// Requests get this error code of the exchange.
    Code {
        /// The code.
        code: String,
        /// HTTP status.
        #[serde(default = "good")]
        status: u16,
    },
    /// Successful responses have `data: null`.
    NullData,
    /// Successful responses have `data: {}`.
    EmptyObject,
    /// Responses have no body.
    EmptyBody,
    /// Responses arrive byte by byte.
    DripBody {
        /// Milliseconds between two bytes.
        ms: u64,
    },
    /// Responses are padded to at least this many bytes.
    HugeBody {
        /// Bytes.
        bytes: u64,
    },
    /// Requests are redirected.
    Redirect {
        /// HTTP status.
        status: u16,
        /// Where to.
        to: String,
    },
    /// The exchange's clock is wrong.
    ClockOffset {
        /// Milliseconds, positive when it is ahead.
        ms: i64,
    },
    /// The account becomes a unified one: while this lasts its settings say `upgrading`, then the change
    /// completes and the private sockets are ended. Healing completes the change at once.
    Upgrade,
    /// The account becomes a classic one in the same way; meanwhile its settings say `switching`.
    Switching,
    /// The key is refused by REST and by logins, and the private sockets are ended.
    KeyRevoked,

    // The data.
    /// Frames are lost.
    Drop,
    /// Frames are sent twice.
    Duplicate,
    /// A frame is sent after the next one.
    Reorder,
    /// Old frames are sent again.
    Replay {
        /// Their age in milliseconds, at least.
        ms: i64,
    },
    /// Lists are empty.
    EmptyList,
    /// Lists lack a row.
    Partial,
    /// REST responses are old ones.
    StaleRest {
        /// Their age in milliseconds, at least.
        ms: i64,
    },
    /// A field has an invalid value.
    Mutate,
    /// Enumerations have a value that no client knows.
    UnknownVariant,
    /// Rows have fifty more fields.
    ExtraFields,
    /// A field has control characters in its text.
    ControlCharacters,
    /// Invalid frames are sent between the others.
    Garbage {
        /// Which ones.
        kind: Garbage,
    },
    /// Each frame is sent this many times.
    Flood {
        /// How often.
        times: u32,
    },

    // The world.
    /// The prices of a contract are set.
    Price {
        /// The contract, such as `BTCUSDT`.
        symbol: String,
        /// The price.
        price: rust_decimal::Decimal,
    },
    /// Money comes into the account or leaves it.
    Movement {
        /// Why.
        reason: Reason,
        /// The coin, such as `USDT`.
        coin: String,
        /// How much, positive whatever the reason.
        amount: rust_decimal::Decimal,
    },
    /// All positions of a contract are closed.
    ClosePosition {
        /// The contract, such as `BTCUSDT`.
        symbol: String,
    },
    /// The list of contracts says something else of trading in one. What a step leaves out is as usual
    /// from then on.
    ContractStatus {
        /// The contract, such as `BTCUSDT`.
        symbol: String,
        /// When it is delisted, in milliseconds after the start of the step.
        delisted_in_ms: Option<i64>,
        /// From when on positions can only be closed, likewise.
        closing_only_in_ms: Option<i64>,
        /// It cannot be traded now.
        #[serde(default)]
        halted: bool,
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
