//! What the responses to requests change: the one place that makes updates of them, for a feed and for a
//! replay.

use super::context::Shared;
use crate::domain::{Body, Origin, Timestamp, Update};
use crate::exchange::rest::TimedResponse;
use crate::exchange::{Applied, Purpose, Response};

/// The times of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Local time at which it left: the response is at least this new.
    pub started: Timestamp,
    /// Local time of receipt.
    pub received: Timestamp,
    /// The exchange's time of responding; `None` where it does not say.
    pub sent: Option<Timestamp>,
}

/// Returns the updates that a response is made into.
pub fn updates(response: Response, times: Times, purpose: Purpose) -> impl Iterator<Item = Update> {
    let Times { started: as_of, received, sent } = times;
    response.bodies.into_iter().map(move |body| {
        let (origin, body) = match (purpose, body) {
            (Purpose::Ledger { since, until, last }, Body::Ledger { rows, .. }) => {
                (Origin::Rest, Body::LedgerHistory { since, until, rows, complete: last })
            }
            (Purpose::Closed, body) => (Origin::Local, body),
            (Purpose::Poll | Purpose::Ledger { .. }, body) => (Origin::Rest, body),
        };
        Update { origin, as_of, received, sent, body }
    })
}

impl Shared {
    /// Applies a response, and tells who watches.
    pub(super) fn take(&self, timed: TimedResponse, purpose: Purpose) {
        let TimedResponse { response, started, received, sent, numbers, whole, .. } = timed;
        if let Some(observer) = &self.settings.observer {
            observer.applied(&Applied { numbers: &numbers, whole, purpose }, self.now());
        }
        for update in updates(response, Times { started, received, sent }, purpose) {
            self.store.apply(update);
        }
    }
}
