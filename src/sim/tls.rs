//! Certificates that are generated at startup: an authority, and a leaf for the loopback names.

use std::io;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;

/// Names and addresses that the leaf is valid for. Loopback never goes through a proxy, so a name and an address
/// are not of it.
const NAMES: [&str; 5] = ["localhost", "127.0.0.1", "::1", "exchange.test", "192.0.2.1"];

/// The server's configuration, and the authority that a client must trust.
#[derive(Debug)]
pub(super) struct Certificates {
    pub(super) server: Arc<ServerConfig>,
    /// The authority as PEM: for `extra_ca_file`.
    pub(super) authority_pem: String,
}

/// Generates an authority and a leaf signed by it.
pub(super) fn generate() -> io::Result<Certificates> {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "bitget-watch embedded exchange");
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let authority = CertifiedIssuer::self_signed(authority, key).map_err(io::Error::other)?;

    let names = NAMES.map(str::to_owned);
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let leaf = CertificateParams::new(names)
        .and_then(|leaf| leaf.signed_by(&key, &authority))
        .map_err(io::Error::other)?;
    let private = PrivateKeyDer::try_from(key.serialize_der()).map_err(io::Error::other)?;
    let server =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], private)
            .map_err(io::Error::other)?;
    Ok(Certificates { server: Arc::new(server), authority_pem: authority.pem() })
}
