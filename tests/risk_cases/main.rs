//! Worked cases of the risk engine, recorded and synthetic: every expected key at its tolerance.
//!
//! `tests/fixtures/risk-cases.json` holds inputs in the exchange's field names and figures as decimal
//! strings; `null` means not defined. A key that nobody answers is a failure, but for those that
//! the program does not compute.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod account;
mod statistics;

use std::collections::BTreeSet;
use std::str::FromStr;

use account::Account;
use bitget_watch::risk::{self, Funding, Liquidation, Scenario, Valuation};
use rust_decimal::Decimal;
use serde_json::Value;
use statistics::STATISTICS;

/// Figures that the program does not compute: the file is older than the choice of what is shown.
const NOT_COMPUTED: &[&str] = &[
    // return at the last price, and without leverage
    "move_pct",
    "roe_last",
    // of the account
    "leverage_account_net",
    "margin_usage",
    // the rate of a year on the notional; the program shows it on the margin
    "funding_apr",
    // the number of a tier in its table
    "tier",
    // estimators that were compared before close-to-close was chosen
    "vol_bar_cc",
    "vol_bar_garman_klass",
    "vol_bar_parkinson",
    "vol_bar_rogers_satchell",
    "vol_bar_yang_zhang",
    // results of a day and of a session
    "daily_pnl",
    "daily_pnl_pct",
    "drawdown_now_pct",
    "other_today",
    "transfers_today",
    "twr",
    // journal
    "avg_hold_s",
    "longest_loss_streak",
    "longest_win_streak",
];

fn cases() -> Value {
    serde_json::from_str(include_str!("../fixtures/risk-cases.json")).unwrap()
}

/// Reads a decimal string or number; `None` for nothing.
fn decimal(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let number = Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text));
    (!text.is_empty()).then(|| number.unwrap())
}

/// What the engine says to one key: a number or nothing, or that nobody answers it.
enum Answer {
    Number(Option<Decimal>),
    Unknown,
}

fn answer(account: &Account, valuation: &Valuation<'_>, key: &str) -> Answer {
    let at = account.focus;
    let figures = valuation.position(at);
    let whole = valuation.account();
    let held = &account.positions[at];
    let instrument = account.instruments()[held.instrument];
    let ends = |of: fn(Liquidation) -> Option<Decimal>| figures.liquidation.and_then(of);
    let close = || {
        let book = account.book.as_ref()?;
        risk::close_now(held, book, instrument.taker_fee)
    };
    let funding = |of: fn(Funding) -> Option<Decimal>| {
        let (rate, hours) = account.funding?;
        of(risk::funding(held.side, held.size, instrument.mark?, rate, hours, figures.margin)?)
    };
    let target = || risk::target_price(held.side, instrument.mark?, account.ask.liq_distance?);
    let aim = || valuation.aim(at, target()?);
    let add = || aim()?.size_to_add(instrument.mark?);
    let cut = || aim()?.size_to_cut(instrument.mark?);
    let tier = || instrument.tiers?.at(risk::notional(held.size, instrument.mark?)?);
    let stop = account.ask.stop.zip(instrument.taker_fee);
    Answer::Number(match key {
        "notional_mark" => figures.notional,
        "notional_last" => account.last.and_then(|last| risk::notional(held.size, last)),
        "upl_mark" => figures.unrealized,
        "upl_last" => account.last.and_then(|last| held.unrealized(last)),
        "roe_mark" => figures.roe,
        "initial_margin" => instrument.mark.and_then(|mark| {
            held.initial_margin(mark, account.rules.divisor, instrument.taker_fee)
        }),
        "leverage_account" => whole.leverage,
        "cross_equity" => whole.cross_equity,
        "mmr" => tier().map(|tier| tier.rate),
        "mm_offset" => tier().map(|tier| tier.offset),
        "mm" => figures.maintenance,
        "mm_total" => figures.maintenance_total,
        "margin_ratio" => figures.margin_ratio,
        "surplus" => figures.surplus,
        "liq_price" => ends(|found| found.price),
        "liq_price_exact" => ends(|found| found.moving),
        "liq_price_current_tier" => ends(|found| found.current_tier),
        "liq_price_frozen_raw" => ends(|found| found.frozen_raw),
        "bankruptcy_price" => ends(|found| found.bankruptcy),
        "liq_distance_pct" => instrument
            .mark
            .zip(ends(|found| found.price))
            .and_then(|(mark, price)| risk::liquidation_distance(mark, price)),
        "breakeven" => valuation.break_even(at),
        "breakeven_tick" => valuation
            .break_even(at)
            .zip(instrument.price_step)
            .and_then(|(price, step)| risk::pessimistic_price(held.side, price, step)),
        "funding_next" => funding(|funding| Some(funding.next)),
        "funding_day" => funding(|funding| funding.per_day),
        "funding_seconds" => account.settles.map(|(next, now)| {
            Decimal::from(risk::funding_countdown(next, now)) / Decimal::from(1000)
        }),
        "close_filled" => close().map(|close| close.filled),
        "close_vwap" => close().and_then(|close| close.vwap),
        "close_slip_mid_bps" => close().and_then(|close| close.slippage_mid_bps),
        "close_fee" => close().and_then(|close| close.fee),
        "close_pnl_gross" => close().and_then(|close| Some(close.net? + close.fee?)),
        "close_pnl_net" => close().and_then(|close| close.net),
        "close_net_lifetime" => close().and_then(|close| close.net_lifetime),
        "spread_bps" => account.book.as_ref().and_then(|book| {
            let spread = risk::spread(book.bids.first()?.price, book.asks.first()?.price)?;
            risk::mul(spread, Decimal::from(10_000))
        }),
        "stop_pnl_from_now" => stop
            .zip(instrument.mark)
            .and_then(|((stop, fee), mark)| held.trigger_from_mark(stop, mark, fee)),
        "stop_pnl_from_entry" => stop.and_then(|(stop, fee)| held.trigger_net(stop, fee)),
        "margin_to_add" => {
            let target = account.ask.target_liq;
            target.and_then(|target| valuation.aim(at, target)?.margin_to_add())
        }
        "add_size_max" => add().and_then(|add| add.size),
        "add_size_max_raw" => add().and_then(|add| add.raw),
        "add_size_available" => add().and_then(|add| add.by_available),
        "cut_size" => cut().and_then(|cut| cut.size),
        "cut_size_raw" => cut().map(|cut| cut.raw),
        "adl_lights" => account.adl_rank.and_then(risk::adl_lights).map(Decimal::from),
        _ => return Answer::Unknown,
    })
}

