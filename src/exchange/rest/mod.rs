//! REST: the client, what it needs of a transport, and the rate limit that all requests share.

mod client;
mod http_get;
mod throttle;

#[cfg(test)]
mod tests;

pub use client::{Read, RestClient, TimedResponse, Turn, read};
pub use http_get::{Header, HttpFailure, HttpGet, HttpResponse};
pub use throttle::Throttle;
