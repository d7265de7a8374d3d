use std::time::Duration;

use rust_decimal::dec;

use super::*;
use crate::domain::{
    MarginMode, Metric, OpenEnum, PositionKey, Severity, Side, Stream, Symbol, Text,
};
use crate::report::{Alert, Context, Delivery, DeliveryState, PositionRow, build};
use crate::store::{LinkStatus, Snapshot};

const NOW: Timestamp = Timestamp::from_millis(1_790_337_600_000);

fn empty() -> Report {
    build(&Snapshot::default(), &Context::of_defaults(), NOW)
}

fn live() -> Age {
    Age::new(Some(NOW), Duration::from_secs(5))
}

fn link(state: LinkState, reconnects: u32) -> LinkStatus {
    LinkStatus {
        stream: Stream::WsPublic,
        state,
        since: None,
        attempts: 0,
        last_error: None,
        latency: None,
        frames: 0,
        bytes: 0,
        reconnects,
        next_attempt_at: None,
        last_traffic_at: None,
        fault: None,
    }
}

fn scraped(report: &Report, now: Timestamp) -> String {
    let mut counters = Counters::default();
    counters.follow(report);
    counters.follow(report);
    let requests = BTreeMap::from([("200".to_owned(), 7), ("none".to_owned(), 2)]);
    let scrape = Scrape { account: "main", now, counters: &counters, requests: &requests };
    text(report, &scrape).unwrap()
}

fn has(text: &str, line: &str) -> bool {
    text.lines().any(|found| found == format!("bitget_watch_{line}"))
}

#[test]
fn no_figure_is_made_up() {
    let text = scraped(&empty(), NOW);
    let mut samples: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    samples.sort_unstable();
    assert_eq!(
        samples,
        [
            "bitget_watch_rest_requests_total{account=\"main\",code=\"200\"} 7",
            "bitget_watch_rest_requests_total{account=\"main\",code=\"none\"} 2",
            "bitget_watch_up{account=\"main\"} 0.0",
        ]
    );
    assert!(text.ends_with("# EOF\n"), "{text}");
}

#[test]
fn figures_carry_their_labels() {
    let mut report = empty();
    report.complete = true;
    report.ticker.age = live();
    report.ticker.mark = Some(dec!(60000.5));
    report.ticker.funding_rate = Some(dec!(0.0001));
    report.account.derived = live();
    report.account.equity = Some(dec!(12525.25));
    report.account.margin_coin = Some(Text::new("USDT"));
    report.account.margin_ratio = Some(dec!(0.05));
    report.risk.age = live();
    report.risk.level = Some(RiskLevel::Danger);
    let mut held = row(MarginMode::Cross, dec!(1), Some(dec!(0.1)));
    held.risk.touch_probability.h8 = Some(dec!(0.25));
    report.positions.rows = vec![held];
    report.pnl.session.max_drawdown = Some(dec!(0.02));
    report.pnl.session.age = live();
    report.pnl.session.change = Some(dec!(-3.5));
    report.links = vec![link(LinkState::Backoff, 3)];
    report.alerts = vec![Alert {
        metric: Metric::LinkDown,
        subject: Text::new("ws_public"),
        value: None,
        limit: None,
        since: NOW,
        name: Text::new("link_down"),
        severity: Severity::Danger,
        raised_at: NOW,
        acknowledged: false,
        delivery: vec![Delivery {
            way: Text::new("phone"),
            state: DeliveryState::Failed,
            at: NOW,
            error: None,
        }],
    }];
    let text = scraped(&report, NOW.plus_millis(1_500));
    for line in [
        "up{account=\"main\"} 1.0",
        "link_state{account=\"main\",link=\"ws_public\",state=\"live\"} 0.0",
        "link_state{account=\"main\",link=\"ws_public\",state=\"backoff\"} 1.0",
        "data_age_seconds{account=\"main\",datum=\"price\"} 1.5",
        "equity{account=\"main\",currency=\"USDT\"} 12525.25",
        "margin_ratio{account=\"main\"} 0.05",
        "risk_level{account=\"main\"} 2.0",
        "mark_price{account=\"main\",symbol=\"BTCUSDT_UMCBL\"} 60000.5",
        "funding_rate{account=\"main\",symbol=\"BTCUSDT_UMCBL\"} 0.0001",
        "session_drawdown_ratio{account=\"main\"} 0.02",
        "session_change{account=\"main\"} -3.5",
        "alerts_raised_total{account=\"main\",metric=\"link_down\"} 1",
        "alerts_delivery_failures_total{account=\"main\",way=\"phone\"} 1",
        "ws_reconnects_total{account=\"main\",link=\"ws_public\"} 3",
    ] {
        assert!(has(&text, line), "{line}\n{text}");
    }
    // The names are fixed: dashboards of users rely on them.
    let names: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE bitget_watch_"))
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(names, NAMES);
}

