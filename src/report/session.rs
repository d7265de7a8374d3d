//! The session: how the equity has moved since the first reading.

use rust_decimal::Decimal;

use super::EquityPoint;
use super::inputs::Inputs;
use super::wallet::{Movement, Wallet};
use crate::domain::Timestamp;
use crate::risk::{self, Curve, CurveFigures};
use crate::store::EventKind;

/// What a session remembers.
#[derive(Debug, Default)]
pub(super) struct Session {
    curve: Curve,
    wallet: Wallet,
    /// Readings that rest on a movement which is not explained.
    held_back: Option<HeldBack>,
    /// The newest reading counts.
    is_current: bool,
    proven: Proven,
}

/// The curve as far as lists of positions have proven it. A price of after a split may come before the list
/// that has the new size: what was read in between nobody ever had, and it is taken back.
#[derive(Debug, Default)]
struct Proven {
    curve: Curve,
    /// What came in (positive) or went out since.
    flow: Decimal,
    /// The readings since were taken back, and that flow with them: it belongs to the next one.
    is_taken_back: bool,
    listed: Option<Timestamp>,
    adjusted: Option<Timestamp>,
}

type Reading = (Timestamp, Decimal);

/// The lowest, the highest and the newest of some readings.
#[derive(Debug, Clone, Copy)]
struct HeldBack {
    low: Reading,
    high: Reading,
    last: Reading,
}

impl Session {
    /// Takes in an equity that is proven; `None` leaves a hole in the curve.
    ///
    /// A reading counts when it is known how much of it came in or went out: while a movement of the
    /// wallet is not explained, readings wait, so that no extreme has to be taken back.
    pub(super) fn follow(&mut self, inputs: &Inputs<'_>, equity: Option<Decimal>) {
        self.is_current = false;
        let movement = self.wallet.follow(inputs);
        if movement == Movement::Moved {
            self.held_back = None;
        }
        self.prove(inputs);
        if movement == Movement::Unknown || inputs.snapshot.positions.confirmed_at.is_none() {
            return;
        }
        let open = self.wallet.unexplained().is_some();
        if !open && let Some(HeldBack { low, high, last }) = self.held_back.take() {
            let (early, late) = if low.0 <= high.0 { (low, high) } else { (high, low) };
            for reading in [early, late, last] {
                self.push(reading);
            }
        }
        let Some(equity) = equity else { return };
        self.is_current = true;
        let reading = (inputs.exchange_now, equity);
        if open {
            let held = self.held_back.get_or_insert(HeldBack {
                low: reading,
                high: reading,
                last: reading,
            });
            held.add(reading);
        } else {
            self.push(reading);
        }
    }

    /// Takes note of a list that confirms what was read before it, or takes that back.
    fn prove(&mut self, inputs: &Inputs<'_>) {
        let snapshot = inputs.snapshot;
        let is_adjusted = |kind: &EventKind| matches!(kind, EventKind::Adjusted { .. });
        let adjusted = snapshot.events.iter().find(|event| is_adjusted(&event.kind));
        let adjusted = adjusted.map(|event| event.at);
        let listed = snapshot.positions.confirmed_at;
        if adjusted > self.proven.adjusted {
            self.proven.adjusted = adjusted;
            self.curve.clone_from(&self.proven.curve);
            (self.proven.is_taken_back, self.held_back) = (true, None);
        } else if listed != self.proven.listed && !self.proven.is_taken_back {
            self.proven.curve.clone_from(&self.curve);
            self.proven.flow = Decimal::ZERO;
        }
        self.proven.listed = listed;
    }

    fn push(&mut self, (at, equity): Reading) {
        let flow = self.wallet.take_flow();
        let since = risk::add(self.proven.flow, flow).unwrap_or(flow);
        let is_first = std::mem::take(&mut self.proven.is_taken_back);
        self.curve.push(at, equity, if is_first { since } else { flow });
        self.proven.flow = since;
    }

    /// Returns what the session came to; `None` before the first reading, and while the newest report
    /// holds a movement that is not explained.
    pub(super) fn figures(&self) -> Option<CurveFigures> {
        let known = !self.wallet.has_moved_elsewhere() && self.wallet.unexplained().is_none();
        self.curve.figures().filter(|_| known)
    }

    /// Returns what no fill, funding or ledger entry accounts for; `None` when all is explained.
    pub(super) fn unexplained(&self) -> Option<Decimal> {
        self.wallet.unexplained()
    }

    /// Returns whether the figures are of now: else the equity is not known, or a change of the account is still
    /// being taken in, and they are those of before.
    pub(super) const fn is_current(&self) -> bool {
        self.is_current
    }

    pub(super) fn started_at(&self) -> Option<Timestamp> {
        self.curve.started_at()
    }

    pub(super) fn points(&self) -> Vec<EquityPoint> {
        self.curve.points().map(|(at, equity)| EquityPoint { at, equity }).collect()
    }
}

impl HeldBack {
    fn add(&mut self, reading: Reading) {
        if reading.1 < self.low.1 {
            self.low = reading;
        }
        if reading.1 > self.high.1 {
            self.high = reading;
        }
        self.last = reading;
    }
}
