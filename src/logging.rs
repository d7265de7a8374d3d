//! The log: to a file, or nowhere, and to standard error only where there is no screen: one stray line would
//! break it.
//!
//! Lines go through a bounded queue to a thread of their own, so a slow disk never holds up a feed;
//! when the queue is full lines are dropped and counted. What is logged is the callers' business:
//! they log no credentials and no frames.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::domain::Text;

/// Lines that may wait for the disk. The default of the appender, 128,000, takes 4 MiB at once.
const QUEUE_LINES: usize = 1024;
/// The variable that sets the level.
const LEVEL_VARIABLE: &str = "BITGET_WATCH_LOG_LEVEL";

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogLevel {
    /// Only what failed.
    Error,
    /// Also what is odd but was handled.
    Warn,
    /// Also what happened, such as a link that was lost or found.
    #[default]
    Info,
    /// Also the reasons and the single attempts.
    Debug,
    /// Also every step.
    Trace,
}

impl LogLevel {
    fn filter(self) -> LevelFilter {
        match self {
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
            Self::Trace => LevelFilter::TRACE,
        }
    }
}

/// Why there is no log. A usage error: the program exits with 2.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// `BITGET_WATCH_LOG_LEVEL` is not a level.
    #[error("{LEVEL_VARIABLE}: expected error, warn, info, debug or trace, found {0:?}")]
    Level(Text),
    /// The file cannot be written.
    #[error("log file {}: {cause}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// The process already logs elsewhere.
    #[error("the log is already set up")]
    Taken,
}

/// Returns the level of the flag, else of the variable, else [`LogLevel::Info`].
///
/// `variable` is the value of `BITGET_WATCH_LOG_LEVEL`; an empty one counts as not set.
///
/// # Errors
/// [`LogError::Level`] when the variable decides and is not a level.
pub fn level(flag: Option<LogLevel>, variable: Option<OsString>) -> Result<LogLevel, LogError> {
    if let Some(level) = flag {
        return Ok(level);
    }
    let Some(word) = variable.filter(|word| !word.is_empty()) else {
        return Ok(LogLevel::default());
    };
    let word = word.to_string_lossy();
    LogLevel::from_str(&word, true).map_err(|_ignored| LogError::Level(Text::new(&word)))
}

/// Keeps the log open; to be held in `main` until the end, or the last lines are lost.
#[derive(Debug)]
#[must_use = "dropping it ends the log"]
pub struct LogGuard {
    dropped: ErrorCounter,
    _writer: WorkerGuard,
}

impl LogGuard {
    /// Returns how many lines were dropped because the disk was too slow.
    pub fn dropped_lines(&self) -> usize {
        self.dropped.dropped_lines()
    }
}

/// Starts the log of the process; `None` for the file means no log at all.
///
/// The file is created for its owner alone (mode 0600) and appended to. Our own lines are taken up
/// to `level`, those of the libraries up to `warn`.
///
/// # Errors
/// The file cannot be opened, or the process has a log already.
pub fn init(file: Option<&Path>, level: LogLevel) -> Result<Option<LogGuard>, LogError> {
    let Some(path) = file else {
        return Ok(None);
    };
    let file = open(path).map_err(|cause| LogError::File { path: path.to_owned(), cause })?;
    let (writer, guard) = queue(file);
    subscriber(writer, level).try_init().map_err(|_taken| LogError::Taken)?;
    Ok(Some(guard))
}

/// Starts the log of the process on standard error, for a program without a screen.
///
/// # Errors
/// The process has a log already.
pub fn to_standard_error(level: LogLevel) -> Result<LogGuard, LogError> {
    let (writer, guard) = queue(io::stderr());
    subscriber(writer, level).try_init().map_err(|_taken| LogError::Taken)?;
    Ok(guard)
}

/// Returns the bounded queue in front of a file.
fn queue(file: impl io::Write + Send + 'static) -> (NonBlocking, LogGuard) {
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(QUEUE_LINES)
        .thread_name("log")
        .finish(file);
    let guard = LogGuard { dropped: writer.error_counter(), _writer: guard };
    (writer, guard)
}

/// Returns the subscriber that writes plain lines, without colours.
fn subscriber<W>(writer: W, level: LogLevel) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let own = level.filter();
    let targets =
        Targets::new().with_target("bitget_watch", own).with_default(own.min(LevelFilter::WARN));
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(writer);
    tracing_subscriber::registry().with(targets).with(lines)
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(None, None, LogLevel::Info)]
    #[case(None, Some(""), LogLevel::Info)]
    #[case(None, Some("debug"), LogLevel::Debug)]
    #[case(None, Some("TRACE"), LogLevel::Trace)]
    #[case(Some(LogLevel::Error), Some("debug"), LogLevel::Error)]
    #[case(Some(LogLevel::Error), Some("nonsense"), LogLevel::Error)]
    fn flag_wins_over_variable(
        #[case] flag: Option<LogLevel>,
        #[case] variable: Option<&str>,
        #[case] expected: LogLevel,
    ) {
        assert_eq!(level(flag, variable.map(Into::into)).unwrap(), expected);
    }

    #[test]
    fn refuses_a_variable_that_is_not_a_level() {
        let error = level(None, Some("loud\u{1b}".into())).unwrap_err();
        assert_eq!(
            error.to_string(),
            "BITGET_WATCH_LOG_LEVEL: expected error, warn, info, debug or trace, found \"loud\""
        );
    }

    #[test]
    fn appends_own_lines_of_the_level_and_warnings_of_libraries() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        std::fs::write(&path, "before\n").unwrap();
        let (writer, guard) = queue(open(&path).unwrap());
        tracing::subscriber::with_default(subscriber(writer, LogLevel::Debug), || {
            tracing::debug!(target: "bitget_watch::feed", "ours kept");
            tracing::trace!(target: "bitget_watch::feed", "ours too fine");
            tracing::warn!(target: "rustls", "theirs kept");
            tracing::info!(target: "rustls", "theirs too fine");
        });
        assert_eq!(guard.dropped_lines(), 0);
        // The guard waits for the writer, so the file is complete.
        drop(guard);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("before\n"), "{text}");
        assert!(text.contains("ours kept") && text.contains("theirs kept"), "{text}");
        assert!(!text.contains("too fine") && !text.contains('\u{1b}'), "{text}");
    }

    #[cfg(unix)]
    #[test]
    fn makes_the_file_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        drop(open(&path).unwrap());
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }

    #[test]
    fn names_the_file_that_cannot_be_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("missing").join("log");
        let error = init(Some(&path), LogLevel::Info).unwrap_err();
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }

    #[test]
    fn no_file_is_no_log() {
        assert!(init(None, LogLevel::Trace).unwrap().is_none());
    }
}
