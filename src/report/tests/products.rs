//! Positions of other products: what is computed with, and what stands as the exchange sends it.

use rstest::rstest;
use rust_decimal::dec;

use super::engine::minutes;
use super::orders_unknown::opening_order;
use super::*;
use crate::domain::{CoinBalance, Order};
use crate::report::Engine;
use crate::store::Problem;

fn of(product: Product, name: &str, coin: &str) -> Position {
    let mut row = position("BTCUSDT", Side::Long, MarginMode::Cross);
    row.key.symbol = Symbol::from_wire(name, product).unwrap();
    row.key.margin_coin = coin.into();
    row.exchange_margin_ratio = Some(dec!(0.02));
    row
}

fn usdc() -> Position {
    let mut row = of(Product::UsdcFutures, "BTCPERP", "USDC");
    (row.mark_price, row.exchange_unrealized_pnl) = (Some(dec!(65000)), Some(dec!(500)));
    row
}

/// A hundredth of a bitcoin has been gained at a mark price of 63,000.
pub(super) fn coin() -> Position {
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
        rest(260, perpetual_rules()),
        rest(250, Body::AccountKind(Some(kind))),
        rest(200, list(Product::UsdcFutures, vec![usdc()])),
        rest(200, list(Product::CoinFutures, vec![coin()])),
        rest(100, perpetual_at(dec!(65000))),
    ] {
        store.apply(update);
    }
    store
}

fn perpetual_rules() -> Body {
    let Body::Contract(mut rules) = contract("BTCUSDT") else { unreachable!() };
    rules.symbol = usdc().key.symbol;
    Body::Contract(rules)
}

/// A unified account in USD: 10,000 USDT at 0.999, 4,000 USDC at 1.001.
fn unified() -> Account {
    let coin = |coin: &str, equity: Decimal, rate: Decimal| CoinBalance {
        coin: coin.into(),
        equity: Some(equity),
        available: None,
        locked: None,
        debt: None,
        usd_value: Some(equity * rate),
        collateral_value: None,
        bonus: None,
        wallet: Some(equity),
    };
    Account {
        margin_coin: "USD".into(),
        equity: Some(dec!(14000)),
        effective_equity: Some(dec!(13000)),
        unrealized_pnl: Some(dec!(700)),
        maintenance_margin: Some(dec!(300)),
        margin_ratio: Some(dec!(300) / dec!(13000)),
        usdt_equity: Some(dec!(10000)),
        usdt_usd: Some(dec!(0.999)),
        coins: vec![coin("USDT", dec!(10000), dec!(0.999)), coin("USDC", dec!(4000), dec!(1.001))],
        ..Account::default()
    }
}

/// The same with a bitcoin, which is worth 60,000.
fn with_bitcoin(unrealized: Decimal) -> Account {
    let mut account = unified();
    let mut bitcoin = account.coins[0].clone();
    (bitcoin.coin, bitcoin.equity) = ("BTC".into(), Some(dec!(1)));
    (bitcoin.usd_value, bitcoin.wallet) = (Some(dec!(60000)), Some(dec!(1)));
    account.coins.push(bitcoin);
    account.unrealized_pnl = Some(unrealized);
    account
}

fn reported(store: &mut Store, ago_ms: i64, account: Account) {
    store.apply(rest(ago_ms, Body::Account(AccountUpdate { account, unreadable: 0 })));
}

/// The report holds 700 of PnL of all products. What is not computed with keeps its part of it.
#[test]
fn the_equity_moves_by_the_change_of_what_is_computed_with() {
    let mut store = holding(AccountKind::Unified);
    let mut engine = Engine::new(Context::of_defaults());
    // The prices before the report are known.
    engine.read(store.snapshot(), NOW);
    reported(&mut store, 560, unified());
    let long = position("BTCUSDT", Side::Long, MarginMode::Isolated);
    store.apply(rest(555, list(Product::UsdtFutures, vec![long])));
    let equity = |engine: &mut Engine, store: &Store| {
        let report = engine.read(store.snapshot(), NOW);
        (report.account.equity, report.account.derived.is_live(NOW))
    };
    assert_eq!(equity(&mut engine, &store), (Some(dec!(14000)), true));
    // The first prices of after it.
    store.apply(rest(20, ticker("BTCUSDT", dec!(63250.5))));
    store.apply(rest(20, perpetual_at(dec!(65000))));
    assert_eq!(equity(&mut engine, &store), (Some(dec!(14000)), true));
    store.apply(rest(0, ticker("BTCUSDT", dec!(64250.5))));
    assert_eq!(equity(&mut engine, &store).0, Some(dec!(14499.5)), "500 USDT at 0.999");
    store.apply(rest(0, perpetual_at(dec!(66000))));
    assert_eq!(equity(&mut engine, &store).0, Some(dec!(15000)), "500 USDC at 1.001");
    // Without the coin-margined one the report's PnL is that of what is computed with.
    store.apply(rest(0, list(Product::CoinFutures, Vec::new())));
    reported(&mut store, 0, Account { unrealized_pnl: Some(dec!(1100)), ..unified() });
    let earned = dec!(125.25) * dec!(0.999) + dec!(1000) * dec!(1.001);
    assert_eq!(equity(&mut engine, &store).0, Some(dec!(14000) - dec!(1100) + earned));
}

