//! Every kind of proxy, healthy and sick, between the feed and the exchange.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};

use bitget_watch::config::{Proxies, ProxyUrl};
use bitget_watch::domain::AccountKind::{self, Classic, Unified};
use bitget_watch::domain::{LinkState, ProblemCode, Stream};
use bitget_watch::feed::{BoxIo, Command, NetDialer, Network, ProxyRule, tls_config};
use bitget_watch::report::json;
use bitget_watch::sim::{Entry, Fault, On, ProxyFault, ProxyLogin, SimProxy, SimServer};
use bitget_watch::store::Problem;
use futures_util::future::BoxFuture;
use rstest::rstest;
use tokio::io::duplex;

use super::rig::{Lan, Rig, Setup, has_problem, live, pass};

const LOGIN: ProxyLogin = ("user-canary", "pass:w@rd-canary");
/// The proxy with that login, percent-encoded.
const ADDRESS: &str = "user-canary:pass%3Aw%40rd-canary@proxy.test:3128";
/// Where the name of the proxy leads.
const PROXY: &str = "192.0.2.1:3128";
/// Where the name of the exchange leads, for who asks.
const EXCHANGE: &str = "203.0.113.1:80";

/// A network on which nothing but a proxy can be reached.
#[derive(Default)]
struct ProxyLan {
    proxy: OnceLock<SimProxy>,
    names: Mutex<Vec<String>>,
}

impl fmt::Debug for ProxyLan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyLan").finish_non_exhaustive()
    }
}

impl Lan for ProxyLan {
    fn connect(&self, exchange: &Arc<SimServer>) {
        self.proxy.set(SimProxy::new(Arc::clone(exchange), Some(LOGIN))).unwrap();
    }
}

impl ProxyLan {
    fn proxy(&self) -> &SimProxy {
        self.proxy.get().unwrap()
    }

    /// Returns whether the name of the exchange was ever looked up here.
    fn looked_up(&self, host: &str) -> bool {
        self.names.lock().unwrap().iter().any(|name| name == host)
    }
}

impl Network for ProxyLan {
    fn resolve<'a>(
        &'a self,
        host: &'a str,
        _port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        self.names.lock().unwrap().push(host.to_owned());
        let address = if host == "proxy.test" { PROXY } else { EXCHANGE };
        Box::pin(std::future::ready(Ok(vec![address.parse().unwrap()])))
    }

    fn connect(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<BoxIo>> {
        assert_eq!(address.to_string(), PROXY, "nothing goes past the proxy");
        let (ours, theirs) = duplex(1 << 16);
        self.proxy().attach(theirs);
        Box::pin(std::future::ready(Ok(Box::new(ours) as BoxIo)))
    }
}

/// Returns a rig whose connections, of requests and of sockets, go through the proxy of this address.
fn setup(kind: AccountKind, url: &str) -> (Setup, Arc<ProxyLan>) {
    let lan = Arc::new(ProxyLan::default());
    let proxies =
        Proxies { url: Some(ProxyUrl::parse(url).unwrap()), exempt: "localhost".to_owned() };
    let dialer = NetDialer::new(tls_config(None).unwrap())
        .with_proxies(ProxyRule::new(&proxies))
        .with_network(Arc::clone(&lan) as Arc<dyn Network>);
    let shown = format!("{dialer:?} {proxies:?}");
    assert!(!shown.contains("canary"), "{shown}");
    let setup = Setup::new(kind, 5).on(Arc::clone(&lan) as Arc<dyn Lan>, Arc::new(dialer));
    (setup, lan)
}

fn last_error(rig: &Rig, stream: usize) -> String {
    rig.state(|state| state.links[stream].last_error.as_ref().map(ToString::to_string))
        .unwrap_or_default()
}

#[rstest]
#[case("http", true)]
#[case("socks5h", true)]
#[case("socks5", false)]
#[tokio::test(start_paused = true)]
async fn both_links_go_through_a_proxy_and_recover_from_its_cuts(
    #[case] scheme: &str,
    #[case] resolves: bool,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let (setup, lan) = setup(kind, &format!("{scheme}://{ADDRESS}"));
    let rig = live(setup).await;
    let tunnels = lan.proxy().tunnels();
    let host = if resolves { "sim:80" } else { EXCHANGE };
    assert!(tunnels.len() >= 3 && tunnels.iter().all(|asked| asked == host), "{tunnels:?}");
    assert_eq!(lan.looked_up("sim"), !resolves, "names are the proxy's business, or ours");
    pass(70_000).await;
    for _ in 0..3 {
        lan.proxy().cut();
        pass(3_000).await;
        assert!(rig.report().complete, "{:#?}", rig.report().links);
        pass(62_000).await;
    }
    let links = rig.store.snapshot().links;
    assert!(links.iter().all(|link| link.state == LinkState::Live), "{links:#?}");
    assert!(links.iter().skip(1).all(|link| link.reconnects == 3), "{links:#?}");
}

