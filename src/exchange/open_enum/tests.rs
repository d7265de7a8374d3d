//! What is not said in a row of orders, with both generations of the API.

use rstest::rstest;

use crate::domain::{AccountKind, Body, OpenEnum, Order, OrderClass, OrderStatus, Product};
use crate::exchange::{Request, Response, api_of};

const UNIFIED_PLANS: &str = r#"[{"symbol":"BTCUSDT","category":"USDT-FUTURES","orderId":"1",
    "posSide":"long","takeProfit":"110000","stopLoss":"90000","qty":"0.01"}]"#;
const CLASSIC_PLANS: &str = r#"{"entrustedList":[{"symbol":"BTCUSDT","orderId":"1",
    "planType":"pos_loss","posSide":"long","posMode":"hedge_mode","triggerPrice":"90000"}]}"#;

fn read(kind: AccountKind, class: OrderClass, data: &str) -> Vec<Order> {
    let answer = api_of(kind).read_response(&Request::Orders(Product::UsdtFutures, class), data);
    let Ok(Response { bodies, .. }) = answer else { panic!("{answer:?}") };
    let sets = bodies
        .into_iter()
        .filter_map(|body| if let Body::Orders(set) = body { Some(set.rows) } else { None });
    sets.flatten().collect()
}

#[rstest]
#[case(AccountKind::Classic, CLASSIC_PLANS, 1)]
#[case(AccountKind::Unified, UNIFIED_PLANS, 2)]
fn a_listed_plan_without_a_status_is_live(
    #[case] kind: AccountKind,
    #[case] data: &str,
    #[case] legs: usize,
) {
    let rows = read(kind, OrderClass::ProfitLoss, data);
    assert_eq!(rows.len(), legs);
    for row in rows {
        assert_eq!(row.status, OpenEnum::Known(OrderStatus::Live), "{row:?}");
    }
}

#[rstest]
#[case(
    AccountKind::Classic,
    r#"{"entrustedList":[{"symbol":"BTCUSDT","orderId":"1","baseVolume":"0.5"}]}"#
)]
#[case(AccountKind::Unified, r#"{"list":[{"symbol":"BTCUSDT","orderId":"1","cumExecQty":"0.5"}]}"#)]
fn a_type_that_is_not_said_is_missing_and_never_a_word(
    #[case] kind: AccountKind,
    #[case] data: &str,
) {
    let rows = read(kind, OrderClass::Plain, data);
    let [row] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((row.kind.clone(), row.kind.sent()), (OpenEnum::Missing, None));
    assert_eq!(row.status, OpenEnum::Known(OrderStatus::PartiallyFilled), "half of it is filled");
}
