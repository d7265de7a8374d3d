//! The account at the live mark price.

use rust_decimal::Decimal;

use super::AccountPart;
use super::account_margin::AccountMargin;
use super::age::Age;
use super::equity::{self, PnlAtReport};
use super::inputs::Inputs;
use super::portfolio::Holdings;
use super::rounding::tidy;
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
    inputs: &Inputs<'_>,
    holdings: &Holdings<'_>,
    valuation: &Valuation<'_>,
    at_report: &PnlAtReport,
    margin: &AccountMargin,
) -> (AccountPart, AccountView) {
    let reported = inputs.account();
    let rows = &holdings.priced.rows;
    let age = inputs.account_age;
    let derived = rows.iter().fold(age.with(inputs.list_age), |age, held| age.with(held.age));
    // What rests on the rules of the account, and on all of its positions.
    let known = |value: Option<Decimal>| {
        value.filter(|_| inputs.positions_known() && inputs.kind.is_some())
    };
    let foreign = inputs.foreign_rules().is_some();
    let figures = holdings.account(valuation);
    let unrealized = holdings.priced.unrealized();
    let equity = reported.and_then(|account| {
        equity::at_mark(account.equity, at_report.modelled(&holdings.priced), &holdings.priced)
    });
    // Of a unified account the exchange says itself what it needs: that stands in where ours is unknown.
    let theirs = |value: fn(&Account) -> Option<Decimal>| {
        reported.filter(|_| inputs.kind == Some(AccountKind::Unified)).and_then(value)
    };
    let ratio = known(figures.margin_ratio)
        .or_else(|| theirs(|own| own.margin_ratio).filter(|_| foreign))
        .or_else(|| {
            // Its maintenance margin over the equity of now: that has moved with the mark price since.
            let needed = theirs(|own| own.maintenance_margin)?;
            let held = figures.cross_equity.or_else(|| theirs(|own| own.effective_equity))?;
            let ratio = risk::margin_ratio(needed, held)?;
            if foreign { Some(ratio) } else { risk::mul(ratio, holdings.cross_factor) }
        })
        .map(tidy);
    let part = AccountPart {
        age,
        derived,
        margin_coin: reported.map(|account| account.margin_coin.clone()),
        equity: equity.map(tidy),
        available: reported.and_then(|account| account.available),
        locked: reported.and_then(|account| account.locked),
        unrealized_pnl: unrealized.map(tidy),
        initial_margin: known(figures.margin)
            .and_then(|own| risk::add(own, margin.other_initial()))
            .map(tidy)
            .or_else(|| theirs(|account| account.initial_margin)),
        maintenance_margin: known(figures.maintenance())
            .map(tidy)
            .or_else(|| theirs(|account| account.maintenance_margin)),
        margin_ratio: ratio,
        // The one that the level judges.
        effective_leverage: known(figures.leverage).map(tidy),
        asset_mode: reported.and_then(|account| account.asset_mode.clone()),
        coins: reported.map(|account| account.coins.clone()).unwrap_or_default(),
        bonus: reported.and_then(|account| account.bonus).map(tidy),
        coupon: reported.and_then(|account| account.coupon),
        usdt_usd: reported.and_then(|account| account.usdt_usd).map(|rate| rate.round_dp(6)),
        account_level: reported.and_then(|account| account.account_level.clone()),
    };
    (part, AccountView { figures, ratio, equity, age: derived })
}
