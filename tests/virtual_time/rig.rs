//! A feed and an embedded exchange over in-memory pipes, in virtual time.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use bitget_watch::alerts::{Monitor, Notifier};
use bitget_watch::config::{ApiChoice, Config};
use bitget_watch::domain::{AccountKind, Clock, LinkState, ProblemCode, Stream, Timestamp};
use bitget_watch::engine::{self, Handle, Pace};
use bitget_watch::exchange::rest::{HttpGet, RestClient};
use bitget_watch::exchange::{Credentials, Observe};
use bitget_watch::feed::{
    self, BoxIo, Controls, Dial, DialError, HttpClient, Progress, Settings, Target,
};
use bitget_watch::recording::Recorder;
use bitget_watch::report::{Age, Context, Engine, Freshness, Limits, Report, Source, json};
use bitget_watch::sim::{Expected, Recorded, Script, SimConfig, SimServer};
use bitget_watch::store::{SharedStore, Snapshot, Store};
use futures_util::future::BoxFuture;
use tokio::io::{DuplexStream, duplex};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Key, secret and passphrase: searched for in all output.
pub const KEY: (&str, &str, &str) = ("key-canary-0000", "secret-canary", "pass-canary");
/// The path prefixes of all allowed requests, of both API generations.
const READ_ONLY: [&str; 4] = ["/api/v2/", "/api/v3/", "/v2/ws/", "/v3/ws/"];
/// The timeout of a whole request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(8);
/// The timeout of opening a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// When exchange and program begin: 2026-09-25T12:00:00Z.
pub const BEGIN: i64 = 1_790_337_600_000;

/// A clock on the runtime's paused time, with an offset in milliseconds.
#[derive(Debug)]
pub struct VirtualClock(pub Instant, pub i64);

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(BEGIN + self.1).after(self.0.elapsed())
    }
}

/// Every connection is a pipe into the exchange.
#[derive(Debug, Clone)]
pub struct Pipes(pub Arc<SimServer>);

impl Pipes {
    pub fn open(&self) -> DuplexStream {
        let (ours, theirs) = duplex(1 << 16);
        self.0.attach(theirs);
        ours
    }

    /// A client of its own, over pipes.
    pub fn client(self, clock: Arc<dyn Clock>) -> HttpClient {
        let target = Target::parse("http://sim").unwrap();
        HttpClient::new(Arc::new(self), target, (CONNECT_TIMEOUT, REQUEST_TIMEOUT), clock)
    }
}

impl Dial for Pipes {
    fn dial<'a>(
        &'a self,
        _target: &'a Target,
        _progress: &'a Progress,
    ) -> BoxFuture<'a, Result<BoxIo, DialError>> {
        let pipe: BoxIo = Box::new(self.open());
        Box::pin(std::future::ready(Ok(pipe)))
    }
}

/// How a rig is set up.
#[derive(Debug, Default)]
pub struct Setup {
    pub sim: SimConfig,
    /// The API generation, where it is not detected.
    pub api: Option<ApiChoice>,
    /// The offset of the local clock.
    pub clock_ms: i64,
    /// How long after [`BEGIN`] exchange and program begin.
    pub later_ms: i64,
    /// Seed of the feed.
    pub seed: u64,
    /// Opens connections in place of the pipes.
    pub dialer: Option<Arc<dyn Dial>>,
    /// Sends requests in place of a client over the pipes.
    pub http: Option<Arc<dyn HttpGet>>,
    /// Wraps the client over the pipes.
    pub wrap: Option<fn(HttpClient) -> Arc<dyn HttpGet>>,
    /// A network that leads to the exchange.
    pub lan: Option<Arc<dyn Lan>>,
    /// Records the feeds, and an engine that runs beside them.
    pub recorder: Option<Arc<Recorder>>,
    /// Raises alerts in an engine that runs beside the feeds.
    pub notifier: Option<Notifier>,
}

/// A network of a test.
pub trait Lan: std::fmt::Debug {
    /// Puts the exchange at its end.
    fn connect(&self, exchange: &Arc<SimServer>);
}

impl Setup {
    /// Opens all connections, of requests and of sockets, by a dialer that `lan` is behind.
    pub fn on(self, lan: Arc<dyn Lan>, dialer: Arc<dyn Dial>) -> Self {
        let http = HttpClient::new(
            Arc::clone(&dialer),
            Target::parse("http://sim:80").unwrap(),
            (CONNECT_TIMEOUT, REQUEST_TIMEOUT),
            Arc::new(VirtualClock(Instant::now(), 0)),
        );
        Self { dialer: Some(dialer), http: Some(Arc::new(http)), lan: Some(lan), ..self }
    }

