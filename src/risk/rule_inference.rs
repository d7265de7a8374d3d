//! The check against the exchange: its own figures of one report, and which rules explain them.
//!
//! Finds a changed rule, a wrong fee rate, an unseen position or a stale price. All of the check
//! rests on values of the same report, at the mark prices of that report.

use rust_decimal::Decimal;

use super::exact::{mul, sub};
use super::portfolio::{Portfolio, PortfolioPosition};
use super::valuation::Valuation;
use super::{Liquidation, LiquidationForm, LiquidationTier, Maintenance, PositionFigures};
use crate::domain::MarginMode;

/// The relative error that every figure may have: recorded reports agree to 2·10⁻⁹.
const RELATIVE: Decimal = Decimal::from_parts(1, 0, 0, false, 8);
/// The most that a last printed digit may count for, relative: short numbers are exact, not cut.
const MOST_RELATIVE: Decimal = Decimal::from_parts(1, 0, 0, false, 6);
/// From this many decimals on, a number is taken to have been cut at its last digit.
const CUT_PLACES: u32 = 6;

type Form = (LiquidationForm, LiquidationTier);

/// The exchange's own figures of one position; `None` where it sent none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reported {
    /// Unrealized PnL.
    pub unrealized: Option<Decimal>,
    /// Margin ratio, a fraction.
    pub margin_ratio: Option<Decimal>,
    /// Break-even price.
    pub break_even: Option<Decimal>,
    /// Liquidation price.
    pub liquidation: Option<Decimal>,
}

/// A figure that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Unrealized PnL.
    Unrealized,
    /// Margin ratio.
    MarginRatio,
    /// Break-even price.
    BreakEven,
    /// Liquidation price.
    Liquidation,
}

/// A figure that differs from the exchange's beyond its printed digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Which one.
    pub figure: Figure,
    /// As computed here, by the rules that fit best; `None` for a liquidation price where none exists.
    pub computed: Option<Decimal>,
    /// As the exchange reported it.
    pub reported: Decimal,
}

/// Which rules explain a report, and what they do not explain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleInference {
    /// How maintenance margin grows, where the margin ratio or else the liquidation price tells;
    /// the present rule when it fits.
    pub maintenance: Option<Maintenance>,
    /// Form and tier of the liquidation price, where it tells; the present rules when they fit.
    pub liquidation: Option<(LiquidationForm, LiquidationTier)>,
    /// What differs under the rules that fit.
    pub differences: [Option<Difference>; 4],
}

impl RuleInference {
    /// Returns whether nothing differs.
    pub fn agrees(&self) -> bool {
        self.differences.iter().all(Option::is_none)
    }
}

/// Compares one position of a report with what follows from it.
///
/// `report` is the account as that same reply has it: its marks, sizes and margins. `None` when the
/// place does not exist. A figure that either side does not know is not compared.
pub fn infer_rules(
    report: &Portfolio<'_>,
    index: usize,
    reported: &Reported,
) -> Option<RuleInference> {
    let position = report.positions.get(index)?;
    let step = report.instruments.get(position.instrument)?.price_step;
    let own = Trial::new(report, index, reported, step, position.maintenance);
    if own.explains_all() {
        return Some(own.infer(reported, step));
    }
    let other_form = match position.maintenance {
        Maintenance::Progressive => Maintenance::Flat,
        Maintenance::Flat => Maintenance::Progressive,
    };
    let changed = with_form(report, index, other_form);
    let other = Trial::new(
        &Portfolio { positions: &changed, ..*report },
        index,
        reported,
        step,
        other_form,
    );
    let best = if other.explained() > own.explained() { other } else { own };
    Some(best.infer(reported, step))
}

/// The positions with another form for the position and for the cross legs that share its fate.
fn with_form(report: &Portfolio<'_>, index: usize, form: Maintenance) -> Vec<PortfolioPosition> {
    let mut positions = report.positions.to_vec();
    let tested = report.positions.get(index);
    for (place, position) in positions.iter_mut().enumerate() {
        let shares = tested.is_some_and(|tested| {
            tested.margin_mode == MarginMode::Cross
                && position.margin_mode == MarginMode::Cross
                && position.instrument == tested.instrument
        });
        if place == index || shares {
            position.maintenance = form;
        }
    }
    positions
}

/// What explains a liquidation price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Explained {
    /// One side does not know it.
    NotCompared,
    By(Form),
    ByNothing,
}

impl Explained {
    const fn form(self) -> Option<Form> {
        match self {
            Self::By(form) => Some(form),
            Self::NotCompared | Self::ByNothing => None,
        }
    }
}

