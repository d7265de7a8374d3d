//! The screen: what is shown of the document and the snapshot, and what keys do.
//!
//! `view` turns them into a [`Ui`]'s view-model of finished texts, `panels` put those texts on
//! screen and decide nothing, `keymap` is the one table of keys, `state` what the person has chosen,
//! `layout` which panels a size has room for. No clock and no IO in any of them: the present is
//! passed in. [`mod@run`] is the loop that waits for keys and changes and draws a [`Ui`], `terminal` takes
//! the terminal over and gives it back, [`signals`] watches for the end. The rule to know: a text that does
//! not fit is left out whole, so no number is ever cut, and a figure that may be wrong now carries
//! the word STALE beside it or on its panel.

mod ansi_backend;
pub(crate) mod format;
mod frame_writer;
mod input;
mod keymap;
mod layout;
mod panels;
mod rates;
pub mod run;
mod screen;
pub mod signals;
mod state;
mod terminal;
mod theme;
mod view;
mod wake;

pub use ansi_backend::AnsiBackend;
pub use frame_writer::{FrameBuffer, Traffic};
pub use screen::{Effect, Ui, UiContext};
pub use terminal::RealTty;
pub use wake::Wake;
