//! What a day brought, from the movements of the balance.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::exact::{add, sub};
use crate::domain::{Fee, Interval, LedgerEntry, LedgerKind, Timestamp};

/// The totals of one day, in one coin. A total is `None` when it does not fit, when a part of it was in
/// another coin, whose worth is not known here, or when an entry that it should count is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayTotals {
    /// Realized PnL of fills, without fees.
    pub realized: Option<Decimal>,
    /// Trading fees; positive means paid.
    pub fees_paid: Option<Decimal>,
    /// Funding; positive means received.
    pub funding: Option<Decimal>,
    /// `realized + funding − fees_paid`.
    pub net: Option<Decimal>,
    /// Interest on what is borrowed; positive means paid. A cost of the account and no result of
    /// trading: it is shown apart and never part of `net`.
    pub interest_paid: Option<Decimal>,
    /// Everything else that changed what the account is worth (transfers, bonuses, loans and the like);
    /// positive means that it came in. Never part of `net`.
    pub flows: Option<Decimal>,
}

impl Default for DayTotals {
    /// The totals of a day on which nothing happened.
    fn default() -> Self {
        let nothing = Some(Decimal::ZERO);
        Self {
            realized: nothing,
            fees_paid: nothing,
            funding: nothing,
            net: nothing,
            interest_paid: nothing,
            flows: nothing,
        }
    }
}

impl DayTotals {
    /// Returns the totals with other fees, positive when paid, in place of theirs; `None` where these are
    /// not known.
    #[must_use]
    pub fn with_fees(self, fees_paid: Option<Decimal>) -> Self {
        Self { fees_paid, ..self }.summed()
    }

    /// Adds an entry that [`concerns`] the coin; `worth` is that of a fee in another coin.
    fn with(
        mut self,
        row: &LedgerEntry,
        coin: &str,
        worth: impl Fn(&Fee) -> Option<Decimal>,
    ) -> Self {
        let here = row.coin.as_str() == coin && row.fee.coin == row.coin;
        // With its fee, for what has one total.
        let whole = sub(row.amount, row.fee.paid).filter(|_| here);
        match row.kind {
            LedgerKind::Trade => self.realized = plus(self.realized, Some(row.amount)),
            LedgerKind::Funding => self.funding = plus(self.funding, Some(row.amount)),
            LedgerKind::Interest => {
                self.interest_paid = self.interest_paid.and_then(|paid| sub(paid, whole?));
            }
            LedgerKind::Fee | LedgerKind::Margin | LedgerKind::Conversion => {}
            LedgerKind::Transfer
            | LedgerKind::Internal
            | LedgerKind::Reserve
            | LedgerKind::Bonus
            | LedgerKind::Coupon
            | LedgerKind::Airdrop
            | LedgerKind::Loan
            | LedgerKind::ProfitShare
            | LedgerKind::Other => self.flows = plus(self.flows, whole),
            LedgerKind::Unknown(_) => {
                (self.realized, self.fees_paid, self.funding) = (None, None, None);
                self.interest_paid = None;
            }
        }
        if row.kind.is_result() {
            let is_here = row.fee_elsewhere(coin).is_none();
            let paid = if is_here { Some(row.fee.paid) } else { worth(&row.fee) };
            self.fees_paid = plus(self.fees_paid, paid);
        }
        self.summed()
    }

    fn summed(self) -> Self {
        let results = plus(self.realized, self.funding);
        Self { net: results.zip(self.fees_paid).and_then(|(a, b)| sub(a, b)), ..self }
    }
}

fn plus(a: Option<Decimal>, b: Option<Decimal>) -> Option<Decimal> {
    add(a?, b?)
}

/// Returns whether an entry has a place in the totals of `coin`: one in another coin does where its worth
/// is missing in a total. Trades and funding in another coin are results of other contracts.
fn concerns(row: &LedgerEntry, coin: &str) -> bool {
    let elsewhere = matches!(
        row.kind,
        LedgerKind::Trade | LedgerKind::Funding | LedgerKind::Margin | LedgerKind::Conversion
    );
    row.coin.as_str() == coin || !elsewhere
}

/// Returns the totals of `coin` from `since` on. `worth` returns what a fee in another coin is worth in
/// `coin`, and `None` where that is not known.
///
/// Trades and funding in another coin are left out: coins are never added.
pub fn day_totals(
    rows: &[LedgerEntry],
    coin: &str,
    since: Timestamp,
    worth: impl Fn(&Fee) -> Option<Decimal>,
) -> DayTotals {
    rows.iter()
        .filter(|row| row.time >= since && concerns(row, coin))
        .fold(DayTotals::default(), |day, row| day.with(row, coin, &worth))
}

