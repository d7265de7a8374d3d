//! What every recorded payload means, in domain values.
//!
//! The payloads are listed with their origin in the protocol notes they were taken from: recorded
//! replies and frames, and samples of the exchange's documentation. `every_payload_is_covered` fails
//! when one is added without saying here what it means.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may fail loudly"
)]

mod payloads;

use std::collections::BTreeSet;
use std::sync::Arc;

use bitget_watch::domain::{
    AssetMode, Body, Interval, KeyRights, LedgerKind, MarginMode, OpenEnum, OrderClass, OrderKind,
    OrderSide, OrderStatus, PositionMode, Product, Scope, Side, Stream, Symbol, Text, Update,
    UserId,
};
use bitget_watch::exchange::v2::V2_API;
use bitget_watch::exchange::ws::{Output, Session, Timing};
use bitget_watch::exchange::{Api, Credentials, ErrorClass, ExchangeError, Message, Request};
use payloads::{
    account, at, closed, data, error, fills, message, orders, positions, pushed, response, symbol,
    text,
};
use rust_decimal::dec;

/// Read by the tests of this file.
const READ: &[&str] = &[
    "rest_account_bill_doc_funding.json",
    "rest_account_bill_transfer_2023-11.json",
    "rest_accounts_live_2025-08.json",
    "rest_adl_rank_doc.json",
    "rest_all_position_cross_hedge_2023-11.json",
    "rest_all_position_cross_hedge_two_symbols_2024-12.json",
    "rest_all_position_doc_isolated_tpsl.json",
    "rest_all_position_empty.json",
    "rest_all_position_isolated_hedge_live_2025-08.json",
    "rest_all_position_ltc_liq_zero_2023-12.json",
    "rest_candles_1m_live_2026-09.json",
    "rest_candles_5m_doc.json",
    "rest_contracts_usdt_live_2026-09.json",
    "rest_current_fund_rate_btcusdt_2025-10.json",
    "rest_current_fund_rate_btcusdt_2026-09.json",
    "rest_error_30032_v1_decommissioned.json",
    "rest_error_400172_missing_parameter.json",
    "rest_error_40034_unknown_symbol.json",
    "rest_error_40037_key_does_not_exist.json",
    "rest_error_40085_unified_account.json",
    "rest_error_429_composed.json",
    "rest_fill_history_2023-11.json",
    "rest_fills_2023-11.json",
    "rest_history_position_2024-07.json",
    "rest_history_position_doc_with_ids.json",
    "rest_orders_pending_doc_partial.json",
    "rest_orders_pending_empty_null.json",
    "rest_orders_pending_hedge_2023-11.json",
    "rest_orders_plan_pending_2023-11.json",
    "rest_orders_plan_pending_doc.json",
    "rest_public_time.json",
    "rest_query_position_lever_btcusdt_live_2026-09.json",
    "rest_single_position_2023-11.json",
    "rest_single_position_doc_isolated.json",
    "rest_single_position_empty.json",
    "rest_spot_account_info_doc.json",
    "rest_spot_account_info_readonly_composed.json",
    "rest_ticker_btcusdt_2025-06.json",
    "v1_ws_positions_close_order_created_2022.json",
    "v1_ws_positions_empty_after_close_2022.json",
    "v1_ws_positions_open_isolated_2022.json",
    "ws_account_2023-12.json",
    "ws_account_doc_union.json",
    "ws_adl_noti_doc.json",
    "ws_books1_live_2026-08.json",
    "ws_books5_doc_checksum.json",
    "ws_books_1_snapshot_live_2026-09.json",
    "ws_books_2_update_live_2026-09.json",
    "ws_books_3_update_live_2026-09.json",
    "ws_candle1m_snapshot_live_2026-08.json",
    "ws_candle1m_update_live_2026-08.json",
    "ws_error_30001_unknown_symbol.json",
    "ws_error_30004_need_login.json",
    "ws_error_30016_param.json",
    "ws_fill_hedge_2024-04.json",
    "ws_login_ack_number.json",
    "ws_login_error_30015.json",
    "ws_login_request.json",
    "ws_orders_algo_doc.json",
    "ws_orders_filled_hedge_doc.json",
    "ws_orders_live_one_way_2025-03.json",
    "ws_pong.txt",
    "ws_positions_cross_hedge_2023-12.json",
    "ws_positions_doc_2025-12.json",
    "ws_positions_empty.json",
    "ws_positions_history_2024-06.json",
    "ws_subscribe_ack.json",
    "ws_subscribe_ack_account.json",
    "ws_subscribe_request_private.json",
    "ws_subscribe_request_public.json",
    "ws_ticker_btcusdt_live_2026-09.json",
    "ws_trade_doc_snapshot.json",
    "ws_trade_spot_update_live_2026-09.json",
    "ws_unsubscribe_ack.json",
];

