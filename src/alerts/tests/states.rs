//! States: limits, hysteresis, cooldown, `for`, silence, restarts.

use rstest::rstest;

use super::*;
use crate::domain::{LinkReport, LinkState, Stream, Text};

#[test]
fn a_distance_raises_below_its_limit_and_ends_past_the_hysteresis() {
    let mut rig = Rig::new(vec![distance()]);
    rig.rows = vec![long()];
    assert_eq!(told(&rig.at(dec!(60000))), []);
    rig.pass(1_000);
    let changes = rig.at(dec!(55000));
    assert_eq!(told(&changes), [(Raised, LONG)]);
    let alert = &changes[0].alert;
    assert_eq!((alert.value, alert.limit), (Some(dec!(9.09090909)), Some(dec!(10))));
    assert_eq!(
        (alert.since, alert.raised_at, alert.name.as_str()),
        (rig.now, rig.now, "liquidation_distance_pct")
    );
    rig.pass(1_000);
    assert_eq!(told(&rig.at(dec!(56000))), [], "10.7 % is inside the hysteresis");
    assert_eq!(rig.monitor.alerts()[0].1.value, Some(dec!(10.71428571)), "the newest value");
    rig.pass(1_000);
    let changes = rig.at(dec!(56500));
    assert_eq!(told(&changes), [(Cleared, LONG)]);
    assert!(rig.monitor.alerts().is_empty());
}

#[test]
fn our_own_nearer_liquidation_price_counts() {
    let mut rig = Rig::new(vec![distance()]);
    rig.rows = vec![long()];
    assert_eq!(told(&rig.at(dec!(64000))), []);
    let mut report = rig.report();
    report.positions.rows[0].risk.liquidation_price_ours = Some(dec!(60000));
    assert_eq!(told(&rig.monitor.follow(&report)), [(Raised, LONG)]);
    assert_eq!(rig.monitor.alerts()[0].1.value, Some(dec!(6.25)));
}

#[test]
fn within_the_cooldown_it_is_not_raised_again_and_after_it_if_it_still_holds() {
    let mut rig = Rig::new(vec![distance()]);
    rig.rows = vec![long()];
    rig.at(dec!(55000));
    rig.pass(1_000);
    assert_eq!(told(&rig.at(dec!(60000))), [(Cleared, LONG)]);
    for _ in 0..5 {
        rig.pass(60_000);
        assert_eq!(told(&rig.at(dec!(55000))), []);
        rig.pass(30_000);
        assert_eq!(told(&rig.at(dec!(60000))), []);
    }
    rig.pass(60_000);
    assert_eq!(told(&rig.at(dec!(55000))), []);
    rig.pass(89_000);
    let changes = rig.at(dec!(55000));
    assert_eq!(told(&changes), [(Raised, LONG)], "ten minutes after the first");
    assert_eq!(changes[0].alert.since, rig.now.plus_millis(-89_000));
}

#[test]
fn what_must_last_is_raised_once_it_has() {
    let mut rig = Rig::new(vec![AlertConfig { lasting: minutes(1), ..distance() }]);
    rig.rows = vec![long()];
    assert_eq!(told(&rig.at(dec!(55000))), []);
    rig.pass(30_000);
    assert_eq!(told(&rig.at(dec!(60000))), []);
    rig.pass(1_000);
    assert_eq!(told(&rig.at(dec!(55000))), [], "counted again from here");
    rig.pass(59_999);
    assert_eq!(told(&rig.at(dec!(55000))), []);
    rig.pass(1);
    assert_eq!(told(&rig.at(dec!(55000))), [(Raised, LONG)]);
}

#[test]
fn a_stale_figure_neither_raises_nor_ends_and_its_silence_is_told_once() {
    let mut rig = Rig::new(vec![distance()]);
    rig.rows = vec![long()];
    rig.at(dec!(55000));
    rig.pass(10_000);
    // The price goes on, the list of positions is old.
    rig.mark(dec!(70000));
    assert_eq!(told(&rig.follow()), [], "a stale distance ends nothing");
    assert_eq!(rig.monitor.alerts()[0].1.value, Some(dec!(9.09090909)));
    let mut told_at = Vec::new();
    for second in 11..200 {
        rig.pass(1_000);
        rig.mark(dec!(70000));
        for change in rig.follow() {
            assert_eq!((change.change, change.alert.value), (Unknown, None));
            told_at.push(second);
        }
    }
    assert_eq!(told_at.len(), 1, "{told_at:?}");
    rig.pass(1_000);
    let changes = rig.at(dec!(70000));
    assert_eq!(told(&changes), [(Cleared, LONG), (Cleared, "account")]);
}

#[test]
fn a_closed_position_ends_its_alert_and_an_unlisted_one_does_not() {
    let mut rig = Rig::new(vec![distance()]);
    rig.rows = vec![long()];
    rig.at(dec!(55000));
    rig.rows.clear();
    rig.pass(1_000);
    let changes = rig.at(dec!(55000));
    assert!(changes.iter().all(|change| change.alert.value.is_none()), "nothing came back");
    assert_eq!(told(&changes), [(Cleared, LONG)]);
}

#[test]
fn a_position_too_small_to_matter_is_no_alarm_unless_the_rule_names_it() {
    let named = AlertConfig { symbol: Some(Symbol::default()), name: "own".into(), ..distance() };
    let mut rig = Rig::new(vec![distance(), named]);
    let account = crate::domain::Account {
        margin_coin: "USDT".into(),
        equity: Some(dec!(1000000)),
        unrealized_pnl: Some(dec!(0)),
        available: Some(dec!(9000)),
        ..crate::domain::Account::default()
    };
    rig.apply(Body::AccountKind(Some(crate::domain::AccountKind::Classic)));
    rig.apply(Body::Account(crate::domain::AccountUpdate { account, unreadable: 0 }));
    rig.rows = vec![long()];
    let changes = rig.at(dec!(55000));
    let report = rig.report();
    assert_eq!(
        report.positions.rows[0].risk.is_material,
        Some(false),
        "{:?}",
        report.account.equity
    );
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].alert.name.as_str(), "own");
}

