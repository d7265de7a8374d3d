//! [`Calibration`]: which form of the exchange's rules fits this account, as far as its own figures tell.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::domain::{AccountKind, Position, PositionKey, Side};
use crate::risk::{self, LiquidationForm, LiquidationTier, Maintenance, Rules};

/// What has been learned of the rules; what has not is as documented.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Calibration {
    /// Form and tier of the liquidation price of cross positions.
    pub(super) liquidation: Option<(LiquidationForm, LiquidationTier)>,
    /// Whether resting orders are charged.
    pub(super) charges_orders: Option<bool>,
    maintenance: BTreeMap<PositionKey, Maintenance>,
    /// By how much the exchange's margin ratio of a position exceeds ours, as a factor above one.
    worse_ratios: BTreeMap<PositionKey, Decimal>,
    /// By how much the exchange's PnL of a position is below ours, per unit of size in the settle coin; above
    /// zero.
    worse_pnls: BTreeMap<PositionKey, Decimal>,
}

impl Calibration {
    /// Returns the rules that fit the exchange's figures, for accounts of `kind`.
    pub(super) fn rules(&self, kind: AccountKind) -> Rules {
        let mut rules = Rules::of_account(kind);
        if let Some((form, tier)) = self.liquidation {
            (rules.liquidation, rules.tier) = (form, tier);
        }
        rules.charges_orders = self.charges_orders.unwrap_or(rules.charges_orders);
        rules
    }

    /// Returns how the maintenance margin of a position grows: as its figures say, else as the time of
    /// its opening does.
    pub(super) fn maintenance(&self, position: &Position) -> Maintenance {
        self.maintenance.get(&position.key).copied().unwrap_or_else(|| {
            let details = position.details.as_ref();
            Maintenance::of_opening(details.and_then(|details| details.opened_at))
        })
    }

    /// Takes note of how the maintenance margin of a position grows.
    pub(super) fn learn_maintenance(&mut self, key: PositionKey, form: Maintenance) {
        self.maintenance.insert(key, form);
    }

    /// Takes note of a factor by which the exchange's margin ratio is the worse one; `None` for none.
    pub(super) fn learn_ratio(&mut self, key: PositionKey, factor: Option<Decimal>) {
        match factor {
            Some(factor) => self.worse_ratios.insert(key, factor),
            None => self.worse_ratios.remove(&key),
        };
    }

    /// Returns the factor by which the exchange's margin ratio of a position is the worse one; one for none.
    pub(super) fn ratio_factor(&self, key: &PositionKey) -> Decimal {
        self.worse_ratios.get(key).copied().unwrap_or(Decimal::ONE)
    }

    /// Takes note of what the exchange's PnL of a position is below ours, per unit of size; `None` for nothing.
    pub(super) fn learn_pnl(&mut self, key: PositionKey, gap: Option<Decimal>) {
        match gap {
            Some(gap) => self.worse_pnls.insert(key, gap),
            None => self.worse_pnls.remove(&key),
        };
    }

    /// Returns the entry price to compute with: that of the row, or the one from which its size earns no more
    /// than the exchange says, where its PnL is the worse one and nobody knows why.
    pub(super) fn entry(&self, position: &Position) -> Option<Decimal> {
        let entry = position.entry_price?;
        match (self.worse_pnls.get(&position.key), position.key.side) {
            (None, _) => Some(entry),
            (Some(gap), Side::Long) => risk::add(entry, *gap),
            (Some(gap), Side::Short) => risk::sub(entry, *gap),
        }
    }

    /// Forgets positions that are not among `keys`.
    pub(super) fn retain(&mut self, keys: &BTreeSet<&PositionKey>) {
        self.maintenance.retain(|key, _| keys.contains(key));
        self.worse_ratios.retain(|key, _| keys.contains(key));
        self.worse_pnls.retain(|key, _| keys.contains(key));
    }
}
