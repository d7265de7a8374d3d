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
    Account, AccountKind, Body, ClosedPosition, Fill, ManualClock, OrderClass, OrderSet,
    PositionSet, Product, Symbol, Timestamp,
};
use bitget_watch::exchange::rest::{Header, HttpFailure, HttpGet, HttpResponse, RestClient};
use bitget_watch::exchange::v2::V2_API;
use bitget_watch::exchange::{Api, Credentials, ExchangeError, Message, Request, Response, api_of};
use futures_util::future::BoxFuture;
use serde_json::value::RawValue;

/// The payloads of one generation of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payloads(pub AccountKind);

pub const V2: Payloads = Payloads(AccountKind::Classic);
pub const V3: Payloads = Payloads(AccountKind::Unified);

pub fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

pub fn symbol(name: &str) -> Symbol {
    Symbol::from_wire(name, Product::UsdtFutures).unwrap()
}

#[derive(serde::Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
}

impl Payloads {
    pub fn api(self) -> &'static dyn Api {
        api_of(self.0)
    }

    pub fn folder(self) -> String {
        let name = if self.0 == AccountKind::Classic { "v2" } else { "v3" };
        format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
    }

    /// The text of a payload.
    pub fn text(self, name: &str) -> String {
        let end = if name == "ws_pong" { "txt" } else { "json" };
        let text = std::fs::read_to_string(format!("{}/{name}.{end}", self.folder())).unwrap();
        text.trim_end().to_owned()
    }

    /// The data of an envelope, digit by digit.
    pub fn data(self, name: &str) -> String {
        let text = self.text(name);
        let envelope: Envelope<'_> = serde_json::from_str(&text).unwrap();
        envelope.data.get().to_owned()
    }

    pub fn response(self, request: &Request, name: &str) -> Response {
        self.api().read_response(request, &self.data(name)).unwrap()
    }

    /// The one body of a push and when it was sent.
    pub fn pushed(self, name: &str) -> (Option<Timestamp>, Body) {
        let text = self.text(name);
        let Message::Push { sent, mut bodies, .. } = self.api().read_message(&text).unwrap() else {
            panic!("{name}: no push")
        };
        assert_eq!(bodies.len(), 1, "{name}");
        (sent, bodies.remove(0))
    }

    pub fn positions(self, name: &str) -> PositionSet {
        match self.response(&Request::Positions(Product::UsdtFutures), name).bodies.remove(0) {
            Body::Positions(set) => set,
            other => panic!("{other:?}"),
        }
    }

    pub fn orders(self, class: OrderClass, name: &str) -> OrderSet {
        match self.response(&Request::Orders(Product::UsdtFutures, class), name).bodies.remove(0) {
            Body::Orders(set) => set,
            other => panic!("{other:?}"),
        }
    }
}

pub fn text(name: &str) -> String {
    V2.text(name)
}

pub fn data(name: &str) -> String {
    V2.data(name)
}

pub fn response(request: &Request, name: &str) -> Response {
    V2.response(request, name)
}

pub fn message(text: &str) -> Message<'_> {
    V2_API.read_message(text).unwrap()
}

pub fn pushed(name: &str) -> (Option<Timestamp>, Body) {
    V2.pushed(name)
}

pub fn positions(_query: &Request, name: &str) -> PositionSet {
    V2.positions(name)
}

pub fn orders(class: OrderClass, name: &str) -> OrderSet {
    V2.orders(class, name)
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

/// Gives every request the same response.
#[derive(Debug)]
struct Fixed(HttpResponse);

impl HttpGet for Fixed {
    fn get<'a>(
        &'a self,
        _path: &'a str,
        _headers: &'a [Header],
    ) -> BoxFuture<'a, Result<HttpResponse, HttpFailure>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}

/// The client's error for a whole envelope that comes with `status`.
pub async fn error(name: &str, status: u16) -> ExchangeError {
    V2.error(name, status).await
}

impl Payloads {
    pub async fn error(self, name: &str, status: u16) -> ExchangeError {
        let body = self.text(name).into_bytes();
        let http = Arc::new(Fixed(HttpResponse { status, retry_after: None, body }));
        let credentials = Arc::new(Credentials::new("k".into(), "s".into(), "p".into()));
        let clock = Arc::new(ManualClock::at(at(1_767_225_600_000)));
        let client = RestClient::new(http, Some(credentials), false, clock);
        client.send(self.api(), &Request::Positions(Product::UsdtFutures)).await.unwrap_err()
    }
}
