//! How serious the risk is, in one word, and why.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};

use super::exact::mul;

/// How far a figure must come back behind a limit before its level falls, as a share of the limit:
/// without it the level would flicker while the price trembles.
const HYSTERESIS: Decimal = Decimal::from_parts(1, 0, 0, false, 1);
/// The figures that make a level.
const FIGURES: usize = 6;

/// How serious the risk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum RiskLevel {
    /// Nothing stands out.
    #[default]
    Ok,
    /// Worth a look.
    Watch,
    /// Something should be done.
    Danger,
    /// Liquidation is near.
    Critical,
}

impl RiskLevel {
    /// Returns the name that it has in the JSON document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Watch => "watch",
            Self::Danger => "danger",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for RiskLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Where each level of one figure begins; `None` for a level that the figure alone never makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// Where [`RiskLevel::Watch`] begins.
    pub watch: Option<Decimal>,
    /// Where [`RiskLevel::Danger`] begins.
    pub danger: Option<Decimal>,
    /// Where [`RiskLevel::Critical`] begins.
    pub critical: Option<Decimal>,
}

/// The limits of all figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// Margin ratio, a fraction; reached from below.
    pub margin_ratio: Steps,
    /// Distance to the liquidation price in standard deviations of a day; a level begins below it.
    pub distance_sigmas: Steps,
    /// Distance to the liquidation price as a fraction of the mark price; a level begins below it.
    pub distance: Steps,
    /// Probability of touching the liquidation price within 24 hours; reached from below.
    pub touch_24h: Steps,
    /// Notional over equity of the account; reached from below.
    pub account_leverage: Steps,
    /// Funding paid in a day, as a fraction of the margin; a level begins above it.
    pub funding_cost: Steps,
}

impl Default for Thresholds {
    fn default() -> Self {
        let steps = |watch: i64, danger: Option<i64>, critical: Option<i64>, scale: u32| Steps {
            watch: Some(Decimal::new(watch, scale)),
            danger: danger.map(|n| Decimal::new(n, scale)),
            critical: critical.map(|n| Decimal::new(n, scale)),
        };
        Self {
            margin_ratio: steps(30, Some(60), Some(80), 2),
            distance_sigmas: steps(3, Some(2), Some(1), 0),
            distance: steps(10, Some(5), Some(2), 2),
            touch_24h: steps(5, Some(15), None, 2),
            account_leverage: steps(5, Some(10), None, 0),
            // At 10x the usual 0.01 % every eight hours is 0.3 % of the margin a day: that is no alarm.
            funding_cost: steps(1, None, None, 2),
        }
    }
}

/// The figures of a position or of the account; `None` where one is not known or does not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RiskFigures {
    /// Margin ratio, a fraction; 1 means liquidation. It has no value once nothing is left to divide by.
    pub margin_ratio: Option<Decimal>,
    /// Loss that is left before liquidation.
    pub surplus: Option<Decimal>,
    /// Distance to the liquidation price in standard deviations of a day.
    pub distance_sigmas: Option<Decimal>,
    /// Distance to the liquidation price as a fraction of the mark price; unlike that in standard
    /// deviations it is known without a volatility.
    pub distance: Option<Decimal>,
    /// Probability of touching the liquidation price within 24 hours.
    pub touch_24h: Option<Decimal>,
    /// Notional over equity of the account.
    pub account_leverage: Option<Decimal>,
    /// Funding paid in a day as a fraction of the margin; negative means received.
    pub funding_cost: Option<Decimal>,
}

/// A level and its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// The highest level that any known figure makes.
    pub level: RiskLevel,
    /// The figure that makes it and its limit, in words; `None` when all is well.
    pub reason: Option<String>,
}

/// The level of one subject, a position or the account itself, from one reading to the next. A level
/// rises at once, and falls only after the figure has come back by a tenth of the limit.
///
/// One gauge for several subjects would hold the level of one with the figure of another: the account's
/// level is the worst of theirs, see [`account_level`](super::account_level()).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RiskGauge {
    /// The level that each figure made last.
    levels: [RiskLevel; FIGURES],
    is_material: bool,
}

