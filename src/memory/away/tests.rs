use rust_decimal::dec;

use super::super::batch::LedgerRange;
use super::super::batch::{
    AlertRow, Batch, MinuteRow, Nearest, PositionKind, PositionRecord, Reading, Row,
};
use super::super::file;
use super::super::write;
use super::*;
use crate::domain::{ClosedPosition, Fee, LedgerEntry, LedgerKind, Product, Side, Symbol, UserId};

const START: i64 = 1_790_337_600_000;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(START + minute * MINUTE_MS)
}

fn minute(minute: i64, equity: Decimal, distance: Decimal) -> Row {
    let reading = Reading { at: at(minute).plus_millis(59_000), equity };
    let key = (Text::new("BTCUSDT_UMCBL"), Text::new("long"));
    Row::Minute(MinuteRow {
        session_change: risk::sub(equity, dec!(1000)),
        nearest: Some(Nearest { key, distance, at: at(minute).plus_millis(30_000) }),
        ..MinuteRow::new(at(minute), at(0), Text::new("USDT"), reading)
    })
}

fn change(minute: i64, kind: PositionKind, before: Option<Decimal>, after: Option<Decimal>) -> Row {
    Row::Position(PositionRecord {
        at: at(minute),
        kind,
        key: (Text::new("BTCUSDT_UMCBL"), Text::new("long")),
        margin_mode: None,
        size_before: before,
        size_after: after,
        note: (kind == PositionKind::Forced).then(|| Text::new("burst_close_long")),
    })
}

fn funding(minute: i64, amount: Decimal) -> Row {
    Row::Ledger(LedgerEntry {
        id: Text::new(&format!("f{minute}")),
        symbol: None,
        coin: Text::new("USDT"),
        kind: LedgerKind::Funding,
        amount,
        fee: Fee { coin: Text::new("USDT"), paid: dec!(0) },
        time: at(minute),
    })
}

fn alert(raised: i64, cleared: Option<i64>) -> Row {
    Row::Alert(AlertRow {
        name: Text::new("margin"),
        metric: Metric::MarginRatio,
        subject: Text::new("account"),
        severity: Severity::Critical,
        since: at(raised),
        raised_at: at(raised),
        value: Some(dec!(62)),
        limit: Some(dec!(60)),
        cleared_at: cleared.map(at),
        sent: true,
        delivery: Vec::new(),
    })
}

/// A night: a fall, a cut, funding, a forced close and its result.
fn night() -> Vec<Row> {
    let symbol = Symbol::from_wire("BTCUSDT", Product::UsdtFutures).unwrap();
    let settled = ClosedPosition {
        id: None,
        symbol,
        side: Side::Long,
        margin_mode: None,
        size: Some(dec!(0.5)),
        entry_price: None,
        exit_price: None,
        realized_pnl: None,
        funding_pnl: None,
        fees_paid: None,
        net_pnl: Some(dec!(-95)),
        opened_at: None,
        closed_at: Some(at(50)),
    };
    vec![
        minute(5, dec!(2000), dec!(0.001)),
        minute(10, dec!(1000), dec!(0.2)),
        minute(11, dec!(880), dec!(0.03)),
        minute(12, dec!(900), dec!(0.05)),
        minute(40, dec!(905), dec!(0.06)),
        Row::Gap(Gap { from: at(13), to: at(40), why: Text::new("link_down") }),
        Row::Gap(Gap { from: at(1), to: at(2), why: Text::new("link_down") }),
        change(9, PositionKind::Opened, None, Some(dec!(7))),
        change(45, PositionKind::Changed, Some(dec!(1)), Some(dec!(0.5))),
        change(50, PositionKind::Forced, None, None),
        change(51, PositionKind::Closed, Some(dec!(0.5)), None),
        Row::Settled(settled),
        funding(3, dec!(9)),
        funding(20, dec!(-1.5)),
        funding(30, dec!(0.25)),
        alert(2, Some(4)),
        alert(8, Some(15)),
        alert(11, None),
        alert(12, Some(90)),
    ]
}

