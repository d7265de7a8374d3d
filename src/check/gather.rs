//! [`gather`]: opens a stream to each host, then runs the feeds until everything has been seen or time is up.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::evidence::{Dialed, Evidence, Observed, Run, Watcher};
use crate::domain::{
    AccountKind, Clock, Interval, LinkState, ProblemCode, RequestKind, Stream, Symbol,
};
use crate::exchange::{ChannelEvent, api_of};
use crate::feed::{self, Controls, Dial, DialError, Progress, Settings, Target};
use crate::report::{AccountStatus, Context, Engine, Report};
use crate::store::{SharedStore, Store};

/// The least time between two looks at the state.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A ping on each socket is sent this often, so that a missing pong shows within the time of a check.
const PING_EVERY: Duration = Duration::from_millis(500);

/// What to look at.
#[derive(Debug)]
pub struct Probe {
    /// What the feeds run with; pings and the observer are set here.
    pub settings: Settings,
    /// The host of the requests.
    pub rest_origin: Target,
    /// What the report needs to know.
    pub context: Context,
    /// Told of the requests by the client of `settings`.
    pub watcher: Arc<Watcher>,
    /// The longest that the feeds may take.
    pub timeout: Duration,
}

/// Looks at everything; takes at most the timeout, and that of connecting once.
pub async fn gather(probe: Probe, clock: Arc<dyn Clock>) -> Evidence {
    let Probe { mut settings, rest_origin, context, watcher, timeout } = probe;
    let (rest, streams) = tokio::join!(
        dial(&settings, rest_origin.clone()),
        dial(&settings, settings.stream_origin.clone())
    );
    let mut evidence = Evidence {
        source: context.source,
        focus: context.focus.clone(),
        api: settings.api,
        has_credentials: context.credentials,
        dialed: vec![rest, streams],
        run: None,
    };
    if evidence.dialed.iter().all(|dialed| dialed.result.is_err()) {
        return evidence;
    }
    settings.observer = Some(watcher.clone());
    settings.ping_every = Some(PING_EVERY);
    evidence.run = Some(run(settings, context, &watcher, timeout, clock).await);
    evidence
}

async fn dial(settings: &Settings, target: Target) -> Dialed {
    let (progress, deadline) = (Progress::default(), settings.connect_timeout);
    let dialer: &dyn Dial = &*settings.dialer;
    let result = timeout(deadline, dialer.dial(&target, &progress)).await.unwrap_or_else(|_| {
        let reason = format!("no end within {} s", deadline.as_secs_f32());
        Err(DialError::new(progress.step(), reason))
    });
    Dialed { result: result.map(drop), facts: progress.facts(), target }
}

async fn run(
    settings: Settings,
    context: Context,
    watcher: &Watcher,
    timeout: Duration,
    clock: Arc<dyn Clock>,
) -> Run {
    let began = clock.now();
    let store = SharedStore::new(Store::new(context.focus.clone()), || {});
    let (stop, public) = (CancellationToken::new(), settings.api.kind());
    let public = public.unwrap_or(AccountKind::Unified);
    let feeds = tokio::spawn(feed::run(
        settings,
        store.clone(),
        Arc::clone(&clock),
        Controls::default(),
        stop.clone(),
    ));
    let mut engine = Engine::new(context);
    let (report, observed) = loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let report = engine.read(&store.snapshot(), clock.now());
        let observed = watcher.observed();
        if is_settled(&report, &observed, public) || report.now.since(began) >= timeout {
            break (report, observed);
        }
    };
    stop.cancel();
    // A feed that panicked has said so in the report.
    let _ended = feeds.await;
    Run { began, report, observed }
}

/// Returns whether nothing more is to be waited for.
fn is_settled(report: &Report, observed: &Observed, public: AccountKind) -> bool {
    let asked = |kind: &RequestKind| observed.requests.contains_key(kind);
    let rest = is_live(report, Stream::Rest) && asked(&RequestKind::ServerTime);
    let streams = is_live(report, Stream::WsPublic)
        && channels_settled(observed, Stream::WsPublic, public, &report.focus);
    let market = rest && (streams || report.focus_unlisted);
    if !report.has_credentials() || is_refused(report) {
        return market;
    }
    let AccountStatus::Known(kind) = report.account_kind else { return false };
    market
        && report.complete
        && report.failures.is_empty()
        && asked(&RequestKind::KeyRights)
        && is_live(report, Stream::WsPrivate)
        && channels_settled(observed, Stream::WsPrivate, kind, &report.focus)
}

/// Returns whether a link is live and has a round trip.
fn is_live(report: &Report, stream: Stream) -> bool {
    let link = report.links.iter().find(|link| link.stream == stream);
    link.is_some_and(|link| link.state == LinkState::Live && link.latency.is_some())
}

/// Returns whether the exchange refuses what waiting will not change.
fn is_refused(report: &Report) -> bool {
    let codes = [ProblemCode::KeyRefused, ProblemCode::WrongApi];
    report.problems.iter().any(|problem| codes.contains(&problem.code))
}

fn channels_settled(observed: &Observed, of: Stream, kind: AccountKind, focus: &Symbol) -> bool {
    let api = api_of(kind);
    let channels = match of {
        Stream::WsPrivate => api.private_channels(),
        Stream::WsPublic | Stream::Rest => api.public_channels(focus, Interval::default(), &[]),
    };
    channels.iter().all(|channel| {
        let event = observed.channel(of, channel);
        // What needs data gets no event before they have come.
        matches!(event, Some(ChannelEvent::Acknowledged { .. } | ChannelEvent::FirstData { .. }))
    })
}
