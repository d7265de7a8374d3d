//! The embedded exchange against the real one's payloads: every key with its kind of value.
//!
//! The payloads under `fixtures/v2` were recorded from the exchange or stand in its documentation. For
//! each of them, whatever it holds the simulated answer must hold too, with the same kind of value.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test may fail loudly"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bitget_watch::domain::{Clock, SystemClock};
use bitget_watch::exchange::rest::{Header, HttpGet, ReqwestGet};
use bitget_watch::feed::tls_config;
use bitget_watch::sim::{Expected, SimConfig, SimServer};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

const PATIENCE: Duration = Duration::from_secs(30);
/// The right form of a signature: 32 bytes in base64.
const SIGN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

async fn start(expected: Option<Expected>) -> SimServer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    SimServer::start(
        listener,
        SimConfig { seed: 7, plain: true, expected, ..SimConfig::default() },
        clock,
    )
    .unwrap()
}

fn fixture(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/v2/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn claim() -> Vec<Header> {
    let now = SystemClock::start().now().as_millis();
    vec![
        ("access-key", "key".to_owned()),
        ("access-sign", SIGN.to_owned()),
        ("access-timestamp", now.to_string()),
        ("access-passphrase", "pass".to_owned()),
    ]
}

async fn get(sim: &SimServer, path: &str, headers: &[Header]) -> (u16, Value) {
    let http = ReqwestGet::new(&tls_config(None).unwrap(), PATIENCE, PATIENCE).unwrap();
    let answer = http.get(&format!("{}{path}", sim.rest_origin()), headers).await.unwrap();
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

/// Compares kinds, member by member; of lists the first elements. `free` names what may differ.
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

fn assert_like(name: &str, sim: &Value, free: &[&str]) {
    let mut wrong = Vec::new();
    compare(&fixture(name), sim, name, free, &mut wrong);
    assert!(wrong.is_empty(), "\n{}\n{sim:#}", wrong.join("\n"));
}

#[tokio::test]
async fn answers_have_the_keys_and_kinds_of_the_real_ones() {
    let sim = start(None).await;
    let both = "productType=USDT-FUTURES&symbol=BTCUSDT";
    // Samples differ in what they leave out: what stands behind a name here is free.
    let cases: [(&str, String, &[&str]); 24] = [
        ("rest_public_time", "public/time".into(), &[]),
        (
            "rest_contracts_usdt_live_2026-09",
            "mix/market/contracts?productType=USDT-FUTURES".into(),
            &[],
        ),
        ("rest_ticker_btcusdt_2025-06", format!("mix/market/ticker?{both}"), &[]),
        ("rest_candles_1m_live_2026-09", format!("mix/market/candles?{both}&granularity=1m"), &[]),
        ("rest_merge_depth_doc_numbers", format!("mix/market/merge-depth?{both}"), &[]),
        ("rest_symbol_price_doc", format!("mix/market/symbol-price?{both}"), &[]),
        (
            "rest_current_fund_rate_btcusdt_2026-09",
            format!("mix/market/current-fund-rate?{both}"),
            &[],
        ),
        ("rest_funding_time_btcusdt_2025-04", format!("mix/market/funding-time?{both}"), &[]),
        ("rest_open_interest_btcusdt", format!("mix/market/open-interest?{both}"), &[]),
        (
            "rest_query_position_lever_btcusdt_live_2026-09",
            format!("mix/market/query-position-lever?{both}"),
            &[],
        ),
        (
            "rest_all_position_isolated_hedge_live_2025-08",
            "mix/position/all-position?productType=USDT-FUTURES".into(),
            &[],
        ),
        (
            "rest_all_position_doc_isolated_tpsl",
            "mix/position/all-position?productType=USDT-FUTURES".into(),
            &[],
        ),
        (
            "rest_single_position_2023-11",
            format!("mix/position/single-position?{both}&marginCoin=USDT"),
            &[],
        ),
        (
            "rest_history_position_doc_with_ids",
            "mix/position/history-position?productType=USDT-FUTURES".into(),
            &[],
        ),
        ("rest_adl_rank_doc", "mix/position/adlRank?productType=USDT-FUTURES".into(), &[]),
        ("rest_accounts_live_2025-08", "mix/account/accounts?productType=USDT-FUTURES".into(), &[]),
        ("rest_account_2024-03", format!("mix/account/account?{both}&marginCoin=USDT"), &[]),
        // The documentation writes the leverages as strings, the wire as numbers.
        (
            "rest_account_doc_union",
            format!("mix/account/account?{both}&marginCoin=USDT"),
            &["crossedMarginLeverage", "isolatedLongLever", "isolatedShortLever"],
        ),
        ("rest_account_bill_doc_funding", "mix/account/bill?productType=USDT-FUTURES".into(), &[]),
        (
            "rest_orders_pending_hedge_2023-11",
            "mix/order/orders-pending?productType=USDT-FUTURES".into(),
            &[],
        ),
        (
            "rest_orders_plan_pending_2023-11",
            "mix/order/orders-plan-pending?productType=USDT-FUTURES&planType=normal_plan".into(),
            &[],
        ),
        ("rest_fills_2023-11", "mix/order/fills?productType=USDT-FUTURES".into(), &[]),
        ("rest_spot_account_info_readonly_composed", "spot/account/info".into(), &[]),
        ("rest_spot_account_info_doc", "spot/account/info".into(), &[]),
    ];
    let mut answers = BTreeMap::new();
    for (name, path, free) in cases {
        // The limits of the exchange hold for this test too: each path is asked once.
        if !answers.contains_key(&path) {
            let (status, body) = get(&sim, &format!("/api/v2/{path}"), &claim()).await;
            assert_eq!(status, 200, "{path}: {body}");
            answers.insert(path.clone(), body);
        }
        assert_like(name, &answers[&path], free);
    }
}

#[tokio::test]
async fn faults_have_the_codes_of_the_real_ones() {
    let sim = start(None).await;
    for (name, path) in [
        (
            "rest_error_40034_unknown_symbol",
            "/api/v2/mix/market/ticker?productType=USDT-FUTURES&symbol=NOPEUSDT",
        ),
        ("rest_error_400172_missing_parameter", "/api/v2/mix/market/ticker?symbol=BTCUSDT"),
        (
            "rest_error_30032_v1_decommissioned",
            "/api/mix/v1/position/allPosition?productType=umcbl",
        ),
    ] {
        let (status, body) = get(&sim, path, &claim()).await;
        let real = fixture(name);
        assert_eq!((status, &body["code"], &body["msg"]), (400, &real["code"], &real["msg"]));
        assert_like(name, &body, &[]);
    }
    let suffixed = "/api/v2/mix/market/ticker?productType=USDT-FUTURES&symbol=BTCUSDT_UMCBL";
    let (_, body) = get(&sim, suffixed, &[]).await;
    assert_eq!(body["msg"], "Parameter BTCUSDT_UMCBL does not exist");
}

#[tokio::test]
async fn signatures_are_verified() {
    let key = |text: &str| text.to_owned();
    let expected = Expected { key: key("key"), secret: key("secret"), passphrase: key("pass") };
    let sim = start(Some(expected)).await;
    let path = "/api/v2/mix/position/all-position?productType=USDT-FUTURES";
    let with = |name: &str, value: &str| -> Vec<Header> {
        claim()
            .into_iter()
            .map(|(n, v)| if n == name { (n, value.to_owned()) } else { (n, v) })
            .collect()
    };
    for (headers, code) in [
        (Vec::new(), "40001"),
        (with("access-timestamp", "1600000000000"), "40008"),
        (with("access-key", "other"), "40037"),
        (claim(), "40009"),
    ] {
        let (status, body) = get(&sim, path, &headers).await;
        assert_eq!((status, body["code"].as_str()), (400, Some(code)));
    }
}

#[tokio::test]
async fn only_get_is_served_and_limits_hold() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let sim = start(None).await;
    let mut stream = TcpStream::connect(sim.address()).await.unwrap();
    let request = "POST /api/v2/mix/order/place-order HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
    assert!(
        sim.recorded().iter().any(|asked| {
            asked.method == "POST" && asked.what == "/api/v2/mix/order/place-order"
        })
    );
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(get(&sim, "/api/v2/spot/account/info", &claim()).await.0);
    }
    assert!(statuses.contains(&429), "one a second is the limit: {statuses:?}");
}

