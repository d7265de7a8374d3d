//! The parts of the document that the engine computes: result, risk and history.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::Serialize;

use super::{Freshness, Time};

/// Profit and loss of the account in USDT; "today" is the UTC day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the contract's, and the field's")]
pub struct PnlPart {
    pub unrealized: Option<Decimal>,
    pub realized_today: Option<Decimal>,
    /// Positive means paid.
    pub fees_today: Option<Decimal>,
    /// Positive means received.
    pub funding_today: Option<Decimal>,
    pub net_today: Option<Decimal>,
    /// Change of the equity since the first reading, without money that came in or went out.
    pub session_change: Option<Decimal>,
    /// The largest fall of the session from its peak, as a fraction of that peak.
    pub max_drawdown: Option<Decimal>,
    /// The focus closed through the book now, with everything it has already realized.
    pub close_now_net: Option<Decimal>,
    /// Positive means received.
    pub next_funding_payment: Option<Decimal>,
    /// When the session began.
    pub session_started_at: Option<Time>,
    /// The largest fall of the session in money.
    pub max_drawdown_amount: Option<Decimal>,
    /// Equity of the session, one point a minute, oldest first, at most a day.
    pub equity_curve: Vec<EquityPoint>,
    /// Freshness of what moves with the price.
    #[serde(skip)]
    pub freshness: Freshness,
    /// Age of its oldest input.
    #[serde(skip)]
    pub age_ms: Option<i64>,
    /// Freshness of the session, which rests on the account.
    #[serde(skip)]
    pub session_freshness: Freshness,
    /// Age of its oldest input.
    #[serde(skip)]
    pub session_age_ms: Option<i64>,
    /// Freshness of the figures of today, which rest on the bills.
    #[serde(skip)]
    pub ledger_freshness: Freshness,
    /// Age of the bills.
    #[serde(skip)]
    pub ledger_age_ms: Option<i64>,
}

/// The equity at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EquityPoint {
    /// When.
    pub at: Time,
    /// Equity, in the account's margin coin.
    pub equity: Decimal,
}

/// Risk of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the contract's, and the field's")]
pub struct RiskPart {
    /// `ok`, `watch`, `danger` or `critical`.
    pub level: Option<&'static str>,
    pub worst_position: Option<WorstPosition>,
    pub liquidation_distance: Option<Decimal>,
    pub liquidation_sigmas: Option<Decimal>,
    pub touch_probability: TouchProbability,
    pub volatility_annual: Option<Decimal>,
    pub var_95_1d: Option<Decimal>,
    pub es_95_1d: Option<Decimal>,
    /// The focus moved, all others held still.
    pub scenarios: Vec<Scenario>,
    /// Why the level is what it is, in words.
    pub reason: Option<String>,
    /// Standard deviation of one day, as a fraction.
    pub sigma_1d: Option<Decimal>,
    /// Whether the volatility rests on fewer than 120 candles.
    pub volatility_provisional: bool,
    pub var_99_1d: Option<Decimal>,
    pub es_99_1d: Option<Decimal>,
    /// `normal`, or `history` where 250 daily returns are known.
    pub var_method: Option<&'static str>,
    /// Every contract moved by the same fraction.
    pub account_scenarios: Vec<Scenario>,
    /// Whether the equity in USDT alone explains the liquidation prices; `false` when other coins
    /// back the account, `null` when that is not known.
    pub usdt_explains_liquidation: Option<bool>,
    /// Loss that is left before the account's margin ratio reaches 1, in its margin coin: what the
    /// ratio divides by minus the maintenance margin.
    pub surplus: Option<Decimal>,
    /// Freshness of what moves with the price.
    #[serde(skip)]
    pub freshness: Freshness,
    /// Age of its oldest input.
    #[serde(skip)]
    pub age_ms: Option<i64>,
}

/// The position nearest to its liquidation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorstPosition {
    /// The contract, in the user's form.
    pub symbol: String,
    /// `long` or `short`.
    pub side: &'static str,
}

/// Probability of touching the liquidation price within a horizon.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct TouchProbability {
    /// Within an hour.
    #[serde(rename = "1h")]
    pub h1: Option<Decimal>,
    /// Within eight hours.
    #[serde(rename = "8h")]
    pub h8: Option<Decimal>,
    /// Within a day.
    #[serde(rename = "24h")]
    pub h24: Option<Decimal>,
}

/// What a move of the price would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the contract's, and the field's")]
pub struct Scenario {
    #[serde(rename = "move")]
    pub shift: Decimal,
    /// `null` where every contract moves.
    pub price: Option<Decimal>,
    pub unrealized_pnl: Option<Decimal>,
    pub equity: Option<Decimal>,
    pub margin_ratio: Option<Decimal>,
    pub liquidated: bool,
}

