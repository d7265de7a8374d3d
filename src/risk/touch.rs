//! The probability that the price touches a level, above all the liquidation price.

use std::f64::consts::SQRT_2;
use std::sync::LazyLock;

use rust_decimal::Decimal;

use super::statistic::positive;
use super::volatility::Horizon;

/// Nodes and weights of the mean over a standard normal variable (Gauss-Hermite, 7 points): the node
/// at zero, then pairs.
const CENTRE_WEIGHT: f64 = 0.457_142_857_142_857_13;
const PAIRS: [(f64, f64); 3] = [
    (1.154_405_394_739_968_2, 0.240_123_178_605_012_8),
    (2.366_759_410_734_542, 0.030_757_123_967_586_42),
    (3.750_439_717_725_742, 0.000_548_268_855_972_218_6),
];

/// A share that is far beyond the six digits of a statistic.
const NEGLIGIBLE: f64 = 1e-12;

/// A price and a level that it may come to.
#[derive(Debug, Clone, Copy)]
pub struct Barrier {
    /// `S / B`, and minus the distance of the logarithms; `None` for a level that no price reaches.
    reached: Option<(f64, f64)>,
}

impl Barrier {
    /// Returns the level `barrier` for a price that stands at `spot`; `None` when that is not above zero.
    pub fn new(spot: Decimal, barrier: Decimal) -> Option<Self> {
        let spot = positive(spot)?;
        let reached = positive(barrier).map(|barrier| {
            let ratio = spot / barrier;
            (ratio, -libm::log(ratio).abs())
        });
        Some(Self { reached })
    }

    /// Returns the probability that a driftless price touches the level while it moves by `sigma` (the
    /// standard deviation of its logarithm over the whole time).
    ///
    /// First passage of `dS = σ·S·dW`, with `b = ln(B/S)`, `x = σ√T`; below the price
    /// `Φ((b + x²/2)/x) + (S/B)·Φ((b − x²/2)/x)`, above it with both signs turned. A level at or below
    /// zero is never touched. `None` when the volatility is not above zero.
    pub fn touch_probability(self, sigma: f64) -> Option<f64> {
        let x = usable(sigma)?;
        let Some((ratio, b)) = self.reached else { return Some(0.0) };
        let half = if ratio >= 1.0 { x / 2.0 } else { -x / 2.0 };
        let probability = normal_cdf(b / x + half) + ratio * normal_cdf(b / x - half);
        (!probability.is_nan()).then(|| probability.clamp(0.0, 1.0))
    }

    /// Returns the same with fat tails: the mean over an uncertain volatility,
    /// `x → x·exp(s·u − s²)` with `u` standard normal and `s` the spread of the forecast.
    ///
    /// The plain figure is half of what happens at two standard deviations and a tenth at three. This
    /// one is right up to two and still low beyond three, by a factor of 2 to 5.
    pub fn fat_touch_probability(self, sigma: f64, horizon: Horizon) -> Option<f64> {
        let mut mean = 0.0;
        for node in mixture(horizon) {
            let probability = self.touch_probability(sigma * node.factor)?;
            mean += node.weight * probability;
            // It falls with the volatility, so what is left cannot change a digit that is shown.
            if probability * node.left <= NEGLIGIBLE * mean {
                break;
            }
        }
        Some(mean.clamp(0.0, 1.0))
    }

    /// Returns `|ln(B/S)| / σ`, the distance in standard deviations of the time that `sigma` is for.
    /// `None` when the volatility is not above zero, and for a level that no price reaches.
    pub fn distance_in_sigmas(self, sigma: f64) -> Option<f64> {
        let (_, b) = self.reached?;
        Some(-b / usable(sigma)?).filter(|distance| distance.is_finite())
    }
}

/// Spread of the logarithm of the forecast error, measured on a month of one-minute bars.
const fn spread(horizon: Horizon) -> f64 {
    match horizon {
        Horizon::Hour => 0.40,
        Horizon::EightHours => 0.37,
        Horizon::Day => 0.33,
    }
}

/// One volatility of the mean.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// On the volatility that is expected.
    factor: f64,
    weight: f64,
    /// The weights of all nodes behind this one.
    left: f64,
}

/// The nodes, the highest volatility first: always the same, so computed once.
fn mixture(horizon: Horizon) -> &'static [Node; 7] {
    static MIXTURES: LazyLock<[[Node; 7]; 3]> = LazyLock::new(|| {
        let [a, b, c] = PAIRS;
        let turned = |(u, weight): (f64, f64)| (-u, weight);
        let all = [c, b, a, (0.0, CENTRE_WEIGHT), turned(a), turned(b), turned(c)];
        Horizon::ALL.map(|horizon| {
            let (s, mut left) = (spread(horizon), 1.0);
            all.map(|(u, weight)| {
                left -= weight;
                Node { factor: libm::exp(s * u - s * s), weight, left }
            })
        })
    });
    let [hour, eight_hours, day] = &*MIXTURES;
    match horizon {
        Horizon::Hour => hour,
        Horizon::EightHours => eight_hours,
        Horizon::Day => day,
    }
}

