//! What is written: rows as plain values, and the batch of a minute.
//!
//! Times are by the exchange's clock. Money is in the coin of the account unless a field says otherwise;
//! `None` is what was not known.

use rust_decimal::Decimal;

use crate::domain::{
    ClosedPosition, Gap, LedgerEntry, Metric, PositionKey, Severity, Text, Timestamp, UserId,
};
use crate::report::Delivery;

/// The rows of one minute, written in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Whose they are.
    pub user: UserId,
    /// Time of the newest report that they were made of.
    pub at: Timestamp,
    /// The rows, in the order in which they were made.
    pub rows: Vec<Row>,
    /// Between these times no ledger entry is missing; `None` while that is not known.
    pub ledger: Option<LedgerRange>,
    /// When the user looked at the screen last; `None` where nobody did in this run.
    pub looked_at: Option<Timestamp>,
}

impl Batch {
    /// Returns whether both were made in one minute, of one account.
    pub(super) fn is_of_minute(&self, other: &Self) -> bool {
        let minute = |at: Timestamp| at.as_millis().div_euclid(60_000);
        self.user == other.user && minute(self.at) == minute(other.at)
    }

    /// Adds a later one, of which the rows are as good as written by themselves.
    pub(super) fn join(&mut self, later: Self) {
        self.at = later.at;
        self.rows.extend(later.rows);
        self.ledger = later.ledger.or(self.ledger);
        self.looked_at = self.looked_at.max(later.looked_at);
    }

    /// Returns whether it has figures of a minute.
    pub(super) fn has_minute(&self) -> bool {
        self.rows.iter().any(|row| matches!(row, Row::Minute(_)))
    }
}

/// A range of time in which every ledger entry is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerRange {
    /// Its begin.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
}

impl LedgerRange {
    /// Returns both as one where they touch, else the newer one.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        if self.from <= other.to && other.from <= self.to {
            return Self { from: self.from.min(other.from), to: self.to.max(other.to) };
        }
        if self.to > other.to { self } else { other }
    }

    /// Returns whether a span of time lies in it.
    pub fn covers(self, from: Timestamp, to: Timestamp) -> bool {
        self.from <= from && to <= self.to
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// The account in one minute.
    Minute(MinuteRow),
    /// A position changed.
    Position(PositionRecord),
    /// The exchange's result of a position that was closed entirely.
    Settled(ClosedPosition),
    /// A movement of the balance.
    Ledger(LedgerEntry),
    /// An alert was raised, or has ended.
    Alert(AlertRow),
    /// Nothing was known for a while.
    Gap(Gap),
}

/// The account in one minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinuteRow {
    /// Begin of the minute.
    pub at: Timestamp,
    /// First reading of the session that it belongs to.
    pub session: Timestamp,
    /// The coin of the amounts.
    pub coin: Text,
    /// The last equity.
    pub equity: Reading,
    /// The lowest.
    pub low: Reading,
    /// The highest.
    pub high: Reading,
    /// Change of the session up to `equity`, without money that came in or went out; `None` while a movement
    /// is not explained.
    pub session_change: Option<Decimal>,
    /// USD for one USDT, of unified accounts.
    pub usdt_usd: Option<Decimal>,
    /// Available for new positions.
    pub available: Option<Decimal>,
    /// Unrealized PnL.
    pub unrealized_pnl: Option<Decimal>,
    /// Maintenance margin.
    pub maintenance_margin: Option<Decimal>,
    /// Margin ratio, a fraction; 1 means liquidation.
    pub margin_ratio: Option<Decimal>,
    /// Level of the risk, 0 (ok) to 3 (critical).
    pub risk_level: Option<u8>,
    /// The position that came nearest to its liquidation in this minute.
    pub nearest: Option<Nearest>,
}

impl MinuteRow {
    /// Returns the row of a minute with one reading of the equity, of which nothing else is known.
    pub const fn new(at: Timestamp, session: Timestamp, coin: Text, reading: Reading) -> Self {
        Self {
            at,
            session,
            coin,
            equity: reading,
            low: reading,
            high: reading,
            session_change: None,
            usdt_usd: None,
            available: None,
            unrealized_pnl: None,
            maintenance_margin: None,
            margin_ratio: None,
            risk_level: None,
            nearest: None,
        }
    }
}

/// An equity and when it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// When.
    pub at: Timestamp,
    /// The equity.
    pub equity: Decimal,
}

/// How near a position came to its liquidation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    /// Contract and side as the screen writes them: `BTCUSDT_UMCBL long` in two words.
    pub key: (Text, Text),
    /// Distance to the liquidation price, a fraction of the mark price.
    pub distance: Decimal,
    /// When.
    pub at: Timestamp,
}

/// What happened to a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PositionKind {
    /// It appeared.
    Opened,
    /// Its size changed.
    Changed,
    /// Size and entry price changed against each other: a split or the like.
    Adjusted,
    /// It was moved to another account.
    Left,
    /// It is gone.
    Closed,
    /// It was closed or made smaller by the exchange.
    Forced,
}

impl PositionKind {
    /// Returns the word in the table.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Changed => "changed",
            Self::Adjusted => "adjusted",
            Self::Left => "left",
            Self::Closed => "closed",
            Self::Forced => "forced",
        }
    }
}

/// A position changed. Sizes in base coin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionRecord {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: PositionKind,
    /// Contract and side; the side is empty where it is not known.
    pub key: (Text, Text),
    /// Its margin mode.
    pub margin_mode: Option<Text>,
    /// Size before.
    pub size_before: Option<Decimal>,
    /// Size after.
    pub size_after: Option<Decimal>,
    /// The exchange's name of the cause, of what it did by force.
    pub note: Option<Text>,
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRow {
    /// The user's name for it.
    pub name: Text,
    /// What is watched.
    pub metric: Metric,
    /// Whose.
    pub subject: Text,
    /// How serious it is.
    pub severity: Severity,
    /// Since when its condition holds.
    pub since: Timestamp,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// Its value when it was raised, in the metric's unit.
    pub value: Option<Decimal>,
    /// The limit, in the same unit.
    pub limit: Option<Decimal>,
    /// When it ended; `None` while it is on.
    pub cleared_at: Option<Timestamp>,
    /// Whether every way of its rule has taken it.
    pub sent: bool,
    /// What became of it by way; empty where nobody was told.
    pub delivery: Vec<Delivery>,
}

/// Returns contract and side of a position as texts.
pub(super) fn key_of(key: &PositionKey) -> (Text, Text) {
    (Text::new(&key.symbol.to_string()), Text::new(&key.side.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_touch_become_one() {
        let range = |from, to| LedgerRange {
            from: Timestamp::from_millis(from),
            to: Timestamp::from_millis(to),
        };
        assert_eq!(range(1, 5).joined(range(5, 9)), range(1, 9));
        assert_eq!(range(3, 5).joined(range(1, 9)), range(1, 9));
        assert_eq!(
            range(1, 5).joined(range(6, 9)),
            range(6, 9),
            "of two that do not the newer one"
        );
        assert_eq!(range(6, 9).joined(range(1, 5)), range(6, 9));
        assert!(range(1, 9).covers(Timestamp::from_millis(1), Timestamp::from_millis(9)));
        assert!(!range(2, 9).covers(Timestamp::from_millis(1), Timestamp::from_millis(9)));
    }
}