/// Of endpoints and channels that the program does not use: `unused` says how they are read.
const UNUSED: &[&str] = &[
    "rest_account_2024-03.json",
    "rest_account_doc_union.json",
    "rest_funding_time_btcusdt_2025-04.json",
    "rest_merge_depth_doc_numbers.json",
    "rest_open_interest_btcusdt.json",
    "rest_symbol_price_doc.json",
    "ws_equity_doc.json",
];

#[test]
fn every_payload_is_covered() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/v2");
    let there: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let covered: BTreeSet<String> =
        READ.iter().chain(UNUSED).map(|name| (*name).to_owned()).collect();
    assert_eq!(there, covered);
}

#[test]
fn clock_contract_and_tiers() {
    let time = response(&Request::ServerTime, "rest_public_time").server_time;
    assert_eq!(time, Some(at(1_700_111_073_740)));

    let request = Request::Contract(symbol("BTCUSDT"));
    let [Body::Contract(contract)] =
        &response(&request, "rest_contracts_usdt_live_2026-09").bodies[..]
    else {
        panic!()
    };
    assert_eq!((contract.price_places, contract.price_step), (1, Some(dec!(0.1))));
    assert_eq!((contract.size_places, contract.size_step), (4, Some(dec!(0.0001))));
    let fees = contract.default_fees.unwrap();
    assert_eq!((fees.maker, fees.taker), (dec!(0.0002), dec!(0.0006)));
    assert_eq!(
        (contract.max_leverage, contract.funding_interval_hours),
        (Some(dec!(150)), Some(8))
    );
    assert_eq!(contract.status.as_ref().unwrap().as_str(), "normal");

    let request = Request::Tiers(symbol("BTCUSDT"));
    let name = "rest_query_position_lever_btcusdt_live_2026-09";
    let [Body::Tiers { tiers, .. }] = &response(&request, name).bodies[..] else { panic!() };
    assert_eq!(tiers.len(), 12);
    assert_eq!((tiers[0].start, tiers[0].end), (dec!(0), dec!(200000)));
    assert_eq!(tiers[0].maintenance_margin_rate, dec!(0.004));
    assert_eq!(tiers[11].maintenance_margin_rate, dec!(0.6));
}

#[test]
fn prices_candles_and_funding() {
    let request = Request::Ticker(symbol("BTCUSDT"));
    let [Body::Ticker(rest)] = &response(&request, "rest_ticker_btcusdt_2025-06").bodies[..] else {
        panic!()
    };
    assert_eq!((rest.last, rest.mark), (Some(dec!(104823.8)), Some(dec!(104824.2))));
    assert_eq!(rest.index, Some(dec!(104881.953125)));
    assert_eq!((rest.bid, rest.ask), (Some(dec!(104823.5)), Some(dec!(104823.8))));
    assert_eq!(rest.change_24h, Some(dec!(0.00471)), "a fraction");
    assert_eq!(rest.funding_rate, Some(dec!(-0.000014)));
    assert_eq!(rest.next_funding_at, None, "REST does not say");
    assert_eq!(rest.exchange_time, Some(at(1_750_332_210_370)));

    let (sent, body) = pushed("ws_ticker_btcusdt_live_2026-09");
    let Body::Ticker(push) = body else { panic!() };
    assert_eq!(sent, Some(at(1_790_358_794_987)));
    assert_eq!((push.mark, push.last), (Some(dec!(83692.3)), Some(dec!(83692.3))));
    assert_eq!(push.open_interest, Some(dec!(31911.3455999999605)));
    assert_eq!(push.next_funding_at, Some(at(1_790_380_800_000)));
    assert_eq!((push.ask, push.ask_size), (Some(dec!(83692.4)), Some(dec!(4.5377))));

    for (name, rate, interval) in [
        ("rest_current_fund_rate_btcusdt_2025-10", dec!(-0.000024), 8),
        ("rest_current_fund_rate_btcusdt_2026-09", dec!(0.0001), 8),
    ] {
        let [Body::Funding(funding)] =
            &response(&Request::Funding(symbol("BTCUSDT")), name).bodies[..]
        else {
            panic!()
        };
        assert_eq!((funding.rate, funding.interval_hours), (Some(rate), Some(interval)));
    }

    for (name, interval, count, last) in [
        ("rest_candles_1m_live_2026-09", Interval::Min1, 5, dec!(83710.1)),
        ("rest_candles_5m_doc", Interval::Min5, 2, dec!(26171)),
    ] {
        let request = Request::Candles { symbol: symbol("BTCUSDT"), interval, limit: 100 };
        let [Body::Candles { rows, .. }] = &response(&request, name).bodies[..] else { panic!() };
        assert_eq!((rows.len(), rows.last().unwrap().close), (count, last));
        assert!(
            rows.windows(2)
                .all(|w| w[1].start.as_millis() - w[0].start.as_millis() == interval.as_millis())
        );
    }
    for (name, close) in [
        ("ws_candle1m_snapshot_live_2026-08", dec!(63039)),
        ("ws_candle1m_update_live_2026-08", dec!(63415.2)),
    ] {
        let (_, Body::Candles { interval, rows, .. }) = pushed(name) else { panic!() };
        assert_eq!((interval, rows.len(), rows[0].close), (Interval::Min1, 1, close));
    }
}

