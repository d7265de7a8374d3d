//! What every recorded payload of API V3 means, in domain values.
//!
//! Recorded replies and frames, and samples of the exchange's documentation (`_doc`, and those that
//! contradict themselves). `every_payload_is_covered` fails when one is added without saying here what it
//! means.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod payloads;

use std::collections::BTreeSet;

use bitget_watch::domain::{
    AssetMode, Body, FeeRate, Interval, KeyRights, LedgerKind, Liquidity, MarginMode, OpenEnum,
    OrderClass, OrderKind, OrderSide, OrderStatus, PositionMode, Product, Scope, Side, Symbol,
    UserId,
};
use bitget_watch::exchange::{BookPart, Channel, ErrorClass, Message, Request};
use payloads::{V3, account, at, closed, fills, symbol};
use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};

/// Read by the tests of this file.
const READ: &[&str] = &[
    "rest_account_assets",
    "rest_account_assets_composed",
    "rest_account_assets_live_three_coins",
    "rest_account_fee_rate",
    "rest_account_financial_records",
    "rest_account_info",
    "rest_account_settings",
    "rest_error_40084_v3_called_by_classic_key",
    "rest_error_40085_v2_called_by_uta_key",
    "rest_market_candles",
    "rest_market_current_fund_rate",
    "rest_market_instruments_btcusdt",
    "rest_market_position_tier",
    "rest_market_tickers",
    "rest_position_adl_rank",
    "rest_position_current_live_short_cross",
    "rest_position_current_long_cross",
    "rest_position_current_small_long_liq0",
    "rest_position_history",
    "rest_trade_fills",
    "rest_trade_fills_live",
    "rest_trade_unfilled_orders",
    "rest_trade_unfilled_orders_live",
    "rest_trade_unfilled_strategy_orders",
    "ws_account_doc",
    "ws_account_live",
    "ws_adl_notification_doc",
    "ws_books5_live",
    "ws_books_snapshot_doc",
    "ws_books_update_live",
    "ws_error_unknown_symbol",
    "ws_fill_doc",
    "ws_fill_live_short_open",
    "ws_kline_live_1m",
    "ws_login_ack_code_string",
    "ws_order_doc_filled_market",
    "ws_order_live_new_limit",
    "ws_position_doc_ended",
    "ws_position_live_open_short",
    "ws_public_trade_update_live",
    "ws_strategy_order_doc",
    "ws_subscribe_ack_private_position",
    "ws_subscribe_ack_public",
    "ws_subscribe_request_private",
    "ws_subscribe_request_public",
    "ws_ticker_live_btcusdt",
];

/// Of endpoints and channels that the program does not use: `unused` says how they are read.
const UNUSED: &[&str] = &[
    "rest_account_switch_status",
    "rest_market_fills",
    "rest_market_history_fund_rate",
    "rest_market_open_interest",
    "rest_market_orderbook",
    "rest_trade_history_orders",
    "rest_trade_history_strategy_orders",
    "ws_fast_fill_doc_object_data",
];

