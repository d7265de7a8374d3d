//! [`Writer`]: the thread that owns the file, and the bounded queue to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use super::batch::Batch;
use super::keeper::{Keeper, Settings};
use crate::domain::MemoryReport;

/// Batches that may wait for the disk: an hour, and as many of alerts.
const QUEUE: usize = 120;

/// The sending end: it never waits for the disk.
#[derive(Debug)]
pub struct Writer {
    queue: SyncSender<Batch>,
    lost: Arc<AtomicUsize>,
    ended: Receiver<()>,
}

impl Writer {
    /// Starts the thread. `tell` is called on it after each batch.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(
        settings: Settings,
        tell: impl Fn(MemoryReport) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (queue, batches) = sync_channel::<Batch>(QUEUE);
        let (end, ended) = sync_channel::<()>(0);
        let lost = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&lost);
        std::thread::Builder::new().name("memory".to_owned()).spawn(move || {
            // Dropped with the thread, however it ends.
            let _end = end;
            let mut keeper = Keeper::new(settings);
            while let Ok(batch) = batches.recv() {
                tell(keeper.take(batch, counted.swap(0, Ordering::Relaxed)));
            }
        })?;
        Ok(Self { queue, lost, ended })
    }

    /// Passes a batch on. Where the queue is full its rows are lost; the next report says how many.
    pub fn send(&self, batch: Batch) {
        if let Err(TrySendError::Full(batch) | TrySendError::Disconnected(batch)) =
            self.queue.try_send(batch)
        {
            self.lost.fetch_add(batch.rows.len(), Ordering::Relaxed);
        }
    }

    /// Waits until everything is written, at most for `patience`. What is in the queue then is written while
    /// the process lasts.
    pub fn finish(self, patience: Duration) {
        drop(self.queue);
        let outcome = self.ended.recv_timeout(patience);
        if outcome == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("the memory was not written to its end");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::domain::{Gap, Text, Timestamp, UserId};
    use crate::memory::Row;

    fn batch(at: i64) -> Batch {
        let time = Timestamp::from_millis;
        let gap = Gap { from: time(at), to: time(at + 1), why: Text::new("link_down") };
        let user = UserId::new("1000000001").unwrap();
        Batch { user, at: time(at), rows: vec![Row::Gap(gap)], ledger: None, looked_at: None }
    }

    /// The engine goes on while the disk does not.
    #[test]
    fn a_full_queue_loses_rows_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let settings = Settings { path, keep_days: 1, account_label: "main".to_owned() };
        let (told, reports) = channel();
        let (go, wait) = sync_channel::<()>(0);
        let writer = Writer::start(settings, move |report| {
            told.send(report.state).unwrap();
            let _over = wait.recv();
        })
        .unwrap();
        writer.send(batch(0));
        reports.recv().unwrap();
        // The thread stands still now: the queue takes its fill and no more.
        for at in 1..=130 {
            writer.send(batch(at));
        }
        go.send(()).unwrap();
        let text = format!("{:?}", reports.recv().unwrap());
        assert!(text.contains("10 rows of the memory were lost"), "{text}");
        drop(go);
        writer.finish(Duration::from_secs(60));
        assert_eq!(reports.iter().count(), QUEUE - 1, "everything that waited was written");
    }
}
