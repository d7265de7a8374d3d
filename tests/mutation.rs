//! Hostile values in every field of every payload, and texts cut at every byte: never a panic, never a
//! control character past the parser, never another side.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test may fail loudly"
)]

mod payloads;

use bitget_watch::domain::{Body, OrderClass, Side};
use bitget_watch::exchange::v2::V2_API;
use bitget_watch::exchange::{Answer, Api, Message, Query};
use payloads::{FOLDER, at, symbol, text};
use serde_json::{Value, json};

fn hostile() -> Vec<Value> {
    vec![
        json!(""),
        json!("  "),
        Value::Null,
        json!("NaN"),
        json!("1e400"),
        json!("1E-7"),
        json!("1,5"),
        json!("9".repeat(40)),
        json!(-1),
        json!(true),
        json!([]),
        json!({}),
        json!("\u{1b}]52;c;x\u{7}\u{9b}2J\u{202e}"),
        json!("x".repeat(10_000)),
        json!(9_007_199_254_740_993_i64),
    ]
}

/// The question that a payload of REST answers.
fn query(name: &str) -> Option<Query> {
    let btc = || symbol("BTCUSDT");
    let starts = |prefix: &str| name.starts_with(prefix);
    Some(match () {
        () if starts("rest_all_position") || starts("rest_single_position") => Query::Positions,
        () if starts("rest_accounts_") => Query::Account,
        () if starts("rest_orders_pending") => Query::Orders(OrderClass::Plain),
        () if starts("rest_orders_plan") => Query::Orders(OrderClass::Trigger),
        () if starts("rest_fill") => Query::Fills,
        () if starts("rest_history_position") => Query::ClosedPositions,
        () if starts("rest_account_bill") => {
            Query::Ledger { since: at(0), until: at(1), cursor: None }
        }
        () if starts("rest_contracts") => Query::Contract(btc()),
        () if starts("rest_ticker") => Query::Ticker(btc()),
        () if starts("rest_current_fund") => Query::Funding(btc()),
        () if starts("rest_query_position_lever") => Query::Tiers(btc()),
        () if starts("rest_spot_account_info") => Query::KeyRights,
        () if starts("rest_public_time") => Query::ServerTime,
        () => return None,
    })
}

fn names(prefix: &str) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()))
        .filter(|name| name.starts_with(prefix))
        .collect();
    names.sort();
    names
}

/// Every place of a document that holds no further places.
fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                leaves(member, &format!("{path}/{name}"), found);
            }
        }
        Value::Array(members) => {
            for (index, member) in members.iter().enumerate() {
                leaves(member, &format!("{path}/{index}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            found.push(path.to_owned());
        }
    }
}

/// Each document that differs from `value` in one place, with the name of that place.
fn mutants(value: &Value) -> Vec<(String, Value)> {
    let mut places = Vec::new();
    leaves(value, "", &mut places);
    let mut all = Vec::new();
    for place in places {
        for poison in hostile() {
            let mut mutant = value.clone();
            *mutant.pointer_mut(&place).unwrap() = poison;
            all.push((place.clone(), mutant));
        }
    }
    all
}

fn sides(bodies: &[Body]) -> Vec<Side> {
    let set =
        |body: &Body| if let Body::Positions(set) = body { set.rows.clone() } else { Vec::new() };
    bodies.iter().flat_map(set).map(|row| row.key.side).collect()
}

fn assert_clean(what: &str, shown: &str) {
    // Debug output escapes what is left of control characters.
    for escape in ["\\u{1b}", "\\u{9b}", "\\u{7}", "\\u{202e}"] {
        assert!(!shown.contains(escape), "{what}: {shown}");
    }
    assert!(!shown.contains(&"x".repeat(201)), "{what}: an endless text came through");
}

fn bodies_of(message: &Message<'_>) -> Vec<Body> {
    if let Message::Push { bodies, .. } = message { bodies.clone() } else { Vec::new() }
}

#[test]
fn hostile_values_in_answers() {
    let mut count = 0;
    for name in names("rest_") {
        let Some(query) = query(&name) else { continue };
        let data: Value = serde_json::from_str(&payloads::data(&name)).unwrap();
        let good: Answer = V2_API.read_answer(&query, &data.to_string()).unwrap();
        for (place, mutant) in mutants(&data) {
            count += 1;
            if let Ok(answer) = V2_API.read_answer(&query, &mutant.to_string()) {
                assert_clean(&name, &format!("{answer:?}"));
                if !place.ends_with("/holdSide") {
                    let (before, after) = (sides(&good.bodies), sides(&answer.bodies));
                    assert!(after.iter().all(|side| before.contains(side)), "{name} {place}");
                }
            }
        }
    }
    assert!(count > 5_000, "{count} answers were tried");
}

#[test]
fn hostile_values_in_messages() {
    let mut count = 0;
    for name in names("ws_") {
        let value: Value = serde_json::from_str(&text(&name)).unwrap();
        for (place, mutant) in mutants(&value) {
            count += 1;
            let mutant = mutant.to_string();
            if let Ok(message) = V2_API.read_message(&mutant) {
                assert_clean(&name, &format!("{:?}", bodies_of(&message)));
                let original = text(&name);
                let before = sides(&bodies_of(&V2_API.read_message(&original).unwrap()));
                if !place.ends_with("/holdSide") {
                    let after = sides(&bodies_of(&message));
                    assert!(after.iter().all(|side| before.contains(side)), "{name} {place}");
                }
            }
        }
    }
    assert!(count > 3_000, "{count} messages were tried");
}

#[test]
fn texts_cut_at_every_byte() {
    for name in names("ws_") {
        let whole = text(&name);
        for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
            assert!(
                V2_API.read_message(&whole[..end]).is_err(),
                "{name} cut at {end} is no message"
            );
        }
    }
    for name in names("rest_") {
        let Some(query) = query(&name) else { continue };
        let whole = payloads::data(&name);
        for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
            assert!(V2_API.read_answer(&query, &whole[..end]).is_err(), "{name} cut at {end}");
        }
    }
}
