//! The limits of the risk levels and the target of the what-ifs.

use rust_decimal::Decimal;

use crate::risk::Thresholds;

/// What counts as risky.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RiskConfig {
    /// Where each level begins. The file writes percent, this holds fractions.
    pub thresholds: Thresholds,
    /// What a position can lose counts for the level of the account from this share of the equity on, a
    /// fraction.
    pub material_share: Decimal,
    /// Distance of the liquidation price from the mark price that the what-ifs aim at, a fraction.
    pub target_distance: Decimal,
}

impl Default for RiskConfig {
    fn default() -> Self {
        Self {
            thresholds: Thresholds::default(),
            material_share: Decimal::new(2, 2),
            target_distance: Decimal::new(20, 2),
        }
    }
}
