//! V3 against its payloads.

use bitget_watch::sim::{Entry, Fault, Reply};
use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};

use crate::support::{
    self, Case, Socket, books_continue, claim, get, login, responses_match, send, socket, start,
    unified, until,
};

fn fixture(name: &str) -> Value {
    support::fixture("v3", name)
}

fn assert_like(name: &str, sim: &Value, free: &[&str]) {
    support::assert_like("v3", name, sim, free);
}

async fn push(socket: &mut Socket, topic: &str, action: &str) -> Value {
    support::push(socket, ("topic", topic), action).await
}

/// Prices and presets that are `null` in the recorded list of orders.
const PRESETS: &[&str] = &[
    "tpTriggerBy",
    "slTriggerBy",
    "takeProfit",
    "stopLoss",
    "tpOrderType",
    "slOrderType",
    "tpLimitPrice",
    "slLimitPrice",
];

#[tokio::test]
async fn responses_have_the_keys_and_types_of_the_real_ones() {
    let sim = start(unified()).await;
    let (one, both) = ("category=USDT-FUTURES", "category=USDT-FUTURES&symbol=BTCUSDT");
    let cases: [Case<'_>; 26] = [
        ("rest_market_instruments_btcusdt", format!("market/instruments?{both}"), &[]),
        ("rest_market_tickers", format!("market/tickers?{both}"), &[]),
        ("rest_market_candles", format!("market/candles?{both}&interval=1m&type=mark"), &[]),
        ("rest_market_candles", format!("market/history-candles?{both}&interval=1H"), &[]),
        ("rest_market_orderbook", format!("market/orderbook?{both}"), &[]),
        ("rest_market_current_fund_rate", "market/current-fund-rate?symbol=BTCUSDT".into(), &[]),
        ("rest_market_history_fund_rate", format!("market/history-fund-rate?{both}"), &[]),
        ("rest_market_open_interest", format!("market/open-interest?{both}"), &[]),
        ("rest_market_position_tier", format!("market/position-tier?{both}"), &[]),
        ("rest_account_settings", "account/settings".into(), &[]),
        ("rest_account_switch_status", "account/switch-status".into(), &[]),
        ("rest_account_assets", "account/assets".into(), &[]),
        ("rest_account_assets_live_three_coins", "account/assets".into(), &[]),
        ("rest_account_info", "account/info".into(), &[]),
        ("rest_account_fee_rate", format!("account/fee-rate?{both}"), &[]),
        ("rest_account_financial_records", format!("account/financial-records?{one}"), &[]),
        ("rest_position_current_live_short_cross", format!("position/current-position?{one}"), &[]),
        ("rest_position_current_long_cross", format!("position/current-position?{one}"), &[]),
        ("rest_position_history", format!("position/history-position?{one}"), &[]),
        ("rest_position_adl_rank", "position/adlRank".into(), &[]),
        // The documentation has `null` fees for an order without fills, the wire has blank ones.
        ("rest_trade_unfilled_orders", format!("trade/unfilled-orders?{one}"), &["fee", "feeCoin"]),
        ("rest_trade_unfilled_orders_live", format!("trade/unfilled-orders?{one}"), PRESETS),
        (
            "rest_trade_unfilled_strategy_orders",
            format!("trade/unfilled-strategy-orders?{one}"),
            &[],
        ),
        ("rest_trade_fills", format!("trade/fills?{one}"), &[]),
        ("rest_trade_fills_live", format!("trade/fills?{one}"), &[]),
        ("rest_position_current_small_long_liq0", format!("position/current-position?{one}"), &[]),
    ];
    responses_match(&sim, "v3", &cases).await;
}

/// Trades appear with the steps of the world, so the list is requested after the first one.
#[tokio::test]
async fn trades_have_the_keys_and_types_of_the_real_ones() {
    let sim = start(unified()).await;
    let mut socket = socket(&sim, "/v3/ws/public").await;
    let arg = json!({"instType": "usdt-futures", "topic": "publicTrade", "symbol": "BTCUSDT"});
    send(&mut socket, &json!({"op": "subscribe", "args": [arg]})).await;
    assert_like(
        "ws_public_trade_update_live",
        &push(&mut socket, "publicTrade", "update").await,
        &[],
    );
    let path = "/api/v3/market/fills?category=USDT-FUTURES&symbol=BTCUSDT";
    assert_like("rest_market_fills", &get(&sim, path, &[]).await.1, &[]);
}

