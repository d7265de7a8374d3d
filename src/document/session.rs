//! The session: how the equity has moved since the first reading.

use std::collections::BTreeSet;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::{EquityPoint, Time};
use crate::domain::{LedgerKind, Text, Timestamp};
use crate::risk::{Curve, CurveFigures};
use crate::store::{LedgerHistory, Snapshot};

/// Coins whose amounts are in the coin of the equity.
const COINS: [&str; 3] = ["USDT", "USD", "USDC"];

/// What a session remembers.
#[derive(Debug, Default)]
pub(super) struct Session {
    curve: Curve,
    seen: Arc<LedgerHistory>,
    /// Transfers since the session began that are in the curve.
    booked: BTreeSet<Text>,
    /// Money moved whose worth in the coin of the equity is not known: nothing can be said any more.
    unexplained: bool,
}

impl Session {
    /// Takes in a reading that is proven; `None` leaves a hole in the curve. `now` is the exchange's
    /// time.
    pub(super) fn follow(&mut self, snapshot: &Snapshot, equity: Option<Decimal>, now: Timestamp) {
        if let Some(equity) = equity {
            self.curve.push(now, equity, Decimal::ZERO);
        }
        if Arc::ptr_eq(&self.seen, &snapshot.history) {
            return;
        }
        self.seen = Arc::clone(&snapshot.history);
        let Some(started) = self.curve.started_at() else { return };
        for row in self.seen.rows.iter().take_while(|row| row.time > started) {
            if row.kind != LedgerKind::Transfer || !self.booked.insert(row.id.clone()) {
                continue;
            }
            if COINS.contains(&row.coin.as_str())
                && let Some(flow) = row.amount.checked_sub(row.fee_paid)
            {
                self.curve.book(row.time, flow);
            } else {
                self.unexplained = true;
            }
        }
    }

    /// Returns what the session came to; `None` before the first reading.
    pub(super) fn figures(&self) -> Option<CurveFigures> {
        self.curve.figures().filter(|_| !self.unexplained)
    }

    pub(super) fn started_at(&self) -> Option<Time> {
        self.curve.started_at().map(Time)
    }

    pub(super) fn points(&self) -> Vec<EquityPoint> {
        self.curve.points().map(|(at, equity)| EquityPoint { at: Time(at), equity }).collect()
    }
}
