//! What is newer: delayed pushes, cached responses, clocks that are off.

use rust_decimal::{Decimal, dec};

use crate::domain::{Body, Position, PositionSet, Product, Scope, Symbol, Ticker, Update};
use crate::store::Store;

use super::{account, at, held, position, push, response, set, store, tick, ticker};

#[test]
fn prices_never_go_back_in_time_and_never_come_from_the_future() {
    let mut store = store([tick(100, ticker(100, dec!(10))), tick(110, ticker(90, dec!(9)))]);
    let last = |store: &Store| store.snapshot().tickers[&Symbol::default()].value.last;
    assert_eq!(last(&store), Some(dec!(10)));
    store.apply(Update::local(at(115), Body::ClockOffset { offset_ms: 0, error_ms: 5 }));
    assert!(!store.apply(tick(120, ticker(60_000, dec!(11)))));
    assert_eq!(last(&store), Some(dec!(10)));
    store.apply(tick(130, ticker(130, dec!(12))));
    assert_eq!(last(&store), Some(dec!(12)));
}

#[test]
fn a_delayed_push_is_as_old_as_its_sending() {
    let offset = Update::local(at(0), Body::ClockOffset { offset_ms: 500, error_ms: 5 });
    let late = Update { sent: Some(at(2_000)), ..tick(9_000, ticker(2_000, dec!(1))) };
    let store = store([offset, late.clone()]);
    assert_eq!(store.snapshot().tickers[&Symbol::default()].as_of, at(1_495));
    // The error of the offset counts against the data.
    let vague = Update::local(at(0), Body::ClockOffset { offset_ms: 500, error_ms: 7_000 });
    let store = self::store([vague, late]);
    assert_eq!(store.snapshot().tickers[&Symbol::default()].as_of, at(-5_500));
}

#[test]
fn fc_31_a_coarse_offset_ages_updates_but_rejects_none() {
    let vague = Update::local(at(0), Body::ClockOffset { offset_ms: 0, error_ms: 3_000 });
    let mut store = store([vague, response(8_000, 8_100, set(&[("BTCUSDT", dec!(1))], 0))]);
    let pushed = |sent, ms, body| Update { sent: Some(at(sent)), ..push(ms, body) };
    store.apply(pushed(8_900, 9_000, set(&[("BTCUSDT", dec!(2))], 0)));
    assert_eq!(held(&store), [("BTCUSDT".to_owned(), dec!(2))]);
    assert_eq!(store.snapshot().positions.confirmed_at, Some(at(5_900)), "the oldest it may be");
    let state = |equity| account(Some(equity), Some(dec!(0)), equity);
    store.apply(response(9_000, 9_100, state(dec!(10))));
    store.apply(pushed(9_900, 10_000, state(dec!(11))));
    let account = store.snapshot().account.as_ref().unwrap();
    assert_eq!((account.value.equity, account.as_of), (Some(dec!(11)), at(6_900)));
    // Even at its latest possible time this one is older than the response.
    store.apply(pushed(4_900, 11_000, state(dec!(12))));
    assert_eq!(store.snapshot().account.as_ref().unwrap().value.equity, Some(dec!(11)));
}

fn offset(offset_ms: i64) -> Update {
    Update::local(at(0), Body::ClockOffset { offset_ms, error_ms: 20 })
}

fn dated(name: &str, size: Decimal, updated_ms: i64) -> Body {
    let row = Position { updated_at: Some(at(updated_ms)), ..position(name, size) };
    Body::Positions(PositionSet {
        scope: Scope::Complete,
        rows: vec![row],
        closed: Vec::new(),
        unreadable: 0,
        products: vec![Product::UsdtFutures],
    })
}

#[test]
fn fc_23_a_lagging_replica_does_not_revive_a_closed_position() {
    let mut store = store([push(0, dated("BTCUSDT", dec!(1), -60_000)), push(9_000, set(&[], 0))]);
    // Requested after the close, with a response from before it.
    store.apply(response(10_000, 10_100, dated("BTCUSDT", dec!(1), -60_000)));
    assert!(held(&store).is_empty());
    // Opened again: the exchange may report the close a little later than it happened.
    store.apply(response(12_000, 12_100, dated("BTCUSDT", dec!(2), 8_900)));
    assert_eq!(held(&store), [("BTCUSDT".to_owned(), dec!(2))]);
}