    /// An exchange with an account of `kind` that verifies the key and accepts faults.
    pub fn new(kind: AccountKind, seed: u64) -> Self {
        let expected =
            Expected { key: KEY.0.into(), secret: KEY.1.into(), passphrase: KEY.2.into() };
        let script = Some(Script { seed, steps: Vec::new() });
        let sim = SimConfig {
            seed,
            plain: true,
            account: kind,
            script,
            expected: Some(expected),
            ..SimConfig::default()
        };
        Self { sim, seed, ..Self::default() }
    }
}

/// A running feed against a running exchange.
pub struct Rig {
    pub sim: Arc<SimServer>,
    pub store: SharedStore,
    pub controls: Controls,
    /// Whether links may delay requests, so that some arrive together.
    pub delayed: bool,
    /// When the exchange and the feed were started.
    pub began: Instant,
    pub clock: Arc<dyn Clock>,
    /// As in the program, one engine makes all reports.
    engine: RefCell<Engine>,
    stop: CancellationToken,
    /// The engine that runs beside the feeds, where one was asked for.
    pub published: Option<Handle>,
}

impl Rig {
    pub async fn start(setup: Setup) -> Self {
        let began = Instant::now();
        let clock: Arc<dyn Clock> = Arc::new(VirtualClock(began, setup.later_ms + setup.clock_ms));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let exchange_clock: Arc<dyn Clock> = Arc::new(VirtualClock(began, setup.later_ms));
        let sim = Arc::new(SimServer::start(listener, setup.sim, exchange_clock).unwrap());
        if let Some(lan) = &setup.lan {
            lan.connect(&sim);
        }
        let pipes = Pipes(Arc::clone(&sim));
        let credentials =
            Some(Arc::new(Credentials::new(KEY.0.into(), KEY.1.into(), KEY.2.into())));
        let config = Config::default();
        let http = setup.http.unwrap_or_else(|| {
            let client = pipes.clone().client(Arc::clone(&clock));
            match setup.wrap {
                Some(wrap) => wrap(client),
                None => Arc::new(client),
            }
        });
        let observer = setup.recorder.clone().map(|recorder| recorder as Arc<dyn Observe>);
        let rest = RestClient::new(http, credentials.clone(), false, Arc::clone(&clock))
            .observed_by(observer.clone());
        let settings = Settings {
            focus: config.symbol.clone(),
            api: setup.api.unwrap_or(ApiChoice::Auto),
            rest: Arc::new(rest),
            dialer: setup.dialer.unwrap_or_else(|| Arc::new(pipes)),
            stream_origin: Target::parse("ws://sim:80").unwrap(),
            credentials,
            refresh: config.refresh,
            reconnect: config.reconnect,
            connect_timeout: CONNECT_TIMEOUT,
            seed: setup.seed,
            observer,
            ping_every: None,
        };
        let changes = Arc::new(Notify::new());
        let changed = Arc::clone(&changes);
        let store =
            SharedStore::new(Store::new(config.symbol.clone()), move || changed.notify_one());
        let (controls, stop) = (Controls::default(), CancellationToken::new());
        let context = Context {
            source: Source::Demo,
            focus: config.symbol,
            credentials: true,
            limits: Limits::new(&config.refresh),
            risk: config.risk,
        };
        let published = (setup.recorder.is_some() || setup.notifier.is_some()).then(|| {
            let is_recorded = setup.recorder.is_some();
            let source = if is_recorded { Source::Replay } else { Source::Demo };
            let context = Context { source, ..context.clone() };
            let (store, clock, pace) = (store.clone(), Arc::clone(&clock), Pace::new(10));
            let (task, handle) = engine::start(store, changes, clock, context, pace, |_| {});
            let usual = || Notifier::new(Monitor::new(config.alerts));
            let mut task = task.with_alerts(setup.notifier.unwrap_or_else(usual));
            if let Some(recorder) = setup.recorder {
                task = task.telling_readings(move |at| recorder.reading(at));
            }
            tokio::spawn(task.run(stop.clone()));
            handle
        });
        let engine = RefCell::new(Engine::new(context));
        tokio::spawn(feed::run(
            settings,
            store.clone(),
            Arc::clone(&clock),
            controls.clone(),
            stop.clone(),
        ));
        Self { sim, store, controls, delayed: false, began, clock, engine, stop, published }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A client besides that of the feed, with the same key.
    pub fn client(&self) -> RestClient {
        let credentials = Credentials::new(KEY.0.into(), KEY.1.into(), KEY.2.into());
        let clock = Arc::clone(&self.clock);
        let http = Arc::new(Pipes(Arc::clone(&self.sim)).client(Arc::clone(&clock)));
        RestClient::new(http, Some(Arc::new(credentials)), false, clock)
    }

    pub fn report(&self) -> Report {
        self.engine.borrow_mut().read(&self.store.snapshot(), self.clock.now())
    }

    /// Returns whether a part of the report is live now.
    pub fn is_live(&self, part: fn(&Report) -> Age) -> bool {
        let report = self.report();
        part(&report).is_live(report.now)
    }

    /// Returns whether a part of the report is there and marked as old now.
    pub fn is_stale(&self, part: fn(&Report) -> Age) -> bool {
        let report = self.report();
        is_stale(&report, part(&report))
    }

    pub fn link(&self, stream: Stream) -> LinkState {
        self.state(|state| state.links.iter().find(|l| l.stream == stream).unwrap().state)
    }

    pub fn state<T>(&self, read: impl FnOnce(&Snapshot) -> T) -> T {
        self.store.with(read)
    }

    /// Lets time pass until `wanted` holds and returns how long that took.
    pub async fn until(&self, what: &str, limit: u64, wanted: impl Fn(&Report) -> bool) -> u64 {
        for tenths in 0..=limit * 10 {
            if wanted(&self.report()) {
                return tenths * 100;
            }
            pass(100).await;
        }
        panic!("not within {limit} s: {what}\n{:#?}", self.store.snapshot().links);
    }

    pub async fn until_complete(&self, limit: u64) -> u64 {
        let live =
            |d: &Report| d.complete && d.links.iter().all(|link| link.state == LinkState::Live);
        self.until("complete, all links live", limit, live).await
    }

    /// Counts the requests to the exchange whose path or operation contains `what`.
    pub fn asked(&self, what: &str) -> usize {
        self.sim.recorded().iter().filter(|asked| asked.what.contains(what)).count()
    }

    /// Every request must be in the read-only set (FC-43), and none may
    /// break a limit or come too early; but delayed requests and messages may arrive together.
    pub fn assert_polite(&self) {
        for Recorded { method, what, refused, .. } in self.sim.take_recorded() {
            if self.delayed && what == "messages" {
                continue;
            }
            let allowed = match method.as_str() {
                "GET" => READ_ONLY.iter().any(|start| what.starts_with(start)),
                "WS" => ["login", "subscribe", "unsubscribe", "ping"].contains(&what.as_str()),
                _ => false,
            };
            assert!(allowed, "{method} {what}");
            assert!(!["30006", "30004", "405"].contains(&refused), "{what}: {refused}");
            assert!(refused != "429" || self.delayed, "{what}: {refused}");
        }
    }

    /// No output contains a secret (FC-40).
    fn assert_no_secret(&self) {
        let shown = json::to_string(&self.report()).unwrap();
        let state = format!("{:?}", self.store.snapshot());
        for canary in [KEY.0, KEY.1, KEY.2] {
            assert!(!shown.contains(canary) && !state.contains(canary));
        }
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop.cancel();
        if !std::thread::panicking() {
            self.assert_polite();
            self.assert_no_secret();
        }
    }
}

/// Lets time pass.
pub async fn pass(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

/// Returns whether all parts of the report are live.
pub fn all_live(report: &Report) -> bool {
    let parts = [report.ticker.age, report.positions.age, report.account.age, report.orders.age];
    let rows = report.positions.rows.iter().map(|row| row.age);
    parts.into_iter().chain(rows).all(|age| age.is_live(report.now))
}

/// Returns whether a part of the report is there and marked as old.
pub fn is_stale(report: &Report, age: Age) -> bool {
    matches!(age.at(report.now), Freshness::Stale { .. })
}

/// A rig whose first report is complete.
pub async fn live(setup: Setup) -> Rig {
    let rig = Rig::start(setup).await;
    rig.until_complete(10).await;
    rig
}

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub fn has_problem(rig: &Rig, code: ProblemCode) -> bool {
    rig.state(|state| state.problems.iter().any(|problem| problem.code == code))
}