type Socket = WebSocketStream<TcpStream>;

async fn socket(sim: &SimServer, path: &str) -> Socket {
    let stream = TcpStream::connect(sim.address()).await.unwrap();
    let url = format!("{}{path}", sim.stream_origin());
    tokio_tungstenite::client_async(url, stream).await.unwrap().0
}

async fn send(socket: &mut Socket, value: &Value) {
    socket.send(Message::text(value.to_string())).await.unwrap();
}

/// Reads until a message is `wanted`.
async fn until(socket: &mut Socket, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
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

async fn push(socket: &mut Socket, channel: &str, action: &str) -> Value {
    until(socket, channel, |value| {
        value["arg"]["channel"] == channel
            && value["action"] == action
            && value["data"][0] != Value::Null
    })
    .await
}

#[tokio::test]
async fn public_pushes_have_the_keys_and_kinds_of_the_real_ones() {
    let sim = start(None).await;
    let mut socket = socket(&sim, "/v2/ws/public").await;
    let channels = ["ticker", "candle1m", "books", "books1", "books5", "trade"];
    let args: Vec<Value> = channels
        .iter()
        .map(|channel| json!({"instType": "USDT-FUTURES", "channel": channel, "instId": "BTCUSDT"}))
        .collect();
    send(&mut socket, &json!({"op": "subscribe", "args": args})).await;
    let ack = until(&mut socket, "ack", |value| {
        value["event"] == "subscribe" && value["arg"]["channel"] == "ticker"
    })
    .await;
    assert_like("ws_subscribe_ack", &ack, &[]);
    for (channel, action, name, free) in [
        ("candle1m", "snapshot", "ws_candle1m_snapshot_live_2026-08", &[][..]),
        ("books", "snapshot", "ws_books_1_snapshot_live_2026-09", &[]),
        // The checksum is gone from the wire.
        ("books5", "snapshot", "ws_books5_doc_checksum", &["checksum"]),
        ("books1", "snapshot", "ws_books1_live_2026-08", &[]),
        ("ticker", "snapshot", "ws_ticker_btcusdt_live_2026-09", &[]),
        ("books", "update", "ws_books_3_update_live_2026-09", &[]),
        ("trade", "update", "ws_trade_spot_update_live_2026-09", &[]),
        ("candle1m", "update", "ws_candle1m_update_live_2026-08", &[]),
    ] {
        assert_like(name, &push(&mut socket, channel, action).await, free);
    }
    for (channel, symbol, name) in [
        ("books", "NOPEUSDT", "ws_error_30001_unknown_symbol"),
        ("books50", "BTCUSDT", "ws_error_30016_param"),
    ] {
        let arg = json!({"instType": "USDT-FUTURES", "channel": channel, "instId": symbol});
        send(&mut socket, &json!({"op": "subscribe", "args": [arg]})).await;
        let error = until(&mut socket, name, |value| value["event"] == "error").await;
        assert_eq!(
            (&error["code"], &error["msg"]),
            (&fixture(name)["code"], &fixture(name)["msg"])
        );
        assert_like(name, &error, &[]);
    }
    let arg = json!({"instType": "USDT-FUTURES", "channel": "candle1m", "instId": "BTCUSDT"});
    send(&mut socket, &json!({"op": "unsubscribe", "args": [arg]})).await;
    let gone = until(&mut socket, "end", |value| value["event"] == "unsubscribe").await;
    assert_like("ws_unsubscribe_ack", &gone, &[]);
    socket.send(Message::text("ping")).await.unwrap();
    until(&mut socket, "pong", |value| value == "pong").await;
}

#[tokio::test]
async fn book_updates_continue_each_other() {
    let sim = start(None).await;
    let mut socket = socket(&sim, "/v2/ws/public").await;
    let arg = json!({"instType": "USDT-FUTURES", "channel": "books", "instId": "ETHUSDT"});
    send(&mut socket, &json!({"op": "subscribe", "args": [arg]})).await;
    let first = push(&mut socket, "books", "snapshot").await;
    assert_eq!(first["data"][0]["pseq"], 0);
    let mut last = first["data"][0]["seq"].clone();
    for _ in 0..10 {
        let update = push(&mut socket, "books", "update").await;
        assert_eq!(update["data"][0]["pseq"], last);
        last = update["data"][0]["seq"].clone();
    }
}

#[tokio::test]
async fn private_pushes_have_the_keys_and_kinds_of_the_real_ones() {
    let sim = start(None).await;
    let mut socket = socket(&sim, "/v2/ws/private").await;
    let subscription = fixture("ws_subscribe_request_private");
    send(&mut socket, &subscription).await;
    let early = until(&mut socket, "refusal", |value| value["event"] == "error").await;
    assert_like("ws_error_30004_need_login", &early, &[]);
    let at = SystemClock::start().now().as_millis() / 1000;
    let login =
        json!({"apiKey": "k", "passphrase": "p", "timestamp": at.to_string(), "sign": SIGN});
    send(&mut socket, &json!({"op": "login", "args": [login]})).await;
    let ack = until(&mut socket, "login", |value| value["event"] == "login").await;
    assert_like("ws_login_ack_number", &ack, &[]);
    send(&mut socket, &subscription).await;
    let ack = until(&mut socket, "ack", |value| value["arg"]["channel"] == "account").await;
    assert_like("ws_subscribe_ack_account", &ack, &[]);

    let positions = push(&mut socket, "positions", "snapshot").await;
    assert_like("ws_positions_doc_2025-12", &positions, &[]);
    assert_like("ws_positions_cross_hedge_2023-12", &positions, &[]);
    let sides: BTreeSet<_> = positions["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["holdSide"].to_string(), row["marginMode"].to_string()))
        .collect();
    assert!(sides.len() >= 2, "two positions in different margin modes: {sides:?}");
    let account = push(&mut socket, "account", "snapshot").await;
    assert_like("ws_account_doc_union", &account, &[]);

    sim.with_world(|world| world.close("BTCUSDT"));
    let algo = push(&mut socket, "fill", "snapshot").await;
    assert_like("ws_fill_hedge_2024-04", &algo, &[]);
    assert_eq!(algo["data"][0]["side"], "sell", "a fill's side is the real one");
    sim.with_world(|world| world.close("SOLUSDT"));
    assert_like(
        "ws_positions_history_2024-06",
        &push(&mut socket, "positions-history", "snapshot").await,
        &[],
    );
    // Its closing limit goes with the position.
    let order = push(&mut socket, "orders", "snapshot").await;
    assert_like("ws_orders_live_one_way_2025-03", &order, &[]);
    assert_eq!(order["data"][0]["status"], "canceled");
    sim.with_world(|world| world.close("ETHUSDT"));
    let plan = push(&mut socket, "orders-algo", "snapshot").await;
    assert_like("ws_orders_algo_doc", &plan, &[]);
}
