//! The equity read back: how it moved over a day, a week, a month and all that is kept, across restarts.
//!
//! Money that came in or went out is no result. Within a session it is what the equity moved by more than
//! the session's change; between two sessions it is told by the ledger, where that is known to be whole. Where
//! neither tells, the figures begin anew, and say since when.

use std::sync::Arc;

use rusqlite::{Connection, params};

use super::batch::{LedgerRange, Reading};
use super::codec::{kind_of, read_decimal};
use super::write::ledger_range;
use crate::domain::{Account, EquityPart, Gap, LedgerKind, Period, PeriodReport, Text, Timestamp};
use crate::risk::{self, Curve};
use rust_decimal::Decimal;

/// Parts that a period is drawn in; no screen shows more.
const PARTS: i64 = 240;
const MINUTE_MS: i64 = 60_000;
/// A time without a reading that is longer is a gap.
const SHORTEST_GAP_MS: i64 = 2 * MINUTE_MS;
/// How often each period is read again: the longer, the more rows, and the less a minute changes.
const EVERY_MS: [(Period, i64); 4] = [
    (Period::Day1, 0),
    (Period::Days7, 10 * MINUTE_MS),
    (Period::Days30, 30 * MINUTE_MS),
    (Period::All, 60 * MINUTE_MS),
];

/// The newest report of each period.
#[derive(Debug, Default)]
pub(super) struct Periods {
    reports: Vec<PeriodReport>,
    read_at: Vec<(Period, Timestamp)>,
}

impl Periods {
    pub(super) fn reports(&self) -> Vec<PeriodReport> {
        self.reports.clone()
    }

    /// Reads the periods again that are due.
    pub(super) fn follow(
        &mut self,
        connection: &Connection,
        account: i64,
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        for (period, every) in EVERY_MS {
            let read = self.read_at.iter_mut().find(|(of, _)| *of == period);
            let due = |at: Timestamp| now.as_millis().saturating_sub(at.as_millis()) >= every;
            match read {
                Some((_, at)) if !due(*at) => continue,
                Some((_, at)) => *at = now,
                None => self.read_at.push((period, now)),
            }
            let report = read_period(connection, account, period, now)?;
            self.reports.retain(|held| held.period != period);
            self.reports.extend(report);
        }
        self.reports.sort_by_key(|report| report.period);
        Ok(())
    }
}

/// What a minute says of the equity.
struct Step {
    session: Timestamp,
    coin: Arc<str>,
    low: Reading,
    high: Reading,
    last: Reading,
    change: Option<Decimal>,
    usdt_usd: Option<Decimal>,
}

/// Reads one period; `None` without a reading in it.
pub(super) fn read_period(
    connection: &Connection,
    account: i64,
    period: Period,
    now: Timestamp,
) -> rusqlite::Result<Option<PeriodReport>> {
    let from = period.as_millis().map_or(i64::MIN, |span| now.as_millis().saturating_sub(span));
    read_span(connection, account, period, (from, i64::MAX), now)
}

/// Reads the minutes that begin between two times, as far as `now`, named as that period; `None` without a
/// reading.
pub(super) fn read_span(
    connection: &Connection,
    account: i64,
    period: Period,
    (from, to): (i64, i64),
    now: Timestamp,
) -> rusqlite::Result<Option<PeriodReport>> {
    let ledger = Ledger::read(connection, account, Timestamp::from_millis(from))?;
    let mut statement = connection.prepare(
        "SELECT session, coin, equity_low, equity_low_at, equity_high, equity_high_at, equity,
                equity_at, session_change, usdt_usd
         FROM minute WHERE account = ?1 AND at >= ?2 AND at <= ?3 ORDER BY at",
    )?;
    let mut rows = statement.query(params![account, from, to])?;
    let mut folded: Option<Folded> = None;
    let oldest = oldest(connection, account)?.map_or(from, |oldest| oldest.max(from));
    let part_ms = part_of(now.as_millis().saturating_sub(oldest));
    while let Some(row) = rows.next()? {
        let step = read_step(row)?;
        match &mut folded {
            None => folded = Some(Folded::new(&step, part_ms)),
            Some(folded) => folded.add(step, &ledger),
        }
    }
    let reasons = gaps(connection, account, from)?;
    Ok(folded.map(|folded| folded.report(period, &reasons)))
}

/// Returns the length of the parts of a span: whole minutes.
fn part_of(span_ms: i64) -> i64 {
    let minutes = span_ms.max(0) / MINUTE_MS;
    (minutes / PARTS + 1) * MINUTE_MS
}

