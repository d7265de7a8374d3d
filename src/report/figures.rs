//! The parts of the report that are computed: result, risk and history.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::Serialize;

use super::Age;
use crate::domain::{ClosedPosition, PositionKey, Text, Timestamp};
use crate::risk::{DayTotals, Journal, Lost, RiskLevel};

/// Profit and loss of the account in USDT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PnlPart {
    /// Of what moves with the price.
    pub age: Age,
    /// Unrealized PnL of all positions at the mark price.
    pub unrealized: Option<Decimal>,
    /// The focus closed through the book now, with everything it has already realized.
    pub close_now_net: Option<Decimal>,
    /// Positive means received.
    pub next_funding_payment: Option<Decimal>,
    /// The UTC day.
    pub today: TodayPart,
    /// Since the program was started.
    pub session: SessionPart,
}

/// The results of the UTC day, from its ledger entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TodayPart {
    /// Of the ledger.
    pub age: Age,
    /// The sums; `None` while entries are missing. Fees in other coins are inside at their worth, and
    /// where that is not known neither are fees and net.
    pub totals: Option<DayTotals>,
    /// Fees in other coins than that of the sums, by coin.
    pub other_fees: Vec<OtherFee>,
}

/// What was paid in fees in another coin than the results are in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherFee {
    /// The coin it was taken in.
    pub coin: Text,
    /// The amount in that coin, positive when paid; `None` where some of it is not known.
    pub paid: Option<Decimal>,
    /// Its worth now in the coin of the results, at the mark price of the coin's own contract, or at the
    /// rate of the newest report of the account; `None` without either.
    pub value: Option<Decimal>,
}

/// How the equity has moved since the first reading, in the account's margin coin, without money that
/// came in or went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPart {
    /// Of the account, which it rests on; stale while the list of positions is older than a change of
    /// the account.
    pub age: Age,
    /// When the first reading was made, by the exchange's clock.
    pub started_at: Option<Timestamp>,
    /// Change of the equity; like the falls `None` while a movement is not explained.
    pub change: Option<Decimal>,
    /// The largest fall from a peak, as a fraction of that peak.
    pub max_drawdown: Option<Decimal>,
    /// The largest fall in money.
    pub max_drawdown_amount: Option<Decimal>,
    /// The start, and the lowest, the highest and the newest of every minute; oldest first, at most a day.
    pub curve: Vec<EquityPoint>,
    /// What of the account's last movement no fill, funding or ledger entry accounts for, positive for
    /// money that came; `None` when all is explained.
    pub unexplained: Option<Decimal>,
}

/// The equity at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EquityPoint {
    /// When, by the exchange's clock.
    pub at: Timestamp,
    /// Equity, in the account's margin coin.
    pub equity: Decimal,
}

/// Risk of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskPart {
    /// Of what moves with the price.
    pub age: Age,
    /// How serious it is; `None` while that cannot be judged.
    pub level: Option<RiskLevel>,
    /// Why the level is what it is, in words.
    pub reason: Option<String>,
    /// The position nearest to its liquidation.
    pub worst_position: Option<PositionKey>,
    /// Its distance to the liquidation price, a fraction of the mark price.
    pub liquidation_distance: Option<Decimal>,
    /// The same in standard deviations of a day.
    pub liquidation_sigmas: Option<Decimal>,
    /// Its chances of being liquidated.
    pub touch_probability: TouchProbability,
    /// Volatility of the focus, a fraction per year.
    pub volatility_annual: Option<Decimal>,
    /// Standard deviation of one day of the focus, a fraction.
    pub sigma_1d: Option<Decimal>,
    /// Whether the volatility rests on fewer than 120 candles.
    pub volatility_provisional: bool,
    /// Loss of a day that is exceeded on 5 % of days.
    pub var_95_1d: Option<Decimal>,
    /// Mean loss of those days.
    pub es_95_1d: Option<Decimal>,
    /// Loss of a day that is exceeded on 1 % of days.
    pub var_99_1d: Option<Decimal>,
    /// Mean loss of those days.
    pub es_99_1d: Option<Decimal>,
    /// What the four figures before rest on.
    pub var_method: Option<VarMethod>,
    /// The focus moved, all others held still.
    pub scenarios: Vec<Scenario>,
    /// Every contract moved by the same fraction.
    pub account_scenarios: Vec<Scenario>,
    /// Whether the equity in USDT alone explains the liquidation prices; `Some(false)` when other coins
    /// back the account.
    pub usdt_explains_liquidation: Option<bool>,
    /// Loss that is left before the account's margin ratio reaches 1, in its margin coin: what the
    /// ratio divides by minus the maintenance margin.
    pub surplus: Option<Decimal>,
    /// What could be lost by the subject that makes the level.
    pub at_stake: Option<Decimal>,
}

