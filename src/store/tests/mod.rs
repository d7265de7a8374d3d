//! What must hold when streams and polls are merged, as sequences of updates.

mod problems;
mod products;
mod reports;
mod stops;
mod times;
mod without_fill;

use proptest::prelude::*;
use rust_decimal::{Decimal, dec};

use crate::domain::{
    Account, AccountUpdate, Body, Candle, Interval, KeyRights, LinkReport, LinkState, MarginMode,
    OpenEnum, Order, OrderClass, OrderKind, OrderSet, OrderSide, OrderStatus, Origin, Position,
    PositionDetails, PositionKey, PositionSet, ProblemCode, Product, Scope, Side, Stream, Symbol,
    Ticker, Timestamp, Update,
};
use crate::store::{EventKind, Store};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000 + ms)
}

fn key(name: &str, side: Side) -> PositionKey {
    PositionKey {
        symbol: Symbol::from_wire(name, Product::UsdtFutures).unwrap(),
        side,
        margin_mode: OpenEnum::Known(MarginMode::Cross),
        margin_coin: "USDT".into(),
    }
}

fn position(name: &str, size: Decimal) -> Position {
    Position {
        key: key(name, Side::Long),
        position_mode: None,
        asset_mode: None,
        size,
        available: None,
        entry_price: None,
        mark_price: None,
        break_even_price: None,
        liquidation_price: None,
        leverage: None,
        margin: None,
        exchange_unrealized_pnl: Some(dec!(1.5)),
        exchange_margin_ratio: None,
        realized_pnl: None,
        funding_pnl: None,
        fees_paid: None,
        maintenance_margin_rate: None,
        updated_at: None,
        details: None,
    }
}

fn set(rows: &[(&str, Decimal)], unreadable: u32) -> Body {
    Body::Positions(PositionSet {
        scope: Scope::Complete,
        rows: rows.iter().map(|(name, size)| position(name, *size)).collect(),
        closed: Vec::new(),
        unreadable,
        products: vec![Product::UsdtFutures],
    })
}

fn push(ms: i64, body: Body) -> Update {
    Update {
        origin: Origin::PrivatePush,
        as_of: at(ms),
        received: at(ms),
        sent: Some(at(ms)),
        body,
    }
}

fn response(started_ms: i64, received_ms: i64, body: Body) -> Update {
    Update {
        origin: Origin::Rest,
        as_of: at(started_ms),
        received: at(received_ms),
        sent: Some(at(received_ms)),
        body,
    }
}

fn store(updates: impl IntoIterator<Item = Update>) -> Store {
    let mut store = Store::new(Symbol::default());
    for update in updates {
        store.apply(update);
    }
    store
}

fn held(store: &Store) -> Vec<(String, Decimal)> {
    let rows = &store.snapshot().positions.rows;
    rows.iter().map(|row| (row.key.symbol.wire().to_owned(), row.size)).collect()
}

#[test]
fn fc_19_absence_from_a_complete_list_closes() {
    let mut store = store([push(0, set(&[("BTCUSDT", dec!(1)), ("ETHUSDT", dec!(2))], 0))]);
    store.apply(push(10, set(&[("ETHUSDT", dec!(2))], 0)));
    assert_eq!(held(&store), [("ETHUSDT".to_owned(), dec!(2))]);
    store.apply(response(20, 30, set(&[], 0)));
    assert!(held(&store).is_empty());
    assert_eq!(store.snapshot().positions.confirmed_at, Some(at(20)));
    let closed = |event: &super::Event| matches!(event.kind, EventKind::PositionClosed { .. });
    assert_eq!(store.snapshot().events.iter().filter(|event| closed(event)).count(), 2);
}

#[test]
fn fc_23_a_request_sent_before_a_push_neither_revives_nor_removes() {
    // Closed by the push while the response was in flight.
    let mut store = store([
        push(0, set(&[("BTCUSDT", dec!(1))], 0)),
        push(100, set(&[], 0)),
        response(50, 150, set(&[("BTCUSDT", dec!(1))], 0)),
    ]);
    assert!(held(&store).is_empty());
    // Opened by a push while a response without it was in flight.
    store.apply(push(300, set(&[("ETHUSDT", dec!(3))], 0)));
    store.apply(response(250, 350, set(&[], 0)));
    assert_eq!(held(&store), [("ETHUSDT".to_owned(), dec!(3))]);
    // A request sent after the push counts again.
    store.apply(response(400, 450, set(&[], 0)));
    assert!(held(&store).is_empty());
}

