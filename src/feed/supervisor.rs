//! Keeps a link alive: connect, watch it end, wait, try again for ever; and restart what panics.

use std::future::Future;
use std::panic;
use std::sync::Arc;
use std::time::Duration;

use super::backoff::Backoff;
use super::connection::{self, Ended};
use super::context::{KeyState, Nudge, Shared};
use super::verdict;
use crate::domain::{LinkState, Stream};
use crate::exchange::ErrorClass;

/// Login refusals by the stream until the key counts as refused.
const REFUSALS: u32 = 2;

/// Runs `task` until it ends by itself. A panic ends the task alone: the link is shown as lost, with
/// the reason, and the task starts again after a pause.
pub(super) async fn keep<F>(shared: Arc<Shared>, stream: Stream, task: fn(Arc<Shared>) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut backoff = Backoff::new(shared.settings.reconnect, shared.settings.seed);
    loop {
        let ended = tokio::spawn(task(Arc::clone(&shared))).await;
        let Err(error) = ended else { return };
        let Ok(payload) = error.try_into_panic() else { return };
        let reason = format!("internal error: {}", panic_text(&*payload));
        tracing::error!(%stream, reason);
        let pause = backoff.pause(None, Duration::ZERO);
        shared.waiting(stream, LinkState::Backoff, backoff.failed(), &reason, pause);
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

/// Runs the private stream until the feed stops. It opens once the key has proven itself by REST: a
/// wrong key must not be tried twice over, and private data are shown only after a REST read anyway.
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
        if !backoff.is_down() {
            shared.link(stream, LinkState::Connecting, backoff.failed(), None);
        }
        let began = shared.now();
        let ended = tokio::select! {
            biased;
            () = shared.stop.cancelled() => return,
            ended = connection::run(shared, stream, backoff.failed()) => ended,
        };
        let (reason, live_for) = match ended {
            Ended::Lost { reason, live_for } => {
                refusals = if live_for.is_some() { 0 } else { refusals };
                (reason, live_for)
            }
            Ended::LoginRefused(error) => {
                match error.class() {
                    ErrorClass::Clock => shared.nudge.ask(Nudge::CLOCK),
                    ErrorClass::Credentials | ErrorClass::Restricted => refusals += 1,
                    ErrorClass::Retry
                    | ErrorClass::RateLimited
                    | ErrorClass::Permission
                    | ErrorClass::WrongApi
                    | ErrorClass::NoSuchSymbol
                    | ErrorClass::Unavailable
                    | ErrorClass::OwnBug => {}
                }
                if refusals >= REFUSALS {
                    refusals = 0;
                    verdict::refuse_key(shared, &error);
                    continue;
                }
                (error.to_string(), None)
            }
        };
        tracing::info!(%stream, reason, "link lost");
        let pause = backoff.pause(live_for, shared.now().since(began));
        let state = if backoff.is_down() { LinkState::Down } else { LinkState::Backoff };
        shared.waiting(stream, state, backoff.failed(), &reason, pause);
        tokio::select! {
            biased;
            () = shared.stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
            Ok(()) = refetch.changed() => backoff.reset(),
        }
    }
}

/// Waits until signed requests are answered; `false` when the feed stops.
async fn wait_for_key(shared: &Shared) -> bool {
    let mut key = shared.key.subscribe();
    loop {
        let state = *key.borrow_and_update();
        let (link, reason) = match state {
            KeyState::Proven => return true,
            KeyState::Unproven => (LinkState::Connecting, None),
            KeyState::Refused => (LinkState::Stopped, Some("the exchange refuses the key")),
        };
        shared.link(Stream::WsPrivate, link, 0, reason);
        tokio::select! {
            biased;
            () = shared.stop.cancelled() => return false,
            Ok(()) = key.changed() => {}
        }
    }
}
