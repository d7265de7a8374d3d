//! [`Reader`]: the memory for those who export it.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, params};

use super::batch::LedgerRange;
use super::export::{Cell, Export, Record, closed_key, coin_of, text};
use super::file::{self, MemoryError, Opened};
use super::hash::user_hash;
use super::write::ledger_range;
use crate::domain::{Timestamp, UserId};

/// Whose rows are wanted.
#[derive(Debug, Clone, Copy)]
pub enum Owner<'a> {
    /// Those of a user.
    User(&'a UserId),
    /// Those of the account that was last seen under this label.
    Label(&'a str),
}

/// A memory that is read, also while it is written.
#[derive(Debug)]
pub struct Reader {
    opened: Opened,
    account: i64,
}

impl Reader {
    /// Opens the file; `None` where it holds nothing of that account, or there is no file.
    ///
    /// # Errors
    /// The file cannot be read, or is of another program or a later version.
    pub fn open(path: &Path, owner: Owner<'_>) -> Result<Option<Self>, MemoryError> {
        if !path.exists() {
            return Ok(None);
        }
        let opened = file::open_to_read(path)?;
        let connection = &opened.connection;
        let account = match owner {
            Owner::User(user) => connection.query_row(
                "SELECT id FROM account WHERE user_hash = ?1",
                [user_hash(user, &opened.salt)],
                |row| row.get(0),
            ),
            Owner::Label(label) => connection.query_row(
                "SELECT a.id FROM account a LEFT JOIN seen s ON s.account = a.id
                 WHERE a.label = ?1 ORDER BY s.at DESC LIMIT 1",
                [label],
                |row| row.get(0),
            ),
        };
        let account: Option<i64> = account.optional()?;
        Ok(account.map(|account| Self { opened, account }))
    }

    /// Returns the range in which no ledger entry is missing.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn ledger_range(&self) -> Result<Option<LedgerRange>, MemoryError> {
        Ok(ledger_range(&self.opened.connection, self.account)?)
    }

    /// Returns the rows from `from` on and before `to`.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn records(
        &self,
        what: Export,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Record>, MemoryError> {
        let mut statement = self.opened.connection.prepare(query(what))?;
        let range = params![self.account, from.as_millis(), to.as_millis()];
        let rows = statement.query_map(range, |row| record(what, row))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Returns the statement of an export: its columns, in their order.
const fn query(what: Export) -> &'static str {
    match what {
        Export::Closed => {
            "SELECT at, opened_at, symbol, side, margin_mode, size_before, entry_price, exit_price,
                    NULL, realized_pnl, funding_pnl, fees_paid, net_pnl
             FROM position_event
             WHERE account = ?1 AND at >= ?2 AND at < ?3 AND kind = 'settled'"
        }
        Export::Ledger => {
            "SELECT at, id, symbol, coin, kind, amount, fee_coin, fee_paid FROM ledger_entry
             WHERE account = ?1 AND at >= ?2 AND at < ?3"
        }
        Export::Equity => {
            "SELECT at, coin, equity, equity_low, equity_high, session_change, available,
                    unrealized_pnl, maintenance_margin, margin_ratio, risk_level
             FROM minute WHERE account = ?1 AND at >= ?2 AND at < ?3"
        }
        Export::Alerts => {
            "SELECT raised_at, since, name, metric, subject, severity, value, limit_value, cleared_at
             FROM alert WHERE account = ?1 AND raised_at >= ?2 AND raised_at < ?3"
        }
    }
}

fn record(what: Export, row: &rusqlite::Row<'_>) -> rusqlite::Result<Record> {
    let mut cells = Vec::new();
    for (column, name) in what.columns().iter().enumerate() {
        let is_time = matches!(*name, "time" | "since") || name.ends_with("_at");
        cells.push(match row.get_ref(column)? {
            ValueRef::Integer(ms) if is_time => Cell::Time(Timestamp::from_millis(ms)),
            ValueRef::Integer(number) => Cell::Text(number.to_string()),
            other
            @ (ValueRef::Null | ValueRef::Text(_) | ValueRef::Real(_) | ValueRef::Blob(_)) => {
                text(other.as_str_or_null()?.map(str::to_owned))
            }
        });
    }
    let told = |column: usize| match cells.get(column) {
        Some(Cell::Text(text)) => text.as_str(),
        _ => "",
    };
    let key = match what {
        Export::Closed => closed_key(told(2), told(3)),
        Export::Ledger => told(1).to_owned(),
        Export::Equity => String::new(),
        Export::Alerts => closed_key(told(2), &closed_key(told(3), told(4))),
    };
    if what == Export::Closed {
        let coin = text(coin_of(told(2)));
        if let Some(cell) = cells.get_mut(8) {
            *cell = coin;
        }
    }
    Ok(Record { at: Timestamp::from_millis(row.get(0)?), key, cells })
}