#[test]
fn fc_23_pushes_out_of_order_do_not_go_back_in_time() {
    let store = store([
        push(100, set(&[("BTCUSDT", dec!(2))], 0)),
        Update { sent: Some(at(50)), ..push(120, set(&[("BTCUSDT", dec!(1))], 0)) },
    ]);
    assert_eq!(held(&store), [("BTCUSDT".to_owned(), dec!(2))]);
}

#[test]
fn unreadable_rows_close_nothing_and_confirm_nothing() {
    let mut store = store([push(0, set(&[("BTCUSDT", dec!(1)), ("ETHUSDT", dec!(2))], 0))]);
    store.apply(response(10, 20, set(&[("ETHUSDT", dec!(5))], 1)));
    assert_eq!(held(&store), [("BTCUSDT".to_owned(), dec!(1)), ("ETHUSDT".to_owned(), dec!(5))]);
    let snapshot = store.snapshot();
    assert_eq!((snapshot.positions.unreadable, snapshot.positions.confirmed_at), (1, Some(at(0))));
    assert_eq!(snapshot.problems[0].code, ProblemCode::RowsUnreadable);
    store.apply(response(30, 40, set(&[("ETHUSDT", dec!(5))], 0)));
    assert_eq!(held(&store).len(), 1);
    assert!(store.snapshot().problems.is_empty());
}

#[test]
fn a_push_keeps_what_only_rest_carries() {
    let details = PositionDetails { take_profit: Some(dec!(90)), ..PositionDetails::default() };
    let mut listed = position("BTCUSDT", dec!(1));
    listed.details = Some(details.clone());
    let body = Body::Positions(PositionSet {
        scope: Scope::Complete,
        rows: vec![listed],
        closed: Vec::new(),
        unreadable: 0,
        products: vec![Product::UsdtFutures],
    });
    let mut store = store([response(0, 5, body), push(10, set(&[("BTCUSDT", dec!(2))], 0))]);
    assert_eq!(store.snapshot().positions.rows[0].details, Some(details));
    // A position that was closed and opened again is another one.
    store.apply(push(20, set(&[], 0)));
    store.apply(push(30, set(&[("BTCUSDT", dec!(2))], 0)));
    assert_eq!(store.snapshot().positions.rows[0].details, None);
}

#[test]
fn fc_20_a_partial_set_touches_only_what_it_names() {
    let mut store = store([push(0, set(&[("BTCUSDT", dec!(1)), ("ETHUSDT", dec!(2))], 0))]);
    let body = Body::Positions(PositionSet {
        scope: Scope::Partial,
        rows: Vec::new(),
        closed: vec![key("BTCUSDT", Side::Long)],
        unreadable: 0,
        products: vec![Product::UsdtFutures],
    });
    store.apply(push(10, body));
    assert_eq!(held(&store), [("ETHUSDT".to_owned(), dec!(2))]);
}

fn order(id: &str, class: OrderClass, status: OrderStatus) -> Order {
    Order {
        symbol: Symbol::default(),
        order_id: id.into(),
        class,
        side: Some(OrderSide::Buy),
        position_side: None,
        reduce_only: None,
        kind: OpenEnum::Known(OrderKind::Limit),
        price: Some(dec!(1)),
        trigger_price: None,
        size: Some(dec!(1)),
        filled: None,
        status: OpenEnum::Known(status),
        created_at: Some(at(0)),
        updated_at: None,
        take_profit: None,
        stop_loss: None,
    }
}

fn orders(scope: Scope, class: OrderClass, rows: Vec<Order>) -> Body {
    Body::Orders(OrderSet {
        scope,
        classes: vec![class],
        rows,
        unreadable: 0,
        products: vec![Product::UsdtFutures],
    })
}

