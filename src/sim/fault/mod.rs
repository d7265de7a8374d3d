//! Fault injection: what networks and exchanges do to clients, by a script and a seed.
//!
//! `kinds` lists the faults, `script` parses them from TOML, `schedule` knows which are active at a
//! moment, `link` acts on the bytes of a connection, `body` on response bodies, `corruption` on the
//! data. The code that serves queries the schedule; without a script none of this is in its way.

/// A closure that returns `$value` for faults of one kind, for [`Schedule::find`].
macro_rules! when {
    ($pattern:pat => $value:expr) => {
        |fault: &$crate::sim::Fault| if let $pattern = fault { Some($value) } else { None }
    };
}
pub(super) use when;

mod body;
mod corruption;
mod garbage;
mod kinds;
mod link;
mod schedule;
mod script;

pub use kinds::{Direction, Fault, Garbage, On, Reply, Stage};
pub use script::{Entry, Script, ScriptError};

pub(super) use body::Body;
pub(super) use corruption::{TrafficHistory, corrupt_frame, corrupt_response};
pub(super) use garbage::garbage;
pub(super) use link::{Ending, Link, Links, relay};
pub(super) use schedule::{FaultTarget, OneShot, Schedule};
