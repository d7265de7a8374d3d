//! [`Cover`]: the equity that must cover a maintenance margin.

use rust_decimal::Decimal;

use super::exact::{div, sub};

/// The equity that must cover a maintenance margin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cover {
    pub(super) equity: Decimal,
    pub(super) maintenance: Decimal,
}

impl Cover {
    /// Returns the margin ratio; `None` when nothing is left to divide by.
    pub(super) fn ratio(&self) -> Option<Decimal> {
        margin_ratio(self.maintenance, self.equity)
    }

    /// Returns the loss that is left before liquidation.
    pub(super) fn surplus(&self) -> Option<Decimal> {
        sub(self.equity, self.maintenance)
    }
}

/// Returns the margin ratio, maintenance margin over the equity that must cover it; 1 means
/// liquidation.
///
/// `None` when nothing is left to divide by: the ratio then has no meaning.
pub fn margin_ratio(maintenance: Decimal, equity: Decimal) -> Option<Decimal> {
    (equity > Decimal::ZERO).then(|| div(maintenance, equity))?
}