fn usable(sigma: f64) -> Option<f64> {
    (sigma.is_finite() && sigma > 0.0).then_some(sigma)
}

/// Returns the probability that a standard normal variable is below `x`; precise in the far tail.
fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / SQRT_2)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the standard library's are there to compare with")]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::dec;
    use rust_decimal::prelude::FromPrimitive;

    use super::*;

    fn touch_probability(spot: Decimal, barrier: Decimal, sigma: f64) -> Option<f64> {
        Barrier::new(spot, barrier)?.touch_probability(sigma)
    }

    fn fat_touch_probability(
        spot: Decimal,
        barrier: Decimal,
        sigma: f64,
        horizon: Horizon,
    ) -> Option<f64> {
        Barrier::new(spot, barrier)?.fat_touch_probability(sigma, horizon)
    }

    fn distance_in_sigmas(spot: Decimal, barrier: Decimal, sigma: f64) -> Option<f64> {
        Barrier::new(spot, barrier)?.distance_in_sigmas(sigma)
    }

    fn over(hours: f64, one_day: f64) -> f64 {
        one_day * (hours / 24.0).sqrt()
    }

    /// The table of worked values, each confirmed by 4,000,000 simulated paths.
    #[rstest::rstest]
    #[case(dec!(100000), dec!(99000), over(1.0, 0.03), 0.101_260)]
    #[case(dec!(100000), dec!(97000), over(8.0, 0.03), 0.079_857)]
    #[case(dec!(100000), dec!(97000), 0.03, 0.314_697)]
    #[case(dec!(100000), dec!(108000), 0.035, 0.026_830)]
    #[case(dec!(64250), dec!(58510), 0.042, 0.027_102)]
    fn agrees_with_the_table(
        #[case] spot: Decimal,
        #[case] barrier: Decimal,
        #[case] sigma: f64,
        #[case] expected: f64,
    ) {
        let found = touch_probability(spot, barrier, sigma).unwrap();
        assert!((found - expected).abs() < 5e-7, "{found} {expected}");
    }

    /// The mean over a volatility that is lognormal, by a fine sum in place of the seven nodes.
    #[rstest::rstest]
    #[case(Horizon::Hour, 0.40)]
    #[case(Horizon::EightHours, 0.37)]
    #[case(Horizon::Day, 0.33)]
    fn the_nodes_stand_for_the_whole_mean(#[case] horizon: Horizon, #[case] s: f64) {
        let (spot, sigma) = (dec!(1000000), 0.02);
        for z in [-4.0, -3.0, -2.0, -1.0, 0.5, 1.0, 2.0, 3.0, 4.0] {
            let barrier = spot * Decimal::from_f64(f64::exp(z * sigma)).unwrap();
            let mean: f64 = (-800..=800)
                .map(|step| {
                    let u = f64::from(step) / 100.0;
                    let density = (-u * u / 2.0).exp() / std::f64::consts::TAU.sqrt();
                    let drawn = sigma * (s * u - s * s).exp();
                    density / 100.0 * touch_probability(spot, barrier, drawn).unwrap()
                })
                .sum();
            let found = fat_touch_probability(spot, barrier, sigma, horizon).unwrap();
            assert!((found / mean - 1.0).abs() < 0.01, "{z}: {found} {mean}");
        }
    }

    #[test]
    fn far_levels_are_touched_more_often_than_the_normal_tail_says() {
        let barrier = dec!(1000000) * Decimal::from_f64(f64::exp(-3.0 * 0.02)).unwrap();
        let plain = touch_probability(dec!(1000000), barrier, 0.02).unwrap();
        let fat = fat_touch_probability(dec!(1000000), barrier, 0.02, Horizon::Day).unwrap();
        assert!(fat > 3.0 * plain, "{fat} {plain}");
    }

    #[test]
    fn the_nodes_give_the_moments_of_a_normal_variable() {
        let moment = |power: i32| 2.0 * PAIRS.iter().map(|(u, w)| w * u.powi(power)).sum::<f64>();
        assert!((CENTRE_WEIGHT + moment(0) - 1.0).abs() < 1e-14);
        for (power, expected) in [(2, 1.0), (4, 3.0), (6, 15.0), (8, 105.0), (10, 945.0)] {
            assert!((moment(power) / expected - 1.0).abs() < 1e-12, "{power}");
        }
    }

    #[test]
    fn the_price_itself_is_touched_and_zero_never_is() {
        assert_eq!(touch_probability(dec!(5), dec!(5), 0.01), Some(1.0));
        for barrier in [dec!(0), dec!(-404362)] {
            assert_eq!(touch_probability(dec!(5), barrier, 0.9), Some(0.0));
            assert_eq!(fat_touch_probability(dec!(5), barrier, 0.9, Horizon::Day), Some(0.0));
            assert_eq!(distance_in_sigmas(dec!(5), barrier, 0.9), None);
        }
    }

    #[rstest::rstest]
    #[case(0.0)]
    #[case(-0.1)]
    #[case(f64::NAN)]
    #[case(f64::INFINITY)]
    fn without_a_volatility_there_is_no_probability(#[case] sigma: f64) {
        assert_eq!(touch_probability(dec!(5), dec!(4), sigma), None);
        assert_eq!(fat_touch_probability(dec!(5), dec!(4), sigma, Horizon::Hour), None);
        assert_eq!(distance_in_sigmas(dec!(5), dec!(4), sigma), None);
        assert_eq!(touch_probability(dec!(0), dec!(4), 0.1), None);
    }

    fn price() -> impl Strategy<Value = Decimal> {
        (1i64..1_000_000_000, 0u32..8).prop_map(|(n, scale)| Decimal::new(n, scale))
    }

    /// Both figures, the plain one first.
    fn both(spot: Decimal, barrier: Decimal, sigma: f64) -> [f64; 4] {
        let fat = |horizon| fat_touch_probability(spot, barrier, sigma, horizon).unwrap();
        let [hour, eight, day] = Horizon::ALL.map(fat);
        [touch_probability(spot, barrier, sigma).unwrap(), hour, eight, day]
    }

    /// Rounding of the last bits, and what is left out as negligible.
    const NOISE: f64 = 2e-12;

    proptest! {
        #[test]
        fn rises_with_the_volatility(
            spot in price(), factor in -0.5..0.5f64, sigma in 1e-4..2.0f64, more in 1.0..3.0f64,
        ) {
            let barrier = spot * Decimal::from_f64(factor.exp()).unwrap();
            let (calm, wild) = (both(spot, barrier, sigma), both(spot, barrier, sigma * more));
            for (calm, wild) in calm.into_iter().zip(wild) {
                prop_assert!(calm <= wild + NOISE, "{calm} {wild}");
            }
        }

        #[test]
        fn falls_with_the_distance(
            spot in price(), near in 0.0..0.5f64, further in 0.0..0.5f64, sigma in 1e-4..2.0f64,
        ) {
            for side in [1.0, -1.0] {
                let at = |distance: f64| {
                    let barrier = spot * Decimal::from_f64((side * distance).exp()).unwrap();
                    both(spot, barrier, sigma)
                };
                for (near, far) in at(near).into_iter().zip(at(near + further)) {
                    // Prices are rounded to 16 digits, which moves a near barrier by that much.
                    prop_assert!(far <= near + 1e-9, "{far} {near}");
                }
            }
        }

        #[test]
        fn rises_with_the_time(spot in price(), factor in -0.5..0.5f64, minute in 1e-5..1e-2f64) {
            let barrier = spot * Decimal::from_f64(factor.exp()).unwrap();
            let sigma = |horizon: Horizon| minute * f64::from(horizon.minutes()).sqrt();
            let plain = Horizon::ALL.map(|h| touch_probability(spot, barrier, sigma(h)).unwrap());
            let fat = Horizon::ALL.map(|h| fat_touch_probability(spot, barrier, sigma(h), h).unwrap());
            for [hour, eight, day] in [plain, fat] {
                prop_assert!(hour <= eight + NOISE && eight <= day + NOISE, "{hour} {eight} {day}");
            }
        }

        #[test]
        fn is_a_probability_whatever_comes_in(
            spot in (any::<i128>(), 0u32..=28), barrier in (any::<i128>(), 0u32..=28), bits in any::<u64>(),
        ) {
            let wide = |(n, scale): (i128, u32)| Decimal::from_i128_with_scale(n >> 32, scale);
            let (spot, barrier, sigma) = (wide(spot), wide(barrier), f64::from_bits(bits));
            let fat = Horizon::ALL.map(|h| fat_touch_probability(spot, barrier, sigma, h));
            let all = fat.into_iter().chain([touch_probability(spot, barrier, sigma)]);
            for probability in all.flatten() {
                prop_assert!((0.0..=1.0).contains(&probability), "{probability}");
            }
            if let Some(distance) = distance_in_sigmas(spot, barrier, sigma) {
                prop_assert!(distance.is_finite() && distance >= 0.0);
            }
        }
    }
}