#[test]
fn fc_23_a_delayed_push_is_older_than_a_later_response() {
    let mut store = store([offset(0), response(8_000, 8_100, set(&[("BTCUSDT", dec!(1))], 0))]);
    store.apply(Update { sent: Some(at(5_000)), ..push(9_000, set(&[], 0)) });
    assert_eq!(held(&store).len(), 1, "sent before the request");
    store.apply(Update { sent: Some(at(8_900)), ..push(9_000, set(&[], 0)) });
    assert!(held(&store).is_empty());
}

#[test]
fn fc_31_a_delayed_push_rejects_no_later_response() {
    let single = |size| {
        let rows = vec![position("BTCUSDT", size)];
        let (scope, closed) = (Scope::Partial, Vec::new());
        Body::Positions(PositionSet {
            scope,
            rows,
            closed,
            unreadable: 0,
            products: vec![Product::UsdtFutures],
        })
    };
    let mut store = store([offset(0), response(0, 100, set(&[("BTCUSDT", dec!(1))], 0))]);
    // Sent long ago, and delivered just before the response to a newer request.
    store.apply(Update { sent: Some(at(2_000)), ..push(15_000, single(dec!(2))) });
    store.apply(response(12_000, 15_100, set(&[("BTCUSDT", dec!(3))], 0)));
    assert_eq!(held(&store), [("BTCUSDT".to_owned(), dec!(3))], "the response is newer");
    // The response to a request from before the sending is older.
    store.apply(Update { sent: Some(at(20_000)), ..push(20_100, single(dec!(4))) });
    store.apply(response(19_000, 20_200, set(&[("BTCUSDT", dec!(3))], 0)));
    assert_eq!(held(&store), [("BTCUSDT".to_owned(), dec!(4))]);
}

#[test]
fn fc_29_one_time_far_ahead_does_not_reject_what_follows() {
    let mut store = store([offset(0), push(0, dated("BTCUSDT", dec!(1), 9_999_999))]);
    store.apply(response(100, 200, dated("BTCUSDT", dec!(2), 150)));
    assert_eq!(held(&store), [("BTCUSDT".to_owned(), dec!(2))]);
    store.apply(Update { sent: Some(at(9_999_999)), ..push(300, set(&[], 0)) });
    store.apply(push(400, dated("BTCUSDT", dec!(3), 390)));
    assert_eq!(held(&store), [("BTCUSDT".to_owned(), dec!(3))]);
}

#[test]
fn fc_01_an_exchange_clock_that_is_set_back_stops_nothing() {
    let mut store = store([offset(600_000)]);
    let ticker = |price, time_ms| {
        let time = Some(at(time_ms));
        let last = Some(price);
        let unknown = Ticker::unknown(Symbol::default());
        Body::Ticker(Ticker { last, exchange_time: time, ..unknown })
    };
    store.apply(push(0, ticker(dec!(1), 600_000)));
    // The clock is found to be set back: the held ticker is from the future now.
    store.apply(offset(0));
    store.apply(push(1_000, ticker(dec!(2), 1_000)));
    let held = store.snapshot().tickers.values().next().unwrap();
    assert_eq!(held.value.last, Some(dec!(2)));
}

#[test]
fn a_cached_response_is_as_old_as_its_sending() {
    let mut store = store([offset(0), response(0, 10, set(&[], 0))]);
    let cached = Update {
        sent: Some(at(2_000)),
        ..response(30_000, 30_050, set(&[("BTCUSDT", dec!(1))], 0))
    };
    store.apply(cached);
    assert_eq!(store.snapshot().positions.confirmed_at, Some(at(1_980)));
}

