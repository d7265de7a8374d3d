//! Fees that were taken in another coin than the results are in, such as the exchange's own.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::OtherFee;
use super::age::Age;
use super::inputs::Inputs;
use super::rounding::tidy;
use crate::domain::{CoinBalance, Fee, LedgerEntry, LedgerKind, Product, Symbol, Text, Timestamp};
use crate::risk;

/// The coin of the results.
pub(super) const COIN: &str = "USDT";

/// Returns the fees in other coins of the ledger's `rows` from `since` on, by coin.
pub(super) fn of_ledger(
    inputs: &Inputs<'_>,
    rows: &[LedgerEntry],
    since: Timestamp,
) -> Vec<OtherFee> {
    let mut sums = BTreeMap::new();
    for row in rows.iter().filter(|row| row.time >= since) {
        if let Some(coin) = row.fee_elsewhere(COIN) {
            add(&mut sums, coin, Some(row.fee.paid));
        }
    }
    valued(inputs, sums)
}

/// Returns the fees in other coins that only the fills tell, by coin.
///
/// The ledger of a classic account has no entry for such a fee, but a trade without one. The fills are
/// asked only then: a pushed fill that is garbled is never sent again.
pub(super) fn of_fills(
    inputs: &Inputs<'_>,
    rows: &[LedgerEntry],
    since: Timestamp,
) -> Vec<OtherFee> {
    let is_trade = |row: &&LedgerEntry| {
        row.time >= since && row.kind == LedgerKind::Trade && row.coin.as_str() == COIN
    };
    let trades = || rows.iter().filter(is_trade);
    if !trades().any(|row| row.fee.paid.is_zero()) {
        return Vec::new();
    }
    let fills = inputs.snapshot.fills.iter();
    let fills: Vec<_> = fills.filter(|fill| fill.time.is_some_and(|time| time >= since)).collect();
    // The list of fills is shorter than a long day.
    let are_all_there = fills.len() >= trades().count();
    let of_ledger = |fee: &Fee| {
        let rows = rows.iter().filter(|row| row.time >= since);
        rows.filter_map(|row| row.fee_elsewhere(COIN)).any(|coin| *coin == fee.coin)
    };
    let mut sums = BTreeMap::new();
    for fee in fills.iter().flat_map(|fill| &fill.fees) {
        if fee.is_elsewhere(COIN) && !of_ledger(fee) {
            add(&mut sums, &fee.coin, are_all_there.then_some(fee.paid));
        }
    }
    valued(inputs, sums)
}

type Sums<'a> = BTreeMap<&'a Text, Option<Decimal>>;

fn add<'a>(sums: &mut Sums<'a>, coin: &'a Text, paid: Option<Decimal>) {
    let sum = sums.entry(coin).or_insert(Some(Decimal::ZERO));
    *sum = sum.zip(paid).and_then(|(a, b)| risk::add(a, b));
}

fn valued(inputs: &Inputs<'_>, sums: Sums<'_>) -> Vec<OtherFee> {
    let fee = |(coin, paid): (&Text, Option<Decimal>)| OtherFee {
        coin: coin.clone(),
        paid,
        value: paid.and_then(|paid| worth(inputs, coin, paid)),
    };
    sums.into_iter().map(fee).collect()
}

/// Returns what an amount of a coin is worth now: by the mark price of its contract where that is live, else
/// by what the newest report of the account gives for the coin.
pub(super) fn worth(inputs: &Inputs<'_>, coin: &Text, amount: Decimal) -> Option<Decimal> {
    let price = live_mark(inputs, coin).or_else(|| reported_rate(inputs, coin))?;
    risk::mul(amount, price).map(tidy)
}

fn live_mark(inputs: &Inputs<'_>, coin: &Text) -> Option<Decimal> {
    let symbol = Symbol::from_wire(&format!("{coin}{COIN}"), Product::UsdtFutures)?;
    let ticker = inputs.snapshot.tickers.get(&symbol)?;
    let age = Age::new(Some(ticker.as_of), inputs.context.limits.price);
    ticker.value.mark.filter(|_| age.is_live(inputs.now))
}

fn reported_rate(inputs: &Inputs<'_>, coin: &Text) -> Option<Decimal> {
    let account = inputs.account().filter(|_| inputs.account_age.is_live(inputs.now))?;
    let usd = |name: &str| account.coin(name).and_then(CoinBalance::usd_rate);
    risk::div(usd(coin.as_str())?, usd(COIN).or(account.usdt_usd)?)
}
