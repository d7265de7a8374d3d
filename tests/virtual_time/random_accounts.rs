//! Whatever an account holds, nothing that is shown of its margin is better than the exchange's own figure.

use bitget_watch::domain::AccountKind::{self, Classic, Unified};
use bitget_watch::domain::{MarginMode, OpenEnum};
use bitget_watch::sim::Holdings;
use proptest::collection::vec;
use proptest::prelude::*;
use rust_decimal::{Decimal, dec};
use tokio::runtime::Builder;

use super::not_better::{CONTRACTS, Truths};
use super::rig::{Rig, Setup, pass};

/// Sizes are multiples of these, of some hundred dollars each.
const UNITS: [Decimal; 6] =
    [dec!(0.002), dec!(0.05), dec!(1), dec!(1000), dec!(0.002), dec!(0.002)];
/// The exchange rounds a liquidation price to the tick of the contract.
const TICK: Decimal = dec!(0.0001);

/// A share of the distance, by which prices of other contracts may move it between a list and now.
const SINCE_LIST: Decimal = dec!(0.003);

/// Of which contract, long, cross, and how many units. Both sides of a contract are a hedge.
type Holding = (usize, bool, bool, u32);

#[derive(Debug, Clone)]
struct Case {
    seed: u64,
    mixed: bool,
    holdings: Vec<Holding>,
    deposits: [u32; 2],
    orders: usize,
}

fn case() -> impl Strategy<Value = Case> {
    let holding = (0..CONTRACTS.len(), any::<bool>(), any::<bool>(), 1u32..40);
    let holdings = vec(holding, 0..10);
    let all = (0u64..1_000_000, any::<bool>(), holdings, [0u32..2_000, 0..20], 0usize..4);
    all.prop_map(|(seed, mixed, holdings, deposits, orders)| Case {
        seed,
        mixed,
        holdings,
        deposits,
        orders,
    })
}

async fn check(kind: AccountKind, case: Case) -> Result<(), String> {
    let mut setup = Setup::new(kind, case.seed);
    setup.sim.flat = true;
    if case.mixed {
        setup.sim.holdings = Holdings::Mixed;
    }
    let rig = Rig::start(setup).await;
    let start_ms = rig.now().as_millis();
    rig.until_complete(15).await;
    // Without coins of their own, a classic account has nothing that backs the other products.
    let contracts = if case.mixed { 6 } else { 4 };
    rig.sim.with_world(|world| {
        let [dollars, bitcoin] = case.deposits.map(Decimal::from);
        world.deposit("USDC", dollars);
        world.deposit("BTC", bitcoin / dec!(100));
        for &(place, long, cross, units) in case.holdings.iter().filter(|own| own.0 < contracts) {
            world.open(CONTRACTS[place], long, cross, UNITS[place] * Decimal::from(units));
        }
        world.rest_orders("BTCUSDT", case.orders);
    });
    let opened_ms = rig.now().as_millis() - start_ms;
    let mut truths = Truths::default();
    for step in 0..100 {
        let at_ms = rig.now().as_millis() - start_ms;
        rig.sim.with_world(|world| truths.sample(world, at_ms));
        // By now every list has been read since.
        if step >= 80 {
            let report = rig.report();
            truths.check(&report, opened_ms, start_ms, &|_| false)?;
            let rows = report.positions.rows.iter().filter(|row| row.age.is_live(report.now));
            for row in rows {
                let isolated = row.key.margin_mode == OpenEnum::Known(MarginMode::Isolated);
                let prices = row.risk.liquidation_price_ours.zip(row.liquidation_price);
                let Some((ours, theirs)) = prices else { continue };
                let Some(mark) = row.mark_price else { continue };
                let (shown, true_one) = ((mark - ours).abs(), (mark - theirs).abs());
                // That of a cross position moves with the prices of all others since the list.
                let since = if isolated { Decimal::ZERO } else { true_one * SINCE_LIST };
                if shown > true_one + mark * TICK + since {
                    return Err(format!("{}: {ours} is farther than {theirs}", row.key));
                }
            }
        }
        pass(100).await;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(
        std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(16)
    ) })]

    #[test]
    fn no_random_account_looks_safer_than_it_is(
        case in case(),
        kind in prop_oneof![Just(Classic), Just(Unified)],
    ) {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let checked = runtime.block_on(check(kind, case));
        prop_assert!(checked.is_ok(), "{:?}", checked);
    }
}
