//! The words that are documented, the families that are not, and what is not understood.

use std::fmt::Debug;

use rstest::rstest;

use super::{Direction, LedgerEvent, LedgerWord, Product, kind_of};
use crate::domain::{LedgerKind, MarginMode, Text};

const WORDS: &str = include_str!("words.txt");

/// The sections of the list: their heading and the lines below it.
fn sections() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    WORDS.split("\n## ").skip(1).map(|section| {
        let mut lines = section.lines().filter(|line| !line.is_empty());
        (lines.next().unwrap(), lines.collect())
    })
}

fn named<T: Debug>(part: Option<T>) -> String {
    part.map_or_else(|| "-".to_owned(), |part| format!("{part:?}"))
}

/// A word and what it says, as a line of the list.
fn line(word: &str) -> String {
    let Some(read) = LedgerWord::read(word) else {
        assert_eq!(kind_of(word), LedgerKind::Unknown(Text::new(word)), "{word}");
        return format!("{word} ?");
    };
    let LedgerWord { product, margin, event, direction } = read;
    let (product, margin, direction) = (named(product), named(margin), named(direction));
    assert_eq!(kind_of(word), read.kind(), "{word}");
    format!("{word} {product} {margin} {event:?} {direction} {:?}", read.kind())
}

#[rstest]
#[case::v3("V3, `type`", 123)]
#[case::v3_of_other_documents("V3, words", 55)]
#[case::v2("V2", 64)]
fn every_documented_word_says_what_the_list_says(#[case] heading: &str, #[case] count: usize) {
    let (_, lines) = sections().find(|(found, _)| found.starts_with(heading)).unwrap();
    let read: Vec<_> = lines.iter().map(|listed| line(listed.split(' ').next().unwrap())).collect();
    assert_eq!(read, lines);
    assert_eq!(lines.len(), count);
}

#[test]
fn case_and_blanks_do_not_matter() {
    for (_, lines) in sections() {
        for listed in lines {
            let word = listed.split(' ').next().unwrap();
            let read = LedgerWord::read(word);
            assert_eq!(LedgerWord::read(&word.to_ascii_lowercase()), read, "{word}");
            assert_eq!(LedgerWord::read(&word.to_ascii_uppercase()), read, "{word}");
            assert_eq!(LedgerWord::read(&format!(" {word} ")), read, "{word}");
        }
    }
}

#[rstest]
fn families_of_words_for_other_products_fall_into_place(
    #[values(
        ("", None),
        ("CONTRACT_", None),
        ("RWA_", Some(Product::RealWorld)),
        ("RWA_CONTRACT_", Some(Product::RealWorld)),
        ("STOCK_", Some(Product::Stock)),
        ("METAL_CONTRACT_", Some(Product::Metal)),
        ("USDC_", Some(Product::UsdcFutures)),
        ("COIN_CONTRACT_", Some(Product::CoinFutures))
    )]
    (product_word, product): (&str, Option<Product>),
    #[values(
        ("", None),
        ("MAIN_", Some(MarginMode::Cross)),
        ("FIXED_", Some(MarginMode::Isolated)),
        ("MARGIN_", Some(MarginMode::Isolated)),
        ("MARIN_", Some(MarginMode::Isolated))
    )]
    (margin_word, margin): (&str, Option<MarginMode>),
) {
    for (rest, event, direction) in [
        ("OPEN_SHORT", LedgerEvent::Trade, Direction::OpenShort),
        ("CLOSE_LONG", LedgerEvent::Trade, Direction::CloseLong),
        ("BURST_CLOSE_SHORT", LedgerEvent::Liquidation, Direction::CloseShort),
        ("FORCE_SELL_SSM", LedgerEvent::Liquidation, Direction::Sell),
        ("ADL_CLOSE_LONG", LedgerEvent::Adl, Direction::CloseLong),
        ("ADL_BUY_IN_SINGLE_SIDE_MODE", LedgerEvent::Adl, Direction::Buy),
        ("REBASE_USER_BUY_IN_SSM", LedgerEvent::Rebase, Direction::Buy),
        ("DELIVERY_SHORT", LedgerEvent::Delivery, Direction::CloseShort),
        ("SETTLE_FEE_USER_OUT", LedgerEvent::Funding, Direction::Out),
        ("RISK_LIQ_USER_IN", LedgerEvent::Liquidation, Direction::In),
    ] {
        let word = format!("{product_word}{margin_word}{rest}");
        let expected = LedgerWord { product, margin, event, direction: Some(direction) };
        assert_eq!(LedgerWord::read(&word), Some(expected), "{word}");
        assert!(kind_of(&word).is_result(), "{word}");
    }
}

#[rstest]
fn a_word_that_looks_like_a_result_is_never_guessed(
    #[values(
        "FOO_OPEN_LONG",
        "OPEN_LONG_FOO",
        "OPEN_LONG_CLOSE_SHORT",
        "FIXED_FOO_CLOSE_LONG",
        "LUNAR_BURST_CLOSE_LONG",
        "NEW_SETTLE_FEE_USER_IN",
        "PLATFORM_FEE",
        "TAKERFEE_OUT",
        "LIQ_BONUS_IN",
        "POSITION_TRANSFER_IN",
        "REALIZED_PNL",
        "DIVIDEND_USER_IN",
        "TRANSFER_FEE_OUT",
        "open_position",
        "LONG",
        "EXCHANGE_OPEN_LONG",
        "CONTRACT_MAIN_SETTLE_FEE_SYSTEM_IN"
    )]
    word: &str,
) {
    assert_eq!(LedgerWord::read(word), None);
    assert_eq!(kind_of(word), LedgerKind::Unknown(word.into()));
    assert_eq!(kind_of(&format!(" {word} ")), LedgerKind::Unknown(word.into()));
}

#[rstest]
#[case("")]
#[case("  ")]
fn a_word_that_is_missing_may_be_a_result(#[case] word: &str) {
    assert_eq!(kind_of(word), LedgerKind::Unknown("?".into()));
}

#[rstest]
#[case("NEW_WALLET_TRANSFER_IN", LedgerKind::Transfer)]
#[case("SPRING_BONUS_GRANT_USER_IN", LedgerKind::Bonus)]
#[case("COUPON_RECYCLE", LedgerKind::Coupon)]
#[case("VOUCHER_ISSUE", LedgerKind::Coupon)]
#[case("AIRDROP_REWARDS", LedgerKind::Airdrop)]
#[case("REBATE_REWARDS", LedgerKind::Airdrop)]
#[case("VIP_LOAN_REPAY_USER_OUT", LedgerKind::Loan)]
#[case("BATCH_INTEREST_USER_IN", LedgerKind::Interest)]
#[case("LUCKY_DRAW_USER_IN", LedgerKind::Other)]
fn what_is_no_result_is_read_by_the_part_that_names_it(
    #[case] word: &str,
    #[case] kind: LedgerKind,
) {
    assert_eq!(kind_of(word), kind);
    assert!(!kind.is_result());
}

#[test]
fn a_kind_is_a_result_or_a_flow_or_neither() {
    let unknown = LedgerKind::Unknown("X".into());
    for kind in [unknown, LedgerKind::Interest, LedgerKind::Margin, LedgerKind::Conversion] {
        assert!(!kind.is_result() && !kind.is_flow(), "{kind:?}");
    }
    for (_, lines) in sections() {
        for listed in lines {
            let kind = kind_of(listed.split(' ').next().unwrap());
            assert!(!(kind.is_result() && kind.is_flow()), "{listed}");
        }
    }
}