#[test]
fn a_recorded_book_is_built_from_its_updates() {
    let channels = V2_API.public_channels(&symbol("MAVUSDT"), Interval::Min1, &[]);
    let timing = Timing::of(Stream::WsPublic);
    let mut session = Session::new(&V2_API, Stream::WsPublic, channels, None, timing);
    let mut out = Vec::new();
    session.on_open(at(1_789_456_510_000), 0, &mut out);
    let mut books = Vec::new();
    for name in ["1_snapshot", "2_update", "3_update"] {
        session.on_text(
            &text(&format!("ws_books_{name}_live_2026-09")),
            at(1_789_456_511_000),
            &mut out,
        );
        for output in out.drain(..) {
            if let Output::Emit(Update { body: Body::Book { book, .. }, .. }) = output {
                books.push(book.unwrap());
            }
        }
    }
    let [first, second, third] = &books[..] else { panic!("{books:?}") };
    assert_eq!((first.bids.len(), first.asks.len()), (2, 2));
    assert_eq!(second.bids[2].price, dec!(0.00519));
    let prices: Vec<_> = third.bids.iter().map(|level| level.price).collect();
    assert_eq!(prices, [dec!(0.01038), dec!(0.01037), dec!(0.01036), dec!(0.01035), dec!(0.00519)]);
    assert_eq!((third.asks[1].price, third.asks[1].size), (dec!(0.0104), dec!(116536.86)));
    assert_eq!(third.asks[2].size, dec!(382403.68));
    assert_eq!(third.exchange_time, Some(at(1_789_456_512_458)));
}

#[test]
fn ranks_are_read_the_new_way_round() {
    let ranks = response(&Request::AdlRanks, "rest_adl_rank_doc").bodies;
    let [Body::AdlRanks(ranks)] = &ranks[..] else { panic!() };
    assert_eq!((ranks.len(), ranks[0].rank, ranks[0].side), (1, dec!(0.7752), Side::Long));
}

#[test]
fn candles_of_the_mark_price_are_read_by_page_from_the_newest_on() {
    let minute = Interval::Min1.as_millis();
    let until = at(1_790_358_840_000);
    let since = until.plus_millis(-1_440 * minute);
    let request = |until| Request::MarkCandles {
        symbol: symbol("BTCUSDT"),
        interval: Interval::Min1,
        since,
        until,
    };
    let parameter = |request: &Request, name: &str| {
        let request = V2_API.to_http(request);
        request.query.into_iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    };
    let first = response(&request(until), "rest_candles_1m_live_2026-09");
    let [Body::MarkCandles { rows, interval, .. }] = &first.bodies[..] else { panic!() };
    assert_eq!((rows.len(), *interval, rows[0].volume), (3, Interval::Min1, None));
    assert!(rows.iter().all(|row| row.start < until), "none that is still being built");
    let next = until.plus_millis(-999 * minute);
    let cursor = first.next.as_ref().map(Text::as_str);
    assert_eq!(cursor, Some(next.as_millis().to_string().as_str()));
    assert_eq!(parameter(&request(until), "kLineType").as_deref(), Some("MARK"));
    let start = next.plus_millis(-minute).as_millis().to_string();
    assert_eq!(parameter(&request(until), "startTime"), Some(start), "one more than the page has");
    let last = V2_API.read_response(&request(next), "[]").unwrap();
    assert_eq!(last.next, None);
    let days = Request::MarkCandles {
        symbol: symbol("BTCUSDT"),
        interval: Interval::Day1,
        since: until.plus_millis(-300 * 86_400_000),
        until,
    };
    assert_eq!(V2_API.to_http(&days).path, "/api/v2/mix/market/history-mark-candles");
    let span = until.as_millis() - parameter(&days, "startTime").unwrap().parse::<i64>().unwrap();
    assert!(span <= 90 * 86_400_000, "the longest range of one request");
}

