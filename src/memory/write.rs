//! Writes the rows of a batch.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::batch::{
    AlertRow, Batch, LedgerRange, MinuteRow, Nearest, PositionRecord, Reading, Row,
};
use super::codec::{decimal, deliveries, kind_word, millis, optional, read_decimal};
use super::minute::{higher, lower};
use super::schema::AGING;
use crate::domain::{ClosedPosition, EarlierAlert, Gap, LedgerEntry, Metric, Text, Timestamp};

/// A time without a minute that is longer is a gap. Two restarts in a row are none.
const SHORTEST_GAP_MS: i64 = 120_000;
/// Pages that are given back to the file system after rows were removed.
const FREED_PAGES: u32 = 256;

/// Returns the number of an account in the file; makes it, and keeps its label up to date.
pub(super) fn account(
    connection: &Connection,
    user_hash: &str,
    label: &str,
) -> rusqlite::Result<i64> {
    connection.query_row(
        "INSERT INTO account (user_hash, label) VALUES (?1, ?2)
         ON CONFLICT (user_hash) DO UPDATE SET label = excluded.label RETURNING id",
        params![user_hash, label],
        |row| row.get(0),
    )
}

/// Writes a batch, whole or not at all. `begins` holds until a process has written a minute: the time since
/// the minute before that is a gap.
pub(super) fn batch(
    connection: &mut Connection,
    account: i64,
    batch: &Batch,
    begins: bool,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if begins {
        not_running(&transaction, account, batch)?;
    }
    for row in &batch.rows {
        match row {
            Row::Minute(row) => minute(&transaction, account, row)?,
            Row::Position(row) => position(&transaction, account, row)?,
            Row::Settled(row) => settled(&transaction, account, row)?,
            Row::Ledger(row) => ledger(&transaction, account, row)?,
            Row::Alert(row) => alert(&transaction, account, row)?,
            Row::Gap(row) => gap(&transaction, account, row)?,
        }
    }
    if let Some(range) = batch.ledger {
        let before = ledger_range(&transaction, account)?;
        let range = before.map_or(range, |before| before.joined(range));
        transaction.execute(
            "UPDATE account SET ledger_from = ?2, ledger_to = ?3 WHERE id = ?1",
            params![account, millis(range.from), millis(range.to)],
        )?;
    }
    transaction.execute(
        "INSERT INTO seen (account, at) VALUES (?1, ?2)
         ON CONFLICT (account) DO UPDATE SET at = excluded.at",
        params![account, millis(batch.at)],
    )?;
    transaction.commit()
}

/// Removes what is older than `before`.
pub(super) fn forget(connection: &mut Connection, before: Timestamp) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (table, column) in AGING {
        let statement = format!("DELETE FROM {table} WHERE {column} < ?1");
        transaction.execute(&statement, [millis(before)])?;
    }
    transaction.execute(
        "UPDATE account SET ledger_from = max(ledger_from, ?1) WHERE ledger_to > ?1",
        [millis(before)],
    )?;
    transaction.commit()?;
    connection.execute_batch(&format!("PRAGMA incremental_vacuum({FREED_PAGES})"))
}

/// Returns the range in which no ledger entry is missing.
pub(super) fn ledger_range(
    connection: &Connection,
    account: i64,
) -> rusqlite::Result<Option<LedgerRange>> {
    let range = connection
        .query_row("SELECT ledger_from, ledger_to FROM account WHERE id = ?1", [account], |row| {
            let (from, to): (Option<i64>, Option<i64>) = (row.get(0)?, row.get(1)?);
            let time = Timestamp::from_millis;
            Ok(from.zip(to).map(|(from, to)| LedgerRange { from: time(from), to: time(to) }))
        })
        .optional()?;
    Ok(range.flatten())
}

/// Notes the time between the last minute of an earlier process and the first of this one.
fn not_running(transaction: &Transaction<'_>, account: i64, batch: &Batch) -> rusqlite::Result<()> {
    let first = batch.rows.iter().find_map(|row| {
        if let Row::Minute(minute) = row { Some(minute.low.at.min(minute.high.at)) } else { None }
    });
    let Some(first) = first else { return Ok(()) };
    let last: Option<i64> = transaction
        .query_row(
            "SELECT equity_at FROM minute WHERE account = ?1 ORDER BY at DESC LIMIT 1",
            [account],
            |row| row.get(0),
        )
        .optional()?;
    let Some(last) = last.map(Timestamp::from_millis) else { return Ok(()) };
    if first.as_millis().saturating_sub(last.as_millis()) <= SHORTEST_GAP_MS {
        return Ok(());
    }
    gap(transaction, account, &Gap { from: last, to: first, why: Text::new("not_running") })
}

