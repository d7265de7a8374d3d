//! The statistics of risk against the worked cases of `fixtures/risk-cases.json`, and the touch
//! probability against simulated paths.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail loudly"
)]
#![expect(clippy::disallowed_methods, reason = "the standard library's are there to compare with")]

use std::collections::BTreeMap;
use std::str::FromStr;

use bitget_watch::domain::{
    Candle, ClosedPosition, Fee, Interval, LedgerEntry, LedgerKind, Side, Symbol, Timestamp,
};
use bitget_watch::risk::{
    AverageTrueRange, Barrier, Confidence, Curve, Horizon, Sigma, TailLoss, Volatility,
    daily_results, day_totals, historical_loss, journal, normal_loss,
};
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use rust_decimal::{Decimal, dec};
use serde_json::Value;

#[path = "risk_cases/statistics.rs"]
mod statistics;

use statistics::STATISTICS;

const CASES: &str = include_str!("fixtures/risk-cases.json");

/// Figures by key; `None` when they are not defined.
type Found = BTreeMap<&'static str, Option<Decimal>>;

fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::String(text) => {
            Some(
                Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text)).unwrap_or_else(
                    // Beyond what a decimal holds: far below every tolerance.
                    |_| Decimal::from_f64(text.parse().unwrap()).unwrap(),
                ),
            )
        }
        Value::Number(number) => Some(Decimal::from_str(&number.to_string()).unwrap()),
        Value::Null => None,
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => panic!("no number: {value}"),
    }
}

fn at(value: &Value) -> Timestamp {
    Timestamp::from_millis(number(value).unwrap().to_i64().unwrap())
}

fn decimal(value: f64) -> Option<Decimal> {
    Decimal::from_f64(value)
}

/// A position of a case, and what of the case's own answers the statistics rest on.
struct Held {
    side: Side,
    size: Decimal,
    mark: Decimal,
    liquidation: Decimal,
    at_risk: Decimal,
}

impl Held {
    fn of(case: &Value) -> Option<Self> {
        let row = case["input"]["positions"].get(0)?;
        let field = |name: &str| number(&row[name]);
        let side = if row["holdSide"] == "long" { Side::Long } else { Side::Short };
        let (size, mark) = (field("total")?, field("markPrice").unwrap_or_default());
        let entry = field("openPriceAvg")?;
        let margin = match field("marginSize") {
            Some(margin) => margin,
            None => size * entry / field("leverage")?,
        };
        let expect = &case["expect"];
        // Without a price above zero the raw one tells that there is none.
        let liquidation = number(&expect["liq_price"])
            .or_else(|| number(&expect["liq_price_frozen_raw"]))
            .unwrap_or_default();
        let pnl = side.sign() * size * (mark - entry);
        Some(Self { side, size, mark, liquidation, at_risk: margin + pnl })
    }

    fn notional(&self) -> Decimal {
        self.size * self.mark
    }
}

fn candles(case: &Value) -> Vec<Candle> {
    let rows = case["input"]["candles"]["rows"].as_array();
    rows.into_iter()
        .flatten()
        .map(|row| Candle {
            start: at(&row[0]),
            open: number(&row[1]).unwrap(),
            high: number(&row[2]).unwrap(),
            low: number(&row[3]).unwrap(),
            close: number(&row[4]).unwrap(),
            volume: number(&row[5]),
        })
        .collect()
}

/// Standard deviations of one case: from its candles, or the one that it gives.
enum Deviation {
    Estimated(Sigma),
    Given(f64),
}

impl Deviation {
    fn over(&self, minutes: u32) -> f64 {
        match self {
            Self::Estimated(sigma) => sigma.over(minutes),
            Self::Given(one_day) => one_day * (f64::from(minutes) / 1_440.0).sqrt(),
        }
    }

    fn annual(&self) -> f64 {
        match self {
            Self::Estimated(sigma) => sigma.annual(),
            Self::Given(one_day) => one_day * 365.0f64.sqrt(),
        }
    }
}

