//! What the engine remembers between two reports.

use std::sync::Arc;

use super::*;
use crate::domain::{
    Book, Candle, Interval, Level, LinkReport, LinkState, Order, OrderKind, OrderSide, OrderStatus,
    ProblemCode, Stream,
};
use crate::report::{Engine, VarMethod};
use crate::risk::RiskLevel;

pub(super) fn engine() -> Engine {
    Engine::new(Context::of_defaults())
}

/// A later moment at which list and account come again.
pub(super) fn again(store: &mut Store, at: Timestamp, rows: Vec<Position>, equity: Decimal) {
    let Body::Account(mut report) = account() else { unreachable!() };
    report.account.equity = Some(equity);
    for body in [positions(rows), Body::Account(report), ticker("BTCUSDT", dec!(63250.5))] {
        store.apply(Update { as_of: at, received: at, ..rest(0, body) });
    }
}

pub(super) fn long() -> Position {
    position("BTCUSDT", Side::Long, MarginMode::Isolated)
}

/// A report whose figures are those of the rules: an isolated long with the closing fee inside.
fn agreeing() -> Position {
    Position {
        mark_price: Some(dec!(63250.5)),
        exchange_unrealized_pnl: Some(dec!(-374.75)),
        exchange_margin_ratio: Some(dec!(0.05149142553750111)),
        break_even_price: None,
        liquidation_price: Some(dec!(57866.1844484629294756)),
        ..long()
    }
}

fn mismatches(report: &Report) -> Vec<&str> {
    let found = report.problems.iter().filter(|problem| problem.code == ProblemCode::PnlMismatch);
    found.map(|problem| problem.text.as_str()).collect()
}

#[test]
fn a_difference_to_the_exchange_that_lasts_is_said_with_both_numbers() {
    let (mut store, mut engine) = (complete_state(), engine());
    let differs = Position { exchange_unrealized_pnl: Some(dec!(-300)), ..agreeing() };
    for second in 0..20 {
        let at = NOW.plus_millis(second * 2_000);
        again(&mut store, at, vec![differs.clone()], dec!(12500));
        let report = engine.read(store.snapshot(), at);
        let lasting = second * 2_000 >= 15_000;
        assert_eq!(!mismatches(&report).is_empty(), lasting, "after {second} reports");
        if lasting {
            let text =
                "BTCUSDT_UMCBL long: differs from the exchange: PnL ours -374.75, theirs -300";
            assert_eq!(mismatches(&report), [text]);
        }
    }
    let at = NOW.plus_millis(60_000);
    again(&mut store, at, vec![agreeing()], dec!(12500));
    assert!(mismatches(&engine.read(store.snapshot(), at)).is_empty(), "one that agrees ends it");
}

/// The worse of two unrealized results is shown, moved with the price, once it has been seen twice; a better one is not.
#[test]
fn where_the_exchange_s_pnl_is_the_worse_one_it_counts() {
    let read = |theirs, mark| {
        let (mut store, mut engine) = (complete_state(), engine());
        let differs = Position { exchange_unrealized_pnl: Some(theirs), ..agreeing() };
        for second in 0..3 {
            let at = NOW.plus_millis(second * 2_000);
            again(&mut store, at, vec![differs.clone()], dec!(12500));
            engine.read(store.snapshot(), at);
        }
        let at = NOW.plus_millis(4_100);
        store.apply(Update { as_of: at, received: at, ..rest(0, ticker("BTCUSDT", mark)) });
        let report = engine.read(store.snapshot(), at);
        let row = &report.positions.rows[0];
        assert_eq!(row.entry_price, Some(dec!(64000)), "as reported");
        (row.unrealized_pnl, report.pnl.unrealized)
    };
    let both = |pnl| (Some(pnl), Some(pnl));
    assert_eq!(read(dec!(-400), dec!(63250.5)), both(dec!(-400)));
    assert_eq!(read(dec!(-400), dec!(63350.5)), both(dec!(-350)));
    assert_eq!(read(dec!(-300), dec!(63250.5)), both(dec!(-374.75)));
}