#[tokio::test]
async fn lists_without_rows_are_null_or_empty_as_the_real_ones() {
    let mut config = unified();
    config.flat = true;
    let sim = start(config).await;
    for (path, data) in [
        ("position/current-position", json!({ "list": null })),
        ("trade/unfilled-orders", json!({ "list": [], "cursor": null })),
        ("trade/unfilled-strategy-orders", json!([])),
    ] {
        let path = format!("/api/v3/{path}?category=USDT-FUTURES");
        assert_eq!(get(&sim, &path, &claim()).await.1["data"], data, "{path}");
    }
}

#[tokio::test]
async fn public_pushes_have_the_keys_and_types_of_the_real_ones() {
    let sim = start(unified()).await;
    let mut socket = socket(&sim, "/v3/ws/public").await;
    let arg = |topic: &str| match topic {
        "kline" => {
            json!({"instType": "usdt-futures", "topic": topic, "symbol": "BTCUSDT", "interval": "1m"})
        }
        _ => json!({"instType": "usdt-futures", "topic": topic, "symbol": "BTCUSDT"}),
    };
    let topics = ["ticker", "kline", "books", "books1", "books5", "books50"];
    let args: Vec<Value> = topics.iter().map(|topic| arg(topic)).collect();
    send(&mut socket, &json!({"op": "subscribe", "args": args})).await;
    let ack = until(&mut socket, "ack", |value| value["event"] == "subscribe").await;
    assert_like("ws_subscribe_ack_public", &ack, &[]);
    for (topic, action, name, free) in [
        ("kline", "snapshot", "ws_kline_live_1m", &[][..]),
        // The documentation writes `maxDepth`, the wire `maxdepth`.
        ("books", "snapshot", "ws_books_snapshot_doc", &["maxDepth"]),
        ("books1", "snapshot", "ws_books5_live", &[]),
        ("books5", "snapshot", "ws_books5_live", &[]),
        ("books50", "snapshot", "ws_books5_live", &[]),
        ("ticker", "snapshot", "ws_ticker_live_btcusdt", &[]),
        ("books", "update", "ws_books_update_live", &[]),
        ("books50", "update", "ws_books_update_live", &[]),
        ("kline", "update", "ws_kline_live_1m", &[]),
    ] {
        assert_like(name, &push(&mut socket, topic, action).await, free);
    }
    let arg = json!({"instType": "usdt-futures", "topic": "books", "symbol": "NOPEUSDT"});
    send(&mut socket, &json!({"op": "subscribe", "args": [arg]})).await;
    let error = until(&mut socket, "error", |value| value["event"] == "error").await;
    let real = fixture("ws_error_unknown_symbol");
    assert_eq!((&error["code"], &error["msg"]), (&real["code"], &real["msg"]));
    assert_like("ws_error_unknown_symbol", &error, &[]);
    assert!(error.get("arg").is_none(), "an error names its argument in its message only");
}

#[tokio::test]
async fn private_pushes_have_the_keys_and_types_of_the_real_ones() {
    let sim = start(unified()).await;
    sim.inject(Entry::now(Fault::Login { reply: Reply::StringCode, ms: 0, code: 0 }));
    let mut socket = socket(&sim, "/v3/ws/private").await;
    assert_like("ws_login_ack_code_string", &login(&mut socket, "login").await, &[]);
    send(&mut socket, &fixture("ws_subscribe_request_private")).await;
    let account = push(&mut socket, "account", "snapshot").await;
    assert_like("ws_account_doc", &account, &[]);
    assert_like("ws_account_live", &account, &[]);
    let ack = until(&mut socket, "ack", |value| value["event"] == "subscribe").await;
    assert_like("ws_subscribe_ack_private_position", &ack, &[]);
    let first = push(&mut socket, "position", "snapshot").await;
    assert_like("ws_position_live_open_short", &first, &[]);
    assert_eq!(first["data"].as_array().unwrap().len(), 3, "at first all positions");

    sim.with_world(|world| world.close("SOLUSDT"));
    let ended = event(&mut socket, "position", "SOLUSDT").await;
    assert_like("ws_position_doc_ended", &ended, &[]);
    assert_eq!(ended["data"].as_array().unwrap().len(), 1, "then the one of the event");
    let order = event(&mut socket, "order", "SOLUSDT").await;
    assert_like("ws_order_live_new_limit", &order, &[]);
    assert_eq!(order["data"][0]["orderStatus"], "cancelled");
    let fill = event(&mut socket, "fill", "SOLUSDT").await;
    assert_like("ws_fill_doc", &fill, &[]);
    assert_like("ws_fill_live_short_open", &fill, &[]);
    assert_eq!(fill["data"][0]["side"], "sell", "closing a long");
    let fee = fill["data"][0]["feeDetail"][0]["fee"].as_str().unwrap();
    assert!(fee.parse::<Decimal>().unwrap() > dec!(0), "a fee is positive when paid");
    let plan = event(&mut socket, "strategy-order", "SOLUSDT").await;
    assert_like("ws_strategy_order_doc", &plan, &[]);
    assert_eq!(plan["data"][0]["status"], "cancelled");

    sim.with_world(|world| world.open("ETHUSDT", false, false, dec!(1)));
    let grown = event(&mut socket, "position", "ETHUSDT").await;
    assert_eq!((&grown["data"][0]["size"], &grown["data"][1]), (&json!("7"), &Value::Null));
    assert_eq!(grown["data"][0]["positionStatus"], "opening");
}

