//! Networks that lead nowhere, half way, or to something else than the exchange.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use bitget_watch::domain::AccountKind::{self, Classic, Unified};
use bitget_watch::domain::{LinkFault, LinkState, ProblemCode, Stream};
use bitget_watch::feed::{BoxIo, NetDialer, Network, tls_config};
use bitget_watch::sim::{Entry, Fault, On, SimServer};
use futures_util::future::BoxFuture;
use rstest::rstest;
use tokio::io::{DuplexStream, duplex};

use super::rig::{Lan, Rig, Setup, has_problem, live, pass};

const IPV6: &str = "[2001:db8::1]:80";
const IPV4: &str = "192.0.2.1:80";

/// What a family of addresses does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Leads,
    /// No connection is made.
    Ends,
    /// Connections are made, and what is sent over them is lost.
    Loses,
}

/// What the name server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    Answers,
    Hangs,
    KnowsNothing,
}

struct Internet {
    exchange: OnceLock<Arc<SimServer>>,
    ipv6: Way,
    ipv4: Way,
    names: Mutex<Names>,
    lost: Mutex<Vec<DuplexStream>>,
}

impl fmt::Debug for Internet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Internet").finish_non_exhaustive()
    }
}

impl Internet {
    fn new(ipv6: Way, ipv4: Way, names: Names) -> Arc<Self> {
        let (exchange, lost) = (OnceLock::new(), Mutex::default());
        Arc::new(Self { exchange, ipv6, ipv4, names: Mutex::new(names), lost })
    }

    fn setup(self: &Arc<Self>, kind: AccountKind) -> Setup {
        let dialer = NetDialer::new(tls_config(None).unwrap())
            .with_network(Arc::clone(self) as Arc<dyn Network>);
        Setup::new(kind, 5).on(Arc::clone(self) as Arc<dyn Lan>, Arc::new(dialer))
    }
}

impl Lan for Internet {
    fn connect(&self, exchange: &Arc<SimServer>) {
        self.exchange.set(Arc::clone(exchange)).unwrap();
    }
}

impl Network for Internet {
    fn resolve<'a>(
        &'a self,
        _host: &'a str,
        _port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        let names = *self.names.lock().unwrap();
        Box::pin(async move {
            match names {
                Names::Answers => Ok([IPV6, IPV4].map(|text| text.parse().unwrap()).to_vec()),
                Names::Hangs => std::future::pending().await,
                Names::KnowsNothing => Err(io::Error::other("no such name")),
            }
        })
    }

    fn connect(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<BoxIo>> {
        let (ours, theirs) = duplex(1 << 16);
        let connected = match if address.is_ipv6() { self.ipv6 } else { self.ipv4 } {
            Way::Leads => {
                self.exchange.get().unwrap().attach(theirs);
                Ok(Box::new(ours) as BoxIo)
            }
            Way::Ends => Err(io::ErrorKind::NetworkUnreachable.into()),
            Way::Loses => {
                self.lost.lock().unwrap().push(theirs);
                Ok(Box::new(ours) as BoxIo)
            }
        };
        Box::pin(std::future::ready(connected))
    }
}

#[rstest]
#[case(Way::Leads, Way::Ends)]
#[case(Way::Ends, Way::Leads)]
#[tokio::test(start_paused = true)]
async fn one_family_of_addresses_is_enough(
    #[case] ipv6: Way,
    #[case] ipv4: Way,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = live(Internet::new(ipv6, ipv4, Names::Answers).setup(kind)).await;
    assert!(!has_problem(&rig, ProblemCode::NetworkBlocked));
}

/// The family that is preferred lets connections be made and loses everything after that. It costs each link
/// one deadline, and once.
#[rstest]
#[case(Way::Loses, Way::Leads)]
#[case(Way::Leads, Way::Loses)]
#[tokio::test(start_paused = true)]
async fn fc_11_a_family_that_breaks_after_it_is_connected_is_left(
    #[case] ipv6: Way,
    #[case] ipv4: Way,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = Rig::start(Internet::new(ipv6, ipv4, Names::Answers).setup(kind)).await;
    rig.until_complete(if ipv6 == Way::Loses { 30 } else { 10 }).await;
    pass(70_000).await;
    rig.sim.cut();
    pass(3_000).await;
    assert!(rig.report().complete, "{:#?}", rig.report().links);
}