/// The exchange's ratio is twice ours and its liquidation price nearer. Scenarios were by ours alone: a fall by one
/// percent halved the ratio, and beyond the price on the row nothing was liquidated.
#[test]
fn scenarios_and_account_count_what_the_exchange_says_is_worse() {
    let (mut store, mut engine) = (complete_state(), engine());
    let cross = || Position {
        mark_price: Some(dec!(63250.5)),
        liquidation_price: None,
        ..position("BTCUSDT", Side::Long, MarginMode::Cross)
    };
    let agrees = report(
        &{
            let mut store = complete_state();
            again(&mut store, NOW, vec![cross()], dec!(12500));
            store
        },
        NOW,
    );
    let ours = agrees.account.margin_ratio.unwrap();
    let theirs = Position {
        exchange_margin_ratio: Some(ours * dec!(2)),
        liquidation_price: Some(dec!(62000)),
        ..cross()
    };
    let mut read = |theirs: &Position, from: i64| {
        let mut last = None;
        for second in 0_i64..3 {
            let at = NOW.plus_millis(from + second * 2_000);
            again(&mut store, at, vec![theirs.clone()], dec!(12500));
            last = Some(engine.read(store.snapshot(), at));
        }
        last.unwrap()
    };
    // The ratio alone.
    let far = read(&Position { exchange_margin_ratio: theirs.exchange_margin_ratio, ..cross() }, 0);
    // Half of the equity may not count.
    let half = far.account.equity.unwrap() / dec!(2);
    let surplus = half - far.account.maintenance_margin.unwrap();
    assert_eq!(far.risk.surplus.unwrap().round_dp(5), surplus.round_dp(5));
    let report = read(&theirs, 10_000);
    let row = &report.positions.rows[0];
    let is_double = |found: Option<Decimal>, ours: Option<Decimal>| {
        let (found, ours) = (found.unwrap(), ours.unwrap());
        assert!((found - ours * dec!(2)).abs() < dec!(0.00001), "{found}, ours {ours}");
    };
    // In a fall more than twice: what does not count stays the same.
    let is_worst = |found: &crate::report::Scenario, ours: &crate::report::Scenario| {
        let (equity, ratio) = (ours.equity.unwrap(), ours.margin_ratio.unwrap());
        let worst = (ratio * dec!(2)).max(ratio * equity / (equity - half));
        let found = found.margin_ratio.unwrap();
        assert!((found - worst).abs() < dec!(0.00001), "{found}, ours {worst}");
    };
    is_double(row.margin_ratio, Some(ours));
    assert_eq!(report.account.margin_ratio, row.margin_ratio, "one ratio of all cross positions");
    // Half a bitcoin, 1,250.5 above the price that ends it, and needs less there.
    let until = dec!(0.5) * dec!(1250.5) * (Decimal::ONE - dec!(0.0046));
    assert_eq!([row.risk.surplus, report.risk.surplus], [Some(until); 2]);
    assert!(agrees.positions.rows[0].risk.what_if.margin_to_add.is_some());
    assert_eq!(row.risk.what_if.margin_to_add, None, "by rules that do not fit");
    assert!(row.risk.what_if.is_disputed && row.risk.what_if.target_price.is_some());
    let all = row.risk.scenarios.iter().zip(&agrees.positions.rows[0].risk.scenarios);
    for (found, ours) in all.filter(|(found, _)| found.shift > dec!(-0.02)) {
        is_worst(found, ours);
        assert_eq!((found.liquidated, found.equity), (false, ours.equity));
    }
    for found in row.risk.scenarios.iter().filter(|found| found.shift <= dec!(-0.02)) {
        assert!(found.liquidated, "{} is beyond 62,000", found.price.unwrap());
        assert_eq!(found.equity, Some(Decimal::ZERO), "what backs a cross position is lost");
    }
    let all = report.risk.account_scenarios.iter().zip(&agrees.risk.account_scenarios);
    for (found, ours) in all.filter(|(found, _)| found.shift > dec!(-0.02)) {
        is_worst(found, ours);
    }
}

