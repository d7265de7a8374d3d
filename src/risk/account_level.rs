//! [`account_level`]: the level of an account, and whose figure makes it.
//!
//! Each subject has a gauge of its own: the account for its own figures (ratio, leverage, funding), and
//! each position for those that are its alone. The account's level is then that of one subject, with
//! the reason of the same one: a level cannot be held up by a position that is gone.

use super::level::{Assessment, RiskLevel};

/// The level of one position, as the account takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionLevel<S> {
    /// Which position it is.
    pub subject: S,
    /// Its own level, from its own gauge; `None` while that is not known.
    pub assessment: Option<Assessment>,
    /// Whether it counts for the account: [`RiskGauge::is_material`](super::RiskGauge::is_material).
    pub is_material: bool,
}

/// The level of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLevel<S> {
    /// The level and its reason.
    pub assessment: Assessment,
    /// The position whose level it is; `None` where a figure of the account itself makes it, and when
    /// all is well.
    pub subject: Option<S>,
}

/// Returns the worst of the account's own level and those of its material positions. Of equal levels the
/// account's own is the one, then that of the first position.
///
/// `None` when nothing is above [`RiskLevel::Ok`] and one of the levels is not known: then nobody can say
/// that all is well.
pub fn account_level<S>(
    own: Option<Assessment>,
    positions: impl IntoIterator<Item = PositionLevel<S>>,
) -> Option<AccountLevel<S>> {
    let mut all_known = own.is_some();
    let own = own.unwrap_or(Assessment { level: RiskLevel::Ok, reason: None });
    let mut worst = AccountLevel { assessment: own, subject: None };
    for position in positions.into_iter().filter(|position| position.is_material) {
        match position.assessment {
            None => all_known = false,
            Some(found) if found.level > worst.assessment.level => {
                worst = AccountLevel { assessment: found, subject: Some(position.subject) };
            }
            Some(_) => {}
        }
    }
    (all_known || worst.assessment.level > RiskLevel::Ok).then_some(worst)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::{Decimal, dec};

    use super::*;
    use crate::risk::{RiskFigures, RiskGauge, Thresholds};

    fn assess(gauge: &mut RiskGauge, sigmas: Decimal) -> Option<Assessment> {
        let figures = RiskFigures { distance_sigmas: Some(sigmas), ..RiskFigures::default() };
        gauge.assess(&Thresholds::default(), &figures)
    }

    fn at(level: RiskLevel) -> Assessment {
        let reason = (level > RiskLevel::Ok).then(|| format!("a figure makes it {level}"));
        Assessment { level, reason }
    }

    fn material<S>(subject: S, assessment: Option<Assessment>) -> PositionLevel<S> {
        PositionLevel { subject, assessment, is_material: true }
    }

    /// One position is critical and is liquidated; another one stands at 1.09 daily sigmas and was never
    /// closer. One gauge for the nearest of all holds the level of the first with the figure of the
    /// second.
    #[test]
    fn a_position_that_is_gone_holds_up_no_level() {
        let mut shared = RiskGauge::default();
        assert_eq!(assess(&mut shared, dec!(0.4)).unwrap().level, RiskLevel::Critical);
        let wrong = assess(&mut shared, dec!(1.09)).unwrap();
        assert_eq!(wrong.level, RiskLevel::Critical);
        let words = "distance to liquidation 1.09 daily sigmas is still below 1.1 daily sigmas";
        assert_eq!(wrong.reason.as_deref(), Some(words));

        let (mut doge, mut btc) = (RiskGauge::default(), RiskGauge::default());
        let both = [
            material("DOGE", assess(&mut doge, dec!(0.4))),
            material("BTC", assess(&mut btc, dec!(1.09))),
        ];
        let before = account_level(Some(at(RiskLevel::Ok)), both).unwrap();
        assert_eq!((before.assessment.level, before.subject), (RiskLevel::Critical, Some("DOGE")));
        let left = [material("BTC", assess(&mut btc, dec!(1.09)))];
        let after = account_level(Some(at(RiskLevel::Ok)), left).unwrap();
        assert_eq!((after.assessment.level, after.subject), (RiskLevel::Danger, Some("BTC")));
        let words = "distance to liquidation 1.09 daily sigmas is below 2 daily sigmas";
        assert_eq!(after.assessment.reason.as_deref(), Some(words));

        // What was critical itself is held.
        assess(&mut btc, dec!(0.99));
        let held =
            account_level(Some(at(RiskLevel::Ok)), [material("BTC", assess(&mut btc, dec!(1.09)))])
                .unwrap();
        assert_eq!((held.assessment.level, held.subject), (RiskLevel::Critical, Some("BTC")));
    }

    #[test]
    fn of_equal_levels_the_account_and_then_the_first_is_named() {
        let positions = || ["A", "B"].map(|name| material(name, Some(at(RiskLevel::Danger))));
        assert_eq!(account_level(Some(at(RiskLevel::Danger)), positions()).unwrap().subject, None);
        assert_eq!(
            account_level(Some(at(RiskLevel::Watch)), positions()).unwrap().subject,
            Some("A")
        );
    }

    #[test]
    fn what_is_not_known_is_never_well() {
        let unknown = || [material("A", None), material("B", Some(at(RiskLevel::Ok)))];
        assert_eq!(account_level(Some(at(RiskLevel::Ok)), unknown()), None);
        assert_eq!(account_level(None, [material("B", Some(at(RiskLevel::Ok)))]), None);
        assert_eq!(account_level::<&str>(None, []), None);
        assert_eq!(
            account_level::<&str>(Some(at(RiskLevel::Ok)), []).unwrap().assessment.level,
            RiskLevel::Ok
        );
        let found = account_level(Some(at(RiskLevel::Watch)), unknown()).unwrap();
        assert_eq!(found.assessment.level, RiskLevel::Watch);
    }

    #[test]
    fn what_is_not_material_keeps_its_level_to_itself() {
        let small = |assessment| PositionLevel { is_material: false, ..material("A", assessment) };
        let critical = small(Some(at(RiskLevel::Critical)));
        assert_eq!(
            account_level(Some(at(RiskLevel::Ok)), [critical]).unwrap().assessment,
            at(RiskLevel::Ok)
        );
        assert_eq!(
            account_level(Some(at(RiskLevel::Ok)), [small(None)]).unwrap().assessment,
            at(RiskLevel::Ok)
        );
    }

    fn levels() -> impl Strategy<Value = Option<Assessment>> {
        let level = prop::sample::select(&[
            RiskLevel::Ok,
            RiskLevel::Watch,
            RiskLevel::Danger,
            RiskLevel::Critical,
        ]);
        prop::option::of(level.prop_map(at))
    }

    proptest! {
        #[test]
        fn level_and_reason_are_of_the_same_subject(
            own in levels(), positions in prop::collection::vec((levels(), any::<bool>()), 0..6),
        ) {
            let rows = positions.iter().cloned().enumerate();
            let rows = rows.map(|(subject, (assessment, is_material))| PositionLevel {
                subject, assessment, is_material,
            });
            let known = positions.iter().filter(|(_, material)| *material);
            let known = known.filter_map(|(assessment, _)| assessment.as_ref()).chain(&own);
            let highest = known.map(|assessment| assessment.level).max();
            match account_level(own.clone(), rows) {
                None => prop_assert!(highest.is_none_or(|level| level == RiskLevel::Ok)),
                Some(found) => {
                    prop_assert_eq!(Some(found.assessment.level), highest);
                    let of_subject = match found.subject {
                        Some(subject) => positions[subject].0.clone(),
                        None => own.or_else(|| Some(at(RiskLevel::Ok))),
                    };
                    prop_assert_eq!(Some(found.assessment), of_subject);
                }
            }
        }
    }
}
