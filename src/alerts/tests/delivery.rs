//! From a report to the ways and back, in virtual time.

use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;

use super::*;
use crate::alerts::{
    Deliver, DeliveryError, Followed, Message, Notifier, Privacy, TerminalKind, TerminalOutbox,
    WaySet,
};
use crate::domain::{Clock, ManualClock, Metric, ProblemCode, Text};
use crate::report::DeliveryState;

/// A way that fails as often as it is told, and keeps what it takes.
#[derive(Debug, Default)]
struct Fake {
    failures: Mutex<Vec<DeliveryError>>,
    taken: Mutex<Vec<Message>>,
}

impl Fake {
    fn failing(failures: Vec<DeliveryError>) -> Arc<Self> {
        Arc::new(Self { failures: Mutex::new(failures), taken: Mutex::default() })
    }

    fn taken(&self) -> Vec<String> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.iter().map(|message| message.text.to_string()).collect()
    }
}

impl Deliver for Fake {
    fn deliver<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Text, DeliveryError>> {
        let failure = self.failures.lock().unwrap().pop();
        if failure.is_none() {
            self.taken.lock().unwrap().push(message.clone());
        }
        Box::pin(std::future::ready(failure.map_or_else(|| Ok("taken".into()), Err)))
    }
}

/// A way that never comes back.
struct Hanging;

impl Deliver for Hanging {
    fn deliver<'a>(&'a self, _message: &'a Message) -> BoxFuture<'a, Result<Text, DeliveryError>> {
        Box::pin(std::future::pending())
    }
}

struct Desk {
    privacy: Privacy,
    rig: Rig,
    notifier: Notifier,
    terminal: TerminalOutbox,
    report: Report,
}

fn desk(rules: Vec<AlertConfig>, add: impl FnOnce(&mut WaySet)) -> Desk {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(BEGAN));
    let privacy = Privacy::default();
    let mut set = WaySet::new(clock, privacy.clone(), 7);
    add(&mut set);
    let terminal = set.add_terminal();
    let (outbox, tasks) = set.split();
    for task in tasks {
        tokio::spawn(task);
    }
    let mut rig = Rig::new(Vec::new());
    rig.rows = vec![long()];
    let notifier = Notifier::new(Monitor::new(rules)).sending_by(outbox);
    let report = rig.report();
    Desk { privacy, rig, notifier, terminal, report }
}

impl Desk {
    fn at(&mut self, price: Decimal) -> Followed {
        self.rig.pass(1_000);
        self.rig.mark(price);
        self.rig.list();
        self.report = self.rig.report();
        self.notifier.follow(&mut self.report)
    }

    /// The state and the error of each way of the first alert.
    fn states(&self) -> Vec<(String, DeliveryState, Option<String>)> {
        let rows = self.report.alerts[0].delivery.iter();
        rows.map(|row| {
            (row.way.to_string(), row.state, row.error.as_ref().map(ToString::to_string))
        })
        .collect()
    }
}

fn problems(followed: &Followed) -> Vec<Option<String>> {
    let of = |body: &Body| {
        let Body::Problem(report) = body else { return None };
        assert_eq!(report.code, ProblemCode::AlertNotSent);
        Some(report.text.as_ref().map(ToString::to_string))
    };
    followed.bodies.iter().filter_map(of).collect()
}

fn by(ways: &[&str]) -> AlertConfig {
    AlertConfig { send: ways.iter().map(ToString::to_string).collect(), ..distance() }
}

