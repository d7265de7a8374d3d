//! What outlasts the process: equity once a minute, positions, ledger entries, alerts and gaps, in one
//! SQLite file that belongs to the user.
//!
//! ```text
//! reports ─ Recorder ─ Batch, once a minute ─ bounded queue ─ Keeper (its own thread) ─ history.db
//!                                                                └─ MemoryReport ─ store
//! ```
//!
//! `recorder` makes rows of reports and touches no disk. `keeper` holds the file and writes a batch in one
//! transaction; what fails there costs a problem on screen and nothing else. `writer` puts the two on both
//! ends of a queue, so that no disk can hold the engine up. `file` opens, checks and migrates by the steps of
//! `schema`; `lock` lets one process write for an account; `period` reads the equity back, `away` what
//! happened between two looks at the screen (`look`); `reader` and `export` are for
//! those who export. The tables are documented in `docs/history.md`.

mod away;
mod batch;
mod codec;
mod export;
mod file;
mod hash;
mod keeper;
mod lock;
mod look;
mod minute;
mod period;
mod reader;
mod recorder;
mod schema;
mod write;
mod writer;

pub use batch::{
    AlertRow, Batch, LedgerRange, MinuteRow, Nearest, PositionKind, PositionRecord, Reading, Row,
};
pub use export::{Cell, Export, Record};
pub use file::MemoryError;
pub use keeper::Settings;
pub use look::LastLook;
pub use reader::{Owner, Reader};
pub use recorder::Recorder;
pub use writer::Writer;
