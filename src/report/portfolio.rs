//! [`Holdings`]: the priced positions as `risk` computes with them, under the rules that fit.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::calibration::Calibration;
use super::collateral::Collateral;
use super::equity::{self, PnlAtReport};
use super::inputs::Inputs;
use super::learned::Learned;
use super::prices::{PricedPosition, PricedPositions};
use crate::domain::{MarginMode, Order, OrderClass, OrderSide, Position, Product, Side, Symbol};
use crate::risk::{
    self, AccountFigures, Instrument, OpeningOrder, Portfolio, PortfolioPosition, PositionFigures,
    ReportedLiquidation, Valuation, WorseFigures,
};
use crate::store::Rules;

/// Everything that is held. The lists name each other by their places.
#[derive(Debug)]
pub(super) struct Holdings<'a> {
    pub(super) priced: PricedPositions<'a>,
    pub(super) positions: Vec<PortfolioPosition>,
    /// Whether the rules of the account are not modelled, so that the exchange's figures stand.
    foreign_rules: bool,
    /// By how much the exchange's margin ratio of the cross positions exceeds ours, as a factor; one for nothing.
    pub(super) cross_factor: Decimal,
    pub(super) instruments: Vec<Instrument<'a>>,
    /// What of the base coin of each instrument is held and does not count, at its mark price, in the currency of
    /// the account; `None` while it is unknown.
    pub(super) haircuts: Vec<Option<Decimal>>,
    /// What of all coins is held and does not count, in that currency.
    pub(super) haircut: Decimal,
    /// `None` while the lists have not come, or were not read whole.
    orders: Option<Vec<OpeningOrder>>,
    rules: risk::Rules,
    equity: Option<Decimal>,
    other_maintenance: Decimal,
    collateral: Decimal,
    available: Option<Decimal>,
}

impl<'a> Holdings<'a> {
    /// Puts the priced positions under the rules that fit.
    pub(super) fn new(
        inputs: &Inputs<'a>,
        priced: PricedPositions<'a>,
        learned: Learned<'_>,
        at_report: &PnlAtReport,
    ) -> Self {
        let calibration = learned.calibration;
        let kind = inputs.rules_of();
        let account = inputs.account();
        let equity = account.and_then(|account| equity::at_risk(account, kind, &priced, at_report));
        let whole = account.and_then(|account| account.equity);
        let whole = equity::at_mark(whole, at_report.modelled(&priced), &priced);
        let collateral = Collateral::new(account, kind, whole, equity);
        let mut places: BTreeMap<&Symbol, usize> = BTreeMap::new();
        let (mut instruments, mut haircuts) = (Vec::new(), Vec::new());
        let mut positions = Vec::with_capacity(priced.rows.len());
        let cross = priced.rows.iter().filter(|held| !held.is_isolated());
        let cross_factor = learned.cross_factor(cross.map(|held| &held.position.key));
        for held in &priced.rows {
            let place = *places.entry(&held.position.key.symbol).or_insert_with(|| {
                instruments.push(instrument(inputs, held, collateral));
                haircuts.push(haircut(held, collateral));
                instruments.len() - 1
            });
            positions.push(position(held, place, calibration));
        }
        let orders = inputs.snapshot.orders.rows.iter().filter_map(|order| {
            let place = *places.get(&order.symbol)?;
            match opening(order, place, &positions) {
                Some(Addition::Nothing) => None,
                Some(Addition::Order(added)) => Some(Some(added)),
                None => Some(None),
            }
        });
        let listed = &inputs.snapshot.orders;
        let known = listed.confirmed_at.is_some() && listed.unreadable == 0;
        let orders = if known { orders.collect() } else { None };
        Self {
            equity,
            other_maintenance: learned.account.other_maintenance(),
            collateral: collateral.value(),
            haircuts,
            haircut: collateral.haircut(),
            available: account.and_then(|account| account.available),
            rules: calibration.rules(kind),
            cross_factor,
            foreign_rules: inputs.foreign_rules().is_some(),
            priced,
            positions,
            instruments,
            orders,
        }
    }

    /// Returns the figures of a position, with the margin ratio that counts: ours, or the exchange's where that
    /// is worse and nobody knows why, moved with the price as ours is. Of an account whose rules are not modelled
    /// it is the exchange's, and all else that follows from rules is unknown.
    pub(super) fn figures(&self, valuation: &Valuation<'_>, place: usize) -> PositionFigures {
        let ours = valuation.position(place);
        if self.foreign_rules {
            let held = self.priced.rows.get(place);
            return PositionFigures {
                margin_ratio: held.and_then(|held| held.position.exchange_margin_ratio),
                maintenance: None,
                maintenance_total: None,
                surplus: None,
                leverage: None,
                liquidation: None,
                ..ours
            };
        }
        match ours.worse {
            Some(WorseFigures { margin_ratio, surplus }) => {
                PositionFigures { margin_ratio, surplus: Some(surplus), ..ours }
            }
            None => ours,
        }
    }