fn oldest(connection: &Connection, account: i64) -> rusqlite::Result<Option<i64>> {
    connection
        .query_row("SELECT min(at) FROM minute WHERE account = ?1", [account], |row| row.get(0))
}

fn read_step(row: &rusqlite::Row<'_>) -> rusqlite::Result<Step> {
    let reading = |column: usize| -> rusqlite::Result<Reading> {
        let text = row.get_ref(column)?.as_str()?;
        let at = Timestamp::from_millis(row.get(column + 1)?);
        Ok(Reading { at, equity: read_decimal(column, text)? })
    };
    let optional = |column: usize| -> rusqlite::Result<Option<Decimal>> {
        let text = row.get_ref(column)?.as_str_or_null()?;
        text.map(|text| read_decimal(column, text)).transpose()
    };
    Ok(Step {
        session: Timestamp::from_millis(row.get(0)?),
        coin: row.get_ref(1)?.as_str()?.into(),
        low: reading(2)?,
        high: reading(4)?,
        last: reading(6)?,
        change: optional(8)?,
        usdt_usd: optional(9)?,
    })
}

/// Returns the gaps that were noted, with their reasons.
fn gaps(connection: &Connection, account: i64, from: i64) -> rusqlite::Result<Vec<Gap>> {
    let mut statement = connection.prepare(
        "SELECT from_at, to_at, why FROM gap WHERE account = ?1 AND to_at >= ?2 ORDER BY from_at",
    )?;
    let rows = statement.query_map(params![account, from], |row| {
        let why: String = row.get(2)?;
        let time = Timestamp::from_millis;
        Ok(Gap { from: time(row.get(0)?), to: time(row.get(1)?), why: Text::new(&why) })
    })?;
    rows.collect()
}

/// Movements that are no result, and from when to when they are known.
struct Ledger {
    range: Option<LedgerRange>,
    /// When, in which coin, and how much came in; `None` for one that is not understood.
    flows: Vec<(Timestamp, Text, Option<Decimal>)>,
}

impl Ledger {
    fn read(connection: &Connection, account: i64, from: Timestamp) -> rusqlite::Result<Self> {
        let mut statement = connection.prepare(
            "SELECT at, coin, kind, amount FROM ledger_entry
             WHERE account = ?1 AND at >= ?2 ORDER BY at",
        )?;
        let rows = statement.query_map(params![account, from.as_millis()], |row| {
            let (coin, kind, amount): (String, String, String) =
                (row.get(1)?, row.get(2)?, row.get(3)?);
            let kind = kind_of(&kind);
            let amount = read_decimal(3, &amount)?;
            let is_flow = kind.is_flow();
            let is_odd = matches!(kind, LedgerKind::Unknown(_));
            let told = (is_flow || is_odd).then(|| (Text::new(&coin), (!is_odd).then_some(amount)));
            Ok((Timestamp::from_millis(row.get(0)?), told))
        })?;
        let mut flows = Vec::new();
        for row in rows {
            let (at, told) = row?;
            flows.extend(told.map(|(coin, amount)| (at, coin, amount)));
        }
        Ok(Self { range: ledger_range(connection, account)?, flows })
    }

    /// Returns what came in (positive) or went out between two readings, in the coin of the equity; `None`
    /// where that is not known.
    fn flow(&self, from: &Step, to: &Step) -> Option<Decimal> {
        let (begin, end) = (from.last.at, to.last.at);
        self.range.filter(|range| range.covers(begin, end))?;
        let first = self.flows.partition_point(|(at, ..)| *at <= begin);
        let between = self.flows.iter().skip(first).take_while(|(at, ..)| *at <= end);
        risk::sum(between.map(|(_, coin, amount)| match coin.as_str() {
            coin if *coin == *to.coin => *amount,
            "USDT" if &*to.coin == "USD" => risk::mul((*amount)?, to.usdt_usd?),
            // What it was worth then is not known.
            _ => None,
        }))
    }
}

/// A period while it is read.
struct Folded {
    part_ms: i64,
    from: Timestamp,
    coin_since: Timestamp,
    curve: Curve,
    known_since: Timestamp,
    /// The newest minute.
    newest: Step,
    /// The newest minute whose change is known: what the next one is counted from.
    counted: Option<Step>,
    parts: Vec<EquityPart>,
    gaps: Vec<(Timestamp, Timestamp)>,
}

