use std::sync::Arc;

use rust_decimal::dec;

use super::*;
use crate::domain::{AwayNearest, EquityPart, MemoryReport, Metric, Severity, Text};
use crate::ui::fixtures::{NOON, empty_report, seen};

fn at(minute: i64) -> Timestamp {
    NOON.plus_millis(minute * 60_000)
}

fn event(minute: i64, what: AwayChange) -> AwayEvent {
    AwayEvent { at: at(minute), symbol: "BTCUSDT_UMCBL".into(), side: "long".into(), what }
}

fn part(minute: i64, last: Decimal) -> EquityPart {
    EquityPart { from: at(minute), low: last, high: last, last }
}

/// Ten hours with a crash, a cut, funding and a liquidation.
fn night() -> Away {
    let coin: Text = "USDT".into();
    Away {
        from: at(-600),
        to: at(0),
        equity: Some(AwayEquity {
            coin: coin.clone(),
            coin_since: None,
            last: dec!(8800),
            known_since: at(-600),
            change: Some(dec!(-1200)),
            max_drawdown: Some(dec!(0.12)),
            parts: [(-600, 10_000), (-480, 9_400), (-240, 8_800), (-120, 8_900), (0, 8_800)]
                .map(|(minute, equity)| part(minute, Decimal::from(equity)))
                .to_vec(),
        }),
        events: vec![
            event(-400, AwayChange::Changed(Some(dec!(1)), Some(dec!(0.5)))),
            event(-300, AwayChange::Forced(Some("burst_close_long".into()))),
            event(-299, AwayChange::Closed(Some(dec!(0.5)))),
            event(-299, AwayChange::Result(Some(dec!(-1187.5)), Some(coin.clone()))),
        ],
        funding: vec![(coin, Some(dec!(-1.25)))],
        ledger_to: Some(at(0)),
        alerts: vec![AwayAlert {
            metric: Metric::LiquidationDistance,
            subject: "BTCUSDT_UMCBL long".into(),
            severity: Severity::Danger,
            raised_at: at(-310),
            value: Some(dec!(9.09)),
            limit: Some(dec!(10)),
            cleared_at: Some(at(-299)),
        }],
        nearest: Some(AwayNearest {
            symbol: "BTCUSDT_UMCBL".into(),
            side: "long".into(),
            distance: dec!(0.0012),
            at: at(-300),
        }),
        gaps: vec![Gap { from: at(-440), to: at(-420), why: "link_down".into() }],
        is_cut: false,
    }
}

/// What the line and the panel say.
fn told(away: Option<Away>, state: &UiState, width: u16) -> (Option<String>, Vec<String>) {
    let mut report = empty_report();
    let memory = MemoryState::Writing { until: Some(NOON) };
    let away = away.map(Arc::new);
    report.memory = Arc::new(MemoryReport { state: memory, away, ..MemoryReport::default() });
    let text =
        |line: &Line| line.iter().map(|span| span.text.as_str()).collect::<Vec<_>>().join(" ");
    let line = seen(&report, 0, |inputs| banner(inputs, state)).map(|variants| text(&variants[0]));
    let lines = match seen(&report, 0, |inputs| panel(inputs, state, width)).body {
        Body::Lines(lines) => lines,
        Body::Message(message) => message.into_iter().flatten().collect(),
        Body::Figures(_)
        | Body::Told(..)
        | Body::Table(_)
        | Body::Keys(_)
        | Body::Candles(_)
        | Body::Curves(_)
        | Body::Charted(..)
        | Body::Paired(_) => panic!("it is told in lines"),
    };
    let body = lines.iter().map(text).collect();
    (line, body)
}

#[test]
fn a_night_is_told_in_words() {
    let (line, body) = told(Some(night()), &UiState::default(), 118);
    assert_eq!(
        line.unwrap(),
        "AWAY 10h00m equity -1,200.00 1 closed by the exchange 2 changes of positions 1 alert 1 gap \
         w:while you were away"
    );
    assert_eq!(
        body,
        [
            "from 02:00 to 12:00 (10h00m)",
            "equity 8,800.00 USDT result -1,200.00 max drawdown 12.00%",
            "nearest to liquidation: BTCUSDT_UMCBL LONG 0.12% at 07:00",
            "█▅ ▁▁▁",
            "05:20 size BTCUSDT_UMCBL LONG 1 -> 0.5",
            "07:00 CLOSED BY THE EXCHANGE BTCUSDT_UMCBL LONG burst_close_long",
            "07:01 closed BTCUSDT_UMCBL LONG 0.5",
            "07:01 result BTCUSDT_UMCBL LONG net -1,187.50 USDT",
            "funding -1.2500 USDT",
            "06:50 ALERT BTCUSDT_UMCBL long liquidation distance 9.09 % (limit 10 %) ended 07:01",
            "04:40 to 05:00 nothing known: link down",
        ]
    );
}

