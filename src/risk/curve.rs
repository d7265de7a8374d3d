//! The equity of a session: its curve, and how far it fell from its peak.

use std::collections::VecDeque;

use rust_decimal::Decimal;

use super::exact::{add, div, mul, sub};
use crate::domain::Timestamp;

/// Minutes that are kept: a day.
const MOST_MINUTES: usize = 1_440;
const MINUTE_MS: i64 = 60_000;

/// The equity over time: its start, then the lowest, the highest and the newest reading of every minute
/// of the last day, and exact figures of the whole session without money that came in or went out.
///
/// Index: `NAV_t = NAV_(t−1) · (E_t − flow_t) / E_(t−1)`, from 1; the drawdown is that of the index, so
/// a deposit is no recovery and a withdrawal no loss.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Curve {
    minutes: VecDeque<Minute>,
    /// The figures now; `None` before the first equity, or once they did not fit.
    now: Option<Figures>,
    started: Option<Timestamp>,
}

/// What a session came to. Money in the coin of the equity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurveFigures {
    /// Change of the equity without what came in or went out; positive is a gain.
    pub change: Decimal,
    /// The largest fall from a peak so far, as a fraction of that peak, 0 to 1.
    pub max_drawdown: Decimal,
    /// The largest fall so far in money; not negative.
    pub max_drawdown_amount: Decimal,
}

/// A reading: when, and the equity.
type Reading = (Timestamp, Decimal);

/// The readings of a minute that stand for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Minute {
    /// Of the first minute that is held the begin, which no minute before it shows.
    first: Reading,
    low: Reading,
    high: Reading,
    last: Reading,
}

impl Minute {
    const fn new(reading: Reading) -> Self {
        Self { first: reading, low: reading, high: reading, last: reading }
    }

    fn add(&mut self, reading: Reading) {
        if reading.1 < self.low.1 {
            self.low = reading;
        }
        if reading.1 > self.high.1 {
            self.high = reading;
        }
        self.last = reading;
    }

    /// Returns the readings in the order of their times; some may be the same.
    fn readings(&self) -> [Reading; 4] {
        let (early, late) =
            if self.low.0 <= self.high.0 { (self.low, self.high) } else { (self.high, self.low) };
        [self.first, early, late, self.last]
    }
}

impl Curve {
    /// Takes in the equity at a time, and the money that came in (positive) or went out since the reading
    /// before and is part of it. Readings come in order: where a clock that was set back says another time, that
    /// of the newest one counts.
    pub fn push(&mut self, at: Timestamp, equity: Decimal, flow: Decimal) {
        let at = self.minutes.back().map_or(at, |newest| at.max(newest.last.0));
        let reading = (at, equity);
        let Some(newest) = self.minutes.back_mut() else {
            // What came in before the first reading is part of it.
            (self.now, self.started) = (Some(Figures::start(equity)), Some(at));
            self.minutes.push_back(Minute::new(reading));
            return;
        };
        self.now = self.now.and_then(|now| now.step(equity, flow));
        if minute(newest.last.0) == minute(at) {
            newest.add(reading);
            return;
        }
        self.minutes.push_back(Minute::new(reading));
        if self.minutes.len() > MOST_MINUTES {
            self.minutes.pop_front();
        }
    }

    /// Returns the figures of the session; `None` before the first reading, or when they do not fit.
    pub fn figures(&self) -> Option<CurveFigures> {
        let now = self.now?;
        Some(CurveFigures {
            change: now.change,
            max_drawdown: now.max_drawdown,
            max_drawdown_amount: now.max_fall,
        })
    }

    /// Returns the time and the equity of the points, oldest first: at most four a minute, for a day.
    pub fn points(&self) -> impl Iterator<Item = (Timestamp, Decimal)> {
        let mut before = None;
        self.minutes
            .iter()
            .flat_map(Minute::readings)
            .filter(move |reading| before.replace(*reading) != Some(*reading))
    }

    /// Returns when the first reading came in.
    pub fn started_at(&self) -> Option<Timestamp> {
        self.started
    }
}

const fn minute(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(MINUTE_MS)
}

/// What follows from all readings so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Figures {
    equity: Decimal,
    index: Decimal,
    peak_index: Decimal,
    max_drawdown: Decimal,
    change: Decimal,
    peak_change: Decimal,
    max_fall: Decimal,
}

impl Figures {
    const fn start(equity: Decimal) -> Self {
        Self {
            equity,
            index: Decimal::ONE,
            peak_index: Decimal::ONE,
            max_drawdown: Decimal::ZERO,
            change: Decimal::ZERO,
            peak_change: Decimal::ZERO,
            max_fall: Decimal::ZERO,
        }
    }

    /// Returns the figures after the next reading; `None` when they do not fit.
    fn step(mut self, equity: Decimal, flow: Decimal) -> Option<Self> {
        let without_flow = sub(equity, flow)?;
        // Nothing can be earned on nothing: there the index stands still.
        if self.equity > Decimal::ZERO {
            // Below zero the account owes more than it had: the index ends at nothing.
            let left = without_flow.max(Decimal::ZERO);
            // Two steps would lose digits of a factor near 1.
            self.index = div(mul(self.index, left)?, self.equity)?;
        }
        self.change = add(self.change, sub(without_flow, self.equity)?)?;
        self.equity = equity;
        self.peak_index = self.peak_index.max(self.index);
        self.peak_change = self.peak_change.max(self.change);
        self.max_drawdown = self.max_drawdown.max(self.drawdown()?);
        self.max_fall = self.max_fall.max(sub(self.peak_change, self.change)?);
        Some(self)
    }