/// What may become of one position. Money in USDT, prices in USDT, ratios as fractions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[expect(missing_docs, reason = "the names are the field's")]
pub struct PositionRisk {
    /// `ok`, `watch`, `danger` or `critical`.
    pub level: Option<&'static str>,
    /// Why, in words.
    pub reason: Option<String>,
    /// Ours, with the tier at the liquidation price; beside the exchange's in the row.
    pub liquidation_price_ours: Option<Decimal>,
    /// Where nothing is left after the closing fee.
    pub bankruptcy_price: Option<Decimal>,
    /// Loss that is left before liquidation: equity at risk minus maintenance margin.
    pub surplus: Option<Decimal>,
    /// Notional over the equity at risk: what the leverage really is now.
    pub effective_leverage: Option<Decimal>,
    /// Distance to the liquidation price in standard deviations of one day.
    pub liquidation_sigmas: Option<Decimal>,
    /// The same in average true ranges of one hour.
    pub liquidation_atrs: Option<Decimal>,
    pub touch_probability: TouchProbability,
    /// This contract moved, all others held still.
    pub scenarios: Vec<Scenario>,
    pub what_if: WhatIf,
    /// `null` without a live book of this contract.
    pub close_now: Option<CloseNow>,
    /// The take-profit of the row, were it reached; `null` without one.
    pub at_take_profit: Option<AtTrigger>,
    /// The stop-loss of the row.
    pub at_stop_loss: Option<AtTrigger>,
    /// Next payment at the present rate; positive means received.
    pub next_funding_payment: Option<Decimal>,
    /// Payments of a day at the present rate; positive means received.
    pub funding_per_day: Option<Decimal>,
    /// The present rate as a yearly rate on the position's margin; positive means received.
    pub funding_yearly_on_margin: Option<Decimal>,
    /// Place in the queue of automatic deleveraging, 0 to 1; near 1 is first in line.
    pub adl_rank: Option<Decimal>,
}

/// What it takes to bring the liquidation price to a target distance.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[expect(missing_docs, reason = "the names are the field's")]
pub struct WhatIf {
    /// The wanted distance from the mark price, a fraction.
    pub target_distance: Option<Decimal>,
    pub target_price: Option<Decimal>,
    /// Margin to add; negative when that much could be taken out.
    pub margin_to_add: Option<Decimal>,
    /// Size that could still be added, base coin; zero when it must be cut.
    pub size_allowed: Option<Decimal>,
    /// Size to cut, base coin; zero when the target holds already, `null` when cutting cannot reach it.
    pub size_to_cut: Option<Decimal>,
}

/// What a close of the whole position at a trigger price would bring, closing fee inside. One that is
/// filled at another price brings more or less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AtTrigger {
    /// Counted from the mark price.
    pub from_mark: Option<Decimal>,
    /// Of the position's whole life.
    pub net: Option<Decimal>,
}

/// What closing through the book would bring now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the field's")]
pub struct CloseNow {
    /// Whether the book holds less than the position: then there is no net figure.
    pub too_thin: bool,
    /// Size that the book would take.
    pub filled: Decimal,
    pub vwap: Option<Decimal>,
    /// Against the middle of the book, in basis points; positive is a cost.
    pub slippage_bps: Option<Decimal>,
    /// Positive means paid.
    pub fee: Option<Decimal>,
    /// Net of this close.
    pub pnl: Option<Decimal>,
    /// Net of the life of the position.
    pub net: Option<Decimal>,
}

/// What has been: closed positions and results by day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the field's")]
pub struct HistoryPart {
    pub freshness: Freshness,
    pub age_ms: Option<i64>,
    /// Whether the bills and closed positions of the last 30 days are all there.
    pub complete: bool,
    /// UTC days, newest first, at most 30. Shared from frame to frame, like the next one.
    pub by_day: Arc<[DayRow]>,
    /// Closed positions, newest first.
    pub closed: Arc<[ClosedRow]>,
    pub journal: Journal,
}

/// The result of one UTC day in USDT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the field's")]
pub struct DayRow {
    /// `2026-09-25`.
    pub date: String,
    pub realized: Decimal,
    /// Positive means paid.
    pub fees: Decimal,
    /// Positive means received.
    pub funding: Decimal,
    pub net: Decimal,
}

/// One closed position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the field's")]
pub struct ClosedRow {
    pub symbol: String,
    pub side: &'static str,
    pub margin_mode: Option<String>,
    pub size: Option<Decimal>,
    pub entry_price: Option<Decimal>,
    pub exit_price: Option<Decimal>,
    pub realized_pnl: Option<Decimal>,
    pub funding_pnl: Option<Decimal>,
    pub fees_paid: Option<Decimal>,
    pub net_pnl: Option<Decimal>,
    pub opened_at: Option<Time>,
    pub closed_at: Option<Time>,
    /// Decimals of a price of this contract, for the screen.
    #[serde(skip)]
    pub price_places: Option<u32>,
}

/// What the closed positions come to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[expect(missing_docs, reason = "the names are the field's")]
pub struct Journal {
    pub trades: usize,
    pub wins: usize,
    pub losses: usize,
    /// Closed positions whose result is not known; in none of the other figures.
    pub unknown: usize,
    /// Wins over all, a fraction.
    pub win_rate: Option<Decimal>,
    /// Gross win over gross loss.
    pub profit_factor: Option<Decimal>,
    /// Mean net result.
    pub expectancy: Option<Decimal>,
    pub average_win: Option<Decimal>,
    pub average_loss: Option<Decimal>,
    pub payoff_ratio: Option<Decimal>,
    pub largest_win: Option<Decimal>,
    pub largest_loss: Option<Decimal>,
    pub net: Option<Decimal>,
}
