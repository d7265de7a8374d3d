//! [`Running`]: the thread of feeds and engine, and how it ends.

use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::exit::Failure;
use crate::engine::Handle;

/// Tells of the end of the feeds' thread, however it ends.
pub(super) struct Ended<F: FnOnce()> {
    pub(super) reason: Arc<OnceLock<String>>,
    pub(super) stop: CancellationToken,
    pub(super) tell: Option<F>,
}

impl<F: FnOnce()> Drop for Ended<F> {
    fn drop(&mut self) {
        if self.stop.is_cancelled() {
            return;
        }
        let _known = self.reason.set("the feeds ended unexpectedly; see the log".to_owned());
        if let Some(tell) = self.tell.take() {
            tell();
        }
    }
}

/// Feeds and engine that run.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) engine: Handle,
    pub(super) stop: CancellationToken,
    pub(super) thread: JoinHandle<()>,
    pub(super) reason: Arc<OnceLock<String>>,
}

impl Running {
    /// Returns whether the feeds have ended by themselves.
    pub(super) fn has_ended(&self) -> bool {
        self.reason.get().is_some()
    }

    /// Returns why the feeds have ended by themselves.
    pub(super) fn failure(&self) -> Failure {
        let reason = self.reason.get().map_or("the engine ended unexpectedly", String::as_str);
        Failure::running(reason)
    }

    /// Stops the feeds and waits for them, but not for long: the end of the process ends them too.
    pub(super) fn stop(self) {
        self.stop_within(Duration::from_millis(500));
    }

    /// Stops the feeds and waits so long for them and for the memory.
    pub(super) fn stop_within(self, patience: Duration) {
        self.stop.cancel();
        let (done, ended) = std::sync::mpsc::channel::<()>();
        let waiter = std::thread::Builder::new().spawn(move || {
            let _panicked = self.thread.join();
            drop(done);
        });
        if waiter.is_ok() {
            let _too_long = ended.recv_timeout(patience);
        }
    }
}