    fn drawdown(&self) -> Option<Decimal> {
        sub(Decimal::ONE, div(self.index, self.peak_index)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::dec;

    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_millis(minute * MINUTE_MS)
    }

    fn curve(readings: &[(i64, Decimal, Decimal)]) -> Curve {
        let mut curve = Curve::default();
        for (minute, equity, flow) in readings {
            curve.push(at(*minute), *equity, *flow);
        }
        curve
    }

    #[test]
    fn money_that_moves_is_no_result() {
        let figures = curve(&[
            (1, dec!(1000), dec!(0)),
            (2, dec!(900), dec!(0)),
            (3, dec!(5900), dec!(5000)),
            (4, dec!(2950), dec!(-2950)),
            (5, dec!(3245), dec!(0)),
        ])
        .figures()
        .unwrap();
        assert_eq!(figures.change, dec!(195));
        assert_eq!(figures.max_drawdown, dec!(0.1));
        assert_eq!(figures.max_drawdown_amount, dec!(100));
    }

    #[test]
    fn without_a_reading_there_is_nothing() {
        let mut curve = Curve::default();
        assert_eq!(curve.figures(), None);
        assert_eq!((curve.points().count(), curve.started_at()), (0, None));
        curve.push(at(4), dec!(100), dec!(50));
        assert_eq!(curve.figures().unwrap().change, dec!(0), "it came before the first reading");
        assert_eq!(curve.started_at(), Some(at(4)));
    }

    #[test]
    fn keeps_the_minutes_of_a_day() {
        let mut curve = Curve::default();
        for tick in 0..3 * 1_500 {
            curve.push(Timestamp::from_millis(tick * 20_000), Decimal::from(tick), dec!(0));
        }
        // Of a minute that only rises the first reading and the last.
        assert_eq!(curve.points().count(), 2 * 1_440);
        assert_eq!(curve.points().next().unwrap(), (at(60), dec!(180)));
        assert_eq!(curve.points().last().unwrap().1, dec!(4499));
        assert_eq!(curve.figures().unwrap().change, dec!(4499), "of the whole session");
    }

    /// Beside a drawdown of a fifth no curve may be flat.
    #[test]
    fn start_lows_highs_and_the_present_are_points() {
        let mut curve = Curve::default();
        let equities = [dec!(100), dec!(95), dec!(80), dec!(90), dec!(120), dec!(110), dec!(101)];
        for (second, equity) in (0i64..).zip(equities) {
            curve.push(Timestamp::from_millis(second * 1_000), equity, dec!(0));
        }
        let points: Vec<Decimal> = curve.points().map(|(_, equity)| equity).collect();
        assert_eq!(points, [dec!(100), dec!(80), dec!(120), dec!(101)]);
        assert_eq!(curve.figures().unwrap().max_drawdown, dec!(0.2));
    }

    #[test]
    fn a_clock_that_is_set_back_stops_nothing() {
        let mut curve = curve(&[(5, dec!(100), dec!(0)), (300, dec!(110), dec!(0))]);
        curve.push(at(6), dec!(80), dec!(0));
        assert_eq!(curve.figures().unwrap().change, dec!(-20));
        assert_eq!(curve.points().last(), Some((at(300), dec!(80))));
    }

    #[test]
    fn what_was_lost_entirely_stays_lost() {
        let figures = curve(&[
            (1, dec!(100), dec!(0)),
            (2, dec!(-5), dec!(0)),
            (3, dec!(995), dec!(1000)),
            (4, dec!(1990), dec!(0)),
        ])
        .figures()
        .unwrap();
        assert_eq!(figures.max_drawdown, dec!(1));
        assert_eq!(figures.max_drawdown_amount, dec!(105));
        assert_eq!(figures.change, dec!(890));
    }

    #[test]
    fn an_account_may_begin_empty() {
        let figures =
            curve(&[(1, dec!(0), dec!(0)), (2, dec!(500), dec!(500)), (3, dec!(450), dec!(0))])
                .figures()
                .unwrap();
        assert_eq!((figures.change, figures.max_drawdown), (dec!(-50), dec!(0.1)));
    }

    fn wide() -> impl Strategy<Value = Decimal> {
        (any::<i128>(), 0u32..=28)
            .prop_map(|(n, scale)| Decimal::from_i128_with_scale(n >> 32, scale))
    }

    proptest! {
        #[test]
        fn a_drawdown_is_a_fraction(
            readings in prop::collection::vec((0i64..30, -1_000i64..100_000, -5_000i64..5_000), 1..60),
        ) {
            let mut curve = Curve::default();
            let mut now = 0;
            for (step, equity, flow) in readings {
                now += step * 10_000;
                curve.push(Timestamp::from_millis(now), equity.into(), flow.into());
            }
            let points: Vec<_> = curve.points().collect();
            prop_assert!(points.is_sorted_by_key(|(at, _)| *at));
            let figures = curve.figures().unwrap();
            prop_assert!((dec!(0)..=dec!(1)).contains(&figures.max_drawdown));
            prop_assert!(figures.max_drawdown_amount >= dec!(0));
        }

        #[test]
        fn no_input_panics(readings in prop::collection::vec((any::<i64>(), wide(), wide()), 0..20)) {
            let mut curve = Curve::default();
            for (time, equity, flow) in readings {
                curve.push(Timestamp::from_millis(time), equity, flow);
                let _ = curve.figures();
            }
        }
    }
}
