//! The coins of the account: what is held, what it is worth, what is owed, and what of the equity may be
//! taken back.

use rust_decimal::Decimal;

use super::inputs::Inputs;
use crate::domain::CoinBalance;
use crate::report::AccountPart;
use crate::ui::format::{self, Sign};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Absent, Body, Column, Formatter, Heading, Panel, Span, Table};

/// Decimals of a rate.
const RATE_PLACES: u32 = 4;

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let account = &inputs.report.account;
    let show = inputs.formatter(state, account.age);
    let heading = heading(account, show);
    if account.coins.is_empty() {
        let words = vec![vec![Span::label("coins of the account")], vec![Span::label("coins")]];
        let unknown = words.into_iter().map(|line| [line, vec![Absent::Unknown.span()]].concat());
        return Panel::new(heading, Body::Message(vec![unknown.collect()]));
    }
    let owes = account.coins.iter().any(is_owed);
    let backs = account.coins.iter().any(|coin| coin.collateral_value.is_some());
    let mut columns = vec![
        Column::new("Coin", false, 0, 4),
        Column::new("Equity", true, 1, 10),
        Column::new("Value USD", true, 3, 9),
    ];
    if owes {
        columns.push(Column::new("Debt", true, 2, 7));
    }
    if backs {
        columns.push(Column::new("Collateral USD", true, 4, 9));
    }
    columns.push(Column::new("Locked", true, 5, 8));
    let cells = |coin: &CoinBalance| {
        let amount = |value: Option<Decimal>| amount(coin, value, show);
        let mut cells =
            vec![show.word(coin.coin.to_string()), amount(coin.equity), show.money(coin.usd_value)];
        if owes {
            cells.push(debt(coin, show));
        }
        if backs {
            cells.push(show.money(coin.collateral_value));
        }
        cells.push(amount(coin.locked));
        cells
    };
    Panel::new(heading, Body::Table(Table::of_list(columns, &account.coins, cells)))
}

/// The title with what is owed, and in the lower border what the account's money is worth and rests on.
fn heading(account: &AccountPart, show: Formatter<'_>) -> Heading {
    let mut heading = Heading::new("Coins").aged(show.freshness);
    if account.coins.iter().any(is_owed) {
        heading.marks.push(Span::new("DEBT", Role::Alarm));
    }
    for remark in remarks(account) {
        heading = heading.noted(&remark);
    }
    heading
}

/// The rate of the coin that contracts pay in, where it is off one, and the shares of the equity that are
/// lent or given.
fn remarks(account: &AccountPart) -> Vec<String> {
    let rate = account.usdt_usd.filter(|rate| CoinBalance::is_off_par(*rate));
    let rate = rate
        .map(|rate| format!("1 USDT = {} USD", format::decimal(rate, RATE_PLACES, Sign::Negative)));
    let share = |name: &str, part: Option<Decimal>| {
        let part = part.filter(|part| !part.is_zero())?;
        let share = part.checked_div(account.equity.filter(|equity| *equity > Decimal::ZERO)?)?;
        Some(format!("{name} {}", format::percent(share, 2, Sign::Negative)?))
    };
    let given = [share("bonus", account.bonus), share("coupon", account.coupon)];
    rate.into_iter().chain(given.into_iter().flatten()).collect()
}

/// Returns whether something of the coin is owed.
pub(crate) fn is_owed(coin: &CoinBalance) -> bool {
    coin.debt.is_some_and(|debt| debt > Decimal::ZERO)
}

fn debt(coin: &CoinBalance, show: Formatter<'_>) -> Span {
    if !is_owed(coin) {
        return Absent::NotApplicable.span();
    }
    amount(coin, coin.debt, show).or_role(Role::Alarm)
}

/// Dollars with two decimals, other coins with those of a bitcoin.
fn amount(coin: &CoinBalance, value: Option<Decimal>, show: Formatter<'_>) -> Span {
    if coin.is_dollar() { show.money(value) } else { show.coin(value) }
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    #[test]
    fn a_rate_is_told_where_it_matters_and_so_are_gifts() {
        let of = |rate, bonus, equity| {
            remarks(&AccountPart { usdt_usd: rate, bonus, equity, ..AccountPart::default() })
        };
        let equity = Some(dec!(2000));
        assert_eq!(of(Some(dec!(0.999)), None, equity), ["1 USDT = 0.9990 USD"]);
        assert!(of(Some(dec!(0.9995)), Some(dec!(0)), equity).is_empty());
        assert_eq!(of(None, Some(dec!(50)), equity), ["bonus 2.50%"]);
        assert!(
            of(None, Some(dec!(50)), Some(dec!(-1))).is_empty(),
            "of nothing there is no share"
        );
    }
}
