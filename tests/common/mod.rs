//! A feed and an embedded exchange on loopback, and a way to wait for a state without sleeping.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    reason = "each test program uses a part of it"
)]

use std::sync::Arc;
use std::time::Duration;

use bitget_watch::config::{ApiChoice, Config, Proxies, ProxyUrl, RefreshConfig};
use bitget_watch::domain::{AccountKind, Clock, LinkState, Stream, SystemClock};
use bitget_watch::exchange::Credentials;
use bitget_watch::exchange::rest::RestClient;
use bitget_watch::feed::{
    self, Controls, Dial, HttpClient, NetDialer, ProxyRule, Settings, Target, tls_config,
};
use bitget_watch::report::{Context, Limits, Report, Source, build};
use bitget_watch::sim::{Expected, ProxyLogin, Recorded, SimConfig, SimProxy, SimServer};
use bitget_watch::store::{SharedStore, Snapshot, Store};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Far longer than any state takes; only a failure waits this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// The key that the exchange of a rig accepts when it verifies keys.
pub const KEY: (&str, &str, &str) = ("key-canary-1234", "secret-canary", "pass-canary");

/// How a rig is set up.
#[derive(Default)]
pub struct Setup {
    pub sim: SimConfig,
    pub without_credentials: bool,
    /// The secret that the client signs with, where it is a wrong one.
    pub secret: Option<&'static str>,
    /// The API generation that the user chose.
    pub api: ApiChoice,
    /// Do not trust the exchange's certificate authority; has no effect without TLS.
    pub distrust: bool,
    /// Polling intervals in place of the default ones.
    pub refresh: Option<RefreshConfig>,
    /// The scheme of a proxy before the exchange, which has TLS and a name then.
    pub proxy: Option<&'static str>,
}

/// The login of that proxy.
pub const PROXY_LOGIN: ProxyLogin = ("user-canary", "word-canary");

impl Setup {
    /// An exchange that verifies [`KEY`], plain, with an account of `kind`.
    pub fn strict(account: AccountKind) -> Self {
        let expected =
            Expected { key: KEY.0.into(), secret: KEY.1.into(), passphrase: KEY.2.into() };
        let sim = SimConfig {
            seed: 7,
            plain: true,
            account,
            expected: Some(expected),
            ..SimConfig::default()
        };
        Self { sim, ..Self::default() }
    }
}

/// A running feed against a running exchange.
pub struct Rig {
    pub sim: Arc<SimServer>,
    pub proxy: Option<SimProxy>,
    pub store: SharedStore,
    pub controls: Controls,
    clock: Arc<SystemClock>,
    context: Context,
    changes: watch::Receiver<u64>,
    stop: CancellationToken,
}

