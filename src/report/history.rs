//! What has been: results by day, closed positions and what they come to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::age::Age;
use super::positions::{side_word, tidy};
use super::{ClosedRow, DayRow, HistoryPart, Journal, Time};
use crate::domain::{ClosedPosition, Interval, Symbol, Timestamp};
use crate::risk::{self, daily_totals, journal};
use crate::store::{LedgerHistory, Rules, Snapshot};

/// Days that the history reaches back, today among them.
const DAYS: i64 = 30;

/// The parts that are made anew only when what they rest on has changed.
#[derive(Debug, Default)]
pub(super) struct Past {
    ledger: Arc<LedgerHistory>,
    today: Timestamp,
    days: Arc<[DayRow]>,
    closed: Arc<Vec<ClosedPosition>>,
    rules: Arc<BTreeMap<Symbol, Rules>>,
    rows: Arc<[ClosedRow]>,
    journal: Journal,
}

impl Past {
    /// Returns the part at the exchange's time `now`; `age` is that of the bills of today.
    pub(super) fn part(&mut self, snapshot: &Snapshot, age: Age, now: Timestamp) -> HistoryPart {
        let today = now.start_of_day();
        if !Arc::ptr_eq(&self.ledger, &snapshot.history) || self.today != today {
            self.ledger = Arc::clone(&snapshot.history);
            self.today = today;
            let days = daily_totals(&self.ledger.rows, "USDT", now).unwrap_or_default();
            let rows = days.into_iter().map(|(day, totals)| day_row(day, &totals));
            self.days = rows.collect();
        }
        let closed = Arc::ptr_eq(&self.closed, &snapshot.closed);
        if !closed || !Arc::ptr_eq(&self.rules, &snapshot.rules) {
            self.closed = Arc::clone(&snapshot.closed);
            self.rules = Arc::clone(&snapshot.rules);
            let rows = self.closed.iter().map(|row| closed_row(row, snapshot));
            self.rows = rows.collect();
            self.journal = of_journal(&journal(&self.closed));
        }
        let first = today.plus_millis((1 - DAYS) * Interval::Day1.as_millis());
        let ledger = &self.ledger;
        HistoryPart {
            freshness: age.freshness,
            age_ms: age.ms,
            complete: ledger.complete && ledger.since <= first && snapshot.closed_complete,
            by_day: Arc::clone(&self.days),
            closed: Arc::clone(&self.rows),
            journal: self.journal.clone(),
        }
    }
}

fn day_row(day: Timestamp, totals: &risk::DayTotals) -> DayRow {
    let date = Time(day).to_string();
    DayRow {
        date: date.split('T').next().unwrap_or_default().to_owned(),
        realized: totals.realized,
        fees: totals.fees_paid,
        funding: totals.funding,
        net: totals.net,
    }
}

fn closed_row(row: &ClosedPosition, snapshot: &Snapshot) -> ClosedRow {
    let contract = snapshot.rules.get(&row.symbol).and_then(|rules| rules.contract.as_ref());
    ClosedRow {
        symbol: row.symbol.to_string(),
        side: side_word(row.side),
        margin_mode: row.margin_mode.as_ref().map(ToString::to_string),
        size: row.size,
        entry_price: row.entry_price,
        exit_price: row.exit_price,
        realized_pnl: row.realized_pnl,
        funding_pnl: row.funding_pnl,
        fees_paid: row.fees_paid,
        net_pnl: row.net_pnl,
        opened_at: row.opened_at.map(Time),
        closed_at: row.closed_at.map(Time),
        price_places: contract.map(|contract| contract.price_places),
    }
}

fn of_journal(journal: &risk::Journal) -> Journal {
    Journal {
        trades: journal.trades,
        wins: journal.wins,
        losses: journal.losses,
        unknown: journal.unknown,
        win_rate: journal.win_rate.and_then(risk::significant),
        profit_factor: journal.profit_factor.and_then(risk::significant),
        expectancy: journal.expectancy.map(tidy),
        average_win: journal.average_win.map(tidy),
        average_loss: journal.average_loss.map(tidy),
        payoff_ratio: journal.payoff_ratio.and_then(risk::significant),
        largest_win: journal.largest_win,
        largest_loss: journal.largest_loss,
        net: journal.net.map(tidy),
    }
}
