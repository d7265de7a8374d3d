//! Reports made by hand.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bitget_watch::domain::{
    AccountKind, AssetMode, Book, Candle, CoinBalance, Contract, Interval, KeyRights, Level,
    LinkState, MarginMode, OpenEnum, Order, OrderClass, OrderKind, OrderSide, OrderStatus,
    PositionKey, PositionMode, ProblemCode, Product, Side, Stream, Symbol, Timestamp, Trade,
};
use bitget_watch::report::{
    AccountPart, AccountStatus, Age, HistoryPart, MarketPart, OrdersPart, PnlPart, PositionRisk,
    PositionRow, PositionsPart, Report, RiskPart, SessionPart, Source, TickerPart, TodayPart,
    TouchProbability,
};
use bitget_watch::risk::{DayTotals, RiskLevel};
use bitget_watch::store::{CandleSeries, Event, EventKind, LinkStatus, Problem, Rules};
use bitget_watch::ui::UiContext;
use rust_decimal::Decimal;

/// 2026-09-25T12:03:07Z
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_790_337_787_000);

pub(crate) fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn at(seconds_ago: i64) -> Timestamp {
    NOW.plus_millis(-1000 * seconds_ago)
}

/// The age of something that was true so many milliseconds ago, and is live for ten seconds.
pub(crate) fn age(ms: i64) -> Age {
    Age::new(Some(NOW.plus_millis(-ms)), Duration::from_secs(10))
}

/// The lists of the other products, which are read less often.
fn others() -> Vec<(Product, Age)> {
    let limit = Duration::from_secs(75);
    Product::OTHERS.map(|of| (of, Age::new(Some(at(3)), limit))).to_vec()
}

pub(crate) fn context() -> UiContext {
    UiContext {
        title: "RASTA OMEGA TRADER".into(),
        key_tail: Some("1a2b".into()),
        ..UiContext::default()
    }
}

/// Returns the report with a change.
pub(crate) fn with(report: Arc<Report>, change: impl FnOnce(&mut Report)) -> Arc<Report> {
    let mut report = Arc::unwrap_or_clone(report);
    change(&mut report);
    Arc::new(report)
}

/// Everything live: three positions, the focus long and short.
pub(crate) fn healthy() -> Arc<Report> {
    with(Arc::new(blank()), crate::engine::fill)
}

/// The report without what the risk engine computes.
pub(crate) fn blank() -> Report {
    Report {
        now: NOW,
        taken_at: NOW,
        clock_offset_ms: Some((12, 40)),
        source: Source::Demo,
        focus: Symbol::default(),
        focus_unlisted: false,
        account_kind: AccountStatus::Known(AccountKind::Classic),
        complete: true,
        ticker: ticker(),
        positions: PositionsPart {
            age: age(600),
            unreadable_rows: 0,
            rows: positions(),
            confirmed_at: Some(at(0)),
            others: others(),
        },
        account: account(),
        orders: OrdersPart {
            age: age(1500),
            rows: orders(),
            unreadable_rows: 0,
            confirmed_at: Some(at(1)),
            others: others(),
        },
        pnl: pnl(),
        risk: RiskPart {
            age: age(700),
            level: Some(RiskLevel::Watch),
            reason: None,
            worst_position: Some(key("BTCUSDT", Side::Long)),
            liquidation_distance: Some(d("0.082")),
            liquidation_sigmas: None,
            touch_probability: TouchProbability::default(),
            volatility_annual: None,
            sigma_1d: None,
            volatility_provisional: false,
            var_95_1d: None,
            es_95_1d: None,
            var_99_1d: None,
            es_99_1d: None,
            var_method: None,
            scenarios: Vec::new(),
            account_scenarios: Vec::new(),
            usdt_explains_liquidation: None,
            surplus: None,
            at_stake: None,
        },
        history: HistoryPart::default(),
        rules: Arc::new(["BTCUSDT", "ETHUSDT"].into_iter().map(rules).collect()),
        candles: Arc::new(candles(120)),
        market: market(),
        fills: Arc::default(),
        events: Arc::new(events()),
        links: Stream::ALL.map(link).to_vec(),
        key_rights: Some(KeyRights {
            trade: Some(false),
            transfer: Some(false),
            withdraw: Some(false),
            read_futures: Some(true),
            ip_bound: Some(true),
            user_id: None,
        }),
        failures: BTreeMap::new(),
        alerts: Vec::new(),
        problems: Vec::new(),
        ledger: Arc::default(),
        memory: Arc::default(),
    }
}

