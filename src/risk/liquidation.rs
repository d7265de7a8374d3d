//! Liquidation and bankruptcy prices.
//!
//! One principle covers all modes: the price at which equity has fallen to the maintenance margin
//! that holds there.

use rust_decimal::Decimal;

use super::exact::{add, div, mul, sub};
use super::rules::{LiquidationForm, LiquidationTier, Rules};
use super::tiers::{Charge, Crossing, Direction, Line, TierTable};
use crate::domain::MarginMode;

/// Liquidation prices further away than this many times the mark price are not shown: nearly
/// balanced hedge legs give absurd ones.
const PLAUSIBLE_TIMES_MARK: Decimal = Decimal::TEN;

/// The prices at which a position ends. `None` inside means that there is no such price above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Liquidation {
    /// The one that the rules choose.
    pub price: Option<Decimal>,
    /// Moving form with the tier at that price: there the margin ratio is 1. Of two such prices the
    /// one nearer to the mark price.
    pub moving: Option<Decimal>,
    /// Moving form with the present tier, `(X + C_k − c) / (Q·(r_k + f) − n)`: Bitget's formula.
    pub current_tier: Option<Decimal>,
    /// Frozen form, `m − surplus / n`; may be negative. `None` for equal hedge legs, and for isolated
    /// positions, which always follow the moving form.
    pub frozen_raw: Option<Decimal>,
    /// Where nothing is left after the closing fee.
    pub bankruptcy: Option<Decimal>,
}

/// One bound of solvency: `value(P)` must stay above the maintenance margin of `size·P`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    pub(super) size: Decimal,
    pub(super) charge: Charge,
    pub(super) value: Line,
}

/// What decides at which prices a position ends, or the cross positions of one contract together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Solvency<'a> {
    pub(super) rules: Rules,
    pub(super) margin_mode: MarginMode,
    pub(super) tiers: &'a TierTable,
    pub(super) taker_fee: Decimal,
    pub(super) mark: Decimal,
    /// The equity at risk along the price.
    pub(super) equity: Line,
    /// What is left of it above the maintenance margin at the mark price.
    pub(super) surplus: Decimal,
    /// The bounds along the price, the tighter one first.
    pub(super) bounds: [Option<Bound>; 2],
}

impl Solvency<'_> {
    /// Returns the prices at which it ends; `None` when a number does not fit.
    pub(super) fn liquidation(&self) -> Option<Liquidation> {
        let Self { rules, margin_mode, tiers, mark, surplus, .. } = *self;
        let tightest = self.bounds.first().copied().flatten()?;
        let moving = nearest(tiers, &self.bounds, mark, surplus > Decimal::ZERO)?.place();
        let current_tier = current_tier(tiers, &tightest, mark);
        let net = self.equity.slope;
        let frozen_raw = match margin_mode {
            MarginMode::Cross => div(surplus, net).and_then(|away| sub(mark, away)),
            MarginMode::Isolated => None,
        };
        let fee = mul(tightest.size, self.taker_fee)?;
        let bankruptcy = div(self.equity.constant, sub(fee, net)?);
        let price = match (rules.liquidation, margin_mode, rules.tier) {
            (LiquidationForm::Frozen, MarginMode::Cross, _) => frozen_raw,
            (_, _, LiquidationTier::AtLiquidation) => moving,
            (_, _, LiquidationTier::Current) => current_tier,
        };
        let above_zero = |price: Option<Decimal>| price.filter(|price| *price > Decimal::ZERO);
        Some(Liquidation {
            price: above_zero(price),
            moving: above_zero(moving),
            current_tier: above_zero(current_tier),
            frozen_raw,
            bankruptcy: above_zero(bankruptcy),
        })
    }
}

/// The price nearest to `mark` at which a bound is met.
///
/// A solvent position ends at the first bound on either side; one that is past its bound already is
/// measured against the tighter bound alone.
fn nearest(
    tiers: &TierTable,
    bounds: &[Option<Bound>; 2],
    mark: Decimal,
    solvent: bool,
) -> Option<Crossing> {
    let counted = if solvent { bounds.len() } else { 1 };
    let mut found: Option<(Decimal, Decimal)> = None;
    for bound in bounds.iter().take(counted).flatten() {
        for way in [Direction::Down, Direction::Up] {
            let price = tiers.crossing(bound.charge, bound.value, bound.size, mark, way)?.place();
            let Some(price) = price.filter(|price| *price > Decimal::ZERO) else { continue };
            let away = sub(price, mark)?.abs();
            if found.is_none_or(|(best, _)| away < best) {
                found = Some((away, price));
            }
        }
    }
    Some(found.map_or(Crossing::Never, |(_, price)| Crossing::At(price)))
}

fn current_tier(tiers: &TierTable, bound: &Bound, mark: Decimal) -> Option<Decimal> {
    let Bound { size, charge, value } = *bound;
    let step = tiers.at(mul(size, mark)?)?;
    let constant = add(value.constant, Charge::offset(charge, step))?;
    div(constant, -charge.slope(step, value, size)?)
}

/// Returns the liquidation price when it means something: above zero and at most 10 × mark.
pub fn plausible_liquidation_price(
    price: Option<Decimal>,
    mark: Option<Decimal>,
) -> Option<Decimal> {
    let price = price.filter(|price| *price > Decimal::ZERO)?;
    match mark.and_then(|mark| mul(mark, PLAUSIBLE_TIMES_MARK)) {
        Some(limit) if price > limit => None,
        _ => Some(price),
    }
}

/// Returns `|mark − liquidation| / mark` as a fraction.
///
/// The absolute value: in a hedged cross account a long can be liquidated above the mark price.
pub fn liquidation_distance(mark: Decimal, liquidation: Decimal) -> Option<Decimal> {
    (mark > Decimal::ZERO).then(|| div(sub(mark, liquidation)?.abs(), mark))?
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    #[test]
    fn absurd_liquidation_prices_are_none() {
        let mark = Some(dec!(100));
        assert_eq!(plausible_liquidation_price(Some(dec!(1000)), mark), Some(dec!(1000)));
        assert_eq!(plausible_liquidation_price(Some(dec!(1000.1)), mark), None);
        assert_eq!(plausible_liquidation_price(Some(dec!(0)), mark), None);
        assert_eq!(plausible_liquidation_price(Some(dec!(-3)), None), None);
        assert_eq!(liquidation_distance(dec!(100), dec!(108)), Some(dec!(0.08)));
        assert_eq!(liquidation_distance(dec!(0), dec!(108)), None);
    }
}
