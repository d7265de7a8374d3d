//! What the exchange says of the end of a position, where that is worse than what follows from the rules.
//!
//! Nobody knows why it is then, so the less favourable counts. Its margin ratio may be worse because more is needed
//! or because less is counted ([`WorseRatio`]); its liquidation price says what is left there by the rules, and
//! where no more is left the exchange ends it, whatever moved. So nothing here asks on which side of the mark price
//! a position loses: the legs of a hedge, or a coin that backs or is owed, may turn it round.

use rust_decimal::Decimal;

use super::cover::Cover;
use super::exact::{add, div, mul, sub};
use super::portfolio::PortfolioPosition;
use super::valuation::Valuation;
use crate::domain::MarginMode;

/// What is left at the exchange's liquidation price counts from what a move by this share of the mark price
/// brings: equity and prices move between its list and now.
const NEARER: Decimal = Decimal::from_parts(5, 0, 0, false, 3);

/// The figures that count where the exchange's are worse than those of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorseFigures {
    /// 1 means liquidation; `None` when nothing is left to divide by.
    pub margin_ratio: Option<Decimal>,
    /// Loss that is left before liquidation.
    pub surplus: Decimal,
}

/// A margin ratio that is worse than that of the rules by a factor. More may be needed, in proportion, or less may be
/// counted of the equity, by what that comes to now: at any other price the less favourable of the two counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct WorseRatio {
    factor: Decimal,
    uncounted: Decimal,
}

impl WorseRatio {
    /// Returns the one of a factor and the equity at risk of now; `None` where the figures are too large.
    pub(super) fn new(factor: Decimal, equity: Decimal) -> Option<Self> {
        if factor == Decimal::ONE {
            return Some(Self { factor, uncounted: Decimal::ZERO });
        }
        let counted = div(equity, factor)?;
        Some(Self { factor, uncounted: sub(equity, counted)?.max(Decimal::ZERO) })
    }

    fn is_none(self) -> bool {
        self.factor == Decimal::ONE
    }

    fn both(self, cover: Cover) -> Option<[Cover; 2]> {
        let needs_more = Cover { maintenance: mul(cover.maintenance, self.factor)?, ..cover };
        let counts_less = Cover { equity: sub(cover.equity, self.uncounted)?, ..cover };
        Some([needs_more, counts_less])
    }

    /// Returns the margin ratio of a cover; `None` when nothing is left to divide by.
    pub(super) fn ratio(self, cover: Cover) -> Option<Decimal> {
        if self.is_none() {
            return cover.ratio();
        }
        let [more, less] = self.both(cover)?;
        Some(more.ratio()?.max(less.ratio()?))
    }

    /// Returns the loss that is left before liquidation.
    pub(super) fn surplus(self, cover: Cover) -> Option<Decimal> {
        if self.is_none() {
            return cover.surplus();
        }
        let [more, less] = self.both(cover)?;
        Some(more.surplus()?.min(less.surplus()?))
    }

    /// Returns the figures of a cover that ends where so much is `left`; `None` where nothing is worse.
    fn figures(self, cover: Cover, left: Option<Decimal>) -> Option<WorseFigures> {
        if self.is_none() && left.is_none() {
            return None;
        }
        let all = self.surplus(cover)?;
        let until = match left {
            Some(left) => sub(all, left)?.max(Decimal::ZERO),
            None => all,
        };
        Some(WorseFigures { margin_ratio: self.ratio(cover), surplus: all.min(until) })
    }
}

impl Valuation<'_> {
    /// Returns by how much the exchange's margin ratio of a position is worse than that of the rules.
    pub(super) fn worse_ratio(&self, index: usize) -> Option<WorseRatio> {
        let held = self.portfolio.positions.get(index)?;
        let factor = match held.margin_mode {
            MarginMode::Cross => self.portfolio.cross_factor,
            MarginMode::Isolated => held.reported.ratio_factor,
        };
        WorseRatio::new(factor, self.present_cover(index)?.equity)
    }

    /// Finds what is left at the price that the exchange names for a position, in its settle coin: where no more is
    /// left, it ends it. `None` where it names none, for the smaller leg of a hedge, whose price is that of the larger
    /// one, and while an input is unknown.
    pub(super) fn find_left_at_reported(&self, index: usize) -> Option<Decimal> {
        let held = self.portfolio.positions.get(index)?;
        let named = held.reported.price?;
        if held.margin_mode == MarginMode::Cross {
            self.crosses.get(held.instrument)?.excess(held.side)?;
        }
        self.left_at(index, named)
    }

    fn left_at(&self, index: usize, price: Decimal) -> Option<Decimal> {
        self.worse_ratio(index)?.surplus(self.cover(index, price)?)
    }

    /// Returns what is left at the price that the exchange names where that is worse than the rules have it.
    fn worse_left_at_reported(&self, index: usize) -> Option<Decimal> {
        let left = self.left_at_reported(index).filter(|left| *left > Decimal::ZERO)?;
        let (held, instrument) = self.lookup(index)?;
        let (mark, named) = (instrument.mark?, held.reported.price?);
        let step = mul(mark, if named < mark { -NEARER } else { NEARER })?;
        let now = self.worse_ratio(index)?.surplus(self.present_cover(index)?)?;
        let moved = sub(now, self.left_at(index, add(mark, step)?)?)?;
        (left > moved.abs()).then_some(left)
    }

    /// Returns the figures of a position as the exchange has them; `None` where the rules' are no better, or unknown.
    pub(super) fn worse_figures(&self, index: usize) -> Option<WorseFigures> {
        let ratio = self.worse_ratio(index)?;
        ratio.figures(self.present_cover(index)?, self.worse_left_at_reported(index))
    }

    /// The same of all cross positions, in the account's currency.
    pub(super) fn worse_account_figures(&self) -> Option<WorseFigures> {
        let cover = Cover { equity: self.cross_equity?, maintenance: self.cross_maintenance? };
        let is_cross = |held: &PortfolioPosition| held.margin_mode == MarginMode::Cross;
        let held = self.portfolio.positions.iter().enumerate().filter(|(_, held)| is_cross(held));
        let left = held.filter_map(|(index, held)| {
            mul(self.worse_left_at_reported(index)?, self.portfolio.rate(held.instrument)?)
        });
        WorseRatio::new(self.portfolio.cross_factor, cover.equity)?.figures(cover, left.max())
    }
}