pub(crate) fn key(symbol: &str, side: Side) -> PositionKey {
    PositionKey {
        symbol: Symbol::from_wire(symbol, Product::UsdtFutures).unwrap(),
        side,
        margin_mode: OpenEnum::Known(MarginMode::Cross),
        margin_coin: "USDT".into(),
    }
}

/// A book of a tick between the best prices, and a trade every two seconds.
fn market() -> MarketPart {
    let level = |price: &str, step: i64, index: i64| Level {
        price: d(price) + Decimal::new(step * index, 1),
        size: Decimal::new(34_120 - 2_470 * (index % 7), 4),
    };
    let side = |price, step| (0..40).map(|index| level(price, step, index)).collect();
    let trade = |index: i64| Trade {
        id: Some(index.to_string().as_str().into()),
        price: d("63251.0") - Decimal::new(index % 3, 1),
        size: Decimal::new(130 * (1 + index % 5), 4),
        taker_side: Some(if index % 3 == 0 { OrderSide::Buy } else { OrderSide::Sell }),
        time: at(2 * index),
    };
    let book = Book { bids: side("63250.9", -1), asks: side("63251.0", 1), exchange_time: None };
    MarketPart {
        book: Some(Arc::new(book)),
        book_age: age(100),
        book_changed_at: Some(NOW.plus_millis(-100)),
        trades: Arc::new((0..40).map(trade).collect()),
        trades_age: age(100),
    }
}

fn positions() -> Vec<PositionRow> {
    let short = PositionRow {
        key: key("BTCUSDT", Side::Short),
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
        ..row("BTCUSDT", true)
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
        ..row("ETHUSDT", false)
    };
    vec![row("BTCUSDT", true), short, ether]
}

fn account() -> AccountPart {
    AccountPart {
        age: age(2100),
        derived: age(2100),
        margin_coin: Some("USDT".into()),
        equity: Some(d("15234.5612")),
        available: Some(d("8123.01")),
        locked: Some(d("120")),
        unrealized_pnl: Some(d("-189.3225")),
        initial_margin: Some(d("7021.72")),
        maintenance_margin: Some(d("380.25")),
        margin_ratio: Some(d("0.1234")),
        effective_leverage: Some(d("4.6123")),
        asset_mode: Some(OpenEnum::Known(AssetMode::Single)),
        coins: vec![coin("USDT", "15234.5612", "15234.5612")],
        ..AccountPart::default()
    }
}

fn coin(name: &str, equity: &str, usd_value: &str) -> CoinBalance {
    CoinBalance {
        coin: name.into(),
        equity: Some(d(equity)),
        available: Some(d("8123.01")),
        locked: Some(d("0")),
        debt: None,
        usd_value: Some(d(usd_value)),
        collateral_value: None,
        bonus: None,
        wallet: None,
    }
}

/// The same of a unified account: in dollars, with several coins, a debt and a bonus.
pub(crate) fn several_coins() -> Arc<Report> {
    with(healthy(), |report| {
        report.account_kind = AccountStatus::Known(AccountKind::Unified);
        let account = &mut report.account;
        account.margin_coin = Some("USD".into());
        account.usdt_usd = Some(d("0.999"));
        account.bonus = Some(d("500"));
        account.coins = vec![
            coin("USDT", "10000.5", "9990.4995"),
            coin("BTC", "0.0812345", "5137.98"),
            CoinBalance { debt: Some(d("250.25")), ..coin("USDC", "-250.25", "-250.5") },
        ];
    })
}

