//! [`Privacy`]: whether amounts are hidden, from the thread that reads keys to the tasks that send.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the user has hidden the amounts: then none leaves by a way either. Shared by its clones.
#[derive(Debug, Clone, Default)]
pub struct Privacy {
    is_on: Arc<AtomicBool>,
}

impl Privacy {
    /// The user hides the amounts, or shows them again.
    pub fn set(&self, is_on: bool) {
        self.is_on.store(is_on, Ordering::Relaxed);
    }

    /// Returns whether amounts are hidden now.
    pub fn is_on(&self) -> bool {
        self.is_on.load(Ordering::Relaxed)
    }
}
