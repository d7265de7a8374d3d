//! What may become of each position and of the account: statistics, scenarios, what-ifs, levels.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::account::AccountView;
use super::age::Age;
use super::portfolio::{Held, Holdings};
use super::positions::tidy;
use super::statistics::Contracts;
use super::value_at_risk::{Losses, Tail};
use super::{
    AtTrigger, CloseNow, Context, PositionRisk, PositionRow, RiskPart, Scenario, TouchProbability,
    WhatIf, WorstPosition,
};
use crate::domain::{AccountKind, AssetMode, PositionKey, Timestamp};
use crate::risk::{
    self, Assessment, Barrier, Horizon, Moves, PositionFigures, RiskFigures, RiskGauge, RiskLevel,
    Sigma, TailLoss, Valuation,
};
use crate::store::Snapshot;

/// The moves of the scenario tables, in percent.
const MOVES: [i64; 8] = [-10, -5, -2, -1, 1, 2, 5, 10];
/// Collateral in other coins than USDT matters from this share of the equity on.
const OTHER_COINS: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// The levels from one reading to the next.
#[derive(Debug, Default)]
pub(super) struct Gauges {
    account: RiskGauge,
    positions: BTreeMap<PositionKey, RiskGauge>,
    tail: Tail,
}

/// What the figures of one reading are taken from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) context: &'a Context,
    pub(super) contracts: &'a Contracts,
    pub(super) holdings: &'a Holdings<'a>,
    pub(super) valuation: &'a Valuation<'a>,
    /// What moves of the prices would do.
    pub(super) moves: &'a [Moves],
    /// What the equity that is shown holds beyond the one that risk is measured by: coins that count in
    /// part, or not at all.
    pub(super) beyond: Option<Decimal>,
    /// The exchange's time.
    pub(super) now: Timestamp,
    /// The local time.
    pub(super) local: Timestamp,
}

impl Gauges {
    /// Forgets the levels of positions that are gone.
    pub(super) fn keep(&mut self, holdings: &Holdings<'_>) {
        let held = |key: &PositionKey| holdings.held.iter().any(|held| held.position.key == *key);
        self.positions.retain(|key, _| held(key));
    }

    /// Returns what may become of the position at `place`.
    pub(super) fn of_position(
        &mut self,
        reading: &Reading<'_>,
        place: usize,
        figures: &PositionFigures,
    ) -> PositionRisk {
        let Some(held) = reading.holdings.held.get(place) else { return PositionRisk::default() };
        let funding = funding(reading, held, figures);
        let mut found = position_risk(reading, (place, held), figures, funding);
        let gauge = self.positions.entry(held.position.key.clone()).or_default();
        let judged = RiskFigures {
            margin_ratio: figures.margin_ratio,
            surplus: found.surplus,
            distance_sigmas: found.liquidation_sigmas,
            distance: None,
            touch_24h: found.touch_probability.h24,
            account_leverage: None,
            funding_cost: funding.and_then(|f| f.daily_on_margin).map(|received| -received),
        };
        let assessment = gauge.assess(&reading.context.risk.thresholds, &judged);
        let blind = price(held, figures).is_some() && found.liquidation_sigmas.is_none();
        (found.level, found.reason) = words(assessment, blind);
        found
    }

