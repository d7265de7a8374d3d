//! Keeps links and tasks alive: connects, waits after a loss, retries for ever, and restarts a task that
//! panicked.

use std::future::Future;
use std::panic;
use std::sync::Arc;
use std::time::Duration;

use super::backoff::Backoff;
use super::connection::{self, Ended};
use super::context::{KeyState, PollHint, Shared};
use super::error_policy;
use crate::domain::{LinkFault, LinkState, RequestKind, Stream};
use crate::exchange::{Api, ErrorClass};

/// Login refusals until the key counts as refused.
const MAX_REFUSALS: u32 = 2;

/// What a task owns, and takes down with it when it panics.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owns {
    /// A link: it is shown as lost.
    Link(Stream),
    /// The reading of history, over another task's link: it is shown as failed.
    History,
}

/// Runs `task` until it returns. A panic ends this task alone: what it owns is shown as lost, with the
/// reason, and the task is restarted after a pause.
pub(super) async fn keep<F>(shared: Arc<Shared>, owns: Owns, task: fn(Arc<Shared>) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut backoff = Backoff::new(shared.settings.reconnect, shared.settings.seed);
    loop {
        let ended = tokio::spawn(task(Arc::clone(&shared))).await;
        let Err(error) = ended else { return };
        let Ok(payload) = error.try_into_panic() else { return };
        let reason = format!("internal error: {}", panic_text(&*payload));
        tracing::error!(?owns, reason);
        let pause = backoff.pause(None, Duration::ZERO);
        match owns {
            Owns::Link(stream) => {
                let (failed, why) = (backoff.failed(), (reason.as_str(), LinkFault::OwnBug));
                shared.waiting(stream, LinkState::Backoff, failed, why, pause);
            }
            Owns::History => {
                shared.failure(RequestKind::History, Some(&reason));
            }
        }
        tokio::select! {
            biased;
            () = shared.stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "panic".to_owned())
}

/// Runs the public stream until the feed stops.
pub(super) async fn run_public(shared: Arc<Shared>) {
    supervise(&shared, Stream::WsPublic).await;
}

/// Runs the private stream until the feed stops. It opens once REST has proven the key, because a wrong
/// key must not be tried on both; or once REST has failed for another reason than the key.
pub(super) async fn run_private(shared: Arc<Shared>) {
    supervise(&shared, Stream::WsPrivate).await;
}

async fn supervise(shared: &Shared, stream: Stream) {
    let salt = if stream == Stream::WsPublic { 1 } else { 2 };
    let seed = shared.settings.seed.wrapping_add(salt);
    let mut backoff = Backoff::new(shared.settings.reconnect, seed);
    let mut refetch = shared.controls.refetches();
    let mut refusals = 0;
    loop {
        if stream == Stream::WsPrivate && !wait_for_key(shared).await {
            return;
        }
        let api = match stream {
            Stream::WsPrivate => shared.private.borrow().api,
            Stream::WsPublic | Stream::Rest => Some(shared.public),
        };
        let Some(api) = api else { continue };
        if !backoff.is_down() {
            shared.link(stream, LinkState::Connecting, backoff.failed(), None);
        }
        let began = shared.now();
        let ended = tokio::select! {
            biased;
            () = shared.stop.cancelled() => return,
            () = api_changed(shared, stream, api) => {
                tracing::info!(%stream, "the account has moved to another generation of the API");
                backoff.reset();
                continue;
            }
            ended = connection::run(shared, api, stream, backoff.failed()) => ended,
        };
        let (reason, fault, live_for) = match ended {
            Ended::Lost { reason, fault, live_for } => {
                if let Some(obstacle) = fault.obstacle() {
                    shared.obstructed(stream, Some((obstacle, &reason)));
                }
                if live_for.is_some() {
                    refusals = 0;
                    // A refetch from while the link was live is not about this loss.
                    refetch.mark_unchanged();
                }
                (reason, fault, live_for)
            }
            Ended::LoginRefused(error) => {
                // The key is good for REST, so the account may have moved.
                if error.class() != ErrorClass::Clock {
                    shared.poll_hints.send(PollHint::AccountKind);
                }
                match error.class() {
                    ErrorClass::Clock => shared.poll_hints.send(PollHint::Clock),
                    ErrorClass::Credentials | ErrorClass::Restricted => refusals += 1,
                    ErrorClass::Retry
                    | ErrorClass::RateLimited
                    | ErrorClass::Permission
                    | ErrorClass::WrongApi
                    | ErrorClass::NoSuchSymbol
                    | ErrorClass::Unavailable
                    | ErrorClass::OwnBug => {}
                }
                if refusals >= MAX_REFUSALS {
                    refusals = 0;
                    error_policy::refuse_key(shared, &error);
                    continue;
                }
                (error.to_string(), error.fault(), None)
            }
        };
        tracing::info!(%stream, reason, "link lost");
        let pause = backoff.pause(live_for, shared.now().since(began));
        let state = if backoff.is_down() { LinkState::Down } else { LinkState::Backoff };
        shared.waiting(stream, state, backoff.failed(), (&reason, fault), pause);
        tokio::select! {
            biased;
            () = shared.stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
            () = api_changed(shared, stream, api) => backoff.reset(),
            Ok(()) = refetch.changed() => backoff.reset(),
        }
    }
}

/// Waits until the private side uses another generation than `api`; for ever on the public stream.
async fn api_changed(shared: &Shared, stream: Stream, api: &dyn Api) {
    let mut private = shared.private.subscribe();
    if stream != Stream::WsPrivate
        || private.wait_for(|held| held.kind() != Some(api.kind())).await.is_err()
    {
        std::future::pending::<()>().await;
    }
}

/// Waits until the key is proven and the kind of account known; `false` when the feed stops.
async fn wait_for_key(shared: &Shared) -> bool {
    let mut key = shared.key.subscribe();
    let mut private = shared.private.subscribe();
    let mut unanswered = shared.unanswered.subscribe();
    loop {
        let state = *key.borrow_and_update();
        let is_known = private.borrow_and_update().api.is_some();
        let failed = unanswered.borrow_and_update().clone();
        let may_login = failed.as_ref().is_some_and(|failed| failed.may_login);
        let failed = failed.as_ref().map(|failed| (failed.reason.as_str(), failed.fault));
        let (link, reason) = match state {
            KeyState::Proven if is_known => return true,
            KeyState::Unproven if is_known && may_login => return true,
            KeyState::Proven | KeyState::Unproven => (LinkState::Connecting, failed),
            KeyState::Refused => {
                (LinkState::Stopped, Some(("the exchange refuses the key", LinkFault::Key)))
            }
        };
        shared.link(Stream::WsPrivate, link, 0, reason);
        tokio::select! {
            biased;
            () = shared.stop.cancelled() => return false,
            Ok(()) = key.changed() => {}
            Ok(()) = private.changed() => {}
            Ok(()) = unanswered.changed() => {}
        }
    }
}
