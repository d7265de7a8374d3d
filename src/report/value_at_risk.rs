//! What a bad day costs the account.

use std::time::Duration;

use rust_decimal::Decimal;

use super::VarMethod;
use super::reading::Reading;
use super::statistics::ContractStatistics;
use crate::domain::Timestamp;
use crate::risk::{self, Confidence, ENOUGH_DAILY_RETURNS, TailLoss};

/// It is found anew this often.
const RENEWED_EVERY: Duration = Duration::from_secs(5);

/// What a bad day costs. A day is long: it is found anew when what is held changes, and every few
/// seconds.
#[derive(Debug, Default)]
pub(super) struct ValueAtRisk {
    at: Option<Timestamp>,
    sizes: Vec<Decimal>,
    losses: Option<Losses>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Losses {
    pub(super) p95: TailLoss,
    pub(super) p99: TailLoss,
    pub(super) method: VarMethod,
}

impl ValueAtRisk {
    /// Returns the loss now; `None` while the volatility of a contract is not known.
    pub(super) fn follow(&mut self, reading: &Reading<'_>) -> Option<Losses> {
        let positions = &reading.holdings.positions;
        let sizes = positions.iter().map(risk::PortfolioPosition::signed_size);
        let young = |at: Timestamp| {
            reading.inputs.exchange_now.since(at) < RENEWED_EVERY
                && reading.inputs.exchange_now >= at
        };
        let known = self.losses.is_some() && self.at.is_some_and(young);
        if !known || !sizes.clone().eq(self.sizes.iter().copied()) {
            self.at = Some(reading.inputs.exchange_now);
            self.sizes = sizes.collect();
            self.losses = losses(reading);
        }
        self.losses
    }
}

/// By history where every contract has enough of it, else by the normal distribution, each contract by
/// itself: adding those up is the loss without any help of one contract to another.
fn losses(reading: &Reading<'_>) -> Option<Losses> {
    let holdings = reading.holdings;
    if !reading.inputs.positions_known() || holdings.positions.is_empty() {
        return None;
    }
    let mut exposures: Vec<(Decimal, &ContractStatistics)> = Vec::new();
    for place in 0..holdings.instruments.len() {
        let of_contract = holdings.positions.iter().zip(&holdings.priced.rows);
        let mut of_contract = of_contract.filter(|(holding, _)| holding.instrument == place);
        let symbol = &of_contract.clone().next()?.1.position.key.symbol;
        let net = of_contract.try_fold(Decimal::ZERO, |net, (holding, held)| {
            let value = risk::mul(risk::notional(holding.size, held.mark?)?, held.rate?)?;
            risk::add(net, holding.signed(value))
        })?;
        let held = holdings.instruments.get(place)?;
        let collateral = risk::mul(held.collateral, risk::mul(held.mark?, held.rate?)?)?;
        // What is lost is lost of all that is held, whatever counts of it.
        let haircut = *holdings.haircuts.get(place)?;
        let net = risk::add(net, risk::add(collateral, haircut?)?)?;
        exposures.push((net, reading.inputs.statistics.of(symbol)?));
    }
    let history: Vec<(Decimal, &[(Timestamp, Decimal)])> =
        exposures.iter().map(|(net, of)| (*net, of.returns.as_slice())).collect();
    let days = risk::daily_results(&history);
    let by_history = days.len() >= ENOUGH_DAILY_RETURNS;
    let loss = |confidence: Confidence| -> Option<TailLoss> {
        if by_history {
            return risk::historical_loss(&days, confidence);
        }
        let nothing = TailLoss { value_at_risk: Decimal::ZERO, expected_shortfall: Decimal::ZERO };
        exposures.iter().try_fold(nothing, |total, (net, of)| {
            let one = risk::normal_loss(
                *net,
                of.sigma(reading.inputs.exchange_now)?.one_day(),
                confidence,
            )?;
            Some(TailLoss {
                value_at_risk: risk::add(total.value_at_risk, one.value_at_risk)?,
                expected_shortfall: risk::add(total.expected_shortfall, one.expected_shortfall)?,
            })
        })
    };
    Some(Losses {
        p95: loss(Confidence::P95)?,
        p99: loss(Confidence::P99)?,
        method: if by_history { VarMethod::History } else { VarMethod::Normal },
    })
}