/// Between two prices of a slow link the price was elsewhere: at the report, and before the first one after it.
#[test]
fn prices_that_are_far_apart_make_no_gain_of_what_the_report_holds() {
    let mut store = holding(AccountKind::Unified);
    let mut engine = Engine::new(Context::of_defaults());
    engine.read(store.snapshot(), NOW);
    reported(&mut store, 560, unified());
    let long = position("BTCUSDT", Side::Long, MarginMode::Isolated);
    store.apply(rest(555, list(Product::UsdtFutures, vec![long])));
    let equity = |engine: &mut Engine, store: &Store| {
        engine.read(store.snapshot(), NOW).account.equity.unwrap()
    };
    assert_eq!(equity(&mut engine, &store), dec!(14000));
    // The first price since, of after the report: nobody knows how much of the rise is in it.
    store.apply(rest(0, ticker("BTCUSDT", dec!(64250.5))));
    store.apply(rest(0, perpetual_at(dec!(65000))));
    assert_eq!(equity(&mut engine, &store), dec!(14000));
    store.apply(rest(0, ticker("BTCUSDT", dec!(64350.5))));
    assert_eq!(equity(&mut engine, &store), dec!(14000) + dec!(50) * dec!(0.999));
}

/// The report says one sum of all positions. What it leaves to those that are computed with counts where it is
/// more than they earned at any price that was read.
#[test]
fn what_the_report_leaves_to_the_others_counts_where_it_is_more() {
    let mut store = holding(AccountKind::Unified);
    let mut engine = Engine::new(Context::of_defaults());
    let own =
        || list(Product::UsdtFutures, vec![position("BTCUSDT", Side::Long, MarginMode::Isolated)]);
    // The bitcoin that was gained is worth 600.
    for (unrealized, inside) in [(dec!(800), dec!(200)), (dec!(700), dec!(126.12475))] {
        reported(&mut store, 60, with_bitcoin(unrealized));
        store.apply(rest(50, own()));
        engine.read(store.snapshot(), NOW);
        let equity = engine.read(store.snapshot(), NOW).account.equity;
        assert_eq!(equity, Some(dec!(14000) - inside + dec!(126.12475)), "{unrealized}");
        engine = Engine::new(Context::of_defaults());
    }
}

/// At the start the list of USDT-M is as new as the report, and those of the other products come after it, in any
/// order. What they earned was taken for that of USDT-M, so the equity fell by it, and the session with it.
#[test]
fn lists_that_come_late_at_the_start_lower_no_equity() {
    let lists =
        [|| list(Product::CoinFutures, vec![coin()]), || list(Product::UsdcFutures, vec![usdc()])];
    for first in [0, 1] {
        let mut store = Store::new(Symbol::default());
        let mut engine = Engine::new(Context::of_defaults());
        for update in [
            rest(800, contract("BTCUSDT")),
            rest(700, perpetual_rules()),
            rest(300, Body::AccountKind(Some(AccountKind::Unified))),
            rest(200, ticker("BTCUSDT", dec!(63250.5))),
            rest(100, perpetual_at(dec!(65000))),
        ] {
            store.apply(update);
        }
        // The bitcoin that was gained is worth 600, 500 USDC were gained and 375 USDT lost.
        reported(&mut store, 60, with_bitcoin(dec!(726)));
        let own = position("BTCUSDT", Side::Long, MarginMode::Isolated);
        store.apply(rest(50, list(Product::UsdtFutures, vec![own])));
        let mut read = |store: &Store, after_ms| {
            let report = engine.read(store.snapshot(), NOW.plus_millis(after_ms));
            (report.account.equity.unwrap().round_dp(0), report.pnl.session.max_drawdown_amount)
        };
        assert_eq!(read(&store, 0).0, dec!(14000));
        for (at, which) in [(100, first), (200, 1 - first)] {
            store.apply(rest(-at, lists[which]()));
            read(&store, at + 10);
            let (equity, drawdown) = read(&store, at + 20);
            assert_eq!(equity, dec!(14000), "list {which}");
            assert!(drawdown.is_none_or(|fall| fall < dec!(1)), "{drawdown:?}");
        }
    }
}