#[rstest]
#[case(Names::Hangs, "name lookup did not end within")]
#[case(Names::KnowsNothing, "name lookup failed: no such name")]
#[tokio::test(start_paused = true)]
async fn a_name_server_that_does_not_help_is_told(
    #[case] names: Names,
    #[case] reason: &str,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let internet = Internet::new(Way::Leads, Way::Leads, names);
    let rig = Rig::start(internet.setup(kind)).await;
    pass(15_000).await;
    assert_told(&rig, reason, "check this machine's name server, or use another network");
    *internet.names.lock().unwrap() = Names::Answers;
    rig.until_complete(40).await;
    assert!(!has_problem(&rig, ProblemCode::NetworkBlocked));
}

const ELSEWHERE: &str = "use another network or a proxy (network.proxy); the key is not at fault";
const SIGN_IN: &str = "sign in to this network with a browser";

#[rstest]
#[case(451, "", "not available in this region (HTTP 451)", ELSEWHERE)]
#[case(403, "<html>Forbidden</html>", "blocked by the CDN (HTTP 403)", ELSEWHERE)]
#[case(403, "error code: 1020", "blocked by the CDN (HTTP 403, error 1020)", ELSEWHERE)]
#[case(
    429,
    "<h1>Error 1015</h1>",
    "the CDN limits this address for a while (HTTP 429, error 1015)",
    "wait, or use another network or a proxy"
)]
#[case(200, "<html>Welcome</html>", "a web page instead of data (HTTP 200)", SIGN_IN)]
#[case(511, "<html>Sign in</html>", "this network wants a sign-in (HTTP 511)", SIGN_IN)]
#[tokio::test(start_paused = true)]
async fn a_page_in_the_exchange_s_place_is_told_with_its_remedy(
    #[case] status: u16,
    #[case] text: &str,
    #[case] reason: &str,
    #[case] remedy: &str,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = live(Setup::new(kind, 5)).await;
    rig.sim.inject(Entry::now(Fault::Page { status, text: text.to_owned() }));
    rig.sim.cut();
    pass(20_000).await;
    assert_told(&rig, reason, remedy);
    assert!(rig.is_stale(|report| report.positions.age), "kept, and old");
    rig.sim.heal();
    rig.until_complete(40).await;
    assert!(!has_problem(&rig, ProblemCode::NetworkBlocked));
}

/// A link that fails again and again says what can be done, and in one place; a first loss mends itself.
#[rstest]
#[case(Fault::Refuse, LinkFault::Cut)]
#[case(Fault::Status { status: 503, html: true }, LinkFault::Unavailable)]
#[tokio::test(start_paused = true)]
async fn an_outage_says_what_can_be_done_about_its_links(
    #[case] fault: Fault,
    #[case] meant: LinkFault,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = live(Setup::new(kind, 5)).await;
    rig.sim.inject(Entry::now(fault).on(On::All).lasting(Duration::from_secs(60)));
    rig.sim.inject(Entry::now(Fault::Rst));
    pass(20_000).await;
    let report = rig.report();
    let told = report.problems.iter().find(|problem| problem.code == ProblemCode::DataStale);
    let text = told.unwrap().text.as_str();
    assert_eq!(text.matches(meant.remedy()).count(), 1, "{text}");
    assert!(report.links.iter().all(|link| link.fault == Some(meant)), "{:#?}", report.links);
    rig.sim.heal();
    rig.until_complete(40).await;
}

/// Requests and prices are in trouble, and both say so; nobody blames the key.
fn assert_told(rig: &Rig, reason: &str, remedy: &str) {
    assert!([Stream::Rest, Stream::WsPublic].iter().all(|of| rig.link(*of) != LinkState::Live));
    let problems = rig.report().problems;
    for name in ["rest: ", "ws public: "] {
        let told = problems.iter().any(|problem| {
            let text = problem.text.as_str();
            problem.code == ProblemCode::NetworkBlocked
                && text.starts_with(name)
                && text.contains(reason)
                && text.contains(remedy)
        });
        assert!(told, "{name}{problems:#?}");
    }
    assert!(!problems.iter().any(|problem| problem.code == ProblemCode::KeyRefused));
}
