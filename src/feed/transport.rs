//! From an origin to a byte stream: name, TCP and TLS, each step with its name in the error.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// A byte stream that a WebSocket can run over.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// Any byte stream: TCP, TLS, or a pipe in memory.
pub type BoxIo = Box<dyn Io>;

/// Where a stream goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The origin as it was given, such as `wss://ws.bitget.com`.
    pub origin: String,
    /// Host name or address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Whether it speaks TLS.
    pub tls: bool,
}

impl Target {
    /// Returns the target of an origin such as `wss://ws.bitget.com`; `None` when it is none.
    pub fn parse(origin: &str) -> Option<Self> {
        let url = reqwest::Url::parse(origin).ok()?;
        let host = url.host_str()?;
        Some(Self {
            origin: origin.trim_end_matches('/').to_owned(),
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port_or_known_default()?,
            tls: matches!(url.scheme(), "wss" | "https"),
        })
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
        Self { step, reason: reason.to_string() }
    }
}

/// Opens byte streams. The caller holds the deadline.
pub trait Dial: Send + Sync + fmt::Debug {
    /// Opens a stream to `target`; `step` is told the name of each step as it begins.
    fn dial<'a>(
        &'a self,
        target: &'a Target,
        step: &'a (dyn Fn(&'static str) + Send + Sync),
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

    async fn open(
        &self,
        target: &Target,
        step: &(dyn Fn(&'static str) + Send + Sync),
    ) -> Result<BoxIo, DialError> {
        step("name lookup");
        let addresses: Vec<_> = tokio::net::lookup_host((target.host.as_str(), target.port))
            .await
            .map_err(|error| DialError::new("name lookup", error))?
            .collect();
        step("TCP connect");
        let tcp = TcpStream::connect(addresses.as_slice())
            .await
            .map_err(|error| DialError::new("TCP connect", error))?;
        tcp.set_nodelay(true).map_err(|error| DialError::new("TCP connect", error))?;
        if !target.tls {
            return Ok(Box::new(tcp));
        }
        step("TLS handshake");
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
        step: &'a (dyn Fn(&'static str) + Send + Sync),
    ) -> BoxFuture<'a, Result<BoxIo, DialError>> {
        Box::pin(self.open(target, step))
    }
}

/// Returns the one TLS configuration of REST and streams: the bundled roots, and the certificates
/// of `extra_ca` (PEM) where given. Verification cannot be switched off.
///
/// # Errors
/// When `extra_ca` holds no certificate or one that cannot be read.
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
    use super::*;

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

    #[test]
    fn an_extra_authority_must_be_one() {
        assert!(tls_config(None).is_ok());
        assert_eq!(tls_config(Some(b"")).unwrap_err(), "no certificate in it");
        assert!(
            tls_config(Some(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
                .is_err()
        );
    }
}
