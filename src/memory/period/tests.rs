use rust_decimal::dec;

use super::super::batch::{Batch, MinuteRow, Row};
use super::super::file::{self, Opened};
use super::super::write;
use super::*;
use crate::domain::{Fee, LedgerEntry, UserId};

const START: i64 = 1_790_337_600_000;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(START + minute * MINUTE_MS)
}

/// Minute, begin of the session in minutes, equity, change of the session.
type Told = (i64, i64, Decimal, Option<Decimal>);

fn minute((minute, session, equity, change): Told) -> Row {
    let reading = Reading { at: at(minute).plus_millis(59_000), equity };
    Row::Minute(MinuteRow {
        at: at(minute),
        session: at(session),
        coin: Text::new("USDT"),
        equity: reading,
        low: reading,
        high: reading,
        session_change: change,
        usdt_usd: None,
        available: None,
        unrealized_pnl: None,
        maintenance_margin: None,
        margin_ratio: None,
        risk_level: None,
        nearest: None,
    })
}

fn deposit(minute: i64, coin: &str, amount: Decimal) -> Row {
    Row::Ledger(LedgerEntry {
        id: Text::new(&minute.to_string()),
        symbol: None,
        coin: Text::new(coin),
        kind: LedgerKind::Transfer,
        amount,
        fee: Fee { coin: Text::new(coin), paid: dec!(0) },
        time: at(minute),
    })
}

struct Memory {
    opened: Opened,
    account: i64,
    _folder: tempfile::TempDir,
}

impl Memory {
    fn new(rows: Vec<Row>, ledger: Option<(i64, i64)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut opened = file::open(&folder.path().join("history.db"), at(0)).unwrap();
        let account = write::account(&opened.connection, "hash", "main").unwrap();
        let ledger = ledger.map(|(from, to)| LedgerRange { from: at(from), to: at(to) });
        let batch =
            Batch { user: UserId::new("1").unwrap(), at: at(0), rows, ledger, looked_at: None };
        write::batch(&mut opened.connection, account, &batch, false).unwrap();
        Self { opened, account, _folder: folder }
    }

    fn report(&self, period: Period, now: i64) -> PeriodReport {
        read_period(&self.opened.connection, self.account, period, at(now)).unwrap().unwrap()
    }
}

fn all(rows: Vec<Row>, ledger: Option<(i64, i64)>) -> PeriodReport {
    Memory::new(rows, ledger).report(Period::All, 100_000)
}

#[test]
fn a_restart_does_not_end_a_drawdown() {
    let told = [
        (0, 0, dec!(1000), Some(dec!(0))),
        (1, 0, dec!(1100), Some(dec!(100))),
        (2, 0, dec!(1050), Some(dec!(50))),
        (10, 10, dec!(880), Some(dec!(0))),
        (11, 10, dec!(990), Some(dec!(110))),
    ];
    let report = all(told.map(minute).to_vec(), Some((-10, 20)));
    assert_eq!(report.change, Some(dec!(-10)));
    assert_eq!(report.max_drawdown, Some(dec!(0.2)));
    assert_eq!(report.max_drawdown_amount, Some(dec!(220)));
    assert_eq!((report.known_since, report.from), (at(0).plus_millis(59_000), report.known_since));
    assert_eq!(report.gaps.len(), 1, "from minute 2 to minute 10");
    assert_eq!(report.gaps[0].why.as_str(), "unknown");
}

#[test]
fn money_that_came_in_is_no_result() {
    let told = [
        (0, 0, dec!(1000), Some(dec!(0))),
        // In the session: the session's change does not follow the equity.
        (1, 0, dec!(6000), Some(dec!(0))),
        (10, 10, dec!(7100), Some(dec!(0))),
    ];
    let mut rows = told.map(minute).to_vec();
    rows.push(deposit(5, "USDT", dec!(1000)));
    let report = all(rows, Some((-10, 20)));
    assert_eq!(report.change, Some(dec!(100)), "between the sessions: the ledger tells");
    assert_eq!(report.max_drawdown, Some(dec!(0)));
}

