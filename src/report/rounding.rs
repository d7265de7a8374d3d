//! How figures of the report are rounded: quotients only, far below anything that is shown.

use rust_decimal::Decimal;

/// Digits that are kept of a quotient.
const QUOTIENT_PLACES: u32 = 12;

/// Rounds a quotient and drops trailing zeros.
pub(super) fn tidy(value: Decimal) -> Decimal {
    value.round_dp(QUOTIENT_PLACES).normalize()
}
