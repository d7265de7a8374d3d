//! Unknown enum values, and liquidation prices that mean "none".

use bitget_watch::domain::{Body, OrderClass, Origin, Product};
use bitget_watch::exchange::Request;
use rstest::rstest;
use serde_json::{Value, json};

use crate::names::{CLASSIC, Names, UNIFIED};
use crate::payloads::symbol;
use crate::state::{NOW, clean_document};
use crate::values::{Poison, poisoned};

const PLAIN: Request = Request::Orders(Product::UsdtFutures, OrderClass::Plain);

fn document(names: &Names, request: &Request, data: &Value) -> Value {
    let text = data.to_string();
    clean_document(&text, Origin::Rest, names.bodies(request, &text))
}

#[rstest]
#[case(CLASSIC, "marginMode", "margin_mode")]
#[case(CLASSIC, CLASSIC.position_mode, "position_mode")]
#[case(UNIFIED, "marginMode", "margin_mode")]
#[case(UNIFIED, UNIFIED.position_mode, "position_mode")]
fn fc_27_an_unknown_word_of_a_position_is_shown_as_it_came(
    #[case] names: Names,
    #[case] field: &str,
    #[case] shown: &str,
) {
    for (word, wanted) in
        [("quantum_mode", "quantum_mode"), ("cross\u{1b}[2Jed2", "cross[2Jed2"), ("7", "7")]
    {
        let data = names.positions_with(|row| row[field] = word.into());
        let document = document(&names, &Request::Positions(Product::UsdtFutures), &data);
        assert_eq!(document["positions"]["rows"][0][shown], wanted);
        assert_eq!(document["positions"]["unreadable_rows"], 0);
    }
}

#[rstest]
#[case(CLASSIC, "orderType", "kind")]
#[case(CLASSIC, CLASSIC.status, "status")]
#[case(UNIFIED, "orderType", "kind")]
#[case(UNIFIED, UNIFIED.status, "status")]
fn fc_27_an_unknown_word_of_an_order_is_shown_as_it_came(
    #[case] names: Names,
    #[case] field: &str,
    #[case] shown: &str,
) {
    for (word, wanted) in [("iceberg_plan", "iceberg_plan"), ("limit\u{9b}2", "limit2")] {
        let data = names.orders_with(|row| row[field] = word.into());
        let document = document(&names, &PLAIN, &data);
        assert_eq!(document["orders"]["rows"][0][shown], wanted);
    }
}

#[rstest]
fn fc_27_an_unknown_side_is_never_taken_for_a_known_one(#[values(CLASSIC, UNIFIED)] names: Names) {
    for word in ["net", "lon", "longer", "buy", "空", "both", "1", ""] {
        let data = names.positions_with(|row| row[names.held] = word.into());
        let document = document(&names, &Request::Positions(Product::UsdtFutures), &data);
        assert_eq!(document["positions"]["rows"], json!([]), "{word}");
        assert_eq!(document["positions"]["unreadable_rows"], 1, "{word}");
        assert_eq!(document["problems"][0]["code"], "rows_unreadable", "{word}");
    }
    // With neither a known trade side nor a known side, the direction of an order is not known.
    let data = names.orders_with(|row| {
        row["tradeSide"] = "sideways".into();
        row["side"] = "sideways".into();
    });
    let document = document(&names, &PLAIN, &data);
    assert_eq!(document["orders"]["rows"][0]["side"], Value::Null);
}

#[rstest]
fn fc_27_unknown_fields_change_nothing(#[values(CLASSIC, UNIFIED)] names: Names) {
    for (request, name) in [
        (Request::Positions(Product::UsdtFutures), names.positions),
        (PLAIN, names.orders),
        (Request::Account, names.account),
        (Request::Ticker(symbol("BTCUSDT")), names.ticker),
        (Request::Fills, names.fills),
    ] {
        let mut data = names.parsed(name);
        let before = names.read(&request, &data.to_string()).unwrap();
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
        assert_eq!(names.read(&request, &data.to_string()).unwrap(), before, "{name}");
    }
}

#[rstest]
fn fc_27_a_position_in_a_contract_without_rules_is_shown(#[values(CLASSIC, UNIFIED)] names: Names) {
    let data = names.positions_with(|row| row["symbol"] = "NEWCOINUSDT".into());
    let document = document(&names, &Request::Positions(Product::UsdtFutures), &data);
    assert_eq!(document["positions"]["rows"][0]["symbol"], "NEWCOINUSDT_UMCBL");
    assert!(document["positions"]["rows"][0]["unrealized_pnl"].is_string());
}

#[rstest]
fn fc_29_a_fee_that_is_no_number_is_never_zero(#[values(CLASSIC, UNIFIED)] names: Names) {
    let ledger = names.parsed(names.ledger);
    let read = |fee: &str| {
        let place = format!("{}/fee", names.ledger_entry);
        let text = poisoned(&ledger, &place, &Poison::Json(fee.to_owned())).unwrap();
        let request = Request::Ledger { since: NOW, until: NOW, cursor: None };
        names.read(&request, &text)
    };
    for none in ["\"\"", "null", "\"0\"", "0"] {
        let bodies = read(none).unwrap().bodies;
        let [Body::Ledger { rows, .. }] = &bodies[..] else { panic!("{none}") };
        assert!(rows[0].fee.paid.is_zero(), "{none}");
    }
    for hostile in ["\"NaN\"", "\"1,5\"", "\"1e400\"", "true", "[]", "{}"] {
        assert!(read(hostile).is_err(), "{hostile}: totals without it would be wrong");
    }
}

#[rstest]
fn fc_28_a_liquidation_price_that_is_none(
    #[values("long", "short")] side: &str,
    #[values(CLASSIC, UNIFIED)] names: Names,
) {
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
        let data = names.positions_with(|row| row[names.held] = side.into());
        let place = format!("{}/liquidationPrice", names.position);
        let text = poisoned(&data, &place, &poison).unwrap();
        let bodies = names.bodies(&Request::Positions(Product::UsdtFutures), &text);
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
