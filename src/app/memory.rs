//! The memory beside the engine: who writes it, and where.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::config::{self, MemoryConfig};
use crate::domain::{Body, Clock, MemoryReport, MemoryState, Text, Update};
use crate::engine::Handle;
use crate::memory::{LastLook, Recorder, Settings, Writer};
use crate::store::SharedStore;

/// How long the last minute is waited for. The end of the process may come before.
const PATIENCE: Duration = Duration::from_secs(10);

/// Returns where the memory is; `None` when nothing is to be kept. An invented account is kept in a file
/// that the user has named, and nowhere else.
///
/// # Errors
/// There is no home to put it in.
pub(super) fn settings(
    config: &MemoryConfig,
    is_invented: bool,
) -> Option<Result<Settings, &'static str>> {
    if !config.enabled || (is_invented && config.path.is_none()) {
        return None;
    }
    let named = config.path.clone().or_else(default_path);
    let settings = named.map(|path| Settings {
        path,
        keep_days: config.keep_days,
        account_label: config.account_label.clone(),
    });
    Some(settings.ok_or("no home folder; name a file with memory.path"))
}

/// Returns the file in the user's folder of state; `None` when there is no home.
pub(super) fn default_path() -> Option<PathBuf> {
    config::user_state_dir().map(|folder| folder.join("bitget-watch").join("history.db"))
}

/// The memory that follows an engine.
#[derive(Debug)]
pub(super) struct Memory {
    recorder: Recorder,
    writer: Writer,
    looked: LastLook,
}

impl Memory {
    /// Starts the writer; what becomes of the memory is told to the store. `None` where it cannot be kept,
    /// which the store is told as well.
    pub(super) fn start(
        settings: Result<Settings, &'static str>,
        store: &SharedStore,
        clock: &Arc<dyn Clock>,
        looked: LastLook,
    ) -> Option<Self> {
        let tell = {
            let (store, clock) = (store.clone(), Arc::clone(clock));
            move |report: MemoryReport| {
                store.apply(Update::local(clock.now(), Body::Memory(Arc::new(report))));
            }
        };
        let state = |state| MemoryReport { state, ..MemoryReport::default() };
        let unavailable = |reason: &str| MemoryState::Unavailable { reason: Text::new(reason) };
        let settings = match settings {
            Ok(settings) => settings,
            Err(reason) => {
                tell(state(unavailable(reason)));
                return None;
            }
        };
        tell(state(MemoryState::Waiting));
        match Writer::start(settings, tell.clone()) {
            Ok(writer) => Some(Self { recorder: Recorder::default(), writer, looked }),
            Err(error) => {
                tell(state(unavailable(&error.to_string())));
                None
            }
        }
    }

    /// Takes in every report, until there are no more of them.
    pub(super) async fn follow(&mut self, mut engine: Handle) {
        while let Some(report) = engine.next().await {
            let recorder = &mut self.recorder;
            let followed = catch_unwind(AssertUnwindSafe(|| recorder.follow(&report)));
            match followed {
                Ok(batch) => self.write(batch),
                Err(_panic) => {
                    tracing::error!("a report could not be recorded; the recorder starts again");
                    self.recorder = Recorder::default();
                }
            }
        }
    }

    fn write(&self, batch: Option<crate::memory::Batch>) {
        if let Some(mut batch) = batch {
            batch.looked_at = self.looked.newest();
            self.writer.send(batch);
        }
    }

    /// Writes what is left of the last minute.
    pub(super) fn finish(mut self) {
        let batch = self.recorder.finish();
        self.write(batch);
        self.writer.finish(PATIENCE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invented_account_needs_a_file_of_its_own() {
        let config = MemoryConfig::default();
        assert!(settings(&config, true).is_none(), "never in the memory of the user");
        let named = MemoryConfig { path: Some("/tmp/demo.db".into()), ..config };
        let found = settings(&named, true).unwrap().unwrap();
        assert_eq!(found.path, PathBuf::from("/tmp/demo.db"));
        let off = MemoryConfig { enabled: false, ..named };
        assert!(settings(&off, false).is_none());
    }
}
