//! [`Reader`]: the memory for those who export it.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, params};

use super::batch::LedgerRange;
use super::codec::read_deliveries;
use super::export::{Cell, Export, Record, closed_key, coin_of, text};
use super::file::{self, MemoryError, Opened};
use super::hash::user_hash;
use super::schema;
use super::write::ledger_range;
use crate::domain::{Text, Timestamp, UserId};
use crate::report::{Delivery, DeliveryState};

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

    /// Returns the newest delivery of each way that came through or was given up; none where the file is of a
    /// version that did not note them.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn last_deliveries(&self) -> Result<Vec<Delivery>, MemoryError> {
        if self.opened.version < schema::WITH_DELIVERIES {
            return Ok(Vec::new());
        }
        let mut statement = self.opened.connection.prepare(
            "SELECT delivery FROM alert WHERE account = ?1 AND delivery IS NOT NULL
             ORDER BY raised_at DESC LIMIT 1000",
        )?;
        let rows = statement.query_map([self.account], |row| row.get::<_, String>(0))?;
        let mut newest: BTreeMap<Text, Delivery> = BTreeMap::new();
        for text in rows {
            let all = read_deliveries(&text?).into_iter();
            for delivery in all.filter(|row| row.state != DeliveryState::Pending) {
                let held = newest.entry(delivery.way.clone()).or_insert_with(|| delivery.clone());
                if held.at < delivery.at {
                    *held = delivery;
                }
            }
        }
        Ok(newest.into_values().collect())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Metric, Severity};
    use crate::memory::batch::{AlertRow, Batch, Row};
    use crate::memory::write;

    const START: Timestamp = Timestamp::from_millis(1_790_337_600_000);

    fn delivery(way: &str, state: DeliveryState, minute: i64, error: Option<&str>) -> Delivery {
        let at = START.plus_millis(minute * 60_000);
        Delivery { way: Text::new(way), state, at, error: error.map(Text::new) }
    }

    fn alert(minute: i64, delivery: Vec<Delivery>) -> Row {
        let raised_at = START.plus_millis(minute * 60_000);
        Row::Alert(AlertRow {
            name: Text::new("margin"),
            metric: Metric::MarginRatio,
            subject: Text::new("account"),
            severity: Severity::Danger,
            since: raised_at,
            raised_at,
            value: None,
            limit: None,
            cleared_at: None,
            sent: false,
            delivery,
        })
    }

    fn write(path: &Path, rows: Vec<Row>) {
        let mut opened = file::open(path, START).unwrap();
        let account = write::account(&opened.connection, "hash", "main").unwrap();
        let user = UserId::new("1").unwrap();
        let batch = Batch { user, at: START, rows, ledger: None, looked_at: None };
        write::batch(&mut opened.connection, account, &batch, false).unwrap();
    }

    #[test]
    fn the_newest_delivery_of_each_way_is_told() {
        use DeliveryState::{Failed, Pending, Sent};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let refused = Some("HTTP 404");
        let first = vec![delivery("phone", Failed, 1, refused), delivery("mail", Sent, 1, None)];
        let second = vec![delivery("phone", Sent, 5, None), delivery("mail", Failed, 5, refused)];
        let third = vec![delivery("phone", Pending, 9, refused)];
        write(
            &path,
            vec![alert(1, first), alert(5, second), alert(9, third), alert(10, Vec::new())],
        );
        // What becomes of one is written over what was known before.
        write(&path, vec![alert(1, vec![delivery("phone", Sent, 2, None)])]);
        let reader = Reader::open(&path, Owner::Label("main")).unwrap().unwrap();
        let expected = [delivery("mail", Failed, 5, refused), delivery("phone", Sent, 5, None)];
        assert_eq!(reader.last_deliveries().unwrap(), expected);
    }

    /// A program that only reads leaves a file of an earlier version as it is; one that writes adds what it lacks.
    #[test]
    fn files_of_earlier_versions_are_read_and_brought_up_to_date() {
        for version in 1..schema::STEPS.len() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("history.db");
            let old = rusqlite::Connection::open(&path).unwrap();
            for step in schema::STEPS.iter().take(version) {
                old.execute_batch(step).unwrap();
            }
            old.execute_batch(
                "INSERT INTO file VALUES ('salt');
                 INSERT INTO account (id, user_hash, label) VALUES (1, 'hash', 'main');
                 INSERT INTO alert (account, raised_at, name, metric, subject, severity, since)
                 VALUES (1, 1790337600000, 'old', 'link_down', 'rest', 'danger', 1790337600000)",
            )
            .unwrap();
            old.pragma_update(None, "application_id", schema::APPLICATION_ID).unwrap();
            old.pragma_update(None, "user_version", i64::try_from(version).unwrap()).unwrap();
            drop(old);
            let read = || {
                let reader = Reader::open(&path, Owner::Label("main")).unwrap().unwrap();
                let alerts = reader.records(Export::Alerts, START, START.plus_millis(1));
                (reader.opened.version, alerts.unwrap().len(), reader.last_deliveries().unwrap())
            };
            assert_eq!(read(), (i32::try_from(version).unwrap(), 1, Vec::new()));
            let sent = delivery("phone", DeliveryState::Sent, 3, None);
            write(&path, vec![alert(3, vec![sent.clone()])]);
            assert_eq!(read(), (schema::version(), 1, vec![sent]));
        }
    }
}