/// A coin-margined position rests on the equity of a unified account too, though it is not computed with.
#[test]
fn what_rests_on_the_account_is_at_stake_whether_it_is_computed_with_or_not() {
    let mut store = holding(AccountKind::Unified);
    let mut engine = Engine::new(Context::of_defaults());
    let (needed, counted) = (dec!(11700), dec!(13000));
    let critical = Account {
        maintenance_margin: Some(needed),
        margin_ratio: Some(needed / counted),
        ..unified()
    };
    reported(&mut store, 60, critical);
    for product in [Product::UsdtFutures, Product::UsdcFutures] {
        store.apply(rest(50, list(product, Vec::new())));
    }
    engine.read(store.snapshot(), NOW);
    let risk = engine.read(store.snapshot(), NOW).risk;
    assert!(risk.reason.as_deref().unwrap().starts_with("margin ratio 90"), "{:?}", risk.reason);
    assert_eq!(risk.at_stake, Some(counted));
}

/// A coin that backs the account falls with its contract: liquidation is nearer by what the exchange counts
/// of it after its haircut, and a scenario loses the whole of it, as the equity that is shown holds the whole.
#[test]
fn a_coin_that_backs_the_account_falls_with_its_contract() {
    let at = |account: Account| {
        let mut store = holding(AccountKind::Unified);
        let mut engine = Engine::new(Context::of_defaults());
        store.apply(rest(300, no_orders()));
        for symbol in [symbol("BTCUSDT"), usdc().key.symbol] {
            let Body::MarkCandles { interval, rows, .. } = minutes(1_440) else { unreachable!() };
            store.apply(rest(100, Body::MarkCandles { symbol, interval, rows }));
        }
        reported(&mut store, 60, account);
        let own = position("BTCUSDT", Side::Long, MarginMode::Cross);
        store.apply(rest(50, list(Product::UsdtFutures, vec![own])));
        let report = engine.read(store.snapshot(), NOW);
        let row = row_of(&report, "BTCUSDT_UMCBL");
        let after = |shift| {
            let found = row.risk.scenarios.iter().find(|of| of.shift == shift).unwrap();
            found.equity.unwrap()
        };
        let change = after(dec!(-0.05)) - after(dec!(0.01));
        (row.risk.liquidation_price_ours, change, report.risk.var_95_1d.unwrap())
    };
    let whole = |effective| Account {
        equity: Some(dec!(74000)),
        effective_equity: Some(effective),
        ..with_bitcoin(dec!(700))
    };
    let mut in_dollars = whole(dec!(74000));
    in_dollars.coins[2].coin = "USDT".into();
    let (alone, loss, risked) = at(in_dollars);
    let (with_coin, more, more_risked) = at(whole(dec!(74000)));
    assert!(with_coin > alone, "{with_coin:?} is nearer than {alone:?}");
    let fall = dec!(63250.5) * dec!(0.06) * dec!(0.999);
    assert!((more - loss + fall).abs() < dec!(0.01), "a whole bitcoin: {more}, {loss}");
    // A haircut of 12,000 of 60,000: four fifths count for liquidation.
    let (cut, less, less_risked) = at(whole(dec!(62000)));
    assert!((less - more).abs() < dec!(0.01), "{less}, {more}");
    assert!(more_risked > risked && (less_risked - more_risked).abs() < dec!(0.01));
    assert!(cut > with_coin, "less backs it");
}

