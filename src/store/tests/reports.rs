//! Complete and partial reports, and which of them raise events.

use rust_decimal::dec;

use super::{account, at, order, orders, position, push, response, set, store, tick, ticker};
use crate::domain::{
    Account, AccountUpdate, Body, Book, ClosedPosition, CoinBalance, Fill, Level, LinkReport,
    LinkState, MarginMode, OpenEnum, OrderClass, OrderStatus, Position, PositionSet, Product,
    RequestKind, Scope, Side, Stream, Symbol, Trade, Update,
};
use crate::store::{EventKind, Store};

#[test]
fn a_response_about_the_account_is_complete_and_a_push_is_not() {
    let report = |available| account(Some(dec!(100)), Some(dec!(7)), available);
    let mut store = store([response(0, 1, report(dec!(50)))]);
    let held = |store: &Store| store.snapshot().account.clone().unwrap();
    let mut bare = report(dec!(0));
    if let Body::Account(update) = &mut bare {
        update.account.available = None;
    }
    store.apply(push(10, bare.clone()));
    assert_eq!(held(&store).value.available, Some(dec!(50)), "a push leaves out what stayed");
    store.apply(response(20, 21, bare));
    assert_eq!((held(&store).value.available, held(&store).as_of), (None, at(20)));
}

pub(super) fn fill(id: &str, time: i64) -> Fill {
    Fill {
        symbol: Symbol::default(),
        trade_id: id.into(),
        order_id: None,
        side: None,
        closes: None,
        forced: None,
        price: None,
        size: None,
        realized_pnl: None,
        fees: Vec::new(),
        liquidity: None,
        time: Some(at(time)),
    }
}

pub(super) fn closed(time: i64) -> ClosedPosition {
    ClosedPosition {
        id: None,
        symbol: Symbol::default(),
        side: Side::Long,
        margin_mode: None,
        entry_price: None,
        exit_price: None,
        size: None,
        realized_pnl: None,
        funding_pnl: None,
        fees_paid: None,
        net_pnl: None,
        opened_at: None,
        closed_at: Some(at(time)),
    }
}

#[test]
fn the_first_list_raises_no_events_even_after_a_push() {
    let mut store = store([
        push(100, Body::Fills(vec![fill("new", 100)])),
        push(101, Body::ClosedPositions(vec![closed(101)])),
    ]);
    let news = |store: &Store| {
        let events = store.snapshot().events.iter();
        let of = |kind: &EventKind| matches!(kind, EventKind::Filled(_) | EventKind::Settled(_));
        events.filter(|event| of(&event.kind)).count()
    };
    assert_eq!(news(&store), 2);
    store.apply(response(110, 120, Body::Fills(vec![fill("new", 100), fill("old", 1)])));
    store.apply(response(110, 120, Body::ClosedPositions(vec![closed(101), closed(2)])));
    assert_eq!(news(&store), 2, "of weeks ago");
    assert_eq!(store.snapshot().closed_confirmed_at, Some(at(110)));
    store.apply(response(210, 220, Body::Fills(vec![fill("next", 205)])));
    store.apply(response(210, 220, Body::ClosedPositions(vec![closed(206)])));
    assert_eq!(news(&store), 4);
}

#[test]
fn unreadable_rows_of_one_class_stay_a_problem_while_others_are_listed() {
    let list = |class, unreadable| {
        let mut body = orders(Scope::Complete, class, vec![order("1", class, OrderStatus::Live)]);
        if let Body::Orders(set) = &mut body {
            set.unreadable = unreadable;
        }
        body
    };
    let mut store = store([response(0, 1, list(OrderClass::Trigger, 2))]);
    for (step, class) in
        (1..).zip([OrderClass::Plain, OrderClass::ProfitLoss, OrderClass::Trailing])
    {
        store.apply(response(step * 10, step * 10 + 1, list(class, 0)));
        assert_eq!(store.snapshot().problems.len(), 1, "{class:?}");
        assert_eq!(store.snapshot().orders.unreadable, 2);
    }
    store.apply(response(50, 51, list(OrderClass::Trigger, 0)));
    assert!(store.snapshot().problems.is_empty());
}

