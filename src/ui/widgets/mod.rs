//! The pieces that panels are made of, and how they are drawn: a piece of text whole or not at all.

mod block_curve;
mod border;
mod candles;
pub(crate) mod cells;
mod columns;
mod figures;
mod formatter;
mod lines;
mod paired;
mod panel;
mod price_scale;
mod span;
mod table;
mod volume_bars;

pub(crate) use block_curve::{BlockCurve, Segment};
pub(crate) use border::Heading;
pub(crate) use candles::{Bar, Candles};
pub(crate) use columns::{Column, KeptWidths, Setting, is_narrow};
pub(crate) use figures::{Figure, Gauge};
pub(crate) use formatter::{Absent, Formatter, NOT_APPLICABLE, SETTLED, side, side_word, tone};
pub(crate) use paired::sparkline;
pub(crate) use paired::{Paired, PairedRow};
pub(crate) use panel::{Body, Panel};
pub(crate) use price_scale::PriceScale;
pub(crate) use span::{Line, Span, Variants, words};
pub(crate) use table::Table;
