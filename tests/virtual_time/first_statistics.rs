//! The volatility of held contracts comes right after the positions, by one request each.

use bitget_watch::domain::AccountKind::{self, Classic, Unified};
use bitget_watch::report::Report;
use bitget_watch::sim::{Entry, Fault};
use rstest::rstest;

use super::rig::{Rig, Setup};

fn judged(report: &Report) -> bool {
    let rows = &report.positions.rows;
    !rows.is_empty()
        && rows.iter().all(|row| {
            let risk = &row.risk;
            let ends = row.liquidation_price.or(risk.liquidation_price_ours).is_some();
            risk.level.is_some() && (risk.liquidation_sigmas.is_some() || !ends)
        })
}

#[rstest]
#[case(0, 1_000)]
#[case(150, 2_000)]
#[tokio::test(start_paused = true)]
async fn p12_a_complete_report_has_its_levels_soon(
    #[values(Classic, Unified)] kind: AccountKind,
    #[case] round_trip_ms: u64,
    #[case] limit_ms: u64,
) {
    let mut rig = Rig::start(Setup::new(kind, 41)).await;
    rig.delayed = round_trip_ms > 0;
    if round_trip_ms > 0 {
        rig.sim.inject(Entry::now(Fault::Latency { ms: round_trip_ms / 2, jitter_ms: 0 }));
    }
    let whole = |report: &Report| report.complete && judged(report);
    let took = rig.until("complete, with levels", 10, whole).await;
    println!("complete with levels after {took} ms at {round_trip_ms} ms");
    assert!(took <= limit_ms, "{took} ms");
    let held = rig.report().positions.rows.len();
    let asked = rig.asked("mix/market/candles") + rig.asked("v3/market/candles");
    // The chart asks for its own.
    assert!(asked <= held + 1, "{asked} requests of candles for {held} positions");
}