/// The figures under one form of maintenance margin.
#[derive(Debug)]
struct Trial {
    maintenance: Maintenance,
    figures: PositionFigures,
    break_even: Option<Decimal>,
    ratio_fits: Option<bool>,
    liquidation: Explained,
}

impl Trial {
    fn new(
        report: &Portfolio<'_>,
        index: usize,
        reported: &Reported,
        step: Option<Decimal>,
        maintenance: Maintenance,
    ) -> Self {
        let valuation = Valuation::new(*report);
        let (figures, break_even) = (valuation.position(index), valuation.break_even(index));
        let ratio_fits = figures
            .margin_ratio
            .zip(reported.margin_ratio)
            .map(|(computed, reported)| same(computed, reported, None));
        let cross = report
            .positions
            .get(index)
            .is_some_and(|position| position.margin_mode == MarginMode::Cross);
        let liquidation = match figures.liquidation.zip(reported.liquidation) {
            None => Explained::NotCompared,
            Some((computed, reported)) => {
                forms(&computed, (report.rules.liquidation, report.rules.tier), cross)
                    .into_iter()
                    .flatten()
                    .find(|(_, price)| price.is_some_and(|price| same(price, reported, step)))
                    .map_or(Explained::ByNothing, |(form, _)| Explained::By(form))
            }
        };
        Self { maintenance, figures, break_even, ratio_fits, liquidation }
    }

    fn explains_all(&self) -> bool {
        self.ratio_fits != Some(false) && self.liquidation != Explained::ByNothing
    }

    fn explained(&self) -> usize {
        usize::from(self.ratio_fits == Some(true)) + usize::from(self.liquidation.form().is_some())
    }

    fn infer(&self, reported: &Reported, step: Option<Decimal>) -> RuleInference {
        let figures = &self.figures;
        let compare = |figure, computed: Option<Decimal>, reported: Option<Decimal>, slack| {
            let (computed, reported) = computed.zip(reported)?;
            let differs = !same(computed, reported, slack);
            differs.then_some(Difference { figure, computed: Some(computed), reported })
        };
        let liquidation = if self.liquidation == Explained::ByNothing {
            let computed = figures.liquidation.and_then(|found| found.price);
            let figure = Figure::Liquidation;
            reported.liquidation.map(|reported| Difference { figure, computed, reported })
        } else {
            None
        };
        RuleInference {
            maintenance: (self.explained() > 0).then_some(self.maintenance),
            liquidation: self.liquidation.form(),
            differences: [
                compare(Figure::Unrealized, figures.unrealized, reported.unrealized, None),
                compare(Figure::MarginRatio, figures.margin_ratio, reported.margin_ratio, None),
                compare(Figure::BreakEven, self.break_even, reported.break_even, step),
                liquidation,
            ],
        }
    }
}

/// The prices of all forms, the present one first; isolated positions have no frozen one.
fn forms(
    computed: &Liquidation,
    present: Form,
    cross: bool,
) -> [Option<(Form, Option<Decimal>)>; 4] {
    use LiquidationForm::{Frozen, Moving};
    use LiquidationTier::{AtLiquidation, Current};
    [
        Some((present, computed.price)),
        Some(((Moving, AtLiquidation), computed.moving)),
        Some(((Moving, Current), computed.current_tier)),
        cross.then_some(((Frozen, present.1), computed.frozen_raw)),
    ]
}