#[rstest]
#[case(LinkState::Backoff, false)]
#[case(LinkState::Down, true)]
fn a_link_that_is_down_raises_and_only_a_connection_ends_it(
    #[case] state: LinkState,
    #[case] raised: bool,
) {
    let mut rig = Rig::new(AlertConfig::defaults());
    let link = |rig: &mut Rig, state| {
        let report = LinkReport::State {
            stream: Stream::WsPrivate,
            state,
            attempts: 5,
            reason: Some(Text::new("reset")),
            next_attempt_at: None,
            fault: None,
        };
        rig.apply(Body::Link(report));
        rig.pass(100);
        rig.at(dec!(60000))
    };
    link(&mut rig, LinkState::Live);
    let changes = link(&mut rig, state);
    let expected: &[_] = if raised { &[(Raised, "ws_private")] } else { &[] };
    assert_eq!(told(&changes), expected);
    assert_eq!(told(&link(&mut rig, LinkState::Connecting)), []);
    let expected: &[_] = if raised { &[(Cleared, "ws_private")] } else { &[] };
    assert_eq!(told(&link(&mut rig, LinkState::Live)), expected);
}

/// An alert that an earlier run has sent, a minute after its condition came to hold.
fn earlier(subject: &str, since: Timestamp) -> EarlierAlert {
    EarlierAlert {
        name: "liquidation_distance_pct".into(),
        metric: Metric::LiquidationDistance,
        subject: subject.into(),
        since,
        raised_at: since.plus_millis(60_000),
        sent: true,
    }
}

/// Whose account it is, and so what the memory knows, comes after the first prices.
#[test]
fn at_the_start_the_memory_is_waited_for_but_not_for_long() {
    let since = BEGAN.plus_millis(-3_600_000);
    let waiting = || {
        let mut rig = Rig::new(vec![distance()]);
        let state = MemoryState::Waiting;
        rig.apply(Body::Memory(Arc::new(MemoryReport { state, ..MemoryReport::default() })));
        rig.rows = vec![long()];
        assert_eq!(told(&rig.at(dec!(55000))), []);
        rig
    };
    let mut rig = waiting();
    rig.pass(1_000);
    rig.remember(vec![earlier(LONG, since)]);
    let changes = rig.at(dec!(55000));
    assert_eq!(told(&changes), [(Raised, LONG)]);
    assert_eq!((changes[0].resumed, changes[0].alert.since), (true, since));
    assert_eq!(changes[0].sent_at, None, "it has cooled: it is sent again");

    let mut rig = waiting();
    rig.pass(10_000);
    let changes = rig.at(dec!(55000));
    assert_eq!(told(&changes), [(Raised, LONG)], "it holds whatever the memory knows");
    assert_eq!((changes[0].resumed, changes[0].alert.since), (false, BEGAN));
    rig.remember(vec![earlier(LONG, since)]);
    assert_eq!(told(&rig.at(dec!(55000))), [], "not twice");
    assert_eq!(rig.monitor.alerts()[0].1.since, since, "but since when is known now");
}

#[test]
fn after_a_restart_what_still_holds_is_raised_again_since_then() {
    let since = BEGAN.plus_millis(-3_600_000);
    let earlier = |subject| earlier(subject, since);
    let rule = AlertConfig { lasting: minutes(5), ..distance() };
    let mut rig = Rig::resumed(vec![rule.clone()], vec![earlier(LONG)]);
    assert_eq!(told(&rig.follow()), [], "nothing is known yet");
    rig.rows = vec![long()];
    rig.pass(1_000);
    // Inside the hysteresis it would not have ended.
    let changes = rig.at(dec!(56000));
    assert_eq!(told(&changes), [(Raised, LONG)]);
    assert_eq!((changes[0].resumed, changes[0].alert.since), (true, since));
    assert_eq!(changes[0].alert.raised_at, rig.now);

    let mut rig = Rig::resumed(vec![rule], vec![earlier(LONG)]);
    rig.rows = vec![long()];
    let changes = rig.at(dec!(60000));
    assert_eq!(told(&changes), [(Cleared, LONG)], "it ended unseen");
    assert!(rig.monitor.alerts().is_empty());
}

#[test]
fn an_acknowledged_alert_stays_on_and_the_gravest_stands_first() {
    let critical = AlertConfig {
        severity: crate::domain::Severity::Critical,
        limit: Some(AlertLimit::Below(dec!(8))),
        name: "very near".into(),
        ..distance()
    };
    let mut rig = Rig::new(vec![critical, distance()]);
    rig.rows = vec![long()];
    rig.at(dec!(55000));
    rig.monitor.acknowledge();
    rig.pass(1_000);
    rig.at(dec!(54000));
    let alerts = rig.monitor.alerts();
    let names: Vec<_> =
        alerts.iter().map(|(_, alert)| (alert.name.as_str(), alert.acknowledged)).collect();
    assert_eq!(names, [("very near", false), ("liquidation_distance_pct", true)]);
}

#[test]
fn without_credentials_nothing_private_is_missing() {
    let mut rig = Rig::new(AlertConfig::defaults());
    let context = Context { credentials: false, ..Context::of_defaults() };
    rig.engine = Engine::new(context);
    for _ in 0..300 {
        rig.pass(1_000);
        rig.mark(dec!(60000));
        assert_eq!(told(&rig.follow()), []);
    }
}
