//! What holds for every walk of a price and every silence: no alert is lost, none is raised twice within
//! its cooldown, changes come in order, and every raise has its end.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::alerts::condition::{Condition, Finding, Step, compare};

/// One reading: after how long, and the price, or nothing that is live.
type Reading = (u16, Option<u8>);

fn walk() -> impl Strategy<Value = Vec<Reading>> {
    let price = prop_oneof![4 => (0..40_u8).prop_map(Some), 1 => Just(None)];
    proptest::collection::vec((1..20_000_u16, price), 1..120)
}

fn rule() -> impl Strategy<Value = AlertConfig> {
    let limit = (0..40_u8, any::<bool>()).prop_map(|(limit, above)| {
        let limit = Decimal::from(limit);
        if above { AlertLimit::Above(limit) } else { AlertLimit::Below(limit) }
    });
    (limit, 0..5_u8, 0..90_u64, 0..30_u64).prop_map(|(limit, hysteresis, cooldown, lasting)| {
        AlertConfig {
            limit: Some(limit),
            hysteresis: Decimal::from(hysteresis),
            cooldown: Duration::from_secs(cooldown),
            lasting: Duration::from_secs(lasting),
            ..AlertConfig::new(Metric::MarkPrice)
        }
    })
}

fn crossed(rule: &AlertConfig, value: Decimal) -> bool {
    match rule.limit.unwrap() {
        AlertLimit::Above(limit) => value > limit,
        AlertLimit::Below(limit) => value < limit,
    }
}

fn is_back(rule: &AlertConfig, value: Decimal) -> bool {
    match rule.limit.unwrap() {
        AlertLimit::Above(limit) => value <= limit - rule.hysteresis,
        AlertLimit::Below(limit) => value >= limit + rule.hysteresis,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    /// The machine alone, against what the words of the configuration say.
    #[test]
    fn a_condition_loses_nothing_and_doubles_nothing(rule in rule(), walk in walk()) {
        let mut condition = Condition::default();
        let (mut now, mut on, mut raised_at, mut since) = (BEGAN, false, None::<Timestamp>, None);
        for (ms, price) in walk {
            now = now.plus_millis(ms.into());
            let value = price.map(Decimal::from);
            let finding = value.map_or(Finding::Unknown, |value| compare(&rule, value));
            let step = condition.step(&rule, finding, now);
            let Some(value) = value else {
                prop_assert_eq!(step, None, "what is not known changes nothing");
                continue;
            };
            if crossed(&rule, value) {
                since.get_or_insert(now);
            } else if !on || is_back(&rule, value) {
                since = None;
            }
            let cooled = raised_at.is_none_or(|raised| now.since(raised) >= rule.cooldown);
            let lasted = since.is_some_and(|since| now.since(since) >= rule.lasting);
            match step {
                Some(Step::Raise { value: shown, since: began }) => {
                    prop_assert!(!on && crossed(&rule, value) && cooled && lasted);
                    prop_assert_eq!((shown, Some(began)), (Some(value), since));
                    (on, raised_at) = (true, Some(now));
                }
                Some(Step::Clear { .. }) => {
                    prop_assert!(on && is_back(&rule, value));
                    on = false;
                }
                Some(Step::Update { .. }) => prop_assert!(on),
                None => prop_assert!(!on),
            }
            // None is lost, and none stays on.
            prop_assert!(on || !(crossed(&rule, value) && cooled && lasted));
            prop_assert!(!on || !is_back(&rule, value));
        }
    }

    /// Everything from the store on: two rules, a position that comes and goes, prices that stop.
    #[test]
    fn every_raise_has_its_end(walk in walk(), gone in any::<u64>()) {
        let near = AlertConfig { cooldown: Duration::from_secs(60), ..distance() };
        let low = AlertConfig {
            cooldown: Duration::from_secs(30),
            lasting: Duration::from_secs(5),
            ..price_below(dec!(57000))
        };
        let closed = AlertConfig {
            cooldown: Duration::from_secs(45),
            ..AlertConfig::new(Metric::PositionClosed)
        };
        let rules = [near, low, closed];
        let cooldowns: BTreeMap<&str, Duration> =
            rules.iter().map(|rule| (rule.name.as_str(), rule.cooldown)).collect();
        let mut rig = Rig::new(rules.to_vec());
        let mut on: BTreeMap<u64, Change> = BTreeMap::new();
        let mut last: BTreeMap<(String, String), Timestamp> = BTreeMap::new();
        let mut ids = 0;
        let mut walk: Vec<_> = walk.into_iter().take(40).collect();
        // At the end all is well, and time enough passes for what has happened to be over.
        walk.extend([(20_000, Some(39)); 40]);
        let count = walk.len();
        let mut at = BEGAN;
        for (step, (ms, price)) in walk.into_iter().enumerate() {
            rig.pass(ms.into());
            let held = step + 40 >= count || gone >> (step % 64) & 1 == 0;
            rig.rows = if held { vec![long()] } else { Vec::new() };
            if let Some(price) = price {
                rig.mark(Decimal::from(50_500 + 250 * i64::from(price)));
            }
            if ms % 7 != 0 {
                rig.list();
            }
            for change in rig.follow() {
                prop_assert!(change.at >= at, "changes go back in time");
                at = change.at;
                let alert = &change.alert;
                match change.change {
                    Raised | Unknown => {
                        prop_assert!(change.id > ids, "raised twice");
                        ids = change.id;
                        if change.change == Raised {
                            let whose = (alert.name.to_string(), alert.subject.to_string());
                            let before = last.insert(whose, alert.raised_at);
                            let apart = before.map(|before| alert.raised_at.since(before));
                            let cooldown = cooldowns[alert.name.as_str()];
                            prop_assert!(apart.is_none_or(|apart| apart >= cooldown));
                        }
                        on.insert(change.id, change.clone());
                    }
                    Cleared => {
                        let begun = on.remove(&change.id);
                        prop_assert!(begun.is_some(), "ended without a beginning");
                    }
                }
            }
            let shown: Vec<u64> = rig.monitor.alerts().iter().map(|(id, _)| *id).collect();
            prop_assert!(shown.len() == on.len() && shown.iter().all(|id| on.contains_key(id)));
        }
        prop_assert!(on.is_empty(), "{:?}", on);
    }
}
