//! [`Handle`]: what readers hold of the engine.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use rust_decimal::Decimal;
use tokio::sync::{mpsc, watch};

use super::request::Request;
use crate::report::Report;

/// A cheap handle to the running engine.
#[derive(Debug, Clone)]
pub struct Handle {
    newest: watch::Receiver<Arc<Report>>,
    requests: mpsc::Sender<Request>,
}

impl Handle {
    pub(super) const fn new(
        newest: watch::Receiver<Arc<Report>>,
        requests: mpsc::Sender<Request>,
    ) -> Self {
        Self { newest, requests }
    }

    /// Returns the newest report.
    pub fn newest(&self) -> Arc<Report> {
        Arc::clone(&self.newest.borrow())
    }

    /// Waits for the next report and returns it; `None` when there will be no more. Those that were made
    /// meanwhile are skipped.
    pub async fn next(&mut self) -> Option<Arc<Report>> {
        self.newest.changed().await.ok()?;
        Some(Arc::clone(&self.newest.borrow_and_update()))
    }

    /// Returns a report of this moment, or the newest one where the engine does not answer within
    /// `patience`. Blocks the calling thread, so it is not for tasks of the engine's runtime.
    pub fn read_now(&self, patience: Duration) -> Arc<Report> {
        self.request(None, patience)
    }

    /// Sets the distance of the liquidation price that the what-ifs aim at, a fraction, and returns a
    /// report with them; the newest one where the engine does not answer within `patience`.
    pub fn aim_at(&self, target_distance: Decimal, patience: Duration) -> Arc<Report> {
        self.request(Some(target_distance), patience)
    }

    /// The user has seen the alerts that are on. Returns at once; the next report says so.
    pub fn acknowledge_alerts(&self) {
        let (reply, _answer) = sync_channel(1);
        // In a full queue the key is lost, and pressed again.
        let _lost = self.requests.try_send(Request { aim: None, acknowledges: true, reply });
    }

    fn request(&self, aim: Option<Decimal>, patience: Duration) -> Arc<Report> {
        let (reply, answer) = sync_channel(1);
        // A full queue or an ended engine leave what there is, which says how old it is.
        let _lost = self.requests.try_send(Request { aim, acknowledges: false, reply });
        answer.recv_timeout(patience).unwrap_or_else(|_late| self.newest())
    }
}
