//! [`Player`]: takes the lines of a recording through parsers, store and engine.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use tokio::sync::Notify;

use super::line::{Line, Responses, What, api};
use super::reader::{Lines, Recording};
use super::words;
use crate::alerts::Notifier;
use crate::domain::{
    Body, Clock, ManualClock, ProblemCode, ProblemReport, Stream, Text, Timestamp, Update,
};
use crate::engine::{self, EngineTask, Handle, News, Pace};
use crate::exchange::Purpose;
use crate::exchange::rest::{self, HttpResponse};
use crate::exchange::ws::{Output, Session};
use crate::feed::{self, Times};
use crate::report::{Context, Report};
use crate::store::{Event, EventKind, SharedStore, Store};

/// What one step brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stepped {
    /// A report was made.
    pub read: bool,
    /// Something happened that the list of events tells.
    pub event: bool,
    /// An alert was raised or has ended.
    pub alert: bool,
}

/// Plays a recording, a line at a time, by a clock that stands at the time of the line.
pub struct Player {
    lines: Lines,
    next: Option<Line>,
    clock: Arc<ManualClock>,
    store: SharedStore,
    task: EngineTask,
    engine: Handle,
    sessions: BTreeMap<Stream, Session>,
    newest: Option<Event>,
    /// Something changed that no report shows yet.
    unread: bool,
    /// Lines that this version could not take.
    unknown: u64,
    /// Lines that are missing in the recording.
    lost: u64,
}

impl Player {
    /// Returns a player before the first line, and in a file that continues another after what was known when
    /// it was started. `notifier` raises the alerts, and sends nothing; `on_report` is
    /// called after each report.
    pub fn new(
        recording: &Recording,
        context: Context,
        notifier: Notifier,
        on_report: impl Fn(News) + Send + Sync + 'static,
    ) -> Self {
        let mut lines = recording.lines();
        // The first line has nothing to play: it says what the recording is of.
        lines.next();
        let next = lines.next();
        let began = recording.began();
        let first = next.as_ref().map(|line| Timestamp::from_millis(line.t));
        // What was known is as old as it was.
        let clock = Arc::new(ManualClock::at(first.map_or(began, |first| first.min(began))));
        let store = SharedStore::new(Store::new(context.focus.clone()), || {});
        let (task, engine) = engine::start(
            store.clone(),
            Arc::new(Notify::new()),
            Arc::clone(&clock) as Arc<dyn Clock>,
            context,
            Pace::new(u32::MAX),
            on_report,
        );
        let task = task.with_alerts(notifier);
        let mut player = Self {
            lines,
            next,
            clock,
            store,
            task,
            engine,
            sessions: BTreeMap::new(),
            newest: None,
            unread: false,
            unknown: 0,
            lost: 0,
        };
        while player.next_at().is_some_and(|at| at < began) {
            player.step();
        }
        player.advance(began);
        player
    }

    /// Returns a handle to the reports.
    pub fn engine(&self) -> Handle {
        self.engine.clone()
    }

    /// Returns the time that the recording is at.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets time pass between two lines; never back.
    pub fn advance(&self, to: Timestamp) {
        self.clock.set(self.now().max(to));
    }

