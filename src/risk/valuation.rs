//! [`Valuation`]: a portfolio at its present prices, from which every other figure is taken.

use rust_decimal::Decimal;

use super::cover::Cover;
use super::cross::{Cross, CrossSide, crosses};
use super::exact::{add, div, mul, sub, sum};
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
    /// Each position by itself, in the order of the positions.
    pub(super) rows: Vec<PositionValue>,
    /// The cross positions of each contract, in the order of the instruments.
    pub(super) crosses: Vec<Cross>,
    /// Where those end, in the same order.
    cross_liquidations: Vec<Option<Liquidation>>,
    /// What is left of each position where the exchange ends it, in the order of the positions.
    lefts_at_reported: Vec<Option<Decimal>>,
    /// What backs the cross positions, and what they need with all else that is backed by it, in the
    /// account's currency, as are the following.
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
        let value = |position| PositionValue::new(&portfolio, position);
        let rows: Vec<PositionValue> = portfolio.positions.iter().map(value).collect();
        let mut crosses = crosses(&portfolio, &rows);
        let needs = crosses.iter().zip(portfolio.instruments);
        let needs = sum(needs.map(|(cross, of)| mul(cross.maintenance?, of.rate?)));
        let cross_maintenance = needs.and_then(|needs| add(needs, portfolio.other_maintenance));
        let isolated =
            sum(rows.iter().zip(portfolio.positions).map(|(row, position)| {
                match position.margin_mode {
                    MarginMode::Isolated => {
                        mul(row.isolated_equity()?, portfolio.rate(position.instrument)?)
                    }
                    MarginMode::Cross => Some(Decimal::ZERO),
                }
            }));
        let cross_equity =
            portfolio.equity.zip(isolated).and_then(|(all, isolated)| sub(all, isolated));
        for (cross, instrument) in crosses.iter_mut().zip(portfolio.instruments) {
            let settled = |amount: Option<Decimal>| div(amount?, instrument.rate?);
            cross.equity = settled(cross_equity);
            let all = settled(cross_maintenance);
            cross.others = all.zip(cross.maintenance).and_then(|(all, own)| sub(all, own));
        }
        let mut valuation = Self {
            cross_equity,
            cross_maintenance,
            unrealized: sum(rows
                .iter()
                .zip(portfolio.positions)
                .map(|(row, position)| mul(row.unrealized?, portfolio.rate(position.instrument)?))),
            notional_net: notional_net(&portfolio, &rows, |_| true),
            cross_notional_net: notional_net(&portfolio, &rows, |mode| mode == MarginMode::Cross),
            cross_liquidations: vec![None; crosses.len()],
            lefts_at_reported: Vec::new(),
            portfolio,
            rows,
            crosses,
        };
        for (index, position) in portfolio.positions.iter().enumerate() {
            let of_contract = valuation.cross_liquidations.get(position.instrument);
            if position.margin_mode == MarginMode::Cross && of_contract.is_some_and(Option::is_none)
            {
                let found = valuation.find_liquidation(index);
                if let Some(of_contract) = valuation.cross_liquidations.get_mut(position.instrument)
                {
                    *of_contract = found;
                }
            }
        }
        for (index, position) in portfolio.positions.iter().enumerate() {
            let left = valuation.find_left_at_reported(index);
            valuation.lefts_at_reported.push(left);
            if position.margin_mode == MarginMode::Cross
                && let Some(cross) = valuation.crosses.get_mut(position.instrument)
            {
                cross.left_at_reported = cross.left_at_reported.max(left);
            }
        }
        valuation
    }

    /// Returns what is left of a position where the exchange ends it, in its settle coin; `None` where it does not say.
    pub(super) fn left_at_reported(&self, index: usize) -> Option<Decimal> {
        *self.lefts_at_reported.get(index)?
    }

    /// Returns the prices at which a position ends; `None` when an input is unknown.
    ///
    /// Other contracts are held still. The legs of a hedged cross position share one price.
    pub fn liquidation(&self, index: usize) -> Option<Liquidation> {
        let position = self.portfolio.positions.get(index)?;
        match position.margin_mode {
            MarginMode::Cross => self.cross_liquidations.get(position.instrument).copied()?,
            MarginMode::Isolated => self.find_liquidation(index),
        }
    }

    fn find_liquidation(&self, index: usize) -> Option<Liquidation> {
        let (position, instrument) = self.lookup(index)?;
        let solvency = Solvency {
            rules: self.portfolio.rules,
            margin_mode: position.margin_mode,
            tiers: instrument.tiers?,
            taker_fee: instrument.taker_fee?,
            mark: instrument.mark?,
            equity: Line { constant: self.value_at_zero(index)?, slope: self.slope(index)? },
            surplus: self.present_cover(index)?.surplus()?,
            bounds: self.bounds(index)?,
        };
        solvency.liquidation()
    }

    pub(super) fn lookup(
        &self,
        index: usize,
    ) -> Option<(&'a PortfolioPosition, &'a Instrument<'a>)> {
        let position = self.portfolio.positions.get(index)?;
        Some((position, self.portfolio.instruments.get(position.instrument)?))
    }

    /// What must cover what for one position at `price`, in its settle coin, all other contracts held still: all cross
    /// positions together, or the isolated one alone.
    pub(super) fn cover(&self, index: usize, price: Decimal) -> Option<Cover> {
        let (position, instrument) = self.lookup(index)?;
        match position.margin_mode {
            MarginMode::Isolated => Some(Cover {
                equity: add(self.rows.get(index)?.margin?, position.unrealized(price)?)?,
                maintenance: instrument.tiers?.maintenance(
                    notional(position.size, price)?,
                    position.maintenance,
                    instrument.taker_fee?,
                )?,
            }),
            MarginMode::Cross => {
                let cross = self.crosses.get(position.instrument)?;
                let own = cross.maintenance_at(instrument, price)?;
                self.cross_cover(position.instrument, price, own)
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
            equity: add(cross.equity?, mul(cross.slope, sub(price, mark)?)?)?,
            maintenance: add(cross.others?, own)?,
        })
    }

    /// The maintenance margin that belongs to the contract of a position, at the present price.
    pub(super) fn own_maintenance(&self, index: usize) -> Option<Decimal> {
        let position = self.portfolio.positions.get(index)?;
        match position.margin_mode {
            MarginMode::Cross => self.crosses.get(position.instrument)?.maintenance,
            MarginMode::Isolated => self.rows.get(index)?.maintenance,
        }
    }

    /// [`cover`](Self::cover) at the present prices.
    pub(super) fn present_cover(&self, index: usize) -> Option<Cover> {
        let position = self.portfolio.positions.get(index)?;
        let (equity, maintenance) = match position.margin_mode {
            MarginMode::Isolated => {
                let row = self.rows.get(index)?;
                (row.isolated_equity()?, row.maintenance?)
            }
            MarginMode::Cross => {
                let cross = self.crosses.get(position.instrument)?;
                (cross.equity?, add(cross.others?, cross.maintenance?)?)
            }
        };
        Some(Cover { equity, maintenance })
    }

    /// By how much the equity at risk moves when the price does by one.
    fn slope(&self, index: usize) -> Option<Decimal> {
        let position = self.portfolio.positions.get(index)?;
        match position.margin_mode {
            MarginMode::Isolated => Some(position.signed_size()),
            MarginMode::Cross => Some(self.crosses.get(position.instrument)?.slope),
        }
    }

    /// The bounds of solvency along the price of the contract, the tighter one first.
    fn bounds(&self, index: usize) -> Option<[Option<Bound>; 2]> {
        let (position, instrument) = self.lookup(index)?;
        let taker_fee = instrument.taker_fee?;
        if position.margin_mode == MarginMode::Isolated {
            let value =
                Line { constant: self.value_at_zero(index)?, slope: position.signed_size() };
            let charge = Charge { form: position.maintenance, taker_fee };
            return Some([Some(Bound { size: position.size, charge, value }), None]);
        }
        let cross = self.crosses.get(position.instrument)?;
        let constant = sub(self.value_at_zero(index)?, cross.others?)?;
        let bound = |side: CrossSide| {
            let value = Line { constant: sub(constant, side.orders_charge?)?, slope: cross.slope };
            let charge = Charge { form: side.form, taker_fee };
            Some(Bound { size: side.size, charge, value })
        };
        let tiers = instrument.tiers?;
        let [first, second] = cross.sides_by_need(tiers, taker_fee, instrument.mark?)?;
        let second = if second.is_empty() { None } else { Some(bound(second)?) };
        Some([Some(bound(first)?), second])
    }

    /// The equity at risk, carried on to a price of zero: `M − s·q·e` or `X − c`, without the collateral that is
    /// worth nothing there.
    fn value_at_zero(&self, index: usize) -> Option<Decimal> {
        let (position, instrument) = self.lookup(index)?;
        match position.margin_mode {
            MarginMode::Isolated => {
                let cost = mul(position.signed_size(), position.entry?)?;
                sub(self.rows.get(index)?.margin?, cost)
            }
            MarginMode::Cross => {
                let cross = self.crosses.get(position.instrument)?;
                let collateral = mul(instrument.collateral, instrument.mark?)?;
                sub(sub(sub(cross.equity?, cross.unrealized?)?, cross.cost?)?, collateral)
            }
        }
    }
}

fn notional_net(
    portfolio: &Portfolio<'_>,
    rows: &[PositionValue],
    counts: impl Fn(MarginMode) -> bool,
) -> Option<Decimal> {
    let counted =
        portfolio.positions.iter().zip(rows).filter(|(position, _)| counts(position.margin_mode));
    sum(counted.map(|(position, row)| {
        mul(position.signed(row.notional?), portfolio.rate(position.instrument)?)
    }))
}
