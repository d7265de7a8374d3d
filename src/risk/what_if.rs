//! The inverse questions: what it takes to bring the liquidation price to a target.
//!
//! Each asks for a change after which the equity at the target price still covers the maintenance
//! margin there. Sizes are found by walking the tiers of the new notional at the target.

use rust_decimal::Decimal;

use super::cover::Cover;
use super::exact::{add, div, mul, round_down, round_up, sub};
use super::tiers::{Charge, Crossing, Direction, Line};
use super::valuation::Valuation;
use crate::domain::{MarginMode, Side};

/// The size that could still be added, base coin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeToAdd {
    /// Up to the target; zero when it is missed already, `None` when adding never leads there.
    pub raw: Option<Decimal>,
    /// What the free margin pays for; `None` while that or the leverage is unknown.
    pub by_available: Option<Decimal>,
    /// The smaller of the two, rounded down to the size step; `None` without any bound or step.
    pub size: Option<Decimal>,
}

/// The size that must be cut, base coin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeToCut {
    /// Down to the target; zero when it holds already.
    pub raw: Decimal,
    /// The same rounded up to the size step, at most the whole position; `None` without a step.
    pub size: Option<Decimal>,
}

/// Returns the price at a wanted distance on the losing side: `m·(1 − s·X)`.
///
/// `None` when that is not above zero.
pub fn target_price(side: Side, mark: Decimal, distance: Decimal) -> Option<Decimal> {
    let factor = sub(Decimal::ONE, mul(side.sign(), distance)?)?;
    mul(mark, factor).filter(|price| *price > Decimal::ZERO)
}

/// A position with its contract at a target price: what the inverse questions are asked of.
#[derive(Debug, Clone, Copy)]
pub struct Aim<'a> {
    valuation: &'a Valuation<'a>,
    index: usize,
    target: Decimal,
    there: Cover,
}

impl Valuation<'_> {
    /// Returns a position with its contract at `target`, all others held still; `None` when an input is
    /// unknown.
    pub fn aim(&self, index: usize, target: Decimal) -> Option<Aim<'_>> {
        Some(Aim { valuation: self, index, target, there: self.cover(index, target)? })
    }
}

