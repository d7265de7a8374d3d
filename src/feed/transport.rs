//! What a connection is opened by: an origin, the step that is in progress, and [`Dial`].

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use url::Url;

use super::certificate::CertificateFault;
use super::progress::{Progress, Step};
use crate::domain::LinkFault;
use crate::exchange::rest::HttpFailure;

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

    /// Returns whether it is this machine: an address of its own, or the name that always means it.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// Returns host and port as in the `Host` header.
    pub(super) fn authority(&self) -> &str {
        self.origin.split_once("://").map_or(self.origin.as_str(), |(_, authority)| authority)
    }
}

/// A step that failed, with its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{step} failed: {reason}")]
pub struct DialError {
    /// Which.
    pub step: Step,
    /// Why.
    pub reason: String,
    /// What was wrong with the certificate, where that was the reason.
    pub certificate: Option<CertificateFault>,
}

impl DialError {
    /// Returns the error of a step.
    pub fn new(step: impl Into<Step>, reason: impl fmt::Display) -> Self {
        let reason = without_number(&reason.to_string());
        Self { step: step.into(), reason, certificate: None }
    }

    /// Returns what it means for the user.
    pub fn fault(&self) -> LinkFault {
        self.step.fault().unwrap_or(LinkFault::Cut)
    }

    /// Returns the error of a TLS handshake.
    pub(super) fn of_handshake(step: Step, error: &io::Error) -> Self {
        Self { certificate: CertificateFault::of(error), ..Self::new(step, error) }
    }
}

impl From<DialError> for HttpFailure {
    fn from(error: DialError) -> Self {
        Self { text: error.to_string(), fault: error.fault() }
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

    /// Returns the proxy that streams to `target` go through, as `host:port`; `None` where they go straight.
    fn proxy_of(&self, _target: &Target) -> Option<String> {
        None
    }
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
    use super::*;

    #[test]
    fn a_reason_has_no_number_of_the_system() {
        let refused = io::Error::from_raw_os_error(111);
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
