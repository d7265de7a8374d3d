//! [`WaySet`]: the ways that were set up, and the tasks that they run as.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use super::delivery::{self, Deliver, Message, Progress, QUEUE};
use super::privacy::Privacy;
use super::terminal::TerminalOutbox;
use crate::domain::{Clock, Text};

/// Reports of deliveries that may wait for the next report of figures.
const PROGRESS: usize = 256;

/// Where the messages of one way go.
#[derive(Debug)]
pub(super) struct Sender {
    pub(super) name: Text,
    pub(super) send_cleared: bool,
    pub(super) messages: mpsc::Sender<Message>,
}

/// The ways as the notifier sees them.
#[derive(Debug)]
pub struct Outbox {
    senders: Vec<Sender>,
    pub(super) heartbeats: Vec<(Sender, Duration)>,
    pub(super) progress: mpsc::Receiver<Progress>,
}

impl Outbox {
    pub(super) fn sender(&self, name: &Text) -> Option<&Sender> {
        self.senders.iter().find(|sender| sender.name == *name)
    }
}

/// Collects ways.
pub struct WaySet {
    senders: Vec<Sender>,
    heartbeats: Vec<(Sender, Duration)>,
    tasks: Vec<BoxFuture<'static, ()>>,
    progress: mpsc::Sender<Progress>,
    received: mpsc::Receiver<Progress>,
    clock: Arc<dyn Clock>,
    privacy: Privacy,
    seed: u64,
}

impl WaySet {
    /// Returns an empty set; `seed` is that of the jitter between attempts. While `privacy` is on no amount is
    /// sent.
    pub fn new(clock: Arc<dyn Clock>, privacy: Privacy, seed: u64) -> Self {
        let (progress, received) = mpsc::channel(PROGRESS);
        let (senders, heartbeats, tasks) = (Vec::new(), Vec::new(), Vec::new());
        Self { senders, heartbeats, tasks, progress, received, clock, privacy, seed }
    }

    /// Adds a way for alerts; `send_cleared` also sends their ends.
    pub fn add(&mut self, name: &str, send_cleared: bool, way: Arc<dyn Deliver>) {
        let sender = self.start(name, send_cleared, QUEUE, way);
        self.senders.push(sender);
    }

    /// Adds a way that is used at an interval, to tell that the program works.
    pub fn add_heartbeat(&mut self, name: &str, every: Duration, way: Arc<dyn Deliver>) {
        // One may wait: a heap of old ones would say nothing more.
        let sender = self.start(name, false, 1, way);
        self.heartbeats.push((sender, every));
    }

    /// Adds the ways of the terminal, and returns what the drawing thread takes from.
    pub fn add_terminal(&mut self) -> TerminalOutbox {
        let mut receiver = |name: &str| {
            let (messages, receiver) = mpsc::channel(QUEUE);
            self.senders.push(Sender { name: Text::new(name), send_cleared: false, messages });
            receiver
        };
        let (bell, notes) = (receiver("bell"), receiver("terminal"));
        TerminalOutbox::new(bell, notes, self.progress.clone())
    }

    fn start(
        &mut self,
        name: &str,
        send_cleared: bool,
        queue: usize,
        way: Arc<dyn Deliver>,
    ) -> Sender {
        let (messages, receiver) = mpsc::channel(queue);
        let name = Text::new(name);
        self.seed = self.seed.wrapping_add(1);
        let random = fastrand::Rng::with_seed(self.seed);
        let progress = self.progress.clone();
        let around = (Arc::clone(&self.clock), self.privacy.clone());
        let task = delivery::run(name.clone(), way, receiver, progress, around, random);
        self.tasks.push(Box::pin(task));
        Sender { name, send_cleared, messages }
    }

    /// Returns the ways for the notifier, and the tasks that send.
    pub fn split(self) -> (Outbox, Vec<BoxFuture<'static, ()>>) {
        let Self { senders, heartbeats, tasks, received, .. } = self;
        (Outbox { senders, heartbeats, progress: received }, tasks)
    }
}

impl fmt::Debug for WaySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaySet").field("senders", &self.senders).finish_non_exhaustive()
    }
}
