//! [`Panel`]: a heading and one kind of content. Two equal panels look the same.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::block_curve::{self, BlockCurve};
use super::border::{self, Heading};
use super::candles::{self, Candles};
use super::cells;
use super::figures::{self, Figure};
use super::lines;
use super::paired::{self, Paired};
use super::span::{Line, Span, Variants};
use super::table::{self, Table};
use crate::ui::theme::Theme;

/// Columns between a table and its curve.
const GAP: u16 = 3;
/// The narrowest curve beside a table.
const MIN_CURVE: u16 = 24;

/// A panel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Panel {
    pub(crate) heading: Heading,
    pub(crate) body: Body,
    /// The first row that is drawn.
    pub(crate) first: usize,
}

/// The content of a panel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Body {
    /// Labels and values.
    Figures(Vec<Figure>),
    /// Words that must be read before the figures below them.
    Told(Line, Vec<Figure>),
    /// Rows and columns.
    Table(Table),
    /// Free lines.
    Lines(Vec<Line>),
    /// The keys and what they do, in two columns where there is room.
    Keys(Vec<Line>),
    /// Words where the content would be.
    Message(Vec<Variants>),
    /// Prices over time.
    Candles(Candles),
    /// Curves over the same time.
    Curves(Vec<BlockCurve>),
    /// Rows and columns, and what they say as a curve where there is room beside them.
    Charted(Table, BlockCurve),
    /// Labels with a value of the account and one of the selected position.
    Paired(Paired),
}

impl Panel {
    pub(crate) const fn new(heading: Heading, body: Body) -> Self {
        Self { heading, body, first: 0 }
    }

    /// Returns a panel with one line where its content would be.
    pub(crate) fn message(heading: Heading, words: impl IntoIterator<Item = Span>) -> Self {
        Self::new(heading, Body::Message(vec![vec![words.into_iter().collect()]]))
    }

    /// Takes the warnings from the figures that the heading warns of: said once, it is seen. A figure that is
    /// older than the heading says keeps its own.
    pub(crate) fn say_age_once(&mut self) {
        let Some(said) = self.heading.marks.iter().find_map(|mark| mark.stale_s) else { return };
        let is_news = |span: &Span| span.stale_s.is_none_or(|age| age > said);
        // Where the warning is all that there is, such as of a state, nothing would stand there.
        let shorten = |value: &mut Line| {
            if value.iter().any(is_news) {
                value.retain(is_news);
            }
        };
        match &mut self.body {
            Body::Figures(figures) | Body::Told(_, figures) => {
                for figure in figures {
                    shorten(&mut figure.value);
                }
            }
            Body::Paired(paired) => {
                for value in paired.rows.iter_mut().flat_map(|row| &mut row.values) {
                    shorten(value);
                }
            }
            Body::Table(_)
            | Body::Charted(..)
            | Body::Lines(_)
            | Body::Keys(_)
            | Body::Message(_)
            | Body::Candles(_)
            | Body::Curves(_) => {}
        }
    }

    /// Returns the first row of the last page in an area: there scrolling ends.
    pub(crate) fn last_page(&self, area: Rect) -> usize {
        let inner = border::inner(area);
        let rows = usize::from(inner.height);
        let (all, page) = match &self.body {
            Body::Figures(figures) => (figures.len(), figures::page(figures.len(), inner)),
            // The words take a third at most.
            Body::Told(_, figures) => {
                let below = cells::below(inner, (inner.height / 3).max(1));
                (figures.len(), figures::page(figures.len(), below))
            }
            Body::Table(table) | Body::Charted(table, _) => {
                (table.rows.len(), rows.saturating_sub(1))
            }
            Body::Lines(lines) => (lines.len(), rows),
            Body::Keys(keys) => (keys.len(), lines::page(keys.len(), inner)),
            Body::Paired(rows) => paired::page(rows, inner),
            Body::Message(_) | Body::Candles(_) | Body::Curves(_) => (0, rows),
        };
        all.saturating_sub(page)
    }

