//! How single values stand in the document.

use proptest::prelude::*;
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
        take_profit: None,
        stop_loss: None,
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

/// Zeros with a sign among other figures.
fn figure() -> impl Strategy<Value = Decimal> {
    let texts = ["-0", "-0.00", "0", "-0.0000000000001", "3.5", "-2"];
    prop::sample::select(texts.map(|text| text.parse().unwrap()).to_vec())
}

fn signed_zeros(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => {
            let number = text.parse::<Decimal>();
            found.extend(
                number
                    .ok()
                    .filter(Decimal::is_zero)
                    .and_then(|_| text.starts_with('-').then(|| text.clone())),
            );
        }
        serde_json::Value::Array(rows) => rows.iter().for_each(|row| signed_zeros(row, found)),
        serde_json::Value::Object(map) => map.values().for_each(|row| signed_zeros(row, found)),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
    }
}

proptest! {
    #[test]
    fn no_zero_has_a_sign(
        kind in prop::sample::select(vec![AccountKind::Classic, AccountKind::Unified]),
        mode in prop::sample::select(vec![MarginMode::Cross, MarginMode::Isolated]),
        figures in prop::collection::vec(figure(), 9),
    ) {
        let of = |at: usize| figures[at];
        let mut store = complete_state();
        store.apply(rest(0, Body::AccountKind(Some(kind))));
        let row = Position {
            realized_pnl: Some(of(0)),
            funding_pnl: Some(of(1)),
            fees_paid: Some(of(2)),
            exchange_unrealized_pnl: Some(of(3)),
            available: Some(of(4)),
            ..position("BTCUSDT", Side::Short, mode)
        };
        store.apply(rest(0, positions(vec![row])));
        let Body::Account(mut update) = account() else { unreachable!() };
        update.account.available = Some(of(5));
        update.account.locked = Some(of(6));
        store.apply(rest(0, Body::Account(update)));
        let rows = vec![entry(LedgerKind::Trade, of(7), of(8))];
        let since = NOW.start_of_day();
        store.apply(rest(0, Body::Ledger { since, rows, complete: true }));
        let mut found = Vec::new();
        signed_zeros(&value(&report(&store, NOW)), &mut found);
        prop_assert!(found.is_empty(), "{:?}", found);
    }
}
