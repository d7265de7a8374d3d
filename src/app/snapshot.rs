//! `snapshot`: one complete reading to standard output, or one after the other.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use super::exit::{CREDENTIALS, DONE, Failure, NOT_REACHED};
use super::running::Running;
use super::source::{self, Source};
use super::{text, unlisted};
use crate::cli::SnapshotArgs;
use crate::domain::{Clock, ProblemCode, Timestamp};
use crate::engine::Pace;
use crate::feed::Controls;
use crate::report::{PositionRow, Report, json};

/// A single reading waits this long for the levels of the risk, once all else is there.
const PATIENCE: Duration = Duration::from_secs(8);
/// The least time between two looks at the report while it is not complete.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Whatever changes may be what is waited for.
const PACE: Pace =
    Pace { max_per_second: 10, company: Duration::ZERO, together: Duration::ZERO, reserved: 0 };

/// Prints readings and returns the exit code of the last one.
pub(super) fn run(arguments: &SnapshotArgs, source: Source) -> Result<u8, Failure> {
    let (reported, reports) = sync_channel(1);
    let clock: Arc<dyn Clock> = source.clock.clone();
    let on_report = move |_| {
        // A full channel wakes just as well.
        let _full = reported.try_send(());
    };
    let runtime = source::runtime()?;
    let beside = (|| {}, std::future::pending());
    let proxy = source.proxy();
    let running = source.start(runtime, Controls::default(), PACE, on_report, beside)?;
    let reader = Reader { running, clock, reports, proxy };
    let result = reader.print_all(arguments);
    reader.running.stop();
    result
}

struct Reader {
    running: Running,
    clock: Arc<dyn Clock>,
    reports: Receiver<()>,
    proxy: Option<String>,
}

impl Reader {
    fn print_all(&self, arguments: &SnapshotArgs) -> Result<u8, Failure> {
        let began = self.clock.now();
        let single = arguments.every.is_none() && !arguments.line;
        let patience = if single { PATIENCE } else { Duration::ZERO };
        let mut report = self.complete_within(arguments.timeout, patience)?;
        // A page about nothing would only hide the reason.
        if let Some(failure) = unlisted::refusal(&report).filter(|_| !report.complete) {
            return Err(failure);
        }
        let mut printed = 0;
        loop {
            match print(arguments, &report, self.proxy.as_deref()) {
                // Nobody reads any more: a quiet end.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(DONE),
                Err(error) => return Err(Failure::running(format!("standard output: {error}"))),
                Ok(()) => printed += 1,
            }
            let Some(every) = arguments.every else { break };
            if arguments.count.is_some_and(|count| printed >= count) {
                break;
            }
            self.sleep_until(next_beat(began, self.clock.now(), every))?;
            report = self.running.engine.read_now(LOOK_EVERY);
        }
        verdict(&report)
    }

    /// Waits for a complete report, a refusal, or the end of the time; and `patience` longer for the
    /// levels of the risk, which want minutes of the mark price.
    fn complete_within(
        &self,
        timeout: Duration,
        patience: Duration,
    ) -> Result<Arc<Report>, Failure> {
        let mut deadline = self.clock.now().after(timeout);
        let mut completed = false;
        loop {
            let report = self.running.engine.newest();
            let now = self.clock.now();
            let judged = report.positions.rows.iter().all(is_judged);
            if report.complete && !std::mem::replace(&mut completed, report.complete) {
                deadline = deadline.min(now.after(patience));
            }
            let done = (report.complete && judged) || refused(&report) || report.focus_unlisted;
            if done || now >= deadline {
                return Ok(report);
            }
            self.wait(deadline.since(now).min(LOOK_EVERY))?;
        }
    }

    fn sleep_until(&self, until: Timestamp) -> Result<(), Failure> {
        while self.clock.now() < until {
            self.wait(until.since(self.clock.now()))?;
        }
        Ok(())
    }

    /// Waits for a report, at most for `span`.
    ///
    /// # Errors
    /// When there will be no more of them.
    fn wait(&self, span: Duration) -> Result<(), Failure> {
        match self.reports.recv_timeout(span) {
            Ok(()) | Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => Err(self.running.failure()),
        }
    }
}

/// Returns whether the level of a position rests on statistics too, where it has a price that they can be
/// applied to: by percent or leverage alone it may be known before them.
fn is_judged(row: &PositionRow) -> bool {
    if !row.modelled {
        // The exchange does not send what a level rests on.
        return true;
    }
    let risk = &row.risk;
    let ends_somewhere = row.liquidation_price.or(risk.liquidation_price_ours).is_some();
    risk.level.is_some() && (risk.liquidation_sigmas.is_some() || !ends_somewhere)
}

pub(super) fn verdict(report: &Report) -> Result<u8, Failure> {
    if report.complete {
        return Ok(DONE);
    }
    if let Some(failure) = unlisted::refusal(report) {
        return Err(failure);
    }
    let code = if refused(report) { CREDENTIALS } else { NOT_REACHED };
    let problems: Vec<_> = report.problems.iter().map(|p| p.text.as_str()).collect();
    let reason = if problems.is_empty() { missing(report) } else { problems.join("; ") };
    Err(Failure::new(code, format!("incomplete: {reason}")))
}

/// Returns what failed last, in words.
fn missing(report: &Report) -> String {
    let link = report.links.iter().find_map(|link| link.last_error.clone());
    let failed = report.failures.iter().map(|(request, text)| format!("{request}: {text}"));
    let failures: Vec<_> = failed.chain(link.map(|text| text.to_string())).collect();
    if failures.is_empty() { "parts are missing or stale".to_owned() } else { failures.join("; ") }
}

/// Whether the exchange refuses what was asked for: waiting would change nothing.
pub(super) fn refused(report: &Report) -> bool {
    let codes = [ProblemCode::KeyRefused, ProblemCode::PermissionMissing, ProblemCode::WrongApi];
    report.problems.iter().any(|problem| codes.contains(&problem.code))
}

/// Returns the next beat after `now` of a rhythm that began at `began`.
fn next_beat(began: Timestamp, now: Timestamp, every: Duration) -> Timestamp {
    let beats = now.since(began).as_nanos() / every.as_nanos().max(1) + 1;
    began.after(every.saturating_mul(u32::try_from(beats).unwrap_or(u32::MAX)))
}

pub(super) fn print(
    arguments: &SnapshotArgs,
    report: &Report,
    proxy: Option<&str>,
) -> io::Result<()> {
    let text = if arguments.json {
        json::to_string(report).map_err(io::Error::other)? + "\n"
    } else if arguments.line {
        text::line(report) + "\n"
    } else if arguments.every.is_some() {
        text::plain(report, proxy) + "\n"
    } else {
        text::plain(report, proxy)
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