fn minute(transaction: &Transaction<'_>, account: i64, row: &MinuteRow) -> rusqlite::Result<()> {
    // Two processes one after the other may share a minute: its extremes are those of both.
    let held = extremes(transaction, account, row)?;
    let (mut low, mut high, mut nearest) = (row.low, row.high, row.nearest.clone());
    if let Some((held_low, held_high, held_nearest)) = held {
        (low, high) = (lower(held_low, low), higher(held_high, high));
        let is_nearer =
            |held: &Nearest| nearest.as_ref().is_none_or(|found| held.distance <= found.distance);
        if let Some(held) = held_nearest.filter(is_nearer) {
            nearest = Some(held);
        }
    }
    let nearest = nearest.as_ref();
    transaction
        .execute(
            "INSERT OR REPLACE INTO minute VALUES
             (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21)",
            params![
                account,
                millis(row.at),
                millis(row.session),
                row.coin.as_str(),
                decimal(row.equity.equity),
                millis(row.equity.at),
                decimal(low.equity),
                millis(low.at),
                decimal(high.equity),
                millis(high.at),
                optional(row.session_change),
                optional(row.usdt_usd),
                optional(row.available),
                optional(row.unrealized_pnl),
                optional(row.maintenance_margin),
                optional(row.margin_ratio),
                row.risk_level,
                nearest.map(|nearest| nearest.key.0.as_str()),
                nearest.map(|nearest| nearest.key.1.as_str()),
                optional(nearest.map(|nearest| nearest.distance)),
                nearest.map(|nearest| millis(nearest.at)),
            ],
        )
        .map(drop)
}

type Extremes = (Reading, Reading, Option<Nearest>);

fn extremes(
    transaction: &Transaction<'_>,
    account: i64,
    row: &MinuteRow,
) -> rusqlite::Result<Option<Extremes>> {
    transaction
        .query_row(
            "SELECT equity_low, equity_low_at, equity_high, equity_high_at,
                    nearest_distance, nearest_at, nearest_symbol, nearest_side
             FROM minute WHERE account = ?1 AND at = ?2 AND coin = ?3",
            params![account, millis(row.at), row.coin.as_str()],
            |row| {
                let reading = |column: usize| -> rusqlite::Result<Reading> {
                    let equity: String = row.get(column)?;
                    let at = Timestamp::from_millis(row.get(column + 1)?);
                    Ok(Reading { at, equity: read_decimal(column, &equity)? })
                };
                let distance: Option<String> = row.get(4)?;
                let nearest = match distance {
                    None => None,
                    Some(distance) => {
                        let (symbol, side): (String, String) = (row.get(6)?, row.get(7)?);
                        Some(Nearest {
                            key: (Text::new(&symbol), Text::new(&side)),
                            distance: read_decimal(4, &distance)?,
                            at: Timestamp::from_millis(row.get(5)?),
                        })
                    }
                };
                Ok((reading(0)?, reading(2)?, nearest))
            },
        )
        .optional()
}

fn position(
    transaction: &Transaction<'_>,
    account: i64,
    row: &PositionRecord,
) -> rusqlite::Result<()> {
    transaction
        .execute(
            "INSERT OR IGNORE INTO position_event
             (account, at, symbol, side, kind, margin_mode, size_before, size_after, note)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                account,
                millis(row.at),
                row.key.0.as_str(),
                row.key.1.as_str(),
                row.kind.word(),
                row.margin_mode.as_ref().map(Text::as_str),
                optional(row.size_before),
                optional(row.size_after),
                row.note.as_ref().map(Text::as_str),
            ],
        )
        .map(drop)
}

fn settled(
    transaction: &Transaction<'_>,
    account: i64,
    row: &ClosedPosition,
) -> rusqlite::Result<()> {
    let Some(at) = row.closed_at else { return Ok(()) };
    let margin_mode = row.margin_mode.as_ref().and_then(|mode| mode.sent());
    transaction
        .execute(
            "INSERT OR REPLACE INTO position_event
             (account, at, symbol, side, kind, margin_mode, size_before, entry_price, exit_price,
              realized_pnl, funding_pnl, fees_paid, net_pnl, opened_at)
             VALUES (?1, ?2, ?3, ?4, 'settled', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            params![
                account,
                millis(at),
                row.symbol.to_string(),
                row.side.to_string(),
                margin_mode.map(ToString::to_string),
                optional(row.size),
                optional(row.entry_price),
                optional(row.exit_price),
                optional(row.realized_pnl),
                optional(row.funding_pnl),
                optional(row.fees_paid),
                optional(row.net_pnl),
                row.opened_at.map(millis),
            ],
        )
        .map(drop)
}

fn ledger(transaction: &Transaction<'_>, account: i64, row: &LedgerEntry) -> rusqlite::Result<()> {
    transaction
        .execute(
            "INSERT OR REPLACE INTO ledger_entry VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                account,
                row.id.as_str(),
                millis(row.time),
                row.symbol.as_ref().map(ToString::to_string),
                row.coin.as_str(),
                kind_word(&row.kind),
                decimal(row.amount),
                row.fee.coin.as_str(),
                decimal(row.fee.paid),
            ],
        )
        .map(drop)
}

