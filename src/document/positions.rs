//! Position rows: each position with its live mark price and what follows from it.

use rust_decimal::Decimal;

use super::freshness::Age;
use super::{Context, PositionRisk, PositionRow, Time};
use crate::domain::{MarginMode, Position, Timestamp};
use crate::risk::{self, Maintenance, TierTable};
use crate::store::{Rules, Snapshot};

/// Digits that are kept of a quotient; far below anything that is shown.
const QUOTIENT_PLACES: u32 = 12;

/// Rounds a quotient and drops trailing zeros.
pub(super) fn tidy(value: Decimal) -> Decimal {
    value.round_dp(QUOTIENT_PLACES).normalize()
}

/// One position with the figures that later parts sum up.
#[derive(Debug)]
pub(super) struct Valued<'a> {
    pub(super) position: &'a Position,
    pub(super) mark: Option<Decimal>,
    pub(super) unrealized: Option<Decimal>,
    pub(super) notional: Option<Decimal>,
    pub(super) maintenance: Option<Decimal>,
    pub(super) next_funding: Option<Decimal>,
    /// Age of the list and of the mark price together.
    pub(super) age: Age,
    rules: Option<&'a Rules>,
}

impl Valued<'_> {
    pub(super) fn is_cross(&self) -> bool {
        self.position.key.margin_mode.known() == Some(MarginMode::Cross)
    }

    pub(super) fn is_isolated(&self) -> bool {
        self.position.key.margin_mode.known() == Some(MarginMode::Isolated)
    }

    fn taker_fee(&self) -> Option<Decimal> {
        taker_fee(self.rules)
    }
}

fn taker_fee(rules: Option<&Rules>) -> Option<Decimal> {
    let rules = rules?;
    let default = || rules.contract.as_ref().and_then(|contract| contract.default_fees);
    rules.fees.or_else(default).map(|fees| fees.taker)
}

/// Returns every position at its mark price, the focus first.
pub(super) fn value<'a>(
    snapshot: &'a Snapshot,
    context: &Context,
    list_age: Age,
    now: Timestamp,
) -> Vec<Valued<'a>> {
    let mut rows: Vec<_> = snapshot
        .positions
        .rows
        .iter()
        .map(|position| valued(snapshot, context, position, list_age, now))
        .collect();
    rows.sort_by_key(|row| row.position.key.symbol != context.focus);
    rows
}

fn valued<'a>(
    snapshot: &'a Snapshot,
    context: &Context,
    position: &'a Position,
    list_age: Age,
    now: Timestamp,
) -> Valued<'a> {
    let symbol = &position.key.symbol;
    let rules = snapshot.rules.get(symbol);
    let ticker = snapshot.tickers.get(symbol);
    let ticker_age = Age::new(ticker.map(|t| t.as_of), now, context.limits.price);
    let streamed = ticker.and_then(|t| t.value.mark).map(|mark| (mark, ticker_age));
    // While the price stream is silent the mark price of the position list is the better one.
    let listed = position.mark_price.map(|mark| (mark, list_age));
    let (mark, mark_age) = match (streamed, listed) {
        (Some(streamed), Some(listed)) if !streamed.1.is_live() && listed.1.is_live() => listed,
        (Some(found), _) | (None, Some(found)) => found,
        (None, None) => return unvalued(position, rules, list_age),
    };
    let side = position.key.side;
    let notional = risk::notional(position.size, mark);
    let tiers = rules
        .and_then(|rules| TierTable::new(&rules.tiers))
        .or_else(|| position.maintenance_margin_rate.map(TierTable::of_rate));
    let opened_at = position.details.as_ref().and_then(|details| details.opened_at);
    let maintenance = notional.zip(taker_fee(rules)).and_then(|(notional, taker_fee)| {
        tiers?.maintenance(notional, Maintenance::of_opening(opened_at), taker_fee)
    });
    let rate = funding_rate(snapshot, rules, position);
    Valued {
        position,
        mark: Some(mark),
        unrealized: position
            .entry_price
            .and_then(|entry| risk::unrealized(side, position.size, entry, mark)),
        notional,
        maintenance,
        next_funding: rate.and_then(|rate| risk::funding_payment(side, position.size, mark, rate)),
        age: list_age.with(mark_age),
        rules,
    }
}

const fn unvalued<'a>(
    position: &'a Position,
    rules: Option<&'a Rules>,
    list_age: Age,
) -> Valued<'a> {
    Valued {
        position,
        mark: None,
        unrealized: None,
        notional: None,
        maintenance: None,
        next_funding: None,
        age: list_age,
        rules,
    }
}