/// A list may leave orders out: until the exchange itself reports less, the account needs what it reported.
#[test]
fn margin_of_orders_that_are_listed_no_more_counts_until_the_next_report() {
    let mut store = holding(AccountKind::Unified);
    let mut engine = Engine::new(Context::of_defaults());
    let Body::Orders(none) = no_orders() else { unreachable!() };
    let order = Order { price: Some(dec!(60000)), ..opening_order() };
    store.apply(rest(300, Body::Orders(OrderSet { rows: vec![order], ..none.clone() })));
    let own =
        || list(Product::UsdtFutures, vec![position("BTCUSDT", Side::Long, MarginMode::Cross)]);
    store.apply(rest(95, own()));
    reported(&mut store, 90, Account { maintenance_margin: Some(dec!(3000)), ..unified() });
    store.apply(rest(80, own()));
    let ratio = |engine: &mut Engine, store: &Store| {
        engine.read(store.snapshot(), NOW);
        engine.read(store.snapshot(), NOW).account.margin_ratio.unwrap().round_dp(6)
    };
    let whole = (dec!(3000) / dec!(13000)).round_dp(6);
    assert_eq!(ratio(&mut engine, &store), whole);
    store.apply(rest(70, Body::Orders(none)));
    assert_eq!(ratio(&mut engine, &store), whole, "as reported");
    reported(&mut store, 60, Account { maintenance_margin: Some(dec!(2500)), ..unified() });
    store.apply(rest(50, own()));
    assert_eq!(ratio(&mut engine, &store), (dec!(2500) / dec!(13000)).round_dp(6));
}

/// Orders that are listed after a fall have the report of before it compared once more: what the position needed
/// more at the price of then is nobody's need now.
#[test]
fn what_a_price_did_since_the_report_is_no_need_of_something_else() {
    let mut store = complete_state();
    let mut engine = Engine::new(Context::of_defaults());
    store.apply(rest(300, no_orders()));
    store.apply(rest(250, Body::AccountKind(Some(AccountKind::Unified))));
    for product in [Product::UsdcFutures, Product::CoinFutures] {
        store.apply(rest(200, list(product, Vec::new())));
    }
    let need = |price: Decimal| dec!(0.5) * price * dec!(0.0046) * dec!(0.999);
    let mut told = unified();
    told.unrealized_pnl = Some((dec!(63250.5) - dec!(64000)) * dec!(0.5) * dec!(0.999));
    told.maintenance_margin = Some(need(dec!(63250.5)));
    told.margin_ratio = Some(need(dec!(63250.5)) / dec!(13000));
    reported(&mut store, 60, told);
    let own = position("BTCUSDT", Side::Long, MarginMode::Cross);
    store.apply(rest(50, list(Product::UsdtFutures, vec![own])));
    let mut after = |ms: i64, body: Body| {
        store.apply(rest(-ms, body));
        engine.read(store.snapshot(), NOW.plus_millis(ms));
        let read = engine.read(store.snapshot(), NOW.plus_millis(ms));
        read.account.maintenance_margin.unwrap()
    };
    let at_report = need(dec!(63250.5)).normalize();
    assert_eq!(after(500, ticker("BTCUSDT", dec!(63250.5))), at_report);
    let fallen = need(dec!(50600)).normalize();
    assert_eq!(after(700, ticker("BTCUSDT", dec!(50600))), fallen);
    assert_eq!(after(900, no_orders()), fallen);
}

/// A trade comes with a push of the account, before the list that shows it.
#[test]
fn what_a_report_includes_is_counted_by_a_list_that_is_as_new() {
    let mut store = holding(AccountKind::Unified);
    let mut engine = Engine::new(Context::of_defaults());
    reported(&mut store, 90, unified());
    engine.read(store.snapshot(), NOW);
    // Reported after a trade that closed the position in USDT: 374.75 lost are in the wallet.
    reported(&mut store, 50, unified());
    engine.read(store.snapshot(), NOW);
    store.apply(rest(40, list(Product::UsdtFutures, Vec::new())));
    let report = engine.read(store.snapshot(), NOW);
    assert_eq!(report.account.equity, Some(dec!(14000)));
}

