//! [`Socket`]: sending on a WebSocket, subject to faults.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::Next;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::sim::fault::{Fault, FaultTarget, On, TrafficHistory, corrupt_frame, garbage, when};
use crate::sim::shared_state::{Cut, SharedState};

/// A client that does not read for this long is disconnected.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// The limit of delayed texts.
const MAX_DELAYED: usize = 1_000;

/// The socket is closed, or must be.
pub(super) struct Closed;

/// One WebSocket.
pub(super) struct Socket<S> {
    stream: WebSocketStream<S>,
    pub(super) shared: Arc<SharedState>,
    /// Whether it is the public or the private one.
    pub(super) on: On,
    traffic: TrafficHistory,
    /// Texts that are sent later, soonest first.
    delayed: VecDeque<(Instant, String)>,
}

impl<S> Socket<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    pub(super) fn new(stream: WebSocketStream<S>, shared: Arc<SharedState>, on: On) -> Self {
        Self { stream, shared, on, traffic: TrafficHistory::default(), delayed: VecDeque::new() }
    }

    /// Reads the next message.
    pub(super) fn next(&mut self) -> Next<'_, WebSocketStream<S>> {
        self.stream.next()
    }

    pub(super) fn fault<T>(&self, path: &str, pick: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        self.shared.fault(FaultTarget { on: self.on, path }, pick)
    }

    pub(super) async fn send(&mut self, value: &Value) -> Result<(), Closed> {
        self.send_text(value.to_string()).await
    }

    pub(super) async fn send_text(&mut self, text: String) -> Result<(), Closed> {
        self.send_message(Message::text(text)).await
    }

    async fn send_message(&mut self, message: Message) -> Result<(), Closed> {
        match timeout(WRITE_TIMEOUT, self.stream.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Closed),
        }
    }

    /// Sends a text after `ms`.
    pub(super) fn send_delayed(&mut self, text: String, ms: u64) {
        let at = Instant::now() + Duration::from_millis(ms);
        if self.delayed.len() < MAX_DELAYED {
            let place = self.delayed.partition_point(|(due, _)| *due <= at);
            self.delayed.insert(place, (at, text));
        }
    }

    /// Returns when the first delayed text is due.
    pub(super) fn next_delayed(&self) -> Option<Instant> {
        self.delayed.front().map(|(at, _)| *at)
    }

    /// Sends the first delayed text.
    pub(super) async fn send_next_delayed(&mut self) -> Result<(), Closed> {
        match self.delayed.pop_front() {
            Some((_, text)) => self.send_text(text).await,
            None => Ok(()),
        }
    }

    /// Sends data of a channel, subject to faults.
    pub(super) async fn push(&mut self, channel: &str, frame: Value) -> Result<(), Closed> {
        if !self.shared.faults().is_scripted() {
            return self.send(&frame).await;
        }
        if let Some(kind) = self.fault(channel, when!(Fault::Garbage { kind } => *kind)) {
            self.send_message(garbage(kind, &frame)).await?;
        }
        let (target, traffic) = (FaultTarget { on: self.on, path: channel }, &mut self.traffic);
        let frames = self
            .shared
            .corrupt(|schedule, _, now| corrupt_frame(schedule, target, traffic, now, frame));
        for frame in frames {
            self.send(&frame).await?;
        }
        Ok(())
    }

    pub(super) async fn close(
        &mut self,
        code: CloseCode,
        reason: &'static str,
    ) -> Result<(), Closed> {
        let frame = CloseFrame { code, reason: reason.into() };
        drop(timeout(WRITE_TIMEOUT, self.stream.close(Some(frame))).await);
        Err(Closed)
    }

    pub(super) async fn on_cut(&mut self, cut: Cut) -> Result<(), Closed> {
        if cut.on != On::All && cut.on != self.on {
            return Ok(());
        }
        match cut.code {
            Some(code) => self.close(code.into(), "by the fault script").await,
            None => Err(Closed),
        }
    }
}
