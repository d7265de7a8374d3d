use std::time::Duration;

use rust_decimal::{Decimal, dec};

use super::super::batch::MinuteRow;
use super::*;
use crate::config::{Config, RiskConfig};
use crate::domain::{
    Fee, KeyRights, LedgerEntry, LedgerKind, MarginMode, Metric, OpenEnum, PositionKey, Severity,
    Stream,
};
use crate::report::{Age, Context, Delivery, DeliveryState, Limits, Source, build};
use crate::store::{Problem, Snapshot};

const START: i64 = 1_790_337_600_000;

/// A time in seconds after a full minute.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(START + seconds * 1_000)
}

fn context() -> Context {
    Context {
        source: Source::Live,
        focus: Symbol::default(),
        credentials: true,
        limits: Limits::new(&Config::default().refresh),
        risk: RiskConfig::default(),
    }
}

/// A report whose equity is known.
fn known(seconds: i64, equity: Decimal) -> Report {
    let now = at(seconds);
    let mut report = build(&Snapshot::default(), &context(), now);
    let live = Age::new(Some(now), Duration::from_secs(10));
    report.account.equity = Some(equity);
    report.account.margin_coin = Some(Text::new("USDT"));
    report.pnl.session.age = live;
    report.pnl.session.started_at = Some(at(0));
    report.pnl.session.change = Some(equity - dec!(100));
    let user_id = UserId::new("1000000001");
    report.key_rights = Some(KeyRights { user_id, ..KeyRights::default() });
    report
}

fn unknown(seconds: i64) -> Report {
    let mut report = known(seconds, dec!(0));
    report.pnl.session.age = Age::MISSING;
    report
}

/// All rows of a run, its end included.
fn rows(reports: impl IntoIterator<Item = Report>) -> Vec<Row> {
    let mut recorder = Recorder::default();
    let mut rows: Vec<Row> = Vec::new();
    for report in reports {
        rows.extend(recorder.follow(&report).into_iter().flat_map(|batch| batch.rows));
    }
    rows.extend(recorder.finish().into_iter().flat_map(|batch| batch.rows));
    rows
}

fn minutes(rows: &[Row]) -> Vec<&MinuteRow> {
    rows.iter()
        .filter_map(|row| if let Row::Minute(minute) = row { Some(minute) } else { None })
        .collect()
}

#[test]
fn a_minute_holds_its_dip() {
    let rows = rows([
        known(0, dec!(100)),
        known(20, dec!(80)),
        known(40, dec!(120)),
        known(59, dec!(101)),
        known(60, dec!(102)),
    ]);
    let minutes = minutes(&rows);
    let found: Vec<_> = minutes
        .iter()
        .map(|row| (row.at, row.low.equity, row.high.equity, row.equity.equity))
        .collect();
    let second = (at(60), dec!(102), dec!(102), dec!(102));
    assert_eq!(found, [(at(0), dec!(80), dec!(120), dec!(101)), second]);
    assert_eq!((minutes[0].low.at, minutes[0].high.at), (at(20), at(40)));
    assert_eq!(minutes[0].session_change, Some(dec!(1)));
}

/// Money that is not explained yet would be a result, or a dip that never was.
#[test]
fn readings_of_an_unexplained_movement_give_way() {
    let unexplained = |seconds, equity| {
        let mut report = known(seconds, equity);
        report.pnl.session.change = None;
        report
    };
    let told = rows([known(0, dec!(100)), unexplained(20, dec!(5)), known(40, dec!(99))]);
    assert_eq!(minutes(&told)[0].low.equity, dec!(99));
    let told = rows([unexplained(0, dec!(5)), known(40, dec!(99))]);
    assert_eq!(minutes(&told)[0].low.equity, dec!(99));
    let told = rows([unexplained(0, dec!(5)), unexplained(40, dec!(6))]);
    assert_eq!((minutes(&told)[0].low.equity, minutes(&told)[0].session_change), (dec!(5), None));
}

#[test]
fn a_stale_equity_is_no_reading_and_its_time_is_a_gap() {
    let mut lost = unknown(130);
    lost.problems = vec![Problem {
        code: ProblemCode::LinkDown,
        subject: Text::new(&Stream::Rest.to_string()),
        text: Text::new("down"),
        since: at(100),
    }];
    let rows = rows([known(0, dec!(100)), unknown(70), lost, unknown(190), known(250, dec!(90))]);
    assert_eq!(minutes(&rows).len(), 2);
    let gap = Gap { from: at(0), to: at(250), why: Text::new("link_down") };
    assert!(rows.contains(&Row::Gap(gap)), "{rows:?}");
}