/// Where several coins back the account nobody can say what the ratio of a row should be. A worse one counts all the
/// same, from the first list: a single reading has no other.
#[test]
fn a_worse_ratio_counts_where_it_cannot_be_compared() {
    let (mut store, mut engine) = (complete_state(), engine());
    let row = Position {
        mark_price: Some(dec!(63250.5)),
        exchange_margin_ratio: Some(dec!(0.95)),
        liquidation_price: None,
        ..position("BTCUSDT", Side::Long, MarginMode::Cross)
    };
    for second in 0_i64..10 {
        let at = NOW.plus_millis(second * 2_000);
        again(&mut store, at, vec![row.clone()], dec!(12500));
        let Body::Account(AccountUpdate { mut account, .. }) = account() else { unreachable!() };
        account.asset_mode = Some(OpenEnum::Known(crate::domain::AssetMode::Multi));
        let body = Body::Account(AccountUpdate { account, unreadable: 0 });
        store.apply(Update { as_of: at, received: at, ..rest(0, body) });
        let report = engine.read(store.snapshot(), at);
        let shown = report.positions.rows[0].margin_ratio.unwrap();
        assert_eq!(shown.round_dp(2), dec!(0.95), "{second}");
        assert_eq!(mismatches(&report).len(), usize::from(second >= 8), "{second}");
    }
}

/// The first reading may have the positions before what they are compared by. After one that agreed a difference
/// must be seen twice: an account and a list of two moments are none.
#[test]
fn a_worse_ratio_counts_at_once_at_the_start_and_twice_seen_afterwards() {
    let ratio = |theirs: Option<Decimal>| Position {
        mark_price: Some(dec!(63250.5)),
        exchange_margin_ratio: theirs,
        exchange_unrealized_pnl: Some(dec!(-374.75)),
        liquidation_price: None,
        ..position("BTCUSDT", Side::Long, MarginMode::Cross)
    };
    let mut engine = engine();
    let mut read = |store: &mut Store, second: i64, body: Body| {
        let at = NOW.plus_millis(second * 2_000);
        store.apply(Update { as_of: at, received: at, ..rest(0, body) });
        let report = engine.read(store.snapshot(), at);
        let mut rows = report.positions.rows.iter();
        let row = rows.find(|row| row.key.symbol.product() == Product::UsdtFutures)?;
        row.margin_ratio.map(|ratio| ratio.round_dp(2))
    };
    let mut store = Store::new(Symbol::default());
    for update in [
        rest(900, contract("BTCUSDT")),
        rest(800, ticker("BTCUSDT", dec!(63250.5))),
        rest(600, account()),
        rest(300, Body::AccountKind(Some(AccountKind::Classic))),
    ] {
        store.apply(update);
    }
    // One that is not computed with is not waited for.
    let list = |theirs| positions(vec![products::coin(), ratio(theirs)]);
    read(&mut store, 0, list(Some(dec!(0.95))));
    assert_eq!(read(&mut store, 0, no_orders()), Some(dec!(0.95)), "orders come last");
    let ours = read(&mut store, 1, list(None)).unwrap();
    assert!(ours < dec!(0.1), "{ours}");
    let other = || list(Some(dec!(0.95)));
    assert_eq!(read(&mut store, 2, other()), Some(ours), "once");
    assert_eq!(read(&mut store, 3, other()), Some(dec!(0.95)), "twice");
    // Nor does one count at once that was opened since.
    assert_eq!(read(&mut store, 4, positions(Vec::new())), None);
    assert_eq!(read(&mut store, 5, other()), Some(ours), "once");
    assert_eq!(read(&mut store, 6, other()), Some(dec!(0.95)), "twice");
}

/// A ratio of cross positions of which none is listed: something needs the margin.
#[test]
fn a_ratio_of_nothing_that_is_listed_counts_as_reported() {
    let (mut store, mut engine) = (complete_state(), engine());
    let row = position("BTCUSDT", Side::Long, MarginMode::Isolated);
    again(&mut store, NOW, vec![row], dec!(12500));
    let Body::Account(AccountUpdate { mut account, .. }) = account() else { unreachable!() };
    account.margin_ratio = Some(dec!(0.4));
    let told = Body::Account(AccountUpdate { account, unreadable: 0 });
    // Orders that are listed later have it compared once more, and the next report waits for a list as new.
    let price = ticker("BTCUSDT", dec!(63250.5));
    let later = [told.clone(), price, no_orders(), told, no_orders()];
    for (body, ms) in later.into_iter().zip([0, 100, 200, 300, 400]) {
        let at = NOW.plus_millis(ms);
        store.apply(Update { as_of: at, received: at, ..rest(0, body) });
        let report = engine.read(store.snapshot(), at);
        assert_eq!(report.account.margin_ratio, Some(dec!(0.4)), "{ms}");
    }
}