/// Without the ledger a withdrawal would be a loss.
#[test]
fn where_flows_are_not_known_the_figures_begin_anew() {
    let told = [
        (0, 0, dec!(1000), Some(dec!(0))),
        (10, 10, dec!(400), Some(dec!(0))),
        (11, 10, dec!(420), Some(dec!(20))),
    ];
    for (ledger, extra) in [
        (None, vec![]),
        (Some((5, 20)), vec![]),
        (Some((-10, 9)), vec![]),
        (Some((-10, 20)), vec![deposit(5, "BTC", dec!(1))]),
    ] {
        let mut rows = told.map(minute).to_vec();
        rows.extend(extra);
        let report = all(rows, ledger);
        assert_eq!(report.change, Some(dec!(20)));
        assert_eq!(report.known_since, at(10).plus_millis(59_000));
        assert_eq!(report.from, at(0).plus_millis(59_000), "the curve is longer");
        assert_eq!(report.max_drawdown, Some(dec!(0)));
    }
}

#[test]
fn a_movement_that_is_explained_later_is_counted_then() {
    let told = [
        (0, 0, dec!(1000), Some(dec!(0))),
        (1, 0, dec!(6000), None),
        (2, 0, dec!(5900), Some(dec!(-100))),
    ];
    let report = all(told.map(minute).to_vec(), None);
    assert_eq!(report.change, Some(dec!(-100)));
    assert_eq!(report.max_drawdown, Some(dec!(0.1)), "of what was there before");
    assert_eq!(report.known_since, at(0).plus_millis(59_000));
}

/// An account that becomes a unified one: the session knows what of it is a result, nothing else does.
#[test]
fn another_coin_begins_anew_where_the_session_does_not_go_on() {
    for (session, change, since) in [(0, dec!(20), 0), (1, dec!(0), 1)] {
        let mut rows = vec![minute((0, 0, dec!(1000), Some(dec!(0))))];
        let Row::Minute(later) = minute((1, session, dec!(3000), Some(dec!(20)))) else { panic!() };
        rows.push(Row::Minute(MinuteRow { coin: Text::new("USD"), ..later }));
        let report = all(rows, Some((-10, 20)));
        assert_eq!((report.coin.as_str(), report.change), ("USD", Some(change)));
        assert_eq!(report.known_since, at(since).plus_millis(59_000));
        assert_eq!(report.coin_since, at(1).plus_millis(59_000));
        assert_eq!(report.from, at(0).plus_millis(59_000));
    }
}

/// In the coin of a unified account, by the rate of its own report.
#[test]
fn a_deposit_of_usdt_into_an_account_in_usd_counts_at_its_rate() {
    let rows = [(0, 0, dec!(1000), dec!(0)), (10, 10, dec!(1099), dec!(0))].map(
        |(at, session, equity, change)| {
            let Row::Minute(row) = minute((at, session, equity, Some(change))) else { panic!() };
            Row::Minute(MinuteRow { coin: Text::new("USD"), usdt_usd: Some(dec!(0.99)), ..row })
        },
    );
    let mut rows = rows.to_vec();
    rows.push(deposit(5, "USDT", dec!(100)));
    assert_eq!(all(rows, Some((-10, 20))).change, Some(dec!(0)));
}

#[test]
fn periods_are_cut_and_parts_keep_their_extremes() {
    let rows: Vec<Row> = (0..3_000)
        .map(|n| {
            let equity = if n == 2_000 { dec!(50) } else { dec!(100) + Decimal::from(n % 7) };
            minute((n, 0, equity, Some(equity - dec!(100))))
        })
        .collect();
    let memory = Memory::new(rows, None);
    let day = memory.report(Period::Day1, 3_000);
    assert_eq!(day.from, at(3_000 - 1_440).plus_millis(59_000));
    let week = memory.report(Period::Days7, 3_000);
    for report in [&day, &week] {
        assert!(report.parts.len() <= 250, "{}", report.parts.len());
        let low = report.parts.iter().map(|part| part.low).min();
        assert_eq!(low, Some(dec!(50)));
        assert!(report.gaps.is_empty());
        assert!(report.parts.is_sorted_by_key(|part| part.from));
    }
    assert!(read_period(&memory.opened.connection, 99, Period::All, at(0)).unwrap().is_none());
}

#[test]
fn a_gap_says_why() {
    let told = [(0, 0, dec!(1), Some(dec!(0))), (30, 0, dec!(1), Some(dec!(0)))];
    let mut rows = told.map(minute).to_vec();
    let (from, to) = (at(0).plus_millis(59_000), at(30).plus_millis(2_000));
    rows.push(Row::Gap(Gap { from, to, why: Text::new("link_down") }));
    let report = all(rows, None);
    assert_eq!(report.gaps[0].why.as_str(), "link_down");
}
