//! What is asked of the exchange, and what is said, while some of its answers do not come.

use bitget_watch::domain::AccountKind::{self, Classic, Unified};
use bitget_watch::domain::{LinkState, ProblemCode, Stream};
use bitget_watch::feed::Command;
use bitget_watch::report::Report;
use bitget_watch::sim::{Entry, Fault, On};
use rstest::rstest;
use rust_decimal::dec;

use super::rig::{Rig, Setup, has_problem, live, pass};

/// The last part of the path of the list of positions.
const fn positions(kind: AccountKind) -> &'static str {
    match kind {
        Classic => "all-position",
        Unified => "current-position",
    }
}

fn error(code: &str) -> Fault {
    Fault::Code { code: code.to_owned(), status: 200 }
}

fn problem(report: &Report, code: ProblemCode) -> Option<String> {
    let problem = report.problems.iter().find(|problem| problem.code == code)?;
    Some(problem.text.to_string())
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_position_that_only_a_push_tells_of_has_its_prices_and_rules(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let mut setup = Setup::new(kind, 31);
    setup.sim.flat = true;
    let rig = live(setup).await;
    rig.sim.inject(Entry::now(error("45001")).path(positions(kind)));
    pass(1_000).await;
    rig.sim.with_world(|world| world.open("SOLUSDT", true, true, dec!(3)));
    let followed = |report: &Report| {
        let sol =
            report.positions.rows.iter().find(|row| row.key.symbol.to_string() == "SOLUSDT_UMCBL");
        sol.is_some_and(|row| row.unrealized_pnl.is_some() && row.price_places.is_some())
    };
    rig.until("a mark and the rules", 5, followed).await;
    let mark = |rig: &Rig| rig.report().positions.rows[0].mark_price;
    let before = mark(&rig);
    pass(5_000).await;
    assert_ne!(mark(&rig), before, "the mark moves");
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_list_that_fails_at_the_start_keeps_nothing_else_away(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let setup = Setup::new(kind, 32);
    let rig = Rig::start(setup).await;
    rig.sim.inject(Entry::now(error("45001")).path(positions(kind)));
    let there = |report: &Report| {
        report.account.age.is_live(report.now) && report.orders.age.is_live(report.now)
    };
    rig.until("account and orders", 6, there).await;
    pass(6_000).await;
    assert_eq!(rig.link(Stream::WsPrivate), LinkState::Live);
    let report = rig.report();
    if kind == Classic {
        assert!(report.positions.age.is_live(report.now), "each push is the whole list");
    } else {
        let text = problem(&report, ProblemCode::DataStale).unwrap();
        let lists = "positions, positions of USDC-M, positions of COIN-M not received";
        assert!(text.starts_with(lists) && text.contains("45001"), "{text}");
    }
    rig.sim.heal();
    rig.until_complete(20).await;
    assert_eq!(problem(&rig.report(), ProblemCode::DataStale), None);
}

/// Where no signed request is answered at all, the stream says why it waits, or tries by itself.
#[rstest]
#[tokio::test(start_paused = true)]
async fn a_start_without_any_signed_answer_names_the_reason_and_tries_the_stream(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = Rig::start(Setup::new(kind, 33)).await;
    for private in ["/position/", "/account", "/order", "/trade/"] {
        rig.sim.inject(Entry::now(error("45001")).path(private));
    }
    // The engine waits from its first reading on.
    assert_eq!(problem(&rig.report(), ProblemCode::DataStale), None);
    pass(30_000).await;
    let link = rig.state(|state| state.links[2].clone());
    let reason = link.last_error.map(|reason| reason.to_string());
    let is_named = reason.as_ref().is_some_and(|reason| reason.contains("45001"));
    assert!(link.state == LinkState::Live || is_named, "{:?} {reason:?}", link.state);
    let text = problem(&rig.report(), ProblemCode::DataStale).unwrap();
    assert!(text.contains("45001"), "{text}");
    rig.sim.heal();
    rig.until_complete(60).await;
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn an_outage_is_a_problem_within_six_seconds_and_says_what_stopped(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = live(Setup::new(kind, 34)).await;
    pass(60_000).await;
    rig.sim.inject(Entry::now(Fault::Refuse));
    rig.sim.inject(Entry::now(Fault::Rst));
    let began = rig.now();
    pass(1_500).await;
    assert_eq!(problem(&rig.report(), ProblemCode::DataStale), None, "nothing is stale yet");
    pass(4_500).await;
    let report = rig.report();
    let text = problem(&report, ProblemCode::DataStale).unwrap();
    assert!(text.starts_with("prices, positions stopped"), "{text}");
    assert!(text.contains("rest backoff") || text.contains("rest connecting"), "{text}");
    let since = report.problems.iter().find(|p| p.code == ProblemCode::DataStale).unwrap().since;
    assert!(since.since(began).as_secs() < 1, "since the last data, not since the notice");
    rig.sim.heal();
    rig.until_complete(30).await;
    assert_eq!(problem(&rig.report(), ProblemCode::DataStale), None);
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_retry_by_key_ends_no_problem(#[values(Classic, Unified)] kind: AccountKind) {
    let rig = live(Setup::new(kind, 35)).await;
    rig.sim.inject(Entry::now(Fault::Refuse));
    rig.sim.inject(Entry::now(Fault::Rst));
    pass(60_000).await;
    assert!(has_problem(&rig, ProblemCode::LinkDown));
    for _ in 0..3 {
        rig.controls.send(Command::Refetch);
        for _ in 0..20 {
            pass(100).await;
            assert!(has_problem(&rig, ProblemCode::LinkDown));
        }
    }
    rig.sim.heal();
    rig.until_complete(40).await;
    assert!(!has_problem(&rig, ProblemCode::LinkDown));
}

#[rstest]
#[case("40037", "unknown, deleted or expired key: check BITGET_API_KEY")]
#[case("40012", "wrong passphrase: check BITGET_PASSPHRASE")]
#[case("40009", "wrong signature: check BITGET_SECRET_KEY")]
#[case("40018", "address not allowed for the key: add this machine's address")]
#[tokio::test(start_paused = true)]
async fn a_refused_key_is_told_with_its_remedy_and_has_no_known_rights(
    #[case] code: &str,
    #[case] expected: &str,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = live(Setup::new(kind, 36)).await;
    rig.until("the rights of the key", 10, |report| report.key_rights.is_some()).await;
    rig.sim.inject(Entry::now(error(code)).on(On::Rest));
    let refused = |report: &Report| problem(report, ProblemCode::KeyRefused).is_some();
    rig.until("the key is refused", 30, refused).await;
    let report = rig.report();
    let text = problem(&report, ProblemCode::KeyRefused).unwrap();
    assert!(text.starts_with(expected) && text.contains(code), "{text}");
    assert_eq!(report.key_rights, None);
    rig.sim.heal();
    rig.controls.send(Command::Refetch);
    rig.until("the rights are known again", 20, |report| report.key_rights.is_some()).await;
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_contract_that_goes_while_running_is_a_problem_until_it_is_listed_again(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = live(Setup::new(kind, 37)).await;
    rig.sim.inject(Entry::now(error("40034")).path("market/instruments"));
    pass(605_000).await;
    let text = problem(&rig.report(), ProblemCode::ContractUnlisted).unwrap();
    assert!(text.contains("does not list this contract"), "{text}");
    rig.sim.heal();
    let ended = |report: &Report| problem(report, ProblemCode::ContractUnlisted).is_none();
    rig.until("listed again", 20, ended).await;
}

/// Seen live on `current-position`.
#[rstest]
#[tokio::test(start_paused = true)]
async fn an_empty_body_is_no_answer(#[values(Classic, Unified)] kind: AccountKind) {
    let rig = live(Setup::new(kind, 38)).await;
    pass(5_000).await;
    rig.sim.inject(Entry::now(Fault::EmptyBody).path(positions(kind)));
    pass(20_000).await;
    let report = rig.report();
    assert!(!report.positions.rows.is_empty(), "kept");
    assert!(report.failures.values().any(|reason| reason.as_str().contains("HTTP 200")));
    // The stream of a classic account pushes the whole list now and then.
    assert!(kind == Classic || !report.positions.age.is_live(report.now), "and old");
    assert!(report.account.age.is_live(report.now), "the link is alive");
    assert_eq!(rig.link(Stream::Rest), LinkState::Live);
    rig.sim.heal();
    rig.until_complete(40).await;
}
