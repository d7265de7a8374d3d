//! Requests that failed, and how many are left.

use std::time::Duration;

use super::evidence::{Evidence, Run};
use super::finding::{Area, Finding};
use super::remedy;
use super::span::span;
use crate::domain::{AccountKind, LinkFault, ProblemCode, RequestKind, Text};
use crate::exchange::{ErrorClass, ExchangeError};
use crate::report::AccountStatus;

/// Requests that the exchange allows from one address in a minute.
const PER_MINUTE: u32 = 6_000;

/// Returns the lines of the requests.
pub(super) fn findings(evidence: &Evidence) -> Vec<Finding> {
    let Some(run) = &evidence.run else {
        let missed =
            |name| Finding::not_looked_at(name, "", "no connection", "see the lines above");
        return ["requests", "limits"].map(missed).into();
    };
    let mut all: Vec<_> = grouped(run).iter().map(|group| failure(run, group)).collect();
    if all.is_empty() {
        let (count, slowest) = (run.observed.ended, run.observed.slowest);
        // Those failures are left out, and are no success either.
        let failing = match (key_is_refused(run), run.report.focus_unlisted) {
            (true, _) => "none is failing for another reason than the key",
            (false, true) => "none is failing for another reason than the symbol",
            (false, false) => "none is failing",
        };
        let text = format!("{count} sent, {failing}; the slowest took {}", span(slowest));
        all.push(Finding::ok("requests", "", text));
    }
    all.push(limits(run));
    all
}

fn key_is_refused(run: &Run) -> bool {
    run.report.problems.iter().any(|problem| problem.code == ProblemCode::KeyRefused)
}

/// Requests that fail for one reason.
struct Group<'a> {
    reason: &'a Text,
    kinds: Vec<&'a RequestKind>,
}

/// Returns the failures, one group for each reason. Those that follow from a refused key or from a contract that
/// is not listed are left out: they have a line of their own.
fn grouped(run: &Run) -> Vec<Group<'_>> {
    let key_refused = key_is_refused(run);
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (kind, reason) in &run.report.failures {
        let class = run.error_of(kind).map(ExchangeError::class);
        let of_key = matches!(class, Some(ErrorClass::Credentials | ErrorClass::Restricted));
        let of_symbol = matches!(class, Some(ErrorClass::NoSuchSymbol));
        if key_refused && of_key || run.report.focus_unlisted && of_symbol {
            continue;
        }
        match groups.iter_mut().find(|group| group.reason == reason) {
            Some(group) => group.kinds.push(kind),
            None => groups.push(Group { reason, kinds: vec![kind] }),
        }
    }
    groups
}

fn failure(run: &Run, group: &Group<'_>) -> Finding {
    let names: Vec<_> = group.kinds.iter().map(ToString::to_string).collect();
    let text = format!("{}: {}", names.join(", "), group.reason);
    let found = group.kinds.iter().find_map(|kind| Some((*kind, run.error_of(kind)?)));
    let Some((kind, error)) = found else {
        // It ended without an error of the exchange: the task that sends it was restarted.
        let remedy = LinkFault::OwnBug.remedy();
        return Finding::fail(Area::Network, "requests", "", text, remedy);
    };
    let sent_to = run.observed.requests.get(kind).map(|end| end.api);
    let account = match run.report.account_kind {
        AccountStatus::Known(kind) => kind,
        AccountStatus::NoCredentials | AccountStatus::Unknown => {
            sent_to.unwrap_or(AccountKind::Classic)
        }
    };
    let remedy = remedy::of_error(error, kind, account);
    if group.kinds.iter().all(|kind| kind.is_history()) {
        return Finding::warn("requests", "", text, remedy);
    }
    Finding::fail(area(error.class()), "requests", "", text, remedy)
}

const fn area(class: ErrorClass) -> Area {
    match class {
        ErrorClass::Credentials
        | ErrorClass::Restricted
        | ErrorClass::Permission
        | ErrorClass::WrongApi => Area::Credentials,
        ErrorClass::Retry | ErrorClass::RateLimited | ErrorClass::Clock => Area::Network,
        ErrorClass::NoSuchSymbol | ErrorClass::Unavailable | ErrorClass::OwnBug => Area::Other,
    }
}

/// The exchange does not say what is left; what this program has used of its allowance is known.
fn limits(run: &Run) -> Finding {
    let (used, refused) = (run.observed.ended, run.observed.rate_limited);
    if refused > 0 {
        let text = format!("{refused} of {used} requests were refused as too many");
        let error = ExchangeError::RateLimited { retry_after: None };
        let remedy = remedy::of_error(&error, &RequestKind::ServerTime, AccountKind::Classic);
        return Finding::warn("limits", "", text, remedy);
    }
    let left = PER_MINUTE.saturating_sub(used);
    let within = span(run.lasted().max(Duration::from_millis(1)));
    let text = format!(
        "{used} requests in {within}, none refused: {left} of {PER_MINUTE} a minute are left to this \
         address, as far as this program uses it"
    );
    Finding::ok("limits", "", text)
}