impl RiskGauge {
    /// Returns the level now; `None` when no figure is known. A figure that is not known makes no
    /// level, and keeps the one it had for when it is known again.
    pub fn assess(&mut self, limits: &Thresholds, figures: &RiskFigures) -> Option<Assessment> {
        let mut worst: Option<Assessment> = None;
        for (level, rule) in self.levels.iter_mut().zip(rules(limits, figures)) {
            let Some(value) = rule.value else { continue };
            *level = rule.level(value, *level);
            if worst.as_ref().is_none_or(|worst| *level > worst.level) {
                worst = Some(Assessment { level: *level, reason: rule.reason(value, *level) });
            }
        }
        // Past the liquidation price the ratio has no value and the distance grows again.
        let spent = figures.surplus.is_some_and(|surplus| surplus <= Decimal::ZERO);
        let spent = spent.then(|| Assessment {
            level: RiskLevel::Critical,
            reason: Some(
                match figures.margin_ratio {
                    // By the ratio something is left: nothing is by the price alone.
                    Some(ratio) if ratio < Decimal::ONE => {
                        "the exchange's liquidation price is reached"
                    }
                    Some(_) | None => "the equity at risk does not cover the maintenance margin",
                }
                .to_owned(),
            ),
        });
        spent.filter(|spent| worst.as_ref().is_none_or(|worst| worst.level < spent.level)).or(worst)
    }
}

impl RiskGauge {
    /// Returns whether what the position can lose, `at_stake`, counts for the account: from `share` of
    /// its equity on, a fraction, and until it has come back by a tenth of that. It counts while a figure
    /// is not known, and when no equity is left.
    pub fn is_material(
        &mut self,
        share: Decimal,
        at_stake: Option<Decimal>,
        equity: Option<Decimal>,
    ) -> bool {
        let known = at_stake.zip(equity.filter(|equity| *equity > Decimal::ZERO));
        let Some((at_stake, limit)) =
            known.and_then(|(at_stake, equity)| Some((at_stake, mul(share, equity)?)))
        else {
            return true;
        };
        let release = || mul(limit, Decimal::ONE - HYSTERESIS);
        let is_held = || self.is_material && release().is_some_and(|release| at_stake >= release);
        self.is_material = at_stake >= limit || is_held();
        self.is_material
    }
}

/// One figure, its limits and how it is put into words.
#[derive(Debug, Clone, Copy)]
struct Rule {
    value: Option<Decimal>,
    steps: Steps,
    /// Whether small values are the bad ones.
    falling: bool,
    /// Whether it is a fraction that is shown in percent.
    percent: bool,
    name: &'static str,
    unit: &'static str,
}

fn rules(limits: &Thresholds, figures: &RiskFigures) -> [Rule; FIGURES] {
    let rule =
        |name, unit, value, steps| Rule { value, steps, falling: false, percent: true, name, unit };
    [
        rule("margin ratio", " %", figures.margin_ratio, limits.margin_ratio),
        Rule {
            falling: true,
            percent: false,
            ..rule(
                "distance to liquidation",
                " daily sigmas",
                figures.distance_sigmas,
                limits.distance_sigmas,
            )
        },
        Rule {
            falling: true,
            ..rule("distance to liquidation", " %", figures.distance, limits.distance)
        },
        rule(
            "probability of touching the liquidation price within 24 h",
            " %",
            figures.touch_24h,
            limits.touch_24h,
        ),
        Rule {
            percent: false,
            ..rule("account leverage", "x", figures.account_leverage, limits.account_leverage)
        },
        rule("funding a day", " % of the margin", figures.funding_cost, limits.funding_cost),
    ]
}

impl Rule {
    /// Returns the level of a value when the level before was `last`.
    fn level(&self, value: Decimal, last: RiskLevel) -> RiskLevel {
        [RiskLevel::Critical, RiskLevel::Danger, RiskLevel::Watch]
            .into_iter()
            .find(|level| {
                self.limit(*level).is_some_and(|limit| {
                    let is_held = last >= *level
                        && self.release(limit).is_some_and(|release| self.reaches(value, release));
                    self.reaches(value, limit) || is_held
                })
            })
            .unwrap_or_default()
    }

