//! What resting orders are charged is part of the cross margin ratio: without them there is none of ours.

use rust_decimal::dec;

use super::*;
use crate::domain::{Order, OrderKind, OrderSide, OrderStatus};

fn cross_without_orders(kind: AccountKind) -> Store {
    let mut store = Store::new(Symbol::default());
    let row = position("BTCUSDT", Side::Long, MarginMode::Cross);
    let Body::Account(mut update) = account() else { unreachable!() };
    if kind == AccountKind::Unified {
        update.account.effective_equity = Some(dec!(12500));
        update.account.maintenance_margin = Some(dec!(85));
    }
    for body in [
        Body::AccountKind(Some(kind)),
        contract("BTCUSDT"),
        ticker("BTCUSDT", dec!(63250.5)),
        positions(vec![row]),
        Body::Account(update),
    ] {
        store.apply(rest(0, body));
    }
    store
}

/// A limit order that would enlarge a long.
pub(super) fn opening_order() -> Order {
    Order {
        symbol: Symbol::default(),
        order_id: "1".into(),
        class: OrderClass::Plain,
        side: Some(OrderSide::Buy),
        position_side: None,
        reduce_only: Some(false),
        kind: OpenEnum::Known(OrderKind::Limit),
        price: Some(dec!(60000)),
        trigger_price: None,
        size: Some(dec!(1)),
        filled: None,
        status: OpenEnum::Known(OrderStatus::Live),
        created_at: None,
        updated_at: None,
        take_profit: None,
        stop_loss: None,
    }
}

fn resting() -> Body {
    let Body::Orders(none) = no_orders() else { unreachable!() };
    Body::Orders(OrderSet { rows: vec![opening_order()], ..none })
}

#[test]
fn the_ratio_waits_for_the_orders_or_is_the_exchange_s_own() {
    for kind in [AccountKind::Classic, AccountKind::Unified] {
        let mut store = cross_without_orders(kind);
        let before = report(&store, NOW);
        match kind {
            AccountKind::Classic => assert_eq!(before.account.margin_ratio, None),
            AccountKind::Unified => {
                let ratio = before.account.margin_ratio.unwrap();
                assert!(ratio > dec!(0.0067) && ratio < dec!(0.0072), "{ratio}");
            }
        }
        assert_eq!(before.positions.rows[0].risk.liquidation_price_ours, None, "{kind}");
        store.apply(rest(0, no_orders()));
        let without = report(&store, NOW).account.margin_ratio.unwrap();
        store.apply(rest(0, resting()));
        let with = report(&store, NOW).account.margin_ratio.unwrap();
        assert!(with > without, "{kind}: an order is charged: {with}, {without}");
    }
}

/// An order whose direction is not known may enlarge the position.
#[test]
fn an_order_of_an_unknown_direction_leaves_the_ratio_to_the_exchange() {
    let mut store = cross_without_orders(AccountKind::Classic);
    let Body::Orders(mut set) = resting() else { unreachable!() };
    set.rows[0].side = None;
    store.apply(rest(0, Body::Orders(set.clone())));
    assert_eq!(report(&store, NOW).account.margin_ratio, None);
    set.rows[0].reduce_only = Some(true);
    store.apply(rest(0, Body::Orders(set)));
    assert!(report(&store, NOW).account.margin_ratio.is_some(), "it can only close");
}
