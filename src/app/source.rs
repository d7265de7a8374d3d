//! Where the data come from: the exchange, or the embedded one on loopback.
//!
//! `--demo` is the live feed pointed at the embedded exchange with made-up keys; there is no second
//! path. The background thread that runs the feeds also runs the embedded exchange.

use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::embedded::demo_exchange;
use super::exit::{Failure, USAGE};
use super::memory::Memory;
use super::metrics::Metrics;
use super::recording::Record;
use super::running::{Ended, Running};
use crate::alerts::{Monitor, Notifier, WaySet};
use crate::cli::Options;
use crate::config::{self, ApiChoice, Config, Env, Proxies};
use crate::domain::{AccountKind, Clock, SystemClock};
use crate::engine::{self, News, Pace};
use crate::exchange::rest::RestClient;
use crate::exchange::{Credentials, Observe};
use crate::feed::{
    self, Controls, Dial, HttpClient, NetDialer, ProxyRule, RequestCounts, Settings, Target,
    tls_config,
};
use crate::memory::{self, LastLook};
use crate::report::{Context, Limits, Source as Origin};
use crate::sim::{Holdings, Script, SimConfig, SimServer};
use crate::store::{SharedStore, Store};

/// A source that has been chosen but not started.
pub(super) struct Source {
    pub(super) config: Config,
    pub(super) clock: Arc<SystemClock>,
    /// By which alerts are sent; `None` where nobody is told.
    pub(super) ways: Option<WaySet>,
    credentials: Option<Arc<Credentials>>,
    pub(super) extra_ca: Option<String>,
    /// The embedded exchange; `None` for the real one.
    demo: Option<SimConfig>,
    proxies: Proxies,
    /// Where what happens is kept; `None` for nowhere.
    memory: Option<Result<memory::Settings, &'static str>>,
    metrics: Option<Metrics>,
    requests: Arc<RequestCounts>,
    /// When the user looked at the screen last.
    pub(super) looked: LastLook,
    /// What is recorded; `None` for nothing.
    record: Option<Record>,
}

impl Source {
    /// Chooses the source. Nothing is connected yet; whatever is wrong with the set-up shows here.
    pub(super) fn choose(options: &Options, config: Config, env: Env<'_>) -> Result<Self, Failure> {
        let source = Self::find(options, config, env)?;
        let Some(path) = &options.recording.record else { return Ok(source) };
        let of = (&source.config.symbol, source.has_credentials());
        let record = Some(Record::start(path, of, source.clock.clone())?);
        Ok(Self { record, ..source })
    }

    fn find(options: &Options, config: Config, env: Env<'_>) -> Result<Self, Failure> {
        let usage = |text: String| Failure::new(USAGE, text);
        let clock = Arc::new(SystemClock::start());
        if options.demo {
            let script = options.script.as_deref().map(read_script).transpose()?;
            let seed = options.seed.unwrap_or(1);
            let account = options.account.unwrap_or(AccountKind::Classic);
            let demo = Some(SimConfig {
                seed,
                account,
                script,
                record: false,
                holdings: Holdings::Mixed,
                ..SimConfig::default()
            });
            let made_up = Credentials::new("demo-key".into(), "demo".into(), "demo".into());
            let credentials = Some(Arc::new(made_up));
            return Ok(Self {
                config,
                clock,
                ways: None,
                credentials,
                extra_ca: None,
                demo,
                proxies: Proxies::default(),
                memory: None,
                metrics: None,
                requests: Arc::default(),
                looked: LastLook::default(),
                record: None,
            });
        }
        let credentials = config::credentials(env).map_err(|error| Failure::new(USAGE, error))?;
        let credentials = credentials
            .map(|found| Arc::new(Credentials::new(found.key, found.secret, found.passphrase)));
        let extra_ca = config
            .exchange
            .extra_ca_file
            .as_deref()
            .map(|path| {
                config::read_trusted(path)
                    .map_err(|error| usage(format!("exchange.extra_ca_file: {error}")))
            })
            .transpose()?;
        tls_config(extra_ca.as_deref().map(str::as_bytes))
            .map_err(|error| usage(format!("exchange.extra_ca_file: {error}")))?;
        let proxies = config::proxies(&config.network.proxy, env)
            .map_err(|error| Failure::new(USAGE, error))?;
        Ok(Self {
            config,
            clock,
            ways: None,
            credentials,
            extra_ca,
            demo: None,
            proxies,
            memory: None,
            metrics: None,
            requests: Arc::default(),
            looked: LastLook::default(),
            record: None,
        })
    }

