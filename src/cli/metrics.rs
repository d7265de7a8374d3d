//! Where metrics are served.

use std::net::SocketAddr;

use clap::Args;

/// Where metrics are served.
#[derive(Debug, Clone, Default, Args)]
pub struct MetricsOptions {
    /// Serve OpenMetrics at /metrics of this address; of the dashboard and of watch
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    pub metrics: Option<SocketAddr>,
    /// Let other machines read the metrics: they tell equity and positions, to whoever asks
    #[arg(long, global = true, requires = "metrics")]
    pub metrics_allow_remote: bool,
}

impl MetricsOptions {
    /// Returns what is wrong with the address.
    pub(super) fn problem(&self) -> Option<String> {
        let address = self.metrics.filter(|address| !address.ip().is_loopback())?;
        (!self.metrics_allow_remote).then(|| {
            format!(
                "--metrics {address}: other machines could read equity and positions there; give a loopback address such as 127.0.0.1:9464, or add --metrics-allow-remote"
            )
        })
    }
}
