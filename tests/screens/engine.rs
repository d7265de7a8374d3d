//! The figures of the risk engine, made by hand.

use std::sync::Arc;

use bitget_watch::domain::{ClosedPosition, MarginMode, OpenEnum, Product, Side, Symbol};
use bitget_watch::report::{
    AtTrigger, CloseNow, EquityPoint, HistoryPart, PositionRisk, Report, Scenario,
    TouchProbability, VarMethod, WhatIf,
};
use bitget_watch::risk::{DayTotals, Journal, Lost, RiskLevel};
use rust_decimal::Decimal;

use crate::fixtures::{age, at, blank, d, healthy, with};

/// Returns the report without anything that the engine computes.
pub(crate) fn unknown() -> Arc<Report> {
    with(healthy(), |report| {
        let blank = blank();
        report.history = blank.history;
        report.pnl = blank.pnl;
        report.risk = blank.risk;
        report.risk.level = None;
        for row in &mut report.positions.rows {
            row.risk = PositionRisk::default();
        }
    })
}

/// The book holds less than the position.
pub(crate) fn thin_book() -> Arc<Report> {
    with(healthy(), |report| {
        report.pnl.close_now_net = None;
        report.positions.rows[0].risk.close_now = Some(CloseNow {
            too_thin: true,
            filled: d("0.3112"),
            vwap: Some(d("63188.7142")),
            slippage_bps: Some(d("9.7712")),
            fee: None,
            pnl: None,
            net: None,
        });
    })
}

/// Moves that end the position, and a target that no cut can reach.
pub(crate) fn liquidated() -> Arc<Report> {
    with(healthy(), |report| {
        report.risk.level = Some(RiskLevel::Critical);
        report.risk.reason = Some(
            "margin ratio 91.20 % is above 80 %, and the liquidation price is 0.40 sigmas away"
                .into(),
        );
        report.risk.volatility_provisional = true;
        report.risk.usdt_explains_liquidation = Some(false);
        report.account.margin_ratio = Some(d("0.912"));
        for list in
            [&mut report.risk.account_scenarios, &mut report.positions.rows[0].risk.scenarios]
        {
            for row in list.iter_mut().filter(|row| row.shift <= d("-0.02")) {
                row.liquidated = true;
                row.margin_ratio = Some(d("1.25"));
            }
        }
        for row in report.risk.account_scenarios.iter_mut().filter(|row| row.liquidated) {
            let cross = row.shift <= d("-0.05");
            row.lost = Lost { cross, isolated: 1, first_isolated: Some(2) };
        }
        let row = &mut report.positions.rows[0];
        row.risk.level = Some(RiskLevel::Critical);
        row.margin_ratio = Some(d("0.912"));
        row.risk.adl_rank = Some(d("0.97"));
        row.risk.touch_probability =
            TouchProbability { h1: Some(d("0.2212")), h8: Some(d("0.61")), h24: Some(d("0.7744")) };
        row.risk.what_if.margin_to_add = Some(d("11426.5"));
        row.risk.what_if.size_allowed = Some(Decimal::ZERO);
        row.risk.what_if.size_to_cut = None;
    })
}

/// Ledger entries or closed positions are missing.
pub(crate) fn incomplete() -> Arc<Report> {
    with(healthy(), |report| {
        report.history.complete = false;
        let journal = Arc::make_mut(&mut report.history.journal);
        (journal.trades, journal.wins, journal.losses) = (4, 3, 1);
    })
}

pub(crate) fn fill(report: &mut Report) {
    let pnl = &mut report.pnl;
    pnl.close_now_net = Some(d("81.4402"));
    pnl.session.change = Some(d("-88.1234"));
    pnl.session.max_drawdown = Some(d("0.0213"));
    pnl.session.max_drawdown_amount = Some(d("331.7722"));
    pnl.session.started_at = Some(at(3 * 3600));
    pnl.session.curve = curve();
    let risk = &mut report.risk;
    risk.reason = Some("the liquidation price is 2.61 sigmas of a day away".into());
    risk.liquidation_sigmas = Some(d("2.6114"));
    risk.touch_probability = touch();
    risk.volatility_annual = Some(d("0.5999"));
    risk.sigma_1d = Some(d("0.0314"));
    (risk.var_95_1d, risk.es_95_1d) = (Some(d("1633.1")), Some(d("2047.99")));
    (risk.var_99_1d, risk.es_99_1d) = (Some(d("2309.77")), Some(d("2646.21")));
    risk.var_method = Some(VarMethod::Normal);
    risk.usdt_explains_liquidation = Some(true);
    risk.surplus = Some(d("13271.04"));
    risk.scenarios = scenarios(1);
    risk.account_scenarios = scenarios(2);
    report.positions.rows[0].risk = long();
    report.positions.rows[1].risk = PositionRisk {
        adl_rank: Some(d("0.2")),
        level: Some(RiskLevel::Ok),
        funding_per_day: Some(d("2.277")),
        ..report.positions.rows[1].risk.clone()
    };
    report.history = history();
}

/// Three hours: up, a fall, and half of the way back.
fn curve() -> Vec<EquityPoint> {
    (0..=180)
        .map(|minute: i64| {
            let height = if minute < 80 {
                minute * 3
            } else if minute < 120 {
                240 - (minute - 80) * 14
            } else {
                (minute - 120) * 4 - 320
            };
            EquityPoint {
                at: at((180 - minute) * 60),
                equity: d("15322.68") + Decimal::from(height),
            }
        })
        .collect()
}

fn touch() -> TouchProbability {
    TouchProbability { h1: Some(d("0.00003")), h8: Some(d("0.0112")), h24: Some(d("0.0571")) }
}

