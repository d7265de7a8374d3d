//! The contract in focus, the channels, and the data that came.

use super::evidence::{Evidence, Run};
use super::finding::{Area, Finding};
use super::span::span;
use crate::domain::{AccountKind, Interval, LinkState, ProblemCode, RequestKind, Stream, Text};
use crate::exchange::{Channel, ChannelEvent, api_of};
use crate::report::{AccountStatus, Age, Freshness, Report};

/// Returns the lines of the symbol, the channels and the data.
pub(super) fn findings(evidence: &Evidence) -> Vec<Finding> {
    let Some(run) = &evidence.run else {
        let missed =
            |name| Finding::not_looked_at(name, "", "no connection", "see the lines above");
        return ["symbol", "channel", "data"].map(missed).into();
    };
    let mut all = vec![symbol(run)];
    all.extend(channels(evidence, run));
    all.extend(data(run));
    all.extend(others(run));
    all
}

fn symbol(run: &Run) -> Finding {
    let report = &run.report;
    let name = report.focus.to_string();
    if report.focus_unlisted {
        let text = "the exchange does not list this contract";
        let remedy = "check the symbol: the form is BTCUSDT_UMCBL, case matters";
        return Finding::fail(Area::Other, "symbol", &name, text, remedy);
    }
    let is_state =
        |code| matches!(code, ProblemCode::ContractDelisted | ProblemCode::ContractHalted);
    let of_focus = report
        .problems
        .iter()
        .find(|problem| is_state(problem.code) && problem.subject.as_str() == name);
    if let Some(problem) = of_focus {
        let remedy = "see the exchange's announcements; choose another contract with --symbol";
        return Finding::warn("symbol", &name, problem.text.to_string(), remedy);
    }
    if let Some(contract) = report.contract(&report.focus) {
        let status = contract.status.as_ref().map_or("not told", Text::as_str);
        let places = contract.price_places;
        let text = format!("listed, state {status}, prices with {places} decimals");
        return Finding::ok("symbol", &name, text);
    }
    let why = match run.error_of(&RequestKind::Contract(report.focus.clone())) {
        Some(error) => format!("its rules could not be read: {error}"),
        None => "its rules have not been answered".to_owned(),
    };
    Finding::not_looked_at("symbol", &name, &why, "see the lines of the requests")
}

fn channels(evidence: &Evidence, run: &Run) -> Vec<Finding> {
    let public = evidence.api.kind().unwrap_or(AccountKind::Unified);
    let focus = &run.report.focus;
    let wanted = api_of(public).public_channels(focus, Interval::default(), &[]);
    let mut all = if run.report.focus_unlisted {
        let why = "the contract is not listed";
        vec![Finding::not_looked_at("channel", "public", why, "see the line of the symbol")]
    } else {
        of_stream(run, Stream::WsPublic, "public", &wanted)
    };
    if let AccountStatus::Known(kind) = run.report.account_kind {
        all.extend(of_stream(run, Stream::WsPrivate, "private", &api_of(kind).private_channels()));
    } else if run.report.has_credentials() {
        let remedy = "see the line of the account";
        all.push(Finding::not_looked_at("channel", "private", "the account is not known", remedy));
    }
    all
}

fn of_stream(run: &Run, stream: Stream, name: &str, wanted: &[Channel]) -> Vec<Finding> {
    let events: Vec<_> =
        wanted.iter().map(|channel| (channel, run.observed.channel(stream, channel))).collect();
    let link = run.report.links.iter().find(|link| link.stream == stream);
    let is_open = link.is_some_and(|link| link.state == LinkState::Live);
    if !is_open && events.iter().all(|(_, event)| event.is_none()) {
        let why = "the stream was never open";
        return vec![Finding::not_looked_at("channel", name, why, "see the line of the stream")];
    }
    events.into_iter().map(|(channel, event)| line(run, channel, event)).collect()
}

