//! Requests: the client, what it needs of a transport, and the budget that all requests share.

mod client;
mod http;
mod throttle;

#[cfg(test)]
mod tests;

pub use client::{Reply, RestClient};
pub use http::{Header, HttpAnswer, HttpFailure, HttpGet};
pub use throttle::Throttle;
