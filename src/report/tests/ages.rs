//! Figures that rest on several readings: what is of one moment, and what has grown old.

use super::engine::{again, book, engine, long};
use super::*;
use crate::domain::{AdlRank, LinkReport, LinkState, Stream};
use crate::report::Engine;

#[test]
fn fc_31_what_rests_on_the_account_ages_with_it() {
    let (mut store, mut engine) = (complete_state(), engine());
    again(&mut store, NOW, vec![long()], dec!(12500));
    engine.read(store.snapshot(), NOW);
    let later = NOW.plus_millis(60_000);
    for body in [positions(vec![long()]), ticker("BTCUSDT", dec!(63000))] {
        store.apply(Update { as_of: later, received: later, ..rest(0, body) });
    }
    let report = engine.read(store.snapshot(), later);
    let live = |age: Age| age.is_live(later);
    assert_eq!((live(report.positions.age), live(report.account.age)), (true, false));
    assert_eq!((live(report.pnl.age), live(report.pnl.session.age)), (true, false));
    assert!(!live(report.risk.age), "leverage and what can be lost rest on the equity");
    assert!(live(report.positions.rows[0].age), "isolated: its own margin");
}

/// While the exchange is asked again of what kind the account is, the rules of before hold, marked: those
/// of a classic account would show a unified one in a better light.
#[test]
fn the_rules_last_known_hold_and_are_stale() {
    let (mut store, mut engine) = (complete_state(), engine());
    let cross = position("BTCUSDT", Side::Long, MarginMode::Cross);
    let Body::Account(mut unified) = account() else { unreachable!() };
    unified.account.effective_equity = Some(dec!(9000));
    for body in [
        Body::AccountKind(Some(AccountKind::Unified)),
        positions(vec![cross]),
        Body::Account(unified),
    ] {
        store.apply(rest(0, body));
    }
    let before = engine.read(store.snapshot(), NOW);
    assert!(before.positions.rows[0].age.is_live(NOW));
    store.apply(rest(0, Body::AccountKind(None)));
    let now = NOW.plus_millis(100);
    let after = engine.read(store.snapshot(), now);
    assert_eq!(after.account_kind, AccountStatus::Unknown);
    assert_eq!(after.account.margin_ratio, before.account.margin_ratio);
    assert_eq!(after.positions.rows[0].margin_ratio, before.positions.rows[0].margin_ratio);
    let parts = [after.positions.rows[0].age, after.account.derived, after.risk.age];
    assert!(parts.iter().all(|age| !age.is_live(now)), "{parts:?}");
    store.apply(rest(0, Body::AccountKind(Some(AccountKind::Unified))));
    assert!(engine.read(store.snapshot(), now).positions.rows[0].age.is_live(now));
}

/// Before anything is known of the kind, nothing is said that rests on it.
#[test]
fn without_a_kind_there_is_no_ratio_and_no_distance() {
    let mut store = complete_state();
    store.apply(rest(0, Body::AccountKind(None)));
    let report = report(&store, NOW);
    let row = &report.positions.rows[0];
    assert_eq!((row.margin_ratio, row.liquidation_distance), (None, None));
    assert_eq!((row.risk.liquidation_price_ours, row.risk.surplus), (None, None));
    assert_eq!((report.account.margin_ratio, report.account.effective_leverage), (None, None));
    assert!(row.unrealized_pnl.is_some(), "which no rule of an account changes");
}

#[test]
fn fc_31_ranks_and_rates_are_not_older_than_they_look() {
    let (mut store, mut engine) = (complete_state(), engine());
    let rank =
        AdlRank { symbol: symbol("BTCUSDT"), side: Side::Long, margin_coin: None, rank: dec!(0.2) };
    store.apply(rest(0, Body::AdlRanks(vec![rank])));
    let risk = |engine: &mut Engine, store: &Store, at| {
        engine.read(store.snapshot(), at).positions.rows[0].risk.clone()
    };
    let before = risk(&mut engine, &store, NOW);
    assert_eq!(before.adl_rank, Some(dec!(0.2)));
    assert!(before.next_funding_payment.is_some());
    // The list comes on, with a mark price of its own; ranks and prices do not.
    let later = NOW.plus_millis(80_000);
    let list = positions(vec![Position { mark_price: Some(dec!(63000)), ..long() }]);
    store.apply(Update { as_of: later, received: later, ..rest(0, list) });
    let after = risk(&mut engine, &store, later);
    assert_eq!((after.adl_rank, after.next_funding_payment), (None, None));
}

/// A quiet book is silent: what its connection brings proves it. One that ended with its connection, or that the
/// prices contradict, is no book of the present.
#[test]
fn fc_25_a_book_is_live_while_its_connection_is_heard() {
    let stream = Stream::WsPublic;
    let state = |state| {
        let (attempts, reason, next_attempt_at, fault) = (0, None, None, None);
        Body::Link(LinkReport::State { stream, state, attempts, reason, next_attempt_at, fault })
    };
    let heard = || Body::Link(LinkReport::Traffic { stream, frames: 1, bytes: 1 });
    let at = |ms| NOW.plus_millis(ms);
    let told = |store: &mut Store, ms, body| {
        store.apply(Update { as_of: at(ms), received: at(ms), ..rest(0, body) });
    };
    let mut store = complete_state();
    told(&mut store, 0, state(LinkState::Live));
    told(&mut store, 0, book(dec!(1)));
    let of = |store: &Store, ms| report(store, at(ms)).market.book_age.at(at(ms));
    assert_eq!(of(&store, 5_001), Freshness::Stale { ms: 5_001 }, "nothing is heard");
    told(&mut store, 60_000, heard());
    assert_eq!(of(&store, 61_000), Freshness::Live { ms: 1_000 });
    assert_eq!(report(&store, at(61_000)).market.book_changed_at, Some(NOW));

    let Body::Ticker(mut other) = ticker("BTCUSDT", dec!(63000)) else { unreachable!() };
    (other.bid, other.ask) = (Some(dec!(62999)), Some(dec!(63001)));
    told(&mut store, 61_000, Body::Ticker(other));
    assert_eq!(of(&store, 61_000), Freshness::Stale { ms: 61_000 }, "the prices are elsewhere");

    told(&mut store, 62_000, state(LinkState::Backoff));
    told(&mut store, 62_000, heard());
    let after = report(&store, at(62_000)).market;
    assert_eq!((after.book, after.book_age), (None, Age::MISSING));
}
