//! One message on one way: how it is tried, and how it ends.
//!
//! Every way is a task with a bounded queue of its own, so that one that hangs holds up neither the engine nor
//! the others. Messages of one way keep their order.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use super::change::AlertId;
use super::privacy::Privacy;
use crate::domain::{AlertChange, Clock, Severity, Text, Timestamp};
use crate::report::DeliveryState;

/// What a way is given to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The alert; `None` for a test and a heartbeat.
    pub id: Option<AlertId>,
    /// What happened to it.
    pub change: AlertChange,
    /// How serious it is.
    pub severity: Severity,
    /// A few words, for a title.
    pub title: Text,
    /// One sentence.
    pub text: Text,
    /// The same without amounts of money.
    pub private_text: Text,
    /// The object of the alert.
    pub document: Arc<str>,
    /// The same without amounts of money.
    pub private_document: Arc<str>,
}

impl Message {
    /// Returns it without amounts of money.
    #[must_use]
    pub fn without_amounts(&self) -> Self {
        let (text, document) = (self.private_text.clone(), Arc::clone(&self.private_document));
        Self { text, document, ..self.clone() }
    }
}

/// Why a message was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryError {
    /// For the user; never the address, which may be a secret.
    pub reason: Text,
    /// Whether another attempt may do better.
    pub is_temporary: bool,
}

impl DeliveryError {
    /// Returns an error that another attempt may not meet.
    pub fn temporary(reason: &str) -> Self {
        Self { reason: Text::new(reason), is_temporary: true }
    }

    /// Returns an error that every attempt would meet.
    pub fn lasting(reason: &str) -> Self {
        Self { reason: Text::new(reason), is_temporary: false }
    }
}

impl fmt::Display for DeliveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl std::error::Error for DeliveryError {}

/// A way out.
pub trait Deliver: Send + Sync {
    /// Sends a message once, within ten seconds, and returns what the other side said.
    fn deliver<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Text, DeliveryError>>;
}

/// How a delivery goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) id: Option<AlertId>,
    pub(super) way: Text,
    pub(super) state: DeliveryState,
    /// Local time.
    pub(super) at: Timestamp,
    pub(super) error: Option<Text>,
}

/// Messages that may wait on one way.
pub(super) const QUEUE: usize = 32;
/// Attempts for one message.
const ATTEMPTS: u32 = 5;
/// The pause after the first failed attempt; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// Returns the pause after that many failed attempts, with up to 20 % jitter.
pub(super) fn pause(failed: u32, random: &mut fastrand::Rng) -> Duration {
    let doubled = FIRST_PAUSE * 2_u32.pow(failed.saturating_sub(1).min(4));
    doubled * random.u32(80..=120) / 100
}

/// Sends the messages of one way, one after the other, until there will be no more.
pub(super) async fn run(
    name: Text,
    way: Arc<dyn Deliver>,
    mut messages: mpsc::Receiver<Message>,
    progress: mpsc::Sender<Progress>,
    (clock, privacy): (Arc<dyn Clock>, Privacy),
    mut random: fastrand::Rng,
) {
    while let Some(message) = messages.recv().await {
        let hidden = message.without_amounts();
        let mut failed = 0;
        loop {
            let words = if privacy.is_on() { &hidden } else { &message };
            let result = way.deliver(words).await;
            let (state, error) = match result {
                Ok(_) => (DeliveryState::Sent, None),
                Err(error) => {
                    failed += 1;
                    tracing::warn!(way = %name, %error, attempt = failed, "alert not sent");
                    let again = error.is_temporary && failed < ATTEMPTS;
                    let state = if again { DeliveryState::Pending } else { DeliveryState::Failed };
                    (state, Some(error.reason))
                }
            };
            let told =
                Progress { id: message.id, way: name.clone(), state, at: clock.now(), error };
            if progress.send(told).await.is_err() {
                return;
            }
            if state != DeliveryState::Pending {
                break;
            }
            tokio::time::sleep(pause(failed, &mut random)).await;
        }
    }
}
