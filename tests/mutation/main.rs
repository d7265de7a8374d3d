//! Hostile values in every field of every payload, and texts cut at every byte: never a panic, never a
//! control character past the parser, never another side.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may fail loudly"
)]

#[path = "../payloads/mod.rs"]
mod payloads;
mod rows;
mod state;
mod times;
mod values;
mod words;

use bitget_watch::domain::{Body, Interval, OrderClass, Origin, Side};
use bitget_watch::exchange::v2::V2_API;
use bitget_watch::exchange::{Answer, Api, Message, Query};
use payloads::{at, symbol, text};
use serde_json::Value;
use state::{assert_clean_debug, clean_document};
use values::mutants;

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
        () if starts("rest_candles") => {
            Query::Candles { symbol: btc(), interval: Interval::Min1, limit: 200 }
        }
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
    if !place.ends_with("/holdSide") {
        assert!(sides(after).iter().all(|side| before.contains(side)), "{what}");
    }
}

#[test]
fn fc_18_fc_30_hostile_values_in_answers() {
    let mut count = 0;
    for name in names("rest_") {
        let Some(query) = query(&name) else { continue };
        let data: Value = serde_json::from_str(&payloads::data(&name)).unwrap();
        let good: Answer = V2_API.read_answer(&query, &data.to_string()).unwrap();
        let before = sides(&good.bodies);
        for (place, poison, mutant) in mutants(&data) {
            count += 1;
            let what = format!("{name}{place}: {poison}");
            match V2_API.read_answer(&query, &mutant) {
                Ok(answer) => {
                    assert_clean_debug(&what, &format!("{answer:?}"));
                    assert_same_sides(&what, &place, &before, &answer.bodies);
                    clean_document(&what, Origin::Rest, answer.bodies);
                }
                Err(error) => assert!(error.to_string().chars().all(state::is_plain), "{what}"),
            }
        }
    }
    println!("{count} hostile answers");
    assert!(count > 15_000, "{count} answers were tried");
}

#[test]
fn fc_18_fc_30_hostile_values_in_messages() {
    let mut count = 0;
    for name in names("ws_") {
        let original = text(&name);
        let value: Value = serde_json::from_str(&original).unwrap();
        let before = V2_API.read_message(&original).map(|message| sides(&bodies_of(&message)));
        let before = before.unwrap_or_default();
        for (place, poison, mutant) in mutants(&value) {
            count += 1;
            let what = format!("{name}{place}: {poison}");
            match V2_API.read_message(&mutant) {
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
    assert!(count > 15_000, "{count} messages were tried");
}

#[test]
fn fc_18_texts_cut_at_every_byte() {
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
