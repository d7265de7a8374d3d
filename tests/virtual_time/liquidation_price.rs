//! The liquidation price that is shown is the one at which the exchange liquidates.

use bitget_watch::domain::AccountKind::{self, Classic, Unified};
use bitget_watch::store::EventKind;
use rstest::rstest;
use rust_decimal::{Decimal, dec};

use super::rig::{Rig, Setup, pass};

/// A fraction of the price that the random walk does not cover between two checks.
const NEAR: Decimal = dec!(0.0005);

#[rstest]
#[case::isolated_long("SOLUSDT", true, false, dec!(40))]
#[case::isolated_short("ETHUSDT", false, false, dec!(4))]
#[case::cross_long("BTCUSDT", true, true, dec!(0.8))]
#[case::cross_short("BTCUSDT", false, true, dec!(0.8))]
#[tokio::test(start_paused = true)]
async fn the_exchange_liquidates_at_the_predicted_price(
    #[case] contract: &str,
    #[case] long: bool,
    #[case] cross: bool,
    #[case] size: Decimal,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let mut setup = Setup::new(kind, 41);
    setup.sim.flat = true;
    let rig = Rig::start(setup).await;
    rig.until_complete(10).await;
    rig.sim.with_world(|world| world.open(contract, long, cross, size));
    // Rules of the contract, and a comparison with the exchange's own figures.
    pass(5_000).await;
    let report = rig.report();
    let [row] = &report.positions.rows[..] else { panic!("{:?}", report.positions) };
    let predicted = row.risk.liquidation_price_ours.unwrap();
    let theirs = row.liquidation_price.unwrap();
    // V3 rounds it to the contract's tick.
    let near = if kind == Classic { dec!(0.000001) } else { dec!(0.0001) };
    assert!((predicted / theirs - Decimal::ONE).abs() < near, "{predicted} {theirs}");

    let towards = if long { -NEAR } else { NEAR };
    let open_count = || rig.sim.with_world(|world| world.positions().len());
    rig.sim.with_world(|world| world.set_price(contract, predicted * (Decimal::ONE - towards)));
    pass(300).await;
    assert_eq!(open_count(), 1, "just before {predicted} it is still there");
    let ratio = rig.report().positions.rows[0].margin_ratio.unwrap();
    assert!(dec!(0.8) < ratio && ratio < Decimal::ONE, "{ratio}");

    rig.sim.with_world(|world| world.set_price(contract, predicted * (Decimal::ONE + towards)));
    pass(300).await;
    assert_eq!(open_count(), 0, "just beyond {predicted} it is gone");
    let events = rig.state(|state| state.events.clone());
    assert!(
        events.iter().any(|event| matches!(&event.kind, EventKind::PositionClosed { .. })),
        "{events:?}"
    );
    let forced = rig.state(|state| state.fills.iter().any(|fill| fill.forced.is_some()));
    assert!(forced, "the fill says that it was forced");
}
