//! [`Recorder`]: what of the reports is worth keeping, minute by minute. It touches no disk.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::batch::{AlertRow, Batch, LedgerRange, PositionKind, PositionRecord, Row, key_of};
use super::minute::OpenMinute;
use crate::domain::{ClosedPosition, Gap, ProblemCode, Side, Symbol, Text, Timestamp, UserId};
use crate::report::{Alert, Report};
use crate::store::{Event, EventKind, LedgerHistory};

const MINUTE_MS: i64 = 60_000;

/// What happens to alerts is written at once, but not more often.
const ALERTS_EVERY: Duration = Duration::from_secs(1);

/// Rows that wait until it is known whose they are; of more the oldest are given up.
const MOST_WAITING: usize = 10_000;

/// What tells a position that was closed from others, for the exchange sends no reliable id.
type ClosedKey = (Symbol, Side, Timestamp);

/// Makes batches of reports.
#[derive(Debug, Default)]
pub struct Recorder {
    /// Whose account it is; rows wait until the exchange has said it.
    user: Option<UserId>,
    minute: Option<OpenMinute>,
    /// Time of the newest reading of the equity.
    last_reading: Option<Timestamp>,
    /// The equity is not known since the newest reading, and why.
    why: Option<Text>,
    newest_event: Option<Event>,
    ledger: Arc<LedgerHistory>,
    known_entries: HashSet<Text>,
    closed: Arc<Vec<ClosedPosition>>,
    known_closed: HashSet<ClosedKey>,
    alerts: Vec<Alert>,
    /// Something of them is not on its way to the disk yet.
    alerts_wait: bool,
    batched_at: Option<Timestamp>,
    rows: Vec<Row>,
}

impl Recorder {
    /// Takes in a report and returns what is to be written: once it is known whose account it is, so that the
    /// file is opened then and not at the end of a short run, after each minute, and when an alert has changed: the
    /// run that follows a kill must know of it, or it would be sent twice.
    pub fn follow(&mut self, report: &Report) -> Option<Batch> {
        let user = report.key_rights.as_ref().and_then(|rights| rights.user_id.clone());
        let is_new = user.is_some() && self.user.is_none();
        self.user = user.or_else(|| self.user.take());
        self.events(report);
        self.ledger(report);
        self.closed(report);
        self.alerts(report);
        let at = report.taken_at;
        let ended = self.minute.take_if(|minute| minute.has_ended(at));
        self.rows.extend(ended.as_ref().and_then(OpenMinute::row).map(Row::Minute));
        self.minute.get_or_insert_with(|| OpenMinute::new(at)).add(report);
        self.reading(report);
        let rested = |batched: Timestamp| at.since(batched) >= ALERTS_EVERY;
        let is_urgent = self.user.is_some() && self.alerts_wait;
        if is_urgent && self.batched_at.is_none_or(rested) {
            // With what raised it: the minute that lasts is written as far as it has come, and again at its end.
            let so_far = self.minute.as_ref().and_then(OpenMinute::row);
            self.rows.extend(so_far.map(Row::Minute));
            return self.batch(at);
        }
        if ended.is_some() || is_new { self.batch(at) } else { None }
    }

    /// Returns what has not been written yet, of a minute that has not ended.
    pub fn finish(&mut self) -> Option<Batch> {
        let minute = self.minute.take()?;
        self.rows.extend(minute.row().map(Row::Minute));
        self.batch(minute.newest())
    }

    fn batch(&mut self, at: Timestamp) -> Option<Batch> {
        let Some(user) = self.user.clone() else {
            let surplus = self.rows.len().saturating_sub(MOST_WAITING);
            self.rows.drain(..surplus);
            return None;
        };
        let ledger = &self.ledger;
        let ledger =
            ledger.complete.then_some(LedgerRange { from: ledger.since, to: ledger.until });
        let rows = std::mem::take(&mut self.rows);
        self.alerts_wait = false;
        self.batched_at = Some(at);
        Some(Batch { user, at, rows, ledger, looked_at: None })
    }

    /// Notes a gap once it has ended: a whole minute without a reading.
    fn reading(&mut self, report: &Report) {
        let at = report.taken_at;
        if !OpenMinute::can_read(report) {
            let why = obstacle(report).or_else(|| self.why.take());
            self.why = Some(why.unwrap_or_else(|| Text::new("unknown")));
            return;
        }
        let before = self.last_reading.replace(at);
        let why = self.why.take();
        let Some(before) = before.filter(|before| minutes_between(*before, at) > 1) else { return };
        // Without a report in which the equity was not known, there were no reports at all.
        let why = why.unwrap_or_else(|| Text::new("suspended"));
        self.rows.push(Row::Gap(Gap { from: before, to: at, why }));
    }

    fn events(&mut self, report: &Report) {
        let new =
            report.events.iter().take_while(|event| Some(*event) != self.newest_event.as_ref());
        let records: Vec<Row> = new
            .filter_map(|event| record(report.exchange_time(event.at), &event.kind))
            .map(Row::Position)
            .collect();
        self.rows.extend(records.into_iter().rev());
        if let Some(newest) = report.events.first() {
            self.newest_event = Some(newest.clone());
        }
    }

