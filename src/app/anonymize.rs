//! `anonymize`: a copy of a recording that may be shown in public.

use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use rust_decimal::Decimal;

use super::exit::{DONE, Failure, USAGE, quiet};
use crate::cli::AnonymizeArgs;
use crate::recording::{self, Recording};

/// Writes the copy beside the original, and its name to standard output.
pub(super) fn run(arguments: &AnonymizeArgs) -> Result<u8, Failure> {
    let path = &arguments.file;
    let usage =
        |error: &dyn std::fmt::Display| Failure::new(USAGE, format!("{}: {error}", path.display()));
    let recording = Recording::open(path).map_err(|error| usage(&error))?;
    let mut name = path.as_os_str().to_owned();
    name.push(".public");
    let copy = PathBuf::from(name);
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(&copy);
    let told = |error: io::Error| Failure::running(format!("{}: {error}", copy.display()));
    let mut file = file.map_err(told)?;
    // A factor that can be guessed from one known amount would tell all others, so it is not a round one.
    let factor = Decimal::new(fastrand::i64(30_001..90_000), 5);
    let trouble = recording::anonymize(&recording, factor, &mut file).map_err(told)?;
    if let Some(trouble) = trouble {
        // Standard error may be closed; the copy ends there all the same.
        let _closed = writeln!(io::stderr(), "bitget-watch: {}: {trouble}", path.display());
    }
    quiet(writeln!(io::stdout(), "{}", copy.display()))?;
    Ok(DONE)
}
