//! The session: how the equity has moved since the first reading.

use std::collections::BTreeSet;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::EquityPoint;
use super::inputs::Inputs;
use crate::domain::{LedgerKind, PositionKey, Text, Timestamp};
use crate::risk::{Curve, CurveFigures};
use crate::store::LedgerHistory;

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
    /// What was held at the last look; `None` before the first list.
    held: Option<Vec<(PositionKey, Decimal)>>,
    /// When that was seen to change, local time.
    changed_at: Option<Timestamp>,
}

impl Session {
    /// Takes in an equity that is proven; `None` leaves a hole in the curve.
    pub(super) fn follow(&mut self, inputs: &Inputs<'_>, equity: Option<Decimal>) {
        let snapshot = inputs.snapshot;
        let consistent = self.is_of_one_moment(inputs);
        if let Some(equity) = equity.filter(|_| consistent) {
            self.curve.push(inputs.exchange_now, equity, Decimal::ZERO);
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

    /// Returns whether the report of the account and the list of positions speak of the same positions.
    ///
    /// What closes leaves the list with its PnL, which comes back with the next report, and a report may
    /// come before the list: between the two the equity is off by that PnL, and a drawdown remembers.
    fn is_of_one_moment(&mut self, inputs: &Inputs<'_>) -> bool {
        let snapshot = inputs.snapshot;
        let Some(listed) = snapshot.positions.confirmed_at else { return false };
        let rows = &snapshot.positions.rows;
        let same = |held: &Vec<(PositionKey, Decimal)>| {
            let mut pairs = held.iter().zip(rows);
            held.len() == rows.len()
                && pairs.all(|((key, size), row)| *key == row.key && *size == row.size)
        };
        if !self.held.as_ref().is_some_and(same) {
            self.changed_at = self.held.is_some().then_some(inputs.now);
            self.held = Some(rows.iter().map(|row| (row.key.clone(), row.size)).collect());
        }
        let reported = snapshot.account.as_ref().map(|account| account.as_of);
        reported.is_some_and(|reported| {
            listed >= reported && self.changed_at.is_none_or(|changed| reported > changed)
        })
    }

    /// Returns what the session came to; `None` before the first reading.
    pub(super) fn figures(&self) -> Option<CurveFigures> {
        self.curve.figures().filter(|_| !self.unexplained)
    }

    pub(super) fn started_at(&self) -> Option<Timestamp> {
        self.curve.started_at()
    }

    pub(super) fn points(&self) -> Vec<EquityPoint> {
        self.curve.points().map(|(at, equity)| EquityPoint { at, equity }).collect()
    }
}
