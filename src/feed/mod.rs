//! Moves bytes and time: the two sockets, the polls and the background reads of history, each a task.
//!
//! A feed knows how to connect, when to send a request and when to give up waiting; what the messages
//! mean is decided in `exchange`, what they change in `store`. Updates are applied where they were
//! parsed: there is no queue between a frame and the state. Everything here runs on one current-thread
//! runtime beside the drawing thread. Start with [`run`].

mod applied;
mod backfill;
mod backoff;
mod certificate;
mod connection;
mod context;
mod detection;
mod dialer;
mod error_policy;
mod history_reader;
mod http;
mod observed;
mod offset;
mod pages;
mod poller;
mod progress;
mod proxy;
mod request_counts;
mod rest_link;
mod schedule;
mod settings;
mod supervisor;
mod transport;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

pub use applied::{Times, updates};
pub use backoff::Backoff;
pub use certificate::{Certificate, CertificateFault};
pub use context::{Command, Controls};
pub use dialer::{NetDialer, Network, SystemNetwork};
pub use http::HttpClient;
pub use pages::joined;
pub use progress::{DialFacts, Progress, Step, TlsFacts};
pub use proxy::ProxyRule;
pub use request_counts::RequestCounts;
pub use settings::Settings;
pub use transport::{BoxIo, Dial, DialError, Target, tls_config};

use crate::domain::{Clock, Stream};
use crate::store::SharedStore;
use context::Shared;
use supervisor::Owns;

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
