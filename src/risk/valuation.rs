//! [`Valuation`]: a portfolio at its present prices, from which every other figure is taken.

use rust_decimal::Decimal;

use super::cover::Cover;
use super::cross::{Cross, CrossSide, crosses};
use super::exact::{add, mul, sub, sum};
use super::liquidation::{Bound, Liquidation, Solvency};
use super::pnl::notional;
use super::portfolio::{Instrument, Portfolio, PortfolioPosition};
use super::position_value::PositionValue;
use super::tiers::{Charge, Line};
use crate::domain::MarginMode;

/// A portfolio at its present prices: what all figures share, computed once.
#[derive(Debug)]
pub struct Valuation<'a> {
    pub(super) portfolio: Portfolio<'a>,
    /// Each position by itself, in the order of the holdings.
    pub(super) rows: Vec<PositionValue>,
    /// The cross positions of each contract, in the order of the instruments.
    pub(super) crosses: Vec<Cross>,
    /// Where those end, in the same order.
    cross_liquidations: Vec<Option<Liquidation>>,
    pub(super) cross_equity: Option<Decimal>,
    pub(super) cross_maintenance: Option<Decimal>,
    pub(super) unrealized: Option<Decimal>,
    /// `Σ s·q·m`: what a move of all prices by its whole would bring.
    pub(super) notional_net: Option<Decimal>,
    /// The same of the cross positions.
    pub(super) cross_notional_net: Option<Decimal>,
}

impl<'a> Valuation<'a> {
    /// Computes what the figures of all positions share.
    ///
    /// A figure is `None` when one of its inputs is unknown; the other figures do not suffer.
    pub fn new(portfolio: Portfolio<'a>) -> Self {
        let value = |held| PositionValue::new(&portfolio, held);
        let rows: Vec<PositionValue> = portfolio.holdings.iter().map(value).collect();
        let mut crosses = crosses(&portfolio, &rows);
        let cross_maintenance = sum(crosses.iter().map(|cross| cross.maintenance));
        for cross in &mut crosses {
            let own = cross_maintenance.zip(cross.maintenance);
            cross.others = own.and_then(|(all, own)| sub(all, own));
        }
        let isolated =
            sum(rows.iter().zip(portfolio.holdings).map(|(row, held)| match held.margin_mode {
                MarginMode::Isolated => row.isolated_equity(),
                MarginMode::Cross => Some(Decimal::ZERO),
            }));
        let mut valuation = Self {
            cross_equity: portfolio.equity.zip(isolated).and_then(|(all, held)| sub(all, held)),
            cross_maintenance,
            unrealized: sum(rows.iter().map(|row| row.unrealized)),
            notional_net: notional_net(&portfolio, &rows, |_| true),
            cross_notional_net: notional_net(&portfolio, &rows, |mode| mode == MarginMode::Cross),
            cross_liquidations: vec![None; crosses.len()],
            portfolio,
            rows,
            crosses,
        };
        for (position, held) in portfolio.holdings.iter().enumerate() {
            let of_contract = valuation.cross_liquidations.get(held.instrument);
            if held.margin_mode == MarginMode::Cross && of_contract.is_some_and(Option::is_none) {
                let found = valuation.find_liquidation(position);
                if let Some(of_contract) = valuation.cross_liquidations.get_mut(held.instrument) {
                    *of_contract = found;
                }
            }
        }
        valuation
    }

    /// Returns the prices at which a position ends; `None` when an input is unknown.
    ///
    /// Other contracts are held still. The legs of a hedged cross position share one price.
    pub fn liquidation(&self, position: usize) -> Option<Liquidation> {
        let held = self.portfolio.holdings.get(position)?;
        match held.margin_mode {
            MarginMode::Cross => self.cross_liquidations.get(held.instrument).copied()?,
            MarginMode::Isolated => self.find_liquidation(position),
        }
    }

    fn find_liquidation(&self, position: usize) -> Option<Liquidation> {
        let (held, instrument) = self.held(position)?;
        let solvency = Solvency {
            rules: self.portfolio.rules,
            margin_mode: held.margin_mode,
            tiers: instrument.tiers?,
            taker_fee: instrument.taker_fee?,
            mark: instrument.mark?,
            equity: Line {
                constant: self.value_at_zero(position)?,
                slope: self.net_size(position)?,
            },
            surplus: self.present_cover(position)?.surplus()?,
            bounds: self.bounds(position)?,
        };
        solvency.liquidation()
    }

    pub(super) fn held(
        &self,
        position: usize,
    ) -> Option<(&'a PortfolioPosition, &'a Instrument<'a>)> {
        let held = self.portfolio.holdings.get(position)?;
        Some((held, self.portfolio.instruments.get(held.instrument)?))
    }