#[test]
fn short_silence_is_no_gap_and_a_sleep_is_one() {
    assert!(
        rows([known(0, dec!(1)), unknown(30), known(110, dec!(1))])
            .iter()
            .all(|row| !matches!(row, Row::Gap(_)))
    );
    let gap = Gap { from: at(0), to: at(7_200), why: Text::new("suspended") };
    assert!(rows([known(0, dec!(1)), known(7_200, dec!(1))]).contains(&Row::Gap(gap)));
    let gap = Gap { from: at(0), to: at(300), why: Text::new("unknown") };
    assert!(rows([known(0, dec!(1)), unknown(90), known(300, dec!(1))]).contains(&Row::Gap(gap)));
}

#[test]
fn nothing_is_written_before_it_is_known_whose_it_is() {
    let mut recorder = Recorder::default();
    let nobody = |seconds| {
        let mut report = known(seconds, dec!(100));
        report.key_rights = None;
        report
    };
    for seconds in [0, 60, 120] {
        assert_eq!(recorder.follow(&nobody(seconds)), None);
    }
    let batch = recorder.follow(&known(180, dec!(100))).unwrap();
    assert_eq!(minutes(&batch.rows).len(), 3, "what waited is written");
    assert_eq!(recorder.follow(&known(190, dec!(100))), None);
    // A key that is refused later says nothing of whose it was.
    assert!(recorder.follow(&nobody(240)).is_some());
}

#[test]
fn every_event_of_a_position_is_written_once() {
    let key = PositionKey {
        symbol: Symbol::default(),
        side: Side::Long,
        margin_mode: OpenEnum::Known(MarginMode::Cross),
        margin_coin: "USDT".into(),
    };
    let opened =
        Event { at: at(5), kind: EventKind::PositionOpened { key: key.clone(), size: dec!(1) } };
    let changed = Event {
        at: at(10),
        kind: EventKind::SizeChanged { key: key.clone(), from: dec!(1), to: dec!(2) },
    };
    let closed = Event { at: at(70), kind: EventKind::PositionClosed { key, size: dec!(2) } };
    let with = |seconds, events: &[&Event]| {
        let mut report = known(seconds, dec!(1));
        report.events = Arc::new(events.iter().map(|event| (*event).clone()).collect());
        // The exchange's clock is two seconds ahead.
        report.clock_offset_ms = Some((2_000, 10));
        report
    };
    let rows = rows([
        with(12, &[&changed, &opened]),
        with(13, &[&changed, &opened]),
        with(71, &[&closed, &changed, &opened]),
    ]);
    let told: Vec<_> = rows
        .iter()
        .filter_map(|row| if let Row::Position(record) = row { Some(record) } else { None })
        .map(|record| (record.at, record.kind, record.size_before, record.size_after))
        .collect();
    assert_eq!(
        told,
        [
            (at(7), PositionKind::Opened, None, Some(dec!(1))),
            (at(12), PositionKind::Changed, Some(dec!(1)), Some(dec!(2))),
            (at(72), PositionKind::Closed, Some(dec!(2)), None),
        ]
    );
}

#[test]
fn ledger_entries_and_their_range_are_written() {
    let entry = |id: &str, seconds| LedgerEntry {
        id: Text::new(id),
        symbol: None,
        coin: Text::new("USDT"),
        kind: LedgerKind::Funding,
        amount: dec!(-1.5),
        fee: Fee { coin: Text::new("USDT"), paid: dec!(0) },
        time: at(seconds),
    };
    let with = |seconds, rows: Vec<LedgerEntry>| {
        let mut report = known(seconds, dec!(1));
        let complete = true;
        let (since, until) = (at(-1_000), at(seconds));
        report.ledger = Arc::new(LedgerHistory { since, until, rows, complete });
        report
    };
    let mut recorder = Recorder::default();
    let ids = |batch: &Batch| -> Vec<String> {
        let entries = batch.rows.iter().filter_map(|row| {
            if let Row::Ledger(entry) = row { Some(entry.id.to_string()) } else { None }
        });
        entries.collect()
    };
    let batch = recorder.follow(&with(0, vec![entry("a", -5)])).unwrap();
    assert_eq!(ids(&batch), ["a"], "at once, so that the file is open");
    let batch = recorder.follow(&with(60, vec![entry("b", 50), entry("a", -5)])).unwrap();
    assert_eq!(ids(&batch), ["b"]);
    assert_eq!(batch.ledger, Some(LedgerRange { from: at(-1_000), to: at(60) }));
}

