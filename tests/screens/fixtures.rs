//! Documents and snapshots made by hand.

use std::sync::Arc;

use bitget_watch::domain::{
    Candle, Contract, Interval, KeyRights, LinkState, Stream, Symbol, Timestamp,
};
use bitget_watch::report::{
    AccountPart, Document, Freshness, HistoryPart, Journal, LinkPart, OrderRow, OrdersPart,
    PnlPart, PositionRisk, PositionRow, PositionsPart, ProblemPart, RiskPart, SCHEMA, Source,
    TickerPart, Time, TouchProbability, WorstPosition,
};
use bitget_watch::store::{CandleSeries, Event, EventKind, LinkStatus, Rules, Snapshot};
use bitget_watch::ui::UiContext;
use rust_decimal::Decimal;

/// 2026-09-25T12:03:07Z
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_790_337_787_000);

pub(crate) fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn at(seconds_ago: i64) -> Time {
    Time(NOW.plus_millis(-1000 * seconds_ago))
}

pub(crate) fn context() -> UiContext {
    UiContext {
        title: "RASTA OMEGA TRADER".into(),
        credentials: true,
        key_tail: Some("1a2b".into()),
        ..UiContext::default()
    }
}

/// Everything live: three positions, the focus long and short.
pub(crate) fn healthy() -> (Document, Snapshot) {
    let mut document = blank();
    crate::engine::fill(&mut document);
    (document, snapshot())
}

/// The document without what the risk engine computes.
pub(crate) fn blank() -> Document {
    Document {
        schema: SCHEMA,
        taken_at: Time(NOW),
        source: Source::Demo,
        symbol: "BTCUSDT_UMCBL".into(),
        account_kind: "classic",
        complete: true,
        ticker: ticker(),
        positions: PositionsPart {
            freshness: Freshness::Live,
            age_ms: Some(600),
            unreadable_rows: 0,
            rows: positions(),
            confirmed_at: Some(at(0)),
        },
        account: account(),
        orders: OrdersPart {
            freshness: Freshness::Live,
            age_ms: Some(1500),
            rows: orders(),
            unreadable_rows: 0,
        },
        pnl: PnlPart {
            unrealized: Some(d("-189.3225")),
            realized_today: Some(d("412.7")),
            fees_today: Some(d("18.2231")),
            funding_today: Some(d("-2.501")),
            net_today: Some(d("202.6534")),
            session_change: None,
            max_drawdown: None,
            close_now_net: None,
            next_funding_payment: Some(d("-5.51")),
            session_started_at: None,
            max_drawdown_amount: None,
            equity_curve: Vec::new(),
            freshness: Freshness::Live,
            age_ms: Some(700),
            session_freshness: Freshness::Live,
            session_age_ms: Some(700),
            ledger_freshness: Freshness::Live,
            ledger_age_ms: Some(9000),
        },
        risk: RiskPart {
            level: Some("watch"),
            worst_position: Some(WorstPosition { symbol: "BTCUSDT_UMCBL".into(), side: "long" }),
            liquidation_distance: Some(d("0.082")),
            liquidation_sigmas: None,
            touch_probability: TouchProbability::default(),
            volatility_annual: None,
            var_95_1d: None,
            es_95_1d: None,
            scenarios: Vec::new(),
            reason: None,
            sigma_1d: None,
            volatility_provisional: false,
            var_99_1d: None,
            es_99_1d: None,
            var_method: None,
            account_scenarios: Vec::new(),
            usdt_explains_liquidation: None,
            surplus: None,
            freshness: Freshness::Live,
            age_ms: Some(700),
        },
        history: HistoryPart {
            freshness: Freshness::Missing,
            age_ms: None,
            complete: false,
            by_day: Arc::default(),
            closed: Arc::default(),
            journal: Journal::default(),
        },
        links: ["rest", "ws_public", "ws_private"].map(link).to_vec(),
        alerts: Vec::new(),
        problems: Vec::new(),
    }
}

