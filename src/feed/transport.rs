//! From an origin to a byte stream: name lookup, TCP and TLS; an error names the step that failed.

use std::fmt;
use std::future::{Future, pending};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_rustls::TlsConnector;
use url::Url;

/// How long an address has before the next one is tried in parallel (RFC 8305, section 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// A byte stream that HTTP or a WebSocket can run over.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// Any byte stream: TCP, TLS, or a pipe in memory.
pub type BoxIo = Box<dyn Io>;

/// Where a stream connects to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The origin as configured, such as `wss://ws.bitget.com`.
    pub origin: String,
    /// Host name or address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Whether it speaks TLS.
    pub tls: bool,
}

impl Target {
    /// Returns the target of an origin such as `wss://ws.bitget.com`; `None` when that is invalid.
    pub fn parse(origin: &str) -> Option<Self> {
        let url = Url::parse(origin).ok()?;
        let host = url.host_str()?;
        Some(Self {
            origin: origin.trim_end_matches('/').to_owned(),
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port_or_known_default()?,
            tls: matches!(url.scheme(), "wss" | "https"),
        })
    }

    /// Returns host and port as in the `Host` header.
    pub(super) fn authority(&self) -> &str {
        self.origin.split_once("://").map_or(self.origin.as_str(), |(_, authority)| authority)
    }
}

/// The step that is in progress, for the message when a deadline passes.
#[derive(Debug)]
pub struct Progress(Mutex<&'static str>);

impl Default for Progress {
    fn default() -> Self {
        Self(Mutex::new("connecting"))
    }
}

impl Progress {
    /// Records the name of a step as it begins.
    pub fn begin(&self, step: &'static str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = step;
    }

    /// Returns the message for a step that had not ended when `deadline` was over.
    pub(super) fn timed_out(&self, deadline: Duration) -> String {
        let step = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        format!("{step} did not end within {} s", deadline.as_secs_f32())
    }
}

/// A step that failed, with its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{step} failed: {reason}")]
pub struct DialError {
    /// `name lookup`, `TCP connect` or `TLS handshake`.
    pub step: &'static str,
    /// Why.
    pub reason: String,
}

impl DialError {
    /// Returns the error of a step.
    pub fn new(step: &'static str, reason: impl fmt::Display) -> Self {
        Self { step, reason: without_number(&reason.to_string()) }
    }
}

/// Returns the reason of a failure without the number that the system gives it, which says nothing to the user:
/// `Connection refused (os error 111)` is `Connection refused`.
pub(super) fn without_number(reason: &str) -> String {
    let Some((words, rest)) = reason.split_once(" (os error ") else { return reason.to_owned() };
    let after = rest.split_once(')').map_or("", |(_, after)| after);
    format!("{words}{after}")
}

/// Opens byte streams. Deadlines are the caller's.
pub trait Dial: Send + Sync + fmt::Debug {
    /// Opens a stream to `target`; `progress` records each step as it begins.
    fn dial<'a>(
        &'a self,
        target: &'a Target,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Result<BoxIo, DialError>>;
}

/// Dials over the network.
pub struct NetDialer {
    tls: TlsConnector,
}

impl NetDialer {
    /// Returns a dialer that verifies certificates with `tls`.
    pub fn new(tls: Arc<ClientConfig>) -> Self {
        Self { tls: TlsConnector::from(tls) }
    }

    async fn open(&self, target: &Target, progress: &Progress) -> Result<BoxIo, DialError> {
        progress.begin("name lookup");
        let addresses: Vec<_> = tokio::net::lookup_host((target.host.as_str(), target.port))
            .await
            .map_err(|error| DialError::new("name lookup", error))?
            .collect();
        progress.begin("TCP connect");
        let tcp = first_of(&addresses, TcpStream::connect)
            .await
            .ok_or_else(|| DialError::new("name lookup", "no address"))?
            .map_err(|error| DialError::new("TCP connect", error))?;
        tcp.set_nodelay(true).map_err(|error| DialError::new("TCP connect", error))?;
        if !target.tls {
            return Ok(Box::new(tcp));
        }
        progress.begin("TLS handshake");
        let name = ServerName::try_from(target.host.clone())
            .map_err(|error| DialError::new("TLS handshake", error))?;
        let tls = self
            .tls
            .connect(name, tcp)
            .await
            .map_err(|error| DialError::new("TLS handshake", error))?;
        Ok(Box::new(tls))
    }
}

impl fmt::Debug for NetDialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NetDialer").finish_non_exhaustive()
    }
}

impl Dial for NetDialer {
    fn dial<'a>(
        &'a self,
        target: &'a Target,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Result<BoxIo, DialError>> {
        Box::pin(self.open(target, progress))
    }
}

/// Connects to the address that responds first. Each gets a head start before the next; after a failure
/// the next one is tried at once. If all fail, returns the last error; `None` without an address.
async fn first_of<T, E, F>(
    addresses: &[SocketAddr],
    connect: impl Fn(SocketAddr) -> F,
) -> Option<Result<T, E>>
where
    F: Future<Output = Result<T, E>>,
{
    let mut waiting = interleave(addresses).into_iter();
    let mut running = FuturesUnordered::new();
    let mut failed = None;
    loop {
        running.extend(waiting.next().map(&connect));
        if running.is_empty() {
            return failed;
        }
        let head_start = async {
            if waiting.len() == 0 {
                pending::<()>().await;
            }
            sleep(HEAD_START).await;
        };
        tokio::select! {
            biased;
            Some(ended) = running.next() => match ended {
                Ok(stream) => return Some(Ok(stream)),
                Err(error) => failed = Some(Err(error)),
            },
            () = head_start => {}
        }
    }
}