/// Reads until a push about a contract.
async fn event(socket: &mut Socket, topic: &str, symbol: &str) -> Value {
    until(socket, topic, |value| {
        value["arg"]["topic"] == topic && value["data"][0]["symbol"] == symbol
    })
    .await
}

#[tokio::test]
async fn book_updates_continue_each_other() {
    let sim = start(unified()).await;
    let arg = json!({"instType": "usdt-futures", "topic": "books", "symbol": "ETHUSDT"});
    books_continue(&mut socket(&sim, "/v3/ws/public").await, arg, "topic").await;
}

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn amounts_have_the_recorded_relations() {
    let mut config = unified();
    config.bitcoin = dec!(0.05);
    let sim = start(config).await;
    let path = "/api/v3/position/current-position?category=USDT-FUTURES&symbol=BTCUSDT";
    let row = get(&sim, path, &claim()).await.1["data"]["list"][0].clone();
    let [size, mark, leverage] = ["total", "markPrice", "leverage"].map(|name| decimal(&row[name]));
    let balance = size * mark * (dec!(1) / leverage + dec!(0.0006));
    assert_eq!(decimal(&row["positionBalance"]), balance.round_dp(8));
    let (pnl, rate) = (decimal(&row["unrealisedPnl"]), decimal(&row["profitRate"]));
    assert!((pnl / balance - rate).abs() < dec!(0.000000001));
    assert!(decimal(&row["openFeeTotal"]) < dec!(0), "a fee is negative when paid");

    let account = get(&sim, "/api/v3/account/assets", &claim()).await.1["data"].clone();
    let coins = account["assets"].as_array().unwrap();
    assert_eq!((coins.len(), &coins[1]["coin"]), (2, &json!("BTC")));
    let value: Decimal = coins.iter().map(|coin| decimal(&coin["usdValue"])).sum();
    assert_eq!(decimal(&account["accountEquity"]), value);
    let [effective, maintenance, ratio] =
        ["effEquity", "mmr", "mgnRatio"].map(|name| decimal(&account[name]));
    assert!((maintenance / effective - ratio).abs() < dec!(0.0000000001));
    // Margin of isolated positions backs nothing else, and bitcoin has a collateral rate below 1.
    let free = decimal(&coins[0]["available"]) + decimal(&coins[1]["usdValue"]) * dec!(0.98);
    assert!((effective - free).abs() < dec!(0.0000001), "{effective} {free}");
}

#[tokio::test]
async fn faults_affect_their_fields() {
    let sim = start(unified()).await;
    let path = "/api/v3/position/current-position?category=USDT-FUTURES";
    let on = |fault| Entry::now(fault).path("current-position");
    sim.inject(on(Fault::UnknownVariant));
    sim.inject(on(Fault::Partial));
    let (_, body) = get(&sim, path, &claim()).await;
    assert_eq!(body["data"]["list"].as_array().unwrap().len(), 2);
    assert_eq!(body["data"]["list"][0]["positionStatus"], "future_variant");
    sim.heal();
    sim.inject(on(Fault::EmptyList));
    assert_eq!(get(&sim, path, &claim()).await.1["data"]["list"], json!([]));
    sim.heal();
    sim.inject(on(Fault::Code { code: "25245".to_owned(), status: 200 }));
    assert_eq!(get(&sim, path, &claim()).await.1["code"], "25245");
}
