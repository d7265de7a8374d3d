//! What the ledger leaves in the results of today and in the session.

use rstest::rstest;

use super::engine::long;
use super::session::Session;
use super::*;
use crate::domain::CoinBalance;

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

/// Both coins of a conversion and the margin of a position stay in the account, and of what is not
/// understood nobody can say whether it is a result: they explain nothing.
#[rstest]
fn what_is_neither_result_nor_flow_explains_no_movement(
    #[values(LedgerKind::Margin, LedgerKind::Conversion, LedgerKind::Unknown("A_FEE".into()))]
    kind: LedgerKind,
    #[values(false, true)] unified: bool,
) {
    let mut session = Session::new(unified);
    session.entry((1_000, 5_000), kind, dec!(-500));
    session.account(6_000, dec!(12400), dec!(-374.75));
    session.list(6_000, vec![long()]);
    let read = session.read(6_000);
    assert_eq!((read.change, read.unexplained), (None, Some(dec!(-500))));
}

#[test]
fn a_word_that_is_not_understood_makes_today_and_its_day_unknown() {
    let mut store = complete_state();
    let (since, until) = (NOW.start_of_day().plus_millis(-29 * 86_400_000), NOW);
    let page = |rows| Body::LedgerHistory { since, until, rows, complete: true };
    store.apply(rest(0, page(Vec::new())));
    store.apply(rest(0, Body::ClosedPositionsRead));
    let before = report(&store, NOW);
    assert!(before.complete && before.history.complete && before.problems.is_empty());

    let unknown = entry(LedgerKind::Unknown("FOO_OPEN_LONG".into()), dec!(-7), dec!(0));
    let ledger = |rows| Body::Ledger { since: NOW.start_of_day(), rows, complete: true };
    store.apply(rest(0, ledger(vec![unknown.clone()])));
    let after = report(&store, NOW);
    assert!(!after.complete && after.history.complete, "no entry is missing");
    let pnl = &value(&after)["pnl"];
    for key in ["realized_today", "fees_today", "funding_today", "net_today", "interest_today"] {
        assert!(pnl[key].is_null(), "{key}");
    }
    assert_eq!(after.history.by_day[0].1.net, None);
    let texts = |report: &Report| -> Vec<_> {
        report.problems.iter().map(|problem| problem.text.to_string()).collect()
    };
    let text = "ledger word FOO_OPEN_LONG is not understood: today's totals are not shown";
    assert_eq!(texts(&after), [text]);

    // The day after, it is a matter of the past.
    let yesterday = LedgerEntry { time: NOW.plus_millis(-86_400_000), ..unknown };
    let mut store = complete_state();
    store.apply(rest(0, page(vec![yesterday])));
    let after = report(&store, NOW);
    assert!(after.complete && after.pnl.today.totals.unwrap().net.is_some());
    let text = "ledger word FOO_OPEN_LONG is not understood: totals of past days are not shown";
    assert_eq!(texts(&after), [text]);
    assert_eq!(after.history.by_day.last().unwrap().1.net, None);
}

#[test]
fn a_row_that_was_garbled_is_mended_when_it_is_read_again() {
    let good = entry(LedgerKind::Trade, dec!(5), dec!(1));
    let garbled = LedgerEntry { kind: LedgerKind::Unknown("cl".into()), ..good.clone() };
    let ledger = |row| Body::Ledger { since: NOW.start_of_day(), rows: vec![row], complete: true };
    let mut store = complete_state();
    for (row, net, problems) in [(garbled, None, 1), (good, Some(dec!(4)), 0)] {
        store.apply(rest(0, ledger(row)));
        let read = report(&store, NOW);
        let today = read.pnl.today.totals.unwrap().net;
        assert_eq!((today, read.problems.len()), (net, problems));
        // The day of the history keeps the funding of before.
        assert_eq!(read.history.by_day[0].1.net, net.map(|net| net - dec!(2)));
    }
}

fn fill(fees: Vec<Fee>) -> Fill {
    Fill {
        symbol: Symbol::default(),
        trade_id: "1".into(),
        order_id: None,
        side: None,
        closes: Some(true),
        forced: None,
        price: None,
        size: None,
        realized_pnl: Some(dec!(5)),
        fees,
        liquidity: None,
        time: Some(NOW.plus_millis(-60_000)),
    }
}

