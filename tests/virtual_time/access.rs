//! Single failure cases of the clock, signatures, logins, keys and refused requests.

use bitget_watch::domain::AccountKind::{self, Classic, Unified};
use bitget_watch::domain::{LinkState, ProblemCode, Product, Stream, Symbol};
use bitget_watch::exchange::{Request, api_of};
use bitget_watch::feed::Command;
use bitget_watch::report::{AccountStatus, Age};
use bitget_watch::sim::{Entry, Fault, On, Recorded, Reply, Stage};
use bitget_watch::store::{EventKind, Snapshot};
use rstest::rstest;

use super::rig::{Rig, Setup, all_live, has_problem, is_stale, live, pass, seconds};

#[rstest]
#[case(20_000)]
#[case(-20_000)]
#[case(45_000)]
#[case(-45_000)]
#[case(3_600_000)]
#[case(-3_600_000)]
#[tokio::test(start_paused = true)]
async fn fc_01_a_wrong_local_clock_is_measured_and_reported(
    #[case] off_ms: i64,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = Rig::start(Setup { clock_ms: off_ms, ..Setup::new(kind, 1) }).await;
    assert!(rig.until_complete(10).await <= 5_000, "private data live within 5 s");
    assert!(has_problem(&rig, ProblemCode::ClockSkew));
    let offset = rig.state(|state| state.clock_offset_ms.unwrap().0);
    assert!((offset + off_ms).abs() < 300, "{offset}");
    // API V3 refuses classic accounts with this code, whatever the time.
    let refused = |asked: &&Recorded| !["", "40084"].contains(&asked.refused);
    let refused = rig.sim.recorded().iter().filter(refused).count();
    assert_eq!(refused, 0, "nothing was signed with the wrong time");
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn fc_01_a_clock_that_jumps_is_measured_again(#[values(Classic, Unified)] kind: AccountKind) {
    let rig = live(Setup::new(kind, 1)).await;
    pass(61_000).await;
    for jump in [600_000, -600_000] {
        rig.sim.inject(Entry::now(Fault::ClockOffset { ms: jump }));
        pass(200).await;
        let took = rig.until("live again", 10, all_live).await;
        assert!(took <= 5_000, "{jump}: {took} ms");
        pass(20_000).await;
        assert!(all_live(&rig.report()), "{jump}");
        rig.sim.heal();
        pass(200).await;
        assert!(rig.until("live after the jump back", 10, all_live).await <= 5_000);
        pass(20_000).await;
    }
    let times = rig.asked("/public/time");
    assert!(times < 20, "one measurement for each jump, not a loop: {times}");
}

/// What is signed is what is sent, however many requests there are at once: delayed, each waits for one of a few
/// connections while the others are signed.
#[rstest]
#[tokio::test(start_paused = true)]
async fn fc_02_two_hundred_requests_at_once_are_signed_right(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let mut rig = live(Setup::new(kind, 2)).await;
    rig.delayed = true;
    rig.sim.take_recorded();
    rig.sim.inject(Entry::now(Fault::Latency { ms: 20, jitter_ms: 200 }).on(On::Rest));
    let client = rig.client();
    let since = rig.now().start_of_day();
    let questions = (0..200_u32).map(|number| {
        let query = match number % 4 {
            0 => Request::Positions(Product::UsdtFutures),
            1 => Request::Account,
            2 => Request::FeeRate(Symbol::default()),
            // A query of its own for each: it is part of what is signed.
            _ => Request::Ledger { since, until: since.plus_millis(number.into()), cursor: None },
        };
        let client = &client;
        async move { client.send(api_of(kind), &query).await.map(drop) }
    });
    let answers = futures_util::future::join_all(questions).await;
    rig.sim.heal();
    let signed = rig.sim.recorded();
    let wrong = ["40009", "40037", "40012", "40005", "40006", "40008"];
    let refused = signed.iter().filter(|asked| wrong.contains(&asked.refused)).count();
    let good = answers.iter().filter(|answer| answer.is_ok()).count();
    println!("200 requests at once: {good} answered, {refused} of {} refused", signed.len());
    assert_eq!(refused, 0);
    assert!(signed.len() >= 200 && good >= 150, "{good} of {}", signed.len());
}

/// A proxy's page in response to one request says nothing about the link.
#[rstest]
#[case(Classic, "orders-plan-pending")]
#[case(Unified, "unfilled-strategy-orders")]
#[tokio::test(start_paused = true)]
async fn fc_09_one_request_that_gets_a_page_delays_no_other(
    #[case] kind: AccountKind,
    #[case] path: &str,
) {
    let rig = live(Setup::new(kind, 40)).await;
    let asked = || rig.sim.recorded().iter().filter(|asked| asked.method == "GET").count();
    let (before, events) = (asked(), rig.state(|state| state.events.len()));
    pass(120_000).await;
    let usual = asked() - before;
    rig.sim.inject(Entry::now(Fault::Status { status: 502, html: true }).path(path));
    let before = asked();
    for second in 0..120 {
        pass(1_000).await;
        let report = rig.report();
        assert!(report.positions.age.is_live(report.now), "after {second} s");
        assert_eq!(rig.link(Stream::Rest), LinkState::Live, "after {second} s");
    }
    assert!(rig.is_stale(|report| report.orders.age), "only what was asked ages");
    assert!(asked() - before <= usual, "{} requests, else {usual}", asked() - before);
    let links = |state: &Snapshot| {
        let links = state.events.iter().take(state.events.len() - events);
        links.filter(|event| matches!(event.kind, EventKind::Link { .. })).count()
    };
    assert_eq!(rig.state(links), 0, "no link event");
}

/// While the kind of the account is unknown, so are its positions.
#[rstest]
#[case(Fault::Status { status: 500, html: false }, Classic)]
#[case(Fault::Status { status: 503, html: true }, Unified)]
#[case(Fault::RateLimited { status: 429, retry_after: None }, Classic)]
#[case(Fault::Stall { at: Stage::Headers }, Unified)]
#[case(Fault::Code { code: "40731".into(), status: 400 }, Classic)]
#[tokio::test(start_paused = true)]
async fn fc_06_an_account_without_a_response_is_unknown(
    #[case] fault: Fault,
    #[case] kind: AccountKind,
) {
    let rig = Rig::start(Setup::new(kind, 6)).await;
    rig.sim.inject(Entry::now(fault.clone()).on(On::Rest));
    for second in 0..40 {
        pass(1_000).await;
        let report = rig.report();
        assert_eq!(report.account_kind, AccountStatus::Unknown, "{fault:?} after {second} s");
        assert_eq!(report.positions.age, Age::MISSING, "never \"no positions\"");
        assert!(!report.complete);
    }
    let asked = rig.asked("/api/");
    assert!(asked > 5, "it is asked again: {asked}");
    rig.sim.heal();
    let took = rig.until("complete", 60, |report| report.complete).await;
    assert_eq!(rig.report().account_kind, AccountStatus::Known(kind));
    println!("{fault:?}: known {took} ms after the exchange responds again");
}

#[rstest]
#[case(Reply::StringCode, 0, true)]
#[case(Reply::NoCode, 0, true)]
#[case(Reply::Twice, 0, true)]
#[case(Reply::Late, 3_000, true)]
#[case(Reply::None, 0, false)]
#[tokio::test(start_paused = true)]
async fn fc_03_fc_04_logins_are_acknowledged_in_many_ways(
    #[case] reply: Reply,
    #[case] ms: u64,
    #[case] good: bool,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = Rig::start(Setup::new(kind, 2)).await;
    rig.sim.inject(Entry::now(Fault::Login { reply, ms, code: 0 }));
    if good {
        rig.until_complete(10).await;
        assert_eq!(rig.asked("early"), 0, "nothing before the login is acknowledged");
        return;
    }
    pass(12_000).await;
    assert_ne!(rig.link(Stream::WsPrivate), LinkState::Live);
    let error = rig.state(|state| state.links[2].last_error.clone().unwrap().to_string());
    assert!(error.contains("the login was not answered in time"), "{error}");
    assert!(rig.report().complete, "positions are read by REST meanwhile");
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn fc_04_twenty_cuts_some_during_login_never_cause_an_early_subscription(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = live(Setup::new(kind, 3)).await;
    for round in 0..20 {
        if round % 4 == 0 {
            rig.sim.inject(
                Entry::now(Fault::Login { reply: Reply::Late, ms: 3_000, code: 0 })
                    .lasting(seconds(4)),
            );
        }
        rig.sim.cut();
        pass(if round % 4 == 0 { 2_500 } else { 61_000 }).await;
        if round % 4 == 0 {
            rig.sim.cut();
            pass(61_000).await;
        }
    }
    rig.until_complete(20).await;
    assert_eq!(rig.asked("early"), 0);
    assert!(rig.asked("login") >= 20);
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn fc_05_a_revoked_key_stops_the_private_side_after_two_attempts(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = live(Setup::new(kind, 4)).await;
    pass(60_000).await;
    let refused = |rig: &Rig| {
        let codes = ["40037", "30011"];
        rig.sim.recorded().iter().filter(|asked| codes.contains(&asked.refused)).count()
    };
    rig.sim.inject(Entry::now(Fault::KeyRevoked));
    pass(600_000).await;
    // Requests in flight at that moment count as well.
    assert!(refused(&rig) <= 4, "{} attempts in ten minutes", refused(&rig));
    assert!(has_problem(&rig, ProblemCode::KeyRefused));
    assert_eq!(rig.link(Stream::WsPrivate), LinkState::Stopped);
    assert_eq!(rig.link(Stream::WsPublic), LinkState::Live);
    let report = rig.report();
    assert!(is_stale(&report, report.positions.age));
    assert!(!report.positions.rows.is_empty(), "known rows stay, marked stale");
    assert!(report.ticker.age.is_live(report.now));
    rig.sim.heal();
    rig.controls.send(Command::Refetch);
    rig.until_complete(20).await;
}

#[rstest]
#[case(Fault::RateLimited { status: 429, retry_after: None }, Classic)]
#[case(Fault::RateLimited { status: 429, retry_after: Some(30) }, Unified)]
#[case(Fault::RateLimited { status: 200, retry_after: None }, Classic)]
#[case(Fault::Code { code: "45001".into(), status: 200 }, Unified)]
#[case(Fault::Status { status: 503, html: true }, Classic)]
#[case(Fault::Redirect { status: 302, to: "http://127.0.0.1:9/".into() }, Unified)]
#[case(Fault::NullData, Classic)]
#[case(Fault::EmptyBody, Unified)]
#[case(Fault::Stall { at: Stage::Headers }, Classic)]
#[tokio::test(start_paused = true)]
async fn fc_07_half_an_hour_of_failures_causes_few_requests(
    #[case] fault: Fault,
    #[case] kind: AccountKind,
) {
    let rig = live(Setup::new(kind, 5)).await;
    let rows = rig.report().positions.rows.len();
    rig.sim.inject(Entry::now(fault.clone()).on(On::Rest));
    pass(60_000).await;
    let before = rig.asked("/api/");
    for minute in 0..29 {
        let begun = rig.asked("/api/");
        pass(60_000).await;
        let asked = rig.asked("/api/") - begun;
        assert!(asked <= 30, "{fault:?}: {asked} requests in minute {minute}");
        let report = rig.report();
        assert!(is_stale(&report, report.orders.age));
        assert!(report.positions.rows.len() >= rows.min(1), "nothing becomes empty");
    }
    assert!(rig.asked("/api/") > before, "it is still requested");
    rig.sim.heal();
    let took = rig.until("complete", 40, |report| report.complete).await;
    let limit = if matches!(fault, Fault::RateLimited { retry_after: Some(_), .. }) {
        31_000
    } else {
        20_000
    };
    assert!(took <= limit, "{fault:?}: {took} ms");
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn fc_09_failing_optional_requests_hide_only_their_own_field(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = Rig::start(Setup::new(kind, 6)).await;
    let optional = ["trade-rate", "funding", "fund-rate", "account/info", "query-position-lever"];
    for (part, code) in optional.into_iter().zip(["40404", "40015", "40725", "40808", "45001"]) {
        let fault = Fault::Code { code: code.to_owned(), status: 404 };
        rig.sim.inject(Entry::now(fault).path(part));
    }
    let took = rig.until("positions", 10, |d| d.positions.age.is_live(d.now)).await;
    assert!(took <= 3_000, "never delayed: {took} ms");
    pass(30_000).await;
    let report = rig.report();
    assert!(report.positions.age.is_live(report.now));
    assert!(report.account.age.is_live(report.now));
    assert!(report.ticker.last.is_some());
}

#[rstest]
#[case(301, Classic)]
#[case(302, Unified)]
#[case(303, Classic)]
#[case(307, Unified)]
#[case(308, Classic)]
#[tokio::test(start_paused = true)]
async fn fc_12_redirects_are_not_followed(#[case] status: u16, #[case] kind: AccountKind) {
    let rig = live(Setup::new(kind, 10)).await;
    let to = "http://127.0.0.1:9/".to_owned();
    rig.sim.inject(Entry::now(Fault::Redirect { status, to }).lasting(seconds(10)));
    rig.sim.cut();
    pass(9_000).await;
    let errors =
        rig.state(|state| state.links.iter().map(|l| l.last_error.clone()).collect::<Vec<_>>());
    let rest = errors[0].clone().unwrap().to_string();
    assert!(rest.contains("redirected, which is not followed"), "{rest}");
    let socket = errors[1].clone().unwrap().to_string();
    assert!(socket.contains(&format!("HTTP {status}")), "{socket}");
    pass(1_000).await;
    rig.until_complete(30).await;
}
