//! A client of the embedded exchange, and the comparison of its responses with a payload.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bitget_watch::domain::{AccountKind, Clock, SystemClock};
use bitget_watch::exchange::rest::{Header, HttpGet};
use bitget_watch::feed::{HttpClient, NetDialer, Target, tls_config};
use bitget_watch::sim::{SimConfig, SimServer};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

const PATIENCE: Duration = Duration::from_secs(30);
/// A well-formed signature: 32 bytes in base64.
pub const SIGN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// An exchange with a classic account that accepts any key.
pub fn classic() -> SimConfig {
    SimConfig { seed: 7, plain: true, ..SimConfig::default() }
}

/// The same with a unified account.
pub fn unified() -> SimConfig {
    SimConfig { account: AccountKind::Unified, ..classic() }
}

pub async fn start(config: SimConfig) -> SimServer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    SimServer::start(listener, config, clock).unwrap()
}

pub fn fixture(generation: &str, name: &str) -> Value {
    let path = format!("{}/tests/fixtures/{generation}/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub fn claim() -> Vec<Header> {
    let now = SystemClock::start().now().as_millis();
    vec![
        ("access-key", "key".to_owned()),
        ("access-sign", SIGN.to_owned()),
        ("access-timestamp", now.to_string()),
        ("access-passphrase", "pass".to_owned()),
    ]
}

pub async fn get(sim: &SimServer, path: &str, headers: &[Header]) -> (u16, Value) {
    let dialer = Arc::new(NetDialer::new(tls_config(None).unwrap()));
    let origin = Target::parse(&sim.rest_origin()).unwrap();
    let http =
        HttpClient::new(dialer, origin, (PATIENCE, PATIENCE), Arc::new(SystemClock::start()));
    let answer = http.get(path, headers).await.unwrap();
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// Compares JSON types member by member, in lists those of the first element. `free` lists members that may differ.
fn compare(real: &Value, sim: &Value, path: &str, free: &[&str], wrong: &mut Vec<String>) {
    if free.contains(&path.rsplit('.').next().unwrap()) {
        return;
    }
    if kind(real) != kind(sim) {
        wrong.push(format!("{path}: {} is {} here", kind(real), kind(sim)));
        return;
    }
    match (real, sim) {
        (Value::Object(real), Value::Object(sim)) => {
            for (name, value) in real {
                match sim.get(name) {
                    Some(held) => compare(value, held, &format!("{path}.{name}"), free, wrong),
                    None if free.contains(&name.as_str()) => {}
                    None => wrong.push(format!("{path}.{name} is missing")),
                }
            }
        }
        (Value::Array(real), Value::Array(sim)) => match (real.first(), sim.first()) {
            (Some(real), Some(sim)) => compare(real, sim, &format!("{path}[]"), free, wrong),
            (Some(_), None) => wrong.push(format!("{path} is empty")),
            (None, _) => {}
        },
        _ => {}
    }
}

pub fn assert_like(generation: &str, name: &str, sim: &Value, free: &[&str]) {
    let mut wrong = Vec::new();
    compare(&fixture(generation, name), sim, name, free, &mut wrong);
    assert!(wrong.is_empty(), "\n{}\n{sim:#}", wrong.join("\n"));
}

/// The name of a payload, the path whose response is like it, and the members that may differ.
pub type Case<'a> = (&'static str, String, &'a [&'static str]);

/// Requests the paths of one generation and compares the responses.
pub async fn responses_match(sim: &SimServer, generation: &str, cases: &[Case<'_>]) {
    let mut answers = BTreeMap::new();
    for (name, path, free) in cases {
        // The exchange's rate limits apply to this test too: each path is requested once.
        if !answers.contains_key(path) {
            let (status, body) = get(sim, &format!("/api/{generation}/{path}"), &claim()).await;
            assert_eq!(status, 200, "{path}: {body}");
            answers.insert(path, body);
        }
        assert_like(generation, name, &answers[path], free);
    }
}

pub type Socket = WebSocketStream<TcpStream>;

pub async fn socket(sim: &SimServer, path: &str) -> Socket {
    let stream = TcpStream::connect(sim.address()).await.unwrap();
    let url = format!("{}{path}", sim.stream_origin());
    tokio_tungstenite::client_async(url, stream).await.unwrap().0
}

pub async fn send(socket: &mut Socket, value: &Value) {
    socket.send(Message::text(value.to_string())).await.unwrap();
}

/// Reads until a message is `wanted`.
pub async fn until(socket: &mut Socket, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let reading = async {
        while let Some(Ok(message)) = socket.next().await {
            let Message::Text(text) = message else { continue };
            let value: Value =
                serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.to_string()));
            if wanted(&value) {
                return value;
            }
        }
        panic!("the socket ended before {what}");
    };
    tokio::time::timeout(PATIENCE, reading).await.unwrap_or_else(|_| panic!("no {what}"))
}

/// Reads until a push of the channel `channel.1`, whose key in the argument is `channel.0`.
pub async fn push(socket: &mut Socket, channel: (&str, &str), action: &str) -> Value {
    until(socket, channel.1, |value| {
        value["arg"][channel.0] == channel.1
            && value["action"] == action
            && value["data"][0] != Value::Null
    })
    .await
}

/// Logs in and returns the reply with this `event`.
pub async fn login(socket: &mut Socket, event: &str) -> Value {
    let at = SystemClock::start().now().as_millis() / 1000;
    let login =
        json!({"apiKey": "k", "passphrase": "p", "timestamp": at.to_string(), "sign": SIGN});
    send(socket, &json!({"op": "login", "args": [login]})).await;
    until(socket, event, |value| value["event"] == event).await
}

/// Subscribes to a book and checks that each update continues the previous one.
pub async fn books_continue(socket: &mut Socket, arg: Value, name: &str) {
    send(socket, &json!({"op": "subscribe", "args": [arg]})).await;
    let first = push(socket, (name, "books"), "snapshot").await;
    assert_eq!(first["data"][0]["pseq"], 0);
    let mut last = first["data"][0]["seq"].clone();
    let mut changed = 0;
    for _ in 0..10 {
        let update = push(socket, (name, "books"), "update").await;
        assert_eq!(update["data"][0]["pseq"], last);
        let sides = if name == "channel" { ["asks", "bids"] } else { ["a", "b"] };
        for side in sides {
            let levels = update["data"][0][side].as_array().unwrap();
            let text = |level: &Value| level[0].is_string() && level[1].is_string();
            assert!(levels.iter().all(text), "{side}");
            changed += levels.len();
        }
        last = update["data"][0]["seq"].clone();
    }
    assert!(changed > 10);
}