#[test]
fn books_and_trades() {
    let (_, Body::Book { book, .. }) = pushed("ws_books1_live_2026-08") else { panic!() };
    let book = book.unwrap();
    assert_eq!((book.bids[0].price, book.bids[0].size), (dec!(62913.9), dec!(6.9558)));
    assert_eq!((book.asks[0].price, book.asks[0].size), (dec!(62914), dec!(2.8221)));
    let (_, Body::Book { book, .. }) = pushed("ws_books5_doc_checksum") else { panic!() };
    let book = book.unwrap();
    assert_eq!((book.bids.len(), book.asks.len()), (2, 2));
    assert!(book.bids[0].price > book.bids[1].price && book.asks[0].price < book.asks[1].price);

    let (_, Body::Trades { rows, .. }) = pushed("ws_trade_doc_snapshot") else { panic!() };
    assert_eq!((rows[0].price, rows[0].taker_side), (dec!(27000.5), Some(OrderSide::Buy)));
    assert_eq!(rows[0].id, Some("1111111111".into()));
    assert_eq!((rows[1].size, rows[1].taker_side), (dec!(0.001), Some(OrderSide::Sell)));
    assert!(
        matches!(message(&text("ws_trade_spot_update_live_2026-09")), Message::Unknown(_)),
        "spot is not ours"
    );
}

#[test]
fn isolated_positions() {
    let set = positions(
        &Request::Positions(Product::UsdtFutures),
        "rest_all_position_isolated_hedge_live_2025-08",
    );
    assert_eq!((set.scope, set.unreadable, set.rows.len()), (Scope::Complete, 0, 1));
    let row = &set.rows[0];
    assert_eq!((row.key.symbol.to_string().as_str(), row.key.side), ("BTCUSDT_UMCBL", Side::Long));
    assert_eq!(row.key.margin_mode, OpenEnum::Known(MarginMode::Isolated));
    assert_eq!(row.position_mode, Some(OpenEnum::Known(PositionMode::Hedge)));
    assert_eq!((row.size, row.entry_price), (dec!(0.0031), Some(dec!(114895.4))));
    assert_eq!(row.break_even_price, Some(dec!(114987.353101240497)));
    assert_eq!(row.liquidation_price, Some(dec!(103862.856568903174)));
    assert_eq!(row.exchange_margin_ratio, Some(dec!(0.044000344665)));
    assert_eq!(row.fees_paid, Some(dec!(0.142470296)), "deductedFee is trading fees, paid");
    assert_eq!(row.funding_pnl, Some(dec!(0)), "totalFee is funding; empty: none yet");
    let details = row.details.as_ref().unwrap();
    assert_eq!((details.take_profit, details.opened_at), (None, Some(at(1_755_590_192_436))));

    for name in ["rest_all_position_doc_isolated_tpsl", "rest_single_position_doc_isolated"] {
        let row = positions(&Request::Positions(Product::UsdtFutures), name).rows.remove(0);
        assert_eq!(row.liquidation_price, Some(dec!(24144.1124161806977798)), "{name}");
        assert_eq!((row.funding_pnl, row.fees_paid), (Some(dec!(1.45)), Some(dec!(0.388))));
        assert_eq!(row.margin, Some(dec!(9.6695050093373343)));
    }
    let row =
        positions(&Request::Positions(Product::UsdtFutures), "rest_all_position_doc_isolated_tpsl")
            .rows
            .remove(0);
    let details = row.details.unwrap();
    assert_eq!((details.take_profit, details.stop_loss), (Some(dec!(3)), Some(dec!(2))));
}

