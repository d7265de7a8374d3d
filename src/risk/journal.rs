//! What closed positions come to.

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
}

/// Returns the statistics of closed positions, in any order.
pub fn journal(closed: &[ClosedPosition]) -> Journal {
    let results: Vec<Decimal> = closed.iter().filter_map(net_result).collect();
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
    }
}

/// Returns the result after fees and funding: the exchange's figure, else from its parts.
fn net_result(row: &ClosedPosition) -> Option<Decimal> {
    row.net_pnl.or_else(|| sub(add(row.realized_pnl?, row.funding_pnl?)?, row.fees_paid?))
}

fn ratio(won: Option<Decimal>, lost: Option<Decimal>) -> Option<Decimal> {
    div(won?, lost?.abs())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::dec;

    use super::*;
    use crate::domain::{Side, Symbol};

    fn closed(net: Option<Decimal>) -> ClosedPosition {
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
            opened_at: None,
            closed_at: None,
        }
    }

    #[test]
    fn of_nothing_there_are_no_rates() {
        let none = journal(&[]);
        assert_eq!(none, Journal { net: Some(dec!(0)), ..Journal::default() });
        let unknown = journal(&[closed(None)]);
        assert_eq!(unknown, Journal { unknown: 1, net: Some(dec!(0)), ..Journal::default() });
    }

    #[test]
    fn without_a_loss_there_is_no_factor() {
        let won = journal(&[closed(Some(dec!(5))), closed(Some(dec!(0)))]);
        assert_eq!((won.trades, won.wins, won.losses), (2, 1, 0));
        assert_eq!((won.profit_factor, won.payoff_ratio, won.average_loss), (None, None, None));
        assert_eq!((won.win_rate, won.expectancy), (Some(dec!(0.5)), Some(dec!(2.5))));
    }

    #[test]
    fn a_result_is_made_of_its_parts_when_it_was_not_sent() {
        let mut row = closed(None);
        (row.realized_pnl, row.funding_pnl) = (Some(dec!(10)), Some(dec!(-1)));
        assert_eq!(journal(std::slice::from_ref(&row)).trades, 0, "unknown fees are not zero");
        row.fees_paid = Some(dec!(2.5));
        assert_eq!(journal(&[row]).net, Some(dec!(6.5)));
    }

    proptest! {
        #[test]
        fn counts_add_up_and_no_input_panics(
            rows in prop::collection::vec((any::<Option<i64>>(), 0u32..20), 0..40),
        ) {
            let rows: Vec<_> = rows
                .into_iter()
                .map(|(net, scale)| closed(net.map(|net| Decimal::new(net, scale))))
                .collect();
            let found = journal(&rows);
            prop_assert_eq!(found.trades + found.unknown, rows.len());
            prop_assert!(found.wins + found.losses <= found.trades);
            prop_assert!(found.win_rate.is_none_or(|rate| (dec!(0)..=dec!(1)).contains(&rate)));
            prop_assert!(found.profit_factor.is_none_or(|factor| factor >= dec!(0)));
        }
    }
}