/// The most days of [`daily_totals`], which is what one request for the ledger covers.
const MOST_DAYS: i64 = 30;

/// Returns the totals of each UTC day on which something happened, newest first, with the start of the
/// day: that of `now` and the 29 before.
///
/// A day that is not in the list had no entry in `rows`: it came to zero only if `rows` cover it.
pub fn daily_totals(
    rows: &[LedgerEntry],
    coin: &str,
    now: Timestamp,
) -> Vec<(Timestamp, DayTotals)> {
    let today = now.start_of_day();
    let first = today.plus_millis((1 - MOST_DAYS) * Interval::Day1.as_millis());
    let mut days: BTreeMap<Timestamp, DayTotals> = BTreeMap::new();
    for row in rows.iter().filter(|row| concerns(row, coin)) {
        let start = row.time.start_of_day();
        if (first..=today).contains(&start) {
            let day = days.entry(start).or_default();
            // What a fee in another coin was worth on a past day is not known.
            *day = day.with(row, coin, |_| None);
        }
    }
    days.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use rust_decimal::dec;

    use super::*;

    const DAY: i64 = 86_400_000;

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
            fee: Fee { coin: coin.into(), paid: fee_paid },
            time: Timestamp::from_millis(at),
        }
    }

    fn usdt(kind: LedgerKind, amount: Decimal, fee_paid: Decimal) -> LedgerEntry {
        row(kind, "USDT", amount, fee_paid, 100)
    }

    fn totals(rows: &[LedgerEntry]) -> DayTotals {
        day_totals(rows, "USDT", Timestamp::from_millis(100), |_| None)
    }

    #[test]
    fn adds_trades_fees_and_funding_of_one_coin_and_day() {
        let rows = [
            usdt(LedgerKind::Trade, dec!(12.5), dec!(0.3)),
            usdt(LedgerKind::Funding, dec!(-1.2), dec!(0)),
            usdt(LedgerKind::Fee, dec!(0), dec!(0.2)),
            usdt(LedgerKind::Interest, dec!(-0.7), dec!(0)),
            usdt(LedgerKind::Transfer, dec!(5000), dec!(1)),
            usdt(LedgerKind::Margin, dec!(-40), dec!(0)),
            usdt(LedgerKind::Conversion, dec!(-70), dec!(0.1)),
            row(LedgerKind::Trade, "USDC", dec!(8), dec!(0.9), 104),
            row(LedgerKind::Trade, "USDT", dec!(99), dec!(9), 50),
        ];
        let expected = DayTotals {
            realized: Some(dec!(12.5)),
            fees_paid: Some(dec!(0.5)),
            funding: Some(dec!(-1.2)),
            net: Some(dec!(10.8)),
            interest_paid: Some(dec!(0.7)),
            flows: Some(dec!(4999)),
        };
        assert_eq!(totals(&rows), expected);
    }

    #[rstest]
    fn money_that_is_no_result_is_a_flow(
        #[values(
            LedgerKind::Transfer,
            LedgerKind::Internal,
            LedgerKind::Reserve,
            LedgerKind::Bonus,
            LedgerKind::Coupon,
            LedgerKind::Airdrop,
            LedgerKind::Loan,
            LedgerKind::ProfitShare,
            LedgerKind::Other
        )]
        kind: LedgerKind,
        #[values(dec!(500), dec!(-500))] amount: Decimal,
    ) {
        let expected = DayTotals { flows: Some(amount), ..DayTotals::default() };
        assert_eq!(totals(&[usdt(kind.clone(), amount, dec!(0))]), expected);
        let unknown = DayTotals { flows: None, ..DayTotals::default() };
        assert_eq!(totals(&[row(kind, "BTC", amount, dec!(0), 100)]), unknown);
    }

    #[rstest]
    #[case::booked_on_its_own(row(LedgerKind::Fee, "BGB", dec!(0), dec!(0.9), 100))]
    #[case::of_a_trade(LedgerEntry {
        fee: Fee { coin: "BGB".into(), paid: dec!(0.9) },
        ..usdt(LedgerKind::Trade, dec!(0), dec!(0))
    })]
    fn a_fee_in_another_coin_leaves_fees_and_net_unknown(#[case] fee: LedgerEntry) {
        let trade = usdt(LedgerKind::Trade, dec!(12.5), dec!(0));
        let found = totals(&[trade.clone(), fee]);
        let known = totals(&[trade]);
        assert_eq!(found, DayTotals { fees_paid: None, net: None, ..known });
    }

    #[test]
    fn a_fee_in_another_coin_counts_at_its_worth() {
        let rows = [
            usdt(LedgerKind::Trade, dec!(12.5), dec!(0.3)),
            row(LedgerKind::Fee, "BGB", dec!(0), dec!(0.9), 100),
        ];
        let worth = |fee: &Fee| (fee.coin.as_str() == "BGB").then(|| fee.paid * dec!(4));
        let found = day_totals(&rows, "USDT", Timestamp::from_millis(100), worth);
        assert_eq!((found.fees_paid, found.net), (Some(dec!(3.9)), Some(dec!(8.6))));
        assert_eq!(found.with_fees(Some(dec!(5))).net, Some(dec!(7.5)));
        assert_eq!(found.with_fees(None).net, None);
    }

    #[test]
    fn a_word_that_is_not_understood_leaves_every_result_unknown() {
        for coin in ["USDT", "BGB"] {
            let rows = [
                usdt(LedgerKind::Trade, dec!(2), dec!(0.5)),
                row(LedgerKind::Unknown("FOO_OPEN_LONG".into()), coin, dec!(-6.5), dec!(0), 100),
                usdt(LedgerKind::Funding, dec!(1), dec!(0)),
            ];
            let DayTotals { realized, fees_paid, funding, net, interest_paid, .. } = totals(&rows);
            assert_eq!([realized, fees_paid, funding, net, interest_paid], [None; 5]);
        }
    }

    #[test]
    fn days_are_those_of_utc_newest_first() {
        let at = |kind, amount, at| row(kind, "USDT", amount, dec!(0.5), at);
        let rows = [
            at(LedgerKind::Trade, dec!(7), 100 * DAY - 1),
            at(LedgerKind::Bonus, dec!(3), 100 * DAY),
            at(LedgerKind::Funding, dec!(-2), 100 * DAY + 5),
            at(LedgerKind::Trade, dec!(4), 99 * DAY),
            row(LedgerKind::Fee, "BGB", dec!(0), dec!(1), 80 * DAY),
            at(LedgerKind::Trade, dec!(1), 71 * DAY),
            at(LedgerKind::Trade, dec!(1000), 71 * DAY - 1),
            at(LedgerKind::Trade, dec!(1000), 101 * DAY),
            row(LedgerKind::Trade, "USDC", dec!(1000), dec!(0), 98 * DAY),
        ];
        let days = daily_totals(&rows, "USDT", Timestamp::from_millis(100 * DAY + 9_000));
        let found: Vec<_> =
            days.iter().map(|(start, day)| (start.as_millis() / DAY, day.net, day.flows)).collect();
        let zero = Some(dec!(0));
        let expected = [
            (100, Some(dec!(-2.5)), Some(dec!(2.5))),
            (99, Some(dec!(10)), zero),
            (80, None, zero),
            (71, Some(dec!(0.5)), zero),
        ];
        assert_eq!(found, expected);
        assert_eq!(daily_totals(&[], "USDT", Timestamp::from_millis(0)), vec![]);
    }

    #[test]
    fn a_total_that_does_not_fit_is_unknown_and_the_others_are_not() {
        let huge = usdt(LedgerKind::Trade, Decimal::MAX, dec!(1));
        let found = totals(&[huge.clone(), huge]);
        assert_eq!((found.realized, found.net, found.fees_paid), (None, None, Some(dec!(2))));
    }

    #[test]
    fn zero_has_no_sign() {
        let rows = [
            usdt(LedgerKind::Trade, dec!(-1), dec!(0)),
            usdt(LedgerKind::Trade, dec!(1), dec!(0)),
            usdt(LedgerKind::Interest, dec!(0), dec!(0)),
        ];
        let DayTotals { realized, fees_paid, net, interest_paid, .. } = totals(&rows);
        for total in [realized, fees_paid, net, interest_paid] {
            assert_eq!(total.unwrap().to_string(), "0");
        }
    }

    #[test]
    fn any_time_has_its_day() {
        for at in [i64::MIN, i64::MIN + 1, i64::MAX] {
            let rows = [row(LedgerKind::Trade, "USDT", dec!(1), dec!(0), at)];
            let now = Timestamp::from_millis(at);
            let expected = usize::from(at == i64::MAX);
            assert!(daily_totals(&rows, "USDT", now).len() >= expected);
        }
    }
}