/// The smaller leg of a hedge gains where the larger one loses, and equal legs lose nothing: a price that the
/// exchange names for them is no loss that is left.
#[test]
fn only_the_larger_leg_of_a_hedge_loses_until_the_price_that_the_exchange_names() {
    let leg = |side, size, price| Position {
        size,
        mark_price: Some(dec!(63250.5)),
        liquidation_price: price,
        ..position("BTCUSDT", side, MarginMode::Cross)
    };
    let read = |long: Position, short: Position| {
        let (mut store, mut engine) = (complete_state(), engine());
        again(&mut store, NOW, vec![long, short], dec!(12500));
        engine.read(store.snapshot(), NOW).risk.surplus.unwrap()
    };
    let (low, high) = (Some(dec!(62000)), Some(dec!(64000)));
    let half = dec!(0.5);
    let equal = read(leg(Side::Long, half, None), leg(Side::Short, half, None));
    assert_eq!(read(leg(Side::Long, half, low), leg(Side::Short, half, high)), equal);
    let left = read(leg(Side::Long, half, low), leg(Side::Short, dec!(0.1), high));
    // The long needs less by then.
    assert_eq!(left, (dec!(0.4) - dec!(0.5) * dec!(0.0046)) * dec!(1250.5));
}

#[test]
fn figures_that_agree_are_no_problem() {
    let (mut store, mut engine) = (complete_state(), engine());
    for second in 0..20 {
        let at = NOW.plus_millis(second * 2_000);
        again(&mut store, at, vec![agreeing()], dec!(12500));
        let report = engine.read(store.snapshot(), at);
        assert!(mismatches(&report).is_empty(), "{:?}", report.problems);
    }
}

/// The flat rule of positions from before 2025-11-10 is recognised by its ratio.
#[test]
fn the_form_that_fits_is_used_from_then_on() {
    let mut store = complete_state();
    let tier = |start, end, rate| crate::domain::Tier {
        start,
        end,
        max_leverage: None,
        maintenance_margin_rate: rate,
    };
    let tiers = vec![
        tier(dec!(0), dec!(200000), dec!(0.004)),
        tier(dec!(200000), dec!(1000000), dec!(0.005)),
    ];
    store.apply(rest(0, Body::Tiers { symbol: symbol("BTCUSDT"), tiers }));
    let mut row = Position { size: dec!(5), margin: Some(dec!(32000)), ..agreeing() };
    // 5 · 63250.5 · 0.0056 without the offset of 200, over 32,000 − 3,747.5.
    row.exchange_unrealized_pnl = Some(dec!(-3747.5));
    row.exchange_margin_ratio = Some(dec!(0.06268521369790284045));
    row.liquidation_price = None;
    let mut engine = engine();
    let mut ratio = None;
    for second in 0..2 {
        let at = NOW.plus_millis(second * 2_000);
        again(&mut store, at, vec![row.clone()], dec!(60000));
        ratio = engine.read(store.snapshot(), at).positions.rows[0].margin_ratio;
    }
    assert_eq!(ratio, Some(dec!(0.062685213698)));
}

#[test]
fn money_of_another_coin_leaves_the_session_unknown() {
    let (mut store, mut engine) = (complete_state(), engine());
    again(&mut store, NOW, vec![long()], dec!(12500));
    assert_eq!(engine.read(store.snapshot(), NOW).pnl.session.change, Some(Decimal::ZERO));
    let at = NOW.plus_millis(90_000);
    let other = LedgerEntry {
        id: "other".into(),
        coin: "BTC".into(),
        time: NOW.plus_millis(60_000),
        ..entry(LedgerKind::Transfer, dec!(1000), dec!(0))
    };
    let (since, rows) = (NOW.start_of_day(), vec![other]);
    let page = Body::LedgerHistory { since, until: at, rows, complete: true };
    store.apply(Update { as_of: at, received: at, ..rest(0, page) });
    again(&mut store, at, vec![long()], dec!(12500));
    assert_eq!(engine.read(store.snapshot(), at).pnl.session.change, None);
}