fn scenarios(weight: i64) -> Vec<Scenario> {
    [-10, -5, -2, -1, 1, 2, 5, 10]
        .into_iter()
        .map(|percent: i64| {
            let shift = Decimal::new(percent, 2);
            let change = Decimal::from(percent * weight) * d("251.1");
            Scenario {
                shift,
                price: Some(d("63250.5") * (Decimal::ONE + shift)),
                unrealized_pnl: Some(d("-189.3225") + change),
                equity: Some(d("15234.5612") + change),
                margin_ratio: Some(d("0.1234") - shift * Decimal::from(weight)),
                liquidated: false,
                lost: Lost::default(),
            }
        })
        .collect()
}

fn long() -> PositionRisk {
    PositionRisk {
        level: Some(RiskLevel::Watch),
        reason: Some("the liquidation price is 2.61 sigmas of a day away".into()),
        liquidation_price_ours: Some(d("58101.2")),
        bankruptcy_price: Some(d("57912.4")),
        surplus: Some(d("2679.7738")),
        effective_leverage: Some(d("2.0759")),
        liquidation_sigmas: Some(d("2.6114")),
        liquidation_atrs: Some(d("11.87")),
        touch_probability: touch(),
        scenarios: scenarios(1),
        what_if: WhatIf {
            target_distance: Some(d("0.2")),
            target_price: Some(d("50600.4")),
            margin_to_add: Some(d("1426.5")),
            size_allowed: Some(Decimal::ZERO),
            size_to_cut: Some(d("0.1679")),
            is_disputed: false,
        },
        close_now: Some(CloseNow {
            too_thin: false,
            filled: d("0.5"),
            vwap: Some(d("63245.1433")),
            slippage_bps: Some(d("0.4684")),
            fee: Some(d("18.9735")),
            pnl: Some(d("101.7998")),
            net: Some(d("81.4402")),
        }),
        at_take_profit: Some(AtTrigger { from_mark: Some(d("155.67")), net: Some(d("258.97")) }),
        at_stop_loss: Some(AtTrigger { from_mark: Some(d("-893.7")), net: Some(d("-790.4")) }),
        next_funding_payment: Some(d("-3.1625")),
        funding_per_day: Some(d("-9.4876")),
        funding_yearly_on_margin: Some(d("-1.095")),
        adl_rank: Some(d("0.6")),
        at_stake: None,
        is_material: None,
    }
}

fn history() -> HistoryPart {
    let by_day = (0..30_i64)
        .map(|day| {
            let realized = Decimal::from((day * 977 % 1600) - 700) / d("1.7");
            let (fees, funding) =
                (Decimal::from(day % 7) * d("3.3117"), Decimal::from(day % 5) - d("2.501"));
            let (realized, fees, funding) = match day {
                0 => (d("412.7"), d("18.2231"), d("-2.501")),
                // A day on which nothing happened.
                11 => (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO),
                _ => (realized.round_dp(4), fees, funding),
            };
            let totals = DayTotals {
                realized: Some(realized),
                fees_paid: Some(fees),
                funding: Some(funding),
                net: Some(realized - fees + funding),
                ..DayTotals::default()
            };
            (at(day * 86_400).start_of_day(), totals)
        })
        .collect();
    let closed = (0..40_i64)
        .map(|index| ClosedPosition {
            id: None,
            symbol: Symbol::from_wire(
                if index % 3 == 0 { "ETHUSDT" } else { "BTCUSDT" },
                Product::UsdtFutures,
            )
            .unwrap(),
            side: if index % 2 == 0 { Side::Short } else { Side::Long },
            margin_mode: Some(OpenEnum::Known(MarginMode::Cross)),
            size: Some(d("0.25")),
            entry_price: Some(d("63111.55") - Decimal::from(index)),
            exit_price: Some(d("63250.05") + Decimal::from(index)),
            realized_pnl: Some(Decimal::from(index * 31 % 200 - 90)),
            funding_pnl: Some(d("-0.4412")),
            fees_paid: (index != 3).then(|| d("18.95")),
            net_pnl: (index != 3).then(|| Decimal::from(index * 31 % 200 - 90) - d("19.3912")),
            opened_at: (index != 4).then(|| at(index * 40_000 + 12_345)),
            closed_at: Some(at(index * 40_000)),
        })
        .collect();
    HistoryPart {
        age: age(9000),
        complete: true,
        by_day,
        closed: Arc::new(closed),
        journal: Arc::new(Journal {
            trades: 40,
            wins: 22,
            unknown: 0,
            losses: 18,
            win_rate: Some(d("0.55")),
            profit_factor: Some(d("1.2713")),
            expectancy: Some(d("4.1288")),
            average_win: Some(d("62.11")),
            average_loss: Some(d("-59.74")),
            payoff_ratio: Some(d("1.0397")),
            largest_win: Some(d("109.6088")),
            largest_loss: Some(d("-109.3912")),
            net: Some(d("165.15")),
        }),
    }
}

/// Takes away what only a position has.
pub(crate) fn no_position(report: &mut Report) {
    report.pnl.close_now_net = None;
    report.risk.reason = None;
    report.risk.liquidation_sigmas = None;
    report.risk.touch_probability = TouchProbability::default();
    report.risk.scenarios = Vec::new();
    report.risk.account_scenarios = Vec::new();
    (report.risk.var_95_1d, report.risk.es_95_1d) = (None, None);
    (report.risk.var_99_1d, report.risk.es_99_1d) = (None, None);
    (report.risk.var_method, report.risk.surplus) = (None, None);
    report.risk.usdt_explains_liquidation = None;
}
