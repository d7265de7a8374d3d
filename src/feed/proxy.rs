//! [`ProxyRule`]: which connections go through a proxy, and the handshake that opens a tunnel through it.
//!
//! Variables, exemptions and handshakes are hyper-util's. TLS begins inside the tunnel, so a proxy sees no
//! request and no key, and cannot pass for the exchange.

use std::error::Error;
use std::fmt;
use std::future::{Ready, ready};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use hyper::Uri;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use tower_service::Service;

use super::observed::{Observed, Passed};
use super::transport::{BoxIo, Target, without_number};
use crate::config::Proxies;

/// As much of a response as is kept to read its status from.
const HEAD_BYTES: usize = 64;

/// Says which connections go through which proxy.
#[derive(Debug, Default)]
pub struct ProxyRule(Option<Matcher>);

impl ProxyRule {
    /// Returns the rule of the user.
    pub fn new(proxies: &Proxies) -> Self {
        Self(
            proxies.url.as_ref().map(|url| {
                Matcher::builder().https(url.expose()).no(proxies.exempt.as_str()).build()
            }),
        )
    }

    /// Returns the proxy of a target as `host:port`, for the screen.
    pub fn proxy_of(&self, target: &Target) -> Option<String> {
        self.of(target).map(|proxy| proxy.authority())
    }

    /// Returns the proxy of a target; `None` where it is reached straight, as this machine always is.
    pub(super) fn of(&self, target: &Target) -> Option<Proxy> {
        let matcher = self.0.as_ref().filter(|_| !target.is_loopback())?;
        // The matcher knows no sockets: they go where requests go.
        Some(Proxy(matcher.intercept(&uri(&target.host, target.port)?)?))
    }
}

/// Returns the address of a host as the matcher and the handshakes take it.
fn uri(host: &str, port: u16) -> Option<Uri> {
    let brackets = if host.contains(':') { ("[", "]") } else { ("", "") };
    format!("https://{}{host}{}:{port}/", brackets.0, brackets.1).parse().ok()
}

/// A proxy. Shown as `proxy host:port`, never with its password.
pub(super) struct Proxy(Intercept);

impl Proxy {
    fn is_socks(&self) -> bool {
        self.0.uri().scheme_str().is_some_and(|scheme| scheme.starts_with("socks"))
    }

    /// Returns whether names are resolved by the proxy: by all but the one whose scheme says otherwise.
    pub(super) fn resolves(&self) -> bool {
        self.0.uri().scheme_str() != Some("socks5")
    }

    /// Returns host and port.
    pub(super) fn address(&self) -> (&str, u16) {
        let uri = self.0.uri();
        let default = if self.is_socks() { 1_080 } else { 80 };
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        (host, uri.port_u16().unwrap_or(default))
    }

    /// Returns `host:port`.
    pub(super) fn authority(&self) -> String {
        let (host, port) = self.address();
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// Returns the name of the handshake.
    pub(super) fn step(&self) -> &'static str {
        if self.is_socks() { "SOCKS handshake" } else { "CONNECT" }
    }

    /// Opens a tunnel to a host over a connection to the proxy; the error is the reason.
    pub(super) async fn handshake(
        &self,
        io: BoxIo,
        host: &str,
        port: u16,
    ) -> Result<BoxIo, String> {
        let target = uri(host, port).ok_or("the host has no valid name")?;
        let head = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&head);
        let observed = Observed::new(io, move |passed: Passed<'_>| {
            let Passed::Heard(bytes) = passed else { return };
            let mut head = heard.lock().unwrap_or_else(PoisonError::into_inner);
            let room = HEAD_BYTES.saturating_sub(head.len());
            head.extend(bytes.iter().take(room));
        });
        let opened = Opened(Some(TokioIo::new(observed)));
        let proxy = self.0.uri().clone();
        let tunnel = if self.is_socks() {
            let mut socks = SocksV5::new(proxy, opened);
            if let Some((user, password)) = self.0.raw_auth() {
                socks = socks.with_auth(user.to_owned(), password.to_owned());
            }
            socks.call(target).await.map_err(|error| socks_reason(&error))
        } else {
            let mut connect = Tunnel::new(proxy, opened);
            if let Some(login) = self.0.basic_auth() {
                connect = connect.with_auth(login.clone());
            }
            connect.call(target).await.map_err(|error| self.connect_reason(&error, &head))
        };
        tunnel.map(|tunnel| tunnel.into_inner().into_inner())
    }

    /// Returns why CONNECT failed. The status says more than the library's error.
    fn connect_reason(&self, error: &dyn Error, head: &Mutex<Vec<u8>>) -> String {
        let head = head.lock().unwrap_or_else(PoisonError::into_inner);
        match status(&head) {
            Some(407) if self.0.basic_auth().is_some() => {
                "it refuses the name and password (HTTP 407)".to_owned()
            }
            Some(407) => "it wants a name and a password (HTTP 407)".to_owned(),
            Some(403) => "it does not allow the exchange (HTTP 403)".to_owned(),
            Some(status @ 502..=504) => format!("it cannot reach the exchange (HTTP {status})"),
            Some(status) => format!("HTTP {status}"),
            None if !head.is_empty() => "it does not speak HTTP".to_owned(),
            None => error.source().map_or_else(
                || "it closed the connection".to_owned(),
                |reason| without_number(&reason.to_string()),
            ),
        }
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "proxy {}", self.authority())
    }
}