/// Whether two numbers agree within the printed digits of the second, and within `slack`.
fn same(computed: Decimal, reported: Decimal, slack: Option<Decimal>) -> bool {
    let size = reported.abs();
    let last_digit = Decimal::new(1, reported.scale().min(Decimal::MAX_SCALE));
    let printed = if reported.scale() >= CUT_PLACES {
        last_digit
    } else {
        mul(size, MOST_RELATIVE).map_or(last_digit, |most| most.min(last_digit))
    };
    let allowed = [mul(size, RELATIVE), slack].into_iter().flatten().fold(printed, Decimal::max);
    sub(computed, reported).is_some_and(|difference| difference.abs() <= allowed)
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;
    use crate::domain::{AccountKind, Side};
    use crate::risk::tiers::tests::btc;
    use crate::risk::{Instrument, ReportedLiquidation, Rules, TierTable};

    fn position(
        side: Side,
        margin_mode: MarginMode,
        size: Decimal,
        entry: Decimal,
    ) -> PortfolioPosition {
        PortfolioPosition {
            instrument: 0,
            side,
            margin_mode,
            maintenance: Maintenance::Progressive,
            size,
            entry: Some(entry),
            leverage: Some(dec!(20)),
            margin: None,
            already_realized: None,
            reported: ReportedLiquidation::default(),
        }
    }

    fn check(
        tiers: &TierTable,
        (mark, fee): (Decimal, Decimal),
        equity: Option<Decimal>,
        position: PortfolioPosition,
        reported: &Reported,
    ) -> RuleInference {
        let instruments = [Instrument {
            tiers: Some(tiers),
            taker_fee: Some(fee),
            mark: Some(mark),
            price_step: Some(dec!(0.1)),
            size_step: None,
            rate: Some(dec!(1)),
            collateral: dec!(0),
        }];
        let report = Portfolio {
            rules: Rules::of_account(AccountKind::Classic),
            equity,
            other_maintenance: dec!(0),
            cross_factor: Decimal::ONE,
            collateral: dec!(0),
            available: None,
            instruments: &instruments,
            positions: &[position],
            orders: Some(&[]),
        };
        infer_rules(&report, 0, reported).unwrap()
    }

    /// A cross short of 2025-03, whose maintenance margin was held at its value of that moment.
    #[test]
    fn a_recorded_report_names_the_frozen_form() {
        let short =
            position(Side::Short, MarginMode::Cross, dec!(0.0124), dec!(84198.665967591813));
        let already = dec!(0.080482001859) + dec!(0.179659686903) - dec!(4.205051796001);
        let short = PortfolioPosition { already_realized: Some(already), ..short };
        let reported = Reported {
            unrealized: Some(dec!(2.211737998138)),
            margin_ratio: None,
            break_even: Some(dec!(83830.229917767039)),
            liquidation: Some(dec!(171710.027580976855)),
        };
        let tiers = TierTable::of_rate(dec!(0.004));
        let equity = Some(dec!(1092.14513972776011));
        let found = check(&tiers, (dec!(84020.3), dec!(0.0006)), equity, short, &reported);
        assert_eq!(
            found.liquidation,
            Some((LiquidationForm::Frozen, LiquidationTier::AtLiquidation))
        );
        assert!(found.agrees(), "{found:?}");
    }

    /// A live isolated row of 2025-08, of an account with a taker fee of 0.0004.
    #[test]
    fn a_wrong_fee_rate_differs_with_both_numbers() {
        let long = position(Side::Long, MarginMode::Isolated, dec!(0.0031), dec!(114895.4));
        let long = PortfolioPosition { margin: Some(dec!(35.617574)), ..long };
        let reported = Reported {
            unrealized: Some(dec!(-0.00031)),
            margin_ratio: Some(dec!(0.044000344665)),
            break_even: None,
            liquidation: Some(dec!(103862.856568903)),
        };
        let tiers = btc();
        let right = check(&tiers, (dec!(114895.3), dec!(0.0004)), None, long, &reported);
        assert!(right.agrees(), "{right:?}");
        assert_eq!(right.maintenance, Some(Maintenance::Progressive));
        let wrong = check(&tiers, (dec!(114895.3), dec!(0.0006)), None, long, &reported);
        assert_eq!((wrong.maintenance, wrong.liquidation), (None, None));
        let figures: Vec<_> =
            wrong.differences.iter().flatten().map(|found| found.figure).collect();
        assert_eq!(figures, [Figure::MarginRatio, Figure::Liquidation]);
        let ratio = wrong.differences[1].unwrap();
        assert_eq!(ratio.reported, dec!(0.044000344665));
        assert_eq!(ratio.computed.unwrap().round_dp(6), dec!(0.046000));
    }

    /// A position of 330,000 that the exchange charges 1,848 instead of 1,648 was opened before the
    /// change of the rule.
    #[test]
    fn the_ratio_tells_how_maintenance_margin_grows() {
        let long = position(Side::Long, MarginMode::Cross, dec!(3), dec!(108000));
        let reported = Reported { margin_ratio: Some(dec!(0.03696)), ..Reported::default() };
        let (tiers, prices) = (btc(), (dec!(110000), dec!(0.0006)));
        let found = check(&tiers, prices, Some(dec!(50000)), long, &reported);
        assert_eq!(found.maintenance, Some(Maintenance::Flat));
        assert!(found.agrees(), "{found:?}");
    }

    /// V3 cuts its prices to the tick; that is no difference. A short number is no rounded one.
    #[test]
    fn printed_digits_are_not_a_difference() {
        assert!(same(dec!(107539.2697), dec!(107539.2), Some(dec!(0.1))));
        assert!(!same(dec!(107539.3697), dec!(107539.2), Some(dec!(0.1))));
        assert!(same(dec!(1.0074335118929), dec!(1.007433511893), None));
        assert!(!same(dec!(1.001), dec!(1), None));
        assert!(same(dec!(0), dec!(0), None));
    }
}
