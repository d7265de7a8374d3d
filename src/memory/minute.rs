//! [`OpenMinute`]: the readings of a minute while it lasts.

use super::batch::{MinuteRow, Nearest, Reading, key_of};
use crate::domain::Timestamp;
use crate::report::Report;
use crate::risk::RiskLevel;

const MINUTE_MS: i64 = 60_000;

/// What the reports of one minute have said so far.
#[derive(Debug)]
pub(super) struct OpenMinute {
    /// Its begin.
    at: Timestamp,
    /// Time of the newest report.
    newest: Timestamp,
    row: Option<MinuteRow>,
    nearest: Option<Nearest>,
}

impl OpenMinute {
    /// Returns the minute of a time, without a reading.
    pub(super) const fn new(at: Timestamp) -> Self {
        Self { at: begin(at), newest: at, row: None, nearest: None }
    }

    /// Returns whether a time is after this minute. One before it, of a clock that was corrected, belongs to
    /// it.
    pub(super) fn has_ended(&self, at: Timestamp) -> bool {
        begin(at) > self.at
    }

    pub(super) const fn newest(&self) -> Timestamp {
        self.newest
    }

    /// Returns whether a report says what the equity is now.
    pub(super) fn can_read(report: &Report) -> bool {
        report.pnl.session.age.is_live(report.now) && report.account.equity.is_some()
    }

    /// Takes in a report.
    pub(super) fn add(&mut self, report: &Report) {
        let at = report.taken_at.max(self.newest);
        self.newest = at;
        self.nearest(report, at);
        if !Self::can_read(report) {
            return;
        }
        let (session, account) = (&report.pnl.session, &report.account);
        let Some(started) = session.started_at else { return };
        let Some((equity, coin)) = account.equity.zip(account.margin_coin.clone()) else { return };
        let reading = Reading { at, equity };
        let mut low = reading;
        let mut high = reading;
        if let Some(held) = &self.row {
            if held.session_change.is_some() && session.change.is_none() {
                // While a movement is not explained, its money might be taken for a result.
                return;
            }
            let is_same =
                held.coin == coin && held.session_change.is_some() == session.change.is_some();
            if is_same {
                low = lower(held.low, reading);
                high = higher(held.high, reading);
            }
        }
        self.row = Some(MinuteRow {
            low,
            high,
            session_change: session.change,
            usdt_usd: account.usdt_usd,
            available: account.available,
            unrealized_pnl: account.unrealized_pnl,
            maintenance_margin: account.maintenance_margin,
            margin_ratio: account.margin_ratio,
            risk_level: report.risk.level.map(level),
            ..MinuteRow::new(self.at, started, coin, reading)
        });
    }

    /// Returns the row; `None` without a reading.
    pub(super) fn row(&self) -> Option<MinuteRow> {
        let row = self.row.clone()?;
        Some(MinuteRow { nearest: self.nearest.clone(), ..row })
    }

    fn nearest(&mut self, report: &Report, at: Timestamp) {
        let risk = &report.risk;
        if !risk.age.is_live(report.now) {
            return;
        }
        let Some((key, distance)) = risk.worst_position.as_ref().zip(risk.liquidation_distance)
        else {
            return;
        };
        if self.nearest.as_ref().is_none_or(|held| distance < held.distance) {
            self.nearest = Some(Nearest { key: key_of(key), distance, at });
        }
    }
}

/// Returns the lower of two readings, of equal ones the first.
pub(super) fn lower(a: Reading, b: Reading) -> Reading {
    if b.equity < a.equity { b } else { a }
}

/// Returns the higher of two readings, of equal ones the first.
pub(super) fn higher(a: Reading, b: Reading) -> Reading {
    if b.equity > a.equity { b } else { a }
}

/// Returns a level as the table holds it.
pub(super) const fn level(level: RiskLevel) -> u8 {
    match level {
        RiskLevel::Ok => 0,
        RiskLevel::Watch => 1,
        RiskLevel::Danger => 2,
        RiskLevel::Critical => 3,
    }
}

const fn begin(at: Timestamp) -> Timestamp {
    at.plus_millis(-at.as_millis().rem_euclid(MINUTE_MS))
}
