//! [`Cross`]: the cross positions of one contract, with the orders that would enlarge them.

use rust_decimal::Decimal;

use super::exact::{add, mul};
use super::pnl::notional;
use super::portfolio::{Instrument, OpeningOrder, Portfolio, PortfolioPosition};
use super::position_value::PositionValue;
use super::rules::Maintenance;
use super::tiers::TierTable;
use crate::domain::{MarginMode, Side};

/// The cross positions of one contract: they share one liquidation price.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cross {
    /// Whether there is a position, not only orders.
    pub(super) has_position: bool,
    /// Whether a sum did not fit, or orders that are charged are not known: then nothing is known of the
    /// maintenance margin of these positions.
    unknown: bool,
    /// `n = Σ s·q`; `None` when it does not fit.
    net: Option<Decimal>,
    /// By how much the equity moves when the price does by one: `n` and the collateral in the base coin.
    pub(super) slope: Decimal,
    /// `c = Σ s·q·e`; `None` when an entry price is unknown.
    pub(super) cost: Option<Decimal>,
    pub(super) unrealized: Option<Decimal>,
    long: CrossSide,
    short: CrossSide,
    /// Maintenance margin at the present price: that of the side which needs more.
    pub(super) maintenance: Option<Decimal>,
    /// Maintenance margin of the cross positions of all other contracts, and of what is not modelled, in the
    /// settle coin of this one.
    pub(super) others: Option<Decimal>,
    /// What backs all cross positions, in the settle coin of this one.
    pub(super) equity: Option<Decimal>,
    /// What is left of that where the exchange ends them, as it says of this contract.
    pub(super) left_at_reported: Option<Decimal>,
}

/// The longs or the shorts of one contract.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CrossSide {
    pub(super) size: Decimal,
    pub(super) form: Maintenance,
    /// Limit value of the opening orders.
    orders: Decimal,
    /// What those are charged, at the rate of the present tier.
    pub(super) orders_charge: Option<Decimal>,
}

/// Returns the cross positions by contract, in the order of the instruments.
pub(super) fn crosses(portfolio: &Portfolio<'_>, rows: &[PositionValue]) -> Vec<Cross> {
    let zero = Some(Decimal::ZERO);
    let nothing = Cross { net: zero, cost: zero, unrealized: zero, ..Cross::default() };
    let mut crosses = vec![nothing; portfolio.instruments.len()];
    for (position, row) in portfolio.positions.iter().zip(rows) {
        if position.margin_mode == MarginMode::Cross
            && let Some(cross) = crosses.get_mut(position.instrument)
        {
            cross.unknown |= cross.add_position(position, *row).is_none();
        }
    }
    if portfolio.rules.charges_orders {
        let known = portfolio.orders.is_some();
        for cross in &mut crosses {
            cross.unknown |= cross.has_position && !known;
        }
        for order in portfolio.orders.unwrap_or_default() {
            if let Some(cross) = crosses.get_mut(order.instrument) {
                cross.unknown |= cross.add_order(order).is_none();
            }
        }
    }
    for (cross, instrument) in crosses.iter_mut().zip(portfolio.instruments) {
        cross.find_maintenance(instrument);
    }
    crosses
}

impl CrossSide {
    pub(super) fn is_empty(&self) -> bool {
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
    /// Returns by how much the positions of `side` exceed those of the other one; `None` for the smaller leg of a
    /// hedge, and for legs that are equal.
    pub(super) fn excess(&self, side: Side) -> Option<Decimal> {
        let excess = if side == Side::Long { self.net? } else { -self.net? };
        (excess > Decimal::ZERO).then_some(excess)
    }

    const fn side_mut(&mut self, side: Side) -> &mut CrossSide {
        match side {
            Side::Long => &mut self.long,
            Side::Short => &mut self.short,
        }
    }

    fn add_position(&mut self, position: &PortfolioPosition, row: PositionValue) -> Option<()> {
        self.has_position = true;
        let size = position.signed_size();
        self.net = self.net.and_then(|net| add(net, size));
        let cost = position.entry.and_then(|entry| mul(size, entry));
        self.cost = self.cost.zip(cost).and_then(|(all, own)| add(all, own));
        self.unrealized = self.unrealized.zip(row.unrealized).and_then(|(all, own)| add(all, own));
        let side = self.side_mut(position.side);
        side.size = add(side.size, position.size)?;
        if position.maintenance == Maintenance::Flat {
            side.form = Maintenance::Flat;
        }
        Some(())
    }

    fn add_order(&mut self, order: &OpeningOrder) -> Option<()> {
        let side = self.side_mut(order.side);
        side.orders = add(side.orders, order.value)?;
        Some(())
    }

    fn find_maintenance(&mut self, instrument: &Instrument<'_>) {
        match self.net.and_then(|net| add(net, instrument.collateral)) {
            Some(slope) => self.slope = slope,
            None => self.unknown = true,
        }
        self.long.orders_charge = self.long.price_orders(instrument);
        self.short.orders_charge = self.short.price_orders(instrument);
        self.maintenance = match (self.unknown, self.is_empty()) {
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
        let of = |side: &CrossSide| side.maintenance(tiers, fee, price);
        if self.short.is_empty() {
            return of(&self.long);
        }
        if self.long.is_empty() {
            return of(&self.short);
        }
        Some(of(&self.long)?.max(of(&self.short)?))
    }

    /// Returns both sides, the one that needs more at `price` first.
    pub(super) fn sides_by_need(
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