#[test]
fn a_session_has_holes_where_nothing_was_proven() {
    let (mut store, mut engine) = (complete_state(), engine());
    again(&mut store, NOW, vec![long()], dec!(12500));
    assert_eq!(engine.read(store.snapshot(), NOW).pnl.session.curve.len(), 1);
    let later = engine.read(store.snapshot(), NOW.plus_millis(120_000));
    assert_eq!(later.pnl.session.curve.len(), 1, "stale equity is no point");
    assert_eq!(later.pnl.session.change, Some(Decimal::ZERO));
}

/// Minutes up to now that go up and down by a tenth of a percent.
pub(super) fn minutes(count: i64) -> Body {
    let first = NOW.plus_millis(-NOW.as_millis().rem_euclid(60_000) - count * 60_000);
    let rows = (0..count)
        .map(|minute| {
            let close = if minute % 2 == 0 { dec!(63250) } else { dec!(63313.25) };
            let start = first.plus_millis(minute * 60_000);
            Candle { start, open: close, high: close, low: close, close, volume: None }
        })
        .collect();
    Body::MarkCandles { symbol: symbol("BTCUSDT"), interval: Interval::Min1, rows }
}

#[test]
fn nobody_is_told_that_all_is_well_before_the_volatility_is_known() {
    let (mut store, mut engine) = (complete_state(), engine());
    let far = Position { liquidation_price: Some(dec!(50000)), leverage: Some(dec!(3)), ..long() };
    let far = Position { margin: Some(dec!(10600)), ..far };
    store.apply(rest(0, positions(vec![far])));
    let before = engine.read(store.snapshot(), NOW);
    assert_eq!((before.risk.level, before.positions.rows[0].risk.level), (None, None));
    assert_eq!(before.risk.var_95_1d, None);
    store.apply(rest(0, positions(vec![long()])));

    store.apply(rest(0, minutes(1_440)));
    let report = engine.read(store.snapshot(), NOW);
    let row = &report.positions.rows[0];
    // 0.1 % a minute is 3.79 % a day; 57,900 is 2.33 of that away.
    assert_eq!(report.risk.sigma_1d.map(|sigma| sigma.round_dp(4)), Some(dec!(0.0379)));
    assert_eq!(row.risk.liquidation_sigmas.map(|sigmas| sigmas.round_dp(2)), Some(dec!(2.33)));
    assert_eq!(
        (row.risk.level, report.risk.level),
        (Some(RiskLevel::Watch), Some(RiskLevel::Watch))
    );
    assert!(row.risk.reason.as_ref().unwrap().contains("2.33"), "{:?}", row.risk.reason);
    assert!(!report.risk.volatility_provisional);
    assert_eq!(report.risk.var_method, Some(VarMethod::Normal));
    let touch = &row.risk.touch_probability;
    assert!(touch.h1 < touch.h8 && touch.h8 < touch.h24, "{touch:?}");

    let stale = engine.read(store.snapshot(), NOW.plus_millis(20 * 60_000));
    assert_eq!(stale.risk.sigma_1d, None, "minutes of long ago say nothing of now");
    assert_eq!(stale.positions.rows[0].risk.liquidation_sigmas, None);
}

/// The market of a stock is closed, or its mark bars are refused: the chart knows how the price moves.
#[test]
fn without_mark_bars_the_candles_of_the_chart_give_a_provisional_volatility() {
    let (mut store, mut engine) = (complete_state(), engine());
    store.apply(rest(0, positions(vec![long()])));
    let before = engine.read(store.snapshot(), NOW);
    // The distance in percent is judged all the same: 8.5 % to the liquidation price.
    assert_eq!(before.risk.sigma_1d, None);
    assert_eq!(before.positions.rows[0].risk.level, Some(RiskLevel::Watch));
    assert!(before.positions.rows[0].risk.reason.as_ref().unwrap().contains('%'));

    let Body::MarkCandles { symbol, interval, rows } = minutes(1_440) else { unreachable!() };
    let forming = Candle { start: rows[1_439].start.plus_millis(60_000), ..rows[1_439] };
    let chart = |rows| Body::Candles { symbol: symbol.clone(), interval, rows };
    store.apply(rest(0, chart([rows.as_slice(), &[forming]].concat())));
    let report = engine.read(store.snapshot(), NOW);
    assert_eq!(report.risk.sigma_1d.map(|sigma| sigma.round_dp(4)), Some(dec!(0.0379)));
    assert!(report.risk.volatility_provisional);
    let sigmas = report.positions.rows[0].risk.liquidation_sigmas;
    assert_eq!(sigmas.map(|sigmas| sigmas.round_dp(2)), Some(dec!(2.33)));
    let stale = engine.read(store.snapshot(), NOW.plus_millis(20 * 60_000));
    assert_eq!(stale.risk.sigma_1d, None);

    store.apply(rest(0, minutes(1_440)));
    let marked = engine.read(store.snapshot(), NOW);
    assert!(!marked.risk.volatility_provisional && marked.risk.sigma_1d.is_some());
}