fn positions() -> Vec<PositionRow> {
    let short = PositionRow {
        side: "short",
        size: d("0.1200"),
        available: Some(d("0.1200")),
        entry_price: Some(d("63890.00")),
        break_even_price: Some(d("63812.25")),
        liquidation_price: Some(d("91234.5")),
        liquidation_distance: Some(d("0.4424")),
        notional: Some(d("7590.06")),
        margin: Some(d("759.01")),
        unrealized_pnl: Some(d("76.74")),
        exchange_unrealized_pnl: Some(d("76.70")),
        roe: Some(d("0.1001")),
        realized_pnl: Some(d("-3.2")),
        funding_pnl: Some(d("1.5023")),
        fees_paid: Some(d("4.6001")),
        net_pnl: Some(d("70.4422")),
        margin_ratio: Some(d("0.0611")),
        take_profit: None,
        stop_loss: None,
        risk: PositionRisk { next_funding_payment: Some(d("0.759")), ..PositionRisk::default() },
        ..row("BTCUSDT_UMCBL", "BTC", true)
    };
    let ether = PositionRow {
        size: d("12.5"),
        available: Some(d("10")),
        entry_price: Some(d("2511.335")),
        mark_price: Some(d("2480.17")),
        break_even_price: Some(d("2513.1")),
        liquidation_price: None,
        liquidation_distance: None,
        notional: Some(d("31002.125")),
        margin: Some(d("3100.2125")),
        unrealized_pnl: Some(d("-389.5625")),
        exchange_unrealized_pnl: Some(d("-389.00")),
        roe: Some(d("-0.1241")),
        net_pnl: Some(d("-402.11")),
        price_places: Some(2),
        size_places: Some(2),
        risk: PositionRisk { next_funding_payment: Some(d("-3.1")), ..PositionRisk::default() },
        ..row("ETHUSDT_UMCBL", "ETH", false)
    };
    vec![row("BTCUSDT_UMCBL", "BTC", true), short, ether]
}

fn account() -> AccountPart {
    AccountPart {
        freshness: Freshness::Live,
        age_ms: Some(2100),
        margin_coin: Some("USDT".into()),
        equity: Some(d("15234.5612")),
        available: Some(d("8123.01")),
        locked: Some(d("120")),
        unrealized_pnl: Some(d("-189.3225")),
        initial_margin: Some(d("7021.72")),
        maintenance_margin: Some(d("380.25")),
        margin_ratio: Some(d("0.1234")),
        effective_leverage: Some(d("4.6123")),
        asset_mode: Some("single".into()),
        derived: Freshness::Live,
        derived_age_ms: Some(2100),
    }
}

fn ticker() -> TickerPart {
    TickerPart {
        freshness: Freshness::Live,
        age_ms: Some(250),
        exchange_time: Some(at(0)),
        last: Some(d("63251.0")),
        mark: Some(d("63250.5")),
        index: Some(d("63249.87")),
        bid: Some(d("63250.9")),
        bid_size: Some(d("3.412")),
        ask: Some(d("63251.0")),
        ask_size: Some(d("0.87")),
        open_24h: Some(d("62480.0")),
        high_24h: Some(d("63890.2")),
        low_24h: Some(d("62105.7")),
        change_24h: Some(d("0.0123")),
        volume_24h_base: Some(d("81234.5")),
        volume_24h_quote: Some(d("5123456789.1")),
        open_interest: Some(d("45678.9")),
        funding_rate: Some(d("0.0001")),
        funding_interval_hours: Some(8),
        next_funding_at: Some(at(-14_213)),
    }
}

pub(crate) fn row(symbol: &str, coin: &str, is_focus: bool) -> PositionRow {
    PositionRow {
        symbol: symbol.into(),
        side: "long",
        margin_mode: "cross".into(),
        position_mode: Some("hedge".into()),
        size: d("0.5"),
        available: Some(d("0.5")),
        entry_price: Some(d("63003.60")),
        mark_price: Some(d("63250.5")),
        break_even_price: Some(d("63041.31")),
        liquidation_price: Some(d("58063.9")),
        liquidation_distance: Some(d("0.082")),
        leverage: Some(d("10")),
        margin: Some(d("3162.525")),
        notional: Some(d("31625.25")),
        unrealized_pnl: Some(d("123.45")),
        exchange_unrealized_pnl: Some(d("122.95")),
        roe: Some(d("0.0392")),
        realized_pnl: Some(d("0")),
        funding_pnl: Some(d("-1.25")),
        fees_paid: Some(d("18.9")),
        net_pnl: Some(d("103.3")),
        maintenance_margin_rate: Some(d("0.004")),
        margin_ratio: Some(d("0.1234")),
        take_profit: Some(d("63600.0")),
        stop_loss: Some(d("61500.0")),
        plans_known: true,
        opened_at: Some(at(86_400)),
        updated_at: Some(at(60)),
        risk: PositionRisk {
            next_funding_payment: Some(d("-3.1625")),
            effective_leverage: Some(d("2.0759")),
            ..PositionRisk::default()
        },
        freshness: Freshness::Live,
        age_ms: Some(700),
        is_focus,
        price_places: Some(1),
        size_places: Some(4),
        base_coin: Some(coin.into()),
    }
}

