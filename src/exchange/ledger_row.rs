//! A row of the ledger, as both generations of the API write it.

use rust_decimal::Decimal;

use super::ledger_word::{Direction, LedgerWord, kind_of, unknown};
use super::number::negated;
use crate::domain::{Fee, LedgerEntry, LedgerKind, Symbol, Text, Timestamp};

/// Whether the amounts of a list carry their sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signs {
    /// They do.
    InAmount,
    /// That is not documented: the word decides where it says which way the money went.
    InWord,
}

/// The fields of a row.
#[derive(Debug)]
pub(super) struct LedgerRow<'a> {
    pub(super) id: Text,
    pub(super) symbol: Option<Symbol>,
    /// The coin of both amounts.
    pub(super) coin: Text,
    /// What the exchange calls it; empty when it does not say.
    pub(super) word: &'a str,
    pub(super) amount: Decimal,
    /// Positive when paid.
    pub(super) fee_paid: Decimal,
    pub(super) time: Timestamp,
}

impl LedgerRow<'_> {
    pub(super) fn entry(self, signs: Signs) -> LedgerEntry {
        let Self { id, symbol, coin, word, amount, fee_paid, time } = self;
        let read = LedgerWord::read(word);
        let of_contract = symbol.is_some();
        let direction = read.and_then(|read| read.direction);
        let amount = match direction {
            Some(Direction::In) if signs == Signs::InWord => amount.abs(),
            Some(Direction::Out) if signs == Signs::InWord => negated(amount.abs()),
            _ => amount,
        };
        let entry = |kind, amount, paid| {
            let fee = Fee { coin: coin.clone(), paid };
            LedgerEntry { id, symbol, coin, kind, amount, fee, time }
        };
        // Opening realizes nothing. Where an amount comes with it (the margin of an isolated position,
        // perhaps), it is no result, and what then comes with the close is none either.
        if direction.is_some_and(Direction::opens) && !amount.is_zero() {
            return entry(unknown(word), amount, fee_paid);
        }
        // Whatever a contract is named with may be a result of it.
        let kind = if read.is_none() && of_contract { unknown(word) } else { kind_of(word) };
        if kind != LedgerKind::Fee {
            return entry(kind, amount, fee_paid);
        }
        match fee_paid.checked_sub(amount) {
            Some(paid) => entry(kind, Decimal::ZERO, paid),
            None => entry(unknown(word), amount, fee_paid),
        }
    }
}

#[cfg(test)]
mod tests;
