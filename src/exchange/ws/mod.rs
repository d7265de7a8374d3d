//! The session of a stream, without IO: what to send, when, and what the texts mean.

mod request;
mod session;
mod subscription;

#[cfg(test)]
mod tests;

pub use session::{CloseReason, Output, Phase, Session, Timing};
