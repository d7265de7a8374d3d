//! Arguments of `history`.

use std::time::Duration;

use clap::{Args, ValueEnum};
use jiff::Timestamp as Instant;

use super::timeout::timeout;
use crate::domain::Timestamp;

/// Arguments of `history`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Example: bitget-watch history --from 2026-01-01 --what ledger > ledger.csv
         bitget-watch history --what equity --format json")]
pub struct HistoryArgs {
    /// First day, UTC; 30 days ago without it
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub from: Option<Day>,
    /// Last day, UTC, whole; today without it
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub to: Option<Day>,
    /// Which rows
    #[arg(long, value_enum, default_value_t = HistoryKind::Closed)]
    pub what: HistoryKind,
    /// How they are written
    #[arg(long, value_enum, default_value_t = HistoryFormat::Csv)]
    pub format: HistoryFormat,
    /// Wait this long for what the exchange lists
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = timeout)]
    pub timeout: Duration,
}

/// Which rows are exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum HistoryKind {
    /// Closed positions
    Closed,
    /// Movements of the balance
    Ledger,
    /// Equity once a minute, from the memory
    Equity,
    /// Alerts, from the memory
    Alerts,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum HistoryFormat {
    /// One line a row, the names of the columns first
    Csv,
    /// One document
    Json,
}

/// A day, by its first moment, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(Timestamp);

impl Day {
    /// Returns 00:00 UTC.
    pub const fn start(self) -> Timestamp {
        self.0
    }
}

fn day(text: &str) -> Result<Day, String> {
    const EXPECTED: &str = "expected a day such as 2026-01-31";
    // Anything longer has a time of day, which would be dropped.
    let midnight = (text.len() == 10).then(|| format!("{text}T00:00:00Z").parse::<Instant>());
    let at = midnight.and_then(Result::ok).ok_or(EXPECTED)?;
    Ok(Day(Timestamp::from_millis(at.as_millisecond())))
}