async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn a_way_that_fails_is_tried_again_and_the_document_says_how_it_goes() {
    let error = || DeliveryError::temporary("HTTP 503");
    let way = Fake::failing(vec![error(), error()]);
    let kept = Arc::clone(&way);
    let mut desk = desk(vec![by(&["phone"])], |set| set.add("phone", false, way));
    desk.at(dec!(60000));
    let followed = desk.at(dec!(55000));
    assert_eq!(told(&followed.changes), [(Raised, LONG)]);
    assert_eq!(desk.states(), [("phone".to_owned(), DeliveryState::Pending, None)]);
    settle().await;
    desk.at(dec!(55000));
    let failed = Some("HTTP 503".to_owned());
    assert_eq!(desk.states(), [("phone".to_owned(), DeliveryState::Pending, failed)]);
    assert!(kept.taken().is_empty());
    tokio::time::sleep(Duration::from_secs(8)).await;
    let followed = desk.at(dec!(55000));
    assert_eq!(desk.states(), [("phone".to_owned(), DeliveryState::Sent, None)]);
    assert!(problems(&followed).is_empty(), "it was sent in the end");
    let text = "BTCUSDT_UMCBL long: liquidation distance 9.0909 % is below 10 %";
    assert_eq!(kept.taken(), [text]);
    // Nothing is sent twice, and its end only where that is wanted.
    desk.at(dec!(60000));
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(kept.taken(), [text]);
    assert!(desk.report.alerts.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_way_that_refuses_is_a_problem_until_it_takes_something() {
    let way = Fake::failing(vec![DeliveryError::lasting("HTTP 404")]);
    let rule = AlertConfig { cooldown: Duration::ZERO, ..by(&["phone"]) };
    let mut desk = desk(vec![rule], |set| set.add("phone", true, way));
    desk.at(dec!(55000));
    settle().await;
    let followed = desk.at(dec!(55000));
    assert_eq!(problems(&followed), [Some("alert not sent by phone: HTTP 404".to_owned())]);
    assert_eq!(desk.states()[0].1, DeliveryState::Failed);
    desk.at(dec!(60000));
    settle().await;
    assert_eq!(problems(&desk.at(dec!(60000))), [None], "its end was taken");
}

#[tokio::test(start_paused = true)]
async fn a_way_that_hangs_holds_nothing_up_and_its_queue_is_bounded() {
    let other = Fake::failing(Vec::new());
    let kept = Arc::clone(&other);
    let rule = AlertConfig { cooldown: Duration::ZERO, ..by(&["stuck", "phone"]) };
    let mut desk = desk(vec![rule], |set| {
        set.add("stuck", false, Arc::new(Hanging));
        set.add("phone", false, other);
    });
    let mut refused = 0;
    for _ in 0..50 {
        let low = desk.at(dec!(55000));
        settle().await;
        desk.at(dec!(60000));
        refused += problems(&low).iter().flatten().count();
    }
    assert_eq!(kept.taken().len(), 50);
    assert_eq!(refused, 50 - 33, "one is being sent, 32 wait");
}

#[tokio::test(start_paused = true)]
async fn a_way_that_is_not_there_is_a_failed_delivery() {
    let mut desk = desk(vec![by(&["gone", "bell"])], |_| ());
    let followed = desk.at(dec!(55000));
    let expected = "alert not sent by gone: there is no such way here".to_owned();
    assert_eq!(problems(&followed), [Some(expected)]);
}

/// Two watch one account: the one that writes the memory tells, the other rings its own terminal.
#[tokio::test(start_paused = true)]
async fn of_two_processes_one_sends() {
    let ways = [Fake::failing(Vec::new()), Fake::failing(Vec::new())];
    let [phone, alive] = ways.clone();
    let mut desk = desk(vec![by(&["phone", "bell"])], |set| {
        set.add("phone", false, phone);
        set.add_heartbeat("alive", minutes(5), alive);
    });
    let state = MemoryState::Reading { process: Some(1_234) };
    desk.rig.apply(Body::Memory(Arc::new(MemoryReport { state, ..MemoryReport::default() })));
    let followed = desk.at(dec!(55000));
    settle().await;
    assert_eq!(told(&followed.changes), [(Raised, LONG)], "and shown all the same");
    assert_eq!(desk.states(), [("bell".to_owned(), DeliveryState::Pending, None)]);
    assert!(ways.iter().all(|way| way.taken().is_empty()));
}

#[tokio::test(start_paused = true)]
async fn the_terminal_takes_what_waits_and_says_when_it_was_written() {
    let mut desk = desk(vec![by(&["bell", "terminal"])], |_| ());
    desk.at(dec!(55000));
    let state = |desk: &Desk| desk.states().iter().map(|row| row.1).collect::<Vec<_>>();
    assert_eq!(state(&desk), [DeliveryState::Pending; 2]);
    let bytes = desk.terminal.take(TerminalKind::default(), false);
    let text = "BTCUSDT_UMCBL long: liquidation distance 9.0909 % is below 10 %";
    assert_eq!(bytes, format!("\x1b]9;bitget-watch: DANGER: {text}\x07\x07"));
    desk.at(dec!(55000));
    assert_eq!(state(&desk), [DeliveryState::Pending; 2], "the terminal may be blocked");
    desk.terminal.written(desk.rig.now);
    desk.at(dec!(55000));
    assert_eq!(state(&desk), [DeliveryState::Sent; 2]);
    assert_eq!(desk.terminal.take(TerminalKind::default(), false), "");
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_goes_out_while_reports_are_made() {
    let way = Fake::failing(Vec::new());
    let kept = Arc::clone(&way);
    let mut desk = desk(Vec::new(), |set| set.add_heartbeat("alive", minutes(5), way));
    for _ in 0..601 {
        desk.at(dec!(60000));
        settle().await;
    }
    assert_eq!(kept.taken().len(), 3, "at once, and after five and ten minutes");
    tokio::time::sleep(minutes(60)).await;
    assert_eq!(kept.taken().len(), 3, "an engine that stands still is silent");
}

#[test]
fn the_pause_doubles_with_jitter() {
    let mut random = fastrand::Rng::with_seed(1);
    for (failed, seconds) in [(1, 2), (2, 4), (3, 8), (4, 16), (9, 32)] {
        for _ in 0..50 {
            let pause = crate::alerts::delivery::pause(failed, &mut random).as_millis();
            assert!((seconds * 800..=seconds * 1_200).contains(&pause), "{failed}: {pause}");
        }
    }
}

/// Within its cooldown an alert that was sent before a restart is shown and not sent; one that no way took is.
#[tokio::test(start_paused = true)]
async fn a_restart_sends_again_only_what_was_not_sent() {
    for (sent, minutes_ago, expected) in [(true, 9, 0), (false, 9, 1), (true, 11, 1)] {
        let way = Fake::failing(Vec::new());
        let kept = Arc::clone(&way);
        let mut desk = desk(vec![by(&["phone"])], |set| set.add("phone", false, way));
        let raised_at = BEGAN.plus_millis(-minutes_ago * 60_000);
        desk.rig.remember(vec![EarlierAlert {
            name: "liquidation_distance_pct".into(),
            metric: Metric::LiquidationDistance,
            subject: LONG.into(),
            since: raised_at,
            raised_at,
            sent,
        }]);
        let followed = desk.at(dec!(55000));
        assert_eq!(told(&followed.changes), [(Raised, LONG)], "it is shown in any case");
        settle().await;
        desk.at(dec!(55000));
        assert_eq!(desk.states(), [("phone".to_owned(), DeliveryState::Sent, None)]);
        assert!(desk.report.alerts[0].was_sent());
        assert_eq!(kept.taken().len(), expected, "sent {sent}, {minutes_ago} minutes ago");
        assert_eq!(desk.report.alerts[0].since, raised_at);
    }
}

/// What is hidden on the screen leaves by no way, also where it had been waiting for another attempt.
#[tokio::test(start_paused = true)]
async fn in_privacy_no_amount_leaves() {
    let way = Fake::failing(vec![DeliveryError::temporary("HTTP 503")]);
    let kept = Arc::clone(&way);
    let rule = AlertConfig {
        limit: Some(AlertLimit::Below(dec!(-4000))),
        send: vec!["phone".to_owned(), "terminal".to_owned()],
        ..AlertConfig::new(Metric::UnrealizedPnl)
    };
    let mut desk = desk(vec![rule], |set| set.add("phone", true, way));
    desk.at(dec!(55000));
    settle().await;
    assert!(kept.taken().is_empty(), "it waits, with its amounts");
    desk.privacy.set(true);
    tokio::time::sleep(Duration::from_secs(8)).await;
    let document = || kept.taken.lock().unwrap().last().unwrap().document.to_string();
    assert_eq!(kept.taken(), [format!("{LONG}: unrealized pnl")]);
    assert!(document().contains("\"value\":null,\"limit\":null"), "{}", document());
    let bytes = desk.terminal.take(TerminalKind::default(), true);
    assert!(bytes.contains("unrealized pnl\x07") && !bytes.contains("4500"), "{bytes:?}");
    // Its end has an amount as well.
    desk.at(dec!(64000));
    settle().await;
    assert_eq!(kept.taken()[1], format!("ended: {LONG}: unrealized pnl"));
    assert!(!document().contains("4000"), "{}", document());
    desk.privacy.set(false);
    tokio::time::sleep(minutes(11)).await;
    desk.rig.pass(660_000);
    desk.at(dec!(55000));
    settle().await;
    assert!(kept.taken()[2].contains("-4500 is below -4000"), "{:?}", kept.taken());
    assert!(document().contains("\"value\":\"-4500\""), "{}", document());
}