#[test]
fn orders_of_one_class_leave_the_others_alone() {
    let plain = order("1", OrderClass::Plain, OrderStatus::Live);
    let plan = order("1", OrderClass::Trigger, OrderStatus::Live);
    let mut store = store([
        response(0, 1, orders(Scope::Complete, OrderClass::Plain, vec![plain.clone()])),
        response(0, 1, orders(Scope::Complete, OrderClass::Trigger, vec![plan])),
    ]);
    assert_eq!(store.snapshot().orders.rows.len(), 2);
    assert_eq!(store.snapshot().orders.confirmed_at, None, "two classes were never listed");
    for class in [OrderClass::ProfitLoss, OrderClass::Trailing] {
        store.apply(response(2, 3, orders(Scope::Complete, class, Vec::new())));
    }
    assert_eq!(store.snapshot().orders.confirmed_at, Some(at(0)));
    // Cancelled by a push; a request sent before does not revive it.
    let gone = Order { status: OpenEnum::Known(OrderStatus::Canceled), ..plain.clone() };
    store.apply(push(10, orders(Scope::Partial, OrderClass::Plain, vec![gone])));
    store.apply(response(8, 12, orders(Scope::Complete, OrderClass::Plain, vec![plain])));
    let left: Vec<_> = store.snapshot().orders.rows.iter().map(|row| row.class).collect();
    assert_eq!(left, [OrderClass::Trigger]);
}

fn account(equity: Option<Decimal>, unrealized: Option<Decimal>, available: Decimal) -> Body {
    Body::Account(AccountUpdate {
        account: Account {
            margin_coin: "USDT".into(),
            equity,
            unrealized_pnl: unrealized,
            available: Some(available),
            ..Account::default()
        },
        unreadable: 0,
    })
}

#[test]
fn equity_and_the_pnl_inside_it_are_one_pair() {
    let mut store = store([response(0, 1, account(Some(dec!(100)), Some(dec!(7)), dec!(50)))]);
    store.apply(push(10, account(Some(dec!(90)), None, dec!(40))));
    let held = store.snapshot().account.clone().unwrap();
    // What is pushed counts; what it includes is not known before the first list.
    assert_eq!((held.value.equity, held.value.unrealized_pnl), (Some(dec!(90)), None));
    assert_eq!((held.value.available, held.as_of), (Some(dec!(40)), at(10)));
    store.apply(push(15, account(None, None, dec!(39))));
    let held = store.snapshot().account.clone().unwrap();
    assert_eq!((held.value.equity, held.value.available), (Some(dec!(90)), Some(dec!(39))));
    assert_eq!(held.as_of, at(10), "a push without equity says nothing of its age");
    store.apply(push(20, account(Some(dec!(91)), Some(dec!(8)), dec!(41))));
    assert_eq!(store.snapshot().account.as_ref().unwrap().value.equity, Some(dec!(91)));
    // A response without the PnL that its equity includes stands as it is.
    store.apply(response(16, 26, account(Some(dec!(95)), None, dec!(41))));
    assert_eq!(store.snapshot().account.as_ref().unwrap().value.equity, Some(dec!(91)));
    store.apply(response(30, 31, account(Some(dec!(95)), None, dec!(41))));
    let held = store.snapshot().account.clone().unwrap().value;
    assert_eq!((held.equity, held.unrealized_pnl), (Some(dec!(95)), None));
    store.apply(push(35, account(Some(dec!(91)), Some(dec!(8)), dec!(41))));
    // A request sent before that push is outdated.
    store.apply(response(15, 25, account(Some(dec!(1)), Some(dec!(1)), dec!(1))));
    assert_eq!(store.snapshot().account.as_ref().unwrap().value.equity, Some(dec!(91)));
}

fn ticker(ms: i64, last: Decimal) -> Body {
    let mut ticker = Ticker::unknown(Symbol::default());
    ticker.last = Some(last);
    ticker.exchange_time = Some(at(ms));
    Body::Ticker(ticker)
}

fn tick(ms: i64, body: Body) -> Update {
    Update { origin: Origin::PublicPush, ..push(ms, body) }
}

