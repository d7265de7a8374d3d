//! The inverse questions: what it takes to bring the liquidation price to a target.
//!
//! Each asks for a change after which the equity at the target price still covers the maintenance
//! margin there. Sizes are found by walking the tiers of the new notional at the target.

use rust_decimal::Decimal;

use super::exact::{add, div, mul, round_down, round_up, sub};
use super::tiers::{Charge, Crossing, Direction, Line};
use super::valuation::{Cross, Valuation};
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

/// A change of size traded at `price`, so that `equity` at `target` is enough.
#[derive(Debug, Clone, Copy)]
struct Trade {
    price: Decimal,
    target: Decimal,
    equity: Decimal,
}

/// Returns the price at a wanted distance on the losing side: `m·(1 − s·X)`.
///
/// `None` when that is not above zero.
pub fn target_price(side: Side, mark: Decimal, distance: Decimal) -> Option<Decimal> {
    let factor = sub(Decimal::ONE, mul(side.sign(), distance)?)?;
    mul(mark, factor).filter(|price| *price > Decimal::ZERO)
}

impl Valuation<'_> {
    /// Returns what would be left above the maintenance margin with the contract at `price`.
    pub fn surplus_at(&self, position: usize, price: Decimal) -> Option<Decimal> {
        let cover = self.cover(position, price)?;
        sub(cover.equity, cover.maintenance)
    }

    /// Returns the margin to add so that the position is liquidated at `target`; negative when that
    /// much could be taken out.
    pub fn margin_to_add(&self, position: usize, target: Decimal) -> Option<Decimal> {
        self.surplus_at(position, target).map(|surplus| -surplus)
    }

    /// Returns the size that can be added at `price` so that liquidation stays beyond `target`.
    ///
    /// `None` when an input is unknown.
    pub fn size_to_add(
        &self,
        position: usize,
        target: Decimal,
        price: Decimal,
    ) -> Option<SizeToAdd> {
        let (held, instrument) = self.held(position)?;
        let there = self.cover(position, target)?;
        let raw = if there.equity < there.maintenance {
            Some(Decimal::ZERO)
        } else {
            self.room(position, Trade { price, target, equity: there.equity })?.place()
        };
        let by_available = (|| {
            let leverage = held.leverage.filter(|leverage| *leverage > Decimal::ZERO)?;
            let each = add(div(price, leverage)?, mul(instrument.taker_fee?, price)?)?;
            let free = self.portfolio.available?.max(Decimal::ZERO);
            round_down(div(free, each)?, instrument.size_step?)
        })();
        let bound = match (raw, by_available) {
            (Some(raw), Some(free)) => Some(raw.min(free)),
            (bound, None) | (None, bound) => bound,
        };
        let size = bound.zip(instrument.size_step).and_then(|(size, step)| round_down(size, step));
        Some(SizeToAdd { raw, by_available, size })
    }

    /// Returns the size to cut at `price` so that liquidation moves beyond `target`.
    ///
    /// `None` when an input is unknown or cutting does not lead there: an isolated position gives
    /// margin back in proportion, and its liquidation price stays.
    pub fn size_to_cut(
        &self,
        position: usize,
        target: Decimal,
        price: Decimal,
    ) -> Option<SizeToCut> {
        let (held, instrument) = self.held(position)?;
        let there = self.cover(position, target)?;
        let raw = if there.equity >= there.maintenance {
            Decimal::ZERO
        } else if held.margin_mode == MarginMode::Isolated {
            return None;
        } else {
            self.cross_cut(position, Trade { price, target, equity: there.equity })?
        };
        let size = instrument
            .size_step
            .and_then(|step| round_up(raw, step))
            .map(|size| size.min(held.size));
        Some(SizeToCut { raw, size })
    }

    /// The size that can be added while the surplus at the target lasts.
    fn room(&self, position: usize, trade: Trade) -> Option<Crossing> {
        let (held, instrument) = self.held(position)?;
        let (tiers, taker_fee) = (instrument.tiers?, instrument.taker_fee?);
        let Trade { price, target, equity } = trade;
        let gain = mul(held.side.sign(), sub(target, price)?)?;
        if held.margin_mode == MarginMode::Isolated {
            let leverage = held.leverage.filter(|leverage| *leverage > Decimal::ZERO)?;
            let slope = add(gain, div(price, leverage)?)?;
            let value = through(equity, slope, held.size)?;
            let charge = Charge { form: held.maintenance, taker_fee };
            let total = tiers.crossing(charge, value, target, held.size, Direction::Up);
            return added(total?.place(), held.size);
        }
        let slope = sub(gain, mul(taker_fee, price)?)?;
        let (size, form, own, other) = self.cross_sides(position, slope, equity, target)?;
        let charge = Charge { form, taker_fee };
        let by_own = tiers.crossing(charge, own, target, size, Direction::Up)?.place();
        let by_other = if other.slope < Decimal::ZERO { Some(root(other)?) } else { None };
        let total = match (by_own, by_other) {
            (Some(own), Some(other)) => Some(own.min(other)),
            (bound, None) | (None, bound) => bound,
        };
        added(total, size)
    }

    fn cross_cut(&self, position: usize, trade: Trade) -> Option<Decimal> {
        let (held, instrument) = self.held(position)?;
        let (tiers, taker_fee) = (instrument.tiers?, instrument.taker_fee?);
        let Trade { price, target, equity } = trade;
        let gain = mul(held.side.sign(), sub(target, price)?)?;
        let slope = add(gain, mul(taker_fee, price)?)?;
        let (size, form, own, other) = self.cross_sides(position, slope, equity, target)?;
        let charge = Charge { form, taker_fee };
        let own_needs =
            self.crosses.get(held.instrument)?.side_maintenance(held.side, instrument, target)?;
        let all = sub(equity, self.maintenance_of_others(held.instrument)?)?;
        let mut total = size;
        if all < own_needs {
            total = tiers.crossing(charge, own, target, size, Direction::Down)?.place()?;
        }
        if other.at(size)? < Decimal::ZERO {
            total = total.min(root(other)?);
        }
        // Both bounds must hold at the end: a cut that helps one side can hurt nothing else.
        let cut = sub(size, total)?;
        let possible = cut >= Decimal::ZERO && cut <= held.size && other.slope < Decimal::ZERO;
        possible.then_some(cut)
    }

    /// The total size of a position's side with its form, and the value at the target as a line over
    /// that size: above the own maintenance margin's reach, and above that of the other side.
    fn cross_sides(
        &self,
        position: usize,
        slope: Decimal,
        equity: Decimal,
        target: Decimal,
    ) -> Option<(Decimal, super::Maintenance, Line, Line)> {
        let (held, instrument) = self.held(position)?;
        let cross: &Cross = self.crosses.get(held.instrument)?;
        let (size, form, orders) = cross.side(held.side)?;
        let opposite = if held.side == Side::Long { Side::Short } else { Side::Long };
        let other_needs = cross.side_maintenance(opposite, instrument, target)?;
        let left = sub(equity, self.maintenance_of_others(held.instrument)?)?;
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