    /// Draws the panel; nothing where not even its border has room.
    pub(crate) fn draw(&self, theme: Theme, area: Rect, buf: &mut Buffer) {
        let Some(inner) = border::draw(&self.heading, theme, area, buf) else { return };
        let mut note = self.heading.note.clone();
        if let Some(remark) = self.draw_body(theme, inner, buf) {
            if let Some(next) = note.first_mut() {
                next.text.insert_str(0, "· ");
            }
            note.insert(0, remark);
        }
        border::note(&note, theme, area, buf);
    }

    /// Draws the content. Returns a remark when some of it had no room.
    fn draw_body(&self, theme: Theme, inner: Rect, buf: &mut Buffer) -> Option<Span> {
        match &self.body {
            Body::Figures(figures) => figures::draw(figures, self.first, theme, inner, buf),
            Body::Told(words, figures) => {
                // The figures keep two thirds of the panel.
                let most = (inner.height / 3).max(1);
                let told = lines::told(words, most, theme, inner, buf);
                figures::draw(figures, self.first, theme, cells::below(inner, told), buf)
            }
            Body::Keys(keys) => lines::columns(keys, self.first, theme, inner, buf),
            Body::Table(table) => table::draw(table, self.first, theme, inner, buf),
            Body::Charted(table, curve) => {
                let remark = table::draw(table, self.first, theme, inner, buf);
                let taken = table::width(table, inner).saturating_add(GAP);
                let beside = cells::right_of(inner, taken);
                if beside.width >= MIN_CURVE {
                    block_curve::draw(curve, theme, beside, buf);
                }
                remark
            }
            Body::Paired(rows) => paired::draw(rows, self.first, theme, inner, buf),
            Body::Lines(lines) => lines::draw(lines, self.first, theme, inner, buf),
            Body::Message(message) => {
                lines::message(message, theme, inner, buf);
                None
            }
            Body::Candles(candles) => {
                candles::draw(candles, theme, inner, buf);
                None
            }
            Body::Curves(curves) => {
                block_curve::draw_all(curves, theme, inner, buf);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::paired::PairedRow;
    use super::*;

    fn marked(seconds: i64) -> Line {
        vec![Span::plain("1"), Span::stale_mark("STALE", seconds * 1_000)]
    }

    /// In an outage every part is some seconds younger or older than the next: each figure had a mark of its own.
    #[test]
    fn the_title_speaks_for_what_is_no_older() {
        let mut heading = Heading::new("Risk");
        heading.marks = vec![Span::stale_mark("STALE", 18_000)];
        let kept = |value: &Line| value.len() == 2;
        for (seconds, is_kept) in [(12, false), (18, false), (19, true)] {
            let figures = Body::Figures(vec![Figure::new("x", marked(seconds))]);
            let mut panel = Panel::new(heading.clone(), figures);
            panel.say_age_once();
            let Body::Figures(figures) = &panel.body else { unreachable!() };
            assert_eq!(kept(&figures[0].value), is_kept, "{seconds}");

            let rows = vec![PairedRow::new("x", [marked(seconds), marked(seconds)])];
            let paired = Body::Paired(Paired { titles: ["a", "b"], rows });
            let mut panel = Panel::new(heading.clone(), paired);
            panel.say_age_once();
            let Body::Paired(paired) = &panel.body else { unreachable!() };
            assert!(paired.rows[0].values.iter().all(|value| kept(value) == is_kept), "{seconds}");
        }
        let figures = Body::Figures(vec![Figure::one("State", Span::stale_mark("STALE", 18_000))]);
        let mut panel = Panel::new(heading, figures);
        panel.say_age_once();
        let Body::Figures(figures) = &panel.body else { unreachable!() };
        assert_eq!(figures[0].value.len(), 1, "the warning is the value");
        let mut quiet =
            Panel::new(Heading::new("x"), Body::Figures(vec![Figure::new("x", marked(6))]));
        quiet.say_age_once();
        let Body::Figures(figures) = &quiet.body else { unreachable!() };
        assert!(kept(&figures[0].value), "nobody else says it");
    }
}
