//! The memory across the end of a process: killed at any moment, it has lost no minute that was said to be
//! safe; two processes share one file.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail loudly"
)]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use bitget_watch::domain::{
    Fee, Gap, LedgerEntry, LedgerKind, MemoryReport, MemoryState, Text, Timestamp, UserId,
};
use bitget_watch::memory::{Batch, MinuteRow, Reading, Row, Settings, Writer};
use rusqlite::Connection;
use rust_decimal::Decimal;

/// Tells the child to be one: the file that it writes.
const FILE: &str = "BITGET_WATCH_TEST_MEMORY";
/// The first minute that it writes.
const FROM: &str = "BITGET_WATCH_TEST_FROM";
/// How often a process is killed; see tests/README.md for more.
const KILLS: &str = "BITGET_WATCH_KILLS";
const USUAL_KILLS: usize = 60;
/// Minutes after which the latest kill comes.
const MOST_MINUTES: usize = 25;

const START: i64 = 1_790_337_600_000;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(START + minute * 60_000)
}

fn batch(minute: i64, user: &str) -> Batch {
    let reading = Reading { at: at(minute), equity: Decimal::from(minute) };
    let row = MinuteRow::new(at(minute), at(0), Text::new("USDT"), reading);
    let gap = Gap { from: at(minute), to: at(minute), why: Text::new("link_down") };
    let rows = vec![Row::Minute(row), Row::Gap(gap)];
    Batch { user: UserId::new(user).unwrap(), at: at(minute), rows, ledger: None, looked_at: None }
}

fn settings(path: &Path) -> Settings {
    Settings { path: path.to_owned(), keep_days: 3_650, account_label: "main".to_owned() }
}

/// A writer and what it says after each batch.
fn writer(path: &Path) -> (Writer, std::sync::mpsc::Receiver<MemoryReport>) {
    let (told, reports) = channel();
    let tell = move |report| {
        // The end of the test may be the end of the reader.
        let _gone = told.send(report);
    };
    (Writer::start(settings(path), tell).unwrap(), reports)
}

/// What the child process does: writes minutes and says of each when it is safe, until it is killed.
#[test]
fn child() {
    let Some(path) = std::env::var_os(FILE).map(PathBuf::from) else { return };
    let from: i64 = std::env::var(FROM).unwrap().parse().unwrap();
    let (writer, reports) = writer(&path);
    for minute in from..from + 10_000 {
        writer.send(batch(minute, "1000000001"));
        let state = reports.recv().unwrap().state;
        assert!(matches!(state, MemoryState::Writing { .. }), "{state:?}");
        let mut out = std::io::stdout().lock();
        writeln!(out, "\nsafe {minute}").unwrap();
        out.flush().unwrap();
    }
}

fn spawn(path: &Path, from: i64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .env(FILE, path)
        .env(FROM, from.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn minutes(connection: &Connection, table: &str, column: &str) -> Vec<i64> {
    let statement = format!("SELECT {column} FROM {table} ORDER BY {column}");
    let mut statement = connection.prepare(&statement).unwrap();
    let rows = statement.query_map([], |row| row.get::<_, i64>(0)).unwrap();
    rows.map(|at| (at.unwrap() - START) / 60_000).collect()
}

#[test]
fn no_kill_loses_a_minute_that_was_safe() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let mut random = fastrand::Rng::with_seed(15);
    let kills = std::env::var(KILLS).map_or(USUAL_KILLS, |kills| kills.parse().unwrap());
    let mut safe: Vec<i64> = Vec::new();
    let mut next = 0;
    for kill in 0..kills {
        let mut child = spawn(&path, next);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let wanted = random.usize(1..=MOST_MINUTES);
        let mut said = lines.by_ref().map_while(Result::ok).filter_map(|line| {
            line.strip_prefix("safe ").and_then(|minute| minute.parse::<i64>().ok())
        });
        safe.extend(said.by_ref().take(wanted));
        // The next minutes are being written now, at any point of it.
        for _ in 0..random.u32(0..20_000) {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it said and was not read yet.
        safe.extend(said);

        let connection = Connection::open(&path).unwrap();
        let whole: String =
            connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(whole, "ok", "kill {kill}");
        let found = minutes(&connection, "minute", "at");
        assert_eq!(found[..safe.len()], safe, "kill {kill}");
        assert!(found.len() <= safe.len() + 1, "at most the one that was not said yet");
        assert_eq!(minutes(&connection, "gap", "from_at"), found, "minutes are whole");
        next = found.last().unwrap() + 1;
        safe = found;
    }
    println!("{kills} kills, {} minutes, each that was said to be safe is there", safe.len());
    let names: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("damaged"))
        .collect();
    assert_eq!(names, Vec::<String>::new());
}

#[test]
fn of_two_processes_one_writes_and_the_other_says_which() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let mut child = spawn(&path, 0);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    lines.by_ref().find(|line| line.starts_with("safe ")).unwrap();

    let (own, reports) = writer(&path);
    own.send(batch(600, "1000000001"));
    let report = reports.recv().unwrap();
    assert_eq!(report.state, MemoryState::Reading { process: Some(child.id()) });
    assert_eq!(report.periods.len(), 4, "what the other one writes can be read");
    let (other, told) = writer(&path);
    other.send(batch(5_000, "1000000002"));
    let state = told.recv().unwrap().state;
    assert!(matches!(state, MemoryState::Writing { .. }), "another account: {state:?}");

    child.kill().unwrap();
    child.wait().unwrap();
    own.send(batch(5_001, "1000000001"));
    let state = reports.recv().unwrap().state;
    assert_eq!(state, MemoryState::Writing { until: Some(at(5_001)) }, "it takes over");
    own.finish(Duration::from_secs(60));
    other.finish(Duration::from_secs(60));
}

