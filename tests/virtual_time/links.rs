//! Single failure cases of connections that are silent, cut, refused or down, and of a task that panics.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bitget_watch::domain::AccountKind::{self, Classic, Unified};
use bitget_watch::domain::{LinkState, ProblemCode, RequestKind, Stream};
use bitget_watch::exchange::rest::{Header, HttpFailure, HttpGet, HttpResponse};
use bitget_watch::feed::{BoxIo, Command, Dial, DialError, HttpClient, Progress, Target};
use bitget_watch::sim::{Direction, Entry, Fault, On, Reply, Stage};
use futures_util::future::BoxFuture;
use rstest::rstest;

use super::rig::{Rig, Setup, all_live, is_stale, live, pass, seconds};

/// A dialer that hangs in one step.
#[derive(Debug)]
struct Stuck(&'static str);

impl Dial for Stuck {
    fn dial<'a>(
        &'a self,
        _target: &'a Target,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Result<BoxIo, DialError>> {
        progress.begin(self.0);
        Box::pin(std::future::pending())
    }
}

#[rstest]
#[case("name lookup", Classic)]
#[case("TCP connect", Unified)]
#[tokio::test(start_paused = true)]
async fn fc_11_a_dial_step_that_hangs_is_named(
    #[case] step: &'static str,
    #[case] kind: AccountKind,
) {
    let dialer: Arc<dyn Dial> = Arc::new(Stuck(step));
    let rig = Rig::start(Setup { dialer: Some(dialer), ..Setup::new(kind, 7) }).await;
    pass(11_500).await;
    let error = rig.state(|state| state.links[1].last_error.clone().unwrap().to_string());
    assert_eq!(error, format!("{step} did not end within 10 s"));
    assert_eq!(rig.link(Stream::Rest), LinkState::Live);
    assert!(rig.report().ticker.last.is_some(), "prices come by REST meanwhile");
}

#[rstest]
#[case(Stage::Accept, "upgrade did not end within 10 s")]
#[case(Stage::Upgrade, "upgrade did not end within 10 s")]
#[case(Stage::Login, "the login was not answered in time")]
#[case(Stage::Subscribe, "no subscription was acknowledged in time")]
#[tokio::test(start_paused = true)]
async fn fc_11_a_silent_socket_is_replaced(
    #[case] at: Stage,
    #[case] expected: &str,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = live(Setup::new(kind, 8)).await;
    rig.sim.inject(Entry::now(Fault::Stall { at }).lasting(seconds(60)));
    rig.sim.cut();
    pass(13_000).await;
    let error = rig.state(|state| state.links[2].last_error.clone().unwrap().to_string());
    assert!(error.contains(expected), "{error}");
    if at != Stage::Accept {
        assert!(rig.report().complete, "REST goes on");
    }
    pass(47_000).await;
    rig.until_complete(30).await;
}

#[rstest]
#[case(Stage::Headers)]
#[case(Stage::Body)]
#[tokio::test(start_paused = true)]
async fn fc_11_a_response_that_never_comes_makes_its_data_stale(
    #[case] at: Stage,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = live(Setup::new(kind, 9)).await;
    rig.sim.inject(Entry::now(Fault::Stall { at }).on(On::Rest).lasting(seconds(40)));
    pass(15_000).await;
    let report = rig.report();
    assert!(is_stale(&report, report.positions.age));
    assert!(report.ticker.age.is_live(report.now));
    pass(25_000).await;
    rig.until_complete(30).await;
}

/// Lets time pass until `wanted` and returns how long that took.
async fn took(rig: &Rig, what: &str, wanted: impl Fn(&Rig) -> bool) -> u64 {
    for tenths in 0..300 {
        if wanted(rig) {
            return tenths * 100;
        }
        pass(100).await;
    }
    panic!("never: {what}");
}

#[rstest]
#[case(Direction::In)]
#[case(Direction::Out)]
#[case(Direction::Both)]
#[tokio::test(start_paused = true)]
async fn fc_13_links_that_die_silently_are_marked_in_time(
    #[case] direction: Direction,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let mut setup = Setup::new(kind, 11);
    setup.sim.flat = true;
    let rig = live(setup).await;
    rig.sim.inject(Entry::now(Fault::BlackHole { direction }));
    let mut price = 0;
    // Where only our direction is blocked, prices still arrive and are right.
    if direction != Direction::In {
        price = took(&rig, "price marked", |r| r.is_stale(|report| report.ticker.age)).await;
        assert!(price <= 8_000, "{direction:?}: price after {price} ms");
    }
    let held = took(&rig, "list marked", |r| r.is_stale(|report| report.positions.age)).await;
    assert!(held + price <= 8_000);
    let dead = took(&rig, "given up", |r| r.link(Stream::WsPrivate) != LinkState::Live).await;
    assert!(dead + held + price <= 21_000, "{direction:?}: private after {dead} ms");
    rig.sim.heal();
    rig.until_complete(30).await;
}

