//! `--record`: a recording beside the feeds, and what becomes of it.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::exit::{Failure, USAGE};
use crate::domain::{Body, Clock, ProblemCode, ProblemReport, Symbol, Text, Update};
use crate::exchange::Observe;
use crate::recording::{Limits, Recorder};
use crate::store::SharedStore;

/// How long the end of the recording is waited for. The end of the process may come before.
const PATIENCE: Duration = Duration::from_secs(2);

/// A recording that has begun.
#[derive(Debug, Clone)]
pub(super) struct Record {
    recorder: Arc<Recorder>,
    clock: Arc<dyn Clock>,
    /// Where the user is told that a part is missing; set when the feeds start.
    store: Arc<OnceLock<SharedStore>>,
}

impl Record {
    /// Makes the file.
    pub(super) fn start(
        path: &Path,
        of: (&Symbol, bool),
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Failure> {
        let store: Arc<OnceLock<SharedStore>> = Arc::default();
        let (told, now) = (Arc::clone(&store), Arc::clone(&clock));
        let tell = move |text: &str| {
            let Some(store) = told.get() else { return };
            let report = ProblemReport {
                code: ProblemCode::RecordingIncomplete,
                subject: "recording".into(),
                text: Some(Text::new(text)),
            };
            store.apply(Update::local(now.now(), Body::Problem(report)));
        };
        let recorder = Recorder::start(path, of, clock.now(), Limits::default(), tell);
        let recorder = recorder.map_err(|error| {
            Failure::new(USAGE, format!("--record {}: {error}", path.display()))
        })?;
        Ok(Self { recorder: Arc::new(recorder), clock, store })
    }

    /// Says on this store what goes wrong.
    pub(super) fn tells(&self, store: &SharedStore) {
        let _first = self.store.set(store.clone());
    }

    pub(super) fn observer(&self) -> Arc<dyn Observe> {
        Arc::clone(&self.recorder) as Arc<dyn Observe>
    }

    /// Returns what is to be called before every reading.
    pub(super) fn readings(&self) -> impl Fn(crate::domain::Timestamp) + Send + Sync + 'static {
        let recorder = Arc::clone(&self.recorder);
        move |at| recorder.reading(at)
    }

    /// Writes the end.
    pub(super) fn finish(&self) {
        self.recorder.finish(self.clock.now(), PATIENCE);
    }
}
