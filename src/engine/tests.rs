//! The pace of the engine and what its readers get, in virtual time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rust_decimal::dec;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{EngineTask, Handle, Pace, start};
use crate::alerts::{Monitor, Notifier};
use crate::config::{AlertConfig, AlertLimit};
use crate::domain::{AlertChange, Body, Clock, Metric, Symbol, Ticker, Timestamp, Update};
use crate::report::{Context, Engine, Report};
use crate::store::{Event, EventKind, SharedStore, Snapshot, Store};

/// A moment at the beginning of a second.
const BEGAN: Timestamp = Timestamp::from_millis(1_790_337_600_000);

/// Goes with the runtime's paused time.
#[derive(Debug)]
struct Virtual(Instant);

impl Clock for Virtual {
    fn now(&self) -> Timestamp {
        BEGAN.after(self.0.elapsed())
    }
}

struct Rig {
    store: SharedStore,
    clock: Arc<dyn Clock>,
    handle: Handle,
    reports: Arc<AtomicUsize>,
    stop: CancellationToken,
}

impl Rig {
    fn start(change: impl FnOnce(EngineTask) -> EngineTask) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(Virtual(Instant::now()));
        let changes = Arc::new(Notify::new());
        let changed = Arc::clone(&changes);
        let store = SharedStore::new(Store::new(Symbol::default()), move || changed.notify_one());
        let reports = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&reports);
        let (task, handle) = start(
            store.clone(),
            changes,
            Arc::clone(&clock),
            Context::of_defaults(),
            Pace::new(4),
            move |_| {
                counted.fetch_add(1, Ordering::SeqCst);
            },
        );
        let stop = CancellationToken::new();
        tokio::spawn(change(task).run(stop.clone()));
        Self { store, clock, handle, reports, stop }
    }

    fn count(&self) -> usize {
        self.reports.load(Ordering::SeqCst)
    }

    /// Changes the mark price.
    fn tick(&self, mark: i64) {
        let mut ticker = Ticker::unknown(Symbol::default());
        ticker.mark = Some(mark.into());
        self.store.apply(Update::local(self.clock.now(), Body::Ticker(ticker)));
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn pass(ms: u64) {
    sleep(Duration::from_millis(ms)).await;
}

#[tokio::test(start_paused = true)]
async fn what_moves_is_read_at_once_and_a_flood_at_the_pace() {
    let rig = Rig::start(|task| task);
    pass(400).await;
    assert_eq!(rig.count(), 0, "nothing has changed since the first report");
    rig.tick(1);
    pass(1).await;
    assert_eq!((rig.count(), rig.handle.newest().ticker.mark), (1, Some(dec!(1))));
    for price in 2..200 {
        rig.tick(price);
        pass(1).await;
    }
    assert_eq!(rig.count(), 3, "199 ms later there is no other reading to be had");
    pass(60).await;
    assert_eq!((rig.count(), rig.handle.newest().ticker.mark), (4, Some(dec!(199))));
}

/// A price that was only confirmed leaves the reading to what moves.
#[tokio::test(start_paused = true)]
async fn what_nobody_waits_for_comes_along_or_after_a_quarter_of_a_second() {
    let rig = Rig::start(|task| task);
    rig.tick(1);
    pass(1).await;
    assert_eq!(rig.count(), 1);
    rig.tick(1);
    pass(240).await;
    assert_eq!(rig.count(), 1);
    pass(20).await;
    assert_eq!(rig.count(), 2);
    rig.tick(1);
    pass(10).await;
    rig.tick(2);
    pass(1).await;
    assert_eq!((rig.count(), rig.handle.newest().ticker.mark), (3, Some(dec!(2))));
    pass(260).await;
    assert_eq!(rig.count(), 3, "it has taken the other along");
}

#[tokio::test(start_paused = true)]
async fn without_a_change_there_is_a_report_every_second() {
    let rig = Rig::start(|task| task);
    rig.tick(1);
    pass(10_255).await;
    let report = rig.handle.newest();
    assert_eq!(rig.count(), 11, "one for the change");
    assert_eq!(report.now, BEGAN.plus_millis(10_250));
    assert!(!report.ticker.age.is_live(report.now), "the price is ten seconds old");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_never_comes_back_holds_nothing_up() {
    let rig = Rig::start(|task| task);
    let kept = rig.handle.newest();
    for price in 0..40 {
        rig.tick(price);
        pass(251).await;
    }
    assert!(rig.count() >= 40);
    assert_eq!(kept.ticker.mark, None, "what was taken stays as it was");
    assert_eq!(rig.handle.newest().ticker.mark, Some(dec!(39)));
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_gets_a_report_of_this_moment() {
    let rig = Rig::start(|task| task);
    rig.tick(1);
    pass(10).await;
    rig.tick(2);
    let handle = rig.handle.clone();
    let patience = Duration::from_secs(60);
    let report = tokio::task::spawn_blocking(move || handle.read_now(patience)).await.unwrap();
    assert_eq!(report.ticker.mark, Some(dec!(2)), "whatever the pace");
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_is_gone_leaves_the_newest_report() {
    let rig = Rig::start(|task| task);
    rig.stop.cancel();
    pass(1).await;
    let report = rig.handle.aim_at(dec!(0.5), Duration::from_millis(1));
    assert_eq!(report.now, BEGAN);
}

#[tokio::test(start_paused = true)]
async fn a_reading_that_panics_costs_no_more_than_itself() {
    fn fails_at_thirteen(engine: &mut Engine, snapshot: &Snapshot, now: Timestamp) -> Report {
        let report = engine.read(snapshot, now);
        assert_ne!(report.ticker.mark, Some(dec!(13)), "made to fail");
        report
    }
    let rig = Rig::start(|task| task.reading_by(fails_at_thirteen));
    for (price, shown) in [(12, dec!(12)), (13, dec!(12)), (14, dec!(14))] {
        rig.tick(price);
        pass(300).await;
        assert_eq!(rig.handle.newest().ticker.mark, Some(shown));
    }
}

fn alerting(task: EngineTask) -> EngineTask {
    let rule = AlertConfig {
        limit: Some(AlertLimit::Below(dec!(100))),
        ..AlertConfig::new(Metric::MarkPrice)
    };
    task.with_alerts(Notifier::new(Monitor::new(vec![rule])))
}

/// What happened to alerts, oldest first.
fn told(rig: &Rig) -> Vec<AlertChange> {
    let events = Arc::clone(&rig.handle.newest().events);
    let of = |event: &Event| {
        let EventKind::Alert(notice) = &event.kind else { return None };
        Some(notice.change)
    };
    events.iter().rev().filter_map(of).collect()
}

#[tokio::test(start_paused = true)]
async fn alerts_are_in_the_report_whoever_reads_it() {
    let rig = Rig::start(alerting);
    rig.tick(99);
    pass(300).await;
    assert_eq!(rig.handle.newest().alerts.len(), 1);
    pass(300).await;
    assert_eq!(told(&rig), [AlertChange::Raised]);
    // The reader is away: the dip is told all the same.
    rig.tick(101);
    pass(300).await;
    pass(300).await;
    assert_eq!(told(&rig), [AlertChange::Raised, AlertChange::Cleared]);
    assert!(rig.handle.newest().alerts.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_acknowledged_alert_says_so_in_the_next_report() {
    let rig = Rig::start(alerting);
    rig.tick(99);
    pass(300).await;
    assert!(!rig.handle.newest().alerts[0].acknowledged);
    rig.handle.acknowledge_alerts();
    pass(1).await;
    assert!(rig.handle.newest().alerts[0].acknowledged);
}

#[tokio::test(start_paused = true)]
async fn a_reading_that_panics_raises_no_alert_again() {
    fn fails_at_thirteen(engine: &mut Engine, snapshot: &Snapshot, now: Timestamp) -> Report {
        let report = engine.read(snapshot, now);
        assert_ne!(report.ticker.mark, Some(dec!(13)), "a defect");
        report
    }
    let rig = Rig::start(|task| alerting(task.reading_by(fails_at_thirteen)));
    for mark in [99, 13, 98] {
        rig.tick(mark);
        pass(600).await;
    }
    assert_eq!(told(&rig), [AlertChange::Raised]);
    assert_eq!(rig.handle.newest().alerts[0].value, Some(dec!(98)));
}
