//! [`Ended`]: what is told when the thread of the feeds ends.

use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

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
