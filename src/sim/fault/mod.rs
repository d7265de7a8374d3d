//! Faults of the embedded exchange, by name, time and seed: what networks and exchanges do to clients.
//!
//! `kinds` names them, `script` reads them from TOML, `plan` knows which are active at a moment,
//! `link` spoils bytes on their way, `body` slows answers down and `data` spoils what is said. The
//! places that serve ask the plan; without a script there is nothing to ask and nothing in between.

/// Returns what a fault of one kind says, as a question to the [plan](Plan::find).
macro_rules! when {
    ($pattern:pat => $value:expr) => {
        |fault: &$crate::sim::Fault| if let $pattern = fault { Some($value) } else { None }
    };
}
pub(super) use when;

mod body;
mod data;
mod garbage;
mod kinds;
mod link;
mod plan;
mod script;

pub use kinds::{Answer, Direction, Fault, Garbage, On, Stage};
pub use script::{Entry, Script, ScriptError};

pub(super) use body::Body;
pub(super) use data::{Memory, answer as spoil_answer, frames as spoil_frames};
pub(super) use garbage::garbage;
pub(super) use link::{Ending, Link, Links, between};
pub(super) use plan::{Due, Plan, Target};