#[test]
fn an_alert_is_written_when_it_is_raised_and_when_it_ends() {
    let alert = Alert {
        name: Text::new("margin"),
        metric: Metric::MarginRatio,
        subject: Text::new("account"),
        severity: Severity::Danger,
        value: Some(dec!(62)),
        limit: Some(dec!(60)),
        since: at(10),
        raised_at: at(12),
        acknowledged: false,
        delivery: Vec::new(),
    };
    let mut on = known(15, dec!(1));
    on.alerts = vec![alert];
    let mut sent = on.clone();
    let (way, state) = (Text::new("phone"), DeliveryState::Sent);
    sent.alerts[0].delivery = vec![Delivery { way, state, at: at(13), error: None }];
    let told: Vec<_> = rows([known(0, dec!(1)), on.clone(), on, sent, known(90, dec!(1))])
        .iter()
        .filter_map(|row| {
            let Row::Alert(alert) = row else { return None };
            Some((alert.cleared_at, alert.sent))
        })
        .collect();
    assert_eq!(told, [(None, false), (None, true), (Some(at(90)), true)]);
}

#[test]
fn a_clock_that_is_set_back_writes_no_minute_twice() {
    let rows = rows([known(130, dec!(1)), known(70, dec!(2)), known(190, dec!(3))]);
    let begins: Vec<_> = minutes(&rows).iter().map(|row| row.at).collect();
    assert_eq!(begins, [at(120), at(180)]);
}

/// Who is killed a moment after an alert must not send it again.
#[test]
fn an_alert_is_on_its_way_to_the_disk_at_once() {
    let mut recorder = Recorder::default();
    assert!(recorder.follow(&known(0, dec!(1))).is_some(), "the file is opened");
    let mut report = known(10, dec!(1));
    assert_eq!(recorder.follow(&report), None);
    let alert = |name: &str| Alert {
        name: Text::new(name),
        metric: Metric::LinkDown,
        subject: Text::new("rest"),
        severity: Severity::Danger,
        value: None,
        limit: None,
        since: at(10),
        raised_at: at(12),
        acknowledged: false,
        delivery: Vec::new(),
    };
    report = known(12, dec!(0.5));
    report.alerts = vec![alert("a")];
    let batch = recorder.follow(&report).unwrap();
    let [Row::Alert(_), Row::Minute(minute)] = batch.rows.as_slice() else { panic!("{batch:?}") };
    assert_eq!(minute.low.equity, dec!(0.5), "with the dip that raised it");
    // What flickers is written once a second.
    let mut flicker = report.clone();
    flicker.now = report.now.plus_millis(300);
    flicker.taken_at = report.taken_at.plus_millis(300);
    flicker.alerts = vec![alert("b")];
    assert_eq!(recorder.follow(&flicker), None);
    let mut later = known(13, dec!(1));
    later.alerts = vec![alert("b")];
    let of_alerts =
        |batch: Batch| batch.rows.iter().filter(|row| matches!(row, Row::Alert(_))).count();
    assert_eq!(recorder.follow(&later).map(of_alerts), Some(2), "one has ended, one is on");
    let mut quiet = known(15, dec!(1));
    quiet.alerts = vec![alert("b")];
    assert_eq!(recorder.follow(&quiet), None);
}

/// Whose account it is may stay unknown for long: what waits for it is each thing once.
#[test]
fn an_alert_that_waits_for_the_account_piles_nothing_up() {
    let mut recorder = Recorder::default();
    let alert = Alert {
        name: Text::new("link"),
        metric: Metric::LinkDown,
        subject: Text::new("rest"),
        severity: Severity::Danger,
        value: None,
        limit: None,
        since: at(1),
        raised_at: at(1),
        acknowledged: false,
        delivery: Vec::new(),
    };
    for second in 0..30 {
        let mut report = known(second, dec!(1));
        report.key_rights = None;
        report.alerts = vec![alert.clone()];
        assert_eq!(recorder.follow(&report), None);
    }
    let mut report = known(30, dec!(1));
    report.alerts = vec![alert];
    let rows = recorder.follow(&report).unwrap().rows;
    assert!(matches!(rows.as_slice(), [Row::Alert(_), Row::Minute(_)]), "{rows:?}");
}
