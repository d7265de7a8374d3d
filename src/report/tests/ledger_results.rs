//! What the ledger leaves in the results of today and in the session.

use rstest::rstest;

use super::engine::long;
use super::session::Session;
use super::*;

#[rstest]
#[case::transfer(LedgerKind::Transfer, true)]
#[case::internal(LedgerKind::Internal, true)]
#[case::reserve(LedgerKind::Reserve, true)]
#[case::bonus(LedgerKind::Bonus, true)]
#[case::coupon(LedgerKind::Coupon, true)]
#[case::airdrop(LedgerKind::Airdrop, true)]
#[case::loan(LedgerKind::Loan, true)]
#[case::profit_share(LedgerKind::ProfitShare, true)]
#[case::other(LedgerKind::Other, true)]
#[case::trade(LedgerKind::Trade, false)]
#[case::funding(LedgerKind::Funding, false)]
#[case::interest(LedgerKind::Interest, false)]
fn only_flows_are_taken_out_of_the_session(
    #[case] kind: LedgerKind,
    #[case] is_flow: bool,
    #[values(false, true)] unified: bool,
) {
    let mut session = Session::new(unified);
    session.entry((1_000, 5_000), kind, dec!(-500));
    session.account(6_000, dec!(12400), dec!(-374.75));
    session.list(6_000, vec![long()]);
    session.mark(6_000, dec!(63250.5));
    let read = session.read(6_000);
    let (change, fall) = if is_flow { (dec!(0), dec!(0)) } else { (dec!(-500), dec!(500)) };
    assert_eq!((read.change, read.max_drawdown_amount), (Some(change), Some(fall)));
    assert_eq!(read.unexplained, None);
}

/// Both coins of a conversion and the margin of a position stay in the account: they explain nothing.
#[rstest]
fn what_stays_in_the_account_explains_no_movement(
    #[values(LedgerKind::Margin, LedgerKind::Conversion)] kind: LedgerKind,
    #[values(false, true)] unified: bool,
) {
    let mut session = Session::new(unified);
    session.entry((1_000, 5_000), kind, dec!(-500));
    session.account(6_000, dec!(12400), dec!(-374.75));
    session.list(6_000, vec![long()]);
    let read = session.read(6_000);
    assert_eq!((read.change, read.unexplained), (None, Some(dec!(-500))));
}
