//! The thread that owns the file: lines in, frames of zstd out.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::frame::compress;
use super::line::{Header, Line, PurposeWords, What};
use crate::domain::{Clock, SystemClock};

/// The text of a frame; a larger one would be lost whole where a file is cut.
pub(super) const FRAME_BYTES: usize = super::frame::WINDOW_BYTES;
/// A line is in the file after this at the latest.
const FRAME_EVERY: Duration = Duration::from_secs(5);

/// What frames are written to.
pub(super) trait Target: Send {
    /// Writes a frame, whole.
    fn write(&mut self, frame: &[u8]) -> io::Result<()>;
    /// Returns whether the next frame should go to another file.
    fn is_full(&self) -> bool;
    /// Starts that file.
    fn next(&mut self) -> io::Result<()>;
}

/// A file, and the one before it.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    open: fs::File,
    written: u64,
    limit: u64,
}

impl File {
    /// Makes a file that only its owner may read. One that exists is kept as `FILE.1`.
    pub(super) fn create(path: &Path, limit: u64) -> io::Result<Self> {
        match fs::symlink_metadata(path) {
            Ok(found) if !found.is_file() => {
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, "not a regular file"));
            }
            Ok(_) => fs::rename(path, before(path))?,
            Err(_) => {}
        }
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        Ok(Self { path: path.to_owned(), open: file, written: 0, limit })
    }
}

/// Returns the name of the file before.
fn before(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    name.into()
}

impl Target for File {
    fn write(&mut self, frame: &[u8]) -> io::Result<()> {
        self.written += u64::try_from(frame.len()).unwrap_or(u64::MAX);
        self.open.write_all(frame)
    }

    fn is_full(&self) -> bool {
        self.written >= self.limit
    }

    fn next(&mut self) -> io::Result<()> {
        *self = Self::create(&self.path, self.limit)?;
        Ok(())
    }
}

/// Writes lines until the last one.
pub(super) fn write_all(
    target: Box<dyn Target>,
    first: &Line,
    lines: &Receiver<Line>,
) -> io::Result<()> {
    let What::Recording(header) = &first.what else { return Ok(()) };
    let mut frames =
        Frames { target, header: header.clone(), standing: Standing::default(), text: Vec::new() };
    frames.add(first)?;
    let clock = SystemClock::start();
    let mut due = clock.now().after(FRAME_EVERY);
    loop {
        match lines.recv_timeout(due.since(clock.now())) {
            Ok(line) => {
                let is_last = matches!(line.what, What::End {});
                frames.add(&line)?;
                frames.standing.take(line);
                if is_last {
                    return frames.flush();
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return frames.flush(),
        }
        if clock.now() >= due || frames.text.len() >= FRAME_BYTES {
            frames.flush()?;
            due = clock.now().after(FRAME_EVERY);
        }
    }
}

struct Frames {
    target: Box<dyn Target>,
    header: Header,
    standing: Standing,
    /// The lines of the next frame.
    text: Vec<u8>,
}

impl Frames {
    fn add(&mut self, line: &Line) -> io::Result<()> {
        serde_json::to_writer(&mut self.text, line)?;
        self.text.push(b'\n');
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.text.is_empty() {
            return Ok(());
        }
        let frame = compress(&self.text);
        self.text.clear();
        self.target.write(&frame)?;
        if self.target.is_full() {
            self.target.next()?;
            let standing = self.standing.lines();
            let t = standing.first().map_or(0, |line| line.t);
            let header = Header { continues: true, ..self.header.clone() };
            self.add(&Line { t, what: What::Recording(header) })?;
            for line in standing {
                self.add(&line)?;
            }
        }
        Ok(())
    }
}

/// What a file that continues another starts with: the newest of everything that stands until it is replaced.
#[derive(Default)]
struct Standing {
    lines: BTreeMap<String, (u64, Line)>,
    count: u64,
}

impl Standing {
    fn take(&mut self, line: Line) {
        self.count += 1;
        let (name, stands) = match &line.what {
            What::Opened { stream, .. } => (format!("opened {stream}"), true),
            What::Applied(responses) if responses.purpose == PurposeWords::Poll => {
                let Some(first) = responses.answers.first() else { return };
                let mut words = first.request.clone();
                // The ledger of a day and the history of marks have a range: the newest one counts.
                words.truncate(2);
                if words.first().is_some_and(|word| word == "ledger") {
                    words.truncate(1);
                }
                (format!("applied {}", words.join(" ")), true)
            }
            What::Told(told) => {
                let Some(standing) = told.standing() else { return };
                standing
            }
            What::Applied(_)
            | What::Recording(_)
            | What::In { .. }
            | What::Out { .. }
            | What::Failed { .. }
            | What::Reading {}
            | What::Lost { .. }
            | What::End {} => return,
        };
        if stands {
            self.lines.insert(name, (self.count, line));
        } else {
            self.lines.remove(&name);
        }
    }

    /// Returns the lines in their order.
    fn lines(&self) -> Vec<Line> {
        let mut lines: Vec<&(u64, Line)> = self.lines.values().collect();
        lines.sort_by_key(|(count, _)| *count);
        lines.into_iter().map(|(_, line)| line.clone()).collect()
    }
}
