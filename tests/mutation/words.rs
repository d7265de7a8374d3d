//! Words that are not known, and liquidation prices that are none.

use bitget_watch::domain::{Body, OrderClass, Origin};
use bitget_watch::exchange::v2::V2_API;
use bitget_watch::exchange::{Api, Query};
use rstest::rstest;
use serde_json::{Value, json};

use crate::payloads::{data, symbol};
use crate::state::{NOW, clean_document};
use crate::values::{Poison, poisoned};

const POSITIONS: &str = "rest_all_position_isolated_hedge_live_2025-08";
const ORDERS: &str = "rest_orders_pending_hedge_2023-11";

fn parsed(name: &str) -> Value {
    serde_json::from_str(&data(name)).unwrap()
}

fn document(query: &Query, data: &str) -> Value {
    let bodies = V2_API.read_answer(query, data).unwrap().bodies;
    clean_document(data, Origin::Rest, bodies)
}

#[rstest]
#[case("marginMode", "margin_mode")]
#[case("posMode", "position_mode")]
fn fc_27_an_unknown_word_of_a_position_is_shown_as_it_came(
    #[case] field: &str,
    #[case] shown: &str,
) {
    for (word, wanted) in
        [("quantum_mode", "quantum_mode"), ("cross\u{1b}[2Jed2", "cross[2Jed2"), ("7", "7")]
    {
        let mut rows = parsed(POSITIONS);
        rows[0][field] = word.into();
        let document = document(&Query::Positions, &rows.to_string());
        assert_eq!(document["positions"]["rows"][0][shown], wanted);
        assert_eq!(document["positions"]["unreadable_rows"], 0);
    }
}

#[rstest]
#[case("orderType", "kind")]
#[case("status", "status")]
fn fc_27_an_unknown_word_of_an_order_is_shown_as_it_came(#[case] field: &str, #[case] shown: &str) {
    for (word, wanted) in [("iceberg_plan", "iceberg_plan"), ("limit\u{9b}2", "limit2")] {
        let mut page = parsed(ORDERS);
        page["entrustedList"][0][field] = word.into();
        let document = document(&Query::Orders(OrderClass::Plain), &page.to_string());
        assert_eq!(document["orders"]["rows"][0][shown], wanted);
    }
}

#[test]
fn fc_27_an_unknown_side_is_never_taken_for_a_known_one() {
    for word in ["net", "lon", "longer", "buy", "空", "both", "1", ""] {
        let mut rows = parsed(POSITIONS);
        rows[0]["holdSide"] = word.into();
        let document = document(&Query::Positions, &rows.to_string());
        assert_eq!(document["positions"]["rows"], json!([]), "{word}");
        assert_eq!(document["positions"]["unreadable_rows"], 1, "{word}");
        assert_eq!(document["problems"][0]["code"], "rows_unreadable", "{word}");
    }
    // With neither a known trade side nor a known side, the direction of an order is not known.
    let mut page = parsed(ORDERS);
    page["entrustedList"][0]["tradeSide"] = "sideways".into();
    page["entrustedList"][0]["side"] = "sideways".into();
    let document = document(&Query::Orders(OrderClass::Plain), &page.to_string());
    assert_eq!(document["orders"]["rows"][0]["side"], Value::Null);
}

#[test]
fn fc_27_unknown_fields_change_nothing() {
    for (query, name) in [
        (Query::Positions, POSITIONS),
        (Query::Orders(OrderClass::Plain), ORDERS),
        (Query::Account, "rest_accounts_live_2025-08"),
        (Query::Ticker(symbol("BTCUSDT")), "rest_ticker_btcusdt_2025-06"),
        (Query::Fills, "rest_fills_2023-11"),
    ] {
        let mut data = parsed(name);
        let before = V2_API.read_answer(&query, &data.to_string()).unwrap();
        let rows = if let Value::Object(page) = &mut data {
            page.insert("pageOfTheFuture".to_owned(), json!({"a": [1, {}]}));
            page.values_mut().find(|member| member.is_array()).unwrap()
        } else {
            &mut data
        };
        for row in rows.as_array_mut().unwrap() {
            for index in 0..50 {
                row[format!("field{index}")] = json!([index, {"deep": null}]);
            }
        }
        assert_eq!(V2_API.read_answer(&query, &data.to_string()).unwrap(), before, "{name}");
    }
}

#[test]
fn fc_27_a_position_in_a_contract_without_rules_is_shown() {
    let mut rows = parsed(POSITIONS);
    rows[0]["symbol"] = "NEWCOINUSDT".into();
    let document = document(&Query::Positions, &rows.to_string());
    assert_eq!(document["positions"]["rows"][0]["symbol"], "NEWCOINUSDT_UMCBL");
    assert!(document["positions"]["rows"][0]["unrealized_pnl"].is_string());
}

#[test]
fn fc_29_a_fee_that_is_no_number_is_never_zero() {
    let bills = parsed("rest_account_bill_transfer_2023-11");
    let read = |fee: &str| {
        let text = poisoned(&bills, "/bills/0/fee", &Poison::Json(fee.to_owned())).unwrap();
        let query = Query::Ledger { since: NOW, until: NOW, cursor: None };
        V2_API.read_answer(&query, &text)
    };
    for none in ["\"\"", "null", "\"0\"", "0"] {
        let bodies = read(none).unwrap().bodies;
        let [Body::Ledger { rows, .. }] = &bodies[..] else { panic!("{none}") };
        assert!(rows[0].fee_paid.is_zero(), "{none}");
    }
    for hostile in ["\"NaN\"", "\"1,5\"", "\"1e400\"", "true", "[]", "{}"] {
        assert!(read(hostile).is_err(), "{hostile}: totals without it would be wrong");
    }
}

#[rstest]
fn fc_28_a_liquidation_price_that_is_none(#[values("long", "short")] side: &str) {
    let none = [
        "\"0\"",
        "0",
        "\"0.000\"",
        "\"-0\"",
        "\"-5\"",
        "-103862.85",
        "\"\"",
        "\"  \"",
        "null",
        "[]",
        "{}",
        "\"NaN\"",
        "\"-inf\"",
        "\"none\"",
        "true",
    ];
    let none = none.map(|json| Poison::Json(json.to_owned()));
    for poison in none.into_iter().chain([Poison::Missing]) {
        let mut rows = parsed(POSITIONS);
        rows[0]["holdSide"] = side.into();
        let text = poisoned(&rows, "/0/liquidationPrice", &poison).unwrap();
        let bodies = V2_API.read_answer(&Query::Positions, &text).unwrap().bodies;
        let [Body::Positions(set)] = &bodies[..] else { panic!("{text}") };
        assert_eq!(set.rows[0].liquidation_price, None, "{text}");
        let document = clean_document(&text, Origin::Rest, bodies);
        let row = &document["positions"]["rows"][0];
        assert_eq!(row["liquidation_price"], Value::Null, "{text}");
        assert_eq!(row["liquidation_distance"], Value::Null, "{text}");
        let risk = &document["risk"];
        let alarm = [&risk["worst_position"], &risk["liquidation_distance"], &risk["level"]];
        assert!(alarm.iter().all(|figure| figure.is_null()), "{text}: {risk}");
    }
}
