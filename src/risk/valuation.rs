//! [`Valuation`]: a portfolio at its present prices, from which every other figure is taken.

use rust_decimal::Decimal;

use super::exact::{add, mul, sub, sum};
use super::liquidation::Liquidation;
use super::portfolio::{Holding, Instrument, OpeningOrder, Portfolio};
use super::tiers::{Charge, Line, TierStep, TierTable};
use super::{Maintenance, notional};
use crate::domain::{MarginMode, Side};

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
}

/// One position by itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Row {
    pub(super) notional: Option<Decimal>,
    pub(super) unrealized: Option<Decimal>,
    pub(super) initial_margin: Option<Decimal>,
    /// The margin that was sent, else the initial margin.
    pub(super) margin: Option<Decimal>,
}

/// The cross positions of one contract: they share one liquidation price.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cross {
    /// Whether there is a position, not only orders.
    pub(super) held: bool,
    /// Whether a sum did not fit: then nothing is known of these positions.
    overflown: bool,
    /// `n = Σ s·q`.
    net: Decimal,
    /// `c = Σ s·q·e`; `None` when an entry price is unknown.
    cost: Option<Decimal>,
    pub(super) unrealized: Option<Decimal>,
    long: CrossSide,
    short: CrossSide,
    /// Maintenance margin at the present price: that of the side which needs more.
    pub(super) maintenance: Option<Decimal>,
    /// Where its positions end; all legs share it.
    pub(super) liquidation: Option<Liquidation>,
}