#[test]
fn every_payload_is_covered() {
    let there: BTreeSet<String> = std::fs::read_dir(V3.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let covered: BTreeSet<String> =
        READ.iter().chain(UNUSED).map(|name| format!("{name}.json")).collect();
    assert_eq!(there, covered);
}

#[test]
fn rules_of_the_contract() {
    let btc = || symbol("BTCUSDT");
    let response = V3.response(&Request::Contract(btc()), "rest_market_instruments_btcusdt");
    let [Body::Contract(contract)] = &response.bodies[..] else { panic!() };
    assert_eq!((contract.price_places, contract.price_step), (1, Some(dec!(0.1))), "not a factor");
    assert_eq!((contract.size_places, contract.size_step), (4, Some(dec!(0.0001))));
    let rate = FeeRate { maker: dec!(0.0002), taker: dec!(0.0006) };
    assert_eq!(contract.default_fees, Some(rate));
    assert_eq!(
        (contract.max_leverage, contract.funding_interval_hours),
        (Some(dec!(150)), Some(8))
    );
    assert_eq!(contract.status.as_ref().unwrap().as_str(), "normal", "`online` trades");

    let response = V3.response(&Request::Tiers(btc()), "rest_market_position_tier");
    let [Body::Tiers { tiers, .. }] = &response.bodies[..] else { panic!() };
    assert_eq!((tiers[0].start, tiers[0].end), (dec!(0), dec!(100000)));
    assert_eq!(tiers[0].maintenance_margin_rate, dec!(0.004));

    let response = V3.response(&Request::Funding(btc()), "rest_market_current_fund_rate");
    let [Body::Funding(funding)] = &response.bodies[..] else { panic!() };
    assert_eq!((funding.rate, funding.interval_hours), (Some(dec!(0.000071)), Some(8)));
    assert_eq!(funding.next_at, Some(at(1_743_062_400_000)));

    let response = V3.response(&Request::FeeRate(btc()), "rest_account_fee_rate");
    let [Body::FeeRate { rate, .. }] = &response.bodies[..] else { panic!() };
    assert_eq!((rate.maker, rate.taker), (dec!(0.0008), dec!(0.0008)));
}

#[test]
fn prices() {
    let response = V3.response(&Request::Ticker(symbol("BTCUSDT")), "rest_market_tickers");
    let [Body::Ticker(rest)] = &response.bodies[..] else { panic!() };
    assert_eq!((rest.last, rest.mark), (Some(dec!(90216.3)), Some(dec!(90216.4))));
    assert_eq!(rest.index, Some(dec!(90247.5410266912815894)));
    assert_eq!(rest.change_24h, Some(dec!(-0.02605)), "a fraction");
    assert_eq!((rest.next_funding_at, rest.exchange_time), (None, Some(at(1_765_444_282_230))));

    let (sent, Body::Ticker(push)) = V3.pushed("ws_ticker_live_btcusdt") else { panic!() };
    assert_eq!(push.symbol, Symbol::default(), "named by the channel alone");
    assert_eq!(
        (push.mark, push.bid, push.ask_size),
        (Some(dec!(80814.7)), Some(dec!(80810.6)), Some(dec!(1.4785)))
    );
    assert_eq!(push.open_interest, Some(dec!(32117.3964999999767)), "float noise");
    assert_eq!(push.next_funding_at, Some(at(1_789_948_800_000)));
    assert_eq!(
        (sent, push.exchange_time),
        (Some(at(1_789_940_561_885)), sent),
        "no time of its own"
    );

    // The general way reads what the fast one does.
    let spaced = V3.text("ws_ticker_live_btcusdt").replace(r#""topic":"#, r#""topic" : "#);
    let Message::Push { bodies, .. } = V3.api().read_message(&spaced).unwrap() else { panic!() };
    assert_eq!(bodies, [Body::Ticker(push)]);

    let request =
        Request::Candles { symbol: symbol("BTCUSDT"), interval: Interval::Day1, limit: 9 };
    let response = V3.response(&request, "rest_market_candles");
    let [Body::Candles { rows, .. }] = &response.bodies[..] else { panic!() };
    assert_eq!((rows.len(), rows[1].close, rows[1].volume), (2, dec!(24001), Some(dec!(2989.1))));
    let (_, Body::Candles { interval, rows, .. }) = V3.pushed("ws_kline_live_1m") else { panic!() };
    assert_eq!((interval, rows[0].close), (Interval::Min1, dec!(116256.2)));
    assert_eq!(
        (rows[0].open, rows[0].high, rows[0].low),
        (dec!(116286), dec!(116310.2), dec!(116232.8))
    );

    let (_, Body::Trades { rows, .. }) = V3.pushed("ws_public_trade_update_live") else { panic!() };
    assert_eq!((rows[0].price, rows[0].size), (dec!(80810.6), dec!(0.0246)));
    assert_eq!((rows[0].taker_side, rows[0].time), (Some(OrderSide::Sell), at(1_789_940_564_662)));
    assert_eq!(rows[1].id, Some("1485683898127761408".into()));
}

#[test]
fn books() {
    let (_, Body::Book { book: Some(book), .. }) = V3.pushed("ws_books5_live") else { panic!() };
    assert_eq!((book.bids.len(), book.asks.len()), (5, 5));
    assert_eq!((book.bids[0].price, book.asks[0].price), (dec!(80810.3), dec!(80810.4)));
    let part = |name: &str| {
        let text = V3.text(name);
        match V3.api().read_message(&text).unwrap() {
            Message::Book { symbol, mut parts, .. } => (symbol, parts.remove(0)),
            other => panic!("{other:?}"),
        }
    };
    let (_, BookPart::Snapshot(row)) = part("ws_books_snapshot_doc") else { panic!() };
    assert_eq!((row.seq, row.asks[0].size), (1_304_314_508_780_744_705, dec!(23.9774)));
    let (of, BookPart::Update(row)) = part("ws_books_update_live") else { panic!() };
    assert_eq!((of.wire(), row.seq, row.previous), ("MAVUSDT", 427_583_480_559, 427_583_461_144));
}

#[test]
fn listed_positions() {
    let set = V3.positions("rest_position_current_live_short_cross");
    assert_eq!((set.scope, set.unreadable, set.rows.len()), (Scope::Complete, 0, 1));
    let row = &set.rows[0];
    assert_eq!((row.key.symbol.to_string().as_str(), row.key.side), ("BTCUSDT_UMCBL", Side::Short));
    assert_eq!(row.key.margin_mode, OpenEnum::Known(MarginMode::Cross));
    assert_eq!(row.position_mode, Some(OpenEnum::Known(PositionMode::Hedge)));
    assert_eq!((row.size, row.entry_price), (dec!(0.0002), Some(dec!(117066.1))));
    assert_eq!(row.margin, Some(dec!(2.35132493)), "positionBalance");
    assert_eq!(row.liquidation_price, Some(dec!(3271910)), "the document judges it");
    assert_eq!(row.fees_paid, Some(dec!(0.00819462)), "negative on the wire when paid");
    assert_eq!(row.funding_pnl, Some(dec!(0)));
    assert_eq!(row.maintenance_margin_rate, Some(dec!(0.004)), "a rate on positions");
    assert_eq!(row.details.as_ref().unwrap().opened_at, Some(at(1_758_057_734_271)));
    // PnL is exact at the mark of the row.
    let pnl = -row.size * (row.mark_price.unwrap() - row.entry_price.unwrap());
    assert!((row.exchange_unrealized_pnl.unwrap() - pnl).abs() < dec!(0.0001));

    let row = V3.positions("rest_position_current_long_cross").rows.remove(0);
    assert_eq!(row.funding_pnl, Some(dec!(-53076.32433032)), "paid");
    assert_eq!(row.fees_paid, Some(dec!(2842.86603479)));
    let row = V3.positions("rest_position_current_small_long_liq0").rows.remove(0);
    assert_eq!(row.liquidation_price, None, "\"0\" means none");

    for none in [r#"{"list":null}"#, r#"{"list":[]}"#, "[]"] {
        let response =
            V3.api().read_response(&Request::Positions(Product::UsdtFutures), none).unwrap();
        let [Body::Positions(set)] = &response.bodies[..] else { panic!() };
        assert_eq!((set.scope, set.rows.len(), set.unreadable), (Scope::Complete, 0, 0), "{none}");
    }
    let missing = V3.api().read_response(&Request::Positions(Product::UsdtFutures), "{}");
    assert!(missing.is_err(), "a missing list is not an empty one");
}

#[test]
fn fc_20_pushed_positions_are_partial() {
    let (sent, Body::Positions(set)) = V3.pushed("ws_position_live_open_short") else { panic!() };
    assert_eq!((set.scope, set.closed.len()), (Scope::Partial, 0), "whatever `action` says");
    let row = &set.rows[0];
    assert_eq!((row.size, row.margin), (dec!(0.0002), Some(dec!(2.35064255))));
    assert_eq!((row.liquidation_price, row.details.clone()), (Some(dec!(3271394.4)), None));
    assert_eq!(sent, Some(at(1_758_186_381_497)));
    let listed = V3.positions("rest_position_current_live_short_cross").rows.remove(0);
    assert_eq!(row.key, listed.key);

    let (_, Body::Positions(set)) = V3.pushed("ws_position_doc_ended") else { panic!() };
    assert_eq!((set.scope, set.rows.len(), set.unreadable), (Scope::Partial, 0, 0));
    assert_eq!((set.closed[0].symbol.wire(), set.closed[0].side), ("BTCUSDT", Side::Long));
}

#[test]
fn one_channel_carries_the_positions_of_all_products() {
    let pushed = |from: &str, to: &str| {
        let text = V3.text("ws_position_live_open_short").replace(from, to);
        let Message::Push { bodies, .. } = V3.api().read_message(&text).unwrap() else { panic!() };
        let [Body::Positions(set)] = &bodies[..] else { panic!() };
        assert_eq!((set.scope, set.products.len()), (Scope::Partial, 0));
        (set.rows.first().map(|row| row.key.symbol.clone()), set.unreadable)
    };
    for (name, product, shown) in [
        ("BTCPERP", Product::UsdcFutures, "BTCPERP_CMCBL"),
        ("BTCUSD_CM", Product::CoinFutures, "BTCUSD_DMCBL"),
        ("BTCUSDT_251226", Product::UsdtFutures, "BTCUSDT_251226"),
    ] {
        let (found, unreadable) = pushed("BTCUSDT", name);
        let found = found.unwrap();
        assert_eq!((found.product(), found.to_string().as_str()), (product, shown));
        assert_eq!(unreadable, 0);
    }
    assert_eq!(pushed("BTCUSDT", "ETHBTC"), (None, 0), "spot and margin are no trouble either");
    let said = r#""category":"coin-futures","symbol":"BTCUSD_CM""#;
    let (found, _) = pushed(r#""symbol":"BTCUSDT""#, said);
    assert_eq!(found.unwrap().settle_coin(), Some("BTC"));
}

#[test]
fn a_list_is_of_the_product_that_was_asked_for() {
    let name = "rest_position_current_live_short_cross";
    let read = |product, data: &str| {
        let response = V3.api().read_response(&Request::Positions(product), data).unwrap();
        let [Body::Positions(set)] = &response.bodies[..] else { panic!() };
        set.clone()
    };
    let usdc = V3.data(name).replace("BTCUSDT", "BTCPERP").replace("USDT", "USDC");
    let set = read(Product::UsdcFutures, &usdc);
    assert_eq!((set.products.clone(), set.unreadable), (vec![Product::UsdcFutures], 0));
    assert_eq!(set.rows[0].key.symbol.to_string(), "BTCPERP_CMCBL");
    assert_eq!(set.rows[0].key.margin_coin.as_str(), "USDC");
    // A row of another product in the list is none that is safe to show under this one.
    for product in [Product::UsdtFutures, Product::CoinFutures] {
        let set = read(product, &usdc);
        assert_eq!((set.rows.len(), set.unreadable), (0, 1), "{product}");
    }
    let http = |request| V3.api().to_http(&request).query;
    for product in Product::ALL {
        let category = ("category", product.wire().to_owned());
        assert!(http(Request::Positions(product)).contains(&category));
        assert!(http(Request::Orders(product, OrderClass::Plain)).contains(&category));
        assert!(http(Request::Orders(product, OrderClass::ProfitLoss)).contains(&category));
    }
    let perpetual = Symbol::from_wire("BTCPERP", Product::UsdcFutures).unwrap();
    let wanted = [("category", "USDC-FUTURES".to_owned()), ("symbol", "BTCPERP".to_owned())];
    assert_eq!(http(Request::Tiers(perpetual.clone())), wanted);
    let channels = V3.api().public_channels(&Symbol::default(), Interval::Min1, &[perpetual]);
    let last = V3.api().channel_json(channels.last().unwrap());
    let wanted = json!({"instType": "usdc-futures", "topic": "ticker", "symbol": "BTCPERP"});
    assert_eq!(last, wanted);
}

#[test]
fn a_price_is_of_the_product_of_its_channel() {
    let text = V3.text("ws_ticker_live_btcusdt").replace("usdt-futures", "usdc-futures");
    let Message::Push { topic, bodies, .. } = V3.api().read_message(&text).unwrap() else {
        panic!()
    };
    let [Body::Ticker(ticker)] = &bodies[..] else { panic!() };
    assert_eq!((ticker.symbol.product(), ticker.symbol.wire()), (Product::UsdcFutures, "BTCUSDT"));
    let channels = V3.api().public_channels(&Symbol::default(), Interval::Min1, &[]);
    assert!(!channels.iter().any(|channel| topic.is(channel)), "another contract of that name");
}

#[test]
fn orders_of_all_products() {
    let text = V3.text("ws_order_live_new_limit");
    let pushed = |text: &str| {
        let Message::Push { bodies, .. } = V3.api().read_message(text).unwrap() else { panic!() };
        let [Body::Orders(set)] = &bodies[..] else { panic!() };
        set.rows.first().map(|order| order.symbol.to_string())
    };
    assert_eq!(pushed(&text).as_deref(), Some("BTCUSDT_UMCBL"));
    let usdc = text.replace("BTCUSDT", "BTCPERP").replace("usdt-futures", "usdc-futures");
    assert_eq!(pushed(&usdc).as_deref(), Some("BTCPERP_CMCBL"));
    assert_eq!(pushed(&text.replace("usdt-futures", "spot")), None);
}

#[test]
fn accounts() {
    let live = "rest_account_assets_live_three_coins";
    let report = account(&V3.response(&Request::Account, live).bodies[0]);
    assert_eq!((report.margin_coin.as_str(), report.equity), ("USD", Some(dec!(683.00426814))));
    assert_eq!((report.available, report.locked), (Some(dec!(99.97860095)), Some(dec!(0))), "USDT");
    assert_eq!(report.asset_mode, Some(OpenEnum::Known(AssetMode::Multi)));
    // 0.98 of the bitcoin and all of the dollars; the euros back nothing.
    let collateral = dec!(536.46822566) * dec!(0.98) + dec!(100.00752955);
    assert!((report.effective_equity.unwrap() - collateral).abs() < dec!(0.00000002));
    assert_eq!(report.usdt_equity, Some(dec!(99.97860095)), "the coin itself");
    let report = account(&V3.response(&Request::Account, "rest_account_assets").bodies[0]);
    assert_eq!(
        (report.equity, report.available),
        (Some(dec!(11.13919278)), Some(dec!(6.19300826)))
    );

    let report = account(&V3.pushed("ws_account_doc").1);
    assert_eq!(
        (report.maintenance_margin, report.initial_margin),
        (Some(dec!(408.08)), Some(dec!(17795.97))),
        "amounts"
    );
    assert_eq!(
        (report.equity, report.unrealized_pnl),
        (Some(dec!(4976919.05)), Some(dec!(-10116.55)))
    );
    assert_eq!(report.available, Some(dec!(344282.65536458)));
    assert_eq!(report.usdt_equity, Some(dec!(344282.65536458)));
    assert_eq!(account(&V3.pushed("ws_account_live").1).effective_equity, Some(dec!(624.2)));

    // A coin that a list leaves out is zero, one that a push leaves out unknown.
    let bare = r#"{"accountEquity":"1","assets":[]}"#;
    let listed = V3.api().read_response(&Request::Account, bare).unwrap();
    assert_eq!(account(&listed.bodies[0]).available, Some(Decimal::ZERO));
    let push =
        r#"{"arg":{"instType":"UTA","topic":"account"},"data":[{"totalEquity":"1","coin":[]}]}"#;
    let Message::Push { bodies, .. } = V3.api().read_message(push).unwrap() else { panic!() };
    assert_eq!(account(&bodies[0]).available, None);
}

#[test]
fn the_coins_of_an_account() {
    let live = "rest_account_assets_live_three_coins";
    let report = account(&V3.response(&Request::Account, live).bodies[0]);
    let names: Vec<&str> = report.coins.iter().map(|coin| coin.coin.as_str()).collect();
    assert_eq!(names, ["BTC", "USDT", "EUR"]);
    let bitcoin = &report.coins[0];
    assert_eq!((bitcoin.equity, bitcoin.usd_value), (Some(dec!(0.0046)), Some(dec!(536.46822566))));
    assert_eq!(
        (bitcoin.debt, bitcoin.collateral_value, bitcoin.bonus),
        (Some(dec!(0)), None, None)
    );
    let rate = report.usdt_usd.unwrap();
    assert_eq!(rate.round_dp(6), dec!(1.000289), "dollars for one of its tethers");
    assert_eq!((report.bonus, report.coupon), (None, None), "it does not say");
    let pushed = account(&V3.pushed("ws_account_doc").1);
    assert_eq!(pushed.usdt_usd.unwrap().round_dp(6), dec!(0.998790));
    assert_eq!((pushed.coins.len(), pushed.coins[2].debt), (3, Some(dec!(0))));

    let report = account(&V3.response(&Request::Account, "rest_account_assets_composed").bodies[0]);
    let [tether, dust] = &report.coins[..] else { panic!("{:?}", report.coins) };
    assert_eq!((tether.debt, tether.bonus), (Some(dec!(250)), Some(dec!(40))));
    assert_eq!((dust.debt, dust.equity), (None, Some(dec!(0.004))), "what is missing is unknown");
    assert_eq!(report.bonus, Some(dec!(39.96)), "at the rate of 0.9990");
    // A coin without a rate must not be worth nothing.
    let data =
        V3.data("rest_account_assets_composed").replace(r#""usdValue":"999""#, r#""usdValue":"""#);
    let report = account(&V3.api().read_response(&Request::Account, &data).unwrap().bodies[0]);
    assert_eq!((report.usdt_usd, report.bonus), (None, None));
    let push = r#"{"arg":{"instType":"UTA","topic":"account"},"data":[{"totalEquity":"1","bonus":"7",
        "coin":[{"coin":"USDT","borrow":"100","debts":"101.5"}]}]}"#;
    let Message::Push { bodies, .. } = V3.api().read_message(push).unwrap() else { panic!() };
    let report = account(&bodies[0]);
    assert_eq!((report.bonus, report.coins[0].debt), (Some(dec!(7)), Some(dec!(101.5))));
}

#[test]
fn the_level_of_the_account() {
    let level =
        |data: &str| match &V3.api().read_response(&Request::AccountKind, data).unwrap().bodies[..]
        {
            [Body::AccountLevel(level)] => level.as_ref().map(ToString::to_string),
            other => panic!("{other:?}"),
        };
    assert_eq!(level(&V3.data("rest_account_settings")).as_deref(), Some("advanced"));
    assert_eq!(level(r#"{"accountMode":"unified"}"#), None);
}

#[test]
fn the_mode_of_the_account_and_the_rights_of_the_key() {
    assert!(
        !V3.response(&Request::AccountKind, "rest_account_settings").switching,
        "hybrid is unified"
    );
    for mode in ["upgrading", "switching", "Upgrading"] {
        let data = json!({"accountMode": mode}).to_string();
        assert!(V3.api().read_response(&Request::AccountKind, &data).unwrap().switching);
    }
    assert!(V3.api().read_response(&Request::AccountKind, "{}").is_err());

    let rights =
        |data: &str| match &V3.api().read_response(&Request::KeyRights, data).unwrap().bodies[..] {
            [Body::KeyRights(rights)] => rights.clone(),
            other => panic!("{other:?}"),
        };
    let all = KeyRights {
        trade: Some(true),
        transfer: Some(true),
        withdraw: Some(true),
        read_futures: Some(true),
        ip_bound: Some(true),
        user_id: UserId::new("123456789"),
    };
    assert_eq!(rights(&V3.data("rest_account_info")), all);
    let read_only = r#"{"permType":"read_only","permissions":["uta_mgt","uta_trade"],"ips":""}"#;
    let none = Some(false);
    let wanted = KeyRights {
        trade: none,
        transfer: none,
        withdraw: none,
        ip_bound: none,
        user_id: None,
        ..all
    };
    assert_eq!(rights(read_only), wanted);
    let unknown = rights(r#"{"permType":"read-and-write","permissions":["uta_trade","teleport"]}"#);
    assert_eq!((unknown.trade, unknown.withdraw), (Some(true), None), "it might be anything");
}

#[test]
fn resting_orders() {
    let set = V3.orders(OrderClass::Plain, "rest_trade_unfilled_orders_live");
    assert_eq!((set.scope, set.classes.clone()), (Scope::Complete, vec![OrderClass::Plain]));
    let row = &set.rows[0];
    assert_eq!((row.side, row.position_side), (Some(OrderSide::Buy), Some(Side::Long)));
    assert_eq!(
        (row.kind.known(), row.status.known()),
        (Some(OrderKind::Limit), Some(OrderStatus::Live))
    );
    assert_eq!(
        (row.price, row.size, row.filled),
        (Some(dec!(32000)), Some(dec!(0.0002)), Some(dec!(0)))
    );
    assert_eq!((row.reduce_only, row.trigger_price), (Some(false), None));
    assert_eq!(
        V3.orders(OrderClass::Plain, "rest_trade_unfilled_orders").rows[0].status.known(),
        Some(OrderStatus::Live)
    );

    let (_, Body::Orders(set)) = V3.pushed("ws_order_live_new_limit") else { panic!() };
    assert_eq!(
        (set.scope, set.rows[0].position_side),
        (Scope::Partial, Some(Side::Long)),
        "holdSide"
    );
    let (_, Body::Orders(set)) = V3.pushed("ws_order_doc_filled_market") else { panic!() };
    assert_eq!((set.rows[0].status.known(), set.rows[0].price), (Some(OrderStatus::Filled), None));
}

#[test]
fn plans() {
    let name = "rest_trade_unfilled_strategy_orders";
    let set = V3.orders(OrderClass::ProfitLoss, name);
    let [profit, loss] = &set.rows[..] else { panic!("one plan holds both") };
    assert_eq!(
        (profit.kind.known(), profit.trigger_price),
        (Some(OrderKind::TakeProfit), Some(dec!(110000)))
    );
    assert_eq!(
        (loss.kind.known(), loss.trigger_price),
        (Some(OrderKind::StopLoss), Some(dec!(90000)))
    );
    for leg in [profit, loss] {
        assert_eq!(
            (leg.side, leg.reduce_only),
            (Some(OrderSide::Sell), Some(true)),
            "it closes a long"
        );
        assert_eq!(
            (leg.price, leg.size, leg.status.known()),
            (None, Some(dec!(0.01)), Some(OrderStatus::Live))
        );
    }
    let set = V3.orders(OrderClass::Trigger, name);
    assert_eq!(set.classes, [OrderClass::Trigger, OrderClass::Trailing], "one list covers both");
    let row = &set.rows[0];
    assert_eq!(
        (row.kind.known(), row.trigger_price, row.price),
        (Some(OrderKind::Trigger), Some(dec!(100000)), Some(dec!(100500)))
    );
    let (_, Body::Orders(set)) = V3.pushed("ws_strategy_order_doc") else { panic!() };
    assert_eq!((set.rows.len(), set.rows[0].class), (2, OrderClass::ProfitLoss));
}

#[test]
fn fills_closed_positions_and_the_ledger() {
    let list = fills(&V3.pushed("ws_fill_live_short_open").1);
    assert_eq!(
        (list[0].side, list[0].closes),
        (Some(OrderSide::Sell), Some(false)),
        "in upper case"
    );
    assert_eq!(
        (list[0].fees[0].paid, list[0].liquidity),
        (dec!(0.00819462), Some(Liquidity::Taker)),
        "positive when paid"
    );
    assert_eq!(list[0].time, Some(at(1_758_185_294_046)));
    assert_eq!(fills(&V3.pushed("ws_fill_doc").1)[0].price, Some(dec!(94993)), "in lower case");
    let list = fills(&V3.response(&Request::Fills, "rest_trade_fills").bodies[0]);
    assert_eq!((list[0].realized_pnl, list[0].fees[0].paid), (Some(dec!(-0.002)), dec!(0.6417006)));
    let list = fills(&V3.response(&Request::Fills, "rest_trade_fills_live").bodies[0]);
    assert_eq!(
        (list[0].closes, list[0].time),
        (None, Some(at(1_751_020_520_451))),
        "it does not say"
    );

    let response = V3.response(&Request::ClosedPositions, "rest_position_history");
    let row = &closed(&response.bodies[0])[0];
    assert_eq!(
        (row.net_pnl, row.realized_pnl, row.fees_paid),
        (Some(dec!(-45.588)), Some(dec!(-0.116)), Some(dec!(45.472)))
    );
    assert_eq!(response.next, None, "the page is not full");

    let request = Request::Ledger { since: at(0), until: at(1), cursor: None };
    let entries =
        |data: &str| match V3.api().read_response(&request, data).unwrap().bodies.remove(0) {
            Body::Ledger { rows, .. } => rows,
            other => panic!("{other:?}"),
        };
    let rows = entries(&V3.data("rest_account_financial_records"));
    assert_eq!(
        (&rows[0].kind, rows[0].amount, rows[0].fee.paid),
        (&LedgerKind::Conversion, dec!(0.00531168), dec!(0.00000531))
    );
    let of = |kind: &str, amount: &str| {
        let row = json!({"id": "1", "symbol": "BTCUSDT", "coin": "USDT", "type": kind,
            "amount": amount, "fee": "-0.1", "ts": "1745853486185"});
        let row = entries(&json!({"list": [row], "cursor": null}).to_string()).remove(0);
        (row.kind, row.amount, row.fee.paid)
    };
    for amount in ["1.5", "-1.5"] {
        let paid = of("CONTRACT_MAIN_SETTLE_FEE_USER_OUT", amount);
        assert_eq!(
            paid,
            (LedgerKind::Funding, dec!(-1.5), dec!(0.1)),
            "the type has the direction"
        );
        assert_eq!(of("CONTRACT_MAIN_SETTLE_FEE_USER_IN", amount).1, dec!(1.5));
    }
    assert_eq!(of("CLOSE_SHORT", "-3").0, LedgerKind::Trade);
    assert_eq!(of("TRANSFER_IN", "3").0, LedgerKind::Transfer);

    let response = V3.response(&Request::AdlRanks, "rest_position_adl_rank");
    let [Body::AdlRanks(ranks)] = &response.bodies[..] else { panic!() };
    assert_eq!(
        (ranks[0].symbol.wire(), ranks[0].side, ranks[0].rank),
        ("MOVEUSDT", Side::Long, dec!(0.4872))
    );
    let (_, Body::Deleveraged { symbol, price, size }) = V3.pushed("ws_adl_notification_doc")
    else {
        panic!()
    };
    assert_eq!(
        (symbol.wire(), price, size),
        ("BTCUSDT", Some(dec!(88291.2)), None),
        "quote coin is no size"
    );
}

#[tokio::test(start_paused = true)]
async fn refusals_by_kind_of_account() {
    for (name, kind) in [
        ("rest_error_40084_v3_called_by_classic_key", payloads::V2.0),
        ("rest_error_40085_v2_called_by_uta_key", V3.0),
    ] {
        for status in [200, 400] {
            let error = V3.error(name, status).await;
            assert_eq!(
                (error.class(), error.proves()),
                (ErrorClass::WrongApi, Some(kind)),
                "{name}"
            );
        }
    }
}

#[test]
fn events_and_requests_of_streams() {
    let refused = V3.text("ws_error_unknown_symbol");
    let Message::Refused { topic: Some(topic), code, .. } =
        V3.api().read_message(&refused).unwrap()
    else {
        panic!("the channel stands in the words alone")
    };
    assert_eq!(
        (topic.name.as_ref(), topic.key.as_ref(), code.as_str()),
        ("books", "NOPEUSDT", "30001")
    );
    let login = V3.text("ws_login_ack_code_string");
    assert_eq!(V3.api().read_message(&login).unwrap(), Message::LoginAccepted);

    let public = V3.api().public_channels(&Symbol::default(), Interval::Min5, &[]);
    let private = V3.api().private_channels();
    let acknowledged = |name: &str, channels: &[Channel]| {
        let text = V3.text(name);
        let Message::Subscribed(topic) = V3.api().read_message(&text).unwrap() else { panic!() };
        channels.iter().filter(|channel| topic.is(channel)).count()
    };
    assert_eq!(acknowledged("ws_subscribe_ack_public", &public), 1);
    assert_eq!(acknowledged("ws_subscribe_ack_private_position", &private), 1);
    let asks = |name: &str, channels: &[Channel]| {
        let wanted: Value = serde_json::from_str(&V3.text(name)).unwrap();
        let sent: Vec<Value> = channels.iter().map(|held| V3.api().channel_json(held)).collect();
        wanted["args"].as_array().unwrap().iter().all(|argument| sent.contains(argument))
    };
    assert!(
        asks("ws_subscribe_request_public", &public)
            && asks("ws_subscribe_request_private", &private)
    );
    // Two candle channels of one contract are two channels.
    let other = V3.api().public_channels(&Symbol::default(), Interval::Min1, &[]);
    assert!(!other.contains(&public[1]));
}

/// Payloads of endpoints and channels that the program does not use.
#[test]
fn unused() {
    let fast_fill = V3.text("ws_fast_fill_doc_object_data");
    assert!(matches!(V3.api().read_message(&fast_fill).unwrap(), Message::Unknown(_)));
    let btc = || symbol("BTCUSDT");
    for (request, name) in [
        (Request::Account, "rest_account_switch_status"),
        (Request::Ticker(btc()), "rest_market_fills"),
        (Request::Funding(btc()), "rest_market_history_fund_rate"),
        (Request::Ticker(btc()), "rest_market_open_interest"),
        (Request::Ticker(btc()), "rest_market_orderbook"),
    ] {
        assert!(V3.api().read_response(&request, &V3.data(name)).is_err(), "{name}");
    }
    let set = V3.orders(OrderClass::Plain, "rest_trade_history_orders");
    assert_eq!(set.rows[0].status.known(), Some(OrderStatus::Filled), "not open");
    assert_eq!(
        (set.rows[0].side, set.rows[0].reduce_only),
        (Some(OrderSide::Sell), Some(true)),
        "sides are real"
    );
    let set = V3.orders(OrderClass::Trigger, "rest_trade_history_strategy_orders");
    assert_eq!(set.rows[0].status.known(), Some(OrderStatus::Filled));
}
