//! [`SharedStore`]: the store behind a small lock, and the callback on changes.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Snapshot, Store};
use crate::domain::Update;

/// A cheap handle to the one store. The lock is held for the time of one update or one copy.
#[derive(Clone)]
pub struct SharedStore {
    inner: Arc<Inner>,
}

struct Inner {
    store: Mutex<Store>,
    on_change: Box<dyn Fn() + Send + Sync>,
}

impl SharedStore {
    /// Returns a handle; `on_change` is called after every change, without the lock, and must not
    /// block.
    pub fn new(store: Store, on_change: impl Fn() + Send + Sync + 'static) -> Self {
        Self { inner: Arc::new(Inner { store: Mutex::new(store), on_change: Box::new(on_change) }) }
    }

    /// Applies one update and returns whether the state changed.
    pub fn apply(&self, update: Update) -> bool {
        let changed = self.lock().apply(update);
        if changed {
            (self.inner.on_change)();
        }
        changed
    }

    /// Returns a consistent copy of the state.
    pub fn snapshot(&self) -> Snapshot {
        self.lock().snapshot().clone()
    }

    /// Reads the state in place; `read` must be short.
    pub fn with<T>(&self, read: impl FnOnce(&Snapshot) -> T) -> T {
        read(self.lock().snapshot())
    }

    /// A poisoned lock is used anyway: losing the whole state would be worse than an update that was
    /// half applied.
    fn lock(&self) -> MutexGuard<'_, Store> {
        self.inner.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SharedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedStore").finish_non_exhaustive()
    }
}
