//! What happens once: positions that are opened, changed and closed.

use super::*;

fn rule(metric: Metric, cooldown: Duration) -> AlertConfig {
    AlertConfig { cooldown, ..AlertConfig::new(metric) }
}

#[test]
fn what_is_held_at_the_start_was_not_opened() {
    let mut rig = Rig::new(vec![rule(Metric::PositionOpened, minutes(10))]);
    rig.follow();
    rig.rows = vec![long()];
    assert_eq!(told(&rig.at(dec!(60000))), []);
    let mut short = long();
    short.key.side = Side::Short;
    rig.rows.push(short);
    rig.pass(1_000);
    let changes = rig.at(dec!(60000));
    assert_eq!(told(&changes), [(Raised, "BTCUSDT_UMCBL short")]);
    assert_eq!((changes[0].alert.value, changes[0].alert.limit), (Some(dec!(0.5)), None));
}

#[test]
fn a_close_is_told_once_and_its_alert_ends() {
    let mut rig = Rig::new(vec![rule(Metric::PositionClosed, minutes(10))]);
    rig.follow();
    rig.rows = vec![long()];
    rig.at(dec!(60000));
    rig.rows.clear();
    rig.pass(1_000);
    assert_eq!(told(&rig.at(dec!(60000))), [(Raised, LONG)]);
    let mut ended = 0;
    for _ in 0..1_200 {
        rig.pass(1_000);
        for change in rig.at(dec!(60000)) {
            assert_eq!(change.change, Cleared);
            ended += 1;
        }
    }
    assert_eq!(ended, 1);
    assert!(rig.monitor.alerts().is_empty());
}

#[test]
fn what_happens_within_the_cooldown_is_told_after_it_and_not_lost() {
    let mut rig = Rig::new(vec![rule(Metric::SizeChanged, minutes(10))]);
    rig.follow();
    rig.rows = vec![long()];
    rig.at(dec!(60000));
    let mut raised = Vec::new();
    for step in 1..=5_i64 {
        rig.pass(1_000);
        rig.rows[0].size = Decimal::new(5 + step, 1);
        raised.extend(rig.at(dec!(60000)));
    }
    assert_eq!(told(&raised), [(Raised, LONG)]);
    for _ in 0..700 {
        rig.pass(1_000);
        raised.extend(rig.at(dec!(60000)));
    }
    assert_eq!(told(&raised), [(Raised, LONG), (Cleared, LONG), (Raised, LONG)]);
    assert_eq!(raised[2].alert.value, Some(dec!(1.0)), "the newest size");
    assert!(raised[2].alert.since < raised[2].alert.raised_at.plus_millis(-500_000));
}

#[test]
fn without_a_cooldown_every_one_is_told() {
    let mut rig = Rig::new(vec![rule(Metric::SizeChanged, Duration::ZERO)]);
    rig.follow();
    rig.rows = vec![long()];
    rig.at(dec!(60000));
    // Two changes between two reports.
    for size in [dec!(0.6), dec!(0.7)] {
        rig.rows[0].size = size;
        rig.pass(10);
        rig.list();
    }
    let changes = rig.at(dec!(60000));
    assert_eq!(told(&changes), [(Raised, LONG), (Cleared, LONG), (Raised, LONG)]);
    assert_eq!(changes.last().unwrap().alert.value, Some(dec!(0.7)));
    rig.monitor.acknowledge();
    rig.pass(1_000);
    assert_eq!(told(&rig.at(dec!(60000))), [(Cleared, LONG)], "seen is over");
}
