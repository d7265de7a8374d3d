//! Faults of the connection: a relay between a client and the exchange.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf,
};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::injector::FaultInjector;
use super::kinds::{Direction, Fault, On, when};
use super::schedule::FaultTarget;

/// Pieces that may be in flight in one direction.
const MAX_PIECES: usize = 256;
/// The interval between two slices.
const SLICE_GAP: Duration = Duration::from_millis(1);
/// The idle limit of a connection without one.
const NEVER: Duration = Duration::from_secs(86_400 * 365);

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Ending {
    /// With a FIN.
    Fin,
    /// With a reset.
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

    /// Returns what it carries; [`On::All`] until its first request, which shows it.
    pub(in crate::sim) fn on(&self) -> On {
        match self.on.load(Ordering::Relaxed) {
            1 => On::Rest,
            2 => On::Public,
            3 => On::Private,
            _ => On::All,
        }
    }

    pub(in crate::sim) fn set_on(&self, on: On) {
        let number = match on {
            On::All => 0,
            On::Rest => 1,
            On::Public => 2,
            On::Private => 3,
        };
        self.on.store(number, Ordering::Relaxed);
    }

    fn target(&self) -> FaultTarget<'_> {
        FaultTarget { on: self.on(), path: "" }
    }
}

/// The open connections.
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

/// Relays bytes between a client and the exchange, with the faults of the link, until either side ends.
/// Returns the client's stream and how to close it.
pub(in crate::sim) async fn relay<S>(
    client: S,
    exchange: DuplexStream,
    (faults, link): (&FaultInjector, &Link),
    stop: &CancellationToken,
) -> (S, Ending)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut ends = link.ending.subscribe();
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let (mut from_exchange, mut to_exchange) = tokio::io::split(exchange);
    let ending = {
        let inbound = async {
            let relay =
                Relay { faults, link, direction: Direction::In, in_flight: VecDeque::new() };
            if relay.run(&mut from_client, &mut to_exchange).await == Stopped::Drained {
                // The exchange may still send after the client has finished.
                std::future::pending::<()>().await;
            }
        };
        let outbound = async {
            let relay =
                Relay { faults, link, direction: Direction::Out, in_flight: VecDeque::new() };
            relay.run(&mut from_exchange, &mut to_client).await;
        };
        tokio::select! {
            biased;
            ending = ends.wait_for(Option::is_some) => {
                ending.ok().and_then(|ending| *ending).unwrap_or(Ending::Fin)
            }
            () = stop.cancelled() => Ending::Fin,
            () = inbound => Ending::Fin,
            () = outbound => Ending::Fin,
        }
    };
    (from_client.unsplit(to_client), ending)
}

/// Why the relay of one direction stopped.
#[derive(Debug, PartialEq, Eq)]
enum Stopped {
    /// Its source ended and everything was delivered.
    Drained,
    /// A fault or the receiver ended it.
    Broken,
}

/// One direction of a connection.
struct Relay<'a> {
    faults: &'a FaultInjector,
    link: &'a Link,
    direction: Direction,
    /// Pieces with the times at which they arrive.
    in_flight: VecDeque<(Instant, Vec<u8>)>,
}

impl Relay<'_> {
    async fn run<R, W>(mut self, from: &mut ReadHalf<R>, to: &mut WriteHalf<W>) -> Stopped
    where
        R: AsyncRead,
        W: AsyncWrite,
    {
        let mut buffer = vec![0; 16_384];
        let mut at_end = false;
        let mut moved = Instant::now();
        loop {
            if at_end && self.in_flight.is_empty() {
                // The receiver may be gone already.
                drop(to.shutdown().await);
                return Stopped::Drained;
            }
            let due = self.in_flight.front().map_or_else(Instant::now, |(at, _)| *at);
            let idle = moved + self.idle_limit();
            tokio::select! {
                biased;
                () = sleep_until(due), if !self.in_flight.is_empty() => {
                    self.wait_out_black_holes().await;
                    let Some((_, bytes)) = self.in_flight.pop_front() else { continue };
                    if !self.write(to, &bytes).await {
                        return Stopped::Broken;
                    }
                    moved = Instant::now();
                }
                read = from.read(&mut buffer), if !at_end && self.in_flight.len() < MAX_PIECES => {
                    moved = Instant::now();
                    match read {
                        Ok(count) if count > 0 => {
                            self.enqueue(buffer.get(..count).unwrap_or_default());
                        }
                        _ => at_end = true,
                    }
                }
                () = sleep_until(idle), if self.in_flight.is_empty() => return Stopped::Broken,
            }
        }
    }

    fn find<T>(&self, pick: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        self.faults.find(self.link.target(), pick)
    }

    /// Puts bytes in flight.
    fn enqueue(&mut self, bytes: &[u8]) {
        let now = Instant::now();
        let latency = self.find(when!(Fault::Latency { ms, jitter_ms } => (*ms, *jitter_ms)));
        let slice = self.find(when!(Fault::Slice { bytes } => (*bytes).max(1)));
        let pace =
            self.find(when!(Fault::Bandwidth { bytes_per_second } => (*bytes_per_second).max(1)));
        let delay = latency.map_or(0, |(ms, jitter)| ms + self.faults.random_below(jitter + 1));
        let mut at = (now + Duration::from_millis(delay))
            .max(self.in_flight.back().map_or(now, |(at, _)| *at));
        for piece in bytes.chunks(slice.unwrap_or(usize::MAX)) {
            if let Some(pace) = pace {
                at += Duration::from_secs(piece.len() as u64) / u32::try_from(pace).unwrap_or(1);
            }
            self.in_flight.push_back((at, piece.to_vec()));
            if slice.is_some() {
                at += SLICE_GAP;
            }
        }
    }

    /// Waits until no black hole blocks this direction.
    async fn wait_out_black_holes(&self) {
        loop {
            let changed = self.faults.changes().notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let direction = self.direction;
            let holes = when!(Fault::BlackHole { direction } => *direction);
            let blocks = |hole| hole == Direction::Both || hole == direction;
            if !self.find(holes).is_some_and(blocks) {
                return;
            }
            changed.await;
        }
    }

    /// Delivers bytes and returns whether the connection stays open.
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
