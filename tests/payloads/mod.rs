//! Recorded payloads, read through the public interface.
#![allow(
    dead_code,
    clippy::wildcard_enum_match_arm,
    unreachable_pub,
    clippy::allow_attributes,
    reason = "each test program uses a part of it"
)]

use std::sync::Arc;

use bitget_watch::domain::{
    Account, Body, ClosedPosition, Fill, ManualClock, OrderClass, OrderSet, PositionSet, Symbol,
    Timestamp,
};
use bitget_watch::exchange::rest::{Header, HttpAnswer, HttpFailure, HttpGet, RestClient};
use bitget_watch::exchange::v2::V2_API;
use bitget_watch::exchange::{Answer, Api, Credentials, ExchangeError, Message, Query};
use futures_util::future::BoxFuture;
use serde_json::value::RawValue;

pub const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/v2");

pub fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

pub fn symbol(name: &str) -> Symbol {
    Symbol::from_wire(name).unwrap()
}

/// The text of a payload.
pub fn text(name: &str) -> String {
    let end = if name == "ws_pong" { "txt" } else { "json" };
    let text = std::fs::read_to_string(format!("{FOLDER}/{name}.{end}")).unwrap();
    text.trim_end().to_owned()
}

#[derive(serde::Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
}

/// The data of an envelope, digit by digit.
pub fn data(name: &str) -> String {
    let text = text(name);
    let envelope: Envelope<'_> = serde_json::from_str(&text).unwrap();
    envelope.data.get().to_owned()
}

pub fn answer(query: &Query, name: &str) -> Answer {
    V2_API.read_answer(query, &data(name)).unwrap()
}

pub fn message(text: &str) -> Message<'_> {
    V2_API.read_message(text).unwrap()
}

/// The one body of a push and when it was sent.
pub fn pushed(name: &str) -> (Option<Timestamp>, Body) {
    let text = text(name);
    let Message::Push { sent, mut bodies, .. } = message(&text) else { panic!("{name}: no push") };
    assert_eq!(bodies.len(), 1, "{name}");
    (sent, bodies.remove(0))
}

pub fn positions(query: &Query, name: &str) -> PositionSet {
    match answer(query, name).bodies.remove(0) {
        Body::Positions(set) => set,
        other => panic!("{other:?}"),
    }
}

pub fn orders(class: OrderClass, name: &str) -> OrderSet {
    match answer(&Query::Orders(class), name).bodies.remove(0) {
        Body::Orders(set) => set,
        other => panic!("{other:?}"),
    }
}

pub fn account(body: &Body) -> Account {
    match body {
        Body::Account(report) => report.account.clone(),
        other => panic!("{other:?}"),
    }
}

pub fn fills(body: &Body) -> Vec<Fill> {
    match body {
        Body::Fills(fills) => fills.clone(),
        other => panic!("{other:?}"),
    }
}

pub fn closed(body: &Body) -> Vec<ClosedPosition> {
    match body {
        Body::ClosedPositions(rows) => rows.clone(),
        other => panic!("{other:?}"),
    }
}

/// Answers every request alike.
#[derive(Debug)]
struct Fixed(HttpAnswer);

impl HttpGet for Fixed {
    fn get<'a>(
        &'a self,
        _url: &'a str,
        _headers: &'a [Header],
    ) -> BoxFuture<'a, Result<HttpAnswer, HttpFailure>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}

/// What the client makes of a whole envelope that comes with `status`.
pub async fn error(name: &str, status: u16) -> ExchangeError {
    let body = text(name).into_bytes();
    let http = Arc::new(Fixed(HttpAnswer { status, retry_after: None, body }));
    let credentials = Arc::new(Credentials::new("k".into(), "s".into(), "p".into()));
    let clock = Arc::new(ManualClock::at(at(1_767_225_600_000)));
    let client = RestClient::new(http, "https://api.bitget.com", Some(credentials), false, clock);
    client.ask(&V2_API, &Query::Positions).await.unwrap_err()
}
