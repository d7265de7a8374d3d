//! What a day brought, from the movements of the balance.

use rust_decimal::Decimal;

use super::exact::{add, sub};
use crate::domain::{LedgerEntry, LedgerKind, Timestamp};

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

/// Returns the totals of `coin` from `since` on; `None` when a total does not fit.
///
/// Transfers and moves inside the account are no PnL. Fees of other coins are left out: they are
/// never added across coins.
pub fn day_totals(rows: &[LedgerEntry], coin: &str, since: Timestamp) -> Option<DayTotals> {
    let mut totals = DayTotals::default();
    for row in rows.iter().filter(|row| row.time >= since && row.coin.as_str() == coin) {
        match row.kind {
            LedgerKind::Trade => totals.realized = add(totals.realized, row.amount)?,
            LedgerKind::Funding => totals.funding = add(totals.funding, row.amount)?,
            LedgerKind::Transfer | LedgerKind::Internal | LedgerKind::Other => continue,
        }
        totals.fees_paid = add(totals.fees_paid, row.fee_paid)?;
    }
    totals.net = sub(add(totals.realized, totals.funding)?, totals.fees_paid)?;
    Some(totals)
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
}
