//! V2 against its payloads, and checks of what both generations share.

use std::collections::BTreeSet;

use bitget_watch::exchange::rest::Header;
use bitget_watch::sim::{Expected, SimConfig};
use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{
    self, Case, Socket, books_continue, claim, classic, get, login, responses_match, send, socket,
    start, until,
};

fn fixture(name: &str) -> Value {
    support::fixture("v2", name)
}

fn assert_like(name: &str, sim: &Value, free: &[&str]) {
    support::assert_like("v2", name, sim, free);
}

async fn push(socket: &mut Socket, channel: &str, action: &str) -> Value {
    support::push(socket, ("channel", channel), action).await
}

#[tokio::test]
async fn responses_have_the_keys_and_types_of_the_real_ones() {
    let sim = start(classic()).await;
    let both = "productType=USDT-FUTURES&symbol=BTCUSDT";
    // Samples leave out different members: those that are listed here may differ.
    let cases: [Case<'_>; 26] = [
        ("rest_public_time", "public/time".into(), &[]),
        (
            "rest_contracts_usdt_live_2026-09",
            "mix/market/contracts?productType=USDT-FUTURES".into(),
            &[],
        ),
        ("rest_ticker_btcusdt_2025-06", format!("mix/market/ticker?{both}"), &[]),
        ("rest_candles_1m_live_2026-09", format!("mix/market/candles?{both}&granularity=1m"), &[]),
        (
            "rest_candles_1m_live_2026-09",
            format!("mix/market/candles?{both}&granularity=1m&kLineType=MARK"),
            &[],
        ),
        (
            "rest_candles_1m_live_2026-09",
            format!("mix/market/history-mark-candles?{both}&granularity=1Dutc&limit=200"),
            &[],
        ),
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
    responses_match(&sim, "v2", &cases).await;
}

#[tokio::test]
async fn errors_have_the_codes_of_the_real_ones() {
    let sim = start(classic()).await;
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
    let sim = start(SimConfig { expected: Some(expected), ..classic() }).await;
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
    let sim = start(classic()).await;
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

#[tokio::test]
async fn public_pushes_have_the_keys_and_types_of_the_real_ones() {
    let sim = start(classic()).await;
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
        // The checksum is no longer sent.
        ("books5", "snapshot", "ws_books5_doc_checksum", &["checksum"]),
        ("books1", "snapshot", "ws_books1_live_2026-08", &[]),
        ("ticker", "snapshot", "ws_ticker_btcusdt_live_2026-09", &[]),
        // An update may be of one side only.
        ("books", "update", "ws_books_3_update_live_2026-09", &["asks", "bids"]),
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
    let sim = start(classic()).await;
    let arg = json!({"instType": "USDT-FUTURES", "channel": "books", "instId": "ETHUSDT"});
    books_continue(&mut socket(&sim, "/v2/ws/public").await, arg, "channel").await;
}

#[tokio::test]
async fn private_pushes_have_the_keys_and_types_of_the_real_ones() {
    let sim = start(classic()).await;
    let mut socket = socket(&sim, "/v2/ws/private").await;
    let subscription = fixture("ws_subscribe_request_private");
    send(&mut socket, &subscription).await;
    let early = until(&mut socket, "refusal", |value| value["event"] == "error").await;
    assert_like("ws_error_30004_need_login", &early, &[]);
    let ack = login(&mut socket, "login").await;
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
    assert_eq!(algo["data"][0]["side"], "sell", "the side of a fill is the real direction");
    sim.with_world(|world| world.close("SOLUSDT"));
    assert_like(
        "ws_positions_history_2024-06",
        &push(&mut socket, "positions-history", "snapshot").await,
        &[],
    );
    // Its closing limit order is canceled with the position.
    let order = push(&mut socket, "orders", "snapshot").await;
    assert_like("ws_orders_live_one_way_2025-03", &order, &[]);
    assert_eq!(order["data"][0]["status"], "canceled");
    sim.with_world(|world| world.close("ETHUSDT"));
    let plan = push(&mut socket, "orders-algo", "snapshot").await;
    assert_like("ws_orders_algo_doc", &plan, &[]);
}