    /// Returns the time of the next line; `None` at the end.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.next.as_ref().map(|line| Timestamp::from_millis(line.t))
    }

    /// Returns what is wrong with the recording, as far as it was played; `None` for nothing.
    pub fn trouble(&self) -> Option<String> {
        let mut found = Vec::new();
        if self.next.is_none() {
            found.extend(self.lines.damage.clone());
        }
        if self.lost > 0 {
            found.push(format!("{} lines are missing: the disk was slow", self.lost));
        }
        if self.unknown > 0 {
            found.push(format!("{} lines cannot be read by this version", self.unknown));
        }
        (!found.is_empty()).then(|| found.join("; "))
    }

    /// Answers what readers have asked of the engine.
    pub fn answer_waiting(&mut self) {
        self.task.answer_waiting();
    }

    /// Plays the next line; `None` at the end.
    pub fn step(&mut self) -> Option<Stepped> {
        let Line { t, what } = self.next.take()?;
        self.next = self.lines.next();
        let is_last = self.next.is_none();
        self.advance(Timestamp::from_millis(t));
        let read = matches!(what, What::Reading {});
        if read {
            self.read();
        } else {
            self.unread |= what.changes_something();
            self.unknown += u64::from(self.take(what).is_none());
        }
        if is_last && self.trouble().is_some() {
            self.tell_trouble();
        }
        let new: Vec<Event> = self.store.with(|state| {
            let known = self.newest.as_ref();
            state.events.iter().take_while(|event| Some(*event) != known).cloned().collect()
        });
        if let Some(newest) = new.first() {
            self.newest = Some(newest.clone());
        }
        let alert = new.iter().any(|event| matches!(event.kind, EventKind::Alert(_)));
        Some(Stepped { read, event: !new.is_empty(), alert })
    }

    /// Plays to the end without waiting and returns the last report.
    pub fn play_to_end(&mut self) -> Arc<Report> {
        while self.step().is_some() {}
        if self.unread {
            self.read();
        }
        self.engine.newest()
    }

    /// Makes a report of this moment.
    pub fn read(&mut self) {
        self.unread = false;
        self.task.read();
    }

    /// Returns the events, newest first.
    pub fn events(&self) -> Vec<Event> {
        self.store.with(|state| state.events.iter().cloned().collect())
    }

    /// Takes a line; `None` where this version cannot.
    fn take(&mut self, what: What) -> Option<()> {
        match what {
            What::Opened { stream, api: kind } => {
                let stream = words::stream(&stream)?;
                self.sessions.insert(stream, Session::listener(api(&kind)?, stream));
            }
            What::In { stream, text } => {
                let session = self.sessions.get_mut(&words::stream(&stream)?)?;
                let mut out = Vec::new();
                session.on_text(&text, self.clock.now(), &mut out);
                for output in out {
                    if let Output::Emit(update) = output {
                        self.store.apply(update);
                    }
                }
            }
            What::Applied(responses) => self.apply(&responses)?,
            What::Told(told) => {
                self.store.apply(Update::local(self.clock.now(), told.body()?));
            }
            What::Lost { lines } => {
                self.lost += lines;
                self.tell_trouble();
            }
            What::Recording(_)
            | What::Out { .. }
            | What::Failed { .. }
            | What::Reading {}
            | What::End {} => {}
        }
        Some(())
    }

    /// Shows what is wrong with the recording as a problem, so that every reader sees it.
    fn tell_trouble(&mut self) {
        self.unread = true;
        let report = ProblemReport {
            code: ProblemCode::RecordingIncomplete,
            subject: "recording".into(),
            text: self.trouble().map(|text| Text::new(&format!("the recording: {text}"))),
        };
        self.store.apply(Update::local(self.clock.now(), Body::Problem(report)));
    }

    fn apply(&self, responses: &Responses) -> Option<()> {
        let api = api(&responses.api)?;
        let mut pages = Vec::new();
        let mut times = None;
        for answer in &responses.answers {
            let request = words::request(&answer.request)?;
            let body = answer.body.clone().into_bytes();
            let http = HttpResponse { status: answer.status, retry_after: None, body };
            let (response, sent) = rest::read(api, &request, &http).ok()?;
            let at = Timestamp::from_millis;
            // The request that came first is as old as the oldest of what was joined.
            times.get_or_insert_with(|| Times {
                started: at(answer.started),
                received: at(answer.received),
                sent,
            });
            pages.push(response);
        }
        let mut pages = pages.into_iter();
        let response = feed::joined(pages.next()?, pages, responses.whole);
        let purpose: Purpose = responses.purpose.into();
        for update in feed::updates(response, times?, purpose) {
            self.store.apply(update);
        }
        Some(())
    }
}

impl fmt::Debug for Player {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Player").field("now", &self.now()).finish_non_exhaustive()
    }
}
