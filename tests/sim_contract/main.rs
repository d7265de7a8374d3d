//! The embedded exchange against the real one's payloads: every key with its kind of value.
//!
//! The payloads under `fixtures` were recorded from the exchange or stand in its documentation. For each
//! of them, whatever it holds the simulated answer must hold too, with the same kind of value.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "a test may fail loudly, and its parts share what they need"
)]

mod kinds;
mod support;
mod v2;
mod v3;
