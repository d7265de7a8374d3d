//! Arithmetic over domain values: PnL, margin, liquidation, funding, what-ifs, the ledger by day, and the
//! statistics of risk: volatility, touch probability, value at risk, drawdown, journal, level.
//!
//! Pure and exact: decimals with checked operations, no clock and no state. Every function returns
//! `None` when an input is unknown or a result does not fit, never a made-up number. Formulas and
//! signs follow Bitget's published rules; `s` is +1 for a long and −1 for a short, `q` the size, `e`
//! the entry price, `m` the mark price, `f` the account's taker fee rate, `N` what
//! a position has already realized, `r_k` and `C_k` rate and offset of the tier.
//!
//! A [`Portfolio`] is the input, [`Valuation`] what all figures share; those of positions and
//! of the account, scenarios and what-ifs come from that. Money is decimal everywhere.
//! Logarithms and probabilities are binary numbers, in the files that say so here and nowhere else;
//! [`statistic`](fn@statistic) brings them back.
#![deny(clippy::float_arithmetic)]

mod account_level;
mod atr;
mod bars;
mod close;
mod cover;
mod cross;
mod curve;
mod exact;
mod figures;
mod funding;
mod journal;
mod ledger;
mod level;
mod liquidation;
mod pnl;
mod portfolio;
mod position_value;
mod reported;
mod rule_inference;
mod rules;
mod scenario;
mod statistic;
mod tiers;
#[expect(clippy::float_arithmetic, reason = "normal distribution")]
mod touch;
mod valuation;
#[expect(clippy::float_arithmetic, reason = "quantiles of the normal distribution")]
mod value_at_risk;
#[expect(clippy::float_arithmetic, reason = "logarithms of prices")]
mod volatility;
mod what_if;

#[cfg(test)]
mod tests;

pub use account_level::{AccountLevel, PositionLevel, account_level};
pub use atr::AverageTrueRange;
pub use close::{CloseNow, close_now, spread};
pub use cover::margin_ratio;
pub use curve::{Curve, CurveFigures};
pub use exact::{add, div, mul, sub, sum};
pub use figures::{AccountFigures, PositionFigures};
pub use funding::{Funding, funding, funding_countdown};
pub use journal::{Journal, journal};
pub use ledger::{DayTotals, daily_totals, day_totals};
pub use level::{Assessment, RiskFigures, RiskGauge, RiskLevel, Steps, Thresholds};
pub use liquidation::{Liquidation, liquidation_distance, plausible_liquidation_price};
pub use pnl::{adl_lights, break_even, net, notional, pessimistic_price, unrealized};
pub use portfolio::{Instrument, OpeningOrder, Portfolio, PortfolioPosition, ReportedLiquidation};
pub use reported::WorseFigures;
pub use rule_inference::{Difference, Figure, Reported, RuleInference, infer_rules};
pub use rules::{LiquidationForm, LiquidationTier, Maintenance, MarginDivisor, Rules};
pub use scenario::{Lost, Moves, Scenario};
pub use statistic::{significant, statistic};
pub use tiers::{TierStep, TierTable};
pub use touch::Barrier;
pub use valuation::Valuation;
pub use value_at_risk::{
    Confidence, ENOUGH_DAILY_RETURNS, TailLoss, daily_results, daily_returns, historical_loss,
    normal_loss,
};
pub use volatility::{Horizon, Sigma, Volatility};
pub use what_if::{Aim, SizeToAdd, SizeToCut, target_price};