#[test]
fn no_line_is_wider_than_the_screen() {
    for width in [38, 78, 118] {
        let (_, body) = told(Some(night()), &UiState::default(), width);
        for line in body {
            assert!(format::width(&line) <= width, "{width}: {line}");
        }
    }
}

#[test]
fn amounts_are_hidden_in_privacy() {
    let mut state = UiState::default();
    state.privacy = true;
    let (line, body) = told(Some(night()), &state, 118);
    let all = format!("{} {}", line.unwrap(), body.join("\n"));
    for amount in ["1,200", "8,800", "1,187", "1.25", "0.5"] {
        assert!(!all.contains(amount), "{amount}: {all}");
    }
    assert!(all.contains("12.00%") && all.contains("0.12%"), "{all}");
}

#[test]
fn what_is_not_known_is_said() {
    let away = Away {
        equity: None,
        events: Vec::new(),
        funding: Vec::new(),
        ledger_to: None,
        alerts: Vec::new(),
        nearest: None,
        gaps: Vec::new(),
        is_cut: true,
        ..night()
    };
    let (_, body) = told(Some(away.clone()), &UiState::default(), 118);
    assert_eq!(
        body[1..],
        [
            "the equity was not recorded",
            "no distance to a liquidation was recorded",
            "no position was seen to be opened, changed or closed",
            "funding: the ledger of this time is not whole",
            "no alert",
            "there is more than fits here: bitget-watch history writes all of it",
        ]
    );
    let (_, body) = told(Some(Away { ledger_to: Some(at(-30)), ..away }), &UiState::default(), 118);
    assert_eq!(body[4], "funding none up to 11:30");
    let (line, body) = told(None, &UiState::default(), 118);
    assert_eq!(line, None);
    assert!(body[0].starts_with("you have not been away"), "{body:?}");
}

/// The memory is younger than the absence.
#[test]
fn figures_of_a_part_of_the_time_say_so() {
    let mut away = night();
    let equity = away.equity.as_mut().unwrap();
    (equity.known_since, equity.parts) = (at(-240), vec![part(-240, dec!(8800))]);
    let (line, body) = told(Some(away), &UiState::default(), 118);
    assert!(!line.unwrap().contains("equity"), "it would be taken for the whole");
    assert!(body[1].ends_with("max drawdown 12.00% since 08:00"), "{}", body[1]);
    assert!(body.contains(&"nothing was recorded before 08:00".to_owned()), "{body:?}");
}

#[test]
fn what_was_read_is_not_announced_again() {
    let mut read = UiState::default();
    read.read_away = Some(at(-600));
    assert_eq!(told(Some(night()), &read, 118).0, None);
    let later = Away { from: at(-60), ..night() };
    assert!(told(Some(later), &read, 118).0.is_some(), "the next one is");
}

/// A figure that was not known for a while raised nothing.
#[test]
fn what_could_not_be_judged_is_no_alert() {
    let mut away = night();
    let mut unjudged = away.alerts[0].clone();
    unjudged.value = None;
    away.alerts.push(unjudged);
    let (line, body) = told(Some(away), &UiState::default(), 118);
    assert!(line.unwrap().contains(" 1 alert "));
    let text =
        "06:50 ALERT not judged: BTCUSDT_UMCBL long liquidation distance (limit 10 %) ended 07:01";
    assert!(body.iter().any(|line| line == text), "{body:#?}");
}

#[test]
fn an_account_that_changed_its_kind_says_since_when_the_coin_is_another() {
    let mut away = night();
    let equity = away.equity.as_mut().unwrap();
    (equity.coin, equity.coin_since) = ("USD".into(), Some(at(-30)));
    let (_, body) = told(Some(away), &UiState::default(), 118);
    let text = "equity 8,800.00 USD result -1,200.00 max drawdown 12.00% in USD since the account changed at 11:30";
    assert_eq!(body[1], text);
}
