//! Figures for those who watch many accounts: OpenMetrics text over HTTP.
//!
//! `exposition` writes the figures of one report; `counters` is what grows from report to report; `server`
//! answers `GET /metrics`. A figure that is stale or not known is absent, never an old number: how old the
//! data are is a metric of its own.

mod counters;
mod exposition;
mod server;

pub use counters::Counters;
pub use exposition::{Scrape, text};
pub use server::serve;
