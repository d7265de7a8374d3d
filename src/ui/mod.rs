//! The screen: what is shown of the report, and what keys do.
//!
//! [`Ui`] builds a `dashboard` of the newest [`Report`](crate::report::Report): `layout` says which panels
//! a size has room for, each file of `panels` what its panel says and how, with the pieces of `widgets`:
//! tables, figures, lines. A part that looks the same as before is not drawn into the `picture`, and of what was
//! drawn the `painter` writes the cells that the terminal does not show yet. `keymap` is the one table of keys,
//! `state` what the user has chosen. No clock and no IO in any of them: the present is passed in.
//! [`mod@run`] is the loop that waits for keys and changes and draws a [`Ui`], `terminal` takes the terminal
//! over and gives it back, [`signals`] watches for the end. The rule to know: a text that does not fit is
//! left out whole, so no number is ever cut, and a figure that may be wrong now carries the word STALE
//! beside it or on its panel.

mod chart_view;
mod command_line;
mod commands;
mod curve_span;
mod dashboard;
#[cfg(test)]
mod fixtures;
pub(crate) mod format;
mod frame_writer;
mod input;
mod keymap;
mod layout;
mod only_prices;
mod order_key;
mod overlay;
mod pacer;
mod painter;
mod panels;
mod picture;
mod rates;
mod replay_step;
pub mod run;
mod screen;
mod selection;
pub mod signals;
mod sort_key;
mod state;
mod target;
mod terminal;
mod terminal_colors;
mod theme;
mod ui_context;
mod views;
mod wake;
mod widgets;

pub use frame_writer::Traffic;
pub use pacer::{Hold, Pacer, Repaint};
pub use painter::Painter;
pub use picture::Drawing;
pub use replay_step::ReplayStep;
pub use screen::Ui;
pub use state::Effect;
pub use terminal::{RealTty, may_be_asked};
pub use terminal_colors::{Background, Rgb, TerminalColors};
pub use ui_context::UiContext;
pub use wake::Wake;
