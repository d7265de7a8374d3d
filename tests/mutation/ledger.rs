//! What a day came to, from the words of its ledger.

use bitget_watch::domain::{Body, Origin};
use bitget_watch::exchange::Request;
use rstest::rstest;
use serde_json::{Value, json};

use crate::names::{CLASSIC, Names, UNIFIED};
use crate::state::{NOW, clean_document};

/// A row of the ledger: word, coin, amount, fee (negative when paid).
type Entry = (&'static str, &'static str, &'static str, &'static str);

fn rows(names: &Names, entries: &[Entry]) -> Vec<Body> {
    let classic = names.of == CLASSIC.of;
    let (list, word, id, time) = if classic {
        ("bills", "businessType", "billId", "cTime")
    } else {
        ("list", "type", "id", "ts")
    };
    let row = |(place, (kind, coin, amount, fee)): (usize, &Entry)| {
        json!({id: place.to_string(), word: kind, "coin": coin, "amount": amount, "fee": fee,
            time: NOW.as_millis().to_string()})
    };
    let data = json!({ list: entries.iter().enumerate().map(row).collect::<Vec<_>>() });
    let request = Request::Ledger { since: NOW.start_of_day(), until: NOW, cursor: None };
    let mut bodies = names.bodies(&request, &data.to_string());
    for body in &mut bodies {
        // As if the other pages had been read.
        if let Body::Ledger { complete, .. } = body {
            *complete = true;
        }
    }
    bodies
}

fn document(names: &Names, entries: &[Entry]) -> Value {
    clean_document("a ledger", Origin::Rest, rows(names, entries))
}

/// Realized, fees, funding and net.
fn totals(document: &Value) -> [&Value; 4] {
    ["realized_today", "fees_today", "funding_today", "net_today"].map(|key| &document["pnl"][key])
}

fn problems(document: &Value) -> Vec<(&str, &str)> {
    let rows = document["problems"].as_array().unwrap().iter();
    rows.map(|row| (row["code"].as_str().unwrap(), row["text"].as_str().unwrap())).collect()
}

#[rstest]
#[case::classic(CLASSIC, &[
    ("close_long", "USDT", "2", "-0.5"),
    ("open_long", "USDT", "0", "-0.4"),
    ("force_close_long", "USDT", "-3", "-0.6"),
    ("burst_short_loss_query", "USDT", "-2.5", "-0.7"),
    ("adl_close_long", "USDT", "-1", "-0.5"),
])]
#[case::unified_isolated(UNIFIED, &[
    ("CLOSE_LONG", "USDT", "2", "-0.5"),
    ("FIXED_OPEN_LONG", "USDT", "0", "-0.4"),
    ("FIXED_CLOSE_LONG", "USDT", "-3", "-0.6"),
    ("FIXED_BURST_CLOSE_SHORT", "USDT", "-2.5", "-0.7"),
    ("FIXED_ADL_CLOSE_LONG", "USDT", "-1", "-0.5"),
])]
#[case::unified_stocks(UNIFIED, &[
    ("RWA_CONTRACT_CLOSE_LONG", "USDT", "2", "-0.5"),
    ("MARGIN_OPEN_LONG", "USDT", "0", "-0.4"),
    ("RWA_FIXED_CLOSE_LONG", "USDT", "-3", "-0.6"),
    ("RWA_CONTRACT_REBASE_USER_CLOSE_SHORT", "USDT", "-2.5", "-0.7"),
    ("MARIN_SELL_DEAL", "USDT", "-1", "-0.5"),
])]
fn every_word_of_a_trade_is_a_trade(#[case] names: Names, #[case] entries: &[Entry]) {
    let document = document(&names, entries);
    assert_eq!(totals(&document), [&json!("-4.5"), &json!("2.7"), &json!("0"), &json!("-7.2")]);
    assert_eq!(problems(&document), []);
}

#[rstest]
#[case::classic(CLASSIC, ["close_long", "foo_open_long", "contract_settle_fee"])]
#[case::unified(UNIFIED, ["CLOSE_LONG", "FOO_OPEN_LONG", "MARGIN_SETTLE_FEE_USER_OUT"])]
fn a_word_that_looks_like_a_result_and_is_not_understood_is_named(
    #[case] names: Names,
    #[case] words: [&'static str; 3],
) {
    let entries = words.map(|word| (word, "USDT", "-2", "0"));
    let found = document(&names, &entries);
    assert_eq!(totals(&found), [&Value::Null; 4]);
    let text = format!("ledger word {} is not understood: today's totals are not shown", words[1]);
    assert_eq!(problems(&found), [("history_incomplete", text.as_str())]);

    let found = document(&names, &[entries[0], entries[2]]);
    assert_eq!(totals(&found), [&json!("-2"), &json!("0"), &json!("-2"), &json!("-4")]);
    assert_eq!(problems(&found), []);
}

