//! The session as a table: texts and times in, outputs out.

use std::sync::Arc;
use std::time::Duration;

use super::{CloseReason, Output, Phase, Session, Timing};
use crate::domain::{Body, Interval, Origin, Product, Stream, Symbol, Timestamp, Update};
use crate::exchange::v2::V2_API;
use crate::exchange::{Api, Credentials, ErrorClass};

const LOGIN_ACK: &str = r#"{"event":"login","code":0,"connId":"x"}"#;
const TICKER: &str = r#"{"action":"snapshot","arg":{"instType":"USDT-FUTURES","channel":"ticker","instId":"BTCUSDT"},"data":[{"instId":"BTCUSDT","lastPr":"100.5","markPrice":"100.4","ts":"1790358794983"}],"ts":1790358794987}"#;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(1_790_358_795_000 + ms)
}

/// A session with a record of all its outputs.
struct Bench {
    session: Session,
    now: i64,
    out: Vec<Output>,
}

impl Bench {
    fn public() -> Self {
        let channels = V2_API.public_channels(&Symbol::default(), Interval::Min1, &[]);
        Self::open(Stream::WsPublic, channels, None)
    }

    fn private() -> Self {
        let login = Credentials::new("key-12345678".into(), "canary".into(), "pass".into());
        Self::open(Stream::WsPrivate, V2_API.private_channels(), Some(Arc::new(login)))
    }

    fn open(
        stream: Stream,
        channels: Vec<crate::exchange::Channel>,
        login: Option<Arc<Credentials>>,
    ) -> Self {
        let session = Session::new(&V2_API, stream, channels, login, Timing::of(stream));
        let mut bench = Self { session, now: 0, out: Vec::new() };
        bench.session.on_open(at(0), 2_000, &mut bench.out);
        bench
    }

    /// Lets time pass, deadline by deadline, and returns the outputs.
    fn wait(&mut self, ms: i64) -> Vec<Output> {
        let end = self.now + ms;
        while let Some(deadline) = self.session.next_deadline() {
            let deadline = deadline.as_millis() - at(0).as_millis();
            if deadline > end || self.closed() {
                break;
            }
            self.now = self.now.max(deadline);
            self.session.on_time(at(self.now), &mut self.out);
        }
        self.now = end;
        std::mem::take(&mut self.out)
    }

    fn text(&mut self, text: &str) -> Vec<Output> {
        self.session.on_text(text, at(self.now), &mut self.out);
        std::mem::take(&mut self.out)
    }

    fn closed(&self) -> bool {
        self.out.iter().any(|output| matches!(output, Output::Close(_)))
    }

    /// Acknowledges every channel.
    fn acknowledge(&mut self, channels: &[crate::exchange::Channel]) -> Vec<Output> {
        let mut all = Vec::new();
        for channel in channels {
            let ack = serde_json::json!({"event":"subscribe","arg":V2_API.channel_json(channel)});
            all.extend(self.text(&ack.to_string()));
        }
        all
    }

    fn live_public() -> Self {
        let mut bench = Self::public();
        bench.acknowledge(&V2_API.public_channels(&Symbol::default(), Interval::Min1, &[]));
        bench.text(TICKER);
        bench
    }

    fn live_private() -> Self {
        let mut bench = Self::private();
        bench.text(LOGIN_ACK);
        bench.wait(300);
        bench.acknowledge(&V2_API.private_channels());
        bench
    }
}

fn sent(outputs: &[Output]) -> Vec<&str> {
    let mut texts = Vec::new();
    for output in outputs {
        if let Output::Send(text) = output {
            texts.push(text.as_str());
        }
    }
    texts
}

fn closes(outputs: &[Output]) -> Option<&CloseReason> {
    outputs.iter().find_map(
        |output| {
            if let Output::Close(reason) = output { Some(reason) } else { None }
        },
    )
}

