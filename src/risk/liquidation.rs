//! Liquidation and bankruptcy prices.
//!
//! One principle covers all modes: the price at which equity has fallen to the maintenance margin
//! that holds there.

use rust_decimal::Decimal;

use super::exact::{add, div, mul, sub};
use super::tiers::{Charge, Crossing, Direction, Line, TierTable};
use super::valuation::{Bound, Valuation};
use super::{LiquidationForm, LiquidationTier};
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

impl Valuation<'_> {
    /// Returns the prices at which a position ends; `None` when an input is unknown.
    ///
    /// Other contracts are held still. The legs of a hedged cross position share one price.
    pub fn liquidation(&self, position: usize) -> Option<Liquidation> {
        let held = self.portfolio.holdings.get(position)?;
        match held.margin_mode {
            MarginMode::Cross => self.crosses.get(held.instrument)?.liquidation,
            MarginMode::Isolated => self.find_liquidation(position),
        }
    }

    pub(super) fn find_liquidation(&self, position: usize) -> Option<Liquidation> {
        let (held, instrument) = self.held(position)?;
        let (tiers, mark) = (instrument.tiers?, instrument.mark?);
        let bounds = self.bounds(position)?;
        let cover = self.present_cover(position)?;
        let surplus = sub(cover.equity, cover.maintenance)?;
        let tightest = bounds.first().copied().flatten()?;

        let moving = nearest(tiers, &bounds, mark, surplus > Decimal::ZERO)?.place();
        let current_tier = current_tier(tiers, &tightest, mark);
        let net = self.net_size(position)?;
        let frozen_raw = match held.margin_mode {
            MarginMode::Cross => div(surplus, net).and_then(|away| sub(mark, away)),
            MarginMode::Isolated => None,
        };
        let bankruptcy = {
            let left = Line { constant: self.value_at_zero(position)?, slope: net };
            let fee = mul(tightest.size, instrument.taker_fee?)?;
            div(left.constant, sub(fee, left.slope)?)
        };
        let rules = self.portfolio.rules;
        let price = match (rules.liquidation, held.margin_mode, rules.tier) {
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
