//! What closed positions come to.

use std::time::Duration;

use rust_decimal::Decimal;

use super::exact::{add, div, sub, sum};
use crate::domain::ClosedPosition;

/// Statistics over closed positions. Money in USDT, after fees and funding.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Journal {
    /// Positions whose result is known; all other fields are about these.
    pub trades: usize,
    /// Positions whose result is not known.
    pub unknown: usize,
    /// Results above zero. A result of zero is neither won nor lost.
    pub wins: usize,
    /// Results below zero.
    pub losses: usize,
    /// Sum of all results; `None` when it does not fit.
    pub net: Option<Decimal>,
    /// Wins over all, a fraction; `None` without a trade, like all that follows.
    pub win_rate: Option<Decimal>,
    /// Gross win over gross loss; `None` without a loss.
    pub profit_factor: Option<Decimal>,
    /// Mean result.
    pub expectancy: Option<Decimal>,
    /// Mean of the wins.
    pub average_win: Option<Decimal>,
    /// Mean of the losses, negative.
    pub average_loss: Option<Decimal>,
    /// Average win over average loss, positive.
    pub payoff_ratio: Option<Decimal>,
    /// The best win.
    pub largest_win: Option<Decimal>,
    /// The worst loss, negative.
    pub largest_loss: Option<Decimal>,
    /// Most wins in a row, by the time of closing. A result of zero ends a row.
    pub longest_win_streak: usize,
    /// Most losses in a row.
    pub longest_loss_streak: usize,
    /// Mean time from opening to closing, of those for which both are known.
    pub average_holding: Option<Duration>,
}

/// Returns the statistics of closed positions, in any order.
pub fn journal(closed: &[ClosedPosition]) -> Journal {
    let mut known: Vec<_> =
        closed.iter().filter_map(|row| Some((row.closed_at, net_result(row)?))).collect();
    known.sort_by_key(|(closed_at, _)| *closed_at);
    let results: Vec<Decimal> = known.into_iter().map(|(_, net)| net).collect();
    let wins: Vec<_> = results.iter().copied().filter(|net| *net > Decimal::ZERO).collect();
    let losses: Vec<_> = results.iter().copied().filter(|net| *net < Decimal::ZERO).collect();

    let total = |some: &[Decimal]| sum(some.iter().copied().map(Some));
    let mean = |some: &[Decimal]| div(total(some)?, Decimal::from(some.len()));
    let (average_win, average_loss) = (mean(&wins), mean(&losses));
    Journal {
        trades: results.len(),
        unknown: closed.len() - results.len(),
        wins: wins.len(),
        losses: losses.len(),
        net: total(&results),
        win_rate: div(Decimal::from(wins.len()), Decimal::from(results.len())),
        profit_factor: ratio(total(&wins), total(&losses)),
        expectancy: mean(&results),
        average_win,
        average_loss,
        payoff_ratio: ratio(average_win, average_loss),
        largest_win: wins.iter().copied().max(),
        largest_loss: losses.iter().copied().min(),
        longest_win_streak: longest(&results, |net| net > Decimal::ZERO),
        longest_loss_streak: longest(&results, |net| net < Decimal::ZERO),
        average_holding: average_holding(closed),
    }
}

/// Returns the result after fees and funding: the exchange's figure, else from its parts.
fn net_result(row: &ClosedPosition) -> Option<Decimal> {
    row.net_pnl.or_else(|| sub(add(row.realized_pnl?, row.funding_pnl?)?, row.fees_paid?))
}

fn ratio(won: Option<Decimal>, lost: Option<Decimal>) -> Option<Decimal> {
    div(won?, lost?.abs())
}

fn longest(results: &[Decimal], counts: impl Fn(Decimal) -> bool) -> usize {
    results.split(|net| !counts(*net)).map(<[Decimal]>::len).max().unwrap_or_default()
}

