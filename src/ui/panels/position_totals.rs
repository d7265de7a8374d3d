//! What the positions of the table come to together.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::inputs::Inputs;
use crate::domain::{CoinBalance, Text};
use crate::report::{Age, Freshness, PositionRow};
use crate::risk;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Line, Span};

/// Returns the sums of several positions, in the coin in which all of them settle, else in the currency of
/// the account. One that the account does not count or whose worth in it is not known is left out, and that
/// is said; a sum with an unknown addend is not known. `panel` is how far the list can be trusted, which its title says.
pub(super) fn totals(
    inputs: &Inputs<'_>,
    state: &UiState,
    rows: &[&PositionRow],
    panel: Freshness,
) -> Option<Line> {
    // One row is its own sum.
    if rows.len() < 2 {
        return None;
    }
    let account = &inputs.report.account;
    let coins: BTreeSet<Option<&str>> =
        rows.iter().map(|row| row.key.symbol.settle_coin()).collect();
    let shared = coins.first().copied().flatten().filter(|_| coins.len() == 1);
    let coin = shared.or_else(|| account.margin_coin.as_ref().map(Text::as_str))?;
    // What the account does not count is in none of its other sums on this screen.
    let rate = |row: &PositionRow| match shared {
        Some(_) => Some(Decimal::ONE),
        None => row.settle_rate.filter(|_| row.counted),
    };
    let counted: Vec<(&PositionRow, Decimal)> =
        rows.iter().filter_map(|row| rate(row).map(|rate| (*row, rate))).collect();
    let sum = |value: fn(&PositionRow) -> Option<Decimal>| {
        // Where nothing could be counted the sum is not zero.
        let found = counted.iter().map(|(row, rate)| risk::mul(value(row)?, *rate));
        risk::sum(found).filter(|_| !counted.is_empty())
    };
    // The rates are those of the account's report.
    let rates = shared.is_none().then_some(account.age);
    let age = rows.iter().map(|row| inputs.row_age(row)).chain(rates).reduce(Age::with)?;
    let show = inputs.formatter(state, age);
    let is_dollar = CoinBalance::is_dollar_coin(coin);
    let gain = |value| if is_dollar { show.gain(value) } else { show.coin_gain(value) };
    let notional = sum(|row| row.notional);
    let notional = if is_dollar { show.money(notional) } else { show.coin(notional) };
    let what = if state.filter.is_empty() { "Total" } else { "Total shown" };
    let mut line = vec![
        Span::label(format!("{what} {coin}")),
        gain(sum(|row| row.unrealized_pnl)).after("uPnL"),
        gain(sum(|row| row.net_pnl)).after("net"),
        notional.after("notional"),
        // Fees are money out, so what was paid carries a minus.
        gain(sum(|row| row.fees_paid).map(|paid| -paid)).after("fees"),
        gain(sum(|row| row.funding_pnl)).after("funding"),
    ];
    let left_out = rows.len().saturating_sub(counted.len());
    if left_out > 0 {
        let of = rows.len();
        line.insert(1, Span::new(format!("without {left_out} of {of}"), Role::Warn));
    }
    let mark = show.freshness.mark().filter(|_| !show.freshness.is_said_by(panel));
    if let Some(mark) = mark {
        line.insert(1, mark);
    }
    Some(line)
}
