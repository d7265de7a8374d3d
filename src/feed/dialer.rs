//! [`NetDialer`]: from an origin to a byte stream over the network: name lookup, TCP, a proxy where one is
//! set, and TLS, which ends at the exchange whatever lies between. An error names the step that failed.

use std::fmt;
use std::future::{Future, pending};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_rustls::TlsConnector;

use super::observed::{Observed, Passed};
use super::progress::{Progress, Step};
use super::proxy::{Proxy, ProxyRule};
use super::transport::{BoxIo, Dial, DialError, Target};
use crate::domain::{LinkFault, Obstacle};

/// How long an address has before the next one is tried in parallel (RFC 8305, section 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// Names and sockets: the system's, or those of a test.
pub trait Network: Send + Sync + fmt::Debug {
    /// Looks a host up; an address is its own.
    fn resolve<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>>;

    /// Connects to an address.
    fn connect(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<BoxIo>>;
}

/// The network of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNetwork;

impl Network for SystemNetwork {
    fn resolve<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }

    fn connect(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<BoxIo>> {
        Box::pin(async move {
            let tcp = TcpStream::connect(address).await?;
            tcp.set_nodelay(true)?;
            Ok(Box::new(tcp) as BoxIo)
        })
    }
}

/// Dials over the network.
pub struct NetDialer {
    tls: TlsConnector,
    proxies: ProxyRule,
    network: Arc<dyn Network>,
    families: Arc<Families>,
}

impl NetDialer {
    /// Returns a dialer that verifies certificates with `tls` and uses no proxy.
    pub fn new(tls: Arc<ClientConfig>) -> Self {
        Self {
            tls: TlsConnector::from(tls),
            proxies: ProxyRule::default(),
            network: Arc::new(SystemNetwork),
            families: Arc::default(),
        }
    }

    /// Returns the dialer with proxies.
    #[must_use]
    pub fn with_proxies(self, proxies: ProxyRule) -> Self {
        Self { proxies, ..self }
    }

    /// Returns the dialer on another network.
    #[must_use]
    pub fn with_network(self, network: Arc<dyn Network>) -> Self {
        Self { network, ..self }
    }

    async fn open(&self, target: &Target, progress: &Progress) -> Result<BoxIo, DialError> {
        let proxy = self.proxies.of(target);
        let (tcp, mut trial) = match &proxy {
            Some(proxy) => self.through(proxy, target, progress).await?,
            None => self.connect(&target.host, target.port, progress, None).await?,
        };
        let io = if target.tls {
            let step = match &proxy {
                Some(proxy) => {
                    Step::from(format!("TLS handshake through {proxy}")).blaming(Obstacle::Proxy)
                }
                None => Step::from("TLS handshake").blaming(LinkFault::Handshake),
            };
            trial.ask();
            let tls = self.encrypt(tcp, &target.host, step, progress).await;
            trial.is_open = false;
            tls?
        } else {
            tcp
        };
        Ok(Box::new(Observed::new(io, move |passed: Passed<'_>| match passed {
            Passed::Sent => trial.ask(),
            Passed::Heard(_) => trial.pass(),
        })))
    }

