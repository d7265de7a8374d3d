//! [`PositionValue`]: one position by itself at the present prices.

use rust_decimal::Decimal;

use super::exact::add;
use super::pnl::notional;
use super::portfolio::{Portfolio, PortfolioPosition};
use crate::domain::MarginMode;

/// One position by itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PositionValue {
    pub(super) notional: Option<Decimal>,
    pub(super) unrealized: Option<Decimal>,
    /// The margin that was sent, else the initial margin.
    pub(super) margin: Option<Decimal>,
    /// Maintenance margin of an isolated position.
    pub(super) maintenance: Option<Decimal>,
}

impl PositionValue {
    /// Returns what a position of `portfolio` is worth.
    pub(super) fn new(portfolio: &Portfolio<'_>, position: &PortfolioPosition) -> Self {
        let Some(instrument) = portfolio.instruments.get(position.instrument) else {
            return Self { margin: position.margin, ..Self::default() };
        };
        let mark = instrument.mark;
        let notional = mark.and_then(|mark| notional(position.size, mark));
        let initial =
            |mark| position.initial_margin(mark, portfolio.rules.divisor, instrument.taker_fee);
        let maintenance = |notional| {
            instrument.tiers?.maintenance(notional, position.maintenance, instrument.taker_fee?)
        };
        Self {
            notional,
            unrealized: mark.and_then(|mark| position.unrealized(mark)),
            margin: position.margin.or_else(|| initial(mark?)),
            maintenance: match position.margin_mode {
                MarginMode::Isolated => notional.and_then(maintenance),
                MarginMode::Cross => None,
            },
        }
    }

    /// `M + PnL`: what an isolated position can lose.
    pub(super) fn isolated_equity(&self) -> Option<Decimal> {
        add(self.margin?, self.unrealized?)
    }
}
