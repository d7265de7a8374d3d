//! Recording what happens, and playing it again.

use std::path::PathBuf;

use clap::Args;

/// The slowest and the fastest play.
const SPEEDS: (f64, f64) = (0.1, 1_000.0);

/// Recording what happens, and playing it again.
#[derive(Debug, Clone, Default, Args)]
pub struct RecordingOptions {
    /// Record what the exchange sends into this file; an older one is kept as FILE.1
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub record: Option<PathBuf>,
    /// Play a recording in place of the exchange: no key, no network, nothing is sent
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub replay: Option<PathBuf>,
    /// Play so many times as fast
    #[arg(long, global = true, value_name = "X", value_parser = speed, requires = "replay")]
    pub speed: Option<f64>,
}

/// Arguments of `anonymize`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(after_help = "\
Example: bitget-watch anonymize story.rec
         writes story.rec.public: amounts by another factor, other ids, the same symbols and prices")]
pub struct AnonymizeArgs {
    /// The recording; it is not changed
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub file: PathBuf,
}

/// What a command can do with a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Takes {
    pub(super) record: bool,
    pub(super) replay: bool,
    pub(super) speed: bool,
}

impl RecordingOptions {
    /// Returns what does not go together.
    pub(super) fn problem(&self, takes: Takes, other_source: bool) -> Option<&'static str> {
        if self.record.is_some() && !takes.record {
            return Some("--record is for the dashboard, for watch and snapshot");
        }
        if self.replay.is_some() && !takes.replay {
            return Some("--replay is for the dashboard and for snapshot");
        }
        if self.replay.is_some() && self.record.is_some() {
            return Some("--replay plays what --record has made: give one of them");
        }
        if self.replay.is_some() && other_source {
            return Some(
                "--replay is the source of everything: give no --demo, --symbol or --metrics",
            );
        }
        (self.speed.is_some() && !takes.speed)
            .then_some("--speed is for the dashboard: snapshot does not wait")
    }
}

fn speed(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('x').unwrap_or(text);
    number
        .parse()
        .ok()
        .filter(|speed: &f64| (SPEEDS.0..=SPEEDS.1).contains(speed))
        .ok_or_else(|| "expected a number from 0.1 to 1000, such as 10".to_owned())
}
