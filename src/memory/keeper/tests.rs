use rust_decimal::{Decimal, dec};

use super::super::batch::{AlertRow, MinuteRow, Reading, Row};
use super::*;
use crate::domain::{Metric, Severity, UserId};

const MINUTE: i64 = 60_000;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(1_790_337_600_000 + minute * MINUTE)
}

fn minute(minute: i64, equity: Decimal) -> Batch {
    let reading = Reading { at: at(minute).plus_millis(30_000), equity };
    let row = MinuteRow {
        session_change: Some(dec!(0)),
        ..MinuteRow::new(at(minute), at(0), Text::new("USDT"), reading)
    };
    let user = UserId::new("1000000001").unwrap();
    Batch { user, at: at(minute + 1), rows: vec![Row::Minute(row)], ledger: None, looked_at: None }
}

fn settings(folder: &tempfile::TempDir) -> Settings {
    let path = folder.path().join("history.db");
    Settings { path, keep_days: 365, account_label: "main".to_owned() }
}

/// Settings whose folder cannot be made before this file is gone.
fn blocked(folder: &tempfile::TempDir) -> (Settings, PathBuf) {
    let blocked = folder.path().join("state");
    std::fs::write(&blocked, "").unwrap();
    (Settings { path: blocked.join("history.db"), ..settings(folder) }, blocked)
}

fn count(settings: &Settings, table: &str) -> i64 {
    let opened = file::open_to_read(&settings.path).unwrap();
    let statement = format!("SELECT count(*) FROM {table}");
    opened.connection.query_row(&statement, [], |row| row.get(0)).unwrap()
}

#[test]
fn what_was_taken_is_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut keeper = Keeper::new(settings(&folder));
    for n in 0..3 {
        let report = keeper.take(minute(n, dec!(100)), 0);
        assert_eq!(report.state, MemoryState::Writing { until: Some(at(n + 1)) });
    }
    assert_eq!(count(&settings(&folder), "minute"), 3);
    assert_eq!((count(&settings(&folder), "account"), count(&settings(&folder), "seen")), (1, 1));
}

/// Whoever reads the file learns no user id.
#[test]
fn the_user_id_is_not_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut keeper = Keeper::new(settings(&folder));
    keeper.take(minute(0, dec!(100)), 0);
    drop(keeper);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(10).any(|window| window == b"1000000001"));
    }
}

/// A full disk, at every page that a batch may need.
#[test]
fn a_full_disk_costs_a_message_and_no_minute() {
    let folder = tempfile::tempdir().unwrap();
    let mut keeper = Keeper::new(settings(&folder));
    keeper.take(minute(0, dec!(100)), 0);
    let limit = |keeper: &Keeper, pages: i64| {
        let connection = &keeper.opened.as_ref().unwrap().connection;
        connection.pragma_update(None, "max_page_count", pages).unwrap();
    };
    let mut written = 1;
    let mut refused = 0;
    for n in 1..=50 {
        limit(&keeper, 1);
        let mut batch = minute(n, dec!(100));
        let entry = |id: i64| crate::domain::LedgerEntry {
            id: Text::new(&format!("{n}-{id}")),
            symbol: None,
            coin: Text::new("USDT"),
            kind: crate::domain::LedgerKind::Transfer,
            amount: dec!(1),
            fee: crate::domain::Fee { coin: Text::new("USDT"), paid: dec!(0) },
            time: at(n),
        };
        batch.rows.extend((0..60).map(|id| Row::Ledger(entry(id))));
        let state = keeper.take(batch, 0).state;
        if let MemoryState::Unavailable { reason } = state {
            assert!(reason.as_str().contains("full"), "{reason}");
            refused += 1;
        } else {
            written = n + 1;
        }
    }
    assert!(refused > 40, "{refused} batches met a full disk");
    assert_eq!(count(&settings(&folder), "minute"), written, "whole batches, or nothing");
    limit(&keeper, 100_000);
    let report = keeper.take(minute(51, dec!(100)), 0);
    assert_eq!(report.state, MemoryState::Writing { until: Some(at(52)) });
    assert_eq!(count(&settings(&folder), "minute"), 52, "what waited is written");
    assert_eq!(count(&settings(&folder), "ledger_entry"), 50 * 60);
}

#[test]
fn what_waits_for_too_long_is_given_up_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, blocked) = blocked(&folder);
    let mut keeper = Keeper::new(settings.clone());
    for n in 0..70 {
        let state = keeper.take(minute(n, dec!(100)), 0).state;
        assert!(matches!(state, MemoryState::Unavailable { .. }), "{state:?}");
    }
    std::fs::remove_file(&blocked).unwrap();
    let state = keeper.take(minute(70, dec!(100)), 2).state;
    let MemoryState::Unavailable { reason } = state else { panic!("{state:?}") };
    assert!(reason.as_str().starts_with("13 rows of the memory were lost"), "{reason}");
    let state = keeper.take(minute(71, dec!(100)), 0).state;
    assert_eq!(state, MemoryState::Writing { until: Some(at(72)) }, "said once");
    assert_eq!(count(&settings, "minute"), 61);
}

