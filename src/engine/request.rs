//! [`Request`]: a reading that somebody waits for.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use rust_decimal::Decimal;

use crate::report::Report;

/// A reading that somebody waits for.
#[derive(Debug)]
pub(super) struct Request {
    /// A new target distance of the what-ifs.
    pub(super) aim: Option<Decimal>,
    /// The user has seen the alerts that are on.
    pub(super) acknowledges: bool,
    pub(super) reply: SyncSender<Arc<Report>>,
}