    /// What must cover what for one position at `price`, all other contracts held still: all cross
    /// positions together, or the isolated one alone.
    pub(super) fn cover(&self, position: usize, price: Decimal) -> Option<Cover> {
        let (held, instrument) = self.held(position)?;
        match held.margin_mode {
            MarginMode::Isolated => Some(Cover {
                equity: add(self.rows.get(position)?.margin?, held.unrealized(price)?)?,
                maintenance: instrument.tiers?.maintenance(
                    notional(held.size, price)?,
                    held.maintenance,
                    instrument.taker_fee?,
                )?,
            }),
            MarginMode::Cross => {
                let cross = self.crosses.get(held.instrument)?;
                let own = cross.maintenance_at(instrument, price)?;
                self.cross_cover(held.instrument, price, own)
            }
        }
    }

    /// What covers all cross positions with one contract at `price`, which then needs `own`.
    pub(super) fn cross_cover(
        &self,
        instrument: usize,
        price: Decimal,
        own: Decimal,
    ) -> Option<Cover> {
        let cross = self.crosses.get(instrument)?;
        let mark = self.portfolio.instruments.get(instrument)?.mark?;
        Some(Cover {
            equity: add(self.cross_equity?, mul(cross.net, sub(price, mark)?)?)?,
            maintenance: add(cross.others?, own)?,
        })
    }

    /// The maintenance margin that belongs to the contract of a position, at the present price.
    pub(super) fn own_maintenance(&self, position: usize) -> Option<Decimal> {
        let held = self.portfolio.holdings.get(position)?;
        match held.margin_mode {
            MarginMode::Cross => self.crosses.get(held.instrument)?.maintenance,
            MarginMode::Isolated => self.rows.get(position)?.maintenance,
        }
    }

    /// [`cover`](Self::cover) at the present prices.
    pub(super) fn present_cover(&self, position: usize) -> Option<Cover> {
        let (equity, maintenance) = match self.portfolio.holdings.get(position)?.margin_mode {
            MarginMode::Isolated => {
                let row = self.rows.get(position)?;
                (row.isolated_equity()?, row.maintenance?)
            }
            MarginMode::Cross => (self.cross_equity?, self.cross_maintenance?),
        };
        Some(Cover { equity, maintenance })
    }

    /// The net size that shares one fate with a position: its own, or that of all cross legs.
    fn net_size(&self, position: usize) -> Option<Decimal> {
        let held = self.portfolio.holdings.get(position)?;
        match held.margin_mode {
            MarginMode::Isolated => Some(held.signed_size()),
            MarginMode::Cross => Some(self.crosses.get(held.instrument)?.net),
        }
    }

    /// The bounds of solvency along the price of the contract, the tighter one first.
    fn bounds(&self, position: usize) -> Option<[Option<Bound>; 2]> {
        let (held, instrument) = self.held(position)?;
        let taker_fee = instrument.taker_fee?;
        if held.margin_mode == MarginMode::Isolated {
            let value = Line { constant: self.value_at_zero(position)?, slope: held.signed_size() };
            let charge = Charge { form: held.maintenance, taker_fee };
            return Some([Some(Bound { size: held.size, charge, value }), None]);
        }
        let cross = self.crosses.get(held.instrument)?;
        let constant = sub(self.value_at_zero(position)?, cross.others?)?;
        let bound = |side: CrossSide| {
            let value = Line { constant: sub(constant, side.orders_charge?)?, slope: cross.net };
            let charge = Charge { form: side.form, taker_fee };
            Some(Bound { size: side.size, charge, value })
        };
        let tiers = instrument.tiers?;
        let [first, second] = cross.by_need(tiers, taker_fee, instrument.mark?)?;
        let second = if second.is_empty() { None } else { Some(bound(second)?) };
        Some([Some(bound(first)?), second])
    }

    /// The equity at risk, carried on to a price of zero: `M − s·q·e` or `X − c`.
    fn value_at_zero(&self, position: usize) -> Option<Decimal> {
        let held = self.portfolio.holdings.get(position)?;
        match held.margin_mode {
            MarginMode::Isolated => {
                let cost = mul(held.signed_size(), held.entry?)?;
                sub(self.rows.get(position)?.margin?, cost)
            }
            MarginMode::Cross => {
                let cross = self.crosses.get(held.instrument)?;
                sub(sub(self.cross_equity?, cross.unrealized?)?, cross.cost?)
            }
        }
    }
}

fn notional_net(
    portfolio: &Portfolio<'_>,
    rows: &[PositionValue],
    counts: impl Fn(MarginMode) -> bool,
) -> Option<Decimal> {
    let held = portfolio.holdings.iter().zip(rows).filter(|(held, _)| counts(held.margin_mode));
    sum(held.map(|(held, row)| row.notional.map(|value| held.signed(value))))
}
