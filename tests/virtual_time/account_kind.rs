//! The kind of the account: detected at startup whatever the first response, detected again when the
//! account changes it, and what that means for positions.

use std::time::Duration;

use bitget_watch::domain::AccountKind::{self, Classic, Unified};
use bitget_watch::domain::{LinkState, ProblemCode, Stream};
use bitget_watch::report::{AccountStatus, Age, Report};
use bitget_watch::sim::{Entry, Fault, On, Stage};
use rstest::rstest;
use rust_decimal::dec;

use super::rig::{Rig, Setup, all_live, is_stale, pass};

const SETTINGS: &str = "account/settings";

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn code(code: &str) -> Fault {
    Fault::Code { code: code.to_owned(), status: 400 }
}

fn private_socket(kind: AccountKind) -> &'static str {
    if kind == Classic { "/v2/ws/private" } else { "/v3/ws/private" }
}

/// The change that makes the account one of this kind.
fn change_to(kind: AccountKind) -> Fault {
    if kind == Classic { Fault::Switching } else { Fault::Upgrade }
}

/// Nothing says that there are no positions before a list of positions came.
fn assert_unknown(report: &Report) {
    assert_eq!(report.account_kind, AccountStatus::Unknown);
    assert_eq!(report.positions.age, Age::MISSING);
    assert!(report.positions.confirmed_at.is_none() && !report.complete);
    assert_eq!(report.account.age, Age::MISSING);
}

#[rstest]
#[case::says_classic(None, Classic)]
#[case::says_classic_by_another_code(Some(code("25245")), Classic)]
#[case::says_unified(None, Unified)]
#[case::says_unified_by_refusal(Some(code("40085")), Unified)]
#[case::weak_key_of_classic(Some(code("40014")), Classic)]
#[case::weak_key_of_unified(Some(code("40014")), Unified)]
#[tokio::test(start_paused = true)]
async fn fc_06_responses_that_tell_the_kind(
    #[case] answer: Option<Fault>,
    #[case] kind: AccountKind,
) {
    let rig = Rig::start(Setup::new(kind, 61)).await;
    if let Some(answer) = answer {
        rig.sim.inject(Entry::now(answer).on(On::Rest).path(SETTINGS));
    }
    let took = rig.until_complete(10).await;
    assert!(took <= 5_000, "{took} ms");
    assert_eq!(rig.report().account_kind, AccountStatus::Known(kind));
    assert_eq!((rig.asked(private_socket(kind)), rig.asked("/ws/private")), (1, 1));
    pass(60_000).await;
    assert!(all_live(&rig.report()), "and it stays live");
    assert_eq!(rig.asked(SETTINGS), 1, "it is requested once");
}

#[rstest]
#[case::copy_trading(code("40731"), Unified)]
#[case::maintenance(code("45001"), Classic)]
#[case::clock(code("40008"), Unified)]
#[case::error(Fault::Status { status: 500, html: false }, Classic)]
#[case::page(Fault::Status { status: 403, html: true }, Unified)]
#[case::too_many(Fault::RateLimited { status: 429, retry_after: None }, Classic)]
#[case::silent(Fault::Stall { at: Stage::Headers }, Unified)]
#[case::empty(Fault::EmptyBody, Classic)]
// There is no successful response of a classic account that could be corrupted.
#[case::null(Fault::NullData, Unified)]
#[tokio::test(start_paused = true)]
async fn fc_06_responses_that_tell_nothing_are_retried(
    #[case] answer: Fault,
    #[case] kind: AccountKind,
) {
    let rig = Rig::start(Setup::new(kind, 62)).await;
    rig.sim.inject(Entry::now(answer).on(On::Rest).path(SETTINGS));
    for _ in 0..250 {
        pass(100).await;
        assert_unknown(&rig.report());
    }
    assert!(rig.asked(SETTINGS) >= 3, "{} times", rig.asked(SETTINGS));
    assert_eq!(rig.asked("position/"), 0, "no private request for an unknown account");
    assert!(rig.is_live(|report| report.ticker.age), "prices do not wait for it");
    rig.sim.heal();
    rig.until_complete(20).await;
    assert_eq!(rig.report().account_kind, AccountStatus::Known(kind));
}

#[rstest]
#[case("40006", Classic)]
#[case("40009", Unified)]
#[case("40012", Classic)]
#[case("40018", Unified)]
#[case("40036", Classic)]
#[case("40037", Unified)]
#[case("40038", Classic)]
#[tokio::test(start_paused = true)]
async fn fc_06_a_refused_key_tells_no_kind(#[case] refused: &str, #[case] kind: AccountKind) {
    let rig = Rig::start(Setup::new(kind, 63)).await;
    rig.sim.inject(Entry::now(code(refused)).on(On::Rest).path(SETTINGS));
    for _ in 0..600 {
        pass(1_000).await;
        assert_unknown(&rig.report());
    }
    assert_eq!(rig.asked(SETTINGS), 2, "two attempts in ten minutes");
    let problem = rig.state(|state| {
        let refused = state.problems.iter().find(|p| p.code == ProblemCode::KeyRefused);
        refused.unwrap().text.to_string()
    });
    assert!(problem.contains(refused), "{problem}");
    assert_eq!(rig.link(Stream::WsPrivate), LinkState::Stopped);
    assert!(rig.is_live(|report| report.ticker.age));
}

