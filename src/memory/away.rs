//! What happened between two looks at the screen.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};
use rust_decimal::Decimal;

use super::codec::read_decimal;
use super::export::coin_of;
use super::period::read_span;
use super::write::ledger_range;
use crate::domain::{
    Away, AwayAlert, AwayChange, AwayEquity, AwayEvent, AwayNearest, Gap, Metric, Period, Severity,
    Text, Timestamp,
};
use crate::risk;

const MINUTE_MS: i64 = 60_000;
/// Whoever looks again within this time was not away.
const SHORTEST_MS: i64 = 10 * MINUTE_MS;
/// Rows of a list that are kept: more than anybody reads.
const MOST_ROWS: usize = 300;
/// So long after a return the rows of before may still arrive.
const SETTLING_MS: i64 = 10 * MINUTE_MS;
/// A longer absence is read less often than every minute: a minute changes little of it.
const LONG_MS: i64 = 7 * 86_400_000;

/// When the user was away last.
#[derive(Debug, Default)]
pub(super) struct Absence {
    /// The newest look, of this run or of one before.
    look: Option<Timestamp>,
    span: Option<(Timestamp, Timestamp)>,
    read_at: Option<Timestamp>,
}

impl Absence {
    /// Returns one that knows of a look in an earlier run.
    pub(super) fn since(look: Option<Timestamp>) -> Self {
        Self { look, ..Self::default() }
    }

    /// Takes note of the newest look, and returns the absence that is to be read now; `None` where nothing
    /// of it can have changed.
    pub(super) fn follow(
        &mut self,
        looked: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<(Timestamp, Timestamp)> {
        let is_away = |from: Timestamp, to: Timestamp| apart(from, to) >= SHORTEST_MS;
        let new = looked.filter(|looked| self.look.is_none_or(|before| *looked > before));
        if let Some(looked) = new
            && let Some(before) = self.look.replace(looked).filter(|from| is_away(*from, looked))
        {
            self.span = Some((before, looked));
            self.read_at = None;
        }
        if let Some(look) = self.look.filter(|look| is_away(*look, now)) {
            self.span = Some((look, now));
        }
        let (from, to) = self.span?;
        let length = apart(from, to);
        let every = if length > LONG_MS { length / 1000 } else { 0 };
        let is_read =
            self.read_at.is_some_and(|at| apart(at, now) < every || apart(to, at) > SETTLING_MS);
        if is_read {
            return None;
        }
        self.read_at = Some(now);
        Some((from, to))
    }
}

const fn apart(from: Timestamp, to: Timestamp) -> i64 {
    to.as_millis().saturating_sub(from.as_millis())
}

/// Reads what happened from one look to another.
pub(super) fn read(
    connection: &Connection,
    account: i64,
    (from, to): (Timestamp, Timestamp),
) -> rusqlite::Result<Away> {
    // A minute is found by its begin.
    let first = from.as_millis() - from.as_millis().rem_euclid(MINUTE_MS);
    let bounds = (first, to.as_millis());
    let equity = read_span(connection, account, Period::All, bounds, to)?.and_then(|report| {
        let last = report.parts.last()?.last;
        Some(AwayEquity {
            coin: report.coin,
            coin_since: (report.coin_since > report.from).then_some(report.coin_since),
            last,
            known_since: report.known_since,
            change: report.change,
            max_drawdown: report.max_drawdown,
            parts: report.parts,
        })
    });
    let of = Of { connection, account, from, to };
    let (events, alerts) = (of.events()?, of.alerts()?);
    let is_cut = events.len() > MOST_ROWS || alerts.len() > MOST_ROWS;
    let range = ledger_range(connection, account)?;
    Ok(Away {
        from,
        to,
        equity,
        events: newest(events),
        funding: of.funding()?,
        ledger_to: range.filter(|range| range.from <= from).map(|range| range.to.min(to)),
        alerts: newest(alerts),
        nearest: of.nearest(first)?,
        gaps: of.gaps()?,
        is_cut,
    })
}

/// Keeps the newest rows and puts the oldest of them first.
fn newest<T>(mut rows: Vec<T>) -> Vec<T> {
    rows.truncate(MOST_ROWS);
    rows.reverse();
    rows
}

/// Whose rows, and of when.
struct Of<'a> {
    connection: &'a Connection,
    account: i64,
    from: Timestamp,
    to: Timestamp,
}

