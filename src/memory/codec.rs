//! How values stand in the columns: decimals as text, exactly; kinds as words.

use rust_decimal::Decimal;

use crate::domain::{LedgerKind, Text, Timestamp};
use crate::report::{Delivery, DeliveryState};

/// Kinds of ledger entries and their words. An unknown word of the exchange stands behind `unknown:`.
const KINDS: [(LedgerKind, &str); 15] = [
    (LedgerKind::Trade, "trade"),
    (LedgerKind::Funding, "funding"),
    (LedgerKind::Fee, "fee"),
    (LedgerKind::Interest, "interest"),
    (LedgerKind::Transfer, "transfer"),
    (LedgerKind::Internal, "internal"),
    (LedgerKind::Reserve, "reserve"),
    (LedgerKind::Bonus, "bonus"),
    (LedgerKind::Coupon, "coupon"),
    (LedgerKind::Airdrop, "airdrop"),
    (LedgerKind::Loan, "loan"),
    (LedgerKind::ProfitShare, "profit_share"),
    (LedgerKind::Margin, "margin"),
    (LedgerKind::Conversion, "conversion"),
    (LedgerKind::Other, "other"),
];
const UNKNOWN: &str = "unknown:";

/// Returns the word of a kind.
pub(super) fn kind_word(kind: &LedgerKind) -> String {
    if let LedgerKind::Unknown(word) = kind {
        return format!("{UNKNOWN}{word}");
    }
    KINDS.iter().find(|(known, _)| known == kind).map_or("other", |(_, word)| word).to_owned()
}

/// Returns the kind of a word; one that is not known is not understood.
pub(super) fn kind_of(word: &str) -> LedgerKind {
    let known = KINDS.iter().find(|(_, known)| *known == word).map(|(kind, _)| kind.clone());
    known.unwrap_or_else(|| {
        LedgerKind::Unknown(Text::new(word.strip_prefix(UNKNOWN).unwrap_or(word)))
    })
}

/// Returns a decimal as the column holds it.
pub(super) fn decimal(value: Decimal) -> String {
    value.normalize().to_string()
}

/// Returns a decimal that may not be known.
pub(super) fn optional(value: Option<Decimal>) -> Option<String> {
    value.map(decimal)
}

/// Returns a time.
pub(super) const fn millis(at: Timestamp) -> i64 {
    at.as_millis()
}

/// Reads the decimal of a column.
pub(super) fn read_decimal(column: usize, text: &str) -> rusqlite::Result<Decimal> {
    Decimal::from_str_exact(text).map_err(|error| {
        let kind = rusqlite::types::Type::Text;
        rusqlite::Error::FromSqlConversionFailure(column, kind, Box::new(error))
    })
}

/// Returns what became of an alert by way, as the column holds it: a JSON array. `None`
/// where nobody was told.
pub(super) fn deliveries(rows: &[Delivery]) -> Option<String> {
    let object = |row: &Delivery| {
        serde_json::json!({
            "way": row.way.as_str(),
            "state": row.state.to_string(),
            "at": row.at.as_millis(),
            "error": row.error.as_ref().map(Text::as_str),
        })
    };
    let all: Vec<_> = rows.iter().map(object).collect();
    (!all.is_empty()).then(|| serde_json::Value::from(all).to_string())
}

/// Reads them back; what another version of the program wrote in another form is left out.
pub(super) fn read_deliveries(text: &str) -> Vec<Delivery> {
    let rows: Vec<serde_json::Value> = serde_json::from_str(text).unwrap_or_default();
    let read = |row: &serde_json::Value| {
        let word = |name: &str| row.get(name)?.as_str();
        let states = [DeliveryState::Sent, DeliveryState::Failed, DeliveryState::Pending];
        Some(Delivery {
            way: Text::new(word("way")?),
            state: states.into_iter().find(|state| Some(&*state.to_string()) == word("state"))?,
            at: Timestamp::from_millis(row.get("at")?.as_i64()?),
            error: word("error").map(Text::new),
        })
    };
    rows.iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    #[test]
    fn kinds_come_back_as_they_were() {
        for (kind, word) in KINDS {
            assert_eq!((kind_word(&kind).as_str(), kind_of(word)), (word, kind));
        }
        let odd = LedgerKind::Unknown(Text::new("trade_new"));
        assert_eq!(kind_word(&odd), "unknown:trade_new");
        assert_eq!(kind_of("unknown:trade_new"), odd);
    }

    #[test]
    fn decimals_come_back_exactly() {
        for value in [dec!(0), dec!(-0.00000001), dec!(79228162514264337593543950335), dec!(1.50)] {
            assert_eq!(read_decimal(0, &decimal(value)).unwrap(), value);
        }
        assert_eq!(decimal(dec!(1.50)), "1.5");
        assert!(read_decimal(0, "1e5").is_err() && read_decimal(0, "").is_err());
    }
}
