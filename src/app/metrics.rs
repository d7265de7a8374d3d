//! Metrics beside the engine.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};

use super::exit::Failure;
use crate::domain::Clock;
use crate::engine::Handle;
use crate::feed::RequestCounts;
use crate::metrics::{Counters, Scrape, serve, text};

/// An address at which metrics will be served.
#[derive(Debug)]
pub(super) struct Metrics {
    listener: TcpListener,
}

impl Metrics {
    /// Takes the address: what can fail must fail before anything is connected.
    pub(super) fn listen(address: SocketAddr) -> Result<Self, Failure> {
        let failed =
            |error: std::io::Error| Failure::running(format!("--metrics {address}: {error}"));
        let listener = TcpListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        tracing::info!(%address, "metrics are served at /metrics");
        Ok(Self { listener })
    }

    /// Serves until it is dropped, in the context of a runtime.
    pub(super) async fn serve(
        self,
        account: String,
        mut engine: Handle,
        requests: Arc<RequestCounts>,
        clock: Arc<dyn Clock>,
    ) {
        let listener = match tokio::net::TcpListener::from_std(self.listener) {
            Ok(listener) => listener,
            Err(error) => {
                tracing::error!(%error, "metrics cannot be served");
                return;
            }
        };
        let counters = Arc::new(Mutex::new(Counters::default()));
        let counted = Arc::clone(&counters);
        let newest = engine.clone();
        let scraped = move || {
            let counters = counted.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let requests = requests.counts();
            let (account, now) = (account.as_str(), clock.now());
            let scrape = Scrape { account, now, counters: &counters, requests: &requests };
            text(&newest.newest(), &scrape).unwrap_or_default()
        };
        let count = async {
            while let Some(report) = engine.next().await {
                counters.lock().unwrap_or_else(PoisonError::into_inner).follow(&report);
            }
        };
        tokio::join!(count, serve(listener, scraped));
    }
}
