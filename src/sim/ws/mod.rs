//! The sockets, as strict as the real ones. `session` serves one, `socket` sends on it, `generation` holds
//! the names and frames of V2 and V3.

mod generation;
mod session;
mod socket;

pub(super) use self::generation::{Generation, V2, V3};
pub(super) use self::session::serve;
