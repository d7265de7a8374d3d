//! Alerts: when the user is told what happens unseen, and by which ways.
//!
//! ```text
//! report ─ reading (what it says of each rule) ─ condition (holds, has cooled) ─ Monitor ─ changes
//!                                                                                            │
//!        report.alerts, events, problems ─ Notifier ─ message ─ a bounded queue for each way ┘
//!                                             terminal (drawing thread) │ webhook │ command
//! ```
//!
//! [`Monitor`] is pure: reports in, changes out, no clock, no IO. It reads reports and never the screen, so an
//! alert needs no terminal. A figure that is stale or missing raises nothing and ends nothing; where that lasts,
//! the user is told once that its alert cannot be raised.
//!
//! While the user hides the amounts ([`Privacy`]) none leaves by any way: a message has its words with and without
//! them, and which are sent is decided at each attempt.
//!
//! [`Notifier`] passes changes on and never waits. What hangs, fails or is full is a failed delivery: it is in the
//! document, and a problem on screen.

mod change;
mod command;
mod condition;
mod delivery;
mod earlier;
mod message;
mod monitor;
mod notifier;
mod privacy;
mod reading;
mod subject;
mod template;
mod terminal;
mod way_set;
mod webhook;

#[cfg(test)]
mod tests;

pub use change::{AlertId, Change};
pub use command::CommandWay;
pub use delivery::{Deliver, DeliveryError, Message};
pub use message::test as test_message;
pub use monitor::{Monitor, UNKNOWN_LIMIT};
pub use notifier::{Followed, Notifier};
pub use privacy::Privacy;
pub use terminal::{Multiplexer, TerminalKind, TerminalOutbox};
pub use way_set::{Outbox, WaySet};
pub use webhook::{Webhook, WebhookAddress, WebhookClient};
