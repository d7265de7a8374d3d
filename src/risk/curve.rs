//! The equity of a session: its curve, and how far it fell from its peak.

use std::collections::VecDeque;

use rust_decimal::Decimal;

use super::exact::{add, div, mul, sub};
use crate::domain::Timestamp;

/// Points that are kept: a day of minutes.
const MOST_POINTS: usize = 1_440;
const MINUTE_MS: i64 = 60_000;

/// The equity over time without money that came in or went out: one point a minute for a day, and
/// exact figures of the whole session.
///
/// Index: `NAV_t = NAV_(t−1) · (E_t − flow_t) / E_(t−1)`, from 1; the drawdown is that of the index, so
/// a deposit is no recovery and a withdrawal no loss.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Curve {
    points: VecDeque<Point>,
    /// The figures before the oldest point; `None` before the first equity, or once they did not fit.
    before: Option<Figures>,
    /// The figures now.
    now: Option<Figures>,
    /// Flows after the newest point that are known already.
    ahead: Vec<(Timestamp, Decimal)>,
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

/// The newest reading of a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Point {
    at: Timestamp,
    equity: Decimal,
    flow: Decimal,
    after: Option<Figures>,
}

impl Curve {
    /// Takes in the equity at a time, and the money that came in (positive) or went out since the push
    /// before. Only the newest reading of a minute is kept as a point; the figures see every one. A
    /// reading that is older than the newest is left out.
    pub fn push(&mut self, at: Timestamp, equity: Decimal, flow: Decimal) {
        let Some(newest) = self.points.back().map(|point| point.at) else {
            // What came in before the first reading is part of it.
            let start = Figures::start(equity);
            (self.before, self.now, self.started) = (Some(start), Some(start), Some(at));
            let point = Point { at, equity, flow: Decimal::ZERO, after: self.now };
            self.points.push_back(point);
            return;
        };
        if at < newest {
            return;
        }
        let flow = self.arrived(at).and_then(|booked| add(booked, flow));
        self.now = self.now.and_then(|now| now.step(equity, flow?));
        let same_minute = minute(newest) == minute(at);
        let before = same_minute.then(|| self.points.pop_back()).flatten();
        let flow = add(flow.unwrap_or_default(), before.map_or(Decimal::ZERO, |point| point.flow));
        if flow.is_none() {
            self.now = None;
        }
        let flow = flow.unwrap_or_default();
        self.points.push_back(Point { at, equity, flow, after: self.now });
        if self.points.len() > MOST_POINTS
            && let Some(oldest) = self.points.pop_front()
        {
            self.before = oldest.after;
        }
    }

