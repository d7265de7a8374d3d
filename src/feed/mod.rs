//! Moves bytes and time: the two sockets, the polls and the background reads of history, each a task.
//!
//! A feed knows how to connect, when to send a request and when to give up waiting; what the messages
//! mean is decided in `exchange`, what they change in `store`. Updates are applied where they were
//! parsed: there is no queue between a frame and the state. Everything here runs on one current-thread
//! runtime beside the drawing thread. Start with [`run`].

mod backfill;
mod backoff;
mod connection;
mod context;
mod detection;
mod error_policy;
mod history_reader;
mod http;
mod offset;
mod pages;
mod poller;
mod rest_link;
mod schedule;
mod supervisor;
mod transport;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

pub use backoff::Backoff;
pub use context::{Command, Controls};
pub use http::HttpClient;
pub use transport::{BoxIo, Dial, DialError, NetDialer, Progress, Target, tls_config};

use crate::config::{ApiChoice, ReconnectConfig, RefreshConfig};
use crate::domain::{Clock, Stream, Symbol};
use crate::exchange::Credentials;
use crate::exchange::rest::RestClient;
use crate::store::SharedStore;
use context::Shared;
use supervisor::Owns;

/// What a feed needs. Time, randomness and transport are passed in.
#[derive(Debug)]
pub struct Settings {
    /// The focus.
    pub focus: Symbol,
    /// The generation of the API. If left to the program, the account decides, and prices come by V3,
    /// which serves both kinds of account: they need not wait for that decision, nor change with it.
    pub api: ApiChoice,
    /// Sends the requests.
    pub rest: Arc<RestClient>,
    /// Opens the sockets.
    pub dialer: Arc<dyn Dial>,
    /// Where the sockets connect to.
    pub stream_origin: Target,
    /// The API key; without one only market data are requested.
    pub credentials: Option<Arc<Credentials>>,
    /// Cadences.
    pub refresh: RefreshConfig,
    /// How lost links are retried.
    pub reconnect: ReconnectConfig,
    /// Deadline of name lookup, TCP, TLS, upgrade and login together.
    pub connect_timeout: Duration,
    /// Seed of jitter and spread.
    pub seed: u64,
}

/// Runs all feeds until `stop`; returns when every task has ended.
pub async fn run(
    settings: Settings,
    store: SharedStore,
    clock: Arc<dyn Clock>,
    controls: Controls,
    stop: CancellationToken,
) {
    let settings = Arc::new(settings);
    let shared = Arc::new(Shared::new(settings, store, clock, controls, stop));
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(supervisor::keep(Arc::clone(&shared), Owns::Link(Stream::Rest), poller::run));
    tasks.spawn(supervisor::keep(
        Arc::clone(&shared),
        Owns::Link(Stream::WsPublic),
        supervisor::run_public,
    ));
    tasks.spawn(supervisor::keep(Arc::clone(&shared), Owns::History, history_reader::run));
    if shared.settings.credentials.is_some() {
        tasks.spawn(supervisor::keep(
            shared,
            Owns::Link(Stream::WsPrivate),
            supervisor::run_private,
        ));
    }
    while tasks.join_next().await.is_some() {}
}
