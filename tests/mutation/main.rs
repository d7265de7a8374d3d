//! Hostile values in every field of every payload, and texts cut at every byte: never a panic, never a
//! control character past the parser, never another side. And what a day came to, from its ledger.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may fail loudly"
)]

mod ledger;
mod names;
#[path = "../payloads/mod.rs"]
mod payloads;
mod rows;
mod state;
mod times;
mod values;
mod words;

use bitget_watch::domain::{Body, Interval, OrderClass, Origin, Product, Side};
use bitget_watch::exchange::{Message, Request, Response};
use payloads::{Payloads, V2, V3, at, symbol};
use rstest::rstest;
use serde_json::Value;
use state::{assert_clean_debug, clean_document};
use values::mutants;

/// The request that a REST payload is a response to.
fn request(name: &str) -> Option<Request> {
    let btc = || symbol("BTCUSDT");
    let starts = |prefix: &str| name.starts_with(prefix);
    Some(match () {
        () if starts("rest_all_position") || starts("rest_single_position") => {
            Request::Positions(Product::UsdtFutures)
        }
        () if starts("rest_position_current") => Request::Positions(Product::UsdtFutures),
        () if starts("rest_accounts_") || starts("rest_account_assets") => Request::Account,
        () if starts("rest_account_settings") => Request::AccountKind,
        () if starts("rest_account_fee_rate") => Request::FeeRate(btc()),
        () if starts("rest_account_info") => Request::KeyRights,
        () if starts("rest_account_financial") => {
            Request::Ledger { since: at(0), until: at(1), cursor: None }
        }
        () if starts("rest_trade_unfilled_orders") => {
            Request::Orders(Product::UsdtFutures, OrderClass::Plain)
        }
        () if starts("rest_trade_unfilled_strategy") => {
            Request::Orders(Product::UsdtFutures, OrderClass::ProfitLoss)
        }
        () if starts("rest_trade_fills") => Request::Fills,
        () if starts("rest_position_history") => Request::ClosedPositions,
        () if starts("rest_position_adl") => Request::AdlRanks,
        () if starts("rest_market_instruments") => Request::Contract(btc()),
        () if starts("rest_market_tickers") => Request::Ticker(btc()),
        () if starts("rest_market_current_fund") => Request::Funding(btc()),
        () if starts("rest_market_position_tier") => Request::Tiers(btc()),
        () if starts("rest_market_candles") => {
            Request::Candles { symbol: btc(), interval: Interval::Min1, limit: 200 }
        }
        () if starts("rest_orders_pending") => {
            Request::Orders(Product::UsdtFutures, OrderClass::Plain)
        }
        () if starts("rest_orders_plan") => {
            Request::Orders(Product::UsdtFutures, OrderClass::Trigger)
        }
        () if starts("rest_fill") => Request::Fills,
        () if starts("rest_history_position") => Request::ClosedPositions,
        () if starts("rest_account_bill") => {
            Request::Ledger { since: at(0), until: at(1), cursor: None }
        }
        () if starts("rest_contracts") => Request::Contract(btc()),
        () if starts("rest_ticker") => Request::Ticker(btc()),
        () if starts("rest_current_fund") => Request::Funding(btc()),
        () if starts("rest_query_position_lever") => Request::Tiers(btc()),
        () if starts("rest_spot_account_info") => Request::KeyRights,
        () if starts("rest_public_time") => Request::ServerTime,
        () if starts("rest_candles") => {
            Request::Candles { symbol: btc(), interval: Interval::Min1, limit: 200 }
        }
        () => return None,
    })
}

fn names(of: Payloads, prefix: &str) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(of.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()))
        .filter(|name| name.starts_with(prefix))
        .collect();
    names.sort();
    names
}

fn sides(bodies: &[Body]) -> Vec<Side> {
    let set =
        |body: &Body| if let Body::Positions(set) = body { set.rows.clone() } else { Vec::new() };
    bodies.iter().flat_map(set).map(|row| row.key.side).collect()
}

fn bodies_of(message: &Message<'_>) -> Vec<Body> {
    if let Message::Push { bodies, .. } = message { bodies.clone() } else { Vec::new() }
}

/// A place that names the side may be hostile; every other leaves the sides as they were.
fn assert_same_sides(what: &str, place: &str, before: &[Side], after: &[Body]) {
    if !place.ends_with("/holdSide") && !place.ends_with("/posSide") {
        assert!(sides(after).iter().all(|side| before.contains(side)), "{what}");
    }
}

#[rstest]
#[case::v2(V2)]
#[case::v3(V3)]
fn fc_18_fc_30_hostile_values_in_responses(#[case] of: Payloads) {
    let mut count = 0;
    for name in names(of, "rest_") {
        let Some(request) = request(&name) else { continue };
        let data: Value = serde_json::from_str(&of.data(&name)).unwrap();
        let good: Response = of.api().read_response(&request, &data.to_string()).unwrap();
        let before = sides(&good.bodies);
        for (place, poison, mutant) in mutants(&data) {
            count += 1;
            let what = format!("{name}{place}: {poison}");
            match of.api().read_response(&request, &mutant) {
                Ok(response) => {
                    assert_clean_debug(&what, &format!("{response:?}"));
                    assert_same_sides(&what, &place, &before, &response.bodies);
                    clean_document(&what, Origin::Rest, response.bodies);
                }
                Err(error) => assert!(error.to_string().chars().all(state::is_plain), "{what}"),
            }
        }
    }
    println!("{count} hostile responses");
    assert!(count > 8_000, "{count} responses were tried");
}