fn pnl() -> PnlPart {
    PnlPart {
        age: age(700),
        unrealized: Some(d("-189.3225")),
        close_now_net: None,
        next_funding_payment: Some(d("-5.51")),
        today: TodayPart {
            age: age(9000),
            totals: Some(DayTotals {
                realized: Some(d("412.7")),
                fees_paid: Some(d("18.2231")),
                funding: Some(d("-2.501")),
                net: Some(d("202.6534")),
                ..DayTotals::default()
            }),
            other_fees: Vec::new(),
        },
        session: SessionPart {
            age: age(700),
            started_at: None,
            change: None,
            max_drawdown: None,
            max_drawdown_amount: None,
            curve: Vec::new(),
            unexplained: None,
        },
    }
}

fn ticker() -> TickerPart {
    TickerPart {
        age: age(250),
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

pub(crate) fn row(symbol: &str, is_focus: bool) -> PositionRow {
    PositionRow {
        key: key(symbol, Side::Long),
        is_focus,
        position_mode: Some(OpenEnum::Known(PositionMode::Hedge)),
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
        age: age(700),
        price_places: Some(1),
        size_places: Some(4),
        modelled: true,
        counted: true,
        settle_rate: Some(Decimal::ONE),
    }
}

fn orders() -> Vec<Order> {
    let limit = Order {
        symbol: Symbol::default(),
        order_id: "1".into(),
        class: OrderClass::Plain,
        side: Some(OrderSide::Buy),
        position_side: Some(Side::Long),
        reduce_only: Some(false),
        kind: OpenEnum::Known(OrderKind::Limit),
        price: Some(d("62000.0")),
        trigger_price: None,
        size: Some(d("0.25")),
        filled: Some(d("0.1")),
        status: OpenEnum::Known(OrderStatus::PartiallyFilled),
        created_at: Some(at(3600)),
        updated_at: None,
        take_profit: None,
        stop_loss: None,
    };
    let stop = Order {
        order_id: "2".into(),
        class: OrderClass::ProfitLoss,
        side: Some(OrderSide::Sell),
        reduce_only: Some(true),
        kind: OpenEnum::Known(OrderKind::StopLoss),
        price: None,
        trigger_price: Some(d("61500.0")),
        size: None,
        filled: Some(d("0")),
        status: OpenEnum::Known(OrderStatus::Live),
        ..limit.clone()
    };
    vec![limit, stop]
}

fn rules(symbol: &str) -> (Symbol, Rules) {
    let symbol = Symbol::from_wire(symbol, Product::UsdtFutures).unwrap();
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
        off_at: None,
        limit_open_at: None,
    };
    (symbol, Rules { contract: Some(contract), ..Rules::default() })
}

fn events() -> Vec<Event> {
    let link = |state, reason: Option<&str>| EventKind::Link {
        stream: Stream::WsPrivate,
        state,
        reason: reason.map(Into::into),
    };
    // One that needs no acknowledging: that is a screen of its own.
    let opened = EventKind::PositionOpened { key: key("BTCUSDT", Side::Long), size: d("0.25") };
    vec![
        Event { at: at(12), kind: link(LinkState::Live, None) },
        Event { at: at(30), kind: link(LinkState::Backoff, Some("connection reset by peer")) },
        Event { at: at(95), kind: opened },
    ]
}

fn link(stream: Stream) -> LinkStatus {
    LinkStatus {
        stream,
        state: LinkState::Live,
        since: Some(at(600)),
        attempts: 0,
        last_error: None,
        latency: Some(Duration::from_millis(45)),
        frames: 12_345,
        bytes: 3_456_789,
        reconnects: 1,
        next_attempt_at: None,
        last_traffic_at: Some(at(1)),
        fault: None,
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
                volume: Some(Decimal::from(index * 29 % 70 + 5)),
            }
        })
        .collect();
    CandleSeries { interval: Interval::Min1, rows }
}

/// The same account as one of the other kind: only what its kind changes.
pub(crate) fn unified() -> Arc<Report> {
    with(healthy(), |report| {
        report.account_kind = AccountStatus::Known(AccountKind::Unified);
        report.account.margin_coin = Some("USD".into());
        report.account.asset_mode = Some(OpenEnum::Known(AssetMode::Multi));
    })
}