/// At the mark price of the coin's own contract, while that is live; never zero without one.
#[rstest]
#[case::of_the_ledger(true)]
#[case::that_only_fills_tell(false)]
fn a_fee_in_another_coin_counts_at_its_worth(#[case] in_ledger: bool) {
    let bgb = |paid| Fee { coin: "BGB".into(), paid };
    let mut store = complete_state();
    let trade = entry(LedgerKind::Trade, dec!(5), dec!(0));
    let mut rows = vec![trade];
    if in_ledger {
        rows.push(LedgerEntry { fee: bgb(dec!(0.5)), ..entry(LedgerKind::Fee, dec!(0), dec!(0)) });
    } else {
        let fees = vec![bgb(dec!(0.5))];
        let fill = fill(fees);
        store.apply(rest(0, Body::Fills(vec![fill])));
    }
    store.apply(rest(0, Body::Ledger { since: NOW.start_of_day(), rows, complete: true }));
    let read = |store: &Store, now| {
        let report = report(store, now);
        let totals = report.pnl.today.totals.unwrap();
        let [fee] = &report.pnl.today.other_fees[..] else { panic!() };
        assert_eq!((fee.coin.as_str(), fee.paid), ("BGB", Some(dec!(0.5))));
        let of_day = report.history.by_day[0].1;
        assert_eq!(of_day.fees_paid, totals.fees_paid);
        (fee.value, totals.fees_paid, totals.net)
    };
    assert_eq!(read(&store, NOW), (None, None, None));
    store.apply(rest(0, ticker("BGBUSDT", dec!(4))));
    assert_eq!(read(&store, NOW), (Some(dec!(2)), Some(dec!(2)), Some(dec!(3))));
    let late = NOW.plus_millis(60_000);
    assert_eq!(read(&store, late), (None, None, None), "the price is old");
}

/// A unified account that holds the coin says what it is worth.
#[test]
fn a_fee_counts_at_the_rate_of_the_account_report() {
    let mut store = complete_state();
    let fee = Fee { coin: "BGB".into(), paid: dec!(0.5) };
    let rows = vec![
        entry(LedgerKind::Trade, dec!(5), dec!(0)),
        LedgerEntry { fee, ..entry(LedgerKind::Fee, dec!(0), dec!(0)) },
    ];
    store.apply(rest(0, Body::Ledger { since: NOW.start_of_day(), rows, complete: true }));
    let Body::Account(mut report_of_account) = account() else { unreachable!() };
    let coin = |name: &str, equity, usd_value| CoinBalance {
        coin: name.into(),
        equity: Some(equity),
        available: None,
        locked: None,
        debt: None,
        usd_value: Some(usd_value),
        collateral_value: None,
        bonus: None,
        wallet: None,
    };
    report_of_account.account.coins =
        vec![coin("USDT", dec!(1000), dec!(800)), coin("BGB", dec!(10), dec!(32))];
    store.apply(rest(0, Body::Account(report_of_account)));
    let today = report(&store, NOW).pnl.today;
    assert_eq!(today.other_fees[0].value, Some(dec!(2)), "3.2 USD each, and 0.8 USD a USDT");
    assert_eq!(today.totals.unwrap().net, Some(dec!(3)));
}

/// The list of fills is shorter than the day: some of the fee is not known.
#[test]
fn a_fee_of_fills_that_are_not_all_there_is_unknown() {
    let mut store = complete_state();
    let trade =
        |id: &str| LedgerEntry { id: id.into(), ..entry(LedgerKind::Trade, dec!(5), dec!(0)) };
    let rows = vec![trade("1"), trade("2")];
    store.apply(rest(0, Body::Ledger { since: NOW.start_of_day(), rows, complete: true }));
    let fees = vec![Fee { coin: "BGB".into(), paid: dec!(0.5) }];
    let fill = fill(fees);
    store.apply(rest(0, Body::Fills(vec![fill])));
    store.apply(rest(0, ticker("BGBUSDT", dec!(4))));
    let today = report(&store, NOW).pnl.today;
    assert_eq!((today.other_fees[0].paid, today.totals.unwrap().net), (None, None));
}