fn average_holding(closed: &[ClosedPosition]) -> Option<Duration> {
    let held: Vec<_> =
        closed.iter().filter_map(|row| Some(row.closed_at?.since(row.opened_at?))).collect();
    let total = held.iter().try_fold(Duration::ZERO, |total, held| total.checked_add(*held))?;
    total.checked_div(u32::try_from(held.len()).ok()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::dec;

    use super::*;
    use crate::domain::{Side, Symbol, Timestamp};

    fn closed(net: Option<Decimal>, opened: Option<i64>, closed: Option<i64>) -> ClosedPosition {
        ClosedPosition {
            id: None,
            symbol: Symbol::default(),
            side: Side::Long,
            margin_mode: None,
            entry_price: None,
            exit_price: None,
            size: None,
            realized_pnl: None,
            funding_pnl: None,
            fees_paid: None,
            net_pnl: net,
            opened_at: opened.map(Timestamp::from_millis),
            closed_at: closed.map(Timestamp::from_millis),
        }
    }

    #[test]
    fn of_nothing_there_are_no_rates() {
        let none = journal(&[]);
        assert_eq!(none, Journal { net: Some(dec!(0)), ..Journal::default() });
        let unknown = journal(&[closed(None, None, Some(5))]);
        assert_eq!(unknown, Journal { unknown: 1, net: Some(dec!(0)), ..Journal::default() });
    }

    #[test]
    fn without_a_loss_there_is_no_factor() {
        let won = journal(&[
            closed(Some(dec!(5)), Some(0), Some(9_000)),
            closed(Some(dec!(0)), None, None),
        ]);
        assert_eq!((won.trades, won.wins, won.losses), (2, 1, 0));
        assert_eq!((won.profit_factor, won.payoff_ratio, won.average_loss), (None, None, None));
        assert_eq!((won.win_rate, won.expectancy), (Some(dec!(0.5)), Some(dec!(2.5))));
        assert_eq!(won.average_holding, Some(Duration::from_secs(9)));
    }

    #[test]
    fn rows_are_counted_by_the_time_of_closing() {
        let results =
            [(4, dec!(-1)), (1, dec!(1)), (3, dec!(1)), (2, dec!(1)), (6, dec!(1)), (5, dec!(0))];
        let rows = results.map(|(at, net)| closed(Some(net), None, Some(at)));
        let journal = journal(&rows);
        assert_eq!((journal.longest_win_streak, journal.longest_loss_streak), (3, 1));
        assert_eq!(journal.average_holding, None);
    }

    #[test]
    fn a_result_is_made_of_its_parts_when_it_was_not_sent() {
        let mut row = closed(None, None, None);
        (row.realized_pnl, row.funding_pnl) = (Some(dec!(10)), Some(dec!(-1)));
        assert_eq!(journal(std::slice::from_ref(&row)).trades, 0, "unknown fees are not zero");
        row.fees_paid = Some(dec!(2.5));
        assert_eq!(journal(&[row]).net, Some(dec!(6.5)));
    }

    proptest! {
        #[test]
        fn counts_add_up_and_no_input_panics(
            rows in prop::collection::vec(
                (any::<Option<i64>>(), 0u32..20, any::<Option<i64>>(), any::<Option<i64>>()), 0..40,
            ),
        ) {
            let rows: Vec<_> = rows
                .into_iter()
                .map(|(net, scale, opened, shut)| {
                    closed(net.map(|net| Decimal::new(net, scale)), opened, shut)
                })
                .collect();
            let found = journal(&rows);
            prop_assert_eq!(found.trades + found.unknown, rows.len());
            prop_assert!(found.wins + found.losses <= found.trades);
            prop_assert!(found.longest_win_streak <= found.wins);
            prop_assert!(found.longest_loss_streak <= found.losses);
            prop_assert!(found.win_rate.is_none_or(|rate| (dec!(0)..=dec!(1)).contains(&rate)));
            prop_assert!(found.profit_factor.is_none_or(|factor| factor >= dec!(0)));
        }
    }
}
