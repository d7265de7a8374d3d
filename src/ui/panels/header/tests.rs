//! Whose money, which time, and what is said of a problem.

use super::*;
use crate::config::Palette;
use crate::domain::{AccountKind, KeyRights, Stream};
use crate::report::{Age, Report};
use crate::store::LinkStatus;
use crate::ui::fixtures::{NOON, empty_report, seen, seen_in};
use crate::ui::panels::footer;
use crate::ui::terminal_colors::{Rgb, TerminalColors};
use crate::ui::ui_context::UiContext;
use crate::ui::views::View;

fn report() -> Report {
    Report { clock_offset_ms: Some((0, 10)), ..empty_report() }
}

fn text(line: &Line) -> String {
    line.iter().map(|span| span.text.as_str()).collect::<Vec<_>>().join(" ")
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
        fault: None,
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
        let words = seen(report, ms, |inputs| text(&status(inputs)[0]));
        (words, seen(report, ms, |inputs| text(links_in_short(inputs).last().unwrap())))
    };
    let expect = |ms, links: &[&str], short: &str| {
        let (words, few) = shown(&report, ms);
        assert!(links.iter().all(|link| words.contains(link)), "{ms}: {words}");
        assert_eq!(few, short, "{ms}");
    };
    expect(3_000, &["● rest 3s", "● public 3s", "● private 3s"], "3/3 links live");
    let silent = ["rest heard 4s ago", "public heard 4s ago", "● private 4s"];
    expect(4_000, &silent, "1/3 links live");
    let silent = ["rest heard 21s ago", "public heard 21s ago", "private heard 21s ago"];
    expect(21_000, &silent, "0/3 links live");
    // Without an account nothing is asked for while prices are pushed.
    report.account_kind = AccountStatus::NoCredentials;
    let words = shown(&report, 4_000).0;
    assert!(words.starts_with("public heard") && words.contains("● rest 4s"), "{words}");
}

#[test]
fn the_badge_of_real_money_speaks_of_money_alone() {
    let badge = seen(&report(), 0, badge);
    assert_eq!((badge.text.as_str(), badge.role), ("REAL MONEY", Role::BadgeLive));
    let dark = TerminalColors { letters: None, background: Some(Rgb([0; 3])) };
    let theme = Theme::new(Palette::GreenRed, true, false).on(dark);
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
        user_id: None,
    };
    report.key_rights = Some(read_only);
    report.problems.clear();
    let rights = seen(&report, 0, |inputs| key_rights(inputs).text);
    assert_eq!(rights, "key: read-only, IP-bound");
}

#[test]
fn the_banner_of_an_outage_says_for_how_long() {
    let mut report = report();
    report.problems = vec![problem_of(ProblemCode::DataStale, "prices stopped; rest backoff")];
    let line = seen(&report, 9_000, |inputs| problem(inputs, &UiState::default()));
    let line = line.and_then(|banner| banner.first().map(text));
    let expected = "NO DATA 9s: prices stopped; rest backoff";
    assert_eq!(line.as_deref(), Some(expected));
}

/// `NO DATA 9s` stood over `Data live 0s`.
#[test]
fn what_is_missing_of_another_product_is_not_all_data() {
    let mut report = report();
    let text_of = "positions of COIN-M not received";
    report.problems = vec![problem_of(ProblemCode::DataStale, text_of)];
    let live = Age::new(Some(NOON), Duration::from_secs(30));
    let said = |report: &Report| {
        let banner = seen(report, 9_000, |inputs| problem(inputs, &UiState::default()));
        banner.and_then(|banner| banner.first().map(text)).unwrap()
    };
    (report.ticker.age, report.positions.age) = (live, live);
    assert_eq!(said(&report), format!("NO DATA 9s: {text_of}"), "nor is there an account");
    report.account.age = live;
    assert_eq!(said(&report), format!("INCOMPLETE 9s: {text_of}"));
}

/// When the tries of a link were used up, the outage was one of four problems in small letters.
#[test]
fn a_link_that_is_down_does_not_take_the_banner_of_the_outage() {
    let mut report = report();
    report.problems = vec![
        problem_of(ProblemCode::LinkDown, "ws private: maximum attempts reached"),
        problem_of(ProblemCode::DataStale, "prices stopped"),
    ];
    let said = |report: &Report| {
        let banner = seen(report, 9_000, |inputs| problem(inputs, &UiState::default()));
        banner.and_then(|banner| banner.first().map(text)).unwrap()
    };
    assert_eq!(said(&report), "NO DATA 9s: prices stopped (and 1 more)");
    // What is wrong with the key says why there are no data.
    report.problems.insert(0, problem_of(ProblemCode::KeyRefused, "the key is refused"));
    assert!(said(&report).contains("the key is refused"), "{}", said(&report));
}