    /// Books money that came in (positive) or went out at `at`, known only later: a transfer shows in the
    /// equity at once, its ledger entry comes with the next poll. Until it is booked a deposit looks like
    /// a gain, so the figures are computed again from the minute of the flow on; of those minutes only
    /// the newest reading counts. What moved before the first reading is part of it.
    pub fn book(&mut self, at: Timestamp, flow: Decimal) {
        if self.started.is_none_or(|started| at <= started) {
            return;
        }
        let from = self.points.partition_point(|point| point.at < at);
        if from == self.points.len() {
            self.ahead.push((at, flow));
            return;
        }
        let mut figures = match from.checked_sub(1).and_then(|before| self.points.get(before)) {
            Some(point) => point.after,
            None => self.before,
        };
        for (index, point) in self.points.iter_mut().enumerate().skip(from) {
            let total = if index == from { add(point.flow, flow) } else { Some(point.flow) };
            figures = figures.and_then(|figures| figures.step(point.equity, total?));
            point.flow = total.unwrap_or_default();
            point.after = figures;
        }
        self.now = figures;
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

    /// Returns the time and the equity of the points, oldest first: at most 1,440.
    pub fn points(&self) -> impl ExactSizeIterator<Item = (Timestamp, Decimal)> {
        self.points.iter().map(|point| (point.at, point.equity))
    }

    /// Returns when the first reading came in.
    pub fn started_at(&self) -> Option<Timestamp> {
        self.started
    }

    /// Takes out the flows that were booked ahead of the equity and are in it by `at`.
    fn arrived(&mut self, at: Timestamp) -> Option<Decimal> {
        let mut total = Some(Decimal::ZERO);
        self.ahead.retain(|(time, flow)| {
            if *time <= at {
                total = total.and_then(|total| add(total, *flow));
            }
            *time > at
        });
        total
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
        curve.book(at(3), dec!(5));
        assert_eq!(curve.figures(), None);
        assert_eq!((curve.points().len(), curve.started_at()), (0, None));
        curve.push(at(4), dec!(100), dec!(50));
        assert_eq!(curve.figures().unwrap().change, dec!(0), "it came before the first reading");
        assert_eq!(curve.started_at(), Some(at(4)));
    }

    #[test]
    fn keeps_a_point_a_minute_for_a_day() {
        let mut curve = Curve::default();
        for tick in 0..3 * 1_500 {
            curve.push(Timestamp::from_millis(tick * 20_000), Decimal::from(tick), dec!(0));
        }
        assert_eq!(curve.points().len(), 1_440);
        assert_eq!(
            curve.points().next().unwrap(),
            (Timestamp::from_millis(61 * 60_000 - 20_000), dec!(182))
        );
        assert_eq!(curve.points().last().unwrap().1, dec!(4499));
        assert_eq!(curve.figures().unwrap().change, dec!(4499), "of the whole session");
    }

    #[test]
    fn a_dip_between_two_points_is_seen() {
        let mut curve = Curve::default();
        for (second, equity) in [(0, dec!(100)), (1, dec!(80)), (2, dec!(100))] {
            curve.push(Timestamp::from_millis(second * 1_000), equity, dec!(0));
        }
        assert_eq!(
            curve.points().collect::<Vec<_>>(),
            [(Timestamp::from_millis(2_000), dec!(100))]
        );
        assert_eq!(curve.figures().unwrap().max_drawdown, dec!(0.2));
    }

    #[test]
    fn older_readings_are_left_out() {
        let mut curve = curve(&[(5, dec!(100), dec!(0)), (6, dec!(110), dec!(0))]);
        let before = curve.clone();
        curve.push(at(5), dec!(1), dec!(0));
        assert_eq!(curve, before);
    }

    /// A deposit shows in the equity a minute before its ledger entry comes: first a gain, then none.
    #[test]
    fn an_entry_that_comes_late_is_booked_where_it_belongs() {
        let on_time = curve(&[
            (1, dec!(1000), dec!(0)),
            (2, dec!(1100), dec!(0)),
            (3, dec!(4100), dec!(3000)),
            (4, dec!(3690), dec!(0)),
        ]);
        let mut late = curve(&[
            (1, dec!(1000), dec!(0)),
            (2, dec!(1100), dec!(0)),
            (3, dec!(4100), dec!(0)),
            (4, dec!(3690), dec!(0)),
        ]);
        assert_eq!(late.figures().unwrap().change, dec!(2690));
        late.book(at(2).plus_millis(1), dec!(3000));
        assert_eq!(late, on_time);
        assert_eq!(late.figures().unwrap().max_drawdown, dec!(0.1));

        // The other order: the entry before the equity that shows it.
        let mut early = curve(&[(1, dec!(1000), dec!(0)), (2, dec!(1100), dec!(0))]);
        early.book(at(2).plus_millis(1), dec!(3000));
        early.push(at(3), dec!(4100), dec!(0));
        early.push(at(4), dec!(3690), dec!(0));
        assert_eq!(early.figures(), on_time.figures());
    }

    /// Booking computes the figures again from the points: they must know all flows of their minute, and
    /// what came before the oldest of them.
    #[test]
    fn a_late_entry_forgets_neither_flows_nor_what_is_no_longer_kept() {
        let mut curve = curve(&[(0, dec!(100), dec!(0)), (1, dec!(150), dec!(0))]);
        for tick in 2..1_600 {
            curve.push(at(tick), dec!(150), dec!(0));
        }
        curve.push(at(1_600), dec!(200), dec!(50));
        curve.push(at(1_600).plus_millis(5), dec!(200), dec!(0));
        assert_eq!(curve.figures().unwrap().change, dec!(50));
        curve.book(at(3), dec!(7));
        assert_eq!(curve.figures().unwrap().change, dec!(43));
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
            entries in prop::collection::vec((0i64..40, -5_000i64..5_000), 0..4),
        ) {
            let mut curve = Curve::default();
            let mut now = 0;
            for (step, equity, flow) in readings {
                now += step * 10_000;
                curve.push(Timestamp::from_millis(now), equity.into(), flow.into());
            }
            for (minute, flow) in entries {
                curve.book(at(minute), flow.into());
            }
            let figures = curve.figures().unwrap();
            prop_assert!((dec!(0)..=dec!(1)).contains(&figures.max_drawdown));
            prop_assert!(figures.max_drawdown_amount >= dec!(0));
        }

        #[test]
        fn no_input_panics(readings in prop::collection::vec((any::<i64>(), wide(), wide()), 0..20)) {
            let mut curve = Curve::default();
            for (time, equity, flow) in readings {
                curve.push(Timestamp::from_millis(time), equity, flow);
                curve.book(Timestamp::from_millis(time.saturating_sub(7)), flow);
                let _ = curve.figures();
            }
        }
    }
}