#[rstest]
#[case(Fault::LatePong { ms: 4_000 }, true, Classic)]
#[case(Fault::NoPong, false, Unified)]
#[tokio::test(start_paused = true)]
async fn fc_13_pongs_may_be_late_but_must_come(
    #[case] fault: Fault,
    #[case] fine: bool,
    #[case] kind: AccountKind,
) {
    let rig = live(Setup::new(kind, 12)).await;
    rig.sim.inject(Entry::now(fault));
    pass(60_000).await;
    let lost = rig.state(|state| state.links.iter().skip(1).all(|l| l.last_error.is_some()));
    assert_eq!(lost, !fine, "late is fine, never is not");
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn fc_14_an_hour_without_events_costs_no_connection_and_no_mark(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let mut setup = Setup::new(kind, 13);
    setup.sim.flat = true;
    let rig = live(setup).await;
    for _ in 0..3_600 {
        pass(1_000).await;
        assert!(all_live(&rig.report()));
    }
    assert!(rig.state(|state| state.links.iter().all(|link| link.reconnects == 0)));
    assert_eq!(rig.asked("/ws/"), 2);
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn fc_15_thirty_daily_cuts_are_short_gaps_and_break_no_limit(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = live(Setup::new(kind, 14)).await;
    let mut worst = 0;
    for day in 0..30 {
        // Three healthy minutes stand for the day; the backoff is reset after one.
        pass(3_600_000 / 20).await;
        rig.sim.inject(Entry::now(Fault::Close { code: 1_000 }));
        pass(50).await;
        let took = rig.until_complete(10).await;
        assert!(took <= 3_000, "day {day}: {took} ms");
        worst = worst.max(took);
    }
    println!("longest gap of 30 daily cuts: {worst} ms");
    assert_eq!(rig.asked("/ws/"), 62);
    let pings = rig.asked("ping");
    assert!(pings > 30 * 2 * 5, "{pings}");
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn fc_16_one_refused_channel_leaves_the_others_alone(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let mut setup = Setup::new(kind, 15);
    setup.sim.flat = true;
    let rig = Rig::start(setup).await;
    let refused = Fault::Ack { reply: Reply::Error, ms: 0, code: 30_001 };
    rig.sim.inject(Entry::now(refused).path("books"));
    rig.sim.inject(Entry::now(Fault::Ack { reply: Reply::None, ms: 0, code: 0 }).path("fill"));
    rig.sim.inject(Entry::now(Fault::Ack { reply: Reply::Twice, ms: 0, code: 0 }).path("trade"));
    rig.until_complete(15).await;
    assert!(rig.state(|state| state.book.is_none() && !state.trades.is_empty()));
    pass(600_000).await;
    assert!(rig.report().complete);
    assert!(rig.asked("subscribe") < 20, "paced: {}", rig.asked("subscribe"));
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn fc_16_a_connection_whose_channels_are_all_refused_reports_it(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = live(Setup::new(kind, 16)).await;
    let refused = Fault::Ack { reply: Reply::Error, ms: 0, code: 30_033 };
    rig.sim.inject(Entry::now(refused).on(On::Public).lasting(seconds(30)));
    rig.sim.cut();
    pass(8_000).await;
    let error = rig.state(|state| state.links[1].last_error.clone().unwrap().to_string());
    assert!(error.contains("every subscription was refused"), "{error}");
    assert!(rig.is_live(|report| report.ticker.age), "by REST meanwhile");
    pass(22_000).await;
    rig.until_complete(20).await;
}

#[rstest]
#[case(Fault::Fin, Classic)]
#[case(Fault::Rst, Unified)]
#[case(Fault::Close { code: 1_011 }, Classic)]
#[tokio::test(start_paused = true)]
async fn fc_17_every_kind_of_close_is_handled_alike(
    #[case] fault: Fault,
    #[case] kind: AccountKind,
) {
    let rig = live(Setup::new(kind, 17)).await;
    pass(61_000).await;
    rig.sim.inject(Entry::now(fault.clone()));
    pass(100).await;
    assert!(rig.link(Stream::WsPublic) != LinkState::Live, "{fault:?}");
    assert!(!rig.report().positions.rows.is_empty());
    let took = rig.until_complete(10).await;
    assert!(took <= 3_000, "{fault:?}: {took} ms");
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn fc_17_an_outage_of_a_day_is_retried_and_ended_at_once_by_key(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = live(Setup::new(kind, 18)).await;
    rig.sim.inject(Entry::now(Fault::Refuse));
    rig.sim.inject(Entry::now(Fault::Rst));
    pass(45_000).await;
    assert_eq!(rig.link(Stream::WsPublic), LinkState::Down);
    let problem = rig.state(|state| {
        let down = state.problems.iter().find(|p| p.code == ProblemCode::LinkDown);
        down.unwrap().text.to_string()
    });
    assert!(problem.contains("maximum reconnection attempts reached"), "{problem}");
    let attempts = rig.state(|state| state.links[1].attempts);
    for hour in 0..24 {
        pass(3_600_000).await;
        assert_eq!(rig.link(Stream::WsPublic), LinkState::Down, "hour {hour}");
    }
    let more = rig.state(|state| state.links[1].attempts) - attempts;
    let expected = 86_400 / 15;
    assert!((expected * 8 / 10..=expected * 12 / 10).contains(&more), "{more} attempts");
    rig.sim.heal();
    rig.controls.send(Command::Refetch);
    let took = rig.until("live again", 10, all_live).await;
    assert!(took <= 5_000, "at once by key: {took} ms");
    // A day of a busy account is two dozen pages of ledger entries, four a second.
    rig.until_complete(20).await;
}

/// A transport that panics while armed.
#[derive(Debug)]
struct Bomb(Arc<AtomicBool>);

impl Dial for Bomb {
    fn dial<'a>(
        &'a self,
        _target: &'a Target,
        _progress: &'a Progress,
    ) -> BoxFuture<'a, Result<BoxIo, DialError>> {
        assert!(!self.0.load(Ordering::Relaxed), "the test's panic");
        Box::pin(std::future::ready(Err(DialError::new("TCP connect", "refused"))))
    }
}

impl HttpGet for Bomb {
    fn get<'a>(
        &'a self,
        _path: &'a str,
        _headers: &'a [Header],
    ) -> BoxFuture<'a, Result<HttpResponse, HttpFailure>> {
        assert!(!self.0.load(Ordering::Relaxed), "the test's panic");
        Box::pin(std::future::ready(Err(HttpFailure::new("refused"))))
    }
}

#[rstest]
#[case(true)]
#[case(false)]
#[tokio::test(start_paused = true)]
async fn fc_32_a_task_that_panics_is_a_dead_link_with_a_reason_and_is_restarted(
    #[case] rest: bool,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let armed = Arc::new(AtomicBool::new(true));
    let mut setup = Setup::new(kind, 25);
    if rest {
        setup.http = Some(Arc::new(Bomb(Arc::clone(&armed))));
    } else {
        setup.dialer = Some(Arc::new(Bomb(Arc::clone(&armed))));
    }
    let rig = Rig::start(setup).await;
    pass(1_000).await;
    let index = usize::from(!rest);
    let link = rig.state(|state| state.links[index].clone());
    assert_eq!(link.state, LinkState::Backoff);
    let error = link.last_error.unwrap().to_string();
    assert_eq!(error, "internal error: the test's panic");
    armed.store(false, Ordering::Relaxed);
    pass(20_000).await;
    let error = rig.state(|state| state.links[index].last_error.clone().unwrap().to_string());
    assert!(error.contains("refused"), "it was restarted: {error}");
}

/// A client that panics once, when the backfill requests candles.
#[derive(Debug)]
struct BackfillBomb(HttpClient, AtomicBool);

impl HttpGet for BackfillBomb {
    fn get<'a>(
        &'a self,
        path: &'a str,
        headers: &'a [Header],
    ) -> BoxFuture<'a, Result<HttpResponse, HttpFailure>> {
        let past = path.contains("type=mark") && !path.contains("type=market");
        assert!(!(past && self.1.swap(false, Ordering::Relaxed)), "the test's panic");
        self.0.get(path, headers)
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn fc_32_a_panic_in_the_backfill_is_not_a_state_of_the_link(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let wrap = Some(
        (|client| Arc::new(BackfillBomb(client, AtomicBool::new(true))) as Arc<dyn HttpGet>)
            as fn(HttpClient) -> Arc<dyn HttpGet>,
    );
    let rig = Rig::start(Setup { wrap, ..Setup::new(kind, 41) }).await;
    let mut told = false;
    for _ in 0..600 {
        pass(100).await;
        let link = rig.link(Stream::Rest);
        assert!(matches!(link, LinkState::Connecting | LinkState::Live), "{link:?}");
        let error = rig.state(|state| state.failures.get(&RequestKind::History).cloned());
        told |= error.is_some_and(|error| error.as_str().contains("the test's panic"));
    }
    assert!(told, "it is said");
    assert_eq!(rig.link(Stream::Rest), LinkState::Live);
    let (failed, read) = rig.state(|state| {
        (state.failures.contains_key(&RequestKind::History), state.marks.values().next().cloned())
    });
    assert!(!failed, "and taken back");
    assert!(read.is_some_and(|marks| marks.minutes.rows().len() > 1_000), "it was read after all");
}