/// Alerts that come and go while nothing can be written crowd out no minute.
#[test]
fn what_waits_is_counted_in_minutes() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, blocked) = blocked(&folder);
    let mut keeper = Keeper::new(settings.clone());
    for n in 0..50 {
        for second in 0..10 {
            let mut batch = minute(n, dec!(100));
            batch.at = batch.at.plus_millis(second * 1_000);
            keeper.take(batch, 0);
        }
    }
    std::fs::remove_file(&blocked).unwrap();
    let state = keeper.take(minute(50, dec!(100)), 0).state;
    assert_eq!(state, MemoryState::Writing { until: Some(at(51)) }, "nothing was lost");
    assert_eq!(count(&settings, "minute"), 51);
}

#[test]
fn two_processes_write_one_account_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Keeper::new(settings(&folder));
    let mut second = Keeper::new(settings(&folder));
    first.take(minute(0, dec!(100)), 0);
    let state = second.take(minute(0, dec!(90)), 0).state;
    assert_eq!(state, MemoryState::Reading { process: Some(std::process::id()) });
    let mut other = minute(0, dec!(7));
    other.user = UserId::new("1000000002").unwrap();
    let state = Keeper::new(settings(&folder)).take(other, 0).state;
    assert!(matches!(state, MemoryState::Writing { .. }), "another account has its own writer");
    drop(first);
    let state = second.take(minute(1, dec!(90)), 0).state;
    assert_eq!(state, MemoryState::Writing { until: Some(at(2)) });
    assert_eq!(count(&settings(&folder), "minute"), 3);
}

#[test]
fn old_rows_are_forgotten_once_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(&folder);
    settings.keep_days = 2;
    let mut keeper = Keeper::new(settings.clone());
    for n in [0, 10, 1_440, 2_890, 2_900] {
        keeper.take(minute(n, dec!(100)), 0);
    }
    assert_eq!(count(&settings, "minute"), 3, "the first two were older than two days");
    keeper.take(minute(2_900 + 1_440, dec!(100)), 0);
    assert_eq!(count(&settings, "minute"), 3);
}

#[test]
fn the_time_in_which_nobody_watched_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let mut keeper = Keeper::new(settings(&folder));
    keeper.take(minute(0, dec!(100)), 0);
    keeper.take(minute(1, dec!(100)), 0);
    drop(keeper);
    Keeper::new(settings(&folder)).take(minute(2, dec!(100)), 0);
    assert_eq!(count(&settings(&folder), "gap"), 0, "a restart is none");
    Keeper::new(settings(&folder)).take(minute(600, dec!(100)), 0);
    let opened = file::open_to_read(&settings(&folder).path).unwrap();
    let found: (i64, i64, String) = opened
        .connection
        .query_row("SELECT from_at, to_at, why FROM gap", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    let middle = |n| at(n).plus_millis(30_000).as_millis();
    assert_eq!(found, (middle(2), middle(600), "not_running".to_owned()));
}

#[test]
fn an_alert_that_a_killed_process_left_on_ends_where_it_was_last_seen() {
    let folder = tempfile::tempdir().unwrap();
    let mut batch = minute(3, dec!(100));
    batch.rows.push(Row::Alert(AlertRow {
        name: Text::new("margin"),
        metric: Metric::MarginRatio,
        subject: Text::new("account"),
        severity: Severity::Danger,
        since: at(1),
        raised_at: at(2),
        value: Some(dec!(62)),
        limit: Some(dec!(60)),
        cleared_at: None,
        sent: true,
        delivery: Vec::new(),
    }));
    Keeper::new(settings(&folder)).take(batch, 0);
    let ends = || -> Option<i64> {
        let opened = file::open_to_read(&settings(&folder).path).unwrap();
        let ends = "SELECT cleared_at FROM alert";
        opened.connection.query_row(ends, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(ends(), None);
    let mut next = Keeper::new(settings(&folder));
    let report = next.take(minute(600, dec!(100)), 0);
    assert_eq!(ends(), Some(at(4).as_millis()));
    let left_on = EarlierAlert {
        name: Text::new("margin"),
        metric: Metric::MarginRatio,
        subject: Text::new("account"),
        since: at(1),
        raised_at: at(2),
        sent: true,
    };
    assert_eq!(*report.earlier, [left_on], "the next process can raise it again");
    let again = next.take(minute(601, dec!(100)), 0).earlier;
    assert!(Arc::ptr_eq(&again, &report.earlier), "told once");
}

/// The minute in which one process ends and the next begins holds the dip of both.
#[test]
fn a_minute_that_two_processes_share_keeps_its_extremes() {
    let folder = tempfile::tempdir().unwrap();
    Keeper::new(settings(&folder)).take(minute(0, dec!(80)), 0);
    Keeper::new(settings(&folder)).take(minute(0, dec!(95)), 0);
    let opened = file::open_to_read(&settings(&folder).path).unwrap();
    let columns = "SELECT equity_low, equity_high, equity FROM minute";
    let found: [String; 3] = opened
        .connection
        .query_row(columns, [], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))
        .unwrap();
    assert_eq!(found, ["80", "95", "95"]);
}
