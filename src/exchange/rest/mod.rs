//! REST: the client, what it needs of a transport, and the rate limit that all requests share.

mod client;
mod http_get;
mod throttle;

#[cfg(test)]
mod tests;

pub use client::{RestClient, TimedResponse};
pub use http_get::{Header, HttpFailure, HttpGet, HttpResponse};
pub use throttle::Throttle;
