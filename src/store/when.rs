//! [`When`]: the time of data, within the bounds of the clocks.

use crate::domain::Timestamp;

/// The local time at which data were true, as far as the clocks tell.
///
/// A push is as old as its sending, not as its arrival, and an answer that was given before it was asked
/// for (by a cache) is as old as that. The measured offset of the clocks leaves an error open, and it
/// counts against the data where it matters: an age is what it may be at the most, and only what is
/// certainly older than something else comes too late.
#[derive(Debug, Clone, Copy)]
pub(super) struct When {
    /// The earliest, which ages.
    pub(super) proven: Timestamp,
    /// The latest, which orders.
    pub(super) at_most: Timestamp,
}
