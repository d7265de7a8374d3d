//! [`ChartView`]: which part of the candles the user looks at, and how closely.

use crate::domain::Timestamp;

/// Columns of a candle and candles of a column, from the closest view on.
const ZOOMS: [(u16, i64); 9] =
    [(3, 1), (2, 1), (1, 1), (1, 2), (1, 3), (1, 5), (1, 10), (1, 15), (1, 30)];

/// Which part of the candles the user looks at, and how closely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChartView {
    zoom: usize,
    /// A time in the last column; `None` follows the newest candle. A time and not a count of candles, so that
    /// the chart stands still when new ones begin.
    end: Option<Timestamp>,
    /// What was drawn last; the keys move by it and end at its ends.
    extent: Option<Extent>,
}

/// What a key asks of the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChartStep {
    Older,
    Newer,
    /// More candles in the same columns.
    Farther,
    /// Fewer candles, wider apart.
    Closer,
}

/// The candles that are held, and the part of them that is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Start of the oldest candle.
    pub(crate) oldest: Timestamp,
    /// Start of the newest candle.
    pub(crate) newest: Timestamp,
    /// Start of the first column that is drawn.
    pub(crate) first: Timestamp,
    /// Start of the last one.
    pub(crate) last: Timestamp,
    /// Time of a column, in milliseconds.
    pub(crate) column_ms: i64,
}

impl Default for ChartView {
    /// A candle a column, the newest at the right.
    fn default() -> Self {
        Self { zoom: 2, end: None, extent: None }
    }
}

impl ChartView {
    /// Returns from one candle to the next: columns, and candles.
    pub(crate) fn zoom(self) -> (u16, i64) {
        ZOOMS.get(self.zoom).copied().unwrap_or((1, 1))
    }

    /// Returns a time in the last column; `None` for the present.
    pub(crate) const fn end(self) -> Option<Timestamp> {
        self.end
    }

    /// Takes note of what was drawn.
    pub(crate) const fn drawn(&mut self, extent: Extent) {
        self.extent = Some(extent);
    }

    /// Goes back to the present, for other candles.
    pub(crate) const fn follow(&mut self) {
        (self.end, self.extent) = (None, None);
    }

    /// Moves or zooms up to the candles that are held. Returns what to say about it.
    pub(crate) fn step(&mut self, step: ChartStep) -> String {
        match step {
            ChartStep::Older => self.older().to_owned(),
            ChartStep::Newer => self.newer().to_owned(),
            ChartStep::Farther => self.farther(),
            ChartStep::Closer => self.closer(),
        }
    }

    /// Moves by half of what is seen towards older candles.
    fn older(&mut self) -> &'static str {
        let Some(extent) = self.extent else { return "no chart on this screen" };
        if extent.first <= extent.oldest {
            return "no older bars";
        }
        // Not beyond the oldest: the chart stays full.
        let half =
            extent.half().min(extent.first.as_millis().saturating_sub(extent.oldest.as_millis()));
        self.end = Some(extent.last.plus_millis(-half));
        "chart: older bars"
    }

    /// Moves by half of what is seen towards the newest candle.
    fn newer(&mut self) -> &'static str {
        let Some(extent) = self.extent else { return "no chart on this screen" };
        if self.end.is_none() {
            return "no newer bars";
        }
        let end = extent.last.plus_millis(extent.half());
        self.end = (end < extent.newest).then_some(end);
        if self.end.is_some() { "chart: newer bars" } else { "chart: up to now" }
    }

    /// Shows more candles in the same columns.
    fn farther(&mut self) -> String {
        if self.extent.is_some_and(|extent| extent.first <= extent.oldest) {
            return "chart: all bars are shown".to_owned();
        }
        self.set_zoom(self.zoom.saturating_add(1))
    }

    /// Shows fewer candles, wider apart.
    fn closer(&mut self) -> String {
        let Some(zoom) = self.zoom.checked_sub(1) else {
            return "chart: no closer view".to_owned();
        };
        self.set_zoom(zoom)
    }

    fn set_zoom(&mut self, zoom: usize) -> String {
        self.zoom = zoom.min(ZOOMS.len().saturating_sub(1));
        match self.zoom() {
            (1, 1) => "chart: one bar a column".to_owned(),
            (1, bars) => format!("chart: {bars} bars a column"),
            (columns, _) => format!("chart: {columns} columns a bar"),
        }
    }
}

impl Extent {
    /// Half of the time that is seen, in whole columns; one at least.
    fn half(self) -> i64 {
        let seen = self.last.as_millis().saturating_sub(self.first.as_millis());
        let columns = seen / self.column_ms.max(1);
        (columns / 2).max(1).saturating_mul(self.column_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn minute(minute: i64) -> Timestamp {
        Timestamp::from_millis(minute * 60_000)
    }

    /// Draws as the panel does: so many columns of a minute, out of a hundred.
    fn draw(view: &mut ChartView, columns: i64) {
        let last = view.end().unwrap_or(minute(99));
        let first = last.plus_millis(-60_000 * (columns - 1));
        let (oldest, newest) = (minute(0), minute(99));
        view.drawn(Extent { oldest, newest, first, last, column_ms: 60_000 });
    }

    #[test]
    fn moving_ends_at_the_oldest_and_at_the_newest_candle() {
        let mut view = ChartView::default();
        assert_eq!(view.older(), "no chart on this screen");
        let mut ends = Vec::new();
        loop {
            draw(&mut view, 60);
            let said = view.older();
            ends.push(view.end());
            if said == "no older bars" {
                break;
            }
        }
        assert_eq!(ends, [Some(minute(70)), Some(minute(59)), Some(minute(59))]);
        assert_eq!(view.newer(), "chart: newer bars");
        draw(&mut view, 60);
        assert_eq!((view.newer(), view.end()), ("chart: up to now", None));
        assert_eq!(view.newer(), "no newer bars");
    }

    #[test]
    fn zooming_ends_at_both_ends_and_says_so() {
        let mut view = ChartView::default();
        draw(&mut view, 60);
        assert_eq!(view.farther(), "chart: 2 bars a column");
        assert_eq!(view.closer(), "chart: one bar a column");
        assert_eq!(view.closer(), "chart: 2 columns a bar");
        assert_eq!(view.closer(), "chart: 3 columns a bar");
        assert_eq!(view.closer(), "chart: no closer view");
        draw(&mut view, 100);
        assert_eq!(view.farther(), "chart: all bars are shown");
    }
}
