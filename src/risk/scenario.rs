//! What moves of the price would do.

use rust_decimal::Decimal;

use super::exact::{add, mul, sub, sum};
use super::valuation::{Cover, Valuation};
use super::{Holding, margin_ratio};
use crate::domain::{MarginMode, Side};

/// The account after a move. A liquidated position loses the equity at risk and nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scenario {
    /// The move as a fraction of the mark price.
    pub shift: Decimal,
    /// The mark price after it; `None` where every contract moves.
    pub price: Option<Decimal>,
    /// PnL of the position at that price, of all positions where every contract moves.
    pub unrealized: Option<Decimal>,
    /// PnL of all positions, as if none were liquidated.
    pub account_unrealized: Option<Decimal>,
    /// The account's equity.
    pub equity: Option<Decimal>,
    /// Maintenance margin that `margin_ratio` uses, with the tier at that price.
    pub maintenance: Decimal,
    /// 1 means liquidation; `None` when nothing is left to divide by.
    pub margin_ratio: Option<Decimal>,
    /// Whether the position is gone; where every contract moves, whether any is.
    pub liquidated: bool,
}

impl Cover {
    pub(super) fn ratio(&self) -> Option<Decimal> {
        margin_ratio(self.maintenance, self.equity)
    }

    pub(super) fn is_lost(&self) -> bool {
        self.maintenance >= self.equity
    }

    /// What the account gains or loses when the equity at risk was `before`.
    fn change(&self, before: Decimal) -> Option<Decimal> {
        if self.is_lost() { Some(-before) } else { sub(self.equity, before) }
    }
}

fn moved(price: Decimal, shift: Decimal) -> Option<Decimal> {
    mul(price, add(Decimal::ONE, shift)?).filter(|price| *price > Decimal::ZERO)
}

impl Valuation<'_> {
    /// Returns what a move of one position's contract by `shift` does, all others held still.
    ///
    /// `None` when an input of the ratio is unknown or the price would not stay above zero.
    pub fn scenario(&self, position: usize, shift: Decimal) -> Option<Scenario> {
        let (held, instrument) = self.held(position)?;
        let mark = instrument.mark?;
        let price = moved(mark, shift)?;
        let own = self.cover(position, price)?;
        Some(Scenario {
            shift,
            price: Some(price),
            unrealized: held.unrealized(price),
            account_unrealized: self.unrealized_after(held.instrument, sub(price, mark)?),
            equity: self.equity_after(position, price, &own),
            maintenance: own.maintenance,
            margin_ratio: own.ratio(),
            liquidated: own.is_lost(),
        })
    }

    /// Returns what a move of every contract by `shift` does. The ratio is that of the cross positions.
    ///
    /// `None` when an input is unknown or the prices would not stay above zero.
    pub fn account_scenario(&self, shift: Decimal) -> Option<Scenario> {
        moved(Decimal::ONE, shift)?;
        let mut unrealized = self.unrealized?;
        let cross = self.cross_cover_after(shift)?;
        let cross_held = self.crosses.iter().any(|cross| cross.held);
        let mut liquidated = cross_held && cross.is_lost();
        let mut equity = if liquidated { Decimal::ZERO } else { cross.equity };
        for (position, (held, row)) in self.portfolio.holdings.iter().zip(&self.rows).enumerate() {
            let gain = mul(signed(held, row.notional?), shift)?;
            unrealized = add(unrealized, gain)?;
            if held.margin_mode == MarginMode::Isolated {
                let price = moved(self.held(position)?.1.mark?, shift)?;
                let own = self.cover(position, price)?;
                liquidated |= own.is_lost();
                equity = add(equity, if own.is_lost() { Decimal::ZERO } else { own.equity })?;
            }
        }
        Some(Scenario {
            shift,
            price: None,
            unrealized: Some(unrealized),
            account_unrealized: Some(unrealized),
            equity: Some(equity),
            maintenance: cross.maintenance,
            margin_ratio: cross.ratio(),
            liquidated,
        })
    }

    fn cross_cover_after(&self, shift: Decimal) -> Option<Cover> {
        let gains = self.portfolio.holdings.iter().zip(&self.rows).map(|(held, row)| {
            match held.margin_mode {
                MarginMode::Cross => mul(signed(held, row.notional?), shift),
                MarginMode::Isolated => Some(Decimal::ZERO),
            }
        });
        let maintenance = self.crosses.iter().zip(self.portfolio.instruments).map(|(cross, of)| {
            if cross.is_empty() {
                return cross.maintenance;
            }
            cross.maintenance.and_then(|_| cross.maintenance_at(of, moved(of.mark?, shift)?))
        });
        Some(Cover {
            equity: add(self.cross_equity?, sum(gains)?)?,
            maintenance: sum(maintenance)?,
        })
    }

    fn unrealized_after(&self, instrument: usize, change: Decimal) -> Option<Decimal> {
        let moving = self.portfolio.holdings.iter().filter(|held| held.instrument == instrument);
        let gains = moving.map(|held| mul(held.signed_size(), change));
        add(self.unrealized?, sum(gains)?)
    }

    /// The account's equity once the contract of a position with the cover `own` stands at `price`:
    /// cross positions fall together, each isolated one by itself.
    fn equity_after(&self, position: usize, price: Decimal, own: &Cover) -> Option<Decimal> {
        let focus = self.portfolio.holdings.get(position)?;
        let mut equity = self.portfolio.equity?;
        let mut cross_counted = false;
        for (place, held) in self.portfolio.holdings.iter().enumerate() {
            let cross = held.margin_mode == MarginMode::Cross;
            if held.instrument != focus.instrument || (cross && cross_counted) {
                continue;
            }
            cross_counted |= cross;
            let before =
                if cross { self.cross_equity? } else { self.rows.get(place)?.isolated_equity()? };
            let known = place == position || (cross && focus.margin_mode == MarginMode::Cross);
            let after = if known { *own } else { self.cover(place, price)? };
            equity = add(equity, after.change(before)?)?;
        }
        Some(equity)
    }
}

fn signed(held: &Holding, value: Decimal) -> Decimal {
    if held.side == Side::Long { value } else { -value }
}
