//! An account that holds more than USDT and contracts that pay in it, in both generations.

use bitget_watch::sim::{ContractStatus, Holdings, Script, SimConfig, SimServer};
use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};

use crate::support::{
    assert_like, claim, classic, get, login, send, socket, start, unified, until,
};

fn mixed(config: SimConfig) -> SimConfig {
    SimConfig { holdings: Holdings::Mixed, ..config }
}

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}

async fn data(sim: &SimServer, path: &str) -> Value {
    let (status, mut body) = get(sim, path, &claim()).await;
    assert_eq!(status, 200, "{path}: {body}");
    body["data"].take()
}

fn of(rows: &Value, name: &str) -> Vec<String> {
    let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
    rows.iter().map(|row| row[name].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn each_category_lists_its_own_contracts_and_positions() {
    let sim = start(mixed(unified())).await;
    for (category, symbol, coin, quote) in
        [("USDC-FUTURES", "BTCPERP", "USDC", "USDC"), ("COIN-FUTURES", "BTCUSD_CM", "BTC", "USD")]
    {
        let one = format!("category={category}&symbol={symbol}");
        let listed = data(&sim, &format!("/api/v3/market/instruments?category={category}")).await;
        assert_eq!(of(&listed, "symbol"), [symbol]);
        assert_eq!(
            (&listed[0]["quoteCoin"], &listed[0]["category"]),
            (&json!(quote), &json!(category))
        );
        for path in ["tickers", "position-tier", "current-fund-rate", "orderbook"] {
            let rows = data(&sim, &format!("/api/v3/market/{path}?{one}")).await;
            assert!(!rows.is_null(), "{path}");
        }
        let candles =
            data(&sim, &format!("/api/v3/market/candles?{one}&interval=1m&type=mark")).await;
        assert_eq!(candles.as_array().unwrap().len(), 100);
        let path = format!("/api/v3/position/current-position?category={category}");
        let (_, body) = get(&sim, &path, &claim()).await;
        assert_like("v3", "rest_position_current_long_cross", &body, &[]);
        let row = &body["data"]["list"][0];
        assert_eq!(of(&body["data"]["list"], "symbol"), [symbol]);
        assert_eq!((&row["marginCoin"], &row["category"]), (&json!(coin), &json!(category)));
    }
    let other = "/api/v3/market/tickers?category=USDC-FUTURES&symbol=BTCUSDT";
    assert_eq!(get(&sim, other, &[]).await.1["code"], "40034", "a contract of another product");
}

#[tokio::test]
async fn a_unified_account_adds_up_over_its_coins_in_dollars() {
    let sim = start(mixed(unified())).await;
    let (_, body) = get(&sim, "/api/v3/account/assets", &claim()).await;
    assert_like("v3", "rest_account_assets_live_three_coins", &body, &[]);
    let account = &body["data"];
    let coins = account["assets"].as_array().unwrap();
    assert_eq!(of(&account["assets"], "coin"), ["USDT", "USDC", "BTC"]);
    let value: Decimal = coins.iter().map(|coin| decimal(&coin["usdValue"])).sum();
    let near = |a: Decimal, b: Decimal| (a - b).abs() < dec!(0.0000001);
    assert!(near(decimal(&account["accountEquity"]), value));
    let rate = decimal(&coins[0]["usdValue"]) / decimal(&coins[0]["equity"]);
    assert!(rate > dec!(0.998) && rate < dec!(1), "{rate}");
    assert!((decimal(&account["usdtEquity"]) * rate - value).abs() < dec!(0.0001));
    let free = |coin: &Value| {
        let part = decimal(&coin["available"]) / decimal(&coin["equity"]);
        decimal(&coin["usdValue"]) * part
    };
    let effective = free(&coins[0]) + free(&coins[1]) + free(&coins[2]) * dec!(0.98);
    assert!((decimal(&account["effEquity"]) - effective).abs() < dec!(0.0001), "{effective}");
    let [needed, held, ratio] =
        ["mmr", "effEquity", "mgnRatio"].map(|name| decimal(&account[name]));
    assert!((needed / held - ratio).abs() < dec!(0.000000001));
    assert_eq!(coins[1]["debt"], "150");
    assert_eq!(coins[0]["bonus"], "25");

    // The unrealized PnL of all products, each in its coin at the price of that coin.
    let mut unrealized = dec!(0);
    for (category, coin) in [("USDT-FUTURES", 0), ("USDC-FUTURES", 1), ("COIN-FUTURES", 2)] {
        let coin: &Value = &coins[coin];
        let path = format!("/api/v3/position/current-position?category={category}");
        let rows = data(&sim, &path).await;
        for row in rows["list"].as_array().unwrap() {
            let price = decimal(&coin["usdValue"]) / decimal(&coin["equity"]);
            unrealized += decimal(&row["unrealisedPnl"]) * price;
        }
    }
    let shown = decimal(&data(&sim, "/api/v3/account/assets").await["unrealisedPnl"]);
    // The world moves between the requests.
    assert!((shown - unrealized).abs() < dec!(20), "{shown} {unrealized}");
}

#[tokio::test]
async fn the_unified_ledger_lists_movements_outside_the_futures_categories() {
    let sim = start(mixed(unified())).await;
    sim.with_world(|world| {
        world.deposit("USDT", dec!(500));
        world.withdraw("USDC", dec!(20));
        world.grant_bonus("USDT", dec!(9));
        world.expire_bonus("USDT", dec!(2));
        world.grant_coupon("USDT", dec!(3));
        world.airdrop("USDT", dec!(1));
        world.charge_interest("USDC", dec!(0.01));
    });
    let words = async |category: &str, limit: usize| {
        let path = format!("/api/v3/account/financial-records?category={category}&limit={limit}");
        of(&data(&sim, &path).await["list"], "type")
    };
    assert_eq!(
        words("OTHER", 6).await,
        [
            "AIRDROP_REWARDS",
            "COUPON_ISSUE",
            "BONUS_EXPIRE_USER_OUT",
            "BONUS_GRANT_USER_IN",
            "TRANSFER_OUT",
            "TRANSFER_IN"
        ]
    );
    assert_eq!(words("MARGIN", 1).await, ["INTEREST_SETTLEMENT_OUT"]);
    assert_eq!(words("USDC-FUTURES", 9).await, ["OPEN_SHORT"]);
    assert_eq!(words("COIN-FUTURES", 9).await, ["OPEN_LONG"]);
    assert!(!words("USDT-FUTURES", 100).await.iter().any(|word| word.contains("TRANSFER")));
}

#[tokio::test]
async fn the_private_sockets_push_all_products_and_what_moves_the_wallet() {
    let sim = start(mixed(unified())).await;
    let mut socket = socket(&sim, "/v3/ws/private").await;
    login(&mut socket, "login").await;
    let args =
        json!([{"instType": "UTA", "topic": "position"}, {"instType": "UTA", "topic": "account"}]);
    send(&mut socket, &json!({"op": "subscribe", "args": args})).await;
    let topic = |topic: &'static str| {
        move |value: &Value| value["arg"]["topic"] == topic && value["data"][0] != Value::Null
    };
    let first = until(&mut socket, "positions", topic("position")).await;
    assert_eq!(
        of(&first["data"], "symbol"),
        ["BTCUSDT", "ETHUSDT", "SOLUSDT", "BTCPERP", "BTCUSD_CM"]
    );
    let account = until(&mut socket, "account", topic("account")).await;
    let balance = |push: &Value| decimal(&push["data"][0]["coin"][1]["balance"]);
    sim.with_world(|world| world.deposit("USDC", dec!(40)));
    let after = until(&mut socket, "account", topic("account")).await;
    assert_eq!(balance(&after) - balance(&account), dec!(40));
}

#[tokio::test]
async fn public_sockets_carry_every_product_under_its_own_name_only() {
    let sim = start(mixed(unified())).await;
    let mut v3 = socket(&sim, "/v3/ws/public").await;
    for (product, symbol) in [("usdc-futures", "BTCPERP"), ("coin-futures", "BTCUSD_CM")] {
        let arg = json!({"instType": product, "topic": "ticker", "symbol": symbol});
        send(&mut v3, &json!({"op": "subscribe", "args": [arg]})).await;
        until(&mut v3, symbol, |value| {
            value["arg"]["symbol"] == symbol && value["data"].is_array()
        })
        .await;
    }
    let mut v2 = socket(&sim, "/v2/ws/public").await;
    for (product, symbol) in [("USDC-FUTURES", "BTCPERP"), ("COIN-FUTURES", "BTCUSD")] {
        let arg = json!({"instType": product, "channel": "ticker", "instId": symbol});
        send(&mut v2, &json!({"op": "subscribe", "args": [arg]})).await;
        let push = until(&mut v2, symbol, |value| value["data"].is_array()).await;
        assert_eq!(push["data"][0]["instId"], symbol);
    }
}

#[tokio::test]
async fn a_classic_account_has_one_account_for_each_product() {
    let sim = start(mixed(classic())).await;
    for (product, coin, symbol) in
        [("USDC-FUTURES", "USDC", "BTCPERP"), ("COIN-FUTURES", "BTC", "BTCUSD")]
    {
        let of_product = |path: &str| format!("/api/v2/mix/{path}?productType={product}");
        let (_, body) = get(&sim, &of_product("account/accounts"), &claim()).await;
        assert_like("v2", "rest_accounts_live_2025-08", &body, &["assetList"]);
        let row = &body["data"][0];
        assert_eq!(row["marginCoin"], coin);
        assert!(decimal(&row["crossedRiskRate"]) > dec!(0));
        let (_, body) = get(&sim, &of_product("position/all-position"), &claim()).await;
        assert_like("v2", "rest_all_position_cross_hedge_2023-11", &body, &[]);
        assert_eq!(of(&body["data"], "symbol"), [symbol]);
        let bills = data(&sim, &of_product("account/bill")).await;
        assert!(of(&bills["bills"], "coin").iter().all(|own| own == coin));
    }
    let usdt = data(&sim, "/api/v2/mix/account/accounts?productType=USDT-FUTURES").await;
    assert_eq!((&usdt[0]["grant"], &usdt[0]["coupon"]), (&json!("25"), &json!("10")));
    let simple = start(classic()).await;
    for path in ["account/accounts", "position/all-position"] {
        let path = format!("/api/v2/mix/{path}?productType=USDC-FUTURES");
        assert_eq!(data(&simple, &path).await, json!([]));
    }
}

#[tokio::test]
async fn movements_of_a_classic_account_are_bills_and_pushes() {
    let sim = start(classic()).await;
    let mut socket = socket(&sim, "/v2/ws/private").await;
    login(&mut socket, "login").await;
    let arg = json!({"instType": "USDT-FUTURES", "channel": "account", "coin": "default"});
    send(&mut socket, &json!({"op": "subscribe", "args": [arg]})).await;
    let pushed = |value: &Value| value["data"].is_array();
    let available = |push: &Value| decimal(&push["data"][0]["available"]);
    let before = available(&until(&mut socket, "account", pushed).await);
    sim.with_world(|world| {
        world.deposit("USDT", dec!(500));
        world.grant_bonus("USDT", dec!(30));
    });
    let after = available(&until(&mut socket, "account", pushed).await);
    assert_eq!(after - before, dec!(530));
    let script = "[[step]]\nat = \"0s\"\nfault = \"movement\"\nreason = \"withdrawal\"\n\
                  coin = \"USDT\"\namount = \"12.5\"";
    for step in Script::parse(script).unwrap().steps {
        sim.inject(step);
    }
    let bills = data(&sim, "/api/v2/mix/account/bill?productType=USDT-FUTURES&limit=3").await;
    assert_eq!(
        of(&bills["bills"], "businessType"),
        ["trans_to_exchange", "bonus_issue", "trans_from_exchange"]
    );
    assert_eq!(bills["bills"][0]["amount"], "-12.5");
}

#[tokio::test]
async fn the_list_of_contracts_says_when_one_ends_and_an_order_what_it_presets() {
    let status = ContractStatus {
        delisted_at_ms: Some(1_800_000_000_000),
        closing_only_from_ms: Some(1_799_000_000_000),
        halted: true,
    };
    for (config, listed, halted, orders, profit) in [
        (
            unified(),
            "/api/v3/market/instruments?category",
            ("status", "offline"),
            "/api/v3/trade/unfilled-orders?category",
            "takeProfit",
        ),
        (
            classic(),
            "/api/v2/mix/market/contracts?productType",
            ("symbolStatus", "maintain"),
            "/api/v2/mix/order/orders-pending?productType",
            "presetStopSurplusPrice",
        ),
    ] {
        let sim = start(config).await;
        sim.with_world(|world| {
            world.set_contract_status("BTCUSDT", status);
            world.preset("BTCUSDT", dec!(99000), dec!(70000));
        });
        let row = data(&sim, &format!("{listed}=USDT-FUTURES&symbol=BTCUSDT")).await[0].take();
        assert_eq!(
            (&row["offTime"], &row["limitOpenTime"]),
            (&json!("1800000000000"), &json!("1799000000000"))
        );
        assert_eq!(row[halted.0], halted.1);
        let rows = data(&sim, &format!("{orders}=USDT-FUTURES&symbol=BTCUSDT")).await;
        let list = rows.get("list").or_else(|| rows.get("entrustedList")).unwrap();
        assert!(of(list, profit).contains(&"99000".to_owned()), "{list}");
    }
}

/// A script lists a contract as ending and halted, and later as usual again.
#[tokio::test]
async fn a_script_changes_what_the_list_of_contracts_says() {
    for (config, listed, key, halted, usual) in [
        (unified(), "/api/v3/market/instruments?category", "status", "offline", "online"),
        (
            classic(),
            "/api/v2/mix/market/contracts?productType",
            "symbolStatus",
            "maintain",
            "normal",
        ),
    ] {
        let sim = start(config).await;
        let path = format!("{listed}=USDT-FUTURES&symbol=BTCUSDT");
        let before = data(&sim, &path).await[0].take();
        assert_eq!(before[key], usual);
        let step = "[[step]]\nat = \"0s\"\nfault = \"contract_status\"\nsymbol = \"BTCUSDT\"\n";
        let inject = |more: &str| {
            for step in Script::parse(&format!("{step}{more}")).unwrap().steps {
                sim.inject(step);
            }
        };
        inject("halted = true\ndelisted_in_ms = 3600000\nclosing_only_in_ms = 60000");
        let row = data(&sim, &path).await[0].take();
        assert_eq!(row[key], halted);
        let time = |field: &str| row[field].as_str().unwrap().parse::<i64>().unwrap();
        assert_eq!(time("offTime") - time("limitOpenTime"), 3_540_000);
        inject("");
        let row = data(&sim, &path).await[0].take();
        for field in [key, "offTime", "limitOpenTime"] {
            assert_eq!(row[field], before[field], "{field}");
        }
    }
}