impl Rig {
    pub async fn start(setup: Setup) -> Self {
        let clock = Arc::new(SystemClock::start());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sim = SimServer::start(listener, setup.sim, Arc::clone(&clock) as Arc<dyn Clock>);
        let sim = Arc::new(sim.unwrap());
        let (mut proxy, mut proxies) = (None, Proxies::default());
        let (mut rest_origin, mut stream_origin) = (sim.rest_origin(), sim.stream_origin());
        if let Some(scheme) = setup.proxy {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let started = SimProxy::start(listener, Arc::clone(&sim), Some(PROXY_LOGIN)).unwrap();
            let (name, password) = PROXY_LOGIN;
            let address = started.address().unwrap();
            let url = format!("{scheme}://{name}:{password}@{address}");
            proxies.url = Some(ProxyUrl::parse(&url).unwrap());
            proxy = Some(started);
            // No name server knows it: the proxy does.
            (rest_origin, stream_origin) =
                ("https://exchange.test".into(), "wss://exchange.test".into());
        }
        let mut config = Config::default();
        config.refresh = setup.refresh.unwrap_or(config.refresh);
        let authority = sim.authority_pem().filter(|_| !setup.distrust).map(str::as_bytes);
        let tls = tls_config(authority).unwrap();
        let credentials = (!setup.without_credentials).then(|| {
            let secret = setup.secret.unwrap_or(KEY.1);
            Arc::new(Credentials::new(KEY.0.into(), secret.into(), KEY.2.into()))
        });
        let (connect, whole) = (Duration::from_secs(10), Duration::from_secs(8));
        let dialer: Arc<dyn Dial> =
            Arc::new(NetDialer::new(tls).with_proxies(ProxyRule::new(&proxies)));
        let origin = Target::parse(&rest_origin).unwrap();
        let http = HttpClient::new(
            Arc::clone(&dialer),
            origin,
            (connect, whole),
            Arc::clone(&clock) as Arc<dyn Clock>,
        );
        let rest = RestClient::new(
            Arc::new(http),
            credentials.clone(),
            false,
            Arc::clone(&clock) as Arc<dyn Clock>,
        );
        let settings = Settings {
            focus: config.symbol.clone(),
            api: setup.api,
            rest: Arc::new(rest),
            dialer,
            stream_origin: Target::parse(&stream_origin).unwrap(),
            credentials: credentials.clone(),
            refresh: config.refresh,
            reconnect: config.reconnect,
            connect_timeout: connect,
            seed: 1,
            observer: None,
            ping_every: None,
        };
        let (changed, changes) = watch::channel(0);
        let store = SharedStore::new(Store::new(config.symbol.clone()), move || {
            changed.send_modify(|count| *count += 1);
        });
        let (controls, stop) = (Controls::default(), CancellationToken::new());
        tokio::spawn(feed::run(
            settings,
            store.clone(),
            Arc::clone(&clock) as Arc<dyn Clock>,
            controls.clone(),
            stop.clone(),
        ));
        let context = Context {
            source: Source::Demo,
            focus: config.symbol,
            credentials: credentials.is_some(),
            limits: Limits::new(&config.refresh),
            risk: config.risk,
        };
        Self { sim, proxy, store, controls, clock, context, changes, stop }
    }

    /// Waits until `wanted` holds for the state and returns it.
    pub async fn until(&mut self, what: &str, wanted: impl Fn(&Snapshot) -> bool) -> Snapshot {
        let waiting = async {
            loop {
                let state = self.store.snapshot();
                if wanted(&state) {
                    return state;
                }
                self.changes.changed().await.unwrap();
            }
        };
        let ended = tokio::time::timeout(PATIENCE, waiting).await.ok();
        ended.unwrap_or_else(|| panic!("never reached: {what}; {:#?}", self.store.snapshot().links))
    }

    /// Waits until all three links are live and positions are known.
    pub async fn until_live(&mut self) -> Snapshot {
        let streams = if self.context.credentials { &Stream::ALL[..] } else { &Stream::ALL[..2] };
        let private = self.context.credentials;
        self.until("all links live", |state| {
            streams.iter().all(|stream| link(state, *stream) == LinkState::Live)
                && (!private || state.orders.confirmed_at.is_some())
        })
        .await
    }

    pub fn report(&self) -> Report {
        build(&self.store.snapshot(), &self.context, self.clock.now())
    }

    /// Every request must be in the read-only set.
    pub fn assert_read_only(&self) {
        for Recorded { method, what, .. } in self.sim.recorded() {
            let allowed = match method.as_str() {
                "GET" => ["/api/v2/", "/api/v3/", "/v2/ws/", "/v3/ws/"]
                    .iter()
                    .any(|prefix| what.starts_with(prefix)),
                "WS" => ["login", "subscribe", "unsubscribe", "ping"].contains(&what.as_str()),
                _ => false,
            };
            assert!(allowed, "{method} {what}");
        }
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop.cancel();
        if !std::thread::panicking() {
            self.assert_read_only();
        }
    }
}

/// Returns the state of a link.
pub fn link(state: &Snapshot, stream: Stream) -> LinkState {
    state.links.iter().find(|link| link.stream == stream).unwrap().state
}
