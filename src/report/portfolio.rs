//! What is held, as the risk engine sees it: positions, contracts and orders at the live prices.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::Context;
use super::age::Age;
use super::reconciliation::Agreement;
use super::statistics::Contracts;
use crate::domain::{
    Account, AccountKind, MarginMode, Order, OrderClass, OrderSide, Position, Side, Symbol, Ticker,
    Timestamp,
};
use crate::risk::{self, Instrument, OpeningOrder, Portfolio, PortfolioPosition};
use crate::store::{Rules, Snapshot};

/// A mark price and its age.
type Price = (Decimal, Age);

/// One position with the contract that it is in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held<'a> {
    pub(super) position: &'a Position,
    pub(super) mark: Option<Decimal>,
    pub(super) rules: Option<&'a Rules>,
    /// Age of the list and of the mark price together.
    pub(super) age: Age,
}

/// Everything that is held, the focus first. The three lists name each other by their places.
#[derive(Debug)]
pub(super) struct Holdings<'a> {
    pub(super) held: Vec<Held<'a>>,
    pub(super) positions: Vec<PortfolioPosition>,
    pub(super) instruments: Vec<Instrument<'a>>,
    orders: Vec<OpeningOrder>,
    /// Whether the list of positions was ever complete: else nothing can be said of the account.
    pub(super) known: bool,
    /// Unrealized PnL of the isolated positions when the account was reported.
    isolated_then: Option<Decimal>,
}

/// The unrealized PnL of isolated positions at the time of the newest report of the account.
///
/// The report of a unified account does not say which part of its PnL is theirs, so it is taken at the
/// first reading after the report: a frame later, and not the seconds until the next one.
#[derive(Debug, Default)]
pub(super) struct IsolatedThen {
    report: Option<Timestamp>,
    unrealized: Option<Decimal>,
}

impl IsolatedThen {
    /// Takes note of a report that is new, and tells the holdings.
    pub(super) fn follow(&mut self, holdings: &mut Holdings<'_>, report: Option<Timestamp>) {
        if self.report != report || self.unrealized.is_none() {
            self.report = report;
            self.unrealized = holdings.unrealized_of(MarginMode::Isolated);
        }
        holdings.isolated_then = self.unrealized;
    }

    /// Tells holdings at other prices.
    pub(super) const fn tell(&self, holdings: &mut Holdings<'_>) {
        holdings.isolated_then = self.unrealized;
    }
}

