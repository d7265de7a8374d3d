//! [`SimServer`]: one loopback port for HTTP and WebSocket, with or without TLS.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_rustls::TlsAcceptor;

use super::auth::Expected;
use super::fault::{Ending, Entry, Fault, Link, On, Script, Stage, Target, between, when};
use super::http;
use super::hub::{Hub, Recorded};
use super::market::STEP_MS;
use super::tls::{self, Certificates};
use super::world::World;
use crate::domain::{AccountKind, Clock};

const TLS_TIMEOUT: Duration = Duration::from_secs(10);
/// What may be between the client's stream and the exchange.
const PIPE: usize = 65_536;

/// How the exchange behaves.
#[derive(Debug, Clone)]
pub struct SimConfig {
    /// Equal seeds give equal histories.
    pub seed: u64,
    /// Plain HTTP and WebSocket instead of TLS.
    pub plain: bool,
    /// The account holds nothing and opens nothing.
    pub flat: bool,
    /// Which generation's private paths the account answers.
    pub account: AccountKind,
    /// Bitcoins that a unified account holds besides its USDT, as collateral.
    pub bitcoin: Decimal,
    /// The key that is accepted; without one any is.
    pub expected: Option<Expected>,
    /// Remembers what it is asked for, for tests to read: some 30 MB in a long day.
    pub record: bool,
    /// What goes wrong when. Faults of links need it to be there from the start, empty or not.
    pub script: Option<Script>,
}

impl Default for SimConfig {
    fn default() -> Self {
        Self {
            seed: 0,
            plain: false,
            flat: false,
            account: AccountKind::Classic,
            bitcoin: Decimal::ZERO,
            expected: None,
            record: true,
            script: None,
        }
    }
}

/// A running exchange; it stops when it is told to or dropped.
pub struct SimServer {
    address: SocketAddr,
    authority_pem: Option<String>,
    hub: Arc<Hub>,
}

impl SimServer {
    /// Starts an exchange on `listener`, on the runtime of the caller.
    ///
    /// # Errors
    /// When the listener has no address or certificates cannot be made.
    pub fn start(
        listener: TcpListener,
        config: SimConfig,
        clock: Arc<dyn Clock>,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let certificates = if config.plain { None } else { Some(tls::make()?) };
        let authority_pem = certificates.as_ref().map(|made| made.authority_pem.clone());
        let hub = Arc::new(Hub::new(config, clock.now().as_millis()));
        hub.advance_plan();
        tokio::spawn(live(Arc::clone(&hub), clock));
        tokio::spawn(accept(listener, certificates, Arc::clone(&hub)));
        Ok(Self { address, authority_pem, hub })
    }

    /// Returns the address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the origin of REST.
    pub fn rest_origin(&self) -> String {
        format!("{}://{}", if self.is_plain() { "http" } else { "https" }, self.address)
    }

    /// Returns the origin of the sockets.
    pub fn stream_origin(&self) -> String {
        format!("{}://{}", if self.is_plain() { "ws" } else { "wss" }, self.address)
    }

    const fn is_plain(&self) -> bool {
        self.authority_pem.is_none()
    }

    /// Returns the certificate authority as PEM; `None` without TLS.
    pub fn authority_pem(&self) -> Option<&str> {
        self.authority_pem.as_deref()
    }

    /// Serves one more connection over any byte stream, such as a pipe in memory.
    pub fn attach<S>(&self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        tokio::spawn(serve_faulty(stream, None, Arc::clone(&self.hub), drop));
    }

    /// Stops serving; open connections end.
    pub fn stop(&self) {
        self.hub.stop().cancel();
    }

    /// Cuts all open sockets; new ones are served.
    pub fn cut(&self) {
        self.hub.cut(On::All, None);
    }

    /// Lets something go wrong from now on.
    pub fn inject(&self, entry: Entry) {
        self.hub.inject(entry);
    }

    /// Ends all faults, those to come too.
    pub fn heal(&self) {
        self.hub.heal();
    }

    /// Returns the connections that are open; they are known when there is a script.
    pub fn open_links(&self, on: On) -> usize {
        self.hub.links().count(on)
    }

    /// Changes the world; what happens is told on the streams at once.
    pub fn with_world<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let (result, happened) = self.hub.world(|world| (change(world), world.take_happened()));
        if !happened.is_empty() {
            self.hub.tell(happened);
        }
        result
    }

    /// Returns every request and every operation on a socket so far.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.hub.recorded()
    }

    /// Returns the same and forgets it: for long runs.
    pub fn take_recorded(&self) -> Vec<Recorded> {
        self.hub.take_recorded()
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

/// Moves the world and its faults with the clock.
async fn live(hub: Arc<Hub>, clock: Arc<dyn Clock>) {
    let mut ticks = interval(Duration::from_millis(STEP_MS.unsigned_abs()));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            biased;
            () = hub.stop().cancelled() => return,
            _ = ticks.tick() => {
                let happened = hub.world(|world| world.advance(clock.now().as_millis()));
                hub.advance_plan();
                hub.tell(happened);
            }
        }
    }
}

async fn accept(listener: TcpListener, certificates: Option<Certificates>, hub: Arc<Hub>) {
    let tls = certificates.map(|made| TlsAcceptor::from(made.server));
    loop {
        let accepted = tokio::select! {
            biased;
            () = hub.stop().cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        // A client that is gone before it is accepted is nobody's loss.
        let Ok((stream, _)) = accepted else { continue };
        drop(stream.set_nodelay(true));
        let reset = |stream: TcpStream| drop(stream.set_zero_linger());
        tokio::spawn(serve_faulty(stream, tls.clone(), Arc::clone(&hub), reset));
    }
}

/// Serves a connection, with the faults of a link in between where there may be any.
async fn serve_faulty<S>(stream: S, tls: Option<TlsAcceptor>, hub: Arc<Hub>, reset: fn(S))
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let link = hub.links().open();
    if !hub.is_scripted() {
        serve_stream(stream, tls, hub, link).await;
        return;
    }
    let target = Target { on: On::All, path: "" };
    if hub.fault(target, when!(Fault::Refuse => ())).is_some() {
        reset(stream);
        return;
    }
    if hub.fault(target, when!(Fault::Stall { at: Stage::Accept } => ())).is_some() {
        // Held open, and not a byte: until the faults change, or the exchange stops.
        tokio::select! {
            biased;
            () = hub.stop().cancelled() => {}
            () = hub.fault_changes().notified() => {}
        }
        return;
    }
    let (near, far) = tokio::io::duplex(PIPE);
    tokio::spawn(serve_stream(far, tls, Arc::clone(&hub), Arc::clone(&link)));
    let (stream, ending) = between(stream, near, &hub, &link).await;
    if ending == Ending::Rst {
        reset(stream);
    }
}

async fn serve_stream<S>(stream: S, tls: Option<TlsAcceptor>, hub: Arc<Hub>, link: Arc<Link>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    match tls {
        Some(tls) => {
            if let Ok(Ok(stream)) = timeout(TLS_TIMEOUT, tls.accept(stream)).await {
                http::serve(stream, hub, link).await;
            }
        }
        None => http::serve(stream, hub, link).await,
    }
}
