//! Whose money, which time, and what is said of a problem.

use super::*;
use crate::config::{Config, Palette};
use crate::domain::{KeyRights, Stream};
use crate::report::{Context, Limits, Report, build};
use crate::store::{LinkStatus, Snapshot};
use crate::ui::rates::Rates;
use crate::ui::ui_context::UiContext;

/// 2026-09-25T12:00:00Z.
const NOON: Timestamp = Timestamp::from_millis(1_790_337_600_000);

fn report() -> Report {
    let config = Config::default();
    let context = Context {
        source: Source::Live,
        focus: config.symbol,
        credentials: true,
        limits: Limits::new(&config.refresh),
        risk: config.risk,
    };
    Report { clock_offset_ms: Some((0, 10)), ..build(&Snapshot::default(), &context, NOON) }
}

fn text(line: &Line) -> String {
    line.iter().map(|span| span.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Returns what `read` makes of a report that is looked at `ms` after noon.
fn seen<T>(report: &Report, ms: i64, read: impl FnOnce(&Inputs<'_>) -> T) -> T {
    let context = UiContext::default();
    let now = NOON.plus_millis(ms);
    read(&Inputs { report, context: &context, rates: Rates::default(), now, seen: now })
}

fn link(heard: Option<i64>) -> LinkStatus {
    LinkStatus {
        stream: Stream::Rest,
        state: LinkState::Live,
        since: None,
        attempts: 0,
        last_error: None,
        latency: None,
        frames: 1,
        bytes: 1,
        reconnects: 0,
        next_attempt_at: None,
        last_traffic_at: heard.map(|ms| NOON.plus_millis(ms)),
    }
}

fn problem_of(code: ProblemCode, text: &str) -> Problem {
    Problem { code, subject: "key".into(), text: text.into(), since: NOON }
}

#[test]
fn a_clock_that_was_not_heard_from_stands_and_says_so() {
    let mut report = report();
    report.links = vec![link(Some(-9_000)), link(Some(0)), link(None)];
    let shown = |ms| {
        let mut report = report.clone();
        // Reports go on while nothing arrives, and their time with them.
        report.taken_at = NOON.plus_millis(ms);
        seen(&report, ms, |inputs| text(&clock(inputs)[0]))
    };
    assert_eq!(shown(3_000), "exchange time 12:00:03 UTC");
    assert_eq!(shown(3_001), "last heard 12:00:00 UTC");
    assert_eq!(shown(60_000), "last heard 12:00:00 UTC");
}

#[test]
fn a_link_says_live_only_while_it_is_heard() {
    let mut report = report();
    report.account_kind = AccountStatus::Unknown;
    let of = |stream| LinkStatus { stream, ..link(Some(0)) };
    report.links = Stream::ALL.map(of).to_vec();
    let shown = |report: &Report, ms| {
        let words = seen(report, ms, |inputs| text(&status(inputs)));
        (words, seen(report, ms, |inputs| text(links_in_short(inputs).last().unwrap())))
    };
    let expect = |ms, words: &str, short: &str| {
        assert_eq!(shown(&report, ms), (words.to_owned(), short.to_owned()), "{ms}");
    };
    expect(3_000, "rest live · public live · private live", "3/3 links live");
    let silent = "rest heard 4s ago · public heard 4s ago · private live";
    expect(4_000, silent, "1/3 links live");
    let silent = "rest heard 21s ago · public heard 21s ago · private heard 21s ago";
    expect(21_000, silent, "0/3 links live");
    // Without an account nothing is asked for while prices are pushed.
    report.account_kind = AccountStatus::NoCredentials;
    assert!(shown(&report, 4_000).0.starts_with("rest live · public heard"));
}

#[test]
fn the_badge_of_real_money_speaks_of_money_alone() {
    let badge = seen(&report(), 0, badge);
    assert_eq!((badge.text.as_str(), badge.role), ("REAL MONEY", Role::BadgeLive));
    let theme = Theme::new(Palette::GreenRed, true, false);
    let style = theme.style(Role::BadgeLive);
    assert_ne!(style.fg, theme.style(Role::Good).fg, "not the colour of good links");
}

#[test]
fn a_refused_key_is_told_with_its_remedy_at_any_width_that_has_room_for_it() {
    let mut report = report();
    report.key_rights = None;
    let said = "wrong passphrase: check BITGET_PASSPHRASE; the exchange says 40012: apikey/password is incorrect";
    report.problems = vec![problem_of(ProblemCode::KeyRefused, said)];
    let state = UiState::default();
    let at = |width| {
        seen(&report, 0, |inputs| {
            let banner = problem(inputs, &state).unwrap_or_default();
            cells::fitting(&banner, width).map(text).unwrap_or_default()
        })
    };
    assert_eq!(at(200), format!("PROBLEM {said}"));
    assert_eq!(at(80), "PROBLEM wrong passphrase: check BITGET_PASSPHRASE");
    assert_eq!(at(40), "PROBLEM key refused");
    assert_eq!(seen(&report, 0, |inputs| key_rights(inputs).text), "key: REFUSED");
    let read_only = KeyRights {
        trade: Some(false),
        transfer: Some(false),
        withdraw: Some(false),
        read_futures: Some(true),
        ip_bound: Some(true),
    };
    report.key_rights = Some(read_only);
    report.problems.clear();
    let rights = seen(&report, 0, |inputs| key_rights(inputs).text);
    assert_eq!(rights, "key: read-only, IP-bound");
}

#[test]
fn the_banner_of_an_outage_says_since_when() {
    let mut report = report();
    report.problems = vec![problem_of(ProblemCode::DataStale, "prices stopped; rest backoff")];
    let line = seen(&report, 9_000, |inputs| problem(inputs, &UiState::default()));
    let line = line.and_then(|banner| banner.first().map(text));
    let expected = "PROBLEM since 12:00:00: prices stopped; rest backoff";
    assert_eq!(line.as_deref(), Some(expected));
}

/// `REAL MONEY` stood over whatever answered on loopback.
#[test]
fn behind_another_host_nobody_claims_that_the_money_is_real() {
    let report = report();
    let context = UiContext { other_host: Some("127.0.0.1:4000".into()), ..UiContext::default() };
    let inputs = Inputs {
        report: &report,
        context: &context,
        rates: Rates::default(),
        now: NOON,
        seen: NOON,
    };
    let badge = badge(&inputs);
    assert_eq!((badge.text.as_str(), badge.role), ("OTHER HOST", Role::Alarm));
}

/// At the start every link was a red `stopped`.
#[test]
fn a_link_that_nobody_has_asked_for_is_no_alarm() {
    let mut report = report();
    report.links = Stream::ALL
        .map(|stream| LinkStatus { stream, state: LinkState::Stopped, ..link(None) })
        .to_vec();
    let line = |report: &Report| seen(report, 0, |inputs| text(&status(inputs)));
    assert_eq!(line(&report), "rest starting · public starting · private starting");
    report.account_kind = AccountStatus::NoCredentials;
    assert_eq!(line(&report), "rest starting · public starting · private off (no key)");
    report.links.truncate(1);
    report.links[0].since = Some(NOON);
    assert_eq!(line(&report), "rest stopped", "it was stopped by something");
}