#[rstest]
#[case("http", ProxyFault::Forbid, "CONNECT failed: it does not allow the exchange (HTTP 403)")]
#[case("http", ProxyFault::Unreachable, "CONNECT failed: it cannot reach the exchange (HTTP 502)")]
#[case("http", ProxyFault::Silent, "CONNECT did not end within")]
#[case("http", ProxyFault::Close, "CONNECT failed: it closed the connection")]
#[case("http", ProxyFault::Garbage, "CONNECT failed: it does not speak HTTP")]
#[case("socks5h", ProxyFault::Forbid, "SOCKS handshake failed: it does not allow the exchange")]
#[case(
    "socks5",
    ProxyFault::Unreachable,
    "SOCKS handshake failed: it cannot reach the exchange (host unreachable)"
)]
#[case("socks5h", ProxyFault::Silent, "SOCKS handshake did not end within")]
#[case("socks5h", ProxyFault::Close, "SOCKS handshake failed: it closed the connection")]
#[case("socks5", ProxyFault::Garbage, "SOCKS handshake failed: it does not speak SOCKS 5")]
#[tokio::test(start_paused = true)]
async fn the_fault_of_a_proxy_is_named_as_its_own_and_passes(
    #[case] scheme: &str,
    #[case] fault: ProxyFault,
    #[case] reason: &str,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let (setup, lan) = setup(kind, &format!("{scheme}://{ADDRESS}"));
    let rig = live(setup).await;
    lan.proxy().set_fault(Some(fault));
    lan.proxy().cut();
    pass(25_000).await;
    for stream in 0..3 {
        let error = last_error(&rig, stream);
        let expected = format!("proxy proxy.test:3128: {reason}");
        assert!(error.starts_with(&expected), "{error}\n{expected}");
    }
    assert!(rig.link(Stream::Rest) != LinkState::Live);
    let problems = rig.report().problems;
    let told = |problem: &&Problem| {
        let text = problem.text.as_str();
        problem.code == ProblemCode::NetworkBlocked
            && text.contains("proxy proxy.test:3128: ")
            && text.ends_with("check the proxy, and network.proxy or HTTPS_PROXY which names it")
    };
    assert_eq!(problems.iter().filter(told).count(), 3, "{problems:#?}");
    assert_no_canary(&rig);
    lan.proxy().set_fault(None);
    rig.until_complete(40).await;
    assert!(!has_problem(&rig, ProblemCode::NetworkBlocked));
}

#[rstest]
#[case("http://proxy.test:3128", "CONNECT failed: it wants a name and a password (HTTP 407)")]
#[case(
    "http://user:other-canary@proxy.test:3128",
    "CONNECT failed: it refuses the name and password (HTTP 407)"
)]
#[case(
    "socks5h://proxy.test:3128",
    "SOCKS handshake failed: it accepts none of our ways to log in"
)]
#[case(
    "socks5h://user:other-canary@proxy.test:3128",
    "SOCKS handshake failed: it refuses the name and password"
)]
#[tokio::test(start_paused = true)]
async fn a_wrong_login_at_the_proxy_is_not_blamed_on_the_key(
    #[case] url: &str,
    #[case] reason: &str,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let (setup, _lan) = setup(kind, url);
    let rig = Rig::start(setup).await;
    pass(10_000).await;
    for stream in 0..3 {
        let error = last_error(&rig, stream);
        assert!(error.ends_with(&format!("proxy proxy.test:3128: {reason}")), "{error}");
    }
    let problems = rig.report().problems;
    let blames_key = problems.iter().any(|problem| problem.code.to_string().starts_with("key"));
    assert!(!blames_key, "{problems:?}");
    assert_no_canary(&rig);
}

/// A key that is bound to addresses must list the proxy's, which is the one that the exchange sees.
#[rstest]
#[tokio::test(start_paused = true)]
async fn a_refused_address_is_told_as_the_proxy_s(#[values(Classic, Unified)] kind: AccountKind) {
    let (setup, _lan) = setup(kind, &format!("http://{ADDRESS}"));
    let rig = live(setup).await;
    rig.sim.inject(Entry::now(Fault::Code { code: "40018".into(), status: 400 }).on(On::Rest));
    pass(30_000).await;
    let problems = rig.report().problems;
    let refused = problems.iter().find(|problem| problem.code == ProblemCode::KeyRefused).unwrap();
    let expected = "address not allowed for the key: add the address of the proxy \
        proxy.test:3128 to the key's IP whitelist";
    assert!(refused.text.as_str().starts_with(expected), "{refused:?}");
    rig.sim.heal();
    rig.controls.send(Command::Refetch);
    rig.until_complete(40).await;
}

/// Nothing passes any more, and no connection ends: as if the proxy's machine had lost its power.
#[rstest]
#[tokio::test(start_paused = true)]
async fn a_proxy_that_turns_into_a_black_hole_makes_the_data_stale_until_it_is_back(
    #[values("http", "socks5h")] scheme: &str,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let (setup, lan) = setup(kind, &format!("{scheme}://{ADDRESS}"));
    let rig = live(setup).await;
    lan.proxy().set_fault(Some(ProxyFault::BlackHole));
    pass(30_000).await;
    assert!(
        rig.is_stale(|report| report.ticker.age) && rig.is_stale(|report| report.positions.age)
    );
    assert!(rig.report().links.iter().all(|link| link.state != LinkState::Live));
    let error = last_error(&rig, 1);
    assert!(error.starts_with("proxy proxy.test:3128: "), "{error}");
    lan.proxy().set_fault(None);
    rig.until_complete(30).await;
}

fn assert_no_canary(rig: &Rig) {
    let shown = json::to_string(&rig.report()).unwrap();
    let state = format!("{:?}", rig.store.snapshot());
    assert!(!shown.contains("-canary@") && !shown.contains("other-canary"));
    assert!(!state.contains("rd-canary") && !state.contains("other-canary"));
}