impl Held<'_> {
    pub(super) fn is_cross(&self) -> bool {
        self.position.key.margin_mode.known() == Some(MarginMode::Cross)
    }

    pub(super) fn is_isolated(&self) -> bool {
        self.position.key.margin_mode.known() == Some(MarginMode::Isolated)
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

impl<'a> Holdings<'a> {
    /// Collects what is held at the live prices.
    pub(super) fn live(
        snapshot: &'a Snapshot,
        (context, contracts, agreement): (&Context, &'a Contracts, &Agreement),
        list_age: Age,
        now: Timestamp,
    ) -> Self {
        let price = |position: &Position| {
            let ticker = snapshot.tickers.get(&position.key.symbol);
            let age = Age::new(ticker.map(|t| t.as_of), now, context.limits.price);
            let streamed = ticker.and_then(|t| t.value.mark).map(|mark| (mark, age));
            // While the price stream is silent the mark price of the list is the better one.
            let listed = position.mark_price.map(|mark| (mark, list_age));
            match (streamed, listed) {
                (Some(streamed), Some(listed)) if !streamed.1.is_live() && listed.1.is_live() => {
                    Some(listed)
                }
                (streamed, listed) => streamed.or(listed),
            }
        };
        let mut rows: Vec<&Position> = snapshot.positions.rows.iter().collect();
        rows.sort_by_key(|position| position.key.symbol != context.focus);
        Self::collect(snapshot, (contracts, agreement), rows, list_age, price)
    }

    /// Collects the same at the prices of the list itself, as the exchange's own figures are.
    pub(super) fn reported(
        snapshot: &'a Snapshot,
        contracts: &'a Contracts,
        agreement: &Agreement,
    ) -> Self {
        let rows = snapshot.positions.rows.iter().collect();
        let price = |position: &Position| Some((position.mark_price?, Age::MISSING));
        Self::collect(snapshot, (contracts, agreement), rows, Age::MISSING, price)
    }

    fn collect(
        snapshot: &'a Snapshot,
        (contracts, agreement): (&'a Contracts, &Agreement),
        rows: Vec<&'a Position>,
        list_age: Age,
        price: impl Fn(&Position) -> Option<Price>,
    ) -> Self {
        let mut all = Self {
            held: Vec::with_capacity(rows.len()),
            positions: Vec::with_capacity(rows.len()),
            instruments: Vec::new(),
            orders: Vec::new(),
            known: snapshot.positions.confirmed_at.is_some(),
            isolated_then: None,
        };
        let mut places: BTreeMap<&Symbol, (usize, Option<Price>)> = BTreeMap::new();
        for position in rows {
            let symbol = &position.key.symbol;
            let rules = snapshot.rules.get(symbol);
            let (place, found) = *places.entry(symbol).or_insert_with(|| {
                let found = price(position);
                let mark = found.map(|(mark, _)| mark);
                all.instruments.push(instrument(contracts.tiers(symbol), rules, mark));
                (all.instruments.len() - 1, found)
            });
            all.positions.push(holding(position, place, agreement));
            all.held.push(Held {
                position,
                mark: found.map(|(mark, _)| mark),
                rules,
                age: found.map_or(list_age, |(_, age)| list_age.with(age)),
            });
        }
        all.orders = snapshot
            .orders
            .rows
            .iter()
            .filter_map(|order| {
                let (place, _) = places.get(&order.symbol)?;
                all.opening(order, *place)
            })
            .collect();
        all
    }

    /// Returns what an order would add to a cross position; `None` for one that closes, that is not in
    /// the book, or whose size is not known.
    fn opening(&self, order: &Order, place: usize) -> Option<OpeningOrder> {
        let mut of_contract = self.positions.iter().filter(|held| held.instrument == place);
        if order.class != OrderClass::Plain
            || order.reduce_only == Some(true)
            || of_contract.clone().any(|held| held.margin_mode == MarginMode::Isolated)
        {
            return None;
        }
        let opens = if order.side? == OrderSide::Buy { Side::Long } else { Side::Short };
        match order.position_side {
            Some(side) if side != opens => return None,
            // In one-way mode an order against the position makes it smaller first.
            None if of_contract.any(|held| held.side != opens) => return None,
            Some(_) | None => {}
        }
        let rest = risk::sub(order.size?, order.filled.unwrap_or_default())?;
        Some(OpeningOrder {
            instrument: place,
            side: opens,
            value: risk::mul(order.price?, rest.max(Decimal::ZERO))?,
        })
    }

    /// Returns the portfolio under the rules of the account.
    pub(super) fn portfolio(
        &self,
        kind: AccountKind,
        snapshot: &Snapshot,
        agreement: &Agreement,
    ) -> Portfolio<'_> {
        let account = snapshot.account.as_ref().map(|account| &account.value);
        Portfolio {
            rules: agreement.rules(kind),
            equity: account.and_then(|account| self.equity_at_risk(account, kind)),
            available: account.and_then(|account| account.available),
            instruments: &self.instruments,
            positions: &self.positions,
            orders: &self.orders,
        }
    }

    /// Takes over how maintenance margins grow, after a comparison.
    pub(super) fn follow(&mut self, agreement: &Agreement) {
        for (holding, held) in self.positions.iter_mut().zip(&self.held) {
            holding.maintenance = agreement.maintenance(held.position);
        }
    }

    /// Returns the sum of the unrealized PnL at the prices of this; `None` when one is not known.
    pub(super) fn unrealized(&self) -> Option<Decimal> {
        if !self.known {
            return None;
        }
        risk::sum(
            self.positions
                .iter()
                .map(|held| held.unrealized(self.instruments.get(held.instrument)?.mark?)),
        )
    }

    /// Returns the equity at these prices: what was reported, with the unrealized PnL of then replaced.
    pub(super) fn moved(
        &self,
        equity: Option<Decimal>,
        inside: Option<Decimal>,
    ) -> Option<Decimal> {
        let Some(inside) = inside else { return equity };
        risk::add(risk::sub(equity?, inside)?, self.unrealized()?)
    }

    fn unrealized_of(&self, mode: MarginMode) -> Option<Decimal> {
        let of_mode = self.positions.iter().filter(|held| held.margin_mode == mode);
        risk::sum(of_mode.map(|held| held.unrealized(self.instruments.get(held.instrument)?.mark?)))
    }

    /// The equity that liquidation is measured against, with what isolated positions hold inside. Of a
    /// unified account the exchange counts the collateral of the cross positions, after haircuts: what
    /// isolated ones hold is added, and the engine takes it off again.
    fn equity_at_risk(&self, account: &Account, kind: AccountKind) -> Option<Decimal> {
        let effective = account.effective_equity.filter(|_| kind == AccountKind::Unified);
        let Some((effective, inside)) = effective.zip(account.unrealized_pnl) else {
            return self.moved(effective.or(account.equity), account.unrealized_pnl);
        };
        let cross_then = risk::sub(inside, self.isolated_then?)?;
        let moved = risk::sub(self.unrealized_of(MarginMode::Cross)?, cross_then)?;
        let isolated =
            self.positions.iter().filter(|held| held.margin_mode == MarginMode::Isolated);
        let margin = risk::sum(isolated.map(|held| held.margin))?;
        let backed = risk::add(margin, self.unrealized_of(MarginMode::Isolated)?)?;
        risk::add(risk::add(effective, moved)?, backed)
    }
}

fn instrument<'a>(
    tiers: Option<&'a risk::TierTable>,
    rules: Option<&Rules>,
    mark: Option<Decimal>,
) -> Instrument<'a> {
    let contract = rules.and_then(|rules| rules.contract.as_ref());
    let fees = rules.and_then(|rules| rules.fees).or_else(|| contract?.default_fees);
    Instrument {
        tiers,
        taker_fee: fees.map(|fees| fees.taker),
        mark,
        price_step: contract.and_then(|contract| contract.price_step),
        size_step: contract.and_then(|contract| contract.size_step),
    }
}

fn already_realized(position: &Position) -> Option<Decimal> {
    let (realized, funding) = (position.realized_pnl?, position.funding_pnl?);
    risk::net(Decimal::ZERO, realized, funding, position.fees_paid?)
}

fn holding(position: &Position, instrument: usize, agreement: &Agreement) -> PortfolioPosition {
    PortfolioPosition {
        instrument,
        side: position.key.side,
        // Where the word is not known the position counts against the account, and its own row says
        // nothing of its liquidation.
        margin_mode: position.key.margin_mode.known().unwrap_or(MarginMode::Cross),
        maintenance: agreement.maintenance(position),
        size: position.size,
        entry: position.entry_price,
        leverage: position.leverage,
        margin: position.margin,
        already_realized: already_realized(position),
    }
}

/// The kind whose rules hold; classic while it is not known.
pub(super) fn kind_of(snapshot: &Snapshot) -> AccountKind {
    snapshot.account_kind.unwrap_or(AccountKind::Classic)
}