/// Interleaves the two address families, that of the first address leading (RFC 8305, section 4): an
/// unreachable family costs one head start.
fn interleave(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let first_is_ipv4 = addresses.first().is_some_and(SocketAddr::is_ipv4);
    let leads = |address: &SocketAddr| address.is_ipv4() == first_is_ipv4;
    let (leading, others): (Vec<_>, Vec<_>) = addresses.iter().copied().partition(leads);
    let mut interleaved = Vec::with_capacity(addresses.len());
    for index in 0..leading.len().max(others.len()) {
        interleaved.extend(leading.get(index).copied());
        interleaved.extend(others.get(index).copied());
    }
    interleaved
}

/// Returns the TLS configuration of REST and streams: the bundled roots, and the certificates of
/// `extra_ca` (PEM) where given. Verification cannot be switched off.
///
/// # Errors
/// When `extra_ca` has no certificate or an unreadable one.
pub fn tls_config(extra_ca: Option<&[u8]>) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(pem) = extra_ca {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| format!("not a PEM file: {error}"))?;
            roots.add(certificate).map_err(|error| format!("not a CA certificate: {error}"))?;
        }
        if roots.len() == before {
            return Err("no certificate in it".to_owned());
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use rstest::rstest;
    use tokio::time::Instant;

    use super::*;

    #[test]
    fn a_reason_has_no_number_of_the_system() {
        let refused = std::io::Error::from_raw_os_error(111);
        let error = DialError::new("TCP connect", refused);
        assert_eq!(error.to_string(), "TCP connect failed: Connection refused");
        assert_eq!(without_number("a (os error 1), b"), "a, b");
        assert_eq!(without_number("closed"), "closed");
    }

    #[test]
    fn reads_origins() {
        let target = |origin| {
            let target = Target::parse(origin).unwrap();
            (target.host, target.port, target.tls)
        };
        assert_eq!(target("wss://ws.bitget.com"), ("ws.bitget.com".to_owned(), 443, true));
        assert_eq!(target("ws://127.0.0.1:8700"), ("127.0.0.1".to_owned(), 8700, false));
        assert_eq!(target("wss://[::1]:9/"), ("::1".to_owned(), 9, true));
        assert_eq!(Target::parse("nonsense"), None);
    }

    const V6: [&str; 2] = ["[2001:db8::1]:443", "[2001:db8::2]:443"];
    const V4: [&str; 2] = ["192.0.2.1:443", "192.0.2.2:443"];

    fn addresses<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<SocketAddr> {
        texts.into_iter().map(|text| text.parse().unwrap()).collect()
    }

    #[rstest]
    #[case(&[V6[0], V6[1], V4[0], V4[1]], &[V6[0], V4[0], V6[1], V4[1]])]
    #[case(&[V4[0], V4[1], V6[0]], &[V4[0], V6[0], V4[1]])]
    #[case(&[V4[0]], &[V4[0]])]
    #[case(&[], &[])]
    fn address_families_are_interleaved(#[case] given: &[&str], #[case] wanted: &[&str]) {
        let interleaved = interleave(&addresses(given.iter().copied()));
        assert_eq!(interleaved, addresses(wanted.iter().copied()));
    }

    /// Connects; the IPv6 family is a black hole, refuses, or accepts.
    async fn reach(
        v6: Option<Result<u64, u64>>,
    ) -> (Option<Result<&'static str, &'static str>>, u64) {
        let began = Instant::now();
        let all = addresses(V6.into_iter().chain(V4));
        let reached = first_of(&all, |address| async move {
            match v6 {
                _ if address.is_ipv4() => {
                    sleep(Duration::from_millis(30)).await;
                    Ok("IPv4")
                }
                None => pending().await,
                Some(Ok(ms)) => {
                    sleep(Duration::from_millis(ms)).await;
                    Ok("IPv6")
                }
                Some(Err(ms)) => {
                    sleep(Duration::from_millis(ms)).await;
                    Err("unreachable")
                }
            }
        })
        .await;
        (reached, u64::try_from(began.elapsed().as_millis()).unwrap())
    }

    #[rstest]
    #[case::black_hole(None, "IPv4", 250 + 30)]
    #[case::refused(Some(Err(10)), "IPv4", 10 + 30)]
    #[case::preferred(Some(Ok(200)), "IPv6", 200)]
    #[case::slower(Some(Ok(600)), "IPv4", 250 + 30)]
    #[tokio::test(start_paused = true)]
    async fn fc_11_an_unreachable_family_costs_one_head_start(
        #[case] v6: Option<Result<u64, u64>>,
        #[case] family: &str,
        #[case] ms: u64,
    ) {
        assert_eq!(reach(v6).await, (Some(Ok(family)), ms));
    }

    #[tokio::test(start_paused = true)]
    async fn if_all_addresses_fail_the_last_error_is_returned() {
        let refused = |address: SocketAddr| ready(Err::<(), _>(address));
        let all = addresses(V6.into_iter().chain(V4));
        assert_eq!(first_of(&all, refused).await, Some(Err(all[3])));
        assert_eq!(first_of(&[], refused).await, None);
    }

    #[test]
    fn an_extra_authority_must_be_valid() {
        assert!(tls_config(None).is_ok());
        assert_eq!(tls_config(Some(b"")).unwrap_err(), "no certificate in it");
        assert!(
            tls_config(Some(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
                .is_err()
        );
    }
}