fn orders() -> Vec<OrderRow> {
    let limit = OrderRow {
        symbol: "BTCUSDT_UMCBL".into(),
        order_id: "1".into(),
        side: Some("buy"),
        position_side: Some("long"),
        reduce_only: Some(false),
        kind: "limit".into(),
        price: Some(d("62000.0")),
        trigger_price: None,
        size: Some(d("0.25")),
        filled: Some(d("0.1")),
        status: "partially_filled".into(),
        created_at: Some(at(3600)),
        price_places: Some(1),
    };
    let stop = OrderRow {
        order_id: "2".into(),
        side: Some("sell"),
        reduce_only: Some(true),
        kind: "stop_loss".into(),
        price: None,
        trigger_price: Some(d("61500.0")),
        size: None,
        filled: Some(d("0")),
        status: "live".into(),
        ..limit.clone()
    };
    vec![limit, stop]
}

fn link(name: &str) -> LinkPart {
    LinkPart {
        name: name.into(),
        state: "live".into(),
        since: Some(at(600)),
        attempts: 0,
        last_error: None,
        latency_ms: Some(45),
        frames: 12_345,
        reconnects: 1,
        next_attempt_at: None,
    }
}

fn snapshot() -> Snapshot {
    let symbol = Symbol::default();
    let contract = Contract {
        symbol: symbol.clone(),
        price_places: 1,
        price_step: Some(d("0.1")),
        size_places: 4,
        size_step: Some(d("0.0001")),
        default_fees: None,
        max_leverage: Some(d("125")),
        funding_interval_hours: Some(8),
        status: Some("normal".into()),
    };
    let rules = Rules { contract: Some(contract), ..Rules::default() };
    let event = |seconds_ago: i64, kind| Event { at: at(seconds_ago).0, kind };
    let events = vec![
        event(
            12,
            EventKind::Link { stream: Stream::WsPrivate, state: LinkState::Live, reason: None },
        ),
        event(
            30,
            EventKind::Link {
                stream: Stream::WsPrivate,
                state: LinkState::Backoff,
                reason: Some("connection reset by peer".into()),
            },
        ),
        event(
            95,
            EventKind::Deleveraged {
                symbol: symbol.clone(),
                price: Some(d("63111.5")),
                size: Some(d("0.25")),
            },
        ),
    ];
    Snapshot {
        version: 7,
        rules: Arc::new([(symbol, rules)].into_iter().collect()),
        candles: Arc::new(candles(120)),
        links: Stream::ALL.map(status).to_vec(),
        key_rights: Some(KeyRights {
            trade: Some(false),
            transfer: Some(false),
            withdraw: Some(false),
            read_futures: Some(true),
            ip_bound: Some(true),
        }),
        clock_offset_ms: Some((12, 40)),
        events: Arc::new(events),
        ..Snapshot::default()
    }
}

fn status(stream: Stream) -> LinkStatus {
    LinkStatus {
        stream,
        state: LinkState::Live,
        since: Some(at(600).0),
        attempts: 0,
        last_error: None,
        latency: Some(std::time::Duration::from_millis(45)),
        frames: 12_345,
        bytes: 3_456_789,
        reconnects: 1,
        next_attempt_at: None,
        last_traffic_at: Some(at(1).0),
    }
}

/// A walk without randomness.
pub(crate) fn candles(count: i64) -> CandleSeries {
    let first = NOW.as_millis() - NOW.as_millis().rem_euclid(60_000) - (count - 1) * 60_000;
    let height = |index: i64| Decimal::from((index * 37 % 90) + (index * 11 % 40) - 60);
    let rows = (0..count)
        .map(|index| {
            let open = d("63250.5") + height(index - count);
            let close = d("63250.5") + height(index + 1 - count);
            Candle {
                start: Timestamp::from_millis(first + index * 60_000),
                open,
                high: open.max(close) + d("12.5"),
                low: open.min(close) - d("9.5"),
                close,
                volume: None,
            }
        })
        .collect();
    CandleSeries { interval: Interval::Min1, rows }
}

/// The same account as one of the other kind: only what its kind changes.
pub(crate) fn unified() -> (Document, Snapshot) {
    let (mut document, mut snapshot) = healthy();
    document.account_kind = "unified";
    document.account.margin_coin = Some("USD".into());
    document.account.asset_mode = Some("multi".into());
    snapshot.account_kind = Some(bitget_watch::domain::AccountKind::Unified);
    (document, snapshot)
}

/// Prices stopped 14 seconds ago; everything that rests on them with them.
pub(crate) fn stale_prices() -> (Document, Snapshot) {
    stale_for(14_000)
}

