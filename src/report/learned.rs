//! [`Learned`]: what the comparisons with the exchange's own figures have shown.

use rust_decimal::Decimal;

use super::account_margin::AccountMargin;
use super::calibration::Calibration;
use crate::domain::PositionKey;

/// What the comparisons with the exchange's own figures have shown so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Learned<'a> {
    pub(super) calibration: &'a Calibration,
    pub(super) account: &'a AccountMargin,
}

impl Learned<'_> {
    /// Returns the factor by which the exchange's margin ratio of the cross positions is the worse one; one for none.
    /// It names one ratio for the account and for each of them, so the worst counts for all.
    pub(super) fn cross_factor<'k>(&self, keys: impl Iterator<Item = &'k PositionKey>) -> Decimal {
        let of_account = self.account.worse_ratio().unwrap_or(Decimal::ONE);
        keys.map(|key| self.calibration.ratio_factor(key)).fold(of_account, Decimal::max)
    }
}