    /// Returns the source with its metrics served, where there is an address for them.
    #[must_use]
    pub(super) fn measured(mut self, metrics: Option<Metrics>) -> Self {
        self.metrics = metrics;
        self
    }

    /// Returns the source with its memory on, where there is an account to remember.
    #[must_use]
    pub(super) fn remembering(mut self) -> Self {
        let settings = || super::memory::settings(&self.config.memory, self.demo.is_some());
        self.memory = self.credentials.as_ref().and_then(|_| settings());
        self
    }

    /// Returns what the report needs to know of the source.
    pub(super) fn context(&self) -> Context {
        Context {
            source: if self.demo.is_some() { Origin::Demo } else { Origin::Live },
            focus: self.config.symbol.clone(),
            credentials: self.credentials.is_some(),
            limits: Limits::new(&self.config.refresh),
            risk: self.config.risk,
        }
    }

    /// Returns whether there is an account to ask for.
    pub(super) const fn has_credentials(&self) -> bool {
        self.credentials.is_some()
    }

    /// Returns whether the exchange is the embedded one.
    pub(super) const fn is_demo(&self) -> bool {
        self.demo.is_some()
    }

    /// Returns the last characters of the key.
    pub(super) fn key_tail(&self) -> Option<String> {
        self.credentials.as_ref().filter(|_| self.demo.is_none()).and_then(|c| c.key_tail())
    }

    /// Returns the host in use when it is not the exchange's own: the screen says so.
    pub(super) fn other_host(&self) -> Option<String> {
        if self.demo.is_some() {
            return None;
        }
        let exchange = &self.config.exchange;
        let loopback = || {
            [&exchange.rest_url, &exchange.ws_url].into_iter().find_map(|origin| {
                Target::parse(origin).filter(Target::is_loopback).map(|target| target.host)
            })
        };
        exchange.other_host.clone().or_else(loopback)
    }

    /// Returns the proxy that the exchange is reached through, as `host:port`.
    pub(super) fn proxy(&self) -> Option<String> {
        if self.demo.is_some() {
            return None;
        }
        let target = Target::parse(&self.config.exchange.rest_url)?;
        ProxyRule::new(&self.proxies).proxy_of(&target)
    }

    /// Starts feeds and engine on a thread of their own. `pace` is that of the reports,
    /// `on_report` is called after each of them, `on_end` when there will be no more. `beside` runs on the
    /// same runtime.
    pub(super) fn start(
        mut self,
        runtime: Runtime,
        controls: Controls,
        pace: Pace,
        on_report: impl Fn(News) + Send + Sync + 'static,
        (on_end, beside): (
            impl FnOnce() + Send + 'static,
            impl Future<Output = ()> + Send + 'static,
        ),
    ) -> Result<Running, Failure> {
        let changes = Arc::new(Notify::new());
        let changed = Arc::clone(&changes);
        let store =
            SharedStore::new(Store::new(self.config.symbol.clone()), move || changed.notify_one());
        let clock: Arc<dyn Clock> = self.clock.clone();
        let mut memory = self
            .memory
            .take()
            .and_then(|settings| Memory::start(settings, &store, &clock, self.looked.clone()));
        let (task, engine) =
            engine::start(store.clone(), changes, clock, self.context(), pace, on_report);
        let record = self.record.clone();
        let followed = engine.clone();
        let notifier = Notifier::new(Monitor::new(self.config.alerts.clone()));
        let (notifier, ways) = match self.ways.take().map(WaySet::split) {
            Some((outbox, ways)) => (notifier.sending_by(outbox), ways),
            None => (notifier, Vec::new()),
        };
        let mut task = task.with_alerts(notifier);
        if let Some(record) = &record {
            record.tells(&store);
            task = task.telling_readings(record.readings());
        }
        let stop = CancellationToken::new();
        let ended = Ended { reason: Arc::default(), stop: stop.clone(), tell: Some(on_end) };
        let reason = Arc::clone(&ended.reason);
        let token = stop.clone();
        let thread = std::thread::Builder::new()
            .name("feeds".to_owned())
            .spawn(move || {
                let ended = ended;
                runtime.block_on(async {
                    tokio::spawn(beside);
                    for way in ways {
                        tokio::spawn(way);
                    }
                    tokio::spawn(task.run(token.clone()));
                    if let Some(metrics) = self.metrics.take() {
                        let label = self.config.memory.account_label.clone();
                        let requests = Arc::clone(&self.requests);
                        let clock: Arc<dyn Clock> = self.clock.clone();
                        tokio::spawn(metrics.serve(label, followed.clone(), requests, clock));
                    }
                    let recorded = async {
                        if let Some(memory) = &mut memory {
                            memory.follow(followed).await;
                        }
                        // The feeds decide when it is over.
                        std::future::pending::<()>().await;
                    };
                    let fed = tokio::select! {
                        fed = self.run(store, controls, token) => fed,
                        () = recorded => Ok(()),
                    };
                    if let Err(error) = fed {
                        tracing::error!(%error, "feeds could not be started");
                        let _first = ended.reason.set(error);
                    }
                });
                if let Some(record) = record {
                    record.finish();
                }
                if let Some(memory) = memory {
                    memory.finish();
                }
                // Blocking look-ups of names may still run; nothing waits for them.
                runtime.shutdown_background();
            })
            .map_err(Failure::running)?;
        Ok(Running { engine, stop, thread, reason })
    }