#[rstest]
#[case::v2(V2)]
#[case::v3(V3)]
fn fc_18_fc_30_hostile_values_in_messages(#[case] of: Payloads) {
    let mut count = 0;
    for name in names(of, "ws_") {
        let original = of.text(&name);
        let value: Value = serde_json::from_str(&original).unwrap();
        let before = of.api().read_message(&original).map(|message| sides(&bodies_of(&message)));
        let before = before.unwrap_or_default();
        for (place, poison, mutant) in mutants(&value) {
            count += 1;
            let what = format!("{name}{place}: {poison}");
            match of.api().read_message(&mutant) {
                Ok(message) => {
                    let bodies = bodies_of(&message);
                    assert_clean_debug(&what, &format!("{bodies:?}"));
                    assert_same_sides(&what, &place, &before, &bodies);
                    clean_document(&what, Origin::PrivatePush, bodies);
                }
                Err(error) => assert!(error.to_string().chars().all(state::is_plain), "{what}"),
            }
        }
    }
    println!("{count} hostile messages");
    assert!(count > 8_000, "{count} messages were tried");
}

/// Gives each value both names that the exchange has for it; returns how many were added.
fn doubled(value: &mut Value, (one, other): (&str, &str)) -> usize {
    let mut count = 0;
    if let Some(map) = value.as_object_mut() {
        for (from, to) in [(one, other), (other, one)] {
            if let Some(held) = map.get(from).filter(|_| !map.contains_key(to)).cloned() {
                map.insert(to.to_owned(), held);
                count += 1;
            }
        }
        return count + map.values_mut().map(|held| doubled(held, (one, other))).sum::<usize>();
    }
    let rows = value.as_array_mut().into_iter().flatten();
    rows.map(|row| doubled(row, (one, other))).sum()
}

/// How many rows were unreadable.
fn unreadable(bodies: &[Body]) -> u32 {
    let of = |body: &Body| {
        if let Body::Positions(set) = body {
            set.unreadable
        } else if let Body::Orders(set) = body {
            set.unreadable
        } else if let Body::Account(report) = body {
            report.unreadable
        } else {
            0
        }
    };
    bodies.iter().map(of).sum()
}

#[rstest]
#[case::v2(V2)]
#[case::v3(V3)]
fn fc_27_a_row_with_both_names_of_a_thing_stays_readable(#[case] of: Payloads) {
    let mut count = 0;
    for pair in names::SAME {
        for name in names(of, "rest_") {
            let Some(request) = request(&name) else { continue };
            let mut data: Value = serde_json::from_str(&of.data(&name)).unwrap();
            let read = |data: &Value| of.api().read_response(&request, &data.to_string());
            let before = read(&data).unwrap().bodies;
            if doubled(&mut data, pair) > 0 {
                let after = read(&data).unwrap_or_else(|error| panic!("{name} {pair:?}: {error}"));
                let after = after.bodies;
                assert_eq!(after.len(), before.len(), "{name} {pair:?}");
                assert_eq!(sides(&after), sides(&before), "{name} {pair:?}");
                assert_eq!(unreadable(&after), unreadable(&before), "{name} {pair:?}");
                count += 1;
            }
        }
        for name in names(of, "ws_") {
            let mut value: Value = serde_json::from_str(&of.text(&name)).unwrap();
            let text = value.to_string();
            let Ok(before) = of.api().read_message(&text).map(|m| bodies_of(&m)) else { continue };
            if doubled(&mut value, pair) > 0 {
                let text = value.to_string();
                let after = of.api().read_message(&text).map(|m| bodies_of(&m));
                let after = after.unwrap_or_else(|error| panic!("{name} {pair:?}: {error}"));
                assert_eq!(after.len(), before.len(), "{name} {pair:?}");
                assert_eq!(sides(&after), sides(&before), "{name} {pair:?}");
                assert_eq!(unreadable(&after), unreadable(&before), "{name} {pair:?}");
                count += 1;
            }
        }
    }
    println!("{count} doubled payloads");
    assert!(count > 100, "{count}");
}

#[rstest]
#[case::v2(V2)]
#[case::v3(V3)]
fn fc_18_texts_cut_at_every_byte(#[case] of: Payloads) {
    for name in names(of, "ws_") {
        let whole = of.text(&name);
        for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
            assert!(
                of.api().read_message(&whole[..end]).is_err(),
                "{name} cut at {end} is no message"
            );
        }
    }
    for name in names(of, "rest_") {
        let Some(request) = request(&name) else { continue };
        let whole = of.data(&name);
        for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
            assert!(
                of.api().read_response(&request, &whole[..end]).is_err(),
                "{name} cut at {end}"
            );
        }
    }
}