#[test]
fn the_rest_s_maintenance_margin_counts_as_reported() {
    let mut store = holding(AccountKind::Unified);
    let mut engine = Engine::new(Context::of_defaults());
    let before = {
        let mut account = unified();
        account.maintenance_margin = None;
        reported(&mut store, 90, account);
        engine.read(store.snapshot(), NOW)
    };
    reported(&mut store, 60, unified());
    store.apply(rest(
        50,
        list(Product::UsdtFutures, vec![position("BTCUSDT", Side::Long, MarginMode::Isolated)]),
    ));
    engine.read(store.snapshot(), NOW);
    let after = engine.read(store.snapshot(), NOW);
    let ratio = dec!(300) / dec!(13000);
    assert_eq!(
        before.account.margin_ratio,
        Some((dec!(149.5) * dec!(1.001) / dec!(13000)).round_dp(12))
    );
    assert_eq!(after.account.margin_ratio, Some(ratio.round_dp(12)), "the exchange's 300");
    let price =
        |report: &Report| row_of(report, "BTCPERP_CMCBL").risk.liquidation_price_ours.unwrap();
    assert!(price(&after) > price(&before), "nearer to a long");
    assert!(after.problems.iter().all(|problem| problem.code != ProblemCode::PnlMismatch));
}

/// The initial margin of coin-margined positions and of resting orders is in the exchange's figure alone.
#[test]
fn the_rest_s_initial_margin_counts_as_reported() {
    let mut store = holding(AccountKind::Unified);
    let mut engine = Engine::new(Context::of_defaults());
    let told = Account { initial_margin: Some(dec!(9000)), ..unified() };
    reported(&mut store, 60, told);
    let own = position("BTCUSDT", Side::Long, MarginMode::Isolated);
    store.apply(rest(50, list(Product::UsdtFutures, vec![own])));
    let read = engine.read(store.snapshot(), NOW);
    assert_eq!(read.account.initial_margin, Some(dec!(9000)));
    // The account of a classic one is not that of before.
    store.apply(rest(10, Body::AccountKind(Some(AccountKind::Classic))));
    store.apply(rest(5, account()));
    let own = position("BTCUSDT", Side::Long, MarginMode::Isolated);
    store.apply(rest(0, list(Product::UsdtFutures, vec![own])));
    let read = engine.read(store.snapshot(), NOW);
    assert_eq!(read.account.initial_margin, Some(dec!(3200)));
}

/// Ours rests on tiers that come later than the first report: what theirs exceeds it by is not lost.
#[test]
fn the_rest_s_margin_is_found_once_ours_is_known() {
    let mut store = holding(AccountKind::Unified);
    let mut engine = Engine::new(Context::of_defaults());
    let rate = |rate| {
        let mut row = usdc();
        row.maintenance_margin_rate = rate;
        list(Product::UsdcFutures, vec![row])
    };
    store.apply(rest(195, rate(None)));
    reported(&mut store, 90, unified());
    let own = vec![position("BTCUSDT", Side::Long, MarginMode::Isolated)];
    store.apply(rest(50, list(Product::UsdtFutures, own)));
    engine.read(store.snapshot(), NOW);
    store.apply(rest(40, rate(Some(dec!(0.004)))));
    let read = engine.read(store.snapshot(), NOW);
    let ratio = read.account.margin_ratio.unwrap();
    assert_eq!(ratio, (dec!(300) / dec!(13000)).round_dp(12), "the exchange's 300");
}