#[test]
fn positions_of_other_products() {
    let name = "rest_all_position_isolated_hedge_live_2025-08";
    let read = |product, data: &str| {
        let response = V2_API.read_response(&Request::Positions(product), data).unwrap();
        let [Body::Positions(set)] = &response.bodies[..] else { panic!() };
        set.clone()
    };
    let coin = data(name)
        .replace("BTCUSDT", "BTCUSD")
        .replace(r#""marginCoin":"USDT""#, r#""marginCoin":"BTC""#);
    let set = read(Product::CoinFutures, &coin);
    assert_eq!((set.products.clone(), set.unreadable), (vec![Product::CoinFutures], 0));
    let row = &set.rows[0];
    assert_eq!(
        (row.key.symbol.to_string().as_str(), row.key.margin_coin.as_str()),
        ("BTCUSD_DMCBL", "BTC")
    );
    assert_eq!(read(Product::UsdtFutures, &coin).unreadable, 1, "it is not of the list");
    assert_eq!(read(Product::UsdcFutures, &data(name)).unreadable, 1);
    for product in Product::ALL {
        let wanted = ("productType", product.wire().to_owned());
        let of = |request| V2_API.to_http(&request).query.contains(&wanted);
        assert!(of(Request::Positions(product)));
        assert!(of(Request::Orders(product, OrderClass::Trigger)));
    }
    let perpetual = Symbol::from_wire("BTCPERP", Product::UsdcFutures).unwrap();
    let channels = V2_API.public_channels(&Symbol::default(), Interval::Min1, &[perpetual]);
    let last = V2_API.channel_json(channels.last().unwrap());
    let wanted = serde_json::json!(
        {"instType": "USDC-FUTURES", "channel": "ticker", "instId": "BTCPERP"});
    assert_eq!(last, wanted);
}

#[test]
fn cross_positions() {
    for (name, pnl) in [
        ("rest_all_position_cross_hedge_2023-11", dec!(0.03)),
        ("rest_single_position_2023-11", dec!(0.007)),
    ] {
        let row = positions(&Request::Positions(Product::UsdtFutures), name).rows.remove(0);
        assert_eq!(row.key.margin_mode, OpenEnum::Known(MarginMode::Cross));
        assert_eq!((row.leverage, row.exchange_unrealized_pnl), (Some(dec!(20)), Some(pnl)));
        assert_eq!(row.fees_paid, None, "an older reply does not say");
        assert_eq!((row.funding_pnl, row.break_even_price), (None, None));
    }
    let set = positions(
        &Request::Positions(Product::UsdtFutures),
        "rest_all_position_cross_hedge_two_symbols_2024-12",
    );
    let ratios: Vec<_> = set.rows.iter().map(|row| row.exchange_margin_ratio).collect();
    assert_eq!(ratios, [Some(dec!(0.01749097777)); 2], "one ratio for the whole account");
    assert_eq!(set.rows[0].key.margin_coin.as_str(), "SUSDT");
    assert_eq!(set.rows[1].asset_mode, Some(OpenEnum::Known(AssetMode::Single)));

    let row = positions(
        &Request::Positions(Product::UsdtFutures),
        "rest_all_position_ltc_liq_zero_2023-12",
    )
    .rows
    .remove(0);
    assert_eq!(row.liquidation_price, None, "\"0\" means none");
    for name in ["rest_all_position_empty", "rest_single_position_empty"] {
        let set = positions(&Request::Positions(Product::UsdtFutures), name);
        assert_eq!((set.scope, set.rows.len(), set.unreadable), (Scope::Complete, 0, 0), "flat");
    }
}

#[test]
fn pushed_positions_are_the_whole_list() {
    let (_, Body::Positions(set)) = pushed("ws_positions_cross_hedge_2023-12") else { panic!() };
    assert_eq!((set.scope, set.rows.len()), (Scope::Complete, 1));
    let row = &set.rows[0];
    assert_eq!((row.leverage, row.mark_price), (Some(dec!(20)), None), "leverage is a number here");
    assert_eq!(row.exchange_margin_ratio, Some(dec!(0.007634649185)), "marginRate is the ratio");
    assert_eq!(row.margin, Some(dec!(2.19245)));
    assert_eq!(row.details, None, "its cTime is that of an older position");

    let (sent, Body::Positions(set)) = pushed("ws_positions_doc_2025-12") else { panic!() };
    let row = &set.rows[0];
    assert_eq!((row.key.side, row.mark_price), (Side::Short, Some(dec!(2500))));
    assert_eq!(row.asset_mode, Some(OpenEnum::Known(AssetMode::Multi)));
    assert_eq!((row.funding_pnl, row.fees_paid), (Some(dec!(1.45)), Some(dec!(0.388))));
    assert_eq!(sent, Some(at(1_695_717_430_441)));

    let (_, Body::Positions(set)) = pushed("ws_positions_empty") else { panic!() };
    assert_eq!((set.scope, set.rows.len(), set.unreadable), (Scope::Complete, 0, 0), "all closed");
}

#[test]
fn frames_of_the_dead_v1_socket_are_not_positions() {
    for name in [
        "v1_ws_positions_open_isolated_2022",
        "v1_ws_positions_close_order_created_2022",
        "v1_ws_positions_empty_after_close_2022",
    ] {
        assert!(
            matches!(message(&text(name)), Message::Unknown(_)),
            "{name}: it would close everything"
        );
    }
}

#[test]
fn accounts_and_the_rights_of_keys() {
    let report = account(&response(&Request::Account, "rest_accounts_live_2025-08").bodies[0]);
    assert_eq!(
        (report.equity, report.available),
        (Some(dec!(36.07827483)), Some(dec!(1.28556483)))
    );
    assert_eq!(report.unrealized_pnl, Some(dec!(0.2445)));
    assert_eq!(report.asset_mode, Some(OpenEnum::Known(AssetMode::Single)));

    assert_eq!((report.bonus, report.coupon), (Some(dec!(0)), Some(dec!(0))));
    assert_eq!((report.coins.len(), report.coins[0].equity), (1, Some(dec!(36.07827483))));
    let backed = data("rest_accounts_live_2025-08").replace(
        r#""assetList":[]"#,
        r#""assetList":[{"coin":"btc","balance":"0.5","available":"0.4"},{"coin":"USDT"}]"#,
    );
    let backed = V2_API.read_response(&Request::Account, &backed).unwrap();
    let coins = account(&backed.bodies[0]).coins;
    let [_, bitcoin] = &coins[..] else { panic!("{coins:?}") };
    assert_eq!((bitcoin.coin.as_str(), bitcoin.equity), ("BTC", Some(dec!(0.5))));
    assert_eq!((bitcoin.usd_value, bitcoin.debt), (None, None), "the report does not say");

    let report = account(&pushed("ws_account_2023-12").1);
    assert_eq!((report.bonus, report.coupon), (None, None));
    assert_eq!((report.equity, report.locked), (Some(dec!(26.14309528)), Some(dec!(5.36581500))));
    assert_eq!(report.unrealized_pnl, None, "an older push does not say what is inside");
    let report = account(&pushed("ws_account_doc_union").1);
    assert_eq!(report.asset_mode, Some(OpenEnum::Known(AssetMode::Multi)), "assetsMode, sic");
    assert_eq!((report.unrealized_pnl, report.margin_ratio), (Some(dec!(0)), Some(dec!(0))));

    let rights = |name| match &response(&Request::KeyRights, name).bodies[..] {
        [Body::KeyRights(rights)] => rights.clone(),
        other => panic!("{other:?}"),
    };
    let read_only = KeyRights {
        trade: Some(false),
        transfer: Some(false),
        withdraw: Some(false),
        read_futures: Some(true),
        ip_bound: Some(true),
        user_id: UserId::new("1000000001"),
    };
    assert_eq!(rights("rest_spot_account_info_readonly_composed"), read_only);
    let old_words = rights("rest_spot_account_info_doc");
    assert_eq!((old_words.trade, old_words.withdraw), (Some(true), Some(false)));
    assert_eq!(old_words.user_id, None, "masked: several accounts would share it");
}

#[test]
fn resting_orders() {
    let set = orders(OrderClass::Plain, "rest_orders_pending_hedge_2023-11");
    let row = &set.rows[0];
    assert_eq!((row.side, row.position_side), (Some(OrderSide::Buy), Some(Side::Long)));
    assert_eq!(
        (row.kind.known(), row.status.known()),
        (Some(OrderKind::Limit), Some(OrderStatus::Live))
    );
    assert_eq!(
        (row.price, row.size, row.filled),
        (Some(dec!(25000)), Some(dec!(0.002)), Some(dec!(0)))
    );
    assert_eq!(row.reduce_only, Some(false));

    let row = &orders(OrderClass::Plain, "rest_orders_pending_doc_partial").rows[0];
    assert_eq!(row.symbol.to_string(), "ETHUSDT_UMCBL", "lower case on the wire");
    assert_eq!(row.status.known(), Some(OrderStatus::PartiallyFilled));
    assert_eq!(row.filled, Some(dec!(12.1)));

    let set = orders(OrderClass::Plain, "rest_orders_pending_empty_null");
    assert_eq!((set.scope, set.rows.len()), (Scope::Complete, 0), "a null list is none");

    let row = &orders(OrderClass::Trigger, "rest_orders_plan_pending_2023-11").rows[0];
    assert_eq!(row.kind.known(), Some(OrderKind::Trigger));
    assert_eq!((row.trigger_price, row.price), (Some(dec!(24000)), Some(dec!(27000))));
    let row = &orders(OrderClass::Trigger, "rest_orders_plan_pending_doc").rows[0];
    assert_eq!(row.status.known(), Some(OrderStatus::Live), "not_trigger waits");
    assert_eq!(row.updated_at, None, "an empty time is none");
}

#[test]
fn pushed_orders() {
    let (_, Body::Orders(set)) = pushed("ws_orders_live_one_way_2025-03") else { panic!() };
    assert_eq!(set.scope, Scope::Partial);
    let row = &set.rows[0];
    assert_eq!((row.side, row.position_side), (Some(OrderSide::Sell), None), "one-way mode");
    assert_eq!((row.kind.known(), row.price), (Some(OrderKind::Market), None), "price 0 is none");
    let (_, Body::Orders(set)) = pushed("ws_orders_filled_hedge_doc") else { panic!() };
    assert_eq!(set.rows[0].status.known(), Some(OrderStatus::Filled));
    assert_eq!(set.rows[0].filled, Some(dec!(0.01)), "filled in all, not the last fill");
    let (_, Body::Orders(set)) = pushed("ws_orders_algo_doc") else { panic!() };
    assert_eq!(
        (set.rows[0].class, set.rows[0].kind.known()),
        (OrderClass::Trigger, Some(OrderKind::Trigger))
    );
    assert_eq!(set.rows[0].trigger_price, Some(dec!(27000)));
}

#[test]
fn fills_closed_positions_and_the_ledger() {
    let list = fills(&response(&Request::Fills, "rest_fills_2023-11").bodies[0]);
    let fill = &list[0];
    assert_eq!(fill.side, Some(OrderSide::Sell), "closing a long sells, whatever the list says");
    assert_eq!((fill.closes, fill.realized_pnl), (Some(true), Some(dec!(-0.0007))));
    assert_eq!((fill.fees[0].coin.as_str(), fill.fees[0].paid), ("USDT", dec!(0.02236284)));
    let fill = &fills(&response(&Request::Fills, "rest_fill_history_2023-11").bodies[0])[0];
    assert_eq!((fill.side, fill.closes), (Some(OrderSide::Sell), Some(false)));
    let fill = &fills(&pushed("ws_fill_hedge_2024-04").1)[0];
    assert_eq!(
        (fill.symbol.wire(), fill.side, fill.forced.clone()),
        ("LTCUSDT", Some(OrderSide::Buy), None)
    );

    let list =
        closed(&response(&Request::ClosedPositions, "rest_history_position_2024-07").bodies[0]);
    assert_eq!(list.len(), 2);
    assert_eq!(
        (list[0].net_pnl, list[0].fees_paid),
        (Some(dec!(-0.04544198)), Some(dec!(0.04194198)))
    );
    assert_eq!(list[0].closed_at, Some(at(1_719_143_618_543)), "utime, lower case");
    let row = &closed(
        &response(&Request::ClosedPositions, "rest_history_position_doc_with_ids").bodies[0],
    )[0];
    assert_eq!(row.margin_mode, Some(OpenEnum::Known(MarginMode::Isolated)));
    let row = &closed(&pushed("ws_positions_history_2024-06").1)[0];
    assert_eq!(row.net_pnl, Some(dec!(-0.04544198)), "computed where it is not sent");

    let ledger = |name| {
        let request = Request::Ledger { since: at(0), until: at(1), cursor: None };
        let read = response(&request, name);
        assert_eq!(read.next, None, "the page is not full");
        match &read.bodies[..] {
            [Body::Ledger { rows, .. }] => rows.clone(),
            other => panic!("{other:?}"),
        }
    };
    let rows = ledger("rest_account_bill_doc_funding");
    assert_eq!((&rows[0].kind, rows[0].amount), (&LedgerKind::Funding, dec!(-0.004992)));
    assert_eq!((&rows[1].kind, rows[1].fee.paid), (&LedgerKind::Trade, dec!(0.222012)));
    let rows = ledger("rest_account_bill_transfer_2023-11");
    assert_eq!((&rows[0].kind, &rows[0].symbol), (&LedgerKind::Transfer, &None));

    let (_, Body::Deleveraged { symbol, size, .. }) = pushed("ws_adl_noti_doc") else { panic!() };
    assert_eq!((symbol.wire(), size), ("BTCUSDT", Some(dec!(2.35))), "data before arg");
}

#[tokio::test(start_paused = true)]
async fn refusals_of_requests() {
    for (name, status, class, word) in [
        ("rest_error_30032_v1_decommissioned", 400, ErrorClass::OwnBug, "30032"),
        ("rest_error_400172_missing_parameter", 400, ErrorClass::OwnBug, "400172"),
        ("rest_error_40034_unknown_symbol", 400, ErrorClass::NoSuchSymbol, "NOPEUSDT"),
        ("rest_error_40037_key_does_not_exist", 400, ErrorClass::Credentials, "Apikey"),
        ("rest_error_40085_unified_account", 400, ErrorClass::WrongApi, "Unified Account"),
        ("rest_error_429_composed", 429, ErrorClass::RateLimited, "too many requests"),
    ] {
        let error: ExchangeError = error(name, status).await;
        assert_eq!(error.class(), class, "{name}");
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn events_of_streams() {
    assert_eq!(message(&text("ws_pong")), Message::Pong);
    assert_eq!(message(&text("ws_login_ack_number")), Message::LoginAccepted);
    for (name, code, topic) in [
        ("ws_login_error_30015", "30015", None),
        ("ws_error_30004_need_login", "30004", None),
        ("ws_error_30001_unknown_symbol", "30001", Some("NOPEUSDT")),
        ("ws_error_30016_param", "30016", Some("BTCUSDT")),
    ] {
        let raw = text(name);
        let Message::Refused { topic: about, code: came, .. } = message(&raw) else {
            panic!("{name}")
        };
        assert_eq!(
            (came.as_str(), about.map(|topic| topic.key.into_owned()).as_deref()),
            (code, topic)
        );
    }
    for (name, channel, key) in [
        ("ws_subscribe_ack", "books", "BTCUSDT"),
        ("ws_subscribe_ack_account", "account", "default"),
    ] {
        let raw = text(name);
        let Message::Subscribed(topic) = message(&raw) else { panic!("{name}") };
        assert_eq!((topic.name.as_ref(), topic.key.as_ref()), (channel, key));
    }
    assert!(matches!(message(&text("ws_unsubscribe_ack")), Message::Unsubscribed(_)));
}

fn sent(session: &mut Session, acknowledge: Option<&str>) -> Vec<serde_json::Value> {
    let mut out = Vec::new();
    let now = at(1_767_225_600_000);
    session.on_open(now, 0, &mut out);
    if let Some(ack) = acknowledge {
        session.on_text(ack, now.plus_millis(300), &mut out);
    }
    let mut texts = Vec::new();
    for output in out {
        if let Output::Send(text) = output {
            texts.push(serde_json::from_str(&text).unwrap());
        }
    }
    texts
}

#[test]
fn what_is_sent_is_what_the_exchange_documents() {
    let channels = V2_API.public_channels(&Symbol::default(), Interval::Min1, &[]);
    let timing = Timing::of(Stream::WsPublic);
    let mut session = Session::new(&V2_API, Stream::WsPublic, channels, None, timing);
    let json = |name: &str| -> serde_json::Value { serde_json::from_str(&text(name)).unwrap() };
    assert_eq!(sent(&mut session, None), [json("ws_subscribe_request_public")]);

    let credentials = Credentials::new(
        "bg_example".into(),
        "test-secret-0123456789abcdef".into(),
        "example".into(),
    );
    let (login, timing) = (Some(Arc::new(credentials)), Timing::of(Stream::WsPrivate));
    let channels = V2_API.private_channels();
    let mut session = Session::new(&V2_API, Stream::WsPrivate, channels, login, timing);
    let texts = sent(&mut session, Some(&text("ws_login_ack_number")));
    assert_eq!(texts, [json("ws_login_request"), json("ws_subscribe_request_private")]);
}

/// Payloads of endpoints and channels that the program does not use. What is used instead, and that they
/// are not mistaken for something else.
#[test]
fn unused() {
    // The account channel carries the same figures by coin.
    assert!(matches!(message(&text("ws_equity_doc")), Message::Unknown(_)));
    // The ticker carries price, open interest and funding time; `accounts` lists all coins.
    let ticker = Request::Ticker(symbol("BTCUSDT"));
    for (request, name) in [
        (&ticker, "rest_merge_depth_doc_numbers"),
        (&ticker, "rest_open_interest_btcusdt"),
        (&Request::Account, "rest_account_2024-03"),
        (&Request::Account, "rest_account_doc_union"),
    ] {
        assert!(V2_API.read_response(request, &data(name)).is_err(), "{name}");
    }
    let price = response(&ticker, "rest_symbol_price_doc").bodies;
    let [Body::Ticker(price)] = &price[..] else { panic!() };
    assert_eq!(
        (price.mark, price.last),
        (Some(dec!(25555)), None),
        "its last price has another name"
    );
    let funding =
        response(&Request::Funding(symbol("BTCUSDT")), "rest_funding_time_btcusdt_2025-04");
    let [Body::Funding(funding)] = &funding.bodies[..] else { panic!() };
    assert_eq!((funding.rate, funding.next_at), (None, None));
    let ranks = positions(&Request::Positions(Product::UsdtFutures), "rest_adl_rank_doc");
    assert_eq!((ranks.rows.len(), ranks.unreadable), (0, 1), "a rank is no position");
}