fn funding_rate(
    snapshot: &Snapshot,
    rules: Option<&Rules>,
    position: &Position,
) -> Option<Decimal> {
    let ticker = snapshot.tickers.get(&position.key.symbol);
    ticker.and_then(|ticker| ticker.value.funding_rate).or_else(|| rules?.funding.as_ref()?.rate)
}

/// What the rows of cross positions need to know of the account.
#[derive(Debug, Clone, Copy)]
pub(super) struct CrossView {
    pub(super) equity: Option<Decimal>,
    pub(super) ratio: Option<Decimal>,
    pub(super) age: Age,
}

/// Returns the row of one position.
pub(super) fn row(valued: &Valued<'_>, context: &Context, cross: CrossView) -> PositionRow {
    let position = valued.position;
    let (key, details) = (&position.key, position.details.as_ref());
    let (mark, unrealized) = (valued.mark, valued.unrealized);
    let liquidation = risk::plausible_liquidation_price(position.liquidation_price, mark);
    let at_risk = if valued.is_cross() {
        cross.equity
    } else {
        position.margin.zip(unrealized).and_then(|(margin, pnl)| risk::add(margin, pnl))
    };
    let ratio = if valued.is_cross() {
        cross.ratio
    } else if valued.is_isolated() {
        valued
            .maintenance
            .zip(position.margin)
            .zip(unrealized)
            .and_then(|((maintenance, margin), pnl)| {
                risk::margin_ratio(maintenance, risk::add(margin, pnl)?)
            })
            .map(tidy)
    } else {
        None
    };
    let age = if valued.is_cross() { valued.age.with(cross.age) } else { valued.age };
    let contract = valued.rules.and_then(|rules| rules.contract.as_ref());
    PositionRow {
        symbol: key.symbol.to_string(),
        side: side_word(key.side),
        margin_mode: key.margin_mode.to_string(),
        position_mode: position.position_mode.as_ref().map(ToString::to_string),
        size: position.size,
        available: position.available,
        entry_price: position.entry_price,
        mark_price: mark,
        break_even_price: position.break_even_price.or_else(|| own_break_even(valued)),
        liquidation_price: liquidation,
        liquidation_distance: mark
            .zip(liquidation)
            .and_then(|(mark, price)| risk::liquidation_distance(mark, price))
            .map(tidy),
        leverage: position.leverage,
        margin: position.margin,
        notional: valued.notional.map(|n| n.normalize()),
        unrealized_pnl: unrealized.map(|pnl| pnl.normalize()),
        exchange_unrealized_pnl: position.exchange_unrealized_pnl,
        roe: unrealized
            .zip(position.margin)
            .and_then(|(pnl, margin)| risk::roe(pnl, margin))
            .map(tidy),
        realized_pnl: position.realized_pnl,
        funding_pnl: position.funding_pnl,
        fees_paid: position.fees_paid,
        net_pnl: net(valued).map(|net| net.normalize()),
        maintenance_margin_rate: position.maintenance_margin_rate,
        margin_ratio: ratio,
        take_profit: details.and_then(|details| details.take_profit),
        stop_loss: details.and_then(|details| details.stop_loss),
        opened_at: details.and_then(|details| details.opened_at).map(Time),
        updated_at: position.updated_at.map(Time),
        risk: PositionRisk {
            effective_leverage: valued
                .notional
                .zip(at_risk.filter(|equity| *equity > Decimal::ZERO))
                .and_then(|(notional, equity)| risk::div(notional, equity))
                .map(tidy),
            next_funding_payment: valued.next_funding.map(|payment| payment.normalize()),
            ..PositionRisk::default()
        },
        freshness: age.freshness,
        age_ms: age.ms,
        is_focus: key.symbol == context.focus,
        price_places: contract.map(|contract| contract.price_places),
        size_places: contract.map(|contract| contract.size_places),
        base_coin: key.symbol.base().map(str::to_owned),
    }
}

pub(super) const fn side_word(side: crate::domain::Side) -> &'static str {
    match side {
        crate::domain::Side::Long => "long",
        crate::domain::Side::Short => "short",
    }
}

/// Returns realized PnL, funding and fees of the open position together.
fn already_realized(position: &Position) -> Option<Decimal> {
    risk::net(Decimal::ZERO, position.realized_pnl?, position.funding_pnl?, position.fees_paid?)
}

fn net(valued: &Valued<'_>) -> Option<Decimal> {
    let position = valued.position;
    risk::net(
        valued.unrealized?,
        position.realized_pnl?,
        position.funding_pnl?,
        position.fees_paid?,
    )
}

fn own_break_even(valued: &Valued<'_>) -> Option<Decimal> {
    let position = valued.position;
    risk::break_even(
        position.key.side,
        position.size,
        position.entry_price?,
        already_realized(position)?,
        valued.taker_fee()?,
    )
    .map(tidy)
}