    const fn limit(&self, level: RiskLevel) -> Option<Decimal> {
        match level {
            RiskLevel::Ok => None,
            RiskLevel::Watch => self.steps.watch,
            RiskLevel::Danger => self.steps.danger,
            RiskLevel::Critical => self.steps.critical,
        }
    }

    /// Returns what a figure must come back to before its level falls.
    fn release(&self, limit: Decimal) -> Option<Decimal> {
        let share =
            if self.falling { Decimal::ONE + HYSTERESIS } else { Decimal::ONE - HYSTERESIS };
        mul(limit, share)
    }

    /// Returns whether a value is at or past a limit, seen from the harmless side.
    fn reaches(&self, value: Decimal, limit: Decimal) -> bool {
        if self.falling { value < limit } else { value >= limit }
    }

    /// Returns the words of a level above [`RiskLevel::Ok`]. While a level is held they name what the
    /// figure must come back to, since it is no longer past the limit.
    fn reason(&self, value: Decimal, level: RiskLevel) -> Option<String> {
        let limit = self.limit(level)?;
        let (bound, still) =
            if self.reaches(value, limit) { (limit, "") } else { (self.release(limit)?, "still ") };
        let side = match (value == bound, self.falling) {
            (true, _) => "at",
            (false, true) => "below",
            (false, false) => "above",
        };
        let (name, unit) = (self.name, self.unit);
        let (value, bound) = self.shown(value, bound)?;
        Some(format!("{name} {value}{unit} is {still}{side} {bound}{unit}"))
    }

