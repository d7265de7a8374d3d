//! Between exact decimals and the binary numbers that logarithms and probabilities need.

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

/// Digits of a statistic in the document: more would claim a precision that no estimate has.
const DIGITS: u32 = 6;
/// The powers of ten that a decimal's places stand for.
const POWERS: [f64; 29] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28,
];

/// Returns a statistic as a decimal of 6 significant digits; `None` for what is no number or does
/// not fit. What is smaller than a decimal can hold is zero.
pub fn statistic(value: f64) -> Option<Decimal> {
    scaled(value).or_else(|| significant(decimal(value)?))
}

/// The kept digits as a whole number: a tenth of the work of a conversion with all digits. `None` for
/// zero, for a million and more, and for what is no number.
#[expect(clippy::float_arithmetic, reason = "scaling of a statistic")]
fn scaled(value: f64) -> Option<Decimal> {
    let whole_digits = libm::log10(value.abs()).floor().to_i64()? + 1;
    let places = u32::try_from(i64::from(DIGITS) - whole_digits).ok()?.min(Decimal::MAX_SCALE);
    let digits = (value * POWERS.get(usize::try_from(places).ok()?)?).round().to_i64()?;
    Decimal::try_new(digits, places).ok().map(|kept| kept.normalize())
}

/// Returns a statistic that is a decimal already, in 6 significant digits.
pub fn significant(value: Decimal) -> Option<Decimal> {
    // `normalize` also turns a negative zero into zero.
    value.round_sf(DIGITS).map(|rounded| rounded.normalize())
}

/// Returns a binary number as a decimal, to about 16 digits.
pub(super) fn decimal(value: f64) -> Option<Decimal> {
    Decimal::from_f64(value)
}

/// Returns the nearest binary number of a price; `None` for one that is not above zero.
pub(super) fn positive(value: Decimal) -> Option<f64> {
    value.to_f64().filter(|number| *number > 0.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::dec;

    use super::*;

    #[rstest::rstest]
    #[case(0.025_238_510_181, "0.0252385")]
    #[case(-1_234.567_89, "-1234.57")]
    #[case(0.5, "0.5")]
    #[case(123_456_789.0, "123457000")]
    #[case(-0.0, "0")]
    #[case(1.3e-54, "0")]
    #[case(f64::MIN_POSITIVE, "0")]
    #[case(0.999_999_96, "1")]
    fn keeps_six_digits(#[case] value: f64, #[case] expected: &str) {
        assert_eq!(statistic(value).unwrap().to_string(), expected);
    }

    #[rstest::rstest]
    #[case(f64::NAN)]
    #[case(f64::INFINITY)]
    #[case(f64::NEG_INFINITY)]
    #[case(1e40)]
    fn what_is_no_number_is_unknown(#[case] value: f64) {
        assert_eq!(statistic(value), None);
    }

    /// A logarithm that falls short of a whole number would cost a digit.
    #[test]
    fn powers_of_ten_have_whole_logarithms() {
        for (power, places) in POWERS.iter().zip(0u8..) {
            let found = (libm::log10(*power), libm::pow(10.0, f64::from(places)));
            assert_eq!(format!("{found:?}"), format!("{:?}", (f64::from(places), *power)));
        }
    }

    #[test]
    fn prices_are_above_zero() {
        assert_eq!(positive(dec!(0)), None);
        assert_eq!(positive(dec!(-1)), None);
        assert_eq!(positive(dec!(63250.5)), Some(63250.5));
    }

    proptest! {
        #[test]
        fn is_within_half_a_unit_of_the_sixth_digit(value in -1e20..1e20f64) {
            let (exact, back) = (decimal(value).unwrap(), statistic(value).unwrap());
            prop_assert!((back - exact).abs() <= exact.abs() * dec!(0.000005), "{exact} {back}");
        }

        #[test]
        fn no_number_panics(bits in any::<u64>()) {
            if let Some(known) = statistic(f64::from_bits(bits)) {
                prop_assert_eq!(significant(known), Some(known));
            }
        }
    }
}