fn line(run: &Run, channel: &Channel, event: Option<&ChannelEvent>) -> Finding {
    let name = channel.to_string();
    match event {
        Some(ChannelEvent::FirstData { after }) => {
            Finding::ok("channel", &name, format!("first data after {}", span(*after)))
        }
        Some(ChannelEvent::Acknowledged { after }) => {
            let text =
                format!("subscribed after {}; it sends when something happens", span(*after));
            Finding::ok("channel", &name, text)
        }
        Some(ChannelEvent::Refused(text)) => {
            let text = format!("the exchange refuses the subscription: {text}");
            let remedy = "the figures come by REST at their cadence; if it lasts, report this line";
            Finding::fail(Area::Other, "channel", &name, text, remedy)
        }
        Some(ChannelEvent::Silent) => {
            let text = "no acknowledgement or no data in time";
            Finding::fail(Area::Network, "channel", &name, text, "try again later")
        }
        None => {
            let text = format!("no acknowledgement and no data within {}", span(run.lasted()));
            Finding::fail(Area::Network, "channel", &name, text, "try again later")
        }
    }
}

fn data(run: &Run) -> Vec<Finding> {
    let report = &run.report;
    let mut all = vec![if report.focus_unlisted {
        let why = "the contract is not listed";
        Finding::not_looked_at("data", "price", why, "see the line of the symbol")
    } else {
        datum(report, "price", report.ticker.age, "")
    }];
    if report.problems.iter().any(|problem| problem.code == ProblemCode::KeyRefused) {
        let why = "the key is refused";
        all.push(Finding::not_looked_at("data", "account", why, "see the line of the key"));
        return all;
    }
    if !report.has_credentials() {
        let remedy = "set the three BITGET_ variables";
        all.push(Finding::not_looked_at("data", "account", "no credentials", remedy));
        return all;
    }
    let unreadable = report.positions.unreadable_rows;
    if unreadable > 0 {
        let text = format!("{unreadable} rows of the list could not be read");
        let remedy = "report this with the version of the program: the exchange has changed a form";
        all.push(Finding::fail(Area::Other, "data", "positions", text, remedy));
    }
    let open = format!("{} open, ", report.positions.rows.len());
    all.push(datum(report, "positions", report.positions.age, &open));
    all.push(datum(report, "account", report.account.age, ""));
    let orders = format!("{} resting, ", report.orders.rows.len());
    all.push(datum(report, "orders", report.orders.age, &orders));
    all
}

fn datum(report: &Report, name: &str, age: Age, what: &str) -> Finding {
    let old = |ms: i64| span(std::time::Duration::from_millis(ms.unsigned_abs()));
    let text = match age.at(report.now) {
        Freshness::Live { ms } => {
            return Finding::ok("data", name, format!("{what}{} old", old(ms)));
        }
        Freshness::Stale { ms } => format!("stale: {} old", old(ms)),
        Freshness::Missing => "none came".to_owned(),
    };
    Finding::fail(Area::Network, "data", name, text, "see the lines of the requests and the links")
}

/// Returns the problems that no other line tells.
fn others(run: &Run) -> Vec<Finding> {
    let told = |code: ProblemCode| match code {
        ProblemCode::KeyRefused
        | ProblemCode::WrongApi
        | ProblemCode::AccountSwitching
        | ProblemCode::LinkDown
        | ProblemCode::NetworkBlocked
        | ProblemCode::DataStale
        | ProblemCode::ContractUnlisted
        | ProblemCode::PermissionMissing
        | ProblemCode::RateLimited
        | ProblemCode::ClockSkew
        | ProblemCode::KeyCanWithdraw
        | ProblemCode::KeyCanTransfer
        | ProblemCode::KeyCanTrade => true,
        ProblemCode::RowsUnreadable
        | ProblemCode::MemoryUnavailable
        | ProblemCode::RecordingIncomplete
        | ProblemCode::AlertNotSent
        | ProblemCode::ContractDelisted
        | ProblemCode::ContractHalted
        | ProblemCode::RulesNotModelled
        | ProblemCode::PnlMismatch
        | ProblemCode::HistoryIncomplete => false,
    };
    let focus = run.report.focus.to_string();
    let is_state =
        |code| matches!(code, ProblemCode::ContractDelisted | ProblemCode::ContractHalted);
    let open = run.report.problems.iter().filter(|problem| {
        let is_symbol = is_state(problem.code) && problem.subject.as_str() == focus;
        !is_symbol && !told(problem.code)
    });
    let line = |problem: &crate::store::Problem| {
        let remedy = "the screen marks what it touches and shows the less favourable figure";
        Finding::warn("problem", &problem.code.to_string(), problem.text.to_string(), remedy)
    };
    open.map(line).collect()
}
