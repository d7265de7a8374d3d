//! [`Engine`]: makes one document after the other, and remembers what lies between two of them.
//!
//! Almost every figure follows from the state and the present alone. What does not is kept here: the
//! equity of the session, levels that fall later than they rise, which form of the exchange's rules
//! fits its own figures, and statistics that change once a minute and not at every frame.

use rust_decimal::Decimal;

use super::history::Past;
use super::portfolio::IsolatedThen;
use super::position_risk::Gauges;
use super::reconciliation::Agreement;
use super::session::Session;
use super::statistics::Contracts;
use super::{Context, Document, build};
use crate::domain::Timestamp;
use crate::store::Snapshot;

/// Makes documents.
#[derive(Debug)]
pub struct Engine {
    pub(super) context: Context,
    pub(super) contracts: Contracts,
    pub(super) agreement: Agreement,
    pub(super) isolated_then: IsolatedThen,
    pub(super) session: Session,
    pub(super) gauges: Gauges,
    pub(super) past: Past,
}

impl Engine {
    /// Returns an engine that has seen nothing yet.
    pub fn new(context: Context) -> Self {
        Self {
            context,
            contracts: Contracts::default(),
            agreement: Agreement::default(),
            isolated_then: IsolatedThen::default(),
            session: Session::default(),
            gauges: Gauges::default(),
            past: Past::default(),
        }
    }

    /// Sets the distance of the liquidation price that the what-ifs aim at, a fraction.
    pub const fn aim_at(&mut self, target_distance: Decimal) {
        self.context.risk.target_distance = target_distance;
    }

    /// Returns the document of `snapshot` at `now` (local clock). Call it once a frame, with times that
    /// do not go back.
    pub fn read(&mut self, snapshot: &Snapshot, now: Timestamp) -> Document {
        build::document(self, snapshot, now)
    }
}
