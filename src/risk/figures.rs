//! Every figure of a position and of the account at the present prices.

use rust_decimal::Decimal;

use super::cover::{Cover, margin_ratio};
use super::exact::{add, div, mul, sub, sum};
use super::liquidation::Liquidation;
use super::pnl::roe;
use super::position_value::PositionValue;
use super::reported::WorseFigures;
use super::valuation::Valuation;
use crate::domain::MarginMode;

/// The figures of one position that every frame shows. Money and prices in the settle coin, ratios as
/// fractions; `None` for what is unknown or not defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PositionFigures {
    /// `q·m`.
    pub notional: Option<Decimal>,
    /// PnL at the mark price.
    pub unrealized: Option<Decimal>,
    /// `unrealized / margin`.
    pub roe: Option<Decimal>,
    /// The margin that was sent, else what a fresh position of this size and leverage would need.
    pub margin: Option<Decimal>,
    /// Maintenance margin of this position; in cross mode of all cross positions of its contract.
    pub maintenance: Option<Decimal>,
    /// Maintenance margin that the ratio uses; in cross mode of all cross positions.
    pub maintenance_total: Option<Decimal>,
    /// What must cover it: `M + PnL`, or the cross equity.
    pub equity_at_risk: Option<Decimal>,
    /// `maintenance_total / equity_at_risk`; 1 means liquidation, `None` when nothing is left.
    pub margin_ratio: Option<Decimal>,
    /// Loss that is left before liquidation.
    pub surplus: Option<Decimal>,
    /// `notional / equity_at_risk`: what the leverage really is now.
    pub leverage: Option<Decimal>,
    /// Where it ends; `None` when an input is unknown.
    pub liquidation: Option<Liquidation>,
    /// What counts instead where the exchange's figures are worse.
    pub worse: Option<WorseFigures>,
}

/// The figures of the account, in its currency; the same meanings as in [`PositionFigures`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccountFigures {
    /// Equity with unrealized PnL inside.
    pub equity: Option<Decimal>,
    /// PnL of all positions at the mark prices.
    pub unrealized: Option<Decimal>,
    /// `Σ q·m`.
    pub notional_gross: Option<Decimal>,
    /// `notional_gross / equity`.
    pub leverage: Option<Decimal>,
    /// Margin of all positions.
    pub margin: Option<Decimal>,
    /// Equity without what isolated positions hold.
    pub cross_equity: Option<Decimal>,
    /// Maintenance margin of all cross positions, charged orders, and what is not modelled.
    pub cross_maintenance: Option<Decimal>,
    /// Maintenance margin of all isolated positions.
    pub isolated_maintenance: Option<Decimal>,
    /// `cross_maintenance / cross_equity`; 1 means liquidation.
    pub margin_ratio: Option<Decimal>,
    /// `cross_equity − cross_maintenance`.
    pub surplus: Option<Decimal>,
    /// What counts instead where the exchange's figures are worse.
    pub worse: Option<WorseFigures>,
}

fn over(value: Decimal, equity: Decimal) -> Option<Decimal> {
    (equity > Decimal::ZERO).then(|| div(value, equity))?
}

impl Valuation<'_> {
    /// Returns the figures of one position, by its index in [`Portfolio::positions`](super::Portfolio); all `None` for one
    /// that does not exist.
    pub fn position(&self, index: usize) -> PositionFigures {
        let row = self.rows.get(index).copied().unwrap_or_default();
        let cover = self.present_cover(index);
        let equity_at_risk =
            self.portfolio.positions.get(index).and_then(|held| match held.margin_mode {
                MarginMode::Cross => self.crosses.get(held.instrument)?.equity,
                MarginMode::Isolated => row.isolated_equity(),
            });
        PositionFigures {
            notional: row.notional,
            unrealized: row.unrealized,
            roe: row.unrealized.zip(row.margin).and_then(|(pnl, margin)| roe(pnl, margin)),
            margin: row.margin,
            maintenance: self.own_maintenance(index),
            maintenance_total: cover.map(|cover| cover.maintenance),
            equity_at_risk,
            margin_ratio: cover.as_ref().and_then(Cover::ratio),
            surplus: cover.as_ref().and_then(Cover::surplus),
            leverage: row.notional.zip(equity_at_risk).and_then(|(n, equity)| over(n, equity)),
            liquidation: self.liquidation(index),
            worse: self.worse_figures(index),
        }
    }

    /// Returns the price at which a close as taker brings the life of the position to zero; `None` when
    /// an input is unknown or there is no such price above zero.
    pub fn break_even(&self, index: usize) -> Option<Decimal> {
        let (position, instrument) = self.lookup(index)?;
        position.break_even(instrument.taker_fee?)
    }

    /// Returns the figures of the account.
    pub fn account(&self) -> AccountFigures {
        let positions = self.portfolio.positions;
        let equity = self.portfolio.equity;
        let total = |amount: fn(&PositionValue) -> Option<Decimal>| {
            let held = self.rows.iter().zip(positions);
            sum(held.map(|(row, held)| mul(amount(row)?, self.portfolio.rate(held.instrument)?)))
        };
        let notional_gross = total(|row| row.notional);
        let margin = total(|row| row.margin);
        let isolated = positions
            .iter()
            .zip(&self.rows)
            .filter(|(position, _)| position.margin_mode == MarginMode::Isolated)
            .map(|(held, row)| mul(row.maintenance?, self.portfolio.rate(held.instrument)?));
        let cross = self.cross_maintenance.zip(self.cross_equity);
        AccountFigures {
            equity,
            unrealized: self.unrealized,
            notional_gross,
            leverage: notional_gross.zip(equity).and_then(|(n, equity)| over(n, equity)),
            margin,
            cross_equity: self.cross_equity,
            cross_maintenance: self.cross_maintenance,
            isolated_maintenance: sum(isolated),
            margin_ratio: cross.and_then(|(maintenance, equity)| margin_ratio(maintenance, equity)),
            surplus: cross.and_then(|(maintenance, equity)| sub(equity, maintenance)),
            worse: self.worse_account_figures(),
        }
    }
}

impl AccountFigures {
    /// Returns the maintenance margin of all positions.
    pub fn maintenance(&self) -> Option<Decimal> {
        add(self.cross_maintenance?, self.isolated_maintenance?)
    }
}
