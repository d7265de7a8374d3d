//! Stops that were triggered, and forced closes, among the events.

use super::*;
use crate::store::event_log;

fn stop(status: OrderStatus) -> Body {
    let row = Order {
        kind: OpenEnum::Known(OrderKind::StopLoss),
        trigger_price: Some(dec!(58000)),
        side: Some(OrderSide::Sell),
        size: None,
        ..order("1", OrderClass::ProfitLoss, status)
    };
    orders(Scope::Partial, OrderClass::ProfitLoss, vec![row])
}

fn triggered(store: &Store) -> usize {
    let is_stop = |event: &&crate::store::Event| {
        matches!(&event.kind, EventKind::StopTriggered { symbol, side, price, size: None }
            if *symbol == Symbol::default()
                && *side == Some(OrderSide::Sell)
                && *price == Some(dec!(58000)))
    };
    store.snapshot().events.iter().filter(is_stop).count()
}

#[test]
fn a_stop_that_was_triggered_is_an_event_once_and_a_canceled_one_is_none() {
    let mut store = store([push(0, stop(OrderStatus::Live))]);
    store.apply(push(1, stop(OrderStatus::Canceled)));
    assert_eq!(triggered(&store), 0);
    store.apply(push(2, stop(OrderStatus::Live)));
    for at in 3..6 {
        store.apply(push(at, stop(OrderStatus::Filled)));
    }
    assert_eq!(triggered(&store), 1);
}

#[test]
fn what_must_be_acknowledged_outlasts_what_is_said_in_passing() {
    let store = store([push(0, stop(OrderStatus::Live)), push(1, stop(OrderStatus::Filled))]);
    let mut state = store.snapshot().clone();
    for _ in 0..500 {
        let kind = EventKind::Link { stream: Stream::Rest, state: LinkState::Live, reason: None };
        event_log::push(&mut state, at(10), kind);
    }
    assert_eq!(state.events.len(), 200);
    assert!(state.events.iter().any(|event| event.kind.is_forced()));
}
