//! How single values stand in the document.

use rust_decimal::dec;

use super::*;
use crate::domain::{Order, OrderSide};

fn plan() -> Order {
    Order {
        symbol: Symbol::default(),
        order_id: "1".into(),
        class: OrderClass::ProfitLoss,
        side: Some(OrderSide::Sell),
        position_side: Some(Side::Long),
        reduce_only: Some(true),
        kind: OpenEnum::Missing,
        price: None,
        trigger_price: Some(dec!(61000)),
        size: None,
        filled: None,
        status: OpenEnum::Missing,
        created_at: None,
        updated_at: None,
    }
}

#[test]
fn what_the_exchange_did_not_say_is_null() {
    for kind in [AccountKind::Classic, AccountKind::Unified] {
        let mut store = complete_state();
        store.apply(rest(0, Body::AccountKind(Some(kind))));
        let Body::Orders(none) = no_orders() else { unreachable!() };
        let rows = vec![plan()];
        store.apply(rest(0, Body::Orders(OrderSet { rows, ..none })));
        let document = value(&report(&store, NOW));
        let order = &document["orders"]["rows"][0];
        assert_eq!(order["order_id"], "1");
        assert!(order["kind"].is_null() && order["status"].is_null(), "{order}");
    }
}
