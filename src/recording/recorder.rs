//! [`Recorder`]: watches the feeds and passes lines to the thread that writes them.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::Duration;

use super::line::{Answer, Header, Line, Responses, What};
use super::mask::mask;
use super::words;
use super::writer::{File, Target, write_all};
use crate::domain::{AccountKind, Stream, Symbol, Timestamp, Update};
use crate::exchange::{Applied, Channel, ChannelEvent, EndedRequest, Observe, Request};

/// Responses that may wait until it is known what they are for. All but those that come too late are applied
/// at once, or with the pages that follow them.
const MOST_PENDING: usize = 128;

/// How soon the end is tried again where there is no room for it.
const RETRY: Duration = Duration::from_millis(5);

/// How large a recording may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file; a full one is kept as `FILE.1`, and the one before it is deleted.
    pub file_bytes: u64,
    /// Lines that may wait for the disk; what comes then is missing in the recording.
    pub waiting_lines: usize,
}

impl Default for Limits {
    /// Two files of 64 MiB, some hours each, and a minute of a busy stream.
    fn default() -> Self {
        Self { file_bytes: 64 << 20, waiting_lines: 8_192 }
    }
}

/// Records what it is told of. Nothing waits for the disk.
pub struct Recorder {
    lines: SyncSender<Line>,
    pending: Mutex<BTreeMap<u64, (AccountKind, Answer)>>,
    lost: AtomicU64,
    tell: Box<dyn Fn(&str) + Send + Sync>,
    ended: Mutex<Receiver<()>>,
    writer: Thread,
}

impl Recorder {
    /// Starts a recording into a file; one that exists is kept as `FILE.1`. `tell` is called, on any thread,
    /// when a part of the recording is lost.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn start(
        path: &Path,
        (focus, credentials): (&Symbol, bool),
        now: Timestamp,
        limits: Limits,
        tell: impl Fn(&str) + Clone + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let header = Header::new(focus, credentials);
        let file = File::create(path, limits.file_bytes)?;
        Self::into_target(Box::new(file), header, now, limits, tell)
    }

    fn into_target(
        target: Box<dyn Target>,
        header: Header,
        now: Timestamp,
        limits: Limits,
        tell: impl Fn(&str) + Clone + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let (lines, waiting) = sync_channel(limits.waiting_lines);
        let (end, ended) = sync_channel::<()>(0);
        let first = Line { t: now.as_millis(), what: What::Recording(header) };
        let last_words = LastWords(tell.clone());
        let builder = thread::Builder::new().name("recording".to_owned());
        let writer = builder.spawn(move || {
            // Dropped with the thread, however it ends.
            let _end = end;
            if let Err(error) = write_all(target, first, &waiting) {
                tracing::warn!(%error, "the recording ends");
                (last_words.0)(&format!("recording: stopped, {error}"));
            }
        })?;
        Ok(Self {
            lines,
            pending: Mutex::default(),
            lost: AtomicU64::new(0),
            tell: Box::new(tell),
            ended: Mutex::new(ended),
            writer: writer.thread().clone(),
        })
    }

    /// The engine makes a report of this moment.
    pub fn reading(&self, now: Timestamp) {
        self.send(now, What::Reading {});
    }

    /// Ends the recording and waits until it is written, at most for `patience`: a disk that hangs is not
    /// waited for, and the file is readable to its last whole frame.
    pub fn finish(&self, now: Timestamp, patience: Duration) {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |wait| ended.recv_timeout(wait) != Err(RecvTimeoutError::Timeout);
        let mut left = patience;
        while !self.try_send(now, What::End {}) {
            self.writer.unpark();
            if left.is_zero() || is_over(RETRY) {
                return;
            }
            left = left.saturating_sub(RETRY);
        }
        self.writer.unpark();
        let _too_long = is_over(left);
    }

    fn send(&self, now: Timestamp, what: What) {
        if !self.try_send(now, what) && self.lost.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::warn!("the disk is slow: a part of the recording is missing");
            (self.tell)("recording: the disk is slow, a part is missing");
        }
    }

    /// Passes a line on, after the number of those that are missing before it; `false` where there is no room.
    fn try_send(&self, now: Timestamp, what: What) -> bool {
        let t = now.as_millis();
        let pass =
            |what| !matches!(self.lines.try_send(Line { t, what }), Err(TrySendError::Full(_)));
        let lines = self.lost.load(Ordering::Relaxed);
        if lines > 0 {
            if !pass(What::Lost { lines }) {
                return false;
            }
            self.lost.fetch_sub(lines, Ordering::Relaxed);
        }
        pass(what)
    }

    fn pending(&self) -> MutexGuard<'_, BTreeMap<u64, (AccountKind, Answer)>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells of an end that nobody else can tell of: that of a thread which panics.
struct LastWords<T: Fn(&str)>(T);

impl<T: Fn(&str)> Drop for LastWords<T> {
    fn drop(&mut self) {
        if thread::panicking() {
            (self.0)("recording: stopped, by a defect of this program");
        }
    }
}

impl Observe for Recorder {
    fn request_ended(&self, ended: &EndedRequest<'_>) {
        let answer = ended.http.map(|http| Answer {
            request: words::of_request(ended.request),
            path: ended.path.to_owned(),
            started: ended.started.as_millis(),
            received: ended.ended.as_millis(),
            status: http.status,
            body: mask(&String::from_utf8_lossy(&http.body)).into_owned(),
        });
        match (ended.result, answer) {
            // What it says of the account is told by the program itself.
            (Ok(_), _) if *ended.request == Request::AccountKind => {}
            (Ok(_), Some(answer)) => {
                let mut pending = self.pending();
                pending.insert(ended.number, (ended.api, answer));
                if pending.len() > MOST_PENDING {
                    pending.pop_first();
                }
            }
            (Ok(_), None) => {}
            (Err(error), response) => {
                let (api, error) = (ended.api.to_string(), error.to_string());
                self.send(ended.ended, What::Failed { api, error, response });
            }
        }
    }

