//! [`LastLook`]: when the user looked last, from the thread that reads keys to the one that writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::Timestamp;

/// The newest look at the screen: a key that was pressed. Shared by its clones.
#[derive(Debug, Clone, Default)]
pub struct LastLook {
    /// Milliseconds; 0 before the first.
    newest: Arc<AtomicI64>,
}

impl LastLook {
    /// The user has pressed a key at this time of the exchange's clock.
    pub fn look(&self, at: Timestamp) {
        self.newest.fetch_max(at.as_millis(), Ordering::Relaxed);
    }

    /// Returns the newest look of this run; `None` before the first.
    pub fn newest(&self) -> Option<Timestamp> {
        let at = self.newest.load(Ordering::Relaxed);
        (at > 0).then(|| Timestamp::from_millis(at))
    }
}
