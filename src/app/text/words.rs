//! How figures are written in the text of a report.

use std::fmt::Display;

use rust_decimal::Decimal;

use crate::domain::{Symbol, Timestamp};
use crate::report::{Freshness, PositionRow, Report, json};
use crate::ui::format::{self, Sign};

pub(super) fn known(value: Option<impl Display>) -> String {
    value.map_or_else(|| "?".to_owned(), |value| value.to_string())
}

pub(super) fn applicable(value: Option<Decimal>, places: Option<u32>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| price(value, places))
}

/// Returns the decimals of a price of a contract, where they are known.
pub(super) fn places_of(report: &Report, symbol: &Symbol) -> Option<u32> {
    report.contract(symbol).map(|contract| contract.price_places)
}

/// A price as the screen rounds it.
pub(super) fn price(value: Decimal, places: Option<u32>) -> String {
    plain_digits(&format::price(value, places))
}

/// An amount of money: two decimals, four when it is smaller than one.
pub(super) fn money(value: Decimal) -> String {
    amount(value, Sign::Negative)
}

/// A gain or loss, its sign written.
pub(super) fn gain(value: Decimal) -> String {
    amount(value, Sign::Always)
}

pub(super) fn amount(value: Decimal, sign: Sign) -> String {
    plain_digits(&format::money(value, sign))
}

/// A funding payment: a gain or loss with four decimals.
pub(super) fn cash(value: Decimal) -> String {
    fixed(value, 4, Sign::Always)
}

pub(super) fn in_coin(amount: String, coin: &str) -> String {
    if coin.is_empty() { amount } else { format!("{amount} {coin}") }
}

pub(super) fn size_of_row(row: &PositionRow) -> String {
    fixed_size(row.size, row.size_places)
}

pub(super) fn fixed_size(size: Decimal, places: Option<u32>) -> String {
    plain_digits(&format::stepped(size, places))
}

pub(super) fn number(value: Decimal) -> String {
    fixed(value, 2, Sign::Negative)
}

pub(super) fn factor(value: Decimal) -> String {
    number(value) + "x"
}

pub(super) fn percent(fraction: Decimal) -> Option<String> {
    percent_of(fraction, 2, Sign::Negative)
}

pub(super) fn signed_percent(fraction: Decimal) -> Option<String> {
    percent_of(fraction, 2, Sign::Always)
}

/// A rate of funding, which needs more digits.
pub(super) fn rate(fraction: Decimal) -> Option<String> {
    percent_of(fraction, 4, Sign::Always)
}

pub(super) fn percent_of(fraction: Decimal, places: u32, sign: Sign) -> Option<String> {
    let percent = fraction.checked_mul(Decimal::ONE_HUNDRED)?;
    Some(format!("{} %", fixed(percent, places, sign)))
}

/// Rounds as the screen does, with all its zeros, so that a figure that moves keeps its length.
pub(super) fn fixed(value: Decimal, places: u32, sign: Sign) -> String {
    plain_digits(&format::decimal(value, places, sign))
}

/// Removes the separators of thousands, which are for the eye.
pub(super) fn plain_digits(text: &str) -> String {
    text.replace(',', "")
}

pub(super) fn age(freshness: Freshness) -> String {
    match freshness {
        Freshness::Live { ms } => format!("live, {ms} ms old"),
        Freshness::Stale { ms } => format!("STALE {} s", ms / 1000),
        Freshness::Missing => "not known".to_owned(),
    }
}

pub(super) fn time(at: Timestamp) -> String {
    known(json::time(at))
}

pub(super) fn upper(word: impl Display) -> String {
    word.to_string().to_uppercase()
}
