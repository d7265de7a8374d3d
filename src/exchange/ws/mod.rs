//! The protocol of a stream, without IO: what to send, when, and what the texts mean.

mod close;
mod local_book;
mod operation;
mod session;
mod subscription;

#[cfg(test)]
mod tests;

pub use close::CloseReason;
pub use session::{Output, Phase, Session, Timing};
pub use subscription::ReadyChannel;
