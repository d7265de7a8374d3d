//! Recordings: what came from the exchange and when, in a file that plays again.
//!
//! A [`Recorder`] watches the feeds by [`Observe`](crate::exchange::Observe): every text of the streams, every
//! response that became updates, what the program said itself of links and problems, and the time of every
//! reading of the engine. It sees no header, no signature and no login, and ids of the user are masked before
//! a line is kept. Lines are JSON with the local, monotonic time; a thread of its own writes them in frames of
//! zstd, of ten seconds each, so that a file which was cut is readable to its last whole frame.
//!
//! A [`Player`] takes the lines of a [`Recording`] through the same parsers, store and engine, by the clock of
//! the recording. The poller and the sockets do not run again: what they decided is in the file, so a recording
//! of a version with a defect in them shows that defect. [`anonymize`] makes one that may be shown in public.

mod amounts;
mod anonymize;
mod frame;
mod line;
mod mask;
mod player;
mod reader;
mod recorder;
mod words;
mod writer;

pub use anonymize::anonymize;
pub use player::{Player, Stepped};
pub use reader::{ReadError, Recording};
pub use recorder::{Limits, Recorder};