/// `REAL MONEY` stood over whatever answered on loopback.
#[test]
fn behind_another_host_nobody_claims_that_the_money_is_real() {
    let report = report();
    let context = UiContext { other_host: Some("127.0.0.1:4000".into()), ..UiContext::default() };
    let badge = seen_in(&context, &report, 0, badge);
    assert_eq!((badge.text.as_str(), badge.role), ("OTHER HOST", Role::Alarm));
}

#[test]
fn a_proxy_on_the_way_is_named() {
    let report = report();
    let context = UiContext { proxy: Some("10.0.0.1:3128".into()), ..UiContext::default() };
    let line = seen_in(&context, &report, 0, |inputs| text(&status(inputs)[0]));
    assert!(line.ends_with("via proxy 10.0.0.1:3128"), "{line}");
}

/// On 80 columns the proxy was the three dots at the end of the line.
#[test]
fn a_proxy_is_named_where_there_is_no_room_for_the_ages_of_links() {
    let mut report = report();
    report.account_kind = AccountStatus::Known(AccountKind::Classic);
    let read_only = KeyRights {
        trade: Some(false),
        transfer: Some(false),
        withdraw: Some(false),
        ip_bound: Some(true),
        ..KeyRights::default()
    };
    report.key_rights = Some(read_only);
    report.links = Stream::ALL.map(|stream| LinkStatus { stream, ..link(Some(0)) }).to_vec();
    let context = UiContext { proxy: Some("10.0.0.1:3128".into()), ..UiContext::default() };
    let shown = |report: &Report, width| {
        seen_in(&context, report, 0, |inputs| {
            let variants = status(inputs);
            cells::fitting(&variants, width).map(text).unwrap_or_default()
        })
    };
    let rights = "key: read-only, IP-bound classic";
    let dots = "● rest 0s ● public 0s ● private 0s";
    assert_eq!(shown(&report, 120), format!("{rights} {dots} via proxy 10.0.0.1:3128"));
    assert_eq!(shown(&report, 80), format!("{rights} 3/3 links live via proxy 10.0.0.1:3128"));
    // A link that is not as it should be keeps its own words.
    report.links[2].state = LinkState::Connecting;
    assert_eq!(
        shown(&report, 86),
        format!("{rights} ● rest 0s ● public 0s ○ private connecting via proxy")
    );
}

/// At the start every link was a red `stopped`.
#[test]
fn a_link_that_nobody_has_asked_for_is_no_alarm() {
    let mut report = report();
    report.links = Stream::ALL
        .map(|stream| LinkStatus { stream, state: LinkState::Stopped, ..link(None) })
        .to_vec();
    let line = |report: &Report| seen(report, 0, |inputs| text(&status(inputs)[0]));
    let starting = "○ rest starting ○ public starting ○ private ";
    assert!(line(&report).ends_with(&format!("{starting}starting")), "{}", line(&report));
    report.account_kind = AccountStatus::NoCredentials;
    assert!(line(&report).ends_with(&format!("{starting}off (no key)")), "{}", line(&report));
    report.links.truncate(1);
    report.links[0].since = Some(NOON);
    assert!(line(&report).starts_with("rest stopped 0s"), "it was stopped by something");
}

#[test]
fn a_sick_link_is_loud_with_its_reason_and_the_next_try_and_a_healthy_one_is_quiet() {
    let mut report = report();
    let sick = LinkStatus {
        state: LinkState::Down,
        since: Some(NOON),
        last_error: Some("connection refused".into()),
        next_attempt_at: Some(NOON.plus_millis(31_000)),
        ..link(Some(0))
    };
    let healthy = LinkStatus { stream: Stream::WsPublic, ..link(Some(27_000)) };
    report.links = vec![sick, healthy];
    let line = seen(&report, 29_000, |inputs| status(inputs).remove(0));
    assert_eq!(line.first().map(|span| span.role), Some(Role::Warn));
    let text = text(&line);
    assert!(text.starts_with("rest DOWN 29s; next try in 2s (connection refused)"), "{text}");
    assert!(text.ends_with("● public 2s"), "{text}");
}

#[test]
fn the_key_bar_begins_with_help_and_health() {
    for view in [View::Overview, View::Chart, View::Risk] {
        let mut state = UiState::default();
        state.view = view;
        let text = text(&footer(&state));
        assert!(text.starts_with("q:quit ?:help 7:health"), "{text}");
    }
}

#[test]
fn of_two_processes_the_second_names_the_first() {
    use crate::domain::{MemoryReport, MemoryState};
    let mut report = report();
    let state = MemoryState::Reading { process: Some(1234) };
    report.memory = std::sync::Arc::new(MemoryReport { state, ..MemoryReport::default() });
    let line =
        |report: &Report| seen(report, 0, |inputs| text(&modes(inputs, &UiState::default())));
    assert_eq!(line(&report), " alerts: other process 1234 ");
    report.memory = std::sync::Arc::default();
    assert_eq!(line(&report), "");
}