    fn ledger(&mut self, report: &Report) {
        if Arc::ptr_eq(&self.ledger, &report.ledger) {
            return;
        }
        self.ledger = Arc::clone(&report.ledger);
        for entry in self.ledger.rows.iter().rev() {
            if self.known_entries.insert(entry.id.clone()) {
                self.rows.push(Row::Ledger(entry.clone()));
            }
        }
    }

    fn closed(&mut self, report: &Report) {
        let closed = &report.history.closed;
        if Arc::ptr_eq(&self.closed, closed) {
            return;
        }
        self.closed = Arc::clone(closed);
        for row in self.closed.iter().rev() {
            // One without a time cannot be told from others.
            let Some(at) = row.closed_at else { continue };
            if self.known_closed.insert((row.symbol.clone(), row.side, at)) {
                self.rows.push(Row::Settled(row.clone()));
            }
        }
    }

    fn alerts(&mut self, report: &Report) {
        let is = |a: &Alert, b: &Alert| {
            (&a.name, a.metric, &a.subject, a.raised_at)
                == (&b.name, b.metric, &b.subject, b.raised_at)
        };
        let (now, before) = (&report.alerts, &self.alerts);
        // One that is on is written again when more is known of what became of it.
        let is_noted = |alert: &Alert| {
            before.iter().any(|held| is(held, alert) && held.delivery == alert.delivery)
        };
        let held = self.rows.len();
        for alert in now.iter().filter(|alert| !is_noted(alert)) {
            self.rows.push(Row::Alert(alert_row(alert, None)));
        }
        for alert in before.iter().filter(|held| !now.iter().any(|alert| is(held, alert))) {
            self.rows.push(Row::Alert(alert_row(alert, Some(report.taken_at))));
        }
        self.alerts_wait |= self.rows.len() > held;
        self.alerts.clone_from(now);
    }
}

fn alert_row(alert: &Alert, cleared_at: Option<Timestamp>) -> AlertRow {
    AlertRow {
        name: alert.name.clone(),
        metric: alert.metric,
        subject: alert.subject.clone(),
        severity: alert.severity,
        since: alert.since,
        raised_at: alert.raised_at,
        value: alert.value,
        limit: alert.limit,
        cleared_at,
        sent: alert.was_sent(),
        delivery: alert.delivery.clone(),
    }
}

/// Returns what an event says of a position.
fn record(at: Timestamp, kind: &EventKind) -> Option<PositionRecord> {
    let of = |key, kind, before, after| {
        Some(PositionRecord {
            at,
            kind,
            key: key_of(key),
            margin_mode: key.margin_mode.sent().map(|mode| Text::new(&mode.to_string())),
            size_before: before,
            size_after: after,
            note: None,
        })
    };
    match kind {
        EventKind::PositionOpened { key, size } => of(key, PositionKind::Opened, None, Some(*size)),
        EventKind::SizeChanged { key, from, to } => {
            of(key, PositionKind::Changed, Some(*from), Some(*to))
        }
        EventKind::Adjusted { key, from, to } => {
            of(key, PositionKind::Adjusted, Some(*from), Some(*to))
        }
        EventKind::PositionLeft { key, size } => of(key, PositionKind::Left, Some(*size), None),
        EventKind::PositionClosed { key, size } => of(key, PositionKind::Closed, Some(*size), None),
        EventKind::Filled(fill) => {
            let note = fill.forced.clone()?;
            let symbol = Text::new(&fill.symbol.to_string());
            let kind = PositionKind::Forced;
            let (margin_mode, size_before, size_after) = (None, None, None);
            let key = (symbol, Text::new(""));
            let note = Some(note);
            Some(PositionRecord { at, kind, key, margin_mode, size_before, size_after, note })
        }
        EventKind::Alert(_)
        | EventKind::Link { .. }
        | EventKind::Settled(_)
        | EventKind::Deleveraged { .. }
        | EventKind::StopTriggered { .. }
        | EventKind::ProblemBegan { .. }
        | EventKind::ProblemEnded { .. } => None,
    }
}

/// Returns the problem that keeps the equity from being known, where there is one.
fn obstacle(report: &Report) -> Option<Text> {
    let hides = |code| {
        matches!(
            code,
            ProblemCode::KeyRefused
                | ProblemCode::WrongApi
                | ProblemCode::AccountSwitching
                | ProblemCode::LinkDown
                | ProblemCode::DataStale
                | ProblemCode::RowsUnreadable
                | ProblemCode::PermissionMissing
                | ProblemCode::RateLimited
        )
    };
    let problem = report.problems.iter().find(|problem| hides(problem.code))?;
    Some(Text::new(&problem.code.to_string()))
}

const fn minutes_between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_millis().div_euclid(MINUTE_MS) - from.as_millis().div_euclid(MINUTE_MS)
}

#[cfg(test)]
mod tests;
