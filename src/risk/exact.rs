//! Checked decimal operations that return `None` instead of panicking.

use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy::{ToNegativeInfinity, ToPositiveInfinity};

/// Returns `a + b`; `None` when it does not fit.
pub fn add(a: Decimal, b: Decimal) -> Option<Decimal> {
    a.checked_add(b)
}

/// Returns `a − b`; `None` when it does not fit.
pub fn sub(a: Decimal, b: Decimal) -> Option<Decimal> {
    a.checked_sub(b)
}

/// Returns `a · b`; `None` when it does not fit.
pub fn mul(a: Decimal, b: Decimal) -> Option<Decimal> {
    a.checked_mul(b)
}

/// Returns `a / b` to 28 digits; `None` when `b` is zero or the result does not fit.
pub fn div(a: Decimal, b: Decimal) -> Option<Decimal> {
    a.checked_div(b)
}

/// Returns the sum; zero for no values, `None` when one is unknown or the sum does not fit.
pub fn sum(values: impl IntoIterator<Item = Option<Decimal>>) -> Option<Decimal> {
    values.into_iter().try_fold(Decimal::ZERO, |total, value| total.checked_add(value?))
}

/// Returns the largest multiple of `step` that is not above `value`; `None` for a step of zero or less.
pub(super) fn round_down(value: Decimal, step: Decimal) -> Option<Decimal> {
    match places(step) {
        Some(places) => Some(value.round_dp_with_strategy(places, ToNegativeInfinity)),
        None => mul(div(value, positive(step)?)?.floor(), step),
    }
}

/// Returns the smallest multiple of `step` that is not below `value`; `None` for a step of zero or less.
pub(super) fn round_up(value: Decimal, step: Decimal) -> Option<Decimal> {
    match places(step) {
        Some(places) => Some(value.round_dp_with_strategy(places, ToPositiveInfinity)),
        None => mul(div(value, positive(step)?)?.ceil(), step),
    }
}

/// The places after the point of a step like 0.001, where no division is needed.
const fn places(step: Decimal) -> Option<u32> {
    if step.mantissa() == 1 { Some(step.scale()) } else { None }
}

fn positive(step: Decimal) -> Option<Decimal> {
    Some(step).filter(|step| *step > Decimal::ZERO)
}