    fn channel(&self, _stream: Stream, _channel: &Channel, _event: ChannelEvent) {}

    fn applied(&self, applied: &Applied<'_>, now: Timestamp) {
        let mut pending = self.pending();
        let found: Option<Vec<_>> =
            applied.numbers.iter().map(|number| pending.remove(number)).collect();
        drop(pending);
        let Some((api, answers)) = found.and_then(|found| {
            let (apis, answers): (Vec<AccountKind>, Vec<Answer>) = found.into_iter().unzip();
            Some((apis.first()?.to_string(), answers))
        }) else {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let (whole, purpose) = (applied.whole, applied.purpose.into());
        self.send(now, What::Applied(Responses { api, whole, purpose, answers }));
    }

    fn told(&self, update: &Update) {
        if let Some(line) = Line::told(update) {
            self.send(update.as_of, line.what);
        }
    }

    fn opened(&self, stream: Stream, api: AccountKind, now: Timestamp) {
        self.send(now, What::Opened { stream: stream.to_string(), api: api.to_string() });
    }

    fn received(&self, stream: Stream, text: &str, now: Timestamp) {
        let text = mask(text).into_owned();
        self.send(now, What::In { stream: stream.to_string(), text });
    }

    fn sent(&self, stream: Stream, text: &str, now: Timestamp) {
        self.send(now, What::Out { stream: stream.to_string(), text: text.to_owned() });
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::channel;

    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    /// A disk that does what the test says.
    struct Disk {
        go: Receiver<io::Result<()>>,
        written: Arc<Mutex<Vec<u8>>>,
    }

    impl Target for Disk {
        fn write(&mut self, frame: &[u8]) -> io::Result<()> {
            self.go.recv().unwrap_or(Ok(()))?;
            self.written.lock().unwrap().extend_from_slice(frame);
            Ok(())
        }

        fn is_full(&self) -> bool {
            false
        }

        fn next(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The feed goes on while the disk does not, the user is told, and the file says how much is missing.
    #[test]
    fn a_slow_disk_loses_lines_and_says_so() {
        let (go, wait) = channel();
        let written = Arc::new(Mutex::default());
        let disk = Disk { go: wait, written: Arc::clone(&written) };
        let (tell, told) = channel();
        let limits = Limits { waiting_lines: 4, ..Limits::default() };
        let header = Header::new(&Symbol::default(), true);
        let recorder = Recorder::into_target(Box::new(disk), header, at(0), limits, move |text| {
            tell.send(text.to_owned()).unwrap();
        })
        .unwrap();
        go.send(Ok(())).unwrap();
        // With the next line a frame of this size is written, and the disk hangs with it; or the thread has not
        // looked for lines yet, and there is no room for more of them either.
        let large = "x".repeat(super::super::writer::FRAME_BYTES);
        recorder.received(Stream::WsPublic, &large, at(1));
        let mut ms = 2;
        let text = loop {
            recorder.received(Stream::WsPublic, "pong", at(ms));
            ms += 1;
            if let Ok(text) = told.try_recv() {
                break text;
            }
        };
        assert_eq!(text, "recording: the disk is slow, a part is missing");
        drop(go);
        recorder.finish(at(ms), Duration::from_secs(30));
        let bytes = written.lock().unwrap().clone();
        let lines: Vec<Line> = super::super::Recording::of(bytes).unwrap().lines().collect();
        let kept = lines.iter().filter(|line| matches!(line.what, What::In { .. })).count();
        let lost: usize = lines
            .iter()
            .filter_map(|line| {
                if let What::Lost { lines } = line.what {
                    usize::try_from(lines).ok()
                } else {
                    None
                }
            })
            .sum();
        let all = usize::try_from(ms).unwrap() - 1;
        assert_eq!(kept + lost, all);
        assert!(kept >= 4 && kept < all);
    }

    /// A disk on which the thread panics.
    struct Defect;

    impl Target for Defect {
        fn write(&mut self, _frame: &[u8]) -> io::Result<()> {
            panic!("as the test wants it")
        }

        fn is_full(&self) -> bool {
            false
        }

        fn next(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_thread_that_panics_is_told() {
        let (tell, told) = channel();
        let header = Header::new(&Symbol::default(), true);
        let tell = move |text: &str| tell.send(text.to_owned()).unwrap();
        let recorder =
            Recorder::into_target(Box::new(Defect), header, at(0), Limits::default(), tell);
        assert_eq!(told.recv().unwrap(), "recording: stopped, by a defect of this program");
        recorder.unwrap().finish(at(1), Duration::from_secs(30));
    }

    #[test]
    fn a_full_disk_ends_the_recording_and_says_so() {
        let (go, wait) = channel();
        let disk = Disk { go: wait, written: Arc::default() };
        let (tell, told) = channel();
        let header = Header::new(&Symbol::default(), true);
        let limits = Limits::default();
        let recorder = Recorder::into_target(Box::new(disk), header, at(0), limits, move |text| {
            tell.send(text.to_owned()).unwrap();
        })
        .unwrap();
        go.send(Ok(())).unwrap();
        go.send(Err(io::Error::from(io::ErrorKind::StorageFull))).unwrap();
        recorder.finish(at(1), Duration::from_secs(30));
        assert!(told.recv().unwrap().starts_with("recording: stopped, "));
        recorder.received(Stream::WsPublic, "pong", at(2));
    }
}
