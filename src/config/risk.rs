//! The limits of the risk levels and the target of the what-ifs.

use rust_decimal::Decimal;

use crate::risk::Thresholds;

/// What counts as risky.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RiskConfig {
    /// Where each level begins. The file writes percent, this holds fractions.
    pub thresholds: Thresholds,
    /// Distance of the liquidation price from the mark price that the what-ifs aim at, a fraction.
    pub target_distance: Decimal,
}

impl Default for RiskConfig {
    fn default() -> Self {
        Self { thresholds: Thresholds::default(), target_distance: Decimal::new(20, 2) }
    }
}
