//! [`Settings`]: what a feed needs to run.

use std::sync::Arc;
use std::time::Duration;

use super::transport::{Dial, Target};
use crate::config::{ApiChoice, ReconnectConfig, RefreshConfig};
use crate::domain::Symbol;
use crate::exchange::rest::RestClient;
use crate::exchange::{Credentials, Observe};

/// What a feed needs. Time, randomness and transport are passed in.
#[derive(Debug)]
pub struct Settings {
    /// The focus at the start.
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
    /// Is told what becomes of subscriptions; `None` for nobody.
    pub observer: Option<Arc<dyn Observe>>,
    /// A ping is sent on each socket at least this often; `None` for as often as it needs.
    pub ping_every: Option<Duration>,
}
