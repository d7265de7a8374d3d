//! Positions of other products: what is computed with, and what stands as the exchange sends it.

use rust_decimal::dec;

use super::*;

fn of(product: Product, name: &str, coin: &str) -> Position {
    let mut row = position("BTCUSDT", Side::Long, MarginMode::Cross);
    row.key.symbol = Symbol::from_wire(name, product).unwrap();
    row.key.margin_coin = coin.into();
    row.exchange_margin_ratio = Some(dec!(0.02));
    row
}

fn usdc() -> Position {
    of(Product::UsdcFutures, "BTCPERP", "USDC")
}

/// A hundredth of a bitcoin has been gained at a mark price of 63,000.
fn coin() -> Position {
    let mut row = of(Product::CoinFutures, "BTCUSD", "BTC");
    row.mark_price = Some(dec!(63000));
    row.exchange_unrealized_pnl = Some(dec!(0.01));
    row.margin = Some(dec!(0.05));
    (row.realized_pnl, row.funding_pnl) = (Some(dec!(0)), Some(dec!(0)));
    row.fees_paid = Some(dec!(0.0004));
    row
}

fn list(product: Product, rows: Vec<Position>) -> Body {
    Body::Positions(PositionSet {
        scope: Scope::Complete,
        rows,
        closed: Vec::new(),
        unreadable: 0,
        products: vec![product],
    })
}

fn perpetual_at(mark: Decimal) -> Body {
    let Body::Ticker(mut ticker) = ticker("BTCUSDT", mark) else { unreachable!() };
    ticker.symbol = usdc().key.symbol;
    Body::Ticker(ticker)
}

/// The complete state, with positions of the other products.
fn holding(kind: AccountKind) -> Store {
    let mut store = complete_state();
    for update in [
        rest(250, Body::AccountKind(Some(kind))),
        rest(200, list(Product::UsdcFutures, vec![usdc()])),
        rest(200, list(Product::CoinFutures, vec![coin()])),
        rest(100, perpetual_at(dec!(65000))),
    ] {
        store.apply(update);
    }
    store
}

fn row_of<'a>(report: &'a Report, name: &str) -> &'a crate::report::PositionRow {
    let mut rows = report.positions.rows.iter();
    rows.find(|row| row.key.symbol.to_string() == name).unwrap()
}

#[test]
fn a_coin_margined_position_shows_the_exchange_s_own_figures() {
    for kind in [AccountKind::Classic, AccountKind::Unified] {
        let report = report(&holding(kind), NOW);
        let row = row_of(&report, "BTCUSD_DMCBL");
        assert!(!row.modelled);
        assert_eq!(row.unrealized_pnl, Some(dec!(0.01)), "bitcoin, and not size x (mark - entry)");
        assert_eq!((row.mark_price, row.margin), (Some(dec!(63000)), Some(dec!(0.05))));
        assert_eq!((row.roe, row.notional), (Some(dec!(0.2)), None));
        assert_eq!(row.liquidation_price, Some(dec!(57900)));
        assert_eq!(row.liquidation_distance.unwrap().round_dp(6), dec!(0.080952));
        assert_eq!(row.margin_ratio, Some(dec!(0.02)));
        assert_eq!(row.net_pnl, Some(dec!(0.0096)));
        assert_eq!(row.age.at(report.now), Freshness::Live { ms: 200 }, "of its list");
        assert!(row.risk.scenarios.is_empty() && row.risk.liquidation_price_ours.is_none());
    }
}

#[test]
fn a_position_in_usdc_is_computed_as_linear() {
    for (kind, modelled) in [(AccountKind::Classic, false), (AccountKind::Unified, true)] {
        let report = report(&holding(kind), NOW);
        let row = row_of(&report, "BTCPERP_CMCBL");
        assert_eq!(row.unrealized_pnl, Some(dec!(500)), "at the live mark price of its contract");
        assert_eq!(row.notional, Some(dec!(32500)));
        assert_eq!(row.modelled, modelled, "a classic account backs it with one of its own");
        if !modelled {
            assert_eq!(row.margin_ratio, Some(dec!(0.02)), "the exchange's");
        }
    }
}