#[test]
fn a_failure_stands_until_the_same_request_succeeds() {
    let focus = Symbol::default();
    let fee_rate = RequestKind::FeeRate(focus.clone());
    let funding = RequestKind::Funding(focus.clone());
    let failed = |request: &RequestKind, reason: Option<&str>| {
        let body = Body::Failed { request: request.clone(), reason: reason.map(Into::into) };
        Update::local(at(0), body)
    };
    let mut store = store([failed(&fee_rate, Some("refused")), failed(&funding, Some("timeout"))]);
    assert!(store.apply(failed(&funding, None)));
    assert!(!store.apply(failed(&RequestKind::Contract(focus), None)), "it had not failed");
    let left: Vec<_> = store.snapshot().failures.clone().into_iter().collect();
    assert_eq!(left, [(fee_rate.clone(), "refused".into())]);
    assert!(store.apply(failed(&fee_rate, None)));
    assert!(store.snapshot().failures.is_empty());
}

/// What is still under way for the contract before is of no use to the new one.
#[test]
fn another_focus_drops_chart_and_book_and_takes_none_of_the_one_before() {
    let level = |price| vec![Level { price, size: dec!(1) }];
    let book = Book { bids: level(dec!(99)), asks: level(dec!(100)), exchange_time: None };
    let of =
        |symbol: &Symbol| Body::Book { symbol: symbol.clone(), book: Some(book.clone().into()) };
    let first = Symbol::default();
    let second = Symbol::from_wire("ETHUSDT", Product::UsdtFutures).unwrap();
    let mut store = store([push(0, of(&first)), push(1, set(&[("BTCUSDT", dec!(1))], 0))]);
    assert!(store.snapshot().book.is_some() && store.snapshot().focus.is_none());
    assert!(store.apply(Update::local(at(2), Body::Focus(second.clone()))));
    assert!(store.snapshot().book.is_none());
    assert_eq!(store.snapshot().focus.as_ref(), Some(&second));
    store.apply(push(3, of(&first)));
    assert!(store.snapshot().book.is_none(), "late");
    store.apply(push(4, of(&second)));
    assert!(store.snapshot().book.is_some());
    assert_eq!(store.snapshot().positions.rows.len(), 1, "positions are of the account");
    assert!(!store.apply(Update::local(at(5), Body::Focus(second))), "nothing changes");
}

#[test]
fn fc_25_a_book_that_the_ticker_contradicts_is_not_live() {
    let level = |price| vec![Level { price, size: dec!(1) }];
    let book = Book { bids: level(dec!(99)), asks: level(dec!(100)), exchange_time: None };
    let live = LinkReport::State {
        stream: Stream::WsPublic,
        state: LinkState::Live,
        attempts: 0,
        reason: None,
        next_attempt_at: None,
        fault: None,
    };
    let focus = Symbol::default();
    let body = Body::Book { symbol: focus.clone(), book: Some(book.into()) };
    let mut store = store([push(0, Body::Link(live)), push(0, body)]);
    let price = |ms, bid| {
        let Body::Ticker(mut ticker) = ticker(ms, dec!(99.5)) else { unreachable!() };
        (ticker.bid, ticker.ask) = (Some(bid), Some(dec!(100)));
        tick(ms, Body::Ticker(ticker))
    };
    for (ms, bid, shown) in [
        (5_000, dec!(98), true),
        (60_000, dec!(99), true),
        (61_000, dec!(98), false),
        (62_000, dec!(99), true),
    ] {
        store.apply(price(ms, bid));
        assert_eq!(store.snapshot().live_book(&focus).is_some(), shown, "{ms} ms");
    }
}

#[test]
fn a_push_changes_the_coins_that_it_lists_and_keeps_the_others() {
    let coin = |name: &str, equity, debt| CoinBalance {
        coin: name.into(),
        equity,
        available: None,
        locked: None,
        debt,
        usd_value: None,
        collateral_value: None,
        bonus: None,
        wallet: None,
    };
    let report = |coins| {
        let account = Account { equity: Some(dec!(1)), coins, ..Account::default() };
        Body::Account(AccountUpdate { account, unreadable: 0 })
    };
    let listed = vec![
        coin("USDT", Some(dec!(100)), Some(dec!(5))),
        coin("BTC", Some(dec!(0.1)), Some(dec!(0))),
    ];
    let mut store = store([response(0, 10, report(listed))]);
    store.apply(push(20, report(vec![coin("USDT", Some(dec!(90)), None)])));
    let account = |store: &Store| store.snapshot().account.as_ref().unwrap().value.clone();
    let held = account(&store).coins;
    assert_eq!((held[0].equity, held[0].debt), (Some(dec!(90)), Some(dec!(5))));
    assert_eq!(held[1].equity, Some(dec!(0.1)));
    // A list is all there is.
    store.apply(response(30, 40, report(vec![coin("USDT", Some(dec!(80)), None)])));
    let held = account(&store).coins;
    assert_eq!((held.len(), held[0].debt), (1, None));
}

