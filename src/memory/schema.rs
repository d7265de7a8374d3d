//! The tables, and the steps from one version of them to the next.
//!
//! `user_version` of the file counts the steps that have been taken. A step is never changed once it has been
//! released: another one is added.

/// Marks the file as one of this program: `BgWt`.
pub(super) const APPLICATION_ID: i32 = 0x4267_5774;

/// Step `n` leads from version `n` to `n + 1`.
pub(super) const STEPS: [&str; 4] = [VERSION_1, VERSION_2, VERSION_3, VERSION_4];

/// From this version on an alert says by which ways it was sent.
pub(super) const WITH_DELIVERIES: i32 = 4;

/// The version that this program reads and writes.
pub(super) fn version() -> i32 {
    i32::try_from(STEPS.len()).unwrap_or(i32::MAX)
}

/// Every table with rows of time, and the column that says how old one is.
pub(super) const AGING: [(&str, &str); 5] = [
    ("minute", "at"),
    ("position_event", "at"),
    ("ledger_entry", "at"),
    ("alert", "raised_at"),
    ("gap", "to_at"),
];

/// Whether an alert has reached its ways: after a restart one that has is not sent again.
const VERSION_2: &str = "
ALTER TABLE alert ADD COLUMN sent INTEGER NOT NULL DEFAULT 0;
";

/// When the user looked at the screen last.
const VERSION_3: &str = "
ALTER TABLE seen ADD COLUMN looked_at INTEGER;
";

/// By which ways an alert was sent, and whether it came through.
const VERSION_4: &str = "
ALTER TABLE alert ADD COLUMN delivery TEXT;
";

const VERSION_1: &str = "
CREATE TABLE file (
    salt TEXT NOT NULL
) STRICT;

CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    user_hash TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    ledger_from INTEGER,
    ledger_to INTEGER
) STRICT;

CREATE TABLE minute (
    account INTEGER NOT NULL,
    at INTEGER NOT NULL,
    session INTEGER NOT NULL,
    coin TEXT NOT NULL,
    equity TEXT NOT NULL,
    equity_at INTEGER NOT NULL,
    equity_low TEXT NOT NULL,
    equity_low_at INTEGER NOT NULL,
    equity_high TEXT NOT NULL,
    equity_high_at INTEGER NOT NULL,
    session_change TEXT,
    usdt_usd TEXT,
    available TEXT,
    unrealized_pnl TEXT,
    maintenance_margin TEXT,
    margin_ratio TEXT,
    risk_level INTEGER,
    nearest_symbol TEXT,
    nearest_side TEXT,
    nearest_distance TEXT,
    nearest_at INTEGER,
    PRIMARY KEY (account, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE position_event (
    account INTEGER NOT NULL,
    at INTEGER NOT NULL,
    symbol TEXT NOT NULL,
    side TEXT NOT NULL,
    kind TEXT NOT NULL,
    margin_mode TEXT,
    size_before TEXT,
    size_after TEXT,
    entry_price TEXT,
    exit_price TEXT,
    realized_pnl TEXT,
    funding_pnl TEXT,
    fees_paid TEXT,
    net_pnl TEXT,
    opened_at INTEGER,
    note TEXT,
    PRIMARY KEY (account, at, symbol, side, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_entry (
    account INTEGER NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    symbol TEXT,
    coin TEXT NOT NULL,
    kind TEXT NOT NULL,
    amount TEXT NOT NULL,
    fee_coin TEXT NOT NULL,
    fee_paid TEXT NOT NULL,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_entry_at ON ledger_entry (account, at);

CREATE TABLE alert (
    account INTEGER NOT NULL,
    raised_at INTEGER NOT NULL,
    name TEXT NOT NULL,
    metric TEXT NOT NULL,
    subject TEXT NOT NULL,
    severity TEXT NOT NULL,
    since INTEGER NOT NULL,
    value TEXT,
    limit_value TEXT,
    cleared_at INTEGER,
    PRIMARY KEY (account, raised_at, name, metric, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE gap (
    account INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (account, from_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE seen (
    account INTEGER PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT;
";
