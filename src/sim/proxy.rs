//! [`SimProxy`]: a proxy before the embedded exchange, for tests of clients that are set to use one.
//!
//! It speaks CONNECT and SOCKS 5 on one port, told apart by the first byte, and has the faults of proxies.
//! Every tunnel leads into the exchange, whatever name it was asked for: that name is recorded.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use base64::prelude::{BASE64_STANDARD, Engine};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::acceptor::accept_all;
use super::server::SimServer;

/// Buffer between the proxy and the exchange, in bytes.
const PIPE_BYTES: usize = 65_536;
/// The longest head of a CONNECT request, in bytes.
const MAX_HEAD_BYTES: usize = 8_192;

const SOCKS: u8 = 5;
const NO_LOGIN: u8 = 0;
const PASSWORD: u8 = 2;
const NOTHING_ACCEPTABLE: u8 = 0xFF;

/// What is wrong with a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyFault {
    /// It does not allow the exchange.
    Forbid,
    /// It cannot reach the exchange.
    Unreachable,
    /// It accepts connections and says nothing.
    Silent,
    /// It ends connections before it answers.
    Close,
    /// It answers in no language that a client expects.
    Garbage,
    /// It opens a tunnel, and a page of its own is at the end of it.
    Page,
    /// No byte of an open tunnel passes, and no new one is answered.
    BlackHole,
}

/// The name and the password that a proxy asks for.
pub type ProxyLogin = (&'static str, &'static str);

/// A running proxy. It stops when it is dropped.
#[derive(Debug)]
pub struct SimProxy {
    state: Arc<State>,
    address: Option<SocketAddr>,
}

#[derive(Debug)]
struct State {
    exchange: Arc<SimServer>,
    login: Option<ProxyLogin>,
    fault: watch::Sender<Option<ProxyFault>>,
    /// Counts the cuts.
    cuts: watch::Sender<u64>,
    /// The hosts of the tunnels that were opened, as `host:port`, in the words of the client.
    tunnels: Mutex<Vec<String>>,
    stop: CancellationToken,
}

impl SimProxy {
    /// Returns a proxy that serves what is given to [`attach`](Self::attach).
    pub fn new(exchange: Arc<SimServer>, login: Option<ProxyLogin>) -> Self {
        let state = State {
            exchange,
            login,
            fault: watch::Sender::new(None),
            cuts: watch::Sender::new(0),
            tunnels: Mutex::default(),
            stop: CancellationToken::new(),
        };
        Self { state: Arc::new(state), address: None }
    }

    /// Starts a proxy on a listener.
    ///
    /// # Errors
    /// When the listener has no local address.
    pub fn start(
        listener: TcpListener,
        exchange: Arc<SimServer>,
        login: Option<ProxyLogin>,
    ) -> io::Result<Self> {
        let mut proxy = Self::new(exchange, login);
        proxy.address = Some(listener.local_addr()?);
        let (stop, state) = (proxy.state.stop.clone(), Arc::clone(&proxy.state));
        tokio::spawn(accept_all(listener, stop, move |stream: TcpStream| {
            tokio::spawn(serve(Arc::clone(&state), stream));
        }));
        Ok(proxy)
    }

    /// Returns the address; `None` without a listener.
    pub const fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Serves a connection over any byte stream.
    pub fn attach<S>(&self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        tokio::spawn(serve(Arc::clone(&self.state), stream));
    }

    /// Sets what is wrong with it, or (with `None`) heals it.
    pub fn set_fault(&self, fault: Option<ProxyFault>) {
        self.state.fault.send_replace(fault);
    }

    /// Ends all open tunnels.
    pub fn cut(&self) {
        self.state.cuts.send_modify(|count| *count += 1);
    }

