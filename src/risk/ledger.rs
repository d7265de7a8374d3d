//! What a day brought, from the movements of the balance.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::exact::{add, sub};
use crate::domain::{Interval, LedgerEntry, LedgerKind, Timestamp};

/// The totals of one day, in one coin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayTotals {
    /// Realized PnL of fills, without fees.
    pub realized: Decimal,
    /// Trading fees; positive means paid.
    pub fees_paid: Decimal,
    /// Funding; positive means received.
    pub funding: Decimal,
    /// `realized + funding − fees_paid`.
    pub net: Decimal,
}

impl DayTotals {
    /// Adds one movement; `None` when a total does not fit.
    fn with(mut self, row: &LedgerEntry) -> Option<Self> {
        match row.kind {
            LedgerKind::Trade => self.realized = add(self.realized, row.amount)?,
            LedgerKind::Funding => self.funding = add(self.funding, row.amount)?,
            // Money that comes in, goes out or moves inside the account is no result of trading.
            LedgerKind::Transfer | LedgerKind::Internal | LedgerKind::Other => return Some(self),
        }
        self.fees_paid = add(self.fees_paid, row.fee_paid)?;
        self.net = sub(add(self.realized, self.funding)?, self.fees_paid)?;
        Some(self)
    }
}

/// Returns the totals of `coin` from `since` on; `None` when a total does not fit.
///
/// Transfers, bonuses and moves inside the account are no PnL. Fees of other coins are left out: they
/// are never added across coins.
pub fn day_totals(rows: &[LedgerEntry], coin: &str, since: Timestamp) -> Option<DayTotals> {
    rows.iter()
        .filter(|row| row.time >= since && row.coin.as_str() == coin)
        .try_fold(DayTotals::default(), DayTotals::with)
}

/// The most days of [`daily_totals`]: what one request for the ledger covers.
const MOST_DAYS: i64 = 30;

/// Returns the totals of each UTC day on which `coin` moved, newest first, with the start of the day:
/// that of `now` and the 29 before. `None` when a total does not fit.
///
/// A day that is not in the list had no movement in `rows`: it came to zero only if `rows` cover it.
pub fn daily_totals(
    rows: &[LedgerEntry],
    coin: &str,
    now: Timestamp,
) -> Option<Vec<(Timestamp, DayTotals)>> {
    let today = now.start_of_day();
    let first = today.plus_millis((1 - MOST_DAYS) * Interval::Day1.as_millis());
    let mut days: BTreeMap<Timestamp, DayTotals> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.coin.as_str() == coin) {
        let start = row.time.start_of_day();
        if (first..=today).contains(&start) {
            let day = days.entry(start).or_default();
            *day = day.with(row)?;
        }
    }
    Some(days.into_iter().rev().collect())
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    fn row(
        kind: LedgerKind,
        coin: &str,
        amount: Decimal,
        fee_paid: Decimal,
        at: i64,
    ) -> LedgerEntry {
        LedgerEntry {
            id: "1".into(),
            symbol: None,
            coin: coin.into(),
            kind,
            amount,
            fee_paid,
            time: Timestamp::from_millis(at),
        }
    }

    #[test]
    fn adds_trades_fees_and_funding_of_one_coin_and_day() {
        let rows = [
            row(LedgerKind::Trade, "USDT", dec!(12.5), dec!(0.3), 100),
            row(LedgerKind::Funding, "USDT", dec!(-1.2), dec!(0), 101),
            row(LedgerKind::Transfer, "USDT", dec!(5000), dec!(0), 102),
            row(LedgerKind::Internal, "USDT", dec!(-40), dec!(0), 103),
            row(LedgerKind::Trade, "BGB", dec!(0), dec!(0.9), 104),
            row(LedgerKind::Trade, "USDT", dec!(99), dec!(9), 50),
        ];
        let totals = day_totals(&rows, "USDT", Timestamp::from_millis(100)).unwrap();
        assert_eq!(totals.realized, dec!(12.5));
        assert_eq!(totals.fees_paid, dec!(0.3));
        assert_eq!(totals.funding, dec!(-1.2));
        assert_eq!(totals.net, dec!(11.0));
    }

    #[test]
    fn days_are_those_of_utc_newest_first() {
        const DAY: i64 = 86_400_000;
        let usdt = |kind, amount, at| row(kind, "USDT", amount, dec!(0.5), at);
        let rows = [
            usdt(LedgerKind::Trade, dec!(7), 100 * DAY - 1),
            usdt(LedgerKind::Other, dec!(3), 100 * DAY),
            usdt(LedgerKind::Funding, dec!(-2), 100 * DAY + 5),
            usdt(LedgerKind::Trade, dec!(4), 99 * DAY),
            usdt(LedgerKind::Trade, dec!(1), 71 * DAY),
            usdt(LedgerKind::Trade, dec!(1000), 71 * DAY - 1),
            usdt(LedgerKind::Trade, dec!(1000), 101 * DAY),
            row(LedgerKind::Trade, "BGB", dec!(1000), dec!(0), 98 * DAY),
        ];
        let days = daily_totals(&rows, "USDT", Timestamp::from_millis(100 * DAY + 9_000)).unwrap();
        let found: Vec<_> =
            days.iter().map(|(start, day)| (start.as_millis() / DAY, day.net)).collect();
        let expected = [(100, dec!(-2.5)), (99, dec!(10)), (71, dec!(0.5))];
        assert_eq!(found, expected);
        assert_eq!(daily_totals(&[], "USDT", Timestamp::from_millis(0)), Some(vec![]));
    }

    #[test]
    fn a_total_that_does_not_fit_is_unknown() {
        let huge = row(LedgerKind::Trade, "USDT", Decimal::MAX, dec!(0), 5);
        let rows = [huge.clone(), huge];
        let start = Timestamp::from_millis(0);
        assert_eq!(day_totals(&rows, "USDT", start), None);
        assert_eq!(daily_totals(&rows, "USDT", start), None);
    }

    #[test]
    fn any_time_has_its_day() {
        for at in [i64::MIN, i64::MIN + 1, i64::MAX] {
            let rows = [row(LedgerKind::Trade, "USDT", dec!(1), dec!(0), at)];
            let now = Timestamp::from_millis(at);
            let expected = usize::from(at == i64::MAX);
            assert!(daily_totals(&rows, "USDT", now).unwrap().len() >= expected);
        }
    }
}
