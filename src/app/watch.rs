//! `watch`: feeds, engine, memory and metrics without a terminal, until a signal.
//!
//! The end of a session is not the end of a watchman: SIGHUP is taken and ignored.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::exit::{CREDENTIALS, Failure, SIGNAL};
use super::running::Running;
use super::source::{self, Source};
use super::{unlisted, ways};
use crate::alerts::Privacy;
use crate::config::{Env, WayConfig};
use crate::domain::{AlertNotice, ProblemCode};
use crate::engine::Pace;
use crate::feed::Controls;
use crate::report::Report;
use crate::risk::RiskLevel;
use crate::store::{Event, EventKind};

/// The end waits so long for the last minute to be on the disk: nobody sits in front of it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Watches until a signal, and returns 128 and its number.
pub(super) fn run(mut source: Source, env: Env<'_>) -> Result<u8, Failure> {
    let (found, clock) = (ways::configured(&source, env)?, source.clock.clone());
    // Nobody is there to hide amounts from.
    source.ways = Some(ways::set(found, clock, Privacy::default()));
    for rule in &mut source.config.alerts {
        // There is no terminal.
        rule.send.retain(|way| !WayConfig::BUILT_IN.contains(&way.as_str()));
    }
    if source.config.alerts.iter().all(|rule| rule.send.is_empty()) {
        tracing::warn!("alerts reach nobody: no [[alert]] names a [[way]] of yours in its send");
    }
    let runtime = source::runtime()?;
    let signals = {
        let _context = runtime.enter();
        Signals::take_over().map_err(Failure::running)?
    };
    let (waker, woken) = sync_channel(1);
    let number = Arc::new(AtomicU8::new(0));
    let (reported, ended, stopped) = (waker.clone(), waker.clone(), waker);
    let caught = Arc::clone(&number);
    let pace = Pace::new(source.config.ui.max_fps);
    let beside = (move || wake(&ended), async move {
        caught.store(signals.wait().await, Ordering::SeqCst);
        wake(&stopped);
    });
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "watching");
    let on_report = move |_news| wake(&reported);
    let running = source.start(runtime, Controls::default(), pace, on_report, beside)?;
    let mut journal = Journal::default();
    let result = follow(&running, &woken, &number, &mut journal);
    running.stop_within(PATIENCE);
    tracing::info!("stopped");
    result
}

fn wake(waker: &SyncSender<()>) {
    // A full channel wakes just as well.
    let _full = waker.try_send(());
}

fn follow(
    running: &Running,
    woken: &Receiver<()>,
    number: &AtomicU8,
    journal: &mut Journal,
) -> Result<u8, Failure> {
    loop {
        // The engine reports at least once a second.
        if woken.recv().is_err() || running.has_ended() {
            return Err(running.failure());
        }
        let number = number.load(Ordering::SeqCst);
        if number != 0 {
            return Ok(SIGNAL + number);
        }
        let report = running.engine.newest();
        journal.follow(&report);
        if let Some(failure) = refusal(&report) {
            return Err(failure);
        }
    }
}

/// Returns why nothing can be watched: before anything has been read, whoever started the program should
/// know. Later the same is a problem, which may end.
fn refusal(report: &Report) -> Option<Failure> {
    if report.ticker.last.is_none()
        && let Some(failure) = unlisted::refusal(report)
    {
        return Some(failure);
    }
    let never = report.account.age.at(report.now).age_ms().is_none();
    let codes = [ProblemCode::KeyRefused, ProblemCode::WrongApi];
    let problem = report.problems.iter().find(|problem| codes.contains(&problem.code))?;
    never.then(|| Failure::new(CREDENTIALS, &problem.text))
}

/// The signals of a program without a terminal.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    /// Taken, so that it does not end the process.
    _hangup: Signal,
}

impl Signals {
    fn take_over() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            _hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Returns the number of the signal that ends the program.
    async fn wait(mut self) -> u8 {
        tokio::select! {
            _ = self.terminate.recv() => 15,
            _ = self.interrupt.recv() => 2,
        }
    }
}

/// Writes what happens to the log: without a screen nothing else says it. Amounts are not written.
#[derive(Debug, Default)]
struct Journal {
    newest: Option<Event>,
    level: Option<RiskLevel>,
}

impl Journal {
    fn follow(&mut self, report: &Report) {
        let new: Vec<&Event> =
            report.events.iter().take_while(|event| Some(*event) != self.newest.as_ref()).collect();
        for event in new.iter().rev() {
            write(&event.kind);
        }
        if let Some(newest) = report.events.first() {
            self.newest = Some(newest.clone());
        }
        if report.risk.level != self.level {
            self.level = report.risk.level;
            let reason = report.risk.reason.as_deref().unwrap_or("not known");
            let level = self.level.map_or_else(|| "unknown".to_owned(), |level| level.to_string());
            tracing::info!(level, reason, "risk");
        }
    }
}

fn write(kind: &EventKind) {
    match kind {
        EventKind::Link { stream, state, reason } => {
            let reason = reason.as_ref().map_or("", |reason| reason.as_str());
            tracing::info!(link = %stream, %state, reason, "link");
        }
        EventKind::PositionOpened { key, .. } => tracing::info!(position = %key, "opened"),
        EventKind::SizeChanged { key, .. } => tracing::info!(position = %key, "size changed"),
        EventKind::Adjusted { key, .. } => tracing::info!(position = %key, "adjusted"),
        EventKind::PositionLeft { key, .. } => tracing::info!(position = %key, "moved away"),
        EventKind::PositionClosed { key, .. } => tracing::info!(position = %key, "closed"),
        EventKind::Deleveraged { symbol, .. } => tracing::warn!(%symbol, "deleveraged"),
        EventKind::StopTriggered { symbol, .. } => tracing::info!(%symbol, "stop triggered"),
        EventKind::ProblemBegan { code, text } => tracing::warn!(%code, %text, "problem"),
        EventKind::ProblemEnded { code, subject } => {
            tracing::info!(%code, %subject, "problem ended");
        }
        EventKind::Filled(fill) if fill.forced.is_some() => {
            tracing::warn!(symbol = %fill.symbol, "filled by the exchange");
        }
        EventKind::Alert(AlertNotice { change, metric, subject, .. }) => {
            tracing::warn!(?change, %metric, %subject, "alert");
        }
        EventKind::Filled(_) | EventKind::Settled(_) => {}
    }
}