/// Every metric; of counters the text adds `_total` to the samples.
const NAMES: [&str; 18] = [
    "up",
    "link_state",
    "data_age_seconds",
    "equity",
    "margin_ratio",
    "risk_level",
    "session_change",
    "session_drawdown_ratio",
    "funding_rate",
    "mark_price",
    "position_size",
    "position_unrealized_pnl",
    "position_liquidation_distance_ratio",
    "position_touch_probability_ratio",
    "alerts_raised",
    "alerts_delivery_failures",
    "rest_requests",
    "ws_reconnects",
];

/// An old number looks like a present one.
#[test]
fn a_stale_figure_is_absent_and_its_age_says_why() {
    let mut report = empty();
    report.complete = true;
    report.ticker.age = live();
    report.ticker.mark = Some(dec!(60000.5));
    report.account.derived = live();
    report.account.equity = Some(dec!(12525.25));
    report.risk.age = live();
    report.risk.level = Some(RiskLevel::Ok);
    report.positions.rows = vec![row(MarginMode::Cross, dec!(1), Some(dec!(0.1)))];
    let later = scraped(&report, NOW.plus_millis(6_000));
    for name in ["equity", "risk_level", "mark_price", "position_size"] {
        let found = later.lines().any(|line| line.starts_with(&format!("bitget_watch_{name}{{")));
        assert!(!found, "{name}\n{later}");
    }
    assert!(has(&later, "up{account=\"main\"} 0.0"), "{later}");
    assert!(has(&later, "data_age_seconds{account=\"main\",datum=\"price\"} 6.0"), "{later}");
}

fn row(mode: MarginMode, size: Decimal, distance: Option<Decimal>) -> PositionRow {
    PositionRow {
        key: PositionKey {
            symbol: Symbol::default(),
            side: Side::Long,
            margin_mode: OpenEnum::Known(mode),
            margin_coin: "USDT".into(),
        },
        is_focus: true,
        position_mode: None,
        size,
        available: None,
        entry_price: None,
        mark_price: Some(dec!(60000)),
        break_even_price: None,
        liquidation_price: None,
        liquidation_distance: distance,
        leverage: None,
        margin: None,
        notional: None,
        unrealized_pnl: Some(size),
        exchange_unrealized_pnl: None,
        roe: None,
        realized_pnl: None,
        funding_pnl: None,
        fees_paid: None,
        net_pnl: None,
        maintenance_margin_rate: None,
        margin_ratio: None,
        take_profit: None,
        stop_loss: None,
        plans_known: false,
        opened_at: None,
        updated_at: None,
        risk: crate::report::PositionRisk::default(),
        age: live(),
        price_places: None,
        size_places: None,
        modelled: true,
        counted: true,
        settle_rate: None,
    }
}

/// One contract held cross and isolated has one series: the nearer one counts.
#[test]
fn two_margin_modes_share_a_series() {
    let mut report = empty();
    report.positions.rows = vec![
        row(MarginMode::Cross, dec!(1), Some(dec!(0.4))),
        row(MarginMode::Isolated, dec!(2), Some(dec!(0.1))),
    ];
    let labels = "{account=\"main\",symbol=\"BTCUSDT_UMCBL\",side=\"long\"}";
    let text = scraped(&report, NOW);
    for line in [
        format!("position_size{labels} 3.0"),
        format!("position_unrealized_pnl{labels} 3.0"),
        format!("position_liquidation_distance_ratio{labels} 0.1"),
    ] {
        assert!(has(&text, &line), "{line}\n{text}");
    }
    report.positions.rows[1].liquidation_distance = None;
    assert!(!scraped(&report, NOW).contains("distance_ratio{"), "of one it is not known");
}

#[test]
fn what_could_not_be_judged_was_not_raised() {
    let mut report = empty();
    let alert = |value| Alert {
        name: Text::new("near"),
        metric: Metric::LiquidationDistance,
        subject: Text::new("account"),
        severity: Severity::Danger,
        value,
        limit: Some(dec!(10)),
        since: NOW,
        raised_at: NOW,
        acknowledged: false,
        delivery: Vec::new(),
    };
    let raised = "alerts_raised_total{account=\"main\",metric=\"liquidation_distance_pct\"} 1";
    report.alerts = vec![alert(None)];
    assert!(!scraped(&report, NOW).contains("alerts_raised_total"));
    report.alerts.push(alert(Some(dec!(9))));
    assert!(has(&scraped(&report, NOW), raised));
}
