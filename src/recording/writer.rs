//! The thread that owns the file: lines in, frames of zstd out.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::thread;
use std::time::Duration;

use super::frame::compress;
use super::line::{Header, Line, PurposeWords, What};

/// The text of a frame; a larger one would be lost whole where a file is cut.
pub(super) const FRAME_BYTES: usize = super::frame::WINDOW_BYTES;
/// The lines of a frame are of so long, in milliseconds. A shorter one repeats less, and a longer one would be
/// lost whole where the process is killed.
const FRAME_MS: i64 = 10_000;
/// The thread looks for lines this often, and not at each of them: waking it costs far more than a line. The end
/// wakes it.
const PAUSE: Duration = Duration::from_millis(500);
/// Where nothing comes any more, what waits is written after so many of them.
const QUIET_PAUSES: u32 = 10;

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
    first: Line,
    lines: &Receiver<Line>,
) -> io::Result<()> {
    let What::Recording(header) = &first.what else { return Ok(()) };
    let (header, standing, newest) = (header.clone(), Standing::default(), first.t);
    let mut frames = Frames { target, header, standing, text: Vec::new(), began: 0, newest };
    frames.add(first)?;
    // A file that exists is a recording, from the first moment on.
    frames.flush()?;
    let mut pauses = 0;
    loop {
        let line = match lines.try_recv() {
            Ok(line) => line,
            Err(TryRecvError::Empty) => {
                pauses += 1;
                if pauses >= QUIET_PAUSES {
                    frames.flush()?;
                    pauses = 0;
                }
                thread::park_timeout(PAUSE);
                continue;
            }
            Err(TryRecvError::Disconnected) => return frames.flush(),
        };
        pauses = 0;
        if matches!(line.what, What::End {}) {
            frames.add(line)?;
            return frames.flush();
        }
        let is_long = line.t.saturating_sub(frames.began) >= FRAME_MS;
        if is_long || frames.text.len() >= FRAME_BYTES {
            frames.flush()?;
        }
        if frames.text.is_empty() && frames.target.is_full() {
            frames.rotate()?;
        }
        frames.add(line)?;
    }
}

struct Frames {
    target: Box<dyn Target>,
    header: Header,
    standing: Standing,
    /// The lines of the next frame.
    text: Vec<u8>,
    /// The time of the first of them.
    began: i64,
    /// The time of the newest line.
    newest: i64,
}

impl Frames {
    fn add(&mut self, line: Line) -> io::Result<()> {
        if self.text.is_empty() {
            self.began = line.t;
        }
        self.newest = self.newest.max(line.t);
        self.write(&line)?;
        self.standing.take(line);
        Ok(())
    }

    fn write(&mut self, line: &Line) -> io::Result<()> {
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
        self.target.write(&frame)
    }

    /// Ends the file in order, and goes on in another one that is whole by itself.
    fn rotate(&mut self) -> io::Result<()> {
        let t = self.newest;
        self.write(&Line { t, what: What::End {} })?;
        self.flush()?;
        self.target.next()?;
        let header = Header { continues: true, ..self.header.clone() };
        self.write(&Line { t, what: What::Recording(header) })?;
        for line in self.standing.lines() {
            self.write(&line)?;
        }
        self.flush()
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