/// The file is the user's: whoever reads it must find every table and column explained.
#[test]
fn every_column_is_documented() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let (writer, reports) = writer(&path);
    writer.send(batch(0, "1000000001"));
    reports.recv().unwrap();
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/history.md"))
            .unwrap();
    let connection = Connection::open(&path).unwrap();
    let columns = "SELECT m.name, p.name FROM sqlite_schema m, pragma_table_info(m.name) p
                   WHERE m.type = 'table'";
    let mut statement = connection.prepare(columns).unwrap();
    let rows = statement
        .query_map([], |row| Ok([row.get::<_, String>(0)?, row.get::<_, String>(1)?]))
        .unwrap();
    let found: Vec<[String; 2]> = rows.map(Result::unwrap).collect();
    assert!(found.len() > 50, "{} columns", found.len());
    for [table, column] in found {
        let begin = text.find(&format!("**`{table}`**")).unwrap_or_else(|| panic!("{table}"));
        let part = text[begin + 1..].split("\n**`").next().unwrap();
        assert!(part.contains(&format!("`{column}`")), "{table}.{column}");
    }
}

/// The query that the documentation has for a tax tool gives its columns, exactly, and no amount twice.
#[test]
fn the_documented_query_writes_events_for_a_tax_tool() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let entry = |minute: i64, kind, symbol: Option<&str>, amount: &str, fee: &str| {
        Row::Ledger(LedgerEntry {
            id: Text::new(&minute.to_string()),
            symbol: symbol.map(|symbol| symbol.parse().unwrap()),
            coin: Text::new("USDT"),
            kind,
            amount: amount.parse().unwrap(),
            fee: Fee { coin: Text::new("BGB"), paid: fee.parse().unwrap() },
            time: at(minute),
        })
    };
    let btc = Some("BTCUSDT_UMCBL");
    let rows = vec![
        entry(1, LedgerKind::Transfer, None, "500", "0"),
        entry(2, LedgerKind::Trade, btc, "0", "0.25"),
        entry(3, LedgerKind::Funding, btc, "-0.00000001", "0"),
        entry(4, LedgerKind::Trade, btc, "12.345", "0.5"),
        entry(5, LedgerKind::Trade, btc, "-7", "-0.125"),
        entry(6, LedgerKind::Internal, None, "99", "0"),
        entry(7, LedgerKind::Transfer, None, "-20.5", "0"),
    ];
    let (writer, reports) = writer(&path);
    let user = UserId::new("1000000001").unwrap();
    writer.send(Batch { user, at: at(8), rows, ledger: None, looked_at: None });
    reports.recv().unwrap();

    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/history.md"))
            .unwrap();
    let query = text.split("```sql\n").nth(1).unwrap().split("```").next().unwrap();
    let connection = Connection::open(&path).unwrap();
    let mut statement = connection.prepare(query).unwrap();
    let names = statement.column_names().join(",");
    assert_eq!(names, "Type,Location,Currency,Amount,Fee,Fee Currency,Description,Timestamp");
    let rows = statement.query_map([], |row| {
        let text = |column: usize| row.get::<_, String>(column);
        let minute = (row.get::<_, i64>(7)? - START) / 60_000;
        let fee = [text(4)?, text(5)?].join(" ");
        Ok(format!("{minute} {} {} {} {fee:?} {}", text(0)?, text(3)?, text(2)?, text(6)?))
    });
    let found: Vec<String> = rows.unwrap().map(Result::unwrap).collect();
    let expected = [
        "1 Deposit 500 USDT \" \" transfer",
        "2 Spend 0.25 BGB \" \" fee trade BTCUSDT_UMCBL",
        "3 Loss 0.00000001 USDT \" \" funding BTCUSDT_UMCBL",
        "4 Income 12.345 USDT \"0.5 BGB\" trade BTCUSDT_UMCBL",
        "5 Loss 7 USDT \" \" trade BTCUSDT_UMCBL",
        "5 Income 0.125 BGB \" \" fee trade BTCUSDT_UMCBL",
        "7 Withdrawal 20.5 USDT \" \" transfer",
    ];
    assert_eq!(found, expected);
}
