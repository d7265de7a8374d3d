//! The protocol of a stream, without IO: what to send, when, and what the texts mean.

mod close;
mod local_book;
mod operation;
mod session;
mod subscription;
mod timing;

#[cfg(test)]
mod tests;

pub use close::CloseReason;
pub use session::{Output, Phase, Session};
pub use subscription::ReadyChannel;
pub use timing::Timing;