    /// Returns a figure and its bound with two decimals, or with four where two would make them look
    /// equal.
    fn shown(&self, value: Decimal, bound: Decimal) -> Option<(Decimal, Decimal)> {
        let factor = if self.percent { Decimal::ONE_HUNDRED } else { Decimal::ONE };
        let (value, bound) = (mul(value, factor)?, mul(bound, factor)?);
        let rounded = |number: Decimal, places: u32| {
            let nearest = RoundingStrategy::MidpointAwayFromZero;
            number.round_dp_with_strategy(places, nearest).normalize()
        };
        let same = rounded(value, 2) == rounded(bound, 2);
        let places = if same && value != bound { 4 } else { 2 };
        Some((rounded(value, places), rounded(bound, places)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::dec;

    use super::*;

    fn of(figures: RiskFigures) -> Option<(RiskLevel, Option<String>)> {
        let found = RiskGauge::default().assess(&Thresholds::default(), &figures)?;
        Some((found.level, found.reason))
    }

    fn ratio(value: Decimal) -> RiskFigures {
        RiskFigures { margin_ratio: Some(value), ..RiskFigures::default() }
    }

    #[rstest::rstest]
    #[case(ratio(dec!(0.2999)), RiskLevel::Ok, None)]
    #[case(ratio(dec!(0.3)), RiskLevel::Watch, Some("margin ratio 30 % is at 30 %"))]
    #[case(ratio(dec!(0.642)), RiskLevel::Danger, Some("margin ratio 64.2 % is above 60 %"))]
    #[case(ratio(dec!(0.60001)), RiskLevel::Danger, Some("margin ratio 60.001 % is above 60 %"))]
    #[case(ratio(dec!(1.2)), RiskLevel::Critical, Some("margin ratio 120 % is above 80 %"))]
    #[case(
        RiskFigures { distance_sigmas: Some(dec!(1.9)), ..RiskFigures::default() },
        RiskLevel::Danger,
        Some("distance to liquidation 1.9 daily sigmas is below 2 daily sigmas")
    )]
    #[case(
        RiskFigures { distance_sigmas: Some(dec!(3)), ..RiskFigures::default() },
        RiskLevel::Ok,
        None
    )]
    #[case(
        RiskFigures { distance: Some(dec!(0.1)), ..RiskFigures::default() },
        RiskLevel::Ok,
        None
    )]
    #[case(
        RiskFigures { distance: Some(dec!(0.0999)), ..RiskFigures::default() },
        RiskLevel::Watch,
        Some("distance to liquidation 9.99 % is below 10 %")
    )]
    #[case(
        RiskFigures { distance: Some(dec!(0.00012)), ..RiskFigures::default() },
        RiskLevel::Critical,
        Some("distance to liquidation 0.01 % is below 2 %")
    )]
    #[case(
        RiskFigures { touch_24h: Some(dec!(0.614776)), ..RiskFigures::default() },
        RiskLevel::Danger,
        Some("probability of touching the liquidation price within 24 h 61.48 % is above 15 %")
    )]
    #[case(
        RiskFigures { account_leverage: Some(dec!(7.53)), ..RiskFigures::default() },
        RiskLevel::Watch,
        Some("account leverage 7.53x is above 5x")
    )]
    #[case(
        RiskFigures { funding_cost: Some(dec!(0.021)), ..RiskFigures::default() },
        RiskLevel::Watch,
        Some("funding a day 2.1 % of the margin is above 1 % of the margin")
    )]
    #[case(
        RiskFigures { funding_cost: Some(dec!(-0.5)), ..RiskFigures::default() },
        RiskLevel::Ok,
        None
    )]
    fn one_figure(
        #[case] figures: RiskFigures,
        #[case] level: RiskLevel,
        #[case] reason: Option<&str>,
    ) {
        assert_eq!(of(figures), Some((level, reason.map(str::to_owned))));
    }

    #[test]
    fn the_worst_figure_decides_and_an_unknown_one_does_not() {
        assert_eq!(of(RiskFigures::default()), None);
        let figures = RiskFigures {
            margin_ratio: Some(dec!(0.31)),
            surplus: Some(dec!(1)),
            distance_sigmas: Some(dec!(0.5)),
            distance: Some(dec!(0.06)),
            touch_24h: None,
            account_leverage: Some(dec!(11)),
            funding_cost: Some(dec!(0)),
        };
        let (level, reason) = of(figures).unwrap();
        assert_eq!(level, RiskLevel::Critical);
        assert!(reason.unwrap().starts_with("distance to liquidation 0.5"));
    }

    #[test]
    fn a_position_past_its_liquidation_price_is_never_less_than_critical() {
        let figures = RiskFigures {
            margin_ratio: None,
            surplus: Some(dec!(-3)),
            distance_sigmas: Some(dec!(4)),
            distance: Some(dec!(0.2)),
            touch_24h: Some(dec!(0.001)),
            ..RiskFigures::default()
        };
        let words = "the equity at risk does not cover the maintenance margin".to_owned();
        assert_eq!(of(figures), Some((RiskLevel::Critical, Some(words))));
        // Where the ratio has a value its words say more.
        let (_, reason) = of(RiskFigures { margin_ratio: Some(dec!(1.2)), ..figures }).unwrap();
        assert_eq!(reason.unwrap(), "margin ratio 120 % is above 80 %");
        // The exchange ends it where the ratio says nothing of it.
        let named =
            RiskFigures { margin_ratio: Some(dec!(0.03)), surplus: Some(dec!(0)), ..figures };
        let words = "the exchange's liquidation price is reached".to_owned();
        assert_eq!(of(named), Some((RiskLevel::Critical, Some(words))));
    }

    #[test]
    fn rises_at_once_and_falls_after_coming_back() {
        let mut gauge = RiskGauge::default();
        let mut level = |value| gauge.assess(&Thresholds::default(), &ratio(value)).unwrap();
        assert_eq!(level(dec!(0.59)).level, RiskLevel::Watch);
        assert_eq!(level(dec!(0.61)).level, RiskLevel::Danger);
        let held = level(dec!(0.582));
        assert_eq!(held.level, RiskLevel::Danger);
        assert_eq!(held.reason.as_deref(), Some("margin ratio 58.2 % is still above 54 %"));
        assert_eq!(level(dec!(0.539)).level, RiskLevel::Watch);
        assert_eq!(level(dec!(0.59)).level, RiskLevel::Watch, "not where it comes from");
        assert_eq!(level(dec!(0.81)).level, RiskLevel::Critical);
        assert_eq!(level(dec!(0.26)).level, RiskLevel::Ok);
    }

    #[test]
    fn the_distance_is_held_the_other_way() {
        let mut gauge = RiskGauge::default();
        let mut level = |value| {
            let figures = RiskFigures { distance_sigmas: value, ..RiskFigures::default() };
            gauge.assess(&Thresholds::default(), &figures).map(|found| found.level)
        };
        assert_eq!(level(Some(dec!(1.99))), Some(RiskLevel::Danger));
        assert_eq!(level(Some(dec!(2.1))), Some(RiskLevel::Danger));
        assert_eq!(level(None), None);
        assert_eq!(level(Some(dec!(2.19))), Some(RiskLevel::Danger));
        assert_eq!(level(Some(dec!(2.2))), Some(RiskLevel::Watch));
        assert_eq!(level(Some(dec!(3.31))), Some(RiskLevel::Ok));
    }

    /// Without a volatility the distance in percent judges alone, by the same rules.
    #[test]
    fn the_distance_in_percent_is_held_like_that_in_sigmas() {
        let mut gauge = RiskGauge::default();
        let mut assess = |value| {
            let figures = RiskFigures { distance: value, ..RiskFigures::default() };
            gauge.assess(&Thresholds::default(), &figures)
        };
        assert_eq!(assess(Some(dec!(0.0199))).unwrap().level, RiskLevel::Critical);
        let held = assess(Some(dec!(0.021))).unwrap();
        assert_eq!(held.level, RiskLevel::Critical);
        assert_eq!(held.reason.unwrap(), "distance to liquidation 2.1 % is still below 2.2 %");
        assert_eq!(assess(None), None);
        assert_eq!(assess(Some(dec!(0.0219))).unwrap().level, RiskLevel::Critical);
        assert_eq!(assess(Some(dec!(0.022))).unwrap().level, RiskLevel::Danger);
        assert_eq!(assess(Some(dec!(0.055))).unwrap().level, RiskLevel::Watch);
        assert_eq!(assess(Some(dec!(0.11))).unwrap().level, RiskLevel::Ok);
    }

    #[test]
    fn what_can_be_lost_counts_from_a_share_of_the_equity_on() {
        let mut gauge = RiskGauge::default();
        let mut counts = |at_stake, equity| gauge.is_material(dec!(0.02), at_stake, equity);
        // 17 USDT of margin in an account of 12,300 USDT.
        assert!(!counts(Some(dec!(17)), Some(dec!(12300))));
        assert!(counts(Some(dec!(246)), Some(dec!(12300))));
        assert!(counts(Some(dec!(221.4)), Some(dec!(12300))), "held until a tenth below");
        assert!(!counts(Some(dec!(221.3)), Some(dec!(12300))));
        assert!(!counts(Some(dec!(245)), Some(dec!(12300))));
        for (at_stake, equity) in [
            (None, Some(dec!(12300))),
            (Some(dec!(17)), None),
            (Some(dec!(17)), Some(dec!(0))),
            (Some(dec!(17)), Some(dec!(-5))),
        ] {
            assert!(counts(at_stake, equity), "{at_stake:?} {equity:?}");
        }
        assert!(!counts(Some(dec!(17)), Some(dec!(12300))), "what is not known changes nothing");
    }

    fn wide() -> impl Strategy<Value = Option<Decimal>> {
        proptest::option::of(
            (any::<i128>(), 0u32..=28)
                .prop_map(|(n, scale)| Decimal::from_i128_with_scale(n >> 32, scale)),
        )
    }

    proptest! {
        #[test]
        fn no_figure_panics_and_a_fresh_gauge_is_never_milder_than_needed(
            readings in prop::collection::vec(prop::array::uniform7(wide()), 1..6),
        ) {
            let mut gauge = RiskGauge::default();
            for reading in readings {
                let [
                    margin_ratio, surplus, distance_sigmas, distance, touch_24h, account_leverage,
                    funding_cost,
                ] = reading;
                let figures = RiskFigures {
                    margin_ratio, surplus, distance_sigmas, distance, touch_24h, account_leverage,
                    funding_cost,
                };
                let found = gauge.assess(&Thresholds::default(), &figures);
                let fresh = RiskGauge::default().assess(&Thresholds::default(), &figures);
                prop_assert_eq!(found.is_some(), fresh.is_some());
                if let (Some(found), Some(fresh)) = (found, fresh) {
                    prop_assert!(found.level >= fresh.level);
                }
            }
        }
    }
}
