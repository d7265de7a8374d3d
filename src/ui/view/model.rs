//! The shape of the view-model: panels of finished texts that can be compared with `==`.

use super::ink::{Forms, Line, Piece};
use crate::ui::theme::Role;

/// A panel: a heading and one kind of content.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Panel {
    pub(crate) heading: Heading,
    pub(crate) body: Body,
}

/// What stands in the border.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Heading {
    pub(crate) title: String,
    /// Marks that must be seen, such as `STALE 14s`; drawn before anything else.
    pub(crate) marks: Vec<Piece>,
    /// A remark in the lower border.
    pub(crate) note: Line,
    /// Whether the panel has the keys.
    pub(crate) focused: bool,
}

impl Heading {
    pub(crate) fn new(title: impl Into<String>, mark: Option<Piece>) -> Self {
        Self {
            title: title.into(),
            marks: mark.into_iter().collect(),
            note: Vec::new(),
            focused: false,
        }
    }

    pub(crate) const fn focused(mut self, focused: bool) -> Self {
        self.focused = focused;
        self
    }
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
    Message(Vec<Forms>),
}

impl Panel {
    pub(crate) const fn new(heading: Heading, body: Body) -> Self {
        Self { heading, body }
    }
}

/// A label with its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figure {
    pub(crate) label: String,
    /// The value first; the other pieces are left out from the right when they do not fit.
    pub(crate) value: Line,
    /// A bar between label and value: the filled part, 0 to 1.
    pub(crate) gauge: Option<Gauge>,
    /// A small chart in place of a value: thousandths of its range, oldest first.
    pub(crate) curve: Option<(Vec<u16>, Role)>,
}

/// A bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Gauge {
    /// The filled part in thousandths.
    pub(crate) permille: u16,
    pub(crate) role: Role,
}

impl Figure {
    pub(crate) fn new(label: impl Into<String>, value: Line) -> Self {
        Self { label: label.into(), value, gauge: None, curve: None }
    }

    pub(crate) fn one(label: impl Into<String>, value: Piece) -> Self {
        Self::new(label, vec![value])
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    /// Numbers stand on the right.
    pub(crate) right: bool,
    /// The higher, the sooner it goes when there is no room.
    pub(crate) rank: u8,
    /// Columns that it takes at least, so that the table does not move with every digit.
    pub(crate) min: u16,
}

impl Column {
    pub(crate) const fn new(title: &'static str, right: bool, rank: u8, min: u16) -> Self {
        Self { title, right, rank, min }
    }
}

/// Rows and columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<Piece>>,
    /// The selected row.
    pub(crate) selected: Option<usize>,
    /// The first row to draw, where nothing is selected.
    pub(crate) first: usize,
}

/// The top of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) badge: Piece,
    pub(crate) first: Line,
    /// On the right of the first line.
    pub(crate) clock: Forms,
    pub(crate) second: Line,
    /// What must be seen: another host, problems.
    pub(crate) banners: Vec<Forms>,
}

/// The small screens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Brief {
    pub(crate) badge: Piece,
    /// After the badge in the first line.
    pub(crate) head: Forms,
    /// Lines below it.
    pub(crate) top: Vec<Forms>,
    /// One block of lines a position.
    pub(crate) blocks: Vec<Vec<Forms>>,
    /// The block that must be shown.
    pub(crate) selected: usize,
    /// Lines at the end, if there is room.
    pub(crate) tail: Vec<Forms>,
    /// Fewer than six lines: one a line, the most important first.
    pub(crate) tiny: Vec<Forms>,
    /// A single line.
    pub(crate) single: Forms,
}
