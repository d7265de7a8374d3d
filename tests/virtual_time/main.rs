//! The whole program from socket to document, over in-memory pipes in virtual time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a test may fail loudly, and says what it measured"
)]

mod access;
mod account_kind;
mod alerts;
mod backfill;
mod broken_family;
mod chaos;
mod data;
mod exemptions;
mod first_statistics;
mod generations;
mod links;
mod liquidation_price;
mod movements;
mod networks;
mod night;
mod not_better;
mod oracle;
mod products;
mod proxies;
mod random_accounts;
mod recording;
mod rig;
mod soak;
mod wanted;

use std::sync::Arc;

use bitget_watch::domain::AccountKind::{self, Classic, Unified};
use bitget_watch::domain::LinkState;
use bitget_watch::report::{Freshness, Report};
use bitget_watch::sim::{Entry, Fault};
use futures_util::StreamExt;
use oracle::difference;
use rig::{Pipes, Rig, Setup, all_live, pass};
use rstest::rstest;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

#[rstest]
#[tokio::test(start_paused = true)]
async fn fc_31_ten_minutes_of_healthy_running_show_no_false_mark(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = Rig::start(Setup::new(kind, 5)).await;
    pass(10000).await;
    for second in 0..600 {
        pass(1000).await;
        if rig.state(|state| state.unsettled_since().is_some()) {
            // A trade of this moment: report and list are asked for within a second of the ones before.
            pass(1000).await;
        }
        let report = rig.report();
        assert!(report.complete, "after {second} s: {report:#?}");
        for row in &report.positions.rows {
            assert!(row.age.is_live(report.now), "after {second} s: {}", row.key);
        }
        assert!(
            report.links.iter().all(|link| link.state == LinkState::Live && link.reconnects == 0)
        );
    }
    assert!(rig.report().problems.is_empty());
}

fn rows(report: &Report) -> Vec<(String, Freshness)> {
    let rows = report.positions.rows.iter();
    rows.map(|row| (row.key.to_string(), row.age.at(report.now))).collect()
}

/// A slow link does not make data stale.
#[rstest]
#[tokio::test(start_paused = true)]
async fn fc_31_ten_minutes_of_300_ms_on_every_link_show_no_false_mark(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let mut rig = Rig::start(Setup::new(kind, 5)).await;
    // Requests that are sent apart may arrive together.
    rig.delayed = true;
    rig.sim.inject(Entry::now(Fault::Latency { ms: 300, jitter_ms: 0 }));
    rig.until_complete(60).await;
    let mut waited = 0;
    for tenth in 0..6_000 {
        pass(100).await;
        let report = rig.report();
        // After a trade the report of the account and the list of positions are not of one moment for a while.
        let settling = rig.state(|state| state.unsettled_since().is_some());
        waited = if settling { waited + 1 } else { 0 };
        assert!(waited <= 25, "after {tenth}00 ms: the account was not asked for");
        // Not complete at times: the rules of a newly opened contract are in flight.
        assert!(
            settling || all_live(&report),
            "after {tenth}00 ms: {:?}, rows {:?}",
            difference(&rig),
            rows(&report)
        );
        assert!(
            report.links.iter().all(|link| link.state == LinkState::Live && link.reconnects == 0)
        );
    }
    assert!(rig.report().problems.is_empty());
    let (offset, error) = rig.state(|state| state.clock_offset_ms.unwrap());
    assert!(offset.abs() <= error && error <= 700, "{offset} ±{error}");
    assert!(rig.asked("/public/time") < 10, "a slow link does not cause endless measurements");
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn fc_24_after_a_cut_everything_is_right_again_within_seconds(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = Rig::start(Setup::new(kind, 5)).await;
    pass(70000).await;
    for round in 0..10 {
        rig.sim.cut();
        rig.sim.with_world(|world| world.close("DOGEUSDT"));
        pass(3000).await;
        let report = rig.report();
        assert!(report.complete, "round {round}: {:#?}", report.links);
        // After a healthy minute the backoff is reset.
        pass(62000).await;
    }
    let links = rig.store.snapshot().links;
    assert!(links.iter().skip(1).all(|link| link.reconnects == 10), "{links:#?}");
    assert!(links.iter().all(|link| link.state == LinkState::Live));
}

/// The exchange's side of the heartbeat: a client that sends no `ping` is disconnected after 120 s.
#[rstest]
#[tokio::test(start_paused = true)]
async fn the_embedded_exchange_disconnects_clients_that_send_no_ping(
    #[values("/v2/ws/public", "/v3/ws/public")] path: &str,
) {
    let rig = Rig::start(Setup::new(Classic, 5)).await;
    let pipe = Pipes(Arc::clone(&rig.sim)).open();
    let (mut socket, _) =
        tokio_tungstenite::client_async(format!("ws://sim{path}"), pipe).await.unwrap();
    let began = Instant::now();
    let closed = loop {
        match socket.next().await {
            Some(Ok(Message::Close(_)) | Err(_)) | None => break began.elapsed(),
            Some(Ok(_)) => {}
        }
    };
    assert_eq!(closed.as_secs(), 120);
}