#[rstest]
#[case::classic(CLASSIC, &[
    ("trans_from_exchange", "USDT", "500", "0"),
    ("transfer_to_future_copytrade", "USDT", "-20", "0"),
    ("bonus_issue", "USDT", "10", "0"),
    ("bonus_expired", "USDT", "-10", "0"),
    ("cash_gift_issue", "USDT", "5", "0"),
    ("append_margin", "USDT", "-40", "0"),
    ("settle_interest", "USDT", "-0.5", "0"),
])]
#[case::unified(UNIFIED, &[
    ("TRANSFER_IN", "USDT", "500", "0"),
    ("TRACE_TRANSFER_USER_OUT", "USDT", "-20", "0"),
    ("FINANCIAL_TRANSFER_OUT", "USDT", "-20", "0"),
    ("MT5_TRANSFER_OUT", "USDT", "-20", "0"),
    ("RESERVE_TRANSFER_IN", "USDT", "7", "0"),
    ("SYSTEM_TRANSFER_OUT", "USDT", "-7", "0"),
    ("BONUS_GRANT_USER_IN", "USDT", "10", "0"),
    ("BORROW", "USDT", "1000", "0"),
    ("REPAYMENT", "USDT", "-1000", "0"),
    ("AIRDROP_REWARDS", "USDT", "3", "0"),
    ("ORDER_DEALT_FROZEN_OUT", "USDT", "-250", "0"),
    ("MARGIN_BACK", "USDT", "40", "0"),
    ("INTEREST_SETTLEMENT_OUT", "USDT", "-0.5", "0"),
])]
fn money_that_is_no_result_is_in_no_result(#[case] names: Names, #[case] entries: &[Entry]) {
    let document = document(&names, entries);
    assert_eq!(totals(&document), [&json!("0"); 4], "zero has no sign");
    assert_eq!(document["pnl"]["interest_today"], "0.5");
    assert_eq!(problems(&document), []);
}

#[test]
fn a_fee_in_another_coin_is_not_zero_on_a_unified_account() {
    let entries = [("CLOSE_LONG", "USDT", "2", "0"), ("ORDER_PLF_FEE_OUT", "BGB", "-0.0045", "0")];
    let document = document(&UNIFIED, &entries);
    let unknown = &Value::Null;
    assert_eq!(totals(&document), [&json!("2"), unknown, &json!("0"), unknown]);
    let fee = json!([{"coin": "BGB", "paid": "0.0045", "value": null}]);
    assert_eq!(document["pnl"]["other_fees_today"], fee);
    assert_eq!(document["history"]["by_day"][0]["net"], Value::Null);
    assert_eq!(document["history"]["by_day"][0]["realized"], "2");
}

#[rstest]
fn a_fee_in_another_coin_is_not_zero_where_only_the_fill_tells(
    #[values(CLASSIC, UNIFIED)] names: Names,
    #[values(true, false)] fills_first: bool,
) {
    let word = if names.of == CLASSIC.of { "close_long" } else { "CLOSE_LONG" };
    let read = |coin: &str, fee: &'static str| {
        let ledger = rows(&names, &[(word, "USDT", "2", fee)]);
        let mut fills = names.bodies(&Request::Fills, &names.of.data(names.fills));
        let Some(Body::Fills(found)) = fills.first_mut() else { panic!() };
        for fill in found {
            fill.time = Some(NOW.start_of_day());
            fill.fees[0].coin = coin.into();
        }
        let bodies = if fills_first { [fills, ledger].concat() } else { [ledger, fills].concat() };
        clean_document("a ledger and fills", Origin::Rest, bodies)
    };
    let found = read("USDT", "0");
    assert_eq!(totals(&found), [&json!("2"), &json!("0"), &json!("0"), &json!("2")]);
    assert_eq!(problems(&found), []);
    let (found, unknown) = (read("BGB", "0"), &Value::Null);
    assert_eq!(totals(&found), [&json!("2"), unknown, &json!("0"), unknown]);
    assert_eq!(found["history"]["by_day"][0]["fees"], Value::Null);
    assert_eq!(found["pnl"]["other_fees_today"][0]["coin"], "BGB");

    // The fee is in the ledger: a fill that says otherwise is garbled.
    let found = read("9999", "-0.5");
    assert_eq!(totals(&found), [&json!("2"), &json!("0.5"), &json!("0"), &json!("1.5")]);
    assert_eq!(problems(&found), []);
}