/// The same of another age.
pub(crate) fn stale_for(age_ms: i64) -> (Document, Snapshot) {
    let (mut document, snapshot) = healthy();
    let (stale, age) = (Freshness::Stale, Some(age_ms));
    document.complete = false;
    (document.ticker.freshness, document.ticker.age_ms) = (stale, age);
    (document.account.derived, document.account.derived_age_ms) = (stale, age);
    (document.pnl.freshness, document.pnl.age_ms) = (stale, age);
    (document.risk.freshness, document.risk.age_ms) = (stale, age);
    crate::engine::age(&mut document, stale, age);
    for row in &mut document.positions.rows {
        (row.freshness, row.age_ms) = (stale, age);
    }
    (document, snapshot)
}

/// The last good list of positions is 90 seconds old, and it was empty.
pub(crate) fn positions_unknown() -> (Document, Snapshot) {
    let (mut document, snapshot) = healthy();
    document.positions = PositionsPart {
        freshness: Freshness::Stale,
        age_ms: Some(90_000),
        unreadable_rows: 0,
        rows: Vec::new(),
        confirmed_at: Some(at(90)),
    };
    document.risk.worst_position = None;
    document.complete = false;
    crate::engine::no_position(&mut document);
    (document, snapshot)
}

/// A complete, fresh and empty list.
pub(crate) fn flat() -> (Document, Snapshot) {
    let (mut document, snapshot) = positions_unknown();
    document.positions.freshness = Freshness::Live;
    document.positions.age_ms = Some(0);
    document.positions.confirmed_at = Some(at(0));
    document.risk.level = Some("ok");
    document.risk.liquidation_distance = None;
    document.account.margin_ratio = None;
    document.account.maintenance_margin = None;
    document.account.effective_leverage = None;
    document.complete = true;
    (document, snapshot)
}

/// Market data only.
pub(crate) fn no_credentials() -> (Document, Snapshot) {
    let (mut document, mut snapshot) = positions_unknown();
    let missing = Freshness::Missing;
    document.account_kind = "none";
    (document.positions.freshness, document.positions.age_ms) = (missing, None);
    document.positions.confirmed_at = None;
    document.orders.rows.clear();
    (document.orders.freshness, document.orders.age_ms) = (missing, None);
    document.account = AccountPart {
        freshness: missing,
        age_ms: None,
        margin_coin: None,
        equity: None,
        available: None,
        locked: None,
        unrealized_pnl: None,
        initial_margin: None,
        maintenance_margin: None,
        margin_ratio: None,
        effective_leverage: None,
        asset_mode: None,
        derived: missing,
        derived_age_ms: None,
    };
    document.risk.level = None;
    document.history = blank().history;
    document.pnl = blank().pnl;
    document.links.truncate(2);
    snapshot.key_rights = None;
    (document, snapshot)
}

/// The key can do more than read, and the clock is off as well.
pub(crate) fn dangerous_key() -> (Document, Snapshot) {
    let (mut document, mut snapshot) = healthy();
    document.problems = vec![
        ProblemPart {
            code: "key_can_withdraw".into(),
            text: "the API key can withdraw money: make a read-only key".into(),
            since: at(600),
        },
        ProblemPart {
            code: "clock_skew".into(),
            text: "the local clock is 2400 ms ahead".into(),
            since: at(300),
        },
    ];
    snapshot.key_rights = Some(KeyRights {
        trade: Some(true),
        transfer: Some(false),
        withdraw: Some(true),
        read_futures: Some(true),
        ip_bound: Some(false),
    });
    (document, snapshot)
}

/// A contract whose name takes two columns a character.
pub(crate) fn wide_symbol() -> (Document, Snapshot) {
    let (mut document, snapshot) = healthy();
    document.symbol = "牛来USDT_UMCBL".into();
    document.positions.rows = vec![PositionRow {
        price_places: None,
        size_places: None,
        entry_price: Some(d("0.00000001234")),
        mark_price: Some(d("0.0000000125")),
        liquidation_price: Some(d("0.0000000101")),
        size: d("1250000000"),
        ..row("牛来USDT_UMCBL", "牛来", true)
    }];
    (document, snapshot)
}

/// Thirty positions of different contracts.
pub(crate) fn crowded() -> (Document, Snapshot) {
    let (mut document, snapshot) = healthy();
    document.positions.rows = (1..=30)
        .map(|index| PositionRow {
            unrealized_pnl: Some(Decimal::from(index * 1_234 - 18_000)),
            is_focus: index == 1,
            ..row(&format!("COIN{index}USDT_UMCBL"), "COIN", false)
        })
        .collect();
    (document, snapshot)
}
