//! Requests: the client, the transport below it, and the budget that all requests share.

mod client;
mod http;
mod throttle;

#[cfg(test)]
mod tests;

pub use client::{Reply, RestClient};
pub use http::{Header, HttpAnswer, HttpFailure, HttpGet, ReqwestGet};
pub use throttle::Throttle;
