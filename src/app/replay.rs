//! `snapshot --replay`: a recording to its end, and the document of that moment.

use std::io::{self, Write};
use std::path::Path;

use super::exit::{DONE, Failure, USAGE};
use super::snapshot;
use crate::alerts::{Monitor, Notifier};
use crate::cli::SnapshotArgs;
use crate::config::Config;
use crate::engine::News;
use crate::recording::{Player, Recording};
use crate::report::{Context, Limits, Source as Origin};

/// Opens a recording.
pub(super) fn open(path: &Path) -> Result<Recording, Failure> {
    Recording::open(path)
        .map_err(|error| Failure::new(USAGE, format!("--replay {}: {error}", path.display())))
}

/// Returns a player at the start of a recording; limits, risk and rules of alerts are those of now.
pub(super) fn player(
    recording: &Recording,
    config: &Config,
    on_report: impl Fn(News) + Send + Sync + 'static,
) -> Player {
    let context = Context {
        source: Origin::Replay,
        focus: recording.focus(),
        credentials: recording.has_credentials(),
        limits: Limits::new(&config.refresh),
        risk: config.risk,
    };
    let alerts = Notifier::new(Monitor::new(config.alerts.clone()));
    Player::new(recording, context, alerts, on_report)
}

/// Prints the last reading of a recording.
pub(super) fn print(arguments: &SnapshotArgs, path: &Path, config: &Config) -> Result<u8, Failure> {
    if arguments.every.is_some() {
        return Err(Failure::new(USAGE, "--every: a replay does not wait, and prints one reading"));
    }
    let mut player = player(&open(path)?, config, |_news| {});
    let report = player.play_to_end();
    match snapshot::print(arguments, &report, None) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(DONE),
        Err(error) => return Err(Failure::running(format!("standard output: {error}"))),
        Ok(()) => {}
    }
    if let Some(trouble) = player.trouble() {
        // Standard error may be closed; the document says it as well.
        let _closed = writeln!(io::stderr(), "bitget-watch: {}: {trouble}", path.display());
    }
    snapshot::verdict(&report)
}
