//! The two account kinds: which API generation serves them, and what a change of kind does.

use bitget_watch::domain::AccountKind;
use bitget_watch::sim::{Entry, Fault, SimConfig, SimServer};
use futures_util::StreamExt;
use rust_decimal::dec;
use serde_json::{Value, json};

use crate::support::{
    Socket, assert_like, claim, classic, fixture, get, login, send, socket, start, unified, until,
};

const V2_POSITIONS: &str = "/api/v2/mix/position/all-position?productType=USDT-FUTURES";
const V3_POSITIONS: &str = "/api/v3/position/current-position?category=USDT-FUTURES";
const SETTINGS: &str = "/api/v3/account/settings";

async fn code(sim: &SimServer, path: &str) -> (u16, String) {
    let (status, body) = get(sim, path, &claim()).await;
    (status, body["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_generation_of_the_other_kind_refuses_before_it_checks_arguments() {
    for (config, generation, name, paths) in [
        (
            classic(),
            "v3",
            "rest_error_40084_v3_called_by_classic_key",
            [SETTINGS, "/api/v3/position/current-position", V3_POSITIONS],
        ),
        (
            unified(),
            "v2",
            "rest_error_40085_unified_account",
            ["/api/v2/spot/account/info", "/api/v2/mix/position/all-position", V2_POSITIONS],
        ),
    ] {
        let sim = start(config).await;
        for path in paths {
            let (status, body) = get(&sim, path, &claim()).await;
            let real = fixture(generation, name);
            assert_eq!((status, &body["code"], &body["msg"]), (400, &real["code"], &real["msg"]));
            assert_like(generation, name, &body, &[]);
        }
    }
}

#[tokio::test]
async fn public_data_of_both_generations_needs_no_key() {
    for config in [classic(), unified()] {
        let sim = start(config).await;
        for path in [
            "/api/v2/mix/market/ticker?productType=USDT-FUTURES&symbol=BTCUSDT",
            "/api/v3/market/tickers?category=USDT-FUTURES&symbol=BTCUSDT",
        ] {
            let (status, body) = get(&sim, path, &[]).await;
            assert_eq!((status, &body["data"][0]["symbol"]), (200, &json!("BTCUSDT")));
        }
    }
}

async fn private(sim: &SimServer, path: &str, arg: Value) -> Socket {
    let mut socket = socket(sim, path).await;
    login(&mut socket, "login").await;
    send(&mut socket, &json!({"op": "subscribe", "args": [arg]})).await;
    until(&mut socket, "ack", |value| value["event"] == "subscribe").await;
    socket
}

fn v2_positions() -> Value {
    json!({"instType": "USDT-FUTURES", "channel": "positions", "instId": "default"})
}

#[tokio::test]
async fn the_private_socket_of_the_other_kind_is_silent_about_the_account() {
    let sim = start(unified()).await;
    let mut socket = private(&sim, "/v2/ws/private", v2_positions()).await;
    sim.with_world(|world| world.close("BTCUSDT"));
    // A request after the event: a push would have arrived before its reply.
    send(&mut socket, &json!({"op": "nonsense"})).await;
    let next = until(&mut socket, "anything", |_| true).await;
    assert_eq!(next["code"], 30_003, "{next}");

    let sim = start(classic()).await;
    let mut socket = self::socket(&sim, "/v3/ws/private").await;
    assert_eq!(login(&mut socket, "error").await["code"], 40_084);
}

#[tokio::test]
async fn an_upgrade_ends_private_sockets_and_swaps_the_generations() {
    let sim = start(classic()).await;
    let mut socket = private(&sim, "/v2/ws/private", v2_positions()).await;
    let hour = std::time::Duration::from_secs(3_600);
    sim.inject(Entry::now(Fault::Upgrade).lasting(hour));
    let (_, settings) = get(&sim, SETTINGS, &claim()).await;
    assert_eq!(settings["data"]["accountMode"], "upgrading");
    assert_eq!(code(&sim, V2_POSITIONS).await, (200, "00000".to_owned()), "until it is done");
    assert_eq!(code(&sim, V3_POSITIONS).await, (400, "40084".to_owned()));

    sim.inject(Entry::now(Fault::Upgrade));
    while let Some(Ok(_)) = socket.next().await {}
    let (_, settings) = get(&sim, SETTINGS, &claim()).await;
    assert_eq!(settings["data"]["accountMode"], "unified");
    assert_eq!(code(&sim, V2_POSITIONS).await, (400, "40085".to_owned()));

    let arg = json!({"instType": "UTA", "topic": "position"});
    let mut socket = private(&sim, "/v3/ws/private", arg).await;
    sim.inject(Entry::now(Fault::Switching).lasting(hour));
    let (_, settings) = get(&sim, SETTINGS, &claim()).await;
    assert_eq!(settings["data"]["accountMode"], "switching");
    sim.inject(Entry::now(Fault::Switching));
    while let Some(Ok(_)) = socket.next().await {}
    assert_eq!(code(&sim, SETTINGS).await, (400, "40084".to_owned()));
}

#[tokio::test]
async fn both_generations_show_the_same_positions() {
    let config = SimConfig { flat: true, account: AccountKind::Unified, ..classic() };
    let sim = start(config).await;
    sim.with_world(|world| {
        world.open("BTCUSDT", true, true, dec!(0.5));
        world.open("BTCUSDT", false, true, dec!(0.2));
        world.open("ETHUSDT", false, false, dec!(3));
    });
    let figures = |rows: &Value, names: [&str; 5]| -> Vec<Vec<Value>> {
        let row = |row: &Value| names.iter().map(|name| row[*name].clone()).collect();
        rows.as_array().unwrap().iter().map(row).collect()
    };
    let (_, body) = get(&sim, V3_POSITIONS, &claim()).await;
    let v3 =
        figures(&body["data"]["list"], ["symbol", "posSide", "marginMode", "total", "avgPrice"]);
    assert_eq!(v3.len(), 3);
    sim.inject(Entry::now(Fault::Switching));
    let (_, body) = get(&sim, V2_POSITIONS, &claim()).await;
    let names = ["symbol", "holdSide", "marginMode", "total", "openPriceAvg"];
    assert_eq!(figures(&body["data"], names), v3);
}
