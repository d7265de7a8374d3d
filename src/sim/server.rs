//! [`SimServer`]: HTTP and WebSocket on one loopback port, with or without TLS.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_rustls::TlsAcceptor;

use super::acceptor::accept_all;
use super::fault::{Corruption, Ending, Entry, Fault, FaultTarget, Link, On, Stage, relay, when};
use super::http;
use super::shared_state::{Recorded, SharedState};
use super::sim_config::SimConfig;
use super::simulated_market::STEP_MS;
use super::tls;
use super::world::World;
use crate::domain::Clock;

const TLS_TIMEOUT: Duration = Duration::from_secs(10);
/// Buffer between a faulty connection and the exchange, in bytes.
const PIPE_BYTES: usize = 65_536;

/// A running exchange. It stops when it is dropped, or by [`SimServer::stop`].
pub struct SimServer {
    address: SocketAddr,
    authority_pem: Option<String>,
    tls: Option<TlsAcceptor>,
    shared: Arc<SharedState>,
}

impl SimServer {
    /// Starts an exchange on `listener`, on the runtime of the caller.
    ///
    /// # Errors
    /// When the listener has no local address or the certificates cannot be generated.
    pub fn start(
        listener: TcpListener,
        config: SimConfig,
        clock: Arc<dyn Clock>,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let certificates = if config.plain { None } else { Some(tls::generate()?) };
        let authority_pem = certificates.as_ref().map(|generated| generated.authority_pem.clone());
        let shared = Arc::new(SharedState::new(config, clock.now().as_millis()));
        shared.advance_faults();
        tokio::spawn(run_world(Arc::clone(&shared), clock));
        let tls = certificates.map(|generated| TlsAcceptor::from(generated.server));
        let (stop, state, of_streams) = (shared.stop().clone(), Arc::clone(&shared), tls.clone());
        tokio::spawn(accept_all(listener, stop, move |stream: TcpStream| {
            // The client may be gone already.
            drop(stream.set_nodelay(true));
            let reset = |stream: TcpStream| drop(stream.set_zero_linger());
            tokio::spawn(serve_faulty(stream, tls.clone(), Arc::clone(&state), reset));
        }));
        Ok(Self { address, authority_pem, tls: of_streams, shared })
    }

    /// Returns the address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the origin of the REST API, such as `https://127.0.0.1:8700`.
    pub fn rest_origin(&self) -> String {
        format!("{}://{}", if self.is_plain() { "http" } else { "https" }, self.address)
    }

    /// Returns the origin of the sockets, such as `wss://127.0.0.1:8700`.
    pub fn stream_origin(&self) -> String {
        format!("{}://{}", if self.is_plain() { "ws" } else { "wss" }, self.address)
    }

    const fn is_plain(&self) -> bool {
        self.authority_pem.is_none()
    }

    /// Returns the certificate authority that clients must trust, as PEM; `None` without TLS.
    pub fn authority_pem(&self) -> Option<&str> {
        self.authority_pem.as_deref()
    }

    /// Serves a connection over any byte stream, such as an in-memory pipe; with TLS unless it is plain.
    pub fn attach<S>(&self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        tokio::spawn(serve_faulty(stream, self.tls.clone(), Arc::clone(&self.shared), drop));
    }

    /// Stops the exchange and ends its connections.
    pub fn stop(&self) {
        self.shared.stop().cancel();
    }

    /// Ends all open sockets; new ones are served.
    pub fn cut(&self) {
        self.shared.cut(On::All, None);
    }

    /// Adds a fault, whose time counts from now.
    pub fn inject(&self, entry: Entry) {
        self.shared.inject(entry);
    }

    /// Removes all faults, pending ones too.
    pub fn heal(&self) {
        self.shared.heal();
    }

    /// Returns the messages that faults have corrupted since the last call; the newest 1,000.
    pub fn take_corruptions(&self) -> Vec<Corruption> {
        self.shared.faults().take_corruptions()
    }

    /// Returns the number of open connections that carry `on`.
    pub fn open_links(&self, on: On) -> usize {
        self.shared.links().count(on)
    }

    /// Reads or changes the world; the events of a change are pushed at once.
    pub fn with_world<T>(&self, access: impl FnOnce(&mut World) -> T) -> T {
        self.shared.change_world(access)
    }

    /// Returns the requests and socket operations so far.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.shared.recorded()
    }

    /// Returns the requests and socket operations so far and clears the record: for long runs.
    pub fn take_recorded(&self) -> Vec<Recorded> {
        self.shared.take_recorded()
    }
}

impl Drop for SimServer {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for SimServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimServer").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Advances the world and its faults with the clock.
async fn run_world(shared: Arc<SharedState>, clock: Arc<dyn Clock>) {
    let mut ticks = interval(Duration::from_millis(STEP_MS.unsigned_abs()));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            biased;
            () = shared.stop().cancelled() => return,
            _ = ticks.tick() => {
                let events = shared.world(|world| world.advance(clock.now().as_millis()));
                shared.advance_faults();
                shared.publish(events);
            }
        }
    }
}

/// Serves a connection, through a relay with the faults of a connection where there may be any.
async fn serve_faulty<S>(
    stream: S,
    tls: Option<TlsAcceptor>,
    shared: Arc<SharedState>,
    reset: fn(S),
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let link = shared.links().open();
    if !shared.faults().is_scripted() {
        serve_stream(stream, tls, shared, link).await;
        return;
    }
    let target = FaultTarget { on: On::All, path: "" };
    if shared.fault(target, when!(Fault::Refuse => ())).is_some() {
        reset(stream);
        return;
    }
    if shared.fault(target, when!(Fault::Stall { at: Stage::Accept } => ())).is_some() {
        // OraclePosition open, and not a byte: until the faults change, or the exchange stops.
        tokio::select! {
            biased;
            () = shared.stop().cancelled() => {}
            () = shared.faults().changes().notified() => {}
        }
        return;
    }
    let (near, far) = tokio::io::duplex(PIPE_BYTES);
    tokio::spawn(serve_stream(far, tls, Arc::clone(&shared), Arc::clone(&link)));
    let (stream, ending) = relay(stream, near, (shared.faults(), &link), shared.stop()).await;
    if ending == Ending::Rst {
        reset(stream);
    }
}

async fn serve_stream<S>(
    stream: S,
    tls: Option<TlsAcceptor>,
    shared: Arc<SharedState>,
    link: Arc<Link>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    match tls {
        Some(tls) => {
            if let Ok(Ok(stream)) = timeout(TLS_TIMEOUT, tls.accept(stream)).await {
                http::serve(stream, shared, link).await;
            }
        }
        None => http::serve(stream, shared, link).await,
    }
}
