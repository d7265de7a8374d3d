//! What the levels mean: how near, of whom, and how much is at stake.

use super::engine::{again, engine, long};
use super::*;
use crate::risk::RiskLevel;

fn store_with(rows: Vec<Position>, marks: &[(&str, Decimal)]) -> Store {
    let mut store = complete_state();
    for (name, mark) in marks {
        store.apply(rest(90, contract(name)));
        store.apply(rest(80, ticker(name, *mark)));
    }
    store.apply(rest(70, positions(rows)));
    store
}

/// The exchange's price is 0.012 % away, ours further, and nothing is known of the volatility.
#[test]
fn a_distance_in_percent_counts_whether_volatility_is_known_or_not() {
    let near = Position { liquidation_price: Some(dec!(83600)), ..long() };
    let store = store_with(vec![near], &[("BTCUSDT", dec!(83610))]);
    let report = report(&store, NOW);
    let row = &report.positions.rows[0];
    assert_eq!(row.risk.level, Some(RiskLevel::Critical));
    let reason = row.risk.reason.as_deref().unwrap();
    assert!(reason.starts_with("distance to liquidation 0.01 % is below"), "{reason}");
    assert_eq!(report.risk.level, Some(RiskLevel::Critical));
    assert_eq!(report.risk.reason, Some(format!("BTCUSDT_UMCBL LONG: {reason}")));
}

/// Ours may be the nearer one: until the difference is explained the less favourable one counts.
#[test]
fn the_nearer_of_two_liquidation_prices_is_judged() {
    let far = Position { liquidation_price: Some(dec!(20000)), ..long() };
    let store = store_with(vec![far], &[("BTCUSDT", dec!(60500))]);
    let row = report(&store, NOW).positions.rows.remove(0);
    assert!(row.risk.liquidation_price_ours > Some(dec!(57500)), "{row:?}");
    assert_eq!(row.risk.level, Some(RiskLevel::Danger), "4.4 % to ours");
}

/// The account's own level speaks of all that is held: an isolated position does not rest on the rest of the
/// account, and nothing is at stake where nothing is held.
#[test]
fn what_is_at_stake_for_the_account_is_what_its_liquidations_take() {
    let read = |rows: Vec<Position>| {
        let (mut store, mut engine) = (complete_state(), engine());
        again(&mut store, NOW, rows, dec!(5000));
        engine.read(store.snapshot(), NOW)
    };
    let safe = |mode| Position { liquidation_price: None, ..position("BTCUSDT", Side::Long, mode) };
    let isolated = read(vec![safe(MarginMode::Isolated)]);
    let reason = isolated.risk.reason.as_deref().unwrap();
    assert!(reason.starts_with("account leverage"), "{reason}");
    assert_eq!(isolated.risk.at_stake, isolated.positions.rows[0].risk.at_stake);
    assert_eq!(isolated.risk.at_stake, Some(dec!(3200)));
    let cross = read(vec![safe(MarginMode::Cross)]);
    assert_eq!(cross.risk.at_stake, cross.positions.rows[0].risk.at_stake, "the cross equity");
    assert!(cross.risk.at_stake > Some(dec!(4900)), "{:?}", cross.risk.at_stake);
    assert_eq!(read(Vec::new()).risk.at_stake, Some(Decimal::ZERO));
}

/// Seventeen USDT of margin in an account of twelve thousand.
#[test]
fn a_position_that_cannot_cost_much_does_not_raise_the_account() {
    let small = Position {
        size: dec!(926),
        entry_price: Some(dec!(0.182)),
        margin: Some(dec!(17)),
        liquidation_price: Some(dec!(0.199)),
        ..position("DOGEUSDT", Side::Short, MarginMode::Isolated)
    };
    let safe = Position { liquidation_price: None, ..long() };
    let marks = [("DOGEUSDT", dec!(0.1985)), ("BTCUSDT", dec!(63250.5))];
    let store = store_with(vec![safe, small.clone()], &marks);
    let of_small = |report: &Report| {
        let rows = report.positions.rows.iter();
        rows.clone().find(|row| row.key == small.key).map(|row| row.risk.clone()).unwrap()
    };
    let found = report(&store, NOW);
    assert_eq!(of_small(&found).level, Some(RiskLevel::Critical));
    assert_eq!(of_small(&found).at_stake, Some(dec!(17)), "the margin, though most of it is lost");
    assert!(found.risk.level < Some(RiskLevel::Critical), "{:?}", found.risk.level);

    let large = Position { margin: Some(dec!(1700)), ..small.clone() };
    let store = store_with(vec![long(), large], &marks);
    let found = report(&store, NOW);
    assert_eq!(found.risk.level, Some(RiskLevel::Critical));
    assert!(found.risk.reason.as_deref().unwrap().starts_with("DOGEUSDT_UMCBL SHORT: "));
    assert_eq!(found.risk.at_stake, Some(dec!(1700)));
}

/// A level belongs to its position: what is liquidated takes it along.
#[test]
fn a_position_that_is_gone_holds_up_no_level() {
    let (mut store, mut engine) = (complete_state(), engine());
    let near = Position { liquidation_price: Some(dec!(63000)), ..long() };
    again(&mut store, NOW, vec![near], dec!(12500));
    assert_eq!(engine.read(store.snapshot(), NOW).risk.level, Some(RiskLevel::Critical));
    let at = NOW.plus_millis(2_000);
    let other = Position {
        key: position("BTCUSDT", Side::Short, MarginMode::Isolated).key,
        liquidation_price: Some(dec!(64578)),
        ..long()
    };
    again(&mut store, at, vec![other], dec!(12500));
    let report = engine.read(store.snapshot(), at);
    assert_eq!(report.risk.level, Some(RiskLevel::Danger), "2.1 %: {:?}", report.risk.reason);
}

/// It said of the account what is so of one small position.
#[test]
fn a_liquidated_isolated_position_leaves_the_account_s_ratio() {
    let mut store = complete_state();
    let mut long = position("BTCUSDT", Side::Long, MarginMode::Isolated);
    long.margin = Some(dec!(1500));
    store.apply(rest(0, positions(vec![long])));
    let report = build(store.snapshot(), &Context::of_defaults(), NOW);
    let at = |list: &[crate::report::Scenario]| {
        *list.iter().find(|row| row.shift == dec!(-0.1)).unwrap()
    };
    let (all, one) =
        (at(&report.risk.account_scenarios), at(&report.positions.rows[0].risk.scenarios));
    assert!(all.liquidated && one.liquidated);
    assert_eq!((all.lost.cross, all.lost.isolated, all.lost.first_isolated), (false, 1, Some(0)));
    assert_eq!(one.lost, crate::risk::Lost::default());
    assert!(all.margin_ratio.is_some_and(|ratio| ratio < dec!(1)), "{all:?}");
}
