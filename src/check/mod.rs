//! `check`: walks from the name lookup to the first data of each channel and says of each step whether it is good,
//! and what to do where it is not.
//!
//! There is no second client: [`gather`] opens the same streams by the same dialler and then runs the same feeds,
//! store and engine for some seconds; what they found is the [`Evidence`]. [`findings`] turns that into lines,
//! without IO. [`Terminal`] and the settings are looked at by the caller and become lines in the same way.

mod account;
mod evidence;
mod finding;
mod gather;
mod links;
mod market;
mod output;
mod remedy;
mod requests;
mod route;
mod span;
mod terminal;
mod thresholds;
mod walk;

#[cfg(test)]
mod tests;

pub use evidence::{Dialed, Evidence, Watcher};
pub use finding::{Area, Finding, Status, exit_code};
pub use gather::{Probe, gather};
pub use output::{to_json, to_text};
pub use terminal::Terminal;
pub use thresholds::Thresholds;
pub use walk::{Surroundings, findings};
