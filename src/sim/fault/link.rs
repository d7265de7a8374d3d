//! What happens to bytes between a client and the exchange.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf,
};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::kinds::{Direction, Fault, On};
use super::plan::Target;
use crate::sim::hub::Hub;

/// Pieces that may be under way in one direction.
const MOST_PIECES: usize = 256;
/// Pieces of a slice are this far apart.
const SLICE_GAP: Duration = Duration::from_millis(1);
/// A link without a limit to its silence.
const NEVER: Duration = Duration::from_secs(86_400 * 365);

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Ending {
    /// In an orderly way.
    Fin,
    /// By a reset.
    Rst,
}

/// One connection.
#[derive(Debug)]
pub(in crate::sim) struct Link {
    on: AtomicU8,
    sent: AtomicU64,
    ending: watch::Sender<Option<Ending>>,
}

impl Link {
    pub(in crate::sim) fn new() -> Self {
        Self { on: AtomicU8::new(0), sent: AtomicU64::new(0), ending: watch::Sender::new(None) }
    }

    /// Returns what it carries; until its first request is read nobody knows.
    pub(in crate::sim) fn on(&self) -> On {
        match self.on.load(Ordering::Relaxed) {
            1 => On::Rest,
            2 => On::Public,
            3 => On::Private,
            _ => On::All,
        }
    }

    pub(in crate::sim) fn carries(&self, on: On) {
        let number = match on {
            On::All => 0,
            On::Rest => 1,
            On::Public => 2,
            On::Private => 3,
        };
        self.on.store(number, Ordering::Relaxed);
    }

    fn target(&self) -> Target<'_> {
        Target { on: self.on(), path: "" }
    }
}

/// The connections that are open.
#[derive(Debug, Default)]
pub(in crate::sim) struct Links(Mutex<Vec<Weak<Link>>>);

impl Links {
    pub(in crate::sim) fn open(&self) -> Arc<Link> {
        let link = Arc::new(Link::new());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|link| link.strong_count() > 0);
        all.push(Arc::downgrade(&link));
        link
    }

    /// Returns how many are open.
    pub(in crate::sim) fn count(&self, on: On) -> usize {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter_map(Weak::upgrade).filter(|link| on == On::All || link.on() == on).count()
    }

    /// Ends the connections that carry `on`.
    pub(in crate::sim) fn end(&self, on: On, ending: Ending) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for link in all.iter().filter_map(Weak::upgrade) {
            if on == On::All || link.on() == on {
                link.ending.send_replace(Some(ending));
            }
        }
    }
}

/// Carries bytes between a client and the exchange until either ends, through the faults of the link.
/// Returns the client's stream and whether it is to be reset.
pub(in crate::sim) async fn between<S>(
    client: S,
    exchange: DuplexStream,
    hub: &Hub,
    link: &Link,
) -> (S, Ending)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut ends = link.ending.subscribe();
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let (mut from_exchange, mut to_exchange) = tokio::io::split(exchange);
    let ending = {
        let inbound = async {
            let carrier = Carrier { hub, link, direction: Direction::In, ready: VecDeque::new() };
            if carrier.run(&mut from_client, &mut to_exchange).await == Stopped::Drained {
                // The exchange still has the last word.
                std::future::pending::<()>().await;
            }
        };
        let outbound = async {
            let carrier = Carrier { hub, link, direction: Direction::Out, ready: VecDeque::new() };
            carrier.run(&mut from_exchange, &mut to_client).await;
        };
        tokio::select! {
            biased;
            ending = ends.wait_for(Option::is_some) => {
                ending.ok().and_then(|ending| *ending).unwrap_or(Ending::Fin)
            }
            () = hub.stop().cancelled() => Ending::Fin,
            () = inbound => Ending::Fin,
            () = outbound => Ending::Fin,
        }
    };
    (from_client.unsplit(to_client), ending)
}

/// Why one direction stopped.
#[derive(Debug, PartialEq, Eq)]
enum Stopped {
    /// Its source ended, and everything has been passed on.
    Drained,
    /// A fault or the other side ended it.
    Broken,
}