fn told(rows: Vec<Row>, ledger: Option<(i64, i64)>) -> Away {
    let folder = tempfile::tempdir().unwrap();
    let mut opened = file::open(&folder.path().join("history.db"), at(0)).unwrap();
    let account = write::account(&opened.connection, "hash", "main").unwrap();
    let ledger = ledger.map(|(from, to)| LedgerRange { from: at(from), to: at(to) });
    let user = UserId::new("1").unwrap();
    let batch = Batch { user, at: at(0), rows, ledger, looked_at: None };
    write::batch(&mut opened.connection, account, &batch, false).unwrap();
    read(&opened.connection, account, (at(10), at(60))).unwrap()
}

#[test]
fn a_night_is_told_whole_and_nothing_of_before_or_after() {
    let away = told(night(), Some((0, 55)));
    let equity = away.equity.unwrap();
    assert_eq!((equity.last, equity.change), (dec!(905), Some(dec!(-95))));
    assert_eq!(equity.max_drawdown, Some(dec!(0.12)));
    assert_eq!(equity.parts.len(), 4, "in the cut there is none");
    let nearest = away.nearest.unwrap();
    assert_eq!((nearest.distance, nearest.at), (dec!(0.03), at(11).plus_millis(30_000)));
    let events: Vec<_> = away.events.into_iter().map(|event| (event.at, event.what)).collect();
    assert_eq!(
        events,
        [
            (at(45), AwayChange::Changed(Some(dec!(1)), Some(dec!(0.5)))),
            (at(50), AwayChange::Forced(Some(Text::new("burst_close_long")))),
            (at(50), AwayChange::Result(Some(dec!(-95)), Some(Text::new("USDT")))),
            (at(51), AwayChange::Closed(Some(dec!(0.5)))),
        ]
    );
    assert_eq!(away.funding, [(Text::new("USDT"), Some(dec!(-1.25)))]);
    assert_eq!(away.ledger_to, Some(at(55)));
    let alerts: Vec<_> =
        away.alerts.iter().map(|alert| (alert.raised_at, alert.cleared_at)).collect();
    assert_eq!(
        alerts,
        [(at(8), Some(at(15))), (at(11), None), (at(12), None)],
        "the last one has ended after the return"
    );
    let gaps: Vec<_> = away.gaps.iter().map(|gap| (gap.from, gap.to)).collect();
    assert_eq!(gaps, [(at(13), at(40))]);
    assert!(!away.is_cut);
}

#[test]
fn what_is_not_known_is_not_told_as_nothing() {
    let away = told(Vec::new(), None);
    assert_eq!((away.equity, away.nearest, away.ledger_to), (None, None, None));
    assert_eq!(told(night(), Some((20, 55))).ledger_to, None, "its begin is missing");
}

#[test]
fn of_very_much_the_newest_is_kept_and_it_is_said() {
    let rows = (0..400).map(|n| {
        let Row::Position(mut row) = change(11, PositionKind::Opened, None, Some(dec!(1))) else {
            panic!("a position")
        };
        row.at = at(11).plus_millis(n);
        Row::Position(row)
    });
    let away = told(rows.collect(), None);
    assert_eq!((away.events.len(), away.is_cut), (MOST_ROWS, true));
    assert_eq!(away.events.last().unwrap().at, at(11).plus_millis(399));
}

#[test]
fn ten_minutes_without_a_key_are_an_absence() {
    let mut absence = Absence::since(None);
    assert_eq!(absence.follow(None, at(0)), None, "nobody has ever looked");
    assert_eq!(absence.follow(Some(at(0)), at(9)), None);
    assert_eq!(absence.follow(Some(at(0)), at(10)), Some((at(0), at(10))));
    assert_eq!(absence.follow(Some(at(0)), at(11)), Some((at(0), at(11))));
    // The return: what came with it may still be written.
    assert_eq!(absence.follow(Some(at(12)), at(13)), Some((at(0), at(12))));
    assert_eq!(absence.follow(Some(at(13)), at(14)), Some((at(0), at(12))), "keys that follow");
    for minute in 15..=23 {
        absence.follow(Some(at(minute - 1)), at(minute));
    }
    assert_eq!(absence.follow(Some(at(23)), at(24)), None, "it changes no more");
    assert_eq!(absence.follow(Some(at(23)), at(33)), Some((at(23), at(33))), "the next one");
}

#[test]
fn an_earlier_run_knows_of_an_earlier_look() {
    let mut absence = Absence::since(Some(at(0)));
    assert_eq!(absence.follow(None, at(600)), Some((at(0), at(600))));
    assert_eq!(absence.follow(Some(at(601)), at(602)), Some((at(0), at(601))));
}