/// What a value at risk rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VarMethod {
    /// 250 or more common daily returns.
    History,
    /// The volatility, under the normal distribution.
    Normal,
}

/// Probability of touching the liquidation price within a horizon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the contract's, and the field's")]
pub struct Scenario {
    #[serde(rename = "move")]
    pub shift: Decimal,
    /// `None` where every contract moves.
    pub price: Option<Decimal>,
    pub unrealized_pnl: Option<Decimal>,
    pub equity: Option<Decimal>,
    pub margin_ratio: Option<Decimal>,
    pub liquidated: bool,
    /// Where every contract moves: what of the account is liquidated; positions by their place in the rows of
    /// the report. Nothing in the scenario of one position.
    #[serde(skip)]
    pub lost: Lost,
}

/// What may become of one position. Money in USDT, prices in USDT, ratios as fractions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PositionRisk {
    /// How serious it is; `None` while that cannot be judged.
    pub level: Option<RiskLevel>,
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
    /// Its chances of being liquidated.
    pub touch_probability: TouchProbability,
    /// This contract moved, all others held still.
    pub scenarios: Vec<Scenario>,
    /// What it takes to bring the liquidation price to a target distance.
    pub what_if: WhatIf,
    /// `None` without a live book of this contract.
    pub close_now: Option<CloseNow>,
    /// The take-profit of the row, were it reached; `None` without one.
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
    /// What a liquidation would take: the whole cross equity, or the margin of an isolated position with
    /// what it has earned.
    pub at_stake: Option<Decimal>,
    /// Whether that is so much that the position counts for the level of the account; `None` while the
    /// account is not judged.
    pub is_material: Option<bool>,
}

/// What it takes to bring the liquidation price to a target distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[expect(missing_docs, reason = "the names are the field's")]
pub struct WhatIf {
    /// The wanted distance from the mark price, a fraction.
    pub target_distance: Option<Decimal>,
    pub target_price: Option<Decimal>,
    /// Margin to add; negative when that much could be taken out.
    pub margin_to_add: Option<Decimal>,
    /// Size that could still be added, base coin; zero when it must be cut.
    pub size_allowed: Option<Decimal>,
    /// Size to cut, base coin; zero when the target holds already, `None` when cutting cannot reach it.
    pub size_to_cut: Option<Decimal>,
    /// The exchange ends the position sooner than its rules do and nobody knows why: what would move that cannot be
    /// said.
    #[serde(skip)]
    pub is_disputed: bool,
}

/// What a close of the whole position at a trigger price would bring, closing fee inside. One that is
/// filled at another price brings more or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct AtTrigger {
    /// Counted from the mark price.
    pub from_mark: Option<Decimal>,
    /// Of the position's whole life.
    pub net: Option<Decimal>,
}

/// What closing through the book would bring now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryPart {
    /// Of the ledger and of the closed positions.
    pub age: Age,
    /// Whether ledger entries and closed positions of the last 30 days are all there.
    pub complete: bool,
    /// UTC days, newest first, at most 30, with their results in USDT. Shared from report to report, like
    /// the next one.
    pub by_day: Arc<[(Timestamp, DayTotals)]>,
    /// Closed positions, newest first.
    pub closed: Arc<Vec<ClosedPosition>>,
    /// What the closed positions come to; quotients are rounded.
    pub journal: Arc<Journal>,
}
