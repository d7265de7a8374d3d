//! Moves bytes and time: the two sockets, the polls and what is read in the background, each a task
//! with one owner.
//!
//! A feed knows how to connect, when to ask and when to give up waiting; what the messages mean is
//! decided in `exchange`, what they change in `store`. Updates are applied where they were read: no
//! queue stands between a frame and the state. Everything here runs on one current-thread runtime
//! beside the drawing thread. Start with [`run`].

mod backoff;
mod connection;
mod context;
mod detection;
mod history;
mod http;
mod needs;
mod offset;
mod pages;
mod poller;
mod rest_link;
mod schedule;
mod supervisor;
mod transport;
mod verdict;

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
    /// The generation of the API. Left open, the account is asked; prices then come by V3, which serves
    /// both kinds of account: they wait for no answer and do not move when the account does.
    pub api: ApiChoice,
    /// Requests.
    pub rest: Arc<RestClient>,
    /// Sockets.
    pub dialer: Arc<dyn Dial>,
    /// Where the sockets are.
    pub stream_origin: Target,
    /// The key; without one only market data are asked for.
    pub credentials: Option<Arc<Credentials>>,
    /// Cadences.
    pub refresh: RefreshConfig,
    /// How a lost link is tried again.
    pub reconnect: ReconnectConfig,
    /// Deadline of name, TCP, TLS, upgrade and login together.
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
    tasks.spawn(supervisor::keep(Arc::clone(&shared), Owns::History, history::run));
    if shared.settings.credentials.is_some() {
        tasks.spawn(supervisor::keep(
            shared,
            Owns::Link(Stream::WsPrivate),
            supervisor::run_private,
        ));
    }
    while tasks.join_next().await.is_some() {}
}
