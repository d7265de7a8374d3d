//! Starts the embedded exchange for `--demo`.

use std::sync::Arc;

use tokio::net::TcpListener;

use crate::domain::Clock;
use crate::sim::{SimConfig, SimServer};

/// Starts it on a free port of loopback.
pub(super) async fn demo_exchange(
    config: SimConfig,
    clock: Arc<dyn Clock>,
) -> Result<SimServer, String> {
    let failed = |error: &dyn std::fmt::Display| {
        format!("the embedded exchange cannot start on 127.0.0.1: {error}")
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| failed(&error))?;
    SimServer::start(listener, config, clock).map_err(|error| failed(&error))
}