#[test]
fn fc_04_nothing_is_subscribed_to_before_the_login_of_this_connection() {
    let mut bench = Bench::private();
    let first = std::mem::take(&mut bench.out);
    let login: serde_json::Value = serde_json::from_str(sent(&first)[0]).unwrap();
    assert_eq!((sent(&first).len(), &login["op"]), (1, &"login".into()));
    let later = bench.wait(3_000);
    assert!(sent(&later).is_empty(), "the acknowledgement comes late: nothing is sent");
    let mut after = bench.text(LOGIN_ACK);
    after.extend(bench.wait(300));
    assert_eq!(sent(&after).len(), 1);
    assert!(
        sent(&after)[0].contains(r#""op":"subscribe""#) && sent(&after)[0].contains("positions")
    );
}

#[test]
fn fc_02_the_login_is_signed_in_seconds_of_the_exchange() {
    let bench = Bench::private();
    let login: serde_json::Value = serde_json::from_str(sent(&bench.out)[0]).unwrap();
    assert_eq!(login["args"][0]["timestamp"], "1790358797", "2 s ahead of the local clock");
}

#[test]
fn fc_03_login_responses_in_every_form() {
    for ack in
        [r#"{"event":"login","code":0}"#, r#"{"event":"login","code":"0"}"#, r#"{"event":"login"}"#]
    {
        let mut bench = Bench::private();
        let out = bench.text(ack);
        assert!(out.contains(&Output::Phase(Phase::Subscribing)), "{ack}");
    }
    for refusal in [
        r#"{"event":"error","code":30015,"msg":"Invalid sign"}"#,
        r#"{"event":"error","code":"30015","msg":"Invalid sign"}"#,
        r#"{"event":"login","code":"30015","msg":"Invalid sign"}"#,
    ] {
        let mut bench = Bench::private();
        let out = bench.text(refusal);
        let Some(CloseReason::LoginRefused(error)) = closes(&out) else { panic!("{out:?}") };
        assert_eq!(error.class(), ErrorClass::Credentials);
        assert!(error.to_string().contains("Invalid sign"));
    }
    let out = Bench::private().wait(20_000);
    assert_eq!(closes(&out), Some(&CloseReason::LoginTimeout), "silence is not a refusal");
}

#[test]
fn the_public_stream_is_live_with_its_first_price() {
    let mut bench = Bench::public();
    let channels = V2_API.public_channels(&Symbol::default(), Interval::Min1, &[]);
    let out = bench.acknowledge(&channels);
    assert!(!out.contains(&Output::Phase(Phase::Live)), "acknowledged, but no price yet");
    let out = bench.text(TICKER);
    let Some(Output::Emit(update)) = out.first() else { panic!("{out:?}") };
    assert!(matches!(update.body, Body::Ticker(_)) && update.origin == Origin::PublicPush);
    assert_eq!(update.sent, Some(Timestamp::from_millis(1_790_358_794_987)));
    assert!(out.contains(&Output::Phase(Phase::Live)));
}

#[test]
fn fc_13_a_silent_price_stream_is_pinged_then_stale_then_closed() {
    let mut bench = Bench::live_public();
    let out = bench.wait(2_900);
    assert!(sent(&out).is_empty());
    let out = bench.wait(200);
    assert_eq!(sent(&out), ["ping"], "3 s of silence");
    let out = bench.wait(2_000);
    assert!(out.contains(&Output::Phase(Phase::Stale)), "5 s of silence");
    let out = bench.wait(3_500);
    assert_eq!(closes(&out), Some(&CloseReason::PongTimeout), "8 s of silence");
}

#[test]
fn a_stale_stream_is_live_again_with_the_next_frame() {
    let mut bench = Bench::live_public();
    bench.wait(3_100);
    assert!(
        matches!(bench.text("pong")[..], [Output::Latency(span)] if span == Duration::from_millis(100))
    );
    let out = bench.wait(6_000);
    assert!(out.contains(&Output::Phase(Phase::Stale)));
    assert!(bench.text(TICKER).contains(&Output::Phase(Phase::Live)));
}

#[test]
fn data_alone_do_not_answer_a_ping() {
    let mut bench = Bench::live_public();
    let mut pings = 0;
    for _ in 0..300 {
        let out = bench.wait(100);
        pings += sent(&out).iter().filter(|text| **text == "ping").count();
        if closes(&out).is_some() {
            assert_eq!(pings, 1);
            return;
        }
        bench.text(TICKER);
    }
    panic!("a swallowed pong went unnoticed");
}

#[test]
fn fc_14_a_quiet_private_stream_stays_up_for_ever() {
    let mut bench = Bench::live_private();
    let (mut pings, mut last) = (0, 0);
    for _ in 0..3_600 {
        let out = bench.wait(1_000);
        assert_eq!(closes(&out), None);
        assert!(!out.contains(&Output::Phase(Phase::Stale)));
        if sent(&out).contains(&"ping") {
            pings += 1;
            assert!(bench.now - last <= 16_000, "the exchange cuts off after 120 s");
            last = bench.now;
            bench.text("pong");
        }
    }
    assert_eq!(pings, 240);
}

#[test]
fn fc_16_a_refused_channel_harms_no_other() {
    let mut bench = Bench::public();
    let channels = V2_API.public_channels(&Symbol::default(), Interval::Min1, &[]);
    let refusal = r#"{"event":"error","arg":{"instType":"USDT-FUTURES","channel":"books","instId":"BTCUSDT"},"code":30016,"msg":"Param error","op":"subscribe"}"#;
    let out = bench.text(refusal);
    let refused = |output: &Output| matches!(output, Output::ChannelRefused { channel, .. } if channel.name == "books");
    assert!(out.iter().any(refused));
    let others: Vec<_> = channels.into_iter().filter(|channel| channel.name != "books").collect();
    bench.acknowledge(&others);
    assert!(bench.text(TICKER).contains(&Output::Phase(Phase::Live)));
    let mut again = 0;
    for _ in 0..300 {
        let out = bench.wait(1_000);
        again += sent(&out).iter().filter(|text| text.contains("books")).count();
        assert!(!sent(&out).iter().any(|text| text.contains("trade")));
        bench.text("pong");
        bench.text(TICKER);
    }
    assert_eq!(again, 4, "after 10, 20, 40 and 80 s, each 10 s before it counts as silent");
}

fn books(action: &str, previous: u64, seq: u64) -> String {
    format!(
        r#"{{"action":"{action}","arg":{{"instType":"USDT-FUTURES","channel":"books","instId":"BTCUSDT"}},"data":[{{"asks":[["101","1"]],"bids":[["99","1"]],"ts":"1790358794983","seq":{seq},"pseq":{previous}}}],"ts":1790358794987}}"#
    )
}

/// Returns the books that came out: `false` for one that was lost.
fn emitted(outputs: &[Output]) -> Vec<bool> {
    let mut found = Vec::new();
    for output in outputs {
        if let Output::Emit(Update { body: Body::Book { book, .. }, .. }) = output {
            found.push(book.is_some());
        }
    }
    found
}

#[test]
fn fc_25_a_lost_book_is_withdrawn_at_once_and_resubscribed_to_with_backoff() {
    let mut bench = Bench::live_public();
    bench.wait(500);
    assert_eq!(emitted(&bench.text(&books("snapshot", 0, 10))), [true]);
    assert_eq!(emitted(&bench.text(&books("update", 10, 11))), [true]);
    let mut pauses = Vec::new();
    for _ in 0..9 {
        bench.wait(250);
        let lost = bench.text(&books("update", 12, 13));
        assert_eq!(emitted(&lost), [false]);
        let texts = sent(&lost);
        assert!(texts.len() == 1 && texts[0].contains(r#""op":"unsubscribe""#), "{texts:?}");
        assert!(texts[0].contains("books") && !texts[0].contains("ticker"));
        let began = bench.now;
        // An update that was in flight, and a snapshot from before the new subscription.
        assert!(bench.text(&books("update", 13, 14)).is_empty());
        assert!(bench.text(&books("snapshot", 0, 20)).is_empty());
        loop {
            let out = bench.wait(50);
            if sent(&out).iter().any(|text| text.contains("books")) {
                break;
            }
            bench.text("pong");
        }
        pauses.push((bench.now - began) / 1_000);
        let ack = r#"{"event":"subscribe","arg":{"instType":"USDT-FUTURES","channel":"books","instId":"BTCUSDT"}}"#;
        bench.text(ack);
        assert!(bench.text(&books("update", 14, 15)).is_empty(), "not without a snapshot");
        assert_eq!(emitted(&bench.text(&books("snapshot", 0, 10))), [true]);
    }
    assert_eq!(pauses, [0, 1, 2, 4, 8, 16, 32, 64, 64]);
    // After a healthy while the next loss starts over.
    for _ in 0..10 {
        bench.wait(1_000);
        bench.text("pong");
    }
    bench.text(&books("update", 12, 13));
    assert!(sent(&bench.wait(250)).iter().any(|text| text.contains(r#""op":"subscribe""#)));
}

#[test]
fn fc_25_isolated_losses_stay_below_half_of_the_limit_too() {
    let mut bench = Bench::live_public();
    let mut times = Vec::new();
    for second in 0..7_200 {
        bench.text("pong");
        let out = bench.wait(1_000);
        let again = |text: &&str| text.contains(r#""op":"subscribe""#);
        times.extend(sent(&out).into_iter().filter(again).map(|_| second));
        bench.text(&books("snapshot", 0, 10));
        if second % 11 == 0 {
            bench.text(&books("update", 12, 13));
        }
    }
    for start in &times {
        let inside = times.iter().filter(|time| (*start..start + 3_600).contains(*time)).count();
        assert!(inside <= 121, "{inside} subscriptions within an hour");
    }
    assert!(times.len() > 100, "{}", times.len());
}

#[test]
fn an_ack_timeout_closes_the_connection_and_a_second_ack_does_no_harm() {
    let mut bench = Bench::public();
    let mut closed = None;
    for _ in 0..12 {
        let out = bench.wait(1_000);
        closed = closed.or_else(|| closes(&out).cloned());
        bench.text("pong");
    }
    assert_eq!(closed, Some(CloseReason::AckTimeout));
    let mut bench = Bench::live_public();
    let channels = V2_API.public_channels(&Symbol::default(), Interval::Min1, &[]);
    let out = bench.acknowledge(&channels);
    assert!(out.iter().all(|output| !matches!(output, Output::Close(_) | Output::Phase(_))));
}

#[test]
fn fc_15_frames_are_paced_and_short() {
    let others: Vec<_> = (0..40)
        .map(|i| Symbol::from_wire(&format!("A{i}USDT"), Product::UsdtFutures).unwrap())
        .collect();
    let channels = V2_API.public_channels(&Symbol::default(), Interval::Min1, &others);
    let mut bench = Bench::open(Stream::WsPublic, channels, None);
    let mut times = vec![0; sent(&bench.out).len()];
    let mut texts: Vec<String> = sent(&bench.out).iter().map(|text| (*text).to_owned()).collect();
    bench.out.clear();
    for step in 1..=300 {
        let out = bench.wait(10);
        for text in sent(&out) {
            times.push(step * 10);
            texts.push(text.to_owned());
        }
    }
    assert_eq!(texts.iter().filter(|text| text.contains("subscribe")).count(), 5, "44 channels");
    assert!(texts.iter().all(|text| text.len() < 4_096));
    for (index, time) in times.iter().enumerate() {
        let inside = times[index..].iter().filter(|t| **t < time + 1_000).count();
        assert!(inside <= 5, "{inside} messages within a second");
    }
}

#[test]
fn channels_can_be_changed_while_running() {
    let mut bench = Bench::live_public();
    bench.wait(500);
    let eth = [Symbol::from_wire("ETHUSDT", Product::UsdtFutures).unwrap()];
    let wanted = V2_API.public_channels(&Symbol::default(), Interval::Min5, &eth);
    let (now, mut out) = (at(bench.now), Vec::new());
    bench.session.set_channels(wanted, now, &mut out);
    out.extend(bench.wait(500));
    let texts = sent(&out);
    assert!(
        texts[0].contains("unsubscribe")
            && texts[0].contains("candle1m")
            && !texts[0].contains("ticker")
    );
    assert!(
        texts[1].contains("candle5m")
            && texts[1].contains("ETHUSDT")
            && !texts[1].contains("books")
    );
}

#[test]
fn an_unreadable_message_is_reported_and_the_connection_stays() {
    let mut bench = Bench::live_public();
    for text in ["", "{", "null", "[]", "\u{1b}[2J", r#"{"data":"#, r#"{"action":"snapshot"}"#] {
        let out = bench.text(text);
        let [Output::Unreadable(reason)] = &out[..] else { panic!("{text}: {out:?}") };
        assert!(!reason.as_str().contains('\u{1b}'));
    }
}

#[test]
fn fc_40_the_session_shows_no_secret() {
    let bench = Bench::private();
    assert!(!format!("{:?}", bench.session).contains("canary"));
    assert!(!sent(&bench.out)[0].contains("canary"), "the secret signs and is not sent");
}
