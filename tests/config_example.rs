//! The example file holds every key with its default.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use bitget_watch::config::{
    AlertConfig, AlertLimit, ApiChoice, ColorChoice, Config, ConfigErrors, ExchangeConfig, Inputs,
    MemoryConfig, NetworkConfig, Palette, ProxyChoice, ProxyUrl, ReconnectConfig, RefreshConfig,
    RiskConfig, ThemeName, UiConfig, WayConfig, WayKind, WebhookTemplate, keys, resolve,
};
use bitget_watch::domain::{Metric, Severity, Side};
use bitget_watch::risk::Thresholds;
use rust_decimal::dec;

const EXAMPLE: &str = include_str!("../config.example.toml");

fn read(text: &str) -> Result<Config, ConfigErrors> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    std::fs::write(&path, text).unwrap();
    resolve(&Inputs { config: Some(&path), symbol: None, env: &|_| None, user_dir: None })
}

#[test]
fn equals_the_defaults() {
    assert_eq!(read(EXAMPLE).unwrap(), Config::default());
}

#[test]
fn has_every_key_and_no_other() {
    let table: toml::Table = with_ways().parse().unwrap();
    let mut found = BTreeSet::new();
    for (name, value) in &table {
        let keys = |section: &toml::Table| -> Vec<String> {
            section.keys().map(|key| format!("{name}.{key}")).collect()
        };
        if let Some(rows) = value.as_array() {
            found.extend(rows.iter().flat_map(|row| keys(row.as_table().unwrap())));
        } else if let Some(section) = value.as_table() {
            found.extend(keys(section));
        } else {
            found.insert(name.clone());
        }
    }
    // A rule has one limit.
    found.insert("alert.above".to_owned());
    assert_eq!(found, keys().into_iter().collect());
}

/// The example with what has no default written out: its comments have a space after the `#`.
fn with_ways() -> String {
    let line = |line: &str| {
        let key = line.strip_prefix('#').filter(|key| !key.starts_with(' '));
        format!("{}\n", key.unwrap_or(line))
    };
    EXAMPLE.lines().map(line).collect()
}

#[test]
fn the_ways_of_the_example_are_read() {
    let config = read(&with_ways()).unwrap_or_else(|errors| panic!("{errors}"));
    let kinds: Vec<_> = config.ways.iter().map(|way| way.name.as_str()).collect();
    assert_eq!(kinds, ["phone", "script", "alive"]);
    assert_eq!(config.alerts, AlertConfig::defaults());
}

#[test]
fn own_rules_replace_the_three_and_an_empty_list_is_none() {
    let own = read("[[alert]]\nmetric = \"data_stale\"").unwrap();
    assert_eq!(own.alerts, [AlertConfig::new(Metric::DataStale)]);
    assert_eq!(read("alert = []").unwrap().alerts, []);
    assert_eq!(read("").unwrap().alerts.len(), 3);
}

#[test]
fn explains_every_key() {
    let mut before = "";
    for line in EXAMPLE.lines() {
        if line.contains(" = ") && !line.starts_with("# ") {
            assert!(before.starts_with("# "), "{line} has no comment above");
        }
        before = line;
    }
}

/// A file in which no key has its default.
const CHANGED: &str = r#"
        symbol = "ETHUSDT_UMCBL"
        title = "other"
        [exchange]
        api = "unified"
        demo_trading = true
        rest_url = "https://example.org"
        ws_url = "wss://example.net:444"
        extra_ca_file = "/etc/ca.pem"
        allow_other_hosts = true
        connect_timeout = "1500ms"
        request_timeout = "3s"
        [refresh]
        price = "11s"
        positions = "12s"
        orders = "13s"
        account = "14s"
        ttl = "15s"
        [reconnect]
        first_delay = "250ms"
        max_attempts = 0x10
        cool_down = "2m"
        [ui]
        max_fps = 30
        color = "never"
        palette = "blue_orange"
        theme = "mono"
        timezone = "Etc/GMT+5"
        bell = false
        max_bytes_per_second = 2500
        [risk]
        margin_ratio_watch = "31"
        margin_ratio_danger = "61.5"
        margin_ratio_critical = "100"
        distance_sigmas_watch = "5"
        distance_sigmas_danger = "4"
        distance_sigmas_critical = "0.5"
        distance_pct_watch = "12"
        distance_pct_danger = "6.5"
        distance_pct_critical = "3"
        touch_24h_watch = "7"
        touch_24h_danger = "8"
        leverage_watch = "1.5"
        leverage_danger = "2.5"
        funding_cost_watch = "0.02"
        material_share = "0.5"
        target_distance = "33"
        [network]
        proxy = "socks5h://proxy.example:1080"
        [memory]
        enabled = false
        path = "/var/lib/history.db"
        keep_days = 7
        account_label = "second"
        [[alert]]
        name = "near"
        metric = "roe_pct"
        above = "-12.5"
        symbol = "BTCUSD_DMCBL"
        side = "short"
        for = "2m"
        hysteresis = "0.5"
        cooldown = "3h"
        severity = "critical"
        send = ["phone"]
        [[alert]]
        metric = "price"
        below = "60000"
        [[way]]
        name = "phone"
        kind = "webhook"
        template = "telegram"
        url_env = "TELEGRAM"
        send_cleared = true
        [[way]]
        name = "script"
        kind = "command"
        argv = ["a", "b"]
        [[way]]
        name = "alive"
        kind = "heartbeat"
        url_env = "ALIVE"
        every = "2m"
"#;