impl Aim<'_> {
    /// Returns what is left above the maintenance margin at the target.
    pub fn surplus(&self) -> Option<Decimal> {
        self.there.surplus()
    }

    /// Returns the margin to add so that the position is liquidated at the target; negative when that
    /// much could be taken out.
    pub fn margin_to_add(&self) -> Option<Decimal> {
        self.surplus().map(|surplus| -surplus)
    }

    /// Returns the size that can be added at `price` so that liquidation stays beyond the target.
    ///
    /// `None` when an input is unknown.
    pub fn size_to_add(&self, price: Decimal) -> Option<SizeToAdd> {
        let (position, instrument) = self.valuation.lookup(self.index)?;
        let raw = if self.there.equity < self.there.maintenance {
            Some(Decimal::ZERO)
        } else {
            self.room(price)?.place()
        };
        let by_available = (|| {
            let leverage = position.leverage.filter(|leverage| *leverage > Decimal::ZERO)?;
            // A unit costs `p/L + f·p`.
            let each = mul(price, add(Decimal::ONE, mul(instrument.taker_fee?, leverage)?)?)?;
            let free = self.valuation.portfolio.available?.max(Decimal::ZERO);
            round_down(div(mul(free, leverage)?, each)?, instrument.size_step?)
        })();
        let stepped = |size| round_down(size, instrument.size_step?);
        let size = match (raw, by_available) {
            (Some(raw), Some(free)) if raw < free => stepped(raw),
            (Some(raw), None) => stepped(raw),
            (_, free) => free,
        };
        Some(SizeToAdd { raw, by_available, size })
    }

    /// Returns the size to cut at `price` so that liquidation moves beyond the target.
    ///
    /// `None` when an input is unknown or cutting does not lead there: an isolated position gives
    /// margin back in proportion, and its liquidation price stays.
    pub fn size_to_cut(&self, price: Decimal) -> Option<SizeToCut> {
        let (position, instrument) = self.valuation.lookup(self.index)?;
        let raw = if self.there.equity >= self.there.maintenance {
            Decimal::ZERO
        } else if position.margin_mode == MarginMode::Isolated {
            return None;
        } else {
            self.cross_cut(price)?
        };
        let size = instrument
            .size_step
            .and_then(|step| round_up(raw, step))
            .map(|size| size.min(position.size));
        Some(SizeToCut { raw, size })
    }

    /// The size that can be added while the surplus at the target lasts.
    fn room(&self, price: Decimal) -> Option<Crossing> {
        let (position, instrument) = self.valuation.lookup(self.index)?;
        let (tiers, taker_fee) = (instrument.tiers?, instrument.taker_fee?);
        let (target, equity) = (self.target, self.there.equity);
        let gain = position.signed(sub(target, price)?);
        if position.margin_mode == MarginMode::Isolated {
            let leverage = position.leverage.filter(|leverage| *leverage > Decimal::ZERO)?;
            let slope = add(gain, div(price, leverage)?)?;
            let value = through(equity, slope, position.size)?;
            let charge = Charge { form: position.maintenance, taker_fee };
            let total = tiers.crossing(charge, value, target, position.size, Direction::Up);
            return added(total?.place(), position.size);
        }
        let slope = sub(gain, mul(taker_fee, price)?)?;
        let (size, form, own, other) = self.cross_sides(slope)?;
        let charge = Charge { form, taker_fee };
        let by_own = tiers.crossing(charge, own, target, size, Direction::Up)?.place();
        let by_other = if other.slope < Decimal::ZERO { Some(root(other)?) } else { None };
        let total = match (by_own, by_other) {
            (Some(own), Some(other)) => Some(own.min(other)),
            (bound, None) | (None, bound) => bound,
        };
        added(total, size)
    }

    fn cross_cut(&self, price: Decimal) -> Option<Decimal> {
        let (position, instrument) = self.valuation.lookup(self.index)?;
        let (tiers, taker_fee) = (instrument.tiers?, instrument.taker_fee?);
        let target = self.target;
        let gain = position.signed(sub(target, price)?);
        let slope = add(gain, mul(taker_fee, price)?)?;
        let (size, form, own, other) = self.cross_sides(slope)?;
        let charge = Charge { form, taker_fee };
        let cross = self.valuation.crosses.get(position.instrument)?;
        let own_needs = cross.side_maintenance(position.side, instrument, target)?;
        let all = self.left_by_others()?;
        let mut total = size;
        if all < own_needs {
            total = tiers.crossing(charge, own, target, size, Direction::Down)?.place()?;
        }
        if other.at(size)? < Decimal::ZERO {
            total = total.min(root(other)?);
        }
        // Both bounds must hold at the end: a cut that helps one side can hurt nothing else.
        let cut = sub(size, total)?;
        let possible = cut >= Decimal::ZERO && cut <= position.size && other.slope < Decimal::ZERO;
        possible.then_some(cut)
    }

    /// The equity at the target less what the other contracts need.
    fn left_by_others(&self) -> Option<Decimal> {
        let (position, _) = self.valuation.lookup(self.index)?;
        sub(self.there.equity, self.valuation.crosses.get(position.instrument)?.others?)
    }

    /// The total size of a position's side with its form, and the value at the target as a line over
    /// that size: above the own maintenance margin's reach, and above that of the other side.
    fn cross_sides(&self, slope: Decimal) -> Option<(Decimal, super::Maintenance, Line, Line)> {
        let (position, instrument) = self.valuation.lookup(self.index)?;
        let cross = self.valuation.crosses.get(position.instrument)?;
        let (size, form, orders) = cross.side(position.side)?;
        let opposite = if position.side == Side::Long { Side::Short } else { Side::Long };
        let other_needs = cross.side_maintenance(opposite, instrument, self.target)?;
        let left = self.left_by_others()?;
        let own = through(sub(left, orders)?, slope, size)?;
        let other = through(sub(left, other_needs)?, slope, size)?;
        Some((size, form, own, other))
    }
}

fn added(total: Option<Decimal>, before: Decimal) -> Option<Crossing> {
    Some(match total {
        Some(total) => Crossing::At(sub(total, before)?),
        None => Crossing::Never,
    })
}

/// The line of `slope` that has `value` at `at`.
fn through(value: Decimal, slope: Decimal, at: Decimal) -> Option<Line> {
    Some(Line { constant: sub(value, mul(slope, at)?)?, slope })
}

fn root(line: Line) -> Option<Decimal> {
    div(-line.constant, line.slope)
}
