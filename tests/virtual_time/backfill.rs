//! The background backfill: complete, spread over time, and repeated for a gap.

use bitget_watch::domain::AccountKind::{self, Classic, Unified};
use bitget_watch::domain::{Candle, LedgerKind, Product, Symbol};
use bitget_watch::sim::{Entry, Fault, On};
use bitget_watch::store::{Event, EventKind, Snapshot};

use rstest::rstest;

use super::rig::{Rig, Setup, pass};

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

fn has_gap(rows: &[Candle], span: i64) -> bool {
    rows.windows(2).any(|two| two[0].start.plus_millis(span) != two[1].start)
}

fn minutes(state: &Snapshot, name: &str) -> Vec<Candle> {
    let symbol = Symbol::from_wire(name, Product::UsdtFutures).unwrap();
    state.marks.get(&symbol).map(|marks| marks.minutes.rows().collect()).unwrap_or_default()
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn the_backfill_is_complete_and_polite(#[values(Classic, Unified)] kind: AccountKind) {
    let rig = Rig::start(Setup::new(kind, 41)).await;
    rig.until_complete(10).await;
    let early = |state: &Snapshot| state.history.complete || state.closed_complete;
    assert!(!rig.state(early), "not before the first document");
    let at_start = rig.asked("/api/");
    let is_read = |state: &Snapshot| {
        let whole = state.positions.rows.iter().all(|row| {
            let marks = state.marks.get(&row.key.symbol);
            marks.is_some_and(|m| m.minutes.rows().len() >= 1_440 && m.days.rows().len() >= 300)
        });
        whole && state.history.complete && state.closed_complete
    };
    let mut took = 0;
    while !rig.state(is_read) {
        pass(100).await;
        took += 100;
        assert!(took < 60_000);
    }
    let all = rig.asked("/api/");
    println!(
        "{at_start} requests until complete, {all} until the backfill was complete, {took} ms later"
    );
    let mut by_path = std::collections::BTreeMap::new();
    for asked in rig.sim.recorded().iter().filter(|asked| asked.method == "GET") {
        *by_path.entry((asked.what.clone(), asked.at_ms / 1_000)).or_insert(0) += 1;
    }
    let most = by_path.values().max();
    assert!(most.is_some_and(|most| *most <= 8), "{by_path:?}");

    // Ledger, closed positions and candles are those of the exchange.
    let state = rig.store.snapshot();
    let since = state.history.since.as_millis();
    let (ledger, closed) =
        rig.sim.with_world(|world| (world.ledger_since(since), world.closed_count()));
    assert!(ledger.len() > 200, "more than two pages: {}", ledger.len());
    let held: Vec<_> =
        state.history.rows.iter().map(|row| (row.id.to_string(), row.amount)).collect();
    for (id, amount) in &ledger {
        let found = held.iter().find(|(held, _)| held == id).map(|(_, amount)| *amount);
        assert_eq!(found, Some(*amount), "ledger entry {id}");
    }
    let transfers = state.history.rows.iter().filter(|row| row.kind == LedgerKind::Transfer);
    assert_eq!(transfers.count(), 2, "money in and money out");
    assert!(state.history.until.as_millis() - since > 29 * DAY);
    assert_eq!(state.closed.len(), closed);
    for (symbol, marks) in state.marks.iter() {
        for (bars, span) in
            [(&marks.minutes, MINUTE), (&marks.hours, 60 * MINUTE), (&marks.days, DAY)]
        {
            assert!(!has_gap(&bars.rows().collect::<Vec<_>>(), span), "{symbol:?} {span}");
        }
        assert!(marks.hours.rows().len() > 160);
    }
    for row in &state.positions.rows {
        assert!(state.adl_rank(&row.key).is_some(), "{:?}", row.key);
    }
    let settled = |event: &&Event| matches!(event.kind, EventKind::Settled(_));
    let news = state.events.iter().filter(settled).count();
    assert!(news <= 2, "a backfilled entry is no event: {news}");
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn minutes_are_closed_live_and_a_gap_is_backfilled(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = Rig::start(Setup::new(kind, 42)).await;
    rig.until_complete(10).await;
    pass(120_000).await;
    let asked = rig.asked("market/candles");
    pass(600_000).await;
    // Contracts of small positions come and go; the chart and the focus need nothing more.
    let rows = rig.state(|state| minutes(state, "BTCUSDT"));
    assert!(!has_gap(&rows, MINUTE));
    let asked = rig.asked("market/candles") - asked;
    println!("{asked} candle requests in ten minutes");
    assert!(asked <= 20, "{asked}");
    let version = |rig: &Rig| {
        let symbol = Symbol::from_wire("BTCUSDT", Product::UsdtFutures).unwrap();
        rig.state(|state| state.marks[&symbol].minutes.version)
    };
    let before = version(&rig);
    pass(60_000).await;
    assert_eq!(version(&rig), before + 1, "one change a minute");

    // No data for five minutes: the gap is not filled with a flat price.
    rig.sim.inject(Entry::now(Fault::Refuse).lasting(std::time::Duration::from_secs(300)));
    rig.sim.inject(Entry::now(Fault::Rst));
    pass(290_000).await;
    let held = rig.state(|state| minutes(state, "BTCUSDT"));
    let now = rig.sim.with_world(|world| world.time());
    assert!(now.since(held.last().unwrap().start).as_secs() > 240, "the gap is a gap");
    pass(120_000).await;
    let rows = rig.state(|state| minutes(state, "BTCUSDT"));
    assert!(!has_gap(&rows, MINUTE), "filled by REST");
    let now = rig.sim.with_world(|world| world.time());
    assert!(now.since(rows.last().unwrap().start).as_secs() < 140);
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_key_without_permission_for_adl_ranks_is_no_problem(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = Rig::start(Setup::new(kind, 43)).await;
    let refused = Fault::Code { status: 400, code: "40014".into() };
    rig.sim.inject(Entry::now(refused).on(On::Rest).path("adlRank"));
    rig.until_complete(10).await;
    pass(60_000).await;
    let report = rig.report();
    assert!(report.complete && report.problems.is_empty(), "{:?}", report.problems);
    assert!(rig.state(|state| state.adl.is_none() && state.failures.is_empty()));
    assert!(rig.asked("adlRank") <= 2);
}
