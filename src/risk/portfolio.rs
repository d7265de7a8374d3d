//! An account as the figures need it: its positions, in which contracts, under which rules.
//!
//! Borrowed and flat: contracts are named by their index in a slice, so that nothing is looked up by
//! name and nothing is copied when the figures are computed again for every report.

use rust_decimal::Decimal;

use super::exact::{add, div, mul, sub};
use super::{Maintenance, MarginDivisor, Rules, TierTable};
use crate::domain::{MarginMode, Side};

/// One contract at its present prices.
#[derive(Debug, Clone, Copy)]
pub struct Instrument<'a> {
    /// Maintenance margin table; `None` while unknown.
    pub tiers: Option<&'a TierTable>,
    /// The account's taker fee rate in this contract, a fraction.
    pub taker_fee: Option<Decimal>,
    /// Mark price: what margin and liquidation are computed from.
    pub mark: Option<Decimal>,
    /// Smallest change of a price.
    pub price_step: Option<Decimal>,
    /// Smallest change of a size.
    pub size_step: Option<Decimal>,
    /// Worth of one unit of its settle coin in the currency of the account; `None` while unknown. One for an
    /// account that is kept in that coin.
    pub rate: Option<Decimal>,
    /// How much of the contract's base coin backs the account, after its haircut: what the equity moves by when
    /// the price moves by one, beside the positions. Negative for a debt, zero for none.
    pub collateral: Decimal,
}

/// One open position.
#[derive(Debug, Clone, Copy)]
pub struct PortfolioPosition {
    /// Place of its contract in [`Portfolio::instruments`].
    pub instrument: usize,
    /// Long or short.
    pub side: Side,
    /// How it is backed.
    pub margin_mode: MarginMode,
    /// How its maintenance margin grows.
    pub maintenance: Maintenance,
    /// Size, above zero.
    pub size: Decimal,
    /// Average entry price.
    pub entry: Option<Decimal>,
    /// The leverage that is set.
    pub leverage: Option<Decimal>,
    /// The margin that the exchange sent; computed by the rules when it is `None`.
    pub margin: Option<Decimal>,
    /// What the position has already put into the balance: realized + funding − fees.
    pub already_realized: Option<Decimal>,
    /// What the exchange says of its liquidation.
    pub reported: ReportedLiquidation,
}

/// What the exchange says of the liquidation of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportedLiquidation {
    /// By how much its margin ratio exceeds that of the rules where nobody knows why, as a factor; one for
    /// nothing. Cross positions share that of the [`Portfolio`].
    pub ratio_factor: Decimal,
    /// The mark price that it names.
    pub price: Option<Decimal>,
}

impl Default for ReportedLiquidation {
    fn default() -> Self {
        Self { ratio_factor: Decimal::ONE, price: None }
    }
}

/// A resting order that would open or enlarge a cross position.
#[derive(Debug, Clone, Copy)]
pub struct OpeningOrder {
    /// Place of its contract in [`Portfolio::instruments`].
    pub instrument: usize,
    /// The side of the position that it would enlarge.
    pub side: Side,
    /// Limit price times the size that is not filled yet, quote currency.
    pub value: Decimal,
}

/// An account: every figure follows from this.
///
/// What belongs to a position is in the settle coin of its contract, what belongs to the account in the
/// account's currency; [`Instrument::rate`] is between them.
#[derive(Debug, Clone, Copy)]
pub struct Portfolio<'a> {
    /// The account's rules.
    pub rules: Rules,
    /// Equity with the unrealized PnL at the marks of `instruments` inside, in the account's currency.
    pub equity: Option<Decimal>,
    /// Maintenance margin of what is not among `positions` and is backed by the same equity, in the account's
    /// currency; zero where everything is modelled.
    pub other_maintenance: Decimal,
    /// By how much the exchange's margin ratio of the cross positions exceeds that of the rules where nobody
    /// knows why, as a factor; one for nothing. Scenarios count it, all else is by the rules.
    pub cross_factor: Decimal,
    /// Value of all coins in `equity` whose worth moves with the market, after haircuts, in the account's
    /// currency.
    pub collateral: Decimal,
    /// Free for new positions, in the settle coin.
    pub available: Option<Decimal>,
    /// The contracts.
    pub instruments: &'a [Instrument<'a>],
    /// The positions.
    pub positions: &'a [PortfolioPosition],
    /// The orders; charged only where the rules say so, and then nothing is known of the maintenance margin
    /// of cross positions while this is `None`: the lists have not come.
    pub orders: Option<&'a [OpeningOrder]>,
}

impl Portfolio<'_> {
    /// Returns the rate of a contract, by its place in the instruments.
    pub(super) fn rate(&self, instrument: usize) -> Option<Decimal> {
        self.instruments.get(instrument)?.rate
    }
}

impl PortfolioPosition {
    /// Returns `s·q`: the size with the sign of its side.
    pub fn signed_size(&self) -> Decimal {
        self.signed(self.size)
    }

    /// Returns `s·value`.
    pub fn signed(&self, value: Decimal) -> Decimal {
        if self.side == Side::Long { value } else { -value }
    }

    /// Returns the PnL of closing at `price` before fees.
    pub fn unrealized(&self, price: Decimal) -> Option<Decimal> {
        super::unrealized(self.side, self.size, self.entry?, price)
    }

    /// Returns the margin that a fresh position of this size and leverage needs at `mark`.
    pub fn initial_margin(
        &self,
        mark: Decimal,
        divisor: MarginDivisor,
        taker_fee: Option<Decimal>,
    ) -> Option<Decimal> {
        let leverage = self.leverage.filter(|leverage| *leverage > Decimal::ZERO)?;
        match divisor {
            MarginDivisor::Mark => div(mul(self.size, mark)?, leverage),
            MarginDivisor::Unified => {
                let value = mul(self.size, mark)?;
                add(div(value, leverage)?, mul(value, taker_fee?)?)
            }
        }
    }

    /// Returns the price at which closing as a taker brings the whole life of the position to zero.
    pub fn break_even(&self, taker_fee: Decimal) -> Option<Decimal> {
        super::break_even(self.side, self.size, self.entry?, self.already_realized?, taker_fee)
    }

    /// Returns what a close of the whole position at a trigger price brings, counted from `mark`:
    /// `s·q·(P − m) − f·q·P`.
    pub fn trigger_from_mark(
        &self,
        trigger: Decimal,
        mark: Decimal,
        taker_fee: Decimal,
    ) -> Option<Decimal> {
        let gross = mul(self.signed_size(), sub(trigger, mark)?)?;
        sub(gross, mul(taker_fee, mul(self.size, trigger)?)?)
    }

    /// Returns what the life of the position brings when it closes at a trigger price:
    /// `s·q·(P − e) − f·q·P + N`.
    pub fn trigger_net(&self, trigger: Decimal, taker_fee: Decimal) -> Option<Decimal> {
        add(self.trigger_from_mark(trigger, self.entry?, taker_fee)?, self.already_realized?)
    }
}
