//! [`Valuation`]: a portfolio at its present prices, from which every other figure is taken.

use rust_decimal::Decimal;

use super::cross::{Cross, CrossSide, crosses};
use super::exact::{add, mul, sub, sum};
use super::notional;
use super::portfolio::{Instrument, Portfolio, PortfolioPosition};
use super::tiers::{Charge, Line, TierStep};
use crate::domain::MarginMode;

/// A portfolio at its present prices: what all figures share, computed once.
#[derive(Debug)]
pub struct Valuation<'a> {
    pub(super) portfolio: Portfolio<'a>,
    pub(super) rows: Vec<Row>,
    /// The cross positions of each contract, in the order of the instruments.
    pub(super) crosses: Vec<Cross>,
    pub(super) cross_equity: Option<Decimal>,
    pub(super) cross_maintenance: Option<Decimal>,
    pub(super) unrealized: Option<Decimal>,
    /// `Σ s·q·m`: what a move of all prices by its whole would bring.
    pub(super) notional_net: Option<Decimal>,
    /// The same of the cross positions.
    pub(super) cross_notional_net: Option<Decimal>,
}

/// One position by itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Row {
    pub(super) notional: Option<Decimal>,
    pub(super) unrealized: Option<Decimal>,
    /// The margin that was sent, else the initial margin.
    pub(super) margin: Option<Decimal>,
    /// Maintenance margin of an isolated position.
    maintenance: Option<Decimal>,
}

/// One bound of solvency: `value(P)` must stay above the maintenance margin of `size·P`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    pub(super) size: Decimal,
    pub(super) charge: Charge,
    pub(super) value: Line,
}

/// The equity that must cover a maintenance margin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cover {
    pub(super) equity: Decimal,
    pub(super) maintenance: Decimal,
}

impl<'a> Valuation<'a> {
    /// Computes what the figures of all positions share.
    ///
    /// A figure is `None` when one of its inputs is unknown; the other figures do not suffer.
    pub fn new(portfolio: Portfolio<'a>) -> Self {
        let rows: Vec<Row> = portfolio.holdings.iter().map(|held| row(&portfolio, held)).collect();
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
            portfolio,
            rows,
            crosses,
        };
        for (position, held) in portfolio.holdings.iter().enumerate() {
            if held.margin_mode == MarginMode::Cross
                && valuation.crosses.get(held.instrument).is_some_and(|c| c.liquidation.is_none())
            {
                let found = valuation.find_liquidation(position);
                if let Some(cross) = valuation.crosses.get_mut(held.instrument) {
                    cross.liquidation = found;
                }
            }
        }
        valuation
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

    /// The tier that a position stands in; in cross mode the side with the larger value decides.
    pub(super) fn tier(&self, position: usize) -> Option<&'a TierStep> {
        let (held, instrument) = self.held(position)?;
        let size = match held.margin_mode {
            MarginMode::Isolated => held.size,
            MarginMode::Cross => self.crosses.get(held.instrument)?.larger_size(),
        };
        instrument.tiers?.at(notional(size, instrument.mark?)?)
    }

    /// The net size that shares one fate with a position: its own, or that of all cross legs.
    pub(super) fn net_size(&self, position: usize) -> Option<Decimal> {
        let held = self.portfolio.holdings.get(position)?;
        match held.margin_mode {
            MarginMode::Isolated => Some(held.signed_size()),
            MarginMode::Cross => Some(self.crosses.get(held.instrument)?.net),
        }
    }

    /// The bounds of solvency along the price of the contract, the tighter one first.
    pub(super) fn bounds(&self, position: usize) -> Option<[Option<Bound>; 2]> {
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
    pub(super) fn value_at_zero(&self, position: usize) -> Option<Decimal> {
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

fn row(portfolio: &Portfolio<'_>, held: &PortfolioPosition) -> Row {
    let Some(instrument) = portfolio.instruments.get(held.instrument) else {
        return Row { margin: held.margin, ..Row::default() };
    };
    let mark = instrument.mark;
    let notional = mark.and_then(|mark| notional(held.size, mark));
    let initial = |mark| held.initial_margin(mark, portfolio.rules.divisor, instrument.taker_fee);
    let maintenance =
        |notional| instrument.tiers?.maintenance(notional, held.maintenance, instrument.taker_fee?);
    Row {
        notional,
        unrealized: mark.and_then(|mark| held.unrealized(mark)),
        margin: held.margin.or_else(|| initial(mark?)),
        maintenance: match held.margin_mode {
            MarginMode::Isolated => notional.and_then(maintenance),
            MarginMode::Cross => None,
        },
    }
}

fn notional_net(
    portfolio: &Portfolio<'_>,
    rows: &[Row],
    counts: impl Fn(MarginMode) -> bool,
) -> Option<Decimal> {
    let held = portfolio.holdings.iter().zip(rows).filter(|(held, _)| counts(held.margin_mode));
    sum(held.map(|(held, row)| row.notional.map(|value| held.signed(value))))
}

impl Row {
    /// `M + PnL`: what an isolated position can lose.
    pub(super) fn isolated_equity(&self) -> Option<Decimal> {
        add(self.margin?, self.unrealized?)
    }
}