/// Prices stopped 14 seconds ago; everything that rests on them with them.
pub(crate) fn stale_prices() -> Arc<Report> {
    stale_for(14_000)
}

/// The same of another age.
pub(crate) fn stale_for(age_ms: i64) -> Arc<Report> {
    with(healthy(), |report| {
        let stale = age(age_ms);
        report.complete = false;
        report.ticker.age = stale;
        report.account.derived = stale;
        report.pnl.age = stale;
        report.risk.age = stale;
        report.history.age = stale;
        (report.market.book_age, report.market.trades_age) = (stale, stale);
        for row in &mut report.positions.rows {
            row.age = stale;
        }
    })
}

/// The last good list of positions is 90 seconds old, and it was empty.
pub(crate) fn positions_unknown() -> Arc<Report> {
    with(healthy(), |report| {
        report.positions = PositionsPart {
            age: age(90_000),
            unreadable_rows: 0,
            rows: Vec::new(),
            confirmed_at: Some(at(90)),
            others: others(),
        };
        report.risk.worst_position = None;
        report.complete = false;
        crate::engine::no_position(report);
    })
}

/// A complete, fresh and empty list.
pub(crate) fn flat() -> Arc<Report> {
    with(positions_unknown(), |report| {
        report.positions.age = age(0);
        report.positions.confirmed_at = Some(at(0));
        report.risk.level = Some(RiskLevel::Ok);
        report.risk.liquidation_distance = None;
        report.account.margin_ratio = None;
        report.account.maintenance_margin = None;
        report.account.effective_leverage = None;
        report.complete = true;
    })
}

/// Market data only.
pub(crate) fn no_credentials() -> Arc<Report> {
    with(positions_unknown(), |report| {
        report.account_kind = AccountStatus::NoCredentials;
        report.positions.age = Age::MISSING;
        report.positions.confirmed_at = None;
        report.orders.rows.clear();
        report.orders.age = Age::MISSING;
        report.account = AccountPart::default();
        report.risk.level = None;
        report.history = HistoryPart::default();
        report.pnl = pnl();
        report.links.truncate(2);
        report.key_rights = None;
    })
}

pub(crate) fn problem(code: ProblemCode, text: &str, seconds_ago: i64) -> Problem {
    Problem { code, subject: "key".into(), text: text.into(), since: at(seconds_ago) }
}

/// The key can do more than read, and the clock is off as well.
pub(crate) fn dangerous_key() -> Arc<Report> {
    with(healthy(), |report| {
        let can = "the API key can withdraw money: make a read-only key";
        report.problems = vec![
            problem(ProblemCode::KeyCanWithdraw, can, 600),
            problem(ProblemCode::ClockSkew, "the local clock is 2400 ms ahead", 300),
        ];
        report.key_rights = Some(KeyRights {
            trade: Some(true),
            transfer: Some(false),
            withdraw: Some(true),
            read_futures: Some(true),
            ip_bound: Some(false),
            user_id: None,
        });
    })
}

/// A contract whose name takes two columns a character.
pub(crate) fn wide_symbol() -> Arc<Report> {
    with(healthy(), |report| {
        report.focus = Symbol::from_wire("牛来USDT", Product::UsdtFutures).unwrap();
        report.positions.rows = vec![PositionRow {
            price_places: None,
            size_places: None,
            entry_price: Some(d("0.00000001234")),
            mark_price: Some(d("0.0000000125")),
            liquidation_price: Some(d("0.0000000101")),
            size: d("1250000000"),
            ..row("牛来USDT", true)
        }];
    })
}

/// Thirty positions of different contracts.
pub(crate) fn crowded() -> Arc<Report> {
    with(healthy(), |report| {
        report.positions.rows = (1..=30)
            .map(|index| PositionRow {
                unrealized_pnl: Some(Decimal::from(index * 1_234 - 18_000)),
                is_focus: index == 1,
                ..row(&format!("COIN{index}USDT"), false)
            })
            .collect();
    })
}
