//! The three links, and the clock.

use std::time::Duration;

use super::evidence::{Evidence, Run};
use super::finding::{Area, Finding};
use super::span::span;
use crate::domain::{LinkFault, LinkState, ProblemCode, RequestKind, Stream, Text};
use crate::report::AccountStatus;
use crate::store::LinkStatus;

/// A slower round trip is worth a warning: figures are late by as much.
const SLOW: Duration = Duration::from_millis(750);
/// The exchange refuses signatures that are off by more, and this is where the screen begins to show it.
const SKEW_MS: i64 = 1_000;
const SET_CLOCK: &str = "set this machine's clock, for example with `timedatectl set-ntp true`";

/// Returns the lines of the links and of the clock.
pub(super) fn findings(evidence: &Evidence) -> Vec<Finding> {
    let Some(run) = &evidence.run else {
        let missed =
            |name| Finding::not_looked_at(name, "", "no connection", "see the lines above");
        return ["clock", "rest", "ws_public", "ws_private"].map(missed).into();
    };
    let mut all = vec![clock(run)];
    all.extend(run.report.links.iter().map(|status| link(run, status)));
    all
}

fn clock(run: &Run) -> Finding {
    let Some((offset, error)) = run.report.clock_offset_ms else {
        let why = match run.error_of(&RequestKind::ServerTime) {
            Some(error) => format!("the exchange's time could not be read: {error}"),
            None => "the exchange's time has not been read".to_owned(),
        };
        return Finding::not_looked_at("clock", "", &why, "see the line of rest");
    };
    let off = span(Duration::from_millis(offset.unsigned_abs()));
    let bound = span(Duration::from_millis(error.unsigned_abs()));
    let side = if offset > 0 { "behind" } else { "ahead of" };
    let text = format!("{off} {side} the exchange's, known to within {bound}");
    if offset.abs() <= SKEW_MS {
        return Finding::ok("clock", "", text);
    }
    Finding::warn("clock", "", format!("{text}; corrected in signatures and ages"), SET_CLOCK)
}

fn link(run: &Run, status: &LinkStatus) -> Finding {
    let name = match status.stream {
        Stream::Rest => "rest",
        Stream::WsPublic => "ws_public",
        Stream::WsPrivate => "ws_private",
    };
    if status.stream == Stream::WsPrivate && !run.report.has_credentials() {
        let remedy = "set the three BITGET_ variables";
        return Finding::not_looked_at(name, "", "no credentials", remedy);
    }
    let is_refused = |code| run.report.problems.iter().any(|problem| problem.code == code);
    if status.state == LinkState::Stopped && is_refused(ProblemCode::KeyRefused) {
        return Finding::not_looked_at(name, "", "the key is refused", "see the line of the key");
    }
    let reason = status.last_error.as_ref().map(Text::as_str);
    let unknown = run.report.account_kind == AccountStatus::Unknown;
    if status.stream == Stream::WsPrivate && status.state == LinkState::Connecting && unknown {
        let why = "it is opened once REST has shown that the key works";
        return Finding::not_looked_at(name, "", why, "see the lines of rest and of the requests");
    }
    if status.stream == Stream::WsPublic && run.report.focus_unlisted {
        let why = "the contract is not listed, so its channels are refused";
        return Finding::not_looked_at(name, "", why, "see the line of the symbol");
    }
    if status.state != LinkState::Live {
        let text = match reason {
            Some(reason) => format!("{}: {reason}", status.state),
            None => format!("{}: no end within {}", status.state, span(run.lasted())),
        };
        let remedy = status.fault.unwrap_or(LinkFault::Slow).remedy();
        return Finding::fail(Area::Network, name, "", text, remedy);
    }
    if let Some(reason) = reason {
        let text = format!("live now, after a failure: {reason}");
        return Finding::warn(name, "", text, status.fault.unwrap_or(LinkFault::Cut).remedy());
    }
    let Some(latency) = status.latency else {
        if status.stream == Stream::Rest {
            let text = "the exchange answers, but no request has succeeded";
            let remedy = "see the lines of the requests";
            return Finding::fail(Area::Network, name, "", text, remedy);
        }
        let text = format!("live, but no ping was answered within {}", span(run.lasted()));
        return Finding::warn(name, "", text, LinkFault::Silent.remedy());
    };
    let latency = match status.stream {
        Stream::Rest => latency.max(run.observed.slowest),
        Stream::WsPublic | Stream::WsPrivate => latency,
    };
    let text = format!("live, round trip {}", span(latency));
    if latency > SLOW {
        let remedy = "figures are late by as much: a machine nearer to the exchange, or a better link, helps";
        return Finding::warn(name, "", format!("{text}: slow"), remedy);
    }
    Finding::ok(name, "", text)
}
