//! `snapshot`: one complete reading to standard output, or one after the other.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use super::exit::{CREDENTIALS, DONE, Failure, NOT_REACHED, USAGE};
use super::source::{self, Source};
use super::text;
use crate::cli::SnapshotArgs;
use crate::domain::{Clock, Symbol, Timestamp};
use crate::feed::Controls;
use crate::report::{Document, Engine};
use crate::store::{SharedStore, Store};

/// A single reading waits this long for the levels of the risk, once all else is there.
const PATIENCE: Duration = Duration::from_secs(8);
/// Ages move without a change: the document is looked at this often at the least.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Prints readings and returns the exit code of the last one.
pub(super) fn run(arguments: &SnapshotArgs, source: Source) -> Result<u8, Failure> {
    let (changed, changes) = sync_channel(1);
    let store = SharedStore::new(Store::new(source.config.symbol.clone()), move || {
        // A full channel wakes just as well.
        let _full = changed.try_send(());
    });
    let mut reader = Reader {
        engine: Engine::new(source.context()),
        focus: source.config.symbol.clone(),
        clock: source.clock.clone(),
        store: store.clone(),
        changes,
    };
    let runtime = source::runtime()?;
    let feeds = source.start(runtime, store, Controls::default(), std::future::pending())?;
    let result = reader.print_all(arguments);
    feeds.stop();
    result
}

struct Reader {
    engine: Engine,
    focus: Symbol,
    clock: Arc<dyn Clock>,
    store: SharedStore,
    changes: Receiver<()>,
}

impl Reader {
    fn print_all(&mut self, arguments: &SnapshotArgs) -> Result<u8, Failure> {
        let began = self.clock.now();
        let single = arguments.every.is_none() && !arguments.line;
        let patience = if single { PATIENCE } else { Duration::ZERO };
        let mut document = self.complete_within(arguments.timeout, patience);
        let mut printed = 0;
        loop {
            match print(arguments, &document) {
                // Nobody reads any more: a quiet end.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(DONE),
                Err(error) => return Err(Failure::running(format!("standard output: {error}"))),
                Ok(()) => printed += 1,
            }
            let Some(every) = arguments.every else { break };
            if arguments.count.is_some_and(|count| printed >= count) {
                break;
            }
            self.sleep_until(next_beat(began, self.clock.now(), every));
            document = self.read();
        }
        self.verdict(&document)
    }

    fn read(&mut self) -> Document {
        self.engine.read(&self.store.snapshot(), self.clock.now())
    }

    /// Waits for a complete document, a refusal, or the end of the time; and `patience` longer for the
    /// levels of the risk, which want a day of candles.
    fn complete_within(&mut self, timeout: Duration, patience: Duration) -> Document {
        let mut deadline = self.clock.now().after(timeout);
        let mut completed = false;
        loop {
            let document = self.read();
            let now = self.clock.now();
            let judged = document.positions.rows.iter().all(|row| row.risk.level.is_some());
            if document.complete && !std::mem::replace(&mut completed, document.complete) {
                deadline = deadline.min(now.after(patience));
            }
            let done = (document.complete && judged) || refused(&document) || self.is_unlisted();
            if done || now >= deadline {
                return document;
            }
            self.wait(deadline.since(now).min(LOOK_EVERY));
        }
    }

    fn sleep_until(&self, until: Timestamp) {
        while self.clock.now() < until {
            self.wait(until.since(self.clock.now()));
        }
    }

    fn wait(&self, span: Duration) {
        if self.changes.recv_timeout(span) == Err(RecvTimeoutError::Disconnected) {
            // The store outlives the feeds, so this does not happen; if it did, it must not spin.
            std::thread::park_timeout(span);
        }
    }

    fn is_unlisted(&self) -> bool {
        self.store.with(|state| state.unlisted.contains(&self.focus))
    }

    fn verdict(&self, document: &Document) -> Result<u8, Failure> {
        if document.complete {
            return Ok(DONE);
        }
        if self.is_unlisted() {
            let text = format!("{}: the exchange does not list this contract", self.focus);
            return Err(Failure::new(USAGE, text));
        }
        let code = if refused(document) { CREDENTIALS } else { NOT_REACHED };
        let problems: Vec<_> = document.problems.iter().map(|p| p.text.as_str()).collect();
        let reason = if problems.is_empty() { self.missing() } else { problems.join("; ") };
        Err(Failure::new(code, format!("incomplete: {reason}")))
    }

    /// Returns what failed last, in words.
    fn missing(&self) -> String {
        let failures = self.store.with(|state| {
            let link = state.links.iter().find_map(|link| link.last_error.clone());
            let failed = state.failures.iter().map(|(datum, text)| format!("{datum}: {text}"));
            failed.chain(link.map(|text| text.to_string())).collect::<Vec<_>>()
        });
        if failures.is_empty() {
            "parts are missing or stale".to_owned()
        } else {
            failures.join("; ")
        }
    }
}

/// Whether the exchange refuses what was asked for: waiting would change nothing.
fn refused(document: &Document) -> bool {
    let codes = ["key_refused", "permission_missing", "wrong_api"];
    document.problems.iter().any(|problem| codes.contains(&problem.code.as_str()))
}

/// Returns the next beat after `now` of a rhythm that began at `began`.
fn next_beat(began: Timestamp, now: Timestamp, every: Duration) -> Timestamp {
    let beats = now.since(began).as_nanos() / every.as_nanos().max(1) + 1;
    began.after(every.saturating_mul(u32::try_from(beats).unwrap_or(u32::MAX)))
}

fn print(arguments: &SnapshotArgs, document: &Document) -> io::Result<()> {
    let text = if arguments.json {
        serde_json::to_string(document).map_err(io::Error::other)? + "\n"
    } else if arguments.line {
        text::line(document) + "\n"
    } else if arguments.every.is_some() {
        text::plain(document) + "\n"
    } else {
        text::plain(document)
    };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beats_do_not_drift() {
        let at = Timestamp::from_millis;
        let every = Duration::from_millis(500);
        assert_eq!(next_beat(at(1_000), at(1_000), every), at(1_500));
        assert_eq!(next_beat(at(1_000), at(1_499), every), at(1_500));
        assert_eq!(next_beat(at(1_000), at(3_700), every), at(4_000), "missed beats are skipped");
    }
}