    async fn encrypt(
        &self,
        tcp: BoxIo,
        host: &str,
        step: Step,
        progress: &Progress,
    ) -> Result<BoxIo, DialError> {
        progress.begin(step.clone());
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error| DialError::new(step.clone(), error))?;
        match self.tls.connect(name, tcp).await {
            Ok(tls) => {
                progress.secured(tls.get_ref().1);
                Ok(Box::new(tls))
            }
            Err(error) => {
                let blamed = match of_tls(&error) {
                    // Through a proxy it is the proxy that answers in the exchange's place.
                    Some(obstacle) if step.fault() == Some(LinkFault::Handshake) => {
                        step.blaming(obstacle)
                    }
                    Some(_) | None => step,
                };
                Err(DialError::of_handshake(blamed, &error))
            }
        }
    }

    /// Connects to a host, which is the proxy's where there is one.
    async fn connect(
        &self,
        host: &str,
        port: u16,
        progress: &Progress,
        proxy: Option<&Proxy>,
    ) -> Result<(BoxIo, Trial), DialError> {
        let addresses = self.resolve(host, port, progress, proxy).await?;
        let step = step_of(proxy, "TCP connect");
        progress.begin(step.clone());
        let (io, peer) = first_of(&self.families.order(&addresses), |address| async move {
            Ok((self.network.connect(address).await?, address))
        })
        .await
        .ok_or_else(|| DialError::new(step_of(proxy, "name lookup"), "no address"))?
        .map_err(|error: io::Error| DialError::new(step, error))?;
        if proxy.is_none() {
            progress.connected(peer);
        }
        let (families, is_ipv4) = (Arc::clone(&self.families), peer.is_ipv4());
        Ok((io, Trial { families, is_ipv4, is_open: false, is_over: false }))
    }

    async fn resolve(
        &self,
        host: &str,
        port: u16,
        progress: &Progress,
        proxy: Option<&Proxy>,
    ) -> Result<Vec<SocketAddr>, DialError> {
        let step = step_of(proxy, "name lookup");
        progress.begin(step.clone());
        let found = self.network.resolve(host, port).await;
        let addresses = found.map_err(|error| DialError::new(step, error))?;
        if proxy.is_none() {
            progress.found(&addresses);
        }
        Ok(addresses)
    }

    /// Opens a tunnel to `target` through a proxy. The name is resolved there, unless the proxy takes
    /// addresses only: then every address has its own tunnel, as if it were reached straight.
    async fn through(
        &self,
        proxy: &Proxy,
        target: &Target,
        progress: &Progress,
    ) -> Result<(BoxIo, Trial), DialError> {
        if proxy.resolves() {
            return self.tunnel(proxy, &target.host, target.port, progress).await;
        }
        let addresses = self.resolve(&target.host, target.port, progress, None).await?;
        let addresses = interleave(&addresses);
        first_of(&addresses, |address| async move {
            self.tunnel(proxy, &address.ip().to_string(), address.port(), progress).await
        })
        .await
        .ok_or_else(|| DialError::new(step_of(None, "name lookup"), "no address"))?
    }

    async fn tunnel(
        &self,
        proxy: &Proxy,
        host: &str,
        port: u16,
        progress: &Progress,
    ) -> Result<(BoxIo, Trial), DialError> {
        let (proxy_host, proxy_port) = proxy.address();
        let (tcp, trial) = self.connect(proxy_host, proxy_port, progress, Some(proxy)).await?;
        let step = step_of(Some(proxy), proxy.step());
        progress.begin(step.clone());
        let tunnel = proxy.handshake(tcp, host, port).await;
        tunnel.map(|io| (io, trial)).map_err(|reason| DialError::new(step, reason))
    }
}

/// Returns a step, which is the proxy's where there is one, and the proxy's fault.
fn step_of(proxy: Option<&Proxy>, name: &'static str) -> Step {
    match proxy {
        Some(proxy) => Step::from(format!("{proxy}: {name}")).blaming(Obstacle::Proxy),
        None if name == "name lookup" => Step::from(name).blaming(Obstacle::Names),
        None => Step::from(name).blaming(LinkFault::Unreachable),
    }
}

/// Returns what a failed TLS handshake tells: something answered that is not the exchange.
fn of_tls(error: &io::Error) -> Option<Obstacle> {
    let error = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    matches!(error, rustls::Error::InvalidCertificate(_) | rustls::Error::InvalidMessage(_))
        .then_some(Obstacle::Certificate)
}

/// Which family of addresses goes last: the one over which a connection last came to nothing. A family can
/// let connections be made, and lose everything that is sent over them.
#[derive(Debug, Default)]
struct Families(Mutex<Option<bool>>);

impl Families {
    /// Returns addresses in the order in which they are tried.
    fn order(&self, addresses: &[SocketAddr]) -> Vec<SocketAddr> {
        let mut ordered = interleave(addresses);
        if let Some(is_ipv4) = *self.last() {
            ordered.sort_by_key(|address| address.is_ipv4() == is_ipv4);
        }
        ordered
    }

    fn last(&self) -> MutexGuard<'_, Option<bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection whose family is on trial: if it ends before the first response, that family goes last.
#[derive(Debug)]
struct Trial {
    families: Arc<Families>,
    is_ipv4: bool,
    /// Something was asked for, and there was no response yet.
    is_open: bool,
    /// There was a response: what ends the connection from now on says nothing of the family.
    is_over: bool,
}

impl Trial {
    const fn ask(&mut self) {
        self.is_open = !self.is_over;
    }

    fn pass(&mut self) {
        if !self.is_over {
            (self.is_open, self.is_over) = (false, true);
            self.families.last().take_if(|last| *last == self.is_ipv4);
        }
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        if self.is_open {
            *self.families.last() = Some(self.is_ipv4);
        }
    }
}

impl fmt::Debug for NetDialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NetDialer").field("proxies", &self.proxies).finish_non_exhaustive()
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

    fn proxy_of(&self, target: &Target) -> Option<String> {
        self.proxies.proxy_of(target)
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
    let mut waiting = addresses.iter().copied();
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

#[cfg(test)]
mod tests {
    use std::future::ready;

    use rstest::rstest;
    use tokio::time::Instant;

    use super::*;

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
        let reached = first_of(&interleave(&all), |address| async move {
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
        assert_eq!(first_of(&interleave(&all), refused).await, Some(Err(all[3])));
        assert_eq!(first_of(&[], refused).await, None);
    }
}