/// A response of before may not put old rows, with their old mark prices, under the age of the newer list.
#[test]
fn fc_23_a_cached_list_changes_nothing_of_a_newer_one() {
    let mut store = store([offset(0), response(8_000, 8_100, set(&[("BTCUSDT", dec!(2))], 0))]);
    let cached = response(9_000, 9_100, set(&[("BTCUSDT", dec!(1)), ("ETHUSDT", dec!(1))], 0));
    store.apply(Update { sent: Some(at(3_000)), ..cached });
    assert_eq!(held(&store), [("BTCUSDT".to_owned(), dec!(2))]);
    assert_eq!(store.snapshot().positions.confirmed_at, Some(at(8_000)));
}

/// A list that is older than a push by its row keeps the row, and must not lend its own age to the price
/// that the row was valued at.
#[test]
fn fc_23_a_lagging_list_confirms_no_mark_price() {
    let row = |mark, updated_ms| {
        let held = position("BTCUSDT", dec!(2));
        let row = Position { mark_price: Some(mark), updated_at: Some(at(updated_ms)), ..held };
        let set = PositionSet {
            scope: Scope::Complete,
            products: Product::ALL.to_vec(),
            rows: vec![row],
            closed: Vec::new(),
            unreadable: 0,
        };
        Body::Positions(set)
    };
    let mut store = store([offset(0), push(8_000, row(dec!(100), 7_900))]);
    store.apply(response(9_000, 9_100, row(dec!(101), 2_000)));
    let positions = &store.snapshot().positions;
    assert_eq!(positions.confirmed_at, Some(at(9_000)));
    assert_eq!(positions.rows[0].mark_price, None);
    store.apply(response(20_000, 20_100, row(dec!(102), 7_900)));
    assert_eq!(store.snapshot().positions.rows[0].mark_price, Some(dec!(102)));
    // Nor does a push whose rows say an older time.
    store.apply(push(21_000, row(dec!(103), 2_000)));
    let positions = &store.snapshot().positions;
    assert_eq!(positions.confirmed_at, Some(at(20_980)), "the offset is known to 20 ms");
    assert_eq!(positions.rows[0].mark_price, None);
}

/// An account report that does not say its PnL is completed with what was held at its time and at the
/// prices of that time, whatever they are when the list comes.
#[test]
fn a_silent_report_is_completed_at_the_prices_of_its_time() {
    let list = |size| {
        let row = Position { entry_price: Some(dec!(90)), ..position("BTCUSDT", size) };
        Body::Positions(PositionSet {
            scope: Scope::Complete,
            products: Product::ALL.to_vec(),
            rows: vec![row],
            closed: Vec::new(),
            unreadable: 0,
        })
    };
    let marked = |ms, mark| {
        let unknown = Ticker::unknown(Symbol::default());
        let time = Some(at(ms));
        tick(ms, Body::Ticker(Ticker { mark: Some(mark), exchange_time: time, ..unknown }))
    };
    let inside = |store: &Store| store.snapshot().account.as_ref().unwrap().value.unrealized_pnl;
    let silent = || account(Some(dec!(1000)), None, dec!(1));

    let mut store = store([marked(0, dec!(100)), response(10, 20, list(dec!(2)))]);
    store.apply(response(30, 40, silent()));
    assert_eq!(inside(&store), Some(dec!(20)));
    store.apply(marked(50, dec!(110)));
    store.apply(response(60, 70, list(dec!(3))));
    assert_eq!(
        inside(&store),
        Some(dec!(30)),
        "the position had grown by then, at the price of then"
    );
    store.apply(marked(80, dec!(120)));
    store.apply(response(90, 95, list(dec!(4))));
    assert_eq!(inside(&store), Some(dec!(30)), "what is changed later was not inside");

    // A push comes with a trade, and before the push of the position that it changed.
    store.apply(push(100, silent()));
    assert_eq!(inside(&store), None);
    store.apply(marked(110, dec!(150)));
    store.apply(response(105, 115, list(dec!(1))));
    assert_eq!(inside(&store), Some(dec!(30)), "one at 120");
}
