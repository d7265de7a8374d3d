//! What a failed request means for the user and for the next ones.

use std::time::Duration;

use super::context::{KeyState, Shared};
use crate::domain::{Body, Datum, OrderClass, ProblemCode, Text};
use crate::exchange::{ErrorClass, ExchangeError, Query};

/// A missing permission or the wrong kind of account is asked about again after this.
const REFUSED_PAUSE: Duration = Duration::from_secs(60);
/// Ranks that may not be asked for are asked for again after this.
const ADL_PAUSE: Duration = Duration::from_secs(900);
/// A wrong key gets one more try, in case the exchange erred.
const REFUSALS: u32 = 2;

/// What follows for the schedule.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// Not again before this pause.
    pub(super) put_off: Option<Duration>,
    /// Measure the clock offset first.
    pub(super) measure_clock: bool,
    /// The account answers another generation than this one.
    pub(super) wrong_api: bool,
}

/// Reports a failure and says what follows. The data that were asked for stay and age.
pub(super) fn judge(
    shared: &Shared,
    query: &Query,
    datum: Datum,
    error: &ExchangeError,
    refusals: &mut u32,
) -> Verdict {
    let mut verdict = Verdict::default();
    if error.class() == ErrorClass::Permission && matches!(query, Query::AdlRanks) {
        // A read-only key may not be told: then there are no ranks, and nothing is wrong.
        verdict.put_off = Some(ADL_PAUSE);
        return verdict;
    }
    shared.apply(Body::Failed { datum, reason: Some(Text::new(&error.to_string())) });
    match error.class() {
        ErrorClass::RateLimited => {
            let text = "the exchange asks for fewer requests: polling slows down";
            shared.problem(ProblemCode::RateLimited, "rest", Some(text));
        }
        ErrorClass::Clock => verdict.measure_clock = true,
        ErrorClass::Credentials | ErrorClass::Restricted => {
            *refusals += 1;
            if *refusals >= REFUSALS {
                refuse_key(shared, error);
            } else {
                // One probe goes next, and nothing else: every attempt counts with the exchange.
                shared.mark_key(KeyState::Unproven);
            }
        }
        // What the key may do and what it pays are extras: without them nothing else is missing.
        ErrorClass::Permission if matches!(query, Query::KeyRights | Query::FeeRate(_)) => {
            verdict.put_off = Some(REFUSED_PAUSE);
        }
        ErrorClass::Permission => {
            let subject = subject(query, datum);
            let text = format!("{subject}: {}", error.remedy());
            shared.problem(ProblemCode::PermissionMissing, &subject, Some(&text));
            verdict.put_off = Some(REFUSED_PAUSE);
            // The key itself was recognised.
            shared.prove_key();
        }
        ErrorClass::WrongApi => {
            verdict.wrong_api = true;
            verdict.put_off = Some(REFUSED_PAUSE);
        }
        ErrorClass::NoSuchSymbol => {
            if let Query::Contract(symbol) = query {
                shared.apply(Body::Unlisted(symbol.clone()));
            }
        }
        ErrorClass::Retry | ErrorClass::Unavailable | ErrorClass::OwnBug => {}
    }
    verdict
}

/// What a missing permission is about. Each list of orders is asked for by itself, and one that is given
/// says nothing of another.
fn subject(query: &Query, datum: Datum) -> String {
    let Query::Orders(class) = query else { return datum.to_string() };
    match class {
        OrderClass::Plain => "orders",
        OrderClass::ProfitLoss => "plans of positions",
        OrderClass::Trigger => "trigger orders",
        OrderClass::Trailing => "trailing orders",
    }
    .to_owned()
}

/// The exchange refuses the key for good: the private side stops until a person acts.
pub(super) fn refuse_key(shared: &Shared, error: &ExchangeError) {
    // Where the generations contradict each other, a person needs to know what both said.
    let because = shared.private.borrow().because.clone();
    let because =
        because.map_or_else(String::new, |said| format!("; of the account's kind {said}"));
    let text = format!("{error}; {}{because}", error.remedy());
    shared.problem(ProblemCode::KeyRefused, "key", Some(&text));
    shared.mark_key(KeyState::Refused);
}

/// The user chose a generation of the API that the account does not answer.
pub(super) fn wrong_api(shared: &Shared, error: &ExchangeError) {
    shared.apply(Body::AccountKind(error.proves()));
    shared.problem(ProblemCode::WrongApi, "account", Some(&error.remedy()));
}

/// Takes back what a good answer disproves.
pub(super) fn clear(shared: &Shared, query: &Query, datum: Datum) {
    shared.apply(Body::Failed { datum, reason: None });
    shared.problem(ProblemCode::RateLimited, "rest", None);
    if !query.is_private() {
        return;
    }
    shared.problem(ProblemCode::PermissionMissing, &subject(query, datum), None);
    if matches!(query, Query::Positions) {
        shared.problem(ProblemCode::KeyRefused, "key", None);
        shared.problem(ProblemCode::WrongApi, "account", None);
        shared.apply(Body::AccountKind(shared.private.borrow().kind()));
    }
}