/// A rate is worth over equity of one report: of a push that says one of them both stay as they were.
#[test]
fn a_rate_is_never_of_two_reports() {
    let report = |equity, usd_value| {
        let usdt = CoinBalance {
            coin: "USDT".into(),
            equity,
            available: None,
            locked: None,
            debt: None,
            usd_value,
            collateral_value: None,
            bonus: None,
            wallet: None,
        };
        let account = Account { equity: Some(dec!(1)), coins: vec![usdt], ..Account::default() };
        Body::Account(AccountUpdate { account, unreadable: 0 })
    };
    let mut store = store([response(0, 10, report(Some(dec!(1000)), Some(dec!(999))))]);
    let pushes = [
        (None, Some(dec!(1100)), (dec!(1000), dec!(999))),
        (Some(dec!(1100)), None, (dec!(1000), dec!(999))),
        (Some(dec!(1100)), Some(dec!(1099)), (dec!(1100), dec!(1099))),
    ];
    for (ms, (equity, usd_value, expected)) in (20..).step_by(10).zip(pushes) {
        store.apply(push(ms, report(equity, usd_value)));
        let coin = &store.snapshot().account.as_ref().unwrap().value.coins[0];
        assert_eq!(coin.equity.zip(coin.usd_value), Some(expected), "{ms}");
    }
}

/// A report that holds a trade, beside a list of before: what the old size earns is not what the report includes.
/// A fee in another coin leaves the wallet of the margin coin as it was.
#[test]
fn a_report_with_a_trade_waits_for_the_list() {
    let coin = |name: &str, wallet| CoinBalance {
        coin: name.into(),
        equity: Some(wallet),
        available: None,
        locked: None,
        debt: None,
        usd_value: Some(wallet * dec!(4)),
        collateral_value: None,
        bonus: None,
        wallet: Some(wallet),
    };
    let report = |usdt, bgb: Option<_>| {
        let mut body = account(Some(dec!(100)), Some(dec!(7)), dec!(50));
        let Body::Account(update) = &mut body else { unreachable!() };
        update.account.coins.push(coin("USDT", usdt));
        update.account.coins.extend(bgb.map(|wallet| coin("BGB", wallet)));
        body
    };
    let rows = || set(&[("BTCUSDT", dec!(1))], 0);
    let unsettled = |after: Body| {
        let (first, second) = (report(dec!(93), Some(dec!(10))), response(3_000, 3_001, after));
        let mut store = store([response(0, 1, first), response(1_000, 1_001, rows()), second]);
        let since = store.snapshot().unsettled_since();
        store.apply(response(4_000, 4_001, rows()));
        assert_eq!(store.snapshot().unsettled_since(), None, "a list as new settles it");
        since
    };
    assert_eq!(unsettled(report(dec!(93), Some(dec!(10)))), None, "nothing moved");
    assert_eq!(unsettled(report(dec!(93.04), Some(dec!(10.01)))), None, "four cents are rounding");
    for moved in [
        report(dec!(92.5), Some(dec!(10))),
        report(dec!(93), Some(dec!(9.9))),
        report(dec!(93), None),
    ] {
        assert_eq!(unsettled(moved), Some(at(3_000)));
    }
}

#[test]
fn the_level_of_the_account_stays_with_its_reports() {
    let report = || {
        let account = Account { equity: Some(dec!(1)), ..Account::default() };
        Body::Account(AccountUpdate { account, unreadable: 0 })
    };
    let level =
        |store: &Store| store.snapshot().account.as_ref().unwrap().value.account_level.clone();
    let mut store = store([response(0, 10, report())]);
    store.apply(Update::local(at(20), Body::AccountLevel(Some("delta".into()))));
    assert_eq!(level(&store), Some("delta".into()));
    store.apply(response(30, 40, report()));
    assert_eq!(level(&store), Some("delta".into()));
}

/// A row under another coin, as a damaged list has it, beside the readable one of the same position.
fn of_coin(coin: &str) -> Position {
    let mut row = position("BTCUSDT", dec!(1));
    row.key.margin_coin = coin.into();
    row
}

