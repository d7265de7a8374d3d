//! Take-profit and stop-loss that wait on a resting order, by both generations of the API.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

use bitget_watch::domain::AccountKind::{self, Classic, Unified};
use bitget_watch::domain::{Body, Order, OrderClass, Product};
use bitget_watch::exchange::{Request, api_of};
use rstest::rstest;
use rust_decimal::dec;

fn read(kind: AccountKind, class: OrderClass, data: &str) -> Vec<Order> {
    let response =
        api_of(kind).read_response(&Request::Orders(Product::UsdtFutures, class), data).unwrap();
    let of = |body| if let Body::Orders(set) = body { Some(set.rows) } else { None };
    response.bodies.into_iter().find_map(of).unwrap()
}

#[rstest]
#[case(
    Classic,
    r#"{"entrustedList":[{"symbol":"BTCUSDT","size":"0.1","orderId":"1","price":"60000",
    "side":"buy","orderType":"limit","posSide":"long","posMode":"hedge_mode","tradeSide":"open",
    "status":"live","presetStopSurplusPrice":"66000","presetStopLossPrice":"58000"},
    {"symbol":"BTCUSDT","size":"0.1","orderId":"2","price":"60000","side":"buy","orderType":"limit",
    "status":"live","presetStopSurplusPrice":"","presetStopLossPrice":null}],"endId":"2"}"#
)]
#[case(
    Unified,
    r#"{"list":[{"category":"USDT-FUTURES","symbol":"BTCUSDT","qty":"0.1","orderId":"1",
    "price":"60000","side":"buy","orderType":"limit","posSide":"long","holdMode":"hedge_mode",
    "orderStatus":"new","takeProfit":"66000","stopLoss":"58000"},
    {"category":"USDT-FUTURES","symbol":"BTCUSDT","qty":"0.1","orderId":"2","price":"60000",
    "side":"buy","orderType":"limit","orderStatus":"new","takeProfit":"","stopLoss":null}],
    "cursor":"2"}"#
)]
fn an_order_carries_the_protection_that_its_fill_sets_up(
    #[case] kind: AccountKind,
    #[case] data: &str,
) {
    let orders = read(kind, OrderClass::Plain, data);
    let protection: Vec<_> = orders.iter().map(|o| (o.take_profit, o.stop_loss)).collect();
    assert_eq!(protection, [(Some(dec!(66000)), Some(dec!(58000))), (None, None)]);
}
