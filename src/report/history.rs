//! What has been: results by day, closed positions and what they come to.

use std::sync::Arc;

use super::age::Age;
use super::fees::COIN;
use super::inputs::Inputs;
use super::rounding::tidy;
use super::{HistoryPart, TodayPart};
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
    /// The results of today.
    of_today: Option<DayTotals>,
    days: Arc<[(Timestamp, DayTotals)]>,
    closed: Arc<Vec<ClosedPosition>>,
    journal: Arc<Journal>,
}

impl History {
    /// Returns the part; `of_today` are the results of today.
    pub(super) fn part(&mut self, inputs: &Inputs<'_>, of_today: &TodayPart) -> HistoryPart {
        let snapshot = inputs.snapshot;
        let today = inputs.exchange_now.start_of_day();
        let is_same = self.today == today && self.of_today == of_today.totals;
        if !is_same || !Arc::ptr_eq(&self.ledger, &snapshot.history) {
            self.ledger = Arc::clone(&snapshot.history);
            (self.today, self.of_today) = (today, of_today.totals);
            let mut days = daily_totals(&self.ledger.rows, COIN, inputs.exchange_now);
            // Of today it is known what fees in other coins are worth, and which ones only fills tell.
            if let (Some((day, totals)), Some(known)) = (days.first_mut(), self.of_today)
                && *day == today
            {
                *totals = totals.with_fees(known.fees_paid);
            }
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
            age: of_today.age.with(closed_age),
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
