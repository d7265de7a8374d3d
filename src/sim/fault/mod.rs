//! Fault injection: what networks and exchanges do to clients, by a script and a seed.
//!
//! `kinds` lists the faults, `script` parses them from TOML, `schedule` knows which are active at a
//! moment. `link` applies them to the bytes of a connection, `body` to response bodies, `corruption` to
//! data. Everything that serves queries the one `injector`; without a script it finds nothing.

mod body;
mod corruption;
mod garbage;
mod injector;
pub(super) mod kinds;
mod link;
mod schedule;
mod script;

pub use kinds::{Direction, Fault, Garbage, On, Reason, Reply, Stage};
pub use schedule::Corruption;
pub use script::{Entry, Script, ScriptError};

pub(super) use body::Body;
pub(super) use corruption::{TrafficHistory, corrupt_frame, corrupt_response};
pub(super) use garbage::garbage;
pub(super) use injector::FaultInjector;
pub(super) use kinds::when;
pub(super) use link::{Ending, Link, Links, relay};
pub(super) use schedule::{FaultTarget, OneShot, Schedule};