    /// Returns the figures of the account with the margin ratio that counts.
    pub(super) fn account(&self, valuation: &Valuation<'_>) -> AccountFigures {
        let ours = valuation.account();
        if self.foreign_rules {
            return AccountFigures {
                margin: None,
                cross_maintenance: None,
                isolated_maintenance: None,
                margin_ratio: None,
                surplus: None,
                ..ours
            };
        }
        match ours.worse {
            Some(WorseFigures { margin_ratio, surplus }) => {
                AccountFigures { margin_ratio, surplus: Some(surplus), ..ours }
            }
            None => ours,
        }
    }

    /// Returns what of the base coin of a position is held and does not count, in the currency of the account;
    /// `None` while it is unknown.
    pub(super) fn haircut_of(&self, place: usize) -> Option<Decimal> {
        *self.haircuts.get(self.positions.get(place)?.instrument)?
    }

    /// Returns what `risk` computes with.
    pub(super) fn portfolio(&self) -> Portfolio<'_> {
        Portfolio {
            rules: self.rules,
            equity: self.equity,
            other_maintenance: self.other_maintenance,
            cross_factor: self.cross_factor,
            collateral: self.collateral,
            available: self.available,
            instruments: &self.instruments,
            positions: &self.positions,
            orders: self.orders.as_deref(),
        }
    }
}

fn instrument<'a>(
    inputs: &Inputs<'a>,
    held: &PricedPosition<'a>,
    collateral: Collateral<'_>,
) -> Instrument<'a> {
    let symbol = &held.position.key.symbol;
    let contract = held.rules.and_then(|rules| rules.contract.as_ref());
    let fees = held.rules.and_then(|rules: &Rules| rules.fees).or_else(|| contract?.default_fees);
    Instrument {
        tiers: inputs.statistics.tiers(symbol),
        taker_fee: fees.map(|fees| fees.taker),
        mark: held.mark,
        price_step: contract.and_then(|contract| contract.price_step),
        size_step: contract.and_then(|contract| contract.size_step),
        rate: held.rate,
        // A coin has one price: the contract in USDT stands for it.
        collateral: base_coin(symbol).map_or(Decimal::ZERO, |coin| collateral.of(coin)),
    }
}

fn haircut(held: &PricedPosition<'_>, collateral: Collateral<'_>) -> Option<Decimal> {
    let coin = base_coin(&held.position.key.symbol);
    let amount = coin.map_or(Decimal::ZERO, |coin| collateral.haircut_of(coin));
    if amount.is_zero() {
        return Some(amount);
    }
    risk::mul(risk::mul(amount, held.mark?)?, held.rate?)
}

fn base_coin(symbol: &Symbol) -> Option<&str> {
    symbol.base().filter(|_| symbol.product() == Product::UsdtFutures)
}

fn position(
    priced: &PricedPosition<'_>,
    instrument: usize,
    calibration: &Calibration,
) -> PortfolioPosition {
    let held = priced.position;
    let reported = ReportedLiquidation {
        ratio_factor: calibration.ratio_factor(&held.key),
        price: risk::plausible_liquidation_price(held.liquidation_price, priced.mark),
    };
    PortfolioPosition {
        instrument,
        side: held.key.side,
        // Where the word is not known the position counts against the account, and its own row says
        // nothing of its liquidation.
        margin_mode: held.key.margin_mode.known().unwrap_or(MarginMode::Cross),
        maintenance: calibration.maintenance(held),
        size: held.size,
        entry: priced.entry,
        leverage: held.leverage,
        margin: held.margin,
        already_realized: already_realized(held),
        reported,
    }
}

fn already_realized(position: &Position) -> Option<Decimal> {
    let (realized, funding) = (position.realized_pnl?, position.funding_pnl?);
    risk::net(Decimal::ZERO, realized, funding, position.fees_paid?)
}

/// What an order would add to a cross position.
enum Addition {
    /// It closes, or is not in the book.
    Nothing,
    Order(OpeningOrder),
}

/// Returns what an order would add; `None` where a part of it is not known: it may add anything.
fn opening(order: &Order, place: usize, positions: &[PortfolioPosition]) -> Option<Addition> {
    let mut of_contract = positions.iter().filter(|held| held.instrument == place);
    if order.class != OrderClass::Plain
        || order.reduce_only == Some(true)
        || of_contract.clone().any(|held| held.margin_mode == MarginMode::Isolated)
    {
        return Some(Addition::Nothing);
    }
    let opens = if order.side? == OrderSide::Buy { Side::Long } else { Side::Short };
    match order.position_side {
        Some(side) if side != opens => return Some(Addition::Nothing),
        // In one-way mode an order against the position makes it smaller first.
        None if of_contract.any(|held| held.side != opens) => return Some(Addition::Nothing),
        Some(_) | None => {}
    }
    let rest = risk::sub(order.size?, order.filled.unwrap_or_default())?;
    let value = risk::mul(order.price?, rest.max(Decimal::ZERO))?;
    Some(Addition::Order(OpeningOrder { instrument: place, side: opens, value }))
}
