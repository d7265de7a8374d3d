//! The rule set as data: Bitget has changed its own more than once, and accounts differ.

use crate::domain::{AccountKind, Timestamp};

/// Since 2025-11-10 08:00 UTC maintenance margin is progressive by tier; positions opened before
/// keep the flat rate on their whole notional (Bitget support article 12560603841952).
const PROGRESSIVE_SINCE: Timestamp = Timestamp::from_millis(1_762_761_600_000);

/// How the maintenance margin of a position grows with its notional.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Maintenance {
    /// Each part of the notional at the rate of its own tier.
    #[default]
    Progressive,
    /// The whole notional at the rate of its tier.
    Flat,
}

impl Maintenance {
    /// Returns the rule of a position by its opening time; `None` counts as recent.
    pub fn of_opening(opened_at: Option<Timestamp>) -> Self {
        if opened_at.is_some_and(|at| at < PROGRESSIVE_SINCE) {
            Self::Flat
        } else {
            Self::Progressive
        }
    }
}

/// What the margin of a position is computed from while the exchange sends none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarginDivisor {
    /// `q·m / leverage`: classic accounts, since 2025-09-29 (article 12560603838731).
    Mark,
    /// `q·m·(1/leverage + f)`: unified accounts, with the closing fee inside.
    Unified,
}

/// How the liquidation price of a cross position treats maintenance margin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiquidationForm {
    /// Moves with the price: there the margin ratio is 1.
    Moving,
    /// Held at its present value.
    Frozen,
}

/// Which tier the moving form uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiquidationTier {
    /// The tier that holds the notional at the liquidation price.
    AtLiquidation,
    /// The tier of the present notional: the published formula, never pessimistic.
    Current,
}

/// The rules of one account. How maintenance margin grows is a matter of each position:
/// [`Maintenance`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// What margin is computed from where none was sent.
    pub divisor: MarginDivisor,
    /// Form of the liquidation price of cross positions; isolated ones always move.
    pub liquidation: LiquidationForm,
    /// Tier of the moving form.
    pub tier: LiquidationTier,
    /// Whether resting opening orders are charged to cross maintenance margin, on their side.
    pub charges_orders: bool,
}

impl Rules {
    /// Returns the rules that hold now for accounts of `kind`.
    pub const fn of_account(kind: AccountKind) -> Self {
        Self {
            divisor: match kind {
                AccountKind::Classic => MarginDivisor::Mark,
                AccountKind::Unified => MarginDivisor::Unified,
            },
            liquidation: LiquidationForm::Moving,
            tier: LiquidationTier::AtLiquidation,
            charges_orders: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_opening_time_decides_how_maintenance_margin_grows() {
        let at = |ms| Maintenance::of_opening(Some(Timestamp::from_millis(ms)));
        assert_eq!(at(1_762_761_599_999), Maintenance::Flat);
        assert_eq!(at(1_762_761_600_000), Maintenance::Progressive);
        assert_eq!(Maintenance::of_opening(None), Maintenance::Progressive);
    }

    #[test]
    fn a_unified_account_holds_the_closing_fee_in_its_margin() {
        assert_eq!(Rules::of_account(AccountKind::Classic).divisor, MarginDivisor::Mark);
        assert_eq!(Rules::of_account(AccountKind::Unified).divisor, MarginDivisor::Unified);
    }
}