fn deviations(case: &Value, bars: &[Candle], found: &mut Found) -> Option<Deviation> {
    if let Some(given) = number(&case["input"]["sigma_1d"]) {
        return Some(Deviation::Given(given.to_f64().unwrap()));
    }
    if bars.is_empty() {
        return None;
    }
    let mut volatility = Volatility::default();
    let mut range = AverageTrueRange::new(Interval::Min1);
    for bar in bars {
        volatility.push(bar);
        range.push(bar);
    }
    // The cases state the estimate from returns also for 90 bars, where the program would say that
    // it is provisional.
    assert!(volatility.sigma().unwrap().is_provisional());
    let sigma = volatility.close_to_close()?;
    // Half and half over an hour, three to seven over eight: two equations for the two memories.
    let variance = |minutes: u32| sigma.over(minutes).powi(2) / f64::from(minutes);
    let slow = (variance(480) - 0.6 * variance(60)) / 0.4;
    let fast = 2.0 * variance(60) - slow;
    found.insert("sigma_1m_fast", decimal(fast.sqrt()));
    found.insert("sigma_1m_slow", decimal(slow.sqrt()));
    found.insert("atr14", range.value());
    if let Some(held) = Held::of(case) {
        found.insert("liq_distance_atr", range.distance(held.mark, held.liquidation));
    }
    Some(Deviation::Estimated(sigma))
}

fn of_position(case: &Value, found: &mut Found) {
    let bars = candles(case);
    let Some(deviation) = deviations(case, &bars, found) else { return };
    found.insert("sigma_60m", decimal(deviation.over(60)));
    found.insert("sigma_480m", decimal(deviation.over(480)));
    found.insert("sigma_1d", decimal(deviation.over(1_440)));
    found.insert("sigma_annual", decimal(deviation.annual()));
    let Some(held) = Held::of(case) else { return };

    let one_day = deviation.over(1_440);
    let barrier = Barrier::new(held.mark, held.liquidation).unwrap();
    let distance = barrier.distance_in_sigmas(one_day);
    found.insert("liq_distance_sigma_1d", distance.and_then(decimal));
    let keys = [
        ("touch_60m", "touch_fat_60m"),
        ("touch_480m", "touch_fat_480m"),
        ("touch_1440m", "touch_fat_1440m"),
    ];
    for (horizon, (plain, fat)) in Horizon::ALL.into_iter().zip(keys) {
        let sigma = deviation.over(horizon.minutes());
        found.insert(plain, barrier.touch_probability(sigma).and_then(decimal));
        found.insert(fat, barrier.fat_touch_probability(sigma, horizon).and_then(decimal));
    }
    let loss = |confidence| normal_loss(held.notional(), one_day, confidence);
    insert_losses(
        found,
        ["var95_1d_normal", "es95_1d_normal", "var99_1d_normal", "es99_1d_normal"],
        [loss(Confidence::P95), loss(Confidence::P99)],
    );
    let capped = loss(Confidence::P99).map(|loss| loss.capped(held.at_risk).value_at_risk);
    found.insert("var99_1d_normal_capped", capped);
}