/// Returns why a SOCKS handshake failed, without the name of the library's error.
fn socks_reason(error: &dyn fmt::Display) -> String {
    let text = error.to_string();
    match text.strip_prefix("SOCKS error: ").unwrap_or(&text) {
        "credentials not accepted" => "it refuses the name and password".to_owned(),
        "server does not support user/pass authentication" => {
            "it accepts none of our ways to log in".to_owned()
        }
        "connection not allowed" => "it does not allow the exchange".to_owned(),
        reason @ ("network unreachable"
        | "host unreachable"
        | "connection refused"
        | "general server failure") => format!("it cannot reach the exchange ({reason})"),
        "io error during SOCKS handshake" => "it closed the connection".to_owned(),
        "failed parsing server response" => "it does not speak SOCKS 5".to_owned(),
        reason => reason.to_owned(),
    }
}

/// Returns the status of a response that begins with `head`.
fn status(head: &[u8]) -> Option<u16> {
    let line = head.strip_prefix(b"HTTP/1.")?;
    std::str::from_utf8(line.get(2..5)?).ok()?.parse().ok()
}

/// Hands a connection that is open already to a handshake.
struct Opened<T>(Option<T>);

impl<T> Service<Uri> for Opened<T> {
    type Response = T;
    type Error = io::Error;
    type Future = Ready<io::Result<T>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(self.0.take().ok_or_else(|| io::ErrorKind::NotConnected.into()))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::config::ProxyUrl;

    fn rule(url: &str, exempt: &str) -> ProxyRule {
        let url = Some(ProxyUrl::parse(url).unwrap());
        ProxyRule::new(&Proxies { url, exempt: exempt.to_owned() })
    }

    #[rstest]
    #[case("https://api.bitget.com", "", true)]
    #[case("wss://ws.bitget.com", "", true)]
    #[case("wss://ws.bitget.com:8443", "", true)]
    #[case("https://127.0.0.1:8700", "", false)]
    #[case("ws://127.9.9.9:1", "", false)]
    #[case("wss://[::1]:8700", "", false)]
    #[case("http://localhost:8700", "", false)]
    #[case("wss://ws.bitget.com", "bitget.com", false)]
    #[case("wss://ws.bitget.com", " example.org, .BITGET.com", false)]
    #[case("wss://ws.bitget.com", "*", false)]
    #[case("wss://ws.bitget.com", "get.com", true)]
    #[case("https://203.0.113.7", "203.0.113.0/24", false)]
    #[case("https://[2001:db8::1]", "2001:db8::/32", false)]
    #[case("https://[2001:db8::1]", "", true)]
    fn hosts_are_exempt_as_in_curl_and_loopback_always(
        #[case] origin: &str,
        #[case] exempt: &str,
        #[case] proxied: bool,
    ) {
        let target = Target::parse(origin).unwrap();
        let proxy = rule("http://user:canary@proxy.example", exempt).proxy_of(&target);
        assert_eq!(proxy.as_deref(), proxied.then_some("proxy.example:80"));
        assert_eq!(ProxyRule::default().proxy_of(&target), None);
    }

    #[rstest]
    #[case("http://user:canary@10.0.0.1:3128", "10.0.0.1:3128", "CONNECT", true)]
    #[case("socks5://user:canary@[::1]", "[::1]:1080", "SOCKS handshake", false)]
    #[case("socks5h://user:canary@proxy.example:9", "proxy.example:9", "SOCKS handshake", true)]
    fn a_proxy_is_shown_without_its_login(
        #[case] url: &str,
        #[case] authority: &str,
        #[case] step: &str,
        #[case] resolves: bool,
    ) {
        let rule = rule(url, "");
        let proxy = rule.of(&Target::parse("wss://ws.bitget.com").unwrap()).unwrap();
        assert_eq!(proxy.to_string(), format!("proxy {authority}"));
        assert_eq!((proxy.step(), proxy.resolves()), (step, resolves));
        let shown = format!("{rule:?}");
        assert!(!shown.contains("canary") && !shown.contains("user"), "{shown}");
    }
}