/// The tolerance of one key: its own over the case's over the file's.
fn tolerance(file: &Value, case: &Value, key: &str, want: Decimal) -> Decimal {
    let own = [&case["tolerance"][key], &case["tolerance"]["default"], &file["tolerance"]];
    let chosen = own.into_iter().find(|found| found.is_object()).unwrap();
    let relative = decimal(&chosen["rel"]).map_or(Decimal::ZERO, |relative| relative * want.abs());
    relative.max(decimal(&chosen["abs"]).unwrap_or_default())
}

fn compare(
    file: &Value,
    case: &Value,
    key: &str,
    got: Option<Decimal>,
    want: &Value,
) -> Vec<String> {
    let agrees = match (got, decimal(want)) {
        (Some(got), Some(want)) => (got - want).abs() <= tolerance(file, case, key, want),
        (None, None) => want.is_null(),
        (Some(_), None) | (None, Some(_)) => false,
    };
    let got = got.map_or_else(|| "nothing".to_owned(), |got| got.to_string());
    if agrees { Vec::new() } else { vec![format!("{}: {key}: got {got}, want {want}", case["id"])] }
}

fn compare_scenario(
    file: &Value,
    case: &Value,
    got: Option<Scenario>,
    want: &Value,
) -> Vec<String> {
    let Some(got) = got else { return vec![format!("{}: no scenario {want}", case["id"])] };
    let mut wrong = Vec::new();
    for (field, value) in want.as_object().unwrap() {
        let number = match field.as_str() {
            "shock" => Some(got.shift),
            "price" => got.price,
            "upl" => got.unrealized,
            "mm" => Some(got.maintenance),
            "margin_ratio" => got.margin_ratio,
            "equity" => got.equity,
            "liquidated" if value.as_bool() == Some(got.liquidated) => continue,
            _ => {
                wrong.push(format!("{}: scenario: {field} {value} {got:?}", case["id"]));
                continue;
            }
        };
        wrong.extend(compare(file, case, field, number, value));
    }
    wrong
}

fn check(file: &Value, case: &Value) -> (usize, Vec<String>) {
    let account = Account::read(&case["input"]);
    let (mut checked, mut wrong) = (0, Vec::new());
    for (key, want) in case["expect"].as_object().unwrap() {
        if STATISTICS.contains(&key.as_str()) || NOT_COMPUTED.contains(&key.as_str()) {
            continue;
        }
        checked += 1;
        let Some(account) = account.as_ref() else {
            wrong.push(format!("{}: {key} of an account without positions", case["id"]));
            continue;
        };
        let instruments = account.instruments();
        let valuation = Valuation::new(account.portfolio(&instruments));
        if key == "scenarios" {
            for row in want.as_array().unwrap() {
                let got = valuation.moves(decimal(&row["shock"]).unwrap()).positions[account.focus];
                wrong.extend(compare_scenario(file, case, got, row));
            }
            continue;
        }
        match answer(account, &valuation, key) {
            Answer::Number(got) => wrong.extend(compare(file, case, key, got, want)),
            Answer::Unknown => wrong.push(format!("{}: nobody answers {key}", case["id"])),
        }
    }
    (checked, wrong)
}

#[test]
fn every_case_and_key() {
    let file = cases();
    let cases = file["cases"].as_array().unwrap();
    let (mut checked, mut wrong) = (0, Vec::new());
    for case in cases {
        let (keys, found) = check(&file, case);
        checked += keys;
        wrong.extend(found);
    }
    assert!(wrong.is_empty(), "{} of {checked} differ\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!((cases.len(), checked), (24, 159));
}

#[test]
fn the_lists_of_keys_name_only_what_is_there() {
    let file = cases();
    let expected: BTreeSet<_> = file["cases"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|case| case["expect"].as_object().unwrap().keys())
        .map(String::as_str)
        .collect();
    let listed = STATISTICS.iter().chain(NOT_COMPUTED);
    let unused: Vec<_> = listed.filter(|key| !expected.contains(**key)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn a_wrong_figure_is_a_failure() {
    let mut file = cases();
    file["cases"][11]["expect"]["surplus"] = Value::from("2679.77384");
    file["cases"][11]["expect"]["gamma"] = Value::from("0");
    file["cases"][11]["expect"]["scenarios"][0]["liquidated"] = Value::from(false);
    let (_, wrong) = check(&file, &file["cases"][11]);
    assert_eq!(wrong.len(), 3, "{wrong:?}");
}