/// One direction of a link.
struct Carrier<'a> {
    hub: &'a Hub,
    link: &'a Link,
    direction: Direction,
    /// Pieces with the time at which they arrive.
    ready: VecDeque<(Instant, Vec<u8>)>,
}

impl Carrier<'_> {
    async fn run<R, W>(mut self, from: &mut ReadHalf<R>, to: &mut WriteHalf<W>) -> Stopped
    where
        R: AsyncRead,
        W: AsyncWrite,
    {
        let mut buffer = vec![0; 16_384];
        let mut at_end = false;
        let mut moved = Instant::now();
        loop {
            if at_end && self.ready.is_empty() {
                // Whoever is on the other side may be gone already.
                drop(to.shutdown().await);
                return Stopped::Drained;
            }
            let due = self.ready.front().map_or_else(Instant::now, |(at, _)| *at);
            let idle = moved + self.idle_limit();
            tokio::select! {
                biased;
                () = sleep_until(due), if !self.ready.is_empty() => {
                    self.pass().await;
                    let Some((_, bytes)) = self.ready.pop_front() else { continue };
                    if !self.write(to, &bytes).await {
                        return Stopped::Broken;
                    }
                    moved = Instant::now();
                }
                read = from.read(&mut buffer), if !at_end && self.ready.len() < MOST_PIECES => {
                    moved = Instant::now();
                    match read {
                        Ok(count) if count > 0 => {
                            self.take(buffer.get(..count).unwrap_or_default());
                        }
                        _ => at_end = true,
                    }
                }
                () = sleep_until(idle), if self.ready.is_empty() => return Stopped::Broken,
            }
        }
    }

    fn find<T>(&self, pick: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        self.hub.fault(self.link.target(), pick)
    }

    /// Puts bytes on their way.
    fn take(&mut self, bytes: &[u8]) {
        let now = Instant::now();
        let latency = self.find(when!(Fault::Latency { ms, jitter_ms } => (*ms, *jitter_ms)));
        let slice = self.find(when!(Fault::Slice { bytes } => (*bytes).max(1)));
        let pace =
            self.find(when!(Fault::Bandwidth { bytes_per_second } => (*bytes_per_second).max(1)));
        let delay = latency.map_or(0, |(ms, jitter)| ms + self.hub.chance(jitter + 1));
        let mut at =
            (now + Duration::from_millis(delay)).max(self.ready.back().map_or(now, |(at, _)| *at));
        for piece in bytes.chunks(slice.unwrap_or(usize::MAX)) {
            if let Some(pace) = pace {
                at += Duration::from_secs(piece.len() as u64) / u32::try_from(pace).unwrap_or(1);
            }
            self.ready.push_back((at, piece.to_vec()));
            if slice.is_some() {
                at += SLICE_GAP;
            }
        }
    }

    /// Waits until nothing swallows this direction.
    async fn pass(&self) {
        loop {
            let changed = self.hub.fault_changes().notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let direction = self.direction;
            let holes = when!(Fault::BlackHole { direction } => *direction);
            let swallows = |hole| hole == Direction::Both || hole == direction;
            if !self.find(holes).is_some_and(swallows) {
                return;
            }
            changed.await;
        }
    }

    /// Writes bytes and returns whether the link goes on.
    async fn write<W: AsyncWrite>(&self, to: &mut WriteHalf<W>, bytes: &[u8]) -> bool {
        let limit = (self.direction == Direction::Out)
            .then(|| self.find(when!(Fault::CutAfter { bytes } => *bytes)))
            .flatten();
        let sent = self.link.sent.load(Ordering::Relaxed);
        let most = limit.map_or(usize::MAX, |limit| {
            usize::try_from(limit.saturating_sub(sent)).unwrap_or(usize::MAX)
        });
        let part = bytes.get(..most.min(bytes.len())).unwrap_or_default();
        if to.write_all(part).await.is_err() || to.flush().await.is_err() {
            return false;
        }
        if self.direction == Direction::Out {
            self.link.sent.fetch_add(part.len() as u64, Ordering::Relaxed);
        }
        part.len() == bytes.len()
    }

    fn idle_limit(&self) -> Duration {
        self.find(when!(Fault::CloseIdle { ms } => Duration::from_millis(*ms))).unwrap_or(NEVER)
    }
}
