//! Alerts: when the user is told what happens unseen.
//!
//! ```text
//! report ─ reading (what it says of each rule) ─ condition (holds, has cooled) ─ Monitor ─ changes
//! ```
//!
//! [`Monitor`] is pure: reports in, changes out, no clock, no IO. It reads reports and never the screen, so an
//! alert needs no terminal. A figure that is stale or missing raises nothing and ends nothing; where that lasts,
//! the user is told once that its alert cannot be raised.

mod change;
mod condition;
mod monitor;
mod reading;
mod subject;

#[cfg(test)]
mod tests;

pub use change::{AlertId, Change, EarlierAlert};
pub use monitor::{Monitor, UNKNOWN_LIMIT};
