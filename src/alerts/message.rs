//! What a message says.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::change::Change;
use super::delivery::Message;
use crate::config::AlertLimit;
use crate::domain::{AlertChange, Metric, Severity, Text, Timestamp};
use crate::report::{Alert, Report, Source, json};

/// Returns the message of a change.
pub(super) fn of_change(change: &Change, report: &Report) -> Message {
    let alert = &change.alert;
    let event = match change.change {
        AlertChange::Raised => "raised",
        AlertChange::Unknown => "unknown",
        AlertChange::Cleared => "cleared",
    };
    let (text, private_text) = (sentence(change, true), sentence(change, false));
    let document =
        |text: &str, alert: &Alert| document(event, report.source, change.at, text, Some(alert));
    Message {
        id: Some(change.id),
        change: change.change,
        severity: alert.severity,
        title: title(report.source, &alert.severity.to_string().to_uppercase()),
        document: document(&text, alert),
        private_document: document(&private_text, &without_amounts(alert)),
        private_text: Text::new(&private_text),
        text: Text::new(&text),
    }
}

/// Returns a message that tries a way.
pub fn test(source: Source, at: Timestamp) -> Message {
    let text = "this is a test: alerts of bitget-watch arrive by this way";
    plain(source, "test", at, text)
}

/// Returns a message that only says that the program works.
pub(super) fn heartbeat(report: &Report) -> Message {
    plain(report.source, "heartbeat", report.taken_at, "bitget-watch is watching")
}

fn plain(source: Source, event: &str, at: Timestamp, text: &str) -> Message {
    let document = document(event, source, at, text, None);
    Message {
        id: None,
        change: AlertChange::Raised,
        severity: Severity::Watch,
        title: title(source, &event.to_uppercase()),
        text: Text::new(text),
        private_text: Text::new(text),
        private_document: Arc::clone(&document),
        document,
    }
}

fn without_amounts(alert: &Alert) -> Alert {
    let figure = |value: Option<Decimal>| value.filter(|_| !alert.metric.is_amount());
    Alert { value: figure(alert.value), limit: figure(alert.limit), ..alert.clone() }
}

/// Invented money is never taken for real.
fn title(source: Source, what: &str) -> Text {
    let source = match source {
        Source::Live => "",
        Source::Demo => " DEMO",
        Source::Replay => " REPLAY",
    };
    Text::new(&format!("bitget-watch{source}: {what}"))
}

fn document(
    event: &str,
    source: Source,
    at: Timestamp,
    text: &str,
    alert: Option<&Alert>,
) -> Arc<str> {
    json::alert_to_string(event, source, at, text, alert).unwrap_or_default().into()
}

/// Says what happened, with or without amounts.
fn sentence(change: &Change, with_amounts: bool) -> String {
    let alert = &change.alert;
    let metric = alert.metric;
    // Data are all that is asked for.
    let subject =
        if metric == Metric::DataStale { String::new() } else { format!("{}: ", alert.subject) };
    let words = metric.spoken();
    let unit = if metric.name().ends_with("_pct") { " %" } else { "" };
    let figure = |value: Option<Decimal>| {
        let shown = value.filter(|_| with_amounts || !metric.is_amount());
        shown.map(|value| format!("{}{unit}", value.round_dp(4).normalize()))
    };
    let value = figure(alert.value);
    match change.change {
        AlertChange::Unknown => {
            let since = clock(alert.since);
            format!("{subject}{words} not known since {since} UTC, so its alert cannot be raised")
        }
        AlertChange::Cleared => {
            let now = value.map(|value| format!(" ({value})")).unwrap_or_default();
            format!("ended: {subject}{words}{now}")
        }
        AlertChange::Raised => {
            let limit = change.limit.and_then(|limit| {
                let (word, limit) = match limit {
                    AlertLimit::Above(limit) => ("above", limit),
                    AlertLimit::Below(limit) => ("below", limit),
                };
                Some(format!(" is {word} {}", figure(Some(limit))?))
            });
            let limit = limit.filter(|_| value.is_some()).unwrap_or_default();
            let size = if metric.is_event() { "size " } else { "" };
            let value = value.map(|value| format!(" {size}{value}")).unwrap_or_default();
            let again = if change.resumed {
                format!(", known since {} UTC", clock(alert.since))
            } else {
                String::new()
            };
            let name = if alert.name.as_str() == metric.name() {
                String::new()
            } else {
                format!("{}: ", alert.name)
            };
            format!("{name}{subject}{words}{value}{limit}{again}")
        }
    }
}

