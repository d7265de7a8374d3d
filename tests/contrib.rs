//! The files under `contrib` speak of metrics that exist, and of flags that are accepted.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib").join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap()
}

/// Every metric with what a scrape adds to its name.
const METRICS: [&str; 18] = [
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
    "alerts_raised_total",
    "alerts_delivery_failures_total",
    "rest_requests_total",
    "ws_reconnects_total",
];

fn mentioned(text: &str) -> BTreeSet<&str> {
    text.split("bitget_watch_")
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_ascii_lowercase() && c != '_').next().unwrap())
        .collect()
}

#[test]
fn dashboard_and_rules_ask_for_metrics_that_exist() {
    for name in ["grafana/bitget-watch.json", "prometheus/rules.yml"] {
        let text = read(name);
        let found = mentioned(&text);
        assert!(found.len() >= 5, "{name}: {found:?}");
        for metric in found {
            assert!(METRICS.contains(&metric), "{name}: {metric}");
        }
    }
    let dashboard: serde_json::Value =
        serde_json::from_str(&read("grafana/bitget-watch.json")).unwrap();
    assert!(dashboard["panels"].as_array().unwrap().len() >= 8);
}

#[test]
fn the_service_and_the_containers_start_what_is_accepted() {
    for (name, start) in [
        ("systemd/bitget-watch.service", "ExecStart=bitget-watch "),
        ("compose/compose.yaml", "command: ["),
    ] {
        let text = read(name);
        let lines: Vec<&str> =
            text.lines().filter_map(|line| line.trim().strip_prefix(start)).collect();
        assert!(!lines.is_empty(), "{name}");
        for line in lines {
            let words = line.replace(['"', ',', ']'], "");
            let words = ["bitget-watch"].into_iter().chain(words.split(' '));
            bitget_watch::cli::parse_from(words).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

/// Where Prometheus is installed, its own tool reads the rules.
#[test]
fn promtool_accepts_the_rules() {
    let checked = Command::new("promtool")
        .arg("check")
        .arg("rules")
        .arg(path("prometheus/rules.yml"))
        .output();
    if let Ok(output) = checked {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Pictures and pages, the recording that `contrib/recording.py` makes among them.
#[test]
fn the_links_of_the_readme_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("README.md")).unwrap();
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    let missing: Vec<_> = targets
        .filter(|target| !target.is_empty() && !target.contains("://"))
        .filter(|target| !root.join(target).exists())
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
    let recording = std::fs::read_to_string(root.join("docs/demo.svg")).unwrap();
    assert!(text.contains("](docs/demo.svg)") && recording.contains("BTCUSDT_UMCBL"));
}
