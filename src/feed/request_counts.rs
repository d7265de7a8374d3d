//! [`RequestCounts`]: how the exchange has answered so far.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Counts of requests by the HTTP status of their answer, and by `none` of those without one.
#[derive(Debug, Default)]
pub struct RequestCounts(Mutex<BTreeMap<String, u64>>);

impl RequestCounts {
    /// Counts a request; `None` for one that was not answered.
    pub(super) fn add(&self, status: Option<u16>) {
        let code = status.map_or_else(|| "none".to_owned(), |status| status.to_string());
        *self.lock().entry(code).or_default() += 1;
    }

    /// Returns the counts so far.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
