//! The risk of the account: its level, its worst position, what a bad day costs, what moves would do.

use rust_decimal::Decimal;

use super::account::AccountView;
use super::equity;
use super::levels::Judgement;
use super::position_risk::scenario;
use super::reading::Reading;
use super::rounding::tidy;
use super::value_at_risk::Losses;
use super::{PositionRow, RiskPart, Scenario};
use crate::domain::{AccountKind, AssetMode};
use crate::risk::{self, TailLoss};

/// Collateral in other coins than USDT matters from this share of the equity on.
const OTHER_COINS: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// Returns the risk of the account.
pub(super) fn part(
    reading: &Reading<'_>,
    rows: &[PositionRow],
    account: &AccountView,
    judgement: Judgement,
    losses: Option<Losses>,
) -> RiskPart {
    let inputs = reading.inputs;
    let worst = rows
        .iter()
        .filter_map(|row| row.liquidation_distance.map(|distance| (distance, row)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, row)| row);
    let focus = inputs.statistics.of(&inputs.context.focus);
    let sigma = focus.and_then(|statistics| statistics.sigma(inputs.exchange_now));
    // Nothing can be lost beyond what is there.
    let loss = |of: fn(&Losses) -> TailLoss, figure: fn(&TailLoss) -> Decimal| {
        let capped = of(losses.as_ref()?).capped(account.figures.equity?);
        risk::significant(figure(&capped))
    };
    let first = rows.first().filter(|row| row.is_focus);
    RiskPart {
        // The ratio and the leverage of the account are in the level, its equity in what can be lost.
        age: account.age,
        level: judgement.level,
        reason: judgement.reason,
        worst_position: worst.map(|row| row.key.clone()),
        liquidation_distance: worst.and_then(|row| row.liquidation_distance),
        liquidation_sigmas: worst.and_then(|row| row.risk.liquidation_sigmas),
        touch_probability: worst.map(|row| row.risk.touch_probability).unwrap_or_default(),
        volatility_annual: sigma.and_then(|sigma| risk::statistic(sigma.annual())),
        sigma_1d: sigma.and_then(|sigma| risk::statistic(sigma.one_day())),
        volatility_provisional: sigma.is_some_and(|sigma| sigma.is_provisional()),
        var_95_1d: loss(|all| all.p95, |loss| loss.value_at_risk),
        es_95_1d: loss(|all| all.p95, |loss| loss.expected_shortfall),
        var_99_1d: loss(|all| all.p99, |loss| loss.value_at_risk),
        es_99_1d: loss(|all| all.p99, |loss| loss.expected_shortfall),
        var_method: losses.map(|losses| losses.method),
        scenarios: first.map(|row| of_focus(reading, row)).unwrap_or_default(),
        account_scenarios: of_account(reading),
        usdt_explains_liquidation: usdt_explains(reading, account.figures.equity),
        surplus: account.figures.surplus.filter(|_| inputs.kind.is_some()).map(tidy),
        at_stake: judgement.at_stake.map(tidy),
    }
}

/// Returns the scenarios of the first position with the PnL of the account; none where its margin mode
/// is not known.
fn of_focus(reading: &Reading<'_>, first: &PositionRow) -> Vec<Scenario> {
    let all = |scenario: &Scenario| Scenario {
        unrealized_pnl: reading.valuation.unrealized_after(0, scenario.shift).map(tidy),
        ..*scenario
    };
    first.risk.scenarios.iter().map(all).collect()
}

fn of_account(reading: &Reading<'_>) -> Vec<Scenario> {
    let inputs = reading.inputs;
    let by_rules = inputs.kind.is_some() && inputs.foreign_rules().is_none();
    if reading.holdings.positions.is_empty() || !by_rules {
        return Vec::new();
    }
    let rows = reading.moves.iter().filter_map(|moves| moves.account);
    let haircut = Some(reading.holdings.haircut);
    rows.map(|found| scenario(reading, haircut, &found)).collect()
}

/// Whether the equity in USDT alone explains the liquidation prices.
fn usdt_explains(reading: &Reading<'_>, at_risk: Option<Decimal>) -> Option<bool> {
    let account = reading.inputs.account()?;
    if reading.inputs.kind? == AccountKind::Unified {
        let counted = at_risk?;
        let priced = &reading.holdings.priced;
        let held = risk::mul(account.usdt_equity?, account.rate_of("USDT")?)?;
        let usdt = equity::at_mark(Some(held), account.unrealized_pnl, priced)?;
        let other = risk::sub(counted, usdt)?.abs();
        return Some(other <= risk::mul(counted.abs(), OTHER_COINS)?);
    }
    let mode = account.asset_mode.as_ref()?.known()?;
    Some(mode == AssetMode::Single)
}