/// The time of day, UTC.
fn clock(at: Timestamp) -> String {
    let seconds = at.as_millis().div_euclid(1_000).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use rust_decimal::dec;

    fn change(metric: Metric, value: Option<Decimal>, limit: Option<AlertLimit>) -> Change {
        let at = Timestamp::from_millis(1_790_358_794_987);
        let of = |limit| match limit {
            AlertLimit::Above(limit) | AlertLimit::Below(limit) => limit,
        };
        let alert = Alert {
            name: metric.name().into(),
            metric,
            subject: "BTCUSDT_UMCBL long".into(),
            severity: Severity::Danger,
            value,
            limit: limit.map(of),
            since: at,
            raised_at: at,
            acknowledged: false,
            delivery: Vec::new(),
        };
        let change = AlertChange::Raised;
        let send = Vec::new();
        Change { change, id: 1, at, alert, resumed: false, send, limit, sent_at: None }
    }

    #[rstest]
    #[case(
        change(Metric::LiquidationDistance, Some(dec!(8.4592)), Some(AlertLimit::Below(dec!(10)))),
        "BTCUSDT_UMCBL long: liquidation distance 8.4592 % is below 10 %",
        "BTCUSDT_UMCBL long: liquidation distance 8.4592 % is below 10 %"
    )]
    #[case(
        change(Metric::UnrealizedPnl, Some(dec!(-512.5)), Some(AlertLimit::Below(dec!(-500)))),
        "BTCUSDT_UMCBL long: unrealized pnl -512.5 is below -500",
        "BTCUSDT_UMCBL long: unrealized pnl"
    )]
    #[case(
        change(Metric::PositionClosed, Some(dec!(0.5)), None),
        "BTCUSDT_UMCBL long: position closed size 0.5",
        "BTCUSDT_UMCBL long: position closed"
    )]
    #[case(
        Change { resumed: true, ..change(Metric::LinkDown, None, None) },
        "BTCUSDT_UMCBL long: link down, known since 17:53:14 UTC",
        "BTCUSDT_UMCBL long: link down, known since 17:53:14 UTC"
    )]
    #[case(change(Metric::DataStale, None, None), "data stale", "data stale")]
    #[case(
        Change { change: AlertChange::Unknown, ..change(Metric::Roe, None, None) },
        "BTCUSDT_UMCBL long: roe not known since 17:53:14 UTC, so its alert cannot be raised",
        "BTCUSDT_UMCBL long: roe not known since 17:53:14 UTC, so its alert cannot be raised"
    )]
    #[case(
        Change { change: AlertChange::Cleared, ..change(Metric::MarginRatio, Some(dec!(54)), None) },
        "ended: BTCUSDT_UMCBL long: margin ratio (54 %)",
        "ended: BTCUSDT_UMCBL long: margin ratio (54 %)"
    )]
    fn a_message_is_one_sentence(
        #[case] change: Change,
        #[case] text: &str,
        #[case] private: &str,
    ) {
        assert_eq!(sentence(&change, true), text);
        assert_eq!(sentence(&change, false), private);
    }

    #[test]
    fn a_demo_says_so() {
        assert_eq!(title(Source::Live, "DANGER").as_str(), "bitget-watch: DANGER");
        assert_eq!(title(Source::Demo, "DANGER").as_str(), "bitget-watch DEMO: DANGER");
    }
}
