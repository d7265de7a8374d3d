//! Alerts over random faults: whatever the links do, an alert follows the live figures, is told once, and has its
//! end.

use std::collections::BTreeMap;
use std::time::Duration;

use bitget_watch::alerts::Monitor;
use bitget_watch::config::{AlertConfig, AlertLimit};
use bitget_watch::domain::{AlertChange, LinkState, Metric, Timestamp};
use bitget_watch::report::Report;
use rstest::rstest;
use rust_decimal::{Decimal, dec};

use super::chaos::{change_account, entry};
use super::rig::{Rig, Setup, pass};

/// So near that positions cross it again and again.
const LIMIT: Decimal = dec!(25);

fn rules() -> Vec<AlertConfig> {
    let near = AlertConfig {
        limit: Some(AlertLimit::Below(LIMIT)),
        cooldown: Duration::ZERO,
        ..AlertConfig::new(Metric::LiquidationDistance)
    };
    let mut rules = AlertConfig::defaults();
    rules.push(AlertConfig { name: "every time".into(), ..near });
    rules.push(AlertConfig {
        cooldown: Duration::from_secs(20),
        ..AlertConfig::new(Metric::DataStale)
    });
    rules.push(AlertConfig::new(Metric::PositionClosed));
    rules
}

/// What the rule without hysteresis and cooldown must show of every live figure.
fn check(report: &Report, alerts: &[(String, String)]) {
    // A contract may be held in both margin modes for a moment, by one name.
    let mut near: BTreeMap<String, Option<bool>> = BTreeMap::new();
    for row in &report.positions.rows {
        let prices = [row.liquidation_price, row.risk.liquidation_price_ours];
        let distance = row.mark_price.and_then(|mark| {
            let prices = prices.into_iter().flatten();
            prices.map(|price| (mark - price).abs() / mark).min()
        });
        let is_near = distance.filter(|_| row.age.is_live(report.now)).map(|distance| {
            distance * Decimal::ONE_HUNDRED < LIMIT && row.risk.is_material != Some(false)
        });
        let known = near.entry(row.key.to_string()).or_insert(Some(false));
        *known = known.zip(is_near).map(|(one, other)| one || other);
    }
    for (name, is_near) in near {
        let Some(is_near) = is_near else { continue };
        let is_on = alerts.contains(&("every time".to_owned(), name.clone()));
        assert_eq!(is_on, is_near, "{name}");
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn alerts_follow_live_figures_through_random_faults(#[values(1, 2, 3, 4, 6, 9)] seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let kind = if seed.is_multiple_of(2) {
        bitget_watch::domain::AccountKind::Unified
    } else {
        bitget_watch::domain::AccountKind::Classic
    };
    let mut rig = Rig::start(Setup::new(kind, seed)).await;
    rig.delayed = true;
    for _ in 0..random.usize(5..15) {
        rig.sim.inject(entry(&mut random));
    }
    let mut monitor = Monitor::new(rules());
    let mut on = BTreeMap::new();
    let mut raised_at: BTreeMap<(String, String), Timestamp> = BTreeMap::new();
    let (mut last, mut raised) = (Timestamp::default(), 0);
    for step in 0..600 {
        if step < 300 && random.u32(..40) == 0 {
            change_account(&rig, &mut random);
        }
        if step == 300 {
            rig.sim.heal();
        }
        pass(250).await;
        let report = rig.report();
        for change in monitor.follow(&report) {
            let alert = &change.alert;
            let whose = (alert.name.to_string(), alert.subject.to_string());
            // The exchange's clock is corrected while the faults go on.
            assert!(change.at >= last.plus_millis(-2_000));
            last = change.at;
            if change.change == AlertChange::Cleared {
                assert!(on.remove(&change.id).is_some(), "{change:?}");
                continue;
            }
            raised += 1;
            assert!(on.insert(change.id, whose.clone()).is_none(), "{change:?}");
            if change.change == AlertChange::Raised && alert.metric == Metric::DataStale {
                let before = raised_at.insert(whose, report.now);
                assert!(before.is_none_or(|at| report.now.since(at).as_secs() >= 20));
            }
        }
        let shown: Vec<_> = monitor.alerts().into_iter().map(|(id, _)| id).collect();
        assert!(shown.len() == on.len() && shown.iter().all(|id| on.contains_key(id)));
        let names: Vec<_> = on.values().cloned().collect();
        check(&report, &names);
    }
    assert!(raised > 0, "seed {seed} raised nothing");
    // A minute and more after the last fault nothing is silent, and what is not known is known again.
    let report = rig.report();
    assert!(report.links.iter().all(|link| link.state == LinkState::Live));
    let silent = |(_, alert): &(u64, bitget_watch::report::Alert)| {
        matches!(alert.metric, Metric::DataStale | Metric::LinkDown)
            || (alert.metric.is_figure() && alert.value.is_none())
    };
    assert!(!monitor.alerts().iter().any(silent), "{:#?}", monitor.alerts());
}