#[rstest]
#[case(Classic, Unified)]
#[case(Unified, Classic)]
#[tokio::test(start_paused = true)]
async fn fc_06_an_account_that_is_changing_at_startup_is_waited_for(
    #[case] before: AccountKind,
    #[case] after: AccountKind,
) {
    let mut setup = Setup::new(before, 64);
    let step = Entry::now(change_to(after)).lasting(seconds(60));
    setup.sim.script.as_mut().unwrap().steps.push(step);
    let rig = Rig::start(setup).await;
    pass(2_000).await;
    for _ in 0..570 {
        assert_unknown(&rig.report());
        pass(100).await;
    }
    assert!(rig.state(|state| {
        state.problems.iter().any(|problem| problem.code == ProblemCode::AccountSwitching)
    }));
    let took = rig.until_complete(20).await;
    println!("{before} to {after}: complete {took} ms after a change of a minute");
    assert_eq!(rig.report().account_kind, AccountStatus::Known(after));
    assert!(rig.report().problems.is_empty());
}

#[rstest]
#[case(Classic, Unified)]
#[case(Unified, Classic)]
#[tokio::test(start_paused = true)]
async fn fc_06_an_account_that_changes_after_thirty_seconds_is_followed(
    #[case] before: AccountKind,
    #[case] after: AccountKind,
    // Seconds that the change takes, and then seconds without a response about the kind.
    #[values((0, 0), (45, 0), (0, 20))] (changing, silent): (u64, u64),
) {
    let rig = Rig::start(Setup::new(before, 65)).await;
    rig.until_complete(10).await;
    pass(30_000).await;
    let held = rig.sim.with_world(|world| world.positions()).len();
    rig.sim.inject(Entry::now(change_to(after)).lasting(seconds(changing)));
    if silent > 0 {
        let busy = Entry::now(code("45001")).on(On::Rest).path(SETTINGS);
        rig.sim.inject(busy.lasting(seconds(silent)));
    }
    let (mut took, mut marked) = (0, 0);
    loop {
        let report = rig.report();
        // Small positions come and go; those that stay open are always shown.
        for contract in ["BTCUSDT_UMCBL", "ETHUSDT_UMCBL"] {
            let rows = &report.positions.rows;
            let held_on = rows.iter().any(|row| row.key.symbol.to_string() == contract);
            assert!(held_on, "after {took} ms: {held}");
        }
        marked += u64::from(is_stale(&report, report.positions.age)) * 100;
        if report.account_kind == AccountStatus::Known(after) && report.complete {
            break;
        }
        pass(100).await;
        took += 100;
        assert!(took <= 60_000 + changing * 1_000);
    }
    rig.until_complete(10).await;
    println!("{before} to {after}, {changing} s and {silent} s: {took} ms, marked for {marked} ms");
    assert!(took >= changing * 1_000 && took <= (changing + silent + 20) * 1_000, "{took} ms");
    assert!(silent == 0 || marked >= 10_000, "old rows are marked: {marked} ms");
    assert_eq!(rig.asked(private_socket(after)), 1);
    assert!(rig.report().problems.is_empty(), "{:?}", rig.report().problems);
    assert!(rig.state(|state| state.links[1].reconnects == 0), "prices did not move");
    // From now on events come by the sockets of the other generation.
    rig.sim.with_world(|world| world.close("ETHUSDT"));
    pass(1_000).await;
    assert!(
        rig.report().positions.rows.iter().all(|row| row.key.symbol.to_string() != "ETHUSDT_UMCBL")
    );
    pass(60_000).await;
    assert!(all_live(&rig.report()));
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn fc_20_a_push_that_ends_one_position_leaves_the_others_alone(
    #[values(Classic, Unified)] kind: AccountKind,
    #[values(false, true)] rest_is_lost: bool,
) {
    let mut setup = Setup::new(kind, 66);
    setup.sim.flat = true;
    let rig = Rig::start(setup).await;
    rig.until_complete(10).await;
    rig.sim.with_world(|world| {
        world.open("ETHUSDT", true, true, dec!(2));
        world.open("SOLUSDT", false, false, dec!(5));
    });
    rig.until("both", 5, |report| report.positions.rows.len() == 2).await;
    pass(10_000).await;
    let of = |symbol: &str| {
        let rows = rig.report().positions.rows;
        rows.into_iter()
            .find(|row| row.key.symbol.to_string() == symbol)
            .map(|row| (row.key, row.size, row.entry_price, row.liquidation_price))
    };
    let other = of("SOLUSDT_UMCBL");
    assert!(other.is_some());
    if rest_is_lost {
        rig.sim.inject(Entry::now(Fault::Stall { at: Stage::Headers }).on(On::Rest));
        pass(1_000).await;
    }
    rig.sim.with_world(|world| world.close("ETHUSDT"));
    let mut gone = None;
    for tenth in 0..60_u64 {
        pass(100).await;
        assert_eq!(of("SOLUSDT_UMCBL"), other);
        if of("ETHUSDT_UMCBL").is_none() {
            gone = gone.or(Some(tenth));
        } else {
            assert_eq!(gone, None, "it came back");
        }
    }
    assert!(gone.is_some_and(|tenths| tenths < 10), "{gone:?}");
}
