//! The levels of the positions and of the account, from one reading to the next.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::account::AccountView;
use super::position_risk::liquidation_price;
use super::prices::{PricedPosition, PricedPositions};
use super::{PositionRisk, PositionRow};
use crate::domain::PositionKey;
use crate::risk::{
    self, Assessment, PositionFigures, RiskFigures, RiskGauge, RiskLevel, Thresholds,
};

/// The gauges, which remember the level that they showed last.
#[derive(Debug, Default)]
pub(super) struct Levels {
    account: RiskGauge,
    positions: BTreeMap<PositionKey, RiskGauge>,
}

/// A level and the reason for it.
pub(super) type Judgement = (Option<RiskLevel>, Option<String>);

impl Levels {
    /// Forgets the levels of positions that are gone.
    pub(super) fn retain(&mut self, priced: &PricedPositions<'_>) {
        let held = |key: &PositionKey| priced.rows.iter().any(|held| held.position.key == *key);
        self.positions.retain(|key, _| held(key));
    }

    /// Judges one position.
    pub(super) fn of_position(
        &mut self,
        thresholds: &Thresholds,
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
            distance: None,
            touch_24h: risk.touch_probability.h24,
            account_leverage: None,
            funding_cost: paid.and_then(|(received, margin)| risk::div(-received, margin)),
        };
        let assessment = gauge.assess(thresholds, &judged);
        let blind = liquidation_price(held, figures).is_some() && risk.liquidation_sigmas.is_none();
        judgement(assessment, blind)
    }

    /// Judges the account by its own figures and by the worst of its positions.
    pub(super) fn of_account(
        &mut self,
        thresholds: &Thresholds,
        rows: &[PositionRow],
        account: &AccountView,
    ) -> Judgement {
        let most =
            |figure: fn(&PositionRow) -> Option<Decimal>| rows.iter().filter_map(figure).max();
        let least =
            |figure: fn(&PositionRow) -> Option<Decimal>| rows.iter().filter_map(figure).min();
        let judged = RiskFigures {
            margin_ratio: account.ratio.max(most(|row| row.margin_ratio)),
            surplus: least(|row| row.risk.surplus),
            distance_sigmas: least(|row| row.risk.liquidation_sigmas),
            distance: None,
            touch_24h: most(|row| row.risk.touch_probability.h24),
            account_leverage: account.figures.leverage,
            funding_cost: account_cost(rows, account),
        };
        let assessment = self.account.assess(thresholds, &judged);
        let blind = rows.iter().any(|row| row.risk.level.is_none());
        let (level, reason) = judgement(assessment, blind);
        (level, reason.map(|reason| of_whom(reason, rows)))
    }
}

/// Returns the level and the reason. Where a distance is `blind`, because the volatility is not known yet,
/// nobody is told that all is well.
fn judgement(assessment: Option<Assessment>, blind: bool) -> Judgement {
    let said = assessment.filter(|found| !blind || found.level > RiskLevel::Ok);
    said.map_or((None, None), |found| (Some(found.level), found.reason))
}

/// Says whose figure it is that makes the level of the account, where it is that of one position.
fn of_whom(reason: String, rows: &[PositionRow]) -> String {
    match rows.iter().find(|row| row.risk.reason.as_ref() == Some(&reason)) {
        Some(row) => {
            format!("{} {}: {reason}", row.key.symbol, row.key.side.to_string().to_uppercase())
        }
        None => reason,
    }
}

/// Funding that the account pays in a day, as a fraction of its margin; negative when it receives.
fn account_cost(rows: &[PositionRow], account: &AccountView) -> Option<Decimal> {
    let per_day = risk::sum(rows.iter().map(|row| row.risk.funding_per_day))?;
    let margin = account.figures.margin.filter(|margin| *margin > Decimal::ZERO)?;
    risk::div(-per_day, margin)
}
