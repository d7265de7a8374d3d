//! The account at the live mark price.

use rust_decimal::Decimal;

use super::AccountPart;
use super::age::Age;
use super::portfolio::Holdings;
use super::positions::tidy;
use crate::domain::{Account, AccountKind};
use crate::risk::{self, AccountFigures, Valuation};

/// What other parts need of the account.
#[derive(Debug, Clone, Copy)]
pub(super) struct AccountView {
    pub(super) figures: AccountFigures,
    /// Margin ratio of the cross positions, a fraction.
    pub(super) ratio: Option<Decimal>,
    /// Equity as it is shown.
    pub(super) equity: Option<Decimal>,
    pub(super) age: Age,
}

/// Returns the account part, and what others need of it.
pub(super) fn part(
    held: Option<&Account>,
    kind: AccountKind,
    holdings: &Holdings<'_>,
    valuation: &Valuation<'_>,
    (list_age, age): (Age, Age),
) -> (AccountPart, AccountView) {
    let derived = holdings.held.iter().fold(age.with(list_age), |age, held| age.with(held.age));
    let known = |value: Option<Decimal>| value.filter(|_| holdings.known);
    let figures = valuation.account();
    let unrealized = holdings.unrealized();
    let equity = held.and_then(|held| holdings.moved(held.equity, held.unrealized_pnl));
    // Of a unified account the exchange says itself what it needs: that stands in where ours is unknown.
    let theirs = |value: fn(&Account) -> Option<Decimal>| {
        held.filter(|_| kind == AccountKind::Unified).and_then(value)
    };
    let ratio = known(figures.margin_ratio)
        .or_else(|| {
            theirs(|own| risk::margin_ratio(own.maintenance_margin?, own.effective_equity?))
        })
        .map(tidy);
    let part = AccountPart {
        freshness: age.freshness,
        age_ms: age.ms,
        margin_coin: held.map(|account| account.margin_coin.to_string()),
        equity: equity.map(|equity| equity.normalize()),
        available: held.and_then(|account| account.available),
        locked: held.and_then(|account| account.locked),
        unrealized_pnl: unrealized.map(|pnl| pnl.normalize()),
        initial_margin: known(figures.margin)
            .map(|margin| margin.normalize())
            .or_else(|| theirs(|account| account.initial_margin)),
        maintenance_margin: known(figures.maintenance())
            .map(tidy)
            .or_else(|| theirs(|account| account.maintenance_margin)),
        margin_ratio: ratio,
        effective_leverage: known(figures.notional_gross)
            .zip(equity.filter(|equity| *equity > Decimal::ZERO))
            .and_then(|(notional, equity)| risk::div(notional, equity))
            .map(tidy),
        asset_mode: held.and_then(|account| account.asset_mode.as_ref()).map(ToString::to_string),
        derived: derived.freshness,
        derived_age_ms: derived.ms,
    };
    (part, AccountView { figures, ratio, equity, age: derived })
}