/// Where nothing explains it, the worse of the two ratios is shown, and both are named. Whether the list or the report
/// is the newer one at each reading is by chance.
#[rstest]
fn a_worse_ratio_of_the_exchange_is_shown_and_named(#[values(-3, 10)] newer_by_ms: i64) {
    let mut store = holding(AccountKind::Unified);
    store.apply(rest(200, list(Product::CoinFutures, Vec::new())));
    let mut engine = Engine::new(Context::of_defaults());
    let mut last = None;
    for step in 0i64..8 {
        let ago = 90 - step * 5_000;
        let own = dec!(149.5) * dec!(1.001);
        let mut account = unified();
        account.maintenance_margin = Some(own);
        account.margin_ratio = Some(own / dec!(13000) * dec!(2));
        account.unrealized_pnl = Some(dec!(126.12475));
        reported(&mut store, ago, account);
        store.apply(rest(
            ago - newer_by_ms,
            list(Product::UsdtFutures, vec![position("BTCUSDT", Side::Long, MarginMode::Isolated)]),
        ));
        last = Some(engine.read(store.snapshot(), NOW.plus_millis(step * 5_000)));
        let shown = last.as_ref().unwrap().account.margin_ratio.unwrap();
        // The first one moved the wallet, so it waits for a list.
        let times = if step == 0 && newer_by_ms < 0 { dec!(1) } else { dec!(2) };
        assert!((shown - own / dec!(13000) * times).abs() < dec!(0.0005), "{step}: {shown}");
    }
    let problems = last.unwrap().problems;
    let own = problems.iter().find(|problem| problem.subject.as_str() == "account").unwrap();
    assert_eq!(own.code, ProblemCode::PnlMismatch);
    assert_eq!(
        own.text.as_str(),
        "the account differs from the exchange: margin ratio ours 0.011512, theirs 0.023023"
    );
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
fn sums_of_the_account_hold_what_is_computed_with_at_the_rates_of_the_report() {
    let classic = report(&holding(AccountKind::Classic), NOW).pnl.unrealized;
    assert_eq!(classic, Some(dec!(-374.75)), "USDT alone");
    let mut store = holding(AccountKind::Unified);
    let unrated = report(&store, NOW);
    assert_eq!(unrated.account.unrealized_pnl, None, "nothing tells what a USDC is worth");
    store.apply(rest(0, Body::Account(AccountUpdate { account: unified(), unreadable: 0 })));
    let report = report(&store, NOW);
    assert_eq!(
        report.account.unrealized_pnl,
        Some(dec!(126.12475)),
        "500 x 1.001 - 374.75 x 0.999"
    );
    assert_eq!(report.account.usdt_usd, Some(dec!(0.999)));
    let usdt = row_of(&report, "BTCUSDT_UMCBL");
    assert_eq!(usdt.unrealized_pnl, Some(dec!(-374.75)), "a row stays in its settle coin");
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
    // Lists in which nothing is held are read every 10 s; those of the focus's product every 2.
    let later = NOW.plus_millis(20_000);
    assert_eq!(report(&store, later).positions.listed(later), Product::OTHERS);
    let later = NOW.plus_millis(30_000);
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

/// Under rules that nobody here knows ours were shown as if they held: ratio 1.15 % where the exchange says
/// 2.3 %, with scenarios and a liquidation price of our own.
#[test]
fn rules_that_are_not_modelled_are_named_and_the_exchange_s_figures_stand() {
    for level in ["delta", "isolated"] {
        let mut store = holding(AccountKind::Unified);
        store.apply(rest(150, Body::AccountLevel(Some(level.into()))));
        let mut engine = Engine::new(Context::of_defaults());
        let mut row = position("BTCUSDT", Side::Long, MarginMode::Cross);
        row.exchange_margin_ratio = Some(dec!(0.05));
        row.liquidation_price = Some(dec!(60000));
        reported(&mut store, 100, unified());
        store.apply(rest(90, list(Product::UsdtFutures, vec![row])));
        engine.read(store.snapshot(), NOW);
        store.apply(rest(0, ticker("BTCUSDT", dec!(64250.5))));
        let report = engine.read(store.snapshot(), NOW.plus_millis(1));
        let account = &report.account;
        assert_eq!(account.account_level.as_ref().unwrap().as_str(), level);
        assert_eq!(account.margin_ratio, Some((dec!(300) / dec!(13000)).round_dp(12)));
        assert_eq!(account.maintenance_margin, Some(dec!(300)));
        assert_eq!((report.risk.surplus, account.initial_margin), (None, None));
        assert!(report.risk.account_scenarios.is_empty());
        let row = row_of(&report, "BTCUSDT_UMCBL");
        assert_eq!((row.margin_ratio, row.modelled, row.counted), (Some(dec!(0.05)), false, true));
        assert_eq!(row.liquidation_price, Some(dec!(60000)));
        assert_eq!(row.risk.liquidation_price_ours, None);
        assert!(
            row.risk.scenarios.is_empty() && row.risk.what_if == crate::report::WhatIf::default()
        );
        // The PnL follows no rules.
        assert!(row.unrealized_pnl > row.exchange_unrealized_pnl);
        let is_named = |held: &&Problem| held.code == ProblemCode::RulesNotModelled;
        let problem = report.problems.iter().find(is_named).unwrap();
        assert_eq!(problem.since, NOW);
        assert!(problem.text.as_str().contains(&format!("account level \"{level}\"")));
        store.apply(rest(-2, Body::AccountLevel(Some("advanced".into()))));
        let after = engine.read(store.snapshot(), NOW.plus_millis(2));
        assert!(after.problems.iter().all(|held| held.code != ProblemCode::RulesNotModelled));
        assert!(row_of(&after, "BTCUSDT_UMCBL").modelled && after.risk.surplus.is_some());
    }
}
