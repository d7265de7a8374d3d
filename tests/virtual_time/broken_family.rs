//! A family of addresses over which connections are made and TLS is agreed on, and nothing else ever comes.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use bitget_watch::domain::AccountKind::{self, Classic, Unified};
use bitget_watch::domain::{ProblemCode, Stream};
use bitget_watch::feed::{
    BoxIo, Dial, DialError, NetDialer, Network, Progress, Target, tls_config,
};
use bitget_watch::sim::{Entry, Fault, On, Script, SimConfig, SimServer, Stage};
use futures_util::future::BoxFuture;
use rstest::rstest;
use tokio::io::duplex;
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::rig::{Lan, Rig, Setup, VirtualClock, has_problem, pass};

const IPV6: &str = "[2001:db8::1]:443";
const IPV4: &str = "192.0.2.1:443";

/// Two families of addresses: an exchange at the end of one, and one that says nothing at that of the other.
struct Families {
    mute_is_ipv6: bool,
    mute: Arc<SimServer>,
    exchange: OnceLock<Arc<SimServer>>,
}

impl fmt::Debug for Families {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Families").finish_non_exhaustive()
    }
}

impl Network for Families {
    fn resolve<'a>(
        &'a self,
        _host: &'a str,
        _port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        let addresses = [IPV6, IPV4].map(|text| text.parse().unwrap()).to_vec();
        Box::pin(std::future::ready(Ok(addresses)))
    }

    fn connect(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<BoxIo>> {
        let (ours, theirs) = duplex(1 << 16);
        let is_mute = address.is_ipv6() == self.mute_is_ipv6;
        let server = if is_mute { &self.mute } else { self.exchange.get().unwrap() };
        server.attach(theirs);
        Box::pin(std::future::ready(Ok(Box::new(ours) as BoxIo)))
    }
}

/// The program's own dialer, made when the authority of the exchange is known, and with TLS to whatever is
/// asked for.
#[derive(Debug)]
struct WithTls {
    families: Arc<Families>,
    target: Target,
    dialer: OnceLock<NetDialer>,
}

impl Lan for WithTls {
    fn connect(&self, exchange: &Arc<SimServer>) {
        let authorities = [exchange, &self.families.mute].map(|of| of.authority_pem().unwrap());
        let tls = tls_config(Some(authorities.concat().as_bytes())).unwrap();
        self.families.exchange.set(Arc::clone(exchange)).unwrap();
        let network = Arc::clone(&self.families) as Arc<dyn Network>;
        self.dialer.set(NetDialer::new(tls).with_network(network)).unwrap();
    }
}

impl Dial for WithTls {
    fn dial<'a>(
        &'a self,
        _target: &'a Target,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Result<BoxIo, DialError>> {
        self.dialer.get().unwrap().dial(&self.target, progress)
    }
}

async fn setup(kind: AccountKind, mute_is_ipv6: bool) -> Setup {
    let stall = |at| Entry::now(Fault::Stall { at }).on(On::All);
    let steps = vec![stall(Stage::Upgrade), stall(Stage::Headers)];
    let config = SimConfig { script: Some(Script { seed: 5, steps }), ..SimConfig::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let clock = Arc::new(VirtualClock(Instant::now(), 0));
    let mute = Arc::new(SimServer::start(listener, config, clock).unwrap());
    let families = Arc::new(Families { mute_is_ipv6, mute, exchange: OnceLock::new() });
    let target = Target::parse("https://exchange.test").unwrap();
    let lan = Arc::new(WithTls { families, target, dialer: OnceLock::new() });
    let mut setup = Setup::new(kind, 5).on(Arc::clone(&lan) as Arc<dyn Lan>, lan);
    setup.sim.plain = false;
    setup
}

/// That the handshake ended well is no proof: a family is good when something was said over it. It costs each
/// link one deadline, and once; what is connected later begins with the other family.
#[rstest]
#[case::ipv6(true, 30)]
#[case::ipv4(false, 10)]
#[tokio::test(start_paused = true)]
async fn fc_11_a_family_that_is_silent_after_tls_is_left(
    #[case] mute_is_ipv6: bool,
    #[case] within: u64,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = Rig::start(setup(kind, mute_is_ipv6).await).await;
    rig.until_complete(within).await;
    pass(70_000).await;
    rig.sim.cut();
    pass(3_000).await;
    assert!(rig.report().complete, "{:#?}", rig.report().links);
    assert!(!has_problem(&rig, ProblemCode::NetworkBlocked));
}

/// While it lasts the links say which step it was that did not end: not the name, and not TLS.
#[rstest]
#[tokio::test(start_paused = true)]
async fn a_family_that_is_silent_after_tls_is_told_by_its_step(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = Rig::start(setup(kind, true).await).await;
    pass(10_500).await;
    let told = |stream| {
        rig.state(|state| {
            let link = state.links.iter().find(|link| link.stream == stream).unwrap();
            link.last_error.as_ref().map(ToString::to_string)
        })
    };
    assert_eq!(told(Stream::Rest).as_deref(), Some("request did not end within 8 s"));
    assert_eq!(told(Stream::WsPublic).as_deref(), Some("upgrade did not end within 10 s"));
}
