//! The report of the account after a close.

use std::time::Duration;

use super::Poller;
use crate::exchange::Request;
use crate::store::Snapshot;

/// For this long after a position was closed the account is asked again until its report is newer.
const REPORT_PATIENCE: Duration = Duration::from_secs(5);

impl Poller {
    /// Takes note of the response to a request. After a position was closed the account is asked at once,
    /// and again while its report is of before.
    pub(super) fn follow_closed(&mut self, request: &Request) {
        if !matches!(request, Request::Positions(_) | Request::Account) {
            return;
        }
        let now = self.shared.now();
        let closed = self.shared.store.with(Snapshot::closed_after_report);
        if closed.is_some_and(|closed| now.since(closed) < REPORT_PATIENCE) {
            self.schedule.hurry(now, |job| job.request == Request::Account && !job.is_refused());
        }
    }
}
