//! Positions with a mark price each: the live one, or the one of the list itself.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::age::Age;
use super::calibration::Calibration;
use super::inputs::Inputs;
use crate::domain::{AccountKind, MarginMode, Position, Product, Symbol, Ticker};
use crate::risk;
use crate::store::Rules;

/// One position with the contract that it is in.
#[derive(Debug, Clone, Copy)]
pub(super) struct PricedPosition<'a> {
    pub(super) position: &'a Position,
    pub(super) mark: Option<Decimal>,
    /// The entry price to compute with.
    pub(super) entry: Option<Decimal>,
    pub(super) rules: Option<&'a Rules>,
    /// Worth of one unit of its settle coin in the currency of the account.
    pub(super) rate: Option<Decimal>,
    /// Age of the list and of the mark price together.
    pub(super) age: Age,
}

impl PricedPosition<'_> {
    pub(super) fn is_cross(&self) -> bool {
        self.position.key.margin_mode.known() == Some(MarginMode::Cross)
    }

    pub(super) fn is_isolated(&self) -> bool {
        self.position.key.margin_mode.known() == Some(MarginMode::Isolated)
    }

    /// Returns the PnL at the mark price, in the settle coin.
    pub(super) fn unrealized(&self) -> Option<Decimal> {
        self.unrealized_at(self.mark?)
    }

    /// Returns the PnL at a price, in the settle coin.
    pub(super) fn unrealized_at(&self, price: Decimal) -> Option<Decimal> {
        let Position { key, size, .. } = self.position;
        risk::unrealized(key.side, *size, self.entry?, price)
    }

    /// Returns the PnL at a price, in the currency of the account.
    pub(super) fn worth_at(&self, price: Decimal) -> Option<Decimal> {
        risk::mul(self.unrealized_at(price)?, self.rate?)
    }

    /// Returns the value at the mark price, in the currency of the account.
    pub(super) fn notional(&self) -> Option<Decimal> {
        risk::mul(risk::mul(self.position.size, self.mark?)?, self.rate?)
    }

    /// Returns the rate of the next funding, a fraction per interval.
    pub(super) fn funding_rate(&self, ticker: &Ticker) -> Option<Decimal> {
        let info = self.rules.and_then(|rules| rules.funding.as_ref());
        ticker.funding_rate.or_else(|| info?.rate)
    }

    /// Returns the hours between two fundings.
    pub(super) fn funding_interval(&self) -> Option<u32> {
        let rules = self.rules?;
        let info = rules.funding.as_ref().and_then(|funding| funding.interval_hours);
        info.or_else(|| rules.contract.as_ref()?.funding_interval_hours)
    }
}

/// All positions, each at its price. Every sum is over `rows`.
#[derive(Debug, Clone)]
pub(super) struct PricedPositions<'a> {
    /// Those that are computed with: linear ones that the equity of the account backs. Of a unified account
    /// they pay in USDT or USDC.
    pub(super) rows: Vec<PricedPosition<'a>>,
    /// Those that are not: coin-margined ones, and of a classic account those in USDC, for which it keeps an
    /// account of its own. Their figures are the exchange's.
    pub(super) others: Vec<PricedPosition<'a>>,
    /// Whether the list was ever complete: else nothing can be said of their sum.
    known: bool,
}

impl<'a> PricedPositions<'a> {
    /// Returns the sum of the unrealized PnL in the currency of the account; `None` when one is not known.
    pub(super) fn unrealized(&self) -> Option<Decimal> {
        self.known.then(|| self.sum(|_| true))?
    }

    /// Returns the sum over the isolated positions.
    pub(super) fn isolated_unrealized(&self) -> Option<Decimal> {
        self.sum(PricedPosition::is_isolated)
    }

    /// Returns the sum over the cross positions. One whose margin mode is not known counts as cross:
    /// against the account.
    pub(super) fn cross_unrealized(&self) -> Option<Decimal> {
        self.sum(|held| !held.is_isolated())
    }

    fn sum(&self, counts: impl Fn(&PricedPosition<'a>) -> bool) -> Option<Decimal> {
        let counted = self.rows.iter().filter(|held| counts(held));
        risk::sum(counted.map(|held| held.worth_at(held.mark?)))
    }
}

/// Returns all positions at the live prices, those of the focus first.
pub(super) fn live<'a>(inputs: &Inputs<'a>, calibration: &Calibration) -> PricedPositions<'a> {
    let mut rows: Vec<&Position> = inputs.snapshot.positions.rows.iter().collect();
    rows.sort_by_key(|position| position.key.symbol != inputs.context.focus);
    // Positions of one contract share its price, whatever their rows say.
    let mut prices: BTreeMap<&Symbol, Option<(Decimal, Age)>> = BTreeMap::new();
    let priced = rows.into_iter().map(|position| {
        let symbol = &position.key.symbol;
        let found = *prices.entry(symbol).or_insert_with(|| live_price(inputs, position));
        PricedPosition {
            position,
            mark: found.map(|(mark, _)| mark),
            entry: calibration.entry(position),
            rules: inputs.snapshot.rules.get(symbol),
            rate: inputs.rate(symbol),
            age: {
                let list = inputs.list_age_of(symbol.product());
                found.map_or(list, |(_, age)| list.with(age))
            },
        }
    });
    split(inputs, priced)
}

/// Returns all positions at the prices of the list itself, as the exchange's own figures are.
pub(super) fn reported<'a>(inputs: &Inputs<'a>) -> PricedPositions<'a> {
    let mut prices: BTreeMap<&Symbol, Option<Decimal>> = BTreeMap::new();
    let priced = inputs.snapshot.positions.rows.iter().map(|position| {
        let symbol = &position.key.symbol;
        PricedPosition {
            position,
            mark: *prices.entry(symbol).or_insert(position.mark_price),
            entry: position.entry_price,
            rules: inputs.snapshot.rules.get(symbol),
            rate: inputs.rate(symbol),
            age: Age::MISSING,
        }
    });
    split(inputs, priced)
}

fn split<'a>(
    inputs: &Inputs<'a>,
    priced: impl Iterator<Item = PricedPosition<'a>>,
) -> PricedPositions<'a> {
    let unified = inputs.kind == Some(AccountKind::Unified);
    let (rows, others) = priced.partition(|held| match held.position.key.symbol.product() {
        Product::UsdtFutures => true,
        Product::UsdcFutures => unified,
        Product::CoinFutures => false,
    });
    PricedPositions { rows, others, known: inputs.positions_known() }
}

fn live_price(inputs: &Inputs<'_>, position: &Position) -> Option<(Decimal, Age)> {
    let ticker = inputs.snapshot.tickers.get(&position.key.symbol);
    let age = Age::new(ticker.map(|ticker| ticker.as_of), inputs.context.limits.price);
    let streamed = ticker.and_then(|ticker| ticker.value.mark).map(|mark| (mark, age));
    // While the price stream is silent the mark price of the list is the better one.
    let list_age = inputs.list_age_of(position.key.symbol.product());
    let listed = position.mark_price.map(|mark| (mark, list_age));
    let listed_is_better = streamed.is_none_or(|(_, age)| !age.is_live(inputs.now))
        && listed.is_some_and(|(_, age)| age.is_live(inputs.now));
    if listed_is_better { listed } else { streamed.or(listed) }
}
