//! Positions that change or go without a trade, told as what they are.

use rust_decimal::{Decimal, dec};

use super::reports::{closed, fill};
use super::{position, push, response, store};
use crate::domain::{
    Body, ClosedPosition, Fill, Origin, Position, PositionSet, Product, Scope, Update,
};
use crate::store::{EventKind, Store};

fn list(rows: Vec<Position>) -> Body {
    Body::Positions(PositionSet {
        scope: Scope::Complete,
        rows,
        closed: Vec::new(),
        unreadable: 0,
        products: vec![Product::UsdtFutures],
    })
}

fn held(size: Decimal, entry: Decimal) -> Body {
    list(vec![Position { entry_price: Some(entry), ..position("BTCUSDT", size) }])
}

fn words(store: &Store) -> Vec<String> {
    let name = |kind: &EventKind| match kind {
        EventKind::Adjusted { from, to, .. } => format!("adjusted {from} {to}"),
        EventKind::SizeChanged { from, to, .. } => format!("size {from} {to}"),
        EventKind::PositionLeft { size, .. } => format!("left {size}"),
        EventKind::PositionClosed { size, .. } => format!("closed {size}"),
        EventKind::PositionOpened { size, .. } => format!("opened {size}"),
        EventKind::Filled(_) => "filled".to_owned(),
        EventKind::Settled(_) => "settled".to_owned(),
        EventKind::Link { .. }
        | EventKind::Deleveraged { .. }
        | EventKind::StopTriggered { .. }
        | EventKind::ProblemBegan { .. }
        | EventKind::ProblemEnded { .. }
        | EventKind::Alert(_) => format!("{kind:?}"),
    };
    store.snapshot().events.iter().map(|event| name(&event.kind)).collect()
}

#[test]
fn a_split_is_no_trade() {
    let told = |size, entry| {
        let mut store = store([push(0, held(dec!(3), dec!(100)))]);
        store.apply(push(100, held(size, entry)));
        words(&store).join("; ")
    };
    assert_eq!(told(dec!(6), dec!(50)), "adjusted 3 6");
    assert_eq!(told(dec!(0.3), dec!(1000)), "adjusted 3 0.3");
    // Sizes and prices are rounded.
    assert_eq!(told(dec!(9.1), dec!(33)), "adjusted 3 9.1");
}

#[test]
fn a_trade_is_no_split() {
    let told = |size, entry| {
        let mut store = store([push(0, held(dec!(3), dec!(100)))]);
        store.apply(push(100, held(size, entry)));
        words(&store).join("; ")
    };
    assert_eq!(told(dec!(6), dec!(99)), "size 3 6");
    assert_eq!(told(dec!(1.5), dec!(100)), "size 3 1.5");
    // So little was traded that the rounding would hide it.
    assert_eq!(told(dec!(3.001), dec!(99.99)), "size 3 3.001");
}

#[test]
fn a_fill_beside_it_makes_it_a_trade() {
    let mut store = store([
        response(0, 1, Body::Fills(Vec::new())),
        push(2, held(dec!(3), dec!(100))),
        push(90, Body::Fills(vec![fill("1", 90)])),
    ]);
    store.apply(push(100, held(dec!(6), dec!(50))));
    assert_eq!(words(&store), ["size 3 6", "filled"]);
}

/// A position that is gone after a minute, with a history that was read through before.
fn gone() -> Store {
    store([
        response(0, 1, Body::ClosedPositions(Vec::new())),
        response(0, 1, Body::ClosedPositionsRead),
        response(0, 1, Body::Fills(Vec::new())),
        push(2, held(dec!(3), dec!(100))),
        push(60_000, list(Vec::new())),
    ])
}

fn history(ms: i64, rows: Vec<ClosedPosition>) -> Update {
    response(ms, ms + 1, Body::ClosedPositions(rows))
}

#[test]
fn a_position_that_goes_without_a_trace_was_moved_and_not_closed() {
    let mut store = gone();
    assert_eq!(words(&store), ["closed 3"]);
    // The exchange takes a while to write its history.
    store.apply(history(65_000, Vec::new()));
    assert_eq!(words(&store), ["closed 3"]);
    store.apply(history(75_000, Vec::new()));
    assert_eq!(words(&store), ["left 3"]);
    // A record that comes late proves the close.
    store.apply(history(90_000, vec![closed(60_000)]));
    assert_eq!(words(&store), ["settled", "closed 3"]);
}

#[test]
fn whatever_tells_the_end_makes_it_a_close() {
    let after = |update: Update| {
        let mut store = gone();
        store.apply(update);
        store.apply(history(75_000, Vec::new()));
        words(&store).pop().unwrap_or_default()
    };
    let fills = |rows: Vec<Fill>, origin| Update { origin, ..push(61_000, Body::Fills(rows)) };
    assert_eq!(after(fills(vec![fill("1", 59_990)], Origin::PrivatePush)), "closed 3");
    assert_eq!(after(fills(vec![fill("1", 59_990)], Origin::Rest)), "closed 3");
    assert_eq!(after(history(62_000, vec![closed(59_999)])), "closed 3");
    // It goes on under another margin mode.
    let mut store = gone();
    store.apply(push(61_000, held(dec!(3), dec!(100))));
    assert_eq!(words(&store).first().map(String::as_str), Some("opened 3"));
}

#[test]
fn nothing_is_judged_by_a_history_that_has_holes_or_comes_much_later() {
    let mut late = gone();
    late.apply(history(700_000, Vec::new()));
    assert_eq!(words(&late), ["closed 3"]);
    let mut holes = store([
        push(2, held(dec!(3), dec!(100))),
        push(60_000, list(Vec::new())),
        history(75_000, Vec::new()),
    ]);
    holes.apply(history(80_000, Vec::new()));
    assert_eq!(words(&holes), ["closed 3"]);
}
