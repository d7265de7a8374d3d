//! [`Reading`]: what the figures of risk are taken from.

use rust_decimal::Decimal;

use super::inputs::Inputs;
use super::portfolio::Holdings;
use crate::risk::{Moves, Valuation};

/// The moves of the scenario tables, in percent.
const MOVES: [i64; 8] = [-10, -5, -2, -1, 1, 2, 5, 10];

/// One reading, valued.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) inputs: &'a Inputs<'a>,
    pub(super) holdings: &'a Holdings<'a>,
    pub(super) valuation: &'a Valuation<'a>,
    /// What moves of the prices would do.
    pub(super) moves: &'a [Moves],
    /// What the equity that is shown holds beyond the one that risk is measured by: coins that count in
    /// part, or not at all.
    pub(super) unmodelled_equity: Option<Decimal>,
}

/// Returns what the moves of the scenario tables would do.
pub(super) fn moves(valuation: &Valuation<'_>) -> [Moves; 8] {
    MOVES.map(|percent| valuation.moves(Decimal::new(percent, 2)))
}
