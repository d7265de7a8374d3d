//! `history`: rows of the memory and of the exchange to standard output, for journals and tax tools.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::exit::{CREDENTIALS, DONE, Failure, NOT_REACHED, USAGE};
use super::memory;
use super::snapshot::refused;
use super::source::{self, Source};
use crate::cli::{Day, HistoryArgs, HistoryFormat, HistoryKind};
use crate::domain::{Clock, Interval, Timestamp};
use crate::engine::Pace;
use crate::feed::Controls;
use crate::memory::{Cell, Export, LedgerRange, Owner, Reader, Record};
use crate::report::Report;

/// The least time between two looks at the report, and how many that are in a second.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS: u32 = 10;
/// Days that are exported without `--from`, today among them, and that the exchange is read for.
const DAYS: i64 = 30;

/// Prints the rows and returns the exit code.
pub(super) fn run(arguments: &HistoryArgs, source: Source) -> Result<u8, Failure> {
    let export = match arguments.what {
        HistoryKind::Closed => Export::Closed,
        HistoryKind::Ledger => Export::Ledger,
        HistoryKind::Equity => Export::Equity,
        HistoryKind::Alerts => Export::Alerts,
    };
    let now = source.clock.now();
    let range = Range::new(arguments, now)?;
    let memory = memory::settings(&source.config.memory, source.is_demo());
    let label = source.config.memory.account_label.clone();
    // What only the memory knows needs no connection; whose account it is, the exchange says.
    let asks = source.has_credentials() && matches!(export, Export::Closed | Export::Ledger);
    let report = asks.then(|| read(arguments.timeout, source)).transpose()?;
    let user = report.as_ref().and_then(|report| report.key_rights.clone()?.user_id);
    let owner = user.as_ref().map_or(Owner::Label(&label), Owner::User);
    let reader = match memory {
        Some(Ok(settings)) => Reader::open(&settings.path, owner)
            .map_err(|error| Failure::running(format!("memory: {error}")))?,
        Some(Err(_)) | None => None,
    };
    if reader.is_none() && report.is_none() {
        let text =
            format!("nothing is remembered of the account {label}, and there are no credentials");
        return Err(Failure::running(text));
    }
    let failed = |error| Failure::running(format!("memory: {error}"));
    let mut rows = BTreeMap::new();
    let mut known = None;
    if let Some(reader) = &reader {
        let kept = reader.records(export, range.from, range.to).map_err(failed)?;
        rows.extend(kept.into_iter().map(|row| ((row.at, row.key.clone()), row)));
        known = reader.ledger_range().map_err(failed)?;
    }
    if let Some(report) = &report {
        // What the exchange says now counts before what it said then.
        let listed = listed(export, report).into_iter().filter(|row| range.holds(row.at));
        rows.extend(listed.map(|row| ((row.at, row.key.clone()), row)));
    }
    let written = match arguments.format {
        HistoryFormat::Csv => csv(export, &label, rows.values()),
        HistoryFormat::Json => document(export, &label, &range, rows.values()) + "\n",
    };
    match print(&written) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(DONE),
        Err(error) => return Err(Failure::running(format!("standard output: {error}"))),
        Ok(()) => {}
    }
    report.map_or(Ok(DONE), |report| verdict(export, &range, &report, known))
}

/// The days of an export.
#[derive(Debug, Clone, Copy)]
struct Range {
    from: Timestamp,
    /// The first moment after it.
    to: Timestamp,
    now: Timestamp,
}

impl Range {
    fn new(arguments: &HistoryArgs, now: Timestamp) -> Result<Self, Failure> {
        let (today, day) = (now.start_of_day(), Interval::Day1.as_millis());
        let from = arguments.from.map_or_else(|| today.plus_millis((1 - DAYS) * day), Day::start);
        let to = arguments.to.map_or(today, Day::start).plus_millis(day);
        if from >= to {
            return Err(Failure::new(USAGE, "--from must not be after --to"));
        }
        Ok(Self { from, to, now })
    }

    fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

/// Reads what the exchange lists, as far as it can be had in time.
fn read(timeout: Duration, source: Source) -> Result<Arc<Report>, Failure> {
    let (reported, reports) = sync_channel(1);
    let clock: Arc<dyn Clock> = source.clock.clone();
    let on_report = move |_news| {
        // A full channel wakes just as well.
        let _full = reported.try_send(());
    };
    let runtime = source::runtime()?;
    let beside = (|| {}, std::future::pending());
    let running =
        source.start(runtime, Controls::default(), Pace::new(LOOKS), on_report, beside)?;
    let deadline = clock.now().after(timeout);
    let report = loop {
        let report = running.engine.newest();
        let now = clock.now();
        let is_whole = report.history.complete && report.key_rights.is_some();
        if is_whole || refused(&report) || now >= deadline {
            break Ok(report);
        }
        let wait = deadline.since(now).min(LOOK_EVERY);
        if reports.recv_timeout(wait) == Err(RecvTimeoutError::Disconnected) {
            break Err(running.failure());
        }
    };
    running.stop();
    report
}

/// Returns the rows of the exchange.
fn listed(export: Export, report: &Report) -> Vec<Record> {
    match export {
        Export::Closed => report.history.closed.iter().filter_map(Record::of_closed).collect(),
        Export::Ledger => report.ledger.rows.iter().map(Record::of_ledger).collect(),
        Export::Equity | Export::Alerts => Vec::new(),
    }
}

/// Returns the exit code: rows may be missing.
fn verdict(
    export: Export,
    range: &Range,
    report: &Report,
    known: Option<LedgerRange>,
) -> Result<u8, Failure> {
    if refused(report) {
        let problem = report.problems.first().map_or("refused", |problem| problem.text.as_str());
        return Err(Failure::new(CREDENTIALS, format!("incomplete: {problem}")));
    }
    if !report.history.complete {
        let text = "incomplete: the exchange did not list everything in time; see --timeout";
        return Err(Failure::new(NOT_REACHED, text));
    }
    let ledger = &report.ledger;
    let listed = LedgerRange { from: ledger.since, to: ledger.until };
    let whole = known.map_or(listed, |known| known.joined(listed));
    let first = range.now.start_of_day().plus_millis((1 - DAYS) * Interval::Day1.as_millis());
    let is_whole = match export {
        Export::Ledger => whole.from <= range.from,
        Export::Closed | Export::Equity | Export::Alerts => range.from >= first,
    };
    if !is_whole {
        let since = if export == Export::Ledger { whole.from } else { first };
        note(&format!("before {} there is only what the memory holds", time(since)));
    }
    Ok(DONE)
}

fn note(text: &str) {
    // Standard error may be closed.
    let _closed = writeln!(io::stderr(), "bitget-watch: {text}");
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Returns rows as CSV (RFC 4180), the names of the columns first. A cell without a value is empty.
fn csv<'r>(export: Export, label: &str, rows: impl Iterator<Item = &'r Record>) -> String {
    let mut text = format!("account,{}\n", export.columns().join(","));
    for row in rows {
        text.push_str(&quoted(label));
        for cell in &row.cells {
            text.push(',');
            text.push_str(&quoted(&value(cell).unwrap_or_default()));
        }
        text.push('\n');
    }
    text
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", cell.replace('"', "\"\""));
    }
    cell.to_owned()
}

fn document<'r>(
    export: Export,
    label: &str,
    range: &Range,
    rows: impl Iterator<Item = &'r Record>,
) -> String {
    let rows: Vec<Value> = rows
        .map(|row| {
            let cells = row.cells.iter().map(|cell| value(cell).map_or(Value::Null, Value::String));
            let names = export.columns().iter().map(|name| (*name).to_owned());
            Value::Object(names.zip(cells).collect::<Map<_, _>>())
        })
        .collect();
    let what = match export {
        Export::Closed => "closed",
        Export::Ledger => "ledger",
        Export::Equity => "equity",
        Export::Alerts => "alerts",
    };
    json!({
        "schema": "bitget-watch-history/1",
        "what": what,
        "account": label,
        "from": time(range.from),
        "to": time(range.to),
        "rows": rows,
    })
    .to_string()
}

fn value(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Text(text) => Some(text.clone()),
        Cell::Time(at) => Some(time(*at)),
        Cell::Nothing => None,
    }
}

/// RFC 3339, UTC, with milliseconds.
pub(super) fn time(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_millis())
        .map_or_else(|_out_of_range| String::new(), |time| format!("{time:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_with_commas_and_quotes_are_quoted() {
        assert_eq!(quoted("-1.5"), "-1.5");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("say \"x\""), "\"say \"\"x\"\"\"");
    }

    #[test]
    fn rows_keep_every_digit() {
        let at = Timestamp::from_millis(1_790_337_600_123);
        let cells = vec![
            Cell::Time(at),
            Cell::Text("1".to_owned()),
            Cell::Nothing,
            Cell::Text("USDT".to_owned()),
            Cell::Text("funding".to_owned()),
            Cell::Text("-0.00000000000000000001".to_owned()),
            Cell::Text("USDT".to_owned()),
            Cell::Text("0".to_owned()),
        ];
        let row = Record { at, key: String::new(), cells };
        assert_eq!(
            csv(Export::Ledger, "main", std::iter::once(&row)),
            "account,time,id,symbol,coin,kind,amount,fee_coin,fee_paid\n\
             main,2026-09-25T12:00:00.123Z,1,,USDT,funding,-0.00000000000000000001,USDT,0\n"
        );
        let range = Range { from: at, to: at, now: at };
        let text = document(Export::Ledger, "main", &range, std::iter::once(&row));
        let found: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(found["rows"][0]["amount"], "-0.00000000000000000001");
        assert_eq!(found["rows"][0]["symbol"], Value::Null);
        assert_eq!(found["rows"][0]["time"], "2026-09-25T12:00:00.123Z");
    }
}