pub(super) fn book(size: Decimal) -> Body {
    let level = |price| Level { price, size };
    let book = Book {
        bids: vec![level(dec!(63250)), level(dec!(63249))],
        asks: vec![level(dec!(63251))],
        exchange_time: None,
    };
    Body::Book { symbol: symbol("BTCUSDT"), book: Some(Arc::new(book)) }
}

/// Half a coin from 64,000 with the mark price at 63,250.5.
#[test]
fn a_plan_says_what_it_would_bring() {
    let (mut store, mut engine) = (complete_state(), engine());
    let plans = PositionDetails { stop_loss: Some(dec!(61000)), ..PositionDetails::default() };
    store.apply(rest(0, positions(vec![Position { details: Some(plans), ..long() }])));
    let report = engine.read(store.snapshot(), NOW);
    let risk = &report.positions.rows[0].risk;
    assert_eq!(risk.at_take_profit, None);
    let stop = risk.at_stop_loss.as_ref().unwrap();
    let (fee, already) = (dec!(18.3), dec!(42.15) - dec!(18.2304) - dec!(19.2));
    assert_eq!(stop.from_mark, Some(dec!(-1125.25) - fee));
    assert_eq!(stop.net, Some(dec!(-1500) - fee + already));
}

/// A unified account keeps its plans among the orders: while their list is old nobody says that there is
/// no stop.
#[test]
fn plans_are_known_as_long_as_their_list_is_live() {
    let opened = PositionDetails { opened_at: Some(NOW), ..PositionDetails::default() };
    let stop = Order {
        symbol: Symbol::default(),
        order_id: "1".into(),
        class: OrderClass::ProfitLoss,
        side: Some(OrderSide::Sell),
        position_side: Some(Side::Long),
        reduce_only: Some(true),
        kind: OpenEnum::Known(OrderKind::StopLoss),
        price: None,
        trigger_price: Some(dec!(61000)),
        size: None,
        filled: None,
        status: OpenEnum::Known(OrderStatus::Live),
        created_at: None,
        updated_at: None,
        take_profit: None,
        stop_loss: None,
    };
    let read = |kind, ago_ms, unreadable| {
        let mut store = complete_state();
        store.apply(rest(0, Body::AccountKind(Some(kind))));
        let row = Position { details: Some(opened.clone()), ..long() };
        store.apply(rest(0, positions(vec![row])));
        let Body::Orders(none) = no_orders() else { unreachable!() };
        let set = OrderSet { rows: vec![stop.clone()], unreadable, ..none };
        store.apply(rest(ago_ms, Body::Orders(set)));
        let row = engine().read(store.snapshot(), NOW).positions.rows.remove(0);
        (row.stop_loss, row.risk.at_stop_loss.is_some(), row.plans_known)
    };
    assert_eq!(read(AccountKind::Unified, 0, 0), (Some(dec!(61000)), true, true));
    assert_eq!(read(AccountKind::Unified, 60_000, 0), (None, false, false), "an old list");
    assert_eq!(read(AccountKind::Unified, 0, 1), (None, false, false), "a row was not read");
    assert_eq!(read(AccountKind::Classic, 60_000, 0), (None, false, true), "the row says so");
}

