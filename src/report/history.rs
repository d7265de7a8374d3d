//! What has been: results by day, closed positions and what they come to.

use std::sync::Arc;

use super::HistoryPart;
use super::age::Age;
use super::inputs::Inputs;
use super::rounding::tidy;
use crate::domain::{ClosedPosition, Interval, Timestamp};
use crate::risk::{self, DayTotals, Journal, daily_totals};
use crate::store::LedgerHistory;

/// Days that the history reaches back, today among them.
const DAYS: i64 = 30;

/// The parts that are made again only when what they rest on has changed.
#[derive(Debug, Default)]
pub(super) struct History {
    ledger: Arc<LedgerHistory>,
    today: Timestamp,
    days: Arc<[(Timestamp, DayTotals)]>,
    closed: Arc<Vec<ClosedPosition>>,
    journal: Arc<Journal>,
}

impl History {
    /// Returns the part; `age` is that of the ledger entries of today.
    pub(super) fn part(&mut self, inputs: &Inputs<'_>, age: Age) -> HistoryPart {
        let snapshot = inputs.snapshot;
        let today = inputs.exchange_now.start_of_day();
        if !Arc::ptr_eq(&self.ledger, &snapshot.history) || self.today != today {
            self.ledger = Arc::clone(&snapshot.history);
            self.today = today;
            let days = daily_totals(&self.ledger.rows, "USDT", inputs.exchange_now);
            self.days = days.into();
        }
        if !Arc::ptr_eq(&self.closed, &snapshot.closed) {
            self.closed = Arc::clone(&snapshot.closed);
            self.journal = Arc::new(rounded(&risk::journal(&self.closed)));
        }
        let first = today.plus_millis((1 - DAYS) * Interval::Day1.as_millis());
        let ledger = &self.ledger;
        let closed_age = Age::new(snapshot.closed_confirmed_at, inputs.context.limits.history);
        HistoryPart {
            age: age.with(closed_age),
            complete: ledger.complete && ledger.since <= first && snapshot.closed_complete,
            by_day: Arc::clone(&self.days),
            closed: Arc::clone(&self.closed),
            journal: Arc::clone(&self.journal),
        }
    }
}

fn rounded(journal: &Journal) -> Journal {
    Journal {
        win_rate: journal.win_rate.and_then(risk::significant),
        profit_factor: journal.profit_factor.and_then(risk::significant),
        expectancy: journal.expectancy.map(tidy),
        average_win: journal.average_win.map(tidy),
        average_loss: journal.average_loss.map(tidy),
        payoff_ratio: journal.payoff_ratio.and_then(risk::significant),
        net: journal.net.map(tidy),
        ..journal.clone()
    }
}