fn alert(transaction: &Transaction<'_>, account: i64, row: &AlertRow) -> rusqlite::Result<()> {
    // What ends an alert says nothing new of its value.
    transaction
        .execute(
            "INSERT INTO alert
             (account, raised_at, name, metric, subject, severity, since, value, limit_value, cleared_at,
              sent, delivery)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
             ON CONFLICT DO UPDATE SET cleared_at = excluded.cleared_at, sent = excluded.sent,
             delivery = excluded.delivery",
            params![
                account,
                millis(row.raised_at),
                row.name.as_str(),
                row.metric.to_string(),
                row.subject.as_str(),
                row.severity.to_string(),
                millis(row.since),
                optional(row.value),
                optional(row.limit),
                row.cleared_at.map(millis),
                row.sent,
                deliveries(&row.delivery),
            ],
        )
        .map(drop)
}

/// Returns when the user looked at the screen last; `None` where that was never noted.
pub(super) fn last_look(
    connection: &Connection,
    account: i64,
) -> rusqlite::Result<Option<Timestamp>> {
    let look: Option<Option<i64>> = connection
        .query_row("SELECT looked_at FROM seen WHERE account = ?1", [account], |row| row.get(0))
        .optional()?;
    Ok(look.flatten().map(Timestamp::from_millis))
}

/// Notes that the user has looked at the screen. The one row that a process may write that does not write
/// the memory: whoever looks at one of two looks at the account.
pub(super) fn looked(connection: &Connection, account: i64, at: Timestamp) -> rusqlite::Result<()> {
    connection
        .execute(
            "INSERT INTO seen (account, at, looked_at) VALUES (?1, ?2, ?2)
             ON CONFLICT (account) DO UPDATE
             SET looked_at = max(coalesce(looked_at, 0), excluded.looked_at)",
            params![account, millis(at)],
        )
        .map(drop)
}

/// Returns the alerts that an earlier process left on. One that said that a figure was not known is none of
/// them: it says nothing of the condition.
pub(super) fn alerts_on(
    connection: &Connection,
    account: i64,
) -> rusqlite::Result<Vec<EarlierAlert>> {
    let mut statement = connection.prepare(
        "SELECT name, metric, subject, since, raised_at, sent FROM alert
         WHERE account = ?1 AND cleared_at IS NULL
           AND (value IS NOT NULL OR limit_value IS NULL)
         ORDER BY raised_at",
    )?;
    let rows = statement.query_map([account], |row| {
        let text = |column| row.get::<_, String>(column);
        let time = |column| row.get(column).map(Timestamp::from_millis);
        // A metric of another version of the program has no rule here.
        let word = text(1)?;
        let found = Metric::ALL.into_iter().find(|metric| metric.name() == word);
        let Some(metric) = found else { return Ok(None) };
        Ok(Some(EarlierAlert {
            name: Text::new(&text(0)?),
            metric,
            subject: Text::new(&text(2)?),
            since: time(3)?,
            raised_at: time(4)?,
            sent: row.get(5)?,
        }))
    })?;
    Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// Ends the alerts that an earlier process left on: until it was last seen they held, and what holds still is
/// raised again.
pub(super) fn end_alerts(connection: &Connection, account: i64) -> rusqlite::Result<()> {
    connection
        .execute(
            "UPDATE alert SET cleared_at = max(raised_at, (SELECT at FROM seen WHERE account = ?1))
             WHERE account = ?1 AND cleared_at IS NULL",
            [account],
        )
        .map(drop)
}

fn gap(transaction: &Transaction<'_>, account: i64, row: &Gap) -> rusqlite::Result<()> {
    transaction
        .execute(
            "INSERT OR REPLACE INTO gap VALUES (?1, ?2, ?3, ?4)",
            params![account, millis(row.from), millis(row.to), row.why.as_str()],
        )
        .map(drop)
}