#[test]
fn closing_now_needs_a_live_book_that_is_deep_enough() {
    let (mut store, mut engine) = (complete_state(), engine());
    let link = |state| {
        Body::Link(LinkReport::State {
            stream: Stream::WsPublic,
            state,
            attempts: 0,
            reason: None,
            next_attempt_at: None,
            fault: None,
        })
    };
    store.apply(rest(0, link(LinkState::Live)));
    store.apply(rest(0, book(dec!(0.4))));
    let report = engine.read(store.snapshot(), NOW);
    let close = report.positions.rows[0].risk.close_now.unwrap();
    // 0.4 at 63,250 and 0.1 at 63,249, less the entry of 32,000 and 0.06 % of what it brings.
    assert_eq!((close.too_thin, close.vwap), (false, Some(dec!(63249.8))));
    assert_eq!(close.pnl, Some(dec!(31624.9) - dec!(32000) - dec!(18.97494)));
    let already = dec!(42.15) - dec!(18.2304) - dec!(19.2);
    assert_eq!(report.pnl.close_now_net, close.pnl.map(|pnl| pnl + already));

    store.apply(rest(0, book(dec!(0.2))));
    let report = engine.read(store.snapshot(), NOW);
    let close = report.positions.rows[0].risk.close_now.unwrap();
    assert_eq!((close.too_thin, close.filled, close.net), (true, dec!(0.4), None));
    assert_eq!(report.pnl.close_now_net, None);

    store.apply(rest(0, link(LinkState::Backoff)));
    let report = engine.read(store.snapshot(), NOW);
    assert_eq!(report.positions.rows[0].risk.close_now, None, "no live book");
}

#[test]
fn what_ifs_follow_the_target_that_was_asked_for() {
    let (mut store, mut engine) = (complete_state(), engine());
    store.apply(rest(0, positions(vec![long()])));
    engine.aim_at(dec!(0.13));
    let first = engine.read(store.snapshot(), NOW).positions.rows[0].risk.what_if;
    engine.aim_at(dec!(0.05));
    let second = engine.read(store.snapshot(), NOW).positions.rows[0].risk.what_if;
    assert_eq!(first.target_price, Some(dec!(55027.935)));
    assert!(first.margin_to_add > Some(Decimal::ZERO) && first.size_to_cut.is_none());
    assert!(second.margin_to_add < Some(Decimal::ZERO), "that much could be taken out");
}

#[test]
fn the_history_is_made_again_when_something_new_is_known() {
    let (mut store, mut engine) = (complete_state(), engine());
    let day = 86_400_000;
    let old = LedgerEntry {
        id: "old".into(),
        time: NOW.plus_millis(-3 * day),
        ..entry(LedgerKind::Trade, dec!(-40), dec!(2))
    };
    let since = NOW.start_of_day().plus_millis(-29 * day);
    let page =
        |complete| Body::LedgerHistory { since, until: NOW, rows: vec![old.clone()], complete };
    store.apply(rest(0, page(false)));
    let history = engine.read(store.snapshot(), NOW).history;
    assert!(!history.complete);
    store.apply(rest(0, page(true)));
    store.apply(rest(0, Body::ClosedPositionsRead));
    let history = engine.read(store.snapshot(), NOW).history;
    assert!(history.complete);
    let days: Vec<_> = history.by_day.iter().map(|(day, totals)| (*day, totals.net)).collect();
    let today = NOW.start_of_day();
    assert_eq!(days, [(today, Some(dec!(2))), (today.plus_millis(-3 * day), Some(dec!(-42)))]);
}

#[test]
fn a_unified_account_is_measured_by_its_collateral() {
    let mut store = complete_state();
    let cross = position("BTCUSDT", Side::Long, MarginMode::Cross);
    store.apply(rest(0, Body::AccountKind(Some(AccountKind::Unified))));
    store.apply(rest(0, positions(vec![cross])));
    let Body::Account(mut update) = account() else { unreachable!() };
    update.account.margin_coin = "USD".into();
    update.account.usdt_usd = Some(dec!(1));
    update.account.effective_equity = Some(dec!(9000));
    update.account.usdt_equity = Some(dec!(2000));
    store.apply(rest(0, Body::Account(update)));
    let report = report(&store, NOW);
    assert_eq!(report.account.equity, Some(dec!(12525.25)), "the equity that is shown");
    // 9000 + 400 − 374.75 backs it.
    let ratio = dec!(145.47615) / dec!(9025.25);
    assert_eq!(report.account.margin_ratio, Some(ratio.round_dp(12)));
    let leverage = dec!(31625.25) / dec!(9025.25);
    assert_eq!(report.account.effective_leverage, Some(leverage.round_dp(12)), "as it is judged");
    assert_eq!(report.risk.usdt_explains_liquidation, Some(false), "most of it is in other coins");
}
