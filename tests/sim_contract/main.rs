//! The embedded exchange against payloads of the real one: every key with its JSON type.
//!
//! The payloads under `fixtures` were recorded from the exchange or are those of its documentation. Whatever
//! one of them contains, the simulated response must contain too, with the same JSON type.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "a test may fail loudly, and its parts share what they need"
)]

mod account_kind;
mod mixed;
mod support;
mod v2;
mod v3;
