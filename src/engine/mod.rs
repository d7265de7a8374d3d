//! The engine: the task that reads the store and publishes reports, whoever looks at them.
//!
//! It runs beside the feeds and knows no terminal, so nothing that is derived (session, drawdown, levels,
//! reconciliation, statistics) stops while a terminal is blocked, frozen or absent. [`start`] gives a
//! [`Handle`]; readers take the newest [`Report`](crate::report::Report) from it and can hold nothing up.
//! What is `watched` is read at once when it moves (what comes in several frames once they are here), other
//! changes in its company, and everything at least once a second, so that ages and countdowns are true.

mod handle;
mod pace;
mod pacer;
mod request;
mod task;
mod watched;

#[cfg(test)]
mod tests;

pub use handle::Handle;
pub use pace::Pace;
pub use pacer::News;
pub use task::{EngineTask, start};