    /// Returns the risk of the account.
    pub(super) fn part(
        &mut self,
        reading: &Reading<'_>,
        rows: &[PositionRow],
        account: &AccountView,
    ) -> RiskPart {
        // The ratio and the leverage of the account are in the level, its equity in what can be lost.
        let age = account.age;
        let worst = rows
            .iter()
            .filter_map(|row| row.liquidation_distance.map(|distance| (distance, row)))
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, row)| row);
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
        let known = reading.holdings.known;
        let assessment =
            known.then(|| self.account.assess(&reading.context.risk.thresholds, &judged)).flatten();
        let blind = rows.iter().any(|row| row.risk.level.is_none());
        let (level, reason) = words(assessment, blind);
        let reason = reason.map(|reason| of_whom(reason, rows));
        let focus = reading.contracts.statistics(&reading.context.focus);
        let sigma = focus.and_then(|statistics| statistics.sigma(reading.now));
        let losses = self.tail.follow(reading);
        // Nothing can be lost beyond what is there.
        let loss = |of: fn(&Losses) -> TailLoss, figure: fn(&TailLoss) -> Decimal| {
            let capped = of(losses.as_ref()?).capped(account.figures.equity?);
            risk::significant(figure(&capped))
        };
        let first = rows.first().filter(|row| row.is_focus);
        RiskPart {
            level,
            worst_position: worst
                .map(|row| WorstPosition { symbol: row.symbol.clone(), side: row.side }),
            liquidation_distance: worst.and_then(|row| row.liquidation_distance),
            liquidation_sigmas: worst.and_then(|row| row.risk.liquidation_sigmas),
            touch_probability: worst
                .map(|row| row.risk.touch_probability.clone())
                .unwrap_or_default(),
            volatility_annual: sigma.and_then(|sigma| risk::statistic(sigma.annual())),
            var_95_1d: loss(|all| all.p95, |loss| loss.value_at_risk),
            es_95_1d: loss(|all| all.p95, |loss| loss.expected_shortfall),
            scenarios: first.map(|row| of_account(reading, row)).unwrap_or_default(),
            reason,
            sigma_1d: sigma.and_then(|sigma| risk::statistic(sigma.one_day())),
            volatility_provisional: sigma.is_some_and(|sigma| sigma.is_provisional()),
            var_99_1d: loss(|all| all.p99, |loss| loss.value_at_risk),
            es_99_1d: loss(|all| all.p99, |loss| loss.expected_shortfall),
            var_method: losses.map(|losses| losses.method),
            account_scenarios: if rows.is_empty() {
                Vec::new()
            } else {
                let rows = reading.moves.iter().filter_map(|moves| moves.account);
                rows.map(|scenario| row_of(reading, &scenario)).collect()
            },
            usdt_explains_liquidation: usdt_explains(reading, account.figures.equity),
            surplus: account.figures.surplus.map(tidy),
            freshness: age.freshness,
            age_ms: age.ms,
        }
    }
}

/// Returns the level and the reason. Where a distance is `blind`, because the volatility is not known yet,
/// nobody is told that all is well.
fn words(assessment: Option<Assessment>, blind: bool) -> (Option<&'static str>, Option<String>) {
    let said = assessment.filter(|found| !blind || found.level > RiskLevel::Ok);
    said.map_or((None, None), |found| (Some(found.level.as_str()), found.reason))
}

/// Says whose figure it is that makes the level of the account, where it is that of one position.
fn of_whom(reason: String, rows: &[PositionRow]) -> String {
    match rows.iter().find(|row| row.risk.reason.as_ref() == Some(&reason)) {
        Some(row) => format!("{} {}: {reason}", row.symbol, row.side.to_uppercase()),
        None => reason,
    }
}

/// Returns the liquidation price that distances are measured to: the exchange's, and ours where it sent
/// none.
fn price(held: &Held<'_>, figures: &PositionFigures) -> Option<Decimal> {
    let ours = figures.liquidation.and_then(|found| found.price);
    risk::plausible_liquidation_price(held.position.liquidation_price.or(ours), held.mark)
}

