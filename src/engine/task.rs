//! [`EngineTask`]: the loop.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::Handle;
use super::pace::Pace;
use super::pacer::{News, Pacer};
use super::request::Request;
use super::watched::Watched;
use crate::alerts::Notifier;
use crate::domain::{Clock, Timestamp, Update};
use crate::report::{Context, Engine, Report};
use crate::store::{SharedStore, Snapshot};

/// Requests that may wait; a reader waits for each before it makes the next.
const MOST_REQUESTS: usize = 8;

/// The engine before it runs.
pub struct EngineTask {
    store: SharedStore,
    changes: Arc<Notify>,
    clock: Arc<dyn Clock>,
    context: Context,
    engine: Engine,
    /// Makes a report; another one in tests, to fail.
    read: fn(&mut Engine, &Snapshot, Timestamp) -> Report,
    pacer: Pacer,
    watched: Watched,
    notifier: Option<Notifier>,
    reports: watch::Sender<Arc<Report>>,
    requests: mpsc::Receiver<Request>,
    on_report: Box<dyn Fn(News) + Send + Sync>,
    on_reading: Option<Box<dyn Fn(Timestamp) + Send + Sync>>,
}

/// Returns the engine over `store` and a handle to it. `changes` tells of changes of the store, `pace` is
/// that of the readings, `on_report` is called after each and must not block.
///
/// The first report is made here, so that a reader never has to wait for one.
pub fn start(
    store: SharedStore,
    changes: Arc<Notify>,
    clock: Arc<dyn Clock>,
    context: Context,
    pace: Pace,
    on_report: impl Fn(News) + Send + Sync + 'static,
) -> (EngineTask, Handle) {
    let mut engine = Engine::new(context.clone());
    let now = clock.now();
    let (reports, newest) = watch::channel(Arc::new(engine.read(&store.snapshot(), now)));
    let (sender, requests) = mpsc::channel(MOST_REQUESTS);
    let on_report = Box::new(on_report);
    let pacer = Pacer::new(pace, now);
    let task = EngineTask {
        store,
        changes,
        clock,
        context,
        engine,
        read: Engine::read,
        pacer,
        watched: Watched::default(),
        notifier: None,
        reports,
        requests,
        on_report,
        on_reading: None,
    };
    (task, Handle::new(newest, sender))
}

impl EngineTask {
    /// Returns the task with another way to make a report.
    #[cfg(test)]
    pub(super) fn reading_by(
        mut self,
        read: fn(&mut Engine, &Snapshot, Timestamp) -> Report,
    ) -> Self {
        self.read = read;
        self
    }

    /// Returns the task with alerts: every report carries those that are on, and what changes is sent.
    ///
    /// They are raised here and not where they are shown: a terminal that is blocked holds up none.
    #[must_use]
    pub fn with_alerts(mut self, notifier: Notifier) -> Self {
        self.notifier = Some(notifier);
        self
    }

    /// Returns the task with a callback that is told of every reading before it is made, with its time: who
    /// repeats the readings at these times gets the same reports.
    #[must_use]
    pub fn telling_readings(mut self, tell: impl Fn(Timestamp) + Send + Sync + 'static) -> Self {
        self.on_reading = Some(Box::new(tell));
        self
    }

    /// Makes a report now and returns it: for whoever drives the engine by the times of a recording. What
    /// readers asked for is answered first.
    pub fn read(&mut self) -> Arc<Report> {
        self.answer_waiting();
        self.publish()
    }

    /// Answers what readers have asked for.
    pub fn answer_waiting(&mut self) {
        while let Ok(request) = self.requests.try_recv() {
            self.answer(request);
        }
    }

    /// Reads and publishes until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let changes = Arc::clone(&self.changes);
        loop {
            let wait = self.pacer.wait(self.clock.now());
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                Some(request) = self.requests.recv() => self.answer(request),
                () = changes.notified() => self.look(),
                () = tokio::time::sleep(wait) => {}
            }
            if self.pacer.wait(self.clock.now()).is_zero() {
                self.publish();
            }
        }
    }

    /// Looks at what has changed.
    fn look(&mut self) {
        let focus = &self.context.focus;
        let watched = self.store.with(|state| Watched::of(state, focus));
        let now = self.clock.now();
        match self.watched.moved(&watched) {
            Some(moved) => {
                self.watched = watched;
                self.pacer.moved(moved, now);
            }
            None => self.pacer.changed(now),
        }
    }

    fn answer(&mut self, Request { aim, acknowledges, reply }: Request) {
        if acknowledges && let Some(notifier) = &mut self.notifier {
            notifier.acknowledge();
        }
        if let Some(distance) = aim {
            self.context.risk.target_distance = distance;
            self.engine.aim_at(distance);
        }
        let report = self.publish();
        // Whoever asked may have lost patience.
        let _gone = reply.try_send(report);
    }

    /// Makes a report and tells readers of it. A reading that panics costs what was remembered and nothing
    /// else: the report before stays, and ages.
    fn publish(&mut self) -> Arc<Report> {
        let now = self.clock.now();
        if let Some(tell) = &self.on_reading {
            tell(now);
        }
        let news = self.pacer.read(now);
        let snapshot = self.store.snapshot();
        let (engine, read, notifier) = (&mut self.engine, self.read, &mut self.notifier);
        let read = catch_unwind(AssertUnwindSafe(|| {
            let mut report = read(engine, &snapshot, now);
            let followed = notifier.as_mut().map(|notifier| notifier.follow(&mut report));
            (report, followed.unwrap_or_default())
        }));
        match read {
            Ok((report, followed)) => {
                let report = Arc::new(report);
                self.reports.send_replace(Arc::clone(&report));
                (self.on_report)(news);
                for body in followed.bodies {
                    self.store.apply(Update::local(now, body));
                }
                report
            }
            Err(_panic) => {
                tracing::error!("a reading failed; the engine starts again");
                self.engine = Engine::new(self.context.clone());
                Arc::clone(&self.reports.borrow())
            }
        }
    }
}

impl fmt::Debug for EngineTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineTask").field("pacer", &self.pacer).finish_non_exhaustive()
    }
}