fn insert_losses(found: &mut Found, keys: [&'static str; 4], losses: [Option<TailLoss>; 2]) {
    for (keys, loss) in keys.chunks(2).zip(losses) {
        found.insert(keys[0], loss.map(|loss| loss.value_at_risk));
        found.insert(keys[1], loss.map(|loss| loss.expected_shortfall));
    }
}

fn of_history_of_returns(case: &Value, found: &mut Found) {
    let (Some(returns), Some(held)) = (case["input"]["returns_1d"].as_array(), Held::of(case))
    else {
        return;
    };
    let returns: Vec<_> =
        (0..).map(Timestamp::from_millis).zip(returns.iter().filter_map(number)).collect();
    let results = daily_results(&[(held.side.sign() * held.notional(), &returns)]);
    insert_losses(
        found,
        ["var95_1d_hist", "es95_1d_hist", "var99_1d_hist", "es99_1d_hist"],
        [Confidence::P95, Confidence::P99].map(|level| historical_loss(&results, level)),
    );
}

/// The ledger entries of the cases; the exchange's words for their kinds are read by the parser, which
/// has its own tests.
fn ledger_entry(row: &Value) -> LedgerEntry {
    let kind = match row["businessType"].as_str().unwrap() {
        "contract_settle_fee" => LedgerKind::Funding,
        word if word.starts_with("trans_") => LedgerKind::Transfer,
        "append_margin" | "reduce_margin" => LedgerKind::Margin,
        "open_long" | "open_short" | "close_long" | "close_short" | "buy" | "sell" => {
            LedgerKind::Trade
        }
        "bonus_issue" => LedgerKind::Bonus,
        _ => LedgerKind::Other,
    };
    LedgerEntry {
        id: "1".into(),
        symbol: None,
        coin: "USDT".into(),
        kind,
        amount: number(&row["amount"]).unwrap(),
        fee: Fee { coin: "USDT".into(), paid: -number(&row["fee"]).unwrap() },
        time: at(&row["cTime"]),
    }
}

fn of_ledger(history: &Value, found: &mut Found) {
    let Some(entries) = history["bills"].as_array() else { return };
    let rows: Vec<_> = entries.iter().map(ledger_entry).collect();
    let since = at(&history["dayStartMs"]);
    let day = day_totals(&rows, "USDT", since, |_| None);
    found.insert("realised_today", day.realized);
    found.insert("fees_today", day.fees_paid.map(|paid| -paid));
    found.insert("funding_today", day.funding);
    found.insert("net_today", day.net);
}

fn of_curve(history: &Value, found: &mut Found) {
    let Some(readings) = history["equity"].as_array() else { return };
    let mut curve = Curve::default();
    for row in readings {
        curve.push(at(&row[0]), number(&row[1]).unwrap(), number(&row[2]).unwrap());
    }
    let figures = curve.figures().unwrap();
    found.insert("curve_pnl", Some(figures.change));
    found.insert("max_drawdown_pct", Some(figures.max_drawdown));
    found.insert("max_drawdown_abs", Some(figures.max_drawdown_amount));
}

fn closed(row: &Value) -> ClosedPosition {
    let field = |name: &str| number(&row[name]);
    ClosedPosition {
        id: None,
        symbol: Symbol::default(),
        side: Side::Long,
        margin_mode: None,
        entry_price: None,
        exit_price: None,
        size: None,
        realized_pnl: field("pnl"),
        funding_pnl: field("totalFunding"),
        fees_paid: Some(-field("openFee").unwrap() - field("closeFee").unwrap()),
        net_pnl: None,
        opened_at: Some(at(&row["ctime"])),
        closed_at: Some(at(&row["utime"])),
    }
}

fn of_journal(history: &Value, found: &mut Found) {
    let Some(rows) = history["closed"].as_array() else { return };
    let rows: Vec<_> = rows.iter().map(closed).collect();
    let journal = journal(&rows);
    assert_eq!(journal.unknown, 0);
    let whole = |n: usize| Some(Decimal::from(n));
    found.insert("trades", whole(journal.trades));
    found.insert("wins", whole(journal.wins));
    found.insert("losses", whole(journal.losses));
    found.insert("net_profit", journal.net);
    found.insert("win_rate", journal.win_rate);
    found.insert("profit_factor", journal.profit_factor);
    found.insert("expectancy", journal.expectancy);
    found.insert("avg_win", journal.average_win);
    found.insert("avg_loss", journal.average_loss);
    found.insert("payoff_ratio", journal.payoff_ratio);
    found.insert("largest_win", journal.largest_win);
    found.insert("largest_loss", journal.largest_loss);
}

/// The tolerance of a key: of the metric, else of the case, else of the file.
fn tolerance(file: &Value, case: &Value, key: &str) -> (Decimal, Decimal) {
    let own = &case["tolerance"];
    let chosen = [&own[key], &own["default"], &file["tolerance"]]
        .into_iter()
        .find(|choice| choice.is_object())
        .unwrap();
    let part = |name: &str| number(&chosen[name]).unwrap_or_default();
    (part("abs"), part("rel"))
}

#[test]
fn the_worked_cases() {
    let file: Value = serde_json::from_str(CASES).unwrap();
    let (mut wrong, mut checked) = (Vec::new(), BTreeMap::<&str, usize>::new());
    for case in file["cases"].as_array().unwrap() {
        let mut found = Found::new();
        of_position(case, &mut found);
        of_history_of_returns(case, &mut found);
        of_ledger(&case["input"]["history"], &mut found);
        of_curve(&case["input"]["history"], &mut found);
        of_journal(&case["input"]["history"], &mut found);

        let id = case["id"].as_str().unwrap();
        for (key, want) in case["expect"].as_object().unwrap() {
            if !STATISTICS.contains(&key.as_str()) {
                continue;
            }
            *checked.entry(id).or_default() += 1;
            let want = number(want);
            let Some(got) = found.get(key.as_str()).copied() else {
                wrong.push(format!("{id} {key}: nothing computes it"));
                continue;
            };
            let (abs, rel) = tolerance(&file, case, key);
            let near = match (got, want) {
                (Some(got), Some(want)) => (got - want).abs() <= abs.max(rel * want.abs()),
                (got, want) => got == want,
            };
            if !near {
                wrong.push(format!("{id} {key}: got {got:?}, want {want:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let expected = [
        ("p09-rec-net-profit", 3),
        ("p12-isolated-long-full-panel", 11),
        ("p13-isolated-short", 2),
        ("p14-cross-long-two-tiers", 1),
        ("p19-no-liquidation", 1),
        ("p20-candles-volatility", 17),
        ("p21-historical-var", 4),
        ("p22-bills-today", 4),
        ("p23-equity-curve", 3),
        ("p24-closed-stats", 12),
    ];
    assert_eq!(checked.into_iter().collect::<Vec<_>>(), expected);
}

/// Uniform and normal numbers with a history that never changes.
struct Random(fastrand::Rng);

impl Random {
    fn unit(&mut self) -> f64 {
        // Above zero, for the logarithm.
        1.0 - self.0.f64()
    }

    /// Box and Muller.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.unit().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// The share of simulated paths that touch the barrier: 16 steps of the logarithm, and between two
/// of them the exact probability that a Brownian bridge crosses, `exp(−2·a·b/v)` for the distances `a`
/// and `b` of its ends.
fn simulated(random: &mut Random, barrier: f64, sigma: f64, paths: u32) -> f64 {
    const STEPS: u32 = 16;
    let variance = sigma * sigma / f64::from(STEPS);
    let side = barrier.signum();
    let mut touched = 0u32;
    for _ in 0..paths {
        let mut log = 0.0f64;
        for _ in 0..STEPS {
            let next = log + variance.sqrt() * random.normal() - variance / 2.0;
            let (left, right) = (side * (barrier - log), side * (barrier - next));
            if right <= 0.0 || random.unit() < (-2.0 * left * right / variance).exp() {
                touched += 1;
                break;
            }
            log = next;
        }
    }
    f64::from(touched) / f64::from(paths)
}

#[rstest::rstest]
#[case(dec!(100000), dec!(99000), 0.03 / 24.0f64.sqrt())]
#[case(dec!(100000), dec!(97000), 0.03 / 3.0f64.sqrt())]
#[case(dec!(100000), dec!(97000), 0.03)]
#[case(dec!(100000), dec!(108000), 0.035)]
#[case(dec!(64250), dec!(58510), 0.042)]
#[case(dec!(100), dec!(60), 0.9)]
#[case(dec!(100), dec!(170), 0.9)]
fn simulated_paths_touch_as_often(
    #[case] spot: Decimal,
    #[case] barrier: Decimal,
    #[case] sigma: f64,
) {
    const PATHS: u32 = 100_000;
    let expected = Barrier::new(spot, barrier).unwrap().touch_probability(sigma).unwrap();
    let log = (barrier.to_f64().unwrap() / spot.to_f64().unwrap()).ln();
    let found = simulated(&mut Random(fastrand::Rng::with_seed(7)), log, sigma, PATHS);
    let error = (expected * (1.0 - expected) / f64::from(PATHS)).sqrt();
    assert!((found - expected).abs() < 4.0 * error, "{found} {expected} ± {error}");
}
