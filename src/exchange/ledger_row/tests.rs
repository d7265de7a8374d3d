use rstest::rstest;
use rust_decimal::{Decimal, dec};

use super::{LedgerRow, Signs};
use crate::domain::{LedgerEntry, LedgerKind, Symbol, Timestamp};

fn entry(word: &str, coin: &str, amount: Decimal, fee_paid: Decimal, signs: Signs) -> LedgerEntry {
    let row = LedgerRow {
        id: "1".into(),
        symbol: None,
        coin: coin.into(),
        word,
        amount,
        fee_paid,
        time: Timestamp::from_millis(0),
    };
    row.entry(signs)
}

#[rstest]
#[case("CONTRACT_MAIN_SETTLE_FEE_USER_OUT", dec!(-1.5))]
#[case("RWA_FIXED_SETTLE_FEE_USER_IN", dec!(1.5))]
#[case("TRANSFER_OUT", dec!(-1.5))]
#[case("REPAYMENT", dec!(-1.5))]
#[case("ON_CHAIN_TRANSFER_REFUND", dec!(1.5))]
fn the_word_tells_the_way_of_the_money(#[case] word: &str, #[case] expected: Decimal) {
    for amount in [dec!(1.5), dec!(-1.5)] {
        assert_eq!(entry(word, "USDT", amount, dec!(0), Signs::InWord).amount, expected);
        assert_eq!(entry(word, "USDT", amount, dec!(0), Signs::InAmount).amount, amount);
    }
}

#[rstest]
#[case("CLOSE_LONG")]
#[case("ADL_BUY_IN_SINGLE_SIDE_MODE")]
#[case("FIXED_OFFSET_IN_SSM_LONG")]
#[case("FOO_SETTLE_FEE_OUT")]
fn a_word_without_a_way_leaves_the_amount_as_it_is(#[case] word: &str) {
    assert_eq!(entry(word, "USDT", dec!(3), dec!(0), Signs::InWord).amount, dec!(3));
}

#[rstest]
#[case::coin_of_the_exchange("ORDER_PLF_FEE_OUT", "BGB", dec!(-0.25), dec!(0))]
#[case::unsigned("ORDER_PLF_FEE_OUT", "BGB", dec!(0.25), dec!(0))]
#[case::in_the_fee("LIQ_FEE", "USDT", dec!(0), dec!(0.25))]
fn a_fee_of_its_own_is_in_its_coin(
    #[case] word: &str,
    #[case] coin: &str,
    #[case] amount: Decimal,
    #[case] fee_paid: Decimal,
) {
    let entry = entry(word, coin, amount, fee_paid, Signs::InWord);
    assert_eq!((entry.kind, entry.amount), (LedgerKind::Fee, Decimal::ZERO));
    assert_eq!((entry.fee.coin.as_str(), entry.fee.paid), (coin, dec!(0.25)));
}

#[rstest]
#[case("open_long")]
#[case("FIXED_OPEN_SHORT")]
#[case("RWA_CONTRACT_REBASE_USER_OPEN_LONG")]
fn opening_realizes_nothing(#[case] word: &str) {
    for signs in [Signs::InAmount, Signs::InWord] {
        let opened = entry(word, "USDT", dec!(0), dec!(0.3), signs);
        assert_eq!((opened.kind, opened.fee.paid), (LedgerKind::Trade, dec!(0.3)));
        let odd = entry(word, "USDT", dec!(-100), dec!(0.3), signs);
        assert_eq!(odd.kind, LedgerKind::Unknown(word.into()));
    }
}

#[rstest]
fn zero_has_no_sign(
    #[values("TRANSFER_OUT", "ORDER_PLF_FEE_OUT", "CLOSE_LONG")] word: &str,
    #[values(Signs::InAmount, Signs::InWord)] signs: Signs,
) {
    let entry = entry(word, "USDT", dec!(0), dec!(0), signs);
    assert_eq!((entry.amount.to_string(), entry.fee.paid.to_string()), ("0".into(), "0".into()));
}

#[test]
fn a_fee_that_does_not_fit_is_not_understood() {
    let entry = entry("LIQ_FEE", "USDT", Decimal::MIN, Decimal::MAX, Signs::InWord);
    assert_eq!(entry.kind, LedgerKind::Unknown("LIQ_FEE".into()));
}

/// A word of tomorrow on a row of a contract may be a result of trading: it is no flow. Without a contract it
/// moves the money and nothing else.
#[rstest]
#[case(None, LedgerKind::Other)]
#[case("BTCUSDT_UMCBL".parse().ok(), LedgerKind::Unknown("future_variant".into()))]
fn what_a_word_of_tomorrow_is_depends_on_its_contract(
    #[case] symbol: Option<Symbol>,
    #[case] kind: LedgerKind,
) {
    let row = LedgerRow {
        id: "1".into(),
        symbol,
        coin: "USDT".into(),
        word: "future_variant",
        amount: dec!(-415),
        fee_paid: dec!(0),
        time: Timestamp::from_millis(0),
    };
    assert_eq!(row.entry(Signs::InWord).kind, kind);
}
