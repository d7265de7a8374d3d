//! `[[alert]]` and `[[way]]` of the file.

use std::time::Duration;

use rust_decimal::Decimal;
use toml::de::DeValue;

use super::alerts::{AlertConfig, AlertLimit};
use super::section::Section;
use super::values;
use super::ways::{WayConfig, WayKind, WebhookTemplate};
use crate::domain::{Metric, Severity, Side, Symbol};

/// The longest that a condition may have to hold, and the longest cooldown.
const MAX_SPAN: Duration = Duration::from_secs(24 * 60 * 60);
/// The shortest and the longest pause between two heartbeats.
const MIN_HEARTBEAT: Duration = Duration::from_secs(30);
const MAX_NAME_CHARS: usize = 40;
const MAX_ARGUMENTS: usize = 64;

/// Reads the rules; `None` where the file has none, so that the built-in ones hold. Each section is one
/// `[[alert]]`; the names of the ways that a rule sends by are checked later, against `ways`.
pub(super) fn read_alerts(
    sections: &mut [Section<'_>],
    ways: &[WayConfig],
    is_written: bool,
) -> Option<Vec<AlertConfig>> {
    let mut rules = Vec::new();
    for section in sections {
        rules.extend(read_alert(section, ways));
    }
    is_written.then_some(rules)
}

/// Reads one rule.
pub(super) fn read_alert(section: &mut Section<'_>, ways: &[WayConfig]) -> Option<AlertConfig> {
    let (mut name, mut metric) = (None, None);
    section.set("name", &mut name, |value| name_of(value).map(Some));
    let metric_at = section.set("metric", &mut metric, |value| choose_metric(value).map(Some));
    let (mut above, mut below) = (None, None);
    let above_at = section.set("above", &mut above, |value| values::signed(value).map(Some));
    let below_at = section.set("below", &mut below, |value| values::signed(value).map(Some));
    let (mut symbol, mut side): (Option<Symbol>, Option<Side>) = (None, None);
    let symbol_at = section.set("symbol", &mut symbol, values::optional_symbol);
    let side_at = section.set("side", &mut side, choose_side);
    let mut lasting = Duration::ZERO;
    let lasting_at = section.set("for", &mut lasting, values::span(MAX_SPAN));
    let mut hysteresis = Decimal::ZERO;
    let hysteresis_at = section.set("hysteresis", &mut hysteresis, values::not_negative);
    let mut cooldown = AlertConfig::COOLDOWN;
    section.set("cooldown", &mut cooldown, values::span(MAX_SPAN));
    let mut severity = Severity::Danger;
    section.set("severity", &mut severity, choose_severity);
    let mut send: Option<Vec<String>> = None;
    let send_at = section.set("send", &mut send, |value| names(value).map(Some));

    let Some(metric) = metric else {
        if metric_at.is_none() {
            section.problem("metric", None, &format!("is missing: one of {}", metric_names()));
        }
        return None;
    };
    let rule = AlertConfig::new(metric);
    let limit = match (above, below) {
        (Some(_), Some(_)) => {
            section.problem(
                "below",
                below_at,
                "give either above or below; write two rules for both",
            );
            None
        }
        (Some(limit), None) => Some(AlertLimit::Above(limit)),
        (None, Some(limit)) => Some(AlertLimit::Below(limit)),
        (None, None) => None,
    };
    let limit_at = above_at.or(below_at);
    if metric.is_figure() {
        if limit_at.is_none() {
            section.problem("metric", metric_at, &format!("{metric} needs above or below"));
        }
    } else {
        for (key, at) in [("above", above_at), ("below", below_at), ("hysteresis", hysteresis_at)] {
            refuse(section, key, at, &format!("{metric} has no value to compare"));
        }
    }
    if metric.is_event() {
        refuse(section, "for", lasting_at, &format!("{metric} happens at once"));
    }
    if !metric.has_symbol() {
        refuse(
            section,
            "symbol",
            symbol_at.filter(|_| symbol.is_some()),
            &format!("{metric} is not of a contract"),
        );
    }
    if !metric.is_of_positions() {
        refuse(
            section,
            "side",
            side_at.filter(|_| side.is_some()),
            &format!("{metric} is not of a position"),
        );
    }
    let send = send.unwrap_or_else(|| rule.send.clone());
    for way in &send {
        if let Some(text) = unknown_way(way, ways) {
            section.problem("send", send_at, &text);
        }
    }
    let name = name.unwrap_or_else(|| rule.name.clone());
    Some(AlertConfig {
        name,
        limit,
        symbol,
        side,
        lasting,
        hysteresis,
        cooldown,
        severity,
        send,
        ..rule
    })
}

fn refuse(section: &mut Section<'_>, key: &str, at: Option<usize>, text: &str) {
    if at.is_some() {
        section.problem(key, at, text);
    }
}

/// Returns what is wrong with the name of a way that a rule sends by.
fn unknown_way(way: &str, ways: &[WayConfig]) -> Option<String> {
    let found = ways.iter().find(|known| known.name == way);
    if found.is_some_and(|way| matches!(way.kind, WayKind::Heartbeat { .. })) {
        return Some("a heartbeat sends no alerts".to_owned());
    }
    if found.is_some() || WayConfig::BUILT_IN.contains(&way) {
        return None;
    }
    let names = WayConfig::BUILT_IN.into_iter().chain(ways.iter().map(|way| way.name.as_str()));
    Some(format!("unknown way; the ways are {}", names.collect::<Vec<_>>().join(", ")))
}

/// Reads one way. Names must differ.
pub(super) fn read_way(section: &mut Section<'_>, before: &[WayConfig]) -> Option<WayConfig> {
    let (mut name, mut kind): (Option<String>, Option<&str>) = (None, None);
    let name_at = section.set("name", &mut name, |value| name_of(value).map(Some));
    let kind_at = section.set("kind", &mut kind, |value| {
        values::choice(
            value,
            &[("webhook", "webhook"), ("command", "command"), ("heartbeat", "heartbeat")],
        )
        .map(Some)
    });
    let mut template = WebhookTemplate::Json;
    let template_at = section.set("template", &mut template, choose_template);
    let mut url_env: Option<String> = None;
    let url_at = section.set("url_env", &mut url_env, |value| variable(value).map(Some));
    let mut argv: Option<Vec<String>> = None;
    let argv_at = section.set("argv", &mut argv, |value| arguments(value).map(Some));
    let mut every = Duration::from_secs(300);
    let every_at = section.set("every", &mut every, |value| {
        let every = values::span(MAX_SPAN)(value)?;
        (every >= MIN_HEARTBEAT).then_some(every).ok_or_else(|| "must be at least 30s".to_owned())
    });
    let mut send_cleared = false;
    let cleared_at = section.set("send_cleared", &mut send_cleared, values::boolean);

    if name_at.is_none() {
        section.problem("name", None, "is missing");
    }
    if kind_at.is_none() {
        section.problem("kind", None, "is missing: \"webhook\", \"command\" or \"heartbeat\"");
    }
    if let Some(name) = &name
        && (WayConfig::BUILT_IN.contains(&name.as_str())
            || before.iter().any(|way| way.name == *name))
    {
        section.problem("name", name_at, "is taken by another way");
    }
    let kind = kind?;
    let own: &[&str] = match kind {
        "webhook" => &["template", "url_env", "send_cleared"],
        "command" => &["argv", "send_cleared"],
        _ => &["url_env", "every"],
    };
    for (key, at) in [
        ("template", template_at),
        ("url_env", url_at),
        ("argv", argv_at),
        ("every", every_at),
        ("send_cleared", cleared_at),
    ] {
        if !own.contains(&key) {
            refuse(
                section,
                key,
                at,
                &format!("a {kind} has none; its keys are {}", own.join(", ")),
            );
        }
    }
    for (key, at) in [("url_env", url_at), ("argv", argv_at)] {
        if own.contains(&key) && at.is_none() {
            section.problem(key, kind_at, "is missing");
        }
    }
    let kind = match kind {
        "webhook" => WayKind::Webhook { url_env: url_env?, template },
        "command" => WayKind::Command { argv: argv? },
        _ => WayKind::Heartbeat { url_env: url_env?, every },
    };
    Some(WayConfig { name: name?, kind, send_cleared })
}

fn metric_names() -> String {
    Metric::ALL.map(Metric::name).join(", ")
}

fn choose_metric(value: &DeValue<'_>) -> Result<Metric, String> {
    let word = values::string(value, "a metric such as \"liquidation_distance_pct\"")?;
    Metric::ALL.into_iter().find(|metric| metric.name() == word).ok_or_else(|| {
        let names = Metric::ALL.map(Metric::name);
        match super::names::nearest(word, names.into_iter()) {
            Some(near) => format!("unknown metric; did you mean {near:?}?"),
            None => format!("unknown metric; the metrics are {}", metric_names()),
        }
    })
}

fn choose_side(value: &DeValue<'_>) -> Result<Option<Side>, String> {
    values::choice(value, &[("long", Some(Side::Long)), ("short", Some(Side::Short)), ("", None)])
}

fn choose_severity(value: &DeValue<'_>) -> Result<Severity, String> {
    values::choice(
        value,
        &[
            ("watch", Severity::Watch),
            ("danger", Severity::Danger),
            ("critical", Severity::Critical),
        ],
    )
}

fn choose_template(value: &DeValue<'_>) -> Result<WebhookTemplate, String> {
    values::choice(
        value,
        &[
            ("json", WebhookTemplate::Json),
            ("ntfy", WebhookTemplate::Ntfy),
            ("slack", WebhookTemplate::Slack),
            ("discord", WebhookTemplate::Discord),
            ("telegram", WebhookTemplate::Telegram),
        ],
    )
}

fn name_of(value: &DeValue<'_>) -> Result<String, String> {
    values::line(value, MAX_NAME_CHARS).and_then(|name| {
        if name.is_empty() { Err("must not be empty".to_owned()) } else { Ok(name) }
    })
}

/// The name of an environment variable. A value in its place may be the secret itself, and is not repeated.
fn variable(value: &DeValue<'_>) -> Result<String, String> {
    const EXPECTED: &str = "the name of an environment variable, such as \"BITGET_WATCH_NTFY_URL\"";
    let name = values::string(value, EXPECTED)?;
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { Ok(name.to_owned()) } else { Err(format!("expected {EXPECTED}")) }
}

fn strings(value: &DeValue<'_>, expected: &str) -> Result<Vec<String>, String> {
    let rows = value.as_array().ok_or_else(|| values::mismatch(expected, value))?;
    let row = |row: &toml::Spanned<DeValue<'_>>| {
        values::string(row.get_ref(), expected).map(ToOwned::to_owned)
    };
    rows.iter().map(row).collect()
}

fn names(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    strings(value, "a list of names such as [\"bell\", \"terminal\"]")
}

fn arguments(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let argv = strings(value, "a list such as [\"notify-send\", \"bitget-watch\"]")?;
    let is_good = argv.first().is_some_and(|program| !program.is_empty())
        && argv.len() <= MAX_ARGUMENTS
        && argv.iter().all(|word| !word.contains('\0'));
    if is_good { Ok(argv) } else { Err("expected a program and its arguments".to_owned()) }
}
