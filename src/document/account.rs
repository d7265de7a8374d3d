//! The account at the live mark price.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::AccountPart;
use super::freshness::Age;
use super::positions::{CrossView, Valued, tidy};
use crate::domain::Symbol;
use crate::risk;
use crate::store::Snapshot;

/// Returns the account part, and what cross positions need of it.
pub(super) fn part(
    snapshot: &Snapshot,
    rows: &[Valued<'_>],
    list_age: Age,
    age: Age,
) -> (AccountPart, CrossView) {
    let held = snapshot.account.as_ref().map(|account| &account.value);
    let derived = rows.iter().fold(age.with(list_age), |age, row| age.with(row.age));
    let rows_known = snapshot.positions.confirmed_at.is_some();
    let sum = |figure: fn(&Valued<'_>) -> Option<Decimal>| {
        if rows_known { risk::sum(rows.iter().map(figure)) } else { None }
    };

    let unrealized = sum(|row| row.unrealized);
    let equity = held.and_then(|account| {
        let Some(inside) = account.unrealized_pnl else { return account.equity };
        risk::add(risk::sub(account.equity?, inside)?, unrealized?)
    });
    let notional = sum(|row| row.notional);
    let cross_maintenance = rows_known.then(|| cross_maintenance(rows)).flatten();
    let isolated_maintenance =
        sum(|row| if row.is_isolated() { row.maintenance } else { Some(Decimal::ZERO) });
    let cross_equity = equity.zip(sum(|row| {
        if row.is_isolated() {
            risk::add(row.position.margin?, row.unrealized?)
        } else {
            Some(Decimal::ZERO)
        }
    }));
    let ratio = cross_maintenance
        .zip(cross_equity.and_then(|(equity, isolated)| risk::sub(equity, isolated)))
        .and_then(|(maintenance, equity)| risk::margin_ratio(maintenance, equity))
        .map(tidy);

    let part = AccountPart {
        freshness: age.freshness,
        age_ms: age.ms,
        margin_coin: held.map(|account| account.margin_coin.to_string()),
        equity: equity.map(|equity| equity.normalize()),
        available: held.and_then(|account| account.available),
        locked: held.and_then(|account| account.locked),
        unrealized_pnl: unrealized.map(|pnl| pnl.normalize()),
        initial_margin: sum(|row| row.position.margin),
        maintenance_margin: cross_maintenance
            .zip(isolated_maintenance)
            .and_then(|(cross, isolated)| risk::add(cross, isolated))
            .map(tidy),
        margin_ratio: ratio,
        effective_leverage: notional
            .zip(equity.filter(|equity| *equity > Decimal::ZERO))
            .and_then(|(notional, equity)| risk::div(notional, equity))
            .map(tidy),
        asset_mode: held.and_then(|account| account.asset_mode.as_ref()).map(ToString::to_string),
        derived: derived.freshness,
        derived_age_ms: derived.ms,
    };
    (part, CrossView { equity, ratio, age: derived })
}

/// Returns the maintenance margin of all cross positions.
///
/// Of a long and a short of one contract only the side with the larger value counts (Bitget support
/// article 360058821652).
fn cross_maintenance(rows: &[Valued<'_>]) -> Option<Decimal> {
    let mut by_symbol: BTreeMap<&Symbol, (Decimal, Decimal)> = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.is_isolated()) {
        let (notional, maintenance) = (row.notional?, row.maintenance?);
        let larger = by_symbol.entry(&row.position.key.symbol).or_insert((notional, maintenance));
        if notional > larger.0 {
            *larger = (notional, maintenance);
        }
    }
    risk::sum(by_symbol.into_values().map(|(_, maintenance)| Some(maintenance)))
}
