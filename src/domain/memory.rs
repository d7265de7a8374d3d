//! What the memory of earlier runs says, as plain values.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::{Away, EquityPart, Gap, Metric, Text, Timestamp};

/// What the memory holds of the account, and whether it is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemoryReport {
    /// Whether it is written.
    pub state: MemoryState,
    /// How the equity has moved, over the periods in the order of [`Period::ALL`]; none before the first
    /// minute.
    pub periods: Vec<PeriodReport>,
    /// The alerts that were on when the last writer of the memory ended, read once by the process that
    /// writes after it; none before.
    pub earlier: Arc<Vec<EarlierAlert>>,
    /// What happened while the user was away the last time; `None` where that is not known, or was not long.
    pub away: Option<Arc<Away>>,
}

/// An alert that was on when an earlier run of the program ended. Times by the exchange's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierAlert {
    /// The user's name for it.
    pub name: Text,
    /// What is watched.
    pub metric: Metric,
    /// Whose: a position, a link's name, or `account`.
    pub subject: Text,
    /// Since when its condition held.
    pub since: Timestamp,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// Whether every way of its rule had taken it.
    pub sent: bool,
}

/// Whether the memory is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum MemoryState {
    /// It is not asked for.
    #[default]
    Off,
    /// It waits until the exchange has said whose account this is.
    Waiting,
    /// This process writes it.
    Writing {
        /// End of the newest minute that is safe on the disk, by the exchange's clock; `None` before the
        /// first one.
        until: Option<Timestamp>,
    },
    /// Another process writes it for this account; this one only reads.
    Reading {
        /// The id of that process; `None` where it cannot be told.
        process: Option<u32>,
    },
    /// It is not kept, or a part of it was lost.
    Unavailable {
        /// Why, for the user.
        reason: Text,
    },
}

/// How far back a report of the equity reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// 24 hours.
    Day1,
    /// 7 days.
    Days7,
    /// 30 days.
    Days30,
    /// Everything that is kept.
    All,
}

impl Period {
    /// Every period, the shortest first.
    pub const ALL: [Self; 4] = [Self::Day1, Self::Days7, Self::Days30, Self::All];

    /// Returns its length in milliseconds; `None` where it has none.
    pub const fn as_millis(self) -> Option<i64> {
        const DAY_MS: i64 = 86_400_000;
        match self {
            Self::Day1 => Some(DAY_MS),
            Self::Days7 => Some(7 * DAY_MS),
            Self::Days30 => Some(30 * DAY_MS),
            Self::All => None,
        }
    }
}

/// The equity over one period, across restarts. Money in `coin`, times by the exchange's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodReport {
    /// Which period.
    pub period: Period,
    /// Its first reading. Later than the begin of the period where the memory is younger.
    pub from: Timestamp,
    /// Its newest reading.
    pub to: Timestamp,
    /// The coin of the equity.
    pub coin: Text,
    /// From when on: later than `from` where the account became one of the other kind. What was before is in the
    /// coin of then; within a run of the program a USDT counts as a dollar.
    pub coin_since: Timestamp,
    /// From when on it is known what came in and went out: what the three figures that follow speak of.
    pub known_since: Timestamp,
    /// Change of the equity without money that came in or went out; positive is a gain, `None` where it
    /// does not fit.
    pub change: Option<Decimal>,
    /// The largest fall from a peak, as a fraction of that peak.
    pub max_drawdown: Option<Decimal>,
    /// The largest fall in money.
    pub max_drawdown_amount: Option<Decimal>,
    /// The lowest, the highest and the last equity of every part, oldest first; in a gap there is none.
    pub parts: Vec<EquityPart>,
    /// When nothing was recorded, oldest first.
    pub gaps: Vec<Gap>,
}