impl Folded {
    fn new(first: &Step, part_ms: i64) -> Self {
        let begin = first.low.at.min(first.high.at);
        let mut folded = Self {
            part_ms,
            from: begin,
            coin_since: begin,
            curve: Curve::default(),
            known_since: begin,
            newest: first.copy(),
            counted: None,
            parts: Vec::new(),
            gaps: Vec::new(),
        };
        folded.part(first);
        folded.begin(first);
        folded
    }

    fn add(&mut self, step: Step, ledger: &Ledger) {
        let begin = step.low.at.min(step.high.at);
        if begin.since(self.newest.last.at).as_millis() > SHORTEST_GAP_MS.unsigned_abs().into() {
            self.gaps.push((self.newest.last.at, begin));
        }
        if step.coin != self.newest.coin {
            self.coin_since = begin;
        }
        self.part(&step);
        let flow = self.counted.as_ref().map(|before| flow(before, &step, ledger));
        match flow {
            // What has moved is not known yet: the next minute that knows tells of both.
            Some(Flow::Later) => {}
            Some(Flow::Known(flow)) => self.step(&step, flow),
            Some(Flow::Unknown) | None => self.begin(&step),
        }
        self.newest = step;
    }

    /// Takes in a minute by what came in since the one before.
    fn step(&mut self, step: &Step, flow: Decimal) {
        if Account::has_moved(Decimal::ZERO, flow) {
            // Whether the extremes are of before or after is not known.
            self.curve.push(step.last.at, step.last.equity, flow);
        } else {
            let (early, late) = step.in_order();
            self.curve.push(early.at, early.equity, Decimal::ZERO);
            self.curve.push(late.at, late.equity, Decimal::ZERO);
            self.curve.push(step.last.at, step.last.equity, flow);
        }
        self.counted = Some(step.copy());
    }

    /// Begins the figures anew.
    fn begin(&mut self, step: &Step) {
        self.curve = Curve::default();
        let (early, _) = step.in_order();
        self.known_since = early.at;
        self.counted = None;
        if step.change.is_some() {
            self.step(step, Decimal::ZERO);
        }
    }

    fn part(&mut self, step: &Step) {
        let from = step.last.at.as_millis();
        let from = Timestamp::from_millis(from - from.rem_euclid(self.part_ms));
        let (low, high, last) = (step.low.equity, step.high.equity, step.last.equity);
        match self.parts.last_mut().filter(|part| part.from == from) {
            Some(part) => {
                *part =
                    EquityPart { low: part.low.min(low), high: part.high.max(high), last, ..*part };
            }
            None => self.parts.push(EquityPart { from, low, high, last }),
        }
    }

    fn report(self, period: Period, reasons: &[Gap]) -> PeriodReport {
        let figures = self.curve.figures();
        let gaps = self.gaps.into_iter().map(|(from, to)| {
            let reason = reasons.iter().find(|noted| noted.from <= to && from <= noted.to);
            let why = reason.map_or_else(|| Text::new("unknown"), |noted| noted.why.clone());
            Gap { from, to, why }
        });
        PeriodReport {
            period,
            from: self.from,
            to: self.newest.last.at,
            coin: Text::new(&self.newest.coin),
            coin_since: self.coin_since,
            known_since: self.known_since,
            change: figures.map(|figures| figures.change.normalize()),
            max_drawdown: figures.and_then(|figures| risk::significant(figures.max_drawdown)),
            max_drawdown_amount: figures.map(|figures| figures.max_drawdown_amount.normalize()),
            gaps: gaps.collect(),
            parts: self.parts,
        }
    }
}

impl Step {
    fn copy(&self) -> Self {
        Self { coin: Arc::clone(&self.coin), ..*self }
    }

    /// Returns the extremes in the order of their times.
    fn in_order(&self) -> (Reading, Reading) {
        if self.low.at <= self.high.at { (self.low, self.high) } else { (self.high, self.low) }
    }
}

enum Flow {
    /// It is known.
    Known(Decimal),
    /// It is not known, and never will be.
    Unknown,
    /// It is not known yet.
    Later,
}

/// Returns what came in between two minutes.
fn flow(before: &Step, step: &Step, ledger: &Ledger) -> Flow {
    let Some(change) = step.change else { return Flow::Later };
    let known = if before.session == step.session {
        // Also where the account became one of the other kind: in a session a USDT counts as a dollar.
        let results = before.change.and_then(|before| risk::sub(change, before));
        let moved = risk::sub(step.last.equity, before.last.equity);
        moved.zip(results).and_then(|(moved, results)| risk::sub(moved, results))
    } else if before.coin == step.coin {
        ledger.flow(before, step)
    } else {
        None
    };
    known.map_or(Flow::Unknown, Flow::Known)
}

#[cfg(test)]
mod tests;
