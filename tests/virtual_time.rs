//! The whole path over pipes in memory, in virtual time: hours pass in moments.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use std::sync::Arc;
use std::time::Duration;

use bitget_watch::config::Config;
use bitget_watch::document::{Context, Document, Freshness, Limits, Source, build};
use bitget_watch::domain::{Clock, LinkState, Timestamp};
use bitget_watch::exchange::Credentials;
use bitget_watch::exchange::rest::{Header, HttpAnswer, HttpFailure, HttpGet, RestClient};
use bitget_watch::exchange::v2::V2_API;
use bitget_watch::feed::{self, BoxIo, Controls, Dial, DialError, Settings, Target};
use bitget_watch::sim::{SimConfig, SimServer};
use bitget_watch::store::{SharedStore, Store};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

/// A clock that goes with the runtime's paused time.
#[derive(Debug)]
struct Virtual(Instant);

impl Clock for Virtual {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_790_337_600_000).after(self.0.elapsed())
    }
}

/// Every connection is a pipe into the exchange.
#[derive(Debug, Clone)]
struct Pipes(Arc<SimServer>);

impl Pipes {
    fn open(&self) -> DuplexStream {
        let (ours, theirs) = duplex(1 << 20);
        self.0.attach(theirs);
        ours
    }

    async fn get(&self, url: &str, headers: &[Header]) -> Option<HttpAnswer> {
        let path = url.strip_prefix("http://sim")?;
        let headers: String = headers.iter().map(|(n, v)| [n, ": ", v, "\r\n"].concat()).collect();
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: sim\r\nconnection: close\r\n{headers}\r\n");
        let mut pipe = self.open();
        pipe.write_all(request.as_bytes()).await.ok()?;
        let mut answer = String::new();
        pipe.read_to_string(&mut answer).await.ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(HttpAnswer { status, retry_after: None, body: body.as_bytes().to_vec() })
    }
}

impl Dial for Pipes {
    fn dial<'a>(
        &'a self,
        _target: &'a Target,
        _step: &'a (dyn Fn(&'static str) + Send + Sync),
    ) -> BoxFuture<'a, Result<BoxIo, DialError>> {
        let pipe: BoxIo = Box::new(self.open());
        Box::pin(std::future::ready(Ok(pipe)))
    }
}

impl HttpGet for Pipes {
    fn get<'a>(
        &'a self,
        url: &'a str,
        headers: &'a [Header],
    ) -> BoxFuture<'a, Result<HttpAnswer, HttpFailure>> {
        Box::pin(async move {
            let answer = self.get(url, headers).await;
            answer.ok_or_else(|| HttpFailure("the pipe broke".to_owned()))
        })
    }
}

struct Rig {
    sim: Arc<SimServer>,
    store: SharedStore,
    clock: Arc<dyn Clock>,
    context: Context,
    stop: CancellationToken,
}

impl Rig {
    async fn start() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(Virtual(Instant::now()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sim_config = SimConfig { seed: 5, plain: true, ..SimConfig::default() };
        let sim = Arc::new(SimServer::start(listener, sim_config, Arc::clone(&clock)).unwrap());
        let pipes = Arc::new(Pipes(Arc::clone(&sim)));
        let credentials = Some(Arc::new(Credentials::new("k".into(), "s".into(), "p".into())));
        let config = Config::default();
        let rest = RestClient::new(
            Arc::clone(&pipes) as Arc<dyn HttpGet>,
            "http://sim",
            credentials.clone(),
            false,
            Arc::clone(&clock),
        );
        let settings = Settings {
            focus: config.symbol.clone(),
            api: &V2_API,
            rest: Arc::new(rest),
            dialer: pipes,
            stream_origin: Target::parse("ws://sim:80").unwrap(),
            credentials,
            refresh: config.refresh,
            reconnect: config.reconnect,
            connect_timeout: Duration::from_secs(10),
            seed: 3,
        };
        let store = SharedStore::new(Store::new(config.symbol.clone()), || {});
        let stop = CancellationToken::new();
        let context = Context {
            source: Source::Demo,
            focus: config.symbol,
            credentials: true,
            limits: Limits::new(&config.refresh),
        };
        let (feed_store, feed_clock) = (store.clone(), Arc::clone(&clock));
        tokio::spawn(feed::run(
            settings,
            feed_store,
            feed_clock,
            Controls::default(),
            stop.clone(),
        ));
        Self { sim, store, clock, context, stop }
    }

    fn document(&self) -> Document {
        build(&self.store.snapshot(), &self.context, self.clock.now())
    }
}

#[tokio::test(start_paused = true)]
async fn fc_31_twenty_minutes_of_healthy_running_show_no_false_mark() {
    let rig = Rig::start().await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    for second in 0..1_200 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let document = rig.document();
        assert!(document.complete, "after {second} s: {document:#?}");
        for row in &document.positions.rows {
            assert_eq!(row.freshness, Freshness::Live, "after {second} s: {}", row.symbol);
        }
        assert!(document.links.iter().all(|link| link.state == "live" && link.reconnects == 0));
    }
    assert!(rig.document().problems.is_empty());
    rig.stop.cancel();
}

#[tokio::test(start_paused = true)]
async fn fc_24_after_a_cut_everything_is_true_again_within_seconds() {
    let rig = Rig::start().await;
    tokio::time::sleep(Duration::from_secs(70)).await;
    for round in 0..20 {
        rig.sim.cut();
        rig.sim.with_world(|world| world.close("DOGEUSDT"));
        tokio::time::sleep(Duration::from_secs(3)).await;
        let document = rig.document();
        assert!(document.complete, "round {round}: {:#?}", document.links);
        // A healthy minute makes the next loss a new beginning.
        tokio::time::sleep(Duration::from_secs(62)).await;
    }
    let links = rig.store.snapshot().links;
    assert!(links.iter().skip(1).all(|link| link.reconnects == 20), "{links:#?}");
    assert!(links.iter().all(|link| link.state == LinkState::Live));
    rig.stop.cancel();
}

/// The exchange's side of the heartbeat: a client that never says `ping` is cut off after 120 s.
#[tokio::test(start_paused = true)]
async fn the_embedded_exchange_cuts_off_who_sends_no_ping() {
    let rig = Rig::start().await;
    let pipe = Pipes(Arc::clone(&rig.sim)).open();
    let (mut socket, _) =
        tokio_tungstenite::client_async("ws://sim/v2/ws/public", pipe).await.unwrap();
    let began = Instant::now();
    let closed = loop {
        match socket.next().await {
            Some(Ok(Message::Close(_)) | Err(_)) | None => break began.elapsed(),
            Some(Ok(_)) => {}
        }
    };
    assert_eq!(closed.as_secs(), 120);
    rig.stop.cancel();
}
