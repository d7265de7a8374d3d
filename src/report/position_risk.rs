//! What may become of one position: liquidation, scenarios, what-ifs, closing now, funding.

use rust_decimal::Decimal;

use super::age::Age;
use super::prices::PricedPosition;
use super::reading::Reading;
use super::rounding::tidy;
use super::{AtTrigger, CloseNow, PositionRisk, Scenario, TouchProbability, WhatIf};
use crate::risk::{self, Barrier, Funding, Horizon, Moves, PositionFigures, Sigma, Valuation};

/// Returns what may become of the position at `place`, without its level.
pub(super) fn of(
    reading: &Reading<'_>,
    (place, held): (usize, &PricedPosition<'_>),
    figures: &PositionFigures,
    [take_profit, stop_loss]: [Option<Decimal>; 2],
) -> PositionRisk {
    let Reading { inputs, valuation, .. } = *reading;
    let snapshot = inputs.snapshot;
    let now = inputs.exchange_now;
    let key = &held.position.key;
    let ranks = Age::new(snapshot.adl.as_ref().map(|adl| adl.as_of), inputs.context.limits.adl);
    let statistics = inputs.statistics.of(&key.symbol);
    let sigma = statistics.and_then(|statistics| statistics.sigma(now));
    let ours = figures.liquidation.filter(|_| rules_known(reading, held));
    let ends = held.mark.zip(liquidation_price(held, figures));
    let barrier = ends.and_then(|(mark, price)| Barrier::new(mark, price));
    let known = rules_known(reading, held);
    let plausible = |price| risk::plausible_liquidation_price(price, held.mark).map(tidy);
    let funding = funding(reading, held, figures);
    PositionRisk {
        level: None,
        reason: None,
        liquidation_price_ours: ours.and_then(|found| plausible(found.price)),
        bankruptcy_price: ours.and_then(|found| plausible(found.bankruptcy)),
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
            let is_disputed = figures.worse.is_some();
            what_if(valuation, place, held, inputs.context.risk.target_distance, is_disputed)
        } else {
            WhatIf::default()
        },
        close_now: close_now(reading, place),
        at_take_profit: at_trigger(reading, place, take_profit),
        at_stop_loss: at_trigger(reading, place, stop_loss),
        next_funding_payment: funding.map(|funding| funding.next.normalize()),
        funding_per_day: funding.and_then(|funding| funding.per_day).map(tidy),
        funding_yearly_on_margin: funding.and_then(|f| f.yearly_on_margin).map(tidy),
        adl_rank: snapshot.adl_rank(key).filter(|_| ranks.is_live(inputs.now)),
        at_stake: None,
        is_material: None,
    }
}

/// Returns whether anything can be computed of the liquidation of a position: kind of account and margin
/// mode are known, and the rules of the account are modelled.
pub(super) fn rules_known(reading: &Reading<'_>, held: &PricedPosition<'_>) -> bool {
    let inputs = reading.inputs;
    inputs.kind.is_some()
        && inputs.foreign_rules().is_none()
        && held.position.key.margin_mode.known().is_some()
}

/// Returns the liquidation price that distances are measured to: the exchange's, and ours where it sent
/// none.
pub(super) fn liquidation_price(
    held: &PricedPosition<'_>,
    figures: &PositionFigures,
) -> Option<Decimal> {
    let ours = figures.liquidation.and_then(|found| found.price);
    risk::plausible_liquidation_price(held.position.liquidation_price.or(ours), held.mark)
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

fn scenarios(reading: &Reading<'_>, place: usize) -> Vec<Scenario> {
    let of_place = |moves: &Moves| moves.positions.get(place).copied().flatten();
    let rows = reading.moves.iter().filter_map(of_place);
    let haircut = reading.holdings.haircut_of(place);
    rows.map(|found| scenario(reading, haircut, &found)).collect()
}

/// Returns a scenario whose equity counts every coin whole, as the equity of the account does: `haircut`, what of
/// the coins that move is held and does not count, moves with them.
pub(super) fn scenario(
    reading: &Reading<'_>,
    haircut: Option<Decimal>,
    of: &risk::Scenario,
) -> Scenario {
    let moved = haircut.and_then(|haircut| risk::mul(haircut, of.shift));
    let beyond = reading.unmodelled_equity.zip(moved);
    let beyond = beyond.and_then(|(equity, moved)| risk::add(equity, moved));
    Scenario {
        shift: of.shift,
        price: of.price.map(tidy),
        unrealized_pnl: of.unrealized.map(tidy),
        equity: of
            .equity
            .zip(beyond)
            .and_then(|(equity, beyond)| risk::add(equity, beyond))
            .map(tidy),
        margin_ratio: of.margin_ratio.map(tidy),
        liquidated: of.liquidated,
        lost: of.lost,
    }
}

fn what_if(
    valuation: &Valuation<'_>,
    place: usize,
    held: &PricedPosition<'_>,
    distance: Decimal,
    is_disputed: bool,
) -> WhatIf {
    let mark = held.mark;
    let target = mark.and_then(|mark| risk::target_price(held.position.key.side, mark, distance));
    let aim = target.filter(|_| !is_disputed).and_then(|target| valuation.aim(place, target));
    let add = aim.zip(mark).and_then(|(aim, mark)| aim.size_to_add(mark));
    let cut = aim.zip(mark).and_then(|(aim, mark)| aim.size_to_cut(mark));
    WhatIf {
        target_distance: Some(distance),
        target_price: target.map(tidy),
        margin_to_add: aim.and_then(|aim| aim.margin_to_add()).map(tidy),
        size_allowed: add.and_then(|add| add.size).map(tidy),
        size_to_cut: cut.and_then(|cut| cut.size).map(tidy),
        is_disputed,
    }
}

fn close_now(reading: &Reading<'_>, place: usize) -> Option<CloseNow> {
    let holdings = reading.holdings;
    let held = holdings.priced.rows.get(place)?;
    if held.position.key.symbol != reading.inputs.context.focus {
        return None;
    }
    let holding = holdings.positions.get(place)?;
    let fee = holdings.instruments.get(holding.instrument)?.taker_fee;
    let book = reading.inputs.snapshot.live_book(&reading.inputs.context.focus)?;
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
fn at_trigger(reading: &Reading<'_>, place: usize, trigger: Option<Decimal>) -> Option<AtTrigger> {
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
    held: &PricedPosition<'_>,
    figures: &PositionFigures,
) -> Option<Funding> {
    let ticker = reading.inputs.snapshot.tickers.get(&held.position.key.symbol)?;
    let age = Age::new(Some(ticker.as_of), reading.inputs.context.limits.price);
    let rate = held.funding_rate(&ticker.value).filter(|_| age.is_live(reading.inputs.now))?;
    let mark = held.mark?;
    let (side, size) = (held.position.key.side, held.position.size);
    risk::funding(side, size, mark, rate, held.funding_interval(), figures.margin)
}
