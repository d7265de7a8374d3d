//! Error policy of the polls: what a failed request means for the user and for the schedule.

use std::time::Duration;

use super::context::{KeyState, Shared, Unanswered};
use crate::domain::{Body, ProblemCode, Text};
use crate::exchange::{ErrorClass, ExchangeError, Request};

/// After a missing permission or the wrong generation of the API a request is retried after this.
const REFUSED_PAUSE: Duration = Duration::from_secs(60);
/// After a missing permission for the ADL ranks they are requested again after this.
const ADL_PAUSE: Duration = Duration::from_secs(900);
/// Refusals until the key counts as refused: one retry, in case the exchange erred.
const MAX_REFUSALS: u32 = 2;

/// What follows from an error.
#[derive(Debug, Default)]
pub(super) struct ErrorAction {
    /// The failure of the request, for the user; `None` when nothing is wrong.
    pub(super) failure: Option<String>,
    /// Not again before this pause; `None` for the usual one.
    pub(super) retry_after: Option<Duration>,
    /// Measure the clock offset first.
    pub(super) measure_clock: bool,
    /// The account is served by the other generation of the API.
    pub(super) wrong_api: bool,
}

/// Reports the problems that an error means and returns what else follows. The data that were requested
/// stay and age.
pub(super) fn handle(
    shared: &Shared,
    request: &Request,
    error: &ExchangeError,
    refusals: &mut u32,
) -> ErrorAction {
    let mut action = ErrorAction::default();
    if error.class() == ErrorClass::Permission && matches!(request, Request::AdlRanks) {
        // A read-only key may lack this permission: then there are no ranks, and nothing is wrong.
        action.retry_after = Some(ADL_PAUSE);
        return action;
    }
    action.failure = Some(error.to_string());
    if request.is_of_other_product() {
        return of_other_product(shared, request, error, action);
    }
    match error.class() {
        ErrorClass::RateLimited => rate_limited(shared),
        ErrorClass::Clock => action.measure_clock = true,
        ErrorClass::Credentials | ErrorClass::Restricted => {
            *refusals += 1;
            if *refusals >= MAX_REFUSALS {
                refuse_key(shared, error);
            } else {
                // One probe is sent next, and nothing else: the exchange counts every attempt.
                shared.mark_key(KeyState::Unproven);
            }
        }
        // The key's rights and fee rates are optional: without them nothing else is missing.
        ErrorClass::Permission if matches!(request, Request::KeyRights | Request::FeeRate(_)) => {
            action.retry_after = Some(REFUSED_PAUSE);
        }
        ErrorClass::Permission => {
            permission_missing(shared, request, error);
            action.retry_after = Some(REFUSED_PAUSE);
            // The key itself was recognised.
            shared.prove_key();
        }
        ErrorClass::WrongApi => {
            action.wrong_api = true;
            action.retry_after = Some(REFUSED_PAUSE);
        }
        ErrorClass::NoSuchSymbol => {
            if let Request::Contract(symbol) = request {
                shared.apply(Body::Unlisted(symbol.clone()));
            }
        }
        ErrorClass::Retry | ErrorClass::Unavailable | ErrorClass::OwnBug => {}
    }
    if request.is_private() && *shared.key.borrow() == KeyState::Unproven {
        unanswered(shared, request, error);
    }
    action
}

/// What is refused of another product is a problem of its own: it says nothing of the key, of the account or
/// of USDT-M. Its list is not known, or ages.
fn of_other_product(
    shared: &Shared,
    request: &Request,
    error: &ExchangeError,
    mut action: ErrorAction,
) -> ErrorAction {
    match error.class() {
        ErrorClass::RateLimited => rate_limited(shared),
        ErrorClass::Clock => action.measure_clock = true,
        ErrorClass::Permission => {
            permission_missing(shared, request, error);
            action.retry_after = Some(REFUSED_PAUSE);
        }
        ErrorClass::Credentials | ErrorClass::Restricted => {
            // Whether it is the key or the product, a request for the account tells: it is sent next, and
            // nothing beside it.
            if *shared.key.borrow() == KeyState::Proven {
                shared.mark_key(KeyState::Unproven);
            }
            action.retry_after = Some(REFUSED_PAUSE);
        }
        ErrorClass::WrongApi | ErrorClass::NoSuchSymbol | ErrorClass::OwnBug => {
            action.retry_after = Some(REFUSED_PAUSE);
        }
        ErrorClass::Retry | ErrorClass::Unavailable => {}
    }
    action
}

fn rate_limited(shared: &Shared) {
    let text = "the exchange reports too many requests: polling slows down";
    shared.problem(ProblemCode::RateLimited, "rest", Some(text));
}

fn permission_missing(shared: &Shared, request: &Request, error: &ExchangeError) {
    let subject = request.kind().to_string();
    let text = format!("{subject}: {}", error.remedy());
    shared.problem(ProblemCode::PermissionMissing, &subject, Some(&text));
}

/// A signed request had no good answer while none has had one yet: the private stream says why it waits,
/// and where the exchange answered at all, its login is tried instead.
pub(super) fn unanswered(shared: &Shared, request: &Request, error: &ExchangeError) {
    let reason = Text::new(&format!("{}: {error}", request.kind()));
    let may_login = error.class() == ErrorClass::Retry && error.is_response();
    let fault = error.fault();
    shared.unanswered.send_replace(Some(Unanswered { reason, may_login, fault }));
}

/// The exchange refuses the key for good: the private side stops until the user acts.
pub(super) fn refuse_key(shared: &Shared, error: &ExchangeError) {
    // Where the generations contradict each other, the user needs to see both errors.
    let because = shared.private.borrow().because.clone();
    let because =
        because.map_or_else(String::new, |said| format!("; on the account's kind it says: {said}"));
    let proxy = shared.settings.dialer.proxy_of(&shared.settings.stream_origin);
    let remedy = match proxy.filter(|_| error.refuses_address()) {
        // What the exchange saw is not this machine's address.
        Some(proxy) => {
            format!("add the address of the proxy {proxy} to the key's IP whitelist, then press r")
        }
        None => error.remedy(),
    };
    // What to do stands first: on a narrow screen the end is left out.
    let text = format!("{}: {remedy}; {error}{because}", error.refusal());
    shared.problem(ProblemCode::KeyRefused, "key", Some(&text));
    shared.mark_key(KeyState::Refused);
}

/// The user chose a generation of the API that does not serve the account.
pub(super) fn wrong_api(shared: &Shared, error: &ExchangeError) {
    shared.apply(Body::AccountKind(error.proves()));
    shared.problem(ProblemCode::WrongApi, "account", Some(&error.remedy()));
}

/// Withdraws what a good response disproves.
pub(super) fn clear(shared: &Shared, request: &Request) {
    shared.failure(request.kind(), None);
    shared.problem(ProblemCode::RateLimited, "rest", None);
    if !request.is_private() {
        return;
    }
    shared.problem(ProblemCode::PermissionMissing, &request.kind().to_string(), None);
    shared.unanswered.send_if_modified(|held| held.take().is_some());
    // An answer that was in flight while the key was refused for good disproves nothing.
    if *shared.key.borrow() != KeyState::Refused {
        shared.problem(ProblemCode::KeyRefused, "key", None);
        shared.problem(ProblemCode::WrongApi, "account", None);
        shared.apply(Body::AccountKind(shared.private.borrow().kind()));
    }
}