    /// Returns the hosts of all tunnels so far, as `host:port`, in the words of the client.
    pub fn tunnels(&self) -> Vec<String> {
        self.state.tunnels.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for SimProxy {
    fn drop(&mut self) {
        self.state.stop.cancel();
    }
}

/// Serves a connection until it ends or the proxy stops. A client may leave in any way.
async fn serve<S>(state: Arc<State>, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let talking = talk(&state, stream);
    tokio::select! {
        biased;
        () = state.stop.cancelled() => {}
        _ended = talking => {}
    }
}

async fn talk<S>(state: &State, mut stream: S) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut faults = state.fault.subscribe();
    let fault = *faults.borrow();
    match fault {
        Some(ProxyFault::Silent | ProxyFault::BlackHole) => {
            // Until it heals: then the connection ends, as after a restart.
            return faults.changed().await.map_err(io::Error::other);
        }
        Some(ProxyFault::Close) => return Ok(()),
        Some(ProxyFault::Garbage) => return stream.write_all(b"SSH-2.0-other\r\n").await,
        Some(ProxyFault::Forbid | ProxyFault::Unreachable | ProxyFault::Page) | None => {}
    }
    let first = stream.read_u8().await?;
    let host = if first == SOCKS {
        socks(state, &mut stream, fault).await?
    } else {
        connect(state, &mut stream, fault, first).await?
    };
    let Some(host) = host else { return Ok(()) };
    if fault == Some(ProxyFault::Page) {
        // In response to the first bytes, whatever they are.
        let _asked = stream.read(&mut [0; 4_096]).await?;
        return stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n<html>Sign in</html>").await;
    }
    state.tunnels.lock().unwrap_or_else(PoisonError::into_inner).push(host);
    relay(state, stream, faults).await
}

/// Passes bytes to and fro.
async fn relay<S>(
    state: &State,
    mut stream: S,
    mut faults: watch::Receiver<Option<ProxyFault>>,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let (mut near, far) = duplex(PIPE_BYTES);
    state.exchange.attach(far);
    let mut cuts = state.cuts.subscribe();
    let copying = copy_bidirectional(&mut stream, &mut near);
    tokio::pin!(copying);
    loop {
        let is_hole = *faults.borrow_and_update() == Some(ProxyFault::BlackHole);
        tokio::select! {
            biased;
            _ = cuts.changed() => return Ok(()),
            changed = faults.changed() => changed.map_err(io::Error::other)?,
            ended = &mut copying, if !is_hole => return ended.map(drop),
        }
    }
}

/// Reads a CONNECT request and answers it; returns the host if a tunnel is open.
async fn connect<S>(
    state: &State,
    stream: &mut S,
    fault: Option<ProxyFault>,
    first: u8,
) -> io::Result<Option<String>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut head = vec![first];
    while !head.ends_with(b"\r\n\r\n") && head.len() < MAX_HEAD_BYTES {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let host = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next());
    let wanted = state.login.map(|(name, password)| {
        format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{password}")))
    });
    let has_login = wanted.is_none_or(|wanted| {
        let mut headers = head.lines().filter_map(|line| line.split_once(": "));
        headers.any(|(name, value)| {
            name.eq_ignore_ascii_case("proxy-authorization") && value == wanted
        })
    });
    let status = match (host, fault) {
        (None, _) => "405 Method Not Allowed",
        (Some(_), Some(ProxyFault::Forbid)) => "403 Forbidden",
        (Some(_), Some(ProxyFault::Unreachable)) => "502 Bad Gateway",
        (Some(_), _) if !has_login => "407 Proxy Authentication Required",
        (Some(host), _) => {
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
            return Ok(Some(host.to_owned()));
        }
    };
    let page = "<html>\u{1b}[31mno</html>";
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{page}", page.len());
    stream.write_all(answer.as_bytes()).await?;
    Ok(None)
}

/// Does a SOCKS 5 handshake (RFC 1928, RFC 1929); returns the host if a tunnel is open.
async fn socks<S>(
    state: &State,
    stream: &mut S,
    fault: Option<ProxyFault>,
) -> io::Result<Option<String>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let methods = short(stream).await?;
    let method = if state.login.is_some() { PASSWORD } else { NO_LOGIN };
    if !methods.contains(&method) {
        stream.write_all(&[SOCKS, NOTHING_ACCEPTABLE]).await?;
        return Ok(None);
    }
    stream.write_all(&[SOCKS, method]).await?;
    if let Some((name, password)) = state.login {
        let _version = stream.read_u8().await?;
        let given = (short(stream).await?, short(stream).await?);
        let good = given == (name.as_bytes().to_vec(), password.as_bytes().to_vec());
        stream.write_all(&[1, u8::from(!good)]).await?;
        if !good {
            return Ok(None);
        }
    }
    let mut request = [0; 4];
    stream.read_exact(&mut request).await?;
    let [_, _, _, kind] = request;
    let host = match kind {
        1 => std::net::Ipv4Addr::from(stream.read_u32().await?).to_string(),
        4 => format!("[{}]", std::net::Ipv6Addr::from(stream.read_u128().await?)),
        _ => String::from_utf8_lossy(&short(stream).await?).into_owned(),
    };
    let port = stream.read_u16().await?;
    let reply = match fault {
        Some(ProxyFault::Forbid) => 2,
        Some(ProxyFault::Unreachable) => 4,
        _ => 0,
    };
    stream.write_all(&[SOCKS, reply, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    Ok((reply == 0).then(|| format!("{host}:{port}")))
}

/// Reads bytes whose number stands before them.
async fn short<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(stream.read_u8().await?)];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}