/// The longs or the shorts of one contract.
#[derive(Debug, Clone, Copy, Default)]
struct CrossSide {
    size: Decimal,
    form: Maintenance,
    /// Limit value of the opening orders.
    orders: Decimal,
    /// What those are charged, at the rate of the present tier.
    orders_charge: Option<Decimal>,
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
        let crosses = crosses(&portfolio, &rows);
        let isolated =
            sum(rows.iter().zip(portfolio.holdings).map(|(row, held)| match held.margin_mode {
                MarginMode::Isolated => row.isolated_equity(),
                MarginMode::Cross => Some(Decimal::ZERO),
            }));
        let mut valuation = Self {
            cross_equity: portfolio.equity.zip(isolated).and_then(|(all, held)| sub(all, held)),
            cross_maintenance: sum(crosses.iter().map(|cross| cross.maintenance)),
            unrealized: sum(rows.iter().map(|row| row.unrealized)),
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

    pub(super) fn held(&self, position: usize) -> Option<(&'a Holding, &'a Instrument<'a>)> {
        let held = self.portfolio.holdings.get(position)?;
        Some((held, self.portfolio.instruments.get(held.instrument)?))
    }

    /// The maintenance margin of the cross positions of all other contracts.
    pub(super) fn maintenance_of_others(&self, instrument: usize) -> Option<Decimal> {
        sub(self.cross_maintenance?, self.crosses.get(instrument)?.maintenance?)
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
                let change = mul(cross.net, sub(price, instrument.mark?)?)?;
                Some(Cover {
                    equity: add(self.cross_equity?, change)?,
                    maintenance: add(
                        self.maintenance_of_others(held.instrument)?,
                        cross.maintenance_at(instrument, price)?,
                    )?,
                })
            }
        }
    }

    /// The maintenance margin that belongs to the contract of a position, at the present price.
    pub(super) fn own_maintenance(&self, position: usize) -> Option<Decimal> {
        let (held, instrument) = self.held(position)?;
        match held.margin_mode {
            MarginMode::Cross => self.crosses.get(held.instrument)?.maintenance,
            MarginMode::Isolated => instrument.tiers?.maintenance(
                self.rows.get(position)?.notional?,
                held.maintenance,
                instrument.taker_fee?,
            ),
        }
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
        let others = self.maintenance_of_others(held.instrument)?;
        let constant = sub(self.value_at_zero(position)?, others)?;
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

fn row(portfolio: &Portfolio<'_>, held: &Holding) -> Row {
    let Some(instrument) = portfolio.instruments.get(held.instrument) else {
        return Row { margin: held.margin, ..Row::default() };
    };
    let mark = instrument.mark;
    let initial_margin = mark
        .and_then(|mark| held.initial_margin(mark, portfolio.rules.divisor, instrument.taker_fee));
    Row {
        notional: mark.and_then(|mark| notional(held.size, mark)),
        unrealized: mark.and_then(|mark| held.unrealized(mark)),
        initial_margin,
        margin: held.margin.or(initial_margin),
    }
}

fn crosses(portfolio: &Portfolio<'_>, rows: &[Row]) -> Vec<Cross> {
    let nothing =
        Cross { cost: Some(Decimal::ZERO), unrealized: Some(Decimal::ZERO), ..Cross::default() };
    let mut crosses = vec![nothing; portfolio.instruments.len()];
    for (held, row) in portfolio.holdings.iter().zip(rows) {
        if held.margin_mode == MarginMode::Cross
            && let Some(cross) = crosses.get_mut(held.instrument)
        {
            cross.overflown |= cross.take_in(held, *row).is_none();
        }
    }
    if portfolio.rules.charges_orders {
        for order in portfolio.orders {
            if let Some(cross) = crosses.get_mut(order.instrument) {
                cross.overflown |= cross.take_in_order(order).is_none();
            }
        }
    }
    for (cross, instrument) in crosses.iter_mut().zip(portfolio.instruments) {
        cross.charge(instrument);
    }
    crosses
}

impl Row {
    /// `M + PnL`: what an isolated position can lose.
    pub(super) fn isolated_equity(&self) -> Option<Decimal> {
        add(self.margin?, self.unrealized?)
    }
}

impl CrossSide {
    fn is_empty(&self) -> bool {
        self.size.is_zero() && self.orders.is_zero()
    }

    /// What opening orders are charged: their limit value at the rate of the present tier.
    fn price_orders(&self, instrument: &Instrument<'_>) -> Option<Decimal> {
        if self.orders.is_zero() {
            return Some(Decimal::ZERO);
        }
        let rate = instrument.tiers?.at(notional(self.size, instrument.mark?)?)?.rate;
        mul(self.orders, add(rate, instrument.taker_fee?)?)
    }

    fn maintenance(
        &self,
        tiers: &TierTable,
        taker_fee: Decimal,
        price: Decimal,
    ) -> Option<Decimal> {
        if self.is_empty() {
            return Some(Decimal::ZERO);
        }
        let own = tiers.maintenance(notional(self.size, price)?, self.form, taker_fee)?;
        add(own, self.orders_charge?)
    }
}

impl Cross {
    const fn side_mut(&mut self, side: Side) -> &mut CrossSide {
        match side {
            Side::Long => &mut self.long,
            Side::Short => &mut self.short,
        }
    }

    fn take_in(&mut self, held: &Holding, row: Row) -> Option<()> {
        self.held = true;
        let size = held.signed_size();
        self.net = add(self.net, size)?;
        let cost = held.entry.and_then(|entry| mul(size, entry));
        self.cost = self.cost.zip(cost).and_then(|(all, own)| add(all, own));
        self.unrealized = self.unrealized.zip(row.unrealized).and_then(|(all, own)| add(all, own));
        let side = self.side_mut(held.side);
        side.size = add(side.size, held.size)?;
        if held.maintenance == Maintenance::Flat {
            side.form = Maintenance::Flat;
        }
        Some(())
    }

    fn take_in_order(&mut self, order: &OpeningOrder) -> Option<()> {
        let side = self.side_mut(order.side);
        side.orders = add(side.orders, order.value)?;
        Some(())
    }

    fn charge(&mut self, instrument: &Instrument<'_>) {
        self.long.orders_charge = self.long.price_orders(instrument);
        self.short.orders_charge = self.short.price_orders(instrument);
        self.maintenance = match (self.overflown, self.is_empty()) {
            (true, _) => None,
            (false, true) => Some(Decimal::ZERO),
            (false, false) => {
                instrument.mark.and_then(|mark| self.maintenance_at(instrument, mark))
            }
        };
    }

    pub(super) fn is_empty(&self) -> bool {
        self.long.is_empty() && self.short.is_empty()
    }

    fn larger_size(&self) -> Decimal {
        self.long.size.max(self.short.size)
    }

    /// Returns the maintenance margin of one side at `price`.
    pub(super) fn side_maintenance(
        &self,
        side: Side,
        instrument: &Instrument<'_>,
        price: Decimal,
    ) -> Option<Decimal> {
        let side = if side == Side::Long { &self.long } else { &self.short };
        side.maintenance(instrument.tiers?, instrument.taker_fee?, price)
    }

    /// Returns size, form and the charge of the orders of one side.
    pub(super) fn side(&self, side: Side) -> Option<(Decimal, Maintenance, Decimal)> {
        let side = if side == Side::Long { &self.long } else { &self.short };
        Some((side.size, side.form, side.orders_charge?))
    }

    /// Returns the maintenance margin at `price`: of a long and a short of one contract only the
    /// side that needs more counts (Bitget support article 360058821652).
    pub(super) fn maintenance_at(
        &self,
        instrument: &Instrument<'_>,
        price: Decimal,
    ) -> Option<Decimal> {
        if self.is_empty() {
            return Some(Decimal::ZERO);
        }
        let (tiers, fee) = (instrument.tiers?, instrument.taker_fee?);
        let long = self.long.maintenance(tiers, fee, price)?;
        Some(long.max(self.short.maintenance(tiers, fee, price)?))
    }

    /// Returns both sides, the one that needs more at `price` first.
    fn by_need(
        &self,
        tiers: &TierTable,
        taker_fee: Decimal,
        price: Decimal,
    ) -> Option<[CrossSide; 2]> {
        let long = self.long.maintenance(tiers, taker_fee, price)?;
        let short = self.short.maintenance(tiers, taker_fee, price)?;
        Some(if long >= short { [self.long, self.short] } else { [self.short, self.long] })
    }
}