fn complete(rows: Vec<Position>, unreadable: u32) -> Body {
    let (scope, products) = (Scope::Complete, vec![Product::UsdtFutures]);
    Body::Positions(PositionSet { scope, rows, closed: Vec::new(), unreadable, products })
}

#[test]
fn a_position_is_never_held_under_two_coins() {
    let coins = |store: &Store| -> Vec<String> {
        let rows = &store.snapshot().positions.rows;
        rows.iter().map(|row| row.key.margin_coin.to_string()).collect()
    };
    // An unreadable row beside it keeps the list from closing anything else.
    let mut store = store([response(0, 1, complete(vec![of_coin("NAN")], 0))]);
    store.apply(response(10, 11, complete(vec![of_coin("USDT")], 1)));
    assert_eq!(coins(&store), ["USDT"]);
    // A push has spoken of it since the request was sent.
    store.apply(push(30, complete(vec![of_coin("USDT")], 0)));
    store.apply(response(20, 40, complete(vec![of_coin("NAN")], 0)));
    assert_eq!(coins(&store), ["USDT"]);
}

/// A word for the margin mode that is not understood, once it is, or the other way round.
#[test]
fn a_position_is_never_held_under_two_margin_modes_one_of_which_is_unknown() {
    let of_mode = |mode: OpenEnum<MarginMode>| {
        let mut row = position("BTCUSDT", dec!(1));
        row.key.margin_mode = mode;
        row
    };
    let [cross, isolated] =
        [MarginMode::Cross, MarginMode::Isolated].map(|mode| of_mode(OpenEnum::Known(mode)));
    let [other, another] = ["?", "??"].map(|word| of_mode(OpenEnum::Other(word.into())));
    let held = |first: &[&Position], then: &[&Position]| -> Vec<OpenEnum<MarginMode>> {
        let rows = |rows: &[&Position]| rows.iter().map(|row| (*row).clone()).collect();
        let mut store = store([response(0, 1, complete(rows(first), 0))]);
        // An unreadable row beside it keeps the list from closing anything else.
        store.apply(response(10, 11, complete(rows(then), 1)));
        let rows = &store.snapshot().positions.rows;
        rows.iter().map(|row| row.key.margin_mode.clone()).collect()
    };
    let mode = |row: &Position| row.key.margin_mode.clone();
    assert_eq!(held(&[&other], &[&isolated]), [mode(&isolated)]);
    assert_eq!(held(&[&isolated], &[&other]), [mode(&other)]);
    assert_eq!(held(&[&other], &[&another]), [mode(&another)]);
    // Two known modes are two positions, and one that may be unreadable is not dropped.
    assert_eq!(held(&[&cross], &[&isolated]).len(), 2);
    assert_eq!(held(&[&cross, &isolated], &[&other]).len(), 3);
    assert_eq!(held(&[&cross, &isolated], &[&other, &cross]), [mode(&cross), mode(&other)]);
}

/// Of two fills of one size at one price in one millisecond one was gone, and after a cut some stood twice.
#[test]
fn a_repeated_trade_is_one_and_two_equal_ones_are_two() {
    let trade = |id: &str, ms| Trade {
        id: (!id.is_empty()).then(|| id.into()),
        price: dec!(100),
        size: dec!(1),
        taker_side: None,
        time: at(ms),
    };
    let rows = |rows: Vec<Trade>| Body::Trades { symbol: Symbol::default(), rows };
    let mut store = store([push(10, rows(vec![trade("2", 5), trade("1", 5)]))]);
    let again = vec![trade("4", 9), trade("3", 5), trade("2", 5), trade("1", 5)];
    assert!(store.apply(push(20, rows(again))));
    let held = |store: &Store| {
        let trades = store.snapshot().trades.iter();
        trades.map(|trade| trade.id.as_ref().map_or(String::new(), ToString::to_string)).collect()
    };
    let ids: Vec<String> = held(&store);
    assert_eq!(ids, ["4", "3", "2", "1"]);
    assert!(!store.apply(push(30, rows(vec![trade("4", 9)]))), "nothing new");
    store.apply(push(40, rows(vec![trade("", 30), trade("", 30)])));
    let ids: Vec<String> = held(&store);
    assert_eq!(ids, ["", "", "4", "3", "2", "1"], "without ids nothing tells them apart");
    let many = (0..100).map(|id| trade(&format!("m{id}"), 40)).collect();
    store.apply(push(50, rows(many)));
    assert_eq!(store.snapshot().trades.len(), 60);
}
