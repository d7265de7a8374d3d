//! [`SimServer`]: one loopback port for HTTP and WebSocket, with or without TLS.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{
    CONNECTION, CONTENT_TYPE, HeaderMap, HeaderValue, SEC_WEBSOCKET_ACCEPT, UPGRADE,
};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_util::sync::CancellationToken;

use super::auth::{Claim, Expected};
use super::limits::Limits;
use super::market::STEP_MS;
use super::rest::{self, Asked};
use super::tls::{self, Certificates};
use super::world::{Happened, World};
use super::ws;
use crate::domain::Clock;

/// Steps that a slow socket may lag behind before it is cut off.
const LAG: usize = 256;
/// Requests and operations that are remembered.
const RECORDED: usize = 10_000;
const TLS_TIMEOUT: Duration = Duration::from_secs(10);

/// How the exchange behaves.
#[derive(Debug, Clone, Default)]
pub struct SimConfig {
    /// Equal seeds give equal histories.
    pub seed: u64,
    /// Plain HTTP and WebSocket instead of TLS.
    pub plain: bool,
    /// The account holds nothing and opens nothing.
    pub flat: bool,
    /// The key that is accepted; without one any is.
    pub expected: Option<Expected>,
}

/// What all connections of one exchange share.
pub(super) struct Hub {
    world: Mutex<World>,
    limits: Mutex<Limits>,
    expected: Option<Expected>,
    ticks: broadcast::Sender<Arc<Vec<Happened>>>,
    cuts: watch::Sender<u64>,
    recorded: Mutex<Vec<(String, String)>>,
    stop: CancellationToken,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    pub(super) fn world<T>(&self, read: impl FnOnce(&mut World) -> T) -> T {
        read(&mut lock(&self.world))
    }

    pub(super) const fn expected(&self) -> Option<&Expected> {
        self.expected.as_ref()
    }

    pub(super) fn ticks(&self) -> broadcast::Receiver<Arc<Vec<Happened>>> {
        self.ticks.subscribe()
    }

    pub(super) fn cuts(&self) -> watch::Receiver<u64> {
        self.cuts.subscribe()
    }

    pub(super) const fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    pub(super) fn record(&self, method: &str, path: &str) {
        let mut recorded = lock(&self.recorded);
        if recorded.len() < RECORDED {
            recorded.push((method.to_owned(), path.to_owned()));
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
        let hub = Arc::new(Hub {
            world: Mutex::new(World::new(config.seed, clock.now().as_millis(), config.flat)),
            limits: Mutex::default(),
            expected: config.expected,
            ticks: broadcast::Sender::new(LAG),
            cuts: watch::Sender::new(0),
            recorded: Mutex::default(),
            stop: CancellationToken::new(),
        });
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
        tokio::spawn(serve(stream, Arc::clone(&self.hub)));
    }

    /// Stops serving; open connections end.
    pub fn stop(&self) {
        self.hub.stop.cancel();
    }

    /// Cuts all open sockets; new ones are served.
    pub fn cut(&self) {
        self.hub.cuts.send_modify(|count| *count += 1);
    }

    /// Changes the world; what happens is told on the streams at once.
    pub fn with_world<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let (result, happened) = self.hub.world(|world| (change(world), world.take_happened()));
        if !happened.is_empty() {
            // Nobody may be listening.
            drop(self.hub.ticks.send(Arc::new(happened)));
        }
        result
    }

    /// Returns every request (`GET` and path) and socket operation (`WS` and name) so far.
    pub fn recorded(&self) -> Vec<(String, String)> {
        lock(&self.hub.recorded).clone()
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

/// Moves the world with the clock.
async fn live(hub: Arc<Hub>, clock: Arc<dyn Clock>) {
    let mut ticks = interval(Duration::from_millis(STEP_MS.unsigned_abs()));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = hub.stop.cancelled() => return,
            _ = ticks.tick() => {
                let happened = hub.world(|world| world.advance(clock.now().as_millis()));
                drop(hub.ticks.send(Arc::new(happened)));
            }
        }
    }
}

async fn accept(listener: TcpListener, certificates: Option<Certificates>, hub: Arc<Hub>) {
    let tls = certificates.map(|made| TlsAcceptor::from(made.server));
    loop {
        let accepted = tokio::select! {
            () = hub.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        // A client that is gone before it is accepted is nobody's loss.
        let Ok((stream, _)) = accepted else { continue };
        tokio::spawn(serve_stream(stream, tls.clone(), Arc::clone(&hub)));
    }
}

async fn serve_stream(stream: TcpStream, tls: Option<TlsAcceptor>, hub: Arc<Hub>) {
    drop(stream.set_nodelay(true));
    match tls {
        Some(tls) => {
            if let Ok(Ok(stream)) = timeout(TLS_TIMEOUT, tls.accept(stream)).await {
                serve(stream, hub).await;
            }
        }
        None => serve(stream, hub).await,
    }
}

/// Serves HTTP over any byte stream until it ends or the exchange stops.
async fn serve<S>(stream: S, hub: Arc<Hub>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let stop = hub.stop.clone();
    let service = service_fn(move |request| {
        let hub = Arc::clone(&hub);
        async move { Ok::<_, Infallible>(respond(request, &hub)) }
    });
    let serving = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::select! {
        () = stop.cancelled() => {}
        // How a client leaves is its own business.
        _ended = serving => {}
    }
}

fn respond(request: Request<Incoming>, hub: &Arc<Hub>) -> Response<String> {
    let path = request.uri().path().to_owned();
    hub.record(request.method().as_str(), &path);
    if request.method() != Method::GET {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "only GET".to_owned());
    }
    match path.as_str() {
        "/v2/ws/public" => upgrade(request, Arc::clone(hub), false),
        "/v2/ws/private" => upgrade(request, Arc::clone(hub), true),
        _ => answer(&request, hub),
    }
}

fn plain(status: StatusCode, body: String) -> Response<String> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

fn answer(request: &Request<Incoming>, hub: &Hub) -> Response<String> {
    let header = |name: &str| value_of(request.headers(), name);
    let asked = Asked {
        path: request.uri().path(),
        query: request.uri().query().unwrap_or_default(),
        claim: Claim {
            key: header("access-key"),
            sign: header("access-sign"),
            timestamp: header("access-timestamp"),
            passphrase: header("access-passphrase"),
        },
    };
    let told = hub
        .world(|world| rest::answer(world, &mut lock(&hub.limits), hub.expected.as_ref(), &asked));
    let status = StatusCode::from_u16(told.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = plain(status, told.body.to_string());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
    if let Some(remaining) = told.remaining {
        headers.insert("x-mbx-used-remain-limit", HeaderValue::from(remaining));
    }
    response
}

fn value_of<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn upgrade(mut request: Request<Incoming>, hub: Arc<Hub>, private: bool) -> Response<String> {
    let key = value_of(request.headers(), "sec-websocket-key").to_owned();
    if key.is_empty() {
        return plain(StatusCode::BAD_REQUEST, "a WebSocket upgrade is expected".to_owned());
    }
    let upgrading = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        if let Ok(stream) = upgrading.await {
            let stream = TokioIo::new(stream);
            let socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
            ws::serve(socket, hub, private).await;
        }
    });
    let mut response = plain(StatusCode::SWITCHING_PROTOCOLS, String::new());
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key.as_bytes())) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    response
}