    async fn run(
        self,
        store: SharedStore,
        controls: Controls,
        stop: CancellationToken,
    ) -> Result<(), String> {
        let observer = self.record.as_ref().map(Record::observer);
        let (settings, _, _exchange) = self.connect(observer).await?;
        let clock: Arc<dyn Clock> = self.clock;
        feed::run(settings, store, clock, controls, stop).await;
        Ok(())
    }

    /// Returns what the feeds run with, the host of the requests, and the embedded exchange, which runs as long
    /// as it is held. Nothing is connected yet.
    pub(super) async fn connect(
        &self,
        observer: Option<Arc<dyn Observe>>,
    ) -> Result<(Settings, Target, Option<SimServer>), String> {
        let clock: Arc<dyn Clock> = self.clock.clone();
        let exchange = match &self.demo {
            Some(config) => Some(demo_exchange(config.clone(), Arc::clone(&clock)).await?),
            None => None,
        };
        let origins = match &exchange {
            Some(sim) => (sim.rest_origin(), sim.stream_origin()),
            None => (self.config.exchange.rest_url.clone(), self.config.exchange.ws_url.clone()),
        };
        let authority = match &exchange {
            Some(sim) => sim.authority_pem(),
            None => self.extra_ca.as_deref(),
        };
        let tls = tls_config(authority.map(str::as_bytes))?;
        let rest = Target::parse(&origins.0).ok_or("invalid REST URL")?;
        let settings = self.settings(&tls, (rest.clone(), origins.1), clock, observer)?;
        Ok((settings, rest, exchange))
    }

    fn settings(
        &self,
        tls: &Arc<ClientConfig>,
        (rest, streams): (Target, String),
        clock: Arc<dyn Clock>,
        observer: Option<Arc<dyn Observe>>,
    ) -> Result<Settings, String> {
        let exchange = &self.config.exchange;
        let demo_trading = exchange.demo_trading && self.demo.is_none();
        let dialer: Arc<dyn Dial> =
            Arc::new(NetDialer::new(Arc::clone(tls)).with_proxies(ProxyRule::new(&self.proxies)));
        let http = HttpClient::new(
            Arc::clone(&dialer),
            rest,
            (exchange.connect_timeout, exchange.request_timeout),
            Arc::clone(&clock),
        )
        .counted(Arc::clone(&self.requests));
        let client = RestClient::new(Arc::new(http), self.credentials.clone(), demo_trading, clock)
            .observed_by(observer.clone());
        Ok(Settings {
            focus: self.config.symbol.clone(),
            api: if self.demo.is_some() { ApiChoice::Auto } else { exchange.api },
            rest: Arc::new(client),
            dialer,
            stream_origin: Target::parse(&streams).ok_or("invalid stream URL")?,
            credentials: self.credentials.clone(),
            refresh: self.config.refresh,
            reconnect: self.config.reconnect,
            connect_timeout: exchange.connect_timeout,
            seed: fastrand::u64(..),
            observer,
            ping_every: None,
        })
    }
}

/// Returns the runtime that the feeds run on.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::running)
}

/// Reads what the embedded exchange does wrong.
pub(super) fn read_script(path: &Path) -> Result<Script, Failure> {
    let usage = |error: &dyn std::fmt::Display| {
        Failure::new(USAGE, format!("--script {}: {error}", path.display()))
    };
    let text = std::fs::read_to_string(path).map_err(|error| usage(&error))?;
    Script::parse(&text).map_err(|error| usage(&error))
}
