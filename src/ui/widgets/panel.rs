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
use crate::ui::theme::{Role, Theme};

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

    /// Takes the warning of the heading from the figures that it holds for: said once, it is seen. A figure of
    /// another age keeps its own.
    pub(crate) fn say_age_once(&mut self) {
        let Some(mark) = self.heading.marks.iter().find(|mark| mark.role == Role::StaleMark) else {
            return;
        };
        if let Body::Figures(figures) | Body::Told(_, figures) = &mut self.body {
            for figure in figures {
                figure.value.retain(|span| span != mark);
            }
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
