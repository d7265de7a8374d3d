//! The levels of the positions and of the account, from one reading to the next.
//!
//! Every subject has a gauge of its own, so that level and reason are always of the same one: the account
//! for its own figures, each position for its. The account's level is the worst of its own and of those of
//! the positions that matter to it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::account::AccountView;
use super::inputs::Inputs;
use super::position_risk::liquidation_price;
use super::prices::{PricedPosition, PricedPositions};
use super::{PositionRisk, PositionRow};
use crate::domain::{AccountKind, MarginMode, PositionKey};
use crate::risk::{
    self, Assessment, PositionFigures, PositionLevel, RiskFigures, RiskGauge, RiskLevel,
    account_level,
};

/// The gauges, which remember the level that they showed last.
#[derive(Debug, Default)]
pub(super) struct Levels {
    account: RiskGauge,
    positions: BTreeMap<PositionKey, RiskGauge>,
}

/// The level of a subject.
#[derive(Debug, Clone, Default)]
pub(super) struct Judgement {
    pub(super) level: Option<RiskLevel>,
    /// Why, in words.
    pub(super) reason: Option<String>,
    /// What the subject could lose.
    pub(super) at_stake: Option<Decimal>,
}

impl Levels {
    /// Forgets the levels of positions that are gone.
    pub(super) fn retain(&mut self, priced: &PricedPositions<'_>) {
        let all = || priced.rows.iter().chain(&priced.others);
        let held = |key: &PositionKey| all().any(|held| held.position.key == *key);
        self.positions.retain(|key, _| held(key));
    }

    /// Judges one position by its own figures.
    pub(super) fn of_position(
        &mut self,
        inputs: &Inputs<'_>,
        held: &PricedPosition<'_>,
        figures: &PositionFigures,
        risk: &PositionRisk,
    ) -> Judgement {
        let gauge = self.positions.entry(held.position.key.clone()).or_default();
        let paid = risk.funding_per_day.zip(figures.margin.filter(|m| *m > Decimal::ZERO));
        let judged = RiskFigures {
            margin_ratio: figures.margin_ratio,
            surplus: risk.surplus,
            distance_sigmas: risk.liquidation_sigmas,
            distance: nearest_distance(held, risk),
            touch_24h: risk.touch_probability.h24,
            account_leverage: None,
            funding_cost: paid.and_then(|(received, margin)| risk::div(-received, margin)),
        };
        let assessment = gauge.assess(&inputs.context.risk.thresholds, &judged);
        // Where a distance is known and its volatility is not, nobody is told that all is well.
        let blind = liquidation_price(held, figures).is_some() && risk.liquidation_sigmas.is_none();
        let said = assessment.filter(|found| !blind || found.level > RiskLevel::Ok);
        Judgement {
            level: said.as_ref().map(|found| found.level),
            reason: said.and_then(|found| found.reason),
            at_stake: at_stake(held, figures),
        }
    }

    /// Judges the account: by its own figures, and by the worst of the positions that matter to it, which it
    /// marks.
    pub(super) fn of_account(
        &mut self,
        inputs: &Inputs<'_>,
        rows: &mut [PositionRow],
        account: &AccountView,
    ) -> Judgement {
        let own = RiskFigures {
            margin_ratio: account.ratio,
            surplus: account.figures.surplus.filter(|_| has_cross(rows)),
            account_leverage: account.figures.leverage,
            funding_cost: funding_cost(rows, account),
            ..RiskFigures::default()
        };
        let config = &inputs.context.risk;
        let own = self.account.assess(&config.thresholds, &own);
        for row in &mut *rows {
            let gauge = self.positions.entry(row.key.clone()).or_default();
            let at_stake = row.risk.at_stake;
            let is_material = gauge.is_material(config.material_share, at_stake, account.equity);
            row.risk.is_material = Some(is_material);
        }
        let positions = rows.iter().map(|row| {
            let assessment =
                row.risk.level.map(|level| Assessment { level, reason: row.risk.reason.clone() });
            let is_material = row.risk.is_material != Some(false);
            PositionLevel { subject: row, assessment, is_material }
        });
        let Some(found) = account_level(own, positions) else { return Judgement::default() };
        let of_whom = |row: &PositionRow| {
            format!("{} {}: ", row.key.symbol, row.key.side.to_string().to_uppercase())
        };
        let whose = found.subject.map(of_whom).unwrap_or_default();
        Judgement {
            level: Some(found.assessment.level),
            reason: found.assessment.reason.map(|reason| whose + &reason),
            at_stake: match found.subject {
                Some(row) => row.risk.at_stake,
                None => all_at_stake(inputs, rows, account),
            },
        }
    }
}

/// Returns what a liquidation of the position would take: the whole cross equity, or the margin of an
/// isolated one with what it has earned. A margin that is all but lost still counts whole: the account must
/// not look better because it lost it.
fn at_stake(held: &PricedPosition<'_>, figures: &PositionFigures) -> Option<Decimal> {
    let settled = match held.position.key.margin_mode.known()? {
        MarginMode::Cross => figures.equity_at_risk,
        MarginMode::Isolated => figures.margin.max(figures.equity_at_risk),
    };
    risk::mul(settled?, held.rate?)
}

/// Returns what all liquidations together would take: the cross equity where something rests on it, and what each
/// isolated position holds. Nothing where nothing is held; `None` while a part is unknown.
fn all_at_stake(
    inputs: &Inputs<'_>,
    rows: &[PositionRow],
    account: &AccountView,
) -> Option<Decimal> {
    // Those of other products, and what is owed, rest on a unified account as well.
    let unified = inputs.kind == Some(AccountKind::Unified);
    let of_account = || rows.iter().filter(|row| row.counted || unified);
    let is_needed = unified && account.figures.cross_maintenance > Some(Decimal::ZERO);
    let rests = is_needed || of_account().any(|row| !is_isolated(row));
    let cross = if rests { account.figures.cross_equity? } else { Decimal::ZERO };
    let isolated = of_account().filter(|row| is_isolated(row));
    let isolated = risk::sum(isolated.map(|row| row.risk.at_stake))?;
    risk::add(cross.max(Decimal::ZERO), isolated)
}

/// Returns the distance to the nearer of the exchange's and our liquidation price, a fraction of the mark
/// price: until the difference is explained, the less favourable one counts.
fn nearest_distance(held: &PricedPosition<'_>, risk: &PositionRisk) -> Option<Decimal> {
    let mark = held.mark?;
    let theirs = risk::plausible_liquidation_price(held.position.liquidation_price, held.mark);
    let prices = [theirs, risk.liquidation_price_ours];
    prices.into_iter().flatten().filter_map(|price| risk::liquidation_distance(mark, price)).min()
}

fn has_cross(rows: &[PositionRow]) -> bool {
    rows.iter().any(|row| row.counted && !is_isolated(row))
}

fn is_isolated(row: &PositionRow) -> bool {
    row.key.margin_mode.known() == Some(MarginMode::Isolated)
}

/// Funding that the account pays in a day, as a fraction of its margin; negative when it receives.
fn funding_cost(rows: &[PositionRow], account: &AccountView) -> Option<Decimal> {
    let counted = rows.iter().filter(|row| row.counted);
    let per_day = risk::sum(counted.map(|row| row.risk.funding_per_day))?;
    let margin = account.figures.margin.filter(|margin| *margin > Decimal::ZERO)?;
    risk::div(-per_day, margin)
}
