//! [`ReportedLiquidation`]: what the exchange says of the end of a position, where that is worse than ours.

use rust_decimal::Decimal;

use super::exact::{add, mul, sub};
use super::liquidation::{Liquidation, liquidation_distance};
use super::portfolio::PortfolioPosition;
use super::valuation::Valuation;
use crate::domain::{MarginMode, Side};

/// By how much of the mark price the exchange's liquidation price is nearer than ours before it counts as another
/// one: equity and prices move between its list and now.
const NEARER: Decimal = Decimal::from_parts(5, 0, 0, false, 3);

/// What the exchange says of the liquidation of a position. Where it is worse than what follows from the rules, a
/// scenario counts it; all else is by the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportedLiquidation {
    /// By how much its margin ratio exceeds that of the rules where nobody knows why, as a factor; one for
    /// nothing. Cross positions share that of the [`Portfolio`](super::Portfolio).
    pub ratio_factor: Decimal,
    /// The mark price that it names.
    pub price: Option<Decimal>,
}

impl Default for ReportedLiquidation {
    fn default() -> Self {
        Self { ratio_factor: Decimal::ONE, price: None }
    }
}

impl PortfolioPosition {
    /// Returns whether the exchange's liquidation price is reached at `price`.
    pub(super) fn is_ended_at(&self, price: Decimal) -> bool {
        self.reported.price.is_some_and(|named| match self.side {
            Side::Long => price <= named,
            Side::Short => price >= named,
        })
    }
}

impl Valuation<'_> {
    /// Returns what is lost until the liquidation price that the exchange names, in the settle coin, where that is
    /// nearer than `ours` by more than prices move meanwhile; `None` where it is not, or an input is unknown; never
    /// negative. The legs of a hedge lose what they do in sum, up to the price of the larger one.
    pub(super) fn loss_until_reported(
        &self,
        index: usize,
        ours: Option<Liquidation>,
    ) -> Option<Decimal> {
        let (held, instrument) = self.lookup(index)?;
        let (mark, named) = (instrument.mark?, held.reported.price?);
        let away = liquidation_distance(mark, named)?;
        let is_nearer = match ours?.price {
            Some(price) => add(away, NEARER)? < liquidation_distance(mark, price)?,
            None => true,
        };
        let net = match held.margin_mode {
            MarginMode::Cross => self.crosses.get(held.instrument)?.excess(held.side)?,
            MarginMode::Isolated => held.size,
        };
        let lost = mul(net, held.signed(sub(mark, named)?))?;
        is_nearer.then_some(lost.max(Decimal::ZERO))
    }
}