impl Of<'_> {
    /// Returns rows of a statement with the account, the begin and the end, one more than are kept.
    fn rows<T>(
        &self,
        statement: &str,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<Option<T>>,
    ) -> rusqlite::Result<Vec<T>> {
        let mut statement = self.connection.prepare(statement)?;
        let range = params![self.account, self.from.as_millis(), self.to.as_millis()];
        let rows = statement.query_map(range, |row| read(row))?;
        Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    fn events(&self) -> rusqlite::Result<Vec<AwayEvent>> {
        self.rows(
            "SELECT at, symbol, side, kind, size_before, size_after, net_pnl, note
             FROM position_event WHERE account = ?1 AND at > ?2 AND at <= ?3
             ORDER BY at DESC, kind DESC LIMIT 301",
            |row| {
                let symbol = text(row, 1)?;
                let (before, after) = (number(row, 4)?, number(row, 5)?);
                let what = match row.get_ref(3)?.as_str()? {
                    "opened" => AwayChange::Opened(after),
                    "changed" => AwayChange::Changed(before, after),
                    "adjusted" => AwayChange::Adjusted(before, after),
                    "left" => AwayChange::Left(before),
                    "closed" => AwayChange::Closed(before),
                    "forced" => {
                        let note: Option<String> = row.get(7)?;
                        AwayChange::Forced(note.map(|note| Text::new(&note)))
                    }
                    "settled" => {
                        let coin = coin_of(symbol.as_str()).map(|coin| Text::new(&coin));
                        AwayChange::Result(number(row, 6)?, coin)
                    }
                    _ => return Ok(None),
                };
                let (at, side) = (time(row, 0)?, text(row, 2)?);
                Ok(Some(AwayEvent { at, symbol, side, what }))
            },
        )
    }

    fn alerts(&self) -> rusqlite::Result<Vec<AwayAlert>> {
        self.rows(
            "SELECT metric, subject, severity, raised_at, value, limit_value, cleared_at FROM alert
             WHERE account = ?1 AND raised_at <= ?3
               AND (raised_at > ?2 OR cleared_at > ?2 AND cleared_at <= ?3)
             ORDER BY raised_at DESC LIMIT 301",
            |row| {
                let word = text(row, 0)?;
                let metric = Metric::ALL.into_iter().find(|metric| metric.name() == word.as_str());
                let severity = match row.get_ref(2)?.as_str()? {
                    "watch" => Severity::Watch,
                    "critical" => Severity::Critical,
                    _ => Severity::Danger,
                };
                // A metric of another version of the program is not known here.
                let Some(metric) = metric else { return Ok(None) };
                let cleared: Option<i64> = row.get(6)?;
                let cleared = cleared.map(Timestamp::from_millis);
                Ok(Some(AwayAlert {
                    metric,
                    subject: text(row, 1)?,
                    severity,
                    raised_at: time(row, 3)?,
                    value: number(row, 4)?,
                    limit: number(row, 5)?,
                    cleared_at: cleared.filter(|at| *at <= self.to),
                }))
            },
        )
    }

    fn funding(&self) -> rusqlite::Result<Vec<(Text, Option<Decimal>)>> {
        let rows = self.rows(
            "SELECT coin, amount FROM ledger_entry
             WHERE account = ?1 AND at > ?2 AND at <= ?3 AND kind = 'funding'",
            |row| Ok(Some((text(row, 0)?, number(row, 1)?))),
        )?;
        let mut sums: BTreeMap<Text, Option<Decimal>> = BTreeMap::new();
        for (coin, amount) in rows {
            let sum = sums.entry(coin).or_insert(Some(Decimal::ZERO));
            *sum = sum.zip(amount).and_then(|(sum, amount)| risk::add(sum, amount));
        }
        Ok(sums.into_iter().collect())
    }

    fn nearest(&self, first_minute: i64) -> rusqlite::Result<Option<AwayNearest>> {
        // The order of floating numbers is enough to choose one; what is shown is exact.
        let statement = "SELECT nearest_symbol, nearest_side, nearest_distance, nearest_at
             FROM minute WHERE account = ?1 AND at >= ?2 AND nearest_at > ?3 AND nearest_at <= ?4
             ORDER BY CAST(nearest_distance AS REAL), nearest_at LIMIT 1";
        let (from, to) = (self.from.as_millis(), self.to.as_millis());
        self.connection
            .query_row(statement, params![self.account, first_minute, from, to], |row| {
                let (symbol, side) = (text(row, 0)?, text(row, 1)?);
                let distance = read_decimal(2, row.get_ref(2)?.as_str()?)?;
                Ok(AwayNearest { symbol, side, distance, at: time(row, 3)? })
            })
            .optional()
    }

    fn gaps(&self) -> rusqlite::Result<Vec<Gap>> {
        self.rows(
            "SELECT from_at, to_at, why FROM gap
             WHERE account = ?1 AND to_at > ?2 AND from_at < ?3 ORDER BY from_at",
            |row| Ok(Some(Gap { from: time(row, 0)?, to: time(row, 1)?, why: text(row, 2)? })),
        )
    }
}

fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<Text> {
    Ok(Text::new(row.get_ref(column)?.as_str()?))
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp::from_millis)
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Decimal>> {
    let text = row.get_ref(column)?.as_str_or_null()?;
    text.map(|text| read_decimal(column, text)).transpose()
}

#[cfg(test)]
mod tests;
