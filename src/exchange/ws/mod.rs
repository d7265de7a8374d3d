//! The session of a stream, without IO: what to send, when, and what the texts mean.

mod book;
mod close;
mod request;
mod session;
mod subscription;

#[cfg(test)]
mod tests;

pub use close::CloseReason;
pub use session::{Output, Phase, Session, Timing};