#[test]
fn sums_of_the_account_hold_what_is_computed_with_and_no_other_coin() {
    let [classic, unified] = [AccountKind::Classic, AccountKind::Unified]
        .map(|kind| report(&holding(kind), NOW).pnl.unrealized);
    assert_eq!(classic, Some(dec!(-374.75)), "USDT alone");
    assert_eq!(unified, Some(dec!(125.25)), "with 500 USDC");
}

#[test]
fn the_document_names_product_and_coin() {
    let json = value(&report(&holding(AccountKind::Classic), NOW));
    let rows = json["positions"]["rows"].as_array().unwrap();
    let told: Vec<_> = rows
        .iter()
        .map(|row| ["symbol", "product", "settle_coin"].map(|name| row[name].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ["BTCUSDT_UMCBL", "usdt_futures", "USDT"],
            ["BTCPERP_CMCBL", "usdc_futures", "USDC"],
            ["BTCUSD_DMCBL", "coin_futures", "BTC"],
        ]
    );
}

#[test]
fn nothing_is_flat_or_complete_while_the_list_of_a_product_is_not_known() {
    let mut store = Store::new(Symbol::default());
    store.apply(rest(300, Body::AccountKind(Some(AccountKind::Unified))));
    store.apply(rest(200, list(Product::UsdtFutures, Vec::new())));
    store.apply(rest(200, list(Product::UsdcFutures, Vec::new())));
    let partly = report(&store, NOW);
    assert!(partly.positions.age.is_live(NOW) && !partly.is_flat(NOW));
    let listed = [Product::UsdtFutures, Product::UsdcFutures];
    assert_eq!(partly.positions.listed(NOW), listed);
    store.apply(rest(200, list(Product::CoinFutures, Vec::new())));
    assert!(report(&store, NOW).is_flat(NOW));
    // Lists in which nothing is held are read every 30 s; those of the focus's product every 2.
    let later = NOW.plus_millis(40_000);
    assert_eq!(report(&store, later).positions.listed(later), Product::OTHERS);
    let later = NOW.plus_millis(80_000);
    assert!(report(&store, later).positions.listed(later).is_empty());
}

#[test]
fn a_position_of_another_product_is_as_old_as_its_own_list() {
    let mut store = holding(AccountKind::Unified);
    let later = NOW.plus_millis(8_000);
    let held = position("BTCUSDT", Side::Long, MarginMode::Isolated);
    let fresh = |body| Update { as_of: later, received: later, ..rest(0, body) };
    store.apply(fresh(list(Product::UsdtFutures, vec![held])));
    store.apply(fresh(ticker("BTCUSDT", dec!(63250.5))));
    let report = report(&store, later);
    assert!(row_of(&report, "BTCUSDT_UMCBL").age.is_live(later));
    let coin = row_of(&report, "BTCUSD_DMCBL").age.at(later);
    assert_eq!(coin, Freshness::Stale { ms: 8_200 });
    assert!(report.positions.age.is_live(later) && !report.complete);
}

#[test]
fn danger_of_a_position_that_is_not_computed_with_is_danger_of_the_account() {
    let mut store = holding(AccountKind::Unified);
    let mut close = coin();
    close.liquidation_price = Some(dec!(62500));
    store.apply(rest(50, list(Product::CoinFutures, vec![close])));
    let report = report(&store, NOW);
    assert_eq!(row_of(&report, "BTCUSD_DMCBL").risk.level, Some(crate::risk::RiskLevel::Critical));
    assert_eq!(report.risk.level, Some(crate::risk::RiskLevel::Critical));
    assert!(report.risk.reason.unwrap().contains("BTCUSD_DMCBL"));
}