#[test]
fn candles_are_put_in_place_by_their_start() {
    let candle = |start: i64, close| Candle {
        start: at(start),
        open: dec!(1),
        high: dec!(2),
        low: dec!(1),
        close,
        volume: None,
    };
    let body = |interval, rows| Body::Candles { symbol: Symbol::default(), interval, rows };
    let mut store = store([
        response(0, 1, body(Interval::Min1, vec![candle(60_000, dec!(2)), candle(0, dec!(1))])),
        tick(2, body(Interval::Min1, vec![candle(60_000, dec!(3))])),
    ]);
    let closes = |store: &Store| -> Vec<Decimal> {
        store.snapshot().candles.rows.iter().map(|row| row.close).collect()
    };
    assert_eq!(closes(&store), [dec!(1), dec!(3)]);
    // The interval changes with the response; a push of the old one is left over.
    store.apply(response(5, 6, body(Interval::Hour1, vec![candle(0, dec!(9))])));
    store.apply(tick(7, body(Interval::Min1, vec![candle(60_000, dec!(4))])));
    assert_eq!(closes(&store), [dec!(9)]);
}

#[test]
fn a_link_that_comes_back_counts_as_a_reconnect() {
    let report = |ms, state, attempts, reason: Option<&str>| {
        let report = LinkReport::State {
            stream: Stream::WsPublic,
            state,
            attempts,
            reason: reason.map(Into::into),
            next_attempt_at: None,
            fault: None,
        };
        Update::local(at(ms), Body::Link(report))
    };
    let mut store = store([
        report(0, LinkState::Connecting, 0, None),
        report(1, LinkState::Live, 0, None),
        report(2, LinkState::Stale, 0, None),
        report(3, LinkState::Live, 0, None),
        report(4, LinkState::Down, 5, Some("closed by peer")),
    ]);
    let link = store.snapshot().links[1].clone();
    assert_eq!((link.state, link.reconnects, link.since), (LinkState::Down, 0, Some(at(4))));
    let problem = store.snapshot().problems[0].text.clone();
    assert!(problem.as_str().contains("maximum reconnection attempts reached"), "{problem}");
    store.apply(report(5, LinkState::Connecting, 5, None));
    assert_eq!(store.snapshot().problems.len(), 1, "an attempt does not end the problem");
    store.apply(report(6, LinkState::Live, 0, None));
    assert_eq!(store.snapshot().links[1].reconnects, 1);
    assert!(store.snapshot().problems.is_empty());
}

#[test]
fn a_key_that_may_withdraw_is_a_problem() {
    let rights = KeyRights { withdraw: Some(true), trade: Some(false), ..KeyRights::default() };
    let store = store([response(0, 1, Body::KeyRights(rights))]);
    let codes: Vec<_> = store.snapshot().problems.iter().map(|p| p.code).collect();
    assert_eq!(codes, [ProblemCode::KeyCanWithdraw]);
}

proptest! {
    /// Whatever the order of arrival, after the response to a poll that was sent after the last change
    /// the state is the exchange's.
    #[test]
    fn any_interleaving_ends_in_the_exchange_s_state(
        order in Just((0..6usize).collect::<Vec<_>>()).prop_shuffle(),
        delays in proptest::collection::vec(0i64..5_000, 6),
    ) {
        let truth: [&[(&str, Decimal)]; 6] = [
            &[("BTCUSDT", dec!(1))],
            &[("BTCUSDT", dec!(1)), ("ETHUSDT", dec!(2))],
            &[("ETHUSDT", dec!(2))],
            &[("ETHUSDT", dec!(4))],
            &[],
            &[("SOLUSDT", dec!(7))],
        ];
        let mut updates = Vec::new();
        for (turn, index) in order.iter().enumerate() {
            let turn = i64::try_from(turn).unwrap();
            let (change, rows) = (i64::try_from(*index).unwrap() * 1_000, truth[*index]);
            // The push of this change arrives at some later turn; so does a poll that saw it.
            let arrival = 10_000 + turn * 10;
            updates.push(Update { sent: Some(at(change)), ..push(arrival, set(rows, 0)) });
            updates.push(response(change + delays[*index] % 900, arrival + 5, set(rows, 0)));
        }
        let mut store = store(updates);
        store.apply(response(20_000, 20_100, set(truth[5], 0)));
        prop_assert_eq!(held(&store), vec![("SOLUSDT".to_owned(), dec!(7))]);
    }
}
