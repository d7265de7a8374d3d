//! [`Target`]: how far away the user wants liquidation to be.

use rust_decimal::Decimal;

/// The wanted distance of the liquidation price from the mark price, a fraction. The file sets the first
/// one, and keys go along the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target(Decimal);

impl Target {
    /// The distances that keys ask for, in percent.
    const PERCENT: [i64; 15] = [1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 75, 90];

    pub(crate) const fn new(distance: Decimal) -> Self {
        Self(distance)
    }

    /// Returns the distance.
    pub(crate) const fn distance(self) -> Decimal {
        self.0
    }

    fn steps() -> impl DoubleEndedIterator<Item = Decimal> {
        Self::PERCENT.into_iter().map(|percent| Decimal::new(percent, 2))
    }

    pub(super) fn farther(self) -> Self {
        Self(Self::steps().find(|step| *step > self.0).unwrap_or(self.0))
    }

    pub(super) fn nearer(self) -> Self {
        Self(Self::steps().rev().find(|step| *step < self.0).unwrap_or(self.0))
    }
}

impl Default for Target {
    /// Twenty percent.
    fn default() -> Self {
        Self(Decimal::new(20, 2))
    }
}
