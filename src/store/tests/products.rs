//! Lists of several products: what is said of one changes no other.

use rust_decimal::{Decimal, dec};

use super::{at, order, position, push, response, store};
use crate::domain::{
    Body, OrderClass, OrderSet, OrderStatus, Position, PositionSet, Product, Scope, Symbol,
};
use crate::store::{EventKind, Store};

const USDT: Product = Product::UsdtFutures;
const USDC: Product = Product::UsdcFutures;

fn of(product: Product, name: &str, size: Decimal) -> Position {
    let mut row = position(name, size);
    row.key.symbol = Symbol::from_wire(name, product).unwrap();
    row
}

fn list(product: Product, rows: Vec<Position>, unreadable: u32) -> Body {
    let (scope, products) = (Scope::Complete, vec![product]);
    Body::Positions(PositionSet { scope, rows, closed: Vec::new(), unreadable, products })
}

fn pushed(rows: Vec<Position>) -> Body {
    Body::Positions(PositionSet {
        scope: Scope::Partial,
        rows,
        closed: Vec::new(),
        unreadable: 0,
        products: Vec::new(),
    })
}

fn held(store: &Store) -> Vec<String> {
    store.snapshot().positions.rows.iter().map(|row| row.key.symbol.to_string()).collect()
}

#[test]
fn a_complete_list_closes_nothing_of_another_product() {
    let mut store = store([
        response(0, 1, list(USDT, vec![of(USDT, "BTCUSDT", dec!(1))], 0)),
        response(0, 2, list(USDC, vec![of(USDC, "BTCPERP", dec!(2))], 0)),
    ]);
    assert_eq!(held(&store), ["BTCPERP_CMCBL", "BTCUSDT_UMCBL"]);
    store.apply(response(10, 11, list(USDT, Vec::new(), 0)));
    assert_eq!(held(&store), ["BTCPERP_CMCBL"]);
    store.apply(response(20, 21, list(USDC, Vec::new(), 0)));
    assert!(held(&store).is_empty());
    let closed = store.snapshot().events.iter();
    let closed = closed.filter(|event| matches!(event.kind, EventKind::PositionClosed { .. }));
    assert_eq!(closed.count(), 2);
}

#[test]
fn one_name_in_two_products_is_two_positions() {
    let mut store = store([
        response(0, 1, list(USDT, vec![of(USDT, "XUSDT", dec!(1))], 0)),
        response(0, 2, list(USDC, vec![of(USDC, "XUSDT", dec!(2))], 0)),
    ]);
    store.apply(response(10, 11, list(USDT, vec![of(USDT, "XUSDT", dec!(3))], 0)));
    let sizes: Vec<_> = store.snapshot().positions.rows.iter().map(|row| row.size).collect();
    assert_eq!(sizes, [dec!(3), dec!(2)]);
}

#[test]
fn each_list_has_its_own_age_and_its_own_first() {
    let mut store = store([response(0, 1, list(USDT, Vec::new(), 0))]);
    let known = |store: &Store| store.snapshot().positions.confirmed.clone();
    assert_eq!(known(&store).keys().copied().collect::<Vec<_>>(), [USDT]);
    // The first list of a product was found, not opened.
    store.apply(response(10, 11, list(USDC, vec![of(USDC, "BTCPERP", dec!(2))], 0)));
    assert!(store.snapshot().events.is_empty());
    assert_eq!(known(&store).get(&USDC), Some(&at(10)));
    assert_eq!(store.snapshot().positions.confirmed_at, Some(at(0)), "that of the focus");
    store.apply(push(20, pushed(vec![of(USDC, "ETHPERP", dec!(1))])));
    assert_eq!(store.snapshot().events.len(), 1, "this one was opened");
    assert_eq!(known(&store).get(&USDC), Some(&at(10)), "a push of a row confirms no list");
}

#[test]
fn an_unreadable_row_of_one_product_spoils_no_other_list() {
    let mut store = store([
        response(0, 1, list(USDT, Vec::new(), 0)),
        response(0, 2, list(USDC, Vec::new(), 1)),
    ]);
    let snapshot = store.snapshot();
    assert_eq!((snapshot.positions.unreadable, snapshot.positions.confirmed.len()), (0, 1));
    assert_eq!(snapshot.positions.unreadable_elsewhere, 1);
    let texts: Vec<_> = snapshot.problems.iter().map(|problem| problem.text.as_str()).collect();
    assert_eq!(texts.len(), 1);
    assert!(texts[0].contains("positions of other products: 1 row"), "{texts:?}");
    store.apply(response(10, 11, list(USDT, Vec::new(), 0)));
    assert_eq!(store.snapshot().positions.unreadable_in_all(), 1, "that of the other still stands");
    store.apply(response(20, 21, list(USDC, Vec::new(), 0)));
    assert_eq!(store.snapshot().positions.unreadable_in_all(), 0);
    assert!(store.snapshot().problems.is_empty());
}

#[test]
fn a_push_of_one_product_does_not_outrun_the_list_of_another() {
    // A list of one product that is newer than a push of another must not reject it.
    let mut store = store([
        response(0, 1, list(USDC, Vec::new(), 0)),
        response(50, 60, list(USDT, Vec::new(), 0)),
    ]);
    store.apply(push(40, pushed(vec![of(USDC, "BTCPERP", dec!(1))])));
    assert_eq!(held(&store), ["BTCPERP_CMCBL"]);
}

#[test]
fn orders_of_one_product_leave_the_others_alone() {
    let listed = |product, names: &[&str]| {
        let rows = names.iter().map(|name| {
            let mut row = order(name, OrderClass::Plain, OrderStatus::Live);
            row.symbol = Symbol::from_wire("BTCPERP", product).unwrap();
            row
        });
        Body::Orders(OrderSet {
            scope: Scope::Complete,
            classes: OrderClass::ALL.to_vec(),
            rows: rows.collect(),
            unreadable: 0,
            products: vec![product],
        })
    };
    let mut store = store([response(0, 1, listed(USDC, &["1"]))]);
    let orders = |store: &Store| store.snapshot().orders.clone();
    assert_eq!((orders(&store).rows.len(), orders(&store).confirmed_at), (1, None));
    store.apply(response(10, 11, listed(USDT, &[])));
    assert_eq!((orders(&store).rows.len(), orders(&store).confirmed_at), (1, Some(at(10))));
    store.apply(response(20, 21, listed(USDC, &[])));
    assert!(orders(&store).rows.is_empty());
    assert_eq!(orders(&store).confirmed.get(&USDC), Some(&at(20)));
}
