//! Places of values in a range, in thousandths: what curves are drawn of.

use rust_decimal::prelude::ToPrimitive;

/// Returns values in thousandths of their range.
pub(super) fn thousandths(values: &[f64]) -> Vec<u16> {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    values.iter().map(|value| height(*value, low, high)).collect()
}

/// Returns where a value stands between two others, in thousandths.
pub(super) fn height(value: f64, low: f64, high: f64) -> u16 {
    let share = (value - low) / (high - low) * 1000.0;
    // A curve that never moved stands in the middle.
    if share.is_finite() { share.round().to_u16().unwrap_or(500) } else { 500 }
}