/// Every field of the model can be set from the file. The patterns are complete, so a field that is
/// added to the model and not to the file does not compile or fails here.
#[test]
fn every_field_can_be_changed() {
    let parsed: toml::Table = CHANGED.parse().unwrap();
    let mut set = BTreeSet::new();
    for (name, value) in &parsed {
        let tables: Vec<_> = match value.as_array() {
            Some(rows) => rows.iter().filter_map(toml::Value::as_table).collect(),
            None => value.as_table().into_iter().collect(),
        };
        let inside = tables.iter().flat_map(|table| table.keys());
        set.extend(inside.map(|key| format!("{name}.{key}")));
        set.extend(tables.is_empty().then(|| name.clone()));
    }
    assert_eq!(set, keys().into_iter().collect());

    let Config {
        symbol,
        title,
        exchange,
        refresh,
        reconnect,
        ui,
        risk,
        network,
        memory,
        alerts,
        ways,
    } = read(CHANGED).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(symbol.to_string(), "ETHUSDT_UMCBL");
    assert_eq!(title, "other");
    let ExchangeConfig {
        api,
        demo_trading,
        rest_url,
        ws_url,
        extra_ca_file,
        other_host,
        connect_timeout,
        request_timeout,
    } = exchange;
    assert_eq!((api, demo_trading), (ApiChoice::Unified, true));
    assert_eq!(rest_url, "https://example.org");
    assert_eq!(ws_url, "wss://example.net:444");
    assert_eq!(extra_ca_file.as_deref(), Some(Path::new("/etc/ca.pem")));
    assert_eq!(other_host.as_deref(), Some("example.org, example.net"));
    assert_eq!(connect_timeout, Duration::from_millis(1500));
    assert_eq!(request_timeout, Duration::from_secs(3));
    let RefreshConfig { price, positions, orders, account, ttl } = refresh;
    let seconds = [price, positions, orders, account, ttl].map(|d| d.as_secs());
    assert_eq!(seconds, [11, 12, 13, 14, 15]);
    let ReconnectConfig { first_delay, max_attempts, cool_down } = reconnect;
    assert_eq!(first_delay, Duration::from_millis(250));
    assert_eq!(max_attempts, 16);
    assert_eq!(cool_down, Duration::from_secs(120));
    let UiConfig { max_fps, color, palette, timezone, bell, theme, max_bytes_per_second } = ui;
    assert_eq!((max_fps, max_bytes_per_second, bell), (30, 2_500, false));
    assert_eq!(color, ColorChoice::Never);
    assert_eq!(palette, Palette::BlueOrange);
    assert_eq!(theme, ThemeName::Mono);
    assert_eq!(timezone, "Etc/GMT+5");
    check_risk(&risk);
    let NetworkConfig { proxy } = network;
    let url = ProxyUrl::parse("socks5h://proxy.example:1080").unwrap();
    assert_eq!(proxy, ProxyChoice::Url(url));
    let MemoryConfig { enabled, path, keep_days, account_label } = memory;
    assert_eq!((enabled, keep_days, account_label.as_str()), (false, 7, "second"));
    assert_eq!(path.as_deref(), Some(Path::new("/var/lib/history.db")));
    check_alerts(&alerts, &ways);
}

fn check_alerts(alerts: &[AlertConfig], ways: &[WayConfig]) {
    let (rule, other) = (alerts.first().unwrap(), alerts.last().unwrap());
    assert_eq!(alerts.len(), 2);
    let expected = AlertConfig {
        name: "near".to_owned(),
        metric: Metric::Roe,
        limit: Some(AlertLimit::Above(dec!(-12.5))),
        symbol: rule.symbol.clone(),
        side: Some(Side::Short),
        lasting: Duration::from_secs(120),
        hysteresis: dec!(0.5),
        cooldown: Duration::from_secs(3 * 3_600),
        severity: Severity::Critical,
        send: vec!["phone".to_owned()],
    };
    assert_eq!(*rule, expected);
    assert_eq!(rule.symbol.as_ref().unwrap().to_string(), "BTCUSD_DMCBL");
    assert_eq!((other.name.as_str(), other.limit), ("price", Some(AlertLimit::Below(dec!(60000)))));
    let kinds: Vec<_> = ways.iter().map(|way| (way.kind.clone(), way.send_cleared)).collect();
    let (url_env, template) = ("TELEGRAM".to_owned(), WebhookTemplate::Telegram);
    let alive = WayKind::Heartbeat { url_env: "ALIVE".to_owned(), every: Duration::from_secs(120) };
    let argv = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(
        kinds,
        [
            (WayKind::Webhook { url_env, template }, true),
            (WayKind::Command { argv }, false),
            (alive, false)
        ]
    );
}

fn check_risk(risk: &RiskConfig) {
    let RiskConfig { thresholds, material_share, target_distance } = *risk;
    assert_eq!((material_share, target_distance), (dec!(0.005), dec!(0.33)));
    let Thresholds {
        margin_ratio,
        distance_sigmas,
        distance,
        touch_24h,
        account_leverage,
        funding_cost,
    } = thresholds;
    let steps =
        [margin_ratio, distance_sigmas, distance, touch_24h, account_leverage, funding_cost];
    let found = steps.map(|steps| (steps.watch, steps.danger, steps.critical));
    let expected = [
        (Some(dec!(0.31)), Some(dec!(0.615)), Some(dec!(1))),
        (Some(dec!(5)), Some(dec!(4)), Some(dec!(0.5))),
        (Some(dec!(0.12)), Some(dec!(0.065)), Some(dec!(0.03))),
        (Some(dec!(0.07)), Some(dec!(0.08)), None),
        (Some(dec!(1.5)), Some(dec!(2.5)), None),
        (Some(dec!(0.0002)), None, None),
    ];
    assert_eq!(found, expected);
}