fn position_risk(
    reading: &Reading<'_>,
    (place, held): (usize, &Held<'_>),
    figures: &PositionFigures,
    funding: Option<risk::Funding>,
) -> PositionRisk {
    let Reading { snapshot, context, valuation, now, local, .. } = *reading;
    let key = &held.position.key;
    let ranks = Age::new(snapshot.adl.as_ref().map(|adl| adl.as_of), local, context.limits.adl);
    let statistics = reading.contracts.statistics(&key.symbol);
    let sigma = statistics.and_then(|statistics| statistics.sigma(now));
    let ours = figures.liquidation;
    let ends = held.mark.zip(price(held, figures));
    let barrier = ends.and_then(|(mark, price)| Barrier::new(mark, price));
    let known = key.margin_mode.known().is_some();
    let plausible = |price| risk::plausible_liquidation_price(price, held.mark).map(tidy);
    PositionRisk {
        level: None,
        reason: None,
        liquidation_price_ours: ours.filter(|_| known).and_then(|found| plausible(found.price)),
        bankruptcy_price: ours.filter(|_| known).and_then(|found| plausible(found.bankruptcy)),
        surplus: figures.surplus.filter(|_| known).map(tidy),
        effective_leverage: figures.leverage.filter(|_| known).map(tidy),
        liquidation_sigmas: barrier.zip(sigma).and_then(|(barrier, sigma)| {
            risk::statistic(barrier.distance_in_sigmas(sigma.one_day())?)
        }),
        liquidation_atrs: ends.zip(statistics).and_then(|((mark, price), statistics)| {
            risk::significant(statistics.in_ranges(mark, price, now)?)
        }),
        touch_probability: touch(barrier, sigma),
        scenarios: if known { scenarios(reading, place) } else { Vec::new() },
        what_if: if known {
            what_if(valuation, place, held, context.risk.target_distance)
        } else {
            WhatIf::default()
        },
        close_now: close_now(reading, place),
        at_take_profit: None,
        at_stop_loss: None,
        next_funding_payment: funding.map(|funding| funding.next.normalize()),
        funding_per_day: funding.and_then(|funding| funding.per_day).map(tidy),
        funding_yearly_on_margin: funding.and_then(|f| f.yearly_on_margin).map(tidy),
        adl_rank: snapshot.adl_rank(key).filter(|_| ranks.is_live()),
    }
}

fn touch(barrier: Option<Barrier>, sigma: Option<Sigma>) -> TouchProbability {
    let within = |horizon: Horizon| {
        let sigma = sigma?.over(horizon.minutes());
        risk::statistic(barrier?.fat_touch_probability(sigma, horizon)?)
    };
    TouchProbability {
        h1: within(Horizon::Hour),
        h8: within(Horizon::EightHours),
        h24: within(Horizon::Day),
    }
}

/// Returns what the moves of the scenario tables would do.
pub(super) fn moves(valuation: &Valuation<'_>) -> [Moves; 8] {
    MOVES.map(|percent| valuation.moves(Decimal::new(percent, 2)))
}

fn scenarios(reading: &Reading<'_>, place: usize) -> Vec<Scenario> {
    let of_place = |moves: &Moves| moves.positions.get(place).copied().flatten();
    let rows = reading.moves.iter().filter_map(of_place);
    rows.map(|scenario| row_of(reading, &scenario)).collect()
}

/// Returns the scenarios of the first position with the PnL of the account; none where its margin mode
/// is not known.
fn of_account(reading: &Reading<'_>, first: &PositionRow) -> Vec<Scenario> {
    let all = |scenario: &Scenario| Scenario {
        unrealized_pnl: reading.valuation.unrealized_after(0, scenario.shift).map(tidy),
        ..scenario.clone()
    };
    first.risk.scenarios.iter().map(all).collect()
}

fn row_of(reading: &Reading<'_>, scenario: &risk::Scenario) -> Scenario {
    Scenario {
        shift: scenario.shift,
        price: scenario.price.map(tidy),
        unrealized_pnl: scenario.unrealized.map(tidy),
        equity: scenario
            .equity
            .zip(reading.beyond)
            .and_then(|(equity, beyond)| risk::add(equity, beyond))
            .map(tidy),
        margin_ratio: scenario.margin_ratio.map(tidy),
        liquidated: scenario.liquidated,
    }
}

fn what_if(valuation: &Valuation<'_>, place: usize, held: &Held<'_>, distance: Decimal) -> WhatIf {
    let mark = held.mark;
    let target = mark.and_then(|mark| risk::target_price(held.position.key.side, mark, distance));
    let aim = target.and_then(|target| valuation.aim(place, target));
    let add = aim.zip(mark).and_then(|(aim, mark)| aim.size_to_add(mark));
    let cut = aim.zip(mark).and_then(|(aim, mark)| aim.size_to_cut(mark));
    WhatIf {
        target_distance: Some(distance),
        target_price: target.map(tidy),
        margin_to_add: aim.and_then(|aim| aim.margin_to_add()).map(tidy),
        size_allowed: add.and_then(|add| add.size).map(tidy),
        size_to_cut: cut.and_then(|cut| cut.size).map(tidy),
    }
}

fn close_now(reading: &Reading<'_>, place: usize) -> Option<CloseNow> {
    let holdings = reading.holdings;
    let held = holdings.held.get(place)?;
    if held.position.key.symbol != reading.context.focus {
        return None;
    }
    let holding = holdings.positions.get(place)?;
    let fee = holdings.instruments.get(holding.instrument)?.taker_fee;
    let book = reading.snapshot.live_book(&reading.context.focus)?;
    let found = risk::close_now(holding, book, fee)?;
    Some(CloseNow {
        too_thin: found.too_thin,
        filled: found.filled,
        vwap: found.vwap.map(tidy),
        slippage_bps: found.slippage_mid_bps.map(tidy),
        fee: found.fee.map(tidy),
        pnl: found.net.map(tidy),
        net: found.net_lifetime.map(tidy),
    })
}

/// Returns what a close at a trigger price would bring.
pub(super) fn at_trigger(
    reading: &Reading<'_>,
    place: usize,
    trigger: Option<Decimal>,
) -> Option<AtTrigger> {
    let trigger = trigger?;
    let held = reading.holdings.positions.get(place)?;
    let instrument = reading.holdings.instruments.get(held.instrument)?;
    let fee = instrument.taker_fee;
    let from_mark = |mark| held.trigger_from_mark(trigger, mark, fee?);
    Some(AtTrigger {
        from_mark: instrument.mark.and_then(from_mark).map(tidy),
        net: fee.and_then(|fee| held.trigger_net(trigger, fee)).map(tidy),
    })
}

/// Returns what holding costs; `None` while the rate, which comes with the price, is not live.
fn funding(
    reading: &Reading<'_>,
    held: &Held<'_>,
    figures: &PositionFigures,
) -> Option<risk::Funding> {
    let ticker = reading.snapshot.tickers.get(&held.position.key.symbol)?;
    let age = Age::new(Some(ticker.as_of), reading.local, reading.context.limits.price);
    let rate = held.funding_rate(&ticker.value).filter(|_| age.is_live())?;
    let mark = held.mark?;
    let (side, size) = (held.position.key.side, held.position.size);
    risk::funding(side, size, mark, rate, held.funding_interval(), figures.margin)
}

/// Funding that the account pays in a day, as a fraction of its margin; negative when it receives.
fn account_cost(rows: &[PositionRow], account: &AccountView) -> Option<Decimal> {
    let per_day = risk::sum(rows.iter().map(|row| row.risk.funding_per_day))?;
    let margin = account.figures.margin.filter(|margin| *margin > Decimal::ZERO)?;
    risk::div(-per_day, margin)
}

/// Whether the equity in USDT alone explains the liquidation prices.
fn usdt_explains(reading: &Reading<'_>, equity: Option<Decimal>) -> Option<bool> {
    let snapshot = reading.snapshot;
    let account = &snapshot.account.as_ref()?.value;
    if snapshot.account_kind? == AccountKind::Unified {
        let counted = equity?;
        let usdt = reading.holdings.moved(account.usdt_equity, account.unrealized_pnl)?;
        let other = risk::sub(counted, usdt)?.abs();
        return Some(other <= risk::mul(counted.abs(), OTHER_COINS)?);
    }
    let mode = account.asset_mode.as_ref()?.known()?;
    Some(mode == AssetMode::Single)
}
